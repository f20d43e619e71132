#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Scheduler, I/O priority, memory policy, personality and CPUs, as the program itself sees them in /proc.

load helpers

# The words of the program's own scheduling: policy, nice, static priority (proc_pid_stat(5): fields 41, 19, 40).  SCHED_IDLE
# and the real-time policies leave nice as the caller has it.
SHOW='read -r line </proc/self/stat; set -- ${line##*) }; echo "${39} ${17} ${38}"'

extra_setup() {
	# Real-time runtime is for each v1 group to be given; the root group has some.
	RT=$(cat "$CGROUPS/cpu/cpu.rt_runtime_us" 2>/dev/null || :)
}

# Real-time classes need a right, and on cgroup v1 their share of time.
need_rt() {
	need_cap CAP_SYS_NICE 23
	[ -n "$RT" ] || return 0
	realtime_borrow || skip "no real-time runtime for the tests' cgroup"
	config '.linux.resources.cpu = {realtimePeriod: 1000000, realtimeRuntime: 10000}'
}

@test "SCHED_OTHER with nice, SCHED_BATCH, SCHED_IDLE" {
	while read -r policy nice expected; do
		config --arg p "$policy" --argjson n "$nice" '.process.scheduler = {policy: $p, nice: $n}'
		inside "$SHOW"
		is "$output" "$expected"
	done <<-EOF
		SCHED_OTHER 7 0 7 0
		SCHED_BATCH 3 3 3 0
		SCHED_IDLE 0 5 $(nice) 0
	EOF
	# Without nice it is 0, whatever the caller's is (sched-03).
	config '.process.scheduler = {policy: "SCHED_OTHER"}'
	shell "$SHOW"
	run nice -n 5 "$HULL" --root "$STATE" run "$ID"
	is "$output" "0 0 0"
	# And without scheduler it is the caller's.
	config 'del(.process.scheduler)'
	run nice -n 5 "$HULL" --root "$STATE" run "$ID"
	is "$output" "0 $(nice -n 5 nice) 0"
}

@test "SCHED_FIFO and SCHED_RR with their priority, also without rights of its own and in a user namespace" {
	need_rt
	config '.process.scheduler = {policy: "SCHED_FIFO", priority: 7} | .process.user.uid = 1000'
	inside "$SHOW"
	is "$output" "1 $(nice) 7"
	config '.process.scheduler = {policy: "SCHED_RR", priority: 99}'
	inside "$SHOW"
	is "$output" "2 $(nice) 99"
	config '.linux.namespaces += [{type: "user"}] | .process.user.uid = 0
		| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	inside "$SHOW"
	is "$output" "2 $(nice) 99"
}

@test "SCHED_FLAG_RESET_ON_FORK: children are ordinary" {
	need_rt
	config '.process.scheduler = {policy: "SCHED_FIFO", priority: 5, flags: ["SCHED_FLAG_RESET_ON_FORK"]}'
	inside "$SHOW; ($SHOW); true"
	is "${lines[0]}" "1 $(nice) 5"
	is "${lines[1]}" "0 0 0"
}

@test "SCHED_DEADLINE with runtime, deadline and period" {
	need_rt
	grep -q dl.runtime /proc/self/sched 2>/dev/null || chrt -d -T 1000000 -D 20000000 -P 30000000 0 true 2>/dev/null ||
		skip "the kernel refuses SCHED_DEADLINE to the tests themselves"
	config '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 1000000, deadline: 20000000, period: 30000000}'
	args cat /proc/self/sched
	run hull run "$ID"
	is "$status" 0
	is "$(awk '$1 == "policy" {print $3}' <<<"$output")" 6
	is "$(awk '$1 == "dl.runtime" || $1 == "dl.deadline" {n++} END {print n}' <<<"$output")" 2
	# A period of 0 is the deadline.
	config 'del(.process.scheduler.period)'
	run hull run "$ID"
	is "$(awk '$1 == "policy" {print $3}' <<<"$output")" 6
	# Some of the CPUs are not enough.
	[ "$(nproc --all)" -gt 1 ] || return 0
	config '.linux.resources.cpu.cpus = "0"'
	refused /process/scheduler "cannot set SCHED_DEADLINE" "root domain" "operation not permitted"
}

@test "a scheduler that cannot be: one line with the property" {
	while IFS='	' read -r scheduler pointer text; do
		config --argjson s "$scheduler" '.process.scheduler = $s | .hooks = null'
		refused "/process/scheduler${pointer#-}" "$text"
	done <<-'EOF'
		{"policy": "SCHED_OTHER", "nice": 20}	/nice	from -20 to 19
		{"policy": "SCHED_OTHER", "nice": -21}	/nice	from -20 to 19
		{"policy": "SCHED_FIFO"}	/priority	from 1 to 99
		{"policy": "SCHED_RR", "priority": 100}	/priority	from 1 to 99
		{"policy": "SCHED_BATCH", "priority": 1}	/priority	SCHED_FIFO and SCHED_RR only
		{"policy": "SCHED_OTHER", "runtime": 1}	/runtime	SCHED_DEADLINE only
		{"policy": "SCHED_OTHER", "deadline": 1}	/deadline	SCHED_DEADLINE only
		{"policy": "SCHED_FIFO", "priority": 1, "period": 1}	/period	SCHED_DEADLINE only
		{"policy": "SCHED_DEADLINE", "runtime": 1023, "deadline": 2000}	/runtime	1024 <= runtime
		{"policy": "SCHED_DEADLINE", "runtime": 3000, "deadline": 2000}	/deadline	1024 <= runtime
		{"policy": "SCHED_DEADLINE", "runtime": 2000, "deadline": 9223372036854775808}	/deadline	1024 <= runtime
		{"policy": "SCHED_DEADLINE", "runtime": 2000, "deadline": 4000, "period": 3000}	/period	1024 <= runtime
		{"policy": "SCHED_ISO"}	-	cannot set SCHED_ISO
	EOF
	config '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 2000, deadline: 4000}
		| .hooks.startContainer = [{path: "/bin/true"}]'
	refused /process/scheduler/flags "RESET_ON_FORK"
}

@test "ioPriority is that of the whole process group" {
	for class in RT:realtime BE:best-effort; do
		config --arg c "IOPRIO_CLASS_${class%:*}" '.process.ioPriority = {class: $c, priority: 3}'
		# The program and a process of its group.
		inside 'ionice -p $$; sh -c "ionice -p \$\$"'
		is "${lines[0]}" "${class#*:}: prio 3"
		is "${lines[1]}" "${class#*:}: prio 3"
	done
	config '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0} | .process.user.uid = 1000'
	inside 'ionice -p $$'
	has "$output" idle
	# The real-time class for a process without rights, and in a user namespace.
	config '.process.ioPriority = {class: "IOPRIO_CLASS_RT", priority: 2} | .process.user.uid = 0
		| .linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	inside 'ionice -p $$'
	is "$output" "realtime: prio 2"
}

@test "memoryPolicy: mode, nodes and flags" {
	hull_only "linux.memoryPolicy is of version 1.3"
	[ -r /proc/self/numa_maps ] || skip "this kernel has no NUMA policies"
	while read -r mode nodes flags expected; do
		config --arg m "$mode" --arg n "$nodes" --arg f "$flags" '.linux.memoryPolicy = {mode: $m}
			| if $n != "-" then .linux.memoryPolicy.nodes = $n else . end
			| if $f != "-" then .linux.memoryPolicy.flags = [$f] else . end'
		inside "awk 'NR == 1 {print \$2}' /proc/self/numa_maps"
		is "$output" "$expected"
	done <<-'EOF'
		MPOL_BIND 0 - bind:0
		MPOL_BIND 0 MPOL_F_STATIC_NODES bind=static:0
		MPOL_BIND 0-0 MPOL_F_RELATIVE_NODES bind=relative:0
		MPOL_INTERLEAVE 0 - interleave:0
		MPOL_PREFERRED 0 - prefer:0
		MPOL_PREFERRED_MANY 0 - prefer
		MPOL_DEFAULT - - default
		MPOL_LOCAL - - local
	EOF
}

@test "exec: the document's scheduler and ioPriority, the container's memory policy and personality" {
	hull_only "linux.memoryPolicy is of version 1.3"
	[ "$(uname -m)" = x86_64 ] || skip "the names of the machine are known for x86_64 only"
	need_rt
	config '.linux.memoryPolicy = {mode: "MPOL_PREFERRED", nodes: "0"} | .linux.personality = {domain: "LINUX32"}'
	running
	jq --arg s "$SHOW; ionice -p \$\$; uname -m; awk 'NR == 1 {print \$2}' /proc/self/numa_maps" '.process | .args = ["sh", "-c", $s]
		| .scheduler = {policy: "SCHED_RR", priority: 9} | .ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}
		| .user.uid = 1000' config.json >process.json
	run hull exec --process process.json "$ID"
	is "$output" "$(printf '2 %d 9\nbest-effort: prio 6\ni686\nprefer:0' "$(nice)")"
}

@test "a memoryPolicy that cannot be: one line with the property" {
	hull_only "linux.memoryPolicy is of version 1.3"
	while IFS='	' read -r policy pointer text; do
		config --argjson m "$policy" '.linux.memoryPolicy = $m'
		refused "/linux/memoryPolicy${pointer#-}" "$text"
	done <<-'EOF'
		{"mode": "MPOL_BIND", "nodes": "0-"}	/nodes	list of memory nodes
		{"mode": "MPOL_BIND", "nodes": "1-0"}	/nodes	list of memory nodes
		{"mode": "MPOL_BIND", "nodes": "1024"}	/nodes	list of memory nodes
		{"mode": "MPOL_BIND"}	/nodes	needs nodes
		{"mode": "MPOL_INTERLEAVE", "nodes": ""}	/nodes	needs nodes
		{"mode": "MPOL_LOCAL", "nodes": "0"}	/nodes	take no nodes
		{"mode": "MPOL_DEFAULT", "nodes": "0"}	/nodes	take no nodes
		{"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]}	/flags	exclude each other
		{"mode": "MPOL_BIND", "nodes": "1023"}	-	cannot set MPOL_BIND for nodes 1023
	EOF
}

@test "personality LINUX32 shows a 32-bit machine, LINUX the real one" {
	[ "$(uname -m)" = x86_64 ] || skip "the names of the machine are known for x86_64 only"
	config '.linux.personality = {domain: "LINUX32"}'
	inside 'uname -m'
	is "$output" i686
	config '.linux.personality = {domain: "LINUX", flags: []}'
	shell 'uname -m'
	run setarch linux32 "$HULL" --root "$STATE" run "$ID"
	is "$output" x86_64
}

@test "CPU affinity of the caller does not stay; the cpuset's CPUs do" {
	[ "$(nproc --all)" -gt 1 ] || skip "one CPU"
	hull_only "runc 1.1 keeps it"
	config '.linux.resources.cpu = {cpus: "1"}'
	args grep Cpus_allowed_list /proc/self/status
	run taskset -c 0 "$HULL" --root "$STATE" run "$ID"
	is "$(awk '{print $2}' <<<"$output")" 1
}
