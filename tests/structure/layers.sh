#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# layers.sh - prove that no folder uses a higher one, by the symbols and by the includes.
#
# An include by path always compiles, and a link in the right order hides an upward call as long as
# somebody else pulls the object in.  So every symbol that the library of a folder leaves undefined,
# and that some other folder defines, must be defined in a folder below it.  Libraries that one file
# alone may use (yajl, libcap, ...) are checked here too.
set -u
srcdir=${srcdir:-.}
builddir=${builddir:-.}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# folder | archive | folders that it may use
layers='
libocispec | libocispec/libocispec.a       |
base       | src/base/libbase.a            |
kernel     | src/kernel/libkernel.a        | base
cgroup     | src/cgroup/libcgroup.a        | kernel base libocispec
init       | src/init/libinit.a            | kernel base libocispec
container  | src/container/libcontainer.a  | cgroup init kernel base libocispec
cli        | src/cli/libcli.a              | container cgroup init kernel base libocispec
'

# header | the only file that may include it
owners='
yajl/      | libocispec/json.c
sys/capability.h | src/kernel/caps.c
seccomp.h  | src/container/seccomp.c
dbus/      | src/cgroup/bus.c
'

n=0
failed=0
# result DESCRIPTION FILE-WITH-FAULTS: one TAP line, the faults as diagnostics
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
rows() { echo "$1" | sed '/^$/d'; }
cell() { echo "$1" | cut -d'|' -f"$2" | tr -s ' \t' ' ' | sed 's/^ //; s/ $//'; }

rows "$layers" >"$tmp/layers"
while IFS= read -r row; do
	folder=$(cell "$row" 1)
	archive=$builddir/$(cell "$row" 2)
	# Both lists hold "symbol object" so that a fault can name the file.
	nm -A --defined-only "$archive" 2>/dev/null | awk '$2 ~ /[TDBRVWCGSi]/ || $3 ~ /[TDBRVWCGSi]/ { print $NF }' |
		sort -u >"$tmp/$folder.defined"
	nm -A -u "$archive" 2>/dev/null | sed -n 's/^[^:]*:\([^:]*\): *[Uw] \(.*\)$/\2 \1/p' |
		sort -u >"$tmp/$folder.undefined"
done <"$tmp/layers"

folders=$(cut -d'|' -f1 "$tmp/layers" | tr -d ' ')
while IFS= read -r row; do
	folder=$(cell "$row" 1)
	allowed=" $folder $(cell "$row" 3) "
	: >"$tmp/faults"
	for other in $folders; do
		case $allowed in *" $other "*) continue ;; esac
		join "$tmp/$folder.undefined" "$tmp/$other.defined" | while read -r symbol object; do
			# Something of the same name in a permitted folder would be the one that is linked.
			for own in $allowed; do
				grep -qx "$symbol" "$tmp/$own.defined" && continue 2
			done
			echo "$folder/$object uses $symbol of $other"
		done >>"$tmp/faults"
	done
	result "$folder links only downwards" "$tmp/faults"
done <"$tmp/layers"

sources() { find "$srcdir/src" "$srcdir/libocispec" -name '*.[ch]' -o -name '*.def' | sed "s,^$srcdir/,," | LC_ALL=C sort; }
while IFS= read -r row; do
	folder=$(cell "$row" 1)
	allowed=" $folder $(cell "$row" 3) "
	: >"$tmp/faults"
	for file in $(sources | grep -E "^(src/)?$folder/"); do
		sed -n 's/^[ \t]*#[ \t]*include[ \t]*["<]\([^">]*\)[">].*/\1/p' "$srcdir/$file" | while read -r header; do
			case $header in
			base/* | kernel/* | cgroup/* | init/* | container/* | cli/*) owner=${header%%/*} ;;
			ocispec.h | libocispec/*) owner=libocispec ;;
			../*) echo "$file includes $header: name headers from src/"; continue ;;
			*) continue ;;
			esac
			case $allowed in *" $owner "*) ;; *) echo "$file includes $header" ;; esac
			# container knows of init its messages and what both do alike, nothing else.
			case $folder:$header in
			container:init/protocol.h | container:init/annotations.h | container:init/hooks.h) ;;
			container:init/landlock.h | container:init/plan.h | container:init/scheduling.h) ;;
			container:init/*) echo "$file includes $header (of init: protocol, annotations, hooks, landlock, plan, scheduling)" ;;
			esac
		done
	done >"$tmp/faults"
	result "$folder includes only downwards" "$tmp/faults"
done <"$tmp/layers"

rows "$owners" >"$tmp/owners"
while IFS= read -r row; do
	header=$(cell "$row" 1)
	owner=$(cell "$row" 2)
	for file in $(sources); do
		[ "$file" = "$owner" ] && continue
		grep -qE "^[ 	]*#[ 	]*include[ 	]*[<\"]$header" "$srcdir/$file" && echo "$file includes $header"
	done >"$tmp/faults"
	result "$header is used by $owner alone" "$tmp/faults"
done <"$tmp/owners"

echo "1..$n"
exit $failed
