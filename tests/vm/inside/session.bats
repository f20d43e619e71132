#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The unprivileged user in its systemd session: subordinate ids and a delegated cgroup, as on a desktop.

load ../../integration/helpers

SESSION=/user.slice/user-1000.slice/user@1000.service

# setup of helpers, for a bundle that the user owns; with ranges of subordinate ids.
extra_setup() {
	CGROUP=$SESSION/hull-test-$ID
	chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	mkdir "$STATE"
	config --arg cg "$CGROUP" '.linux.cgroupsPath = $cg | .linux.namespaces += [{type: "user"}]
		| .linux.namespaces |= map(select(.type != "network"))
		| .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}, {containerID: 1, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | del(.linux.resources) | .mounts |= map(select(.destination != "/sys"))
		| (.mounts[] | select(.destination == "/sys/fs/cgroup")).options -= ["ro"]'
	chown -R 1000:1000 "$BUNDLE" "$STATE"
	# Its own ranges, which useradd chose.
	base=$(awk -F: '$1 == "tester" { print $2 }' /etc/subuid)
	config --argjson base "$base" '.linux.uidMappings[1].hostID = $base | .linux.gidMappings[1].hostID = $base'
	chown 1000:1000 config.json
}

extra_teardown() {
	rootless delete --force "$ID" || :
}

# rootless ARG... - the runtime as the user.
rootless() {
	as-tester "$HULL" --root "$STATE" "$@"
}

@test "a container of the user: root inside, ranges of ids, its own devices" {
	shell 'id -u; cat /proc/self/uid_map; echo x >/dev/null && echo null'
	run rootless run "$ID"
	is "$status" 0
	is "${lines[0]}" 0
	is "$(wc -w <<<"${lines[1]} ${lines[2]}")" 6
	has "$output" null
}

@test "it is in the cgroup below the session that was asked for, with its limits" {
	config '.linux.resources.pids = {limit: 20} | .linux.resources.memory = {limit: 67108864}'
	args sleep 1000
	rootless run --detach "$ID" </dev/null
	pid=$(rootless state "$ID" | jq .pid)
	is "$(cat "/proc/$pid/cgroup")" "0::$CGROUP"
	is "$(cat "$CGROUPS$CGROUP/pids.max") $(cat "$CGROUPS$CGROUP/memory.max")" "20 67108864"
	is "$(stat -c %u "/proc/$pid")" 1000
	rootless delete --force "$ID"
	wait_for 30 gone "$pid"
	[ ! -e "$CGROUPS$CGROUP" ]
}

@test "without a cgroupsPath it is beside its creator, below the session, with its limits" {
	config 'del(.linux.cgroupsPath) | .linux.resources.pids = {limit: 20} | .linux.namespaces |= map(select(.type != "cgroup"))'
	shell 'cat /proc/self/cgroup; exit 5'
	run rootless run "$ID"
	is "$status" 5
	is "$output" "0::$SESSION/app.slice/hull-$ID"
	args sleep 1000
	rootless run --detach "$ID" </dev/null
	is "$(cat "$CGROUPS$SESSION/app.slice/hull-$ID/pids.max")" 20
	rootless delete --force "$ID"
	[ ! -e "$CGROUPS$SESSION/app.slice/hull-$ID" ]
}

@test "without a delegated cgroup it runs, and a limit is refused" {
	config 'del(.linux.cgroupsPath)'
	shell 'echo ran; exit 5'
	run runuser -u tester -- "$HULL" --root "$STATE" run "$ID"
	is "$status" 5
	is "$output" ran
	config '.linux.resources.pids = {limit: 20}'
	run runuser -u tester -- "$HULL" --root "$STATE" run "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "config.json:/linux/resources/pids/limit"
	has "$output" "permission denied"
}

@test "nested: root of a user namespace, in the session" {
	config 'del(.linux.cgroupsPath) | (.linux.uidMappings, .linux.gidMappings) = [{containerID: 0, hostID: 0, size: 1}] |
		(.mounts[] | select(.type == "devpts")).options -= ["gid=5"] | .linux.namespaces |= map(select(.type != "cgroup"))'
	shell 'tr -s " " </proc/self/uid_map; cat /proc/self/cgroup'
	run as-tester unshare -Ur "$HULL" --root "$STATE" run "$ID"
	is "$status" 0
	is "${lines[0]}" " 0 0 1"
	is "${lines[1]}" "0::$SESSION/app.slice/hull-$ID"
}

@test "one id alone, without newuidmap" {
	config '.linux.uidMappings |= .[:1] | .linux.gidMappings |= .[:1]
		| (.mounts[] | select(.type == "devpts")).options -= ["gid=5"]'
	shell 'id -u; exit 3'
	run as-tester env PATH=/nonexistent "$HULL" --root "$STATE" run "$ID"
	is "$output" 0
	is "$status" 3
}
