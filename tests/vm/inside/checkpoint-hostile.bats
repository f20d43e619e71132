#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images that hold more than the config given to restore: made of a container with a weak config by the real criu, or
# changed afterwards.

load ../../integration/helpers

extra_setup() {
	hull --version | grep -q +CRIU || skip "hull is built without criu"
	case $(uname -r) in
	6.*) ;;
	*) skip "criu 4.1 cannot dump a network namespace on Linux $(uname -r)" ;;
	esac
	IMAGES=$BATS_TEST_TMPDIR/images
	config '.root.readonly = false | .process.capabilities = ({} | .bounding = ["CAP_KILL"] | .effective = .bounding | .permitted = .bounding)
		| .process.noNewPrivileges = true'
	shell 'while :; do sleep 0.2; done'
	cp config.json strict.json
}

extra_teardown() {
	tail -n 5 "$IMAGES"/*.log 2>/dev/null || :
}

# weak FILTER - the images of a container whose config is changed so; then the strict config is there again.
weak() {
	config "$@"
	hull run --detach "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/err"; false; }
	if [ -n "${READY:-}" ]; then wait_for 120 test -e "rootfs/$READY"; fi
	hull checkpoint --image-path "$IMAGES" "$ID" </dev/null 3>&-
	cp strict.json config.json
}

restore() {
	hull restore --detach --image-path "$IMAGES" "$@" "$ID" </dev/null 3>&-
}

# refused TEXT... - the restore fails with one line that holds the texts, and nothing of it is left.
refused() {
	run restore
	echo "$output"
	is "$status" 1
	is "${#lines[@]}" 1
	local text
	for text; do has "$output" "$text" || return 1; done
	is "$(hull list -q)" ""
	[ ! -e "$CGROUPS$CGROUP" ]
}

@test "the same config: it goes on" {
	weak .
	restore
	is "$(status_of)" running
}

@test "more capabilities" {
	weak '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	refused "config.json:/process/capabilities" CAP_SYS_ADMIN
}

@test "no noNewPrivileges" {
	weak '.process.noNewPrivileges = false'
	refused "config.json:/process/noNewPrivileges"
}

@test "no seccomp filter" {
	jq '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}' config.json >strict.json
	weak 'del(.linux.seccomp)'
	refused "config.json:/linux/seccomp"
}

@test "another user" {
	jq '.process.user = {uid: 1000, gid: 1000}' config.json >strict.json
	weak '.process.user = {uid: 0, gid: 0}'
	refused "config.json:/process/user"
}

@test "a further group" {
	jq '.process.user = {uid: 1000, gid: 1000}' config.json >strict.json
	weak '.process.user = {uid: 1000, gid: 1000, additionalGids: [42]}'
	refused "config.json:/process/user"
}

@test "a bind mount that the config does not have" {
	mkdir source
	weak '.mounts += [{destination: "/more", type: "bind", source: "source", options: ["bind"]}]'
	refused criu
}

@test "a proc without masks beside the masked one" {
	mkdir rootfs/more
	weak '.mounts += [{destination: "/more", type: "proc", source: "proc"}]'
	refused "config.json:/mounts" /more
}

@test "a cgroup mount that may be written" {
	weak '.mounts += [{destination: "/more", type: "cgroup", source: "cgroup", options: ["rw"]}]'
	refused "config.json:/mounts" /more
}

@test "a tmpfs where the config has one that is read-only" {
	jq '.mounts += [{destination: "/more", type: "tmpfs", source: "tmpfs", options: ["ro"]}]' config.json >strict.json
	weak '.mounts += [{destination: "/more", type: "tmpfs", source: "tmpfs"}]'
	refused "config.json:/mounts" /more
}

@test "a bind mount without nosuid, nodev, noexec" {
	mkdir source
	jq '.mounts += [{destination: "/more", type: "bind", source: "source", options: ["bind", "nosuid", "noexec", "nodev"]}]' config.json >strict.json
	weak '.mounts += [{destination: "/more", type: "bind", source: "source", options: ["bind", "nosuid"]}]'
	refused "config.json:/mounts" /more
}

@test "a writable root" {
	jq '.root.readonly = true' config.json >strict.json
	weak .
	run restore
	[ "$status" -ne 0 ] || {
		run hull exec "$ID" touch /x
		has "$output" "Read-only"
	}
}

@test "paths without a mask, and writable ones" {
	weak 'del(.linux.maskedPaths)'
	refused "config.json:/linux/maskedPaths"
}

@test "paths that may be written" {
	weak 'del(.linux.readonlyPaths)'
	refused "config.json:/linux/readonlyPaths"
}

@test "another root: the one that counts is that of the config" {
	cp -a rootfs other
	echo here >rootfs/which
	echo there >other/which
	weak '.root.path = "other"'
	run restore
	[ "$status" -ne 0 ] || is "$(hull exec "$ID" cat /which)" here
}

@test "namespaces of the host: network, ipc, uts, pid" {
	for type in network ipc uts pid; do
		weak --arg type "$type" '.linux.namespaces |= map(select(.type != $type)) | if $type == "uts" then del(.hostname) else . end'
		run restore
		echo "$type: $output"
		is "$status" 1
		is "${#lines[@]}" 1
		is "$(hull list -q)" ""
		rm -r "$IMAGES"
	done
}

@test "limits of the cgroup are those of the config" {
	jq '.linux.resources.pids.limit = 30' config.json >strict.json
	weak '.linux.resources.pids.limit = 3000'
	restore
	is "$(cat "$CGROUPS$CGROUP/pids.max")" 30
	hull delete --force "$ID"
	hull restore --detach --manage-cgroups-mode full --image-path "$IMAGES" "$ID" </dev/null 3>&-
	is "$(cat "$CGROUPS$CGROUP/pids.max")" 30
}

@test "more descriptors, and what keeps the process alive" {
	jq '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 100}] | .process.oomScoreAdj = 100' config.json >strict.json
	weak '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1000, hard: 1000}] | .process.oomScoreAdj = 100'
	refused "config.json:/process/rlimits"
	rm -r "$IMAGES"
	weak '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 100}] | .process.oomScoreAdj = -1000'
	refused "config.json:/process/oomScoreAdj"
}

@test "a child with more than init" {
	weak '.process.noNewPrivileges = true | .process.capabilities |= map_values(. + ["CAP_SYS_ADMIN", "CAP_SETPCAP"])
		| .process.args = ["sh", "-c", "sleep 1000 & exec setpriv --bounding-set -all --inh-caps -all sleep 1000"]'
	refused "config.json:/process/capabilities"
}
