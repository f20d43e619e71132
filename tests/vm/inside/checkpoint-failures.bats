#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# checkpoint and restore that cannot succeed: one line, and the container goes on, or is wholly gone.

load ../../integration/helpers
load checkpoint

# fails TEXT... - `run` has just failed with one line that holds the texts.
fails() {
	is "$status" 1 || return 1
	one_line "$output" || return 1
	local text
	for text; do has "$output" "$text" || return 1; done
}

still_counts() {
	local n
	is "$(status_of)" running
	n=$(count)
	wait_for 120 counts_on "$n"
}

nothing_left() {
	is "$(hull list -q)" ""
	[ ! -e "$(cgroup_dir)" ]
	is "$(mounts)" "$before"
}

# at MOMENT COMMAND - criu runs COMMAND when it comes to MOMENT; $PPID is criu.
at() {
	printf '#!/bin/sh\n[ "$CRTOOLS_SCRIPT_ACTION" != %s ] || %s\n' "$1" "$2" >"$BATS_TEST_TMPDIR/script"
	chmod 755 "$BATS_TEST_TMPDIR/script"
	echo "action-script $BATS_TEST_TMPDIR/script" >"$BATS_TEST_TMPDIR/criu.conf"
}

scripted() {
	config --arg f "$BATS_TEST_TMPDIR/criu.conf" '.annotations["org.criu.config"] = $f'
}

# As restore of checkpoint.bash, and then as `run`: to a file, since criu puts no pipe in the place of one.
try_restore() {
	status=0
	timeout 600 "$HULL" --root "$STATE" restore --detach --image-path "$IMAGES" "$@" "$ID" \
		</dev/null >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- || status=$?
	output=$(cat "$BATS_TEST_TMPDIR/said")
}

@test "criu is killed in the middle of a dump: the container goes on" {
	at nothing true
	scripted
	counter
	for moment in pre-dump network-lock post-dump; do
		at "$moment" 'kill -9 $PPID'
		run checkpoint
		fails "criu was killed by signal 9"
		still_counts
	done
	at nothing true
	checkpoint
	n=$(count)
	restore
	wait_for 120 counts_on "$n"
}

@test "criu is killed in the middle of a restore: nothing is left, and the images are good" {
	at nothing true
	scripted
	before=$(mounts)
	counter
	checkpoint
	n=$(count)
	for moment in pre-restore setup-namespaces post-restore pre-resume; do
		at "$moment" 'kill -9 $PPID'
		try_restore
		fails "criu was killed by signal 9"
		nothing_left
		# At the last one all is there, and who was traced by criu runs until hull has killed it.
		[ "$moment" = pre-resume ] || is "$(count)" "$n"
	done
	at nothing true
	restore
	wait_for 120 counts_on "$n"
}

@test "hull is killed in the middle of a dump or a restore" {
	at nothing true
	scripted
	counter
	at network-lock 'kill -9 $(ps -o ppid= -p $PPID)'
	run checkpoint
	is "$status" 137
	wait_for 120 eval '[ "$(status_of)" = running ]'
	still_counts
	at nothing true
	checkpoint
	n=$(count)
	at setup-namespaces 'kill -9 $(ps -o ppid= -p $PPID)'
	try_restore
	is "$status" 137
	hull delete --force "$ID"
	is "$(hull list -q)" ""
	[ ! -e "$(cgroup_dir)" ]
	is "$(count)" "$n"
	at nothing true
	restore
	wait_for 120 counts_on "$n"
}

@test "images that were cut short: each in its turn" {
	before=$(mounts)
	counter
	checkpoint
	for image in pages-1.img core-1.img inventory.img pstree.img mm-1.img mountpoints-13.img; do
		image=$(cd "$IMAGES" && ls "$image" "${image%%-*}"-*.img 2>/dev/null | head -n 1)
		cp "$IMAGES/$image" "$BATS_TEST_TMPDIR/whole"
		truncate -s $(($(stat -c %s "$IMAGES/$image") / 2)) "$IMAGES/$image"
		try_restore
		fails "restore:" || { echo "image $image"; return 1; }
		nothing_left
		cp "$BATS_TEST_TMPDIR/whole" "$IMAGES/$image"
	done
	n=$(count)
	restore
	wait_for 120 counts_on "$n"
}

@test "images that were cut short: shared memory, which criu would do without" {
	before=$(mounts)
	with_usr
	cat >rootfs/shared.py <<-'PY'
		import mmap, time
		shared = mmap.mmap(-1, 1 << 20)
		shared.write(b"z" * (1 << 20))
		open("/tmp/n", "w").write("1")
		time.sleep(100000)
	PY
	args python3 /shared.py
	start
	wait_for 120 test -s rootfs/tmp/n
	checkpoint
	[ -e "$IMAGES"/pagemap-shmem-*.img ]
	for image in "$IMAGES"/pages-*.img; do
		cp "$image" "$BATS_TEST_TMPDIR/whole"
		truncate -s $(($(stat -c %s "$image") / 2)) "$image"
		try_restore
		fails "${image##*/} is cut short"
		nothing_left
		cp "$BATS_TEST_TMPDIR/whole" "$image"
	done
	restore
}

@test "images that are not there" {
	before=$(mounts)
	counter
	checkpoint
	mkdir "$BATS_TEST_TMPDIR/empty"
	run hull restore --detach --image-path "$BATS_TEST_TMPDIR/empty" "$ID"
	fails "descriptors.json" "is this a checkpoint?"
	run hull restore --detach --image-path "$BATS_TEST_TMPDIR/none" "$ID"
	fails "--image-path" "no such file or directory"
	rm "$IMAGES/inventory.img"
	try_restore
	fails "criu failed"
	nothing_left
}

@test "images of another container: the config that is given does not allow it" {
	before=$(mounts)
	config '.process.capabilities.bounding += ["CAP_SYS_PTRACE"]'
	counter
	checkpoint
	config '.process.capabilities.bounding -= ["CAP_SYS_PTRACE"]'
	try_restore
	fails "config.json:/process/capabilities" "CAP_SYS_PTRACE"
	nothing_left
	# Another root file system, in which its files are not.
	config '.process.capabilities.bounding += ["CAP_SYS_PTRACE"] | .root.path = "other"'
	mkdir other other/proc other/dev other/sys other/tmp
	try_restore
	fails "criu failed"
	nothing_left
}

@test "an id that is in use, and missing criu" {
	counter
	checkpoint --leave-running
	try_restore
	fails "already exists"
	still_counts
	config --arg cg "/hull-test/$OTHER" '.linux.cgroupsPath = $cg'
	run hull --criu /nonexistent/criu restore --detach --image-path "$IMAGES" "$OTHER"
	fails "--criu: cannot execute /nonexistent/criu"
	[ ! -e "$CGROUPS/hull-test/$OTHER" ]
	is "$(hull list -q)" "$ID"
	still_counts
}

@test "no room for the images, at several sizes: the container goes on" {
	counter
	mkdir "$IMAGES"
	for size in 4k 40k 200k; do
		mount -t tmpfs -o size=$size tmpfs "$IMAGES"
		run checkpoint
		fails "checkpoint:"
		still_counts
		umount "$IMAGES"
	done
	mkdir "$BATS_TEST_TMPDIR/work"
	mount -t tmpfs -o size=4k tmpfs "$BATS_TEST_TMPDIR/work"
	run checkpoint --work-path "$BATS_TEST_TMPDIR/work"
	# criu does without a whole log, or not.
	[ "$status" = 0 ] || { fails "checkpoint:"; still_counts; }
}
