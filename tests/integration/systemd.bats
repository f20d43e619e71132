#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The systemd cgroup driver: units, their properties as systemd shows them, and the files as the kernel does.

load helpers

extra_setup() {
	[ -d /run/systemd/system ] && [ -S /run/systemd/private ] || skip "systemd does not run here"
	[ "$(id -u)" = 0 ] || skip "the system's instance answers root alone"
	[ -e "$CGROUPS/cgroup.controllers" ] || skip "no pure cgroup v2 here"
	hull_only "units are named after it"
	! is_hull || hull --version | grep -q +SYSTEMD || skip "hull is built without the systemd driver"
	UNIT=hull-$ID.scope
	CGROUP=/system.slice/$UNIT
	config 'del(.linux.cgroupsPath)'
	args sleep 1000
}

extra_teardown() {
	systemctl stop "$UNIT" 2>/dev/null || :
	systemctl reset-failed "$UNIT" 2>/dev/null || :
}

# hull with systemd's units
sd() {
	hull --systemd-cgroup "$@"
}

sd_create() {
	sd create "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- || {
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

property() {
	systemctl show --property="$1" --value "${2:-$UNIT}"
}

knob() {
	cat "$CGROUPS$CGROUP/$1"
}

# No unit and no directory of that name.
no_unit() {
	[ "$(property LoadState)" = not-found ] && [ ! -e "$CGROUPS$CGROUP" ]
}

@test "without a cgroupsPath: system.slice:hull:ID, and nothing is left of it" {
	sd_create
	pid=$(pid_of)
	is "$(cat "/proc/$pid/cgroup")" "0::$CGROUP"
	is "$(property ActiveState) $(property Slice) $(property Delegate) $(property DefaultDependencies)" "active system.slice yes no"
	is "$(property Description)" "hull container $ID"
	is "$(knob cgroup.procs)" "$pid"
	hull start "$ID"
	is "$(cat "/proc/$pid/cgroup")" "0::$CGROUP"
	is "$(property ActiveState)" active
	hull delete --force "$ID"
	no_unit
}

@test "the container sees its unit's directory as the root" {
	shell 'cat /proc/self/cgroup; stat -f -c %t /sys/fs/cgroup; exit 3'
	run sd run "$ID"
	is "$status" 3
	is "${lines[0]}" 0::/
	is "${lines[1]}" 63677270
	wait_for 5 no_unit
}

@test "slice:prefix:name, with slices made as needed" {
	UNIT=cri-containerd-$ID.scope
	CGROUP=/hulltest.slice/hulltest-pod1.slice/$UNIT
	config --arg p "hulltest-pod1.slice:cri-containerd:$ID" '.linux.cgroupsPath = $p'
	sd_create
	is "$(cut -d: -f3 "/proc/$(pid_of)/cgroup")" "$CGROUP"
	is "$(property Slice)" hulltest-pod1.slice
	hull delete --force "$ID"
	no_unit
	# An empty slice is the default one, an empty prefix leaves the name alone.
	UNIT=$ID.scope
	CGROUP=/system.slice/$UNIT
	config --arg p "::$ID" '.linux.cgroupsPath = $p'
	sd_create
	is "$(cut -d: -f3 "/proc/$(pid_of)/cgroup")" "$CGROUP"
	hull delete --force "$ID"
	no_unit
	systemctl stop hulltest.slice
}

@test "an id with characters that no unit may have" {
	ID=$ID+plus
	UNIT="hull-${ID%+plus}\\x2bplus.scope"
	CGROUP=/system.slice/$UNIT
	sd_create
	is "$(cut -d: -f3 "/proc/$(pid_of)/cgroup")" "$CGROUP"
	hull delete --force "$ID"
	no_unit
}

@test "limits are the unit's and the kernel's, and stay after a reload" {
	config '.linux.resources += {memory: {limit: 67108864, swap: 134217728, reservation: 33554432},
		cpu: {shares: 512, quota: 50000, period: 200000, cpus: "0", mems: "0"}, pids: {limit: 30}}'
	sd_create
	check_limits() {
		is "$(property MemoryMax) $(property MemorySwapMax) $(property MemoryLow)" "67108864 67108864 33554432" &&
			is "$(property CPUWeight) $(property CPUQuotaPerSecUSec) $(property CPUQuotaPeriodUSec)" "59 250ms 200ms" &&
			is "$(property AllowedCPUs) $(property AllowedMemoryNodes) $(property TasksMax)" "0 0 30" &&
			is "$(knob memory.max) $(knob memory.swap.max) $(knob memory.low)" "67108864 67108864 33554432" &&
			is "$(knob cpu.weight) $(knob cpu.max)" "59 50000 200000" &&
			is "$(knob cpuset.cpus) $(knob cpuset.mems) $(knob pids.max)" "0 0 30"
	}
	check_limits
	systemctl daemon-reload
	check_limits
}

@test "no limits: none of systemd's own either" {
	config 'del(.linux.resources)'
	sd_create
	is "$(property TasksMax) $(knob pids.max) $(knob memory.max)" "infinity max max"
}

@test "what units cannot say is written into the directory" {
	config '.linux.resources += {cpu: {quota: 33333, burst: 1000}, unified: {"memory.high": "50331648"}}'
	sd_create
	is "$(knob cpu.max) $(knob cpu.max.burst) $(knob memory.high)" "33333 100000 1000 50331648"
	is "$(property CPUQuotaPerSecUSec)" 340ms
	hull delete --force "$ID"
	config '.linux.resources.pids.limit = 0 | del(.linux.resources.cpu)'
	sd_create
	is "$(knob pids.max)" 0
	hull delete --force "$ID"
	config '.linux.resources.pids.limit = 1'
	sd_create
	is "$(knob pids.max)" 1
}

@test "device rules hold inside" {
	config '.root.readonly = false | .process.capabilities |= map_values(. + ["CAP_MKNOD"])'
	shell 'mknod /tmp/m c 1 1; (: </tmp/m) 2>&1; echo x >/dev/null && echo null works'
	run sd run "$ID"
	has "$output" "Operation not permitted"
	has "$output" "null works"
}

@test "annotations become properties, and win" {
	config '.annotations = {"org.systemd.property.TimeoutStopUSec": "uint64 7000000", "org.systemd.property.After": "[\u0027dbus.service\u0027]",
		"org.systemd.property.Description": "\"a container\"", "org.systemd.property.KillSignal": "37"}'
	sd_create
	is "$(property TimeoutStopUSec) $(property Description) $(property KillSignal)" "7s a container 37"
	has "$(property After)" dbus.service
	hull delete --force "$ID"
	config '.annotations = {"org.systemd.property.TimeoutStopSec": "1.5"}'
	sd_create
	is "$(property TimeoutStopUSec)" 1.5s
}

@test "annotations that cannot be properties are errors that name them, and leave nothing" {
	refused_annotation() { # NAME VALUE TEXT
		config --arg n "org.systemd.property.$1" --arg v "$2" '.annotations = {($n): $v}'
		unchanged sd create "$ID" </dev/null
		is "$status" 1 && one_line "$output" && has "$output" "$3" && no_unit
	}
	refused_annotation TimeoutStopUSec "uint64 x" "config.json:/annotations/org.systemd.property.TimeoutStopUSec"
	refused_annotation TimeoutStopSec "'long'" "is no number of seconds"
	refused_annotation Slice "'x.slice'" "is for hull to set"
	refused_annotation no-name 5 "is no name of a property"
	refused_annotation NoSuchProperty true "$UNIT"
}

@test "a unit that runs already is refused and not touched" {
	systemd-run --scope --unit="${UNIT%.scope}" sleep 1000 >/dev/null 2>&1 3>&- &
	active() { [ "$(property ActiveState)" = active ]; }
	wait_for 10 active
	unchanged sd create "$ID" </dev/null
	is "$status" 1
	one_line "$output"
	has "$output" "unit $UNIT"
	is "$(property ActiveState)" active
}

@test "the failed remains of a unit do not stand in the way" {
	systemd-run --unit="$UNIT" --scope -p RuntimeMaxSec=1 -p CollectMode=inactive sleep 1000 >/dev/null 2>&1 3>&- || :
	is "$(property ActiveState)" failed
	sd_create
	is "$(property ActiveState)" active
}

@test "delete works from the record alone, also when the unit is gone" {
	sd_create
	hull start "$ID"
	systemctl kill --signal=KILL "$UNIT"
	wait_for 10 is_status stopped
	wait_for 10 no_unit
	hull delete "$ID"
	sd_create
	hull --cgroup-manager cgroupfs delete --force "$ID"
	no_unit
}

@test "the keeper of an empty scope ends with a runtime that is killed" {
	config '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "1000"]}]'
	sd create "$ID" </dev/null >/dev/null 2>&1 3>&- &
	runtime=$!
	in_hook() { hook=$(pgrep -P "$runtime" -x sleep); }
	wait_for 20 in_hook
	kill -9 "$runtime"
	in_hook || kill "$hook"
	hull delete --force "$ID"
	wait_for 10 no_unit
}
