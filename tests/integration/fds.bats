#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Descriptors: which of the caller's reach the container, and that no other does.

load helpers

# The container's descriptors, one "NUMBER TARGET" a line, without the directory that ls reads.
list='ls -l /proc/self/fd | awk "/->/ {print \$(NF-2), \$NF}"'

strange() {
	"$TOOLS/strange-fds" "$@" 3>&-
}

open_beyond_stdio() {
	awk '$1 > 2 && $2 !~ /^\/proc\/[0-9]+\/fd$/' <<<"$output"
}

@test "twenty strange descriptors of the caller: none reaches the container of run" {
	args ls -l /proc/self/fd
	run strange "$HULL" --root "$STATE" run "$ID" </dev/null
	is "$status" 0
	is "$(awk '/->/ {print $(NF-2), $NF}' <<<"$output" | awk '$1 > 2 && $2 !~ /^\/proc\/[0-9]+\/fd$/')" ""
}

@test "twenty strange descriptors of the caller: none stays open in a created or started init" {
	args sleep 1000
	strange "$HULL" --root "$STATE" create "$ID" </dev/null >/dev/null 2>&1
	pid=$(pid_of)
	for fd in /proc/"$pid"/fd/*; do
		target=$(readlink "$fd") || continue
		n=${fd##*/}
		[ "$n" -gt 2 ] && is_hull || continue
		case $target in
		# What a waiting init needs itself: its lock, its socket, the program to start.
		*strange* | pipe:* | /dev/null | /dev/zero | /dev/pts/* | /dev/ptmx | *inotify* | *timerfd* | *eventfd* | \
			*eventpoll* | *signalfd* | mnt:* | */mountinfo) echo "init holds $n $target"; false ;;
		esac
	done
	strange "$HULL" --root "$STATE" start "$ID" </dev/null >/dev/null 2>&1
	wait_for 30 is_status running
	only_stdio() { [ "$(ls "/proc/$pid/fd" | sort -n | tr '\n' ' ')" = "0 1 2 " ]; }
	wait_for 30 only_stdio
}

@test "the environment does not leak either, and no descriptor of the runtime itself" {
	args sleep 1000
	create
	hull start "$ID"
	pid=$(pid_of)
	only_stdio() { [ "$(ls "/proc/$pid/fd" | sort -n | tr '\n' ' ')" = "0 1 2 " ]; }
	wait_for 30 only_stdio
	! tr '\0' '\n' <"/proc/$pid/environ" | grep -q HULL_TEST_MARK
}

@test "--preserve-fds hands over exactly that many" {
	args sh -c "$list; cat <&3; cat <&4"
	echo three >three
	echo four >four
	exec 7<three 8<four
	run sh -c 'exec "$0" "$@" 3<&7 4<&8 5</dev/zero 7<&- 8<&-' "$HULL" --root "$STATE" run --preserve-fds 2 "$ID"
	exec 7<&- 8<&-
	is "$status" 0
	has "$output" three
	has "$output" four
	! grep -q "^5 /dev/zero" <<<"$output"
}

@test "--preserve-fds=0 and absent hand over nothing" {
	args sh -c "$list"
	for option in "" --preserve-fds=0 "--preserve-fds 0"; do
		run sh -c 'exec "$@" 3</dev/zero 4</dev/zero' x "$HULL" --root "$STATE" run $option "$ID"
		! grep -q /dev/zero <<<"$output" || false
	done
}

@test "--preserve-fds tolerates a hole" {
	hull_only "runc refuses it"
	args sh -c "$list"
	run sh -c 'exec "$@" 3</dev/zero 4<&- 5</dev/full' x "$HULL" --root "$STATE" run --preserve-fds 3 "$ID"
	is "$status" 0
	grep -q "^3 /dev/zero" <<<"$output"
	grep -q "^5 /dev/full" <<<"$output"
	! grep -qE "^4 /(dev|$)" <<<"$output"
}

@test "LISTEN_FDS hands over its descriptors and sets LISTEN_PID=1" {
	args sh -c "$list; env; cat <&3"
	echo socket >file
	run sh -c 'export LISTEN_FDS=1 LISTEN_FDNAMES=x; LISTEN_PID=$$; export LISTEN_PID; exec "$@" 3<file 4</dev/zero' \
		x "$HULL" --root "$STATE" run "$ID"
	is "$status" 0
	has "$output" LISTEN_FDS=1
	has "$output" LISTEN_PID=1
	has "$output" socket
	! grep -q LISTEN_FDNAMES <<<"$output" || false
	! grep -q "^4 /dev/zero" <<<"$output"
}

@test "more preserved descriptors than a process may have are an error that says so" {
	hull_only
	args true
	run hull run --preserve-fds 2000000000 "$ID"
	is "$status" 1
	has "$output" "above the preserved ones"
}

@test "LISTEN_FDS and --preserve-fds add up" {
	args sh -c "$list; env"
	run sh -c 'export LISTEN_FDS=1; LISTEN_PID=$$; export LISTEN_PID; exec "$@" 3</dev/zero 4</dev/full 5</dev/null' \
		x "$HULL" --root "$STATE" run --preserve-fds 1 "$ID"
	is "$status" 0
	grep -q "^3 /dev/zero" <<<"$output"
	grep -q "^4 /dev/full" <<<"$output"
	! grep -q "^5 /dev/null" <<<"$output"
}

@test "LISTEN_FDS that is meant for another process is not taken" {
	hull_only "runtimes differ"
	args sh -c "$list; env"
	run sh -c 'LISTEN_FDS=1 LISTEN_PID=1; export LISTEN_FDS LISTEN_PID; exec "$@" 3</dev/zero' \
		x "$HULL" --root "$STATE" run "$ID"
	is "$status" 0
	! grep -q "^3 /dev/zero" <<<"$output" || false
	! grep -q LISTEN_ <<<"$output"
}

@test "LISTEN_FDS that is no number is not followed" {
	args sh -c "$list"
	for n in x -1 99999999999999999999 "" " 1"; do
		run sh -c 'LISTEN_FDS=$0 LISTEN_PID=$$; export LISTEN_FDS LISTEN_PID; exec "$@" 3</dev/zero' "$n" \
			"$HULL" --root "$STATE" run "$ID"
		! grep -q "^3 /dev/zero" <<<"$output" || false
	done
}

@test "closed stdio of the caller becomes /dev/null, not something of the runtime" {
	args sh -c "$list >/dev/shm/fds; cat /dev/shm/fds >/tmp/fds; sleep 1000"
	config '.root.readonly = false'
	"$HULL" --root "$STATE" create "$ID" <&- >&- 2>&- 3>&-
	hull start "$ID"
	wait_for 30 test -s rootfs/tmp/fds
	is "$(awk '$1 == 0 || $1 == 2 {print $1, $2}' rootfs/tmp/fds)" $'0 /dev/null\n2 /dev/null' ||
		! is_hull
}

@test "stdio belongs to the container's user, so that /dev/stdout can be opened again" {
	config '.process.user = {uid: 1000, gid: 1000}'
	shell 'echo again >/dev/stdout; echo err >/dev/stderr'
	out=$(hull run "$ID" 2>&1 </dev/null 3>&- | cat)
	is "$out" $'again\nerr'
}

@test "the pid of --pidfd-socket" {
	hull_only "runc 1.1 does not know it"
	args sleep 1000
	cat >recv.py <<-'PY'
		import array, os, socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		s.bind("pidfd.sock"); s.listen(1); s.settimeout(15)
		open("ready", "w").close()
		c, _ = s.accept()
		data, control, _, _ = c.recvmsg(4096, socket.CMSG_SPACE(64))
		fds = array.array("i")
		for level, kind, payload in control:
		    fds.frombytes(payload[:len(payload) - len(payload) % 4])
		info = open("/proc/self/fdinfo/%d" % fds[0]).read()
		pid = [l.split()[1] for l in info.splitlines() if l.startswith("Pid:")]
		print(len(fds), pid[0], data.decode())
	PY
	python3 recv.py >got 2>&1 3>&- &
	receiver=$!
	wait_for 30 test -e ready
	create --pidfd-socket "$BUNDLE/pidfd.sock"
	wait "$receiver"
	is "$(cat got)" "1 $(pid_of) standard"
}

@test "a pidfd socket that nobody listens on is an error and leaves nothing" {
	hull_only "runc 1.1 does not know it"
	args sleep 1000
	unchanged hull create --pidfd-socket "$BATS_TEST_TMPDIR/nothing.sock" "$ID" </dev/null
	is "$status" 1
	has "$output" "no such file or directory"
}

@test "the caller's /dev/null becomes the container's own, open as it was; in exec too" {
	hull_only "runc has it open for both, and not in exec"
	local look='for i in 0 1 2; do grep -q "^$(sed -n "s/^mnt_id:.//p" /proc/$$/fdinfo/$i) " /proc/self/mountinfo && echo "$i: its own" >>/tmp/said
		mode=$(sed -n "s/^flags:.*\(....\)$/$i: mode \1/p" /proc/$$/fdinfo/$i); echo "$mode" >>/tmp/said; done'
	config '.root.readonly = false'
	shell "$look; exec sleep 1000"
	hull create "$ID" </dev/null >>/dev/null 2>err 3>&-
	hull start "$ID"
	wait_for 30 grep -q '2: mode' rootfs/tmp/said
	is "$(paste -sd ' ' rootfs/tmp/said)" "0: its own 0: mode 0000 1: its own 1: mode 2001 2: mode 0001" # a file of the host
	rm rootfs/tmp/said
	hull exec "$ID" sh -c "$look" </dev/null >/dev/null 2>/dev/null
	is "$(paste -sd ' ' rootfs/tmp/said)" "0: its own 0: mode 0000 1: its own 1: mode 0001 2: its own 2: mode 0001"
	# What is no /dev/null is not opened.
	rm rootfs/tmp/said
	hull exec "$ID" sh -c 'rm /dev/null && mkfifo /dev/null'
	hull exec "$ID" sh -c "$look" </dev/null >/dev/null 2>/dev/null
	is "$(paste -sd ' ' rootfs/tmp/said)" "0: mode 0000 1: mode 0001 2: mode 0001"
}
