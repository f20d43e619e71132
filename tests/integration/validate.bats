#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# hull validate: all faults at once, each with its place, by the rules of create; and what the host lacks.
# That it agrees with create on single faults is tested in config.bats.

load helpers

extra_setup() {
	hull_only "no other runtime has it"
	args true
}

@test "a good configuration: nothing is said, exit status 0, and nothing is made" {
	unchanged hull validate
	is "$status" 0
	is "$output" ""
	unchanged hull validate --host --strict
	is "$output" ""
	is "$status" 0
	cd /
	run hull validate "$BUNDLE"
	is "$status" 0
	is "$output" ""
}

@test "all faults at once, each on a line of its own with line, column, pointer and ids, in order" {
	cat >config.json <<-'EOT'
	{
	  "ociVersion": "1.0",
	  "root": { "path": "rootfs", "readonly": null },
	  "process": {
	    "terminl": true,
	    "cwd": "relative",
	    "args": ["a"],
	    "env": ["A", "B=1", "=c"],
	    "rlimits": [{ "type": "NOFILE", "soft": 1, "hard": 1 }, { "type": "RLIMIT_CORE", "soft": 2, "hard": 1 }]
	  },
	  "mounts": [{ "destination": "/a", "options": ["bind", "noexce"] }, { "destination": "/b" }],
	  "linux": {
	    "namespaces": [{ "type": "mount" }, { "type": "pid" }, { "type": "pid" }],
	    "resources": { "memory": { "limit": -5 } },
	    "cgroupsPath": "/a/../b"
	  }
	}
	EOT
	run hull validate
	is "$status" 1
	cut -d: -f1-5 <<<"$output" >places
	diff places - <<-'EOT'
	config.json:2:17: error: /ociVersion
	config.json:3:43: warning: /root/readonly
	config.json:5:5: warning: /process/terminl
	config.json:6:12: error: /process/cwd
	config.json:8:13: error: /process/env/0
	config.json:8:25: error: /process/env/2
	config.json:9:27: error: /process/rlimits/0/type
	config.json:9:94: error: /process/rlimits/1/soft
	config.json:11:14: error: /mounts/0/source
	config.json:11:57: warning: /mounts/0/options/1
	config.json:11:70: error: /mounts/1/type
	config.json:13:70: error: /linux/namespaces/2/type
	config.json:14:41: error: /linux/resources/memory/limit
	config.json:15:20: error: /linux/cgroupsPath
	EOT
	has "${lines[0]}" "(ver-02)"
	has "${lines[2]}" 'did you mean "terminal"? (ext-02)'
	has "${lines[3]}" "must be an absolute path (proc-cwd-02)"
	has "${lines[6]}" 'did you mean "RLIMIT_NOFILE"? (rlim-03)'
	has "${lines[9]}" 'did you mean "noexec"?'
	has "${lines[11]}" "(ns-dup-01)"
	has "${lines[13]}" "(cg-path-07)"
}

@test "resources: what no host takes is found without looking at the host's controllers" {
	config '.linux.resources = {cpu: {quota: 1000, burst: 2000, idle: 1}, memory: {limit: 100, swap: 50},
		blockIO: {weight: 2000}, pids: {limit: -9}}'
	run hull validate
	is "$status" 1
	has "$output" "error: /linux/resources/cpu/burst: is more than the quota (cg-cpu-03 cg-cpu-06)"
	has "$output" "error: /linux/resources/memory/swap: memory plus swap is less than the memory limit (cg-mem-04)"
	has "$output" "error: /linux/resources/blockIO/weight: must be from 1 to 1000 (cg-blk-01)"
	has "$output" "error: /linux/resources/pids/limit"
	is "${#lines[@]}" 4
	config '.linux.resources = {memory: {swap: 1000000}}'
	run hull validate
	is "$status" 0
	has "$output" "warning: /linux/resources/memory/swap: on a host with cgroup v2: "
}

@test "one mistake is told once: what hangs on a faulty value says nothing" {
	config '.linux.namespaces |= map(if .type == "uts" then .type = "utx" else . end) | .hostname = "a"'
	run hull validate
	is "$status" 1
	is "${#lines[@]}" 1
	has "$output" "/linux/namespaces/"
	# Two unknown limits are not also the same limit twice.
	args true
	jq '.hostname = "a" | .linux.namespaces |= map(if .type == "utx" then .type = "uts" else . end) |
		.process.rlimits = [{type: "A", soft: 1, hard: 1}, {type: "B", soft: 1, hard: 1}]' config.json >new
	mv new config.json
	run hull validate
	is "${#lines[@]}" 2
}

@test "an entry that is at fault keeps its place: the pointers of those behind it are right" {
	config '.mounts = [1, [], {destination: "/x"}] | .process.env = [1, "A"]'
	run hull validate
	is "$status" 1
	is "$(cut -d' ' -f3 <<<"$output" | tr '\n' ' ')" "/process/env/0: /process/env/1: /mounts/0: /mounts/1: /mounts/2/type: "
}

@test "what is no JSON, or no object, is one error with its place; no file is an error of the command" {
	for text in '' '{' '[]' '{"ociVersion": "1.0.2",}' '{"a": 1} x'; do
		printf '%s' "$text" >config.json
		run hull validate
		is "$status" 1
		[[ "${lines[-1]}" =~ ^config.json:[0-9]+:[0-9]+:\ error:\ / ]]
	done
	rm config.json
	run hull validate
	is "$status" 1
	one_line "$output"
	has "$output" "hull: validate: JSON specification file config.json not found"
	run hull validate /no/such/bundle
	is "$status" 1
	has "$output" "/no/such/bundle"
}

@test "warnings: status 0, and 1 with --strict; create accepts each of them" {
	config '.process.colour = "red" | .root.extra = null | .process.env += ["PATH=/other"] |
		.process.capabilities.bounding += ["NET_RAW"] |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/x"} | .ociVersion = "1.9.0"'
	run hull validate
	is "$status" 0
	is "$(grep -c ': warning: ' <<<"$output")" "${#lines[@]}"
	for place in /ociVersion /process/colour /process/env/ /process/capabilities/bounding/ /linux/seccomp/listenerPath; do
		has "$output" "warning: $place"
	done
	has "$output" 'did you mean CAP_NET_RAW?'
	run hull validate --strict
	is "$status" 1
	run hull run "$ID"
	is "$status" 0
}

@test "--format=json: one object that says the same" {
	config '.process.cwd = "x" | .process.colour = "a\nb" | ."a\nb\"" = 1'
	run --separate-stderr hull validate --format json
	is "$status" 1
	is "$stderr" ""
	jq -e '.valid == false and .errors == 1 and .warnings == 2 and (.findings | length) == 3' <<<"$output"
	jq -e '.findings[] | select(.level == "error") | .pointer == "/process/cwd" and .ids == ["proc-cwd-02"] and .host == false
		and (.line | type) == "number" and .column > 0 and (.text | length) > 0' <<<"$output"
	jq -e '.findings[] | select(.pointer == "/a\nb\"") | .level == "warning"' <<<"$output"
	run hull validate
	is "${#lines[@]}" 3
	has "$output" '/a\x0ab"'
	args true
	config 'del(.process.colour, ."a\nb\"") | .process.cwd = "/"'
	hull validate --format=json | jq -e '.valid and .errors == 0 and .findings == []'
}

@test "another name of the file, and options in any place" {
	jq '.process.cwd = 5' config.json >other.json
	run hull validate --config other.json
	is "$status" 1
	has "$output" "other.json:"
	run hull validate "$BUNDLE" -f other.json --strict
	is "$status" 1
	run hull validate a b
	is "$status" 1
	has "$output" "unexpected argument"
}

@test "--host: paths, hooks, the program, namespaces and ids that are not there" {
	config '.root.path = "nowhere"'
	run hull validate
	is "$status" 0
	run hull validate --host
	is "$status" 1
	has "$output" "error: /root/path: cannot open $BUNDLE/nowhere: no such file or directory (root-05)"

	config '.root.path = "rootfs" | .process.args = ["/no/such"] | .process.oomScoreAdj = 5 |
		.mounts += [{destination: "/x", source: "/no/such/source", options: ["bind"]},
			{destination: "/y", source: "relative", options: ["rbind"]}, {destination: "/z", type: "nofs", source: "z"}] |
		.hooks = {createRuntime: [{path: "/no/such/hook"}], startContainer: [{path: "/bin/sh"}, {path: "/no/such"}]} |
		.linux.namespaces |= map(if .type == "ipc" then .path = "/proc/self/ns/net" else . end) |
		.linux.netDevices = {"nosuchif0": {}}'
	run hull validate
	is "$status" 0
	run hull validate --host
	is "$status" 1
	n=$(jq '.mounts | length' config.json)
	has "$output" "error: /mounts/$((n - 3))/source: cannot open /no/such/source: no such file or directory (mnt-07)"
	has "$output" "error: /mounts/$((n - 2))/source: cannot open relative"
	has "$output" "warning: /mounts/$((n - 1))/type: this kernel has no file system nofs"
	has "$output" "error: /hooks/createRuntime/0/path: cannot execute /no/such/hook"
	has "$output" "warning: /hooks/startContainer/1/path"
	has "$output" "warning: /process/args/0: /no/such is not in the root file system"
	has "$output" "/proc/self/ns/net is not a ipc namespace"
	has "$output" "error: /linux/netDevices/nosuchif0"
	[ "$(grep -c startContainer/0 <<<"$output")" -eq 0 ]
	# create agrees.
	run hull create "$ID"
	is "$status" 1
}

@test "--host: limits, cgroup controllers, security modules" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1, hard: 2}] |
		.linux.resources.hugepageLimits = [{pageSize: "3MB", limit: 1}] |
		.linux.resources.unified = {"nosuch.max": "1"} | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}'
	run hull validate --host
	is "$status" 1
	has "$output" "error: /linux/resources/unified/nosuch.max"
	[ "$(grep -c rlimits <<<"$output")" -eq 0 ]
	[ "$(grep -c 'error: /linux/seccomp' <<<"$output")" -eq 0 ]
}

@test "--host as an unprivileged user: rights that are not there" {
	PLACE=$(mktemp -d "${TMPDIR:-/tmp}/hull-validate.XXXXXX")
	chmod 755 "$PLACE"
	cp "$HULL" "$PLACE/hull"
	mkdir "$PLACE/rootfs"
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1000}] |
		.linux.gidMappings = [{containerID: 0, hostID: 0, size: 1000}] |
		.process.rlimits = [{type: "RLIMIT_MEMLOCK", soft: 9000000000000, hard: 9000000000000}] |
		.process.oomScoreAdj = -1000'
	cp config.json "$PLACE"
	status=0
	prlimit --memlock=65536:65536 -- setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
		"$PLACE/hull" validate --host "$PLACE" >said 2>&1 || status=$?
	rm -r "$PLACE"
	output=$(cat said)
	is "$status" 1
	has "$output" "error: /linux/uidMappings/0"
	has "$output" "error: /process/rlimits/0/hard"
	has "$output" "error: /process/oomScoreAdj"
}
