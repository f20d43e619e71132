#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# doctor, as the unprivileged user in its systemd session, and where a host takes something away from users.

load ../../integration/helpers

extra_setup() {
	hull_only "others have no doctor"
	chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	mkdir "$STATE"
	chown 1000:1000 "$STATE"
}

extra_teardown() {
	[ -z "${max_user_namespaces:-}" ] || sysctl -qw user.max_user_namespaces="$max_user_namespaces"
	# As the machine came up.
	[ -z "${restricted:-}" ] || sysctl -qw kernel.apparmor_restrict_unprivileged_userns="$restricted"
}

# doctor COMMAND... - the JSON of the command in json, its status in $status.
doctor() {
	status=0
	"$@" doctor --format json >json 2>err || status=$?
	[ ! -s err ] || { cat err; return 1; }
	jq -e '.well == ([.checks[] | select(.needed) | .result == "works"] | all)' json >/dev/null
	is "$status" "$(jq 'if .well then 0 else 1 end' json)"
}

result() {
	jq -r --arg n "$1" '.checks[] | select(.name == $n) | .result' json
}

found() {
	jq -r --arg n "$1" '.checks[] | select(.name == $n) | .found' json
}

@test "the user in a session: a delegated cgroup, its own systemd, ranges of ids" {
	max_user_namespaces=$(sysctl -n user.max_user_namespaces)
	doctor as-tester "$HULL" --root "$STATE"
	is "$status" 0
	for name in state-root user-namespace namespaces subordinate-ids cgroup cgroup-enter freezer cgroup-kill systemd seccomp; do
		is "$name $(result $name)" "$name works" || { found $name; false; }
	done
	is "$(result idmapped-mounts)" fails
	is "$(result device-rules)" fails
	has "$(found controllers)" "memory pids"
	has "$(found subordinate-ids)" "65536 and 65536 ids"
	is "$(find "$CGROUPS" -name 'hull-doctor-*')" ""
}

@test "the same by the user's systemd" {
	max_user_namespaces=$(sysctl -n user.max_user_namespaces)
	doctor as-tester "$HULL" --root "$STATE" --systemd-cgroup
	is "$status" 0
	for name in cgroup cgroup-enter freezer cgroup-kill systemd; do
		is "$name $(result $name)" "$name works" || { found $name; false; }
	done
	has "$(found cgroup)" .scope
	is "$(find "$CGROUPS" -name 'hull-doctor-*')" ""
}

@test "no user namespaces: needed by the user, not by root" {
	max_user_namespaces=$(sysctl -n user.max_user_namespaces)
	sysctl -qw user.max_user_namespaces=0
	doctor as-tester "$HULL" --root "$STATE"
	is "$status" 1
	is "$(result user-namespace)" fails
	is "$(result namespaces)" fails
	doctor "$HULL" --root "$STATE"
	is "$status" 0
	is "$(result user-namespace)" fails
	is "$(jq '.checks[] | select(.name == "user-namespace") | .needed' json)" false
}

@test "AppArmor restricts the user namespaces of users: made, and without rights" {
	max_user_namespaces=$(sysctl -n user.max_user_namespaces)
	restricted=$(sysctl -n kernel.apparmor_restrict_unprivileged_userns 2>/dev/null) || skip "this kernel has no such restriction"
	sysctl -qw kernel.apparmor_restrict_unprivileged_userns=1
	doctor as-tester "$HULL" --root "$STATE"
	is "$(result apparmor-userns)" fails
	has "$(found apparmor-userns)" "is 1"
	# Which kernels, by which patches, deny what, is theirs; doctor and unshare(1) must agree.
	if as-tester unshare -Urm true; then is "$(result user-namespace)" works; else is "$(result user-namespace)" fails; fi
	doctor "$HULL" --root "$STATE"
	is "$(result apparmor-userns)" fails
	is "$status" 0
}
