#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# ps: the processes of a container, by their ids on the host.

load helpers

need_ps() {
	ps -V 2>/dev/null | grep -q procps || skip "no ps of procps"
}

@test "json: an array of the host's ids, of everything that runs in the container" {
	shell 'sleep 1000 & sleep 1001 & wait'
	create
	is "$(hull ps --format json "$ID")" "[$(pid_of)]"
	hull start "$ID"
	wait_for 5 sh -c '[ "$("$HULL" --root "$0" ps -f json "$1" | jq length)" = 3 ]' "$STATE" "$ID"
	hull exec -d "$ID" sleep 1002 </dev/null >/dev/null 2>&1 3>&-
	run -0 hull ps --format=json "$ID"
	is "$(jq length <<<"$output")" 4
	for pid in $(jq '.[]' <<<"$output"); do
		[ "$(readlink "/proc/$pid/ns/pid")" = "$(readlink "/proc/$(pid_of)/ns/pid")" ]
	done
}

@test "processes in cgroups below the container's count" {
	need_v1 pids
	running
	hull exec -d --pid-file pid "$ID" sleep 1003 </dev/null >/dev/null 2>&1 3>&-
	mkdir "$(cgroup_dir pids)/deeper"
	cat pid >"$(cgroup_dir pids)/deeper/cgroup.procs"
	is "$(hull ps --format json "$ID" | jq -c 'sort')" "$(jq -nc "[$(pid_of), $(cat pid)] | sort")"
}

@test "the table is that of ps, with the container's lines alone" {
	need_ps
	running
	run -0 hull ps "$ID"
	is "${#lines[@]}" 2
	has "${lines[0]}" "UID"
	has "${lines[1]}" "sleep 1000"
	run -0 hull ps "$ID" -eo pid,args
	is "${#lines[@]}" 2
	[[ ${lines[1]} =~ sleep\ 1000 ]]
	run hull ps "$ID" -eo args
	is "$status" 1
	has "$output" "couldn't find PID field in ps output"
	run hull ps "$ID" --nonsense
	is "$status" 1
	one_line "$output"
	has "$output" "ps ended with status"
	# Engines call with next to no environment.
	run -0 env -i "$HULL" --root "$STATE" ps "$ID"
	is "${#lines[@]}" 2
}

@test "a container that has stopped has none; one that is not there is an error" {
	need_ps
	running
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	run -0 hull ps --format json "$ID"
	[ "$output" = "[]" ] || is "$output" null
	run -0 hull ps "$ID"
	is "${#lines[@]}" 1
	run hull ps nosuch
	is "$status" 1
	has "$output" "container does not exist"
}

@test "a container without a cgroup: its first process" {
	hull_only "--cgroup-manager=disabled"
	config 'del(.linux.cgroupsPath) | del(.linux.resources)'
	args sleep 1000
	"$HULL" --root "$STATE" --cgroup-manager=disabled create "$ID" </dev/null >/dev/null 2>&1 3>&-
	is "$(hull ps --format json "$ID")" "[$(pid_of)]"
}
