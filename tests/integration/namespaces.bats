#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Namespaces: new, inherited, joined by path; the user namespace and its mappings; names and
# sysctls that live in them.

load helpers

all="pid network ipc uts mount cgroup"

file_of() {
	case $1 in
	network) echo net ;;
	mount) echo mnt ;;
	*) echo "$1" ;;
	esac
}

ns_of() {
	readlink "/proc/$1/ns/$(file_of "$2")"
}

join() {
	config --arg t "$1" --arg p "$2" '.linux.namespaces |= map(select(.type != $t)) + [{type: $t, path: $p}]'
}

drop() {
	config --arg t "$1" '.linux.namespaces |= map(select(.type != $t))'
}

@test "every namespace listed is new, and final after create" {
	created
	pid=$(pid_of)
	for type in $all; do
		[ "$(ns_of "$pid" "$type")" != "$(ns_of self "$type")" ] || { echo "$type is the caller's"; false; }
		eval "before_$type=$(ns_of "$pid" "$type" | tr -dc 0-9)"
	done
	is "$(ns_of "$pid" user)" "$(ns_of self user)"
	hull start "$ID"
	for type in $all; do
		eval "is \$(ns_of $pid $type | tr -dc 0-9) \$before_$type"
	done
}

@test "a namespace that is not listed is the caller's" {
	for type in pid network ipc uts cgroup; do
		drop "$type"
	done
	config 'del(.hostname) | .linux.resources = {}'
	created
	pid=$(pid_of)
	for type in pid network ipc uts cgroup user; do
		is "$(ns_of "$pid" "$type")" "$(ns_of self "$type")"
	done
	hull delete --force "$ID"
}

@test "init is process 1 and sees no other" {
	inside 'echo $$; ls -d /proc/[0-9]* | wc -l'
	is "${lines[0]}" 1
	[ "${lines[1]}" -le 3 ]
}

@test "a new network namespace has a loopback that is up, and nothing else" {
	inside 'ls /sys/class/net; cat /sys/class/net/lo/flags; ping -c 1 127.0.0.1 >/dev/null 2>&1; ifconfig lo | grep inet'
	is "${lines[0]}" lo
	has "$output" "127.0.0.1"
	has "$output" 0x9
}

@test "hostname and domainname" {
	config '.hostname = "some.name-1" | .domainname = "domain.example"'
	inside 'hostname; cat /proc/sys/kernel/domainname'
	is "${lines[0]}" some.name-1
	! is_hull || is "${lines[1]}" domain.example
	[ "$(hostname)" != some.name-1 ]
}

@test "hostname, domainname and sysctl without their namespace are errors" {
	drop uts
	args true
	refused /hostname
	hull_only "runc 1.1 does not know domainname"
	config 'del(.hostname) | .domainname = "x"'
	refused /domainname
	config 'del(.domainname) | .linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	drop network
	refused /linux/sysctl
	config '.linux.sysctl = {"kernel.shmmax": "1000000"}'
	drop ipc
	refused /linux/sysctl
}

@test "a hostname that is too long is an error" {
	config --arg n "$(printf 'x%.0s' {1..65})" '.hostname = $n'
	args true
	unchanged hull create "$ID" </dev/null
	is "$status" 1
	! is_hull || one_line "$output"
}

@test "sysctls of the container's namespaces" {
	config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shmmax": "1000000", "fs.mqueue.msg_max": "7"}'
	inside 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax /proc/sys/fs/mqueue/msg_max'
	is "$output" $'1\n1000000\n7'
}

@test "a sysctl that is not the container's own is an error" {
	before=$(cat /proc/sys/vm/swappiness)
	config '.linux.sysctl = {"vm.swappiness": "11"}'
	args true
	refused /linux/sysctl
	config '.linux.sysctl = {"net.ipv4.no_such_thing": "1"}'
	refused /linux/sysctl
	config '.linux.sysctl = {"net.ipv4.ip_forward/../../vm/swappiness": "11"}'
	run hull create "$ID" </dev/null
	[ "$status" -ne 0 ]
	is "$(cat /proc/sys/vm/swappiness)" "$before"
}

@test "namespaces joined by path" {
	unshare -n -i -u -m --propagation private sleep 1000 3>&- &
	holder=$!
	wait_for 30 test "$(ns_of self network)" != "$(ns_of $holder network)"
	other() { [ "$(ns_of "$holder" ipc)" != "$(ns_of self ipc)" ]; }
	wait_for 30 other
	for type in network ipc uts; do
		join $type "/proc/$holder/ns/$(file_of $type)"
	done
	config 'del(.hostname)'
	created
	pid=$(pid_of)
	for type in network ipc uts; do
		is "$(ns_of "$pid" $type)" "$(ns_of "$holder" $type)"
	done
	for type in pid mount; do
		[ "$(ns_of "$pid" $type)" != "$(ns_of self $type)" ]
	done
	hull delete --force "$ID"
	kill -0 "$holder"
	kill -9 "$holder"
}

@test "a network namespace joined by a name that ip netns made" {
	command -v ip >/dev/null || skip "ip is not installed"
	ip netns add "hull-$ID" || skip "ip netns does not work here"
	join network "/run/netns/hull-$ID"
	args ip link show lo
	run hull run "$ID"
	ip netns delete "hull-$ID"
	is "$status" 0
	has "$output" "lo"
	# It was not made by the runtime, so it is not brought up by it.
	has "$output" LOOPBACK
}

@test "the pid namespace of another container" {
	running
	first=$(pid_of)
	join pid "/proc/$first/ns/pid"
	config --arg cg "$CGROUP-b" '.linux.cgroupsPath = $cg'
	args sh -c 'ls -d /proc/[0-9]* | wc -l; cat /proc/1/cmdline | tr "\0" " "; echo $$'
	run hull run "$ID-b"
	is "$status" 0
	has "$output" "sleep 1000"
	[ "${lines[-1]}" != 1 ]
	cgroup_kill "$CGROUP-b"
}

@test "the end of a container in a joined pid namespace does not end the other" {
	running
	first=$(pid_of)
	join pid "/proc/$first/ns/pid"
	config --arg cg "$CGROUP-b" '.linux.cgroupsPath = $cg'
	args sleep 1000
	hull create "$ID-b" </dev/null >/dev/null 2>&1 3>&-
	hull start "$ID-b"
	hull kill "$ID-b" KILL
	stopped() { [ "$(status_of "$ID-b")" = stopped ]; }
	wait_for 30 stopped
	hull delete "$ID-b"
	is "$(status_of)" running
}

@test "a path that is missing, of another type, or no namespace is an error" {
	args true
	join network /no/such/netns
	refused /linux/namespaces/ "no such file or directory"
	join network /proc/self/ns/uts
	refused /linux/namespaces/
	join network "$BUNDLE/config.json"
	refused /linux/namespaces/
	join network relative/path
	refused /linux/namespaces/
}

@test "what would change the runtime's own namespace, joined by path, is an error" {
	hull_only
	args true
	local type filter pointer
	while read -r type file pointer filter; do
		cp config.json before.json
		config --arg t "$type" --arg p "/proc/self/ns/$file" \
			'(.linux.namespaces[] | select(.type == $t)).path = $p | del(.hostname) | '"$filter"
		# In namespaces that may be spoilt, should it fail.
		run unshare --uts --net --ipc "$HULL" --root "$STATE" run "$ID"
		is "$status" 1
		has "$output" "config.json:$pointer"
		has "$output" "the runtime's own"
		mv before.json config.json
	done <<-'END'
		uts uts /hostname .hostname = "changed"
		uts uts /domainname .domainname = "changed"
		network net /linux/sysctl/net.ipv4.ip_forward .linux.sysctl = {"net.ipv4.ip_forward": "1"}
		network net /linux/netDevices .linux.netDevices = {"eth0": {}}
		ipc ipc /linux/sysctl/fs.mqueue.msg_max .linux.sysctl = {"fs.mqueue.msg_max": "9"}
		uts uts /linux/sysctl/kernel.domainname .linux.sysctl = {"kernel.domainname": "changed"}
		ipc ipc /linux/sysctl/kernel.msgmax .linux.sysctl = {"kernel.msgmax": "8193"}
	END
}

@test "the same type twice is an error" {
	args true
	config '.linux.namespaces += [{type: "network"}]'
	refused /linux/namespaces/
	config '.linux.namespaces[-1] |= {type: "network", path: "/proc/self/ns/net"}'
	refused /linux/namespaces/
}

@test "an unknown type is an error" {
	config '.linux.namespaces += [{type: "nonsense"}]'
	args true
	refused /linux/namespaces/6
}

user_ns() {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}, {containerID: 1000, hostID: 200000, size: 10}] |
		.linux.gidMappings = [{containerID: 0, hostID: 300000, size: 2000}]'
	# Hard links share their owner: a copy of its own, so that the others' stays root's.
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	chown -R 100000:300000 rootfs
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BUNDLE"
	reach=$BUNDLE
	while [ "$reach" != / ]; do
		[[ $(stat -c %A "$reach") = *[xt] ]] || skip "$reach cannot be entered by other users"
		reach=$(dirname "$reach")
	done
}

@test "a user namespace with mappings" {
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	user_ns
	inside 'cat /proc/self/uid_map /proc/self/gid_map | tr -s " "; id -u; id -g; stat -c "%u %g" /bin/busybox'
	is "$status" 0
	has "$output" " 0 100000 1000"
	has "$output" " 1000 200000 10"
	has "$output" " 0 300000 2000"
	is "${lines[-1]}" "0 0"
	is "${lines[-2]}" 0
}

@test "a user namespace: seen from the host, a user inside it, its devices and mounts" {
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	user_ns
	config '.process.user = {uid: 5, gid: 6, additionalGids: [7]}'
	created
	pid=$(pid_of)
	hull start "$ID"
	is "$(awk '/^Uid/ {print $2, $3, $4}' "/proc/$pid/status")" "100005 100005 100005"
	is "$(awk '/^Gid/ {print $2}' "/proc/$pid/status")" "300006"
	is "$(awk '/^Groups/ {print $2}' "/proc/$pid/status")" "300007"
	[ "$(ns_of "$pid" user)" != "$(ns_of self user)" ]
	is "$(stat -c %t:%T "/proc/$pid/root/dev/null")" 1:3
	is "$(stat -fc %T "/proc/$pid/root/proc")" proc
	echo x >"/proc/$pid/root/dev/null"
}

@test "mappings and the user namespace entry need each other" {
	hull_only "runc 1.1 never returns"
	args true
	config '.linux.namespaces += [{type: "user"}]'
	refused /linux
	config '.linux.namespaces |= map(select(.type != "user")) |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}] | .linux.gidMappings = .linux.uidMappings'
	refused /linux/uidMappings
}

@test "a user that is not mapped is an error" {
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	user_ns
	config '.process.user = {uid: 5000, gid: 0}'
	args true
	refused /process/user
}

@test "mappings that overlap are an error of the kernel that comes back" {
	config '.linux.namespaces += [{type: "user"}] | .linux.gidMappings = [{containerID: 0, hostID: 1, size: 1}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10}, {containerID: 5, hostID: 200000, size: 10}]'
	args true
	unchanged hull create "$ID" </dev/null
	is "$status" 1
	! is_hull || one_line "$output"
}

@test "System V IPC is the container's own" {
	command -v ipcmk >/dev/null || skip "ipcmk is not installed"
	made=$(ipcmk -Q | grep -o '[0-9]*$')
	inside 'grep -c . /proc/sysvipc/msg'
	ipcrm -q "$made"
	is "$output" 1
}

# A container that makes no mounts: what remains for one in somebody else's mount namespace.
no_mounts() {
	config 'del(.mounts, .root.readonly, .linux.maskedPaths, .linux.readonlyPaths)'
	drop mount
}

@test "the host's mount namespace: the root is a directory of it, nothing is mounted, nothing stays" {
	hull_only "others change the host's mounts"
	no_mounts
	before=$(cat /proc/self/mountinfo)
	args sh -c 'stat -c "%n %t:%T %a" /dev/null /dev/tty; readlink /dev/ptmx; ls -a /; ls /../../..; touch /tmp/made; sleep 1000'
	hull create "$ID" </dev/null >said 2>&1 3>&-
	pid=$(pid_of)
	is "$(ns_of "$pid" mount)" "$(ns_of self mount)"
	is "$(readlink "/proc/$pid/root")" "$ROOTFS"
	hull start "$ID"
	wait_for 30 test -e "$ROOTFS/tmp/made"
	is "$(cat /proc/self/mountinfo)" "$before"
	hull delete --force "$ID"
	is "$(cat /proc/self/mountinfo)" "$before"
	has "$(cat said)" $'/dev/null 1:3 666\n/dev/tty 5:0 666\npts/ptmx'
	! grep -qx bundle said
}

@test "a configuration without linux, and without anything but a root and a program" {
	hull_only
	config '{ociVersion, root: {path: .root.path}, process: {args: ["sh", "-c", "pwd; id -u"], cwd: "/tmp"}}'
	before=$(cat /proc/self/mountinfo)
	run hull --cgroup-manager disabled run "$ID"
	is "$status" 0
	is "$output" $'/tmp\n0'
	is "$(cat /proc/self/mountinfo)" "$before"
	# The whole host: its /dev is left alone.
	config '.root.path = "/" | .process.args = ["sh", "-c", "ls -di /dev"]'
	run hull --cgroup-manager disabled run "$ID"
	is "$status" 0
	is "$output" "$(ls -di /dev)"
	is "$(cat /proc/self/mountinfo)" "$before"
}

# Linux 6.15 attaches mounts to detached ones.
nests() {
	local major minor
	IFS=. read -r major minor _ <<<"$(uname -r)"
	[ "$major" -gt 6 ] || { [ "$major" = 6 ] && [ "${minor%%[!0-9]*}" -ge 15 ]; }
}

@test "what needs the propagation of mounts, or host programs, is refused in a mount namespace of others" {
	hull_only
	args true
	no_mounts
	cp config.json bare.json
	local entry
	for entry in '.' '.linux.namespaces += [{type: "mount", path: "/proc/self/ns/mnt"}]'; do
		jq '.linux.rootfsPropagation = "private" | '"$entry" bare.json >config.json
		refused /linux/rootfsPropagation "mount namespace of the container's own"
		jq '.mounts = [{destination: "/tmp", type: "tmpfs", source: "tmpfs"},
			{destination: "/tmp", type: "none", source: "none", options: ["bind", "remount", "ro"]}] | '"$entry" bare.json >config.json
		refused /mounts/1/options "remount needs a mount namespace of the container's own"
	done
	config 'del(.linux.rootfsPropagation) | .mounts = [] | .hooks.createContainer = [{path: "/bin/true"}]'
	refused /hooks/createContainer "joined by path"
	cp bare.json config.json
	NOTIFY_SOCKET=/run/none run hull run "$ID"
	is "$status" 1
	has "$output" NOTIFY_SOCKET
	one_line "$output"
}

@test "before Linux 6.15 what needs a mount is refused in a mount namespace of others, and nothing stays" {
	hull_only
	! nests || skip "this kernel attaches mounts to detached ones"
	args true
	no_mounts
	cp config.json bare.json
	before=$(cat /proc/self/mountinfo)
	local entry filter
	for entry in '' '| .linux.namespaces += [{type: "mount", path: "/proc/self/ns/mnt"}]'; do
		while read -r filter; do
			jq "$filter $entry" bare.json >config.json
			run hull run "$ID"
			is "$status" 1
			one_line "$output"
			has "$output" "config.json:/linux/namespaces"
			has "$output" "Linux 6.15"
			[ ! -e "$STATE/$ID" ]
		done <<-'END'
			.mounts = [{destination: "/proc", type: "proc"}]
			.root.readonly = true
			.process.terminal = true
			.linux.maskedPaths = ["/etc"]
			.linux.readonlyPaths = ["/etc"]
		END
	done
	is "$(cat /proc/self/mountinfo)" "$before"
}

# What a container with all kinds of mounts, and none of them in a mount namespace of its own, says; before, its config.
mounts_apart() {
	mkdir -p src rootfs/masked rootfs/mnt
	echo bound >src/file
	echo secret >rootfs/masked/file
	config --arg s "$BUNDLE/src" '.root.readonly = true | .linux.maskedPaths = ["/masked", "/proc/keys"] |
		.linux.readonlyPaths = ["/proc/sys", "/tmp/ro"] | .mounts += [
		{destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["size=1m"]},
		{destination: "/tmp/ro", type: "tmpfs", source: "tmpfs"},
		{destination: "/tmp/over", type: "tmpfs", source: "tmpfs"},
		{destination: "/tmp/over", type: "bind", source: $s, options: ["bind", "ro"]},
		{destination: "/mnt", type: "bind", source: "src", options: ["rbind"]}]'
	args sh -c 'exec >/mnt/said 2>&1; cat /mnt/file /tmp/over/file; ls /masked; cat /proc/keys | wc -c
		echo x >/tmp/over/x; echo x >/tmp/ro/x; echo x >/x; echo x >/proc/sys/kernel/hostname; echo x >/tmp/x && cat /tmp/x
		stat -f -c %T /proc /dev/pts; stat -c %t:%T /dev/null; pwd; ls /../..; echo end; sleep 1000'
}

what_was_said() {
	wait_for 30 grep -qx end src/said || { cat src/said; return 1; }
	is "$(head -n 3 src/said | tr '\n' ' ')" "bound bound 0 "
	is "$(grep -c 'ead-only file system' src/said)" 4
	is "$(grep -cx x src/said)" 1
	has "$(cat src/said)" $'proc\ndevpts\n1:3\n/\n'
	! grep -qx bundle src/said
}

@test "mounts in the host's mount namespace: made where only the container sees them, and gone with it" {
	hull_only "others mount on the host"
	nests || skip "needs Linux 6.15"
	mounts_apart
	drop mount
	before=$(host_mounts)
	create
	is "$(host_mounts)" "$before"
	hull start "$ID"
	first=$(pid_of)
	what_was_said
	is "$(ns_of "$first" mount)" "$(ns_of self mount)"
	is "$(host_mounts)" "$before"
	is "$(cd rootfs && find tmp proc masked -type f)" masked/file
	run hull exec "$ID" sh -c 'cat /tmp/x /mnt/file; ls /masked; echo y >/tmp/y; echo x >/x'
	is "${lines[0]} ${lines[1]}" "x bound"
	has "$output" "ead-only file system"
	# exec is in the same tree, and the mounts in it are no other's to change.
	run hull exec "$ID" sh -c 'cat /tmp/y; umount /masked; mount -t tmpfs tmpfs /masked; ls /masked'
	is "${lines[0]}" y
	! grep -qx file <<<"$output" || false
	is "$(host_mounts)" "$before"
	hull delete --force "$ID"
	is "$(host_mounts)" "$before"
}

@test "mounts in a mount namespace joined by path: its own mounts stay as they are" {
	hull_only "others mount in it"
	nests || skip "needs Linux 6.15"
	config '.root.readonly = false'
	running
	first=$(pid_of)
	before=$(cat "/proc/$first/mountinfo")
	cp -a rootfs other
	mv other rootfs/other
	mounts_apart
	mkdir -p rootfs/other/masked rootfs/other/mnt
	join mount "/proc/$first/ns/mnt"
	config --arg cg "$CGROUP-b" '.linux.cgroupsPath = $cg | .root.path = "/other"'
	hull create "$ID-b" </dev/null >said 2>&1 3>&- || { cat said; false; }
	second=$(pid_of "$ID-b")
	hull start "$ID-b"
	what_was_said
	is "$(ns_of "$second" mount)" "$(ns_of "$first" mount)"
	is "$(cat "/proc/$first/mountinfo")" "$before"
	run hull exec "$ID-b" cat /tmp/x
	is "$output" x
	hull delete --force "$ID-b"
	is "$(cat "/proc/$first/mountinfo")" "$before"
	cgroup_kill "$CGROUP-b"
}

@test "a terminal without a mount namespace of its own: /dev/console is it" {
	hull_only
	nests || skip "needs Linux 6.15"
	drop mount
	before=$(host_mounts)
	config '.process.terminal = true'
	args sh -c 'tty; [ /dev/console -ef "$(tty)" ] || stat -c %t:%T /dev/console "$(tty)"; echo said >/dev/console'
	run script -qec "'$HULL' --root '$STATE' run '$ID'" /dev/null </dev/null
	is "$status" 0
	has "$output" said
	is "$(host_mounts)" "$before"
}

@test "a mount namespace joined by path: its mounts are seen, and stay as they are" {
	hull_only
	mkdir src
	echo bound >src/file
	config --arg s "$BUNDLE/src" '.mounts += [{destination: "/mnt", type: "bind", source: $s, options: ["bind"]}] | .root.readonly = false'
	running
	first=$(pid_of)
	before=$(cat "/proc/$first/mountinfo")
	no_mounts
	join mount "/proc/$first/ns/mnt"
	config --arg cg "$CGROUP-b" '.linux.cgroupsPath = $cg | .root.path = "/"'
	args sh -c 'cat /mnt/file; stat -c %t:%T /dev/null; sleep 1000'
	hull create "$ID-b" </dev/null >said 2>&1 3>&-
	second=$(pid_of "$ID-b")
	is "$(ns_of "$second" mount)" "$(ns_of "$first" mount)"
	hull start "$ID-b"
	wait_for 30 grep -q 1:3 said
	has "$(cat said)" bound
	is "$(cat "/proc/$first/mountinfo")" "$before"
	hull delete --force "$ID-b"
	is "$(cat "/proc/$first/mountinfo")" "$before"
	# Below it, and relative to the bundle; missing.
	mkdir -p "rootfs$BUNDLE/inner"
	cp -a rootfs/bin "rootfs$BUNDLE/inner/"
	config '.root.path = "inner"'
	args /bin/ls /
	run hull run "$ID-b"
	is "$status" 0
	is "$output" $'bin\ndev'
	config '.root.path = "no-such"'
	run hull run "$ID-b"
	is "$status" 1
	has "$output" "config.json:/root/path"
	has "$output" "$BUNDLE/no-such in the mount namespace that is joined: no such file or directory"
	cgroup_kill "$CGROUP-b"
}

@test "where nothing can be mounted a device that cannot be made leaves no file" {
	hull_only
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	mkdir -p rootfs/inner/dev
	cp -a rootfs/bin rootfs/inner/
	chown -R 100000:100000 rootfs
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings | .root.readonly = false'
	running
	first=$(pid_of)
	no_mounts
	join mount "/proc/$first/ns/mnt"
	join user "/proc/$first/ns/user"
	config --arg cg "$CGROUP-b" '.linux.cgroupsPath = $cg | .root.path = "/inner" | del(.linux.uidMappings, .linux.gidMappings)'
	args true
	run hull run "$ID-b"
	is "$status" 1
	has "$output" "cannot make /dev/null: operation not permitted"
	is "$(ls rootfs/inner/dev)" ""
	cgroup_kill "$CGROUP-b"
}

@test "exec in a container that shares a mount namespace: its root is the container's" {
	hull_only
	no_mounts
	running
	first=$(pid_of)
	run hull exec --cwd /tmp "$ID" sh -c 'pwd; stat -c %i /; ls /../..'
	is "$status" 0
	is "${lines[0]}" /tmp
	is "${lines[1]}" "$(stat -c %i "$ROOTFS")"
	! grep -qx boot <<<"$output" || false
	run hull exec --cwd "$BUNDLE" "$ID" true
	[ "$status" -ne 0 ]
	hull delete --force "$ID"
	join mount /proc/self/ns/mnt
	running
	run hull exec "$ID" stat -c %i /
	is "$status" 0
	is "$output" "$(stat -c %i "$ROOTFS")"
}

@test "a mount namespace joined by path is hostile: no link in it leads the root out" {
	hull_only
	config '.root.readonly = false'
	running
	first=$(pid_of)
	ln -s /proc/self/root rootfs/magic
	ln -s /proc/self/fd rootfs/fds
	ln -s "../../../../../../../$BUNDLE" rootfs/out
	no_mounts
	join mount "/proc/$first/ns/mnt"
	config --arg cg "$CGROUP-b" '.linux.cgroupsPath = $cg'
	args ls /
	for path in /magic /magic/etc /fds/0 /fds/3 /fds/4 /fds/5 /fds/6 /fds/7 /out; do
		config --arg p "$path" '.root.path = $p'
		run hull run "$ID-b"
		is "$status" 1
		has "$output" "config.json:/root/path"
	done
	cgroup_kill "$CGROUP-b"
}

@test "more mounts in a user namespace than the caller may have descriptors open" {
	hull_only
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings | .root.readonly = false |
		.mounts += [range(300) | {destination: "/tmp/b\(.)", source: "/etc", options: ["bind", "ro"]}]'
	shell 'grep -c " /tmp/b[0-9]" /proc/self/mountinfo; ulimit -Sn'
	run bash -c "ulimit -Sn 128; exec '$HULL' --root '$STATE' run '$ID'"
	is "$output" $'300\n'"$(jq -r '.process.rlimits[]? | select(.type == "RLIMIT_NOFILE") | .soft' config.json | grep . || echo 128)"
}

@test "a time namespace: offsets of both clocks; joined by path they are frozen" {
	hull_only "runc 1.1 has no time namespaces"
	[ -e /proc/self/ns/time ] || skip "no time namespaces here"
	config '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {
		monotonic: {secs: 2000000, nanosecs: 5}, boottime: {secs: 1000000, nanosecs: 999999999}}'
	args sh -c 'tr -s " " </proc/self/timens_offsets; cut -d. -f1 /proc/uptime; sleep 1000'
	hull create "$ID" </dev/null >said 2>&1 3>&-
	first=$(pid_of)
	[ "$(readlink /proc/$first/ns/time)" != "$(readlink /proc/self/ns/time)" ]
	is "$(readlink /proc/$first/ns/time)" "$(readlink /proc/$first/ns/time_for_children)"
	hull start "$ID"
	uptime_is_said() { [ "$(wc -l <said)" -ge 3 ]; }
	wait_for 30 uptime_is_said
	is "$(sed -n 1p said)" "monotonic 2000000 5"
	is "$(sed -n 2p said)" "boottime 1000000 999999999"
	[ "$(sed -n 3p said)" -gt 1000000 ]
	[ "$(cut -d. -f1 /proc/uptime)" -lt 1000000 ]
	# Another one in it.
	config --arg p "/proc/$first/ns/time" --arg cg "$CGROUP-b" '(.linux.namespaces[] | select(.type == "time")).path = $p |
		.linux.cgroupsPath = $cg'
	args sh -c 'tr -s " " </proc/self/timens_offsets; cut -d. -f1 /proc/uptime'
	run hull run "$ID-b"
	is "$status" 1
	has "$output" "config.json:/linux/timeOffsets"
	config 'del(.linux.timeOffsets)'
	run hull run "$ID-b"
	is "$status" 0
	is "${lines[0]}" "monotonic 2000000 5"
	[ "${lines[2]}" -gt 1000000 ]
	cgroup_kill "$CGROUP-b"
}

@test "time offsets that cannot be: without the namespace, unknown clocks, more than a second of nanoseconds, before the boot" {
	hull_only "runc 1.1 has no time namespaces"
	args true
	config '.linux.timeOffsets = {boottime: {secs: 1}}'
	refused /linux/timeOffsets
	config '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {realtime: {secs: 1}}'
	refused /linux/timeOffsets
	config '.linux.timeOffsets = {boottime: {nanosecs: 1000000000}}'
	refused /linux/timeOffsets/boottime/nanosecs
	config '.linux.timeOffsets = {boottime: {secs: -9000000000}}'
	refused /linux/timeOffsets "numerical result out of range"
}

# A user namespace whose ranges are all one id: 340 lines are what the kernel takes.
ranges() {
	config --argjson n "$1" --argjson first "${2:-100000}" '(.linux.uidMappings, .linux.gidMappings) =
		[range($n) | {containerID: ., hostID: ($first + 2 * .), size: 1}]'
}

@test "340 ranges of ids are written; one more is an error" {
	hull_only "runc 1.1 leaves it to the kernel"
	user_ns
	chown -R 2000:2000 rootfs
	ranges 340 2000
	inside 'wc -l </proc/self/uid_map; wc -l </proc/self/gid_map; tail -n 1 /proc/self/uid_map | tr -s " "'
	is "$status" 0
	is "$output" $'340\n340\n 339 2678 1'
	ranges 341
	args true
	refused /linux/uidMappings/340
	config '.linux.uidMappings |= .[:1]'
	refused /linux/gidMappings/340
	# As many as 340, and longer than a page.
	[ "$(getconf PAGESIZE)" = 4096 ] || return 0
	ranges 340 1000000000
	refused /linux/uidMappings "too many ranges"
}

@test "a user namespace joined by path: its maps are what they are" {
	hull_only
	user_ns
	running
	first=$(pid_of)
	config --arg p "/proc/$first/ns/user" --arg cg "$CGROUP-b" '(.linux.namespaces[] | select(.type == "user")).path = $p |
		.linux.cgroupsPath = $cg'
	cp config.json same.json
	args sh -c 'tr -s " " </proc/self/uid_map; id -u; stat -c "%t:%T" /dev/null; touch /dev/shm/x && stat -c %u /dev/shm/x'
	for maps in . 'del(.linux.uidMappings, .linux.gidMappings)' '(.linux.uidMappings, .linux.gidMappings) = [{containerID: 0, hostID: 7, size: 7}]'; do
		config "$maps"
		run hull --debug run "$ID-b"
		is "$status" 0
		has "$output" " 0 100000 1000"
		# What init and the program say comes in any order.
		is "$(grep -v "^hull: run: debug: " <<<"$output" | tail -n 1)" 0
		case $maps in
		*hostID*) has "$output" "the user namespace that is joined has others" ;;
		*) ! grep -q "has others" <<<"$output" ;;
		esac
	done
	# Its owner, from outside.
	args sleep 1000
	hull create "$ID-b" </dev/null >said 2>&1 3>&-
	second=$(pid_of "$ID-b")
	is "$(ns_of "$second" user)" "$(ns_of "$first" user)"
	is "$(awk '/^Uid/ {print $2}' "/proc/$second/status")" 100000
	hull delete --force "$ID-b"
	# With the container's network as well, which belongs to it.
	join network "/proc/$first/ns/net"
	args sh -c 'ip link set lo down 2>&1; ip link set lo up && echo up'
	config '.process.capabilities |= map_values(. + ["CAP_NET_ADMIN"])'
	run hull run "$ID-b"
	is "$status" 0
	has "$output" up
	cgroup_kill "$CGROUP-b"
}

@test "in a user namespace stdio belongs to the user of the process: /dev/stdout can be opened" {
	config '.linux.namespaces += [{type: "user"}] | .process.user = {uid: 1000, gid: 1000} |
		(.linux.uidMappings, .linux.gidMappings) = [{containerID: 0, hostID: 200000, size: 65536}]'
	inside 'echo works >/dev/stdout; echo so >/dev/stderr; stat -L -c %u /dev/stdin /dev/stdout'
	has "$output" works
	has "$output" so
	has "$output" 1000
	is "$status" 0
	is "$(stat -c %u /dev/null)" 0
}
