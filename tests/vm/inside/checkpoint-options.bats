#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# checkpoint and restore: what each option allows, with the real criu.

load ../../integration/helpers
load checkpoint

# refused_dump TEXT [OPTION...] - fails with one line that holds TEXT, and the container goes on.
refused_dump() {
	local n text=$1
	shift
	run checkpoint "$@"
	is "$status" 1
	one_line "$output"
	has "$output" "$text"
	is "$(status_of)" running
	n=$(count)
	wait_for 120 counts_on "$n"
}

# counting SCRIPT - a container that runs SCRIPT and then counts.
counting() {
	shell "$1
		i=0; while :; do i=\$((i + 1)); echo \$i >/tmp/n; sleep 0.1; done"
	start
	wait_for 120 test -s rootfs/tmp/n
}

# goes_on N - restored, it counts from N.
goes_on() {
	wait_for 120 counts_on "$1"
}

@test "--file-locks: a lock that is held is held again" {
	with_usr
	counting 'exec 3>/tmp/lock; flock -n 3 || exit 1'
	refused_dump "--file-locks"
	checkpoint --file-locks
	n=$(count)
	restore --file-locks
	goes_on "$n"
	run hull exec "$ID" flock -n /tmp/lock true
	is "$status" 1
}

@test "--link-remap: an open file that has another name now" {
	counting 'exec 3>/tmp/first; echo text >&3; ln /tmp/first /tmp/second; rm /tmp/first'
	refused_dump "link-remap option"
	checkpoint --link-remap
	n=$(count)
	restore --link-remap
	goes_on "$n"
	is "$(hull exec "$ID" sh -c 'cat /proc/1/fd/3')" text
	[ ! -e rootfs/tmp/first ]
	is "$(find rootfs/tmp -name 'link_remap*')" ""
}

# criu knows the sockets of the container's network namespace alone, and connects again to the name by which it was bound.
@test "--ext-unix-sk: a datagram socket whose other end is the host's, in its network namespace" {
	cat >"$BATS_TEST_TMPDIR/listen" <<-'PY'
		import socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind(sys.argv[1])
		while True:
		    print(s.recv(4096).decode(), flush=True)
	PY
	python3 "$BATS_TEST_TMPDIR/listen" "$BATS_TEST_TMPDIR/socket" >"$BATS_TEST_TMPDIR/heard" 3>&- &
	listener=$! beside="${beside:-} $!"
	wait_for 120 test -S "$BATS_TEST_TMPDIR/socket"
	with_usr
	config --arg s "$BATS_TEST_TMPDIR/socket" 'del(.linux.namespaces[] | select(.type == "network")) | .mounts += [{destination: $s, type: "bind", source: $s, options: ["bind"]}]'
	shell 'i=0; while :; do i=$((i + 1)); echo $i >/tmp/n; echo "count $i"; sleep 0.1; done | exec /usr/bin/logger -u '"$BATS_TEST_TMPDIR/socket"
	start
	wait_for 120 grep -q 'count 3' "$BATS_TEST_TMPDIR/heard"
	refused_dump "--ext-unix-sk"
	checkpoint --ext-unix-sk
	n=$(count)
	lines=$(wc -l <"$BATS_TEST_TMPDIR/heard")
	restore --ext-unix-sk
	goes_on "$n"
	wait_for 120 eval '[ "$(wc -l <"$BATS_TEST_TMPDIR/heard")" -gt "$lines" ]'
	kill $listener
}

@test "--shell-job: a terminal of the host's is left, and taken again" {
	shell 'while read -r line; do echo "[$line]"; done'
	TERM_LIMIT=120 "$TOOLS/term" run 'send:one\n' 'expect:\[one\]' 'sleep:120' -- "$HULL" --root "$STATE" run "$ID" >"$BATS_TEST_TMPDIR/first" 3>&- &
	first=$! beside="${beside:-} $!"
	wait_for 120 grep -q '\[one\]' "$BATS_TEST_TMPDIR/first"
	run checkpoint
	is "$status" 1
	one_line "$output"
	has "$output" "--shell-job"
	is "$(status_of)" running
	checkpoint --shell-job
	kill $first
	TERM_LIMIT=120 run "$TOOLS/term" run 'send:two\n' 'expect:\[two\]' 'send:\x04' -- \
		"$HULL" --root "$STATE" restore --shell-job --image-path "$IMAGES" "$ID"
	has "$output" "[two]"
	is "$(hull list -q)" ""
}

@test "--manage-cgroups-mode: a cgroup below the container's, each way" {
	config '.linux.resources.pids.limit = 40 |
		(.mounts[] | select(.destination == "/sys/fs/cgroup")) |= {destination, type: "cgroup", source: "cgroup", options: ["rw"]}'
	counting 'mkdir /sys/fs/cgroup/below; echo $$ >/sys/fs/cgroup/below/cgroup.procs'
	images=$IMAGES
	for mode in soft full strict ignore; do
		echo "mode $mode"
		IMAGES=$images-$mode checkpoint --manage-cgroups-mode "$mode"
		[ ! -e "$(cgroup_dir)" ]
		n=$(count)
		IMAGES=$images-$mode restore --manage-cgroups-mode "$mode"
		goes_on "$n"
		is "$(cat "$(cgroup_dir)/pids.max")" 40
		# Ignored, it is where criu was: in the container's own.
		case $mode in
		ignore) in_cgroup "$CGROUP" ;;
		*) in_cgroup "$CGROUP/below" ;;
		esac
	done
}

@test "--auto-dedup: memory that is in a later dump leaves the earlier one" {
	shell 'a=$(head -c 3000000 /dev/zero | tr "\0" x); i=0; while :; do i=$((i + 1)); echo $i >/tmp/n; a=$a$i; sleep 0.5; done'
	start
	wait_for 120 test -s rootfs/tmp/n
	images=$IMAGES
	IMAGES=$images-1 checkpoint --pre-dump
	before=$(du -sk "$images-1" | cut -f 1)
	n=$(count)
	wait_for 120 counts_on $((n + 3))
	checkpoint --parent-path ../images-1 --auto-dedup
	[ "$(du -sk "$images-1" | cut -f 1)" -lt "$before" ]
	n=$(count)
	restore
	goes_on "$n"
}

# listens PORT - in hexadecimal: somebody does there.
listens() {
	grep -q ": 0100007F:$1 .* 0A " /proc/net/tcp
}

@test "--page-server: memory goes to another directory by way of a socket" {
	counter
	mkdir "$BATS_TEST_TMPDIR/pages"
	criu page-server --images-dir "$BATS_TEST_TMPDIR/pages" --address 127.0.0.1 --port 9870 \
		--log-file "$BATS_TEST_TMPDIR/pages/server.log" -v4 3>&- &
	server=$! beside="${beside:-} $!"
	wait_for 120 listens 268E
	checkpoint --page-server 127.0.0.1:9870
	wait $server
	n=$(count)
	is "$(find "$IMAGES" -name 'pages-*.img')" ""
	[ -n "$(find "$BATS_TEST_TMPDIR/pages" -name 'pages-*.img' -size +0)" ]
	mv "$BATS_TEST_TMPDIR"/pages/page*.img "$IMAGES"
	restore
	goes_on "$n"
}

@test "--lazy-pages: memory comes when it is needed, and --status-fd says that it is served" {
	shell 'a=$(head -c 1000000 /dev/zero | tr "\0" x); i=0; while :; do i=$((i + 1)); echo $i ${#a} >/tmp/n; sleep 0.1; done'
	start
	wait_for 120 test -s rootfs/tmp/n
	mkfifo "$BATS_TEST_TMPDIR/status"
	checkpoint --lazy-pages --page-server 127.0.0.1:9871 --status-fd 7 7>"$BATS_TEST_TMPDIR/status" &
	dump=$! beside="${beside:-} $!"
	is "$(head -c 1 "$BATS_TEST_TMPDIR/status" | od -An -tx1 | tr -d ' ')" 00
	mkdir "$BATS_TEST_TMPDIR/lazy"
	criu lazy-pages --page-server --address 127.0.0.1 --port 9871 --images-dir "$IMAGES" --work-dir "$BATS_TEST_TMPDIR/lazy" \
		--log-file lazy.log -v4 3>&- &
	lazy=$! beside="${beside:-} $!"
	wait_for 120 test -S "$BATS_TEST_TMPDIR/lazy/lazy-pages.socket"
	n=$(count)
	# Another container: the first is there until its memory has gone.
	config --arg cg "/hull-test/$OTHER" '.linux.cgroupsPath = $cg'
	ID=$OTHER restore --lazy-pages --work-path "$BATS_TEST_TMPDIR/lazy"
	wait_for 120 eval '[ "$(count)" != "$n" ]'
	has "$(count)" " 1000000"
	wait $dump
	wait $lazy
	is "$(hull list -q)" "$OTHER"
	hull delete --force "$OTHER"
}

@test "org.criu.config: its settings are criu's, and above the options" {
	echo tcp-established >"$BATS_TEST_TMPDIR/criu.conf"
	echo file-locks >>"$BATS_TEST_TMPDIR/criu.conf"
	config --arg f "$BATS_TEST_TMPDIR/criu.conf" '.annotations["org.criu.config"] = $f'
	with_usr
	counting 'exec 3>/tmp/lock; flock -n 3 || exit 1'
	checkpoint
	n=$(count)
	restore
	goes_on "$n"
	run hull exec "$ID" flock -n /tmp/lock true
	is "$status" 1
}

@test "--lsm-profile: another AppArmor profile than the one in the images" {
	cat /proc/self/attr/apparmor/current >/dev/null 2>&1 || skip "AppArmor is not enabled here"
	for name in first second; do
		echo "profile hull-test-$name flags=(attach_disconnected,mediate_deleted) { file, network, capability, mount, signal, ptrace, unix, umount, pivot_root, }" \
			>"$BATS_TEST_TMPDIR/$name"
		apparmor_parser -rK "$BATS_TEST_TMPDIR/$name"
	done
	config '.process.apparmorProfile = "hull-test-first"'
	counter
	is "$(cat "/proc/$(pid_of)/attr/apparmor/current")" "hull-test-first (enforce)"
	checkpoint
	n=$(count)
	restore
	goes_on "$n"
	is "$(cat "/proc/$(pid_of)/attr/apparmor/current")" "hull-test-first (enforce)"
	end
	n=$(count)
	restore --lsm-profile apparmor:hull-test-second
	goes_on "$n"
	is "$(cat "/proc/$(pid_of)/attr/apparmor/current")" "hull-test-second (enforce)"
	end
	for name in first second; do apparmor_parser -R "$BATS_TEST_TMPDIR/$name"; done
}
