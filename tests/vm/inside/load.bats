#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Many containers at once on cgroup v2, and one command in ten that is killed at a random moment: after gc nothing is left.
# LOAD_COUNT: how many, for each driver (100; the timeouts allow for 500).

load ../../integration/helpers

extra_setup() {
	need_v2
	args sleep 1000
	config '.root.readonly = true'
	export STATE BUNDLE ID CGROUP
	export LOAD_SLOW=20
}

setup_file() {
	export BATS_TEST_TIMEOUT=1400
}

extra_teardown() {
	local dir
	for dir in "$CGROUPS$CGROUP"/*/; do
		[ ! -d "$dir" ] || cgroup_kill "$CGROUP/$(basename "$dir")"
	done
	systemctl stop "hull-$ID-*.scope" || :
}

# under_load [OPTION...]
under_load() {
	LOAD_OPTIONS=$* run "$TESTS/hostile/load" "${LOAD_COUNT:-100}" 16 "${HOSTILE_SEED:-7}"
	echo "$output"
	is "$status" 0
	has "$output" "nothing is left"
	tail -n 1 <<<"$output" | sed "s/^/# ${1:-cgroupfs}: /" >&3
}

@test "containers under load, some runtimes killed: cgroupfs" {
	under_load
}

@test "containers under load, some runtimes killed: systemd's units" {
	hull --version | grep -q +SYSTEMD || skip "hull is built without the systemd driver"
	under_load --systemd-cgroup
}
