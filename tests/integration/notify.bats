#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# NOTIFY_SOCKET: the program's readiness reaches the supervisor of the runtime.

load helpers

# busybox has nothing that sends a datagram: the host's perl, which every Debian system has.
extra_setup() {
	local d
	command -v perl >/dev/null || skip "no perl here"
	for d in /usr /lib /lib64; do
		[ ! -e "$d" ] || config --arg d "$d" '.mounts += [{destination: $d, source: $d, options: ["rbind", "ro"]}]'
	done
	config '.mounts += [{destination: "/run", type: "tmpfs", source: "tmpfs", options: ["mode=755"]}] |
		.process.env = ["PATH=/usr/bin:/bin"]'
	"$TOOLS/supervisor" "$BATS_TEST_TMPDIR/notify" "$BUNDLE/said" 3>&- &
	supervisor=$!
	wait_for 30 test -S "$BATS_TEST_TMPDIR/notify"
	export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify
}

extra_teardown() {
	kill "$supervisor" 2>/dev/null || :
}

tell='use Socket; socket(S, AF_UNIX, SOCK_DGRAM, 0) or die; sub notify { send(S, $_[0], 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) or die "$!" }'

@test "the program has a socket of its own, and READY reaches the supervisor with the pid" {
	args /usr/bin/perl -e "$tell"' notify("READY=1\nSTATUS=up"); sleep 1000'
	create
	hull start "$ID"
	pid=$(pid_of)
	wait_for 30 grep -q READY=1 said
	wait_for 30 grep -q "MAINPID=$pid" said
	tr '\0' '\n' <"/proc/$pid/environ" | grep -q '^NOTIFY_SOCKET=/run/notify/'
	! tr '\0' '\n' <"/proc/$pid/environ" | grep -q "$BATS_TEST_TMPDIR"
}

@test "start waits for READY" {
	args /usr/bin/perl -e "$tell"' sleep 1; notify("STATUS=soon"); notify("READY=1"); sleep 1000'
	create
	before=$(date +%s%N)
	hull start "$ID"
	took=$((($(date +%s%N) - before) / 1000000))
	[ "$took" -ge 900 ]
	wait_for 30 grep -q READY=1 said
}

@test "a program that ends without READY does not hold start for ever" {
	args /usr/bin/perl -e 'exit 0'
	create
	run timeout 15 "$HULL" --root "$STATE" start "$ID"
	[ "$status" -ne 124 ]
	wait_for 30 is_status stopped
	! grep -q READY said
}

@test "what is not quite READY=1 is not" {
	args /usr/bin/perl -e "$tell"' notify("READY=10"); notify("XREADY=1"); notify("READY=0\nNOTREADY=1"); exit 0'
	create
	run timeout 30 "$HULL" --root "$STATE" start "$ID" 3>&-
	[ "$status" -ne 124 ]
	! grep -q READY said
}

@test "run --detach waits for READY too" {
	args /usr/bin/perl -e "$tell"' notify("READY=1"); sleep 1000'
	hull run -d "$ID" </dev/null >/dev/null 2>&1 3>&-
	wait_for 30 grep -q READY=1 said
	is "$(status_of)" running
}

@test "an empty NOTIFY_SOCKET is none" {
	export NOTIFY_SOCKET=
	args env
	run hull run "$ID"
	is "$status" 0
	! grep -q NOTIFY_SOCKET <<<"$output"
}

@test "what the supervisor hears: READY and the main pid, then a barrier; nothing that the program says besides" {
	args /usr/bin/perl -e "$tell"' notify("STATUS=x\nMAINPID=1\nWATCHDOG=trigger"); notify("FDSTORE=1\nFDNAME=x"); notify("MAINPID=1\nREADY=1\nERRNO=3"); sleep 1000'
	create
	hull start "$ID"
	pid=$(pid_of)
	wait_for 30 grep -q BARRIER said
	is "$(cat said)" "READY=1;MAINPID=$pid"$'\n'"BARRIER=1"
	# Nobody listens any more: what else the program says is not kept.
	[ ! -e "$STATE/$ID/notify/notify.sock" ]
}

@test "a program of another user may say READY; its barrier is answered" {
	config '.process.user = {uid: 65534, gid: 65534}'
	# sd_notify_barrier(3): the other end of the pipe is closed once the message has been read.
	cat >rootfs/barrier.py <<-'END'
		import array, os, select, socket, sys, time
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.connect(os.environ["NOTIFY_SOCKET"])
		r, w = os.pipe()
		s.sendmsg([b"BARRIER=1"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [w]))])
		os.close(w)
		answered = select.select([r], [], [], 10)[0] and os.read(r, 1) == b""
		s.send(b"READY=1" if answered else b"STATUS=no answer")
		time.sleep(1000)
	END
	args /usr/bin/python3 /barrier.py
	create
	run timeout 30 "$HULL" --root "$STATE" start "$ID" 3>&-
	is "$status" 0
	wait_for 30 grep -q READY=1 said
}

@test "a foreground run tells too" {
	args /usr/bin/perl -e "$tell"' notify("READY=1"); notify("STOPPING=1"); exit 3'
	run timeout 30 "$HULL" --root "$STATE" run "$ID" 3>&-
	is "$status" 3
	wait_for 30 grep -q READY=1 said
	! grep -q STOPPING said
}

@test "a supervisor that is gone is a warning" {
	kill "$supervisor"
	rm -f "$NOTIFY_SOCKET"
	args /usr/bin/perl -e "$tell"' notify("READY=1"); sleep 1000'
	create
	run timeout 30 "$HULL" --root "$STATE" --log "$LOG" --log-level warning start "$ID" 3>&-
	is "$status" 0
	has "$(cat "$LOG")" "cannot tell $NOTIFY_SOCKET"
	is "$(status_of)" running
}

@test "the socket's directory is not made below a link into a bound directory" {
	mkdir host
	rm -rf rootfs/run
	ln -s /vol rootfs/run
	config --arg h "$BUNDLE/host" '.root.readonly = false | .mounts |= map(select(.destination != "/run")) |
		.mounts += [{destination: "/vol", type: "bind", source: $h, options: ["rbind"]}]'
	args true
	run hull create "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "cannot make /run/notify for NOTIFY_SOCKET: a link leads to a directory that is not the container's own"
	is "$(ls host)" ""
	# A link to what is the container's own is one of many images.
	ln -sfn real/run rootfs/run
	mkdir -p rootfs/real/run
	args /usr/bin/perl -e "$tell"' notify("READY=1")'
	create
	hull start "$ID"
	wait_for 30 grep -q READY=1 said
}
