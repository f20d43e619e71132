#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Podman, Debian's, with hull below it: what people do with it, done with runc too and compared.

load podman
load load

setup_file() {
	podman_begin
}

teardown_file() {
	engine_end
}

@test "podman: run: output, status, errors of the command" {
	case_run() {
		t 7 run --rm box sh -c 'echo out; echo err >&2; exit 7'
		t 0 run --rm box true
		t 1 run --rm box false
		t 127 run --rm box no-such-command
		t 127 run --rm box /no/such/command
		t 126 run --rm box /etc
		t 126 run --rm box /etc/passwd
		t 126 run --rm -w /nowhere/new box no-such-command
		t 0 run --rm -i box cat <<<"one two"
		t 0 ps -a --format '{{.Names}}'
	}
	twice run
	told 'exec: "no-such-command": executable file not found in $PATH'
	told '| one two'
}

@test "podman: run: a file of the wrong format" {
	case_format() {
		printf 'MZ not a program' >program
		chmod 755 program
		t - run --rm -v "$PWD/program:/program:ro" box /program
	}
	but "hull says it at start, where runc lets start succeed and the container fail; Podman's status is that of a failed start" \
		's/^! hull: start: exec/! exec/; /^! Error: `.* start ID` failed: exit status 1$/d; s/^= (1|126)$/= 1 or 126/'
	twice format
	told 'exec format error'
}

@test "podman: run -it, exec -it: a terminal, its size, its end" {
	case_terminal() {
		# The engine sets the size when the program may already run.
		tty 3 -- run --rm -it box sh -c 'tty; until stty size 2>/dev/null | grep -q "^24 80"; do sleep 0.1; done; stty size; ls -l /dev/console | cut -c 1; exit 3'
		tty 0 expect:ready 'send:hello\n' 'expect:got hello' -- run --rm -it box sh -c 'echo ready; read line; echo "got $line"'
		t 0 run -d --name terminal box sleep 1000
		tty 4 -- exec -it terminal sh -c 'tty; until stty size 2>/dev/null | grep -q "^24 80"; do sleep 0.1; done; stty size; exit 4'
		tty 0 'expect:24 80' 'resize:30x90' 'expect:30 90' -- exec -it terminal \
			sh -c 'until stty size 2>/dev/null | grep -q "^24 80"; do sleep 0.1; done; stty size; until [ "$(stty size)" = "30 90" ]; do sleep 0.1; done; stty size'
		t 0 run -dt --name detached box sh -c 'tty; exit 6'
		t 0 wait detached
		t 0 logs detached
		t 0 rm -f -t 0 terminal
		t 0 rm -f -t 0 detached
	}
	twice terminal
	told '| 24 80'
	told '| got hello'
}

@test "podman: run -d, logs, wait, ps, inspect, start again, rm" {
	case_detached() {
		t 0 run -d --name one box sh -c 'echo out; echo err >&2; exit 5'
		t 0 wait one
		t 0 logs one
		t 0 ps -a --format '{{.Names}} {{.Status}}' --filter name=one
		t 0 inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}} {{.State.OOMKilled}} {{.HostConfig.CgroupParent}}' one
		t 0 start one
		t 0 wait one
		t 5 start -a one
		t 0 rm one
		t 125 inspect one
		t 0 create --name two box echo two
		look status format two '{{.State.Status}}'
		t 0 start -a two
		t 0 container exists two
		t 0 rm two
		t 125 start two
	}
	but "time goes by" 's/Exited \(5\) .* ago/Exited (5) AGO/'
	twice detached
}

@test "podman: exec: plain, -i, -d, user, env, workdir, privileged, missing command" {
	case_exec() {
		local directory=126
		[ "$R$MACHINE" != runcmachine ] || directory=255
		t 0 run -d --name ex -e OF=container box sleep 1000
		t 0 exec ex echo plain
		t 5 exec ex sh -c 'echo out; echo err >&2; exit 5'
		t 0 exec -i ex cat <<<"from stdin"
		t 0 exec -u u ex id
		t 0 exec -u 1234:4321 ex id
		t 0 exec -e A=1 -e B=two ex sh -c 'echo $A $B $OF $HOME'
		t 0 exec -w /tmp ex pwd
		t 0 exec ex grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status
		t 0 exec --privileged ex grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status
		t 0 exec -d ex sh -c 'echo detached >/tmp/file'
		until_is pod exec ex test -s /tmp/file
		t 0 exec ex cat /tmp/file
		t 127 exec ex no-such-command
		t 127 exec ex /no/such/command
		t $directory exec ex /etc
		t 126 exec ex /etc/passwd
		t - exec -d ex no-such-command
		t 127 exec -w /nowhere ex true
		t 137 exec ex sh -c 'kill -9 $$'
		t 0 rm -f -t 0 ex
		t 125 exec ex true
	}
	but "Podman 5 finds no word that it knows in what runc 1.1.15 says of a directory" 's/^= 255$/= 126/'
	but "hull names the place in the process" 's/^(! Error: NAME: ).*(cwd).*(: no such file or directory: OCI)/\1cwd\3/'
	twice exec
	told 'uid=1234 gid=4321'
}

@test "podman: stop, kill, signals, restart" {
	case_stop() {
		t 0 run -d --name deaf box sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done'
		until_is logged deaf ready
		t 0 stop -t 1 deaf
		look state format deaf '{{.State.Status}} {{.State.ExitCode}}'
		t 0 run -d --name polite box sh -c 'trap "echo got TERM; exit 9" TERM; trap "echo got USR1" USR1; echo ready; while :; do sleep 0.1; done'
		until_is logged polite ready
		t 0 kill -s USR1 polite
		until_is logged polite USR1
		t 0 stop -t 30 polite
		look state format polite '{{.State.Status}} {{.State.ExitCode}}'
		t 0 logs polite
		t 0 start polite
		until_is has_status polite running
		t 0 kill polite
		until_is has_status polite exited
		look state format polite '{{.State.Status}} {{.State.ExitCode}}'
		t - kill polite
		t 0 stop polite
		t 0 restart -t 0 polite
		until_is has_status polite running
		t 125 kill -s NONSENSE polite
		t 0 rm -f -t 0 polite
		t 0 rm -f -t 0 deaf
		t 125 stop polite
		t 0 run -d --name alarm --stop-signal USR2 box sh -c 'trap "exit 12" USR2; echo ready; while :; do sleep 0.1; done'
		until_is logged alarm ready
		t 0 stop -t 30 alarm
		look state format alarm '{{.State.Status}} {{.State.ExitCode}}'
		t 0 rm alarm
	}
	but "whether the container ended in time" '/level=warning msg="StopSignal SIGTERM failed/d'
	twice stop
	told 'state: exited 9'
	told 'state: exited 12'
}

@test "podman: pause, unpause, top, stats" {
	case_pause() {
		t 0 run -d --name pa box sleep 1000
		t 0 pause pa
		look state format pa '{{.State.Status}}'
		look freezer knob pa freezer.state cgroup.freeze
		t 255 exec pa true
		t - pause pa
		t 0 unpause pa
		look state format pa '{{.State.Status}}'
		t - unpause pa
		t 0 exec pa true
		t 0 top pa user pid args
		t 0 top pa
		t 0 stats --no-stream --format '{{.Name}} {{.PIDs}}' pa
		t 0 pause pa
		t 0 rm -f -t 0 pa
	}
	but "time goes by" 's/ +/ /g; s/^(\| root 1 0 )[0-9.]+ [0-9.hms]+ \? [0-9.hms]+ /\1TIMES /'
	twice pause
	told 'state: paused'
}

@test "podman: limits: memory, cpu, pids, cpuset, shares; update" {
	case_limits() {
		t 0 run -d --name li --memory 64m --memory-swap 64m --cpus 0.5 --pids-limit 20 --cpuset-cpus 0 --cpu-shares 512 box sleep 1000
		limits_of
		t 0 update --memory 96m --memory-swap 96m --cpus 0.75 --cpu-shares 256 li
		limits_of
		t 0 update --cpu-quota 20000 li
		limits_of
		t 0 rm -f -t 0 li
		t - run --rm --cpuset-cpus 4000 box true
	}
	limits_of() {
		look memory knob li memory.limit_in_bytes memory.max
		look swap knob li memory.memsw.limit_in_bytes memory.swap.max
		look quota knob li cpu.cfs_quota_us cpu.max
		look period knob li cpu.cfs_period_us cpu.max
		look shares knob li cpu.shares cpu.weight
		look pids knob li pids.max pids.max
		look cpus knob li cpuset.cpus cpuset.cpus
	}
	but "runc 1.1 makes another weight of CPU shares" 's/^shares: (20|59)$/shares: 512/; s/^shares: (10|35)$/shares: 256/'
	but "hull names the place in the config" 's/^(! Error: .*NAME: ).*(: numerical result out of range)$/\1cpuset.cpus\2/'
	twice limits
}

@test "podman: killed for its memory" {
	case_oom() {
		t 137 run --name oom --memory 24m --memory-swap 24m box tail -n 1 /dev/zero
		look oom format oom '{{.State.OOMKilled}} {{.State.ExitCode}}'
		t 0 rm oom
	}
	but "conmon's own race with the end of the container" 's/^oom: (true|false)/oom: /'
	twice oom
}

@test "podman: capabilities, privileged, seccomp, no-new-privileges" {
	case_caps() {
		local what='grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status'
		t 0 run --rm box sh -c "$what"
		t 0 run --rm --cap-add SYS_TIME --cap-drop CHOWN box sh -c "$what"
		t 0 run --rm --cap-drop all box sh -c "$what; chown 1 /tmp || echo refused"
		t 0 run --rm -u u --cap-add NET_ADMIN box sh -c "$what"
		t 0 run --rm --security-opt no-new-privileges box sh -c "$what"
		t 0 run --rm --security-opt seccomp=unconfined box sh -c "$what"
		echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":13}]}' >profile.json
		t - run --rm --security-opt "seccomp=$PWD/profile.json" box mkdir /tmp/x
		t - run --rm --security-opt "seccomp=$PWD/none.json" box true
		t - run --rm --security-opt label=disable --security-opt apparmor=unconfined box cat /proc/self/attr/current
		t 0 run --rm --privileged box sh -c "$what; ls /dev/ | grep -x -e loop-control -e fuse; mount | grep -c ' on /proc/.*ro,' || :"
		t 0 run --rm --security-opt mask=/proc/loadavg box cat /proc/loadavg
		t 0 run --rm --security-opt unmask=ALL box sh -c 'mount | grep -c " on /proc/" || :'
	}
	twice caps
}

@test "podman: read-only, tmpfs, volumes, propagation" {
	case_volumes() {
		mkdir data
		echo hello >data/file
		t 1 run --rm --read-only box touch /file
		t 0 run --rm --read-only box touch /tmp/file /run/file
		t 0 run --rm --read-only --read-only-tmpfs=false --tmpfs /t:size=1m,mode=1770 box sh -c 'touch /t/x; mount | grep " /t "; stat -c %a /t'
		t 0 run --rm -v "$PWD/data:/data" box sh -c 'cat /data/file; echo more >/data/more'
		look more cat data/more
		t 1 run --rm -v "$PWD/data:/data:ro" box touch /data/again
		t 0 run --rm -v "$PWD/data:/data:rshared" box grep ' /data ' /proc/self/mountinfo
		t 0 run --rm -v "$PWD/data:/data:ro,nosuid,nodev,noexec" box sh -c 'mount | grep " /data "'
		t 125 run --rm -v "$PWD/none:/data" box true
		t 0 volume create vol
		t 0 run --rm -v vol:/home/u box sh -c 'stat -c "%u %a" /home/u; echo kept >/home/u/kept'
		t 0 run --rm -v vol:/v:ro box cat /v/kept
		t 0 volume rm vol
		t 0 run --rm --mount type=tmpfs,destination=/m,tmpfs-size=4096k box sh -c 'df /m | tail -n 1 | awk "{ print \$2 }"'
		t 0 run --rm --device /dev/null:/dev/nothing:r box sh -c 'ls -l /dev/nothing | cut -c 1; cat /dev/nothing'
		t 0 run --rm --shm-size 2m box sh -c 'df /dev/shm | tail -n 1 | awk "{ print \$2 }"'
	}
	but "numbers of mounts and of their peers, a path below them" 's/^\| [0-9]+ [0-9]+ [0-9]+:[0-9]+ [^ ]+ /| N N DEVICE PATH /; s/shared:[0-9]+/shared:N/'
	twice volumes
}

@test "podman: users, groups, sysctl, ulimit, environment, hosts" {
	case_users() {
		t 0 run --rm -u u box id
		t 0 run --rm -u 1234:4321 --group-add 77 --group-add 88 box id
		t 126 run --rm -u nobody-here box id
		t 0 run --rm --sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=4096 box cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax
		t - run --rm --sysctl net.no.such=1 box true
		t 0 run --rm --ulimit nofile=100:200 --ulimit nproc=4096:4096 box sh -c 'ulimit -Sn; ulimit -Hn'
		t 0 run --rm -e A=b --env-host=false -w /tmp box sh -c 'env | sort | grep -v ^HOSTNAME; pwd'
		t 0 run --rm --hostname named box sh -c 'hostname; cat /etc/hostname'
		t 0 run --rm --umask 0077 box sh -c umask
		t 0 run --rm --oom-score-adj 500 box cat /proc/self/oom_score_adj
		t 0 run --rm --annotation org.example.a=b --label l=m box true
	}
	but "hull names the place in the config" 's/^(! Error: NAME: ).*(sysctl|sys).*(: no such file or directory: OCI)/\1sysctl\3/'
	twice users
}

@test "podman: namespaces of the host, of a container, of a path" {
	case_namespaces() {
		local kind
		t 0 run -d --name ns --hostname first --ipc shareable box sleep 1000
		for kind in pid ipc uts net; do
			t 0 run --rm "--$kind" host box readlink "/proc/self/ns/$kind" | named "$(within readlink "/proc/self/ns/$kind")" HOST
			t 0 run --rm "--$kind" container:ns box readlink "/proc/self/ns/$kind" | named "$(namespace_of ns $kind)" CONTAINER
			t 0 run --rm "--$kind" "ns:/proc/$(format ns '{{.State.Pid}}')/ns/$kind" box readlink "/proc/self/ns/$kind" |
				named "$(namespace_of ns $kind)" CONTAINER
		done
		t 0 run --rm --uts container:ns box hostname
		t 0 run --rm --pid container:ns box sh -c 'ps -o args | grep -c "^sleep 1000"'
		t 0 run --rm --cgroupns host box sh -c 'grep -c -e hull-test -e machine.slice /proc/self/cgroup'
		t 0 run --rm --cgroupns private box cat /proc/self/cgroup
		t 0 run -d --name hostpid --pid host box sh -c 'sleep 1000 & sleep 1001'
		t 0 stop -t 0 hostpid
		t 0 rm hostpid
		t 0 rm -f -t 0 ns
	}
	# named NUMBER NAME - the numbers of namespaces are new each time: say whose it is.
	named() {
		sed "s,${1//[/\\[},$2,; s,/proc/[0-9]*/,/proc/PID/,"
	}
	but "runc looks for the cgroup, where the pid namespace is another's; systemd has removed it" \
		'/^! time="TIME" level=warning msg="(freezer not supported: openat2|lstat) .*: no such file or directory"$/d'
	twice namespaces
	is "$(grep -c '^| HOST$' <<<"$output")" 4
	is "$(grep -c '^| CONTAINER$' <<<"$output")" 8
}

@test "podman: attach, cp, diff, commit, rename, export" {
	case_files() {
		t 0 create -i --name at box sh -c 'read line; echo "got $line"; exit 8'
		t 8 start -ai at <<<hello
		t 0 start at
		t - attach at <<<again
		until_is has_status at exited
		t 0 logs at
		t 0 rm at
		echo file >file
		t 0 run -d --name cp box sh -c 'echo new >/new; rm /etc/group; echo ready; exec sleep 1000'
		until_is logged cp ready
		t 0 cp "$T/file" cp:/tmp/copied
		t 0 exec cp cat /tmp/copied
		t 0 cp cp:/new "$T/back"
		look back cat back
		t 0 diff cp
		[ "$PODMAN_DRIVER" = vfs ] || commit
		t 0 rename cp moved
		t 0 rm -f -t 0 moved
	}
	# It reads /etc/containers/policy.json and nothing else: there is one where /etc is an overlay.
	commit() {
		t 0 commit -q cp committed
		t 0 run --rm localhost/committed sh -c 'cat /new /tmp/copied; ls /etc'
		t 0 rmi localhost/committed
	}
	but "attach may see the container end before it hears its status" 's/^= (0|8)$/= 0 or 8/'
	twice files
	told 'got hello'
	told 'got again'
}

@test "podman: --init, health check, restart policy" {
	case_init() {
		t 0 run --rm --init box sh -c 'tr "\0" " " </proc/1/cmdline'
		t 0 run -d --name he --health-cmd 'test -e /healthy' --health-interval disable box sleep 1000
		t 1 healthcheck run he
		t 0 exec he touch /healthy
		t 0 healthcheck run he
		look health format he '{{.State.Health.Status}} {{.State.Health.FailingStreak}}'
		t 0 rm -f -t 0 he
		t 0 run -d --name re --restart on-failure:2 box sh -c 'echo once; exit 3'
		until_is has_restarted re 2
		until_is has_written re 3
		until_is has_status re exited
		t 0 logs re
		look state format re '{{.RestartCount}} {{.State.ExitCode}}'
		t 0 rm -f -t 0 re
	}
	twice init
}

@test "podman: a pod: shared namespaces, top, stop, rm" {
	case_pod() {
		cp "$ENGINE_ROOT/usr/bin/catatonit" .
		printf 'FROM scratch\nCOPY catatonit /catatonit\nENTRYPOINT ["/catatonit", "-P"]\n' >Pause
		t 0 build -q --signature-policy "$ENGINE_ROOT/etc/containers/policy.json" -t pause -f "$T/Pause" "$T"
		t 0 pod create --name po --infra-image localhost/pause --share ipc,net,uts --hostname of-pod
		t 0 create --pod po --name po-a box sleep 1000
		t 0 create --pod po --name po-b box sleep 1000
		t 0 pod start po
		until_is has_status po-a running
		[ "$(namespace_of po-a net)" = "$(namespace_of po-b net)" ] || echo "WRONG: not the same network namespace"
		t 0 exec po-a hostname
		t 0 pod ps --format '{{.Name}} {{.Status}} {{.NumberOfContainers}}'
		t 0 pod pause po
		look state format po-b '{{.State.Status}}'
		t 0 pod unpause po
		t 0 pod stop -t 0 po
		t 0 pod rm -f -t 0 po
		t 0 ps -aq
	}
	twice pod
}

@test "podman: --preserve-fds, sd-notify, --cgroups" {
	case_fds() {
		echo 'through three' >three
		echo 'through four' >four
		OPEN='3<three 4<four' t 0 run --rm --preserve-fds 2 box sh -c 'cat <&3; cat <&4'
		t 0 run -d --name fd box sleep 1000
		OPEN='3<three' t 0 exec --preserve-fds 1 fd sh -c 'cat <&3; ls /proc/self/fd | tr "\n" " "'
		t 0 rm -f -t 0 fd
		t 0 run --rm --cgroups enabled box true
		t 0 run --rm --cgroups no-conmon box true
	}
	twice fds
	told 'through four'
}

@test "podman: --sdnotify container: the program says itself that it is ready" {
	case_notify() {
		local supervisor
		"$TOOLS/supervisor" "$PWD/notify" "$PWD/said" 300 3>&- &
		supervisor=$!
		until_is test -S notify
		NOTIFY=$PWD/notify t 0 run -d --name notify --sdnotify container -v /usr:/usr:ro -v /usr/lib:/lib:ro -v /usr/lib64:/lib64:ro box \
			/usr/bin/perl -e 'use Socket; $| = 1; socket(S, AF_UNIX, SOCK_DGRAM, 0); print "starts\n";
			sub notify { send(S, $_[0], 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) or print "not sent: $!\n" }
			notify("STATUS=up"); notify("READY=1"); print "told\n"; sleep 1000'
		until_is logged notify told
		until_is grep -q READY=1 said
		t 0 logs notify
		t 0 rm -f -t 0 notify
		kill "$supervisor"
		wait "$supervisor" 2>/dev/null
		look said sort -u said
	}
	but "conmon's pid" 's/MAINPID=[0-9]+/MAINPID=CONMON/'
	twice notify
	told 'READY=1'
}

@test "podman: a network of its own: a bridge" {
	long
	if [ -z "$MACHINE" ]; then
		CNI=$("$TESTS/fixtures/cni-engine") || skip "Debian's network plugins cannot be had"
		ln -sf "$CNI"/usr/lib/cni/* "$ENGINE/cni/"
	fi
	within sh -c 'ip link add hull-br type bridge && ip link del hull-br' || skip "this kernel has no bridges"
	# network - Podman 4.3 has CNI's plugins here, Podman 5 has netavark.
	network() {
		mkdir nets
		NETS=$PWD/nets
		if [ -n "$MACHINE" ]; then
			t 0 network create --disable-dns --interface-name "br-$R" --subnet "10.98.$([ "$R" = hull ] && echo 1 || echo 2).0/24" "of-$R"
			return
		fi
		jq -n --arg name "$R" --arg dir "$PWD" '{cniVersion: "0.4.0", name: "of-\($name)", plugins: [{type: "bridge", bridge: "br-\($name)",
			ipam: {type: "host-local", dataDir: "\($dir)/addresses", ranges: [[{subnet: (if $name == "hull" then "10.98.1.0/24" else "10.98.2.0/24" end)}]]}}]}' \
			>nets/of.conflist
	}
	case_bridge() {
		network
		set -- --network "of-$R"
		t 0 run -d --name server "$@" box sh -c 'while :; do nc -l -p 99 -e echo over the bridge; done'
		until_is has_status server running
		address=$(format server "{{(index .NetworkSettings.Networks \"of-$R\").IPAddress}}")
		t 0 run --rm --name client "$@" -e "A=$address" box sh -c 'ip -o -4 addr show eth0 | wc -l; n=0
			until nc $A 99 </dev/null 2>/dev/null || [ $n = 50 ]; do sleep 0.2; n=$((n + 1)); done'
		t 0 run --rm --network container:server box sh -c 'ip -o link | wc -l; until nc 127.0.0.1 99 </dev/null 2>/dev/null; do sleep 0.2; done'
		t 0 exec server ip -o -4 addr show eth0
		t 0 rm -f -t 0 server
		if [ -n "$MACHINE" ]; then
			t 0 network rm "of-$R"
			[ ! -e "/sys/class/net/br-$R" ] || echo "WRONG: the bridge is left"
		else
			look "addresses that are still taken" find addresses -name '10.*'
			within ip link del "br-$R"
		fi
		NETS=
	}
	but "each has a subnet of its own" 's/\b(br|of)-(hull|runc)/\1-NAME/g; s/10\.98\.[0-9.]*/ADDRESS/g; s/^(\| )[0-9]+(: eth0)/\1N\2/; s/if[0-9]+/ifN/g'
	twice bridge
	told '| over the bridge'
}

@test "podman: info, version: hull" {
	R=hull
	run pod info --format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}} {{.Host.OCIRuntime.Version}}'
	is "$status" 0
	has "$output" "hull $HULL hull version $("$HULL" --version | sed -n '1s/.* //p')"
	# By its path alone, without any configuration.
	local manager=systemd parent=()
	[ -n "$MACHINE" ] || { manager=cgroupfs parent=(--cgroup-parent "$ENGINE_CGROUP/hull"); }
	R=$HULL run within env CONTAINERS_CONF=/dev/null podman --root "$ENGINE/store.hull/root" --runroot "$ENGINE/store.hull/run" \
		--tmpdir "$ENGINE/store.hull/tmp" --cgroup-manager $manager --events-backend file --runtime "$HULL" run --rm \
		"${parent[@]}" --network none --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 \
		--security-opt "seccomp=$ENGINE_ROOT/usr/share/containers/seccomp.json" box echo ran
	has "$output" ran
}

@test "podman: --cgroups=disabled: where the caller is" {
	R=hull
	T=/
	run pod run --rm --cgroups disabled box cat /proc/self/cgroup
	is "$status" 0
	has "$output" 0::
	! grep -q libpod <<<"$output" || { echo "$output"; return 1; }
}

@test "podman: a user namespace, sd-notify, more forms of limits" {
	long
	local swappiness=(--memory-swappiness 10) # cgroup v2 has none; runc says nothing then
	[ -z "$MACHINE" ] || swappiness=()
	case_more() {
		t 0 run --rm --uidmap 0:100000:5000 --gidmap 0:200000:5000 box sh -c 'id; cat /proc/self/uid_map /proc/self/gid_map; touch /tmp/x && stat -c "%u %g" /tmp/x'
		t 0 run -d --name mapped --uidmap 0:100000:5000 --gidmap 0:200000:5000 box sleep 1000
		t 0 exec mapped id
		t 0 exec -u 7:8 mapped cat /proc/self/uid_map
		look owner stat -c '%u %g' "/proc/$(in_host "$(format mapped '{{.State.Pid}}')")"
		t 0 rm -f -t 0 mapped
		t 0 run --rm --sdnotify ignore box sh -c 'echo "[$NOTIFY_SOCKET]"'
		t 0 run --rm --sdnotify conmon box sh -c 'echo "[$NOTIFY_SOCKET]"'
		t 0 run --rm --memory-reservation 32m "${swappiness[@]}" --blkio-weight 300 --cpuset-mems 0 box true
		t 0 run --rm --tz local --no-hosts --dns none box true
		t 0 run --rm --stop-timeout 3 --log-driver none box echo not logged
		t 0 run --rm --entrypoint '["echo", "entry"]' box point
	}
	# in_host PID - the pid that a process of the engine's pid namespace has here.
	in_host() {
		grep -lsE "^NSpid:.*[[:space:]]$1([[:space:]]|\$)" /proc/[0-9]*/status | while read -r file; do
			[ "$(readlink "${file%/status}/ns/user")" = "$(readlink /proc/self/ns/user)" ] || echo "${file%/status}"
		done | sed 's,/proc/,,' | head -n 1
	}
	twice more
	told '| uid=0(root) gid=0(root)' 'owner: 100000 200000'
	if [ -n "$MACHINE" ]; then
		R=hull
		run pod run --rm --memory-swappiness 10 box true
		is "$status" 126
		has "$output" '/linux/resources/memory/swappiness (line 1): cgroup v2 has no counterpart of it'
	fi
}

@test "podman: killed with SIGKILL while it creates and removes: nothing is undeletable" {
	long
	local delay delays='0.03 0.06 0.09 0.12 0.15 0.2 0.3 0.5'
	[ -z "$MACHINE" ] || delays='0.5 1 1.5 2 2.5 3 4 6'
	R=hull T=/
	for delay in $delays; do
		timeout --signal=KILL $delay "$BASH" -c "$(declare -f within pod pod_in_cgroup)"'; pod_in_cgroup run -d --name killed box sleep 1000' \
			>/dev/null 2>&1 </dev/null || :
		run pod ps -a --format '{{.Names}}'
		is "$status" 0
		pod_in_cgroup run --rm box true
		timeout --signal=KILL $delay "$BASH" -c "$(declare -f within pod)"'; pod rm -f -t 0 killed' >/dev/null 2>&1 </dev/null || :
		pod rm -f -i -t 0 killed >/dev/null
		# What conmon made for a Podman that did not live to write it down is in hull's list, and can be deleted.
		for id in $(within hull list -q); do
			within hull delete --force "$id"
		done
		is "$(within hull list -q)" ""
	done
}

# each WORD... - podman with these words, for every container of the load; % is its number.
each() {
	seq 1 "$LOAD" | xargs -P "$LOAD_WIDTH" -I % "$BASH" -c '"$@" >/dev/null 2>>"$0" || echo "failed: $*" >>"$0"' "$BATS_TEST_TMPDIR/errors" pod "$@"
}

# under_load - makes, probes and removes them; prints the numbers as JSON.
under_load() {
	local begun=$EPOCHREALTIME made probed probes=0
	echo "$BASHPID" >"$LOAD_CGROUP/engine/cgroup.procs"
	# conmon stays in the cgroup of its caller.
	each run -d --name "load-%" --cgroups no-conmon --cgroup-parent "$ENGINE_CGROUP/load" --memory 64m box sleep 1000000
	made=$EPOCHREALTIME
	while [ "$(jq -n "$EPOCHREALTIME - $made < $LOAD_SECONDS")" = true ]; do
		sleep 1 &
		each exec "load-%" true
		probes=$((probes + LOAD))
		wait $!
	done
	probed=$EPOCHREALTIME
	each rm -f -t 0 "load-%"
	jq -n --argjson failed "$(grep -c '^failed' "$BATS_TEST_TMPDIR/errors")" "def tenth: . * 10 | round / 10; {containers: $LOAD, probes: $probes, \$failed,
		create: ($made - $begun | tenth), probe: ($probed - $made | tenth), remove: ($EPOCHREALTIME - $probed | tenth)}"
}

# without_systemd - another configuration of the machine's Podman: the cgroups are named, and what stands in for the runtimes.
without_systemd() {
	export CONTAINERS_CONF=$BATS_TEST_TMPDIR/containers.conf
	awk -v dir="$ENGINE/load" '{ sub(/^cgroup_manager = .*/, "cgroup_manager = \"cgroupfs\""); print }
		$0 == "[engine.runtimes]" { for (i = split("hull runc crun", name, " "); i; i--) printf "load-%s = [\"%s/%s\"]\n", name[i], dir, name[i] }' \
		"$ENGINE/containers.conf" >"$CONTAINERS_CONF"
}

@test "podman: load: two hundred containers, probed and removed" {
	load_begin
	local name before numbers
	[ -z "$MACHINE" ] || without_systemd
	export R T=/
	export -f within pod
	for name in $LOAD_RUNTIMES; do
		R=load-$name
		: >"$BATS_TEST_TMPDIR/errors"
		pod import "$ENGINE/busybox.tar" box >/dev/null 2>&1
		before=$(cpu_of engine runtime load)
		numbers=$(under_load)
		load_row Podman "$name" "$before" "$(cpu_of engine runtime load)" "$numbers"
		is "$(jq .failed <<<"$numbers")" 0 || { head "$BATS_TEST_TMPDIR/errors"; return 1; }
		is "$(pod ps -aq)" ""
		wait_for 30 no_processes || { engine_processes; return 1; }
		is "$(engine_cgroups | grep /load/ || :)" ""
		is "$(within "$ENGINE/bin/hull" list -q)" ""
		within umount "$ENGINE/store.$R/root/overlay" 2>/dev/null || :
	done
	load_end
}

@test "podman: nothing is left" {
	podman_is_clean
}
