#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What people copy out of docs/engines.md is what the tests of engines start them with.

TOP=$BATS_TEST_DIRNAME/../..

@test "snippets: docs/engines.md has each file of contrib/engines, word for word, and a test reads it" {
	local file text doc
	doc=$(cat "$TOP/docs/engines.md")
	for file in "$TOP"/contrib/engines/*; do
		text=$(grep -v '^#' "$file")
		[[ $doc == *$'\n'"$text"$'\n```'* ]] || { echo "docs/engines.md does not have ${file##*/}"; return 1; }
		grep -q "contrib/engines/${file##*/}" "$TOP"/tests/engines/*.ba* || { echo "no test reads ${file##*/}"; return 1; }
	done
}
