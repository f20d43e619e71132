#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# create: what exists when it returns, its options, and how it refuses.

load helpers

@test "create leaves a container that waits: status created, nothing run yet" {
	shell 'echo ran >/tmp/ran'
	config '.root.readonly = false'
	create
	is "$(status_of)" created
	pid=$(pid_of)
	[ "$pid" -gt 1 ]
	[ -d "/proc/$pid" ]
	sleep 0.1
	[ ! -e rootfs/tmp/ran ]
	hull start "$ID"
	wait_for 30 test -e rootfs/tmp/ran
}

@test "create prints nothing when it succeeds" {
	created
	is "$(cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err")" ""
}

@test "create refuses an id that exists and leaves that container alone" {
	created
	run hull create "$ID" </dev/null
	[ "$status" -ne 0 ]
	has "$output" "container with given ID already exists"
	is "$(status_of)" created
	hull start "$ID"
}

@test "create refuses bad ids" {
	args true
	for id in "" . .. a/b ../a "a b" $'a\nb' 'a*' ä; do
		unchanged hull create "$id" </dev/null
		[ "$status" -ne 0 ] || { echo "accepted: '$id'"; false; }
		one_line "$output" || ! is_hull
	done
	[ "$(ls -A "$STATE" 2>/dev/null | grep -cv '^\.')" -eq 0 ]
}

@test "create accepts every character that ids may have" {
	args sleep 1000
	config '.linux.cgroupsPath += "/x"'
	long=$(printf 'x%.0s' {1..200})
	for id in a A9 a_b+c-d.e "$long"; do
		hull create -- "$id" </dev/null >/dev/null 2>&1 3>&-
		is "$(status_of "$id")" created
		hull delete --force "$id"
	done
}

@test "create wants an id, and only one" {
	run hull create </dev/null
	[ "$status" -ne 0 ]
	run hull create "$ID" more </dev/null
	[ "$status" -ne 0 ]
	[ ! -e "$STATE/$ID" ]
}

@test "create takes the bundle from --bundle, -b, or the working directory" {
	args sleep 1000
	cd /
	for how in "--bundle $BUNDLE" "--bundle=$BUNDLE" "-b $BUNDLE" "-bundle $BUNDLE" "-bundle=$BUNDLE"; do
		hull create $how "$ID" </dev/null >/dev/null 2>&1 3>&-
		is "$(hull state "$ID" | jq -r .bundle)" "$BUNDLE"
		hull delete --force "$ID"
	done
	cd "$BATS_TEST_TMPDIR"
	hull create -b bundle "$ID" </dev/null >/dev/null 2>&1 3>&-
	is "$(hull state "$ID" | jq -r .bundle)" "$BUNDLE"
}

@test "create accepts options after the id" {
	args sleep 1000
	cd /
	hull create "$ID" --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" </dev/null >/dev/null 2>&1 3>&-
	is "$(cat "$BATS_TEST_TMPDIR/pid")" "$(pid_of)"
}

@test "create --config reads another file of the bundle" {
	hull_only
	args sleep 1000
	mv config.json other.json
	hull create --config other.json "$ID" </dev/null >/dev/null 2>&1 3>&-
	is "$(status_of)" created
}

@test "create --config with an absolute path reads that file" {
	hull_only
	args sleep 1000
	mv config.json "$BATS_TEST_TMPDIR/elsewhere.json"
	hull create --config "$BATS_TEST_TMPDIR/elsewhere.json" "$ID" </dev/null >/dev/null 2>&1 3>&-
	is "$(status_of)" created
	run hull create --config "$BATS_TEST_TMPDIR/none.json" "$ID-2"
	has "$output" "JSON specification file $BATS_TEST_TMPDIR/none.json not found"
}

@test "create without config.json, or without a bundle" {
	rm config.json
	unchanged hull create "$ID" </dev/null
	[ "$status" -ne 0 ]
	has "$output" "config.json"
	unchanged hull create -b "$BATS_TEST_TMPDIR/nothing" "$ID" </dev/null
	[ "$status" -ne 0 ]
	has "$output" "no such file or directory"
}

@test "the pid file holds digits alone, complete when create returns" {
	created --pid-file "$BATS_TEST_TMPDIR/pid"
	pid=$(pid_of)
	is "$(od -An -c <"$BATS_TEST_TMPDIR/pid" | tr -d ' \n')" "$pid"
	is "$(stat -c %a "$BATS_TEST_TMPDIR/pid")" 644
	grep -q "/hull-test/$ID$" "/proc/$pid/cgroup"
}

@test "the pid file replaces an existing file, and is relative to the caller" {
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here"
	echo "something long that was there before" >p
	ln p q
	created -b "$BUNDLE" --pid-file p
	is "$(cat p)" "$(pid_of)"
	is "$(ls -A | tr '\n' ' ')" "p q "
}

@test "a pid file that cannot be written fails create and leaves nothing" {
	args sleep 1000
	unchanged hull create --pid-file "$BATS_TEST_TMPDIR/no/such/dir/pid" "$ID" </dev/null
	[ "$status" -ne 0 ]
	has "$output" "no such file or directory"
}

@test "create leaves nothing behind when it fails late" {
	args /no/such/program
	unchanged hull create --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" </dev/null
	[ "$status" -ne 0 ]
	[ ! -e "$BATS_TEST_TMPDIR/pid" ]
	args sleep 1000
	create
	is "$(status_of)" created
}

@test "a program that is not in PATH fails create with the text that engines look for" {
	args no-such-program
	unchanged hull create "$ID" </dev/null
	[ "$status" -eq 1 ]
	has "${output//\\/}" 'exec: "no-such-program": executable file not found in $PATH'
}

@test "a missing absolute path fails create with the text that engines look for" {
	args /no/such
	unchanged hull create "$ID" </dev/null
	[ "$status" -eq 1 ]
	has "${output//\\/}" 'exec: "/no/such": stat /no/such: no such file or directory'
}

@test "a program without the execute bit: permission denied" {
	echo '#!/bin/sh' >rootfs/etc/script
	args /etc/script
	unchanged hull create "$ID" </dev/null
	[ "$status" -eq 1 ]
	has "${output//\\/}" 'exec: "/etc/script": permission denied'
}

@test "a directory as the program: permission denied" {
	args /etc
	unchanged hull create "$ID" </dev/null
	[ "$status" -eq 1 ]
	has "${output//\\/}" 'exec: "/etc": permission denied'
}

@test "a path through a file as the program: not a directory" {
	args /etc/passwd/x
	unchanged hull create "$ID" </dev/null
	[ "$status" -eq 1 ]
	has "$output" "not a directory"
}

@test "PATH for the search is the one of process.env" {
	mkdir rootfs/odd
	cp rootfs/bin/busybox rootfs/odd/oddity
	args oddity
	unchanged hull create "$ID" </dev/null
	has "${output//\\/}" 'exec: "oddity": executable file not found in $PATH'
	config '.process.env = ["PATH=/nowhere:/odd"]'
	create
}

@test "create accepts the options that have no meaning for it" {
	args sleep 1000
	hull_only "runc refuses some of them"
	hull create --no-subreaper --detach --no-new-keyring --no-pivot=false "$ID" </dev/null >/dev/null 2>&1 3>&-
	is "$(status_of)" created
}

@test "create --no-pivot" {
	shell 'ls /; mount >/dev/null; cd ..; pwd'
	config '.process.args[2] = "ls -d /bin /proc/self"'
	run hull run --no-pivot "$ID"
	is "$status" 0
	has "$output" /bin
}

@test "a relative root.path belongs to the bundle, not to the caller" {
	args sleep 1000
	mv rootfs tree
	config '.root.path = "./tree"'
	cd /
	create -b "$BUNDLE"
	rootfs=$(hull state "$ID" | jq -r .rootfs)
	[[ $rootfs == /* ]]
	is "$(realpath -m "$rootfs")" "$BUNDLE/tree"
}

@test "config.json may be changed or removed after create" {
	shell 'echo first >/tmp/who; sleep 1000'
	config '.root.readonly = false'
	create
	args sh -c 'echo second >/tmp/who'
	rm config.json
	hull start "$ID"
	wait_for 30 grep -q first rootfs/tmp/who
	is "$(status_of)" running
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	hull delete "$ID"
}

@test "create killed at any moment leaves what delete --force can remove" {
	hull_only "runc 1.1 forgets the cgroups of a create that was killed early"
	args sleep 1000
	for ms in 1 2 3 4 6 8 10 14 20; do
		setsid "$HULL" --root "$STATE" create "$ID" </dev/null >/dev/null 2>&1 3>&- &
		pid=$!
		sleep "$(printf '0.%03d' "$ms")"
		kill -9 "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
		run hull delete --force "$ID"
		is "$status" 0
		is "$output" ""
		[ ! -e "$STATE/$ID" ]
		nothing_left() { [ -z "$(find "$CGROUPS" -maxdepth 3 -path "*$CGROUP")" ]; }
		wait_for 30 nothing_left
	done
}

@test "create does not wait for whoever holds its standard input" {
	args sleep 1000
	mkfifo pipe
	exec 7<>pipe
	hull create "$ID" <pipe >/dev/null 2>&1 3>&- 7>&-
	is "$(status_of)" created
	rm pipe
}

@test "init becomes an orphan that the caller's subreaper gets, with its status" {
	shell 'exit 42'
	"$TOOLS/subreaper" "$BATS_TEST_TMPDIR/r" "$HULL" --root "$STATE" create --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" \
		</dev/null >/dev/null 2>&1 3>&- &
	reaper=$!
	wait_for 10 test -e "$BATS_TEST_TMPDIR/r/status"
	is "$(cat "$BATS_TEST_TMPDIR/r/status")" 0
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	is "$(awk '/^PPid/ {print $2}' "/proc/$pid/status")" "$reaper"
	hull start "$ID"
	wait "$reaper"
	is "$(cat "$BATS_TEST_TMPDIR/r/orphan")" "$pid 42"
}

@test "create does not hand its death signal on to init" {
	args sleep 1000
	python3 - "$HULL" --root "$STATE" create "$ID" </dev/null >/dev/null 2>&1 3>&- <<-'PY'
		import ctypes, os, sys
		ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
		os.execv(sys.argv[1], sys.argv[1:])
	PY
	is "$(status_of)" created
	sleep 0.1
	is "$(status_of)" created
}

@test "a create that is killed while it writes the pid file leaves no other name beside it" {
	hull_only
	command -v strace >/dev/null || skip "no strace"
	local dir=$BATS_TEST_TMPDIR/pids
	mkdir "$dir"
	# Where files without a name can be made; elsewhere there is a moment with another name.
	python3 -c 'import os, sys; os.close(os.open(sys.argv[1], os.O_WRONLY | os.O_TMPFILE))' "$dir" || skip "no O_TMPFILE here"
	args sleep 1000
	for call in linkat rename; do
		strace -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=1" "$HULL" --root "$STATE" create \
			--pid-file "$dir/pid" "$ID" </dev/null >/dev/null 2>&1 3>&- || :
		is "$(ls -A "$dir" | grep -vx pid || :)" ""
		hull delete --force "$ID"
		rm -f "$dir/pid"
	done
}

@test "a pid file that is there already is replaced, also through a link and by two at once" {
	local dir=$BATS_TEST_TMPDIR/pids
	mkdir "$dir"
	echo old >"$dir/other"
	ln -s other "$dir/pid"
	args sleep 1000
	create --pid-file "$dir/pid"
	is "$(cat "$dir/pid")" "$(pid_of)"
	is "$(ls -A "$dir" | xargs)" "other pid"
	is "$(cat "$dir/other")" old
}

@test "a state root whose lock somebody keeps is an error of its own, and nothing is made" {
	hull_only "others have other locks"
	mkdir -p "$STATE"
	exec 9<"$STATE"
	flock 9
	status=0
	timeout 120 "$HULL" --root "$STATE" create "$ID" </dev/null >said 2>&1 3>&- 9<&- || status=$?
	output=$(cat said)
	is "$status" 1
	one_line "$output"
	has "$output" "the state root is busy: another command holds its lock"
	[ ! -e "$STATE/$ID" ]
	[ ! -e "$(cgroup_dir)" ]
	exec 9<&-
	create
}
