#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Mounts, seen from inside: their kinds, options, order, targets and propagation.

load helpers

# mount DEST TYPE SOURCE [OPTION...] - one more entry in mounts.
mount_entry() {
	local dest=$1 type=$2 source=$3
	shift 3
	config --arg d "$dest" --arg t "$type" --arg s "$source" --arg o "$*" \
		'.mounts += [{destination: $d, type: $t, source: $s, options: ($o | split(" "))}]'
}

bind() {
	local dest=$1 source=$2
	shift 2
	mount_entry "$dest" none "$source" bind "$@"
}

# options_of DEST - per-mount options in the mountinfo that the container printed.
options_of() {
	awk -v d="$1" '$5 == d {print $6}' <<<"$output" | tail -n 1
}

fs_of() {
	awk -v d="$1" '$5 == d {for (i = 7; i <= NF; i++) if ($i == "-") print $(i+1), $(i+3)}' <<<"$output" | tail -n 1
}

has_option() {
	case ,$(options_of "$1"), in
	*,"$2",*) return 0 ;;
	esac
	echo "$1 has no $2: $(options_of "$1")"
	return 1
}

lacks_option() {
	case ,$(options_of "$1"), in
	*,"$2",*) echo "$1 has $2: $(options_of "$1")"; return 1 ;;
	esac
}

mountinfo() {
	args cat /proc/self/mountinfo
	run hull run "$ID"
	is "$status" 0
}

@test "the usual mounts of the default configuration" {
	mountinfo
	is "$(fs_of /proc | cut -d' ' -f1)" proc
	is "$(fs_of /dev | cut -d' ' -f1)" tmpfs
	is "$(fs_of /dev/pts | cut -d' ' -f1)" devpts
	is "$(fs_of /dev/shm | cut -d' ' -f1)" tmpfs
	is "$(fs_of /dev/mqueue | cut -d' ' -f1)" mqueue
	is "$(fs_of /sys | cut -d' ' -f1)" sysfs
	for option in nosuid noexec nodev; do
		has_option /dev/shm $option
		has_option /dev/mqueue $option
		has_option /sys $option
	done
	has_option /sys ro
	has_option /dev nosuid
	has "$(fs_of /dev)" "size=65536k"
	has "$(fs_of /dev)" "mode=755"
	has "$(fs_of /dev/pts)" "gid=5"
	has "$(fs_of /dev/pts)" "mode=620"
	has "$(fs_of /dev/pts)" "ptmxmode=666"
	[[ $(awk '$5 == "/" {print $6}' <<<"$output") == ro* ]]
}

@test "nothing of the host is mounted in the container" {
	mountinfo
	! grep -q "$BATS_TEST_TMPDIR/bundle/rootfs/" <<<"$output" || false
	is "$(awk '$5 == "/"' <<<"$output" | wc -l)" 1
	is "$(awk '{print $5}' <<<"$output" | grep -cE '^/(proc|dev|sys)?(/|$)')" "$(wc -l <<<"$output")"
}

@test "a bind mount of a directory, its content and both directions" {
	mkdir src
	echo host >src/file
	bind /mnt "$BUNDLE/src"
	inside 'cat /mnt/file; echo inside >/mnt/new'
	is "$status" 0
	is "$output" host
	is "$(cat src/new)" inside
}

@test "a bind mount of a file makes the target, with its parents" {
	echo host >file
	config '.root.readonly = false'
	bind /deep/er/target "$BUNDLE/file" ro
	inside 'cat /deep/er/target; echo x >/deep/er/target'
	[ "$status" -ne 0 ]
	has "$output" host
	has "$output" "Read-only file system"
	[ -f rootfs/deep/er/target ]
}

@test "a relative bind source belongs to the bundle; a relative destination to the root" {
	mkdir src
	echo host >src/file
	cd /
	bind mnt src
	shell 'cat /mnt/file'
	run hull run -b "$BUNDLE" "$ID"
	is "$status" 0
	has "$output" host
}

@test "type is not looked at when the options say bind, and bind alone makes a bind mount" {
	mkdir src
	mount_entry /a ext4 "$BUNDLE/src" bind
	mount_entry /b bind "$BUNDLE/src" rbind
	mountinfo
	has_option /a rw
	has_option /b rw
}

@test "a missing bind source is an error that names it" {
	bind /mnt /no/such/source
	args true
	refused /mounts/ "no such file or directory"
	has "$output" /no/such/source
}

@test "flags of bind mounts: ro nosuid nodev noexec noatime nodiratime nosymfollow" {
	mkdir src
	for o in ro nosuid nodev noexec noatime nodiratime nosymfollow; do
		is_hull || [ $o != nosymfollow ] || continue
		bind /m-$o "$BUNDLE/src" $o
	done
	bind /all "$BUNDLE/src" ro nosuid nodev noexec noatime
	mountinfo
	for o in ro nosuid nodev noexec noatime nodiratime nosymfollow; do
		is_hull || [ $o != nosymfollow ] || continue
		has_option /m-$o $o
		has_option /all $o || [ $o = nodiratime ] || [ $o = nosymfollow ]
	done
	lacks_option /m-nosuid ro
}

@test "an option and its opposite: the later one counts" {
	mkdir src
	bind /a "$BUNDLE/src" ro rw
	bind /b "$BUNDLE/src" rw ro
	bind /c "$BUNDLE/src" noexec exec nosuid suid nodev dev
	bind /d "$BUNDLE/src" noatime atime
	mountinfo
	has_option /a rw
	has_option /b ro
	for o in noexec nosuid nodev; do lacks_option /c $o; done
	lacks_option /d noatime
}

@test "a read-only bind keeps what its source is mounted with" {
	hull_only "runc 1.1 drops it"
	mkdir src
	mount -t tmpfs -o nosuid,nodev,noexec tmpfs src
	bind /mnt "$BUNDLE/src" ro
	mountinfo
	for o in ro nosuid nodev noexec; do has_option /mnt $o; done
}

@test "rbind brings the mounts below, bind does not; ro stays at the top" {
	mkdir -p src/sub
	mount -t tmpfs tmpfs src/sub
	touch src/sub/below
	bind /plain "$BUNDLE/src"
	mount_entry /deep none "$BUNDLE/src" rbind ro
	inside 'ls /plain/sub; echo; ls /deep/sub; echo x >/deep/sub/y && echo written; echo x >/deep/x; cat /proc/self/mountinfo'
	has "$output" below
	has "$output" written
	has "$output" "can't create /deep/x: Read-only file system"
	is "$(grep -c ' /plain/sub ' <<<"$output")" 0
	has_option /deep ro
	has_option /deep/sub rw
}

@test "mounts made in the container do not appear on the host" {
	mkdir -p src/sub
	mount --bind src src
	mount --make-shared src
	mount_entry /mnt none "$BUNDLE/src" rbind
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	inside 'mount -t tmpfs tmpfs /mnt/sub && touch /mnt/sub/inside && ls /mnt/sub'
	has "$output" inside
	is "$(ls src/sub)" ""
	! grep -q "$BUNDLE/src/sub" /proc/self/mountinfo
}

@test "propagation options" {
	mkdir src
	mount --bind src src
	mount --make-shared src
	for p in private slave shared unbindable; do
		bind /$p "$BUNDLE/src" $p
		mount_entry /r$p none "$BUNDLE/src" rbind r$p
	done
	mountinfo
	tags() { awk -v d="$1" '$5 == d {for (i = 7; $i != "-"; i++) printf "%s ", $i}' <<<"$output"; }
	is "$(tags /private)" ""
	is "$(tags /rprivate)" ""
	[[ $(tags /slave) == master:* ]]
	[[ $(tags /rslave) == master:* ]]
	[[ $(tags /shared) == *shared:* ]]
	[[ $(tags /rshared) == *shared:* ]]
	[[ $(tags /unbindable) == unbindable* ]]
	[[ $(tags /runbindable) == unbindable* ]]
}

@test "tmpfs with size, mode and owner" {
	mount_entry /t tmpfs tmpfs nosuid noexec size=64k mode=1777 uid=7 gid=8
	config '.root.readonly = false'
	inside 'stat -c "%a %u %g" /t; cat /proc/self/mountinfo; dd if=/dev/zero of=/t/big bs=1k count=100 2>&1'
	has "$output" "1777 7 8"
	has "$(fs_of /t)" size=64k
	has "$output" "No space left"
	has_option /t noexec
}

@test "file system flags of a new mount: ro, sync, dirsync, lazytime, noatime, strictatime" {
	mount_entry /a tmpfs tmpfs ro
	mount_entry /b tmpfs tmpfs sync dirsync
	mount_entry /c tmpfs tmpfs noatime
	mount_entry /d tmpfs tmpfs strictatime
	config '.root.readonly = false'
	mountinfo
	has_option /a ro
	has ",$(fs_of /b | cut -d' ' -f2)," ,sync
	has ",$(fs_of /b | cut -d' ' -f2)," ,dirsync
	has_option /c noatime
	lacks_option /d relatime
}

@test "a read-only tmpfs, also at /dev: what the container has in it is made before" {
	config '.root.readonly = false | (.mounts[] | select(.destination == "/dev")).options += ["ro"]'
	mount_entry /a tmpfs tmpfs ro
	mount_entry /a/below/it tmpfs tmpfs
	inside 'cat /proc/self/mountinfo; for f in /dev/x /a/x /dev/shm/x /a/below/it/x; do
		echo y >$f && echo "written: $f"; done; echo y >/dev/null && echo discarded; ls /dev/fd/0'
	is "$status" 0
	has_option /dev ro
	has_option /a ro
	for m in /dev/shm /a/below/it; do
		lacks_option $m ro
		has "$output" "written: $m/x"
	done
	! grep -E 'written: /(dev|a)/x$' <<<"$output" || false
	has "$output" discarded
}

@test "remount of a tmpfs that is read-only, or becomes it: as the last one says" {
	hull_only "runc makes every read-only tmpfs read-only at last"
	mount_entry /a tmpfs tmpfs ro
	mount_entry /a none none remount rw
	mount_entry /b tmpfs tmpfs
	mount_entry /b none none remount ro noexec
	config '.root.readonly = false'
	mountinfo
	lacks_option /a ro
	has_option /b ro
	has_option /b noexec
}

@test "remount of one tmpfs, read-only or not: in the others mount points can be made yet" {
	hull_only "runc does what mount(8) would"
	mount_entry /a tmpfs tmpfs ro
	mount_entry /b tmpfs tmpfs ro
	mount_entry /c tmpfs tmpfs ro noexec
	mount_entry /b none none remount ro noexec
	mount_entry /c none none remount nosuid
	mount_entry /a/below tmpfs tmpfs
	mount_entry /c/below tmpfs tmpfs
	config '.root.readonly = false'
	mountinfo
	has_option /a ro
	lacks_option /a/below ro
	has_option /b ro
	has_option /b noexec
	lacks_option /c ro
	lacks_option /c noexec
	has_option /c nosuid
	mount_entry /b/below tmpfs tmpfs
	args true
	refused /mounts/14 "cannot make /b/below: read-only file system"
}

@test "a tmpfs that is rro: what the container has in it is made before, and what was there is copied" {
	hull_only "runc 1.1 has no rro for what is new"
	mkdir -p rootfs/b
	echo x >rootfs/b/file
	mount_entry /a tmpfs tmpfs rro
	mount_entry /a/below tmpfs tmpfs
	mount_entry /b tmpfs tmpfs rro tmpcopyup
	config '.root.readonly = false'
	inside 'cat /proc/self/mountinfo; cat /b/file'
	is "$status" 0
	has_option /a ro
	lacks_option /a/below ro
	has_option /b ro
	is "${lines[-1]}" x
}

@test "defaults, loud, silent and the no-words set nothing" {
	hull_only "runc 1.1 does not know loud and silent"
	mount_entry /a tmpfs tmpfs defaults loud silent
	mount_entry /b tmpfs tmpfs rw suid dev exec async atime diratime relatime
	config '.root.readonly = false'
	mountinfo
	for m in /a /b; do
		for o in ro nosuid nodev noexec noatime nodiratime; do
			lacks_option $m $o
		done
		has_option $m relatime
	done
}

@test "an option that no file system knows is an error" {
	mount_entry /a tmpfs tmpfs nosuchoption=1
	config '.root.readonly = false'
	args true
	refused /mounts/7 "invalid argument"
}

@test "a file system that the kernel does not know is an error" {
	mount_entry /a nosuchfs none
	config '.root.readonly = false'
	args true
	refused /mounts/7 "no such device"
}

@test "mounts are made in order: a later one covers, or stands on, an earlier one" {
	mkdir src
	echo bottom >src/file
	mount_entry /t tmpfs tmpfs mode=755
	bind /t/deep/er "$BUNDLE/src"
	mount_entry /u tmpfs tmpfs mode=755
	bind /u "$BUNDLE/src"
	config '.root.readonly = false'
	inside 'cat /t/deep/er/file /u/file'
	is "$output" $'bottom\nbottom'
}

@test "remount changes the mount that is there" {
	mount_entry /t tmpfs tmpfs
	mount_entry /t tmpfs tmpfs remount ro
	config '.root.readonly = false'
	mountinfo
	has_option /t ro
	is "$(grep -c ' /t ' <<<"$output")" 1
}

@test "remount does not change a file system of the host" {
	hull_only "runc 1.1 does what mount(8) would"
	# A tmpfs, and a sysfs of a namespace of its own, that stand for the host's.
	mkdir host sys
	cat >outside <<-'END'
		mount -t tmpfs h host && mount -t sysfs s sys || exit 1
		"$HULL" --root "$STATE" run "$ID" || exit
		cat /proc/self/mountinfo
	END
	config '.linux.namespaces |= map(select(.type != "network")) | .mounts |= map(select(.destination != "/sys/fs/cgroup"))'
	bind /mnt "$BUNDLE/host"
	mount_entry /mnt none none remount ro
	mount_entry /sys sysfs sysfs remount ro nosuid
	args sh -c 'grep -E " (/mnt|/sys) " /proc/self/mountinfo | cut -d" " -f5,6; touch /mnt/x || echo refused'
	export HULL STATE ID
	run unshare --net --mount sh outside
	is "$status" 0
	has "$output" "/mnt ro"
	has "$output" "/sys ro"
	has "$output" refused
	[[ $output =~ \ tmpfs\ h\ rw ]]
	[[ $output =~ \ sysfs\ s\ rw ]]
	mount_entry /mnt none none remount size=1m
	run unshare --net --mount sh outside
	is "$status" 1
	has "$output" "not the container's alone"
}

@test "a target that is a link stays inside the root" {
	mkdir src outside
	echo host >src/file
	ln -s "$BUNDLE/outside" rootfs/absolute
	ln -s ../../../../../../../..$BUNDLE/outside rootfs/dots
	ln -s /var rootfs/inner
	mkdir -p "rootfs$BUNDLE/outside"
	config '.root.readonly = false'
	bind /absolute "$BUNDLE/src"
	bind /dots/x "$BUNDLE/src"
	bind /inner/y "$BUNDLE/src"
	inside "cat $BUNDLE/outside/x/file /var/y/file; cat /proc/self/mountinfo"
	is "$(ls outside)" ""
	has "$output" " /var/y "
	[ -d rootfs/var/y ]
}

@test "a dangling link as target: what it names is made, inside the root" {
	mkdir src rootfs/real
	echo bound >src/file
	ln -s "$BUNDLE/made" rootfs/dangling
	ln -s ../../../..$BUNDLE/made2 rootfs/dangling2
	ln -s ../run/resolve/stub.conf rootfs/etc/resolv.conf
	ln -s real/../chain2 rootfs/chain
	ln -s /chain3 rootfs/chain2
	ln -s deep/chained rootfs/chain3
	config '.root.readonly = false'
	bind /dangling/x "$BUNDLE/src"
	bind /dangling2 "$BUNDLE/src"
	bind /etc/resolv.conf "$BUNDLE/src/file"
	bind /chain "$BUNDLE/src"
	mount_entry /chain/t tmpfs tmpfs
	inside 'cat /dangling/x/file /dangling2/file /etc/resolv.conf /run/resolve/stub.conf /deep/chained/file; grep -c "^tmpfs /deep/chained/t " /proc/mounts'
	is "$status" 0
	is "$output" $'bound\nbound\nbound\nbound\nbound\n1'
	[ -d "rootfs$BUNDLE/made/x" ]
	[ -f rootfs/run/resolve/stub.conf ]
	[ -L rootfs/etc/resolv.conf ]
	[ ! -e made ]
	[ ! -e made2 ]
}

@test "a dangling link leads into a tmpfs of the container, not into a directory of the host" {
	hull_only "runc makes it there"
	mkdir -p src host/sub
	echo bound >src/file
	config '.root.readonly = false'
	mount_entry /run tmpfs tmpfs
	ln -sf ../run/resolve/stub.conf rootfs/etc/resolv.conf
	bind /etc/resolv.conf "$BUNDLE/src/file"
	inside 'cat /etc/resolv.conf'
	is "$output" bound
	[ ! -e rootfs/run/resolve ]
	for target in /vol/nologin /vol/sub/deep/file vol/sub/../x; do
		ln -sf "$target" rootfs/etc/resolv.conf
		config --arg h "$BUNDLE/host" '.mounts |= .[:7] + [{destination: "/vol", type: "bind", source: $h, options: ["rbind"]}]'
		bind /etc/resolv.conf "$BUNDLE/src/file"
		args true
		ln -sfn "$target" rootfs/etc/resolv.conf
		[ "$target" != vol/sub/../x ] || ln -sfn /vol/sub/../x rootfs/etc/resolv.conf
		refused /mounts/8 "not the container's own"
		is "$(find host | sort | tr '\n' ' ')" "host host/sub "
	done
	# What the configuration itself names is made there, as ever.
	config '.mounts[8].destination = "/vol/new/file"'
	inside 'cat /vol/new/file'
	is "$output" bound
	[ -f host/new/file ]
}

@test "a dangling link that is none of hull's: loops, magic links, dest-nofollow, proc" {
	hull_only "a matter of hull's own errors"
	mkdir src
	config '.root.readonly = false'
	args true
	cp config.json before.json
	ln -s loop2 rootfs/loop
	ln -s loop rootfs/loop2
	ln -s /proc/self/fd/3/x rootfs/magic
	ln -s /proc/self/missing rootfs/proc-missing
	ln -s missing/../../up rootfs/up
	ln -s /missing/p rootfs/p
	for d in /loop /loop/x /magic /magic/x /proc-missing/x /up; do
		cp before.json config.json
		bind $d "$BUNDLE/src"
		refused /mounts/7 "cannot"
	done
	cp before.json config.json
	bind /p/x "$BUNDLE/src" dest-nofollow
	refused /mounts/7 "too many levels of symbolic links"
	cp before.json config.json
	mount_entry /p/proc proc proc
	refused /mounts/7 "too many levels of symbolic links"
	[ ! -e rootfs/missing ]
}

@test "proc and sysfs refuse a target that is a link" {
	ln -s /var rootfs/link
	mkdir -p rootfs/var/p
	mount_entry /link/p proc proc
	args true
	hull_only "runc resolves it inside the root"
	refused /mounts/7
}

@test "a target of the wrong kind is an error" {
	mkdir src
	touch rootfs/file
	bind /file "$BUNDLE/src"
	args true
	refused /mounts/7 "not a directory"
}

@test "a mount over the root or with dots stays what it says" {
	mkdir src
	bind /var/../mnt "$BUNDLE/src"
	bind //srv//data/ "$BUNDLE/src"
	config '.root.readonly = false'
	mountinfo
	has_option /mnt rw
	has_option /srv/data rw
}

@test "the cgroup mount shows the container's own cgroups" {
	need_v1 pids
	mount_entry /t tmpfs tmpfs
	config '.root.readonly = false | .linux.resources.pids = {"limit": 77}'
	inside 'cat /sys/fs/cgroup/pids/pids.max; cat /proc/self/cgroup; cat /proc/self/mountinfo; echo 5 >/sys/fs/cgroup/pids/pids.max'
	has "$output" 77
	has "$output" "Read-only file system"
	has_option /sys/fs/cgroup/pids ro
	has_option /sys/fs/cgroup/pids nosuid
	for c in memory cpu pids devices freezer; do
		is "$(fs_of /sys/fs/cgroup/$c | cut -d' ' -f1)" cgroup
	done
	! grep -q hull-test <(grep -E '^[0-9]+:pids' <<<"$output")
}

@test "a writable cgroup mount, and one without a cgroup namespace" {
	need_v1 pids
	config '(.mounts[] | select(.type == "cgroup")).options -= ["ro"] | .linux.namespaces |= map(select(.type != "cgroup"))'
	inside 'mkdir /sys/fs/cgroup/pids/sub && ls -d /sys/fs/cgroup/pids/sub'
	has "$output" /sys/fs/cgroup/pids/sub
}

@test "rootfsPropagation" {
	for p in private:^$ slave:^master: shared:^shared: unbindable:^unbindable; do
		is_hull || [ "${p%%:*}" != unbindable ] || continue
		config --arg p "${p%%:*}" '.linux.rootfsPropagation = $p'
		mountinfo
		tags=$(awk '$5 == "/" {for (i = 7; $i != "-"; i++) printf "%s ", $i}' <<<"$output")
		[[ $tags =~ ${p#*:} ]] || [ "${p%%:*}" = slave ] || ! is_hull || { echo "$p: $tags"; false; }
	done
	hull_only "the words are checked"
	config '.linux.rootfsPropagation = "nonsense"'
	refused /linux/rootfsPropagation
}

@test "many bind mounts" {
	mkdir src
	config --arg s "$BUNDLE/src" '.root.readonly = false |
		.mounts += [range(200) | {destination: "/m/\(.)", source: $s, options: ["rbind", "ro"]}]'
	mountinfo
	is "$(grep -c ' /m/[0-9]* ' <<<"$output")" 200
}

@test "an overlay entry in mounts, with a long list of layers" {
	layers=
	for n in $(seq 1 20); do
		mkdir -p "layers/a-rather-long-name-of-a-layer-number-$n"
		echo "$n" >"layers/a-rather-long-name-of-a-layer-number-$n/file-$n"
		layers=$layers:$BUNDLE/layers/a-rather-long-name-of-a-layer-number-$n
	done
	mkdir up work
	mount_entry /o overlay overlay "lowerdir=${layers#:},upperdir=$BUNDLE/up,workdir=$BUNDLE/work"
	config '.root.readonly = false'
	inside 'cat /o/file-1 /o/file-20; echo new >/o/new'
	is "$status" 0
	is "$output" $'1\n20'
	is "$(cat up/new)" new
}

@test "recursive options apply below: rro, rnosuid, rnodev, rnoexec" {
	mkdir -p src/sub
	mount -t tmpfs tmpfs src/sub
	mount_entry /mnt none "$BUNDLE/src" rbind rro rnosuid rnodev rnoexec
	mountinfo
	for m in /mnt /mnt/sub; do
		for o in ro nosuid nodev noexec; do has_option $m $o; done
	done
}

@test "idmap without mappings and without a user namespace is an error" {
	hull_only "runc 1.1 passes it over"
	mkdir src
	bind /mnt "$BUNDLE/src" idmap
	args true
	refused /mounts/7
}

ids() {
	config '.mounts[-1] += {uidMappings: [{containerID: 0, hostID: 1000, size: 10}], gidMappings: [{containerID: 0, hostID: 2000, size: 10}]}'
}

@test "id mappings of a new file system, with and without the words idmap and ridmap" {
	hull_only "runc 1.1 passes them over"
	mkdir -p up work "$ROOTFS/copied"
	touch "$ROOTFS/copied/file"
	chown 5:6 "$ROOTFS/copied/file"
	config '.root.readonly = false'
	for option in idmap ridmap mode=0755; do
		mount_entry "/t-$option" tmpfs tmpfs $option
		ids
	done
	mount_entry /copied tmpfs tmpfs idmap tmpcopyup ro
	ids
	inside 'stat -c "%n %u:%g" /t-* /copied/file; touch /copied/x; echo $?'
	is "$status" 0
	is "$output" "/t-idmap 1000:2000
/t-mode=0755 1000:2000
/t-ridmap 1000:2000
/copied/file 1005:2006
touch: /copied/x: Read-only file system
1"
}

@test "id mappings of a file system on a disk" {
	hull_only "runc 1.1 passes them over"
	command -v mkfs.ext4 >/dev/null || skip "no mkfs.ext4"
	truncate -s 8M disk
	mkfs.ext4 -q disk
	loop=$(losetup --find --show disk 2>/dev/null) || skip "no loop devices here"
	config '.root.readonly = false | .linux.resources.devices = [{allow: true, access: "rwm"}]'
	mount_entry /disk ext4 "$loop" idmap
	ids
	args stat -c %u:%g /disk
	run hull run "$ID"
	losetup --detach "$loop"
	is "$output" 1000:2000
}

@test "id mappings of a new file system in a user namespace" {
	hull_only "runc 1.1 passes them over"
	chmod 0755 "$BATS_TEST_TMPDIR" "$BUNDLE" "$ROOTFS"
	config '.linux.namespaces += [{type: "user"}] | .root.readonly = false |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	mkdir "$ROOTFS/t" "$ROOTFS/u"
	mount_entry /t tmpfs tmpfs idmap
	mount_entry /u tmpfs tmpfs idmap
	config '.mounts[-1] += {uidMappings: [{containerID: 0, hostID: 100007, size: 10}], gidMappings: [{containerID: 0, hostID: 100008, size: 10}]}'
	args stat -c "%n %u:%g" /t /u
	run hull run "$ID"
	is "$output" $'/t 0:0\n/u 7:8'
}

@test "more ranges of a mount than the kernel takes are an error" {
	hull_only "runc 1.1 leaves it to the kernel"
	args true
	mount_entry /t tmpfs t idmap
	config '.mounts[-1].uidMappings = [{containerID: 0, hostID: 0, size: 1}]
		| .mounts[-1].gidMappings = [range(341) | {containerID: ., hostID: (2 * .), size: 1}]'
	run hull run "$ID"
	is "$status" 1
	has "$output" "/gidMappings/340"
	has "$output" "at most 340 ranges"
}

@test "id mappings of what can have none are errors" {
	hull_only "runc 1.1 passes them over"
	args true
	cp config.json before.json
	mount_entry /mnt sysfs sysfs idmap
	refused /mounts/7 "idmap needs"
	ids
	refused /mounts/7 "cannot shift the ids"
	for filter in '.mounts += [{destination: "/mnt", type: "cgroup", source: "cgroup", options: ["idmap"]}]' \
		'.mounts += [{destination: "/dev", options: ["remount", "idmap"]}]'; do
		jq "$filter" before.json >config.json
		ids
		refused /mounts/7 "can have no id mappings"
	done
}

@test "an option that a cgroup mount cannot have is an error" {
	hull_only "runc 1.1 passes it over"
	args true
	config '(.mounts[] | select(.type == "cgroup")).options += ["blah"]'
	run hull run "$ID"
	is "$status" 1
	has "$output" '"blah"'
}

@test "tmpcopyup: a tmpfs starts with what lay at its destination" {
	mkdir -p "$ROOTFS/data/sub"
	echo kept >"$ROOTFS/data/sub/file"
	ln -s sub/file "$ROOTFS/data/link"
	chmod 0750 "$ROOTFS/data"
	mount_entry /data tmpfs tmpfs tmpcopyup size=1m
	mount_entry /none tmpfs tmpfs tmpcopyup ro
	config '.root.readonly = false'
	args sh -c 'cat /data/link; stat -c %a /data; echo lost >/data/new; touch /none/x 2>/dev/null || echo read-only'
	run hull run "$ID"
	is "$status" 0
	is "$output" $'kept\n750\nread-only'
	[ ! -e "$ROOTFS/data/new" ]
}

@test "tmpcopyup of what is mounted nodev and nosuid: no device and no set-id bit comes alive" {
	need_cap CAP_MKNOD 27
	hull_only "runc copies them"
	mkdir -p host
	mknod -m 666 host/null c 1 3
	cp "$ROOTFS/bin/busybox" host/program
	chmod 6755 host/program
	mount_entry /data bind "$BUNDLE/host" bind nodev nosuid
	mount_entry /data tmpfs tmpfs tmpcopyup
	inside 'ls /data; stat -c %a /data/program'
	is "$status:$output" $'0:program\n755'
	is "$output" $'program\n755'
	# Where it lived there, it lives in the copy.
	config '.mounts[-2].options = ["bind"]'
	inside 'ls /data; stat -c %a /data/program'
	is "$output" $'null\nprogram\n6755'
}

@test "tmpcopyup is for a tmpfs" {
	mount_entry /proc proc proc tmpcopyup
	args true
	run hull run "$ID"
	is "$status" 1
	has "$output" "/options"
	has "$output" "tmpcopyup is for a tmpfs"
}

@test "copy-symlink: a link as source is made again, dangling or not; anything else is bound" {
	ln -s /no/where "$BATS_TEST_TMPDIR/dangling"
	echo bound >"$BATS_TEST_TMPDIR/plain"
	bind /link "$BATS_TEST_TMPDIR/dangling" copy-symlink
	bind /plain "$BATS_TEST_TMPDIR/plain" copy-symlink
	config '.root.readonly = false'
	args sh -c 'readlink /link; cat /plain'
	run hull run "$ID"
	is "$output" $'/no/where\nbound'
	# The same link there already is what was asked for; anything else is not.
	hull_only
	hull run "$ID"
	for there in file link directory; do
		rm -f rootfs/link
		case $there in file) echo image >rootfs/link ;; link) ln -s /else/where rootfs/link ;; directory) mkdir rootfs/link ;; esac
		unchanged hull run "$ID"
		is "$status" 1
		has "$output" "cannot make the link /link: another file is there"
	done
}

@test "copy-symlink of what is no link: shifted ids, and sources that only the host may open" {
	hull_only "an option of crun and hull"
	mkdir secret
	touch secret/file
	ln -s /no/where secret/link
	chown 5:6 secret/file
	config '.root.readonly = false'
	bind /ids "$BUNDLE/secret" copy-symlink idmap
	config '.mounts[-1].uidMappings = [{containerID: 0, hostID: 1000, size: 100}]
		| .mounts[-1].gidMappings = [{containerID: 0, hostID: 2000, size: 100}]'
	inside 'stat -c %u:%g /ids/file'
	is "$output" 1005:2006
	user_ns
	config 'del(.mounts[-1])'
	chmod 0700 secret
	chmod 0755 "$BATS_TEST_TMPDIR" "$BUNDLE" "$ROOTFS"
	bind /ids/file "$BUNDLE/secret/file" copy-symlink
	bind /ids/link "$BUNDLE/secret/link" copy-symlink
	inside 'readlink /ids/link; readlink /ids/file || echo bound'
	is "$output" $'/no/where\nbound'
}

@test "idmap: owners shift in the container, files on the host stay" {
	mkdir "$BATS_TEST_TMPDIR/ids"
	touch "$BATS_TEST_TMPDIR/ids/file"
	chown 5:6 "$BATS_TEST_TMPDIR/ids/file"
	for option in idmap ridmap; do
		config '.mounts |= map(select(.destination != "/ids"))'
		mount_entry /ids none "$BATS_TEST_TMPDIR/ids" rbind "$option"
		config '.mounts[-1].uidMappings = [{containerID: 0, hostID: 1000, size: 100}]
			| .mounts[-1].gidMappings = [{containerID: 0, hostID: 2000, size: 100}]'
		args stat -c %u:%g /ids/file
		run hull run "$ID"
		is "$output" 1005:2006
	done
	is "$(stat -c %u:%g "$BATS_TEST_TMPDIR/ids/file")" 5:6
}

@test "idmap with a user namespace and no mappings of its own takes the container's" {
	mkdir "$BATS_TEST_TMPDIR/ids"
	touch "$BATS_TEST_TMPDIR/ids/file"
	chown 5:6 "$BATS_TEST_TMPDIR/ids/file"
	mkdir "$ROOTFS/ids"
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	chmod 0755 "$BATS_TEST_TMPDIR" "$BUNDLE" "$ROOTFS"
	bind /ids "$BATS_TEST_TMPDIR/ids" idmap
	args stat -c %u:%g /ids/file
	run hull run "$ID"
	is "$output" 5:6
}

# A container in a user namespace of its own, with a volume and a root on shared mounts of the host.
@test "mounts made in a user namespace do not appear on the host, whatever the host shares" {
	mkdir -p host/vol/sub host/vol2/sub
	mount -t tmpfs host-tmpfs host
	mkdir -p host/vol/sub host/vol2/sub
	cp -a "$ROOTFS" host/rootfs
	mkdir -p host/rootfs/vol host/rootfs/vol2 host/rootfs/new
	mount --make-shared host
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings
		| .root.path = "host/rootfs" | .process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	chmod 0755 "$BATS_TEST_TMPDIR" "$BUNDLE"
	bind /vol "$BUNDLE/host/vol"
	bind /vol2 "$BUNDLE/host/vol2" rshared
	args sh -c 'for d in /vol/sub /vol2/sub /new; do mount -t tmpfs in $d || exit 1; done; grep -c "tmpfs in" /proc/self/mountinfo'
	run hull run "$ID"
	is "$output" 3
	is "$(grep -c "$BUNDLE/host/" /proc/self/mountinfo || :)" 0
	is "$(grep -c " $BUNDLE/host " /proc/self/mountinfo)" 1
}

@test "rshared makes a peer of the host's mount; rslave sees the host's, and the host not its own" {
	mkdir -p host
	mount -t tmpfs host-tmpfs host
	mount --make-shared host
	mkdir -p host/sub
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	bind /vol "$BUNDLE/host" rshared
	inside 'mount -t tmpfs in /vol/sub'
	is "$(grep -c " $BUNDLE/host/sub " /proc/self/mountinfo)" 1
	umount host/sub
	cp -a "$ROOTFS" host/rootfs
	mkdir -p host/rootfs/vol
	config '.mounts[-1].options = ["rbind", "rslave"] | .root.path = "host/rootfs"'
	inside 'mount -t tmpfs in /vol/sub && grep -E " (/|/vol) " /proc/self/mountinfo'
	is "$(grep " /vol " <<<"$output" | grep -c master:)" 1
	is "$(grep " /vol " <<<"$output" | grep -c shared: || :)" 0
	# The root does not become a slave along with it.
	is "$(grep " - tmpfs host-tmpfs " <<<"$output" | grep -v " /vol " | grep -c master: || :)" 0
	is "$(grep -c " $BUNDLE/host/sub " /proc/self/mountinfo || :)" 0
}

@test "rootfsPropagation slave: mounts of the host below the root appear" {
	mkdir -p host
	mount -t tmpfs host-tmpfs host
	mount --make-shared host
	cp -a "$ROOTFS" host/rootfs
	mkdir host/rootfs/late
	config '.root.path = "host/rootfs" | .root.readonly = false | .linux.rootfsPropagation = "slave"'
	args sh -c 'for i in $(seq 100); do grep -q " /late " /proc/self/mountinfo && exit 0; sleep 0.05; done; exit 1'
	hull run "$ID" &
	for i in $(seq 100); do
		is_running=$(hull state "$ID" 2>/dev/null | jq -r .status) || :
		[ "$is_running" = running ] && break
		sleep 0.05
	done
	mount -t tmpfs late host/rootfs/late
	wait $!
}

@test "without a cgroup namespace the cgroup mount shows the container's own cgroup alone" {
	need_v1 pids
	config '.linux.namespaces |= map(select(.type != "cgroup"))'
	inside 'cat /sys/fs/cgroup/pids/cgroup.procs; awk "\$5 == \"/sys/fs/cgroup/pids\" {print \$4}" /proc/self/mountinfo'
	has "$output" "$CGROUP"
	has_line=$(grep -cx 1 <<<"$output")
	is "$has_line" 1
}

@test "a read-only cgroup mount takes no directory beside the hierarchies" {
	need_v1 pids
	inside 'mkdir /sys/fs/cgroup/new 2>/dev/null || echo refused'
	has "$output" refused
}

user_ns() {
	user_namespace
	chown -hR 100000:100000 rootfs
}

# A root on a shared mount of the host.  Inside, a mount is made in the root, in a mount that was there, and in a volume.
@test "rootfsPropagation, every word: what is mounted inside stays inside; a slave alone sees what the host mounts" {
	local word before tags seen
	mkdir host
	mount -t tmpfs host-tmpfs host
	mkdir host/vol
	cp -a rootfs host/rootfs
	mkdir host/rootfs/{in,late,sub,vol,bound}
	mount -t tmpfs host-sub host/rootfs/sub
	mkdir host/rootfs/sub/in
	mount --make-rshared host
	config '.root.path = "host/rootfs" | .root.readonly = false | .process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"]) |
		.linux.namespaces |= map(select(.type != "pid"))'
	bind /vol "$BUNDLE/host/vol"
	cp config.json before.json
	for word in none private rprivate slave rslave shared rshared unbindable runbindable; do
		is_hull || [[ $word != *unbindable ]] || continue
		[ $word = none ] || jq --arg w $word '.linux.rootfsPropagation = $w' before.json >config.json
		args sh -c 'mkdir -p /vol/in; for d in /in /sub/in /vol/in; do mount -t tmpfs inside $d || exit 1; done
			mount --bind / /bound 2>/dev/null && echo bindable; grep -E " (/|/sub) " /proc/self/mountinfo; echo mounted; sleep 1000'
		before=$(host_mounts)
		hull create "$ID" </dev/null >said 2>&1 3>&-
		hull start "$ID"
		wait_for 30 grep -qx mounted said || { cat said; false; }
		is "$(host_mounts)" "$before"
		tags=$(awk '$5 == "/" {for (i = 7; $i != "-"; i++) printf "%s ", $i}' said)
		sub=$(awk '$5 == "/sub" {for (i = 7; $i != "-"; i++) printf "%s ", $i}' said)
		case $word in
		none | *private) is "$tags$sub" "" ;;
		*slave) [[ $tags == master:* && $sub == master:* ]] || { echo "$word: $tags/ $sub"; false; } ;;
		shared) [[ $tags == shared:* ]] && [[ $sub != *shared:* ]] ;;
		rshared) [[ $tags == shared:* && $sub == shared:* ]] ;;
		unbindable) [[ $tags == unbindable* && $sub != unbindable* ]] ;;
		runbindable) [[ $tags == unbindable* && $sub == unbindable* ]] ;;
		esac || { echo "$word: $tags/ $sub"; false; }
		# A peer group of its own, not the host's.
		[ -z "$tags" ] || ! grep -q "shared:${tags//[^0-9]/} " <<<"$before" || [[ $word == *slave ]]
		grep -qx bindable said || [[ $word == *unbindable ]] || { echo "$word cannot be bound"; false; }
		! grep -qx bindable said || [[ $word != *unbindable ]]
		pid=$(pid_of)
		mount -t tmpfs late host/rootfs/late
		mount -t tmpfs late host/rootfs/sub/in
		seen=$(awk '/ - tmpfs late / && ($5 == "/late" || $5 == "/sub/in")' "/proc/$pid/mountinfo" | wc -l)
		umount host/rootfs/late host/rootfs/sub/in
		case $word in
		*slave) is "$seen" 2 ;;
		*) is "$seen" 0 ;;
		esac || { echo "$word: $seen"; false; }
		hull delete --force "$ID"
		is "$(host_mounts)" "$before"
	done
}

@test "a bind keeps the flags of its source; locked ones also against the configuration and the container" {
	hull_only "runc 1.1 drops them"
	user_ns
	mkdir -p src/sub rootfs/a rootfs/b rootfs/c
	mount -t tmpfs -o ro,nosuid,nodev,noexec,noatime tmpfs src
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	bind /a "$BUNDLE/src"
	bind /b "$BUNDLE/src" rw suid dev exec relatime
	mount_entry /c none "$BUNDLE/src" rbind rnodiratime
	args cat /proc/self/mountinfo
	run hull run "$ID"
	is "$status" 0
	for o in ro nosuid nodev noexec noatime; do
		has_option /a $o
		has_option /c $o
		lacks_option /b $o
	done
	# What a user namespace got from outside is locked.
	config 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))'
	config 'del(.linux.cgroupsPath) | .linux.resources = {} | .mounts |= map(select(.type != "cgroup" and .type != "sysfs"))'
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	mkdir rootfs/a rootfs/b rootfs/c
	shell 'cat /proc/self/mountinfo; for m in a b c; do for o in rw suid dev exec; do
		mount -o remount,bind,$o /$m 2>/dev/null && echo "$m is $o"; done; done; touch /a/x /b/x /c/x 2>/dev/null; true'
	export HULL STATE ID
	run unshare --user --map-root-user --mount sh -c '"$HULL" --root "$STATE" --cgroup-manager disabled run "$ID"'
	is "$status" 0
	for m in /a /b /c; do
		for o in ro nosuid nodev noexec noatime; do has_option $m $o; done
	done
	! grep ' is ' <<<"$output"
}

@test "sources that only the host may open, relative ones, and the mounts in them, in a user namespace" {
	hull_only "runc 1.1 opens them inside"
	user_ns
	mkdir -p secret/dir/sub rootfs/m/{abs,rel,file,deep}
	echo bound >secret/dir/file
	chmod 0711 secret/dir
	chmod 0644 secret/dir/file
	mount -t tmpfs tmpfs secret/dir/sub
	echo below >secret/dir/sub/file
	chmod 0700 secret
	bind /m/abs "$BUNDLE/secret/dir/file"
	rmdir rootfs/m/abs rootfs/m/rel rootfs/m/file
	chown -R 100000:100000 rootfs/m
	bind /m/rel secret/dir/file
	mount_entry /m/deep none secret/dir rbind ro
	inside 'cat /m/abs /m/rel /m/deep/file /m/deep/sub/file; touch /m/deep/x'
	has "$output" $'bound\nbound\nbound\nbelow'
	has "$output" "Read-only file system"
}

@test "an overlay whose data is longer than a page, and a layer whose name is longer than 255 bytes" {
	hull_only "runc 1.1 stops at a page"
	local long=$BUNDLE layers= n
	for n in 1 2 3; do long=$long/$(printf 'n%.0s' {1..100}); done
	mkdir -p "$long" up work rootfs/o rootfs/p rootfs/q
	echo long >"$long/long"
	for n in $(seq 1 80); do
		mkdir -p "layers/$(printf 'l%.0s' {1..60})$n"
		echo "$n" >"layers/$(printf 'l%.0s' {1..60})$n/file-$n"
		layers=$layers:$BUNDLE/layers/$(printf 'l%.0s' {1..60})$n
	done
	[ ${#layers} -gt 4096 ]
	config '.root.readonly = false'
	mount_entry /o overlay overlay "lowerdir=${layers#:}"
	mount_entry /p overlay overlay "lowerdir=$BUNDLE/layers:$long,upperdir=$BUNDLE/up,workdir=$BUNDLE/work"
	bind /q/q "$BUNDLE/up"
	inside 'cat /o/file-1 /o/file-80 /p/long; echo new >/p/new; cat /q/q/new'
	case $output in
	*"cannot make a overlay"*) echo "$output"; [ "$(uname -r | cut -d. -f1)" -lt 6 ] && skip "this kernel takes a page of data" ;;
	esac
	is "$output" $'1\n80\nlong\nnew'
	# In a user namespace as well.
	user_ns
	mkdir rootfs/{o,p,q}
	chmod -R a+rX layers n*
	config '.mounts |= map(select(.destination | test("^/[pq]") | not))'
	inside 'cat /o/file-1 /o/file-80'
	is "$output" $'1\n80'
}

@test "data of a file system on a bind mount is passed over, as mount(2) does" {
	mkdir src
	echo bound >src/file
	config '.root.readonly = false'
	bind /a "$BUNDLE/src" size=1m mode=0700 nosuchoption sync dirsync
	bind /b "$BUNDLE/src" ro acl lazytime
	inside 'cat /a/file /b/file; touch /b/x; cat /proc/self/mountinfo'
	has "$output" $'bound\nbound'
	has "$output" "Read-only file system"
	has_option /a rw
	has_option /b ro
}

@test "mounts over files, over links to files and directories, and over other mounts" {
	mkdir -p src other rootfs/real
	echo bound >src/file
	echo other >other/file
	echo image >rootfs/etc/file
	ln -s file rootfs/etc/link
	ln -s /real rootfs/dirlink
	ln -s ../../../../real rootfs/etc/uplink
	config '.root.readonly = false'
	bind /etc/link "$BUNDLE/src/file"
	bind /dirlink "$BUNDLE/src"
	bind /etc/uplink "$BUNDLE/other"
	bind /etc/passwd /dev/null
	inside 'cat /etc/file /etc/link /real/file /dirlink/file; wc -c </etc/passwd; umount /real 2>/dev/null; readlink /etc/link; readlink /dirlink; cat /proc/self/mountinfo'
	has "$output" $'bound\nbound\nother\nother\n0\nfile\n/real'
	is "$(awk '$5 == "/real"' <<<"$output" | wc -l)" 2
	is "$(cat rootfs/etc/file)" image
}

@test "/sys in a user namespace without a network namespace is the host's, and no cgroup file in it can be written" {
	hull_only "runc 1.1 is CVE-2023-25809"
	user_ns
	mkdir -p rootfs/sys rootfs/mnt
	config '.linux.namespaces |= map(select(.type != "network" and .type != "cgroup")) |
		.mounts |= map(select(.destination != "/sys/fs/cgroup"))'
	mount_entry /mnt none /sys rbind ro
	for rw in false true; do
		! $rw || config '(.mounts[] | select(.destination == "/sys")).options -= ["ro"]'
		inside 'for d in /sys /mnt; do awk -v d=$d "index(\$5, d) == 1 && \$6 !~ /^ro/" /proc/self/mountinfo
				find $d/fs/cgroup -name cgroup.procs 2>/dev/null | head -n 5 | while read -r f; do (echo 0 >$f) 2>/dev/null && echo "wrote $f"; done
			done; ls /sys/kernel >/dev/null && echo end'
		is "$output" end
	done
}

@test "src-nofollow: a link as source is bound as a link; without it what it leads to" {
	hull_only "an option of crun and hull"
	mkdir rootfs/a
	echo target >file
	ln -s file link
	config '.root.readonly = false'
	bind /followed "$BUNDLE/link"
	bind /plain "$BUNDLE/file" src-nofollow
	inside 'cat /followed /plain'
	is "$output" $'target\ntarget'
	bind /link "$BUNDLE/link" src-nofollow
	ln -sf /nowhere dangling
	bind /dangling "$BUNDLE/dangling" src-nofollow
	inside 'readlink /link; readlink /dangling; awk "\$5 ~ /link|dangling/" /proc/self/mountinfo | wc -l'
	is "$output" $'file\n/nowhere\n2'
}

@test "dest-nofollow: a link as target is not followed, one on the way to it is" {
	hull_only "an option of crun and hull"
	mkdir rootfs/real src
	echo bound >src/file
	ln -s real rootfs/link
	ln -s real/file rootfs/filelink
	: >rootfs/real/file
	config '.root.readonly = false'
	bind /link/file "$BUNDLE/src/file" dest-nofollow
	inside 'cat /real/file'
	is "$output" bound
	config '.mounts[-1].destination = "/filelink"'
	inside 'cat /real/file; readlink /filelink || cat /filelink'
	is "$status" 0
	is "$output" bound
	[ ! -s rootfs/real/file ]
	[ -L rootfs/filelink ]
	config --arg s "$BUNDLE/src" '.mounts[-1] |= (.source = $s | .destination = "/link")'
	refused /mounts/7 "not a directory"
}

@test "a cgroup outside of the runtime's cgroup namespace is not bound by its path" {
	need_v1 pids
	hull_only
	config '.linux.namespaces |= map(select(.type != "cgroup"))'
	args sh -c 'ls /sys/fs/cgroup/pids'
	mkdir "$CGROUPS/pids$CGROUP-caller"
	run sh -c "echo \$\$ >'$CGROUPS/pids$CGROUP-caller/cgroup.procs'; exec unshare -C '$HULL' --root '$STATE' run '$ID'" </dev/null
	rmdir "$CGROUPS/pids$CGROUP-caller"
	is "$status" 1
	has "$output" "the container's cgroup is outside of the cgroup namespace"
	one_line "$output"
}
