#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# conmon, the real one, with hull below it, called as Podman and CRI-O call it.

load ../integration/helpers

setup_file() {
	[ -z "${HULL_ENGINES:-}" ] || "$TESTS/vm/inside/with-engines"
}

extra_setup() {
	hull_only
	command -v conmon >/dev/null || skip "conmon is not installed"
	mkdir -p "$BATS_TEST_TMPDIR/exits" "$BATS_TEST_TMPDIR/run"
	LOGFILE=$BATS_TEST_TMPDIR/ctr.log
}

# monitor [OPTION...] - conmon creates the container and stays with it.
monitor() {
	conmon --api-version 1 -c "$ID" -u "$ID" -n "$ID" -r "$HULL" -b "$BUNDLE" -p "$BATS_TEST_TMPDIR/pidfile" \
		--exit-dir "$BATS_TEST_TMPDIR/exits" -l "k8s-file:$LOGFILE" --log-level error --full-attach --conmon-pidfile \
		"$BATS_TEST_TMPDIR/conmon.pid" --runtime-arg --root --runtime-arg "$STATE" \
		--runtime-arg --log-format=json --runtime-arg --log --runtime-arg "$BATS_TEST_TMPDIR/oci-log" "$@" 3>&-
}

exited() {
	[ -s "$BATS_TEST_TMPDIR/exits/$ID" ]
}

extra_teardown() {
	[ ! -s "$BATS_TEST_TMPDIR/conmon.pid" ] || kill -9 "$(cat "$BATS_TEST_TMPDIR/conmon.pid")" 2>/dev/null || :
}

@test "conmon: create, start, output, exit status, delete" {
	shell 'echo from inside; echo an error >&2; exit 7'
	monitor
	wait_for 30 is_status created
	is "$(cat "$BATS_TEST_TMPDIR/pidfile")" "$(pid_of)"
	hull start "$ID"
	wait_for 30 exited
	is "$(cat "$BATS_TEST_TMPDIR/exits/$ID")" 7
	grep -q 'stdout F from inside' "$LOGFILE"
	grep -q 'stderr F an error' "$LOGFILE"
	is "$(status_of)" stopped
	hull delete --force "$ID"
	[ ! -s "$BATS_TEST_TMPDIR/oci-log" ]
}

@test "conmon: a container that is killed" {
	args sleep 1000
	monitor
	wait_for 30 is_status created
	hull start "$ID"
	hull kill "$ID" 9
	wait_for 30 exited
	is "$(cat "$BATS_TEST_TMPDIR/exits/$ID")" 137
	hull delete --force "$ID"
}

@test "conmon: a terminal through its console socket" {
	shell 'tty; stty size; exit 3'
	config '.process.terminal = true | .process.consoleSize = {height: 30, width: 90}'
	monitor -t
	wait_for 30 is_status created
	hull start "$ID"
	wait_for 30 exited
	is "$(cat "$BATS_TEST_TMPDIR/exits/$ID")" 3
	grep -q '/dev/pts/0' "$LOGFILE"
	grep -q '30 90' "$LOGFILE"
	hull delete --force "$ID"
}

@test "conmon: a missing command is create's error, told by the log in one JSON object" {
	args no-such-command
	run monitor
	wait_for 30 test -s "$BATS_TEST_TMPDIR/oci-log"
	has "$(jq -r .msg "$BATS_TEST_TMPDIR/oci-log")" 'exec: "no-such-command": executable file not found in $PATH'
	is "$(jq -r .level "$BATS_TEST_TMPDIR/oci-log")" error
	run hull state "$ID"
	is "$status" 1
}

@test "conmon: -s: a scope of systemd; the commands after it name no driver" {
	[ -d /run/systemd/system ] || skip "no systemd"
	local scope=$CGROUPS/machine.slice/conmon-$ID.scope
	args sleep 1000
	config --arg cg "machine.slice:conmon:$ID" '.linux.cgroupsPath = $cg | .linux.resources.memory = {limit: 67108864}'
	monitor -s
	wait_for 30 is_status created
	hull start "$ID"
	is "$(cat "$scope/memory.max")" 67108864
	is "$(systemctl show --property=MemoryMax --value "conmon-$ID.scope")" 67108864
	echo '{"memory": {"limit": 134217728}}' | hull update --resources - "$ID"
	is "$(cat "$scope/memory.max")" 134217728
	is "$(systemctl show --property=MemoryMax --value "conmon-$ID.scope")" 134217728
	process plain '.args = ["cat", "/proc/self/cgroup"]'
	execute plain
	wait_for 30 test -s "$BATS_TEST_TMPDIR/plain/exits/$ID"
	grep -q 'stdout F 0::/$' "$BATS_TEST_TMPDIR/plain.log"
	hull kill "$ID" KILL
	wait_for 30 exited
	hull delete --force "$ID"
	wait_for 30 test ! -e "$scope"
}

# execute NAME [OPTION...] - conmon runs the process of $BATS_TEST_TMPDIR/NAME.json in the container.
execute() {
	local name=$1
	shift
	mkdir -p "$BATS_TEST_TMPDIR/$name/exits"
	conmon --api-version 1 -c "$ID" -u "$name" -n "$ID" -r "$HULL" -b "$BATS_TEST_TMPDIR/$name" --full-attach -p "$BATS_TEST_TMPDIR/$name.pid" \
		--exec --exec-process-spec "$BATS_TEST_TMPDIR/$name.json" --exit-dir "$BATS_TEST_TMPDIR/$name/exits" \
		-l "k8s-file:$BATS_TEST_TMPDIR/$name.log" --log-level error --runtime-arg --root --runtime-arg "$STATE" \
		--runtime-arg --log-format=json --runtime-arg --log --runtime-arg "$BATS_TEST_TMPDIR/$name.oci-log" "$@" 3>&-
}

process() {
	jq ".process | $2" "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/$1.json"
}

@test "conmon: exec: output, exit status; a terminal; a missing command" {
	args sleep 1000
	monitor
	wait_for 30 is_status created
	hull start "$ID"

	process plain '.args = ["sh", "-c", "echo from exec; exit 5"]'
	execute plain
	wait_for 30 test -s "$BATS_TEST_TMPDIR/plain/exits/$ID"
	is "$(cat "$BATS_TEST_TMPDIR/plain/exits/$ID")" 5
	grep -q 'stdout F from exec' "$BATS_TEST_TMPDIR/plain.log"

	process tty '.terminal = true | .consoleSize = {height: 31, width: 91} | .args = ["sh", "-c", "tty; stty size; exit 6"]'
	execute tty -t
	wait_for 30 test -s "$BATS_TEST_TMPDIR/tty/exits/$ID"
	is "$(cat "$BATS_TEST_TMPDIR/tty/exits/$ID")" 6
	grep -q '/dev/pts/0' "$BATS_TEST_TMPDIR/tty.log"
	grep -q '31 91' "$BATS_TEST_TMPDIR/tty.log"

	process missing '.args = ["no-such-command"]'
	execute missing || :
	wait_for 30 test -s "$BATS_TEST_TMPDIR/missing.oci-log"
	has "$(jq -r .msg "$BATS_TEST_TMPDIR/missing.oci-log")" 'exec: "no-such-command": executable file not found in $PATH'
	[ ! -e "$BATS_TEST_TMPDIR/missing.pid" ]
	hull delete --force "$ID"
}
