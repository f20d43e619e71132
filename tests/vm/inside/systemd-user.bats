#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The systemd cgroup driver for the unprivileged user: scopes of the user's own instance.

load ../../integration/helpers

SESSION=/user.slice/user-1000.slice/user@1000.service

extra_setup() {
	hull --version | grep -q +SYSTEMD || skip "hull is built without the systemd driver"
	UNIT=hull-$ID.scope
	CGROUP=$SESSION/user.slice/$UNIT
	chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	mkdir "$STATE"
	config 'del(.linux.cgroupsPath) | .linux.namespaces += [{type: "user"}]
		| .linux.namespaces |= map(select(.type != "network"))
		| .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}] | .linux.gidMappings = .linux.uidMappings
		| .linux.resources = {pids: {limit: 20}, memory: {limit: 67108864}, cpu: {shares: 512}}
		| .mounts |= map(select(.destination != "/sys")) | (.mounts[] | select(.type == "devpts")).options -= ["gid=5"]'
	args sleep 1000
	chown -R 1000:1000 "$BUNDLE" "$STATE"
}

extra_teardown() {
	as-tester "$HULL" --root "$STATE" delete --force "$ID" || :
}

# user ARG... - the runtime as the user, with systemd's units.
user() {
	as-tester "$HULL" --root "$STATE" --systemd-cgroup "$@"
}

property() {
	as-tester systemctl --user show --property="$1" --value "$UNIT"
}

knobs() {
	(cd "$CGROUPS$CGROUP" && cat pids.max memory.max cpu.weight | xargs)
}

@test "a scope of the user's instance, with its limits" {
	user create "$ID" </dev/null
	pid=$(user state "$ID" | jq .pid)
	is "$(cat "/proc/$pid/cgroup")" "0::$CGROUP"
	is "$(property ActiveState) $(property TasksMax) $(property MemoryMax) $(property CPUWeight)" "active 20 67108864 59"
	is "$(knobs)" "20 67108864 59"
	user start "$ID"
	user delete --force "$ID"
	[ ! -e "$CGROUPS$CGROUP" ]
	is "$(property LoadState)" not-found
}

@test "from within a user namespace, as engines call it" {
	config '.linux.uidMappings[0].hostID = 0 | .linux.gidMappings[0].hostID = 0'
	chown 1000:1000 config.json
	as-tester unshare --user --map-root-user "$HULL" --root "$STATE" --systemd-cgroup run --detach "$ID" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/err"; false; }
	is "$(knobs)" "20 67108864 59"
	as-tester unshare --user --map-root-user "$HULL" --root "$STATE" delete --force "$ID"
	[ ! -e "$CGROUPS$CGROUP" ]
}

@test "without a bus daemon, and with no word of where it is" {
	as-tester env -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR= "$HULL" --root "$STATE" --systemd-cgroup create "$ID" </dev/null
	is "$(knobs)" "20 67108864 59"
	user delete --force "$ID"
	mkdir -p "$BUNDLE/run/systemd"
	ln -s /run/user/1000/systemd/private "$BUNDLE/run/systemd/private"
	as-tester env -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR="$BUNDLE/run" "$HULL" --root "$STATE" --systemd-cgroup create "$ID" </dev/null
	is "$(knobs)" "20 67108864 59"
	user delete --force "$ID"
	[ ! -e "$CGROUPS$CGROUP" ]
}

@test "a caller outside of the instance has its process moved by it" {
	outside() {
		setpriv --reuid 1000 --regid 1000 --init-groups env HOME=/home/tester XDG_RUNTIME_DIR=/run/user/1000 \
			"$HULL" --root "$STATE" --systemd-cgroup "$@"
	}
	mkdir "$CGROUPS/user.slice/user-1000.slice/session-hull.scope"
	echo $BASHPID >"$CGROUPS/user.slice/user-1000.slice/session-hull.scope/cgroup.procs"
	outside create "$ID" </dev/null
	pid=$(user state "$ID" | jq .pid)
	is "$(cat "/proc/$pid/cgroup")" "0::$CGROUP"
	outside start "$ID"
	user delete --force "$ID"
	[ ! -e "$CGROUPS$CGROUP" ]
}
