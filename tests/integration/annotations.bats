#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Annotations that change what the runtime does, and those that it does not honour (docs/annotations.md).
# run.oci.hooks.* is tested in hooks.bats, run.oci.mount_context_type and org.systemd.property. where SELinux and systemd are.

load helpers

extra_setup() {
	hull_only "annotations are each runtime's own"
}

# annotate KEY VALUE
annotate() {
	config --arg k "$1" --arg v "$2" '.annotations[$k] = $v'
}

@test "run.oci.keep_original_groups: the process keeps the caller's supplementary groups, in exec too" {
	annotate run.oci.keep_original_groups 1
	config '.process.user = {uid: 5, gid: 6, additionalGids: [77]}'
	args sh -c 'sed -n "s/^Groups:[[:space:]]*//p" /proc/self/status'
	run setpriv --groups 4242,4243 "$HULL" --root "$STATE" run "$ID"
	is "$status" 0
	is "$output" "4242 4243 "
	annotate run.oci.keep_original_groups 0
	run setpriv --groups 4242,4243 "$HULL" --root "$STATE" run "$ID"
	is "$output" "77 "
	annotate run.oci.keep_original_groups ""
	running
	run setpriv --groups 4244 "$HULL" --root "$STATE" exec "$ID" sed -n 's/^Groups:[[:space:]]*//p' /proc/self/status
	is "$status" 0
	is "$output" "4244 "
}

@test "run.oci.keep_original_groups in a new user namespace" {
	annotate run.oci.keep_original_groups 1
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings'
	args sh -c 'sed -n "s/^Groups:[[:space:]]*//p" /proc/self/status'
	run setpriv --groups 4242 "$HULL" --root "$STATE" run "$ID"
	is "$status" 0
	is "$output" "4242 "
	annotate run.oci.keep_original_groups 0
	run setpriv --groups 4242 "$HULL" --root "$STATE" run "$ID"
	is "$output" ""
}

receive_pidfd() {
	python3 - "$1" >"$2" <<-'EOT' &
	import socket, sys, array, os
	s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(1); s.settimeout(20)
	c, _ = s.accept()
	data, anc, _, _ = c.recvmsg(4096, socket.CMSG_SPACE(4))
	fds = array.array('i'); fds.frombytes(anc[0][2])
	for line in open('/proc/self/fdinfo/%d' % fds[0]):
	    if line.startswith('Pid:'): print(line.split()[1])
	EOT
	wait_for 30 test -S "$1"
}

@test "run.oci.pidfd_receiver: a pidfd of init is sent there; --pidfd-socket wins" {
	annotate run.oci.pidfd_receiver "$BATS_TEST_TMPDIR/pidfd.sock"
	receive_pidfd "$BATS_TEST_TMPDIR/pidfd.sock" "$BATS_TEST_TMPDIR/pid"
	created
	wait_for 30 test -s "$BATS_TEST_TMPDIR/pid"
	is "$(cat "$BATS_TEST_TMPDIR/pid")" "$(pid_of)"
	hull delete --force "$ID"
	# Nobody listens any more.
	rm "$BATS_TEST_TMPDIR/pidfd.sock"
	unchanged hull create "$ID" </dev/null
	is "$status" 1
	has "$output" "config.json:/annotations/run.oci.pidfd_receiver"
	receive_pidfd "$BATS_TEST_TMPDIR/other.sock" "$BATS_TEST_TMPDIR/pid2"
	created --pidfd-socket "$BATS_TEST_TMPDIR/other.sock"
	wait_for 30 test -s "$BATS_TEST_TMPDIR/pid2"
	hull delete --force "$ID"
	annotate run.oci.pidfd_receiver relative
	refused /annotations/run.oci.pidfd_receiver "absolute path"
}

@test "run.oci.seccomp_fail_unknown_syscall: unknown names are errors, each of them for validate" {
	args true
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["read", "no_such_call", "nor_this"], action: "SCMP_ACT_ERRNO"}]}
		| .linux.seccomp.syscalls[0].names -= ["read"]'
	run hull run "$ID"
	is "$status" 0
	run hull validate
	is "$status" 0
	annotate run.oci.seccomp_fail_unknown_syscall 1
	refused /linux/seccomp/syscalls/0/names/0 "no system call that libseccomp knows"
	run hull validate
	is "$status" 1
	is "$(grep -c 'error: /linux/seccomp/syscalls/0/names/[01]: ' <<<"$output")" 2
	annotate run.oci.seccomp_fail_unknown_syscall 0
	run hull run "$ID"
	is "$status" 0
}

@test "what is not honoured changes nothing, and validate says so; what is unknown is nobody's matter" {
	args true
	sed -n '/^## Not honoured/,$s/^| `\([^`]*\)`.*/\1/p' "$TOP/docs/annotations.md" >names
	[ "$(wc -l <names)" -gt 5 ]
	while read -r name; do
		annotate "${name/%./.x}" "value"
	done <names
	annotate io.podman.annotations.label disable
	annotate x.y.z ""
	run hull run "$ID"
	is "$status" 0
	is "$output" ""
	run hull validate
	is "$status" 0
	has "$output" "warning: /annotations/run.oci.seccomp_bpf_data: is not honoured: "
	has "$output" "warning: /annotations/krun.x: "
	[ "$(grep -cE 'io.podman|x.y.z|container-type' <<<"$output")" -eq 0 ]
}

@test "features lists those that are unsafe, as docs/annotations.md has them" {
	hull features | jq -r '.potentiallyUnsafeConfigAnnotations[]' >listed
	sed -n '/^## Honoured/,/^## Not/s/^| `\([^`]*\)` | yes .*/\1/p' "$TOP/docs/annotations.md" >documented
	hull --version | grep -q +SYSTEMD || sed -i '/^org.systemd/d' documented
	diff documented listed
	[ -s listed ]
}
