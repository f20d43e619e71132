#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# --trace: every stage and step on one time line, of commands that succeed and of those that fail; TRACEPARENT.

load helpers

PARENT=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01

extra_setup() {
	hull_only "no other runtime has it"
	unset TRACEPARENT
	args true
}

# spans CATEGORY - names of the spans, in order.
spans() {
	jq -r --arg c "$1" '.traceEvents[] | select(.ph == "X" and .cat == $c) | .name' trace.json
}

well_formed() {
	jq -e '.traceEvents | map(select(.ph == "X")) | length > 0 and all(.[];
		.ts >= 0 and .dur >= 0 and (.pid | type) == "number" and (.args.failed | type) == "boolean"
		and ((.args | has("cpu_us") | not) or (.args.cpu_us + .args.waiting_us - .dur | fabs) < 0.01))' trace.json >/dev/null
	# What is within a stage does not stick out of it.
	jq -e '[.traceEvents[] | select(.ph == "X")] | (.[] | select(.cat == "runtime" and .name == "init")) as $init |
		all(.[] | select(.cat == "init" and (.name | IN("birth", "mounts", "user")));
			.ts >= $init.ts and .ts + .dur <= $init.ts + $init.dur)' trace.json >/dev/null
}

@test "run: the stages of the runtime and the steps of init, each with wall, CPU and waiting time" {
	run hull run --trace trace.json "$ID"
	is "$status" 0
	is "$output" ""
	well_formed
	is "$(spans runtime | grep -xE 'config|reserve|cgroup|sockets|init|publish|release|start|remove cgroup|remove state' | tr '\n' ' ')" \
		"config reserve cgroup sockets init publish release start remove cgroup remove state "
	is "$(spans init | grep -xE 'birth|undumpable|mounts|devices|pivot|user|ready|rlimits|exec' | tr '\n' ' ')" \
		"birth undumpable mounts devices pivot user ready rlimits exec "
	# Two processes, with names.
	is "$(jq -r '[.traceEvents[] | select(.name == "process_name") | .args.name] | join(" ")' trace.json)" "hull run hull:init"
	is "$(jq '[.traceEvents[].pid] | unique | length' trace.json)" 2
	jq -e '.otherData.command == "run" and .otherData.whole and (.otherData | has("traceparent") | not)' trace.json
}

@test "create, start, exec and delete each have a trace; who starts gets the steps behind ready" {
	args sleep 1000
	create --trace trace.json
	well_formed
	[ "$(spans init | grep -cxE 'ready|rlimits|exec')" -eq 0 ]
	spans init | grep -qx close-fds
	hull start --trace trace.json "$ID"
	is "$(spans init | grep -xE 'ready|start-hooks|rlimits|exec' | tr '\n' ' ')" "ready start-hooks rlimits exec "
	is "$(spans runtime | tr '\n' ' ')" "container start "
	hull exec --trace trace.json "$ID" true
	well_formed
	spans init | grep -qx join-container
	hull delete --trace trace.json --force "$ID"
	is "$(spans runtime | tr '\n' ' ')" "container kill remove cgroup remove state "
}

@test "a start without --trace of a container that was created with it, and the other way round" {
	args sleep 1000
	create --trace trace.json
	run hull start "$ID"
	is "$status" 0
	is "$output" ""
	is "$(status_of)" running
	hull delete --force "$ID"
	create
	hull start --trace trace.json "$ID"
	spans init | grep -qx rlimits
}

@test "a foreground run has its trace while it runs" {
	args sleep 1000
	hull run --trace "$BATS_TEST_TMPDIR/trace.json" "$ID" </dev/null >/dev/null 2>&1 3>&- &
	wait_for 10 test -s "$BATS_TEST_TMPDIR/trace.json"
	is_status running
	cp "$BATS_TEST_TMPDIR/trace.json" .
	well_formed
	[ "$(spans runtime | grep -c remove)" -eq 0 ]
	hull kill "$ID" KILL
	wait $! || :
	cp "$BATS_TEST_TMPDIR/trace.json" .
	spans runtime | grep -qx 'remove state'
}

@test "a failure is traced too: the step that failed, and what was undone" {
	config '.process.cwd = "/etc/passwd"'
	run hull run --trace trace.json "$ID"
	is "$status" 1
	one_line "$output"
	is "$(jq -r '[.traceEvents[] | select(.args.failed) | .cat + ":" + .name] | join(" ")' trace.json)" "runtime:init init:cwd"
	spans runtime | grep -qx 'undo cgroup'
}

@test "time in a time namespace and behind a fork is on the same line" {
	config '.linux.namespaces += [{type: "time"}, {type: "user"}] | .linux.timeOffsets = {monotonic: {secs: 100000}} |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	run hull run --trace trace.json "$ID"
	is "$status" 0
	well_formed
	spans init | grep -qx fork
	jq -e 'all(.traceEvents[] | select(.ph == "X"); .ts + .dur < 60000000)' trace.json
}

@test "--trace - draws bars on stderr, in front of the error if there is one" {
	run --separate-stderr hull run --trace - "$ID"
	is "$status" 0
	is "$output" ""
	[[ "${stderr_lines[0]}" =~ ^hull\ run:\ [0-9]+\.[0-9]{3}\ ms ]]
	grep -qE '^runtime config +[#.]+ +[0-9]+\.[0-9]{3} +[0-9]+\.[0-9]{3} +[0-9]+\.[0-9]{3}$' <<<"$stderr"
	grep -qE '^init    mounts +[#.]+ ' <<<"$stderr"
	grep -qE '^runtime remove state ' <<<"$stderr"
	[ "$(awk '{print length}' <<<"$stderr" | sort -n | tail -1)" -lt 120 ]
	config '.process.cwd = "/etc/passwd"'
	run --separate-stderr hull create --trace=- "$ID" </dev/null
	is "$status" 1
	has "$stderr" "cwd FAILED"
	has "${stderr_lines[-1]}" "hull: create: config.json:/process/cwd"
}

@test "a trace that cannot be written is an error, and nothing else is undone for it" {
	args sleep 1000
	status=0
	create --trace /no/such/dir/trace.json || status=$?
	is "$status" 1
	has "$(cat "$BATS_TEST_TMPDIR/err")" "--trace: cannot write /no/such/dir/trace.json: no such file or directory"
	is "$(status_of)" created
}

@test "TRACEPARENT is in the trace if it is valid" {
	TRACEPARENT=$PARENT hull run --trace trace.json "$ID"
	is "$(jq -r .otherData.traceparent trace.json)" "$PARENT"
	TRACEPARENT=nonsense hull run --trace trace.json "$ID"
	jq -e '.otherData | has("traceparent") | not' trace.json
}

# Hooks that write what they see of it; the container must not.
hooks_that_tell() {
	local dir=$BATS_TEST_TMPDIR/seen
	mkdir -p "$dir" && rm -f "$dir"/*
	cat >"$BATS_TEST_TMPDIR/tell" <<-'EOT'
	#!/bin/sh
	echo "${TRACEPARENT:-none} ${OWN:-}" >"$1"
	EOT
	chmod +x "$BATS_TEST_TMPDIR/tell"
	config --arg h "$BATS_TEST_TMPDIR/tell" --arg d "$dir" '.hooks = {
		createRuntime: [{path: $h, args: ["tell", ($d + "/plain")]},
			{path: $h, args: ["tell", ($d + "/env")], env: ["OWN=1"]},
			{path: $h, args: ["tell", ($d + "/set")], env: ["TRACEPARENT=mine"]}],
		createContainer: [{path: $h, args: ["tell", ($d + "/container")]}],
		poststop: [{path: $h, args: ["tell", ($d + "/poststop")], env: ["OWN=1"]}]}'
}

seen() {
	cat "$BATS_TEST_TMPDIR/seen/$1"
}

@test "hooks: TRACEPARENT is inherited; with --trace it is added to an env of their own that lacks it" {
	args sh -c 'echo "${TRACEPARENT:-none}"'
	hooks_that_tell
	TRACEPARENT=$PARENT run hull run "$ID"
	is "$output" none
	is "$(seen plain)" "$PARENT "
	is "$(seen env)" "none 1"
	is "$(seen set)" "mine "
	is "$(seen container)" "none "
	is "$(seen poststop)" "none 1"

	hooks_that_tell
	TRACEPARENT=$PARENT run hull run --trace trace.json "$ID"
	is "$output" none
	is "$(seen plain)" "$PARENT "
	is "$(seen env)" "$PARENT 1"
	is "$(seen set)" "mine "
	is "$(seen container)" "$PARENT "
	is "$(seen poststop)" "$PARENT 1"
	# Each hook is a span.
	is "$(spans runtime | grep ^hook | tr '\n' ' ')" "hook createRuntime/0 hook createRuntime/1 hook createRuntime/2 hook poststop/0 "
}
