#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# documents.sh - the committed manual pages, completions and JSON are those that hull prints, the shells
# understand theirs, and man understands the pages.  What is not installed is skipped.
set -u
srcdir=${srcdir:-.}
HULL=${HULL:-./hull}
completions=$srcdir/contrib/completions
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0
failed=0

# check DESCRIPTION COMMAND...: the output of a failure becomes diagnostics
check() {
	n=$((n + 1))
	what=$1
	shift
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok $n - $what"
	else
		failed=1
		echo "not ok $n - $what"
		sed 's/^/# /' "$tmp/out"
	fi
}

# check_with PROGRAM DESCRIPTION COMMAND...: where the program is installed
check_with() {
	program=$1
	shift
	if command -v "$program" >/dev/null; then
		check "$@"
	else
		n=$((n + 1))
		echo "ok $n - $1 # SKIP $program is not installed"
	fi
}

# man warns of faults, and ends with 0.
renders() {
	for page in "$srcdir"/man/*.1; do
		LC_ALL=C MANWIDTH=100 man --warnings -l "$page" 2>&1 >/dev/null | sed "s,^,$page: ,"
	done >"$tmp/faults"
	cat "$tmp/faults"
	[ ! -s "$tmp/faults" ]
}

# What a caller types, what is offered.
bash_completes() {
	HULL_COMPLETION=$completions/bash/hull bash -u "$srcdir/tests/documents/complete.bash"
}

check 'the committed documents are fresh' sh "$srcdir/contrib/documents" check "$HULL" "$srcdir"
check 'the JSON holds every command' sh -c \
	'for c in create delete kill list run start state; do grep -q "\"name\": \"$c\"" "$0" || { echo "no $c"; exit 1; }; done' \
	"$srcdir/docs/commands.json"
check_with man 'man understands the manual pages' renders
check_with bash 'bash understands its completion' bash -n "$completions/bash/hull"
check_with bash 'bash completes' bash_completes
check_with zsh 'zsh understands its completion' zsh -n "$completions/zsh/_hull"
check_with fish 'fish understands its completion' fish -n "$completions/fish/hull.fish"
echo "1..$n"
exit $failed
