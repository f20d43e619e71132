#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# doctor: what it says of this host, of a host that lacks something, as root and as a user; what it leaves behind.

load helpers

extra_setup() {
	hull_only "others have no doctor"
	mkdir "$STATE"
}

extra_teardown() {
	[ -z "${listener:-}" ] || kill "$listener" 2>/dev/null || :
	[ -z "${bus:-}" ] || rm -rf "$bus"
}

# doctor [OPTION]... - its JSON on $json, its exit status in $status.
doctor() {
	status=0
	hull doctor --format json "$@" >json 2>err || status=$?
	json=$(cat json)
}

# result NAME - what the last doctor said of it.
result() {
	jq -r --arg n "$1" '.checks[] | select(.name == $n) | .result' json
}

found() {
	jq -r --arg n "$1" '.checks[] | select(.name == $n) | .found' json
}

# What must hold of every answer, on any host.
consistent() {
	[ ! -s err ] || { cat err; return 1; }
	jq -e '[.checks[] | has("name", "needed", "result", "found")] | all' json
	jq -e '[.checks[].result] - ["works", "fails", "unknown"] == []' json
	jq -e '.checks | map(.name) | length == (unique | length)' json
	# What does not work has a meaning and a remedy, what works has none.
	jq -e '[.checks[] | (.result == "works") != (has("meaning") and has("remedy"))] | all' json
	jq -e '.well == ([.checks[] | select(.needed) | .result == "works"] | all)' json
	is "$status" "$(jq 'if .well then 0 else 1 end' json)"
}

@test "every check has a result, and the exit status says whether all is well" {
	doctor
	consistent
	for name in kernel procfs state-root user-namespace apparmor-userns idmapped-mounts cgroup controllers cgroup-enter freezer device-rules \
		systemd seccomp seccomp-actions security-modules subordinate-ids criu openat2 clone3 mount_setattr; do
		[ -n "$(result $name)" ] || { echo "no check $name"; false; }
	done
}

@test "the table says the same as the JSON" {
	doctor
	run hull doctor
	is "$status" "$(jq 'if .well then 0 else 1 end' json)"
	is "$(awk 'NR > 1 && /^[a-z]/ {print $1, $2 == "works"}' <<<"$output" | grep -v '^All' | sort)" \
		"$(jq -r '.checks[] | "\(.name) \(if .result == "works" then 1 else 0 end)"' json | sort)"
	is "${lines[0]%% *}" CHECK
	# Each that fails is explained.
	is "$(grep -c '^ *means: ' <<<"$output")" "$(grep -c '^ *do: ' <<<"$output")"
	[ "$(grep -c '^ *do: ' <<<"$output")" -ge "$(jq '[.checks[] | select(.result == "fails")] | length' json)" ]
}

@test "what containers do works for doctor, too" {
	config '.linux.resources.devices = [{allow: false, access: "rwm"}]'
	running
	hull pause "$ID"
	hull resume "$ID"
	doctor
	consistent
	for name in kernel procfs self-copy state-root namespaces cgroup cgroup-enter freezer device-rules cgroup-kill; do
		is "$name $(result $name)" "$name works"
	done
}

# No process of a doctor of this test.
nobody() {
	local file
	for file in $(grep -lzsx "HULL_TEST_MARK=$ID" /proc/[0-9]*/environ); do
		case $(tr '\0' ' ' 2>/dev/null <"${file%environ}cmdline") in *" doctor "*) return 1 ;; esac
	done
}

@test "nothing is left behind" {
	unchanged hull doctor
	hull doctor >out 3>&- &
	pid=$!
	wait $pid || :
	is "$(find "$CGROUPS" -name "hull-doctor-$pid*")" ""
	is "$(ls -A "$STATE")" ""
}

@test "a signal ends it, and nothing is left behind" {
	for pause in 0 0.002 0.005 0.01 0.02 0.05; do
		hull doctor >out 2>&1 3>&- &
		pid=$!
		sleep $pause
		kill "$pid" 2>/dev/null || :
		status=0
		wait $pid || status=$?
		case $status in 0 | 1 | 143) ;; *) cat out; echo "status $status"; false ;; esac
		is "$(find "$CGROUPS" -name "hull-doctor-$pid*")" ""
		is "$(ls -A "$STATE")" ""
	done
	wait_for 30 nobody
}

# stuck - a doctor, $pid, that has made its cgroup and waits for a systemd that does not answer.
stuck() {
	unshare -Ur true || skip "no user namespaces here"
	[ -n "${bus:-}" ] || bus=$(mktemp -d /tmp/hull-test.XXXXXX)	# a socket's path is short
	python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
time.sleep(300)' "$bus/bus" 3>&- &
	listener=$!
	wait_for 30 test -S "$bus/bus"
	env -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR="$bus" unshare -Ur "$HULL" --root "$STATE" doctor >out 2>&1 3>&- &
	pid=$!
	has_cgroup() { [ -n "$(find "$CGROUPS" -name "hull-doctor-$pid*")" ] || gone $pid; }
	wait_for 30 has_cgroup
	! gone $pid || { kill $listener; skip "root of a user namespace makes no cgroups here"; }
}

@test "killed, or told to end, while nobody answers: no cgroup and no process stays" {
	for signal in KILL TERM; do
		stuck
		kill -$signal "$pid"
		wait_for 30 gone "$pid"
		no_cgroup() { [ -z "$(find "$CGROUPS" -name "hull-doctor-$pid*")" ]; }
		wait_for 30 no_cgroup
		kill $listener
		rm "$bus/bus"
	done
	wait_for 30 nobody
}

@test "a state root that cannot be written" {
	status=0
	"$HULL" --root /proc/1/hull doctor --format json >json 2>err || status=$?
	consistent
	is "$status" 1
	is "$(result state-root)" fails
	has "$(found state-root)" /proc/1
	run "$HULL" --root /proc/1/hull doctor
	is "$status" 1
	has "$output" "state-root        MISSING"
	has "$output" "of what hull needs is missing"
}

@test "a directory that is not there, and one that is" {
	doctor "$BATS_TEST_TMPDIR/none"
	consistent
	is "$(result idmapped-mounts)" fails
	has "$(found idmapped-mounts)" "no such file or directory"
	doctor "$BATS_TEST_TMPDIR"
	has "$(found idmapped-mounts)" "$BATS_TEST_TMPDIR on "
}

@test "the criu that --criu names" {
	status=0
	hull --criu "$BATS_TEST_TMPDIR/no-such-criu" doctor --format json >json 2>err || status=$?
	consistent
	is "$(result criu)" fails
	has "$(found criu)" "no-such-criu is not installed"
	status=0
	hull --criu /bin/false doctor --format json >json 2>err || status=$?
	consistent
	is "$(result criu)" fails
	has "$(found criu)" "/bin/false --version ended with 1"
}

@test "criu's version, and what it can do here" {
	cat >criu <<-'SH'
		#!/bin/sh
		case $* in
		--version) printf 'Version: 4.1\nGitID: v4.1\n' ;;
		'check --feature mem_dirty_track' | 'check --feature network_lock_nftables') ;;
		*) exit 1 ;;
		esac
	SH
	chmod 755 criu
	status=0
	hull --criu "$PWD/criu" doctor --format json >json 2>err || status=$?
	consistent
	is "$(result criu)" works
	if grep -qx ' *0 *0 *4294967295' /proc/self/uid_map; then
		is "$(found criu)" "Version: 4.1; with --pre-dump, --lazy-pages (not here), --network-lock nftables"
	else
		is "$(found criu)" "Version: 4.1"
	fi
	sed -i 's/Version: 4.1/Version: 2.12.1/' criu
	status=0
	hull --criu "$PWD/criu" doctor --format json >json 2>err || status=$?
	consistent
	is "$(result criu)" fails
	is "$(found criu)" "Version: 2.12.1, older than 3.0"
}

@test "a criu that says nothing" {
	[ -n "${CHECK_ALL:-}" ] || skip "the deadline is 10 seconds: in --all"
	printf '#!/bin/sh\ncase $* in *lazy* | *uffd*) sleep 100 ;; *) echo "Version: 4.1" ;; esac\n' >criu
	chmod 755 criu
	status=0
	hull --criu "$PWD/criu" doctor --format json >json 2>err || status=$?
	consistent
	if grep -qx ' *0 *0 *4294967295' /proc/self/uid_map; then
		is "$(found criu)" "Version: 4.1; with --pre-dump, --lazy-pages (unknown: no answer for 10 seconds), --network-lock nftables"
	fi
	printf '#!/bin/sh\nsleep 100\n' >criu
	status=0
	hull --criu "$PWD/criu" doctor --format json >json 2>err || status=$?
	consistent
	is "$(result criu)" fails
	is "$(found criu)" "$PWD/criu --version has given no answer for 10 seconds"
}

@test "a namespace where no user namespaces are allowed" {
	unshare -Ur true || skip "no user namespaces here"
	status=0
	unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" --root "$1" doctor --format json' "$HULL" "$STATE" >json 2>err || status=$?
	consistent
	is "$(result user-namespace)" fails
	has "$(found user-namespace)" "no space left on device"
}

@test "in a container without rights and without a cgroup file system" {
	touch "$ROOTFS/hull"
	config --arg hull "$HULL" '.process.capabilities = {} | .mounts += [{destination: "/hull", source: $hull, options: ["bind", "ro"]}]'
	ldd "$HULL" 2>/dev/null | grep -q '=>' && skip "hull is not static"
	args /hull --root /tmp/state doctor --format json
	status=0
	hull run "$ID" >json 2>err </dev/null || status=$?
	consistent
	is "$status" 1
	is "$(result namespaces)" fails
	is "$(result cgroup)" fails
	is "$(result cgroup-enter)" unknown
	is "$(result openat2)" works
}

@test "a call that a filter takes away" {
	touch "$ROOTFS/hull"
	ldd "$HULL" 2>/dev/null | grep -q '=>' && skip "hull is not static"
	hull features | jq -e .linux.seccomp.enabled >/dev/null || skip "hull has no seccomp"
	config --arg hull "$HULL" '.mounts += [{destination: "/hull", source: $hull, options: ["bind", "ro"]}] |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["open_tree"], action: "SCMP_ACT_ERRNO", errnoRet: 38}]}'
	args /hull --root /tmp/state doctor --format json
	status=0
	hull run "$ID" >json 2>err </dev/null || status=$?
	consistent
	is "$(result open_tree)" fails
	is "$(result move_mount)" works
}

@test "as a user who is not root" {
	mkdir "$BATS_TEST_TMPDIR/user"
	chmod 711 "$BATS_TEST_TMPDIR"
	chown 65534 "$BATS_TEST_TMPDIR/user"
	cp "$HULL" "$BATS_TEST_TMPDIR/user/hull"
	chmod 755 "$BATS_TEST_TMPDIR/user/hull"
	cd "$BATS_TEST_TMPDIR/user"
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups env XDG_RUNTIME_DIR="$PWD" ./hull doctor --format json >"$BUNDLE/json" 2>"$BUNDLE/err" || status=$?
	cd "$BUNDLE"
	consistent
	is "$(result idmapped-mounts)" fails
	is "$(jq '.checks[] | select(.name == "user-namespace") | .needed' json)" true
	is "$(jq '.checks[] | select(.name == "cgroup") | .needed' json)" false
	# It agrees with the kernel.
	if setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urm true; then
		is "$(result user-namespace)" works
	else
		is "$(result user-namespace)" fails
	fi
	is "$(ls -A "$BATS_TEST_TMPDIR/user")" hull
}

@test "systemd is asked, and makes the cgroup where that is wanted" {
	doctor
	consistent
	[ -S /run/systemd/private ] || {
		is "$(result systemd)" fails
		status=0
		hull --systemd-cgroup doctor --format json >json 2>err || status=$?
		consistent
		is "$status" 1
		skip "no systemd runs here"
	}
	is "$(result systemd)" works
	has "$(found systemd)" "answered in"
	status=0
	hull --systemd-cgroup doctor --format json >json 2>err || status=$?
	consistent
	for name in cgroup cgroup-enter freezer device-rules cgroup-kill; do
		is "$name $(result $name)" "$name works"
	done
	has "$(found cgroup)" .scope
	is "$(systemctl list-units --all --no-legend 'hull-doctor-*' | wc -l)" 0
}
