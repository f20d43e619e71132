#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# update: each limit by option and by document, read back from the kernel and felt inside; all of it or nothing.

load helpers

extra_setup() {
	config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 50}, cpu: {shares: 512, quota: 50000, period: 100000}}'
}

# knob CONTROLLER V1-FILE V2-FILE: what the kernel says.
knob() {
	local file=$CGROUPS/$1$CGROUP/$2
	[ -e "$file" ] || file=$(cgroup_dir)/$3
	cat "$file"
}

memory() {
	knob memory memory.limit_in_bytes memory.max
}

pids() {
	knob pids pids.max pids.max
}

# The quota and the period.
quota() {
	local dir=$CGROUPS/cpu$CGROUP
	if [ -e "$dir/cpu.cfs_quota_us" ]; then
		echo "$(cat "$dir/cpu.cfs_quota_us") $(cat "$dir/cpu.cfs_period_us")"
	else
		cat "$(cgroup_dir)/cpu.max"
	fi
}

shares() {
	knob cpu cpu.shares cpu.weight
}

# The same as shares as this host counts them: 512 and 1024.
shares_of() {
	if [ -e "$CGROUPS/cpu$CGROUP/cpu.shares" ]; then echo "$1"; else case $1 in 512) echo 59 ;; 1024) echo 100 ;; esac fi
}

has_swap() {
	[ -e "$CGROUPS/memory$CGROUP/memory.memsw.limit_in_bytes" ] || [ -e "$(cgroup_dir)/memory.swap.max" ]
}

# ledger: cg-mem-02, cg-pids-01, cg-cpu-01, cg-cpu-02, cg-cpu-08
@test "single limits by option" {
	running
	run hull update --memory 128m --pids-limit 77 --cpu-share 1024 "$ID"
	is "$status" 0
	is "$output" ""
	is "$(memory) $(pids) $(shares) $(quota)" "134217728 77 $(shares_of 1024) 50000 100000"
	hull update --cpu-quota 30000 "$ID"
	is "$(quota)" "30000 100000"
	hull update --cpu-period 200000 "$ID"
	is "$(quota)" "30000 200000"
	hull update --cpu-quota -1 --pids-limit -1 "$ID"
	case $(quota) in "-1 200000" | "max 200000") ;; *) quota; false ;; esac
	is "$(pids)" max
	hull update --memory -1 "$ID"
	case $(memory) in max | 9223372036854771712) ;; *) memory; false ;; esac
}

# ledger: cg-cpu-05, cg-cpu-11, cg-cpu-12
@test "cpuset and burst" {
	running
	hull update --cpuset-cpus 0 --cpuset-mems 0 "$ID"
	is "$(knob cpuset cpuset.cpus cpuset.cpus)" 0
	has "$(cat "/proc/$(pid_of)/status")" "Cpus_allowed_list:	0"
	hull_only "crun has no burst"
	hull update --cpu-burst 10000 "$ID"
	is "$(knob cpu cpu.cfs_burst_us cpu.max.burst)" 10000
	hull update --cpu-burst 0 "$ID"
	is "$(knob cpu cpu.cfs_burst_us cpu.max.burst)" 0
}

@test "a document is partial: what it leaves out stays" {
	running
	echo '{"pids": {"limit": 33}}' >res.json
	hull update --resources res.json "$ID"
	is "$(memory) $(pids) $(shares) $(quota)" "67108864 33 $(shares_of 512) 50000 100000"
	hull update --resources - "$ID" <<<'{"cpu": {"shares": 1024}, "memory": {}}'
	is "$(memory) $(pids) $(shares) $(quota)" "67108864 33 $(shares_of 1024) 50000 100000"
	# As Docker sends it: 0 for all that was not asked for.
	hull update -r - "$ID" <<<'{"memory": {"limit": 134217728, "reservation": 0, "swap": 0, "kernel": 0}, "cpu": {"shares": 0, "quota": 0,
		"period": 0, "cpus": "", "mems": ""}, "blockIO": {"weight": 0}}'
	is "$(memory) $(pids) $(shares) $(quota)" "134217728 33 $(shares_of 1024) 50000 100000"
	hull update -r - "$ID" <<<'{}'
	is "$(memory) $(pids)" "134217728 33"
}

@test "with a document the options of single limits are ignored" {
	running
	hull update --resources - --pids-limit 9 "$ID" <<<'{"memory": {"limit": 134217728}}'
	is "$(memory) $(pids)" "134217728 50"
}

@test "device rules are no matter of update" {
	hull_only
	config '.root.readonly = false'
	shell 'while ! [ -e /tmp/go ]; do sleep 0.05; done; : </dev/null && echo null >/tmp/got; sleep 1000'
	create
	hull start "$ID"
	hull update --resources - "$ID" <<<'{"devices": [{"allow": false, "access": "rwm"}], "pids": {"limit": 33}}'
	is "$(pids)" 33
	touch rootfs/tmp/go
	wait_for 30 grep -q null rootfs/tmp/got
}

# ledger: cg-mem-04
@test "swap is raised and lowered together with memory" {
	created
	has_swap || skip "no swap is accounted here"
	hull delete --force "$ID"
	config '.linux.resources.memory = {limit: 67108864, swap: 67108864}'
	running
	both() { echo "$(memory) $(knob memory memory.memsw.limit_in_bytes memory.swap.max)"; }
	v2=$([ -e "$CGROUPS/memory$CGROUP" ] || echo 1)
	hull update --memory 128m --memory-swap 256m "$ID"
	is "$(both)" "134217728 $([ "$v2" ] && echo 134217728 || echo 268435456)"
	hull update --memory 32m --memory-swap 32m "$ID"
	is "$(both)" "33554432 $([ "$v2" ] && echo 0 || echo 33554432)"
	# Alone it needs the limit, which hull remembers.
	hull update --memory-swap 64m "$ID"
	is "$(both)" "33554432 $([ "$v2" ] && echo 33554432 || echo 67108864)"
	hull update --memory -1 "$ID"
	case $(memory) in max | 9223372036854771712) ;; *) memory; false ;; esac
}

@test "a limit that is refused puts all others back" {
	hull_only "others keep what was written before"
	running
	processors() { awk '/^Cpus_allowed_list/ {print $2}' "/proc/$(pid_of)/status"; }
	before="$(memory) $(pids) $(shares) $(quota)"
	had=$(processors)
	run hull update -r - "$ID" <<<'{"memory": {"limit": 134217728}, "pids": {"limit": 9}, "cpu": {"shares": 1024, "quota": 1}}'
	is "$status" 1
	one_line "$output"
	has "$output" "resources:/cpu/quota"
	is "$(memory) $(pids) $(shares) $(quota)" "$before"
	run hull update -r - "$ID" <<<'{"cpu": {"shares": 1024, "cpus": "0"}, "unified": {"memory.nonsense": "1"}, "pids": {"limit": 9}}'
	is "$status" 1
	has "$output" "resources:/unified"
	one_line "$output"
	is "$(memory) $(pids) $(shares) $(quota)" "$before"
	is "$(processors)" "$had"
	run hull update -r - "$ID" <<<'{"cpu": {"cpus": "4000"}, "pids": {"limit": 9}}'
	is "$status" 1
	has "$output" "resources:/cpu/cpus"
	is "$(pids) $(processors)" "50 $had"
}

@test "a file that acts on the container's processes is no resource" {
	hull_only "others write it"
	running
	for key in cgroup.kill cgroup.freeze cgroup.procs cgroup.threads cgroup.type cgroup.subtree_control; do
		run hull update -r - "$ID" <<<"{\"unified\": {\"$key\": \"1\"}}"
		is "$status" 1
		one_line "$output"
		has "$output" "resources:/unified/$key: is no resource"
		is_status running
	done
	hull delete --force "$ID"
	config '.linux.resources.unified = {"cgroup.kill": "1"}'
	refused /linux/resources/unified/cgroup.kill "is no resource"
}

@test "what is wrong is refused before anything is written" {
	hull_only
	running
	for document in '{"memory": {"limit": "64m"}}' '{"memory": {"limit": -5}, "pids": {"limit": 9}}' '{' '[]' \
		'{"pids": {"limit": 9}, "memory": {"limit": 1048576, "swap": 5}}' '{"pids": {"limit": 9}, "blockIO": {"weight": 1001}}'; do
		run hull update -r - "$ID" <<<"$document"
		is "$status" 1
		one_line "$output"
		has "$output" "resources:/"
		is "$(pids)" 50
	done
	run hull update -r /nonexistent "$ID"
	is "$status" 1
	has "$output" "no such file"
}

@test "--verbose prints what the kernel accepted" {
	hull_only
	running
	run hull update --verbose --memory 100000001 --pids-limit 20 "$ID"
	is "$status" 0
	has "$output" " 99999744"	# whole pages
	has "$output" "pids.max 20"
	is "${#lines[@]}" 2
}

# ledger: cg-mem-10, cg-mem-11
@test "checkBeforeUpdate refuses a limit below the usage" {
	hull_only
	config 'del(.linux.resources.memory) | .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}]'
	shell 'head -c 10000000 /dev/zero >/tmp/x; echo >/tmp/done; sleep 1000'
	create
	hull start "$ID"
	wait_for 20 hull exec "$ID" test -e /tmp/done
	before=$(memory)
	run hull update -r - "$ID" <<<'{"memory": {"limit": 4194304, "checkBeforeUpdate": true}}'
	is "$status" 1
	has "$output" "bytes in use"
	is "$(memory)" "$before"
}

@test "created and paused containers too; a stopped one not" {
	created
	hull update --pids-limit 44 "$ID"
	is "$(pids)" 44
	hull start "$ID"
	hull_only "crun does not mind the status"
	hull pause "$ID"
	hull update --pids-limit 45 "$ID"
	is "$(pids)" 45
	is "$(status_of)" paused
	hull resume "$ID"
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	run hull update --pids-limit 46 "$ID"
	is "$status" 1
	has "$output" "container not running"
	run hull update --pids-limit 46 no-such
	has "$output" "does not exist"
}

# ledger: cg-pids-01
@test "the limit holds: no process more than the new limit" {
	config '.root.readonly = false'
	shell 'while ! [ -e /tmp/go ]; do sleep 0.05; done; for i in 1 2 3 4 5 6 7 8; do sleep 100 & done; sleep 1000'
	create
	hull start "$ID"
	hull update --pids-limit 4 "$ID"
	touch rootfs/tmp/go
	refused_fork() { [ "$(awk '$1 == "max" { print $2 }' "$(cgroup_dir)/pids.events")" -gt 0 ]; }
	wait_for 10 refused_fork
}

# ledger: rdt-03
@test "without intelRdt there are no schemata to change; kernel memory is accepted and ignored" {
	running
	hull update --kernel-memory 5000000 --kernel-memory-tcp 5000000 --pids-limit 12 "$ID"
	is "$(pids)" 12
	hull_only
	run hull update --l3-cache-schema L3:0=f --pids-limit 13 "$ID"
	is "$status" 1
	has "$output" "without intelRdt"
	is "$(pids)" 12
}

@test "state and delete know nothing of it" {
	running
	hull update --pids-limit 12 --memory 128m "$ID"
	is "$(status_of)" running
	hull update --pids-limit 13 "$ID"
	hull delete --force "$ID"
	[ ! -e "$STATE/$ID" ]
}

@test "a state root without room: the limits that cannot be kept are put back" {
	hull_only "others leave what is not on record"
	mkdir "$STATE"
	mount -t tmpfs -o size=512k tmpfs "$STATE"
	running
	before="$(memory) $(pids) $(shares) $(quota)"
	cp "$STATE/$ID/record.json" record.before
	dd if=/dev/zero of="$STATE/fill" bs=4k >/dev/null 2>&1 || :
	run hull update --memory 128m --pids-limit 77 --cpu-share 1024 --cpu-quota 30000 "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "no space left on device"
	is "$(memory) $(pids) $(shares) $(quota)" "$before"
	cmp "$STATE/$ID/record.json" record.before
	is "$(ls -A "$STATE/$ID" | grep -cv '^config.json$\|^record.json$\|^start$')" 0
	# Nothing was lost: with room it works.
	rm "$STATE/fill"
	hull update --memory 128m --pids-limit 77 --cpu-share 1024 --cpu-quota 30000 "$ID"
	is "$(memory) $(pids) $(shares) $(quota)" "134217728 77 $(shares_of 1024) 30000 100000"
	hull delete --force "$ID"
}

# unified FILE: of the container's cgroup v2.
unified() {
	cat "$CGROUPS/unified$CGROUP/$1" 2>/dev/null || cat "$CGROUPS$CGROUP/$1"
}

@test "lines of unified are put back, too" {
	hull_only
	[ -e "$CGROUPS/cgroup.controllers" ] || [ -e "$CGROUPS/unified/cgroup.controllers" ] || skip "no cgroup v2 here"
	running
	hull update -r - "$ID" <<<'{"unified": {"cgroup.max.depth": "7", "cgroup.max.descendants": "70"}}'
	is "$(unified cgroup.max.depth) $(unified cgroup.max.descendants)" "7 70"
	run hull update -r - "$ID" <<<'{"pids": {"limit": 9}, "unified": {"cgroup.max.depth": "5", "cgroup.max.descendants": "nonsense"}}'
	is "$status" 1
	one_line "$output"
	has "$output" "resources:/unified/cgroup.max.descendants"
	is "$(unified cgroup.max.depth) $(unified cgroup.max.descendants) $(pids)" "7 70 50"
	run hull update -r - "$ID" <<<'{"unified": {"cgroup.max.depth": "max", "cgroup.no-such": "1"}}'
	is "$status" 1
	is "$(unified cgroup.max.depth)" 7
	# What the document does not name stays.
	hull update -r - "$ID" <<<'{"unified": {"cgroup.max.depth": "6"}}'
	is "$(unified cgroup.max.depth) $(unified cgroup.max.descendants)" "6 70"
}

# A block device that limits can be set for, as 8:0; for v1 and v2.
block_device() {
	local file
	for file in /sys/block/*/dev; do
		[ -e "$file" ] || continue
		case $file in */loop* | */ram* | */zram* | */nbd*) continue ;; esac
		cat "$file"
		return 0
	done
	skip "no block device here"
}

# ledger: cg-uni-01
@test "several lines of one file: all of them or none" {
	hull_only
	need_v2
	running
	[ -e "$(cgroup_dir)/io.max" ] || skip "no controller io here"
	device=$(block_device)
	before=$(cat "$(cgroup_dir)/io.max")
	run hull update -r - "$ID" <<<"{\"pids\": {\"limit\": 9}, \"unified\": {\"io.max\": \"$device rbps=1000000\\n$device wbps=nonsense\"}}"
	is "$status" 1
	has "$output" "resources:/unified/io.max"
	is "$(cat "$(cgroup_dir)/io.max") $(pids)" "$before 50"
	hull update -r - "$ID" <<<"{\"unified\": {\"io.max\": \"$device rbps=1000000\\n$device wbps=2000000\"}}"
	has "$(cat "$(cgroup_dir)/io.max")" "rbps=1000000 wbps=2000000"
	# A later failure brings back what was, not what there is by default.
	run hull update -r - "$ID" <<<"{\"unified\": {\"io.max\": \"$device rbps=5000000\", \"cgroup.max.depth\": \"nonsense\"}}"
	is "$status" 1
	has "$(cat "$(cgroup_dir)/io.max")" "rbps=1000000 wbps=2000000"
}

# ledger: cg-blk-09
@test "a partial document leaves lists and single values of all kinds alone" {
	hull_only
	device=$(block_device)
	config --argjson major "${device%:*}" --argjson minor "${device#*:}" '.linux.resources += {
		blockIO: {throttleReadBpsDevice: [{major: $major, minor: $minor, rate: 10485760}]},
		cpu: {shares: 512, quota: 50000, period: 100000, cpus: "0", burst: 1000}}'
	create || { case $(cat "$BATS_TEST_TMPDIR/err") in *blockIO* | *burst*) skip "not all controllers here" ;; *) cat "$BATS_TEST_TMPDIR/err"; false ;; esac; }
	throttle() { knob blkio blkio.throttle.read_bps_device io.max; }
	is "$(throttle | grep -c 10485760)" 1
	hull update --pids-limit 9 "$ID"
	hull update -r - "$ID" <<<'{"cpu": {"quota": 60000}, "blockIO": {}, "unified": {}, "hugepageLimits": []}'
	is "$(throttle | grep -c 10485760)" 1
	is "$(knob cpuset cpuset.cpus cpuset.cpus) $(knob cpu cpu.cfs_burst_us cpu.max.burst) $(quota) $(shares) $(pids) $(memory)" \
		"0 1000 60000 100000 $(shares_of 512) 9 67108864"
	# One direction of a device's throttles leaves the other.
	hull update -r - "$ID" <<<"{\"blockIO\": {\"throttleWriteBpsDevice\": [{\"major\": ${device%:*}, \"minor\": ${device#*:}, \"rate\": 5242880}]}}"
	is "$(throttle | grep -c 10485760)" 1
	is "$(knob blkio blkio.throttle.write_bps_device io.max | grep -c 5242880)" 1
	# And a refused document puts the line back, or takes it away.
	run hull update -r - "$ID" <<<"{\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": ${device%:*}, \"minor\": ${device#*:}, \"rate\": 1048576}]}, \"cpu\": {\"quota\": 1}}"
	is "$status" 1
	is "$(throttle | grep -c 10485760)" 1
}

@test "what raises is written before what lowers" {
	hull_only
	python3 -c 'import ctypes' || skip "no ctypes here"
	running
	# The kernel tells of each write to the files in its order.
	cat >watch.py <<'PYTHON'
import ctypes, os, select, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.inotify_init()
names = {libc.inotify_add_watch(fd, path.encode(), 2): path for path in sys.argv[2:]}
assert fd >= 0 and -1 not in names
open(sys.argv[1], "w").close()
while select.select([fd], [], [], 60)[0]:
    data = os.read(fd, 65536)
    while data:
        wd, mask, cookie, length = struct.unpack("iIII", data[:16])
        print(os.path.basename(names[wd]), flush=True)
        data = data[16 + length:]
PYTHON
	file() { [ -e "$CGROUPS/$1$CGROUP/$2" ] && echo "$CGROUPS/$1$CGROUP/$2" || echo "$(cgroup_dir)/$3"; }
	order() { # DOCUMENT: the files in the order of writes
		rm -f ready order.out
		python3 watch.py ready "$(file memory memory.limit_in_bytes memory.max)" "$(file pids pids.max pids.max)" >order.out 3>&- &
		watcher=$!
		wait_for 30 test -e ready
		hull update -r - "$ID" <<<"$1"
		both() { grep -q memory order.out && grep -q pids order.out; }
		wait_for 30 both || { kill $watcher; skip "this kernel does not tell of writes to cgroup files"; }
		kill $watcher
		wait $watcher 2>/dev/null || :
	}
	order '{"memory": {"limit": 33554432}, "pids": {"limit": 60}}'
	is "$(uniq order.out | sed 's/[.].*//' | xargs)" "pids memory"
	order '{"memory": {"limit": 67108864}, "pids": {"limit": 40}}'
	is "$(uniq order.out | sed 's/[.].*//' | xargs)" "memory pids"
	order '{"memory": {"limit": -1}, "pids": {"limit": 30}}'
	is "$(uniq order.out | sed 's/[.].*//' | xargs)" "memory pids"
}
