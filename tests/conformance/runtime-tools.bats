#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# OCI runtime-tools, unmodified: each of its 58 programs passes, or does not for a reason in runtime-tools.expected.

HERE=${BATS_TEST_FILENAME%/*}
load ../integration/helpers

# All of it in one go, and not below the time limit of a test: the first run builds the suite.
setup_file() {
	export RESULT=$BATS_FILE_TMPDIR/result
	RUNTIME_TOOLS=$HERE/runtime-tools
	export REASON=
	if [ -z "$IS_HULL" ]; then
		REASON="the verdicts are those of hull"
	elif [ ! -d "$CGROUPS/pids" ]; then
		REASON="the suite knows cgroup v1 only"
	elif "$TESTS/fixtures/runtime-tools" >"$RESULT.suite" 2>"$RESULT.reason" 3>&-; then
		"$RUNTIME_TOOLS/run" "$HULL" >"$RESULT" 2>"$RESULT.errors" 3>&- || :
	elif [ $? = 3 ]; then
		REASON=$(tail -n 1 "$RESULT.reason")
	else
		cp "$RESULT.reason" "$RESULT.errors"
	fi
}

# In the place of the integration tests' bundles.
setup() {
	[ -z "$REASON" ] || skip "$REASON"
}

teardown() { :; }

@test "runtime-tools: every program passes, or does not for a reason that is shown" {
	cat "$RESULT.errors"
	grep -A 60 '^not ok' "$RESULT" || :
	is "$(grep -cE '^(not )?ok' "$RESULT")" 58
	is "$(grep -c '^not ok' "$RESULT")" 0
	grep '^# page: ' "$RESULT" >&3
}

@test "runtime-tools: a runtime that does something wrong is seen" {
	# It makes a container of another hostname than it was told.
	cat >"$BATS_TEST_TMPDIR/other" <<-SH
	#!/bin/sh
	config=
	for word; do
		[ ! -f "\$word/config.json" ] || config=\$word/config.json
	done
	[ -n "\$config" ] || exec "$HULL" "\$@"
	cp "\$config" "\$config.told"
	jq '.hostname = "evil"' "\$config.told" >"\$config"
	"$HULL" "\$@"
	status=\$?
	mv "\$config.told" "\$config"
	exit \$status
	SH
	chmod +x "$BATS_TEST_TMPDIR/other"
	run "$HERE/runtime-tools/run" --only hostname "$BATS_TEST_TMPDIR/other" 3>&-
	echo "$output"
	is "$status" 1
	has "$output" "not ok 1 - hostname: fails"
	has "$output" "# not ok"
	# Another program does not look at it, and the runtime itself is fine.
	run "$HERE/runtime-tools/run" --only state "$BATS_TEST_TMPDIR/other" 3>&-
	is "$status" 0
	run "$HERE/runtime-tools/run" --only hostname "$HULL" 3>&-
	is "$status" 0
	has "$output" "ok 1 - hostname: passes"
}
