#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# containerd, Debian's, with hull below it: through ctr, and as a kubelet calls its CRI plugin; done with runc too, and
# compared.

load engine
load load

setup_file() {
	local name
	need_engine containerd-engine && engine_begin || return 0
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" "$ENGINE/rootfs"
	printf 'no magic\n' >"$ENGINE/rootfs/bin/script"
	chmod 755 "$ENGINE/rootfs/bin/script"
	# What contrib/engines tells people to write, and this test's own places; no network for pods, no registry.
	{
		sed "s,/usr/bin/hull,$HULL,; s,SystemdCgroup = .*,SystemdCgroup = $(systemd)," "$TOP/contrib/engines/containerd.toml"
		cat <<-EOC
			[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
			  runtime_type = "io.containerd.runc.v2"
			[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
			  SystemdCgroup = $(systemd)
			[plugins."io.containerd.grpc.v1.cri"]
			  sandbox_image = "local/pause:1"
			  restrict_oom_score_adj = true
			  tolerate_missing_hugetlb_controller = true
			[plugins."io.containerd.grpc.v1.cri".containerd]
			  snapshotter = "native"
			[plugins."io.containerd.grpc.v1.cri".cni]
			  bin_dir = "$ENGINE/cni"
			  conf_dir = "$ENGINE/cni"
		EOC
		for name in hull runc crun; do
			cat <<-EOC
				[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.load-$name]
				  runtime_type = "io.containerd.runc.v2"
				[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.load-$name.options]
				  BinaryName = "$ENGINE/load/$name"
			EOC
		done
	} >"$ENGINE/config.toml"
	jq -nr --arg dir "$ENGINE" '"root = \"\($dir)/root\"\nstate = \"/run/engine\"\n[grpc]\naddress = \"\($dir)/c.sock\""' |
		cat - <(grep -v '^version' "$ENGINE/config.toml") | sed '1i version = 2' >"$ENGINE/containerd.toml"
	network_plugins
	containerd_up || return 0
	image_archive local/pause:1 "$ENGINE/pause.tar" sleep 1000000
	within ctr --address "$ENGINE/c.sock" --namespace k8s.io images import --snapshotter native "$ENGINE/pause.tar" >/dev/null
	engine_mounts >"$ENGINE/mounts"
}

# A network of nothing: what it must answer, and no interface.
network_plugins() {
	mkdir "$ENGINE/cni"
	echo '{"cniVersion": "0.4.0", "name": "nothing", "plugins": [{"type": "nothing"}]}' >"$ENGINE/cni/1-nothing.conflist"
	cat >"$ENGINE/cni/nothing" <<-'EOC'
		#!/bin/sh
		version=$(sed -n 's/.*"cniVersion": *"\([0-9.]*\)".*/\1/p')
		case $CNI_COMMAND in
		ADD) echo "{\"cniVersion\": \"$version\", \"interfaces\": [{\"name\": \"$CNI_IFNAME\", \"sandbox\": \"$CNI_NETNS\"}],
			\"ips\": [{\"version\": \"4\", \"interface\": 0, \"address\": \"10.9.9.9/24\"}], \"dns\": {}}" ;;
		esac
	EOC
	chmod 755 "$ENGINE/cni/nothing"
	ln -s nothing "$ENGINE/cni/loopback"
}

systemd() {
	[ "$DRIVER" = systemd ] && echo true || echo false
}

containerd_up() {
	engine_spawn containerd containerd --config "$ENGINE/containerd.toml"
	until_ok ctr version ||
		cannot "containerd does not come up: $(tail -n 1 "$ENGINE/containerd.log")"
}

teardown_file() {
	engine_end
}

ctr() {
	within ctr --address "$ENGINE/c.sock" --namespace test "$@"
}

# What hull says differently on purpose.
errors() {
	but "runc puts what it was doing before each text; hull says the fault alone" \
		's/(runc create failed|runc exec failed|exec failed): unable to start container process: //'
	but "runc 1.1.15 tells a directory apart" 's/("\/etc"): is a directory: unknown/\1: permission denied: unknown/'
}

binary() {
	case $R in hull) echo "$HULL" ;; *) echo "$RUNC" ;; esac
}

# place - where ctr shall make a container's cgroup.
place() {
	case $DRIVER in
	systemd) echo "--runc-systemd-cgroup --cgroup $ENGINE_SLICE:ctr:$C" ;;
	*) echo "--cgroup $ENGINE_CGROUP/$C" ;;
	esac
}

# box OPTION... - COMMAND... - a container that ends by itself; back SCRIPT - one in the background.
box() {
	local options=()
	while [ "$1" != - ]; do
		options+=("$1")
		shift
	done
	shift
	see ctr run --rm --runc-binary "$(binary)" $(place) --env PATH=/bin "${options[@]}" --rootfs "$ENGINE/rootfs" "$C" "$@"
}

back() {
	see ctr run -d --runc-binary "$(binary)" $(place) --env PATH=/bin --log-uri "file://$T/log" --rootfs "$ENGINE/rootfs" \
		"$C" sh -c "$1"
}

status_is() {
	[ "$(ctr task ls | awk -v c="$1" '$1 == c { print $3 }')" = "$2" ]
}

@test "containerd: run: output, exit status, stdin, environment" {
	run_case() {
		box - sh -c 'echo to stdout; echo to stderr >&2; exit 7'
		box --env A=b --cwd /tmp - sh -c 'echo $A $PWD; id'
		(echo "from stdin"; until_ok status_is "$C" RUNNING) | box - cat
		box --memory-limit 33554432 --cpus 0.5 --read-only --cap-drop CAP_CHOWN --device /dev/null - sh -c 'touch /x; grep CapEff /proc/self/status'
		box --mount type=bind,src="$ENGINE/bin",dst=/mnt,options=rbind:ro - sh -c 'ls /mnt; touch /mnt/x'
	}
	both run run_case
	told '= 7' '| to stdout' '! to stderr' '| b /tmp' '| from stdin' 'Read-only file system'
}

@test "containerd: run: a missing command, a directory, a file that is no program" {
	missing_case() {
		box - no-such-command
		box - /no/such/file
		box - /etc
		box - /bin/script
		say left: "$(ctr container ls -q | grep "$C")"
	}
	errors
	but "a program of a wrong format is start's error with hull; runc has started by then, and tells the container's stderr" \
		's,ctr: OCI runtime start failed: (exec /bin/script: exec format error): unknown,\1,'
	both missing missing_case
	told 'executable file not found in $PATH' 'permission denied'
}

@test "containerd: recursively read-only binds, propagation, namespaces by path" {
	more_case() {
		mkdir -p "$T/tree/below"
		within mount -t tmpfs tmpfs "$T/tree/below"
		for option in ro rro; do
			box --mount "type=bind,src=$T/tree,dst=/mnt,options=rbind:$option" - sh -c 'touch /mnt/x; touch /mnt/below/x && echo "below: written"'
		done
		box --mount "type=bind,src=$T/tree,dst=/mnt,options=rbind:rslave" - \
			sh -c 'awk "\$5 ~ \"^/mnt\" { print \$5, \$7 }" /proc/self/mountinfo | sed "s/:.*//"'
		within umount "$T/tree/below"
		touch "$T/net" "$T/uts"
		within unshare --net="$T/net" --uts="$T/uts" hostname pinned
		box --with-ns "network:$T/net" --with-ns "uts:$T/uts" - sh -c 'hostname; readlink /proc/self/ns/net' | sed "s/\[$(within stat -L -c %i "$T/net")\]/ is that/"
		within umount "$T/net" "$T/uts"
	}
	both more more_case
	told '| pinned' '| net: is that' '| below: written' '| /mnt master'
}

# ctr forgets the runtime's path together with a user namespace: the shim executes the word runc.
@test "containerd: a user namespace" {
	userns_case() {
		ln -sfn "$(binary)" "$ENGINE/bin/runc.new"
		mv -T "$ENGINE/bin/runc.new" "$ENGINE/bin/runc"
		see ctr run -d $(place) --env PATH=/bin --snapshotter native --uidmap 0:100000:5000 --gidmap 0:200000:5000 \
			--log-uri "file://$T/log" docker.io/local/pause:1 "$C" sh -c '
			cat /proc/self/uid_map /proc/self/gid_map; id -u; touch /x && stat -c "%u %g" /x /bin; echo up; while :; do sleep 0.2; done'
		until_ok grep -q up "$T/log"
		see cat "$T/log"
		see ctr task exec --exec-id e --user 7:8 "$C" sh -c 'id -u; id -g; touch /y; cat /proc/self/uid_map'
		see of_binary
		see ctr task rm -f "$C"
		see ctr container rm "$C"
		ln -sfn "$RUNC" "$ENGINE/bin/runc"
	}
	# Whose state there is tells which runtime it was.
	of_binary() {
		if within test -e "/run/containerd/runc/test/$C/state.json" -a "$R" = runc; then
			echo its own
		elif within test -e "/run/containerd/runc/test/$C/config.json" -a "$R" = hull; then
			echo its own
		fi
	}
	within ctr --address "$ENGINE/c.sock" --namespace test images import --snapshotter native "$ENGINE/pause.tar" >/dev/null
	both --in-turn userns userns_case
	told '100000       5000' '200000       5000' '| its own'
}

@test "containerd: run and exec on a terminal" {
	tty_case() {
		see within "$TOOLS/term" run expect:ready 'send:hello\n' 'expect:got hello' resize:33x99 signal:SIGWINCH expect:sized -- \
			ctr --address "$ENGINE/c.sock" --namespace test run -t --rm --runc-binary "$(binary)" $(place) --env PATH=/bin \
			--rootfs "$ENGINE/rootfs" "$C" sh -c '
			stty -echo; tty; until [ "$(stty size 2>/dev/null)" = "24 80" ]; do sleep 0.1; done; echo ready; read x; echo "got $x"
			until [ "$(stty size)" = "33 99" ]; do sleep 0.1; done; echo sized; exit 4' | tr -d '\r'
		back 'while :; do sleep 0.2; done'
		see within "$TOOLS/term" run expect:ready 'send:hello\n' 'expect:got hello' -- \
			ctr --address "$ENGINE/c.sock" --namespace test task exec -t --exec-id e "$C" \
			sh -c 'stty -echo; tty; echo ready; read x; echo "got $x"; exit 5' | tr -d '\r'
		see ctr task rm -f "$C"
		see ctr container rm "$C"
	}
	but "ctr sets the size of a terminal whose program may have ended" '/resize pty .*cannot resize a stopped container/d'
	both tty tty_case
	told '= 4' '= 5' '/dev/pts/0' 'sized'
}

@test "containerd: exec, detached too, as a user, a missing command; ps, ls, metrics" {
	exec_case() {
		back 'while :; do sleep 0.2; done'
		see ctr task exec --exec-id a "$C" sh -c 'echo out; echo err >&2; exit 9'
		see ctr task exec --exec-id b --user 1000:1000 --cwd /tmp "$C" sh -c 'pwd; id -u'
		(echo "to exec"; sleep 1) | see ctr task exec --exec-id c "$C" sh -c 'read x; echo $x'
		see ctr task exec --exec-id d "$C" no-such-command
		see ctr task exec --exec-id e "$C" /etc
		see ctr task exec --exec-id f -d --log-uri "file://$T/exec.log" "$C" sh -c 'echo detached'
		until_ok grep -q detached "$T/exec.log"
		see ctr task exec --exec-id g "$C" sh -c 'kill -9 $$'
		see listed "$C"
		see pids "$C"
		see metrics "$C"
		see ctr task rm -f "$C"
		see ctr container rm "$C"
	}
	listed() {
		ctr task ls | awk -v c="$1" '$1 == c { print $3 }'
	}
	pids() {
		ctr task ps "$1" | awk 'NR > 1 { n++ } END { print (n > 0 ? "pids" : "none") }'
	}
	metrics() {
		ctr task metrics "$1" | awk 'NR > 3 { print $1, ($2 > 0) }'
	}
	errors
	both exec exec_case
	told '= 9' '| to exec' '| RUNNING' '| pids' '= 137'
}

@test "containerd: pause, resume, kill, kill --all, a crash of init, delete, start again" {
	life_case() {
		back 'trap "echo term; exit 3" TERM; trap "echo usr1" USR1; echo up; while :; do sleep 0.1; done'
		until_ok grep -q up "$T/log"
		see ctr task kill -s SIGUSR1 "$C"
		until_ok grep -q usr1 "$T/log"
		see ctr task pause "$C"
		status_is "$C" PAUSED || say not paused
		see ctr task exec --exec-id p "$C" true
		see ctr task resume "$C"
		see ctr task delete "$C"
		see ctr task kill -a -s SIGTERM "$C"
		until_ok status_is "$C" STOPPED
		see ctr task kill -s SIGKILL "$C"
		see ctr task exec --exec-id q "$C" true
		see ctr task delete "$C"
		see ctr task delete "$C"
		rm -f "$T/log"
		see ctr task start -d --log-uri "file://$T/log" "$C"
		until_ok grep -q up "$T/log"
		kill -9 "$(ctr task ls | awk -v c="$C" '$1 == c { print $2 }' | inner)"
		until_ok status_is "$C" STOPPED
		see ctr task delete "$C"
		see ctr container rm "$C"
		see ctr task kill "$C"
		see sort -u "$T/log"
	}
	# The pid in the engine's pid namespace, as one of this.
	inner() {
		local pid
		read -r pid
		[ -z "${HULL_ENGINES:-}" ] || { echo "$pid"; return; }
		for dir in /proc/[0-9]*; do
			[ "$(awk '/^NSpid/ { print $3 }' "$dir/status" 2>/dev/null)" = "$pid" ] || continue
			[ "$(awk '/^NSpid/ { print NF }' "$dir/status")" = 4 ] || continue
			echo "${dir#/proc/}"
		done
	}
	errors
	both life life_case
	told '| up'
}

@test "containerd: killed, and up again: its containers live on and can be deleted" {
	before_case() {
		back 'echo up; while :; do sleep 0.2; done'
		until_ok grep -q up "$T/log"
	}
	after_case() {
		until_ok status_is "$C" RUNNING
		until_ok answers && say alive
		see ctr task kill -s SIGKILL "$C"
		until_ok status_is "$C" STOPPED
		see ctr task delete "$C"
		see ctr container rm "$C"
	}
	# ctr may end before it has copied what a short program says; and this case cannot be tried again.
	answers() {
		n=$((${n:-0} + 1))
		ctr task exec --exec-id "x$n" "$C" echo alive | grep -qx alive
	}
	both survive before_case
	within sh -c 'kill -9 "$(ps -e -o pid=,comm= | awk "\$2 == \"containerd\" { print \$1 }")"'
	containerd_up
	both survive after_case
	told '== alive'
}

@test "containerd: a shim that is killed leaves no container" {
	shim_case() {
		back 'echo up; while :; do sleep 0.2; done'
		until_ok grep -q up "$T/log"
		within kill -9 "$(engine_processes | awk -v c="$C" '/containerd-shim-runc-v2/ && index($0, c) { print $1 }')"
		until_ok no_task "$C"
		see ctr container rm "$C"
		until_ok no_cgroup "$C"
	}
	no_task() {
		! ctr task ls | grep -q "^$1 "
	}
	no_cgroup() {
		! engine_cgroups | grep -q "$1"
	}
	both shim shim_case
}

# cri_begin - the client of cri.
cri_begin() {
	coproc CRI {
		cri_client "$TESTS/engines/cri.py" "$ENGINE/c.sock"
	}
}

# cri_client PROGRAM WORD... - in the engine's namespaces, with what Python needs for it.
cri_client() {
	local pids=--pid
	[ -z "${HULL_ENGINES:-}" ] || pids=
	nsenter --target "$ENGINE_INIT" --mount --net $pids -- env CRI_TIMEOUT="$PATIENCE" LD_LIBRARY_PATH="$ENGINE_LIBS" \
		PYTHONPATH="$ENGINE_ROOT/usr/lib/python3/dist-packages" "$@"
}

# pod_cgroup - the pod's, which a kubelet would have made.
pod_cgroup() {
	case $DRIVER in
	systemd) echo "${ENGINE_SLICE%.slice}-$R.slice" ;;
	*) echo "$ENGINE_CGROUP/pod-$R" ;;
	esac
}

# cri CALL FILTER REQUEST... - a call to the client that runs as CRI, and what the jq filter takes of its answer.
cri() {
	local answer
	echo "$1 $(jq -nc "${@:3}")" >&"${CRI[1]}"
	read -r -t $((2 * PATIENCE)) answer <&"${CRI[0]}" || { echo "$1: no answer"; return 1; }
	case $answer in
	'!'*) echo "${answer#! }" >&2; return 1 ;;
	esac
	echo "$answer" >"$T/answer"
	jq -rc "$2" "$T/answer"
}

@test "containerd: CRI: a pod with two containers, as a kubelet makes it" {
	pod_case() {
		local sandbox a b
		cri_begin
		mkdir -p "$T/volume" "$T/logs"
		chmod 777 "$T/volume"
		jq -n --arg name "$C" --arg parent "$(pod_cgroup)" --arg logs "$T/logs" '{metadata: {name: $name, uid: $name, namespace: "default"},
			log_directory: $logs, linux: {cgroup_parent: $parent, security_context: {namespace_options: {network: 2}}}}' >"$T/pod.json"
		see cri RunPodSandbox .pod_sandbox_id --slurpfile p "$T/pod.json" --arg h "$R" '{config: $p[0], runtime_handler: $h}'
		sandbox=$(jq -r .pod_sandbox_id "$T/answer")
		see cri PodSandboxStatus '.status.state, .status.runtime_handler == "'"$R"'"' --arg s "$sandbox" '{pod_sandbox_id: $s}'
		container a 'trap "echo term; exit 3" TERM; echo from a; while :; do sleep 0.1; done'
		a=$(jq -r .container_id "$T/answer")
		container b 'echo from b; cat /v/x; echo y >/v/y; exit 6'
		b=$(jq -r .container_id "$T/answer")
		see cri StartContainer . --arg c "$a" '{container_id: $c}'
		echo x >"$T/volume/x"
		see cri StartContainer . --arg c "$b" '{container_id: $c}'
		until_ok state_is 2 "$b"
		see cri ContainerStatus .status.exit_code --arg c "$b" '{container_id: $c}'
		see cri ExecSync '.exit_code, .stdout, .stderr' --arg c "$a" '{container_id: $c, timeout: 300, cmd: ["sh", "-c", "echo out; echo err >&2; id -u; exit 9"]}'
		see cri ExecSync . --arg c "$a" '{container_id: $c, timeout: 300, cmd: ["no-such-command"]}'
		see cri ExecSync . --arg c "$a" '{container_id: $c, timeout: 1, cmd: ["sleep", "1000"]}'
		# Shared with the pod: ipc, net, uts; its own: pid.
		see cri ExecSync .stdout --arg c "$a" '{container_id: $c, timeout: 300, cmd: ["sh", "-c", "cat /proc/1/comm; hostname | wc -l"]}'
		see cri UpdateContainerResources . --arg c "$a" '{container_id: $c, linux: {cpu_shares: 333, memory_limit_in_bytes: 67108864}}'
		say $(limits_of "$a")
		see cri ContainerStats '.stats.memory.working_set_bytes.value > 0, .stats.cpu.usage_core_nano_seconds.value > 0' --arg c "$a" '{container_id: $c}'
		see cri StopContainer . --arg c "$a" '{container_id: $c, timeout: 300}'
		see cri ContainerStatus '.status.state, .status.exit_code' --arg c "$a" '{container_id: $c}'
		see cri RemoveContainer . --arg c "$a" '{container_id: $c}'
		see cri RemoveContainer . --arg c "$b" '{container_id: $c}'
		see cri StopPodSandbox . --arg s "$sandbox" '{pod_sandbox_id: $s}'
		see cri RemovePodSandbox . --arg s "$sandbox" '{pod_sandbox_id: $s}'
		see cri RemovePodSandbox . --arg s "$sandbox" '{pod_sandbox_id: $s}'
		exec {CRI[1]}>&-
		see cat "$T/volume/y"
		cut -d ' ' -f 2- "$T/logs/a.log" "$T/logs/b.log"
	}
	# container NAME SCRIPT
	container() {
		see cri CreateContainer .container_id --slurpfile p "$T/pod.json" --arg s "$sandbox" --arg name "$1" --arg script "$2" --arg v "$T/volume" '{
			pod_sandbox_id: $s, sandbox_config: $p[0], config: {metadata: {name: $name}, image: {image: "local/pause:1"},
			command: ["sh", "-c", $script], envs: [{key: "A", value: "b"}], mounts: [{container_path: "/v", host_path: $v}], log_path: "\($name).log",
			linux: {resources: {memory_limit_in_bytes: 134217728, cpu_shares: 512, oom_score_adj: 1000},
			security_context: {no_new_privs: true, run_as_user: {value: 1000}, run_as_group: {value: 1000}}}}}'
	}
	limits_of() {
		case $DRIVER in
		systemd) cd "$CGROUPS/$ENGINE_SLICE/$(pod_cgroup)/cri-containerd-$1.scope" && cat cpu.weight memory.max ;;
		*) cat "$CGROUPS/cpu$(pod_cgroup)/$1/cpu.shares" "$CGROUPS/memory$(pod_cgroup)/$1/memory.limit_in_bytes" ;;
		esac
	}
	state_is() {
		[ "$(cri ContainerStatus .status.state --arg c "$2" '{container_id: $c}')" = "$1" ]
	}
	[ -n "${HULL_ENGINES:-}" ] || /usr/bin/python3 -c 'import grpc, google.protobuf' ||
		skip "python3-grpcio and python3-protobuf are not installed"
	[ -e "$CGROUPS/memory" ] || [ "$DRIVER" = systemd ] || skip "looks into v1 cgroups"
	errors
	[ "$DRIVER" != systemd ] || but "runc 1.1 makes another weight of CPU shares" 's/^== (13|42) 67108864$/== WEIGHT 67108864/'
	both pod pod_case
	told '| true' '= 0' 'from a' 'from b' 'executable file not found in $PATH' ' 67108864' '| y'
	if [ "$DRIVER" = systemd ]; then grep -qx '== 42 67108864' "$TRANSCRIPT"; else told '== 333 67108864'; fi
}

@test "containerd: CRI: a pod with a user namespace; a volume for it is refused by containerd 1.7 itself" {
	users_case() {
		local sandbox a
		cri_begin
		mkdir -p "$T/volume" "$T/logs"
		chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" "$T" "$T/volume"
		jq -n --arg name "$C" --arg parent "$(pod_cgroup)" --arg logs "$T/logs" '
			[{host_id: 100000, container_id: 0, length: 65536}] as $map |
			{metadata: {name: $name, uid: $name, namespace: "default"}, log_directory: $logs, linux: {cgroup_parent: $parent,
			security_context: {namespace_options: {userns_options: {mode: 0, uids: $map, gids: $map}}}}}' >"$T/pod.json"
		see cri RunPodSandbox .pod_sandbox_id --slurpfile p "$T/pod.json" --arg h "$R" '{config: $p[0], runtime_handler: $h}' || return 0
		sandbox=$(jq -r .pod_sandbox_id "$T/answer")
		for volume in no yes; do
			see cri CreateContainer .container_id --slurpfile p "$T/pod.json" --arg s "$sandbox" --arg v "$T/volume" --arg m $volume '
				$p[0].linux.security_context.namespace_options as $ns | $ns.userns_options.uids as $map |
				{pod_sandbox_id: $s, sandbox_config: $p[0], config: {metadata: {name: "\($m)-volume"}, image: {image: "local/pause:1"},
				command: ["sh", "-c", "while :; do sleep 0.2; done"], log_path: "a.log",
				mounts: (if $m == "yes" then [{container_path: "/v", host_path: $v, uidMappings: $map, gidMappings: $map}] else [] end),
				linux: {resources: {memory_limit_in_bytes: 134217728}, security_context: {namespace_options: $ns}}}}' || continue
			a=$(jq -r .container_id "$T/answer")
			see cri StartContainer . --arg c "$a" '{container_id: $c}' || continue
			see cri ExecSync .stdout,.stderr,.exit_code --arg c "$a" '{container_id: $c, timeout: 300, cmd: ["sh", "-c",
				"cat /proc/self/uid_map /proc/1/gid_map; id -u; stat -c %u /bin/busybox; touch /x && stat -c %u /x; hostname y"]}'
		done
		see cri StopPodSandbox . --arg s "$sandbox" '{pod_sandbox_id: $s}'
		see cri RemovePodSandbox . --arg s "$sandbox" '{pod_sandbox_id: $s}'
		exec {CRI[1]}>&-
	}
	[ -n "${HULL_ENGINES:-}" ] || skip "the containerd of the host is older than user namespaces of pods"
	errors
	both users users_case
	told '100000      65536' 'idmap mounts not yet supported'
}

@test "containerd: checkpoint beside what goes on, and a container made of it" {
	[ -n "${HULL_ENGINES:-}" ] || skip "criu is only used in the test machine"
	checkpoint_case() {
		mkdir -p "$T/data"
		see ctr run -d --null-io --runc-binary "$(binary)" $(place) --env PATH=/bin --snapshotter native \
			--mount "type=bind,src=$T/data,dst=/data,options=bind:rw" docker.io/local/pause:1 "$C" \
			sh -c 'i=0; while :; do i=$((i + 1)); echo $i >/data/new; mv /data/new /data/n; sleep 0.5; done'
		until_ok counts_to 2
		see ctr task checkpoint --image-path "$T/images" --work-path "$T/images" "$C"
		see test -s "$T/images/inventory.img"
		see ctr container checkpoint --image --task "$C" "docker.io/local/$C:1"
		before=$(cat "$T/data/n")
		until_ok counts_to $((before + 2))
		see ctr task kill -s SIGKILL "$C"
		until_ok status_is "$C" STOPPED
		see ctr task delete "$C"
		see ctr container rm "$C"
		rm "$T/data/n"
		see ctr container restore --live "$C" "docker.io/local/$C:1"
		until_ok counts_to 2
		# It went on, and did not begin again.
		say $(($(cat "$T/data/n") >= before))
		see ctr task exec --exec-id e "$C" sh -c 'tr "\0" " " </proc/1/cmdline | cut -c 1-6; exit 5'
		see ctr task kill -s SIGKILL "$C"
		until_ok status_is "$C" STOPPED
		see ctr task delete "$C"
		see ctr container rm "$C"
		see ctr images rm "docker.io/local/$C:1"
	}
	counts_to() {
		local n
		read -r n <"$T/data/n" && [ "${n:-0}" -ge "$1" ]
	}
	within ctr --address "$ENGINE/c.sock" --namespace test images import --snapshotter native "$ENGINE/pause.tar" >/dev/null
	both checkpoint checkpoint_case
	told '== 1' '| sh -c' '= 5'
}

@test "containerd: load: two hundred containers in pods, probed and removed" {
	load_begin
	local before
	# containerd starts anew, in the cgroup whose time is looked at; shims are its children.
	within sh -c 'kill -9 "$(ps -e -o pid=,comm= | awk "\$2 == \"containerd\" { print \$1 }")"'
	(echo "$BASHPID" >"$LOAD_CGROUP/engine/cgroup.procs"; containerd_up)
	for R in $LOAD_RUNTIMES; do
		before=$(cpu_of engine runtime load)
		cri_client "$TESTS/engines/cri-load.py" "$ENGINE/c.sock" "load-$R" "$LOAD" "$LOAD_WIDTH" \
			"$LOAD_SECONDS" "$ENGINE_CGROUP/load" >"$BATS_TEST_TMPDIR/load.$R" 2>"$BATS_TEST_TMPDIR/errors.$R" ||
			{ cat "$BATS_TEST_TMPDIR/errors.$R"; return 1; }
		until_ok nothing_runs
		load_row containerd "$R" "$before" "$(cpu_of engine runtime load)" "$(cat "$BATS_TEST_TMPDIR/load.$R")"
		is "$(jq .failed "$BATS_TEST_TMPDIR/load.$R")" 0 || { head "$BATS_TEST_TMPDIR/errors.$R"; return 1; }
		is "$(jq .containers "$BATS_TEST_TMPDIR/load.$R")" "$LOAD"
	done
	load_end
}

nothing_runs() {
	[ "$(engine_processes | awk '{ print $4 }' | sort -u | xargs)" = containerd ]
}

@test "containerd: nothing is left: processes, mounts, cgroups, state" {
	is "$(ctr container ls -q)" ""
	until_ok nothing_runs || { engine_processes; return 1; }
	is "$(engine_mounts)" "$(cat "$ENGINE/mounts")"
	# The pod's own cgroup is the kubelet's to remove.
	is "$(engine_cgroups | grep -vE "/(pod-runc|load|engine|hulle.*-(runc|hull)\.slice)$")" ""
	is "$(within find /run/containerd/runc -mindepth 2 -not -path '*/@seccomp*' -not -name .lock)" ""
}
