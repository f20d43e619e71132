#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Weights of block devices: with a disk of its own (null_blk) below the scheduler bfq, which has them.

load ../../integration/helpers

extra_setup() {
	modprobe bfq && modprobe null_blk nr_devices=1 || skip "no modules bfq and null_blk here"
	echo bfq >/sys/block/nullb0/queue/scheduler
	device=$(cat /sys/block/nullb0/dev)
	args sleep 1000
}

extra_teardown() {
	hull delete --force "$ID" || :
	echo none >/sys/block/nullb0/queue/scheduler || :
	modprobe -r null_blk && modprobe -r bfq || :
}

# weights DEFAULT DEVICE: what the kernel has.  v2 has both in one file.
weights() {
	if [ -e "$CGROUPS$CGROUP/io.bfq.weight" ]; then
		is "$(cat "$CGROUPS$CGROUP/io.bfq.weight")" "default $1
$device $2"
	else
		is "$(cat "$CGROUPS/blkio$CGROUP/blkio.bfq.weight")" "$1"
		grep -qx "$device $2" "$CGROUPS/blkio$CGROUP/blkio.bfq.weight_device"
	fi
}

# ledger: cg-blk-01, cg-blk-04
@test "blockIO: a weight for all devices, and another one for one of them" {
	config --argjson major "${device%:*}" --argjson minor "${device#*:}" \
		'.linux.resources.blockIO = {weight: 200, weightDevice: [{major: $major, minor: $minor, weight: 300}]}'
	created
	weights 200 300
	update() { # WEIGHT REST
		hull update -r - "$ID" <<<"{\"blockIO\": {\"weightDevice\": [{\"major\": ${device%:*}, \"minor\": ${device#*:}, \"weight\": $1}]}$2}"
	}
	update 400 ''
	weights 200 400
	run update 500 ', "cpu": {"quota": 1}'
	is "$status" 1
	weights 200 400
}
