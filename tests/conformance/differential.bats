#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a program sees of itself on more than a hundred bundles, under hull, runc and crun, with check --all on some four hundred:
# see differences.md.

HERE=${BATS_TEST_FILENAME%/*}
load ../integration/helpers

RUNC=$(command -v "${RUNC:-runc}") || RUNC=
CRUN=$(command -v "${CRUN:-crun}") || CRUN=

# The differences are explained for these.
lacking() {
	[ -n "$RUNC" ] && [ -n "$CRUN" ] || { echo "no runc and crun"; return; }
	[[ $("$RUNC" --version) == "runc version 1.1.5"* && $("$CRUN" --version) == "crun version 1.8.1"* ]] ||
		{ echo "the differences are explained for runc 1.1.5 and crun 1.8.1"; return; }
	[ -d "$CGROUPS/unified" ] || echo "the differences are explained for a hybrid host"
}

setup_file() {
	export PROBE=$BATS_FILE_TMPDIR/probe
	cc -O1 -static -o "$PROBE" "$HERE/probe.c" || PROBE=
	# All bundles in one go, and not below the time limit of a test.
	export RESULT=$BATS_FILE_TMPDIR/result LONG=$((${CHECK_ALL:+1} + 0))
	if [ -n "$PROBE" ] && is_hull && [ -z "$(lacking)" ]; then
		"$HERE/differential" "$([ $LONG = 1 ] && echo --all || echo --core)" "$PROBE" "$HULL" "$RUNC" "$CRUN" >"$RESULT" 2>"$RESULT.errors" 3>&- || :
	fi
}

# In the place of the integration tests' bundles.
setup() {
	[ -n "$PROBE" ] || skip "no C compiler for static programs"
	is_hull || skip "compares hull with others"
}

teardown() { :; }

need_peers() {
	[ -z "$(lacking)" ] || skip "$(lacking)"
}

@test "every difference from runc and crun is explained" {
	need_peers
	[ -s "$RESULT" ] || cat "$RESULT.errors"
	grep -A 20 '^not ok' "$RESULT" || :
	is "$(grep -c '^not ok' "$RESULT")" 0
	[ "$(grep -c '^ok' "$RESULT")" -ge $((LONG ? 200 : 100)) ]
	grep '^# page: ' "$RESULT" >&3
}

@test "differences.md is what the tables say" {
	"$HERE/differential" --document >"$BATS_TEST_TMPDIR/differences.md"
	diff "$HERE/differences.md" "$BATS_TEST_TMPDIR/differences.md"
}

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
	! grep -q '^# /' <<<"$output" || false
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
	.process.args = ["/nothing"]	/runs: hull yes, other refused: hull: run: exec:
	EOT
}

@test "what the specification refuses must be refused, and a property that no bundle varies is found" {
	other 'del(.linux.resources.blockIO)'
	run "$HERE/differential" --only blkio-leaf-weight "$PROBE" "$BATS_TEST_TMPDIR/other" "$HULL" 3>&-
	is "$status" 1
	has "$output" "# hull makes a container of it: ext-03 is of no effect"
	run "$HERE/differential" --only blkio-leaf-weight "$PROBE" "$HULL" "$HULL" 3>&-
	is "$status" 0
	cd "$HERE"
	run python3 -B -c '
import bundles, json
base = json.load(open("../integration/base.json"))
print("all:", bundles.unvaried(base))
bundles.BUNDLES[:] = [b for b in bundles.BUNDLES if "personality" not in b["name"] and "row-pers" not in b["name"]]
print("without:", bundles.unvaried(base))' 3>&-
	echo "$output"
	has "$output" "all: []"
	has "$output" "without: ['/linux/personality', '/linux/personality/domain'"
}
