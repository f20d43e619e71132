#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# pause and resume: what stands still, what can be done to it meanwhile, and who else may have frozen it.

load helpers

extra_setup() {
	config '.root.readonly = false'
}

# A container that counts in a file.
counting() {
	shell 'i=0; while :; do i=$((i + 1)); echo $i >/tmp/n; sleep 0.01; done'
	create
	hull start "$ID"
	wait_for 30 test -s rootfs/tmp/n
}

count() {
	cat rootfs/tmp/n
}

stands_still() {
	local before
	before=$(count)
	sleep 0.3
	[ "$(count)" = "$before" ]
}

goes_on() {
	local before
	before=$(count)
	[ -n "$before" ] || return 1
	sleep 0.1
	[ "$(count)" != "$before" ]
}

# The freezer's file as the kernel shows it: 1 or 0.
frozen() {
	if [ -e "$CGROUPS/freezer$CGROUP/freezer.state" ]; then
		[ "$(cat "$CGROUPS/freezer$CGROUP/freezer.state")" = FROZEN ] && echo 1 || echo 0
	else
		awk '$1 == "frozen" { print $2 }' "$(cgroup_dir)/cgroup.events"
	fi
}

# set_frozen WORD: by hand, as an operator would.
set_frozen() {
	if [ -e "$CGROUPS/freezer$CGROUP/freezer.state" ]; then
		[ "$1" = 1 ] && echo FROZEN >"$CGROUPS/freezer$CGROUP/freezer.state" || echo THAWED >"$CGROUPS/freezer$CGROUP/freezer.state"
	else
		echo "$1" >"$(cgroup_dir)/cgroup.freeze"
	fi
}

@test "pause and resume a running container" {
	counting
	run hull pause "$ID"
	is "$status" 0
	is "$output" ""
	is "$(status_of)" paused
	is "$(frozen)" 1
	stands_still
	run hull resume "$ID"
	is "$status" 0
	is "$output" ""
	is "$(status_of)" running
	is "$(frozen)" 0
	wait_for 30 goes_on
}

@test "a created container can be paused, and is created again" {
	created
	hull pause "$ID"
	is "$(status_of)" paused
	hull resume "$ID"
	is "$(status_of)" created
	hull start "$ID"
	is "$(status_of)" running
}

@test "all processes of the container stand still, those of exec too" {
	counting
	hull exec --detach "$ID" sh -c 'i=0; while :; do i=$((i + 1)); echo $i >/tmp/m; sleep 0.01; done' </dev/null
	wait_for 30 test -s rootfs/tmp/m
	hull pause "$ID"
	before=$(cat rootfs/tmp/m)
	sleep 0.3
	is "$(cat rootfs/tmp/m)" "$before"
}

@test "what is not running cannot be paused, what is not paused not resumed" {
	counting
	run hull resume "$ID"
	is "$status" 1
	has "$output" "container not paused"
	one_line "$output"
	hull pause "$ID"
	hull_only "others pause twice"
	run hull pause "$ID"
	is "$status" 1
	has "$output" "container not running"
	is "$(status_of)" paused
	hull resume "$ID"
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	run hull pause "$ID"
	is "$status" 1
	has "$output" "container not running"
	run hull resume "$ID"
	is "$status" 1
	has "$output" "container not paused"
	run hull pause no-such
	has "$output" "does not exist"
}

@test "a paused container can be killed and deleted" {
	counting
	pid=$(pid_of)
	hull pause "$ID"
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	hull delete "$ID"
	counting
	hull pause "$ID"
	hull delete --force "$ID"
	[ ! -d "$(cgroup_dir)" ]
}

@test "frozen by hand: it is paused, and resume lets it go" {
	counting
	set_frozen 1
	wait_for 30 is_status paused
	hull resume "$ID"
	is "$(frozen)" 0
	wait_for 30 goes_on
	set_frozen 1
	wait_for 30 is_status paused
	hull delete --force "$ID"
}

@test "a container without a cgroup of its own is not paused" {
	hull_only
	config 'del(.linux.resources) | .linux.namespaces |= map(select(.type != "cgroup"))'
	args sleep 1000
	hull --cgroup-manager disabled create "$ID" </dev/null >/dev/null 2>&1 3>&-
	hull start "$ID"
	run hull pause "$ID"
	is "$status" 1
	has "$output" "has no cgroup"
	is "$(status_of)" running
}

@test "pause waits for a command that changes the container" {
	hull_only
	config '.hooks.poststart = [{path: "/bin/sleep", args: ["sleep", "1"]}]'
	args sleep 1000
	create
	hull start "$ID" &
	start=$!
	wait_for 30 is_status running
	hull pause "$ID"
	! kill -0 $start 2>/dev/null || wait $start
	is "$(status_of)" paused
}
