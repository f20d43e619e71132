#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# spec: a config.json to begin with.

load helpers

extra_setup() {
	mkdir new
	cd new
	ln -s ../rootfs rootfs
}

@test "spec writes a config.json that runs" {
	run hull spec
	is "$status" 0
	is "$output" ""
	jq -e '.ociVersion and .process.args == ["sh"] and .process.terminal and .root.path == "rootfs"' config.json
	jq --arg cg "$CGROUP" '.process.terminal = false | .process.args = ["echo", "ran"] |
		.root.path = "../rootfs" | .linux.cgroupsPath = $cg' config.json >c
	mv c config.json
	run hull run "$ID"
	is "$status" 0
	is "$output" ran
}

@test "spec --bundle, -b" {
	mkdir a b
	hull spec --bundle a
	hull spec -b b
	cmp a/config.json b/config.json
	hull spec -bundle=. && cmp config.json a/config.json
}

@test "spec refuses to overwrite" {
	echo mine >config.json
	run hull spec
	is "$status" 1
	has "$output" "config.json"
	has "$output" exists
	is "$(cat config.json)" mine
}

@test "spec into a directory that is not there" {
	run hull spec -b nowhere
	is "$status" 1
	has "$output" "no such file or directory"
}

@test "spec --file names the file" {
	hull_only
	hull spec --file other.json
	jq -e .ociVersion other.json
	[ ! -e config.json ]
}

@test "spec --rootless has a user namespace and maps the caller" {
	hull spec --rootless
	jq -e '[.linux.namespaces[].type] | index("user")' config.json
	jq -e '[.linux.namespaces[].type] | index("network") | not' config.json
	jq -e '.linux.uidMappings == [{"containerID": 0, "hostID": 0, "size": 1}] or
		.linux.uidMappings[0].hostID == 0' config.json
	jq -e '.linux.resources == null' config.json
}

@test "spec takes no argument" {
	hull_only
	run hull spec extra
	[ "$status" -ne 0 ]
	[ ! -e config.json ]
}
