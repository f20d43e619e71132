#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# SCMP_ACT_NOTIFY: the agent at listenerPath gets one message and the descriptor, whichever calls it is to answer.

load helpers

setup_file() {
	export CALLS=$BATS_FILE_TMPDIR/calls
	links_statically || { CALLS= && return 0; }
	cc -O1 -static -pthread -o "$CALLS" "${BATS_TEST_DIRNAME}/../tools/calls.c"
}

extra_setup() {
	[ -n "$CALLS" ] || skip "no C compiler for static programs"
	if is_hull && ! "$HULL" features | jq -e '.linux.seccomp.actions | index("SCMP_ACT_NOTIFY")' >/dev/null; then
		skip "hull was built without libseccomp"
	fi
	cp "$CALLS" rootfs/calls
	SOCKET=$BATS_TEST_TMPDIR/agent.sock
	OUT=$BATS_TEST_TMPDIR/agent
}

extra_teardown() {
	[ -z "${AGENT:-}" ] || kill "$AGENT" 2>/dev/null || :
}

# agent [WORD...] - see tests/tools/seccomp-agent.
agent() {
	rm -f "$SOCKET" "$OUT"*
	"$TOOLS/seccomp-agent" "$SOCKET" "$OUT" "$@" >"$OUT.log" 2>&1 3>&- &
	AGENT=$!
	wait_for 10 test -e "$OUT.ready"
}

# notify NAME... - these are notified, everything else is allowed.
notify() {
	config --arg s "$SOCKET" --arg n "$*" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $s,
		syscalls: [{names: ($n / " "), action: "SCMP_ACT_NOTIFY"}]}'
}

@test "the agent gets the process state and one descriptor, and its answers count (sec-08 to 12, 15, 16)" {
	agent 110=95
	notify getppid getsid
	config '.linux.seccomp.listenerMetadata = "a \"b\" \u00e9" | .annotations = {"some.key": "v"}'
	args /calls getppid getsid,0 sync
	create
	! [ -e "$OUT.fds" ] || false # nothing is sent before start
	pid=$(pid_of)
	hull start "$ID"
	wait_for 10 is_status stopped
	is "$(cat "$BATS_TEST_TMPDIR/out")" $'getppid EOPNOTSUPP\ngetsid,0 ok\nsync ok'
	is "$(cat "$OUT.fds")" 1
	is "$(cat "$OUT.rest")" ""
	is "$(sort -un "$OUT.calls" | xargs)" "110 124"
	is "$(jq -S -c . "$OUT")" "$(jq -n -S -c --argjson p "$pid" --arg id "$ID" --arg b "$BUNDLE" --slurpfile c config.json \
		'{ociVersion: $c[0].ociVersion, fds: ["seccompFd"], pid: $p, metadata: "a \"b\" \u00e9", state: {
		ociVersion: $c[0].ociVersion, id: $id, status: "creating", pid: $p, bundle: $b, annotations: {"some.key": "v"}}}')"
}

@test "run, as root and another user, with and without noNewPrivileges" {
	for user in 0 1000; do
		for nnp in true false; do
			agent 110=95
			notify getppid
			config --argjson u $user --argjson n $nnp '.process.user = {uid: $u, gid: $u} | .process.noNewPrivileges = $n'
			args /calls getppid
			run hull run "$ID"
			is "$output" "getppid EOPNOTSUPP"
		done
	done
}

@test "the calls that init itself would need may be notified: write, sendmsg, execve, all of them" {
	hull_only "runc refuses write and the default action, crun hangs"
	for what in write 'sendmsg sendto recvmsg read futex close' 'execve execveat'; do
		agent
		# shellcheck disable=SC2086
		notify $what
		args /calls getppid
		run timeout 20 "$HULL" --root "$STATE" run "$ID" 3>&-
		is "$output" "getppid ok"
		is "$status" 0
	done
	has "$(xargs <"$OUT.calls")" 59
	agent
	notify sync
	config '.linux.seccomp.defaultAction = "SCMP_ACT_NOTIFY" | .linux.seccomp.syscalls = []'
	run timeout 20 "$HULL" --root "$STATE" run "$ID" 3>&-
	is "$output" "getppid ok"
	has "$(xargs <"$OUT.calls")" "59 "
}

@test "an agent may refuse the exec itself: start fails, nothing runs" {
	hull_only
	agent 59=1
	notify execve
	args /calls getppid
	run hull run "$ID"
	[ "$status" -ne 0 ]
	has "$output" "operation not permitted"
}

@test "flags: TSYNC, LOG, SPEC_ALLOW and WAIT_KILLABLE_RECV go together with a listener" {
	agent 110=95
	notify getppid
	config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
		"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'
	args /calls getppid
	run hull run "$ID"
	is "$output" "getppid EOPNOTSUPP"
}

@test "WAIT_KILLABLE_RECV: a signal does not interrupt a call that the agent has received; without it, it does" {
	notify getppid
	args /calls getppid
	for flag in WAIT_KILLABLE_RECV LOG; do
		agent delay=1 110=95
		config --arg f "SECCOMP_FILTER_FLAG_$flag" '.linux.seccomp.flags = [$f]'
		create
		hull start "$ID"
		wait_for 30 grep -q 110 "$OUT.calls"
		kill -SYS "$(pid_of)" # calls has a handler
		wait_for 30 is_status stopped
		is "$(cat "$BATS_TEST_TMPDIR/out")" "getppid $([ $flag = LOG ] && echo EINTR || echo EOPNOTSUPP)"
		hull delete "$ID"
	done
}

@test "the thread that sends leaves nothing: one thread, no child, no descriptor, no zombie" {
	agent
	notify getsid
	running
	pid=$(pid_of)
	is "$(ls "/proc/$pid/task")" "$pid"
	is "$(cat "/proc/$pid/task/$pid/children")" ""
	is "$(ls "/proc/$pid/fd" | xargs)" "0 1 2"
	has "$(cat "/proc/$pid/status")" $'Seccomp:\t2'
}

@test "a process of exec has a listener of its own: another connection, status running, its own pid" {
	is_hull || "$HULL" exec --help >/dev/null 2>&1 || skip "no exec"
	agent
	notify getppid
	running
	first=$AGENT
	agent 110=95
	run hull exec "$ID" /calls getppid
	kill "$first" || : # after 30 s without a call it has ended
	is "$output" "getppid EOPNOTSUPP"
	is "$(jq -c '[.fds, .state.status, .state.pid]' "$OUT")" "[[\"seccompFd\"],\"running\",$(pid_of)]"
	[ "$(jq .pid "$OUT")" != "$(pid_of)" ]
	rm "$SOCKET"
	run hull exec "$ID" /calls getppid
	is "$status" 255
	has "$output" "config.json:/linux/seccomp/listenerPath: cannot connect to $SOCKET"
}

@test "in a user namespace" {
	agent 110=95
	notify getppid
	config '.linux.namespaces += [{type: "user"}] | .process.noNewPrivileges = false | .process.user = {uid: 7, gid: 7} |
		(.linux.uidMappings, .linux.gidMappings) = [{containerID: 0, hostID: 200000, size: 65536}]'
	args /calls getppid
	run hull run "$ID"
	is "$output" "getppid EOPNOTSUPP"
}

@test "no room for the thread that sends: one line" {
	hull_only
	agent
	notify getppid
	config '.linux.resources.pids = {limit: 1}'
	args /calls getppid
	run hull run "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "config.json:/linux/seccomp/listenerPath (line "
	has "$output" "): cannot make the thread that sends the listener"
	# A limit of the process itself is set later.
	config '.linux.resources.pids = {limit: 5} | .process.user = {uid: 65533, gid: 1} | .process.rlimits = [{type: "RLIMIT_NPROC", soft: 1, hard: 1}]'
	agent 110=95
	run hull run "$ID"
	is "$output" "getppid EOPNOTSUPP"
}

@test "nobody listens: start and run fail in one line, and nothing runs (sec-13)" {
	notify getppid
	args /calls getppid
	run hull run "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "config.json:/linux/seccomp/listenerPath (line "
	has "$output" "): cannot connect to $SOCKET"
	has "$output" "no such file or directory"
	: >"$SOCKET"
	unchanged hull run "$ID"
	has "$output" "connection refused"
	rm "$SOCKET"
	create
	run hull start "$ID"
	is "$status" 1
	has "$output" "config.json:/linux/seccomp/listenerPath"
	is "$(status_of)" stopped
	is "$(cat "$BATS_TEST_TMPDIR/out")" ""
	hull delete "$ID"
	# A socket of another type.
	python3 -c 'import socket, sys, time; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind(sys.argv[1]); time.sleep(30)' \
		"$SOCKET" 3>&- &
	AGENT=$!
	wait_for 10 test -S "$SOCKET"
	run hull run "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "config.json:/linux/seccomp/listenerPath (line "
	has "$output" "): cannot connect to $SOCKET"
}

@test "an agent that closes at once, or never accepts" {
	agent close=1
	notify getppid
	args /calls getppid
	run hull run "$ID"
	# Whether the message was sent before the end is up to the kernel; without an agent the call is not there.
	if [ "$status" -eq 0 ]; then
		is "$output" "getppid ENOSYS"
	else
		has "$output" "config.json:/linux/seccomp/listenerPath (line "
		has "$output" "): cannot send to $SOCKET"
	fi
	agent accept=0
	timeout 20 "$HULL" --root "$STATE" run --detach "$ID" </dev/null >/dev/null 2>&1 3>&-
	hull delete --force "$ID"
}

@test "a listener that is not needed is not spoken to; NOTIFY without one is refused (sec-14)" {
	notify getppid
	config '.linux.seccomp.syscalls[0].action = "SCMP_ACT_ERRNO" | .linux.seccomp.listenerMetadata = "x"'
	args /calls getppid
	run hull run "$ID"
	is "$output" "getppid EPERM"
	notify getppid
	config 'del(.linux.seccomp.listenerPath)'
	refused /linux/seccomp/syscalls/0/action listenerPath
	notify getppid
	config '.linux.seccomp.listenerPath = ""'
	refused /linux/seccomp/syscalls/0/action
	notify getppid
	config '.linux.seccomp.defaultAction = "SCMP_ACT_NOTIFY" | del(.linux.seccomp.listenerPath)'
	refused /linux/seccomp/defaultAction listenerPath
}

@test "a filter of SCMP_ACT_KILL_PROCESS for all that the program does not need, and a listener" {
	agent 110=95
	notify getppid
	config '.linux.seccomp.defaultAction = "SCMP_ACT_KILL_PROCESS" | .linux.seccomp.syscalls += [{action: "SCMP_ACT_ALLOW", names: [
		"execve", "brk", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink", "readlinkat", "getrandom",
		"mprotect", "rt_sigaction", "newfstatat", "fstat", "write", "exit_group"]}]'
	[ "$(uname -m)" = x86_64 ] || skip "the names are those of x86_64"
	args /calls getppid
	run hull run "$ID"
	is "$output" "getppid EOPNOTSUPP"
}
