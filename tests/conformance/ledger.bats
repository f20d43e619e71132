#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The rows of the requirement ledger that a config alone can show (tests/conformance/ledger, `make conformance`).

HERE=${BATS_TEST_FILENAME%/*}
load ../integration/helpers

@test "every row of the ledger that configs.tsv has a config for: create and validate do as it says" {
	hull_only "validate is hull's"
	"$HERE/ledger" "$HULL" >"$BATS_TEST_TMPDIR/tap" || { grep -A 1 '^not ok' "$BATS_TEST_TMPDIR/tap"; false; }
	is "$(grep -c '^not ok' "$BATS_TEST_TMPDIR/tap")" 0
	[ "$(grep '^ok' "$BATS_TEST_TMPDIR/tap" | grep -vc SKIP)" -gt 130 ]
}

@test "a runtime that accepts everything fails it, and an id that is no row too" {
	cp -r "$HERE" "$BATS_TEST_TMPDIR/conformance"
	mkdir "$BATS_TEST_TMPDIR/integration"
	cp "$TESTS/integration/base.json" "$BATS_TEST_TMPDIR/integration"
	cp -r "$TESTS/fixtures" "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR/conformance"
	printf 'ids\tverdict\tfilter\tpointer\nver-01\trefused\tdel(.ociVersion)\t/ociVersion\nnonsense-99\taccepted\t.\t-\n' >configs.tsv
	run ./ledger /bin/true
	is "$status" 1
	has "$output" "not ok 1 - configs.tsv cites only rows of the ledger"
	has "$output" "# unknown: nonsense-99"
	grep -q '^not ok .* ver-01: ' <<<"$output"
}
