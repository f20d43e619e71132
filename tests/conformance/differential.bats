#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a program sees of itself on more than a hundred bundles, under hull, runc and crun: see differences.md.

HERE=${BATS_TEST_FILENAME%/*}
load ../integration/helpers

setup_file() {
	export PROBE=$BATS_FILE_TMPDIR/probe
	cc -O1 -static -o "$PROBE" "$HERE/probe.c" || PROBE=
}

# In the place of the integration tests' bundles.
setup() {
	[ -n "$PROBE" ] || skip "no C compiler for static programs"
	is_hull || skip "compares hull with others"
}

teardown() { :; }

# The differences are explained for these.
need_peers() {
	RUNC=$(command -v "${RUNC:-runc}") && CRUN=$(command -v "${CRUN:-crun}") || skip "no runc and crun"
	[[ $("$RUNC" --version) == "runc version 1.1.5"* && $("$CRUN" --version) == "crun version 1.8.1"* ]] ||
		skip "the differences are explained for runc 1.1.5 and crun 1.8.1"
	[ -d "$CGROUPS/unified" ] || skip "the differences are explained for a hybrid host"
}

# part K - a third of the bundles.
part() {
	need_peers
	run "$HERE/differential" --part "$1/3" "$PROBE" "$HULL" "$RUNC" "$CRUN" 3>&-
	grep -A 20 '^not ok' <<<"$output" || :
	[ "$status" -eq 0 ] || echo "$output" | tail -n 5
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -ge 20 ]
}

@test "every difference from runc and crun is explained, 1 of 3" { part 1; }
@test "every difference from runc and crun is explained, 2 of 3" { part 2; }
@test "every difference from runc and crun is explained, 3 of 3" { part 3; }

# other JQ - a runtime that is hull with another config.
other() {
	cat >"$BATS_TEST_TMPDIR/other" <<-SH
	#!/bin/sh
	for word; do
		[ ! -f "\$word/config.json" ] || { jq '$1' "\$word/config.json" >"\$word/new" && mv "\$word/new" "\$word/config.json"; }
	done
	exec "$HULL" "\$@"
	SH
	chmod +x "$BATS_TEST_TMPDIR/other"
}

@test "hull does not differ from itself, and a difference without a row makes the test fail" {
	other .
	run "$HERE/differential" --only 'user-1000' "$PROBE" "$HULL" "$BATS_TEST_TMPDIR/other" 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	has "$output" "ok 1 - user-1000"
	! grep -q '^# /' <<<"$output"
	while IFS=$'\t' read -r change difference; do
		other "$change"
		run "$HERE/differential" --only base "$PROBE" "$HULL" "$BATS_TEST_TMPDIR/other" 3>&-
		[ "$status" -eq 1 ] || echo "$change: $output"
		is "$status" 1
		has "$output" "not ok 1 - base"
		has "$output" "# $difference"
	done <<-'EOT'
	.hostname = "evil"	/namespaces/hostname: hull hull, other evil
	.process.capabilities.bounding = ["CAP_KILL"]	/capabilities/bounding: hull 0000000020000420, other 0000000000000020
	.linux.maskedPaths |= map(select(. != "/sys/firmware"))	/mounts/~sys~firmware/type: hull tmpfs, other absent
	.process.rlimits[0].soft = 9	/rlimits/nofile: hull 1024 1024, other 9 1024
	.process.user.umask = 63	/identity/umask: hull 0022, other 0077
	.process.args = ["/nothing"]	/runs: hull yes, other hull: run: exec:
	EOT
}
