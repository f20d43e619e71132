#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The systemd cgroup driver: units, their properties as systemd shows them, and the files as the kernel does.

load helpers

extra_setup() {
	[ -d /run/systemd/system ] && [ -S /run/systemd/private ] || skip "systemd does not run here"
	[ "$(id -u)" = 0 ] || skip "the system's instance answers root alone"
	[ -e "$CGROUPS/cgroup.controllers" ] || skip "no pure cgroup v2 here"
	hull_only "units are named after it"
	hull --version | grep -q +SYSTEMD || skip "hull is built without the systemd driver"
	UNIT=hull-$ID.scope
	CGROUP=/system.slice/$UNIT
	config 'del(.linux.cgroupsPath)'
	args sleep 1000
}

# What waits to be started does not end by SIGTERM, for which a unit has a minute and a half.
extra_teardown() {
	[ -e "$CGROUPS$CGROUP" ] || return 0
	systemctl kill --signal=KILL "$UNIT" || :
	systemctl stop "$UNIT" || :
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

# unit NAME=VALUE...: what systemd shows of the unit; one call, because each of them takes its time.
unit() {
	local all one
	all=$(systemctl show --all "$UNIT")
	for one; do
		grep -qxF -e "$one" <<<"$all" && continue
		echo "expected: $one"
		echo "     got: $(grep -e "^${one%%=*}=" <<<"$all")"
		return 1
	done
}

# knobs FILE VALUE...: what the kernel shows.
knobs() {
	while [ $# -gt 0 ]; do
		is "$(cat "$CGROUPS$CGROUP/$1")" "$2" || { echo "in: $1"; return 1; }
		shift 2
	done
}

# The number of a block device that limits can be set for, where there is one.
device() {
	local file last=
	for file in /sys/block/*/dev; do
		case $file in */loop* | */ram* | */zram* | */nbd*) ;; *) [ ! -e "$file" ] || last=$(cat "$file") ;; esac
	done
	echo "$last"
}

# No unit and no directory of that name.
no_unit() {
	[ ! -e "$CGROUPS$CGROUP" ] && unit LoadState=not-found
}

@test "without a cgroupsPath: system.slice:hull:ID, and nothing is left of it" {
	sd_create
	pid=$(pid_of)
	is "$(cat "/proc/$pid/cgroup")" "0::$CGROUP"
	unit ActiveState=active Slice=system.slice Delegate=yes DefaultDependencies=no "Description=hull container $ID"
	knobs cgroup.procs "$pid"
	hull start "$ID"
	is "$(cat "/proc/$pid/cgroup")" "0::$CGROUP"
	hull delete --force "$ID"
	no_unit
}

@test "the container sees its unit's directory as the root; run leaves nothing" {
	shell 'cat /proc/self/cgroup; stat -f -c %t /sys/fs/cgroup; exit 3'
	run sd run "$ID"
	is "$status" 3
	is "${lines[0]}" 0::/
	is "${lines[1]}" 63677270
	no_unit
}

@test "slice:prefix:name, with slices made as needed; empty parts" {
	UNIT=cri-containerd-$ID.scope
	CGROUP=/hulltest.slice/hulltest-pod1.slice/$UNIT
	config --arg p "hulltest-pod1.slice:cri-containerd:$ID" '.linux.cgroupsPath = $p'
	sd_create
	is "$(cut -d: -f3 "/proc/$(pid_of)/cgroup")" "$CGROUP"
	unit Slice=hulltest-pod1.slice
	hull delete --force "$ID"
	no_unit
	systemctl stop hulltest.slice
	# An empty slice is the default one, an empty prefix leaves the name alone.
	UNIT=$ID.scope
	CGROUP=/system.slice/$UNIT
	config --arg p "::$ID" '.linux.cgroupsPath = $p'
	sd_create
	is "$(cut -d: -f3 "/proc/$(pid_of)/cgroup")" "$CGROUP"
	hull delete --force "$ID"
	no_unit
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

# ledger: cg-mem-02, cg-mem-03, cg-mem-04, cg-cpu-01, cg-cpu-02, cg-cpu-08, cg-cpu-11, cg-cpu-12, cg-pids-01
@test "limits are the unit's and the kernel's, and stay after a reload" {
	config '.linux.resources += {memory: {limit: 67108864, swap: 134217728, reservation: 33554432},
		cpu: {shares: 512, quota: 50000, period: 200000, cpus: "0", mems: "0"}, pids: {limit: 30}}'
	sd_create
	unit MemoryMax=67108864 MemorySwapMax=67108864 MemoryLow=33554432 CPUWeight=59 CPUQuotaPerSecUSec=250ms \
		CPUQuotaPeriodUSec=200ms AllowedCPUs=0 AllowedMemoryNodes=0 TasksMax=30
	check_files() {
		knobs memory.max 67108864 memory.swap.max 67108864 memory.low 33554432 cpu.weight 59 cpu.max "50000 200000" \
			cpuset.cpus 0 cpuset.mems 0 pids.max 30
	}
	check_files
	systemctl daemon-reload
	check_files
}

# ledger: cg-blk-09, cg-blk-12
@test "limits of block devices are the unit's and the kernel's, and stay after a reload" {
	device=$(device)
	[ -n "$device" ] || skip "no block device here"
	config --argjson major "${device%:*}" --argjson minor "${device#*:}" '{major: $major, minor: $minor} as $d | .linux.resources.blockIO = {
		throttleReadBpsDevice: [$d + {rate: 10485760}], throttleWriteBpsDevice: [$d + {rate: 5242880}],
		throttleReadIOPSDevice: [$d + {rate: 1000}], throttleWriteIOPSDevice: [$d + {rate: 500}]}'
	sd_create
	unit "IOReadBandwidthMax=/dev/block/$device 10485760" "IOWriteBandwidthMax=/dev/block/$device 5242880" \
		"IOReadIOPSMax=/dev/block/$device 1000" "IOWriteIOPSMax=/dev/block/$device 500"
	line="$device rbps=10485760 wbps=5242880 riops=1000 wiops=500"
	knobs io.max "$line"
	systemctl daemon-reload
	knobs io.max "$line"
	# update: one of them, no limit (0), and the rest stays.
	hull update -r - "$ID" <<<"{\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": ${device%:*}, \"minor\": ${device#*:}, \"rate\": 20971520}],
		\"throttleReadIOPSDevice\": [{\"major\": ${device%:*}, \"minor\": ${device#*:}, \"rate\": 0}]}}"
	line="$device rbps=20971520 wbps=5242880 riops=max wiops=500"
	knobs io.max "$line"
	unit "IOReadBandwidthMax=/dev/block/$device 20971520" "IOWriteBandwidthMax=/dev/block/$device 5242880"
	systemctl daemon-reload
	knobs io.max "$line"
}

# ledger: cg-cpu-11, cg-blk-09
@test "an update that is refused leaves the unit as it was, too, also after a reload" {
	config '.linux.resources = {memory: {limit: 67108864}, cpu: {shares: 512}}'
	device=$(device)
	rate() { # R W: a blockIO object, where there is a device
		[ -n "$device" ] || { echo '{}'; return; }
		jq -nc --argjson major "${device%:*}" --argjson minor "${device#*:}" --argjson r "$1" --argjson w "$2" '{major: $major, minor: $minor} as $d |
			{throttleReadBpsDevice: [$d + {rate: $r}]} + if $w > 0 then {throttleWriteIOPSDevice: [$d + {rate: $w}]} else {} end'
	}
	config --argjson io "$(rate 10485760 0)" '.linux.resources.blockIO = $io'
	sd_create
	all=$(cat "$CGROUPS$CGROUP/cpuset.cpus.effective")
	list=
	as_before() {
		unit MemoryMax=67108864 MemoryLow=0 CPUWeight=59 CPUQuotaPerSecUSec=infinity TasksMax=infinity AllowedCPUs= \
			${device:+"IOReadBandwidthMax=/dev/block/$device 10485760"}
		knobs memory.max 67108864 memory.low 0 cpu.weight 59 cpu.max "max 100000" pids.max max cpuset.cpus "$list" cpuset.cpus.effective "$all"
		[ -z "$device" ] || knobs io.max "$device rbps=10485760 wbps=max riops=max wiops=max"
	}
	run hull update -r - "$ID" <<<"{\"memory\": {\"limit\": 134217728, \"reservation\": 33554432}, \"cpu\": {\"shares\": 1024, \"quota\": 1, \"cpus\": \"0\"},
		\"pids\": {\"limit\": 30}, \"blockIO\": $(rate 20971520 100)}"
	is "$status" 1
	one_line "$output"
	has "$output" "resources:/cpu/quota"
	# The kernel lets nobody empty the list of a cgroup that has processes in it.
	[ -z "$(cat "$CGROUPS$CGROUP/cpuset.cpus")" ] || list=$all
	as_before
	systemctl daemon-reload
	as_before
}

# ledger: cg-blk-01
@test "weights of block devices are the unit's" {
	config '.linux.resources.blockIO = {weight: 500}'
	sd_create || { has "$(cat "$BATS_TEST_TMPDIR/err")" "no file io.bfq.weight" && skip "this kernel has no weights of block devices"; }
	unit IOWeight=4950
}

@test "no limits: none of systemd's own either" {
	config 'del(.linux.resources)'
	sd_create
	unit TasksMax=infinity
	knobs pids.max max memory.max max
}

# ledger: cg-cpu-05, cg-uni-01, cg-uni-03, cg-pids-02
@test "what units cannot say is written into the directory" {
	config '.linux.resources += {cpu: {quota: 33333, burst: 1000}, unified: {"memory.high": "50331648"}}'
	sd_create
	knobs cpu.max "33333 100000" cpu.max.burst 1000 memory.high 50331648
	unit CPUQuotaPerSecUSec=340ms
	hull delete --force "$ID"
	for limit in 0 1; do
		config --argjson n $limit '.linux.resources = {pids: {limit: $n}}'
		sd_create
		knobs pids.max $limit
		hull delete --force "$ID"
	done
}

# ledger: cg-dev-01, dev-13
@test "device rules hold inside" {
	config '.root.readonly = false | .process.capabilities |= map_values(. + ["CAP_MKNOD"])'
	shell 'mknod /tmp/m c 1 1; (: </tmp/m) 2>&1; echo x >/dev/null && echo null works'
	run sd run "$ID"
	has "$output" "Operation not permitted"
	has "$output" "null works"
}

@test "annotations become properties, and win" {
	config '.annotations = {"org.systemd.property.TimeoutStopUSec": "uint64 7000000", "org.systemd.property.After": "[\u0027dbus.service\u0027]",
		"org.systemd.property.Description": "\"a container\"", "org.systemd.property.KillSignal": "37",
		"org.systemd.property.RuntimeMaxSec": "1234"}'
	sd_create
	unit TimeoutStopUSec=7s "Description=a container" KillSignal=37 "RuntimeMaxUSec=20min 34s"
	has "$(systemctl show --property=After "$UNIT")" dbus.service
}

@test "annotations that cannot be properties are errors that name them, and leave nothing" {
	refused_annotation() { # NAME VALUE TEXT
		config --arg n "org.systemd.property.$1" --arg v "$2" '.annotations = {($n): $v}'
		unchanged sd create "$ID" </dev/null
		is "$status" 1 && one_line "$output" && has "$output" "$3"
	}
	refused_annotation TimeoutStopUSec "uint64 x" "config.json:/annotations/org.systemd.property.TimeoutStopUSec"
	refused_annotation TimeoutStopSec "'long'" "is no number of seconds"
	refused_annotation Slice "'x.slice'" "is for hull to set"
	refused_annotation no-name 5 "is no name of a property"
	refused_annotation NoSuchProperty true "unit $UNIT"
	no_unit
}

@test "from within another pid namespace it is refused: numbers of processes mean others there" {
	unchanged unshare --pid --fork "$HULL" --root "$STATE" --systemd-cgroup create "$ID" </dev/null
	is "$status" 1
	has "$output" "is in another pid namespace"
	no_unit
}

@test "a unit that runs already is refused and not touched" {
	systemd-run --quiet --scope --unit="${UNIT%.scope}" sleep 1000 3>&- &
	wait_for 20 test -e "$CGROUPS$CGROUP"
	unchanged sd create "$ID" </dev/null
	is "$status" 1
	one_line "$output"
	has "$output" "unit $UNIT"
	unit ActiveState=active
	[ -n "$(cat "$CGROUPS$CGROUP/cgroup.procs")" ]
}

@test "the failed remains of a unit do not stand in the way" {
	systemd-run --quiet --unit="$UNIT" --scope --property=RuntimeMaxSec=1 sleep 1000 3>&- || :
	unit ActiveState=failed
	sd_create
	unit ActiveState=active
}

@test "delete works from the record alone, also when the unit is gone" {
	sd_create
	hull start "$ID"
	systemctl kill --signal=KILL "$UNIT"
	wait_for 10 is_status stopped
	hull delete "$ID"
	no_unit
	sd_create
	hull --cgroup-manager cgroupfs delete --force "$ID"
	no_unit
}

@test "pause, resume and exec in a unit" {
	sd_create
	hull start "$ID"
	hull pause "$ID"
	is "$(status_of)" paused
	hull resume "$ID"
	is "$(hull exec "$ID" cat /proc/self/cgroup)" 0::/
	unit ActiveState=active
}

@test "the keeper of an empty scope ends with a runtime that is killed" {
	config '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "1000"]}]'
	"$HULL" --root "$STATE" --systemd-cgroup create "$ID" </dev/null >/dev/null 2>&1 3>&- &
	runtime=$!
	in_hook() { hook=$(pgrep -P "$runtime" -x sleep); }
	wait_for 20 in_hook || { kill -9 "$runtime"; false; }
	in_hook
	kill -9 "$runtime"
	kill "$hook" 2>/dev/null || : # it dies with its runtime
	hull delete --force "$ID"
	wait_for 10 no_unit
}

# A create that is killed by its hook, which puts a process into the unit before: of itself a scope goes with its last one.
create_killed() {
	config --arg dir "$CGROUPS$CGROUP" '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c",
		"sleep 1000 >/dev/null 2>&1 & echo $! >" + $dir + "/cgroup.procs; kill -9 $PPID"]}]'
	run sd_create
	[ "$status" -ne 0 ]
	config 'del(.hooks)'
}

@test "gc stops the unit of a create that was killed, and no other" {
	systemd-run --quiet --scope --unit="hull-other-$ID" sleep 1000 3>&- &
	other=$!
	wait_for 120 test -e "$CGROUPS/system.slice/hull-other-$ID.scope"
	create_killed
	unit ActiveState=active
	is "$(hull gc --dry-run --format json | jq -r '.[] | "\(.id) \(.reason) \(.removed)"')" "$ID create false"
	unit ActiveState=active
	is "$(hull gc --format json | jq -r '.[] | "\(.id) \(.reason) \(.removed)"')" "$ID create true"
	no_unit
	[ ! -e "$STATE/$ID" ]
	# A slice stays without a process, too.
	UNIT=hulltest-$BATS_TEST_NUMBER.slice
	CGROUP=/hulltest.slice/$UNIT
	config --arg p "hulltest.slice:hull:$UNIT" '.linux.cgroupsPath = $p'
	create_killed
	for pid in $(cat "$CGROUPS$CGROUP/cgroup.procs"); do kill -9 "$pid" 2>/dev/null || :; done
	unit ActiveState=active
	is "$(hull gc --format json | jq -r '.[] | "\(.id) \(.reason) \(.removed)"')" "$ID create true"
	[ ! -e "$CGROUPS$CGROUP" ]
	unit ActiveState=inactive # any name of a slice is loaded
	systemctl stop hulltest.slice
	# What is not in the state root's records is not hull's, whatever its name.
	kill -0 $other
	[ -n "$(cat "$CGROUPS/system.slice/hull-other-$ID.scope/cgroup.procs")" ]
	systemctl stop "hull-other-$ID.scope"
}
