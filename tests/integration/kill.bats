#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kill: the named signal to init, or to all; and the texts that engines tell cases apart by.

load helpers

# A container that writes the names of the signals it gets.
trapping() {
	shell 'for s in TERM HUP INT USR1 USR2 WINCH CONT QUIT; do trap "echo $s >>/tmp/got" $s; done
		echo ready >/tmp/got; while :; do sleep 0.02; done'
	config '.root.readonly = false'
	create
	hull start "$ID"
	wait_for 30 test -s rootfs/tmp/got
}

got() {
	grep -qx "$1" rootfs/tmp/got
}

@test "kill sends TERM when nothing else is said" {
	trapping
	run hull kill "$ID"
	is "$status" 0
	is "$output" ""
	wait_for 30 got TERM
}

@test "kill takes names with and without SIG, in any case, and numbers" {
	trapping
	for word in HUP:HUP SIGINT:INT usr1:USR1 sigusr2:USR2 28:WINCH Quit:QUIT; do
		hull kill "$ID" "${word%%:*}"
		wait_for 30 got "${word##*:}"
	done
}

@test "kill takes real-time signals" {
	hull_only
	# Without a pid namespace, because the first process of one ignores what it does not handle.
	config '.linux.namespaces |= map(select(.type != "pid"))'
	running
	for word in RTMIN RTMIN+1 SIGRTMIN+2 34 64; do
		hull kill "$ID" "$word"
		wait_for 30 is_status stopped
		hull delete "$ID"
		running
	done
}

@test "kill 0 only asks" {
	running
	hull kill "$ID" 0
	is "$(status_of)" running
}

@test "kill ends a created container" {
	created
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	hull delete "$ID"
}

@test "TERM ends a created container that has no pid namespace" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	created
	hull kill "$ID" TERM
	wait_for 30 is_status stopped
}

@test "kill refuses what is not a signal" {
	running
	for word in NOSUCH 65 -1 1x "" "9 " SIG RTMIN+99 99999999999999999999; do
		[ -n "$word" ] || is_hull || continue
		run hull kill -- "$ID" "$word"
		[ "$status" -ne 0 ] || { echo "accepted '$word'"; false; }
		! is_hull || has "$output" "unknown signal \"$word\""
	done
	is "$(status_of)" running
}

@test "kill of an unknown container says does not exist" {
	run hull kill nobody 9
	is "$status" 1
	has "$output" "container does not exist"
}

@test "kill of a stopped container says container not running" {
	args true
	create
	hull start "$ID"
	wait_for 30 is_status stopped
	run hull kill "$ID" 9
	is "$status" 1
	has "$output" "container not running"
	run hull kill "$ID" 0
	is "$status" 1
}

@test "kill --all of a stopped container succeeds" {
	args true
	create
	hull start "$ID"
	wait_for 30 is_status stopped
	for word in --all -a --all=true -all; do
		run hull kill $word "$ID" 9
		is "$status" 0
		is "$output" ""
	done
	run hull kill --all=false "$ID" 9
	is "$status" 1
}

@test "kill --all reaches every process" {
	shell 'sleep 998 & sleep 999 & echo $! >/tmp/ready; wait'
	config '.root.readonly = false'
	create
	hull start "$ID"
	wait_for 30 test -s rootfs/tmp/ready
	pids=$(cat "$(cgroup_dir)/cgroup.procs")
	hull kill --all "$ID" TERM
	for pid in $pids; do
		[ "$pid" = "$(pid_of)" ] || wait_for 5 gone "$pid"
	done
	wait_for 30 is_status stopped
}

@test "KILL without a pid namespace of its own ends the children too" {
	hull_only "runc 1.1 ends init alone"
	shell 'sleep 998 & echo $! >/tmp/ready; wait'
	config '.root.readonly = false | .linux.namespaces |= map(select(.type != "pid"))'
	create
	hull start "$ID"
	wait_for 30 test -s rootfs/tmp/ready
	pids=$(cat "$(cgroup_dir)/cgroup.procs")
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	for pid in $pids; do
		wait_for 30 gone "$pid"
	done
}

@test "kill --all 9 ends what a dead init left in a shared pid namespace" {
	shell 'sleep 998 & echo $! >/tmp/ready; wait'
	config '.root.readonly = false | .linux.namespaces |= map(select(.type != "pid"))'
	create
	hull start "$ID"
	wait_for 30 test -s rootfs/tmp/ready
	pids=$(cat "$(cgroup_dir)/cgroup.procs")
	kill -9 "$(pid_of)"
	wait_for 30 is_status stopped
	run hull kill --all "$ID" 9
	is "$status" 0
	for pid in $pids; do
		wait_for 30 gone "$pid"
	done
	hull delete "$ID"
}

@test "kill reaches init also in a cgroup that was there before" {
	hull_only
	cgroup_make
	config '.linux.namespaces |= map(select(.type != "pid"))'
	running
	run hull kill "$ID" KILL
	is "$status" 0
	wait_for 30 is_status stopped
	hull delete "$ID"
	running
	run hull kill --all "$ID" TERM
	is "$status" 0
	wait_for 30 is_status stopped
}

@test "kill wants an id" {
	run hull kill
	[ "$status" -ne 0 ]
}

@test "kill takes options before the id, and a signal that looks like none after --" {
	running
	run hull kill -- "$ID" -9
	[ "$status" -ne 0 ]
	is "$(status_of)" running
	hull kill -a "$ID" 9
	wait_for 30 is_status stopped
}

@test "kill --regex takes every container that matches" {
	hull_only
	args sleep 1000
	for n in 1 2; do
		config ".linux.cgroupsPath = \"$CGROUP/$n\""
		hull create "r-$n" </dev/null >/dev/null 2>&1 3>&-
	done
	config ".linux.cgroupsPath = \"$CGROUP/3\""
	hull create "other" </dev/null >/dev/null 2>&1 3>&-
	hull kill --regex '^r-[0-9]$' KILL
	stopped() { [ "$(status_of r-1)$(status_of r-2)" = stoppedstopped ]; }
	wait_for 30 stopped
	is "$(status_of other)" created
}
