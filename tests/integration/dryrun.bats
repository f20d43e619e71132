#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# create and run --dry-run: what would be done, in order, and nothing is.  What it says is compared with a container.

load helpers

extra_setup() {
	hull_only "no other runtime has it"
	args true
}

# plan FILTER - of the plan as JSON, items as rows "object<tab>detail".
plan() {
	hull create --dry-run --format json "$ID.plan" | jq -r "[.plan[] | select($1)][] | [.object, .detail] | @tsv"
}

@test "nothing is done: no state root, cgroup, mount, process or file; the id stays free" {
	config '.hooks = {createRuntime: [{path: "/bin/touch", args: ["touch", "/tmp/hull-dry-run-hook"]}]}'
	rm -f /tmp/hull-dry-run-hook
	unchanged hull create --dry-run --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
	is "$status" 0
	[ ! -e "$STATE" ]
	[ ! -e "$BATS_TEST_TMPDIR/pid" ]
	unchanged hull run --dry-run --format=json "$ID"
	is "$status" 0
	jq -e '.command == "run" and (.plan | length) > 20' <<<"$output"
	[ ! -e "$STATE" ]
	[ ! -e /tmp/hull-dry-run-hook ]
}

@test "stages and steps come in the order of their tables, each with its object" {
	run hull create --dry-run "$ID"
	is "$status" 0
	is "$(grep -oE '^runtime (config|reserve|cgroup|sockets|init|release)' <<<"$output" | tr '\n' ' ')" \
		"runtime config runtime reserve runtime cgroup runtime sockets runtime init runtime release "
	is "$(grep -oE '^  init (root-tree|mounts|devices|pivot|masks|user|ready|rlimits|exec)$' <<<"$output" | tr -s '\n ' ' ')" \
		" init root-tree init mounts init devices init pivot init masks init user init ready init rlimits init exec "
	grep -qE '^        mount            /proc  proc.*\(/mounts/0\)$' <<<"$output"
	grep -qE '^        mask             /proc/kcore  \(/linux/maskedPaths/[0-9]+\)$' <<<"$output"
	grep -qE '^        execute          true  \(/process/args\)$' <<<"$output"
	# What a debug log of the real thing says is the same order.
	hull --debug run "$ID" 2>log
	sed -n 's/.*init: step \([a-z-]*\): done.*/\1/p' log >done
	hull run --dry-run --format json "$ID" | jq -r '.plan[] | select(.by == "init") | .step' | uniq >planned
	is "$(grep -xFf planned done)" "$(grep -v '^exec$' planned)"
}

@test "mounts: what is told is what is there" {
	mkdir vol
	config '.mounts += [{destination: "/vol", source: "vol", options: ["rbind", "ro", "nosuid", "nodev"]},
		{destination: "/scratch", type: "tmpfs", source: "tmpfs", options: ["noexec", "size=64k"]}] | .root.readonly = false'
	is "$(plan '.step == "mounts"' | tail -n 2 | tr '\t' ' ')" "$(printf '%s\n' '/vol vol ro nosuid nodev' '/scratch tmpfs noexec size=64k')"
	args cat /proc/self/mountinfo
	run hull run "$ID"
	# All of them, in order.
	plan '.step == "mounts"' | cut -f1 >planned
	awk '{print $5}' <<<"$output" | grep -xFf planned | awk '!seen[$0]++' >mounted
	diff planned mounted
	grep -qE ' /vol ro,nosuid,nodev' <<<"$output"
}

@test "cgroup files and values, limits, capabilities, user, names: as in a container" {
	config '.linux.resources.pids.limit = 77 | .linux.resources.memory.limit = 67108864 |
		.process.user = {uid: 5, gid: 6, additionalGids: [7, 8]} | .hostname = "planned" |
		.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}] |
		.process.capabilities.bounding = ["CAP_CHOWN", "CAP_KILL"]'
	plan '.stage == "cgroup" and .verb == "write"' >writes
	is "$(wc -l <writes)" 2
	args sleep 1000
	create
	while IFS=$'\t' read -r file value; do
		is "$(cat "$file")" "$value"
	done <writes
	is "$(plan '.step == "names"')" "hostname	planned"
	pid=$(pid_of)
	hull start "$ID"
	is "$(plan '.verb == "set user"' | cut -f1)" "$(awk '/^Uid/ {u = $2} /^Gid/ {g = $2} END {print u ":" g}' "/proc/$pid/status")"
	is "$(plan '.verb == "set groups"' | cut -f1)" "$(sed -n 's/^Groups:\t\(.*[0-9]\) *$/\1/p' "/proc/$pid/status")"
	is "$(plan '.verb == "set limit"')" "RLIMIT_NOFILE	soft 100 hard 200"
	grep -qE '^Max open files +100 +200 ' "/proc/$pid/limits"
	is "$(plan '.verb == "set capabilities" and .object == "bounding"')" "bounding	CAP_CHOWN CAP_KILL"
}

@test "devices and namespaces: as in a container" {
	config '.linux.devices = [{path: "/dev/fuse2", type: "c", major: 10, minor: 229, fileMode: 384, uid: 3, gid: 4}]'
	need_cap CAP_MKNOD 27
	args sh -c 'stat -c "%n %t:%T %a %u:%g" $(cat)'
	plan '.verb == "make device"' | cut -f1 >devices
	run bash -c "'$HULL' --root '$STATE' run '$ID' <devices"
	is "$status" 0
	is "$(wc -l <devices)" "${#lines[@]}"
	has "$output" "/dev/fuse2 a:e5 600 3:4"
	is "$(plan '.object == "/dev/fuse2"')" "/dev/fuse2	c 10:229 mode 0600 owner 3:4"
	# Each new namespace is told of once, by clone or by unshare.
	is "$(hull create --dry-run --format json "$ID" | jq -r '.plan[] | select(.verb == "clone").detail | ltrimstr("new namespaces: ") | split(" ")[]' |
		cat - <(plan '.verb == "unshare"' | cut -f1) | sort | tr '\n' ' ')" "$(jq -r '.linux.namespaces[].type' config.json | sort | tr '\n' ' ')"
}

@test "hooks, sysctl, a user namespace, a joined namespace: each is told" {
	config '.hooks = {prestart: [{path: "/bin/a"}], createRuntime: [{path: "/bin/b", args: ["b", "x y"], timeout: 5}],
		createContainer: [{path: "/bin/c"}], startContainer: [{path: "/bin/d"}], poststart: [{path: "/bin/e"}]} |
		.linux.sysctl = {"net.ipv4.ip_forward": "1"} |
		.linux.namespaces |= map(if .type == "ipc" then .path = "/proc/self/ns/ipc" else . end) + [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 1000, size: 10}] | .linux.gidMappings = .linux.uidMappings'
	is "$(hull create --dry-run --format json "$ID" | jq -r '.plan[] | select(.verb == "run hook") | .object + " " + .at + " " + .pointer' | tr '\n' ';')" \
		"/bin/a create /hooks/prestart/0;/bin/b create /hooks/createRuntime/0;/bin/c create /hooks/createContainer/0;/bin/d start /hooks/startContainer/0;/bin/e start /hooks/poststart/0;"
	is "$(plan '.object == "/bin/b"')" "/bin/b	b x y (timeout 5 s)"
	is "$(plan '.verb == "set sysctl"')" "net.ipv4.ip_forward	1"
	is "$(plan '.verb == "join" and .object == "ipc"')" "ipc	/proc/self/ns/ipc"
	is "$(plan '.verb == "map" and .object == "uid_map"')" "uid_map	0 1000 10"
	is "$(plan '.step == "fork"' | cut -f1)" init
}

@test "what create would refuse is the same error; an id that is taken too" {
	config '.process.cwd = "relative"'
	unchanged hull create --dry-run "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "hull: create: config.json:/process/cwd"
	config '.process.cwd = "/" | .linux.resources.unified = {"nosuch.max": "1"}'
	unchanged hull run --dry-run "$ID"
	is "$status" 1
	has "$output" "config.json:/linux/resources/unified/nosuch.max"
	config 'del(.linux.resources.unified)'
	args sleep 1000
	create
	run hull create --dry-run "$ID"
	is "$status" 1
	has "$output" "container with given ID already exists"
	run hull create --dry-run ../x
	is "$status" 1
	has "$output" "invalid container ID format"
}

@test "what the config says stays on its line" {
	config '.hostname = "a\nb" | .process.args = ["true", "x\u001by"]'
	run hull create --dry-run "$ID"
	is "$status" 0
	has "$output" 'a\x0ab'
	has "$output" 'x\x1by'
}

@test "what few configs have: each is told, with its place" {
	mkdir vol
	config '.hostname = "h" | .domainname = "d" | .process.oomScoreAdj = 7 | .process.noNewPrivileges = true | .process.user.umask = 18
		| .process.scheduler = {policy: "SCHED_BATCH", nice: 3} | .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}
		| .linux.memoryPolicy = {mode: "MPOL_PREFERRED", nodes: "0"} | .linux.personality = {domain: "LINUX32"}
		| .linux.rootfsPropagation = "rslave" | .linux.timeOffsets = {monotonic: {secs: 9, nanosecs: 5}}
		| .linux.namespaces += [{type: "time"}] | .linux.netDevices = {planned0: {name: "eth7"}}
		| .linux.devices = [{path: "/dev/fifo", type: "p", fileMode: 384, uid: 3, gid: 4}]
		| .mounts += [{destination: "/vol", source: "vol", options: ["bind", "rshared"]},
			{destination: "/copy", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup", "sync"]},
			{destination: "/vol", options: ["remount", "bind", "ro"]}]
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}
		| .annotations = {"org.hull.landlock": ({abi: "best-effort",
			paths: [{paths: ["/bin"], rights: ["execute"]}], ports: [{ports: [80], rights: ["bind_tcp"]}]} | tojson)}
		| .process.terminal = true | .process.consoleSize = {height: 24, width: 80}'
	hull create --dry-run --format json --console-socket "$BATS_TEST_TMPDIR/console" --pidfd-socket "$BATS_TEST_TMPDIR/pidfd" "$ID" >plan.json
	told plan.json <<-'END'
		write|/proc/self/oom_score_adj|7|/process/oomScoreAdj
		read|seccomp program|default SCMP_ACT_ALLOW, 1 entries of syscalls|/linux/seccomp
		write|/proc/self/timens_offsets|monotonic 9 5|/linux/timeOffsets/monotonic
		move|planned0|as eth7|/linux/netDevices/planned0
		bind|/|rootfs rslave|/root/path
		bind|/vol|vol rshared|/mounts/7
		mount|/copy|tmpfs sync tmpcopyup|/mounts/8
		remount|/vol|ro|/mounts/9
		make device|/dev/fifo|p mode 0600 owner 3:4|/linux/devices/0
		open|/dev/ptmx|a terminal|/process/terminal
		set size|terminal|24 rows, 80 columns|/process/consoleSize
		bind|/dev/console|the terminal|/process/terminal
		set|domainname|d|/domainname
		make stdio|terminal||/process/terminal
		make|Landlock ruleset|best-effort|/annotations/org.hull.landlock
		grant|/bin|execute|/annotations/org.hull.landlock
		grant|port 80|bind_tcp|/annotations/org.hull.landlock
		set umask|process|022|/process/user/umask
		set memory policy|MPOL_PREFERRED|nodes 0|/linux/memoryPolicy
		set personality|LINUX32||/linux/personality
		set scheduler|SCHED_BATCH|nice 3 priority 0|/process/scheduler
		set I/O priority|IOPRIO_CLASS_BE|6|/process/ioPriority
		enforce|Landlock ruleset||/annotations/org.hull.landlock
		load|seccomp filter||/linux/seccomp
	END
	jq -e --arg d "$BATS_TEST_TMPDIR" '[.plan[] | select(.verb == "connect" or .verb == "send pidfd").object] == ["\($d)/console", "\($d)/pidfd"]' plan.json
	config 'del(.process)'
	hull create --dry-run --format json "$ID" >plan.json
	told plan.json <<<"fail|start|there is no process to start|/process"
}

@test "a new file system that is read-only becomes it when the mount points are made" {
	config '.root.readonly = false | .mounts = [
			{destination: "/a", type: "tmpfs", source: "tmpfs", options: ["ro", "nosuid"]},
			{destination: "/b", type: "tmpfs", source: "tmpfs", options: ["rro"]},
			{destination: "/c", type: "tmpfs", source: "tmpfs", options: ["ro"]},
			{destination: "/d", type: "tmpfs", source: "tmpfs", options: ["ro"]},
			{destination: "/c/", options: ["remount", "ro", "noexec"]},
			{destination: "/d", type: "mqueue", source: "mqueue"},
			{destination: "/d", options: ["remount", "ro"]}] | del(.linux.readonlyPaths)'
	hull create --dry-run --format json "$ID" >plan.json
	jq -r '.plan[] | select(.step == "mounts" or .step == "read-only") | [.step, .verb, .object, .detail, .pointer] | join("|")' plan.json >told
	diff told - <<-'END'
		mounts|mount|/a|tmpfs nosuid|/mounts/0
		mounts|mount|/b|tmpfs|/mounts/1
		mounts|mount|/c|tmpfs|/mounts/2
		mounts|mount|/d|tmpfs|/mounts/3
		mounts|remount|/c/|ro noexec|/mounts/4
		mounts|mount|/d|mqueue|/mounts/5
		mounts|remount|/d|ro|/mounts/6
		read-only|make read-only|/a||/mounts/0
		read-only|make read-only|/b||/mounts/1
		read-only|make read-only|/d||/mounts/3
	END
}

# told PLAN - each line of the input is of an item: verb, object, detail, place.
told() {
	local line
	jq -r '.plan[] | [.verb, .object, .detail, .pointer] | join("|")' "$1" >told
	while read -r line; do
		grep -qxF -- "$line" told || { cat told && echo "not told: $line"; return 1; }
	done
}
