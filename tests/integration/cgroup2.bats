#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Pure cgroup v2: what hull writes there, read back from the container's cgroup.

load helpers

extra_setup() {
	need_v2
	args sleep 1000
}

# resources JSON - the container has these.
resources() {
	config ".linux.resources += $1"
}

# knob FILE - of the container's cgroup.
knob() {
	cat "$CGROUPS$CGROUP/$1"
}

# knobs FILE VALUE... - a container that was created has these values; it is deleted afterwards.
knobs() {
	created
	while [ $# -gt 0 ]; do
		[ "$(knob "$1")" = "$2" ] || { echo "$1: $(knob "$1"), not $2"; return 1; }
		shift 2
	done
	hull delete --force "$ID"
}

# unsupported POINTER SETTING - create refuses it with one line that names the pointer, and leaves nothing.
unsupported() {
	local status=0 output
	cp config.json saved
	resources "$2"
	create || status=$?
	output=$(cat "$BATS_TEST_TMPDIR/err")
	mv saved config.json
	is "$status" 1 || return 1
	one_line "$output" || return 1
	has "$output" "config.json:/linux/resources/$1" || return 1
	[ ! -e "$STATE/$ID" ] && [ ! -e "$CGROUPS$CGROUP" ]
}

# The number of the disk that / is on.
disk() {
	stat -c %Hd:%Ld /
}

# ledger: cg-path-01, cg-path-02
@test "the container is in its cgroup, which is the root of what it sees" {
	running
	is "$(cat "/proc/$(pid_of)/cgroup")" "0::$CGROUP"
	hull delete --force "$ID"
	inside 'cat /proc/self/cgroup; stat -f -c %t /sys/fs/cgroup; ls -d /sys/fs/cgroup/cgroup.controllers; ls /sys/fs/cgroup'
	is "$status" 0
	is "${lines[0]}" 0::/
	is "${lines[1]}" 63677270
	! has "$output" system.slice >/dev/null
}

# ledger: cg-res-02, cg-uni-02
@test "every controller of the root is there, and systemd's cgroups are as before" {
	before=$(find "$CGROUPS/system.slice" "$CGROUPS/user.slice" -maxdepth 1 -name cgroup.subtree_control -exec cat {} +)
	created
	is "$(knob cgroup.controllers)" "$(cat "$CGROUPS/cgroup.controllers")"
	is "$(knob cgroup.subtree_control)" ""
	after=$(find "$CGROUPS/system.slice" "$CGROUPS/user.slice" -maxdepth 1 -name cgroup.subtree_control -exec cat {} +)
	is "$after" "$before"
}

# ledger: cg-mem-01, cg-mem-02, cg-mem-03, cg-mem-04
@test "memory: limit, swap, reservation" {
	resources '{memory: {limit: 67108864, swap: 134217728, reservation: 33554432}}'
	knobs memory.max 67108864 memory.swap.max 67108864 memory.low 33554432
	resources '{memory: {limit: 67108864, swap: 67108864}}'
	knobs memory.max 67108864 memory.swap.max 0 memory.low 0
	resources '{memory: {limit: -1, swap: -1, reservation: -1}}'
	knobs memory.max max memory.swap.max max memory.low max
	resources '{memory: {limit: 0, swap: 0}}'
	knobs memory.max max memory.swap.max max
}

# ledger: cg-mem-02
@test "memory: the limit holds, and what went over it is counted" {
	resources '{memory: {limit: 16777216, swap: 16777216}}'
	shell 'x=$(head -c 100000000 /dev/zero | tr "\0" x); sleep 1000'
	create
	hull start "$ID"
	killed() { [ "$(knob memory.events | awk '$1 == "oom_kill" { print $2 }')" -gt 0 ]; }
	wait_for 20 killed
}

@test "memory: a limit too small for the container is an error, and leaves nothing" {
	resources '{memory: {limit: 4096}}'
	args true
	unchanged hull run "$ID" </dev/null
	[ "$status" -ne 0 ]
}

# ledger: cg-cpu-01, cg-cpu-02, cg-cpu-05, cg-cpu-08, cg-cpu-13
@test "cpu: weight, quota and period, burst, idle" {
	resources '{cpu: {shares: 1024, quota: 50000, period: 200000}}'
	knobs cpu.weight 100 cpu.max "50000 200000"
	resources '{cpu: {shares: 512, quota: 30000, burst: 10000}}'
	knobs cpu.max "30000 100000" cpu.max.burst 10000
	resources '{cpu: {period: 50000, quota: -1}}'
	knobs cpu.max "max 50000" cpu.weight 100
	resources '{cpu: {period: 50000}}'
	knobs cpu.max "max 50000"
	resources '{cpu: {idle: 1}}'
	knobs cpu.idle 1
}

# ledger: cg-cpu-01
@test "cpu: the ends of the range of shares" {
	hull_only "the conversion changed with the versions"
	resources '{cpu: {shares: 2}}'
	knobs cpu.weight 1
	resources '{cpu: {shares: 262144}}'
	knobs cpu.weight 10000
	resources '{cpu: {shares: 512}}'
	knobs cpu.weight 59
}

# ledger: cg-cpu-11, cg-cpu-12
@test "cpuset: processors and memory nodes, and the container is kept to them" {
	resources '{cpu: {cpus: "0", mems: "0"}}'
	knobs cpuset.cpus 0 cpuset.mems 0
	inside 'nproc; grep Cpus_allowed_list /proc/self/status'
	is "${lines[0]}" 1
	is "${lines[1]}" "$(printf 'Cpus_allowed_list:\t0')"
}

# ledger: cg-cpu-11
@test "cpuset: what the cgroup above does not have is an error" {
	hull_only "others leave it to the kernel, which gives other processors"
	[ "$(nproc)" -gt 1 ] || skip "one processor alone"
	mkdir -p "$CGROUPS/hull-test/$ID"
	echo +cpuset >"$CGROUPS/hull-test/cgroup.subtree_control"
	echo 0 >"$CGROUPS/hull-test/$ID/cpuset.cpus"
	config --arg cg "$CGROUP/box" '.linux.cgroupsPath = $cg'
	resources '{cpu: {cpus: "1"}}'
	run create
	is "$status" 1
	has "$(cat "$BATS_TEST_TMPDIR/err")" "config.json:/linux/resources/cpu/cpus"
	has "$(cat "$BATS_TEST_TMPDIR/err")" "the container would have 0"
	[ ! -e "$CGROUPS$CGROUP/box" ]
	resources '{cpu: {cpus: "0-1"}}'
	create
	is "$(cat "$CGROUPS$CGROUP/box/cpuset.cpus.effective")" 0
	hull delete --force "$ID"
}

# ledger: cg-pids-01
@test "pids: limit, none, and that it holds" {
	resources '{pids: {limit: -1}}'
	knobs pids.max max
	resources '{pids: {limit: 5}}'
	knobs pids.max 5
	inside 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done 2>&1; echo end'
	grep -qE "can't fork|Resource temporarily" <<<"$output"
}

# ledger: cg-pids-02
@test "pids: 0 is a limit of zero" {
	hull_only "others take it as unlimited"
	resources '{pids: {limit: 0}}'
	knobs pids.max 0
}

# ledger: cg-blk-01, cg-blk-09, cg-blk-12
@test "blockIO: weight and throttles" {
	resources '{blockIO: {weight: 500}}'
	created
	if [ -e "$CGROUPS$CGROUP/io.bfq.weight" ]; then
		has "$(knob io.bfq.weight)" 500
	else
		has "$(knob io.weight)" "default $((1 + (500 - 10) * 9999 / 990))"
	fi
	hull delete --force "$ID"
	IFS=: read -r major minor <<<"$(disk)"
	[ "$major" -gt 0 ] || skip "/ is on no disk of its own"
	resources "{blockIO: {throttleReadBpsDevice: [{major: $major, minor: $minor, rate: 1048576}],
		throttleWriteIOPSDevice: [{major: $major, minor: $minor, rate: 300}]}}"
	knobs io.max "$major:$minor rbps=1048576 wbps=max riops=max wiops=300"
}

# ledger: cg-huge-02, cg-huge-03, cg-huge-05
@test "hugepageLimits" {
	[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "no huge pages of 2 MB here"
	resources '{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}'
	created
	is "$(cat "$CGROUPS$CGROUP/hugetlb.2MB.rsvd.max" 2>/dev/null || knob hugetlb.2MB.max)" 4194304
	is "$(knob hugetlb.2MB.max)" 4194304
	hull delete --force "$ID"
	hull_only "others look at it later, or never"
	unsupported hugepageLimits/0 '{hugepageLimits: [{pageSize: "3MB", limit: 0}]}'
}

# ledger: cg-uni-01, cg-uni-02, cg-uni-03, cg-uni-04
@test "unified: any file, written as it stands" {
	resources '{unified: {"memory.high": "50331648", "cpu.weight.nice": "5", "pids.max": "77"}}'
	knobs memory.high 50331648 pids.max 77 cpu.weight.nice 5
	unsupported unified '{unified: {"memory.nonsense": "1"}}'
	hull_only "others say it in their own way"
	unsupported unified '{unified: {"nonsense.max": "1"}}'
	unsupported unified '{unified: {"../x": "1"}}'
	unsupported unified '{unified: {"memory.high": "many"}}'
}

# ledger: cg-uni-05, cg-uni-06, cg-mem-06, cg-mem-07, cg-mem-08, cg-cpu-09
@test "what v2 cannot do is an error that names it" {
	hull_only "others drop some of these"
	unsupported memory/swappiness '{memory: {swappiness: 10}}'
	unsupported memory/disableOOMKiller '{memory: {disableOOMKiller: true}}'
	unsupported memory/kernelTCP '{memory: {kernelTCP: 1048576}}'
	unsupported memory/swap '{memory: {swap: 1048576}}'
	unsupported memory/swap '{memory: {limit: 2097152, swap: 1048576}}'
	unsupported cpu/realtimeRuntime '{cpu: {realtimeRuntime: 1000}}'
}

# ledger: cg-dev-01, dev-13
@test "devices: all denied but what every container needs" {
	config '.root.readonly = false | .process.capabilities |= map_values(. + ["CAP_MKNOD"])'
	inside 'mknod /tmp/n c 1 3 && echo x >/tmp/n && echo null works
		mknod /tmp/m c 1 1 && cat /tmp/m >/dev/null; mknod /tmp/b b 7 0 && cat /tmp/b; (echo >/dev/tty); echo end'
	has "$output" "null works"
	is "$(grep -c 'Operation not permitted' <<<"$output")" 2
	has "$output" end
}

# ledger: cg-dev-01, cg-dev-03, cg-dev-04, cg-dev-05
@test "devices: rules in order, later ones win, each access by itself" {
	config '.root.readonly = false | .process.capabilities |= map_values(. + ["CAP_MKNOD"])'
	resources '{devices: [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "w"},
		{allow: true, type: "c", major: 5, access: "rwm"}, {allow: true, type: "c", major: 10, access: "rw"},
		{allow: false, type: "c", major: 10, minor: 235, access: "r"}]}'
	inside 'mknod /tmp/kmsg c 1 11; mknod /tmp/a c 10 235; mknod /tmp/h c 10 228
		(: >>/tmp/kmsg) && echo kmsg w; (: </tmp/kmsg) && echo kmsg r
		(: >>/tmp/a) 2>&1 | grep -q permitted || echo a w; (: </tmp/a) 2>&1 | grep -q permitted || echo a r
		(: </tmp/h) 2>&1 | grep -q permitted || echo h r'
	has "$output" "kmsg w"
	! has "$output" "kmsg r" >/dev/null || false
	has "$output" "a w"
	! has "$output" "a r" >/dev/null || false
	has "$output" "h r"
}

# ledger: cg-dev-03, cg-dev-04
@test "devices: all allowed" {
	config '.root.readonly = false | .process.capabilities |= map_values(. + ["CAP_MKNOD"])'
	resources '{devices: [{allow: true, access: "rwm"}]}'
	inside 'mknod /tmp/z c 1 11 && (: >>/tmp/z) && echo opened'
	has "$output" opened
}

@test "the cgroup mount: read-only, writable, and without a cgroup namespace" {
	resources '{pids: {limit: 77}}'
	inside 'cat /sys/fs/cgroup/pids.max; mkdir /sys/fs/cgroup/sub; grep " /sys/fs/cgroup " /proc/self/mountinfo'
	is "${lines[0]}" 77
	has "$output" "Read-only file system"
	has "$output" " - cgroup2 "
	config '(.mounts[] | select(.type == "cgroup")).options -= ["ro"]'
	inside 'mkdir /sys/fs/cgroup/sub && ls -d /sys/fs/cgroup/sub/cgroup.procs'
	is "$output" /sys/fs/cgroup/sub/cgroup.procs
	config '.linux.namespaces |= map(select(.type != "cgroup"))'
	inside "cat /proc/self/cgroup; cat /sys/fs/cgroup$CGROUP/pids.max; mkdir /sys/fs/cgroup$CGROUP/sub && echo made"
	is "$output" "$(printf '%s\n' "0::$CGROUP" 77 made)"
}

@test "a container that moves into a cgroup of its own below is found, killed and removed" {
	config '(.mounts[] | select(.type == "cgroup")).options -= ["ro"]'
	shell 'cd /sys/fs/cgroup && mkdir -p inner/a inner/b && sleep 997 & sleep 0.2; cd /sys/fs/cgroup
		mkdir -p inner/a; for p in $(cat cgroup.procs); do echo $p >inner/a/cgroup.procs; done; echo +pids >cgroup.subtree_control; sleep 1000'
	create
	hull start "$ID"
	moved() { grep -q . "$CGROUPS$CGROUP/inner/a/cgroup.procs" && grep -q pids "$CGROUPS$CGROUP/cgroup.subtree_control"; }
	wait_for 10 moved
	pids=$(knob inner/a/cgroup.procs)
	is "$(status_of)" running
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	hull delete "$ID"
	for pid in $pids; do wait_for 30 gone "$pid"; done
	[ ! -e "$CGROUPS$CGROUP" ]
}

@test "a container that was frozen by somebody else is deleted by force" {
	running
	echo 1 >"$CGROUPS$CGROUP/cgroup.freeze"
	pid=$(pid_of)
	run timeout 20 "$HULL" --root "$STATE" delete --force "$ID"
	is "$status" 0
	wait_for 30 gone "$pid"
	[ ! -e "$CGROUPS$CGROUP" ]
}

# ledger: cg-fit-01, cg-fit-02
@test "a cgroup that is frozen, or has somebody in it, is refused" {
	hull_only "others join it"
	mkdir -p "$CGROUPS$CGROUP"
	echo 1 >"$CGROUPS$CGROUP/cgroup.freeze"
	run hull create "$ID" </dev/null
	is "$status" 1
	has "$output" frozen
	echo 0 >"$CGROUPS$CGROUP/cgroup.freeze"
	sleep 1000 3>&- &
	other=$!
	echo $other >"$CGROUPS$CGROUP/cgroup.procs"
	run hull create "$ID" </dev/null
	is "$status" 1
	has "$output" "not empty"
	kill -0 $other
	kill -9 $other
}

# ledger: cg-path-08, cg-uni-04
@test "below a cgroup with processes there are no controllers: a limit is an error, none is none" {
	hull_only "others say it in their own way"
	mkdir -p "$CGROUPS$CGROUP"
	sleep 1000 3>&- &
	other=$!
	echo $other >"$CGROUPS$CGROUP/cgroup.procs"
	config '.linux.cgroupsPath += "/below"'
	created
	is "$(cat "/proc/$(pid_of)/cgroup")" "0::$CGROUP/below"
	hull delete --force "$ID"
	resources '{memory: {limit: 67108864}}'
	run hull create "$ID" </dev/null
	is "$status" 1
	one_line "$output"
	has "$output" "config.json:/linux/resources/memory/limit"
	has "$output" "controller memory"
	is "$(cat "$CGROUPS$CGROUP/cgroup.type")" domain
	[ ! -e "$CGROUPS$CGROUP/below" ]
	kill -0 $other
	kill -9 $other
}

# with_user - the container has a user namespace, and a writable cgroup mount.
with_user() {
	config '(.mounts[] | select(.type == "cgroup")).options -= ["ro"] | .linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	chown -R 100000:100000 rootfs
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$BUNDLE" 2>/dev/null || :
}

@test "a user namespace: the container may make cgroups below its own, and not change its limits" {
	with_user
	inside 'cd /sys/fs/cgroup && mkdir sub && echo $$ >sub/cgroup.procs && echo +pids >cgroup.subtree_control && cat /proc/self/cgroup
		echo 5 >pids.max'
	has "$output" 0::/sub
	has "$output" "ermission denied"
}

# ledger: cg-own-01, cg-own-03, cg-own-04, cg-own-05, cg-own-06, cg-own-08, cg-own-10
@test "the cgroup is given away with a writable mount and a new cgroup namespace, else not" {
	owner() { stat -c %u "$CGROUPS$CGROUP" "$CGROUPS$CGROUP/cgroup.procs" "$CGROUPS$CGROUP/pids.max" | xargs; }
	config '.process.user.uid = 7'
	created
	is "$(owner)" "0 0 0"
	hull delete --force "$ID"
	with_user
	created
	is "$(owner)" "100007 100007 0"
	hull delete --force "$ID"
	config '.linux.namespaces |= map(select(.type != "cgroup"))'
	created
	is "$(owner)" "0 0 0"
}

# ledger: cg-own-06, cg-own-07, cg-own-08, cg-own-09
@test "which files are given away is the kernel's list, where it has them; without a list three of them" {
	hull_only "others have a list of their own"
	owners() { (cd "$CGROUPS$CGROUP" && stat -c '%n %u' cgroup.procs cgroup.threads cgroup.subtree_control memory.oom.group | xargs); }
	listed() { # COMMAND: in a mount namespace in which it has made another list
		unshare -m --propagation private bash -c "$1; exec \"\$@\"" bash "$HULL" --root "$STATE" create "$ID" \
			</dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- || { cat "$BATS_TEST_TMPDIR/err"; return 1; }
	}
	with_user
	printf '%s\n' cgroup.procs cgroup.no-such memory.oom.group >list
	listed "mount --bind list /sys/kernel/cgroup/delegate"
	is "$(owners)" "cgroup.procs 100000 cgroup.threads 0 cgroup.subtree_control 0 memory.oom.group 100000"
	hull delete --force "$ID"
	listed "mount -t tmpfs tmpfs /sys/kernel/cgroup"
	is "$(owners)" "cgroup.procs 100000 cgroup.threads 100000 cgroup.subtree_control 100000 memory.oom.group 0"
}
