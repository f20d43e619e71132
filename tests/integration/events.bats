#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# events: the members that readers know, with the numbers that the kernel has; intervals; memory that runs out.

load helpers

extra_setup() {
	args sleep 1000
}

stats() {
	hull events --stats "${1:-$ID}"
}

# What file of the container's cgroup on v1 or v2 holds.
knob() {
	local file=$CGROUPS/$1$CGROUP/$2
	[ -e "$file" ] || file=$(cgroup_dir)/$3
	cat "$file"
}

@test "one line, one object, with the members that readers expect" {
	running
	run stats
	is "$status" 0
	one_line "$output"
	is "$(jq -r '.type, .id' <<<"$output" | xargs)" "stats $ID"
	is "$(jq -c '.data | [has("cpu", "cpuset", "memory", "pids", "blkio", "hugetlb", "intel_rdt", "network_interfaces")] | all' <<<"$output")" true
	is "$(jq -c '.data.cpu.usage | [has("kernel", "user")] | all' <<<"$output")" true
	is "$(jq -c '.data.memory | [.usage, .swap, .kernel, .kernelTCP] | map(has("limit", "failcnt")) | all' <<<"$output")" true
	is "$(jq -c '.data | [.intel_rdt, .network_interfaces]' <<<"$output")" '[{},null]'
	[ "$(jq '.data.memory.raw | length' <<<"$output")" -gt 10 ]
}

@test "limits and usage are the kernel's" {
	config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 50}, cpu: {cpus: "0", quota: 50000, period: 100000}}'
	running
	s=$(stats)
	is "$(jq -c '.data.pids' <<<"$s")" '{"current":1,"limit":50}'
	is "$(jq '.data.memory.usage.limit' <<<"$s")" 67108864
	[ "$(jq '.data.memory.usage.usage' <<<"$s")" -gt 0 ]
	is "$(jq -c '.data.cpuset.cpus' <<<"$s")" '[0]'
	[ "$(jq '.data.cpu.usage.total' <<<"$s")" -gt 0 ]
	is "$(jq '.data.memory.usage.failcnt' <<<"$s")" "$(knob memory memory.failcnt no-such 2>/dev/null || echo 0)"
}

@test "no limits: the greatest number, and no limit of tasks" {
	config 'del(.linux.resources)'
	running
	s=$(stats)
	is "$(jq '.data.pids | has("limit")' <<<"$s")" false
	limit=$(grep -o '"usage":{"limit":[0-9]*' <<<"$s" | grep -o '[0-9]*$')
	case $limit in 18446744073709551615 | 9223372036854771712) ;; *) echo "$limit"; false ;; esac
}

@test "CPU time grows, and throttling is counted" {
	config '.linux.resources.cpu = {quota: 10000, period: 100000}'
	shell 'while :; do :; done'
	create
	hull start "$ID"
	first=$(stats | jq .data.cpu.usage.total)
	throttled() { [ "$(stats | jq '.data.cpu.throttling.throttledPeriods // 0')" -gt 1 ]; }
	wait_for 20 throttled
	[ "$(stats | jq .data.cpu.usage.total)" -gt "$first" ]
}

@test "huge pages of each size that the kernel has" {
	running
	controllers=$(cat "$CGROUPS/cgroup.controllers" "$CGROUPS/unified/cgroup.controllers" 2>/dev/null || :)
	[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] && { [ -d "$CGROUPS/hugetlb" ] || [[ $controllers == *hugetlb* ]]; } || skip "no huge pages here"
	[ -e "$(cgroup_dir)/hugetlb.2MB.max" ] || [ -d "$CGROUPS/hugetlb" ] || skip "the container's cgroup does not count huge pages"
	is "$(stats | jq '.data.hugetlb["2MB"] | has("failcnt")')" true
}

@test "many at a time, and all that run" {
	running
	first=$ID
	ID=$ID-b
	config --arg cg "$CGROUP-b" '.linux.cgroupsPath = $cg'
	running
	ID=$ID-c
	config --arg cg "$CGROUP-c" '.linux.cgroupsPath = $cg'
	args true
	create
	hull start "$ID"
	wait_for 30 is_status stopped
	hull_only "others know one at a time"
	is "$(hull events --stats "$first" "$first-b" | jq -r .id | xargs)" "$first $first-b"
	is "$(hull events --stats --all | jq -r .id | xargs)" "$first $first-b"
	run hull events --stats "$first" "$ID"
	is "$status" 1
	has "$output" "container with id $ID is not running"
	cgroup_kill "$CGROUP-b"
	cgroup_kill "$CGROUP-c"
}

@test "again after each interval, until the container ends" {
	running
	hull events --interval 200ms "$ID" >events.out 2>events.err 3>&- &
	events=$!
	three() { [ "$(grep -c '"type":"stats"' events.out)" -ge 3 ]; }
	wait_for 10 three
	hull kill "$ID" KILL
	wait_for 30 gone $events
	wait $events
	is "$(cat events.err)" ""
	is "$(jq -r .id events.out | sort -u)" "$ID"
}

@test "memory that runs out is told" {
	config '.linux.resources.memory = {limit: 33554432, swap: 33554432}'
	# A child is the one to be killed.
	shell 'sleep 1; while :; do sh -c "x=\$(head -c 100000000 /dev/zero | tr \"\\\\0\" x)"; sleep 0.2; done'
	create
	hull start "$ID"
	hull events --interval 1h "$ID" >events.out 2>&1 3>&- &
	reader=$!
	told() { grep -qx "{\"type\":\"oom\",\"id\":\"$ID\"}" events.out; }
	wait_for 20 told
	is "$(grep -c stats events.out)" 1
	hull kill "$ID" KILL
	wait "$reader"
}

@test "what does not run has no events; a duration must be one" {
	created
	run stats
	is "$status" 0
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	for words in "--stats $ID" "$ID"; do
		run hull events $words
		is "$status" 1
		has "$output" "container with id $ID is not running"
	done
	run hull events --interval 0s "$ID"
	is "$status" 1
	run hull events --stats no-such
	is "$status" 1
	has "$output" "does not exist"
}

# metrics [ARG]... - the samples, each a line NAME{LABEL=VALUE,...} NUMBER; fails where the text is no OpenMetrics.
metrics() {
	hull events --stats --format openmetrics "$@" >metrics.out
	"$TOOLS/openmetrics" <metrics.out
}

@test "OpenMetrics: the numbers of the JSON, of many containers, each family in one place" {
	hull_only "others know no OpenMetrics"
	config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 50}, cpu: {quota: 50000, period: 100000}}'
	running
	first=$ID
	ID=$ID-b
	config --arg cg "$CGROUP-b" '.linux.cgroupsPath = $cg | .linux.resources = {}'
	running
	metrics "$first" "$ID" >samples
	is "$(grep -c '^hull_pids{' samples)" 2
	is "$(grep -x "hull_pids{id=$first} 1" samples)" "hull_pids{id=$first} 1"
	is "$(grep '^hull_pids_limit{' samples)" "hull_pids_limit{id=$first} 50"
	is "$(grep "^hull_memory_limit_bytes{id=$first}" samples)" "hull_memory_limit_bytes{id=$first} 67108864"
	is "$(grep "^hull_memory_limit_bytes{id=$ID}" samples)" "hull_memory_limit_bytes{id=$ID} +Inf"
	grep -q "^hull_cpu_usage_seconds_total{id=$ID} [0-9]*\.[0-9]\{9\}$" samples
	is "$(grep -c '^hull_cpu_throttled_seconds_total{' samples)" 2
	# Whatever the JSON counts line by line.
	is "$(grep -c "^hull_memory_stat{id=$first,key=" samples)" "$(stats "$first" | jq '.data.memory.raw | length')"
	is "$(grep -c "^hull_cpu_pressure_seconds_total{id=$first,kind=" samples)" "$(stats "$first" | jq '.data.cpu.psi // {} | length')"
	# All that run.
	is "$(metrics --all | grep -c '^hull_pids{')" 2
	cgroup_kill "$CGROUP-b"
}

@test "OpenMetrics: what is used grows" {
	hull_only "others know no OpenMetrics"
	shell 'while :; do :; done'
	create
	hull start "$ID"
	used() { metrics "$ID" | sed -n "s/^hull_cpu_usage_seconds_total{id=$ID} //p"; }
	before=$(used)
	grows() { awk -v a="$before" -v b="$(used)" 'BEGIN {exit !(b > a + 0.05)}'; }
	wait_for 30 grows
}

@test "OpenMetrics: nothing that runs, and only with --stats" {
	hull_only "others know no OpenMetrics"
	is "$(hull events --stats --all --format openmetrics)" "# EOF"
	created
	run hull events --format openmetrics "$ID"
	is "$status" 1
	has "$output" "--format openmetrics goes with --stats only"
	run hull events --stats --format openmetrics "$ID" no-such
	is "$status" 1
	has "$output" "does not exist"
}
