#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# exec as a hostile container sees it: what comes in from the host, and what can be done to it before it is the program.

load ../integration/helpers

ROUNDS=60

setup_file() {
	export WATCH=$BATS_FILE_TMPDIR/watch
	"${CC:-cc}" -O2 -static -o "$WATCH" "$BATS_TEST_DIRNAME/watch.c" || export WATCH=
}

# watched: a container whose program looks at every process, with CAP_SYS_PTRACE and all that it takes to open files.
watched() {
	[ -n "$WATCH" ] || skip "no compiler for a static program"
	mkdir -m 777 "$ROOTFS/look"
	cp "$WATCH" "$ROOTFS/look/watch"
	config '.process.capabilities |= map_values(["CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_KILL"])
		| .root.readonly = false'
	shell '/look/watch /look/end >/look/seen; touch /look/done; sleep 1000'
	create
	hull start "$ID"
}

# seen PATTERN [OPTION...]: what the program saw while exec came in ROUNDS times, and until it saw a line of that pattern: a
# process that lives for two milliseconds is soon missed.
seen() {
	local pattern=$1 i end=$((SECONDS + 60))
	shift
	for ((i = 0; i < ROUNDS || SECONDS < end; i++)); do
		hull exec "$@" "$ID" true </dev/null || return
		((i < ROUNDS)) || ! grep -q "$pattern" "$ROOTFS/look/seen" || break
	done
	touch "$ROOTFS/look/end"
	wait_for 20 test -e "$ROOTFS/look/done"
	SEEN=$(cat "$ROOTFS/look/seen")
	echo "$SEEN"
	grep -q "$pattern" <<<"$SEEN" # it did look
}

# The binary was never hull's, no descriptor of hull's was seen, and what was stopped was the program.
kept_out() {
	! grep -vE " exe=(errno[0-9]+|/bin/busybox|/look/watch) " <<<"$SEEN" | grep "name=hull" || return 1
	! grep -E "name=hull.* fds=\S*(socket|memfd|anon|/)" <<<"$SEEN" || return 1
	! grep "trace=hull" <<<"$SEEN"
}

user_ns() {
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	chown -R 100000:100000 rootfs
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" "$BUNDLE"
	local reach=$BUNDLE
	while [ "$reach" != / ]; do
		[[ $(stat -c %A "$reach") = *[xt] ]] || skip "$reach cannot be entered by other users"
		reach=$(dirname "$reach")
	done
}

# Rule 7.  Until the last moment init is in no pid namespace of the container.
@test "with CAP_SYS_PTRACE: nothing that comes in has more rights or files than the program" {
	watched
	caps=$(awk '/CapPrm/ {print $2}' "/proc/$(pid_of)/status")
	seen "name=true "
	# The program's rights, no file of the host, and a binary that nobody can write.
	! grep -vE "^name=\S+ caps=($caps|\?) " <<<"$SEEN" || false
	! grep -E "fds=\S*(/|memfd|anon)" <<<"$SEEN" || false
	! grep -v "exe=/bin/busybox" <<<"$SEEN" | grep " write=0 " || false
	! grep "trace=hull" <<<"$SEEN" | grep -v "trace=hull:init caps=$caps"
}

@test "a user namespace, and the host's processes in sight: init cannot be traced, nor its files be read" {
	user_ns
	config '.linux.namespaces |= map(select(.type != "pid")) | .mounts |= map(if .type == "proc" then
		{destination: "/proc", type: "bind", source: "/proc", options: ["rbind"]} else . end) | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	watched
	seen "name=hull:init "
	kept_out
}

@test "a user namespace with a pid namespace of its own" {
	user_ns
	watched
	seen "name=true "
	kept_out
}

# CVE-2024-21626: descriptors of the host that are the working directory.
@test "--cwd does not lead through a descriptor" {
	config '.process.args = ["sleep", "1000"]'
	create
	hull start "$ID"
	for n in 0 3 4 5 6 7 8 9 10 11 12; do
		exec 5</
		run hull exec --cwd "/proc/self/fd/$n" "$ID" sh -c 'pwd; ls ../../..' <.
		exec 5<&-
		is "$status" 255
		one_line "$output"
		has "$output" "config.json:/process/cwd"
		jq --arg c "/proc/self/fd/$n/../.." '.process | .cwd = $c | .args = ["pwd"]' config.json >p.json
		run hull exec --process p.json "$ID"
		is "$status" 255
		has "$output" "process.json:/cwd"
	done
	ln -s /proc/self/fd/0 "$ROOTFS/tmp/link"
	run hull exec --cwd /tmp/link "$ID" pwd </
	is "$status" 255
}

# CVE-2016-9962, and whatever a caller leaves open.
@test "no descriptor comes along: not the caller's, not hull's" {
	config '.process.args = ["sleep", "1000"]'
	create
	hull start "$ID"
	exec 5</ 6<"$STATE" 9<config.json 20</etc/passwd
	hull exec "$ID" sh -c 'for f in /proc/self/fd/*; do echo "$f $(readlink $f)"; done' </dev/null >out 3>&-
	exec 5<&- 6<&- 9<&- 20<&-
	cat out
	[ "$(wc -l <out)" -le 4 ] # sh has one more for the directory that it lists
	! grep -E " (/|$STATE.*|.*passwd|socket:.*|.*memfd.*|anon_inode.*)$" out
}

# CVE-2019-5736.
@test "programs that are the runtime itself, or become it" {
	cp "$HULL" "$BATS_TEST_TMPDIR/runtime"
	HULL=$BATS_TEST_TMPDIR/runtime
	sum=$(sha256sum <"$HULL")
	printf '#!/proc/self/exe\n' >"$ROOTFS/bin/itself"
	chmod +x "$ROOTFS/bin/itself"
	config '.process.args = ["sleep", "1000"]'
	create
	hull start "$ID"
	for program in /proc/self/exe /bin/itself; do
		run hull exec "$ID" $program --version
		run hull exec "$ID" sh -c "$program --version; echo x >/proc/self/exe"
	done
	is "$(sha256sum <"$HULL")" "$sum"
}

@test "a program that is exchanged for a link to the host's files stays inside" {
	config '.process.args = ["sleep", "1000"]'
	create
	hull start "$ID"
	ln -s ../../../../../../../etc/shadow "$ROOTFS/bin/out"
	ln -s "$BATS_TEST_TMPDIR/host" "$ROOTFS/bin/host"
	printf '#!/bin/sh\necho escaped\n' >"$BATS_TEST_TMPDIR/host"
	chmod +x "$BATS_TEST_TMPDIR/host"
	run hull exec "$ID" host
	is "$status" 255
	! grep escaped <<<"$output" || false
	run hull exec "$ID" out
	is "$status" 255
}

@test "a container that dies while exec comes in: one line, nothing left" {
	config '.process.args = ["sleep", "1000"]'
	for i in 1 2 3 4 5 6 7 8; do
		create
		hull start "$ID"
		(sleep "0.00$i"; hull kill "$ID" KILL) &
		killer=$!
		for ((k = 0; k < 12; k++)); do
			s=0
			hull exec "$ID" true </dev/null >out 2>&1 || s=$?
			case $s in
			0 | 137) ;;
			255)
				one_line "$(cat out)"
				has "$(cat out)" "cannot exec in a stopped container" || return 1
				;;
			*) echo "status $s"; cat out; return 1 ;;
			esac
		done
		# Not all children: the test's own time limit is one.
		wait "$killer"
		wait_for 30 is_status stopped
		hull delete "$ID"
	done
}
