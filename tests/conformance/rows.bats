#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Rows of the requirement ledger that no integration test of a command shows; each name ends in its rows.

HERE=${BATS_TEST_FILENAME%/*}
load ../integration/helpers

extra_setup() {
	hull_only "others conform to less"
}

KINDS="prestart createRuntime createContainer startContainer poststart poststop"

# ended - waits for the program's end, and deletes the container.
ended() {
	wait_for 30 is_status stopped
	hull delete "$ID"
}

@test "the members of every object in another order: the same container (json-03)" {
	config '.process.user = {uid: 5, gid: 6, umask: 23} | .hostname = "order" | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 99, hard: 100}]'
	shell 'cut -d" " -f4- /proc/self/mountinfo | sed "s/[0-9]*:[0-9]* //"; hostname; id; umask; cat /proc/self/limits; env | sort'
	run hull run "$ID"
	is "$status" 0
	first=$output
	config 'def turn: if type == "object" then to_entries | reverse | map(.value |= turn) | from_entries elif type == "array" then map(turn) else . end; turn'
	[ "$(jq -c 'keys_unsorted[-1]' config.json)" = '"ociVersion"' ] # they are
	run hull run "$ID"
	is "$status" 0
	is "$output" "$first"
}

@test "config.json, of exactly this name, lies directly in the bundle (bundle-02, 03)" {
	args true
	mkdir deeper
	for name in deeper/config.json Config.json config.JSON config.json.orig; do
		mv config.json "$name"
		run hull create "$ID" </dev/null
		is "$status" 1
		has "$output" "config.json not found in the bundle"
		mv "$name" config.json
	done
	hull run "$ID"
}

# valid STATUS PID - the state document, against state-schema.json of the specification.
valid() {
	hull state "$ID" >"$BATS_TEST_TMPDIR/doc"
	jq -e --arg s "$1" --argjson pid "$2" --arg id "$ID" '(.ociVersion | type == "string" and test("^1\\.[0-9]+\\.[0-9]+")) and .id == $id and
		.status == $s and (.pid == null or (.pid | type == "number" and . >= 0 and . == floor)) and (($pid == 0) or .pid == $pid) and
		(.bundle | type == "string" and startswith("/")) and
		(.annotations == null or (.annotations | type == "object" and all(.[]; type == "string")))' "$BATS_TEST_TMPDIR/doc" >/dev/null ||
		{ cat "$BATS_TEST_TMPDIR/doc"; false; }
}

@test "the state document is valid at each status, with annotations and without (state-16, 19)" {
	for annotations in '{"a": "b", "empty": ""}' '{}' null; do
		config --argjson a "$annotations" '.annotations = $a'
		created
		pid=$(cat "$(cgroup_dir)/cgroup.procs")
		valid created "$pid"
		hull start "$ID"
		valid running "$pid"
		hull kill "$ID" KILL
		wait_for 30 is_status stopped
		valid stopped 0
		hull delete "$ID"
	done
}

@test "when create returns all of it is there, but the program (life-01, 03, op-create-05)" {
	mkdir src
	config --arg s "$BUNDLE/src" '.hostname = "built" | .linux.sysctl = {"kernel.shmmax": "1234567"} | .linux.resources.pids = {limit: 77} |
		.mounts += [{destination: "/mnt", source: $s, options: ["bind", "nosuid"]}] | .root.readonly = true |
		.linux.readonlyPaths += ["/etc"]'
	created
	pid=$(pid_of)
	for mount in /proc /dev /dev/pts /sys /mnt; do
		awk '{print $5}' "/proc/$pid/mountinfo" | grep -qx "$mount" || { echo "no $mount"; cat "/proc/$pid/mountinfo"; false; }
	done
	awk '$5 == "/mnt" {print $6}' "/proc/$pid/mountinfo" | grep -q nosuid
	[[ $(awk '$5 == "/" {print $6}' "/proc/$pid/mountinfo") == ro,* ]]
	[[ $(awk '$5 == "/etc" {print $6}' "/proc/$pid/mountinfo") == ro,* ]]
	is "$(stat -c %t:%T "/proc/$pid/root/dev/null")" 1:3
	is "$(readlink "/proc/$pid/root/dev/fd")" /proc/self/fd
	is "$(nsenter -t "$pid" -u hostname)" built
	is "$(nsenter -t "$pid" -i cat /proc/sys/kernel/shmmax)" 1234567
	is "$(cat "$(cgroup_dir)/pids.max")" 77
	! tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q sleep
}

@test "config.json changed after create: hooks, too, are those of before (life-05, op-create-11)" {
	for kind in poststart poststop; do
		config --arg k $kind --arg f "$BATS_TEST_TMPDIR/marks" '.hooks[$k] = [{path: "/bin/sh", args: ["sh", "-c", "echo \($k) old >>\($f)"]}]'
	done
	created
	config --arg f "$BATS_TEST_TMPDIR/marks" '.hooks = {poststart: [{path: "/bin/false"}], poststop: [{path: "/bin/sh", args: ["sh", "-c", "echo new >>\($f)"]}]} |
		.annotations = {"new": "1"} | .process.args = ["true"]'
	hull start "$ID"
	is "$(hull state "$ID" | jq -r '.annotations.new // "none"')" none
	is "$(status_of)" running
	hull kill "$ID" KILL
	ended
	is "$(cat "$BATS_TEST_TMPDIR/marks")" $'poststart old\npoststop old'
}

@test "a failed hook of create: an error, nothing is left, poststop hooks have run (life-07, 09, 11)" {
	args sleep 1000
	for kind in prestart createRuntime createContainer; do
		config --arg k $kind --arg f "$BATS_TEST_TMPDIR/marks" '.hooks = {
			($k): [{path: "/bin/false"}], poststop: [{path: "/bin/sh", args: ["sh", "-c", "echo \($k) >>\($f)"]}]}'
		unchanged hull create "$ID" </dev/null
		is "$status" 1
		has "$output" "$kind hook #0"
		is "$(tail -n 1 "$BATS_TEST_TMPDIR/marks")" $kind
		run hull state "$ID"
		is "$status" 1
	done
	is "$(wc -l <"$BATS_TEST_TMPDIR/marks")" 3
}

@test "after a warning all is as without it (warn-02)" {
	shell 'grep -E "^(Cap|Uid|Gid|Groups|NoNewPrivs|Seccomp)" /proc/self/status; ulimit -n; id; env | sort'
	run hull run "$ID"
	first=$output
	config '.process.capabilities |= map_values(. + ["CAP_NO_SUCH"])'
	run hull --log "$LOG" --log-level warning run "$ID"
	is "$status" 0
	is "$output" "$first"
	grep -q CAP_NO_SUCH "$LOG"
}

@test "start, kill and delete of a container that is being created: errors without effect (op-start-02, op-kill-02, 03, op-delete-02, 03)" {
	cat >"$BATS_TEST_TMPDIR/hook" <<-SH
	#!/bin/sh
	for command in "start $ID" "kill $ID KILL" "delete $ID"; do
		timeout 30 "$HULL" --root "$STATE" \$command >/dev/null 2>&1
		echo "\${command%% *} \$?"
	done >"$BATS_TEST_TMPDIR/statuses"
	"$HULL" --root "$STATE" state "$ID" >"$BATS_TEST_TMPDIR/doc"
	SH
	chmod +x "$BATS_TEST_TMPDIR/hook"
	config --arg h "$BATS_TEST_TMPDIR/hook" '.hooks.createRuntime = [{path: $h}]'
	created
	is "$(cat "$BATS_TEST_TMPDIR/statuses")" $'start 1\nkill 1\ndelete 1'
	is "$(jq -r .status "$BATS_TEST_TMPDIR/doc")" creating
	is "$(status_of)" created
	hull start "$ID"
	is "$(status_of)" running
}

@test "a stopped container: start and kill are errors, and nothing is different afterwards (op-start-02, op-kill-02)" {
	args true
	create
	hull start "$ID"
	wait_for 30 is_status stopped
	before=$(hull state "$ID"; snapshot)
	for command in "start $ID" "kill $ID 9" "kill $ID 0"; do
		run hull $command
		is "$status" 1
	done
	is "$(hull state "$ID"; snapshot)" "$before"
}

@test "oomScoreAdj 0 is not absent (proc-oom-02)" {
	args cat /proc/self/oom_score_adj
	echo 100 >/proc/self/oom_score_adj
	config 'del(.process.oomScoreAdj)'
	run hull run "$ID"
	is "$output" 100
	config '.process.oomScoreAdj = 0'
	run hull run "$ID"
	is "$output" 0
}

@test "ridmap without mappings of its own takes those of the user namespace, below as well (mnt-ridmap-04)" {
	user_namespace
	mkdir -p src/sub rootfs/ids
	mount -t tmpfs tmpfs src/sub
	touch src/file src/sub/file
	chown 5:6 src/file src/sub/file
	config --arg s "$BUNDLE/src" '.mounts += [{destination: "/ids", source: $s, options: ["rbind", "ridmap"]}]'
	inside 'stat -c %u:%g /ids/file /ids/sub/file'
	is "$status" 0
	is "$output" $'5:6\n5:6'
	is "$(stat -c %u:%g src/file)" 5:6
}

@test "id mappings give no file of the root another owner (idmap-05)" {
	user_namespace
	before=$(cd rootfs && find . -exec stat -c '%n %u:%g' {} + | sort)
	config '.mounts += []'
	inside 'stat -c %u:%g /bin/busybox'
	is "$output" 65534:65534
	is "$(cd rootfs && find bin etc -exec stat -c '%u:%g' {} + | sort -u)" 0:0
	is "$(cd rootfs && find . -exec stat -c '%n %u:%g' {} + | sort)" "$before"
}

# A program that only the host has, in the bundle: where and when each kind of hook runs.
host_hook() {
	cat >"$BUNDLE/only-on-the-host" <<-SH
	#!/bin/sh
	exec >"$BATS_TEST_TMPDIR/hook.\$1"
	read -r state
	pid=\$(echo "\$state" | jq -r '.pid // 0')
	for ns in mnt uts ipc net pid; do readlink /proc/self/ns/\$ns; done | xargs
	echo "\$state" | jq -r .status
	cat /proc/\$pid/mountinfo 2>/dev/null
	SH
	chmod 755 "$BUNDLE/only-on-the-host"
}

@test "hooks of the host: their path and their namespaces are the runtime's, poststop too (hook-pre-01, 02, hook-crt-01, 02, hook-pst-01, 02, hook-psp-01, 02)" {
	host_hook
	for kind in prestart createRuntime poststart poststop; do
		config --arg k $kind --arg p "$BUNDLE/only-on-the-host" '.hooks[$k] = [{path: $p, args: ["x", $k]}]'
	done
	own=$(for ns in mnt uts ipc net pid; do readlink /proc/self/ns/$ns; done | xargs)
	running
	hull kill "$ID" KILL
	ended
	for kind in prestart createRuntime poststart poststop; do
		is "$(sed -n 1p "$BATS_TEST_TMPDIR/hook.$kind")" "$own"
	done
	is "$(for kind in prestart createRuntime poststart poststop; do sed -n 2p "$BATS_TEST_TMPDIR/hook.$kind"; done | xargs)" "creating creating running stopped"
}

@test "hooks of create run when the mounts are made, and before the root is left (hook-pre-03, hook-crt-03, hook-cct-03)" {
	host_hook
	for kind in prestart createRuntime createContainer; do
		config --arg k $kind --arg p "$BUNDLE/only-on-the-host" '.hooks[$k] = [{path: $p, args: ["x", $k]}]'
	done
	# What createContainer sees is the number in its own namespace, so it looks at itself.
	sed -i 's,^pid=.*,&; [ "$1" != createContainer ] || pid=self,' only-on-the-host
	created
	for kind in prestart createRuntime createContainer; do
		awk 'NR > 2 && $5 ~ "/rootfs/proc$"' "$BATS_TEST_TMPDIR/hook.$kind" | grep -q . || { echo $kind; cat "$BATS_TEST_TMPDIR/hook.$kind"; false; }
	done
}

@test "poststart hooks: the program runs, and start has not returned; poststop hooks: nothing is left, and delete has not returned (hook-pst-03, hook-psp-03)" {
	cat >after <<-SH
	#!/bin/sh
	pid=\$(jq -r '.pid // 0')
	if [ "\$1" = poststart ]; then
		tr '\\0' ' ' </proc/\$pid/cmdline
	else
		ls -d "$(cgroup_dir)" 2>&1 | grep -c hull-test
		[ -d "$(cgroup_dir)" ] && echo there || echo gone
	fi >"$BATS_TEST_TMPDIR/after.\$1"
	sleep 0.3
	echo end >>"$BATS_TEST_TMPDIR/after.\$1"
	SH
	chmod 755 after
	for kind in poststart poststop; do
		config --arg k $kind --arg p "$BUNDLE/after" '.hooks[$k] = [{path: $p, args: ["x", $k]}]'
	done
	running
	has "$(cat "$BATS_TEST_TMPDIR/after.poststart")" "sleep 1000"
	has "$(cat "$BATS_TEST_TMPDIR/after.poststart")" end
	hull kill "$ID" KILL
	ended
	has "$(cat "$BATS_TEST_TMPDIR/after.poststop")" $'gone\nend'
}

@test "keys of org.opencontainers are accepted, and change nothing (ann-08 to 16)" {
	shell 'uname -s; trap "echo term; exit" TERM; kill $$'
	run hull run "$ID"
	first=$output
	config '.annotations = ({os: "plan9", "os.version": "1", "os.features": "x", architecture: "pdp11", variant: "v8", author: "A", created: "never",
		stopSignal: "SIGUSR1"} | with_entries(.key |= "org.opencontainers.image." + .))'
	run hull run "$ID"
	is "$status" 0
	is "$output" "$first"
}

@test "properties of earlier versions are unknown, and ignored (rdt-27)" {
	config '.linux.intelRdt = {closID: "x", enableCMT: "yes", enableMBM: 5}'
	hull validate --format json >found || :
	jq -e '[.findings[] | select(.pointer | test("enable(CMT|MBM)$"))] | length == 2 and all(.level == "warning")' found
}

@test "the same cgroupsPath is the same place, relative as well (cg-path-04)" {
	for path in "$CGROUP" "hull-test-same-$ID"; do
		config --arg p "$path" '.linux.cgroupsPath = $p'
		for round in first second; do
			created
			cat "/proc/$(pid_of)/cgroup" >$round
			hull delete --force "$ID"
		done
		is "$(cat second)" "$(cat first)"
		grep -q "$path" first
	done
}

@test "no resources: the limits of a cgroup that exists stay (cg-res-01)" {
	cgroup_make
	echo 77 >"$(cgroup_dir)/pids.max"
	config 'del(.linux.resources)'
	created
	grep -q "$CGROUP" "/proc/$(pid_of)/cgroup"
	is "$(cat "$(cgroup_dir)/pids.max")" 77
	hull start "$ID"
	is "$(cat "$(cgroup_dir)/pids.max")" 77
	hull delete --force "$ID"
	is "$(cat "$(cgroup_dir)/pids.max")" 77
}

@test "a v1 cgroup is not given away (cg-own-02)" {
	need_v1 pids
	user_namespace
	chown -R 100000:100000 rootfs
	config '(.mounts[] | select(.type == "cgroup")).options -= ["ro"]'
	created
	is "$(stat -c %u "$(cgroup_dir)" "$(cgroup_dir)/cgroup.procs" "$(cgroup_dir memory)" | xargs)" "0 0 0"
}

@test "SCHED_DEADLINE with the values of the config, as chrt(1) reads them (sched-06, 07, 08)" {
	need_cap CAP_SYS_NICE 23
	chrt -d -T 1000000 -D 20000000 -P 30000000 0 true 2>/dev/null || skip "the kernel refuses SCHED_DEADLINE to the tests themselves"
	[ ! -e "$CGROUPS/cpu/cpu.rt_runtime_us" ] || config '.linux.resources.cpu = {realtimePeriod: 1000000, realtimeRuntime: 10000}'
	[ ! -e "$CGROUPS/cpu/cpu.rt_runtime_us" ] || realtime_borrow || skip "no real-time runtime for the tests' cgroup"
	config '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 1000000, deadline: 20000000, period: 30000000}'
	running
	run chrt -p "$(pid_of)"
	has "$output" SCHED_DEADLINE
	has "$output" "1000000/20000000/30000000"
	if [ -e "$CGROUPS/cpu$CGROUP/cpu.rt_runtime_us" ]; then
		is "$(cat "$CGROUPS/cpu$CGROUP/cpu.rt_runtime_us" "$CGROUPS/cpu$CGROUP/cpu.rt_period_us" | xargs)" "10000 1000000"
	fi
}

@test "without proc there are no links to it (rl-link-01 to 04)" {
	config '.mounts |= map(select(.destination | startswith("/proc") | not)) | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	args true
	run hull run "$ID"
	is "$status" 0
}
