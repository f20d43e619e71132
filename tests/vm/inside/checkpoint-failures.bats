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
	[ ! -e "$CGROUPS$CGROUP" ]
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

# As restore of checkpoint.bash, for `run`.
try_restore() {
	run timeout 150 "$HULL" --root "$STATE" restore --detach --image-path "$IMAGES" "$@" "$ID" </dev/null 3>&-
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
