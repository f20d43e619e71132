#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The process as the configuration describes it: user, groups, umask, capabilities, limits,
# environment, directory, and the state of signals and keyrings it begins with.

load helpers

# field NAME - of /proc/self/status as the container printed it.
field() {
	awk -v n="$1:" '$1 == n {$1 = ""; sub(/^ /, ""); print}' <<<"$output"
}

status_file() {
	args cat /proc/self/status
	run hull run "$ID"
	is "$status" 0
}

@test "uid, gid and additional groups, all of real, effective and saved" {
	config '.process.user = {uid: 1000, gid: 2000, additionalGids: [5, 77, 40000]}'
	status_file
	is "$(field Uid)" "1000 1000 1000 1000"
	is "$(field Gid)" "2000 2000 2000 2000"
	is "$(field Groups | xargs)" "5 77 40000"
	is_hull || return 0
	config '.process.user = {uid: 4294967294, gid: 4000000000, additionalGids: [4294967294]}'
	status_file
	is "$(field Uid)" "4294967294 4294967294 4294967294 4294967294"
	is "$(field Groups | xargs)" 4294967294
}

@test "without additionalGids no group of the caller is left" {
	status_file
	[ -z "$(field Groups | xargs)" ] || is "$(field Groups | xargs)" 0
}

@test "umask" {
	for u in 0:0000 18:0022 63:0077 511:0777; do
		config --argjson u "${u%:*}" '.process.user.umask = $u'
		inside umask
		is "$output" "${u#*:}"
	done
}

@test "without umask in the configuration the caller's is kept; a cleared one becomes 0022" {
	hull_only "runc sets 0022"
	umask 027
	inside umask
	is "$output" 0027
	umask 0
	inside umask
	is "$output" 0022
}

@test "the five capability sets" {
	config '.process.user.uid = 1000 | .process.capabilities = {
		bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW", "CAP_SETUID"],
		permitted: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"],
		effective: ["CAP_CHOWN", "CAP_KILL"],
		inheritable: ["CAP_KILL", "CAP_NET_RAW"],
		ambient: ["CAP_KILL", "CAP_NET_RAW"]}'
	# exec turns ambient into permitted and effective for a program without file capabilities.
	status_file
	is "$(field CapBnd)" 00000000000020a1
	is "$(field CapInh)" 0000000000002020
	is "$(field CapAmb)" 0000000000002020
	is "$(field CapPrm)" 0000000000002020
	is "$(field CapEff)" 0000000000002020
}

@test "capabilities of root: effective is what the bounding set allows" {
	config '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL"], permitted: ["CAP_CHOWN", "CAP_KILL"],
		effective: ["CAP_CHOWN", "CAP_KILL"], inheritable: [], ambient: []}'
	status_file
	is "$(field CapEff)" 0000000000000021
	is "$(field CapBnd)" 0000000000000021
	is "$(field CapInh)" 0000000000000000
}

@test "no capabilities in the configuration means none" {
	config 'del(.process.capabilities)'
	hull_only "runc keeps the bounding set"
	status_file
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		is "$(field $set)" 0000000000000000
	done
}

@test "an unknown capability is a warning, not an error" {
	config '.process.capabilities |= map_values(. + ["CAP_NO_SUCH"])'
	args true
	warnings=
	! is_hull || warnings="--log-level warning"
	run hull --log "$LOG" --log-format json $warnings run "$ID"
	is "$status" 0
	jq -es 'map(select(.level == "warning" and (.msg | contains("CAP_NO_SUCH")))) | length >= 1' "$LOG"
}

@test "a capability that the caller does not have is a warning, not an error" {
	eff=$(awk '/^CapEff/ {print $2}' /proc/self/status)
	[ $(( (0x$eff >> 24) & 1 )) -eq 0 ] || skip "the tests run with CAP_SYS_RESOURCE"
	config '.process.capabilities |= map_values(. + ["CAP_SYS_RESOURCE"])'
	hull_only "runc makes it an error"
	args true
	run hull --log "$LOG" --log-level warning run "$ID"
	is "$status" 0
	grep -q CAP_SYS_RESOURCE "$LOG"
}

@test "noNewPrivileges true and false" {
	config '.process.noNewPrivileges = true'
	status_file
	is "$(field NoNewPrivs)" 1
	config '.process.noNewPrivileges = false'
	status_file
	is "$(field NoNewPrivs)" 0
}

@test "rlimits, soft and hard" {
	config '.process.rlimits = [
		{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_CORE", soft: 0, hard: 0},
		{type: "RLIMIT_NPROC", soft: 50, hard: 60}, {type: "RLIMIT_FSIZE", soft: 1000000, hard: 2000000},
		{type: "RLIMIT_AS", soft: 1073741824, hard: 2147483648}, {type: "RLIMIT_CPU", soft: 100, hard: 101},
		{type: "RLIMIT_STACK", soft: 1048576, hard: 8388608}, {type: "RLIMIT_MEMLOCK", soft: 1, hard: 65536}]'
	args cat /proc/self/limits
	run hull run "$ID"
	is "$status" 0
	limit() { awk -v n="$1" 'index($0, n) == 1 {sub(n, ""); print $1, $2}' <<<"$output"; }
	is "$(limit "Max open files")" "100 200"
	is "$(limit "Max core file size")" "0 0"
	is "$(limit "Max processes")" "50 60"
	is "$(limit "Max file size")" "1000000 2000000"
	is "$(limit "Max address space")" "1073741824 2147483648"
	is "$(limit "Max cpu time")" "100 101"
	is "$(limit "Max stack size")" "1048576 8388608"
	is "$(limit "Max locked memory")" "1 65536"
}

@test "a small NOFILE does not break the runtime's own work" {
	hull_only "runc 1.1 fails"
	mkdir src
	config --arg s "$BUNDLE/src" '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 3, hard: 3}] | .root.readonly = false |
		.mounts += [range(30) | {destination: "/m/\(.)", source: $s, options: ["bind"]}]'
	inside 'echo ran'
	is "$output" ran
}

@test "raising a hard limit" {
	need_cap CAP_SYS_RESOURCE 24
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 40000, hard: 50000}]'
	args sh -c 'ulimit -Hn'
	run hull run "$ID"
	is "$output" 50000
}

@test "oomScoreAdj: set, zero, and absent" {
	args cat /proc/self/oom_score_adj
	config '.process.oomScoreAdj = 500'
	run hull run "$ID"
	is "$output" 500
	echo 100 >/proc/self/oom_score_adj
	config 'del(.process.oomScoreAdj)'
	run hull run "$ID"
	is "$output" 100
}

@test "oomScoreAdj below the caller's" {
	need_cap CAP_SYS_RESOURCE 24
	args cat /proc/self/oom_score_adj
	config '.process.oomScoreAdj = -500'
	run hull run "$ID"
	is "$output" -500
}

@test "the environment is the one of the configuration, nothing else" {
	config '.process.env = ["PATH=/bin", "A=1", "EMPTY=", "EQ=a=b", "SP=a  b", "HOME=/x", "A=2"]'
	args env
	FROM_CALLER=1 run hull run "$ID"
	has "$output" "EMPTY="
	has "$output" "EQ=a=b"
	has "$output" "SP=a  b"
	has "$output" "HOME=/x"
	is "$(grep ^A= <<<"$output")" A=2 # the last of two, as with the peers
	! grep -qE 'FROM_CALLER|HULL|BATS' <<<"$output"
}

@test "HOME comes from the container's passwd when it is missing" {
	config '.process.env = ["PATH=/bin"]'
	inside 'echo $HOME'
	is "$output" /root
	config '.process.user = {uid: 1000, gid: 1000}'
	inside 'echo $HOME'
	is "$output" /home/u
	config '.process.user = {uid: 4321, gid: 1}'
	inside 'echo $HOME'
	is "$output" /
	rm rootfs/etc/passwd
	inside 'echo $HOME'
	is "$output" /
}

@test "passwd of the container may be a link out of it, a fifo or a directory" {
	config '.process.env = ["PATH=/bin"]'
	printf 'root:x:0:0::/from-outside:\n' >outside
	ln -sf "../../../../../../..$BUNDLE/outside" rootfs/etc/passwd
	run timeout 10 "$HULL" --root "$STATE" run "$ID" </dev/null
	inside 'echo $HOME'
	is "$output" /
	rm rootfs/etc/passwd
	mkfifo rootfs/etc/passwd
	shell 'echo $HOME'
	hull_only "runc waits for the fifo"
	run timeout 10 "$HULL" --root "$STATE" run "$ID" </dev/null
	is "$output" /
}

@test "cwd" {
	config '.process.cwd = "/etc"'
	inside pwd
	is "$output" /etc
	args ./busybox echo here
	config '.process.cwd = "/bin"'
	run hull run "$ID"
	is "$output" here
}

@test "cwd that does not exist" {
	config '.process.cwd = "/not/there" | .root.readonly = false'
	args pwd
	run hull run "$ID"
	if [ "$status" -ne 0 ]; then
		has "$output" "no such file or directory"
	else
		is "$output" /not/there
	fi
}

@test "cwd that does not exist is not made below a link into a bound directory; where it is named it is" {
	hull_only "runc makes it"
	mkdir host
	ln -s /vol rootfs/link
	config --arg h "$BUNDLE/host" '.root.readonly = false |
		.mounts += [{destination: "/vol", type: "bind", source: $h, options: ["rbind"]}]'
	args pwd
	for path in /link/made /link/deep/made; do
		config --arg p "$path" '.process.cwd = $p'
		refused /process/cwd "cannot make $path: a link leads to a directory that is not the container's own"
		is "$(ls host)" ""
	done
	# Nothing is to be made.
	mkdir host/there
	config '.process.cwd = "/link/there"'
	run hull run "$ID"
	is "$output" /vol/there
	config '.process.cwd = "/vol/deep/made"'
	run hull run "$ID"
	is "$output" /vol/deep/made
	[ -d host/deep/made ]
	# Links within what is the container's own stay possible.
	mkdir rootfs/real
	ln -s real rootfs/own
	config '.process.cwd = "/own/made"'
	run hull run "$ID"
	is "$output" /real/made
}

@test "cwd that only its user may enter" {
	mkdir rootfs/private
	chmod 700 rootfs/private
	chown 1000:1000 rootfs/private
	config '.process.cwd = "/private" | .process.user = {uid: 1000, gid: 1000}'
	inside pwd
	is "$output" /private
}

@test "cwd that only root may enter" {
	mkdir rootfs/private
	chmod 700 rootfs/private
	config '.process.cwd = "/private" | .process.user = {uid: 1000, gid: 1000}'
	args /bin/pwd
	run hull run "$ID"
	[ "$status" -ne 0 ] || is "$output" /private
	[ "$status" -eq 0 ] || has "$output" "permission denied"
}

@test "cwd through a link that leaves the root stays inside" {
	ln -s "../../../../../../../../../$BUNDLE" rootfs/escape
	mkdir -p "rootfs$BUNDLE"
	touch "rootfs$BUNDLE/inside"
	config '.process.cwd = "/escape"'
	inside ls
	has "$output" inside
	! grep -q config.json <<<"$output"
}

@test "cwd in /proc/self/fd finds no way out" {
	for fd in 3 4 5 6 7 8; do
		config --arg d "/proc/self/fd/$fd" '.process.cwd = $d'
		inside 'ls ../../../../../config.json ../config.json config.json'
		[ "$status" -ne 0 ]
		! grep -qx '.*config.json' <(grep -v 'ls:' <<<"$output" | grep -v fd/ | grep -v "error") || { echo "$output"; false; }
	done
}

@test "args with spaces, empty words and strange bytes arrive as they are" {
	args sh -c 'for a in "$@"; do printf "<%s>" "$a"; done' x "" "a b" $'n\nl' '"' "ä" '$PATH' "'"
	run hull run "$ID"
	is "$output" "<><a b><n
l><\"><ä><\$PATH><'>"
}

@test "an empty PATH entry, and a program found in PATH but not executable" {
	mkdir rootfs/p1 rootfs/p2
	touch rootfs/p1/echo
	ln rootfs/bin/busybox rootfs/p2/echo
	config '.process.env = ["PATH=/p1:/p2"]'
	args echo ran
	run hull run "$ID"
	is "$output" ran
	config '.process.env = ["PATH=:/nowhere"] | .process.cwd = "/p2"'
	run hull run "$ID"
	[ "$output" = ran ] || has "$output" "executable file not found" || has "$output" "current directory"
}

@test "signals: nothing blocked, nothing ignored, whatever the caller had" {
	args grep -E '^Sig(Blk|Ign|Cgt):' /proc/self/status
	python3 - "$HULL" --root "$STATE" run "$ID" >out <<-'PY'
		import os, signal, sys
		for s in (signal.SIGPIPE, signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1, signal.SIGXFSZ):
		    signal.signal(s, signal.SIG_IGN)
		signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
		os.execv(sys.argv[1], sys.argv[1:])
	PY
	hull_only "runc hands them on"
	is "$(awk '/SigBlk/ {print $2}' out)" 0000000000000000
	is "$(awk '/SigIgn/ {print $2}' out)" 0000000000000000
}

@test "init has a session and a process group of its own" {
	args cat /proc/self/stat
	run hull run "$ID"
	is "$(awk '{print $1, $5, $6}' <<<"$output")" "1 1 1"
}

@test "a new session keyring, unless --no-new-keyring" {
	config '.linux.maskedPaths -= ["/proc/keys"]'
	args cat /proc/keys
	run hull run "$ID"
	is "$status" 0
	has "$output" "_ses"
	[ -e /proc/keys ]
	# Another id: a dead keyring stays in the list until the kernel collects it.
	run hull run --no-new-keyring "$ID-b"
	is "$status" 0
	! grep -q "_ses.$ID-b" <<<"$output"
}

@test "CPU affinity of the caller does not stay" {
	[ "$(nproc --all)" -gt 1 ] || skip "one CPU"
	args grep Cpus_allowed_list /proc/self/status
	run hull run "$ID"
	all=$output
	run taskset -c 0 "$HULL" --root "$STATE" run "$ID"
	hull_only "runc 1.1 keeps it"
	is "$output" "$all"
}

@test "the program sees its own name and cannot reach the runtime's binary" {
	args cat /proc/self/comm
	run hull run "$ID"
	is "$output" cat
	inside 'readlink /proc/self/exe; ls -l /proc/1/fd | grep -v -e " -> /proc" -e pipe: -e /dev/null -e total'
	has "$output" /bin/busybox
	! grep -q "$HULL" <<<"$output"
}

@test "stdio becomes the user's, but for devices of the host" {
	need_cap CAP_MKNOD 27
	hull_only "runc spares /dev/null alone"
	mknod -m 666 zero c 1 5
	mknod -m 666 full c 1 7
	config '.process.user = {uid: 1000, gid: 1000}'
	args true
	hull run "$ID" <zero >full 2>err 3>&-
	is "$(stat -c %u zero full err | xargs)" "0 0 1000"
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings'
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	chown -R 100000:100000 rootfs
	hull run "$ID" <zero >full 2>err 3>&-
	is "$(stat -c %u zero full err | xargs)" "0 0 101000"
}
