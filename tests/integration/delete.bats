#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# delete: removes what create made, from the record alone; and never more than that.

load helpers

no_cgroup() {
	[ -z "$(find "$CGROUPS" -maxdepth 3 -path "*$CGROUP")" ]
}

stopped() {
	args true
	create
	hull start "$ID"
	wait_for 30 is_status stopped
}

@test "delete of a stopped container removes all that create made" {
	before=$(snapshot)
	stopped
	run hull delete "$ID"
	is "$status" 0
	is "$output" ""
	is "$(snapshot)" "$before"
	run hull state "$ID"
	is "$status" 1
}

@test "delete then delete --force, as engines do: both succeed" {
	stopped
	hull delete "$ID"
	run hull delete --force "$ID"
	is "$status" 0
	is "$output" ""
}

@test "delete of an unknown container says does not exist; --force succeeds silently" {
	run hull delete nobody
	is "$status" 1
	has "$output" "container does not exist"
	for word in --force -f --force=true -force; do
		run hull delete $word nobody
		is "$status" 0
		is "$output" ""
	done
	run hull delete --force=false nobody
	is "$status" 1
}

@test "delete of a running container is refused and has no effect" {
	running
	pid=$(pid_of)
	run hull delete "$ID"
	is "$status" 1
	has "$output" "cannot delete container $ID that is not stopped: running"
	is "$(status_of)" running
	is "$(pid_of)" "$pid"
}

@test "delete of a created container is refused and has no effect" {
	hull_only "runc kills it"
	created
	run hull delete "$ID"
	is "$status" 1
	has "$output" "cannot delete container $ID that is not stopped: created"
	is "$(status_of)" created
	hull start "$ID"
}

@test "delete --force of a created container" {
	before=$(snapshot)
	created
	run hull delete --force "$ID"
	is "$status" 0
	is "$output" ""
	is "$(snapshot)" "$before"
}

@test "delete --force of a running container ends every process in it" {
	shell 'sleep 998 & sleep 999 & echo $! >/tmp/ready; wait'
	config '.root.readonly = false'
	create
	hull start "$ID"
	wait_for 30 test -s rootfs/tmp/ready
	pids=$(cat "$(cgroup_dir)/cgroup.procs")
	run hull delete --force "$ID"
	is "$status" 0
	is "$output" ""
	for pid in $pids; do
		wait_for 30 gone "$pid"
	done
	no_cgroup
}

@test "delete --force removes what a container without a pid namespace left running" {
	shell 'sleep 998 & sleep 999 & echo $! >/tmp/ready; wait'
	config '.root.readonly = false | .linux.namespaces |= map(select(.type != "pid"))'
	create
	hull start "$ID"
	wait_for 30 test -s rootfs/tmp/ready
	pids=$(cat "$(cgroup_dir)/cgroup.procs")
	kill -9 "$(pid_of)"
	wait_for 30 is_status stopped
	hull delete "$ID"
	for pid in $pids; do
		wait_for 30 gone "$pid"
	done
	no_cgroup
}

@test "delete works without the bundle" {
	stopped
	rm -rf "$BUNDLE/config.json"
	mv "$BUNDLE" "$BUNDLE.gone"
	cd /
	hull delete "$ID"
	no_cgroup
	mv "$BUNDLE.gone" "$BUNDLE"
}

@test "delete works after the cgroup was removed by somebody else" {
	stopped
	cgroup_kill "$CGROUP"
	run hull delete "$ID"
	is "$status" 0
}

@test "delete removes cgroups that the container made below its own" {
	stopped
	mkdir "$(cgroup_dir)/sub" "$(cgroup_dir)/sub/subsub" "$(cgroup_dir memory)/other"
	run hull delete "$ID"
	is "$status" 0
	no_cgroup
}

@test "delete keeps the bundle, the root and sources of bind mounts" {
	mkdir src
	echo kept >src/file
	config '.mounts += [{"destination": "/mnt", "source": "src", "type": "none", "options": ["bind"]}]'
	find . | sort >../before
	running
	hull delete --force "$ID"
	rmdir rootfs/mnt
	find . | sort | diff ../before -
	is "$(cat src/file)" kept
}

@test "after delete the id is free" {
	for i in 1 2 3; do
		stopped
		hull delete "$ID"
	done
}

@test "delete --force removes a foreign or half-made directory" {
	mkdir -p "$STATE/half"
	run hull delete --force half
	is "$status" 0
	[ ! -e "$STATE/half" ]
}

@test "two deletes race: neither hangs, nothing is left" {
	running
	both=
	for who in one two; do
		(s=0; timeout 20 "$HULL" --root "$STATE" delete --force "$ID" >$who 2>&1 3>&- || s=$?; echo $s >$who.status) &
		both="$both $!"
	done
	wait $both
	hull_only "runc may fail in this race"
	is "$(cat one.status two.status | tr '\n' ' ')" "0 0 "
	no_cgroup
	[ ! -e "$STATE/$ID" ]
}

@test "delete wants an id" {
	run hull delete
	[ "$status" -ne 0 ]
}

@test "delete --regex takes every container that matches" {
	hull_only
	args sleep 1000
	for n in 1 2; do
		config ".linux.cgroupsPath = \"$CGROUP/$n\""
		hull create "r-$n" </dev/null >/dev/null 2>&1 3>&-
	done
	hull delete --force --regex '^r-[0-9]$'
	is "$(hull list -q)" ""
}

@test "delete does not wait for the caller's pipe and works with nothing in the environment" {
	running
	out=$(env -i XDG_RUNTIME_DIR= "$HULL" --root "$STATE" delete --force "$ID" 2>&1)
	is "$out" ""
}

@test "delete --force removes a container whose record is damaged, with a warning" {
	hull_only
	created
	pid=$(pid_of)
	echo '{"id": 1' >"$STATE/$ID/record.json"
	run hull delete "$ID"
	is "$status" 1
	has "$output" "is damaged"
	"$HULL" --root "$STATE" --log "$LOG" delete --force "$ID"
	has "$(cat "$LOG")" "is damaged"
	[ ! -e "$STATE/$ID" ]
	kill -9 "$pid"
}
