#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# negations.sh - a line `! COMMAND` in the middle of a test or of a function of tests proves nothing: set -e does not look at
# its status.  `! COMMAND || false` does.  The last line of a function is its status, and may be one.
set -u
srcdir=${srcdir:-.}
failed=0
n=0

for file in "$srcdir"/tests/*/*.bats "$srcdir"/tests/*/*.bash "$srcdir"/tests/*/*/*.bats "$srcdir"/tests/*/*/*.bash \
	"$srcdir"/tests/*/*/*/*.bats "$srcdir"/tests/*/*/*/*.bash; do
	[ -e "$file" ] || continue
	n=$((n + 1))
	found=$(awk '
		/^[ \t]*(#|$)/ { next }
		line && !/^[ \t]*}/ { print "# line " line ": " text }
		{ line = 0 }
		/^[ \t]*! / && !/\|\||&&|\\$/ { line = NR; text = $0; sub(/^[ \t]*/, "", text) }' "$file")
	if [ -z "$found" ]; then
		echo "ok $n - ${file#"$srcdir"/}"
	else
		failed=1
		echo "not ok $n - ${file#"$srcdir"/}"
		echo "$found"
	fi
done
echo "1..$n"
exit $failed
