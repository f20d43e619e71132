#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# All eight namespaces, each the host's, new, or joined: every pair of two kinds in every pair of ways is in one of
# 27 containers (NSMATRIX_ALL=1: in all 6561).  What each process is a member of is compared with the kernel's answer.

load helpers

KINDS=(user cgroup ipc uts network pid time mount)
FILES=(user cgroup ipc uts net pid time mnt)

extra_setup() {
	hull_only "others cannot do all of it"
	[ -e /proc/self/ns/time ] || skip "no time namespaces here"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BUNDLE"
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	# What a container that can make no nodes and no mounts needs.
	local d
	for d in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
		mknod -m 666 "rootfs/dev/${d%%:*}" c $(echo "${d#*:}" | tr : ' ')
	done
	ln -s pts/ptmx rootfs/dev/ptmx
	chown -hR 100000:100000 rootfs
	config 'del(.hostname, .mounts, .root.readonly, .linux.maskedPaths, .linux.readonlyPaths) | .linux.namespaces = []'
	args sleep 1000
	cp config.json bare.json
	# Whose namespaces are joined: all eight its own, its ids those of the containers.
	configure 1 1 1 1 1 1 1 1
	config --arg cg "$CGROUP-h" '.linux.cgroupsPath = $cg'
	hull create "$ID-h" </dev/null >said 2>&1 3>&- || { cat said; return 1; }
	hull start "$ID-h"
	HOLDER=$(pid_of "$ID-h")
}

extra_teardown() {
	hull delete --force "$ID-h" || :
}

ns() {
	readlink "/proc/$1/ns/$2"
}

# Each argument is how: 0 the host's, 1 new, 2 joined; in the order of KINDS.
configure() {
	local entries=() i=0 how filter=.
	for how; do
		case $how in
		1) entries+=("{\"type\": \"${KINDS[i]}\"}") ;;
		2) entries+=("{\"type\": \"${KINDS[i]}\", \"path\": \"/proc/$HOLDER/ns/${FILES[i]}\"}") ;;
		esac
		i=$((i + 1))
	done
	[ "$1" != 1 ] || filter='.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}] | .linux.gidMappings = .linux.uidMappings'
	# A mount, where there may be one.
	[ "$8" != 1 ] || filter+=' | .mounts = [{destination: "/tmp", type: "tmpfs", source: "t"}]'
	[ "$8" != 2 ] || filter+=' | .root.path = "/"'
	[ "$7" != 1 ] || filter+=' | .linux.timeOffsets = {boottime: {secs: 1000000}}'
	jq --argjson n "[$(IFS=,; echo "${entries[*]}")]" ".linux.namespaces = \$n | $filter" bare.json >config.json
}

check() {
	local how i=0 is pid
	configure "$@"
	hull create "$ID" </dev/null >said 2>&1 3>&- || { echo "$*: $(cat said)"; return 1; }
	pid=$(pid_of)
	for how; do
		is=$(ns "$pid" "${FILES[i]}")
		case $how in
		0) [ "$is" = "$(ns self "${FILES[i]}")" ] ;;
		1) [ "$is" != "$(ns self "${FILES[i]}")" ] && [ "$is" != "$(ns "$HOLDER" "${FILES[i]}")" ] ;;
		2) [ "$is" = "$(ns "$HOLDER" "${FILES[i]}")" ] ;;
		esac || { echo "$*: ${KINDS[i]} is $is"; return 1; }
		i=$((i + 1))
	done
	is=$(ns "$pid" time_for_children)
	[ "$is" = "$(ns "$pid" time)" ] || { echo "$*: children are in $is"; return 1; }
	hull start "$ID" || return 1
	is "$(status_of)" running || return 1
	hull exec "$ID" true || { echo "$*: exec failed"; return 1; }
	hull delete --force "$ID" </dev/null || return 1
	[ -d "/proc/$HOLDER" ] || { echo "$*: the holder is gone"; return 1; }
}

@test "every kind of namespace with every other: the host's, new, joined" {
	local a b c count=0 before
	before=$(host_mounts "/proc/$HOLDER/mountinfo" /proc/self/mountinfo)
	# Linear forms over three letters, no two of them multiples of each other: each pair of columns has all nine pairs.
	for a in 0 1 2; do
		for b in 0 1 2; do
			for c in 0 1 2; do
				check $a $b $c $(((a + b) % 3)) $(((a + c) % 3)) $(((b + c) % 3)) $(((a + b + c) % 3)) $(((a + 2 * b) % 3))
				count=$((count + 1))
			done
		done
	done
	is $count 27
	is "$(host_mounts "/proc/$HOLDER/mountinfo" /proc/self/mountinfo)" "$before"
	[ -n "${NSMATRIX_ALL:-}" ] || return 0
	for ways in {0..2}' '{0..2}' '{0..2}' '{0..2}' '{0..2}' '{0..2}' '{0..2}' '{0..2}; do
		check $ways
	done
}

@test "each kind alone is new or joined, and all are" {
	local i ways
	for i in 0 1 2 3 4 5 6 7; do
		for how in 1 2; do
			ways=(0 0 0 0 0 0 0 0)
			ways[i]=$how
			check "${ways[@]}"
		done
	done
	check 0 0 0 0 0 0 0 0
	check 1 1 1 1 1 1 1 1
	check 2 2 2 2 2 2 2 2
}
