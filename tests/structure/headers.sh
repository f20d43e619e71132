#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# headers.sh - each header compiles on its own: it includes what it uses, whatever was included before.
set -u
srcdir=${srcdir:-.}
builddir=${builddir:-.}
cc=${CC:-cc}
n=0
failed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

for header in "$srcdir"/src/*/*.h "$srcdir"/libocispec/*.h; do
	[ -e "$header" ] || continue
	n=$((n + 1))
	name=${header#"$srcdir"/}
	# shellcheck disable=SC2086
	if $cc -std=gnu11 -Wall -Wextra -Werror -Wno-unused-function -include "$builddir/config.h" -I"$srcdir/src" \
		-I"$srcdir/libocispec" -fsyntax-only -x c -include "$header" /dev/null 2>"$log"; then
		echo "ok $n - $name"
	else
		failed=1
		echo "not ok $n - $name"
		sed 's/^/# /' "$log"
	fi
done
echo "1..$n"
exit $failed
