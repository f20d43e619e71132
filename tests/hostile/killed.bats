# SPDX-License-Identifier: LGPL-2.1-or-later
# A runtime that is killed at a system call, or for which one fails: delete --force leaves nothing, each time.
# HOSTILE_LONG=1: every call; else a sample, another one for another HOSTILE_SEED.

load ../integration/helpers

setup_file() {
	${CC:-cc} -O2 -o "$BATS_FILE_TMPDIR/fault" "$BATS_TEST_DIRNAME/fault.c"
}

extra_setup() {
	args sleep 1000
	export FAULT=$BATS_FILE_TMPDIR/fault STATE BUNDLE ID CGROUP
}

# sweep STRIDE OPTION... - every STRIDEth call in the short mode; the first ones are the C library's own.
sweep() {
	local stride=$1
	shift
	if [ -n "${HOSTILE_LONG:-}" ]; then
		"$BATS_TEST_DIRNAME/sweep" "$@"
	else
		"$BATS_TEST_DIRNAME/sweep" --first $((16 + ${HOSTILE_SEED:-7} * 5 % stride)) --stride "$stride" "$@"
	fi | tee -a "$BATS_TEST_TMPDIR/sweep"
	[ "${PIPESTATUS[0]}" = 0 ] || return 1
	[ -z "${HOSTILE_LONG:-}" ] || tail -n 1 "$BATS_TEST_TMPDIR/sweep" | sed 's/^/# /' >&3
}

@test "create killed at a system call, its own or init's" { sweep 24 --follow kill create; }
@test "start killed at a system call" { sweep 4 kill start; }
@test "delete killed at a system call" { sweep 6 kill delete; }
@test "delete --force killed at a system call" { sweep 8 kill force; }
@test "run killed at a system call, its own or init's" { sweep 40 --follow kill run; }
@test "exec killed at a system call, its own or init's" { sweep 24 --follow kill exec; }
@test "create killed, in a cgroup of others: they live" { sweep 40 --follow kill occupied && sweep 60 --errno EIO fail occupied; }
@test "a system call of create or init fails with ENOMEM" { sweep 30 --follow --errno ENOMEM fail create; }
@test "a system call of create or init fails with EIO" { sweep 30 --follow --errno EIO fail create; }
@test "a system call of create or init fails with ENOSPC" { sweep 30 --follow --errno ENOSPC fail create; }
@test "a system call of start fails" { sweep 6 --errno ENOMEM fail start && sweep 6 --errno EIO fail start && sweep 12 --errno ENOSPC fail start; }
@test "a system call of delete fails" { sweep 8 --errno ENOMEM fail delete && sweep 8 --errno EIO fail delete && sweep 16 --errno ENOSPC fail delete; }
@test "a system call of delete --force fails" { sweep 12 --errno ENOMEM fail force && sweep 12 --errno EIO fail force && sweep 24 --errno ENOSPC fail force; }
@test "a system call of run or init fails" {
	sweep 60 --follow --errno ENOMEM fail run && sweep 60 --follow --errno EIO fail run && sweep 60 --follow --errno ENOSPC fail run
}
@test "a system call of exec or init fails" {
	sweep 40 --follow --errno ENOMEM fail exec && sweep 40 --follow --errno EIO fail exec && sweep 40 --follow --errno ENOSPC fail exec
}
@test "a descriptor too few, at any system call" {
	sweep 40 --follow --errno EMFILE fail create && sweep 40 --follow --errno EMFILE fail exec && sweep 10 --errno EMFILE fail force
}

@test "pause, resume and delete --force of a paused container killed at a system call" {
	sweep 8 kill pause && sweep 8 kill resume && sweep 16 kill force-paused
}
@test "a system call of pause, resume and delete --force of a paused container fails" {
	sweep 12 --errno EIO fail pause && sweep 12 --errno EIO fail resume && sweep 24 --errno ENOMEM fail force-paused
}
@test "update killed at a system call, or one fails: both limits or none" {
	sweep 12 kill update && sweep 12 --errno EIO fail update && sweep 12 --errno ENOSPC fail update
}
@test "ps killed at a system call, or one fails" { sweep 12 kill ps && sweep 12 --errno EIO fail ps; }

# What a plain config does not have: hooks, seccomp, Landlock, sysctls, more mounts.
rich() {
	config '.hooks = {createRuntime: [{path: "/bin/true"}], createContainer: [{path: "/bin/true"}], poststop: [{path: "/bin/true"}]}
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mount"], action: "SCMP_ACT_ERRNO"}]}
		| .linux.sysctl = {"net.ipv4.ip_forward": "1"} | .process.oomScoreAdj = 100
		| .root.readonly = false | .mounts += [{destination: "/made/deep", type: "tmpfs", source: "t", options: ["tmpcopyup"]},
			{destination: "/etc/hosts", type: "bind", source: "/etc/hosts", options: ["bind", "ro"]}]'
}
@test "create of a richer config killed at a system call, or one fails" {
	rich
	sweep 60 --follow kill create && sweep 90 --follow --errno ENOMEM fail create
}
@test "create in a user namespace killed at a system call, or one fails" {
	rich
	config '.linux.namespaces += [{type: "user"}, {type: "time"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | .linux.timeOffsets = {monotonic: {secs: 100, nanosecs: 0}} | del(.hooks)'
	sweep 60 --follow kill create && sweep 90 --follow --errno ENOMEM fail create
}
@test "create in the host's mount and pid namespaces killed at a system call, or one fails" {
	local mounts
	config '.linux.namespaces |= map(select(.type != "mount" and .type != "pid")) | .mounts = [] | .linux.maskedPaths = []
		| .linux.readonlyPaths = [] | .root.readonly = false'
	mounts=$(cat /proc/self/mountinfo)
	sweep 40 --follow kill create && sweep 60 --follow --errno EIO fail create
	diff <(echo "$mounts") /proc/self/mountinfo
}

# The host's mounts are the container's: whatever happens, none of them changes.
@test "create and exec in the host's mount namespace killed at a system call, or one fails" {
	config 'del(.mounts, .root.readonly, .linux.maskedPaths, .linux.readonlyPaths) | .linux.namespaces |= map(select(.type != "mount"))
		| .linux.devices = [{path: "/made/node", type: "c", major: 1, minor: 3}]'
	before=$(cat /proc/self/mountinfo)
	sweep 40 --follow kill create && sweep 60 --follow --errno EIO fail create && sweep 40 --follow kill exec
	is "$(cat /proc/self/mountinfo)" "$before"
}

@test "create with targets behind dangling links and shifted ids killed at a system call, or one fails" {
	ln -s ../run/a/b/file "$ROOTFS/etc/dangling"
	config '.root.readonly = false | [{containerID: 0, hostID: 1000, size: 10}] as $m | .mounts += [
		{destination: "/etc/dangling", type: "bind", source: "/etc/hosts", options: ["bind", "ro"]},
		{destination: "/t", type: "tmpfs", source: "t", options: ["idmap"], uidMappings: $m, gidMappings: $m}]'
	sweep 60 --follow kill create && sweep 90 --follow --errno ENOMEM fail create
}
