#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile moments, as engines and hosts make them: whoever calls is killed, the disk is full or read-only, others share
# the state root, the clock jumps.  No container is lost, each can be deleted, each command ends.

load ../integration/helpers

extra_setup() {
	hull_only
	args sleep 1000
}

# ends SECONDS COMMAND... - the command's status, and never that of a timeout.
ends() {
	run timeout --kill-after=5 "$@"
	[ "$status" -ne 124 ] && [ "$status" -ne 137 ] || { echo "does not end: $*"; return 1; }
}

# deletable - whatever became of the container, two deletes (as engines send them) leave nothing of it.
deletable() {
	timeout 60 "$HULL" --root "$STATE" delete "$ID" >/dev/null 2>&1 || :
	timeout 60 "$HULL" --root "$STATE" delete --force "$ID" || { echo "delete --force failed"; return 1; }
	[ ! -e "$STATE/$ID" ] || { ls -lR "$STATE/$ID"; return 1; }
	[ ! -d "$(cgroup_dir)" ] || { echo "the cgroup is still there"; return 1; }
	wait_for 30 nobody_left
}

# nobody_left - no process of this test's containers, or of hull; what init was called before exec counts too.
nobody_left() {
	local p
	for p in $(grep -lsE "^([0-9]+:.*|0::).*$CGROUP\$" /proc/[0-9]*/cgroup); do
		p=${p#/proc/}
		gone "${p%/*}" || return 1
	done
}

# An engine is a parent that asks for SIGKILL to its children when it dies, as containerd's shim, conmon and Buildah do.
# engine WORD... - starts hull below one, and kills the engine after DELAY seconds.
engine_killed() {
	local delay=$1 engine
	shift
	setsid python3 -c '
import ctypes, os, signal, sys
libc = ctypes.CDLL(None)
child = os.fork()
if child == 0:
    libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    os.execv(sys.argv[1], sys.argv[1:])
os.waitpid(child, 0)
' "$HULL" --root "$STATE" "$@" </dev/null >"$BATS_TEST_TMPDIR/engine" 2>&1 3>&- &
	engine=$!
	sleep "$delay"
	kill -9 "$engine" 2>/dev/null || :
	wait "$engine" 2>/dev/null || :
}

@test "an engine killed with SIGKILL in the middle of create: the container can be deleted, and made again" {
	local delay
	# The delays go from before the first call to after the last one, on a quick machine and on a slow one.
	for delay in 0 0.002 0.004 0.006 0.009 0.012 0.016 0.025 0.05 0.2; do
		engine_killed $delay create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
		deletable
		rm -f "$BATS_TEST_TMPDIR/pid"
	done
	create
	is "$(status_of)" created
	deletable
}

@test "an engine killed with SIGKILL in the middle of delete: a second one ends it" {
	local delay force
	for force in "" --force; do
		for delay in 0 0.002 0.004 0.006 0.01 0.02 0.1; do
			create
			[ -n "$force" ] || { hull start "$ID" && hull kill "$ID" KILL && wait_for 30 is_status stopped; }
			engine_killed $delay delete $force "$ID"
			deletable
		done
	done
}

@test "a runtime killed by its caller's timeout, in a hook and before init answers" {
	# Podman and CRI-O give create a limit, and then kill conmon or the runtime.
	printf '#!/bin/sh\nexec sleep 1000\n' >"$BATS_TEST_TMPDIR/hook"
	chmod 755 "$BATS_TEST_TMPDIR/hook"
	for kind in createRuntime createContainer; do
		config --arg kind $kind --arg hook "$BATS_TEST_TMPDIR/hook" '.hooks = {($kind): [{path: $hook}]}'
		[ $kind != createContainer ] || config '.hooks.createContainer[0] = {path: "/bin/sleep", args: ["sleep", "1000"]}'
		timeout --signal=KILL 1 "$HULL" --root "$STATE" create "$ID" </dev/null >/dev/null 2>&1 3>&- || :
		deletable
	done
	# Nobody reads the console socket: the caller gives up.
	config 'del(.hooks) | .process.terminal = true'
	python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.bind(sys.argv[1])
s.listen(1)
time.sleep(30)' "$BATS_TEST_TMPDIR/console" 3>&- &
	local listener=$!
	wait_for 30 test -S "$BATS_TEST_TMPDIR/console"
	timeout --signal=KILL 2 "$HULL" --root "$STATE" create --console-socket "$BATS_TEST_TMPDIR/console" "$ID" \
		</dev/null >/dev/null 2>&1 3>&- || :
	kill "$listener"
	deletable
}

# small_state SIZE - the state root is a file system of that size.
small_state() {
	mkdir -p "$STATE"
	mount -t tmpfs -o "size=$1,mode=711" tmpfs "$STATE"
}

@test "a full disk below the state root: create says so and leaves nothing; others are stopped and deleted" {
	local other=$ID-b
	small_state 256k
	running
	# Full to the last byte.
	dd if=/dev/zero of="$STATE/.filler" bs=4096 2>/dev/null || :
	is "$(df --output=avail "$STATE" | tail -n 1 | tr -d ' ')" 0
	config --arg cg "$CGROUP-b" '.linux.cgroupsPath = $cg'
	ends 60 "$HULL" --root "$STATE" create "$other" </dev/null
	[ "$status" -ne 0 ]
	one_line "$output"
	has "$output" "no space left on device"
	[ ! -e "$STATE/$other" ]
	[ ! -d "$(cgroup_dir)-b" ]
	# The one that runs is not lost: every command that needs no room works.
	is "$(status_of)" running
	ends 60 "$HULL" --root "$STATE" exec "$ID" echo inside </dev/null
	is "$output" inside
	hull pause "$ID" && is "$(status_of)" paused
	hull resume "$ID"
	ends 60 "$HULL" --root "$STATE" update --pids-limit 77 "$ID"
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	deletable
	is "$(ls -A "$STATE" | grep -v -e '^\.' -e '^@' || :)" ""
}

@test "no inode left below the state root: create says so and leaves nothing" {
	small_state 1m,nr_inodes=1
	ends 60 "$HULL" --root "$STATE" create "$ID" </dev/null
	[ "$status" -ne 0 ]
	one_line "$output"
	has "$output" "no space left on device"
	deletable
}

@test "a state root that becomes read-only: commands say so, and once it can be written all is deleted" {
	small_state 1m
	running
	mount -o remount,ro "$STATE"
	ends 60 "$HULL" --root "$STATE" create "$ID-b" </dev/null
	[ "$status" -ne 0 ]
	one_line "$output"
	has "$output" "read-only file system"
	is "$(status_of)" running
	ends 60 "$HULL" --root "$STATE" exec "$ID" echo inside </dev/null
	is "$output" inside
	ends 60 "$HULL" --root "$STATE" kill "$ID" KILL
	is "$status" 0
	wait_for 30 is_status stopped
	ends 60 "$HULL" --root "$STATE" delete --force "$ID"
	[ "$status" -ne 0 ]
	one_line "$output"
	has "$output" "read-only file system"
	mount -o remount,rw "$STATE"
	deletable
}

@test "foreign directories in a shared state root: skipped by list, errors elsewhere, never touched" {
	# Docker has the states of all its runtimes in one folder.
	running
	mkdir -p "$STATE/runc-one" "$STATE/crun-one" "$STATE/empty-one"
	echo '{"id":"runc-one","init_process_pid":1,"config":{}}' >"$STATE/runc-one/state.json"
	mkfifo "$STATE/runc-one/exec.fifo"
	echo '{"pid":1,"cgroup-path":"/","bundle":"/","detached":true}' >"$STATE/crun-one/status"
	echo '{' >"$STATE/crun-one/config.json"
	echo junk >"$STATE/file-one"
	ln -s /etc "$STATE/link-one"
	ends 30 "$HULL" --root "$STATE" list -q
	is "$status" 0
	is "$(grep -c . <<<"$("$HULL" --root "$STATE" list -q 2>/dev/null)")" 1
	for one in runc-one crun-one empty-one link-one; do
		for command in state start "kill" pause resume "ps" "delete"; do
			ends 30 "$HULL" --root "$STATE" $command $one
			[ "$status" -ne 0 ] || { echo "$command $one succeeds"; return 1; }
			one_line "$output"
			has "$output" "container does not exist"
		done
		ends 30 "$HULL" --root "$STATE" exec $one true
		has "$output" "container does not exist"
	done
	for one in runc-one crun-one; do
		ends 30 "$HULL" --root "$STATE" delete --force $one
		[ -e "$STATE/$one" ] || { echo "$one was removed"; return 1; }
	done
	[ -s "$STATE/runc-one/state.json" ] && [ -p "$STATE/runc-one/exec.fifo" ] && [ -s "$STATE/crun-one/status" ]
	[ -e "$STATE/link-one/passwd" ]
	is "$(status_of)" running
}

@test "clock jumps: the wall clock and the time since boot say nothing about whose a process is" {
	# The wall clock cannot be set here without changing the host.  What hull keeps of time is the wall clock at create
	# (for people) and init's start time since boot (to know it again): a time namespace moves the latter by a day, both
	# ways, for hull alone, as a host does that was suspended or restored.
	running
	local pid jump
	pid=$(pid_of)
	for jump in 86400 -1; do
		[ "$jump" -gt 0 ] || jump=-$(awk '{ print int($1 / 2) }' /proc/uptime)
		run unshare --time --boottime "$jump" --monotonic "$jump" --fork -- "$HULL" --root "$STATE" state "$ID"
		is "$status" 0
		is "$(jq -r .status <<<"$output")" running
		is "$(jq -r .pid <<<"$output")" "$pid"
		run unshare --time --boottime "$jump" --monotonic "$jump" --fork -- "$HULL" --root "$STATE" exec "$ID" echo inside
		is "$output" inside
	done
	unshare --time --boottime 86400 --monotonic 86400 --fork -- "$HULL" --root "$STATE" delete --force "$ID"
	gone "$pid"
	deletable
}

@test "10 000 log lines before start: nothing of them is lost, and nothing in their way" {
	local n
	# Of the runtime: an engine's log file that has them already, and conmon's pipes that nobody reads meanwhile.
	for n in $(seq 1 10000); do
		printf '{"level":"info","msg":"line %d","time":"2026-01-01T00:00:00Z"}\n' "$n"
	done >"$BATS_TEST_TMPDIR/log.json"
	shell 'i=0; while [ $i -lt 10000 ]; do echo "line $i"; i=$((i + 1)); done; echo end >&2'
	hull --debug --log "$BATS_TEST_TMPDIR/log.json" --log-format json create "$ID" \
		</dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&-
	is "$(head -n 10000 "$BATS_TEST_TMPDIR/log.json" | jq -r .msg | tail -n 1)" "line 10000"
	tail -n +10001 "$BATS_TEST_TMPDIR/log.json" | jq -e . >/dev/null
	hull --log "$BATS_TEST_TMPDIR/log.json" --log-format json start "$ID"
	wait_for 60 is_status stopped
	is "$(grep -c '^line ' "$BATS_TEST_TMPDIR/out")" 10000
	is "$(tail -n 1 "$BATS_TEST_TMPDIR/out")" "line 9999"
	has "$(cat "$BATS_TEST_TMPDIR/err")" end
	deletable
	# Hooks that write as much: their pipes are read, or they would hang.
	printf '#!/bin/sh\ni=0\nwhile [ $i -lt 10000 ]; do echo "hook line $i"; i=$((i + 1)); done\n' >"$BATS_TEST_TMPDIR/hook"
	chmod 755 "$BATS_TEST_TMPDIR/hook"
	args true
	config --arg hook "$BATS_TEST_TMPDIR/hook" '.hooks = {createRuntime: [{path: $hook}], poststart: [{path: $hook}], poststop: [{path: $hook}]}'
	ends 100 "$HULL" --root "$STATE" run "$ID" </dev/null
	is "$status" 0
	deletable
}
