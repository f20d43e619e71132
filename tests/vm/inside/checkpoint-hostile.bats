#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images of the real criu, made of a container with a weak config, and restored with a strict one.  The whole list of what
# is looked at is in tests/integration/checkpoint-hostile.bats.

load ../../integration/helpers

extra_setup() {
	hull --version | grep -q +CRIU || skip "hull is built without criu"
	case $(uname -r) in
	6.*) ;;
	*) skip "criu 4.1 cannot dump a network namespace on Linux $(uname -r)" ;;
	esac
	IMAGES=$BATS_TEST_TMPDIR/images
	config '.root.readonly = false | .process.noNewPrivileges = true
		| .process.capabilities = ({} | .bounding = ["CAP_KILL"] | .effective = .bounding | .permitted = .bounding)'
	shell 'while :; do sleep 0.2; done'
	cp config.json strict.json
}

extra_teardown() {
	tail -n 5 "$IMAGES"/*.log 2>/dev/null || :
}

# weak FILTER - the images of a container whose config is changed so; then the strict config is there again.
weak() {
	config "$@"
	hull run --detach "$ID" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- || { cat "$BATS_TEST_TMPDIR/err"; false; }
	hull checkpoint --image-path "$IMAGES" "$ID" </dev/null 3>&-
	cp strict.json config.json
}

restore() {
	hull restore --detach --image-path "$IMAGES" "$@" "$ID" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/err2" 3>&-
}

# refused TEXT... - the restore fails with one line that holds the texts, and nothing of it is left.
refused() {
	run restore
	is "$status" 1
	output=$(cat "$BATS_TEST_TMPDIR/err2")
	is "$(wc -l <<<"$output")" 1
	local text
	for text; do has "$output" "$text" || return 1; done
	is "$(hull list -q)" ""
	[ ! -e "$(cgroup_dir)" ]
}

@test "the same config: it goes on" {
	weak .
	restore || { cat "$BATS_TEST_TMPDIR/err2"; false; }
	is "$(status_of)" running
}

@test "more capabilities" {
	weak '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	refused "config.json:/process/capabilities" CAP_SYS_ADMIN
}

@test "no filter" {
	jq '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}' \
		config.json >strict.json
	weak .
	refused "config.json:/linux/seccomp"
}

@test "a proc without masks beside the masked one" {
	mkdir rootfs/more
	weak '.mounts += [{destination: "/more", type: "proc", source: "proc"}]'
	refused "config.json:/mounts" /more
}

@test "a bind mount with fewer flags" {
	mkdir source
	jq '.mounts += [{destination: "/more", type: "bind", source: "source", options: ["bind", "nosuid", "noexec"]}]' \
		config.json >strict.json
	weak '.mounts += [{destination: "/more", type: "bind", source: "source", options: ["bind", "nosuid"]}]'
	refused "config.json:/mounts" "/more without noexec"
}

@test "another root: the one that counts is that of the config" {
	cp -a rootfs other
	echo here >rootfs/which
	echo there >other/which
	weak '.root.path = "other"'
	restore || { cat "$BATS_TEST_TMPDIR/err2"; false; }
	is "$(hull exec "$ID" cat /which)" here
}
