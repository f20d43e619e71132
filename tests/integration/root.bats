#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The root of the container: read-only or not, its devices and links, masked and read-only paths.

load helpers

@test "a read-only root cannot be written, its own mounts can" {
	inside 'echo x >/new; echo x >/bin/new; mkdir /d; touch /dev/shm/ok /dev/ok && echo written'
	is "$(grep -c 'Read-only file system' <<<"$output")" 3
	has "$output" written
	[ ! -e rootfs/new ]
}

@test "a root is writable when nothing is said" {
	config 'del(.root.readonly)'
	inside 'echo x >/new && echo written'
	is "$output" written
	[ -e rootfs/new ]
}

@test "the host's root cannot be reached" {
	touch "$BATS_TEST_TMPDIR/secret"
	inside "ls -d $BATS_TEST_TMPDIR /proc/1/root$BATS_TEST_TMPDIR /../../../../../..$BATS_TEST_TMPDIR"
	[ "$status" -ne 0 ]
	! grep -q secret <<<"$output" || false
	inside 'cd /; cd ..; cd ..; pwd; ls'
	is "${lines[0]}" /
}

@test "root.path: missing, a file, absent" {
	args true
	config '.root.path = "nowhere"'
	refused /root/path "no such file or directory"
	touch file
	config '.root.path = "file"'
	refused /root/path
	hull_only "runc takes the bundle then"
	config 'del(.root.path)'
	refused /root
	config 'del(.root)'
	refused /root || refused ""
}

@test "root.path may be a link on the host, absolute or relative" {
	hull_only "runc refuses a link"
	ln -s rootfs link
	config '.root.path = "link"'
	inside 'echo ran'
	is "$output" ran
	config --arg p "$BUNDLE/link" '.root.path = $p'
	inside 'echo ran'
	is "$output" ran
}

# ledger: dev-def-01, dev-def-02, dev-def-03, dev-def-04, dev-def-05, dev-def-06
@test "the default devices" {
	inside 'for d in null zero full random urandom tty; do stat -c "%n %F %t:%T %a" /dev/$d; done'
	is "$output" "/dev/null character special file 1:3 666
/dev/zero character special file 1:5 666
/dev/full character special file 1:7 666
/dev/random character special file 1:8 666
/dev/urandom character special file 1:9 666
/dev/tty character special file 5:0 666"
}

@test "a remount of /dev for its flags: the devices are made all the same" {
	config '.mounts += [{destination: "/dev", options: ["remount", "bind", "nosuid", "noexec"]}]
		| .linux.devices = [{path: "/dev/fuse", type: "c", major: 10, minor: 229}]'
	args sh -c 'echo kept >/dev/null; stat -c %t:%T /dev/null /dev/fuse; awk "\$5 == \"/dev\" {print \$6}" /proc/self/mountinfo'
	run hull run "$ID"
	is "$output" $'1:3\na:e5\nrw,nosuid,noexec'
}

# ledger: dev-def-01, dev-def-02, dev-def-03, dev-def-05
@test "the default devices work" {
	inside 'echo x >/dev/null; head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c; echo x >/dev/full'
	is "$(grep -cx 4 <<<"$output")" 2
	has "$output" "No space left"
}

# ledger: dev-def-08
@test "the default links, and ptmx" {
	inside 'for l in fd stdin stdout stderr ptmx; do echo "$l $(readlink /dev/$l)"; done; ls -l /dev/ptmx; stat -Lc "%t:%T %a" /dev/ptmx'
	is "${lines[0]}" "fd /proc/self/fd"
	is "${lines[1]}" "stdin /proc/self/fd/0"
	is "${lines[2]}" "stdout /proc/self/fd/1"
	is "${lines[3]}" "stderr /proc/self/fd/2"
	[ "${lines[4]}" = "ptmx pts/ptmx" ] || [ "${lines[4]}" = "ptmx /dev/pts/ptmx" ] || [[ ${lines[5]} == c* ]]
	is "${lines[-1]}" "5:2 666"
}

@test "nothing else is in /dev" {
	inside 'ls /dev | tr "\n" " "'
	for name in $output; do
		case $name in
		core | fd | full | mqueue | null | ptmx | pts | random | shm | stderr | stdin | stdout | tty | urandom | zero) ;;
		*) echo "unexpected: $name"; false ;;
		esac
	done
}

# ledger: dev-def-07
@test "no /dev/console without a terminal" {
	hull_only "runc makes an empty file"
	inside 'ls /dev/console'
	[ "$status" -ne 0 ]
}

# ledger: dev-01, dev-02, dev-04, dev-07, dev-09, dev-10, dev-11
@test "configured devices: numbers, mode, owner, defaults; umask has no say" {
	need_cap CAP_MKNOD 27
	umask 077
	config '.root.readonly = false | .linux.devices = [
		{type: "c", path: "/dev/a", major: 1, minor: 3, fileMode: 438, uid: 5, gid: 6},
		{type: "u", path: "/dev/sub/b", major: 1, minor: 5, fileMode: 384},
		{type: "b", path: "/dev/c", major: 7, minor: 200, fileMode: 432, uid: 0, gid: 1},
		{type: "p", path: "/dev/d", fileMode: 420},
		{type: "c", path: "/outside/e", major: 1, minor: 7}]'
	inside 'stat -c "%n %F %t:%T %a %u %g" /dev/a /dev/sub/b /dev/c /dev/d; stat -c "%n %F %t:%T" /outside/e'
	is "${lines[0]}" "/dev/a character special file 1:3 666 5 6"
	is "${lines[1]}" "/dev/sub/b character special file 1:5 600 0 0"
	is "${lines[2]}" "/dev/c block special file 7:c8 660 0 1"
	is "${lines[3]}" "/dev/d fifo 0:0 644 0 0"
	is "${lines[4]}" "/outside/e character special file 1:7"
	! is_hull || { inside 'stat -c "%a %u %g" /outside/e'; is "$output" "666 0 0"; }
}

@test "a device's fileMode with the bits of its own type, as Podman writes them; those of another are an error" {
	need_cap CAP_MKNOD 27
	config '.root.readonly = false | .linux.devices = [
		{type: "c", path: "/dev/a", major: 1, minor: 3, fileMode: 8630},
		{type: "b", path: "/dev/c", major: 7, minor: 200, fileMode: 25008},
		{type: "p", path: "/dev/d", fileMode: 4516}]'
	inside 'stat -c "%n %F %a" /dev/a /dev/c /dev/d'
	is "${lines[0]}" "/dev/a character special file 666"
	is "${lines[1]}" "/dev/c block special file 660"
	is "${lines[2]}" "/dev/d fifo 644"
	hull_only "runc takes any"
	config '.linux.devices[0].fileMode = 25014'
	refused /linux/devices/0/fileMode "no file type but that of the device"
}

# ledger: dev-06
@test "a device that is there already is fine; another file at its path is an error" {
	need_cap CAP_MKNOD 27
	hull_only "runc keeps what is there"
	mknod -m 666 rootfs/etc/null c 1 3
	config '.linux.devices = [{type: "c", path: "/etc/null", major: 1, minor: 3}]'
	inside 'echo ran'
	is "$output" ran
	config '.linux.devices = [{type: "c", path: "/etc/passwd", major: 1, minor: 3}]'
	refused /linux/devices/0
	config '.linux.devices = [{type: "c", path: "/etc/null", major: 1, minor: 5}]'
	refused /linux/devices/0
}

@test "/dev/ptmx among the devices, as Docker lists it for --privileged: the link to the container's own terminals stays" {
	config '.linux.devices = [{type: "c", path: "/dev/ptmx", major: 5, minor: 2, fileMode: 438, uid: 0, gid: 0}]'
	inside 'readlink /dev/ptmx; exec 3<>/dev/ptmx && ls /dev/pts'
	is "$status" 0
	is "$(basename "${lines[0]}")" ptmx
	has "$output" $'\n0\nptmx'
	! is_hull || { run hull create --dry-run "$ID"; is "$status" 0; is "$(grep -c 'make device.*ptmx' <<<"$output")" 0; }
}

# ledger: dev-03, dev-04, dev-05, dev-08
@test "devices without what they need are errors" {
	args true
	hull_only "runc takes 0 for what is missing"
	config '.linux.devices = [{type: "c", path: "/dev/x"}]'
	refused /linux/devices/0
	config '.linux.devices = [{type: "z", path: "/dev/x", major: 1, minor: 1}]'
	refused /linux/devices/0/type
	config '.linux.devices = [{type: "c", major: 1, minor: 1}]'
	refused /linux/devices/0
}

@test "a device below a link that leaves the root stays inside" {
	need_cap CAP_MKNOD 27
	mkdir outside
	ln -s "../../../../../../../$BUNDLE/outside" rootfs/link
	mkdir -p "rootfs$BUNDLE/outside"
	config '.root.readonly = false | .linux.devices = [{type: "c", path: "/link/dev", major: 1, minor: 3}]'
	inside "stat -c %t:%T $BUNDLE/outside/dev"
	is "$(ls outside)" ""
}

@test "a device below a link into a bound directory is not made there; one that is named there is" {
	need_cap CAP_MKNOD 27
	hull_only "runc makes it"
	mkdir host
	ln -s /vol rootfs/link
	mkdir -p rootfs/real
	config --arg h "$BUNDLE/host" '.mounts += [{destination: "/vol", type: "bind", source: $h, options: ["rbind"]}] |
		.linux.devices = [{type: "c", path: "/link/dev", major: 1, minor: 3}] | .root.readonly = false'
	args true
	refused /linux/devices/0 "not the container's own"
	config '.linux.devices[0].path = "/link/deep/dev"'
	refused /linux/devices/0 "not the container's own"
	ln -s /real host/out
	ln -s . host/in
	config '.linux.devices[0].path = "/vol/in/dev"'
	refused /linux/devices/0
	rm host/out host/in
	is "$(ls host)" ""
	# It is there already: nothing is to be made, and nothing is changed.
	mknod -m 600 host/dev c 1 3
	config '.linux.devices[0].path = "/link/dev"'
	run hull run "$ID"
	is "$status" 0
	is "$(stat -c %a host/dev)" 600
	rm host/dev
	config '.linux.devices[0].path = "/vol/dev"'
	run hull run "$ID"
	is "$status" 0
	is "$(stat -c %t:%T host/dev)" 1:3
}

@test "a device below a link stays possible on the container's own file systems; a terminal's console as well" {
	need_cap CAP_MKNOD 27
	hull_only
	mkdir -p host rootfs/real
	ln -s real rootfs/link
	ln -s /own rootfs/to-own
	config --arg h "$BUNDLE/host" '.root.readonly = false | .mounts += [{destination: "/own", type: "tmpfs", source: "t"},
			{destination: "/vol", type: "bind", source: $h, options: ["rbind"]}] |
		.linux.devices = ["/link/a", "/to-own/b", "/link/deep/c"] | .linux.devices |= map({type: "c", path: ., major: 1, minor: 3, fileMode: 416})'
	inside 'stat -c "%n %t:%T %a" /real/a /own/b /real/deep/c'
	is "$output" $'/real/a 1:3 640\n/own/b 1:3 640\n/real/deep/c 1:3 640'
	# No file for the terminal is made where a link leads.
	config 'del(.linux.devices) | .mounts |= map(select(.destination | startswith("/dev") | not)) | .process.terminal = true'
	mkdir -p host/pts
	rm -rf rootfs/dev
	ln -s vol rootfs/dev
	config '.mounts += [{destination: "/vol/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666"]}]'
	run "$TOOLS/term" run -- "$HULL" --root "$STATE" run "$ID" 3>&-
	[ "$status" -ne 0 ]
	has "$output" "/dev/console: a link leads to a directory that is not the container's own"
	is "$(ls host)" pts
}

@test "a user namespace without a file system at /dev: a second run is as the first" {
	hull_only
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	chown -R 100000:100000 rootfs
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BUNDLE"
	config '.mounts |= map(select(.destination | startswith("/dev") | not)) | .root.readonly = false |
		.linux.namespaces += [{type: "user"}] | .linux.devices = [{type: "c", path: "/dev/fuse", major: 10, minor: 229}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	[ -c /dev/fuse ] || config 'del(.linux.devices)'
	for run in first second; do
		inside 'stat -c "%n %t:%T" /dev/null /dev/tty; echo x >/dev/null'
		is "$status" 0
		has "$output" $'/dev/null 1:3\n/dev/tty 5:0'
		[ -f rootfs/dev/null ]
		[ ! -s rootfs/dev/null ]
	done
	# What was not left by hull stays an error.
	echo content >rootfs/dev/null
	refused "" "/dev/null: another file is there" || has "$output" "/dev/null: another file is there"
	is "$(cat rootfs/dev/null)" content
}

@test "without a user namespace an empty file at a device's path is another file" {
	need_cap CAP_MKNOD 27
	hull_only "runc keeps what is there"
	: >rootfs/etc/empty
	args true
	config '.linux.devices = [{type: "c", path: "/etc/empty", major: 1, minor: 3}]'
	refused /linux/devices/0 "another file is there"
}

@test "a /dev that the configuration binds from the host keeps its devices" {
	need_cap CAP_MKNOD 27
	mkdir dev
	mknod dev/null c 1 3
	config --arg s "$BUNDLE/dev" '.mounts |= map(select(.destination | startswith("/dev") | not)) |
		.mounts += [{destination: "/dev", type: "bind", source: $s, options: ["rbind", "ro"]}]'
	inside 'stat -c %t:%T /dev/null'
	hull_only "runc tries to write"
	[ "$status" -eq 0 ] || has "$output" "read-only file system"
}

@test "masked paths cannot be read: files, directories, links inside" {
	mkdir -p rootfs/secret/dir
	echo secret >rootfs/secret/file
	echo secret >rootfs/secret/dir/file
	echo secret >rootfs/etc/plain
	config '.linux.maskedPaths = ["/secret/dir", "/secret/file", "/etc/plain", "/does/not/exist", "/proc/keys"]'
	inside 'cat /secret/file /etc/plain; ls /secret/dir; cat /secret/dir/file; touch /secret/dir/x; wc -c </proc/keys; echo end'
	! grep -qx secret <<<"$output" || false
	has "$output" end
	has "$output" "No such file"
	has "$output" "Read-only file system"
	grep -qx 0 <<<"$output" || { echo "$output"; false; }
}

@test "read-only paths cannot be written, at or below" {
	mkdir -p rootfs/ro/dir
	touch rootfs/ro/dir/file rootfs/ro-file
	config '.root.readonly = false | .linux.readonlyPaths = ["/ro", "/ro-file", "/proc/sys", "/nothing"]'
	inside 'for f in /ro/x /ro/dir/file /ro-file /proc/sys/kernel/hostname; do (echo x >$f) 2>/dev/null && echo "wrote $f"; done; echo x >/tmp/free && echo free'
	is "$output" free
}

@test "masked and read-only paths keep the flags of the mount below" {
	args cat /proc/self/mountinfo
	run hull run "$ID"
	awk '$5 == "/proc/sys" || $5 == "/proc/irq" {print $6}' <<<"$output" | grep -q '^ro'
	awk '$5 == "/sys/firmware" {print $6}' <<<"$output" | grep -q '^ro' || [ ! -d /sys/firmware ]
}

@test "masked and read-only paths must be absolute" {
	hull_only
	args true
	config '.linux.maskedPaths = ["etc"]'
	refused /linux/maskedPaths/0
	config '.linux.maskedPaths = [] | .linux.readonlyPaths = ["etc"]'
	refused /linux/readonlyPaths/0
}

@test "a masked path that is a link out of the root masks nothing of the host" {
	echo content >outside
	ln -s "../../../../../../$BUNDLE/outside" rootfs/link
	config '.linux.maskedPaths = ["/link"] | .linux.readonlyPaths = ["/link"]'
	inside 'echo ran'
	has "$output" ran
	is "$(cat outside)" content
	! grep -q "$BUNDLE/outside" /proc/self/mountinfo
}

@test "the container leaves no mount on the host, and the root can be removed at once" {
	running
	! grep -q "$BUNDLE/rootfs" /proc/self/mountinfo || false
	hull delete --force "$ID"
	rm -rf rootfs
}

@test "a read-only path is read-only with what is mounted below it" {
	mkdir -p "$ROOTFS/data/sub"
	config '.root.readonly = false | .linux.readonlyPaths = ["/data"]
		| .mounts += [{destination: "/data/sub", type: "tmpfs", source: "tmpfs"}]'
	args sh -c 'touch /data/x 2>/dev/null || echo no; touch /data/sub/x 2>/dev/null || echo no'
	run hull run "$ID"
	is "$output" $'no\nno'
}

@test "what the configuration mounts at a default device's path stays" {
	config '.mounts += [{destination: "/dev/full", type: "none", source: "/dev/zero", options: ["bind"]},
		{destination: "/dev/fd", type: "tmpfs", source: "tmpfs"}]'
	args sh -c 'stat -c %t:%T /dev/full; stat -c %F /dev/fd'
	run hull run "$ID"
	is "$output" $'1:5\ndirectory'
}

@test "hull itself stands in a chroot, and is called from elsewhere than the bundle" {
	mkdir "$BATS_TEST_TMPDIR/jail"
	echo yes >"$ROOTFS/etc/mark"
	shell 'cat /etc/mark; pwd'
	run unshare -m --propagation slave sh -c '
		mount --rbind / "$1/jail" && mount --make-rslave "$1/jail" &&
		exec chroot "$1/jail" sh -c "cd $1 && exec $2 --root $3 run --bundle $4 --pid-file pid $5"' \
		sh "$BATS_TEST_TMPDIR" "$HULL" "$STATE" "$BUNDLE" "$ID"
	is "$output" $'yes\n/'
	[ -s "$BATS_TEST_TMPDIR/pid" ]	# relative to the caller's directory, not to the bundle
}

# ledger: dev-01, dev-02, dev-06, dev-10, dev-11
@test "devices in a user namespace: character and block devices are the host's nodes, a FIFO is made" {
	hull_only "runc 1.1 leaves out what it cannot do"
	local block type major minor
	block=$(find /dev -maxdepth 1 -type b | head -n 1)
	[ -n "$block" ] || skip "the host has no block device"
	major=$((16#$(stat -c %t "$block"))) minor=$((16#$(stat -c %T "$block")))
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	chown -hR 100000:100000 rootfs
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BUNDLE"
	config --arg b "$block" --argjson major $major --argjson minor $minor '.root.readonly = false | .linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings |
		.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 438},
			{path: $b, type: "b", major: $major, minor: $minor},
			{path: "/dev/pipe", type: "p", fileMode: 416, uid: 5, gid: 6}, {path: "/dev/sub/fifo", type: "p"}]'
	cp config.json before.json
	inside "stat -c '%n %F %t:%T' /dev/null $block; stat -c '%n %F %a %u:%g' /dev/pipe /dev/sub/fifo; grep -c ' $block ' /proc/self/mountinfo"
	is "$status" 0
	has "$output" "/dev/null character special file 1:3
$block block special file $(stat -c %t:%T "$block")
/dev/pipe fifo 640 5:6
/dev/sub/fifo fifo 666 0:0
1"
	args true
	# The host's node of that name is another device; there is none; it is a file.
	config '.linux.devices[1] |= (.minor = 777)'
	refused /linux/devices/1 "no such device"
	jq '.linux.devices[1] = {path: "/dev/no-such-node", type: "c", major: 1, minor: 3}' before.json >config.json
	refused /linux/devices/1 "no such file or directory"
	jq '.linux.devices[1] = {path: "/etc/passwd", type: "c", major: 1, minor: 3}' before.json >config.json
	refused /linux/devices/1
	# A node of the image that is another one.
	mknod -m 666 rootfs/etc/zero c 1 5
	mkfifo rootfs/etc/fifo
	for device in '{path: "/etc/zero", type: "c", major: 1, minor: 3}' '{path: "/etc/zero", type: "p"}' \
		'{path: "/etc/fifo", type: "c", major: 1, minor: 5}'; do
		jq ".linux.devices[1] = $device" before.json >config.json
		refused /linux/devices/1
	done
	is "$(stat -c %t:%T rootfs/etc/zero)" 1:5
}

# ledger: dev-06
@test "another node, file, directory or link at a device's path is an error, and stays" {
	need_cap CAP_MKNOD 27
	hull_only "runc keeps what is there"
	local what
	args true
	config '.mounts |= map(select(.destination | startswith("/dev") | not)) | .root.readonly = false |
		.linux.devices = [{path: "/x", type: "b", major: 7, minor: 3}]'
	for what in 'mknod x c 7 3' 'mknod x b 7 4' 'mkfifo x' ': >x' 'mkdir x' 'ln -s dev/loop3 x' 'ln -s nowhere x'; do
		(cd rootfs && eval "$what")
		before=$(stat -c '%F %t:%T %a %i' rootfs/x)
		refused /linux/devices/0 "/x: another file is there" || { echo "$what"; false; }
		is "$(stat -c '%F %t:%T %a %i' rootfs/x)" "$before"
		rm -r rootfs/x
	done
	# The defaults as well.
	config 'del(.linux.devices)'
	for what in 'mknod null c 1 5' ': >null' 'mkdir null' 'ln -s zero null'; do
		rm -rf rootfs/dev/null
		(cd rootfs/dev && eval "$what")
		run hull run "$ID"
		is "$status" 1
		has "$output" "/dev/null: another file is there"
	done
}

@test "a container that unmounts its root is not on the host; with --no-pivot it is, as the documentation says" {
	hull_only
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	args sh -c 'umount -l / 2>/dev/null; echo tried; sleep 1000'
	hull create "$ID" </dev/null >said 2>&1 3>&-
	hull start "$ID"
	wait_for 30 grep -qx tried said
	run hull exec "$ID" ls -d "$BUNDLE"
	[ "$status" -ne 0 ]
	[ "$output" != "$BUNDLE" ]
	"$HULL" run --help | tr -s ' \n' '  ' | grep -q 'reaches it by unmounting'
}

@test "a masked or read-only path that cannot be looked at is an error with its place, and nothing is left" {
	hull_only "others pass it over"
	ln -s loop rootfs/loop
	config '.linux.maskedPaths = ["/proc/kcore", "/loop"]'
	run hull run "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "config.json:/linux/maskedPaths/1"
	has "$output" "cannot open /loop: too many levels of symbolic links"
	config '.linux.maskedPaths = [] | .linux.readonlyPaths = ["/loop"]'
	run hull run "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "config.json:/linux/readonlyPaths/0"
	has "$output" "cannot open /loop: too many levels of symbolic links"
	is "$(hull list -q)" ""
	[ ! -e "$(cgroup_dir)" ]
}
