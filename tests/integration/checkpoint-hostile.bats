#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# restore: what is made of images that hold more than the config allows.  A criu of our own makes a container as the config
# has it, with one thing more (tests/tools/fake-restore.c).  With images of the real one it is tested inside the test
# machine (tests/vm).

load helpers

setup_file() {
	export FAKE=$BATS_FILE_TMPDIR/criu
	links_statically || { export FAKE= && return 0; }
	cc -O1 -static -pthread -o "$FAKE" "${BATS_TEST_DIRNAME}/../tools/fake-restore.c"
}

extra_setup() {
	hull_only
	hull --version | grep -q +CRIU || skip "hull is built without criu"
	[ -n "$FAKE" ] || skip "there is no C compiler that links statically"
	IMAGES=$BATS_TEST_TMPDIR/images
	mkdir -m 755 "$IMAGES" source rootfs/data rootfs/more
	cp "$FAKE" rootfs/odd
	echo '[]' >"$IMAGES/descriptors.json"
	echo secret >"$BATS_TEST_TMPDIR/secret"
	echo "$BATS_TEST_TMPDIR/secret" >"$IMAGES/host"
	config '.root.readonly = false
		| .process.capabilities = {bounding: ["CAP_KILL"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"]}
		| .process.noNewPrivileges = true | .process.oomScoreAdj = 100 | .process.args = ["/odd"]
		| .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1024, hard: 1024}]
		| .mounts = [
			{destination: "/proc", type: "proc", source: "proc"},
			{destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "noexec"]},
			{destination: "/data", type: "bind", source: "source", options: ["bind", "ro", "nosuid", "nodev"]}]
		| .linux.maskedPaths = ["/proc/uptime"] | .linux.readonlyPaths = ["/proc/sys"]
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}'
}

extra_teardown() {
	cgroup_kill "$CGROUP-other"
}

# restore MODE [OPTION...] - what it says goes to a file: a container that was let through would hold a pipe open for ever.
restore() {
	echo "$1" >"$IMAGES/mode"
	shift
	timeout 120 "$HULL" --root "$STATE" --criu "$FAKE" --log "$BATS_TEST_TMPDIR/log" restore --detach --image-path "$IMAGES" "$@" "$ID" \
		</dev/null >"$BATS_TEST_TMPDIR/said" 2>&1 3>&-
}

# restored MODE [OPTION...]
restored() {
	restore "$@" || { echo "$1: $(cat "$BATS_TEST_TMPDIR/said")"; return 1; }
	is "$(status_of)" running
}

# refused MODE TEXT... - it fails with one line that holds the texts, and nothing is left.
refused() {
	status=0
	restore "$1" || status=$?
	output=$(cat "$BATS_TEST_TMPDIR/said")
	echo "$1: $output"
	is "$status" 1 || return 1
	is "$(wc -l <"$BATS_TEST_TMPDIR/said")" 1 || return 1
	shift
	local text
	for text; do has "$output" "$text" || return 1; done
	is "$(hull list -q)" "" || return 1
	[ ! -e "$(cgroup_dir)" ] || return 1
	[ -z "$(processes)" ]
}

# Whatever of the images lives yet.
processes() {
	grep -lxz "HULL_TEST_MARK=$ID" /proc/[0-9]*/environ 2>/dev/null | while IFS=/ read -r _ _ pid _; do
		[ "$(readlink "/proc/$pid/exe")" != "$ROOTFS/odd" ] || echo "$pid"
	done
}

@test "what the config allows is restored" {
	restored honest
	hull kill "$ID" 9
	wait_for 30 is_status stopped
	hull delete "$ID"
}

@test "rights: capabilities, user, groups, noNewPrivileges, filter, limits" {
	refused capability "config.json:/process/capabilities" CAP_SYS_ADMIN
	refused user "config.json:/process/user" "another user"
	refused group "config.json:/process/user" "another group"
	refused new-privileges "config.json:/process/noNewPrivileges"
	refused no-filter "config.json:/linux/seccomp"
	refused limit "config.json:/process/rlimits/0"
	refused oom "config.json:/process/oomScoreAdj"
}

@test "rights: CAP_SYS_RESOURCE of a user namespace raises no limit" {
	config '.process.capabilities |= map_values(. + ["CAP_SYS_RESOURCE"])'
	restored limit
	hull delete --force "$ID"
	user_namespace
	cp "$FAKE" rootfs/odd
	mkdir rootfs/data rootfs/more
	refused "users limit" "config.json:/process/rlimits/0"
	refused "users oom" "config.json:/process/oomScoreAdj"
	restored "users honest"
}

@test "rights: of another thread, of a child" {
	refused thread "the images give process"
	refused child "the images give process"
}

@test "namespaces and cgroups" {
	refused namespace "config.json:/linux/namespaces" "the host's uts namespace"
	refused child-mounts "config.json:/linux/namespaces" "another mount namespace than the first one"
	refused stranger "does not descend from their first one"
	local dir
	for dir in "$CGROUPS"/*/ "$CGROUPS/"; do
		[ -e "$dir/cgroup.procs" ] && [ ! -L "${dir%/}" ] || continue
		mkdir -p "$dir$CGROUP-other"
		for file in cpuset.cpus cpuset.mems; do
			[ ! -e "$dir/cgroup.clone_children" ] || [ ! -e "$dir/$file" ] || {
				cat "$dir/$file" >"$dir/hull-test/$file"
				cat "$dir/$file" >"$dir$CGROUP-other/$file"
			}
		done
		echo "$dir$CGROUP-other" >"$IMAGES/cgroup"
		refused cgroup "config.json:/linux/cgroupsPath" "not in the container's cgroup" || { echo "in $dir"; return 1; }
	done
}

@test "namespaces: with CAP_SYS_ADMIN too, none is in the host's where the config has the path of another" {
	touch uts
	unshare --uts="$PWD/uts" true
	echo "$PWD/uts" >"$IMAGES/host"
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])
		| (.linux.namespaces[] | select(.type == "uts")).path = "'"$PWD/uts"'"'
	refused child-home "config.json:/linux/namespaces" "the host's uts namespace"
}

@test "mounts: more of them" {
	refused second-proc "config.json:/mounts" "proc at /more, which the config does not"
	refused second-tmpfs "config.json:/mounts" "tmpfs at /more"
	refused root-twice "config.json:/mounts" "at /more"
	refused host-mount "config.json:/mounts" "at /more"
}

@test "mounts: less of a mask, other flags, another source, another root" {
	refused no-mask "config.json:/linux/maskedPaths/0" "/proc/uptime"
	refused path-writable "/proc/sys"
	refused tmpfs "config.json:/mounts/1" "/dev without noexec"
	refused source-writable "config.json:/mounts/2" "/data without ro"
	refused source-suid "config.json:/mounts/2" "/data without nosuid"
	refused other-source "config.json:/mounts" "tmpfs at /data"
	refused host-root "config.json:/root/path"
	refused hidden "config.json:/root/path"
	config '.root.readonly = true'
	restored honest
	run hull exec "$ID" touch /x
	is "$status" 1
	has "$output" "Read-only file system"
}

@test "mounts: flags are those of the last remount" {
	config '.mounts += [{destination: "/dev/", options: ["remount", "nosuid", "noexec", "ro"]}]'
	refused honest "config.json:/mounts/3" "/dev without ro"
	config '.mounts[1].options += ["ro"] | .mounts[3].options = ["remount", "nosuid"]'
	restored honest
	hull delete --force "$ID"
	config '.mounts[3] = {destination: "/data", type: "bind", options: ["remount", "bind", "nosuid"]}
		| .mounts[1].options = ["nosuid", "noexec"]'
	restored source-writable
	hull delete --force "$ID"
	refused source-suid "config.json:/mounts/3" "/data without nosuid"
	# Of two at one place the later one is seen.
	config '.mounts[3] = .mounts[1] | .mounts[1].options += ["ro"]'
	restored honest
	hull delete --force "$ID"
	config '.mounts[3].options += ["ro"] | .mounts[1].options -= ["ro"]'
	refused honest "config.json:/mounts/3" "/dev without ro"
}

@test "mounts: a thousand, and eighty thousand descriptors, are looked at in no time" {
	config '.mounts += [range(3; 1003) | {destination: "/more/\(.)", type: "bind", source: "source", options: ["bind"]}]'
	(cd rootfs/more && seq 3 1002 | xargs mkdir)
	restored many
}

@test "SELinux: file systems have the label of the config, or of --lsm-mount-context" {
	grep -q '	selinuxfs$' /proc/filesystems || skip "SELinux is not enabled here"
	local files=system_u:object_r:container_file_t:s0:c17,c42 other=system_u:object_r:container_file_t:s0:c1,c2
	restored honest
	hull delete --force "$ID"
	echo "context=\"$files\"" >"$IMAGES/label"
	refused honest "config.json:/linux/mountLabel" "the images have /dev with context $files"
	config --arg l "$files" '.linux.mountLabel = $l'
	restored honest
	hull delete --force "$ID"
	echo "context=\"$other\"" >"$IMAGES/label"
	refused honest "config.json:/linux/mountLabel" "the images have /dev with context $other (--lsm-mount-context $files)"
	restored honest --lsm-mount-context "$other"
	hull delete --force "$ID"
	rm "$IMAGES/label"
	refused honest "config.json:/linux/mountLabel" "the images have /dev without context"
	# Two of them.
	config --arg a "$files" --arg b "$other" '.linux.mountLabel = "" | .mounts[1].options += ["context=\"\($a)\"", "rootcontext=\"\($b)\""]'
	echo "context=\"$files\",rootcontext=\"$other\"" >"$IMAGES/label"
	restored honest
	hull delete --force "$ID"
	echo "context=\"$files\",rootcontext=\"$files\"" >"$IMAGES/label"
	refused honest "config.json:/linux/mountLabel" "the images have /dev with rootcontext $files (--lsm-mount-context $other)"
}

@test "mounts: a mask that is writable, as runc makes them, is made read-only" {
	restored mask-writable
	awk '$5 == "/proc/uptime" { print $6 }' "/proc/$(pid_of)/mountinfo" | grep -qE '^ro(,|$)'
	run hull exec "$ID" chmod 666 /proc/uptime
	has "$output" "Read-only"
	hull delete --force "$ID"
	# Something else there stays as it is, and is refused.
	refused mask-zero "devtmpfs at /proc/uptime"
}

@test "files: a descriptor, a mapping, a working directory of the host" {
	refused descriptor "a descriptor of process" "not the container's own" "$BATS_TEST_TMPDIR/secret"
	refused map "a mapped file of process" "not the container's own"
	echo "$BATS_TEST_TMPDIR" >"$IMAGES/host"
	refused cwd "the working directory of process" "not the container's own"
}

# about_terminals - what the log says of them.
about_terminals() {
	grep terminal "$BATS_TEST_TMPDIR/log" || :
}

@test "terminals: the first of the container's own devpts goes to the console socket, no other" {
	config '.process.terminal = true | .mounts += [{destination: "/pts", type: "devpts", source: "devpts", options: ["newinstance"]}]'
	mkdir rootfs/pts
	TERM_LIMIT=120 "${BATS_TEST_DIRNAME}/../tools/term" console "$BATS_TEST_TMPDIR/c.sock" console hangup >"$BATS_TEST_TMPDIR/transcript" 2>&1 3>&- &
	receiver=$!
	wait_for 30 test -e "$BATS_TEST_TMPDIR/c.sock.ready"
	restored terminals --console-socket "$BATS_TEST_TMPDIR/c.sock"
	s=0
	wait "$receiver" || s=$?
	is "$s" 0
	is "$(jq .fds console)" 1
	is "$(jq -c .size console)" "[21,79]"
	is "$(about_terminals)" ""
	hull delete --force "$ID"
	# Nobody asked for one.
	config '.process.terminal = false'
	restored terminals
	is "$(about_terminals | wc -l)" 1
	has "$(about_terminals)" level=warning
	has "$(about_terminals)" "config.json:/process/terminal: the images have a terminal, but the config has none"
}

@test "terminals: where the images have none, whoever waits for it hears of it" {
	config '.process.terminal = true'
	TERM_LIMIT=120 "${BATS_TEST_DIRNAME}/../tools/term" console "$BATS_TEST_TMPDIR/c.sock" console >"$BATS_TEST_TMPDIR/transcript" 2>&1 3>&- &
	receiver=$!
	wait_for 30 test -e "$BATS_TEST_TMPDIR/c.sock.ready"
	restored honest --console-socket "$BATS_TEST_TMPDIR/c.sock"
	wait "$receiver" || true
	is "$(jq .fds console)" 0
	is "$(about_terminals | wc -l)" 1
	has "$(about_terminals)" level=warning
	has "$(about_terminals)" "--console-socket: the images have no terminal"
	hull delete --force "$ID"
	config '.process.terminal = false'
	restored honest
	is "$(about_terminals | wc -l)" 1
}

@test "criu is killed, and what it has forked holds its socket" {
	refused killed "criu was killed by signal 9"
}
