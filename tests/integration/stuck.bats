#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Containers that would rather not end: kill and delete get rid of them, or say who holds them.

load helpers

# Also where hull fails: nothing may stay frozen on the host.
extra_teardown() {
	local file
	: >"$ROOTFS/stop"
	for file in $(find "$CGROUPS/freezer${ABOVE:-$CGROUP}" "$CGROUPS${ABOVE:-$CGROUP}" -name freezer.state -o -name cgroup.freeze \
		2>/dev/null); do
		case $file in
		*state) echo THAWED >"$file" ;;
		*) echo 0 >"$file" ;;
		esac
	done
	[ -z "${ABOVE:-}" ] || {
		hull delete --force "$ID" || :
		cgroup_kill "$ABOVE"
	}
}

# deep N DIR: N directories, each in the one before it.  By names in parts: the whole path is longer than a path may be.
deep() {
	(
		cd "$2" || exit 1
		for ((i = 0; i < $1; i++)); do
			mkdir d && cd -P d 2>/dev/null || exit 1
		done
	)
}

no_cgroup() {
	[ -z "$(find "$CGROUPS" -maxdepth 3 -path "*$CGROUP")" ]
}

@test "a tree of cgroups that is deeper than there are descriptors is listed, killed and removed" {
	running
	deep 120 "$(cgroup_dir)"
	[ ! -d "$CGROUPS/freezer$CGROUP" ] || deep 120 "$CGROUPS/freezer$CGROUP"
	ulimit -n 90
	run hull ps -f json "$ID"
	is "$status" 0
	has "$output" "$(pid_of)"
	run hull delete --force "$ID"
	is "$output" ""
	is "$status" 0
	no_cgroup
}

@test "a tree of cgroups whose path is longer than a path may be" {
	local name
	name=$(printf '%0200d' 0)
	created
	(
		cd "$(cgroup_dir)" || exit 1
		for i in $(seq 30); do
			mkdir "$name" && cd -P "$name" 2>/dev/null || exit 1
		done
	) || [ "$(cd "$(cgroup_dir)" && find . -type d | wc -l)" -gt 10 ] || skip "this kernel makes no such tree"
	run hull delete --force "$ID"
	is "$output" ""
	is "$status" 0
	no_cgroup
}

# A process of the container in a cgroup below its own that somebody froze.
frozen_below() {
	local dir
	shell 'sleep 1001 & echo $! >/tmp/ready; exec sleep 1000'
	config '.root.readonly = false'
	create
	hull start "$ID"
	wait_for 30 test -s rootfs/tmp/ready
	dir=$(cgroup_dir freezer)
	wait_for 30 sleeper_is_there
	sleeper=$(sleeper_pid)
	mkdir "$dir/below"
	echo "$sleeper" >"$dir/below/cgroup.procs"
	if [ -e "$dir/below/freezer.state" ]; then
		echo FROZEN >"$dir/below/freezer.state"
		wait_for 30 grep -q FROZEN "$dir/below/freezer.state"
	else
		echo 1 >"$dir/below/cgroup.freeze"
		wait_for 30 grep -q 'frozen 1' "$dir/below/cgroup.events"
	fi
}

sleeper_pid() {
	local p
	for p in $(cat "$(cgroup_dir)/cgroup.procs"); do
		[ "$(tr '\0' ' ' <"/proc/$p/cmdline")" != "sleep 1001 " ] || echo "$p"
	done
}

sleeper_is_there() {
	[ -n "$(sleeper_pid)" ]
}

@test "kill KILL ends a container of which a cgroup below its own is frozen" {
	frozen_below
	pid=$(pid_of)
	run hull kill "$ID" KILL
	is "$status" 0
	wait_for 30 gone "$pid"
	wait_for 30 gone "$sleeper"
	wait_for 30 is_status stopped
	hull delete "$ID"
	no_cgroup
}

@test "kill --all KILL and delete end a container without a pid namespace of which a cgroup below is frozen" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	frozen_below
	run hull kill --all "$ID" KILL
	is "$status" 0
	wait_for 30 gone "$sleeper"
	wait_for 30 is_status stopped
	hull delete "$ID"
	no_cgroup
}

@test "delete --force ends a container of which a cgroup below its own is frozen" {
	frozen_below
	run hull delete --force "$ID"
	is "$output" ""
	is "$status" 0
	wait_for 30 gone "$sleeper"
	no_cgroup
}

@test "what a frozen cgroup above holds is named: process, state and cgroup" {
	need_v1 freezer
	ABOVE=$CGROUP
	config --arg cg "$CGROUP/inner" '.linux.cgroupsPath = $cg'
	mkdir -p "$CGROUPS/freezer$ABOVE"
	running
	pid=$(pid_of)
	echo FROZEN >"$CGROUPS/freezer$ABOVE/freezer.state"
	wait_for 30 grep -q FROZEN "$CGROUPS/freezer$ABOVE/freezer.state"
	run hull delete --force "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "container init still running: $ID: process $pid ("
	has "$output" ", state D) is still in cgroup $CGROUP/inner in hierarchy freezer"
	has "$output" "a cgroup above it is frozen"
	hull state "$ID" >/dev/null # it is still on record
	echo THAWED >"$CGROUPS/freezer$ABOVE/freezer.state"
	run hull delete --force "$ID"
	is "$output" ""
	is "$status" 0
	wait_for 30 gone "$pid"
}

# without_pids COMMAND...: on a host that has neither a pids controller nor the unified hierarchy.
without_pids() {
	unshare -m --propagation private bash -c '
		umount /sys/fs/cgroup/pids || exit 1
		for m in $(awk "\$0 ~ / - cgroup2 / {print \$5}" /proc/self/mountinfo); do umount "$m" || exit 1; done
		exec "$@"' bash "$@"
}

# Each of its processes makes the next one and ends: whoever lists them and then sends signals is too late.
runners() {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	echo '[ -e /stop ] || sh /next &' >"$ROOTFS/next"
	shell 'sh /next; sh /next; exec sleep 1000'
}

@test "without a pids controller what forks faster than it is listed is frozen, and killed" {
	need_v1 freezer
	[ -d "$CGROUPS/pids" ] || skip "no pids hierarchy to do without"
	command -v strace >/dev/null || skip "no strace"
	runners
	without_pids "$HULL" --root "$STATE" create "$ID" </dev/null >/dev/null 2>&1 3>&-
	without_pids "$HULL" --root "$STATE" start "$ID"
	run without_pids strace -f -e trace=write -o "$BATS_TEST_TMPDIR/trace" "$HULL" --root "$STATE" delete --force "$ID"
	is "$output" ""
	is "$status" 0
	grep -q '"FROZEN"' "$BATS_TEST_TMPDIR/trace"
	grep -q '"THAWED"' "$BATS_TEST_TMPDIR/trace"
	[ -z "$(find "$CGROUPS/freezer$CGROUP" "$CGROUPS/memory$CGROUP" -maxdepth 0 2>/dev/null)" ]
}

@test "with a pids controller the same is ended without freezing" {
	need_v1 pids
	command -v strace >/dev/null || skip "no strace"
	runners
	create
	hull start "$ID"
	run strace -f -e trace=write -o "$BATS_TEST_TMPDIR/trace" "$HULL" --root "$STATE" delete --force "$ID"
	is "$output" ""
	is "$status" 0
	! grep -q '"FROZEN"' "$BATS_TEST_TMPDIR/trace" || false
	no_cgroup
}
