#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The requirement ledger: the rows that a config alone can show (tests/conformance/ledger), and a verdict for each row.

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

@test "every row of the ledger has a verdict, and the tests that it cites are there" {
	run "$HERE/verdicts" check
	is "$output" ""
	is "$status" 0
	run "$HERE/verdicts" figures
	has "$output" "574 of 574 rows have a verdict"
}

@test "a row without a verdict, an unknown id, a test that is not there, two verdicts: each is found" {
	while IFS='	' read -r edit text; do
		sed "$edit" "$HERE/verdicts.tsv" >"$BATS_TEST_TMPDIR/verdicts.tsv"
		VERDICTS=$BATS_TEST_TMPDIR/verdicts.tsv run "$HERE/verdicts" check
		is "$status" 1
		has "$output" "$text"
	done <<-'EOT'
		/^life-16\t/d	life-16: no verdict
		s/^life-16\t/life-99\t/	life-99: no row of the ledger has this id
		/^life-16\t/s/poststart/poststart,/	there is no test of this name: a failed poststart, hook
		/^life-16\t/s/hooks.bats/hook.bats/	tests/integration/hook.bats: there is no such file
		/^life-05\t/{s/pass/fail/;}	life-05: fails
		/^life-05\t/{/rows.bats/s/pass/deviates/;}	life-05: two verdicts
		/^user-05\t/s/[^\t]*$/-/	user-05: deviates, and no reason
		/^ver-04\t.*configs.tsv/d	ver-04: configs.tsv and its citation differ
		/^rdt-01\t/s/own_group/its_group/	there is no test of this name: its_group
	EOT
}

@test "docs/conformance.md and README.md have the verdicts as they are: else run tests/conformance/verdicts update" {
	"$HERE/verdicts" document | diff - "$TOP/docs/conformance.md"
	"$HERE/verdicts" readme | diff - "$TOP/README.md"
	grep -qF "$("$HERE/verdicts" figures)" "$TOP/README.md"
}

@test "outcomes: a row is shown by a test that passed, fails with one that failed, and is skipped else" {
	log=$BATS_TEST_TMPDIR/x.log
	run -0 "$HERE/verdicts" outcomes "$BATS_TEST_TMPDIR"
	has "$output" "shown by this run: 0, failed: 0"
	{
		echo "ok 1 a failed poststart hook: the program is stopped, the container destroyed (life-16) in 12ms"
		echo "ok 2 start wants an id in 7ms # skip some reason"
		echo "not ok 3 kill wants an id in 8ms"
		echo "ok 4 - nothing_asked_for"
	} >"$log"
	run "$HERE/verdicts" outcomes "$BATS_TEST_TMPDIR"
	is "$status" 1
	grep -qE '^ok [0-9]+ - life-16: [^#]*$' <<<"$output"
	grep -qE '^ok [0-9]+ - op-start-01: .*# skip' <<<"$output"
	grep -qE '^not ok [0-9]+ - op-kill-01: ' <<<"$output"
	grep -qE '^ok [0-9]+ - rdt-15: [^#]*$' <<<"$output"
	grep -qE '^ok [0-9]+ - gen-text-01: .*# skip not observable' <<<"$output"
	has "$output" "# page: ledger: 574 of 574 rows have a verdict: "
	has "$output" "shown by this run: 2, failed: 1"
}

@test "outcomes: what ran in a machine counts as what ran here does" {
	{
		echo "ok 1 cgroup2: unified: any file, written as it stands"
		echo "ok 2 labels: SELinux: of the process, of the keyring, of mounts # skip no SELinux here"
		echo "not ok 3 netdevices: without a name it keeps its own; a template lets the kernel choose (netdev-05)"
	} >"$BATS_TEST_TMPDIR/vm-trixie.log"
	run "$HERE/verdicts" outcomes "$BATS_TEST_TMPDIR"
	is "$status" 1
	grep -qE '^ok [0-9]+ - cg-uni-02: [^#]*$' <<<"$output"
	grep -qE '^not ok [0-9]+ - netdev-05: ' <<<"$output"
	grep -qE '^# page: ledger: .* failed: 1,' <<<"$output"
}
