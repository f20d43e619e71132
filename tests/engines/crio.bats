#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# CRI-O is in no Debian release.  Its calls are made here word for word, with the real conmon: a pod with an infra
# container and another in the same pinned namespaces, probes, streaming exec, exec from a cgroup below the container's,
# update, stop and removal; with runc too, and compared.

load engine

setup_file() {
	CRIO_SKIP=
	export ENGINE_ROOT=${HULL_ENGINES:-/nonexistent}
	[ "$(id -u)" = 0 ] || CRIO_SKIP="not root"
	PATH=$PATH:$ENGINE_ROOT/usr/bin command -v conmon >/dev/null || CRIO_SKIP="conmon is not installed"
	[ -n "$RUNC" ] || CRIO_SKIP="runc is not installed; there is nothing to compare with"
	[ -n "$IS_HULL" ] || CRIO_SKIP="HULL is another runtime"
	export CRIO_SKIP
	[ -z "$CRIO_SKIP" ] || return 0
	engine_begin
	# pinns keeps namespaces by bind mounts in folders of its own, which nobody shares.
	within sh -c 'for kind in net ipc uts; do
		mkdir "/run/${kind}ns" && mount --bind "/run/${kind}ns" "/run/${kind}ns" && mount --make-private "/run/${kind}ns" || exit 1
	done'
}

teardown_file() {
	[ -n "$CRIO_SKIP" ] || engine_end
}

extra_setup() {
	[ -z "$CRIO_SKIP" ] || skip "$CRIO_SKIP"
}

runtime_path() {
	case $R in
	hull) echo "$HULL" ;;
	*) echo "$RUNC" ;;
	esac
}

# driver COMMAND - the word for systemd's driver, where that makes the cgroups; update never has it.
driver() {
	[ "$DRIVER" != systemd ] || [ "$1" = update ] || echo --systemd-cgroup
}

# direct WORD... - as crio itself calls the runtime: --root in two words, no log; by the words of $PREFIX.
direct() {
	within ${PREFIX:-} "$(runtime_path)" --root "$T/root" $(driver "$1") "$@"
}

# bundle NAME FILTER [JQ-OPTION...] - a container's bundle below $T.
bundle() {
	local name=$1 filter=$2
	shift 2
	mkdir -p "$T/$name" "$T/exits" "$T/sockets"
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" "$T/$name/rootfs"
	local path=$ENGINE_CGROUP/crio-$C-$name
	[ "$DRIVER" != systemd ] || path=$ENGINE_SLICE:crio:$C-$name
	jq "$@" --arg cg "$path" ".linux.cgroupsPath = \$cg | $filter" "$TESTS/integration/base.json" >"$T/$name/config.json"
}

# pin - the namespaces of a pod.
pin() {
	within touch "/run/netns/$C" "/run/ipcns/$C" "/run/utsns/$C"
	within unshare --net="/run/netns/$C" --ipc="/run/ipcns/$C" --uts="/run/utsns/$C" -- true
}

# pinned - a jq filter: the namespaces of the pod in a config.
pinned() {
	echo '.linux.namespaces |= map(select(.type | IN("network", "ipc", "uts") | not)) + [
		{type: "network", path: ("/run/netns/" + $pod)}, {type: "ipc", path: ("/run/ipcns/" + $pod)}, {type: "uts", path: ("/run/utsns/" + $pod)}]'
}

# monitored NAME [OPTION...] - conmon creates the container NAME, as crio calls it.
monitored() {
	local name=$1
	shift
	echo >"$T/start"
	within bash -c 'exec 5>"$1/$2.sync" 6<"$1/start"; shift 2; _OCI_SYNCPIPE=5 _OCI_STARTPIPE=6 CRI_O_EXTERNAL=1 exec "$@"' crio "$T" "$name" \
		conmon $([ "$DRIVER" != systemd ] || echo -s) -b "$T/$name" -c "$C-$name" --exit-dir "$T/exits" -l "$T/$name.log" --log-level info -n "k8s_$name" \
		-P "$T/$name/conmon-pidfile" -p "$T/$name/pidfile" --persist-dir "$T/$name" -r "$(runtime_path)" \
		--runtime-arg "--root=$T/root" --socket-dir-path "$T/sockets" --syslog -u "$C-$name" "$@"
}

# probed NAME PROCESS [OPTION...] - ExecSync: conmon with -e; the answers on its pipe.
probed() {
	local name=$1 process=$2
	shift 2
	within bash -c 'exec 5>"$1/probe.sync"; shift; _OCI_SYNCPIPE=5 CRI_O_EXTERNAL=1 exec "$@"' crio "$T" \
		conmon -c "$C-$name" -n "k8s_$name" -r "$(runtime_path)" -p "$T/probe.pid" -e -l "$T/probe.log" --socket-dir-path "$T/sockets" \
		--log-level info --exec-process-spec "$process" --runtime-arg "--root=$T/root" "$@" || :
}

process() {
	jq ".process | $1" "$TESTS/integration/base.json" >"$T/process.json"
}

exited() {
	[ -s "$T/exits/$C-$1" ]
}

status_is() {
	[ "$(direct state "$C-$1" | jq -r .status)" = "$2" ]
}

# until_is COMMAND...
until_is() {
	wait_for 30 "$@" || echo "WRONG: this does not happen"
}

# twice NAME
twice() {
	but "runc puts what it was doing before each text, and by a log line; hull says the fault alone" \
		's/time="?TIME"? level=error msg=//; s/"?(runc (create|run) failed|exec failed): unable to start container process: //; s/\\"/"/g; s/"$//; s/hull: (create|exec|kill|state|delete): //; s/ with id.*//'
	both "$1" "case_$1" || return 1
	! grep -n '^WRONG' <<<"$output" # the two are alike
}

@test "cri-o: the start of the daemon: --version and features, with nothing on stderr" {
	R=hull T=$BATS_TEST_TMPDIR
	run --separate-stderr within "$HULL" --version
	is "$status" 0
	has "${lines[0]}" "hull version "
	is "$stderr" ""
	run --separate-stderr within "$HULL" features
	is "$status" 0
	is "$stderr" ""
	[ -n "$(jq -r '.ociVersionMin // empty' <<<"$output")" ]
	[ -n "$(jq -r '.ociVersionMax // empty' <<<"$output")" ]
	jq -e '.linux.namespaces | index("user")' <<<"$output" >/dev/null
}

@test "cri-o: a pod: infra and container in pinned namespaces, state, log, stop, removal" {
	case_pod() {
		pin
		bundle infra ".process.args = [\"sleep\", \"1000\"] | $(pinned)" --arg pod "$C"
		bundle app ".process.args = [\"sh\", \"-c\", \"trap 'echo stopped; exit 3' TERM; echo out; echo err >&2; while :; do sleep 0.1; done\"]
			| .annotations = {\"io.kubernetes.cri-o.ContainerType\": \"container\"} | $(pinned)" --arg pod "$C"
		see monitored infra
		until_is status_is infra created
		say "the pid that conmon tells is that of the pid file"
		[ "$(jq -s '.[0] | .data // .pid' "$T/infra.sync")" = "$(cat "$T/infra/pidfile")" ] || echo "WRONG: $(cat "$T/infra.sync")"
		see direct start "$C-infra"
		see monitored app
		until_is status_is app created
		see direct start "$C-app"
		say state
		direct state "$C-app" | jq -c '{id, status, annotations}'
		[ "$(direct state "$C-app" | jq -r .created | grep -cE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]+Z$')" = 1 ] || echo "WRONG: created"
		for kind in net ipc uts; do
			[ "$(within readlink "/proc/$(direct state "$C-app" | jq .pid)/ns/$kind")" = \
				"$(within readlink "/proc/$(direct state "$C-infra" | jq .pid)/ns/$kind")" ] || echo "WRONG: another $kind namespace"
		done
		until_is grep -q 'stdout F out' "$T/app.log"
		until_is grep -q 'stderr F err' "$T/app.log"
		say stop
		see direct kill "$C-app" 15
		until_is exited app
		say "exit: $(cat "$T/exits/$C-app")"
		sed -E 's/^[^ ]+ //' "$T/app.log" | sort
		until_is status_is app stopped
		see direct kill "$C-app" KILL
		see direct kill -a "$C-app" 9
		see direct delete --force "$C-app"
		see direct delete --force "$C-app"
		see direct state "$C-app"
		say "the infra does not stop for TERM"
		see direct kill "$C-infra" 15
		see direct kill "$C-infra" KILL
		until_is exited infra
		say "exit: $(cat "$T/exits/$C-infra")"
		see direct delete --force "$C-infra"
		ls "$T/root"
	}
	but "a stopped container's kill" 's/^! .*container not running.*/! container not running/; s/^! .*container does not exist.*/! container does not exist/'
	but "hull keeps compiled seccomp profiles, and a lock, in its state root" '/^@seccomp$/d; /^\.lock$/d'
	twice pod
	told 'exit: 3' 'exit: 137' 'stdout F stopped'
}

@test "cri-o: exec: probes through conmon, with a timeout; streaming; a missing command" {
	case_exec() {
		bundle app '.process.args = ["sleep", "1000"]'
		monitored app
		until_is status_is app created
		see direct start "$C-app"
		say "ExecSync"
		process '.args = ["sh", "-c", "echo probe; echo trouble >&2; exit 4"]'
		probed app "$T/process.json" -T 20
		until_is grep -q exit_code "$T/probe.sync"
		tail -n 1 "$T/probe.sync" | jq -c '.exit_code // .data'
		sed -E 's/^[^ ]+ //' "$T/probe.log" | sort
		say "ExecSync beyond its time"
		rm -f "$T/probe.sync" "$T/probe.log"
		process '.args = ["sleep", "500"]'
		probed app "$T/process.json" -T 1
		until_is grep -q 'exit_code\|-1' "$T/probe.sync"
		tail -n 1 "$T/probe.sync" | jq -c '.exit_code // .data'
		until_is no_sleep_500
		say "ExecSync of a missing command"
		rm -f "$T/probe.sync" "$T/probe.log" "$T/probe.pid"
		process '.args = ["no-such-command"]'
		probed app "$T/process.json" -T 20
		until_is grep -q message "$T/probe.sync"
		tail -n 1 "$T/probe.sync" | jq -r '.message' | head -n 1 | sed 's/^/! /'
		[ ! -e "$T/probe.pid" ] || [ ! -s "$T/probe.pid" ] || echo "WRONG: a pid file"
		say "streaming: attached, stdout and stderr apart"
		process '.args = ["sh", "-c", "cat; echo err >&2; exit 6"]'
		see direct exec --process "$T/process.json" "$C-app" <<<"through stdin"
		process '.args = ["no-such-command"]'
		see direct exec --process "$T/process.json" "$C-app"
		say "streaming on a terminal"
		process '.terminal = true | .args = ["sh", "-c", "tty; exit 7"]'
		export R T C RUNC DRIVER
		export -f within direct driver runtime_path
		see "$TOOLS/term" run -- bash -c 'direct exec --process "$T/process.json" "$C-app"'
		see direct delete --force "$C-app"
	}
	no_sleep_500() {
		! within ps -e -o args= | grep -q "^sleep 500\$"
	}
	but "conmon says what the runtime said" 's/^! .*(exec: "no-such-command": executable file not found in \$PATH).*/! \1/'
	but "a terminal's ends of lines" 's/\r$//'
	twice exec
	told '| through stdin' '! err' '= 6' '= 7' '= 255' 'stdout F probe' 'stderr F trouble'
}

# inside_child_cgroup COMMAND... - runs it from <container cgroup>/exec, in every hierarchy, as crio with a CPU affinity for exec.
inside_child_cgroup() {
	within bash -c '
		path=$1
		shift
		for dir in /sys/fs/cgroup/*"$path" /sys/fs/cgroup"$path"; do
			[ -e "$dir/cgroup.procs" ] && [ ! -L "${dir%"$path"}" ] || continue
			mkdir -p "$dir/exec"
			for file in cpuset.cpus cpuset.mems; do
				[ ! -e "$dir/$file" ] || cat "$dir/$file" >"$dir/exec/$file"
			done
			echo $$ >"$dir/exec/cgroup.procs"
		done
		exec "$@"' crio "$ENGINE_CGROUP/crio-$C-app" "$@"
}

@test "cri-o: exec from a cgroup below the container's; ps, kill, delete with that cgroup there" {
	[ ! -e "$CGROUPS/cgroup.controllers" ] || skip "on v2 a cgroup with controllers has processes or children"
	case_child() {
		bundle app '.process.args = ["sleep", "1000"]'
		monitored app
		until_is status_is app created
		see direct start "$C-app"
		process '.args = ["sh", "-c", "echo inside; exit 5"]'
		see inside_child_cgroup "$(runtime_path)" --root "$T/root" exec --process "$T/process.json" "$C-app"
		say "where the process is: not below"
		process '.args = ["cat", "/proc/self/cgroup"]'
		inside_child_cgroup "$(runtime_path)" --root "$T/root" exec --process "$T/process.json" "$C-app" | grep -c '/exec$'
		say "its pids"
		direct ps --format json "$C-app" | jq length
		see direct kill "$C-app" KILL
		until_is exited app
		see direct delete --force "$C-app"
		find "$CGROUPS" -path "*$ENGINE_CGROUP/crio-$C-app*" -type d 2>/dev/null | wc -l
	}
	twice child
	told '= 5' '| inside'
}

@test "cri-o: update without --systemd-cgroup, from another directory, partial; taskset before the runtime" {
	case_update() {
		bundle app '.process.args = ["sleep", "1000"] | .linux.resources.memory = {limit: 67108864} | .linux.resources.cpu = {shares: 512}'
		see within taskset --cpu-list 0 bash -c true
		monitored app
		until_is status_is app created
		PREFIX='taskset --cpu-list 0' see direct start "$C-app"
		echo '{"cpu": {"shares": 1024, "quota": 20000, "period": 100000}}' | see direct update --resources - "$C-app"
		echo '{"memory": {"limit": 134217728}}' | see direct update --resources - "$C-app"
		for file in cpu.shares cpu.cfs_quota_us memory.limit_in_bytes; do
			cat "$CGROUPS/${file%%.*}$ENGINE_CGROUP/crio-$C-app/$file" 2>/dev/null
		done
		for file in cpu.weight cpu.max memory.max; do
			cat "$CGROUPS/$ENGINE_SLICE/crio-$C-app.scope/$file" 2>/dev/null
		done
		say "exec has every processor, wherever it is called from"
		process '.args = ["grep", "Cpus_allowed_list", "/proc/self/status"]'
		PREFIX='taskset --cpu-list 0' see direct exec --process "$T/process.json" "$C-app"
		see direct pause "$C-app"
		until_is status_is app paused
		see direct resume "$C-app"
		see direct delete --force "$C-app"
	}
	but "runc 1.1 leaves the caller's processors to exec, hull and later ones do not" 's/^(\| Cpus_allowed_list:).*/\1/'
	but "runc 1.1 makes another weight of CPU shares" 's/^39$/100/'
	twice update
	told 134217728
	[ "$(nproc --all)" = 1 ] || ! grep -qx '| Cpus_allowed_list:.0' "$TRANSCRIPT"
}

@test "cri-o: nothing is left" {
	wait_for 30 eval 'test -z "$(engine_processes)"'
	is "$(engine_cgroups)" ""
}
