#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# cgroups: where the container is, what its limits are, and that nothing of it stays.

load helpers

# knob CONTROLLER FILE - of the container's cgroup (v1).
knob() {
	cat "$CGROUPS/$1$CGROUP/$2"
}

# ledger: cg-path-01, cg-path-02, cg-path-08, cg-res-02
@test "the container is in its cgroup in every hierarchy, final after create" {
	created
	pid=$(pid_of)
	before=$(cat "/proc/$pid/cgroup")
	while IFS=: read -r _ controllers path; do
		[ -n "$controllers" ] || [ -e "$CGROUPS/cgroup.controllers" ] || [ -d "$CGROUPS/unified$CGROUP" ] || continue
		is "$controllers:$path" "$controllers:$CGROUP"
	done <<<"$before"
	hull start "$ID"
	is "$(cat "/proc/$pid/cgroup")" "$before"
}

@test "the caller stays in its own cgroups" {
	before=$(cat /proc/self/cgroup)
	running
	is "$(cat /proc/self/cgroup)" "$before"
}

# ledger: cg-mem-01, cg-mem-02, cg-mem-04
@test "memory: limit and swap" {
	need_v1 memory
	config '.linux.resources.memory = {limit: 67108864}'
	created
	is "$(knob memory memory.limit_in_bytes)" 67108864
	hull delete --force "$ID"
	[ -e "$CGROUPS/memory/memory.memsw.limit_in_bytes" ] || skip "no swap accounting here"
	config '.linux.resources.memory = {limit: 67108864, swap: 134217728}'
	created
	is "$(knob memory memory.memsw.limit_in_bytes)" 134217728
	hull delete --force "$ID"
	config '.linux.resources.memory = {limit: -1, swap: -1}'
	created
	[ "$(knob memory memory.limit_in_bytes)" -gt 1000000000000 ]
}

# ledger: cg-mem-02
@test "memory: the limit holds" {
	need_v1 memory
	config '.linux.resources.memory = {limit: 16777216} | .root.readonly = false'
	inside 'dd if=/dev/zero of=/dev/shm/big bs=1M count=40 2>/dev/null; echo after'
	[ "$status" -ne 0 ] || ! grep -q "40+0" <<<"$output"
}

# ledger: cg-cpu-01, cg-cpu-02, cg-cpu-08
@test "cpu: shares, quota and period" {
	need_v1 cpu
	config '.linux.resources.cpu = {shares: 512, quota: 50000, period: 200000}'
	created
	is "$(knob cpu cpu.shares)" 512
	is "$(knob cpu cpu.cfs_quota_us)" 50000
	is "$(knob cpu cpu.cfs_period_us)" 200000
	hull delete --force "$ID"
	config '.linux.resources.cpu = {quota: -1}'
	created
	is "$(knob cpu cpu.cfs_quota_us)" -1
	is "$(knob cpu cpu.shares)" 1024
}

# ledger: cg-pids-01
@test "pids: limit, unlimited, and that it holds" {
	need_v1 pids
	config '.linux.resources.pids = {limit: 5}'
	inside 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done 2>&1; echo end'
	grep -qE "can't fork|Resource temporarily" <<<"$output"
	created
	is "$(knob pids pids.max)" 5
	hull delete --force "$ID"
	config '.linux.resources.pids = {limit: -1}'
	created
	is "$(knob pids pids.max)" max
	hull delete --force "$ID"
	config 'del(.linux.resources.pids)'
	created
	is "$(knob pids pids.max)" max
}

# ledger: cg-pids-02
@test "pids: 0 is a limit of zero" {
	need_v1 pids
	hull_only "runc takes it as unlimited"
	config '.linux.resources.pids = {limit: 0}'
	created
	is "$(knob pids pids.max)" 0
}

# ledger: cg-dev-01, dev-13
@test "devices: all denied but what every container needs" {
	need_v1 devices
	need_cap CAP_MKNOD 27
	config '.root.readonly = false | .process.capabilities |= map_values(. + ["CAP_MKNOD"])'
	inside 'mknod /tmp/n c 1 3 && echo x >/tmp/n && echo null works
		mknod /tmp/m c 1 1 && cat /tmp/m >/dev/null; mknod /tmp/b b 7 0 && cat /tmp/b; (echo >/dev/tty); echo end'
	has "$output" "null works"
	is "$(grep -c 'Operation not permitted' <<<"$output")" 2
	has "$output" end
}

# ledger: cg-dev-01, cg-dev-03, cg-dev-04, cg-dev-05
@test "devices: rules in order, later ones win" {
	need_v1 devices
	config '.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 11, minor: 22, access: "rw"},
		{allow: true, type: "c", major: 5, access: "r"}, {allow: true, type: "b", major: 7, minor: 3, access: "rwm"},
		{allow: false, type: "b", major: 7, minor: 3, access: "w"}]'
	created
	list=$(knob devices devices.list)
	grep -qx "c 11:22 rw" <<<"$list"
	grep -qx "b 7:3 rm" <<<"$list"
	grep -qE "^c 1:3 rwm$" <<<"$list"
	! grep -q '^a' <<<"$list" || false
	# The config's own come first, as they stand there; behind them what every container may do.
	is "$(head -n 3 <<<"$list")" "$(printf '%s\n' 'c 11:22 rw' 'c 5:* r' 'b 7:3 rm')"
	hull delete --force "$ID"
	config '.linux.resources.devices |= map(select(.major != 5))'
	created
	is "$(knob devices devices.list | head -n 2)" "$(printf '%s\n' 'c 11:22 rw' 'b 7:3 rm')"
	grep -qx "c \*:\* m" <<<"$(knob devices devices.list)"
}

# ledger: cg-dev-03, cg-dev-04
@test "devices: all allowed" {
	need_v1 devices
	config '.linux.resources.devices = [{allow: true, access: "rwm"}]'
	created
	is "$(knob devices devices.list)" "a *:* rwm"
}

# ledger: cg-dev-02, cg-dev-03, cg-dev-05
@test "devices: rules that are wrong" {
	args true
	config '.linux.resources.devices = [{allow: true, type: "x"}]'
	refused /linux/resources/devices/0/type
	hull_only "runc passes these"
	config '.linux.resources.devices = [{type: "c"}]'
	refused /linux/resources/devices/0
	config '.linux.resources.devices = [{allow: true, type: "c", access: "rx"}]'
	refused /linux/resources/devices/0/access
}

# ledger: cg-path-02, cg-path-08
@test "a nested cgroupsPath is made and removed; a parent that was there stays" {
	[ -e "$CGROUPS/cgroup.controllers" ] || [ -e "$CGROUPS/memory/cgroup.procs" ] || skip "no v1 memory hierarchy here"
	mkdir -p "$(cgroup_dir)" "$(cgroup_dir memory)"
	config '.linux.cgroupsPath += "/a/b"'
	running
	[ -d "$(cgroup_dir)/a/b" ]
	hull delete --force "$ID"
	[ ! -d "$(cgroup_dir)/a/b" ]
	[ -d "$(cgroup_dir)" ]
	cgroup_kill "$CGROUP"
}

# ledger: cg-path-06, cg-path-07
@test "cgroupsPath with dots cannot leave" {
	config --arg p "$CGROUP/../../hull-test/$ID/x" '.linux.cgroupsPath = $p'
	args sleep 1000
	if create; then
		grep -q ":/hull-test/$ID/x$" "/proc/$(pid_of)/cgroup"
	else
		is_hull
		has "$(cat "$BATS_TEST_TMPDIR/err")" /linux/cgroupsPath
	fi
}

@test "slice:prefix:name without the systemd driver is a directory's name, as BuildKit wants it" {
	hull_only "runtimes differ in where"
	config --arg id "$ID" '.linux.cgroupsPath = "hull-test.slice:docker:" + $id'
	args sleep 1000
	hull --log "$BATS_TEST_TMPDIR/log" create "$ID" </dev/null >/dev/null 2>&1 3>&-
	has "$(cat "$BATS_TEST_TMPDIR/log")" "hull-test.slice:docker:$ID is for --systemd-cgroup"
	dir=$(CGROUP=/hull/hull-test.slice:docker:$ID && cgroup_dir)
	grep -qx "$(pid_of)" "$dir/cgroup.procs"
	hull update --pids-limit 55 "$ID"
	hull delete --force "$ID"
	[ ! -d "$dir" ]
}

# ledger: cg-path-01, cg-path-03, cg-path-04, cg-path-05
@test "a relative cgroupsPath and none at all" {
	for filter in '.linux.cgroupsPath = "hull-test-relative-" + $id' 'del(.linux.cgroupsPath)'; do
		config --arg id "$ID" "$filter"
		created
		path=$(awk -F: '$2 == "pids" || NR == 1 && $2 == "" {print $3}' "/proc/$(pid_of)/cgroup")
		has "$path" "$ID"
		dir=$(CGROUP=$path && cgroup_dir)
		[ -d "$dir" ]
		hull delete --force "$ID"
		[ ! -d "$dir" ]
	done
	! is_hull || is "$path" "/hull/$ID"
}

# ledger: cg-fit-01, cg-fit-02
@test "a cgroup that exists already, with somebody in it, is not taken over silently" {
	hull_only "runc 1.1 warns"
	mkdir -p "$(cgroup_dir)"
	sleep 1000 3>&- &
	other=$!
	echo $other >"$(cgroup_dir)/cgroup.procs"
	args true
	for namespaces in . 'map(select(.type != "pid"))'; do
		config ".linux.namespaces |= $namespaces"
		run hull run "$ID" </dev/null
		[ "$status" -ne 0 ]
		has "$output" "container's cgroup is not empty: 1 process(es) found"
		run hull delete --force "$ID"
		kill -0 "$other"
	done
	kill -9 "$other"
}

# ledger: cg-fit-01, cg-fit-02
@test "a frozen cgroup that exists already is refused, and stays frozen" {
	hull_only
	need_v1 freezer
	cgroup_make
	echo FROZEN >"$CGROUPS/freezer$CGROUP/freezer.state"
	args true
	run hull run "$ID" </dev/null
	[ "$status" -ne 0 ]
	has "$output" "container's cgroup unexpectedly frozen"
	is "$(cat "$CGROUPS/freezer$CGROUP/freezer.state")" FROZEN
	hull delete --force "$ID"
	[ -d "$CGROUPS/freezer$CGROUP" ]
}

# Linux 6.14 and later kill at birth whatever is cloned between cgroups whose cgroup.kill was not written equally often.
@test "cgroup.kill was written before, where the container goes or where hull is called" {
	hull_only
	local dir caller
	dir=$(CGROUPS=$([ -d "$CGROUPS/unified" ] && echo "$CGROUPS/unified" || echo "$CGROUPS") && echo "$CGROUPS")
	[ -e "$dir/cgroup.controllers" ] || skip "no unified hierarchy here"
	caller=$dir/hull-test/$ID-caller
	mkdir -p "$caller"
	[ -e "$caller/cgroup.kill" ] || { rmdir "$caller"; skip "no cgroup.kill in this kernel"; }
	cgroup_make
	echo 1 >"$dir$CGROUP/cgroup.kill"
	shell 'echo ran; exit 7'
	run timeout 20 "$HULL" --root "$STATE" run "$ID" </dev/null
	is "$status $output" "7 ran"
	cgroup_kill "$CGROUP"
	echo 1 >"$caller/cgroup.kill"
	from_caller() {
		run timeout 20 sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$caller" "$HULL" --root "$STATE" "$@" </dev/null
	}
	from_caller run "$ID"
	is "$status $output" "7 ran"
	running
	from_caller exec "$ID" sh -c 'echo exec ran; exit 8'
	is "$status $output" "8 exec ran"
	hull delete --force "$ID"
	rmdir "$caller"
}

# Its end is not the end of the others: without a pid namespace of its own init is one process of many.
@test "delete ends what is left in a cgroup that exists already, and leaves the cgroup" {
	hull_only "runc removes the cgroup too"
	local dir
	cgroup_make
	dir=$(cgroup_dir)
	config '.root.readonly = false | .linux.namespaces |= map(select(.type != "pid"))'
	for force in "" --force; do
		rm -f rootfs/tmp/ready
		shell 'sleep 997 & sleep 996 & echo $! >/tmp/ready; wait'
		create
		hull start "$ID"
		wait_for 30 test -s rootfs/tmp/ready
		is "$(wc -l <"$dir/cgroup.procs")" 3
		if [ -z "$force" ]; then
			kill -9 "$(pid_of)"
			wait_for 30 is_status stopped
		fi
		hull delete $force "$ID"
		is "$(cat "$dir/cgroup.procs")" ""
	done
	# In the foreground too.
	shell 'sleep 997 & sleep 996 & exit 7'
	run hull run "$ID" </dev/null 3>&-
	is "$status" 7
	is "$(cat "$dir/cgroup.procs")" ""
	# With a record of an earlier boot the name means nothing: whoever is in there by now is somebody else.
	shell 'true'
	create
	hull start "$ID"
	wait_for 30 is_status stopped
	jq '.bootId = "00000000-0000-0000-0000-000000000000"' "$STATE/$ID/record.json" >record
	cp record "$STATE/$ID/record.json"
	sleep 1000 3>&- &
	other=$!
	echo $other >"$dir/cgroup.procs"
	hull delete --force "$ID"
	kill -0 "$other"
	kill -9 "$other"
}

# ledger: cg-mem-03, cg-mem-05, cg-mem-06, cg-mem-07, cg-mem-08, cg-cpu-05, cg-cpu-09, cg-cpu-10, cg-cpu-11
# ledger: cg-cpu-12, cg-cpu-13, cg-blk-01, cg-blk-02, cg-blk-04, cg-blk-06, cg-huge-02, cg-net-01, cg-net-03
# ledger: cg-net-05, cg-rdma-01, cg-rdma-02, cg-rdma-03, cg-uni-02, cg-uni-04
@test "limits that this host cannot apply are errors that name them" {
	hull_only
	args true
	for setting in '.memory.reservation = 1000000' '.memory.swappiness = 10' '.memory.disableOOMKiller = true' \
		'.memory.kernelTCP = 1000000' '.cpu.cpus = "0"' '.cpu.mems = "0"' '.cpu.realtimeRuntime = 100' '.cpu.burst = 10' \
		'.cpu.idle = 1' '.blockIO.weight = 100' '.network.classID = 5' '.rdma = {"mlx5_1": {"hcaHandles": 3}}' \
		'.hugepageLimits = [{"pageSize": "2MB", "limit": 0}]' '.unified = {"memory.high": "1000000000"}' '.memory.kernel = 1000000' \
		'.cpu.realtimePeriod = 1000000' '.blockIO.leafWeight = 10' '.blockIO.weightDevice = [{major: 254, minor: 0, weight: 100, leafWeight: 0}]' \
		'.network.priorities = [{name: "lo", priority: 3}]' '.rdma = {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 4}}'; do
		cp config.json saved
		config ".linux.resources$setting"
		first=${setting#.}
		status=0
		create || status=$?
		if [ "$status" -eq 0 ]; then
			# It can: whether it is set is the business of other tests.
			echo "# accepted: $setting" >&3
			hull delete --force "$ID"
		else
			output=$(cat "$BATS_TEST_TMPDIR/err")
			one_line "$output"
			has "$output" "config.json:/linux/resources/${first%%[. ]*}"
			[ ! -e "$STATE/$ID" ]
			[ ! -d "$(cgroup_dir)" ]
		fi
		mv saved config.json
	done
}

# ledger: cg-mem-07, cg-cpu-03, cg-cpu-04, cg-cpu-06, cg-cpu-07, cg-blk-05, cg-rdma-02
@test "values that are wrong" {
	args true
	config '.linux.resources.memory = {limit: "64M"}'
	refused /linux/resources/memory/limit
	config '.linux.resources = {pids: {limit: 1.5}}'
	refused /linux/resources/pids/limit
	config '.linux.resources = {cpu: {shares: -5}}'
	refused /linux/resources/cpu/shares
	hull_only "runc accepts the kernel's answer"
	config '.linux.resources = {rdma: {mlx5_1: {}}}'
	refused /linux/resources/rdma/mlx5_1
	config '.linux.resources = {blockIO: {weightDevice: [{major: 8, minor: 0}]}}'
	refused /linux/resources/blockIO/weightDevice/0
	config '.linux.resources = {cpu: {quota: 10000, burst: 20000}}'
	refused /linux/resources/cpu/burst
	config '.linux.resources = {cpu: {quota: 1, period: 200000}}'
	unchanged hull create "$ID" </dev/null
	is "$status" 1
	one_line "$output"
}

@test "the least memory: a limit too small for the container is an error, and leaves nothing" {
	need_v1 memory
	config '.linux.resources.memory = {limit: 4096}'
	args true
	unchanged hull run "$ID" </dev/null
	[ "$status" -ne 0 ]
}

# ledger: cg-mem-02, cg-mem-04
@test "a container killed for its memory use is stopped and can be deleted" {
	need_v1 memory
	config '.linux.resources.memory = {limit: 8388608, swap: 8388608}'
	shell 'x=$(head -c 100000000 /dev/zero | tr "\0" x); sleep 1000'
	create
	hull start "$ID"
	wait_for 10 is_status stopped || { skip "the shell survived its limit"; }
	hull delete "$ID"
}

# limit CONTROLLER FILE VALUE SETTING - the setting puts the value into the file, or is refused.
limit() {
	[ -e "$CGROUPS/$1/hull-test/$2" ] || [ -e "$CGROUPS/$1/$2" ] || { echo "# no $2 here" >&3; return 0; }
	cp config.json saved
	config ".linux.resources$4"
	status=0
	create || status=$?
	if [ "$status" -eq 0 ]; then
		is "$(knob "$1" "$2")" "$3" || return 1
		hull delete --force "$ID"
	else
		has "$(cat "$BATS_TEST_TMPDIR/err")" "config.json:/linux/resources/" || ! is_hull || return 1
	fi
	mv saved config.json
}

# ledger: cg-mem-03, cg-mem-05, cg-mem-06, cg-mem-07, cg-mem-08, cg-cpu-05, cg-cpu-09, cg-cpu-10, cg-cpu-11
# ledger: cg-cpu-12, cg-cpu-13, cg-blk-01, cg-blk-09, cg-blk-12
@test "a limit that is accepted is set" {
	hull_only "runc 1.1 passes some over"
	need_v1 memory
	args sleep 1000
	limit memory memory.soft_limit_in_bytes 10485760 '.memory.reservation = 10485760'
	limit memory memory.swappiness 10 '.memory.swappiness = 10'
	limit memory memory.kmem.tcp.limit_in_bytes 1048576 '.memory.kernelTCP = 1048576'
	limit cpuset cpuset.cpus 0 '.cpu.cpus = "0"'
	limit cpuset cpuset.mems 0 '.cpu.mems = "0"'
	limit cpu cpu.cfs_burst_us 1000 '.cpu = {quota: 50000, burst: 1000}'
	limit cpu cpu.idle 1 '.cpu.idle = 1'
	limit blkio blkio.bfq.weight 100 '.blockIO.weight = 100'
	limit memory memory.kmem.limit_in_bytes 1048576 '.memory.kernel = 1048576'
	limit cpu cpu.rt_period_us 1000000 '.cpu.realtimePeriod = 1000000'
	limit cpu cpu.rt_runtime_us 100 '.cpu.realtimeRuntime = 100'
	limit blkio blkio.throttle.write_iops_device "254:0 100" '.blockIO.throttleWriteIOPSDevice = [{major: 254, minor: 0, rate: 100}]'
	limit blkio blkio.throttle.read_bps_device "254:0 1048576" '.blockIO.throttleReadBpsDevice = [{major: 254, minor: 0, rate: 1048576}]'
	config '.linux.resources.memory = {disableOOMKiller: true}'
	if create; then
		has "$(knob memory memory.oom_control)" "oom_kill_disable 1"
	fi
}

# ledger: cg-res-01
@test "resources absent: the limits of a cgroup that exists stay as they are" {
	local dir
	[ -d "$CGROUPS/pids" ] || [ -e "$CGROUPS/cgroup.controllers" ] || skip "no controller pids here"
	[ ! -e "$CGROUPS/cgroup.controllers" ] || { mkdir -p "$CGROUPS/hull-test"; echo +pids >"$CGROUPS/hull-test/cgroup.subtree_control"; }
	cgroup_make
	dir=$(cgroup_dir pids)
	[ -e "$dir/pids.max" ] || skip "no controller pids here"
	echo 33 >"$dir/pids.max"
	for resources in 'del(.linux.resources)' '.linux.resources = {}' '.linux.resources = {pids: {}}'; do
		config "$resources"
		created
		is "$(cat "$dir/pids.max")" 33
		hull delete --force "$ID"
		is "$(cat "$dir/pids.max")" 33
	done
}

# ledger: cg-own-02
@test "cgroup v1: the cgroup's owner stays, also with a user namespace and a writable mount" {
	need_v1 pids
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	chown -R 100000:100000 rootfs
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$BUNDLE" 2>/dev/null || :
	config '(.mounts[] | select(.type == "cgroup")).options -= ["ro"] | .linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	created
	dir=$(cgroup_dir pids)
	is "$(stat -c %u "$dir" "$dir/cgroup.procs" "$dir/tasks" "$dir/pids.max" | sort -u)" 0
}

# ledger: cg-mem-09
@test "memory: useHierarchy asks for what every kernel does" {
	[ -e "$CGROUPS/cgroup.controllers" ] || need_v1 memory
	for value in true false; do
		config --argjson v $value '.linux.resources.memory = {useHierarchy: $v, limit: 67108864}'
		created
		hull delete --force "$ID"
	done
}

# ledger: rdt-05, rdt-06, rdt-27
@test "intelRdt: what the specification leaves open or has dropped is no error of the config" {
	hull_only "others do not validate"
	for rdt in '{l3CacheSchema: "L2:0=f"}' '{l3CacheSchema: "L3:0=f\n"}' '{enableCMT: true, enableMBM: true}'; do
		config ".linux.intelRdt = $rdt"
		hull validate >out 2>&1 || { cat out; false; }
	done
}

# cpu_used ID: microseconds of CPU time.
cpu_used() {
	hull events --stats "$1" | jq '(.data.cpu.usage.total // 0) / 1000 | floor'
}

# ledger: cg-cpu-01
@test "cpu: of two that want the same processor, the one with more shares gets more" {
	hull_only "its statistics are read"
	{ [ -e "$CGROUPS/cpu/cpu.shares" ] && [ -e "$CGROUPS/cpuset/cgroup.procs" ]; } ||
		{ grep -qw cpu "$CGROUPS/cgroup.controllers" && grep -qw cpuset "$CGROUPS/cgroup.controllers"; } 2>/dev/null || skip "no controllers cpu and cpuset here"
	shell 'while :; do :; done'
	light=$ID heavy=$ID-heavy
	processor=$(awk '/^Cpus_allowed_list/ {split($2, a, /[-,]/); print a[1]}' /proc/self/status)
	config --arg p "$processor" '.linux.resources.cpu = {shares: 64, cpus: $p}'
	create
	config --arg cg "$CGROUP-heavy" '.linux.cgroupsPath = $cg | .linux.resources.cpu.shares = 2048'
	ID=$heavy
	create
	hull start "$light"
	hull start "$heavy"
	before_light=$(cpu_used "$light") before_heavy=$(cpu_used "$heavy")
	# However busy the machine is: the two share what is left, 1 to 32.
	ran() { [ $(($(cpu_used "$heavy") - before_heavy)) -gt 1000000 ]; }
	wait_for 60 ran
	used_light=$(($(cpu_used "$light") - before_light)) used_heavy=$(($(cpu_used "$heavy") - before_heavy))
	echo "light $used_light us, heavy $used_heavy us"
	[ $((used_light * 3)) -lt "$used_heavy" ]
	hull delete --force "$heavy"
	hull delete --force "$light"
	cgroup_kill "$CGROUP-heavy"
}

# ledger: cg-cpu-02, cg-cpu-08
@test "cpu: the quota is an upper bound" {
	hull_only "its statistics are read"
	[ -e "$CGROUPS/cpu/hull-test/cpu.cfs_quota_us" ] || [ -e "$CGROUPS/cpu/cpu.shares" ] ||
		grep -qw cpu "$CGROUPS/cgroup.controllers" 2>/dev/null || skip "no controller cpu here"
	config '.linux.resources.cpu = {quota: 20000, period: 100000}'
	shell 'while :; do :; done'
	create
	hull start "$ID"
	begin=$(date +%s%N)
	before=$(cpu_used "$ID")
	throttled() { [ "$(hull events --stats "$ID" | jq '.data.cpu.throttling.throttledPeriods // 0')" -gt 10 ]; }
	wait_for 60 throttled
	used=$(($(cpu_used "$ID") - before))
	wall=$((($(date +%s%N) - begin) / 1000))
	echo "used $used us of $wall us"
	# A fifth is asked for; a busy machine can only give less.
	[ $((used * 2)) -lt "$wall" ]
}

# ledger: cg-cpu-09, cg-cpu-10
@test "cpu: realtime runtime and period are the kernel's, and who has none gets no realtime scheduler" {
	local dir=$CGROUPS/cpu$CGROUP
	[ -e "$CGROUPS/cpu/cpu.rt_runtime_us" ] || skip "this kernel has no realtime group scheduling"
	realtime_borrow || skip "no realtime to give away here"
	mkdir -p "$dir"
	echo 50000 2>/dev/null >"$dir/cpu.rt_runtime_us" || skip "no realtime to give away here"
	config --arg cg "$CGROUP/inner" '.linux.cgroupsPath = $cg | .linux.resources.cpu = {realtimeRuntime: 10000, realtimePeriod: 500000}
		| .process.scheduler = {policy: "SCHED_FIFO", priority: 1}'
	shell 'grep ^policy /proc/self/sched; exec sleep 1000'
	create
	is "$(cat "$dir/inner/cpu.rt_runtime_us") $(cat "$dir/inner/cpu.rt_period_us")" "10000 500000"
	hull start "$ID"
	is "$(chrt -p "$(pid_of)" | sed -n 's/.*policy: //p')" SCHED_FIFO
	hull_only "others know less of update"
	hull update --cpu-rt-runtime 5000 "$ID"
	is "$(cat "$dir/inner/cpu.rt_runtime_us") $(cat "$dir/inner/cpu.rt_period_us")" "5000 500000"
	hull delete --force "$ID"
	config 'del(.linux.resources.cpu)'
	run hull create "$ID" </dev/null
	[ "$status" -ne 0 ]
	has "$output" scheduler
}

# ledger: rdt-03, rdt-15
@test "intelRdt: a config without it lets nothing look for resctrl" {
	hull_only
	command -v strace >/dev/null || skip "no strace"
	# run ends with its container, and deletes it.
	args true
	strace -f -e trace=%file,mount,fsopen,fsconfig,move_mount -o "$BATS_TEST_TMPDIR/trace" "$HULL" --root "$STATE" run "$ID" </dev/null
	grep -q "$ID" "$BATS_TEST_TMPDIR/trace"
	! grep resctrl "$BATS_TEST_TMPDIR/trace"
}
