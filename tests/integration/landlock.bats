#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Landlock by the annotation org.hull.landlock: what the program can still do, and what is refused.

load helpers

extra_setup() {
	config '.root.readonly = false'
	echo data >"$ROOTFS/etc/data"
	mkdir -p "$ROOTFS/room"
}

# version - of the kernel's Landlock; nothing where there is none.
version() {
	python3 -c 'import ctypes, sys
n = ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)
n > 0 and print(n)'
}

need_version() {
	hull_only "the annotation is hull's"
	LANDLOCK=$(version)
	[ -n "$LANDLOCK" ] || skip "this kernel has no Landlock, or it was not enabled at boot"
	[ "$LANDLOCK" -ge "$1" ] || skip "this kernel's Landlock is version $LANDLOCK, not $1"
}

# policy JQ - the annotation, as text.
policy() {
	config '.annotations["org.hull.landlock"] = ('"$1"' | tojson)'
}

RUN='{paths: ["/bin", "/dev", "/proc"], rights: ["read", "execute"]}'

@test "paths: what no rule grants is denied" {
	need_version 1
	policy "{paths: [$RUN, {paths: [\"/room\"], rights: [\"read\", \"write\"]}]}"
	inside 'cat /etc/data; echo x >/room/a; cat /room/a; rm /room/a; ls /room; echo x >/etc/new; mkdir /bin/d; true'
	is "$status" 0
	has "$output" "can't open '/etc/data': Permission denied"
	has "$output" "can't create /etc/new: Permission denied"
	has "$output" "/bin/d': Permission denied"
	is "$(grep -cx x <<<"$output")" 1
	! has "$output" "/room" || false
	# Only this is gone, not a mode: the same without the annotation.
	config 'del(.annotations)'
	inside 'cat /etc/data; echo x >/etc/new; mkdir /bin/d; true'
	is "$output" data
}

@test "paths: a single file, through a link of the container, by its number, and one that may be missing" {
	need_version 1
	ln -s /etc/data "$ROOTFS/room/link"
	echo other >"$ROOTFS/etc/other"
	# "all" on a file: what is for directories does not count.  4 is read_file.
	policy "{paths: [$RUN, {paths: [\"/room/link\"], rights: [\"all\"]}, {paths: [\"/etc/group\"], bits: 4},
		{paths: [\"/no/such\", \"/etc/data/below\"], rights: [\"read\"], optional: true}]}"
	inside 'cat /etc/data; cat /etc/group | grep -c root; cat /etc/other'
	is "${lines[0]}" data
	[ "${lines[1]}" -ge 1 ]
	has "${lines[2]}" "Permission denied"
	# A link that leads out of the container leads nowhere else than for the program.
	ln -s "$BATS_TEST_TMPDIR" "$ROOTFS/room/out"
	policy "{paths: [$RUN, {paths: [\"/room/out\"], rights: [\"read\"]}]}"
	refused /annotations/org.hull.landlock "/paths/1/paths/0: the container has no /room/out"
}

@test "governed: only these rights are taken" {
	need_version 1
	policy '{governed: {fs: ["make_dir"]}, paths: [{paths: ["/room"], rights: ["make_dir"]}]}'
	inside 'cat /etc/data; echo x >/etc/new; mkdir /room/d && echo made; mkdir /etc/d'
	is "${lines[0]}" data
	is "${lines[1]}" made
	has "${lines[2]}" "Permission denied"
	[ -e "$ROOTFS/etc/new" ]
	# Without any rule: from everywhere.
	policy '{governed: {fsBits: 128}}'
	inside 'mkdir /room/e'
	has "$output" "Permission denied"
}

@test "the program itself must be allowed" {
	need_version 1
	policy '{paths: [{paths: ["/room"], rights: ["all"]}]}'
	args true
	unchanged hull run "$ID"
	is "$status" 1
	has "$output" "Landlock"
	has "$output" "permission denied"
}

# From version 10 on the ruleset governs UDP too; busybox has nothing to see it with.
@test "ports: bind and connect" {
	need_version 4
	policy '{ports: [{ports: [8080], rights: ["bind"]}, {ports: [8081], rights: ["connect_tcp"]}]}'
	inside 'nc -l -p 8080 -w 1 </dev/null; echo "8080: $?"; nc -l -p 8081 -w 1; nc 127.0.0.1 8081; nc 127.0.0.1 8082; true'
	! grep -q 'bind: Permission denied' <<<"${output%%8080:*}" || false
	has "${output#*8080:}" "bind: Permission denied"
	is "$(grep -c "connect.*: Connection refused" <<<"$output")" 1
	is "$(grep -c "connect.*: Permission denied" <<<"$output")" 1
	# Files are not governed where there are no paths.
	inside 'cat /etc/data'
	is "$output" data
}

@test "scopes: no signal to a process outside, which the container's first one is for exec" {
	need_version 6
	policy '{scopes: ["signal"]}'
	running
	run hull exec "$ID" sh -c 'kill -0 1 2>&1; sleep 5 & kill $! && echo child'
	has "${lines[0]}" "Operation not permitted"
	is "${lines[1]}" child
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
}

@test "exec is restricted as the container is" {
	need_version 1
	policy "{paths: [$RUN]}"
	running
	run hull exec "$ID" cat /etc/data
	has "$output" "Permission denied"
	run hull exec --user 1000 "$ID" cat /etc/data
	has "$output" "Permission denied"
	run hull exec "$ID" cat /proc/self/comm
	is "$output" cat
}

@test "without no_new_privs, as a user, with a filter: nothing of the right that this takes is left" {
	need_version 1
	policy "{paths: [$RUN]}"
	config '.process.noNewPrivileges = false | .process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
	inside 'cat /etc/data; grep -E "^(CapPrm|CapEff|NoNewPrivs|Seccomp):" /proc/self/status | tr -s "\t\n" " "'
	has "$output" "Permission denied"
	has "$output" "NoNewPrivs: 0"
	has "$output" "CapPrm: 0000000000000000 CapEff: 0000000000000000"
	! "$HULL" features | jq -e .linux.seccomp.enabled >/dev/null || {
		config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
			{names: ["landlock_restrict_self", "landlock_create_ruleset"], action: "SCMP_ACT_KILL"}]}'
		inside 'cat /etc/data; grep Seccomp: /proc/self/status'
		has "$output" "Permission denied"
		has "$output" 2
	}
}

@test "in a user namespace" {
	need_version 1
	policy "{paths: [$RUN]}"
	chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	inside 'cat /etc/data; id -u'
	has "$output" "Permission denied"
	has "$output" 0
}

@test "a startContainer hook is not restricted" {
	need_version 1
	policy "{paths: [$RUN]}"
	config '.hooks.startContainer = [{path: "/bin/cp", args: ["cp", "/etc/data", "/room/copy"]}]'
	inside 'cat /room/copy'
	has "$output" "Permission denied"
	is "$(cat "$ROOTFS/room/copy")" data
}

@test "strict refuses what the kernel does not know, best-effort leaves it out" {
	need_version 1
	policy "{paths: [$RUN, {paths: [\"/room\"], bits: 1099511627776}]}"
	refused /annotations/org.hull.landlock "does not know all of the bits"
	policy "{abi: \"best-effort\", paths: [$RUN, {paths: [\"/room\"], bits: 1099511627776}]}"
	inside 'cat /etc/data'
	has "$output" "Permission denied"
	policy '{abi: "best-effort", governed: {fsBits: 1099511627776}}'
	refused /annotations/org.hull.landlock "knows nothing of what is to be restricted"
	[ "$LANDLOCK" -lt 9 ] || return 0
	policy "{paths: [$RUN, {paths: [\"/room\"], rights: [\"resolve_unix\"]}]}"
	refused /annotations/org.hull.landlock "/paths/1/rights: this kernel's Landlock (version $LANDLOCK) has no resolve_unix"
	policy "{abi: \"best-effort\", paths: [$RUN, {paths: [\"/room\"], rights: [\"resolve_unix\"]}]}"
	inside 'cat /etc/data'
	has "$output" "Permission denied"
}

@test "without Landlock in the kernel it is refused" {
	hull_only "the annotation is hull's"
	[ -z "$(version)" ] || skip "this kernel has Landlock"
	policy '{abi: "best-effort", scopes: ["signal"]}'
	refused /annotations/org.hull.landlock "this kernel has no Landlock"
}

@test "what is wrong in the annotation is refused with the place in it" {
	hull_only "the annotation is hull's"
	while IFS='	' read -r text message; do
		config --arg t "$text" '.annotations["org.hull.landlock"] = $t'
		refused /annotations/org.hull.landlock ": $message" || { echo "for $text"; return 1; }
	done <<-'EOF'
			/: is not JSON
		[]	/: must be an object
		{}	/: restricts nothing
		{"paths": null, "scopes": ["signal"]}	/paths: 
		{"scope": ["signal"]}	/scope: is not a property that this annotation has
		{"paths": [{"paths": ["/bin"], "right": ["read"]}]}	/paths/0/right: is not a property that this annotation has
		{"paths": [{"paths": ["bin"], "rights": ["read"]}]}	/paths/0/paths/0: must be an absolute path
		{"paths": [{"paths": [], "rights": ["read"]}]}	/paths/0/paths: 
		{"paths": [{"paths": ["/"], "rights": ["reed"]}]}	/paths/0/rights/0: must be one of
		{"paths": [{"paths": ["/"]}]}	/paths/0: grants nothing
		{"paths": [{"paths": ["/"], "bits": 0}]}	/paths/0/bits: must be from 1
		{"paths": [{"paths": ["/"], "bits": -1}]}	/paths/0/bits: must be from 1
		{"ports": [{"ports": [65536], "rights": ["bind"]}]}	/ports/0/ports/0: must be from 0 to 65535
		{"ports": [{"ports": ["80"], "rights": ["bind"]}]}	/ports/0/ports/0: must be 
		{"ports": [{"ports": [80], "rights": ["read"]}]}	/ports/0/rights/0: must be one of
		{"scopes": ["signals"]}	/scopes/0: must be one of
		{"abi": "bestEffort", "scopes": ["signal"]}	/abi: must be one of
		{"governed": {"fs": ["make_dir"]}, "paths": [{"paths": ["/"], "rights": ["make_dir", "execute"]}]}	/paths/0/rights/1: is not among the rights that /governed names
		{"governed": {"net": ["bind_tcp"]}, "ports": [{"ports": [1], "bits": 3}]}	/ports/0/bits: has rights that /governed does not name
		{"scopes": ["signal"], "scopes": []}	/scopes: 
	EOF
}

@test "validate tells the same" {
	hull_only "the annotation is hull's"
	config '.annotations["org.hull.landlock"] = "{\"scopes\": [\"signals\"]}"'
	run "$HULL" validate "$BUNDLE"
	[ "$status" -ne 0 ]
	has "$output" "/annotations/org.hull.landlock"
	has "$output" "/scopes/0: must be one of"
}
