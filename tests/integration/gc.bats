#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# gc: removes what killed runtimes left, and nothing that lives, waits for its delete or is not hull's.

load helpers

extra_setup() {
	is_hull || skip "a command of hull alone"
}

# gc [OPTION...] - what it found, as "ID REASON REMOVED" lines.
gc() {
	hull gc --format json "$@" | jq -r '.[] | "\(.id) \(.reason) \(.removed)"'
}

# A create that is killed by its own createRuntime hook: the cgroup is there, init is not on record.
create_killed() {
	args sleep 1000
	config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "kill -9 $PPID"]}]'
	run create
	[ "$status" -ne 0 ]
	config 'del(.hooks)'
}

# killed_at CALL COMMAND... - hull COMMAND, killed at its first such system call.
killed_at() {
	local call=$1
	shift
	command -v strace >/dev/null || skip "no strace"
	strace -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=1" "$HULL" --root "$STATE" "$@" \
		</dev/null >/dev/null 2>&1 3>&- && return 1
	return 0
}

stopped() {
	args true
	create
	hull start "$ID"
	wait_for 30 is_status stopped
}

# The init of a killed runtime ends by itself.
settled() {
	wait_for 30 eval '! grep -qs . "$(cgroup_dir)/cgroup.procs"'
}

@test "nothing to collect: a table without a line, an empty array, also without a state root" {
	run -0 hull gc
	is "$output" ""
	run -0 hull gc --format json
	is "$output" "[]"
	[ ! -e "$STATE" ]
	run -0 hull gc --dry-run
	is "$output" ""
}

@test "a create that was killed: shown by --dry-run, then removed with its cgroup" {
	before=$(snapshot)
	create_killed
	settled
	[ -d "$(cgroup_dir)" ]
	with=$(snapshot)
	is "$(gc --dry-run)" "$ID create false"
	is "$(snapshot)" "$with"
	run -0 hull gc
	has "$output" "ID "
	has "$output" "$ID"
	has "$output" " create "
	has "$output" " removed "
	has "$output" "$CGROUP"
	is "$(snapshot)" "$before"
	is "$(gc)" ""
}

@test "a create that was killed when init was on record, but not released" {
	before=$(snapshot)
	args sleep 1000
	killed_at linkat,rename create --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
	settled
	is "$(status_of)" stopped
	is "$(gc --dry-run)" "$ID unfinished false"
	is "$(gc)" "$ID unfinished true"
	is "$(snapshot)" "$before"
}

@test "a delete that was killed" {
	before=$(snapshot)
	stopped
	killed_at unlinkat delete "$ID"
	is "$(gc --dry-run)" "$ID unfinished false"
	is "$(gc)" "$ID unfinished true"
	is "$(snapshot)" "$before"
}

@test "a run in the foreground that was killed: its container is left until it has ended" {
	before=$(snapshot)
	args sleep 1000
	"$HULL" --root "$STATE" run "$ID" </dev/null >/dev/null 2>&1 3>&- &
	runtime=$!
	wait_for 30 is_status running
	kill -9 "$runtime"
	wait "$runtime" || :
	is "$(gc)" ""
	is "$(status_of)" running
	kill -9 "$(pid_of)"
	wait_for 30 is_status stopped
	is "$(gc)" "$ID unfinished true"
	is "$(snapshot)" "$before"
}

@test "a container of an earlier boot: its state goes, a cgroup that has its name by now stays" {
	stopped
	jq '.bootId = "00000000-0000-4000-8000-000000000000"' "$STATE/$ID/record.json" >record && cat record >"$STATE/$ID/record.json"
	is "$(gc --dry-run)" "$ID reboot false"
	is "$(gc)" "$ID reboot true"
	[ ! -e "$STATE/$ID" ]
	[ -d "$(cgroup_dir)" ]
}

@test "state directories of hull without a record go; those of others stay" {
	mkdir -p "$STATE/foreign-empty" "$STATE/runc/sub" "$STATE/sticky-foreign" "$STATE/left" "$STATE/left2/notify"
	echo '{}' >"$STATE/runc/state.json"
	echo '{"id": "other"}' >"$STATE/file"
	ln -s "$STATE/left" "$STATE/link"
	chmod 1700 "$STATE/sticky-foreign" "$STATE/left" "$STATE/left2"
	: >"$STATE/sticky-foreign/data"
	: >"$STATE/left/.record.json.123"
	is "$(gc --dry-run | sort | xargs)" "left directory false left2 directory false"
	is "$(gc | sort | xargs)" "left directory true left2 directory true"
	is "$(ls -A "$STATE" | xargs)" "file foreign-empty link runc sticky-foreign"
	[ -e "$STATE/runc/state.json" ] && [ -e "$STATE/sticky-foreign/data" ]
}

@test "what lives or only waits for its delete stays: created, running, paused, stopped" {
	created
	is "$(gc)" ""
	is "$(status_of)" created
	hull start "$ID"
	is "$(gc)" ""
	hull pause "$ID"
	is "$(gc)" ""
	is "$(status_of)" paused
	hull resume "$ID"
	kill -9 "$(pid_of)"
	wait_for 30 is_status stopped
	is "$(gc)" ""
	is "$(status_of)" stopped
	hull delete "$ID"
}

@test "what another command works on, or what belongs to somebody else, stays" {
	create_killed
	settled
	exec 8<"$STATE/$ID"
	flock -n 8
	is "$(gc)" ""
	exec 8<&-
	chown 4711 "$STATE/$ID"
	is "$(gc)" ""
	chown 0 "$STATE/$ID"
	jq '.owner = 4711' "$STATE/$ID/record.json" >record && cat record >"$STATE/$ID/record.json"
	is "$(gc)" ""
	jq '.owner = 0' "$STATE/$ID/record.json" >record && cat record >"$STATE/$ID/record.json"
	is "$(gc)" "$ID create true"
}

@test "what cannot be removed is said, and the rest is removed" {
	create_killed
	settled
	mkdir "$STATE/aaa"
	chmod 1700 "$STATE/aaa"
	jq '.id = "aaa" | .cgroupDriver = "fs9"' "$STATE/$ID/record.json" >"$STATE/aaa/record.json"
	run hull gc
	is "$status" 1
	has "$output" "aaa"
	has "$output" " failed "
	has "$output" "hull: gc: aaa: there is no cgroup driver fs9"
	[ ! -e "$STATE/$ID" ]
	[ -e "$STATE/aaa" ]
	run hull gc --format json
	is "$status" 1
	is "$(grep '^\[' <<<"$output" | jq -r '.[].error')" "there is no cgroup driver fs9"
	rm -r "$STATE/aaa"
}

@test "gc and a create that begins meanwhile: never the same directory" {
	args true
	for i in 1 2 3 4 5; do
		hull gc >/dev/null 3>&- &
		collector=$!
		create
		wait "$collector"
		hull start "$ID"
		wait_for 30 is_status stopped
		hull gc >/dev/null
		hull delete "$ID"
	done
}

@test "acting commands refuse what another user has in the state root; state and list show it" {
	running
	chown 4711 "$STATE/$ID"
	for command in "delete" "delete --force" "kill" "pause" "update --pids-limit 5"; do
		# shellcheck disable=SC2086
		run hull $command "$ID"
		is "$status" 1
		has "$output" "cannot act on container $ID: its state directory belongs to another user"
	done
	run hull exec "$ID" true
	[ "$status" -ne 0 ]
	has "$output" "belongs to another user"
	run hull start "$ID"
	is "$status" 1
	has "$output" "belongs to another user"
	is "$(status_of)" running
	is "$(hull list -q)" "$ID"
	chown 0 "$STATE/$ID"
	hull delete --force "$ID"
}

# inside_pids COMMAND... - in a pid namespace of its own.
inside_pids() {
	unshare -p -f -m --mount-proc --kill-child "$@"
}

@test "from another pid namespace delete does not believe that the process is gone; --force takes the cgroup" {
	running
	pid=$(pid_of)
	for command in "delete" "state" "kill" "pause"; do
		run inside_pids "$HULL" --root "$STATE" $command "$ID"
		is "$status" 1
		has "$output" "cannot tell whether container $ID runs: it was created in another pid namespace"
	done
	run -0 inside_pids "$HULL" --root "$STATE" gc
	is "$output" ""
	is "$(status_of)" running
	is "$(pid_of)" "$pid"
	kill -9 "$pid"
	wait_for 30 is_status stopped
	# Also when it has: from there it is not to be seen.
	run inside_pids "$HULL" --root "$STATE" delete "$ID"
	is "$status" 1
	run -0 inside_pids "$HULL" --root "$STATE" delete --force "$ID"
	[ ! -e "$STATE/$ID" ]
	[ ! -e "$(cgroup_dir)" ]
}

extra_teardown() {
	if [ -d "$STATE.other" ]; then other delete --force "$ID" || :; fi
}

# freeze 0|1 - the container's cgroup.
freeze() {
	if [ -e "$CGROUPS/freezer$CGROUP/freezer.state" ]; then
		[ "$1" = 1 ] && echo FROZEN >"$CGROUPS/freezer$CGROUP/freezer.state" || echo THAWED >"$CGROUPS/freezer$CGROUP/freezer.state"
	else
		echo "$1" >"$(cgroup_dir)/cgroup.freeze"
		wait_for 30 grep -qx "frozen $1" "$(cgroup_dir)/cgroup.events"
	fi
}

# other ARG... - the runtime, with another state root.
other() {
	"$HULL" --root "$STATE.other" "$@"
}

# The other root's container of the same id, in the same cgroup.
other_runs() {
	args sleep 1000
	other run --detach "$ID" </dev/null >/dev/null 2>&1 3>&-
}

# Nothing of the other root's container was touched; deleted, it leaves nothing.
other_is_whole() {
	is "$(other state "$ID" | jq -r .status)" running
	is "$(other ps --format json "$ID" | jq length)" 1
	other delete --force "$ID"
	is "$(snapshot)" "$before"
}

@test "two state roots, one cgroup: a killed create of the one, a container of the other" {
	before=$(snapshot)
	create_killed
	settled
	other_runs
	is "$(gc)" "$ID create true"
	[ ! -e "$STATE/$ID" ]
	other_is_whole
}

@test "two state roots, one cgroup: delete --force of a killed create, whose directories somebody removed" {
	before=$(snapshot)
	create_killed
	settled
	cgroup_kill "$CGROUP"
	other_runs
	hull delete --force "$ID"
	other_is_whole
}

@test "two state roots, one cgroup: a stopped container of the one, with the host's processes" {
	before=$(snapshot)
	config 'del(.linux.namespaces[] | select(.type == "pid")) | .mounts |= map(select(.type != "proc"))'
	stopped
	other_runs
	hull delete "$ID"
	other_is_whole
}

@test "two state roots, one cgroup that was there before: each container ends its own processes" {
	cgroup_make
	before=$(snapshot)
	config 'del(.linux.namespaces[] | select(.type == "pid")) | .mounts |= map(select(.type != "proc"))'
	stopped
	other_runs
	hull delete --force "$ID"
	other_is_whole
}

@test "two state roots, one cgroup: what hull made for a stopped container is made anew, what was there before stays" {
	local dir
	dir=$(cgroup_dir memory)
	mkdir -p "$dir"
	before=$(snapshot)
	stopped
	inode=$(stat -c %i "$(marked)")
	other_runs
	[ "$(marked)" = "$dir" ] || [ "$(stat -c %i "$(marked)")" != "$inode" ]
	hull delete "$ID"
	other_is_whole
	rmdir "$dir"
}

@test "two state roots, one cgroup: what a stopped container left frozen is refused, and stays" {
	stopped
	freeze 1
	other_fails=0
	args true
	other run "$ID" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/said" 3>&- || other_fails=$?
	freeze 0
	[ $other_fails -ne 0 ]
	grep -q "container's cgroup unexpectedly frozen" "$BATS_TEST_TMPDIR/said"
	[ -d "$(cgroup_dir)" ]
	hull delete "$ID"
}

@test "two state roots, one cgroup: a record that was unfinished when another made the directory" {
	before=$(snapshot)
	stopped
	chmod +t "$STATE/$ID"
	cgroup_kill "$CGROUP"
	other_runs
	is "$(gc)" "$ID unfinished true"
	other_is_whole
}

@test "a cgroup that somebody made where the container's was is not removed, nor are its processes ended" {
	stopped
	cgroup_kill "$CGROUP"
	cgroup_make
	sleep 1000 3>&- &
	sleeper=$!
	echo $sleeper >"$(cgroup_dir)/cgroup.procs"
	hull delete --force "$ID"
	kill -0 $sleeper
	[ -d "$(cgroup_dir)" ]
	kill -9 $sleeper
}

# Processes that the end of the first one does not end.
some_of_the_host() {
	config 'del(.linux.namespaces[] | select(.type == "pid")) | .mounts |= map(select(.type != "proc"))'
	shell 'sleep 1000 & sleep 1000'
	create
	hull start "$ID"
	wait_for 30 eval '[ "$(wc -l <"$(cgroup_dir)/cgroup.procs")" -ge 2 ]'
}

# Where the mark is.
marked() {
	local dir=$CGROUPS/unified$CGROUP
	[ -d "$dir" ] || dir=$CGROUPS$CGROUP
	[ -d "$dir" ] || dir=$CGROUPS/pids$CGROUP
	echo "$dir"
}

# The mark, which is then removed.
take_mark() {
	python3 -c 'import os, sys; print(os.getxattr(sys.argv[1], "trusted.hull").decode()); os.removexattr(sys.argv[1], "trusted.hull")' \
		"$(marked)"
}

@test "a directory without a mark, and a record that knows of none, are the container's: made by a hull before" {
	before=$(snapshot)
	running
	take_mark
	jq 'del(.cgroupOwner, .cgroupInode)' "$STATE/$ID/record.json" >record && cat record >"$STATE/$ID/record.json"
	rm record
	hull delete --force "$ID"
	is "$(snapshot)" "$before"
}

@test "whoever removes the mark does not save the container's processes" {
	before=$(snapshot)
	some_of_the_host
	is "$(take_mark)" "$(jq -r '"\(.cgroupMade) \(.cgroupOwner)"' "$STATE/$ID/record.json")"
	hull delete --force "$ID"
	is "$(snapshot)" "$before"
}

@test "whoever writes another container's name as a user does not save the container's processes" {
	before=$(snapshot)
	some_of_the_host
	take_mark
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.hull", b"1 0123456789abcdef0123456789abcdef")' "$(marked)" ||
		skip "no user attributes on cgroup v1 alone"
	hull delete --force "$ID"
	is "$(snapshot)" "$before"
}

@test "who lacks CAP_SYS_ADMIN, and sees no mark, deletes the whole container" {
	before=$(snapshot)
	some_of_the_host
	setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$HULL" --root "$STATE" delete --force "$ID"
	is "$(snapshot)" "$before"
}

@test "a state root whose inodes do not keep their numbers: an overlay" {
	mkdir -p "$STATE" upper
	mount -t tmpfs upper upper || skip "cannot mount a tmpfs"
	mkdir upper/upper upper/work "$BATS_TEST_TMPDIR/lower"
	# Not on one file system, and without room in the numbers for which one it is.
	mount -t overlay -o "xino=off,lowerdir=$BATS_TEST_TMPDIR/lower,upperdir=$BUNDLE/upper/upper,workdir=$BUNDLE/upper/work" overlay "$STATE" ||
		skip "cannot mount an overlay"
	some_of_the_host
	# Which forgets the inodes.  By way of fsconfig(2), as newer tools do it, overlayfs refuses the options that it has.
	LIBMOUNT_FORCE_MOUNT2=always mount -o remount "$STATE" || skip "cannot remount an overlay"
	hull delete --force "$ID"
	[ ! -e "$(cgroup_dir)" ]
}
