#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Labels of SELinux and AppArmor.  Each part runs where that module is (tests/vm has both), and the refusals where it
# is not.

load helpers

has_selinux() {
	grep -q '	selinuxfs$' /proc/filesystems
}

has_apparmor() {
	cat /proc/self/attr/apparmor/current >/dev/null 2>&1
}

need_selinux() {
	has_selinux || skip "SELinux is not enabled here"
	is_hull || "$HULL" features 2>/dev/null | jq -e .linux.selinux.enabled >/dev/null || skip "${HULL##*/} has no SELinux"
	"$HULL" features | jq -e .linux.selinux.enabled >/dev/null || skip "built without SELinux labels"
}

need_apparmor() {
	has_apparmor || skip "AppArmor is not enabled here"
	command -v apparmor_parser >/dev/null || skip "there is no apparmor_parser here"
}

# A domain and a type of files that the policy has, with categories.
DOMAIN=system_u:system_r:container_t:s0:c17,c42
FILES=system_u:object_r:container_file_t:s0:c17,c42

@test "nonsense in a label is refused with its property" {
	while IFS='	' read -r filter pointer text; do
		config "$filter"
		refused "$pointer" "$text"
	done <<-'EOF'
		.process.selinuxLabel = "a:b:c\n"	/process/selinuxLabel	no SELinux context
		.process.selinuxLabel = "a:b: c"	/process/selinuxLabel	no SELinux context
		.process.selinuxLabel = null | .linux.mountLabel = "a:b:c\",x=\""	/linux/mountLabel	no SELinux context
		.linux.mountLabel = null | .process.apparmorProfile = "x\ny"	/process/apparmorProfile	no AppArmor profile
		.process.apparmorProfile = " x"	/process/apparmorProfile	no AppArmor profile
		.process.apparmorProfile = null | .annotations["run.oci.mount_context_type"] = "seclabel"	/annotations/run.oci.mount_context_type	rootcontext
	EOF
}

@test "without SELinux a label is an error, not dropped" {
	! has_selinux || skip "SELinux is enabled here"
	config --arg l "$DOMAIN" '.process.selinuxLabel = $l'
	refused /process/selinuxLabel "SELinux"
	config --arg l "$FILES" '.process.selinuxLabel = "" | .linux.mountLabel = $l'
	refused /linux/mountLabel "SELinux"
	# Empty is none.
	config '.linux.mountLabel = ""'
	inside 'echo ran'
	is "$output" ran
}

@test "without AppArmor a profile is an error; unconfined is what everything is" {
	! has_apparmor || skip "AppArmor is enabled here"
	config '.process.apparmorProfile = "docker-default"'
	refused /process/apparmorProfile "AppArmor is not enabled"
	config '.process.apparmorProfile = "unconfined"'
	inside 'echo ran'
	is "$output" ran
}

# A volume of the image covers /proc or /proc/self/attr: what init writes must not land there.
cover_proc() {
	mkdir -p fake/self/attr/apparmor fake/1
	touch fake/self/attr/exec fake/self/attr/current fake/self/attr/keycreate fake/self/attr/apparmor/exec \
		fake/self/attr/apparmor/current
	config '.mounts += [{destination: "/proc", type: "bind", source: "fake", options: ["bind", "rw"]}]
		| del(.linux.maskedPaths, .linux.readonlyPaths)'
	args sleep 1000
	hull run --detach "$ID" </dev/null >/dev/null 2>&1
	is "$(find fake -type f -size +0)" ""
}

# ---- SELinux ----

@test "SELinux: the process has its label, from its first instruction on" {
	need_selinux
	config --arg l "$DOMAIN" '.process.selinuxLabel = $l'
	# What would act on a further program is empty; before the first one the process was the caller's.
	inside 'for f in current exec prev; do echo "$f: $(tr -d "\0" </proc/1/attr/$f)"; done; true'
	is "$status" 0
	is "${lines[0]}" "current: $DOMAIN"
	is "${lines[1]}" "exec: "
	is "${lines[2]}" "prev: $(tr -d '\0' </proc/self/attr/current)"
}

@test "SELinux: with a user, no new privileges and a user namespace" {
	need_selinux
	config --arg l "$DOMAIN" '.process.selinuxLabel = $l | .process.noNewPrivileges = true | .process.user.uid = 1000
		| .linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	inside 'tr -d "\0" </proc/self/attr/current'
	is "$output" "$DOMAIN"
}

@test "SELinux: a volume that covers /proc takes no label" {
	need_selinux
	config --arg l "$DOMAIN" '.process.selinuxLabel = $l'
	cover_proc
	is "$(tr -d '\0' <"/proc/$(pid_of)/attr/current")" "$DOMAIN"
}

@test "SELinux: a context that the policy has not is an error" {
	need_selinux
	config '.process.selinuxLabel = "system_u:system_r:no_such_t:s0"'
	refused /process/selinuxLabel 'attr/keycreate`' "invalid argument"
	run hull create --no-new-keyring "$ID" </dev/null
	has "$output" '/proc/self/attr/exec`: invalid argument'
	config '.process.selinuxLabel = null | .linux.mountLabel = "system_u:object_r:no_such_t:s0"'
	refused /mounts/ "cannot make a tmpfs"
}

@test "SELinux: file systems have the mount label, what shows the kernel has its own" {
	need_selinux
	config --arg l "$FILES" '.linux.mountLabel = $l'
	config '.mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}]'
	args cat /proc/self/mounts
	run hull run "$ID"
	is "$status" 0
	for place in /dev /dev/pts /dev/shm /tmp; do
		grep " $place " <<<"$output" | tail -n 1 | grep -qF ",context=\"$FILES\"" || grep " $place " <<<"$output" |
			tail -n 1 | grep -qF ",context=$FILES" || { echo "$place: $(grep " $place " <<<"$output")"; return 1; }
	done
	! grep -E ' (/proc|/sys|/sys/fs/cgroup) (proc|sysfs|cgroup2) .*context=' <<<"$output"
}

@test "SELinux: the queues of /dev/mqueue and masked directories have it as well" {
	need_selinux
	config --arg l "$FILES" '.linux.mountLabel = $l | .linux.maskedPaths = ["/proc/scsi", "/sys/firmware"]'
	created
	pid=$(pid_of)
	is "$(nsenter -t "$pid" -m python3 -c 'import os; print(os.getxattr("/dev/mqueue", "security.selinux").decode().rstrip("\0"))' \
		2>/dev/null || python3 -c 'import os,sys; print(os.getxattr(sys.argv[1], "security.selinux").decode().rstrip("\0"))' \
		"/proc/$pid/root/dev/mqueue")" "$FILES"
	grep -E ' /(proc/scsi|sys/firmware) ' "/proc/$pid/mounts" | grep -qF "$FILES"
}

@test "SELinux: the kind of mount label by annotation; a label of the mount's own stays" {
	need_selinux
	config --arg l "$FILES" '.linux.mountLabel = $l | .annotations["run.oci.mount_context_type"] = "rootcontext"
		| .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"},
			{destination: "/opt", type: "tmpfs", source: "tmpfs", options: ["context=system_u:object_r:tmp_t:s0"]}]'
	mkdir -p "$ROOTFS/opt"
	args cat /proc/self/mounts
	run hull run "$ID"
	is "$status" 0
	grep ' /tmp ' <<<"$output" | grep -qF "rootcontext=" && grep ' /tmp ' <<<"$output" | grep -qF "$FILES"
	grep ' /opt ' <<<"$output" | grep -qF "context=system_u:object_r:tmp_t:s0"
}

# key_context NAME - the label of the keyring of that name, as keyctl(2) KEYCTL_GET_SECURITY tells.
key_context() {
	python3 - "$1" <<-'EOF'
		import ctypes, sys
		libc = ctypes.CDLL(None, use_errno=True)
		for line in open("/proc/keys"):
		    words = line.split()
		    if words[7] == "keyring" and words[8].rstrip(":") == sys.argv[1]:
		        text = ctypes.create_string_buffer(256)
		        if libc.syscall(250, 17, int(words[0], 16), text, 256, 0) > 0:
		            print(text.value.decode())
	EOF
}

@test "SELinux: the session keyring carries the label of the process, later keys do not have to" {
	need_selinux
	[ "$(uname -m)" = x86_64 ] || skip "keyctl's number is known for x86_64 only"
	config --arg l "$DOMAIN" '.process.selinuxLabel = $l'
	shell 'tr -d "\0" </proc/self/attr/keycreate; sleep 1000'
	hull run --detach "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1
	is "$(key_context "_ses.$ID")" "$DOMAIN"
	is "$(cat "$BATS_TEST_TMPDIR/out")" ""
}

@test "SELinux: exec has the container's label, or that of --process-label, or of its document" {
	need_selinux
	config --arg l "$DOMAIN" '.process.selinuxLabel = $l'
	running
	run hull exec "$ID" cat /proc/self/attr/current
	is "$(tr -d '\0' <<<"$output")" "$DOMAIN"
	run hull exec --process-label system_u:system_r:container_t:s0:c1 "$ID" cat /proc/self/attr/current
	is "$(tr -d '\0' <<<"$output")" system_u:system_r:container_t:s0:c1
	jq '.process | .args = ["cat", "/proc/self/attr/current"] | .selinuxLabel = "system_u:system_r:container_t:s0:c2"' \
		config.json >process.json
	run hull exec --process process.json "$ID"
	is "$(tr -d '\0' <<<"$output")" system_u:system_r:container_t:s0:c2
	run hull exec --process-label a:b:no_such_t:s0 "$ID" true
	is "$status" 255
	has "$output" "no_such_t"
}

# ---- AppArmor ----

# profile NAME RULE... - load it; extra_teardown removes it.
profile() {
	local name=$1
	shift
	{
		echo "profile $name flags=(attach_disconnected,mediate_deleted) {"
		echo 'file, capability, network, signal, mount, umount, pivot_root, ptrace, unix, dbus,'
		printf '%s\n' "$@"
		echo '}'
	} >"$BATS_TEST_TMPDIR/profile"
	apparmor_parser -rK "$BATS_TEST_TMPDIR/profile"
}

extra_teardown() {
	[ ! -e "$BATS_TEST_TMPDIR/profile" ] || apparmor_parser -R "$BATS_TEST_TMPDIR/profile" || :
}

@test "AppArmor: the process is confined by the profile" {
	need_apparmor
	profile "hull-test-$ID" 'deny /etc/secret r,'
	echo secret >"$ROOTFS/etc/secret"
	config --arg p "hull-test-$ID" '.process.apparmorProfile = $p'
	inside 'cat /proc/self/attr/current; cat /etc/secret; echo $?'
	is "${lines[0]}" "hull-test-$ID (enforce)"
	has "${lines[1]}" "Permission denied"
	is "${lines[2]}" 1
}

@test "AppArmor: with a user, no new privileges and a user namespace" {
	need_apparmor
	profile "hull-test-$ID" 'deny /etc/secret r, userns,'
	config --arg p "hull-test-$ID" '.process.apparmorProfile = $p | .process.noNewPrivileges = true | .process.user.uid = 1000
		| .linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	inside 'cat /proc/self/attr/current'
	is "$output" "hull-test-$ID (enforce)"
}

@test "AppArmor: a volume that covers /proc takes no label" {
	need_apparmor
	profile "hull-test-$ID"
	config --arg p "hull-test-$ID" '.process.apparmorProfile = $p'
	cover_proc
	is "$(cat "/proc/$(pid_of)/attr/apparmor/current")" "hull-test-$ID (enforce)"
}

@test "AppArmor: a profile that is not loaded is an error that is not taken for a missing program; unconfined is one" {
	need_apparmor
	config '.process.apparmorProfile = "no-such-profile"'
	refused /process/apparmorProfile "no-such-profile is not loaded" 'attr/apparmor/exec`'
	! has "$output" "no such file" || false
	config '.process.apparmorProfile = "unconfined"'
	inside 'cat /proc/self/attr/current'
	is "$output" unconfined
}

@test "AppArmor: exec has the container's profile, or that of --apparmor" {
	need_apparmor
	profile "hull-test-$ID"
	config --arg p "hull-test-$ID" '.process.apparmorProfile = $p'
	running
	run hull exec "$ID" cat /proc/self/attr/current
	is "$output" "hull-test-$ID (enforce)"
	run hull exec --apparmor unconfined "$ID" cat /proc/self/attr/current
	is "$output" unconfined
	run hull exec --apparmor no-such-profile "$ID" true
	is "$status" 255
	has "$output" "no-such-profile is not loaded"
}

@test "AppArmor: hooks of the host are not confined, startContainer hooks are" {
	need_apparmor
	profile "hull-test-$ID"
	hook() { jq -n --arg f "$BATS_TEST_TMPDIR/$1" '[{path: "/bin/sh", args: ["sh", "-c", "cat /proc/self/attr/current >\($f)"]}]'; }
	config --arg p "hull-test-$ID" --argjson a "$(hook runtime)" --argjson b "$(hook container)" '.process.apparmorProfile = $p
		| .hooks = {createRuntime: $a, createContainer: $b,
			startContainer: [{path: "/bin/sh", args: ["sh", "-c", "cat /proc/self/attr/current >/tmp/start"]}]}
		| .mounts += [{destination: "/tmp", type: "bind", source: $ENV.BATS_TEST_TMPDIR, options: ["bind"]}]'
	inside true
	is "$status" 0
	is "$(cat "$BATS_TEST_TMPDIR/runtime")" unconfined
	is "$(cat "$BATS_TEST_TMPDIR/container")" unconfined
	is "$(cat "$BATS_TEST_TMPDIR/start")" "hull-test-$ID (enforce)"
}
