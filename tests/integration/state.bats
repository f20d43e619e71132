#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# state: one JSON document, computed from what is, not from what was written down.

load helpers

@test "state of a created container has the fields that engines read" {
	config '.annotations = {"org.example.a": "1", "b": "two words", "c": ""}'
	begun=$(date +%s)
	created
	hull state "$ID" >doc 2>err
	is "$(cat err)" ""
	is "$(jq -r .id doc)" "$ID"
	is "$(jq -r .status doc)" created
	is "$(jq -r .bundle doc)" "$BUNDLE"
	is "$(jq -r .rootfs doc)" "$ROOTFS"
	[[ $(jq -r .ociVersion doc) =~ ^1\.[0-9]+\.[0-9]+ ]]
	is "$(jq -Sc .annotations doc)" '{"b":"two words","c":"","org.example.a":"1"}'
	pid=$(jq .pid doc)
	grep -q "$CGROUP$" "/proc/$pid/cgroup"
	[[ $(jq -r .created doc) =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$ ]]
	created=$(date -d "$(jq -r .created doc)" +%s)
	[ $begun -le $created ]
	[ $created -le "$(date +%s)" ]
}

@test "state emits none of the members that callers decode as something else" {
	running
	run hull state "$ID"
	is "$(jq -c '[keys[] | select(IN("started","finished","checkpointedTime","exitCode","oomKilled",
		"seccompKilled","error","initPid","initStartTime","containerMonitorProcess"))]' <<<"$output")" "[]"
	is "$(jq -r '.status, (.pid | type), (.annotations | type)' <<<"$output" | tr '\n' ' ' | sed 's/null/object/')" \
		"running number object "
}

@test "state: created, running, stopped" {
	args sleep 1000
	create
	is "$(status_of)" created
	hull start "$ID"
	is "$(status_of)" running
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	is "$(pid_of)" 0
	hull delete "$ID"
	run hull state "$ID"
	is "$status" 1
}

@test "state of an unknown container" {
	run hull state nobody
	is "$status" 1
	has "$output" "container does not exist"
	! is_hull || one_line "$output"
}

@test "state wants an id" {
	run hull state
	[ "$status" -ne 0 ]
}

@test "state of a foreign directory in the root is an error, not a crash" {
	running
	mkdir "$STATE/foreign" "$STATE/broken"
	echo '{' >"$STATE/broken/state.json"
	for id in foreign broken; do
		run hull state "$id"
		is "$status" 1
		[ -n "$output" ]
	done
	is "$(status_of)" running
}

@test "the init of a stopped container may be a zombie" {
	mkdir "$BATS_TEST_TMPDIR/r"
	touch "$BATS_TEST_TMPDIR/r/wait"
	args true
	"$TOOLS/subreaper" "$BATS_TEST_TMPDIR/r" "$HULL" --root "$STATE" create --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" \
		</dev/null >/dev/null 2>&1 3>&- &
	reaper=$!
	wait_for 10 test -e "$BATS_TEST_TMPDIR/r/status"
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	hull start "$ID"
	wait_for 30 gone "$pid"
	grep -q '^State:.*Z' "/proc/$pid/status"
	is "$(status_of)" stopped
	is "$(pid_of)" 0
	run hull kill "$ID" KILL
	is "$status" 1
	has "$output" "container not running"
	run hull delete "$ID"
	is "$status" 0
	rm "$BATS_TEST_TMPDIR/r/wait"
	wait "$reaper"
}

# Makes PID the next process's number, as far as this machine lets a test.
next_pid() {
	echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid
}

@test "a pid that now belongs to another process is not the container" {
	[ -w /proc/sys/kernel/ns_last_pid ] || skip "no ns_last_pid here"
	running
	pid=$(pid_of)
	kill -9 "$pid"
	reaped() { [ ! -d "/proc/$pid" ]; }
	wait_for 30 reaped
	stranger=
	for try in 1 2 3 4 5 6 7 8 9 10; do
		next_pid "$pid"
		sleep 100 3>&- &
		stranger=$!
		[ "$stranger" = "$pid" ] && break
		kill -9 "$stranger"
		wait "$stranger" 2>/dev/null || :
		stranger=
	done
	[ -n "$stranger" ] || skip "could not get the same pid again"
	is "$(status_of)" stopped
	is "$(pid_of)" 0
	run hull kill "$ID" KILL
	is "$status" 1
	run hull delete --force "$ID"
	is "$status" 0
	kill -0 "$stranger"
	kill -9 "$stranger"
	wait "$stranger" 2>/dev/null || :
}

@test "state needs neither the bundle nor a working directory" {
	running
	mkdir "$BATS_TEST_TMPDIR/gone"
	cd "$BATS_TEST_TMPDIR/gone"
	rmdir "$BATS_TEST_TMPDIR/gone"
	hull_only "runc wants a working directory"
	is "$(status_of)" running
}

@test "state is one JSON value with stderr on the same pipe, also with --debug off the log" {
	running
	hull state "$ID" 2>&1 | jq -e .id
	hull --log "$LOG" --log-format json state "$ID" 2>&1 | jq -e .id
}

@test "state with a full pipe or a closed stdout fails or ends, silently" {
	running
	hull state "$ID" | true
	run sh -c '"$HULL" --root "$0" state "$1" >&-' "$STATE" "$ID"
	[ "$status" -lt 128 ]
	run sh -c '"$HULL" --root "$0" state "$1" >/dev/full' "$STATE" "$ID"
	hull_only "runc does not notice"
	[ "$status" -eq 1 ]
}
