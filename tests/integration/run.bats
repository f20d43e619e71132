#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# run: create, start, wait, pass on, delete.

load helpers

@test "run returns the container's exit status and passes its output" {
	inside 'echo out; echo err >&2; exit 7'
	is "$status" 7
	has "$output" out
	has "$output" err
	run hull state "$ID"
	is "$status" 1
}

@test "run passes standard input, to its end" {
	args cat
	out=$(seq 1 100000 | hull run "$ID" | cksum)
	is "$out" "$(seq 1 100000 | cksum)"
}

@test "run leaves nothing behind" {
	args true
	unchanged hull run "$ID"
	is "$status" 0
	is "$output" ""
}

@test "run of a program that a signal ends returns 128+n" {
	for signal in TERM:143 KILL:137 SEGV:139 HUP:129; do
		# A shell as first process of a pid namespace would ignore its own signal.
		config '.linux.namespaces |= map(select(.type != "pid"))'
		inside "kill -${signal%:*} \$\$; sleep 5"
		is "$status" "${signal#*:}"
	done
}

@test "run returns 1 and one line when the runtime itself fails" {
	args /no/such
	unchanged hull run "$ID"
	is "$status" 1
	! is_hull || one_line "$output"
	has "$output" "no such file or directory"
}

@test "run forwards signals to init" {
	shell 'trap "echo got TERM; exit 3" TERM; trap "echo got HUP" HUP; trap "echo got USR1" USR1
		trap "echo got WINCH" WINCH; echo ready; while :; do sleep 0.02; done'
	"$HULL" --root "$STATE" run "$ID" >out 2>&1 </dev/null 3>&- &
	pid=$!
	wait_for 30 grep -q ready out
	for s in HUP USR1; do
		kill -"$s" "$pid"
		wait_for 30 grep -q "got $s" out
	done
	kill -TERM "$pid"
	s=0
	wait "$pid" || s=$?
	is "$s" 3
	grep -q "got TERM" out
}

@test "run of an init that ignores signals does not end by itself" {
	args sleep 1000
	"$HULL" --root "$STATE" run "$ID" >out 2>&1 </dev/null 3>&- &
	pid=$!
	wait_for 30 is_status running
	kill -TERM "$pid"
	kill -INT "$pid"
	sleep 0.2
	is "$(status_of)" running
	hull kill "$ID" KILL
	s=0
	wait "$pid" || s=$?
	is "$s" 137
	run hull state "$ID"
	is "$status" 1
}

@test "run --detach returns while the container runs" {
	args sleep 1000
	for how in --detach -d --detach=true -detach; do
		hull run $how --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" </dev/null >out 2>&1 3>&-
		is "$(cat out)" ""
		is "$(status_of)" running
		is "$(cat "$BATS_TEST_TMPDIR/pid")" "$(pid_of)"
		hull delete --force "$ID"
	done
}

@test "run --detach gives the container the caller's stdio and keeps nothing itself" {
	shell 'echo hello; exec sleep 1000 >/dev/null 2>&1 </dev/null'
	out=$(hull run -d "$ID" </dev/null 2>&1 3>&-)
	is "$out" hello
	is "$(status_of)" running
}

@test "run --detach=false stays" {
	args true
	run hull run --detach=false "$ID"
	is "$status" 0
	run hull state "$ID"
	is "$status" 1
}

@test "run --keep leaves a stopped container" {
	inside 'exit 5'
	shell 'exit 5'
	run hull run --keep "$ID"
	is "$status" 5
	is "$(status_of)" stopped
	run hull run "$ID"
	is "$status" 1
	has "$output" "container with given ID already exists"
	is "$(status_of)" stopped
	hull delete "$ID"
}

@test "run accepts the words that other runtimes take" {
	args true
	hull run --no-subreaper --no-new-keyring "$ID"
	hull run -no-subreaper "$ID"
	hull run --no-pivot=false --preserve-fds 0 --preserve-fds=0 "$ID"
}

@test "run: the last of a repeated option wins" {
	args true
	cd /
	hull run --bundle /nowhere --bundle "$BUNDLE" "$ID"
	hull run --detach --detach=false -b "$BUNDLE" "$ID"
	run hull run --bundle "$BUNDLE" --bundle /nowhere "$ID"
	[ "$status" -ne 0 ]
}

@test "run waits for init, not for what init left behind" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	shell 'sleep 1000 >/dev/null 2>&1 & exit 4'
	run timeout 20 "$HULL" --root "$STATE" run "$ID"
	is "$status" 4
	run hull state "$ID"
	is "$status" 1
	[ ! -d "$(cgroup_dir)" ]
}

@test "run whose runtime is killed leaves a container that delete --force removes" {
	args sleep 1000
	"$HULL" --root "$STATE" run "$ID" >/dev/null 2>&1 </dev/null 3>&- &
	pid=$!
	wait_for 30 is_status running
	kill -9 "$pid"
	wait "$pid" || :
	hull delete --force "$ID"
	run hull state "$ID"
	is "$status" 1
	[ ! -d "$(cgroup_dir)" ]
}

@test "run reaps the orphans of its container as a subreaper, without being confused by them" {
	shell '(sleep 0.1 & ) ; (exit 9) ; sleep 0.3; exit 6'
	config '.linux.namespaces |= map(select(.type != "pid"))'
	run hull run "$ID"
	is "$status" 6
}

@test "a stopped foreground container is not an ended one" {
	shell 'echo ready; until [ -e /tmp/go ]; do sleep 0.05; done; exit 8'
	"$HULL" --root "$STATE" run "$ID" >out 2>&1 </dev/null 3>&- &
	pid=$!
	wait_for 30 grep -q ready out
	init=$(pid_of)
	kill -STOP "$init"
	sleep 0.1
	kill -CONT "$init"
	touch rootfs/tmp/go
	s=0
	wait "$pid" || s=$?
	is "$s" 8
}
