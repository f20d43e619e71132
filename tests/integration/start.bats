#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# start: from created to running, once, with every failure up to exec coming back.

load helpers

@test "start runs the program, once, and says running when it returns" {
	shell 'echo x >>/tmp/ran; sleep 1000'
	config '.root.readonly = false'
	create
	run hull start "$ID"
	is "$status" 0
	is "$output" ""
	is "$(status_of)" running
	wait_for 30 test -s rootfs/tmp/ran
	is "$(cat rootfs/tmp/ran)" x
}

@test "start keeps the pid that create gave" {
	created
	before=$(pid_of)
	hull start "$ID"
	is "$(pid_of)" "$before"
}

@test "start of an unknown container" {
	run hull start nobody
	is "$status" 1
	has "$output" "container does not exist"
}

@test "start wants an id" {
	run hull start
	[ "$status" -ne 0 ]
}

@test "start of a running container is refused and changes nothing" {
	running
	pid=$(pid_of)
	run hull start "$ID"
	is "$status" 1
	has "$output" "cannot start an already running container"
	is "$(status_of)" running
	is "$(pid_of)" "$pid"
}

@test "start of a container that has stopped is refused" {
	args true
	create
	hull start "$ID"
	wait_for 30 is_status stopped
	run hull start "$ID"
	is "$status" 1
	has "$output" "cannot start a container that has stopped"
}

@test "start after init was killed fails instead of waiting" {
	created
	kill -9 "$(pid_of)"
	wait_for 30 is_status stopped
	run timeout 10 "$HULL" --root "$STATE" start "$ID"
	is "$status" 1
	has "$output" "cannot start a container that has stopped"
	hull delete "$ID"
}

@test "start while init is being killed fails or starts, and returns" {
	for i in 1 2 3 4 5; do
		created
		pid=$(pid_of)
		kill -9 "$pid" &
		killer=$!
		run timeout 10 "$HULL" --root "$STATE" start "$ID"
		wait "$killer"
		[ "$status" -le 1 ]
		wait_for 30 is_status stopped
		hull delete "$ID"
	done
}

@test "two starts race: one wins, the program runs once" {
	shell 'echo x >>/tmp/ran; sleep 1000'
	config '.root.readonly = false'
	for i in 1 2 3 4 5; do
		rm -f rootfs/tmp/ran
		create
		both=
		for who in one two; do
			(s=0; timeout 10 "$HULL" --root "$STATE" start "$ID" >$who 2>&1 3>&- || s=$?; echo $s >$who.status) &
			both="$both $!"
		done
		wait $both
		is "$(cat one.status two.status | sort | tr '\n' ' ')" "0 1 "
		is "$(status_of)" running
		wait_for 30 test -s rootfs/tmp/ran
		is "$(cat rootfs/tmp/ran)" x
		[ -n "$(cat one two)" ]
		hull delete --force "$ID"
	done
}

@test "start does not hold the caller's pipe open" {
	created
	out=$(hull start "$ID" 2>&1)
	is "$out" ""
	is "$(status_of)" running
}

@test "start works from another directory, without PATH and HOME, with closed descriptors" {
	created
	cd /
	env -i XDG_RUNTIME_DIR= "$HULL" --root "$STATE" start "$ID" <&- >&- 2>&-
	is "$(status_of)" running
}

@test "a program of an unknown format: start reports it" {
	printf 'junk\n' >rootfs/etc/junk
	chmod 755 rootfs/etc/junk
	args /etc/junk
	hull_only "runc lets start succeed and the container fail"
	# Again and again: nothing of init may be left when start has said so.
	for i in 1 2 3 4 5 6 7 8; do
		create
		run hull start "$ID"
		is "$status" 1
		one_line "$output"
		has "$output" "exec format error"
		hull delete "$ID"
	done
	create
	run hull start "$ID"
	is "$status" 1
	is "$(status_of)" stopped
}

@test "a script whose interpreter is missing: start reports it" {
	printf '#!/no/such/interpreter\n' >rootfs/etc/script
	chmod 755 rootfs/etc/script
	args /etc/script
	create
	hull_only "runc lets start succeed and the container fail"
	run hull start "$ID"
	is "$status" 1
	has "$output" "no such file or directory"
	is "$(status_of)" stopped
}

@test "a container without process can be created; its start fails" {
	hull_only "runc refuses it at create"
	config 'del(.process)'
	create
	is "$(status_of)" created
	run hull start "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "process"
	is "$(status_of)" created || is "$(status_of)" stopped
	hull delete --force "$ID"
}

@test "what has the container's output does not learn of the start" {
	shell 'echo out; echo err >&2'
	create
	hull start "$ID"
	wait_for 30 is_status stopped
	is "$(cat "$BATS_TEST_TMPDIR/out")" out
	is "$(cat "$BATS_TEST_TMPDIR/err")" err
}

@test "right after start, and after run --detach, the status is running: each time" {
	args sleep 1000
	for i in $(seq 15); do
		create
		hull start "$ID"
		is "$(status_of)" running
		hull delete --force "$ID"
		hull run --detach "$ID" </dev/null >/dev/null 2>&1 3>&-
		is "$(status_of)" running
		hull delete --force "$ID"
	done
}

@test "the lock that says created is gone before start is told that the program runs" {
	hull_only
	command -v strace >/dev/null || skip "no strace"
	local at trace=$BATS_TEST_TMPDIR/trace
	created
	strace -qq -f -e trace=flock,sendmsg,execve -o "$trace" -p "$(pid_of)" 3>&- &
	tracer=$!
	wait_for 30 traced
	hull start "$ID"
	wait_for 30 grep -q execve "$trace"
	hull delete --force "$ID"
	wait "$tracer" || :
	at=$(grep -n 'LOCK_UN' "$trace" | head -n 1 | cut -d: -f1)
	[ -n "$at" ]
	[ "$at" -lt "$(grep -n 'sendmsg' "$trace" | tail -n 1 | cut -d: -f1)" ]
}

traced() {
	! grep -q '^TracerPid:[[:space:]]0$' "/proc/$(pid_of)/status"
}
