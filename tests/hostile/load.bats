# SPDX-License-Identifier: LGPL-2.1-or-later
# Many containers at once, and one runtime in ten that is killed at a random moment: after gc nothing is left.
# HOSTILE_LONG=1: 500 of them; else 60. LOAD_COUNT: another number. HOSTILE_SEED chooses other moments.

load ../integration/helpers

extra_setup() {
	args sleep 1000
	config '.root.readonly = true'
	export STATE BUNDLE ID CGROUP
}

extra_teardown() {
	local dir
	for dir in "$CGROUPS"/*"$CGROUP" "$CGROUPS$CGROUP"; do
		[ -d "$dir" ] || continue
		for dir in "$dir"/*/; do
			dir=${dir%/}
			cgroup_kill "$CGROUP/${dir##*/}"
		done
	done
}

@test "containers are created, started, limited and deleted, 16 at a time; some runtimes are killed" {
	run "$BATS_TEST_DIRNAME/load" "${LOAD_COUNT:-$([ -n "${HOSTILE_LONG:-}" ] && echo 500 || echo 60)}" 16 "${HOSTILE_SEED:-7}"
	echo "$output"
	is "$status" 0
	has "$output" "nothing is left"
	[ -z "${HOSTILE_LONG:-}" ] || tail -n 1 <<<"$output" | sed 's/^/# /' >&3
}
