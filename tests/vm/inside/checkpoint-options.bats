#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# checkpoint and restore: what each option allows, with the real criu.

load ../../integration/helpers
load checkpoint

# refused_dump TEXT [OPTION...] - fails with one line that holds TEXT, and the container goes on.
refused_dump() {
	local n text=$1
	shift
	run checkpoint "$@"
	is "$status" 1
	one_line "$output"
	has "$output" "$text"
	is "$(status_of)" running
	n=$(count)
	wait_for 120 counts_on "$n"
}

# counting SCRIPT - a container that runs SCRIPT and then counts.
counting() {
	shell "$1
		i=0; while :; do i=\$((i + 1)); echo \$i >/tmp/n; sleep 0.1; done"
	start
	wait_for 120 test -s rootfs/tmp/n
}

# goes_on N - restored, it counts from N.
goes_on() {
	wait_for 120 counts_on "$1"
}

@test "--file-locks: a lock that is held is held again" {
	with_usr
	counting 'exec 3>/tmp/lock; flock -n 3 || exit 1'
	refused_dump "--file-locks"
	checkpoint --file-locks
	n=$(count)
	restore --file-locks
	goes_on "$n"
	run hull exec "$ID" flock -n /tmp/lock true
	is "$status" 1
}
