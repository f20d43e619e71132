#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# checkpoint and restore where SELinux is.  Debian's criu is built without it: labels of mounts are options in its images like
# others, and of processes it knows nothing.

load ../../integration/helpers
load checkpoint

FILES=system_u:object_r:container_file_t:s0:c17,c42
OTHER_FILES=system_u:object_r:container_file_t:s0:c1,c2

need_selinux() {
	grep -q '	selinuxfs$' /proc/filesystems || skip "SELinux is not enabled here"
}

# refused TEXT... - the restore fails with one line that holds the texts, and nothing is left.
refused() {
	if restore "${options[@]}"; then return 1; fi
	local text
	cat "$BATS_TEST_TMPDIR/err2"
	for text; do has "$(cat "$BATS_TEST_TMPDIR/err2")" "$text" || return 1; done
	is "$(hull list -q)" ""
	[ ! -e "$(cgroup_dir)" ]
}

@test "SELinux: file systems have the label of the config, or the restore is refused" {
	need_selinux
	local options=()
	config --arg l "$FILES" '.linux.mountLabel = $l'
	counter
	checkpoint
	n=$(count)
	config --arg l "$OTHER_FILES" '.linux.mountLabel = $l'
	refused config.json:/linux/mountLabel "context $FILES (--lsm-mount-context $OTHER_FILES)"
	config '.linux.mountLabel = ""'
	refused config.json:/linux/mountLabel "context $FILES"
	# This criu does not heed it.
	options=(--lsm-mount-context "$OTHER_FILES")
	config --arg l "$FILES" '.linux.mountLabel = $l'
	refused config.json:/linux/mountLabel "context $FILES (--lsm-mount-context $OTHER_FILES)"
	restore
	wait_for 120 counts_on "$n"
	[ -n "$(grep -F "context=\"$FILES\"" "/proc/$(pid_of)/mountinfo")" ]
}

@test "SELinux: a mount with two labels" {
	need_selinux
	local options=()
	config --arg a "$FILES" --arg b "$OTHER_FILES" '.mounts += [{destination: "/two", type: "tmpfs", source: "tmpfs",
		options: ["context=\"\($a)\"", "rootcontext=\"\($b)\""]}]'
	counter
	checkpoint
	n=$(count)
	restore
	wait_for 120 counts_on "$n"
	has "$(grep ' /two ' "/proc/$(pid_of)/mountinfo")" "rootcontext=\"$OTHER_FILES\""
}

@test "SELinux: a process without the label of the config is refused" {
	need_selinux
	local options=()
	config '.process.selinuxLabel = "system_u:system_r:container_t:s0:c17,c42"'
	counter
	checkpoint
	refused config.json:/process/selinuxLabel "another label"
}
