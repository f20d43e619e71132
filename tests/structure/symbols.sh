#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# symbols.sh - prove that src/init/ and src/container/ resolve no path by themselves.
#
# Inside a container's root a path is resolved by kernel/rootfs.c alone.  Here the build keeps that
# rule: no object of the two folders may refer to a function of the C library that takes a path
# (forbidden.txt), nor to one of our own that does (paths.txt), except where allowed.txt names the
# object, the function and the reason.  An allowance that nothing uses any more is a fault as well,
# and so is a function of base/ or kernel/ with a path among its parameters that paths.txt misses.
set -u
srcdir=${srcdir:-.}
builddir=${builddir:-.}
here=$srcdir/tests/structure
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
LC_ALL=C
export LC_ALL

n=0
failed=0
result() {
	n=$((n + 1))
	if [ -s "$2" ]; then
		failed=1
		echo "not ok $n - $1"
		sed 's/^/# /' "$2"
	else
		echo "ok $n - $1"
	fi
}
table() { sed 's/#.*//; s/[ \t]*$//; /^$/d' "$1"; }

# Each name with the forms that the C library's headers turn it into.
table "$here/forbidden.txt" | while read -r name; do
	for form in "$name" "${name}64"; do
		echo "$form"
		echo "__${form}_2"
		echo "__${form}_chk"
		echo "__$form"
	done
done | sort -u >"$tmp/forbidden"
table "$here/paths.txt" | awk '$1 == "none" || $1 == "host" { print $2 }' | sort -u >"$tmp/init.ours"
table "$here/paths.txt" | awk '$1 == "none" { print $2 }' | sort -u >"$tmp/container.ours"
table "$here/paths.txt" | awk '{ print $2 }' | sort -u >"$tmp/classified"
table "$here/allowed.txt" | awk '{ print $1, $2 }' | sort -u >"$tmp/allowed"
: >"$tmp/used"

for folder in init container; do
	nm -A -u "$builddir/src/$folder/lib$folder.a" 2>/dev/null |
		sed -n 's/^[^:]*:\([^:]*\)\.o: *[Uw] \(.*\)$/\2 \1/p' | sed 's/@.*//' | sort -u >"$tmp/$folder"
	: >"$tmp/faults"
	for list in forbidden $folder.ours; do
		join "$tmp/$folder" "$tmp/$list" | while read -r symbol object; do
			if grep -qxF "$folder/$object $symbol" "$tmp/allowed"; then
				echo "$folder/$object $symbol" >>"$tmp/used"
			else
				echo "src/$folder/$object.c calls $symbol"
			fi
		done >>"$tmp/faults"
	done
	result "src/$folder/ calls no function that resolves a path" "$tmp/faults"
done

sort -u "$tmp/used" | comm -23 "$tmp/allowed" - | sed 's/^/nothing uses: /' >"$tmp/faults"
result "allowed.txt holds nothing that is not used" "$tmp/faults"

sed 's/#.*//; s/[ \t]*$//; /^$/d' "$here/allowed.txt" | awk 'NF < 2 { print "not \"object function\": " $0 }' >"$tmp/faults"
awk '!/^#/ && NF && !/#/ { print "no reason given: " $0 }' "$here/allowed.txt" >>"$tmp/faults"
result "each row of allowed.txt gives a reason" "$tmp/faults"

table "$here/paths.txt" | awk '$1 !~ /^(none|host|safe)$/ || NF != 2 { print "not a row: " $0 }' >"$tmp/faults"
result "paths.txt is well formed" "$tmp/faults"

# Prototypes of base/ and kernel/ with a parameter that is called path, dir, name of a file, ...
cat "$srcdir"/src/base/*.h "$srcdir"/src/kernel/*.h 2>/dev/null |
	sed 's,//.*,,; /^#/d' | tr '\n' ' ' | sed 's,/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/,,g' | tr ';{}' '\n\n\n' |
	grep -E 'const char \*(restrict )?(path|dir|file|filename|pathname|target|source|rel|sub|from|to)[,)]' |
	sed -n 's/.*[ *]\([a-z_0-9]\{1,\}\)(.*(.*/\1/; s/[^(]*[ *]\([a-z_0-9]\{1,\}\)(.*/\1/p' |
	sort -u | comm -23 - "$tmp/classified" | sed 's/$/: takes a path and is not in paths.txt/' >"$tmp/faults"
result "paths.txt knows every function that takes a path" "$tmp/faults"

# Names that are gone would make the list lie.
cat "$srcdir"/src/base/*.h "$srcdir"/src/kernel/*.h 2>/dev/null >"$tmp/headers"
: >"$tmp/faults"
while read -r name; do
	grep -qw "$name" "$tmp/headers" || echo "$name: in paths.txt, in no header" >>"$tmp/faults"
done <"$tmp/classified"
result "paths.txt names only functions that exist" "$tmp/faults"

echo "1..$n"
exit $failed
