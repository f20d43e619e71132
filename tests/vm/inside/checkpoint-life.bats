#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# checkpoint and restore: what a restored container is like, user namespaces, and images that go from one runtime to another.

load ../../integration/helpers
load checkpoint

goes_on() {
	wait_for 120 counts_on "$1"
}

@test "a restored container is one like any other" {
	config '.linux.resources.pids.limit = 40'
	counter
	checkpoint
	n=$(count)
	restore
	goes_on "$n"
	is "$(hull list -q)" "$ID"
	is "$(hull ps --format json "$ID" | jq 'index('"$(pid_of)"') != null')" true
	is "$(hull events --stats "$ID" | jq -r .data.pids.limit)" 40
	hull update --pids-limit 50 "$ID"
	is "$(cat "$(cgroup_dir)/pids.max")" 50
	is "$(hull exec --env A=b "$ID" sh -c 'echo $A; hostname' | xargs)" "b hull"
	run hull start "$ID"
	is "$status" 1
	has "$output" "cannot start an already running container"
	run hull delete "$ID"
	is "$status" 1
	hull pause "$ID"
	is "$(status_of)" paused
	n=$(count)
	hull resume "$ID"
	goes_on "$n"
	run hull kill "$ID" NONE
	is "$status" 1
	hull kill "$ID" KILL
	wait_for 120 is_status stopped
	run hull exec "$ID" true
	[ "$status" -ne 0 ]
	hull delete "$ID"
	is "$(hull list -q)" ""
	[ ! -e "$(cgroup_dir)" ]
}

@test "in the foreground: its status is that of the container" {
	shell 'exec >/dev/null 2>&1; until [ -e /tmp/go ]; do sleep 0.1; done; exit 33'
	start
	wait_for 120 hull exec "$ID" pidof sleep
	checkpoint
	touch rootfs/tmp/go
	run hull restore --image-path "$IMAGES" "$ID" </dev/null 3>&-
	is "$status" 33
	is "$(hull list -q)" ""
	[ ! -e "$(cgroup_dir)" ]
}

@test "checkpoint of what was restored, again and again" {
	counter
	images=$IMAGES
	for i in 1 2 3; do
		IMAGES=$images$i checkpoint
		n=$(count)
		IMAGES=$images$i restore
		goes_on "$n"
	done
}

@test "many processes, in sessions and groups of their own, with an orphan" {
	with_usr
	# No sleep of 1000 s: criu restores it as interrupted, and that of busybox ends then.
	shell 'for i in 1 2 3 4; do setsid sh -c "tail -f /dev/null & tail -f /dev/null" & done; (tail -f /dev/null &)
		i=0; while :; do i=$((i + 1)); echo $i >/tmp/n; sleep 0.1; done'
	start
	wait_for 120 test -s rootfs/tmp/n
	wait_for 120 eval '[ "$(hull exec "$ID" ps -o args | grep -cx "tail -f /dev/null")" = 9 ]'
	checkpoint
	n=$(count)
	restore
	goes_on "$n"
	is "$(hull exec "$ID" ps -o args | grep -cx "tail -f /dev/null")" 9
}

# moved_away - a container whose program has its own output elsewhere and the one that it was given as descriptor 10.
moved_away() {
	shell 'exec 10>&1 >/dev/null; i=0; while :; do i=$((i + 1)); echo $i >/tmp/n; [ ! -e /tmp/go ] || echo moved >&10; sleep 0.1; done'
}

@test "a file of the host that the program has moved to another descriptor" {
	moved_away
	start
	wait_for 120 test -s rootfs/tmp/n
	checkpoint
	[[ $(jq -r '.[1]' "$IMAGES/descriptors.json") == "file["* ]]
	n=$(count)
	restore
	goes_on "$n"
	touch rootfs/tmp/go
	wait_for 120 grep -q moved "$BATS_TEST_TMPDIR/out2"
}

@test "a shell that redirects its output all the time" {
	shell 'i=0; while :; do i=$((i + 1)); echo $i >/tmp/n; done'
	start
	wait_for 120 test -s rootfs/tmp/n
	for ((i = 0; i < ${DUMPS:-5}; i++)); do
		checkpoint --leave-running
	done
	checkpoint
	restore
	is "$(status_of)" running
}

@test "a pipe that the program has moved to another descriptor" {
	moved_away
	hull run --detach "$ID" </dev/null 2>/dev/null 3>&- | cat >"$BATS_TEST_TMPDIR/first" &
	beside="${beside:-} $!"
	wait_for 120 test -s rootfs/tmp/n
	checkpoint
	[[ $(jq -r '.[1]' "$IMAGES/descriptors.json") == "pipe:["* ]]
	n=$(count)
	hull restore --detach --image-path "$IMAGES" "$ID" </dev/null 2>/dev/null 3>&- | cat >"$BATS_TEST_TMPDIR/second" &
	beside="$beside $!"
	goes_on "$n"
	touch rootfs/tmp/go
	wait_for 120 grep -q moved "$BATS_TEST_TMPDIR/second"
}

@test "a user namespace: root in the container is another one outside, after it too" {
	[ -e "$CGROUPS/cgroup.controllers" ] || skip "criu 4.1 cannot mount a hierarchy of cgroup v1 again in a user namespace"
	user_namespace
	chmod 777 rootfs/tmp
	mkdir -m 711 "$IMAGES"
	# Files of the host's root are none that criu could open again.
	shell 'exec </dev/null >/dev/null 2>&1; i=0; while :; do i=$((i + 1)); (echo $i >/tmp/n); sleep 0.1; done'
	start
	wait_for 120 test -s rootfs/tmp/n
	is "$(stat -c %u rootfs/tmp/n)" 100000
	checkpoint
	for time in first second; do
		n=$(count)
		restore
		goes_on "$n"
		is "$(awk '/^Uid/ { print $2 }' "/proc/$(pid_of)/status")" 100000
		is "$(hull exec "$ID" sh -c 'id -u; cat /proc/self/uid_map' | xargs)" "0 0 100000 65536"
		end
	done
}

@test "joined ipc, uts, network and pid namespaces" {
	# Its first process lets no zombie stay: in the session of the container's first one it would keep that number.
	unshare --ipc --uts --net --pid --fork --kill-child env --ignore-signal=CHLD sleep 1000 3>&- &
	holder=$! beside="${beside:-} $!"
	wait_for 120 eval 'held=$(pgrep -P $holder) && [ -n "$held" ] && [ "$(readlink /proc/$held/ns/uts)" != "$(readlink /proc/self/ns/uts)" ]'
	held=$(pgrep -P $holder)
	for word in ipc uts net pid; do
		config --arg p "/proc/$held/ns/$word" --arg t "${word/#net/network}" '(.linux.namespaces[] | select(.type == $t)).path = $p'
	done
	config 'del(.hostname)'
	counter
	checkpoint
	for time in first second; do
		n=$(count)
		restore
		goes_on "$n"
		for word in ipc uts net pid; do
			is "$(readlink "/proc/$(pid_of)/ns/$word")" "$(readlink "/proc/$held/ns/$word")"
		done
		end
	done
	kill "$held"
}

# other ARG... - the other runtime, with a state directory of its own.
other() {
	runc --root "$BATS_TEST_TMPDIR/runc" "$@"
}

other_end() {
	other kill "$ID" KILL
	wait_for 120 eval '[ "$(other state "$ID" | jq -r .status)" = stopped ]'
	other delete "$ID"
}

@test "images that runc made, restored by hull" {
	command -v runc || skip "there is no runc here"
	mkdir source
	echo text >source/file
	config '.mounts += [{destination: "/mnt", type: "bind", source: "source", options: ["bind", "ro"]}]'
	shell 'i=0; while :; do i=$((i + 1)); (echo $i >/tmp/n); sleep 0.1; done'
	other run --detach "$ID" </dev/null >/dev/null 2>&1 3>&-
	wait_for 120 test -s rootfs/tmp/n
	other checkpoint --image-path "$IMAGES" "$ID"
	# On cgroup v1 runc leaves writable what the config has read-only.
	if [ ! -e "$CGROUPS/cgroup.controllers" ]; then
		run restore
		is "$status" 1
		has "$output" "the images have /sys/fs/cgroup without ro"
		config 'del(.mounts[] | select(.destination == "/sys/fs/cgroup").options[] | select(. == "ro"))'
	fi
	for time in first second; do
		n=$(count)
		restore
		goes_on "$n"
		is "$(hull exec "$ID" cat /mnt/file)" text
		# Its masks are binds of /dev/null that could be changed.
		awk '$5 == "/proc/kcore" { print $6 }' "/proc/$(pid_of)/mountinfo" | grep -qE '^ro(,|$)'
		end
	done
}

@test "images that hull made, restored by runc" {
	command -v runc || skip "there is no runc here"
	mkdir source
	echo text >source/file
	config '.mounts += [{destination: "/mnt", type: "bind", source: "source", options: ["bind", "ro"]}]'
	# The host's /dev/null is outside of the container for hull, and a name that runc does not know.
	shell 'exec </dev/null >/dev/null 2>&1; i=0; while :; do i=$((i + 1)); (echo $i >/tmp/n); sleep 0.1; done'
	start
	wait_for 120 test -s rootfs/tmp/n
	checkpoint
	for time in first second; do
		n=$(count)
		other restore --detach --image-path "$IMAGES" "$ID" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/err2" 3>&- ||
			{ cat "$BATS_TEST_TMPDIR/err2"; false; }
		goes_on "$n"
		is "$(other exec "$ID" cat /mnt/file)" text
		other_end
	done
}
