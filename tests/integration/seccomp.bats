#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# linux.seccomp: what a profile denies is denied inside, the rest works, and the cache is only a cache.

load helpers

setup_file() {
	export CALLS=$BATS_FILE_TMPDIR/calls
	links_statically || { CALLS= && return 0; }
	cc -O1 -static -pthread -o "$CALLS" "${BATS_TEST_DIRNAME}/../tools/calls.c"
}

# calls - rootfs gets tests/tools/calls.c.
calls() {
	[ -n "$CALLS" ] || skip "no C compiler for static programs"
	[ "$(uname -m)" = x86_64 ] || skip "the calls are those of x86_64"
	cp "$CALLS" rootfs/calls
	args /calls "$@"
}

extra_setup() {
	if is_hull && ! "$HULL" features | jq -e .linux.seccomp.enabled >/dev/null; then
		skip "hull was built without libseccomp"
	fi
}

# deny NAME [ACTION...] - everything is allowed but NAME.
deny() {
	config --arg n "$1" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: [$n], action: "SCMP_ACT_ERRNO"} '"${2:+| $2}"']}'
}

@test "a denied call fails with EPERM, or with errnoRet (sec-24)" {
	deny mkdir
	config '.linux.seccomp.syscalls[0].names += ["mkdirat"]'
	shell 'mkdir /tmp/x'
	config '.root.readonly = false'
	run hull run "$ID"
	is "$status" 1
	has "$output" "Operation not permitted"
	config '.linux.seccomp.syscalls[0].errnoRet = 28'
	run hull run "$ID"
	has "$output" "No space left on device"
}

@test "the filter is in force: Seccomp: 2, with and without noNewPrivileges, as root and as another user" {
	deny acct
	shell 'grep -E "^(Seccomp|NoNewPrivs|CapEff):" /proc/self/status'
	for nnp in true false; do
		for uid in 0 1000; do
			config ".process.noNewPrivileges = $nnp | .process.user = {uid: $uid, gid: $uid} |
				.process.capabilities = {bounding: [\"CAP_KILL\"], permitted: [\"CAP_KILL\"], effective: [\"CAP_KILL\"]}"
			run hull run "$ID"
			is "$status" 0
			has "$output" $'Seccomp:\t2'
			has "$output" $'NoNewPrivs:\t'$([ $nnp = true ] && echo 1 || echo 0)
			# The right to load the filter does not reach the program.
			has "$output" $'CapEff:\t'$([ $uid = 0 ] && echo 0000000000000020 || echo 0000000000000000)
		done
	done
}

@test "conditions on arguments: different arguments must all hold, several on one are alternatives" {
	# kill(pid, 0) passes, kill(pid, SIGUSR1 or SIGUSR2) fails.
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["kill"], action: "SCMP_ACT_ERRNO",
		args: [{index: 1, value: 10, op: "SCMP_CMP_EQ"}, {index: 1, value: 12, op: "SCMP_CMP_EQ"}]}]}'
	shell 'trap : USR1 USR2; for s in 0 10 12; do kill -$s $$ 2>/dev/null && echo "$s yes" || echo "$s no"; done'
	run hull run "$ID"
	is "$output" $'0 yes\n10 no\n12 no'
	config '.linux.seccomp.syscalls[0].args = [{index: 0, value: 1, op: "SCMP_CMP_EQ"}, {index: 1, value: 10, op: "SCMP_CMP_EQ"}]'
	shell 'trap : USR1 USR2; for s in 10 12; do kill -$s 1 2>/dev/null && echo "$s yes" || echo "$s no"; done'
	run hull run "$ID"
	is "$output" $'10 no\n12 yes'
	# MASKED_EQ: odd signals.
	config '.linux.seccomp.syscalls[0].args = [{index: 1, value: 1, valueTwo: 1, op: "SCMP_CMP_MASKED_EQ"}]'
	shell 'trap : USR1 HUP; for s in 1 10; do kill -$s 1 2>/dev/null && echo "$s yes" || echo "$s no"; done'
	run hull run "$ID"
	is "$output" $'1 no\n10 yes'
}

@test "a call newer than the profile is ENOSYS, an older one that it does not name is denied" {
	hull_only "runc 1.1 does this too, from another list"
	cat >"$BATS_TEST_TMPDIR/probe.c" <<-'C'
	#define _GNU_SOURCE
	#include <errno.h>
	#include <stdio.h>
	#include <unistd.h>
	int main(void)
	{
		syscall(100000);
		printf("%s ", errno == ENOSYS ? "ENOSYS" : "other");
		syscall(163, 0); /* acct */
		printf("%s\n", errno == EPERM ? "EPERM" : "other");
		return 0;
	}
	C
	[ "$(uname -m)" = x86_64 ] || skip "the numbers are those of x86_64"
	cc -static -o rootfs/probe "$BATS_TEST_TMPDIR/probe.c" || skip "no C compiler for static programs"
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", syscalls: [{action: "SCMP_ACT_ALLOW", names: ["execve", "brk",
		"arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink", "readlinkat", "getrandom", "mprotect",
		"fstat", "newfstatat", "ioctl", "write", "exit_group", "close_range"]}]}'
	args /probe
	run hull run "$ID"
	is "$output" "ENOSYS EPERM"
}

@test "a profile that allows only what the program needs works: no getcwd, openat2, capset, execveat" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_KILL_PROCESS", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
		syscalls: [{action: "SCMP_ACT_ALLOW", names: ["execve", "brk", "arch_prctl", "set_tid_address", "set_robust_list", "rseq",
		"prlimit64", "readlink", "readlinkat", "getrandom", "mprotect", "prctl", "getuid", "fstat", "newfstatat", "ioctl", "write", "writev", "exit_group"]}]}'
	[ "$(uname -m)" = x86_64 ] || skip "the names are those of x86_64"
	args echo works
	run hull run "$ID"
	is "$output" works
	is "$status" 0
}

@test "KILL ends the program with SIGSYS" {
	deny mkdir
	config '.linux.seccomp.syscalls[0] = {names: ["mkdir", "mkdirat"], action: "SCMP_ACT_KILL_PROCESS"}'
	args mkdir /tmp/x
	run hull run "$ID"
	is "$status" $((128 + 31))
}

@test "the second start takes the program from the cache; a damaged or foreign file is ignored and replaced" {
	hull_only
	deny mkdir
	args true
	hull run "$ID"
	file=$(ls "$STATE"/@seccomp/*)
	good=$(sha256sum <"$file")
	hull run "$ID"
	is "$(sha256sum <"$file")" "$good"
	for damage in 'truncate -s 40 $file' 'printf x | dd of=$file bs=1 seek=60 conv=notrunc status=none' 'echo >$file' 'chmod 666 $file' \
		'chown 1000 $file'; do
		eval "$damage"
		shell 'mkdir /tmp/y'
		run hull run "$ID"
		has "$output" "Operation not permitted"
		is "$(sha256sum <"$file")" "$good"
		is "$(stat -c '%u %a' "$file")" "0 600"
	done
}

@test "what belongs to other actions is refused at its pointer (sec-04, 17, 23, 25)" {
	hull_only
	args true
	while IFS=$'\t' read -r filter pointer; do
		deny mkdir
		config "$filter"
		unchanged hull create "$ID" </dev/null
		is "$status" 1
		has "$output" "config.json:$pointer"
		one_line "$output"
	done <<-'EOT'
	.linux.seccomp.defaultErrnoRet = 1	/linux/seccomp/defaultErrnoRet
	.linux.seccomp.syscalls[0] += {action: "SCMP_ACT_KILL", errnoRet: 1}	/linux/seccomp/syscalls/0/errnoRet
	.linux.seccomp.listenerMetadata = "x"	/linux/seccomp/listenerMetadata
	.linux.seccomp.syscalls[0].args = [{index: 6, value: 1, op: "SCMP_CMP_EQ"}]	/linux/seccomp/syscalls/0/args/0/index
	.linux.seccomp.syscalls[0].action = "SCMP_ACT_NOTIFY"	/linux/seccomp/syscalls/0/action
	.linux.seccomp.syscalls[0].names = []	/linux/seccomp/syscalls/0/names
	.linux.seccomp.defaultAction = "SCMP_ACT_NONSENSE"	/linux/seccomp/defaultAction
	EOT
}

@test "an unknown system call is ignored; a listenerPath without NOTIFY too (sec-14)" {
	deny mkdir
	config '.linux.seccomp.syscalls[0].names += ["no_such_call"] | .linux.seccomp.listenerPath = "/no/such/socket"'
	args true
	run hull run "$ID"
	is "$status" 0
	is "$output" ""
}

# ---- calls made from inside ----

@test "every action, as a real call meets it (sec-22, 24)" {
	calls sync acct,0 getsid,0 getppid getpriority,0,0 sched_yield
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["sync"], action: "SCMP_ACT_ERRNO"}, {names: ["acct"], action: "SCMP_ACT_ERRNO", errnoRet: 95},
		{names: ["getsid"], action: "SCMP_ACT_TRAP"}, {names: ["getppid"], action: "SCMP_ACT_LOG"},
		{names: ["getpriority"], action: "SCMP_ACT_TRACE"}, {names: ["sched_yield"], action: "SCMP_ACT_ERRNO", errnoRet: 0}]}'
	run hull run "$ID"
	is "$output" $'sync EPERM\nacct,0 EOPNOTSUPP\ngetsid,0 SIGSYS 124\ngetppid ok\ngetpriority,0,0 ENOSYS\nsched_yield ok'
}

@test "KILL and KILL_THREAD end the thread, KILL_PROCESS the process" {
	for action in KILL KILL_THREAD; do
		deny sync
		config --arg a "SCMP_ACT_$action" '.linux.seccomp.syscalls[0].action = $a'
		calls thread:sync getppid
		run hull run "$ID"
		is "$output" $'thread:sync dead\ngetppid ok'
	done
	config '.linux.seccomp.syscalls[0].action = "SCMP_ACT_KILL_PROCESS"'
	run hull run "$ID"
	is "$output" ""
	is "$status" $((128 + 31))
}

@test "defaultErrnoRet, for calls that the profile does not name; a rule does not inherit it (sec-05, 24)" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 95, syscalls: [
		{names: ["sync"], action: "SCMP_ACT_ERRNO"}, {names: ["acct"], action: "SCMP_ACT_ERRNO", errnoRet: 13},
		{action: "SCMP_ACT_ALLOW", names: ["execve", "brk", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64",
			"readlink", "readlinkat", "getrandom", "mprotect", "rt_sigaction", "fstat", "newfstatat", "write", "exit_group", "clone3"]}]}'
	calls sync acct,0 getsid,0 430 436
	run hull run "$ID"
	is "$output" $'sync EPERM\nacct,0 EACCES\ngetsid,0 EOPNOTSUPP\n430 EOPNOTSUPP\n436 ENOSYS'
}

@test "every operator, with 64 bits (sec-28)" {
	# getpriority(which, who): which is never 0x1_0000_0005, so a call that passes fails with EINVAL.
	local big=$((0x100000005)) op values
	while read -r op values; do
		deny getpriority
		config --arg o "SCMP_CMP_$op" --argjson v $big '.linux.seccomp.syscalls[0].args = [{index: 0, op: $o, value: $v, valueTwo: 4}] |
			if $o == "SCMP_CMP_MASKED_EQ" then .linux.seccomp.syscalls[0].args[0] += {value: 4294967300, valueTwo: 4294967300} else . end'
		calls getpriority,$((big - 1)) getpriority,$big getpriority,$((big + 1)) getpriority,9
		run hull run "$ID"
		is "$(awk '{print $2}' <<<"$output" | xargs)" "$values"
	done <<-'EOT'
	NE EPERM EINVAL EPERM EPERM
	LT EPERM EINVAL EINVAL EPERM
	LE EPERM EPERM EINVAL EPERM
	EQ EINVAL EPERM EINVAL EINVAL
	GE EINVAL EPERM EPERM EINVAL
	GT EINVAL EINVAL EPERM EINVAL
	MASKED_EQ EPERM EPERM EPERM EINVAL
	EOT
}

@test "architectures: the calls of i386 and x32 are filtered by their own numbers; one that is not listed kills (sec-06)" {
	calls sync i386:36 x32:sync getppid i386:64
	deny sync
	config '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]'
	run hull run "$ID"
	is "$output" $'sync EPERM\ni386:36 EPERM\nx32:sync EPERM\ngetppid ok\ni386:64 ok'
	config 'del(.linux.seccomp.architectures)'
	run hull run "$ID"
	is "$output" "sync EPERM"
	is "$status" $((128 + 31))
}

@test "flags: the kernel has LOG; TSYNC, SPEC_ALLOW are taken, WAIT_KILLABLE_RECV is for listeners (sec-07)" {
	deny acct
	for flag in TSYNC LOG SPEC_ALLOW WAIT_KILLABLE_RECV; do
		config --arg f "SECCOMP_FILTER_FLAG_$flag" '.linux.seccomp.flags = [$f]'
		args sleep 1000
		create
		hull start "$ID"
		pid=$(pid_of)
		# PTRACE_SECCOMP_GET_METADATA: what the kernel keeps of the flags is LOG.
		run python3 - "$pid" <<-'PY'
		import ctypes, os, struct, sys
		libc, pid = ctypes.CDLL(None, use_errno=True), int(sys.argv[1])
		libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
		if libc.ptrace(16, pid, None, None) < 0:
		    sys.exit("no ptrace")
		os.waitpid(pid, 0x40000000)
		data = ctypes.create_string_buffer(16)
		r = libc.ptrace(0x420D, pid, 16, data)
		print(struct.unpack("=QQ", data.raw)[1] if r > 0 else "no metadata")
		PY
		hull delete --force "$ID"
		case $output in
		"no ptrace" | "no metadata") ;;
		*) is "$output" "$([ $flag = LOG ] && echo 2 || echo 0)" ;;
		esac
	done
}

# only NAME... - what a small static program and its C library need, and these; the rest kills.
only() {
	config --arg n "$*" '.linux.seccomp = {defaultAction: "SCMP_ACT_KILL_PROCESS", syscalls: [{action: "SCMP_ACT_ALLOW", names: (["execve", "brk",
		"arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink", "readlinkat", "getrandom", "mprotect",
		"rt_sigaction", "fstat", "newfstatat", "write", "exit_group"] + ($n / " "))}]}'
}

@test "only what the program needs: as root and not, with and without noNewPrivileges, with capabilities, start and run, exec" {
	calls getppid
	only getppid
	for nnp in true false; do
		for uid in 0 1000; do
			for caps in '[]' '["CAP_CHOWN"]' '["CAP_CHOWN", "CAP_SYS_ADMIN"]'; do
				config ".process.noNewPrivileges = $nnp | .process.user = {uid: $uid, gid: $uid, additionalGids: [7]} |
					.process.capabilities = {bounding: $caps, permitted: $caps, effective: $caps, inheritable: $caps, ambient: $caps} |
					.process.rlimits = [{type: \"RLIMIT_NOFILE\", soft: 3, hard: 3}]"
				run hull run "$ID"
				is "$output" "getppid ok"
				is "$status" 0
			done
		done
	done
	create
	hull start "$ID"
	wait_for 30 is_status stopped
	is "$(cat "$BATS_TEST_TMPDIR/out")" "getppid ok"
}

@test "exec is under the same filter" {
	"$HULL" exec --help >/dev/null 2>&1 || skip "no exec"
	calls sync
	deny sync
	running
	run hull exec "$ID" /calls sync getppid
	is "$output" $'sync EPERM\ngetppid ok'
	run hull exec --user 1000 "$ID" /calls sync
	is "$output" "sync EPERM"
	hull delete --force "$ID"
	# A profile that lets nothing through but the program.
	only getppid nanosleep clock_nanosleep getuid prctl setuid setgid
	running
	run hull exec "$ID" /calls getppid
	is "$output" "getppid ok"
}

# ---- the cache ----

@test "creates that race for one cache file all get their filter, and leave one good file" {
	hull_only
	deny mkdir
	config '.linux.seccomp.syscalls[0].names += ["mkdirat"]'
	shell 'mkdir /tmp/y 2>&1'
	local racers=()
	for i in 1 2 3 4 5 6 7 8; do
		jq --arg c "/hull-test/$ID-$i" '.linux.cgroupsPath = $c' config.json >config-$i.json
		hull run --config config-$i.json "$ID-$i" >"$BATS_TEST_TMPDIR/race-$i" 2>&1 3>&- &
		racers+=($!)
	done
	wait "${racers[@]}" || true
	for i in 1 2 3 4 5 6 7 8; do
		has "$(cat "$BATS_TEST_TMPDIR/race-$i")" "Operation not permitted"
		cgroup_kill "/hull-test/$ID-$i"
	done
	is "$(ls "$STATE/@seccomp" | wc -l)" 1
}

@test "a cache that is a link, a fifo, a directory, a foreign directory or full is no obstacle" {
	hull_only
	deny mkdir
	config '.linux.seccomp.syscalls[0].names += ["mkdirat"]'
	shell 'mkdir /tmp/y'
	hull run "$ID" || :
	file=$(ls "$STATE"/@seccomp/*)
	target=$BATS_TEST_TMPDIR/target
	echo precious >"$target"
	for damage in 'rm $file; ln -s $target $file' 'rm $file; mkfifo $file' 'rm -r $file; mkdir $file' 'chmod 777 $STATE/@seccomp' \
		'rm -r $STATE/@seccomp; ln -s /tmp $STATE/@seccomp' 'rm -r $STATE/@seccomp; echo >$STATE/@seccomp'; do
		eval "$damage"
		run hull run "$ID"
		has "$output" "Operation not permitted"
		one_line "$output"
	done
	is "$(cat "$target")" precious
}

@test "the profile decides, not the name of the file: another profile's program is not used" {
	hull_only
	deny mkdir
	config '.linux.seccomp.syscalls[0].names += ["mkdirat"]'
	shell 'mkdir /dev/shm/y && echo made || echo denied'
	hull run "$ID" >/dev/null
	first=$(ls "$STATE"/@seccomp/*)
	deny rmdir '.names += ["unknown"]' # a different profile of the same size, with a file of its own
	hull run "$ID" >/dev/null
	for file in "$STATE"/@seccomp/*; do
		[ "$file" = "$first" ] || second=$file
	done
	cp "$first" "$second"
	run hull run "$ID"
	has "$output" made
}

# ---- hull seccomp ----

@test "hull seccomp prints the action of every call, conditions, and the size; text and JSON; config and profile" {
	hull_only
	[ "$(uname -m)" = x86_64 ] || skip "the numbers are those of x86_64"
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", syscalls: [{names: ["read", "clone3"], action: "SCMP_ACT_ALLOW"},
		{names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 8, op: "SCMP_CMP_EQ"}]},
		{names: ["kill"], action: "SCMP_ACT_ERRNO", errnoRet: 95, args: [{index: 0, value: 5, op: "SCMP_CMP_GT"}, {index: 1, value: 9, op: "SCMP_CMP_NE"}]}]}'
	run hull seccomp config.json
	is "$status" 0
	[[ ${lines[0]} =~ ^[0-9]+\ of\ 4096\ instructions,\ [0-9]+\ bytes$ ]]
	is "${lines[1]}" "SCMP_ARCH_X86_64, ERRNO ENOSYS from 436 on"
	is "$(grep -w '^read' <<<"$output" | tr -s ' ')" "read 0 ALLOW"
	is "$(grep -w '^acct' <<<"$output" | tr -s ' ')" "acct 163 ERRNO EPERM"
	is "$(grep -w '^personality' <<<"$output" | tr -s ' ')" "personality 135 ALLOW if arg0 == 0x8; else ERRNO EPERM"
	is "$(grep -w '^kill' <<<"$output" | tr -s ' ')" "kill 62 ERRNO EOPNOTSUPP if arg0 > 0x5 and arg1 != 0x9; else ERRNO EPERM"
	is "$(hull seccomp --format json config.json | jq -c '.architectures[0].syscalls[] | select(.name == "personality")')" \
		'{"name":"personality","number":135,"action":"SCMP_ACT_ERRNO","errnoRet":1,"rules":[{"args":[{"index":0,"value":8,"valueTwo":0,"op":"SCMP_CMP_EQ"}],"action":"SCMP_ACT_ALLOW"}]}'
	is "$(jq .linux.seccomp config.json | hull seccomp - | cksum)" "$(hull seccomp config.json | cksum)"
	[ ! -e "$STATE" ]
}

@test "hull seccomp and create refuse the same, in one line with the place" {
	hull_only
	for profile in '{"defaultAction":"SCMP_ACT_NONSENSE"}' '{"defaultAction":"SCMP_ACT_ALLOW","defaultErrnoRet":1}' \
		'{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["kill"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]},{"names":["kill"],"action":"SCMP_ACT_TRAP","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]}]}' \
		'{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_PDP11"]}' '{"defaultAction":"SCMP_ACT_ALLOW","flags":["SECCOMP_FILTER_FLAG_X"]}' \
		'{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["kill"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":1,"op":"SCMP_CMP_X"}]}]}'; do
		echo "$profile" >profile.json
		run hull seccomp profile.json
		is "$status" 1
		one_line "$output"
		has "$output" "hull: seccomp: profile.json:/"
		config --slurpfile p profile.json '.linux.seccomp = $p[0]'
		run hull create "$ID" </dev/null
		[ "$status" -ne 0 ]
		one_line "$output"
		has "$output" "config.json:/linux/seccomp/"
	done
}

@test "ten thousand rules are refused within seconds, in one line" {
	hull_only
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [range(10000) | {names: ["kill"], action: "SCMP_ACT_ERRNO",
		args: [{index: 0, value: ., op: "SCMP_CMP_EQ"}]}]}'
	SECONDS=0
	run hull create "$ID" </dev/null
	[ "$SECONDS" -le 3 ]
	is "$status" 1
	one_line "$output"
	has "$output" "config.json:/linux/seccomp/syscalls"
	has "$output" "4096"
	# Fewer, over many calls: libseccomp's time would grow without bound.
	config --slurpfile n <("$HULL" seccomp --format json <(echo '{"defaultAction":"SCMP_ACT_ALLOW"}') | jq '.architectures[0].syscalls | map(.name)') \
		'.linux.seccomp.syscalls = [range(3000) | {names: [$n[0][. % 300]], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: ., op: "SCMP_CMP_EQ"}]}]'
	SECONDS=0
	run hull create "$ID" </dev/null
	[ "$SECONDS" -le 10 ]
	is "$status" 1
	one_line "$output"
	has "$output" "config.json:/linux/seccomp"
	! pgrep -P $$ hull
}
