#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# checkpoint and restore with the real criu.

load ../../integration/helpers
load checkpoint

@test "a counter goes on where it stopped, twice" {
	before=$(mounts)
	counter
	checkpoint
	is "$(hull list -q)" ""
	[ -s "$IMAGES/inventory.img" ]
	is "$(jq -c 'length' "$IMAGES/descriptors.json")" 3
	n=$(count)
	[ ! -e "$(cgroup_dir)" ]
	for time in first second; do
		[ "$n" = "$(count)" ]
		restore --pid-file "$BATS_TEST_TMPDIR/pid"
		is "$(status_of)" running
		is "$(cat "$BATS_TEST_TMPDIR/pid")" "$(pid_of)"
		wait_for 120 counts_on "$n"
		in_cgroup "$CGROUP"
		hull exec "$ID" sh -c 'echo exec in $0; cat /proc/1/comm' "$time" | tail -n 1 | grep -x sh
		hull pause "$ID"
		is "$(status_of)" paused
		hull resume "$ID"
		hull kill "$ID" 9
		wait_for 120 is_status stopped
		hull delete "$ID"
		n=$(count)
	done
	is "$(mounts)" "$before"
}

@test "--leave-running: the container and its copy" {
	counter
	checkpoint --leave-running
	is "$(status_of)" running
	n=$(count)
	wait_for 120 counts_on "$n"
	hull kill "$ID" 9
	wait_for 120 is_status stopped
	hull delete "$ID"
	config --arg cg "/hull-test/$OTHER" '.linux.cgroupsPath = $cg'
	n=$(count)
	ID=$OTHER restore
	is "$(status_of "$OTHER")" running
	wait_for 120 eval '[ "$(count)" != "$n" ]'
	hull kill "$OTHER" 9
	wait_for 120 eval '[ "$(status_of "$OTHER")" = stopped ]'
	hull delete "$OTHER"
}

@test "a paused container" {
	counter
	hull pause "$ID"
	checkpoint
	n=$(count)
	restore
	wait_for 120 counts_on "$n"
}

@test "three pre-dumps, each with the one before as its parent" {
	counter
	images=$IMAGES
	parent=
	for i in 1 2 3; do
		IMAGES=$images$i checkpoint --pre-dump ${parent:+--parent-path "$parent"}
		is "$(status_of)" running
		parent=../images$i
	done
	n=$(count)
	checkpoint --parent-path "$parent"
	is "$(readlink "$IMAGES/parent")" ../images3
	restore
	wait_for 120 counts_on "$n"
}

@test "pre-dumps: the parent is the one of --parent-path, whatever an earlier dump has left" {
	# What it holds changes between the two, and not again.
	shell 'fill() { head -c 200000 /dev/zero | tr "\0" $1; }
		wait_for() { while [ ! -e /tmp/$1 ]; do sleep 0.2; done; }
		b=$(fill x)
		: >/tmp/first
		wait_for change
		b=$(fill y)
		: >/tmp/second
		wait_for tell
		case $b in *x*) echo old ;; *y) echo new ;; *) echo neither ;; esac >/tmp/n
		sleep 1000'
	start
	wait_for 120 test -e rootfs/tmp/first
	images=$IMAGES
	IMAGES=$images-1 checkpoint --pre-dump
	touch rootfs/tmp/change
	wait_for 120 test -e rootfs/tmp/second
	IMAGES=$images-2 checkpoint --pre-dump --parent-path ../images-1
	mkdir "$IMAGES"
	ln -s ../images-1 "$IMAGES/parent"
	checkpoint --parent-path ../images-2
	is "$(readlink "$IMAGES/parent")" ../images-2
	restore
	touch rootfs/tmp/tell
	wait_for 120 test -s rootfs/tmp/n
	is "$(cat rootfs/tmp/n)" new
}

@test "a terminal: the master goes to the console socket" {
	config '.process.terminal = true'
	shell 'while read -r line; do echo "[$line]"; done'
	"$TOOLS/term" console "$BATS_TEST_TMPDIR/c1" "$BATS_TEST_TMPDIR/j1" 'send:one\n' 'expect:\[one\]' 'sleep:300' >"$BATS_TEST_TMPDIR/first" 3>&- &
	console=$!
	wait_for 120 test -S "$BATS_TEST_TMPDIR/c1"
	start --console-socket "$BATS_TEST_TMPDIR/c1"
	wait_for 120 grep -q '\[one\]' "$BATS_TEST_TMPDIR/first"
	checkpoint
	kill $console
	"$TOOLS/term" console "$BATS_TEST_TMPDIR/c2" "$BATS_TEST_TMPDIR/j2" 'send:two\n' 'expect:\[two\]' >"$BATS_TEST_TMPDIR/said" 3>&- &
	console=$!
	wait_for 120 test -S "$BATS_TEST_TMPDIR/c2"
	restore --console-socket "$BATS_TEST_TMPDIR/c2"
	wait_for 120 grep -q '\[two\]' "$BATS_TEST_TMPDIR/said"
}

@test "pipes: those of who restores take the place of those of who ran it" {
	shell 'i=0; while :; do i=$((i + 1)); echo "line $i"; sleep 0.1; done'
	hull run --detach "$ID" </dev/null 2>/dev/null 3>&- > >(cat >"$BATS_TEST_TMPDIR/lines" 3>&-)
	wait_for 120 grep -q 'line 3' "$BATS_TEST_TMPDIR/lines"
	checkpoint
	grep -q 'pipe:' "$IMAGES/descriptors.json"
	hull restore --detach --image-path "$IMAGES" "$ID" </dev/null 2>"$BATS_TEST_TMPDIR/err2" 3>&- > >(cat >"$BATS_TEST_TMPDIR/more" 3>&-) ||
		{ cat "$BATS_TEST_TMPDIR/err2"; false; }
	wait_for 120 grep -q line "$BATS_TEST_TMPDIR/more"
	last=$(tail -n 1 "$BATS_TEST_TMPDIR/lines" | cut -d ' ' -f 2)
	[ "$(head -n 1 "$BATS_TEST_TMPDIR/more" | cut -d ' ' -f 2)" -gt $((last - 1)) ]
}

@test "bind mounts: with a strange name, over a link, of a file, read-only; those of the config that is given" {
	mkdir -p source/sub other rootfs/real
	echo one >source/file
	echo two >other/file
	echo alone >single
	ln -s real rootfs/link
	config '.mounts += [
		{destination: "/a \"b\" ]x", type: "bind", source: "source", options: ["rbind", "ro"]},
		{destination: "/link/deep", type: "bind", source: "source", options: ["bind"]},
		{destination: "/etc/single", type: "bind", source: "single", options: ["bind", "ro"]}]'
	counter
	checkpoint
	config '(.mounts[] | select(.destination == "/link/deep")).source = "other"'
	restore
	is "$(hull exec "$ID" cat '/a "b" ]x/file')" one
	is "$(hull exec "$ID" cat /real/deep/file)" two
	is "$(hull exec "$ID" cat /etc/single)" alone
	run hull exec "$ID" touch '/a "b" ]x/file'
	has "$output" "Read-only"
	run hull exec "$ID" chmod 600 /proc/keys
	[ "$status" -ne 0 ]
	is "$(stat -c %a /dev/null)" 666
}

@test "a read-only root" {
	config '.root.readonly = true | .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}]'
	shell 'i=0; while :; do i=$((i + 1)); echo $i >/tmp/n; sleep 0.1; done'
	start
	count() {
		local text
		text=$(hull exec "$ID" cat /tmp/n)
		echo "${text:-0}"
	}
	wait_for 120 counts_on 3
	n=$(count)
	checkpoint
	restore
	wait_for 120 counts_on "$n"
	run hull exec "$ID" touch /x
	has "$output" "Read-only"
}

@test "a mount point that criu could not name is refused before anything happens" {
	mkdir source
	config '.mounts += [{destination: "/x]:/etc", type: "bind", source: "source", options: ["bind"]}]'
	counter
	run checkpoint
	is "$status" 1
	has "$output" "criu cannot name it"
	is "$(status_of)" running
}

@test "a joined network namespace stays outside" {
	ip netns add "$ID"
	config --arg path "/run/netns/$ID" '(.linux.namespaces[] | select(.type == "network")).path = $path'
	counter
	checkpoint
	n=$(count)
	restore
	wait_for 120 counts_on "$n"
	is "$(stat -Lc %i "/proc/$(pid_of)/ns/net")" "$(stat -Lc %i "/run/netns/$ID")"
	hull delete --force "$ID"
	ip netns delete "$ID"
}

@test "systemd's cgroups" {
	hull() { "$HULL" --root "$STATE" --systemd-cgroup "$@"; }
	config --arg id "$ID" '.linux.cgroupsPath = "system.slice:hull:" + $id | .linux.resources = {pids: {limit: 30}}'
	counter
	checkpoint
	is "$(systemctl show --property=LoadState --value "hull-$ID.scope")" not-found
	n=$(count)
	restore
	wait_for 120 counts_on "$n"
	in_cgroup "/system.slice/hull-$ID.scope"
	CGROUP=/system.slice/hull-$ID.scope
	is "$(cat "$(cgroup_dir)/pids.max")" 30
	hull delete --force "$ID"
	is "$(systemctl show --property=LoadState --value "hull-$ID.scope")" not-found
}

@test "hooks: of create when the namespaces are there, poststart when it runs, poststop behind the checkpoint" {
	config --arg f "$BATS_TEST_TMPDIR/hooks" '
		def hook($name): [{path: "/bin/sh", args: ["sh", "-c", "echo " + $name + " $(jq -r .status) >>" + $f]}];
		.hooks = {createRuntime: hook("createRuntime"), poststart: hook("poststart"), poststop: hook("poststop")}'
	counter
	checkpoint
	restore
	is "$(tr '\n' ' ' <"$BATS_TEST_TMPDIR/hooks")" \
		"createRuntime creating poststart running poststop stopped createRuntime creating poststart running "
}

@test "a full disk: the container goes on" {
	counter
	mkdir "$IMAGES"
	mount -t tmpfs -o size=100k tmpfs "$IMAGES"
	run checkpoint
	is "$status" 1
	is "${#lines[@]}" 1
	is "$(status_of)" running
	n=$(count)
	wait_for 120 counts_on "$n"
}
