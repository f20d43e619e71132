#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# NOTIFY_SOCKET: the program's readiness reaches the supervisor of the runtime.

load helpers

# A root with perl, because busybox has nothing that sends a datagram.
extra_setup() {
	lower=$("$TESTS/fixtures/debian-rootfs") || skip "no Debian root file system: see the message above"
	config --arg r "$lower" '.root = {path: $r, readonly: true} |
		.mounts += [{destination: "/run", type: "tmpfs", source: "tmpfs", options: ["mode=755"]}]'
	"$TOOLS/supervisor" "$BATS_TEST_TMPDIR/notify" "$BUNDLE/said" 3>&- &
	supervisor=$!
	wait_for 5 test -S "$BATS_TEST_TMPDIR/notify"
	export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify
}

extra_teardown() {
	kill "$supervisor" 2>/dev/null || :
}

tell='use Socket; socket(S, AF_UNIX, SOCK_DGRAM, 0) or die; sub notify { send(S, $_[0], 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) or die "$!" }'

@test "the program has a socket of its own, and READY reaches the supervisor with the pid" {
	args perl -e "$tell"' notify("READY=1\nSTATUS=up"); sleep 1000'
	create
	hull start "$ID"
	pid=$(pid_of)
	wait_for 5 grep -q READY=1 said
	wait_for 5 grep -q "MAINPID=$pid" said
	tr '\0' '\n' <"/proc/$pid/environ" | grep -q '^NOTIFY_SOCKET=/run/notify/'
	! tr '\0' '\n' <"/proc/$pid/environ" | grep -q "$BATS_TEST_TMPDIR"
}

@test "start waits for READY" {
	args perl -e "$tell"' sleep 1; notify("STATUS=soon"); notify("READY=1"); sleep 1000'
	create
	before=$(date +%s%N)
	hull start "$ID"
	took=$((($(date +%s%N) - before) / 1000000))
	[ "$took" -ge 900 ]
	wait_for 5 grep -q READY=1 said
}

@test "a program that ends without READY does not hold start for ever" {
	args perl -e 'exit 0'
	create
	run timeout 15 "$HULL" --root "$STATE" start "$ID"
	[ "$status" -ne 124 ]
	wait_for 5 is_status stopped
	! grep -q READY said
}

@test "run --detach waits for READY too" {
	args perl -e "$tell"' notify("READY=1"); sleep 1000'
	hull run -d "$ID" </dev/null >/dev/null 2>&1 3>&-
	wait_for 5 grep -q READY=1 said
	is "$(status_of)" running
}

@test "an empty NOTIFY_SOCKET is none" {
	export NOTIFY_SOCKET=
	args env
	run hull run "$ID"
	is "$status" 0
	! grep -q NOTIFY_SOCKET <<<"$output"
}
