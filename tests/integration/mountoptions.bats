#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every row of tests/conformance/mount-options.tsv, seen from inside of one container: what the option makes of
# the mount, and of the mounts in it.  A row that nothing here knows how to look at is a failure.

load helpers

ROWS=$TESTS/conformance/mount-options.tsv

# What is bound: a tmpfs with another one in it, both without flags, with all, with strictatime, and shared.
extra_setup() {
	hull_only "runc 1.1 knows fewer options"
	local source
	for source in off on strict shared; do
		mkdir $source
		mount -t tmpfs tmpfs $source
		mkdir $source/sub
		mount -t tmpfs tmpfs $source/sub
	done
	touch on/sub/below
	for source in on/sub on; do
		mount -o remount,bind,ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow $source
	done
	mount -o remount,bind,strictatime strict
	mount -o remount,bind,strictatime strict/sub
	mount --make-rshared shared
	mkdir "$ROOTFS/o" "$ROOTFS/copied"
	echo copied >"$ROOTFS/copied/file"
	config '.root.readonly = false | .linux.resources.devices = [{allow: true, access: "rwm"}]'
	: >entries
	: >looks
}

# entry NAME TYPE SOURCE OPTION... - a mount at /o/NAME.
entry() {
	local name=$1 type=$2 source=$3
	shift 3
	jq -n --arg d "/o/$name" --arg t "$type" --arg s "$source" --arg o "$*" \
		'{destination: $d, type: $t, source: $s, options: ($o / " ")}' >>entries
}

bound() {
	entry "$1" none "$BUNDLE/$2" rbind "$1"
}

# look OPTION PATH WORD... - what mountinfo has to say of /o/PATH: +word, -word among the mount's options, s+word,
# s-word among the file system's, t:word a tag (t:: none at all), "there", "missing".
look() {
	local IFS=' '
	echo "$*" >>looks
}

# The word of mountinfo for a flag of the table, if that is all there is to it.
word_of() {
	case ${1#MS_} in
	RDONLY | MOUNT_ATTR_RDONLY) echo ro ;;
	NODEV | NOEXEC | NOSUID | NODIRATIME | NOSYMFOLLOW) tr A-Z a-z <<<"${1#MS_}" ;;
	MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW)
		tr A-Z a-z <<<"${1#MOUNT_ATTR_}" ;;
	esac
}

# A flag of the mount: set on one that has none, cleared on one that has all; below only where the row is recursive.
plan_flag() {
	local option=$1 word=$2 action=$3 recursive=$4 here=+ below=-
	if [ "$action" = set ]; then
		bound "$option" off
	else
		bound "$option" on
		here=- below=+
	fi
	[ "$recursive" = n ] || below=$here
	look "$option" "$option" "$here$word"
	look "$option" "$option/sub" "$below$word"
}

# plan_atime OPTION SOURCE RECURSIVE HERE BELOW - the access-time mode: noatime, relatime or strictatime (neither).
plan_atime() {
	local option=$1 mode path
	bound "$option" "$2"
	[ "$3" = n ] && set -- "$@" || set -- "$1" "$2" "$3" "$4" "$4"
	for path in "$option $4" "$option/sub $5"; do
		mode=${path#* }
		case $mode in
		noatime) look "$option" "${path% *}" +noatime -relatime ;;
		relatime) look "$option" "${path% *}" -noatime +relatime ;;
		strictatime) look "$option" "${path% *}" -noatime -relatime ;;
		esac
	done
}

plan_propagation() {
	local option=$1 tag=$2
	bound "$option" shared
	look "$option" "$option" "t:$tag"
	case $option in
	r*) look "$option" "$option/sub" "t:$tag" ;;
	esac
}

# A flag of the file system, on a new one; what clears is put behind what sets.
plan_super() {
	local option=$1 word=$2 action=$3
	if [ "$action" = set ]; then
		entry "$option" tmpfs tmpfs "$option"
		look "$option" "$option" "s+$word"
	else
		entry "$option" tmpfs tmpfs "$word" "$option"
		look "$option" "$option" "s-$word"
		entry "$option-again" tmpfs tmpfs "$word"
		jq -n --arg d "/o/$option-again" --arg o "$option" '{destination: $d, options: ["remount", $o]}' >>entries
		look "$option" "$option-again" "s-$word"
	fi
}

# What no file of the kernel shows: that the file system is made, with nothing else changed.
plan_quiet() {
	entry "$1" tmpfs tmpfs "$1"
	look "$1" "$1" +rw +relatime -nosuid -nodev -noexec s+rw
}

plan_shift() {
	jq -n --arg d "/o/$1" --arg s "$BUNDLE/off" --arg o "$1" '[{containerID: 0, hostID: 1000, size: 10}] as $m |
		{destination: $d, source: $s, options: ["rbind", $o], uidMappings: $m, gidMappings: $m}' >>entries
	look "$1" "$1" +idmapped
}

plan() {
	local option=$1 flags=$2 action=$3 recursive=$4 word
	word=$(word_of "$flags")
	if [ -n "$word" ]; then
		plan_flag "$option" "$word" "$action" "$recursive"
		return
	fi
	case $option in
	bind)
		entry bind none "$BUNDLE/off" bind
		look bind bind there
		look bind bind/sub missing
		;;
	rbind)
		bound rbind off
		look rbind rbind there
		look rbind rbind/sub there
		;;
	atime | ratime) plan_atime "$option" on "$recursive" relatime noatime ;;
	noatime | rnoatime) plan_atime "$option" off "$recursive" noatime relatime ;;
	relatime | rrelatime) plan_atime "$option" on "$recursive" relatime noatime ;;
	norelatime | rnorelatime) plan_atime "$option" off "$recursive" relatime relatime ;;
	strictatime | rstrictatime) plan_atime "$option" off "$recursive" strictatime relatime ;;
	nostrictatime | rnostrictatime) plan_atime "$option" strict "$recursive" relatime strictatime ;;
	private | rprivate) plan_propagation "$option" : ;;
	shared | rshared) plan_propagation "$option" shared: ;;
	slave | rslave) plan_propagation "$option" master: ;;
	unbindable | runbindable) plan_propagation "$option" unbindable ;;
	sync | dirsync | lazytime) plan_super "$option" "$option" set ;;
	async) plan_super async sync clear ;;
	nolazytime) plan_super nolazytime lazytime clear ;;
	silent | loud | iversion | noiversion | mand | nomand | defaults) plan_quiet "$option" ;;
	remount)
		entry remounted tmpfs tmpfs size=1m
		jq -n '{destination: "/o/remounted", options: ["remount", "nosuid", "size=2m"]}' >>entries
		look remount remounted +nosuid s+size=2048k
		;;
	idmap)
		plan_shift idmap
		look idmap idmap/sub -idmapped
		;;
	ridmap)
		plan_shift ridmap
		look ridmap ridmap/sub +idmapped
		;;
	tmpcopyup)
		jq -n '{destination: "/copied", type: "tmpfs", options: ["tmpcopyup"]}' >>entries
		look tmpcopyup ../copied there
		;;
	acl | noacl) ;; # a matter of file systems on disks: a test of their own
	*) return 1 ;;
	esac
}

# check OPTION PATH WORD... - a line of looks, against the mountinfo in the file of that name.
check() {
	local option=$1 path=/o/$2 line options tags super word
	[ "$2" != ../copied ] || path=/copied
	shift 2
	line=$(awk -v p="$path" '$5 == p' mountinfo | tail -n 1)
	if [ "$1" = missing ]; then
		[ -z "$line" ] || { echo "$option: $path is a mount: $line"; return 1; }
		return 0
	fi
	[ -n "$line" ] || { echo "$option: nothing is mounted at $path"; return 1; }
	options=,$(cut -d' ' -f6 <<<"$line"),
	tags=$(cut -d' ' -f7- <<<"$line")
	super=,${tags##* },
	tags=" ${tags%%- *}"
	for word; do
		case $word in
		there) ;;
		+*) [[ $options == *,"${word#+}",* ]] ;;
		-*) [[ $options != *,"${word#-}",* ]] ;;
		s+*) [[ $super == *,"${word#s+}",* ]] ;;
		s-*) [[ $super != *,"${word#s-}",* ]] ;;
		t::) [ "$tags" = " " ] ;;
		t:*) [[ $tags == *" ${word#t:}"* ]] ;;
		esac || { echo "$option: expected $word at $path: $line"; return 1; }
	done
}

make_disk() {
	LOOP=
	command -v mkfs.ext4 >/dev/null || return 0
	truncate -s 8M disk && mkfs.ext4 -q disk && LOOP=$(losetup --find --show disk 2>/dev/null) || LOOP=
}

extra_teardown() {
	[ -z "${LOOP:-}" ] || losetup --detach "$LOOP"
}

@test "every row of the table of mount options, seen from inside" {
	local option flags action recursive rest bad=
	while IFS=$'\t' read -r option flags action recursive rest; do
		plan "$option" "$flags" "$action" "$recursive" || { echo "nothing here looks at $option ($flags, $action)"; bad=1; }
	done < <(tail -n +2 "$ROWS")
	[ -z "$bad" ]
	config --slurpfile e entries '.mounts += $e'
	inside 'cat /proc/self/mountinfo /copied/file'
	is "$status" 0
	has "$output" copied
	grep -E '^[0-9]+ [0-9]+ ' <<<"$output" >mountinfo
	while read -r line; do
		check $line || bad=1
	done <looks
	[ -z "$bad" ]
	# Each row was looked at.
	while IFS=$'\t' read -r option rest; do
		grep -q "^$option " looks || [[ $option == *acl ]] || { echo "$option was not looked at"; bad=1; }
	done < <(tail -n +2 "$ROWS")
	[ -z "$bad" ]
}

@test "acl and noacl go to the file system" {
	local option
	make_disk
	args cat /proc/self/mountinfo
	cp config.json before.json
	for option in acl noacl; do
		cp before.json config.json
		config --arg o $option '.mounts += [{destination: "/o/t", type: "tmpfs", options: [$o]}]'
		run hull run "$ID"
		is "$status" 1
		has "$output" "Unknown parameter '$option'"
		[ -n "$LOOP" ] || continue
		cp before.json config.json
		config --arg o $option --arg l "$LOOP" '.mounts += [{destination: "/o/disk", type: "ext4", source: $l, options: [$o]}]'
		run hull run "$ID"
		if [ "$status" != 0 ]; then # Linux 6 no longer knows it there
			is $option noacl
			has "$output" "ext4: Unknown parameter 'noacl'"
			continue
		fi
		mounted=$(grep ' /o/disk ' <<<"$output")
		if [ $option = noacl ]; then
			has "$mounted" ,noacl
		else
			[[ $mounted != *,noacl* ]]
		fi
	done
}

@test "features lists every option of the table" {
	local option flags rest all
	all=$(hull features | jq -r '.mountOptions[]')
	while IFS=$'\t' read -r option flags rest; do
		[ "$flags" = data ] || grep -qxF "$option" <<<"$all" || { echo "features lacks $option"; bad=1; }
	done < <(tail -n +2 "$ROWS")
	[ -z "${bad:-}" ]
}
