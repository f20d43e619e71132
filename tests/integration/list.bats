#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# list: the containers of a state root, as a table, as JSON, as ids.

load helpers

extra_setup() {
	args sleep 1000
}

two() {
	for n in 1 2; do
		config ".linux.cgroupsPath = \"$CGROUP/$n\""
		hull create "c-$n" </dev/null >/dev/null 2>&1 3>&-
	done
	hull start c-2
}

@test "list of nothing" {
	run hull list
	is "$status" 0
	[ "${#lines[@]}" -le 1 ]
	run hull list -q
	is "$status" 0
	is "$output" ""
	run hull list --format json
	is "$status" 0
	[ "$output" = null ] || [ "$output" = "[]" ]
}

@test "list as a table" {
	two
	run hull list
	is "$status" 0
	is "${#lines[@]}" 3
	[[ ${lines[0]} =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER ]]
	[[ $output =~ c-1\ +[0-9]+\ +created\ +$BUNDLE\ +20[0-9-]+T[0-9:.]+Z\ +root ]]
	[[ $output =~ c-2\ +[0-9]+\ +running\ +$BUNDLE\ +20[0-9-]+T[0-9:.]+Z\ +root ]]
	run hull list --format table
	is "${#lines[@]}" 3
	# Columns stand below each other.
	is "$(awk '{print index($0, $3)}' <<<"$output" | sort -u | wc -l)" 1
}

@test "list as JSON" {
	two
	for how in "--format json" "--format=json" "-f json" "-format=json"; do
		run hull list $how
		is "$status" 0
		is "$(jq -r 'map(.id + ":" + .status) | sort | join(" ")' <<<"$output")" "c-1:created c-2:running"
	done
	is "$(jq -r '.[0] | .owner' <<<"$output")" root
	is "$(jq -r '.[] | .bundle' <<<"$output" | sort -u)" "$BUNDLE"
	jq -e 'all(.pid > 1 and (.created | test("^20")) and (.rootfs | startswith("/")))' <<<"$output"
	is "$(jq length <<<"$output")" 2
}

@test "list -q prints ids" {
	two
	for how in -q --quiet --quiet=true -quiet; do
		run hull list $how
		is "$(sort <<<"$output" | tr '\n' ' ')" "c-1 c-2 "
	done
}

@test "list refuses an unknown format" {
	run hull list --format yaml
	is "$status" 1
	[ -n "$output" ]
}

@test "list skips foreign and broken directories" {
	two
	mkdir "$STATE/foreign" "$STATE/broken"
	echo '{' >"$STATE/broken/state.json"
	echo x >"$STATE/file"
	run --separate-stderr hull list -q
	is "$status" 0
	is "$(sort <<<"$output" | tr '\n' ' ')" "c-1 c-2 "
	run --separate-stderr hull list --format json
	is "$status" 0
	is "$(jq length <<<"$output")" 2
}

@test "list shows stopped containers with pid 0" {
	two
	hull kill c-2 KILL
	stopped() { [ "$(status_of c-2)" = stopped ]; }
	wait_for 30 stopped
	is "$(hull list --format json | jq -r '.[] | select(.id == "c-2") | "\(.status) \(.pid)"')" "stopped 0"
}

@test "list while containers come and go" {
	args true
	config ".linux.cgroupsPath = \"$CGROUP/x\""
	(for i in 1 2 3 4 5 6 7 8; do hull run x </dev/null >/dev/null 2>&1 3>&-; done; touch over) &
	others=$!
	until [ -e over ]; do
		run --separate-stderr hull list --format json
		is "$status" 0
		jq -e 'length <= 1' <<<"${output/null/[]}" >/dev/null
	done
	wait "$others"
}
