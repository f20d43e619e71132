#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# linux.seccomp: what a profile denies is denied inside, the rest works, and the cache is only a cache.

load helpers

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
		"prlimit64", "readlink", "getrandom", "mprotect", "prctl", "getuid", "fstat", "newfstatat", "ioctl", "write", "writev", "exit_group"]}]}'
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
