#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Global options, the log, help, and how errors reach a caller.

load helpers

@test "an error goes to stderr and to the log" {
	run hull --log "$LOG" --log-format json state nobody
	is "$status" 1
	has "$output" "container does not exist"
	one_line "$output"
	is "$(wc -l <"$LOG")" 1
	jq -e '.level == "error" and (.msg | contains("container does not exist"))' "$LOG"
	jq -e '.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$")' "$LOG"
}

@test "the message in the log is the one on stderr" {
	hull_only
	run hull --log "$LOG" --log-format json state nobody
	has "$output" "$(jq -r .msg "$LOG")"
	run hull --log "$LOG.2" create nobody -b /nowhere
	has "$output" "$(sed 's/.* msg="//; s/"$//; s/\\"/"/g' "$LOG.2")" || has "$(cat "$LOG.2")" "no such file or directory"
}

@test "the text log has the time, the level and the message" {
	run hull --log "$LOG" state nobody
	is "$status" 1
	[[ $(cat "$LOG") =~ ^time=\"[0-9]{4}-[0-9-]+T[0-9:.]+(Z|[+-][0-9:]+)\"\ level=error\ msg=\".*container\ does\ not\ exist.*\"$ ]]
	run hull --log "$LOG" --log-format text state nobody
	is "$(wc -l <"$LOG")" 2
}

@test "the log is appended to, one object a call" {
	for i in 1 2 3; do
		run hull --log "$LOG" --log-format json state "nobody-$i"
	done
	is "$(jq -s length "$LOG")" 3
	is "$(stat -c %a "$LOG")" 644
}

@test "a success writes nothing to the log" {
	args true
	run hull --log "$LOG" --log-format json run "$ID"
	is "$status" 0
	is "$output" ""
	[ ! -s "$LOG" ]
}

@test "messages with quotes, newlines and strange bytes are valid JSON on one line" {
	config '.process.args = ["no \"such\"\n\tthing\\ \u0001 ä"]'
	run hull --log "$LOG" --log-format json create "$ID" </dev/null
	is "$status" 1
	is "$(wc -l <"$LOG")" 1
	jq -e .msg "$LOG"
	! is_hull || one_line "$output"
	printf '%s' "$output" >out
	! grep -q $'[\x01\x1b]' out
}

@test "--log file:" {
	hull_only
	run hull --log "file:$LOG" state nobody
	grep -q "does not exist" "$LOG"
}

@test "--log journald: and syslog: without a daemon do not lose the error" {
	hull_only
	for to in journald:x syslog:x; do
		run hull --log "$to" state nobody
		is "$status" 1
		has "$output" "container does not exist"
	done
}

@test "a log that cannot be written is an error that says so" {
	run hull --log /no/such/dir/log state nobody
	is "$status" 1
	has "$output" "no such file or directory"
}

@test "a relative log belongs to the caller's directory, not to the bundle" {
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here"
	args /no/such
	run hull --log relative create -b "$BUNDLE" "$ID" </dev/null
	is "$status" 1
	grep -q "no such file" relative
	[ ! -e "$BUNDLE/relative" ]
}

@test "the last --log and --log-format win, as a wrapper of an engine needs" {
	run hull --log "$LOG.1" --log-format text --log "$LOG.2" --log-format json state nobody
	[ ! -s "$LOG.1" ]
	jq -e .msg "$LOG.2"
}

@test "an unknown log format is an error" {
	run hull --log-format yaml state nobody
	is "$status" 1
	has "$output" "yaml"
}

@test "--debug tells more, and not on stdout" {
	args true
	run --separate-stderr hull --debug run "$ID"
	is "$status" 0
	is "$output" ""
	[ -n "$stderr" ]
	run hull --debug --log "$LOG" --log-format json run "$ID"
	is "$output" ""
	jq -es 'map(select(.level == "debug")) | length > 3' "$LOG"
	jq -es 'map(.time | test("^20")) | all' "$LOG"
}

@test "--debug shows each step of init with its time" {
	hull_only
	args true
	hull --debug --log "$LOG" --log-format json run "$ID"
	for step in mounts devices pivot find-executable; do
		grep -q "$step" "$LOG" || { echo "no $step"; false; }
	done
}

@test "--log-level" {
	hull_only
	args true
	for level in error warning debug; do
		hull --log-level "$level" --log "$LOG.$level" run "$ID"
	done
	[ ! -s "$LOG.error" ]
	[ -s "$LOG.debug" ]
	run hull --log-level loud run "$ID"
	is "$status" 1
}

@test "--root is made when it is missing, and relative to the caller" {
	args sleep 1000
	cd "$BATS_TEST_TMPDIR"
	"$HULL" --root deep/er/root create -b bundle "$ID" </dev/null >/dev/null 2>&1 3>&-
	[ -d deep/er/root ]
	cd /
	is "$("$HULL" --root "$BATS_TEST_TMPDIR/deep/er/root" state "$ID" | jq -r .status)" created
	"$HULL" --root="$BATS_TEST_TMPDIR/deep/er/root" delete --force "$ID"
}

@test "--root in every spelling; the last wins" {
	running
	for how in "--root $STATE" "--root=$STATE" "-root $STATE" "-root=$STATE" "--root /nowhere --root $STATE"; do
		is "$("$HULL" $how state "$ID" | jq -r .status)" running
	done
}

@test "--root / is refused" {
	hull_only
	run "$HULL" --root / list
	[ "$status" -ne 0 ]
}

@test "two roots are two worlds" {
	running
	run "$HULL" --root "$STATE.other" state "$ID"
	is "$status" 1
	config --arg cg "$CGROUP/other" '.linux.cgroupsPath = $cg'
	"$HULL" --root "$STATE.other" create "$ID" </dev/null >/dev/null 2>&1 3>&-
	"$HULL" --root "$STATE.other" delete --force "$ID"
	is "$(status_of)" running
}

@test "a state root with a long path works" {
	STATE=$BATS_TEST_TMPDIR/$(printf 'a%.0s' {1..120})/$(printf 'b%.0s' {1..120})
	running
	is "$(status_of)" running
	hull delete --force "$ID"
}

@test "--rootless, --criu and --systemd-cgroup=false are accepted" {
	hull_only "others lack some of them"
	args true
	for how in --rootless=auto --rootless=true --rootless=false "--rootless auto" "--criu /bin/criu" --systemd-cgroup=false; do
		hull $how run "$ID"
	done
}

@test "state, kill and delete work whatever the driver options say" {
	running
	for how in --systemd-cgroup "--rootless true"; do
		is "$(hull $how state "$ID" | jq -r .status)" running
	done
	hull_only "runc looks at the option"
	hull --systemd-cgroup kill "$ID" KILL
	wait_for 30 is_status stopped
	hull --cgroup-manager systemd delete --force "$ID"
	[ ! -d "$(cgroup_dir)" ]
}

@test "--cgroup-manager cgroupfs and disabled; the later of it and --systemd-cgroup counts" {
	hull_only
	args cat /proc/self/cgroup
	run hull --cgroup-manager cgroupfs run "$ID"
	has "$output" "$CGROUP" || has "$output" ":/"
	run hull --systemd-cgroup --cgroup-manager=cgroupfs run "$ID"
	is "$status" 0
	config '.linux.namespaces |= map(select(.type != "cgroup")) | del(.linux.resources)'
	run hull --cgroup-manager disabled run "$ID"
	is "$status" 0
	is "$(sort <<<"$output")" "$(sort /proc/self/cgroup)"
	run hull --cgroup-manager nonsense run "$ID"
	is "$status" 1
}

@test "the systemd driver where there is no systemd" {
	hull_only
	[ ! -S /run/systemd/private ] || skip "systemd runs here"
	config '.linux.cgroupsPath = "system.slice:hull:x"'
	args true
	unchanged hull --systemd-cgroup create "$ID" </dev/null
	is "$status" 1
	one_line "$output"
	has "$output" "cannot connect to systemd"
}

@test "paths that are none of systemd's" {
	hull_only
	args true
	for path in /a/b a:b a:b:c:d x.slice:y: no-slice:a:b a--b.slice:a:b -a.slice:a:b x.slice:a/b:c; do
		config --arg p "$path" '.linux.cgroupsPath = $p'
		unchanged hull --systemd-cgroup create "$ID" </dev/null
		is "$status" 1
		one_line "$output"
		has "$output" "config.json:/linux/cgroupsPath"
	done
}

@test "unknown options, commands and missing values are usage errors" {
	run hull --no-such-option list
	[ "$status" -ne 0 ] && [ "$status" -lt 126 ]
	has "$output" "no-such-option"
	run hull no-such-command
	[ "$status" -ne 0 ] && [ "$status" -lt 126 ]
	has "$output" "no-such-command"
	run hull list --no-such
	[ "$status" -ne 0 ] && [ "$status" -lt 126 ]
	run hull list --format
	[ "$status" -ne 0 ] && [ "$status" -lt 126 ]
	has "$output" "flag needs an argument"
	run "$HULL" --root
	[ "$status" -ne 0 ]
	run hull create --preserve-fds x "$ID"
	[ "$status" -ne 0 ]
	run hull list --quiet=maybe
	[ "$status" -ne 0 ]
}

@test "--help and COMMAND --help" {
	run "$HULL" --help
	is "$status" 0
	for command in create start run state kill delete list spec; do
		has "$output" "$command"
	done
	run "$HULL" -h
	is "$status" 0
	for command in create start run state kill delete list spec features; do
		for how in --help -h; do
			run "$HULL" "$command" "$how"
			is "$status" 0
			has "$output" "$command"
		done
	done
	[ ! -e "$STATE" ]
}

@test "help works without a terminal, a home or an environment" {
	run env -i "$HULL" --help
	is "$status" 0
}

@test "the default root follows XDG_RUNTIME_DIR only when it says something" {
	run env -i XDG_RUNTIME_DIR= "$HULL" state no-such-container-here
	is "$status" 1
	has "$output" "does not exist"
}
