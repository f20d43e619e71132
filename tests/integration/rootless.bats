#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Containers of a user who is not root: hull has none of the host's rights.  The rights that it has are those of root
# inside of a user namespace.  The user is made for the tests and removed after them; in the test machine it is the one
# of the machine, in a service of its systemd session, to which a cgroup is delegated.

load helpers

setup_file() {
	export TESTER_HOME TESTER RUNTIME_DIR SESSION=''
	TESTER_HOME=$(mktemp -d "${TMPDIR:-/tmp}/hull-rootless.XXXXXX")
	chmod 755 "$TESTER_HOME"
	if command -v as-tester >/dev/null; then
		TESTER=tester
		SESSION=/user.slice/user-1000.slice/user@1000.service
		RUNTIME_DIR=/run/user/1000
		cp /etc/subuid /etc/subgid "$BATS_FILE_TMPDIR"
		# Else the session ends with the last that was opened in it.
		loginctl enable-linger tester
		systemctl start user@1000.service
		systemd-run --quiet --collect --user --machine=tester@.host --unit=hull-tests sleep infinity
		return
	fi
	TESTER=hullt$$
	RUNTIME_DIR=$TESTER_HOME/run
	useradd --no-create-home --home-dir "$TESTER_HOME" --shell /bin/sh -K SUB_UID_COUNT=0 -K SUB_GID_COUNT=0 "$TESTER"
}

teardown_file() {
	local n=50
	rm -rf "$TESTER_HOME"
	if [ -n "$SESSION" ]; then
		cp "$BATS_FILE_TMPDIR"/sub[ug]id /etc
		systemctl --user --machine=tester@.host stop hull-tests.service
		loginctl disable-linger tester
		return
	fi
	# The last process of the user may take a moment to go.
	until userdel "$TESTER" 2>/dev/null || [ $((n -= 1)) -eq 0 ]; do
		sleep 0.1
	done
	sed -i "/^$TESTER:/d" /etc/subuid /etc/subgid
}

# as COMMAND... - as the user, with a runtime directory of its own; in its session where there is one: as-tester is the
# real thing, and takes a second each time.
as() {
	"${ENTER[@]}" runuser -u "$TESTER" -- env HOME="$TESTER_HOME" XDG_RUNTIME_DIR="$RUNTIME_DIR" "$@"
}

# outside COMMAND... - as the user, in the caller's cgroup, in which it has no rights.
outside() {
	runuser -u "$TESTER" -- env HOME="$TESTER_HOME" XDG_RUNTIME_DIR="$RUNTIME_DIR" "$@"
}

# The user's hull, with the default root; AS=outside: not in the session.
hull() {
	"${AS:-as}" "$HULL" "$@"
}

extra_setup() {
	TESTER_UID=$(id -u "$TESTER")
	# Into the session's service first, where there is one.
	ENTER=()
	[ -z "$SESSION" ] ||
		ENTER=(sh -c 'echo $$ >"$0" && exec "$@"' "$CGROUPS$SESSION/app.slice/hull-tests.service/cgroup.procs")
	outside unshare -Ur true 2>/dev/null || skip "this host refuses user namespaces to ordinary users"
	cp "$HULL" "$TESTER_HOME/hull"
	HULL=$TESTER_HOME/hull
	STATE=$RUNTIME_DIR/hull
	BUNDLE=$TESTER_HOME/$BATS_TEST_NUMBER
	ROOTFS=$BUNDLE/rootfs
	mkdir -p "$BUNDLE"
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" "$ROOTFS"
	[ -n "$SESSION" ] || install -d -m 700 -o "$TESTER" "$RUNTIME_DIR"
	"$HULL" spec --rootless --file - | jq --argjson u "$TESTER_UID" --argjson g "$(id -g "$TESTER")" \
		'.process.terminal = false | .linux.uidMappings[0].hostID = $u | .linux.gidMappings[0].hostID = $g' >"$BUNDLE/config.json"
	chown -R "$TESTER:" "$BUNDLE"
	cd "$BUNDLE" || return 1
}

extra_teardown() {
	local d
	for d in "$STATE"/*/; do
		[ ! -d "$d" ] || outside "$HULL" delete --force "$(basename "$d")" || :
	done
	cd /
	rm -rf "$TESTER_HOME/$BATS_TEST_NUMBER/rootfs"
	[ -n "$SESSION" ] || rm -rf "/run/user/$TESTER_UID"
}

# subids FIRST - 65536 subordinate ids for the user.
subids() {
	command -v newuidmap >/dev/null && command -v newgidmap >/dev/null || skip "no newuidmap: install uidmap"
	sed -i "/^$TESTER:/d" /etc/subuid /etc/subgid
	echo "$TESTER:$1:65536" | tee -a /etc/subuid >>/etc/subgid
}

# maps JQ - both maps.
maps() {
	config "(.linux.uidMappings, .linux.gidMappings) = $1"
}

# The user itself, then its subordinate ids.
ranges() {
	subids 1500000000
	maps "[{containerID: 0, hostID: $TESTER_UID, size: 1}, {containerID: 1, hostID: 1500000000, size: 65536}]"
	config --argjson g "$(id -g "$TESTER")" '.linux.gidMappings[0].hostID = $g'
}

# ---- life ----

@test "a single mapping: root inside is the user outside, and groups cannot be set" {
	inside 'id -u; id -g; cat /proc/self/uid_map /proc/self/gid_map | tr -s " "; cat /proc/self/setgroups; touch /dev/shm/x; stat -c %u /dev/shm/x /etc/passwd'
	is "$status" 0
	is "${lines[0]}" 0
	is "${lines[1]}" 0
	is "${lines[2]}" " 0 $TESTER_UID 1"
	is "${lines[3]}" " 0 $(id -g "$TESTER") 1"
	is "${lines[4]}" deny
	is "${lines[5]}" 0
	is "${lines[6]}" 0
}

@test "create, start, state, list, kill, delete; nothing stays" {
	args sleep 1000
	before=$(snapshot)
	create
	is "$(status_of)" created
	is "$(hull state "$ID" | jq -r .owner)" "$TESTER"
	hull start "$ID"
	is "$(status_of)" running
	is "$(stat -c %u "/proc/$(pid_of)")" "$TESTER_UID"
	has "$(hull list)" "$TESTER"
	run hull delete "$ID"
	[ "$status" -ne 0 ]
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	hull delete "$ID"
	is "$(snapshot)" "$before"
}

@test "exec: the same user, namespaces and capabilities; from inside of the user namespace too" {
	running
	pid=$(pid_of)
	run hull exec "$ID" sh -c 'id -u; readlink /proc/self/ns/user; grep CapEff /proc/self/status; touch /dev/shm/x; stat -c %u /dev/shm/x'
	is "$status" 0
	is "${lines[0]}" 0
	is "${lines[1]}" "$(readlink "/proc/$pid/ns/user")"
	is "${lines[2]}" "$(grep CapEff "/proc/$pid/status")"
	is "${lines[3]}" 0
	run hull exec "$ID" sh -c 'exit 9'
	is "$status" 9
	run hull exec "$ID" nonesuch
	is "$status" 255
	has "$output" 'executable file not found in $PATH'
	hull exec -d --pid-file "$RUNTIME_DIR/pid" "$ID" sleep 100 </dev/null >/dev/null 2>&1 3>&-
	is "$(stat -c %u "/proc/$(cat "$RUNTIME_DIR/pid")")" "$TESTER_UID"
	run hull exec --user 5:5 "$ID" true
	is "$status" 255
	has "$output" "not mapped in the user namespace"
}

@test "exec with mapped ids: another user, a terminal of its own" {
	ranges
	running
	run hull exec --user 5:6 --additional-gids 7 "$ID" sh -c 'id -u; id -G'
	is "$output" $'5\n6 7'
	run "$TOOLS/term" run -- "${ENTER[@]}" runuser -u "$TESTER" -- env XDG_RUNTIME_DIR="$RUNTIME_DIR" "$HULL" exec -t --user 5:6 "$ID" \
		sh -c 'tty; stat -c "owner %u" $(tty)' 3>&-
	has "$output" /dev/pts/
	has "$output" "owner 5"
}

@test "delete --force and kill --all reach a container without a cgroup" {
	running
	pid=$(pid_of)
	run hull kill --all "$ID" KILL
	is "$status" 0
	is "$output" "" # engines read it together with the answer
	wait_for 30 gone "$pid"
	hull delete "$ID"
	running
	pid=$(pid_of)
	hull delete --force "$ID"
	gone "$pid"
	run hull state "$ID"
	[ "$status" -ne 0 ]
}

@test "init cannot be looked into by its own user while it waits" {
	created
	pid=$(pid_of)
	# An undumpable process's files are root's.
	is "$(stat -c %u "/proc/$pid/environ")" 0
	run as readlink "/proc/$pid/exe"
	[ "$status" -ne 0 ]
	run as nsenter --user --target "$pid" true
	[ "$status" -ne 0 ]
}

@test "the state root is in XDG_RUNTIME_DIR, for the user alone and kept from cleaners" {
	created
	is "$(stat -c %a:%u "$RUNTIME_DIR/hull")" "1700:$TESTER_UID"
	[ -e "$RUNTIME_DIR/hull/$ID" ]
}

@test "without XDG_RUNTIME_DIR, or with an empty one, the state root is in /run/user" {
	if [ -n "$SESSION" ]; then
		for variable in -uXDG_RUNTIME_DIR XDG_RUNTIME_DIR=; do
			as env "$variable" "$HULL" create "$ID" </dev/null >/dev/null 3>&-
			[ -e "/run/user/$TESTER_UID/hull/$ID" ]
			as env "$variable" "$HULL" delete --force "$ID"
		done
		return
	fi
	for variable in -uXDG_RUNTIME_DIR XDG_RUNTIME_DIR=; do
		run runuser -u "$TESTER" -- env "$variable" "$HULL" create "$ID"
		[ "$status" -ne 0 ]
		one_line "$output"
		has "$output" "cannot open the state root /run/user/$TESTER_UID/hull: permission denied"
	done
	[ -d /run/user ] || mkdir -m 755 /run/user
	install -d -m 700 -o "$TESTER" "/run/user/$TESTER_UID"
	runuser -u "$TESTER" -- env XDG_RUNTIME_DIR= "$HULL" run "$ID" </dev/null 3>&-
	is "$(ls -A "/run/user/$TESTER_UID")" hull
}

# ---- ids ----

@test "ranges by newuidmap: users and groups inside" {
	ranges
	config '.process.user = {uid: 1000, gid: 1000, additionalGids: [5, 6]}'
	inside 'id; cat /proc/self/setgroups; head -2 /proc/self/uid_map | tail -1 | tr -s " "'
	is "$status" 0
	has "${lines[0]}" "uid=1000"
	has "${lines[0]}" "groups=5,6"
	is "${lines[1]}" allow
	is "${lines[2]}" " 1 1500000000 65536"
	# The helpers are found without PATH.
	run runuser -u "$TESTER" -- env -i XDG_RUNTIME_DIR="$RUNTIME_DIR" "$HULL" run "$ID"
	is "$status" 0
}

@test "root inside may be a subordinate id as well" {
	subids 1500000000
	maps '[{containerID: 0, hostID: 1500000000, size: 65536}]'
	running
	is "$(stat -c %u "/proc/$(pid_of)")" 1500000000
	hull delete --force "$ID"
}

@test "ids that are not the user's are refused in one line" {
	maps "[{containerID: 0, hostID: $TESTER_UID, size: 1}, {containerID: 1, hostID: 1600000000, size: 65536}]"
	refused /linux/uidMappings "/etc/subuid" "operation not permitted"
}

@test "a set-uid program has its owner's rights inside, unless noNewPrivileges" {
	ranges
	# The host's own id(1), with the libraries that it wants.
	cp "$(readlink -f "$(command -v id)")" "$ROOTFS/show"
	for d in /usr /lib /lib64; do
		[ ! -e "$d" ] || config --arg d "$d" '.mounts += [{destination: $d, source: $d, options: ["rbind", "ro"]}]'
	done
	chown "$TESTER:" "$ROOTFS/show"
	chmod 4755 "$ROOTFS/show"
	config '.process.user = {uid: 1000, gid: 1000} | .process.noNewPrivileges = false'
	args /show
	run hull run "$ID"
	has "$output" "uid=1000"
	has "$output" "euid=0"
	config '.process.noNewPrivileges = true'
	run hull run "$ID"
	has "$output" "uid=1000"
	[[ $output != *euid* ]]
}

@test "nested: the runtime is root in a user namespace" {
	maps '[{containerID: 0, hostID: 0, size: 1}]'
	shell 'id -u; tr -s " " </proc/self/uid_map'
	# Without, and with the right to make mounts of its own.
	for more in "" --mount; do
		run as unshare -Ur $more "$HULL" run "$ID"
		is "$status" 0
		is "${lines[0]}" 0
		is "${lines[1]}" " 0 0 1"
	done
}

@test "nested: a container in the runtime's own user namespace" {
	config 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))'
	shell 'id -u; tr -s " " </proc/self/uid_map; echo x >/dev/null'
	run as unshare -Urm "$HULL" run "$ID"
	is "$status" 0
	is "${lines[1]}" " 0 $TESTER_UID 1"
}

@test "without a user namespace a user is refused in one line" {
	config 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))'
	unchanged hull create "$ID" </dev/null
	[ "$status" -ne 0 ]
	one_line "$output"
	has "$output" "operation not permitted"
}

@test "the user namespace of another container is joined by path" {
	running
	pid=$(pid_of)
	config --arg p "/proc/$pid/ns/user" 'del(.linux.uidMappings, .linux.gidMappings) |
		(.linux.namespaces[] | select(.type == "user")).path = $p'
	args readlink /proc/self/ns/user
	run hull run "$ID-b"
	is "$status" 0
	is "$output" "$(readlink "/proc/$pid/ns/user")"
}

# ---- cgroups ----

@test "no right to cgroups: none is made, and no limit is dropped in silence" {
	AS=outside
	inside 'cat /proc/self/cgroup'
	is "$status" 0
	shell true
	config '.linux.resources = {devices: [{allow: false, access: "rwm"}]}'
	hull run "$ID"
	hull --rootless=true run "$ID"

	config '.linux.resources = {pids: {limit: 10}}'
	unchanged hull run "$ID"
	[ "$status" -ne 0 ]
	one_line "$output"
	has "$output" "config.json:/linux/resources/pids/limit"
	has "$output" "permission denied"
}

@test "no right to cgroups: a cgroupsPath is not ignored, nor is --rootless=false" {
	AS=outside
	shell true
	unchanged hull --rootless=false run "$ID"
	[ "$status" -ne 0 ]
	one_line "$output"
	has "$output" "permission denied"
	config --arg cg "$CGROUP" '.linux.cgroupsPath = $cg'
	unchanged hull run "$ID"
	[ "$status" -ne 0 ]
	one_line "$output"
	has "$output" "permission denied"
}

# delegate - the test's cgroup belongs to the user, and this shell is in it where that counts.
delegate() {
	local dir
	for dir in "$CGROUPS"/*/; do
		[ -e "$dir/cgroup.procs" ] || continue
		mkdir -p "$dir$CGROUP"
		for name in hull-test "${CGROUP#/}"; do
			for file in cpuset.cpus cpuset.mems; do
				[ ! -e "$dir$file" ] || [ -n "$(cat "$dir$name/$file")" ] || cat "$dir$file" >"$dir$name/$file"
			done
		done
		chown -R "$TESTER" "$dir$CGROUP"
	done
	mkdir "$CGROUPS/unified$CGROUP/caller"
	chown -R "$TESTER" "$CGROUPS/unified$CGROUP"
	echo $BASHPID >"$CGROUPS/unified$CGROUP/caller/cgroup.procs"
}

@test "in a session: the container goes beside its creator's cgroup, which is delegated, and has its limits" {
	[ -n "$SESSION" ] || skip "no systemd session here"
	args sleep 1000
	as-tester "$HULL" create "$ID" </dev/null >/dev/null 3>&-
	hull start "$ID"
	is "$(cat "/proc/$(pid_of)/cgroup")" "0::$SESSION/app.slice/hull-$ID"
	# Its creator's service has ended, with all that was in it.
	pid=$(pid_of)
	run hull kill --all "$ID" KILL
	is "$status" 0
	wait_for 30 gone "$pid"
	hull delete "$ID"
	[ ! -e "$CGROUPS$SESSION/app.slice/hull-$ID" ]
	config '.linux.resources = {pids: {limit: 17}, memory: {limit: 104857600}, cpu: {shares: 2048}, devices: [{allow: false, access: "rwm"}]}'
	running
	is "$(cd "$CGROUPS$SESSION/app.slice/hull-$ID" && cat pids.max memory.max)" $'17\n104857600'
	hull delete --force "$ID"
	[ ! -e "$CGROUPS$SESSION/app.slice/hull-$ID" ]
	# Root of a user namespace is no other than its owner.
	config 'del(.linux.resources, .linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))'
	shell 'cat /proc/self/cgroup'
	config '.linux.namespaces |= map(select(.type != "cgroup"))'
	run as unshare -Urm "$HULL" run "$ID"
	is "$status" 0
	is "$output" "0::$SESSION/app.slice/hull-$ID"
	[ ! -e "$CGROUPS$SESSION/app.slice/hull-$ID" ]
}

@test "a delegated cgroup, v2 alone: limits are set, and the container has it as its own" {
	[ -e "$CGROUPS/cgroup.controllers" ] || skip "not a pure v2 host"
	AS=outside
	mkdir -p "$CGROUPS$CGROUP"
	echo +pids +memory >"$CGROUPS/cgroup.subtree_control"
	echo +pids +memory >"$CGROUPS/hull-test/cgroup.subtree_control"
	mkdir "$CGROUPS$CGROUP/caller"
	chown -R "$TESTER" "$CGROUPS$CGROUP"
	config --arg cg "$CGROUP/c" '.linux.cgroupsPath = $cg |
		.linux.resources = {pids: {limit: 17}, memory: {limit: 104857600}, devices: [{allow: false, access: "rwm"}]}'
	args sleep 1000
	(echo $BASHPID >"$CGROUPS$CGROUP/caller/cgroup.procs" && create)
	is "$(cat "/proc/$(pid_of)/cgroup")" "0::$CGROUP/c"
	is "$(cat "$CGROUPS$CGROUP/c/pids.max")" 17
	is "$(cat "$CGROUPS$CGROUP/c/memory.max")" 104857600
	hull delete --force "$ID"
	[ ! -e "$CGROUPS$CGROUP/c" ]
}

@test "a delegated cgroup: limits are set; device rules, which no user may set, are left out" {
	need_v1 memory
	[ -d "$CGROUPS/unified" ] || skip "no unified hierarchy here"
	config --arg cg "$CGROUP/c" '.linux.cgroupsPath = $cg |
		.linux.resources = {pids: {limit: 17}, memory: {limit: 104857600}, devices: [{allow: false, access: "rwm"}]}'
	args sleep 1000
	(delegate && create)
	pid=$(pid_of)
	has "$(cat "/proc/$pid/cgroup")" ":pids:$CGROUP/c"
	is "$(cat "$CGROUPS/pids$CGROUP/c/pids.max")" 17
	is "$(cat "$CGROUPS/memory$CGROUP/c/memory.limit_in_bytes")" 104857600
	hull delete --force "$ID"
	[ ! -e "$CGROUPS/pids$CGROUP/c" ]
}

# ---- file systems ----

# Mounts at and below /sys that can be written to, as the container sees them.
writable_sys='awk "\$5 ~ \"^/sys\" && \$6 !~ /^ro/" /proc/self/mountinfo'

@test "/sys is the host's, read-only, with no cgroup file that could be written" {
	for mount in '{destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid"]}' \
		'{destination: "/sys", type: "none", source: "/sys", options: ["rbind", "ro"]}'; do
		config "del(.mounts[] | select(.type == \"cgroup\" or .destination == \"/sys\")) | .mounts += [$mount]"
		inside "$writable_sys; grep -c ' /sys' /proc/self/mountinfo"
		is "$status" 0
		is "${#lines[@]}" 1
		[ "${lines[0]}" -gt 1 ]
	done
}

@test "/sys is the container's with a network namespace of its own" {
	config '.linux.namespaces += [{type: "network"}] | .linux.sysctl = {"net.ipv4.ip_forward": "1"} |
		(.mounts[] | select(.destination == "/sys")) |= {destination, type: "sysfs", source: "sysfs", options: ["ro"]}'
	inside 'ls /sys/class/net; cat /proc/sys/net/ipv4/ip_forward; cat /sys/class/net/lo/operstate'
	is "$status" 0
	is "${lines[0]}" lo
	is "${lines[1]}" 1
}

@test "a directory with the host's mounts in it cannot be bound without them" {
	config '.mounts += [{destination: "/mnt", type: "none", source: "/sys", options: ["bind", "ro"]}]'
	refused "/mounts/$(jq '.mounts | length - 1' config.json)" "cannot bind /sys without the mounts in it"
}

# ledger: dev-02, dev-06
@test "devices are the host's own nodes" {
	[ -c /dev/fuse ] && config '.linux.devices = [{path: "/dev/fuse", type: "c", major: 10, minor: 229},
		{path: "/dev/pipe", type: "p"}]'
	inside 'stat -c "%n %t:%T" /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty
		echo x >/dev/null; head -c 3 /dev/zero | wc -c; echo x >/dev/full || echo full
		[ ! -e /dev/pipe ] || stat -c "%F %t:%T" /dev/pipe /dev/fuse'
	is "$status" 0
	has "$output" "/dev/null 1:3"
	has "$output" "/dev/zero 1:5"
	has "$output" "/dev/full 1:7"
	has "$output" "/dev/random 1:8"
	has "$output" "/dev/urandom 1:9"
	has "$output" "/dev/tty 5:0"
	has "$output" full
	[ ! -c /dev/fuse ] || { has "$output" "fifo 0:0" && has "$output" "special file a:e5"; }
}

@test "a device that the host does not have, or that is another one there, is refused" {
	config '.linux.devices = [{path: "/dev/hull-none", type: "c", major: 1, minor: 3}]'
	refused /linux/devices/0 "/dev/hull-none"
	config '.linux.devices = [{path: "/dev/zero", type: "c", major: 1, minor: 3}]'
	refused /linux/devices/0 "/dev/zero"
}

@test "gid=5 of a devpts is left out where the group is not mapped, with a warning" {
	config '(.mounts[] | select(.type == "devpts")).options += ["gid=5"]'
	shell 'grep devpts /proc/self/mountinfo; stat -c %g /dev/pts/ptmx'
	chown "$TESTER" "$BATS_TEST_TMPDIR"
	run hull --log "$RUNTIME_DIR/log-$ID" run "$ID"
	is "$status" 0
	! grep -q gid= <<<"$output" || false
	has "$(cat "$RUNTIME_DIR/log-$ID")" "gid= is left out"
	ranges
	run hull --log "$RUNTIME_DIR/log2-$ID" run "$ID"
	is "$status" 0
	has "$output" gid=1500000004
	[ ! -s "$RUNTIME_DIR/log2-$ID" ]
}

@test "flags that the host has on a mount stay on its binds" {
	mkdir "$BUNDLE/volume"
	mount -t tmpfs -o nosuid,nodev,noexec,mode=777 tmpfs "$BUNDLE/volume"
	config '.mounts += [{destination: "/mnt", type: "bind", source: "volume", options: ["rbind", "rw", "suid", "dev", "exec"]}]'
	inside 'touch /mnt/x && grep " /mnt " /proc/self/mountinfo'
	umount "$BUNDLE/volume"
	is "$status" 0
	has "$output" " /mnt rw,nosuid,nodev,noexec"
}

@test "shifted ids need the host's rights" {
	config '.mounts += [{destination: "/mnt", type: "bind", source: "rootfs", options: ["bind", "idmap"]}]'
	refused "/mounts/$(jq '.mounts | length - 1' config.json)" "cannot shift the ids of rootfs" "operation not permitted"
}

@test "an overlay, a copied tmpfs, --no-pivot, a shared root" {
	mkdir lower upper work
	touch lower/x
	chown "$TESTER:" lower upper work
	config --arg d "$BUNDLE" '.root.readonly = false | .linux.rootfsPropagation = "rshared" | .mounts += [
		{destination: "/mnt", type: "overlay", source: "overlay",
		 options: ["lowerdir=\($d)/lower", "upperdir=\($d)/upper", "workdir=\($d)/work"]},
		{destination: "/etc", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"]}]'
	shell 'ls /mnt; touch /mnt/y; touch /etc/new && ls /etc'
	for option in --no-pivot ""; do
		run hull run $option "$ID"
		is "$status" 0
		is "${lines[0]}" x
		has "$output" passwd
		is "$(stat -c %u upper/y)" "$TESTER_UID"
		rm upper/y
	done
}

# ---- the process ----

@test "a terminal" {
	config '.process.terminal = true | (.mounts[] | select(.type == "devpts")).options += ["gid=5"]'
	shell 'tty; test -t 0 && stat -c "%u %F" /dev/console; echo told >/dev/console; exit 9'
	run "$TOOLS/term" run -- "${ENTER[@]}" runuser -u "$TESTER" -- env XDG_RUNTIME_DIR="$RUNTIME_DIR" "$HULL" run "$ID" 3>&-
	is "$status" 9
	has "$output" /dev/pts/0
	has "$output" "0 character special file"
	has "$output" told
}

@test "the score of the OOM killer may be raised, not lowered" {
	own=$(as cat /proc/self/oom_score_adj)
	config --argjson n "$((own + 100))" '.process.oomScoreAdj = $n'
	inside 'cat /proc/self/oom_score_adj'
	is "$output" "$((own + 100))"
	config '.process.oomScoreAdj = -1000'
	refused /process/oomScoreAdj "permission denied"
}

@test "a session keyring, a time namespace, hooks as the user" {
	cat >"$BUNDLE/hook" <<-END
		#!/bin/sh
		id -u >>"$RUNTIME_DIR/hooks-$ID"
	END
	chmod 755 "$BUNDLE/hook"
	config --arg h "$BUNDLE/hook" '.linux.maskedPaths -= ["/proc/keys"] |
		.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 100000000, nanosecs: 0}} |
		.hooks = {createRuntime: [{path: $h}], poststop: [{path: $h}]}'
	inside 'cat /proc/keys; cat /proc/uptime'
	is "$status" 0
	has "$output" "_ses"
	[ "$(tail -1 <<<"$output" | cut -d. -f1)" -gt 100000000 ]
	is "$(cat "$RUNTIME_DIR/hooks-$ID")" "$TESTER_UID
$TESTER_UID"
}

@test "the directory for NOTIFY_SOCKET is read-only inside" {
	config '.mounts += [{destination: "/run", type: "tmpfs", source: "tmpfs"}]'
	shell 'echo $NOTIFY_SOCKET; test -S /run/notify/notify.sock && grep " /run/notify ro," /proc/self/mountinfo'
	run as env NOTIFY_SOCKET="$RUNTIME_DIR/supervisor" "$HULL" run "$ID"
	is "$status" 0
	is "${lines[0]}" /run/notify/notify.sock
}

@test "seccomp without noNewPrivileges, capabilities of the namespace" {
	config '.process.noNewPrivileges = false | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}'
	inside 'grep -E "Seccomp:|CapEff" /proc/self/status; mkdir /dev/shm/x || echo refused'
	is "$status" 0
	has "$output" "Seccomp:	2"
	has "$output" "CapEff:	0000000020000420"
	has "$output" refused
}

@test "without a mount namespace of its own a user's container can have no devices: one line, nothing mounted" {
	config 'del(.mounts, .root.readonly, .linux.maskedPaths, .linux.readonlyPaths, .linux.rootfsPropagation) |
		.linux.namespaces |= map(select(.type != "mount"))'
	before=$(host_mounts)
	run hull run "$ID"
	[ "$status" -ne 0 ]
	one_line "$output"
	has "$output" "cannot make /dev/null: operation not permitted"
	is "$(host_mounts)" "$before"
	# Nor a root, without a user namespace.
	config '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings, .hostname)'
	run hull run "$ID"
	[ "$status" -ne 0 ]
	one_line "$output"
	has "$output" "operation not permitted"
}
