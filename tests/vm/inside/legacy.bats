#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A host with systemd and cgroup v1 alone: units there, and the controllers that v2 does not have.  `check --legacy` boots one.

load ../../integration/helpers

extra_setup() {
	[ -d "$CGROUPS/systemd" ] && [ ! -e "$CGROUPS/cgroup.controllers" ] || skip "no machine with cgroup v1 alone (check --legacy)"
	[ -S /run/systemd/private ] || skip "systemd does not run here"
	args sleep 1000
}

extra_teardown() {
	tc qdisc del dev lo root 2>/dev/null || :
	systemctl kill --signal=KILL "hull-$ID.scope" 2>/dev/null || :
	systemctl stop "hull-$ID.scope" 2>/dev/null || :
}

# files CONTROLLER/FILE VALUE...: in the container's cgroups.
files() {
	while [ $# -gt 0 ]; do
		is "$(cat "$CGROUPS/${1%%/*}$CGROUP/${1#*/}")" "$2" || { echo "in: $1"; return 1; }
		shift 2
	done
}

# ledger: cg-blk-09, cg-blk-12, cg-cpu-01, cg-cpu-02, cg-pids-01
@test "a unit on cgroup v1: its properties, and block devices by their files, also after a reload and a refused update" {
	hull --version | grep -q +SYSTEMD || skip "hull is built without the systemd driver"
	CGROUP=/system.slice/hull-$ID.scope
	device=$(cat /sys/block/vda/dev)
	config --argjson major "${device%:*}" --argjson minor "${device#*:}" 'del(.linux.cgroupsPath) | {major: $major, minor: $minor} as $d |
		.linux.resources = {pids: {limit: 30}, cpu: {shares: 512, quota: 20000}, blockIO: {
		throttleReadBpsDevice: [$d + {rate: 10485760}], throttleWriteBpsDevice: [$d + {rate: 5242880}],
		throttleReadIOPSDevice: [$d + {rate: 1000}], throttleWriteIOPSDevice: [$d + {rate: 500}]}}'
	hull --systemd-cgroup create "$ID" </dev/null >out 2>err 3>&- || { cat err; false; }
	is "$(cut -d: -f3 "/proc/$(pid_of)/cgroup" | sort -u)" "$CGROUP"
	as_asked() {
		systemctl show --all "hull-$ID.scope" >shown
		for property in ActiveState=active Delegate=yes CPUShares=512 CPUQuotaPerSecUSec=200ms TasksMax=30 BlockIOAccounting=yes; do
			grep -qx "$property" shown || { grep "^${property%%=*}=" shown; return 1; }
		done
		files cpu/cpu.shares 512 cpu/cpu.cfs_quota_us 20000 pids/pids.max 30 blkio/blkio.throttle.read_bps_device "$device 10485760" \
			blkio/blkio.throttle.write_bps_device "$device 5242880" blkio/blkio.throttle.read_iops_device "$device 1000" \
			blkio/blkio.throttle.write_iops_device "$device 500"
	}
	as_asked
	systemctl daemon-reload
	as_asked
	run hull update -r - "$ID" <<<"{\"cpu\": {\"shares\": 1024, \"quota\": 1}, \"pids\": {\"limit\": 9}, \"blockIO\": {\"throttleReadBpsDevice\":
		[{\"major\": ${device%:*}, \"minor\": ${device#*:}, \"rate\": 20971520}]}}"
	is "$status" 1
	has "$output" "resources:/cpu/quota"
	as_asked
	hull update --pids-limit 40 "$ID"
	is "$(systemctl show --property=TasksMax --value "hull-$ID.scope") $(cat "$CGROUPS/pids$CGROUP/pids.max")" "40 40"
	hull delete --force "$ID"
	is "$(systemctl show --property=LoadState --value "hull-$ID.scope")" not-found
	is "$(find "$CGROUPS" -path "*$CGROUP")" ""
}

# ledger: cg-net-01, cg-net-03, cg-net-05
@test "network: packets carry the class, and on an interface of the host the priority" {
	# Bands of their own for priority 5 and for class 10:3; the container has the host's interfaces.
	tc qdisc add dev lo root handle 10: prio bands 3 priomap 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0
	tc qdisc add dev lo parent 10:2 handle 20: pfifo
	tc qdisc add dev lo parent 10:3 handle 30: pfifo
	tc filter add dev lo parent 10: protocol ip handle 1: cgroup
	packets() { tc -s qdisc show dev lo | awk -v q="$1" '/^qdisc/ {found = $3 == q} found && $1 == "Sent" {print $4}'; }
	config '.linux.namespaces |= map(select(.type != "network"))'
	shell 'nc 127.0.0.1 9 </dev/null; echo sent'
	run hull run "$ID"
	has "$output" sent
	is "$(packets 20:) $(packets 30:)" "0 0"
	config '.linux.resources.network = {priorities: [{name: "lo", priority: 5}]}'
	run hull run "$ID"
	has "$output" sent
	[ "$(packets 20:)" -gt 0 ]
	is "$(packets 30:)" 0
	config '.linux.resources.network = {classID: 1048579}'
	run hull run "$ID"
	has "$output" sent
	[ "$(packets 30:)" -gt 0 ]
	args sleep 1000
	config '.linux.resources.network = {classID: 1048579, priorities: [{name: "lo", priority: 5}]}'
	created
	files net_cls/net_cls.classid 1048579
	grep -qx "lo 5" "$CGROUPS/net_prio$CGROUP/net_prio.ifpriomap"
	hull update -r - "$ID" <<<'{"network": {"classID": 1048578, "priorities": [{"name": "lo", "priority": 6}]}}'
	files net_cls/net_cls.classid 1048578
	grep -qx "lo 6" "$CGROUPS/net_prio$CGROUP/net_prio.ifpriomap"
	config '.linux.resources.network = {priorities: [{name: "nosuch0", priority: 5}]}'
	hull delete --force "$ID"
	refused /linux/resources/network/priorities/0 nosuch0
}
