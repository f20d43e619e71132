#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# exec: a further process in a container.

load helpers

extra_teardown() {
	cgroup_kill "$CGROUP.moved"
}

# The program's process object: that of the config, with a jq filter over it.
process() {
	jq ".process | $1" "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
}

# fails TEXT... - the last run failed as exec does: status 255, one line.
fails() {
	is "$status" 255 || return 1
	! is_hull || one_line "$output" || return 1
	local text
	for text; do
		has "$output" "$text" || return 1
	done
}

@test "the exit status is the program's, 128 and the signal that ended it, or 255" {
	running
	run -0 hull exec "$ID" true
	run -7 hull exec "$ID" sh -c 'exit 7'
	run -137 hull exec "$ID" sh -c 'kill -9 $$'
	run -143 hull exec "$ID" sh -c 'kill -15 $$'
	run -255 hull exec "$ID" /nonexistent
}

@test "standard input, output and error are the caller's" {
	running
	run bash -c 'echo to-stdin | "$HULL" --root "$0" exec "$1" sh -c "cat; echo to-stderr >&2" 2>"$2"' \
		"$STATE" "$ID" "$BATS_TEST_TMPDIR/err"
	is "$output" to-stdin
	is "$(cat "$BATS_TEST_TMPDIR/err")" to-stderr
}

@test "the process is in every namespace and in the cgroup of the container" {
	running
	local pid ns
	pid=$(pid_of)
	hull exec "$ID" sh -c 'cd /proc/self/ns; for n in cgroup ipc mnt net pid uts user; do echo $n $(readlink $n); done; ps' \
		>"$BATS_TEST_TMPDIR/ns"
	for ns in cgroup ipc mnt net pid uts user; do
		has "$(cat "$BATS_TEST_TMPDIR/ns")" "$ns $(readlink "/proc/$pid/ns/$ns")"
	done
	has "$(cat "$BATS_TEST_TMPDIR/ns")" "1 root     sleep 1000"
	hull exec -d --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" sleep 500 </dev/null >/dev/null 2>&1 3>&-
	diff "/proc/$pid/cgroup" "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/cgroup"
}

@test "--detach: the pid file is the program's, which is an orphan; nothing of exec stays" {
	running
	hull exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" sleep 4321 </dev/null >/dev/null 2>&1 3>&-
	[[ $(cat "$BATS_TEST_TMPDIR/pid"; echo x) =~ ^[0-9]+x$ ]]
	is "$(tr '\0' ' ' <"/proc/$(cat "$BATS_TEST_TMPDIR/pid")/cmdline")" "sleep 4321 "
	! pgrep -f "exec --detach --pid-file $BATS_TEST_TMPDIR" || false
}

@test "what cannot be executed is a failure of exec, and leaves no pid file" {
	running
	touch "$ROOTFS/plain" && chmod 644 "$ROOTFS/plain"
	printf '\177ELFjunk' >"$ROOTFS/broken" && chmod 755 "$ROOTFS/broken"
	for mode in "" --detach; do
		run hull exec $mode --pid-file pid "$ID" nonesuch
		fails 'exec: "nonesuch": executable file not found in $PATH'
		run hull exec $mode --pid-file pid "$ID" /none/such
		fails 'exec: "/none/such": stat /none/such: no such file or directory'
		run hull exec $mode --pid-file pid "$ID" /plain
		fails 'exec: "/plain": permission denied'
		run hull exec $mode --pid-file pid "$ID" /etc
		fails 'exec: "/etc": permission denied'
		run hull exec $mode --pid-file pid "$ID" /broken
		fails "exec format error"
		[ ! -e pid ]
	done
}

@test "a stopped, unknown or foreign container" {
	run hull exec "$ID" true
	fails "container does not exist"
	mkdir -p "$STATE/foreign"
	run hull exec foreign true
	fails "container does not exist"
	rmdir "$STATE/foreign"
	running
	hull kill "$ID" KILL
	wait_for 30 is_status stopped
	run hull exec "$ID" true
	fails "cannot exec in a stopped container"
}

@test "a created container can be looked into before its program runs" {
	created
	run -0 hull exec "$ID" ps
	has "$output" ps
}

@test "ids that are none" {
	running
	for user in 1: -1 0x1 4294967296 4294967295 :1 '' 1:2:3 root '1 ' +1; do
		run hull exec "--user=$user" "$ID" true
		fails "--user"
	done
	run hull exec --additional-gids 0x5 "$ID" true
	fails "--additional-gids"
}

@test "options that describe the process" {
	running
	run -0 hull exec --user 1000:1001 --additional-gids 7 -g 8 "$ID" id
	has "$output" "uid=1000"
	has "$output" "gid=1001"
	has "$output" "7,8"
	run -0 hull exec --cwd /tmp -e A=1 --env A=2 -e PATH=/bin "$ID" sh -c 'pwd; echo $A; env | grep -c ^PATH=; env | grep ^PATH='
	is "$output" $'/tmp\n2\n1\nPATH=/bin'
	run hull exec --env nonsense "$ID" true
	fails "not NAME=value"
	run -0 hull exec "$ID" grep -E 'CapEff|NoNewPrivs' /proc/self/status
	before=$output
	run -0 hull exec --cap CAP_SYS_TIME --no-new-privs "$ID" grep -E 'CapEff|NoNewPrivs' /proc/self/status
	is "$((0x$(awk '/CapEff/ {print $2}' <<<"$output") ^ 0x$(awk '/CapEff/ {print $2}' <<<"$before")))" $((1 << 25))
	has "$output" "NoNewPrivs:	1"
	run hull exec --cap CAP_NONSENSE "$ID" true
	fails "unknown capability"
}

@test "--process: the document's process, and the container's where it says nothing" {
	config '.process.rlimits = [{type: "RLIMIT_CORE", soft: 7, hard: 9}] | .process.user.umask = 23'
	running
	process '{cwd: "/tmp", args: ["sh", "-c", "pwd; id -u; ulimit -c; umask; env | sort"], env: ["PATH=/bin", "X=y"], user: {uid: 5, gid: 6}}'
	run -0 hull exec --process "$BATS_TEST_TMPDIR/process.json" --cwd /etc -u 7 "$ID"
	has "$output" $'/tmp\n5\n'
	has "$output" $'\n0027\n'
	has "$output" "X=y"
	run -0 hull exec "$ID" grep Cap /proc/self/status
	before=$output
	process '{cwd: "/", args: ["grep", "Cap", "/proc/self/status"], env: ["PATH=/bin"]}'
	run -0 hull exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	is "$output" "$before"
}

@test "--process: a document that is none" {
	running
	echo '{"cwd": "/", "args": []}' >p
	run hull exec --process p "$ID"
	fails "process.json:/args"
	echo '{"cwd": "/", "args": ["true"], "rlimits": [{"type": "RLIMIT_CORE", "soft": 9, "hard": 7}]}' >p
	run hull exec --process p "$ID"
	fails "process.json:/rlimits/0/soft"
	echo nonsense >p
	run hull exec --process p "$ID"
	fails "process.json"
	run hull exec --process nonesuch "$ID"
	fails "cannot read --process nonesuch: no such file or directory"
	run hull exec "$ID"
	fails "a program, or --process, is missing"
}

# Makes a cgroup in every hierarchy where the container has one.
everywhere() {
	local dir
	for dir in "$CGROUPS"/*"$CGROUP" "$CGROUPS$CGROUP"; do
		[ -d "$dir" ] || continue
		"$@" "$dir" || return
	done
}

# pid of a detached exec with these options.
detached() {
	rm -f "$BATS_TEST_TMPDIR/pid"
	hull exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$@" "$ID" sleep 321 </dev/null >/dev/null 2>&1 3>&- || return
	cat "$BATS_TEST_TMPDIR/pid"
}

@test "--cgroup: a cgroup below the container's, which must exist" {
	need_v1 pids
	running
	sub() { mkdir "$1/sub" && if [ -e "$1/cpuset.cpus" ]; then cat "$1/cpuset.cpus" >"$1/sub/cpuset.cpus" && cat "$1/cpuset.mems" >"$1/sub/cpuset.mems"; fi; }
	everywhere sub
	pid=$(detached --cgroup sub)
	is "$(awk -F: -v OFS=: '{print $2, $3}' "/proc/$pid/cgroup" | grep -c "$CGROUP/sub$")" "$(grep -c "$CGROUP$" "/proc/$(pid_of)/cgroup")"
	pid=$(detached --cgroup pids,memory:/sub)
	grep -x "[0-9]*:pids:$CGROUP/sub" "/proc/$pid/cgroup"
	grep -x "[0-9]*:memory:$CGROUP/sub" "/proc/$pid/cgroup"
	grep -x "[0-9]*:devices:$CGROUP" "/proc/$pid/cgroup"
	run hull exec --cgroup none "$ID" true
	fails "--cgroup: cannot open cgroup $CGROUP/none: no such file or directory"
	run hull exec --cgroup nosuch:sub "$ID" true
	fails "no hierarchy of cgroup v1 here has the controllers"
	run hull exec --cgroup pids:../.. "$ID" true
	fails "leads out of the container's cgroup"
}

@test "a container that was moved away from its cgroup: the process goes where the first one is" {
	need_v1 pids
	running
	pid=$(pid_of)
	move() {
		mkdir -p "$1.moved"
		if [ -e "$1/cpuset.cpus" ]; then
			cat "$1/cpuset.cpus" >"$1.moved/cpuset.cpus"
			cat "$1/cpuset.mems" >"$1.moved/cpuset.mems"
		fi
		echo "$pid" >"$1.moved/cgroup.procs"
		rmdir "$1"
	}
	everywhere move
	second=$(detached)
	diff "/proc/$pid/cgroup" "/proc/$second/cgroup"
	grep -x "[0-9]*:pids:$CGROUP.moved" "/proc/$second/cgroup"
	kill -9 "$second" "$pid"
	wait_for 30 gone "$pid"
}

@test "execCPUAffinity: initial outside of the cgroup, final inside" {
	[ "$(nproc --all)" -gt 1 ] || skip "one CPU only"
	running
	process '.execCPUAffinity = {initial: "1", final: "0"} | .args = ["grep", "Cpus_allowed_list", "/proc/self/status"]'
	run -0 hull exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	is "$output" "Cpus_allowed_list:	0"
	process '.execCPUAffinity = {final: " 1"} | .args = ["grep", "Cpus_allowed_list", "/proc/self/status"]'
	run -0 hull exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	is "$output" "Cpus_allowed_list:	1"
	# A caller that has pinned itself pins only itself.
	run -0 taskset -c 0 "$HULL" --root "$STATE" exec "$ID" grep Cpus_allowed_list /proc/self/status
	[ "$output" != "Cpus_allowed_list:	0" ]
	process '.execCPUAffinity = {initial: "9-1"}'
	run hull exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	fails "process.json:/execCPUAffinity/initial"
}

@test "execCPUAffinity: lists beyond 1024 processors; those that are not there do not count" {
	[ "$(nproc --all)" -gt 1 ] || skip "one CPU only"
	running
	process '.execCPUAffinity = {initial: "0,1500,8000", final: "1,5000-6000"} | .args = ["grep", "Cpus_allowed_list", "/proc/self/status"]'
	run -0 hull exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	is "$output" "Cpus_allowed_list:	1"
	process '.execCPUAffinity = {final: "1500,8000"}'
	run hull exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	fails "process.json:/execCPUAffinity: cannot set it"
}

@test "a paused container: refused, or the process waits" {
	running
	hull pause "$ID"
	run hull exec "$ID" true
	fails "cannot exec in a paused container (use --ignore-paused to override)"
	hull exec --ignore-paused "$ID" sh -c 'echo resumed' >out 2>&1 3>&- &
	sleep 0.3
	is "$(cat out)" ""
	hull resume "$ID"
	wait $!
	is "$(cat out)" resumed
}

@test "signals are passed on" {
	running
	"$HULL" --root "$STATE" exec "$ID" sh -c 'trap "echo got; exit 4" TERM; echo ready; while :; do sleep 0.02; done' >out 2>&1 3>&- &
	wait_for 30 grep ready out
	kill -TERM $!
	s=0
	wait $! || s=$?
	is "$s" 4
	has "$(cat out)" got
}

@test "limits, score, no new privileges and seccomp are the container's" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1000, hard: 1001}] | .process.oomScoreAdj = 321 |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 12}]}'
	running
	run -0 hull exec "$ID" sh -c 'ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj; grep -E "NoNewPrivs|^Seccomp:" /proc/self/status; mkdir /tmp/x || :'
	has "$output" $'1000\n1001\n321\n'
	has "$output" "NoNewPrivs:	1"
	has "$output" "Seccomp:	2"
	has "$output" "Cannot allocate memory"
	process 'del(.noNewPrivileges, .rlimits, .oomScoreAdj, .capabilities) | .args = ["sh", "-c", "ulimit -n; cat /proc/self/oom_score_adj"]'
	run -0 hull exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	is "$output" $'1000\n321'
}

@test "the session keyring is the container's" {
	[ -r /proc/keys ] || skip "no keys in this kernel"
	config '.mounts |= map(select(.destination != "/proc/keys")) | .linux.maskedPaths -= ["/proc/keys"]'
	running
	is "$(hull exec "$ID" grep -c "_ses.$ID" /proc/keys)" 1
	is "$(hull exec "$ID" grep -c "_ses.$ID" /proc/keys)" 1
}

@test "--preserve-fds: those and no others" {
	running
	exec 7<config.json 8<"$ROOTFS/etc/passwd"
	run sh -c 'exec "$0" "$@" 3<&7 4<&8 5</dev/zero 7<&- 8<&-' "$HULL" --root "$STATE" exec --preserve-fds 2 "$ID" \
		sh -c 'cd /proc/self/fd; echo *; head -c 1 <&3'
	exec 7<&- 8<&-
	# sh opens one more for the directory that it lists.
	is "$output" $'0 1 2 3 4 5\n{' || is "$output" $'0 1 2 3 4\n{'
	run sh -c 'exec "$0" "$@" 3</ 4</dev/zero' "$HULL" --root "$STATE" exec "$ID" sh -c 'ls -l /proc/self/fd'
	! grep -E ' [0-9]+ -> (/dev/zero|/$)' <<<"$output"
}

@test "a user namespace: ids, files and terminals are those of inside" {
	config '.linux.namespaces += [{type: "user"}] | .process.user = {uid: 5, gid: 6} |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}] | .linux.gidMappings = [{containerID: 0, hostID: 300000, size: 2000}]'
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
	chown -R 100000:300000 rootfs
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BUNDLE"
	reach=$BUNDLE
	while [ "$reach" != / ]; do
		[[ $(stat -c %A "$reach") = *[xt] ]] || skip "$reach cannot be entered by other users"
		reach=$(dirname "$reach")
	done
	running
	run -0 hull exec "$ID" sh -c 'id -u; id -g; cat /proc/self/uid_map | tr -s " "; readlink /proc/self/ns/user'
	is "$output" $'5\n6\n 0 100000 1000\n'"$(readlink "/proc/$(pid_of)/ns/user")"
	run -0 hull exec --user 0 --cap CAP_CHOWN "$ID" sh -c 'touch /dev/shm/x && chown 7:8 /dev/shm/x && stat -c %u:%g /dev/shm/x'
	is "$output" 7:8
	pid=$(detached)
	is "$(awk '/^Uid/ {print $2}' "/proc/$pid/status")" 100005
	run "$TOOLS/term" run -- "$HULL" --root "$STATE" exec -t "$ID" sh -c 'tty; stat -c "owner %u" $(tty)' 3>&-
	is "$status" 0
	has "$output" "owner 5"
}

@test "cgroup v2: below the container's cgroup, and where an init system inside made inner ones" {
	need_v2
	running
	pid=$(pid_of)
	dir=$CGROUPS$CGROUP
	mkdir "$dir/sub"
	second=$(detached --cgroup sub)
	is "$(cat "/proc/$second/cgroup")" "0::$CGROUP/sub"
	run hull exec --cgroup cpu:sub "$ID" true
	fails "no hierarchy of cgroup v1 here has the controllers"
	run hull exec --cgroup none "$ID" true
	fails "--cgroup: cannot open cgroup $CGROUP/none: no such file or directory"
	# What systemd does in a container: every process in inner cgroups, controllers handed down.
	mkdir "$dir/init.scope"
	echo "$pid" >"$dir/init.scope/cgroup.procs"
	echo +pids >"$dir/cgroup.subtree_control"
	third=$(detached)
	is "$(cat "/proc/$third/cgroup")" "0::$CGROUP/init.scope"
	is "$(hull ps --format json "$ID" | jq -c 'sort')" "$(jq -nc "[$pid, $second, $third] | sort")"
}

@test "--pidfd-socket: one message, one descriptor, of the process" {
	running
	cat >receive.py <<-'PY'
		import array, os, socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		s.bind(sys.argv[1])
		s.listen()
		open(sys.argv[1] + ".ready", "w").close()
		c = s.accept()[0]
		data, anc, _, _ = c.recvmsg(4096, 1024)
		fds = array.array("i", anc[0][2])
		pid = [l.split()[1] for l in open("/proc/self/fdinfo/%d" % fds[0]) if l.startswith("Pid:")]
		print(data.decode(), len(fds), pid[0])
	PY
	python3 receive.py "$BATS_TEST_TMPDIR/p.sock" >received 3>&- &
	receiver=$!
	wait_for 10 test -e "$BATS_TEST_TMPDIR/p.sock.ready"
	pid=$(detached --pidfd-socket "$BATS_TEST_TMPDIR/p.sock")
	wait "$receiver"
	is "$(cat received)" "setns 1 $pid"
}

# The caller of exec may have executed it in its own place, and have children: another one waits for them then.
@test "exec neither reaps nor kills the children that its caller hands on, whether it fails or not" {
	hull_only
	running
	cat >"$BATS_TEST_TMPDIR/caller" <<-'END'
		import ctypes, os, sys, time
		ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
		for program in ["no-such-program"], ["true"]:
		    read, write = os.pipe()
		    middle = os.fork()
		    if middle == 0:
		        pids = []
		        for code in 7, None:
		            pid = os.fork()
		            if pid == 0 and code is None:
		                os.closerange(0, 64)
		                time.sleep(50)
		            if pid == 0:
		                os._exit(code)
		            pids.append(pid)
		        # It has ended, and nobody has waited for it.
		        os.waitid(os.P_PID, pids[0], os.WEXITED | os.WNOWAIT)
		        os.write(write, " ".join(map(str, pids)).encode())
		        os.execv(sys.argv[1], sys.argv[1:] + program)
		    status = os.waitpid(middle, 0)[1]
		    ended, sleeping = map(int, os.read(read, 100).split())
		    print("exec:", "ok" if status == 0 else "failed", "child:", os.waitstatus_to_exitcode(os.waitpid(ended, 0)[1]),
		          "other:", "alive" if os.waitpid(sleeping, os.WNOHANG)[0] == 0 else "dead")
		    os.kill(sleeping, 9)
		    os.waitpid(sleeping, 0)
	END
	run -0 python3 "$BATS_TEST_TMPDIR/caller" "$HULL" --root "$STATE" --log "$LOG" exec "$ID" 3>&-
	has "$output" "exec: failed child: 7 other: alive"
	has "$output" "exec: ok child: 7 other: alive"
}

@test "a container without a process: exec needs --process; a relative --cwd is refused" {
	hull_only "others need a process to create"
	config 'del(.process)'
	create
	run hull exec "$ID" true
	is "$status" 255
	one_line "$output"
	has "$output" "config.json:/process: the container has none: --process is needed"
	jq -n '{args: ["echo", "given"], cwd: "/", env: ["PATH=/bin"]}' >process.json
	run -0 hull exec --process process.json "$ID"
	is "$output" given
	hull delete --force "$ID"
	config '.process = {args: ["sleep", "1000"], cwd: "/"}'
	create
	run hull exec --cwd tmp "$ID" true
	is "$status" 255
	one_line "$output"
	has "$output" '--cwd: "tmp" is not an absolute path'
}
