# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile documents: config.json, and what lies where it should be.
# HOSTILE_LONG=1: all of them; else a sample, another one for another HOSTILE_SEED.

load ../integration/helpers
load host

setup_file() { host_before; }
teardown_file() { host_after; }

extra_setup() {
	export STATE BUNDLE ID
	args true
}

@test "config.json: huge, deep, truncated, duplicated, of wrong types, with numbers beyond all limits" {
	local before after
	mkfifo fifo # for the documents that name it
	before=$(snapshot)
	"$BATS_TEST_DIRNAME/documents" ${HOSTILE_LONG:+--all} --seed "${HOSTILE_SEED:-7}"
	after=$(snapshot)
	# The cache of seccomp programs stays, by design.
	diff <(echo "$before") <(grep -vx '@seccomp' <<<"$after")
}

@test "exec --process and update --resources: the same for what they read" {
	running
	"$BATS_TEST_DIRNAME/documents" --running ${HOSTILE_LONG:+--all} --seed "${HOSTILE_SEED:-7}"
	hull delete --force "$ID"
}

@test "config.json is a FIFO, a directory, a device, endless, a link, another's" {
	local make
	for make in 'mkfifo @' 'mkdir @' 'mknod @ c 1 3' 'ln -s /dev/zero @' 'ln -s @ @' 'ln -s /proc/kmsg @' 'truncate -s 1T @' ':>@' 'ln -s /nowhere @' \
		"python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"@\")'"; do
		rm -rf config.json
		eval "${make//@/config.json}"
		run timeout -k 1 20 "$HULL" --root "$STATE" run "$ID" </dev/null
		[ "$status" = 1 ] && one_line "$output" && has "$output" "hull: run: " || { echo "$make: $status: $output"; return 1; }
		[ -z "$(ls -A "$STATE" 2>/dev/null)" ]
	done
}
