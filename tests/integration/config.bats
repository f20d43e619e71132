#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Configurations that are wrong end in one clear line that names the place, and leave nothing.
# What is configured and not supported is an error that says so, never dropped.

load helpers

extra_setup() {
	hull_only "others say it in other words"
	args true
	cp config.json good.json
}

# Each line: jq filter, tab, JSON pointer (its beginning) that the error must name.
each_refused() {
	local filter pointer bad=
	while IFS=$'\t' read -r filter pointer; do
		[ -n "$filter" ] || continue
		jq "$filter" good.json >config.json
		check_refused "$pointer" || { echo "   for: $filter"; bad=1; }
	done
	[ -z "$bad" ]
}

# validate_agrees TEXT - what create says of a place, validate says of the same place.
validate_agrees() {
	local place
	place=$(sed 's/.*config\.json:\([^ ]*\) (line.*/\1/' <<<"$1")
	hull validate >validated 2>&1 && { echo "validate accepts it: $1"; return 1; }
	grep -qF "error: $place: " validated || { echo "create: $1"; cat validated; return 1; }
}

# Cheaper than a snapshot each: the state root and the cgroup are looked at every time.
check_refused() {
	local status=0 output
	hull create "$ID" </dev/null >said 2>&1 3>&- || status=$?
	output=$(cat said)
	[ "$status" -eq 1 ] || { echo "status $status: $output"; hull delete --force "$ID"; return 1; }
	one_line "$output" || return 1
	has "$output" "config.json:$1" || return 1
	validate_agrees "$output" || return 1
	[ ! -e "$STATE/$ID" ] || { echo "state left"; return 1; }
	[ ! -d "$(cgroup_dir)" ] || { echo "cgroup left"; return 1; }
}

@test "a good configuration is accepted, also with properties that nobody knows" {
	jq '.unknown = 1 | .process.unknown = {"a": [1]} | .linux.unknown = null | .mounts[0].unknown = "x" |
		.annotations = {"run.oci.unknown": "1", "io.kubernetes.cri.x": ""}' good.json >config.json
	run hull run "$ID"
	is "$status" 0
	is "$output" ""
}

@test "versions: every 1.x is accepted, anything else refused" {
	for v in 1.0.0 1.0.2 1.0.2-dev 1.1.0 1.2.0 1.3.0 1.0.0-rc1+build; do
		jq --arg v $v '.ociVersion = $v' good.json >config.json
		run hull run "$ID"
		is "$status" 0
		is "$output" ""
	done
	jq '.ociVersion = "1.99.0"' good.json >config.json
	run hull --log "$LOG" --log-level warning run "$ID"
	is "$status" 0
	grep -q level=warning "$LOG"
	each_refused <<-'EOT'
	del(.ociVersion)	/
	.ociVersion = "2.0.0"	/ociVersion
	.ociVersion = "1.0"	/ociVersion
	.ociVersion = ""	/ociVersion
	.ociVersion = "v1.0.2"	/ociVersion
	.ociVersion = 1	/ociVersion
	EOT
}

@test "bytes that are no configuration: a place with line and column" {
	for text in '' '{' '[]' '"x"' '{"ociVersion": "1.0.2",}' 'nonsense' '{"ociVersion": "1.0.2"} x'; do
		printf '%s' "$text" >config.json
		unchanged hull create "$ID" </dev/null
		is "$status" 1
		one_line "$output"
		has "$output" config.json
	done
	jq . good.json | sed '0,/"cwd"/s/"cwd": "\/"/"cwd": 5/' >config.json
	line=$(grep -n '"cwd"' config.json | cut -d: -f1)
	unchanged hull create "$ID" </dev/null
	has "$output" "config.json:/process/cwd (line $line"
}

@test "duplicate members, broken UTF-8, escapes that are not allowed, depth" {
	sed '0,/"cwd"/s/"cwd"/"cwd": "\/", "cwd"/' good.json >config.json
	check_refused /process
	printf '{"ociVersion": "1.0.2", "hostname": "\xff\xfe"}' >config.json
	check_refused ""
	sed 's/"hostname": *"hull"/"hostname": "a\\u0000b"/' good.json >config.json
	check_refused /hostname
	sed 's/"hostname": *"hull"/"hostname": "a\\ud800b"/' good.json >config.json
	check_refused /hostname
	(head -c 100000 /dev/zero | tr '\0' '['; echo) >config.json
	check_refused ""
}

@test "required members that are missing, and wrong types" {
	each_refused <<-'EOT'
	del(.root)	/
	del(.root.path)	/root
	.root = "rootfs"	/root
	.root.readonly = "yes"	/root/readonly
	del(.process.cwd)	/process
	.process.cwd = "relative"	/process/cwd
	.process.cwd = ""	/process/cwd
	del(.process.args)	/process
	.process.args = []	/process/args
	.process.args = "true"	/process/args
	.process.args = ["true", 1]	/process/args/1
	.process.env = {"A": "1"}	/process/env
	.process.terminal = "no"	/process/terminal
	del(.process.user.uid)	/process/user
	del(.process.user.gid)	/process/user
	.process.user.uid = -1	/process/user/uid
	.process.user.uid = 4294967296	/process/user/uid
	.process.user.uid = 1.5	/process/user/uid
	.process.user.uid = "0"	/process/user/uid
	.process.user.additionalGids = [0, -1]	/process/user/additionalGids/1
	.hostname = 5	/hostname
	.mounts = {}	/mounts
	.mounts[1] = "x"	/mounts/1
	del(.mounts[2].destination)	/mounts/2
	.mounts[2].options = "ro"	/mounts/2/options
	.linux = []	/linux
	.linux.namespaces = {}	/linux/namespaces
	del(.linux.namespaces[0].type)	/linux/namespaces/0
	.linux.maskedPaths = [1]	/linux/maskedPaths/0
	.annotations = []	/annotations
	.annotations = {"a": 1}	/annotations/a
	.annotations = {"": "x"}	/annotations
	EOT
}

@test "process: rlimits, capabilities, scores" {
	each_refused <<-'EOT'
	.process.rlimits = [{"type": "NOFILE", "soft": 1, "hard": 1}]	/process/rlimits/0/type
	.process.rlimits = [{"type": "RLIMIT_FOO", "soft": 1, "hard": 1}]	/process/rlimits/0/type
	.process.rlimits = [{"soft": 1, "hard": 1}]	/process/rlimits/0
	.process.rlimits = [{"type": "RLIMIT_CORE", "hard": 1}]	/process/rlimits/0
	.process.rlimits = [{"type": "RLIMIT_CORE", "soft": 1}]	/process/rlimits/0
	.process.rlimits = [{"type": "RLIMIT_CORE", "soft": 2, "hard": 1}]	/process/rlimits/0
	.process.rlimits = [{"type": "RLIMIT_CORE", "soft": 1, "hard": 1}, {"type": "RLIMIT_CORE", "soft": 1, "hard": 1}]	/process/rlimits/1
	.process.capabilities.bounding = "all"	/process/capabilities/bounding
	.process.oomScoreAdj = "5"	/process/oomScoreAdj
	.process.oomScoreAdj = 5000	/process/oomScoreAdj
	.process.user.umask = -1	/process/user/umask
	.process.noNewPrivileges = 1	/process/noNewPrivileges
	EOT
}

@test "linux: mappings, devices, paths, propagation, personality" {
	each_refused <<-'EOT'
	.linux.rootfsPropagation = "rubbish"	/linux/rootfsPropagation
	.linux.namespaces += [{"type": "net"}]	/linux/namespaces/
	.linux.namespaces += [{"type": "pid"}]	/linux/namespaces/
	.linux.namespaces |= map(select(.type != "network")) + [{"type": "network", "path": "rel"}]	/linux/namespaces/
	.linux.uidMappings = [{"containerID": 0, "hostID": 0}]	/linux/uidMappings/0
	.linux.uidMappings = [{"containerID": 0, "hostID": 0, "size": 1}]	/linux/uidMappings
	.linux.devices = [{"path": "/dev/x", "type": "q"}]	/linux/devices/0
	.linux.devices = [{"path": "/dev/x", "type": "c"}]	/linux/devices/0
	.linux.devices = [{"path": "dev/x", "type": "p"}]	/linux/devices/0/path
	.linux.maskedPaths = ["relative"]	/linux/maskedPaths/0
	.linux.readonlyPaths = ["relative"]	/linux/readonlyPaths/0
	.linux.sysctl = {"kernel.shmmax": 5}	/linux/sysctl
	.linux.resources.devices = [{"type": "c"}]	/linux/resources/devices/0
	.linux.personality = {}	/linux/personality
	.linux.personality = {"domain": "VMS"}	/linux/personality/domain
	EOT
}

@test "what is not supported yet is refused, at its pointer" {
	unsupported=
	while IFS=$'\t' read -r filter pointer; do
		[ -n "$filter" ] || continue
		jq "$filter" good.json >config.json
		s=0
		hull create "$ID" </dev/null >said 2>&1 3>&- || s=$?
		out=$(cat said)
		if [ "$s" -eq 0 ]; then
			# Supported, or dropped?  The tests of the feature itself decide that; list it.
			echo "# accepted: $pointer" >&3
			hull delete --force "$ID"
			continue
		fi
		one_line "$out"
		has "$out" "config.json:$pointer" || { echo "   for: $filter"; unsupported=bad; }
	done <<-'EOT'
	.hooks = {"prestart": [{"path": "/bin/false"}]}	/hooks
	.hooks = {"createRuntime": [{"path": "/bin/false"}]}	/hooks
	.hooks = {"createContainer": [{"path": "/bin/false"}]}	/hooks
	.linux.seccomp = {"defaultAction": "SCMP_ACT_KILL_PROCESS"}	/linux/seccomp
	.process.apparmorProfile = "no-such-profile"	/process/apparmorProfile
	.process.selinuxLabel = "system_u:system_r:x_t:s0"	/process/selinuxLabel
	.linux.mountLabel = "system_u:object_r:x_t:s0"	/linux/mountLabel
	.linux.intelRdt = {"closID": "no-such"}	/linux/intelRdt
	.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"nonsense": {"secs": 1}}	/linux
	.linux.netDevices = {"no-such-if": {}}	/linux/netDevices
	.linux.memoryPolicy = {"mode": "MPOL_NONSENSE"}	/linux/memoryPolicy
	.process.scheduler = {"policy": "SCHED_NONSENSE"}	/process/scheduler
	.process.ioPriority = {"class": "IOPRIO_CLASS_NONSENSE", "priority": 1}	/process/ioPriority
	.vm = {"kernel": {"path": "/x"}}	/vm
	EOT
	[ -z "$unsupported" ]
}

@test "nothing is left of a container that fails late: at its last mount, device, sysctl, user" {
	for filter in '.mounts += [{"destination": "/x", "type": "tmpfs", "options": ["nosuch=1"]}] | .root.readonly = false' \
		'.linux.sysctl = {"net.ipv4.no_such": "1"}' \
		'.process.cwd = "/etc/passwd"' \
		'.process.user.additionalGids = [4294967295]' '.process.args = ["/no/such"]'; do
		jq "$filter" good.json >config.json
		unchanged hull create --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" </dev/null
		is "$status" 1
		one_line "$output"
		[ ! -e "$BATS_TEST_TMPDIR/pid" ]
	done
}

@test "errors of the host side name the line as well" {
	hull_only
	args true
	config '.linux.cgroupsPath = "/hull-test/../x"'
	line=$(grep -n '"cgroupsPath"' config.json | cut -d: -f1)
	run hull run "$ID"
	is "$status" 1
	has "$output" "config.json:/linux/cgroupsPath (line $line)"
	config --arg cg "$CGROUP" '.linux.cgroupsPath = $cg | .linux.resources.rdma = {"x": {"hcaHandles": 1}}'
	line=$(grep -n '"x": {' config.json | cut -d: -f1)
	run hull run "$ID"
	is "$status" 1
	has "$output" "config.json:/linux/resources/rdma/x (line $line)"
}

@test "an error in the log has a stable code word" {
	jq '.process.cwd = "relative"' good.json >config.json
	run hull --log "$LOG" --log-format json create "$ID" </dev/null
	is "$status" 1
	jq -e '.level == "error" and (.msg | contains("config.json:/process/cwd"))' "$LOG"
	jq -e '.code | test("^[a-z][a-z0-9-]*$")' "$LOG"
}

@test "a configuration that is huge, or not a file" {
	rm config.json
	mkdir config.json
	unchanged hull create "$ID" </dev/null
	is "$status" 1
	one_line "$output"
	rmdir config.json
	mkfifo config.json
	run timeout 10 "$HULL" --root "$STATE" create "$ID" </dev/null
	is "$status" 1
	rm config.json
	ln -s /dev/zero config.json
	run timeout 10 "$HULL" --root "$STATE" create "$ID" </dev/null
	is "$status" 1
	rm config.json
	jq '.annotations = ([range(20000) | {key: "k\(.)", value: "value"}] | from_entries)' good.json >config.json
	run hull run "$ID"
	is "$status" 0
}
