#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The machine itself: that it is what the other tests, run inside it, are believed to have run on.

bats_require_minimum_version 1.5.0

@test "the kernel is the one asked for" {
	[ "$(uname -r)" = "$VM_KERNEL" ]
}

@test "systemd is up, and nothing failed" {
	[ -d /run/systemd/system ]
	[ "$(systemctl list-units --failed --no-legend)" = "" ]
	[ "$(systemctl show --property=Version --value | cut -d. -f1)" -ge 257 ]
}

@test "cgroup v2 alone, with its controllers, or v1 alone" {
	if [ "${VM_CGROUPS:-2}" = 1 ]; then
		[ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ]
		! grep -q '^[^ ]* [^ ]* cgroup2 ' /proc/mounts || false
		return 0
	fi
	[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]
	! grep -q '^[^ ]* [^ ]* cgroup ' /proc/mounts || false
	for controller in cpu cpuset io memory pids; do
		grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers
	done
}

@test "the security module is the one asked for" {
	grep -qw "$VM_LSM" /sys/kernel/security/lsm
}

@test "as-tester: an unprivileged user in a systemd session with delegated controllers" {
	[ "${VM_CGROUPS:-2}" = 2 ] || skip "systemd delegates no controllers of cgroup v1"
	# What systemd-run has to say is no line of the command's.
	run --separate-stderr as-tester sh -c 'id -u; cut -d: -f3 /proc/self/cgroup; exit 7'
	echo "status $status: $output; $stderr"
	[ "$status" = 7 ]
	[ "${lines[0]}" = 1000 ]
	session=/user.slice/user-1000.slice/user@1000.service
	case ${lines[1]} in "$session"/*) ;; *) echo "in ${lines[1]}"; return 1 ;; esac
	for controller in cpu cpuset io memory pids; do
		for ((n = 0; n < 600; n++)); do
			! grep -qsw "$controller" "/sys/fs/cgroup$session/cgroup.controllers" || break
			sleep 0.2
		done
		grep -w "$controller" "/sys/fs/cgroup$session/cgroup.controllers"
	done
	grep -q '^tester:' /etc/subuid && grep -q '^tester:' /etc/subgid
}
