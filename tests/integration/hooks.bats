#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# hooks: all six kinds: what they are told, where they run, in which order, and what their failure does.

load helpers

# hook KIND SCRIPT [FILTER] - one more hook of that kind, a shell script of the host.
hook() {
	config --arg s "$2" ".hooks.$1 += [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \$s]} | ${3:-.}]"
}

kinds="prestart createRuntime createContainer startContainer poststart poststop"
marks=$'prestart\ncreateRuntime\ncreateContainer\nstartContainer\nprogram\npoststart\npoststop'

@test "hooks of all kinds run in the order of the spec" {
	hull_only
	for k in $kinds; do
		[ $k = startContainer ] && continue
		hook $k "echo $k >>$BATS_TEST_TMPDIR/marks"
	done
	# Inside, the same file is a bind mount.
	touch "$BATS_TEST_TMPDIR/marks"
	config --arg f "$BATS_TEST_TMPDIR/marks" '.mounts += [{destination: "/marks", source: $f, options: ["bind"]}]'
	hook startContainer "echo startContainer >>/marks"
	shell 'echo program >>/marks; sleep 1000'
	create
	is "$(cat "$BATS_TEST_TMPDIR/marks")" $'prestart\ncreateRuntime\ncreateContainer'
	hull start "$ID"
	wait_for 30 grep -q program "$BATS_TEST_TMPDIR/marks"
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	hull delete "$ID"
	is "$(sort "$BATS_TEST_TMPDIR/marks")" "$(sort <<<"$marks")"
	is "$(tail -n 1 "$BATS_TEST_TMPDIR/marks")" poststop
	is "$(sed -n 4p "$BATS_TEST_TMPDIR/marks")" startContainer
}

@test "hooks of one kind run in the order of the array (hook-08)" {
	hook createRuntime "echo 1 >>$BATS_TEST_TMPDIR/marks"
	hook createRuntime "echo 2 >>$BATS_TEST_TMPDIR/marks"
	hook createRuntime "echo 3 >>$BATS_TEST_TMPDIR/marks"
	created
	is "$(cat "$BATS_TEST_TMPDIR/marks")" $'1\n2\n3'
}

@test "a hook is told the state on its stdin (hook-09)" {
	hull_only
	config '.annotations = {"a.b": "c"}'
	for k in prestart createRuntime createContainer poststart poststop; do
		hook $k "cat >$BATS_TEST_TMPDIR/state.$k"
	done
	running
	pid=$(pid_of)
	for k in prestart createRuntime; do
		is "$(jq -r .status "$BATS_TEST_TMPDIR/state.$k")" creating
		is "$(jq .pid "$BATS_TEST_TMPDIR/state.$k")" "$pid"
	done
	is "$(jq .pid "$BATS_TEST_TMPDIR/state.createContainer")" 1
	is "$(jq -r .status "$BATS_TEST_TMPDIR/state.poststart")" running
	is "$(jq .pid "$BATS_TEST_TMPDIR/state.poststart")" "$pid"
	is "$(jq -r .bundle "$BATS_TEST_TMPDIR/state.createContainer")" "$BUNDLE"
	is "$(jq -r .id "$BATS_TEST_TMPDIR/state.poststart")" "$ID"
	is "$(jq -r '.annotations."a.b"' "$BATS_TEST_TMPDIR/state.prestart")" c
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	hull delete "$ID"
	is "$(jq -r .status "$BATS_TEST_TMPDIR/state.poststop")" stopped
}

@test "namespaces of the hooks: the runtime's, the container's" {
	hull_only
	for k in prestart createRuntime createContainer poststart; do
		hook $k "readlink /proc/self/ns/uts >$BATS_TEST_TMPDIR/ns.$k"
	done
	running
	own=$(readlink /proc/self/ns/uts)
	container=$(readlink "/proc/$(pid_of)/ns/uts")
	[ "$own" != "$container" ]
	is "$(cat "$BATS_TEST_TMPDIR/ns.prestart")" "$own"
	is "$(cat "$BATS_TEST_TMPDIR/ns.createRuntime")" "$own"
	is "$(cat "$BATS_TEST_TMPDIR/ns.createContainer")" "$container"
	is "$(cat "$BATS_TEST_TMPDIR/ns.poststart")" "$own"
}

@test "host hooks start in the bundle, startContainer in /" {
	hull_only
	for k in prestart createRuntime createContainer poststart poststop; do
		hook $k "pwd >$BATS_TEST_TMPDIR/cwd.$k"
	done
	touch "$BATS_TEST_TMPDIR/cwd"
	config --arg f "$BATS_TEST_TMPDIR/cwd" '.mounts += [{destination: "/mark", source: $f, options: ["bind"]}] | .process.cwd = "/tmp"'
	hook startContainer "pwd >/mark"
	running
	cd /
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	hull delete "$ID"
	for k in prestart createRuntime createContainer poststart poststop; do
		is "$(cat "$BATS_TEST_TMPDIR/cwd.$k")" "$BUNDLE"
	done
	is "$(cat "$BATS_TEST_TMPDIR/cwd")" /
}

@test "hooks have the caller's umask" {
	hull_only
	for k in prestart createRuntime createContainer poststart; do
		hook $k "umask >$BATS_TEST_TMPDIR/umask.$k"
	done
	umask 0027
	running
	for k in prestart createRuntime createContainer poststart; do
		is "$(cat "$BATS_TEST_TMPDIR/umask.$k")" 0027
	done
}

@test "a hook's env is exactly its list (hook-05)" {
	hook createRuntime "/usr/bin/env >$BATS_TEST_TMPDIR/env" '.env = ["ONLY=this"]'
	created
	# The shell adds PWD, SHLVL and _ of its own.
	is "$(grep -v -e ^PWD= -e ^SHLVL= -e ^_= "$BATS_TEST_TMPDIR/env")" ONLY=this
}

@test "a failed createRuntime hook: create fails, names it, leaves nothing, runs poststop (life-09)" {
	hull_only
	hook createRuntime "echo out; echo the reason >&2; exit 3"
	hook poststop "echo poststop >>$BATS_TEST_TMPDIR/marks"
	args true
	unchanged hull create "$ID"
	is "$status" 1
	has "$output" "config.json:/hooks/createRuntime/0"
	has "$output" "error running createRuntime hook #0: /bin/sh: exit status 3"
	has "$output" "the reason"
	one_line "$output"
	is "$(cat "$BATS_TEST_TMPDIR/marks")" poststop
}

@test "a failed prestart hook (life-07)" {
	hook prestart "exit 1"
	hook prestart "touch $BATS_TEST_TMPDIR/second"
	args true
	unchanged hull create "$ID"
	is "$status" 1
	[ ! -e "$BATS_TEST_TMPDIR/second" ]
}

@test "a failed createContainer hook (life-11)" {
	hull_only
	hook createContainer "kill -9 \$\$"
	args true
	unchanged hull create "$ID"
	is "$status" 1
	has "$output" "createContainer hook #0: /bin/sh: killed by signal 9"
}

@test "a failed startContainer hook: start fails, the container is destroyed, poststop runs (life-13)" {
	hull_only
	hook startContainer "exit 7"
	hook poststop "echo poststop >>$BATS_TEST_TMPDIR/marks"
	shell 'touch /tmp/ran'
	create
	run hull start "$ID"
	is "$status" 1
	has "$output" "config.json:/hooks/startContainer/0 (line "
	has "$output" "startContainer hook #0: /bin/sh: exit status 7"
	run hull state "$ID"
	is "$status" 1
	is "$(cat "$BATS_TEST_TMPDIR/marks")" poststop
	[ ! -e rootfs/tmp/ran ]
}

@test "a failed poststart hook: the program is stopped, the container destroyed (life-16)" {
	hull_only
	hook poststart "exit 7"
	hook poststop "echo poststop >>$BATS_TEST_TMPDIR/marks"
	args sleep 1000
	create
	pid=$(pid_of)
	run hull start "$ID"
	is "$status" 1
	has "$output" "config.json:/hooks/poststart/0 (line "
	has "$output" "poststart hook #0"
	wait_for 30 gone "$pid"
	run hull state "$ID"
	is "$status" 1
	is "$(cat "$BATS_TEST_TMPDIR/marks")" poststop
}

@test "a failed poststop hook is a warning: the rest run, delete succeeds (life-20)" {
	hull_only
	hook poststop "exit 1"
	hook poststop "echo second >>$BATS_TEST_TMPDIR/marks"
	args true
	create
	hull start "$ID"
	wait_for 30 is_status stopped
	"$HULL" --root "$STATE" --log "$LOG" --log-level warning delete "$ID"
	has "$(cat "$LOG")" "poststop hook #0"
	is "$(cat "$BATS_TEST_TMPDIR/marks")" second
}

@test "a hook that hangs is killed at its timeout (hook-06)" {
	hull_only
	hook createRuntime "sleep 1000" '.timeout = 1'
	args true
	unchanged hull create "$ID"
	is "$status" 1
	has "$output" "timeout of 1 s"
}

@test "a hook that is not there" {
	config '.hooks.createRuntime = [{path: "/no/such/hook"}]'
	args true
	unchanged hull create "$ID"
	is "$status" 1
	has "$output" "no such file or directory"
}

@test "timeout 0 and a relative path are refused (hook-03, hook-07)" {
	hull_only
	hook createRuntime true '.timeout = 0'
	args true
	unchanged hull create "$ID"
	has "$output" "config.json:/hooks/createRuntime/0/timeout"
	config '.hooks.createRuntime = [{path: "true"}]'
	unchanged hull create "$ID"
	has "$output" "config.json:/hooks/createRuntime/0/path"
}

@test "a hook gets none of the caller's descriptors" {
	hook createRuntime "ls /proc/self/fd >$BATS_TEST_TMPDIR/fds"
	args sleep 1000
	exec 20</dev/null 21</dev/null
	create
	exec 20<&- 21<&-
	# 0, 1, 2 and the directory that ls reads
	is "$(wc -l <"$BATS_TEST_TMPDIR/fds")" 4
}

@test "a hook may ask for the state of its container" {
	hull_only
	hook createRuntime "$HULL --root $STATE state $ID >$BATS_TEST_TMPDIR/seen"
	created
	is "$(jq -r .status "$BATS_TEST_TMPDIR/seen")" creating
}

@test "where a hook's path leads: startContainer inside the container, the others on the host (hook-cct-01, hook-sct-01)" {
	hull_only
	printf '#!/bin/sh\nreadlink /proc/self/ns/mnt >>"$1"\n' >on-the-host
	printf '#!/bin/sh\ncat >>/marks/inside; readlink /proc/self/ns/mnt >>/marks/ns\n' >rootfs/only-inside
	chmod 755 on-the-host rootfs/only-inside
	config --arg b "$BUNDLE" --arg f "$BATS_TEST_TMPDIR" '.mounts += [{destination: "/marks", source: $f, options: ["bind"]}] |
		.hooks = {createContainer: [{path: "\($b)/on-the-host", args: ["x", "\($f)/outside"]}],
			startContainer: [{path: "/only-inside"}]}'
	running
	mnt=$(readlink "/proc/$(pid_of)/ns/mnt")
	is "$(cat "$BATS_TEST_TMPDIR/outside")" "$mnt"
	is "$(cat "$BATS_TEST_TMPDIR/ns")" "$mnt"
	is "$(jq -r '"\(.status) \(.pid) \(.bundle) \(.id)"' "$BATS_TEST_TMPDIR/inside")" "created 1 $BUNDLE $ID"
}

@test "args are the whole argv, and no PATH is searched (hook-04)" {
	printf '#!/bin/sh\necho "$0 $*" >%s\n' "$BATS_TEST_TMPDIR/argv" >hook
	chmod 755 hook
	config --arg b "$BUNDLE" '.hooks.createRuntime = [{path: "\($b)/hook", args: ["zero", "one"]}]'
	created
	is "$(cat "$BATS_TEST_TMPDIR/argv")" "$BUNDLE/hook one" # a script's interpreter is given the path
	hull delete --force "$ID"
	config '.hooks.createRuntime = [{path: "/bin/sh", args: ["own name", "-c", "tr \"\\\\000\" \"|\" </proc/$$/cmdline >argv"]}]'
	created
	has "$(cat argv)" "own name|-c|"
}

@test "the environment of a hook without env: the runtime's; none in createContainer; the process's in startContainer" {
	hull_only
	for k in prestart createRuntime createContainer poststart poststop; do
		hook $k "/usr/bin/env >$BATS_TEST_TMPDIR/env.$k"
	done
	config --arg f "$BATS_TEST_TMPDIR" '.mounts += [{destination: "/marks", source: $f, options: ["bind"]}] |
		.process.env += ["OF_THE_PROCESS=1"]'
	hook startContainer "env >/marks/env.startContainer"
	export OF_THE_CALLER=1
	running
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	hull delete "$ID"
	for k in prestart createRuntime poststart poststop; do
		grep -q '^OF_THE_CALLER=1' "$BATS_TEST_TMPDIR/env.$k"
		! grep -q OF_THE_PROCESS "$BATS_TEST_TMPDIR/env.$k" || false
	done
	is "$(grep -v -e ^PWD= -e ^SHLVL= -e ^_= "$BATS_TEST_TMPDIR/env.createContainer")" ""
	grep -q '^OF_THE_PROCESS=1' "$BATS_TEST_TMPDIR/env.startContainer"
	! grep -q OF_THE_CALLER "$BATS_TEST_TMPDIR/env.startContainer"
}

@test "the timeout counts for hooks of every kind, and for what they start" {
	hull_only
	for k in prestart createContainer; do
		config 'del(.hooks)'
		hook $k "sleep 1000 & echo last words; sleep 1000" '.timeout = 1'
		args true
		unchanged hull create "$ID"
		is "$status" 1
		has "$output" "error running $k hook #0: /bin/sh: killed after its timeout of 1 s: last words"
	done
	for k in startContainer poststart; do
		config 'del(.hooks)'
		hook $k "sleep 1000" '.timeout = 1'
		args sleep 1000
		create
		run hull start "$ID"
		is "$status" 1
		has "$output" "error running $k hook #0: /bin/sh: killed after its timeout of 1 s"
		run hull state "$ID"
		is "$status" 1
	done
	config 'del(.hooks)'
	hook poststop "sleep 1000" '.timeout = 1'
	args true
	hull run "$ID"
	run hull state "$ID"
	is "$status" 1
}

@test "the index of the hook that failed, and the last lines of a long output" {
	hull_only
	hook createContainer true
	hook createContainer "i=0; while [ \$i -lt 2000 ]; do i=\$((i + 1)); echo line \$i; done >&2; exit 4"
	args true
	unchanged hull create "$ID"
	is "$status" 1
	has "$output" "config.json:/hooks/createContainer/1"
	has "$output" "error running createContainer hook #1: /bin/sh: exit status 4"
	has "$output" "line 2000"
	one_line "$output"
}

# ---- files for their output ----

@test "run.oci.hooks.stdout and stderr: what the hooks of all kinds say is appended to files of the host" {
	hull_only
	files=$BATS_TEST_TMPDIR/files
	mkdir "$files"
	echo before >"$files/out"
	config --arg d "$files" '.annotations = {"run.oci.hooks.stdout": "\($d)/out", "run.oci.hooks.stderr": "\($d)/err"}'
	for k in $kinds; do
		hook $k "echo $k; echo $k >&2"
	done
	umask 0
	running
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	hull delete "$ID"
	is "$(cat "$files/out")" $'before\n'"$(printf '%s\n' $kinds)"
	is "$(cat "$files/err")" "$(printf '%s\n' $kinds)"
	is "$(stat -c %a "$files/err")" 600
}

@test "the error of a failed hook has the end of its stderr, though that went to a file" {
	hull_only
	echo "of somebody else" >"$BATS_TEST_TMPDIR/e"
	config --arg d "$BATS_TEST_TMPDIR" '.annotations = {"run.oci.hooks.stderr": "\($d)/e"}'
	hook createContainer "echo out; echo the reason >&2; exit 3"
	args true
	unchanged hull create "$ID"
	is "$status" 1
	has "$output" "createContainer hook #0: /bin/sh: exit status 3: out"
	hook createRuntime "echo the reason >&2; exit 3"
	unchanged hull create "$ID"
	has "$output" "createRuntime hook #0: /bin/sh: exit status 3: the reason"
	one_line "$output"
	is "$(cat "$BATS_TEST_TMPDIR/e")" $'of somebody else\nthe reason\nthe reason'
}

@test "hooks of all kinds can only append to the files for their output, not read them" {
	hull_only
	echo secret >"$BATS_TEST_TMPDIR/both"
	config --arg f "$BATS_TEST_TMPDIR/both" '.annotations = {"run.oci.hooks.stdout": $f, "run.oci.hooks.stderr": $f}'
	for k in $kinds; do
		# O_WRONLY | O_APPEND, without regard to O_NONBLOCK.
		hook $k 'for n in 1 2; do while read -r key value; do [ "$key" != flags: ] || echo "flags $value"; done </proc/self/fdinfo/$n; done'
	done
	running
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	hull delete "$ID"
	is "$(grep -c '^flags' "$BATS_TEST_TMPDIR/both")" 12
	is "$(grep '^flags' "$BATS_TEST_TMPDIR/both" | grep -cv '^flags 0[0-7]*[26]001$')" 0
}

@test "the files for the hooks' output: regular files by absolute paths, no links, no FIFOs" {
	hull_only
	args true
	hook createRuntime "echo x"
	ln -s "$BATS_TEST_TMPDIR/target" "$BATS_TEST_TMPDIR/link"
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	for file in link fifo none/file /dev/null /; do
		case $file in /*) path=$file ;; *) path=$BATS_TEST_TMPDIR/$file ;; esac
		config --arg f "$path" '.annotations = {"run.oci.hooks.stdout": $f}'
		unchanged hull create "$ID"
		is "$status" 1
		one_line "$output"
		has "$output" "config.json:/annotations/run.oci.hooks.stdout"
		has "$output" "cannot append to $path"
	done
	[ ! -e "$BATS_TEST_TMPDIR/target" ]
	# They are not even opened: that alone can do things, as here wake up a reader.
	cat "$BATS_TEST_TMPDIR/fifo" 3>&- &
	config --arg f "$BATS_TEST_TMPDIR/fifo" '.annotations = {"run.oci.hooks.stdout": $f}'
	sleep 0.2
	unchanged hull create "$ID"
	is "$status" 1
	sleep 0.2
	kill $!
	config '.annotations = {"run.oci.hooks.stderr": "file"}'
	refused /annotations/run.oci.hooks.stderr "must be an absolute path"
	# Nothing is made for a container without hooks.
	config --arg f "$BATS_TEST_TMPDIR/unused" 'del(.hooks) | .annotations = {"run.oci.hooks.stdout": $f}'
	hull run "$ID"
	[ ! -e "$BATS_TEST_TMPDIR/unused" ]
}

# ---- signals ----

# interrupted SIGNAL COMMAND... - runs it in the background, waits for the hook's mark, sends the signal; $status, $output.
interrupted() {
	local signal=$1 pid
	shift
	"$@" >"$BATS_TEST_TMPDIR/said" 2>&1 </dev/null 3>&- &
	pid=$!
	wait_for 10 test -s "$BATS_TEST_TMPDIR/hangs"
	kill -s "$signal" "$pid"
	status=0
	wait "$pid" || status=$?
	output=$(cat "$BATS_TEST_TMPDIR/said")
	hook_pid=$(cat "$BATS_TEST_TMPDIR/hangs")
}

# hanging KIND - a hook that says that it hangs, and does; a poststop hook, which must run all the same.
hanging() {
	touch "$BATS_TEST_TMPDIR/hangs"
	config --arg f "$BATS_TEST_TMPDIR" '.mounts += [{destination: "/marks", source: $f, options: ["bind"]}]'
	if [ "$1" = startContainer ]; then
		hook "$1" "echo \$\$ >/marks/hangs; exec sleep 1000"
	else
		hook "$1" "echo \$\$ >$BATS_TEST_TMPDIR/hangs; exec sleep 1000"
	fi
	hook poststop "echo poststop >>$BATS_TEST_TMPDIR/marks"
	args sleep 1000
}

@test "a signal to create while a hook hangs ends the hook, and all is undone" {
	hull_only
	for kind in createRuntime createContainer; do
		config 'del(.hooks)'
		rm -f "$BATS_TEST_TMPDIR/marks"
		hanging $kind
		for signal in TERM INT; do
			# A shell without job control lets its background ignore SIGINT.
			set -m
			unchanged interrupted $signal "$HULL" --root "$STATE" create "$ID"
			set +m
			output=$(cat "$BATS_TEST_TMPDIR/said")
			is "$status" 1
			one_line "$output"
			has "$output" "error running $kind hook #0: /bin/sh: interrupted by signal $(kill -l $signal)"
			rm -f "$BATS_TEST_TMPDIR/hangs"
		done
		is "$(cat "$BATS_TEST_TMPDIR/marks")" $'poststop\npoststop'
	done
}

@test "a signal to start while a hook hangs ends the hook and the container" {
	hull_only
	for kind in startContainer poststart; do
		config 'del(.hooks)'
		rm -f "$BATS_TEST_TMPDIR/marks" "$BATS_TEST_TMPDIR/hangs"
		hanging $kind
		create
		pid=$(pid_of)
		interrupted TERM "$HULL" --root "$STATE" start "$ID"
		is "$status" 1
		one_line "$output"
		has "$output" "error running $kind hook #0: /bin/sh: interrupted by signal 15"
		gone "$pid"
		run hull state "$ID"
		is "$status" 1
		is "$(cat "$BATS_TEST_TMPDIR/marks")" poststop
	done
}

@test "a signal to a foreground run while a hook hangs ends the hook and the container" {
	hull_only
	for kind in createRuntime createContainer startContainer poststart; do
		config 'del(.hooks)'
		rm -f "$BATS_TEST_TMPDIR/marks" "$BATS_TEST_TMPDIR/hangs"
		hanging $kind
		unchanged interrupted TERM "$HULL" --root "$STATE" run "$ID"
		output=$(cat "$BATS_TEST_TMPDIR/said")
		is "$status" 1
		one_line "$output"
		has "$output" "error running $kind hook #0: /bin/sh: interrupted by signal 15"
		is "$(cat "$BATS_TEST_TMPDIR/marks")" poststop
	done
}

@test "a signal to delete while a poststop hook hangs: the others run, delete succeeds" {
	hull_only
	hook poststop "echo \$\$ >$BATS_TEST_TMPDIR/hangs; sleep 1000"
	hook poststop "echo second >>$BATS_TEST_TMPDIR/marks"
	running
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	interrupted TERM "$HULL" --root "$STATE" delete "$ID"
	is "$status" 0
	gone "$hook_pid"
	is "$(cat "$BATS_TEST_TMPDIR/marks")" second
}

@test "a signal that the caller ignores does not end a hook" {
	hull_only
	hook createRuntime "echo \$\$ >$BATS_TEST_TMPDIR/hangs; sleep 1"
	args true
	interrupted HUP env --ignore-signal=HUP "$HULL" --root "$STATE" run "$ID"
	is "$status" 0
}

@test "a killed runtime takes its hook along" {
	hull_only
	hanging createRuntime
	interrupted KILL "$HULL" --root "$STATE" create "$ID"
	wait_for 30 gone "$hook_pid"
	hull delete --force "$ID"
}

@test "a killed runtime takes init and its createContainer hook along, without a cgroup too" {
	hull_only
	local length=$((100000 + RANDOM)) pid
	args true
	config 'del(.linux.cgroupsPath, .linux.resources)'
	hook createContainer "echo runs >$BATS_TEST_TMPDIR/runs; exec sleep $length"
	"$HULL" --root "$STATE" --cgroup-manager disabled create "$ID" </dev/null >/dev/null 2>&1 3>&- &
	wait_for 10 test -s "$BATS_TEST_TMPDIR/runs"
	pid=$(pgrep -f "^sleep $length")
	kill -9 $!
	wait_for 30 gone "$pid"
	hull --cgroup-manager disabled delete --force "$ID"
	[ -z "$(ls -A "$STATE")" ]
}

@test "start of an init that is stopped gives up and ends it" {
	hull_only
	created
	pid=$(pid_of)
	kill -STOP "$pid"
	run timeout 30 "$HULL" --root "$STATE" start "$ID"
	is "$status" 1
	one_line "$output"
	has "$output" "init is stopped: somebody sent SIGSTOP to process $pid"
	gone "$pid"
	is "$(status_of)" stopped
	hull delete "$ID"
}

@test "who connects and says nothing keeps no start out" {
	hull_only
	created
	python3 - "$STATE/$ID/start" "$BATS_TEST_TMPDIR/connected" 3>&- <<-'END' &
		import socket, sys, time
		s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		s.connect(sys.argv[1])
		open(sys.argv[2], "w").close()
		time.sleep(60)
	END
	peer=$!
	wait_for 10 test -e "$BATS_TEST_TMPDIR/connected"
	run timeout 30 "$HULL" --root "$STATE" start "$ID"
	kill $peer
	is "$status" 0
	is "$(status_of)" running
}
