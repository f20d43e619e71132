#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Docker, Debian's, with hull below it: what people do with it, done with runc too and compared.

load engine

setup_file() {
	need_engine docker-engine && engine_begin || return 0
	export DOCKER_HOST=unix://$ENGINE/docker.sock DOCKER_CONFIG=$ENGINE/client
	# What contrib/engines tells people to write, and this test's own places.
	jq --arg hull "$HULL" --arg dir "$ENGINE" --arg cgroup "$ENGINE_CGROUP" --arg driver "$DRIVER" --arg slice "$ENGINE_SLICE" '
		.runtimes.hull.path = $hull | . + {
		"data-root": "\($dir)/data", "exec-root": "\($dir)/exec", "pidfile": "\($dir)/docker.pid",
		"hosts": ["unix://\($dir)/docker.sock"], "cgroup-parent": $cgroup,
		"storage-driver": "vfs", "iptables": false, "ip6tables": false
	} + if $driver == "systemd" then {
		"exec-opts": ["native.cgroupdriver=systemd"], "cgroup-parent": $slice, "storage-driver": "overlay2", "experimental": true
	} else {} end' "$TOP/contrib/engines/docker-daemon.json" >"$ENGINE/daemon.json"
	mkdir -p "$ENGINE/client"
	[ -z "${HULL_ENGINES:-}" ] || jq -n --arg dir "$ENGINE_ROOT/usr/libexec/docker/cli-plugins" '{cliPluginsExtraDirs: [$dir]}' >"$ENGINE/client/config.json"
	dockerd_up || return 0
	tar -C "$("$TESTS/fixtures/busybox-rootfs")" -c . | docker import - box >/dev/null
	engine_mounts >"$ENGINE/mounts"
}

dockerd_up() {
	if [ -n "${HULL_ENGINES:-}" ]; then
		printf '%s\n' 'version = 2' "root = \"$ENGINE/containerd/root\"" "state = \"$ENGINE/containerd/state\"" \
			'disabled_plugins = ["io.containerd.grpc.v1.cri"]' '[grpc]' "address = \"$ENGINE/containerd.sock\"" >"$ENGINE/containerd.toml"
		engine_spawn containerd containerd --config "$ENGINE/containerd.toml"
		until_ok test -S "$ENGINE/containerd.sock"
	fi
	engine_spawn dockerd dockerd $(given_containerd) --config-file "$ENGINE/daemon.json"
	until_ok docker version || cannot "dockerd does not come up: $(tail -n 1 "$ENGINE/dockerd.log")"
}

# given_containerd - the option for it: a daemon waits for a containerd of its own for seconds only.
given_containerd() {
	[ -z "${HULL_ENGINES:-}" ] || echo "--containerd=$ENGINE/containerd.sock"
}

teardown_file() {
	engine_end
}

docker() {
	within docker "$@"
}

forget_containers() {
	docker ps --all --quiet | while read -r id; do docker rm --force "$id"; done >/dev/null 2>&1
}

# What hull says differently on purpose, and what the docker client sometimes says and sometimes not.
errors() {
	but "runc puts what it was doing before each text; hull says the fault alone" \
		's/(runc create failed|runc exec failed|exec failed): unable to start container process: //'
	but "runc 1.1.15 tells a directory apart" 's/("\/etc"): is a directory: unknown: permission denied/\1: permission denied: unknown/'
	but "the docker client's own race" '/error waiting for container: context canceled/d'
}

# box OPTION... - a container that ends by itself; shell OPTION... SCRIPT - in the background, doing SCRIPT.
box() {
	see docker run --rm --name "$C" --runtime "$R" "$@"
}

back() {
	local script=${*: -1}
	see docker run -d --name "$C" --runtime "$R" "${@:1:$#-1}" box sh -c "$script"
}

# of CONTAINER FORMAT - what docker inspect says.
of() {
	docker inspect --format "$2" "$1"
}

state_is() {
	[ "$(of "$1" '{{.State.Status}}')" = "$2" ]
}

logged() {
	docker logs "$1" 2>&1 | grep -q "$2"
}

gone_from_docker() {
	! docker inspect "$1"
}

@test "docker: info and version name hull" {
	run docker info --format '{{.DefaultRuntime}} {{json .Runtimes}}'
	is "$status" 0
	has "$output" 'hull {'
	has "$output" "\"hull\":{\"path\":\"$HULL\"" # Docker 26 puts the features behind it
	run docker version
	is "$status" 0
	has "$output" ' hull:'
	has "$output" "$("$HULL" --version | sed -n '1s/.* //p')"
}

run_case() {
	box box sh -c 'echo to stdout; echo to stderr >&2; exit 7'
	box --env A=b --workdir /tmp --hostname h box sh -c 'echo $A $PWD $HOME $PATH; hostname; id'
	box -i box cat <<<"from stdin"
	box box sh -c 'kill -9 $$; kill -TERM $$; sleep 0.1; echo pid 1 lives'
}

@test "docker: run: output, exit status, stdin" {
	both run run_case
	told '= 7' '| to stdout' '! to stderr' '| b /tmp /root' '| from stdin' '| pid 1 lives'
}

tty_case() {
	see within "$TOOLS/term" run expect:ready 'send:hello\n' 'expect:got hello' resize:33x99 signal:SIGWINCH expect:sized -- \
		docker run --rm -it --name "$C" --runtime "$R" --env TERM=dumb box sh -c '
			stty -echo; tty; until [ "$(stty size 2>/dev/null)" = "24 80" ]; do sleep 0.1; done; echo ready; read x; echo "got $x"
			until [ "$(stty size)" = "33 99" ]; do sleep 0.1; done; echo sized; ls -l /dev/console | cut -c 1-10; exit 4' |
		tr -d '\r'
}

@test "docker: run -it: a terminal, and its size" {
	both tty tty_case
	told '= 4' '/dev/pts/0' 'got hello' 'sized'
}

missing_case() {
	box box no-such-command
	box box /no/such/file
	box box /etc
	box box /etc/passwd
	box --workdir /etc/passwd/x box true
	say left: "$(docker ps -aq --filter name="$C")"
}

@test "docker: run: a missing command, a directory, a file that is no program" {
	errors
	both missing missing_case
	told '= 127' 'executable file not found in $PATH' '= 126' 'permission denied' '== left:'
}

@test "docker: run: a program of a wrong format is start's error" {
	local bad=$BATS_TEST_TMPDIR/script
	printf 'no magic\n' >"$bad"
	chmod 755 "$bad"
	# runc has said by then that it started: exit status 1, and the text on the container's stderr.
	run docker run --name runc-bad --runtime runc -v "$bad:/script" box /script
	is "$status" 1
	has "$output" 'exec /script: exec format error'
	is "$(of runc-bad '{{.State.Status}} {{.State.ExitCode}} [{{.State.Error}}]')" "exited 1 []"
	run docker start runc-bad
	is "$status" 0
	# hull's start fails: the daemon has the reason, and Docker 20.10 does not start over and over what restarts failed containers.
	local restart=(--restart on-failure:5)
	[ -z "${HULL_ENGINES:-}" ] || restart=()
	run docker run --name hull-bad "${restart[@]}" -v "$bad:/script" box /script
	is "$status" 125
	has "$output" 'exec /script: exec format error'
	case $(of hull-bad '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}') in
	"created 128 0") ;;
	"created 1 0") [ -n "${HULL_ENGINES:-}" ] ;; # Docker 26 may hear of init's end after that
	*) of hull-bad '{{.State}}'; false ;;
	esac
	has "$(of hull-bad '{{.State.Error}}')" 'exec /script: exec format error'
	run docker start hull-bad
	is "$status" 1
	has "$output" 'exec /script: exec format error'
	docker rm runc-bad hull-bad
	# Docker 26 does what the policy says.
	if [ -n "${HULL_ENGINES:-}" ]; then
		run docker run --name hull-bad --restart on-failure:2 -v "$bad:/script" box /script
		is "$status" 125
		until_ok restarted_for_nothing hull-bad
		docker rm -f hull-bad
	fi
	# exec alike: a status of the program's own with runc, of a program that cannot be executed with hull.
	local runtime
	for runtime in runc:1 hull:126; do
		docker run -d --name exec-bad --runtime "${runtime%:*}" -v "$bad:/script" box sleep 1000
		run docker exec exec-bad /script
		is "$status" "${runtime#*:}"
		has "$output" 'exec /script: exec format error'
		docker rm -f exec-bad
	done
}

restarted_for_nothing() {
	of "$1" '{{.RestartCount}} {{.State.Error}}' | grep -q '^2 .*exec format error'
}

# runc does not run what asks for a capability that the engine does not have; hull leaves it out.
full_caps() {
	[ "$(awk '/^CapBnd/ { print $2 }' /proc/self/status)" = "$(printf '%016x' $(((2 << $(cat /proc/sys/kernel/cap_last_cap)) - 1)))" ]
}

exec_case() {
	back --env FROM=run 'while :; do sleep 0.2; done'
	see docker exec "$C" sh -c 'echo out; echo err >&2; exit 9'
	see docker exec --env B=c --workdir /tmp --user 1000:1000 "$C" sh -c 'echo $FROM $B $PWD $HOME; id -u; id -g; umask'
	see docker exec --user u "$C" id
	see docker exec --user nobody-there "$C" id
	see docker exec -i "$C" cat <<<"to exec"
	see docker exec "$C" no-such-command
	see docker exec "$C" /etc
	! full_caps || see docker exec --privileged "$C" grep Cap /proc/self/status
	see docker exec "$C" grep -E 'Cap|NoNew|Seccomp:' /proc/self/status
	see docker exec "$C" sh -c 'kill -9 $$'
	see docker exec -d "$C" sh -c 'echo detached >/tmp/made'
	until_ok docker exec "$C" grep detached /tmp/made
	see docker exec -d "$C" no-such-command
	see within "$TOOLS/term" run expect:ready 'send:hello\n' 'expect:got hello' -- \
		docker exec -it "$C" sh -c 'stty -echo; tty; echo ready; read x; echo "got $x"; exit 5' | tr -d '\r'
	see docker pause "$C"
	see docker exec "$C" true
	see docker unpause "$C"
	see docker exec "$C" sh -c 'ls /proc | grep -c "^1$"'
	see docker rm -f "$C"
	see docker exec "$C" true
}

@test "docker: exec: plain, detached, on a terminal, as a user, a missing command" {
	errors
	both exec exec_case
	told '= 9' '| run c /tmp' '| to exec' 'executable file not found in $PATH' '| got hello' '= 5' '= 137'
}

# commands, numbers CONTAINER - docker top and stats, without what is another each time.
commands() {
	docker top "$1" -o pid,comm | awk '{ print $2 }' | grep -v sleep | sort -u # the shell forks before it executes
}

numbers() {
	docker stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' "$1" | awk '{ print $1, ($2 > 0), ($3 != "0B"), $5 }'
}

life_case() {
	back --memory 64m 'trap "echo term; exit 3" TERM; trap "echo usr1" USR1; echo up; while :; do sleep 0.1; done'
	until_ok logged "$C" up
	see docker kill --signal USR1 "$C"
	until_ok logged "$C" usr1
	see docker pause "$C"
	say "$(of "$C" '{{.State.Status}} {{.State.Paused}}')"
	see docker stop "$C"
	see docker unpause "$C"
	see docker stop --time 60 "$C"
	say "$(of "$C" '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}')"
	see docker kill "$C"
	see docker start "$C"
	until_ok logged "$C" 'up'
	see docker restart --time 60 "$C"
	say "$(of "$C" '{{.State.Status}} {{.RestartCount}}')"
	see commands "$C"
	see numbers "$C"
	see docker rm "$C"
	see docker kill --signal KILL "$C"
	see docker wait "$C"
	see logs "$C"
	see docker rm "$C"
}

logs() {
	docker logs "$1" | sort -u
}

@test "docker: kill, pause, unpause, stop, start, restart, top, stats, wait, logs, rm" {
	both life life_case
	told '== paused true' '== exited 3 0' '== running 0' '| sh' '64MiB' '| 137'
}

no_sleeper() {
	! within ps -e -o args | grep -q -e '^sleep 1111' -e '^sleep 2222'
}

stop_case() {
	back 'trap : TERM; echo up; while :; do sleep 0.1; done'
	until_ok logged "$C" up
	see docker stop --time 1 "$C"
	say "$(of "$C" '{{.State.Status}} {{.State.ExitCode}}')"
	see docker start "$C"
	see docker rm --force "$C"
	# A container in the host's pid namespace: its other processes end with it.
	back --pid host 'sleep 1111 & sleep 1111 & sleep 1111'
	see docker stop --time 0 "$C"
	say "$(docker inspect --format '{{.State.ExitCode}}' "$C")"
	see docker rm "$C"
}

@test "docker: stop with a timeout; a container in the host's pid namespace" {
	both stop stop_case
	told '== exited 137'
	until_ok no_sleeper
}

update_case() {
	local knobs="cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max /sys/fs/cgroup/cpuset.cpus /sys/fs/cgroup/cpu.weight
		/sys/fs/cgroup/cpu.max /sys/fs/cgroup/memory.low"
	[ -e "$CGROUPS/cgroup.controllers" ] || knobs="cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/cpuset/cpuset.cpus
		/sys/fs/cgroup/cpu/cpu.shares /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/memory/memory.soft_limit_in_bytes"
	knobs=$(echo $knobs)
	back --memory 64m 'while :; do sleep 0.2; done'
	see docker exec "$C" $knobs
	see docker update --memory 96m --memory-swap 96m --pids-limit 44 --cpuset-cpus 0 --cpu-shares 333 --cpu-quota 40000 --memory-reservation 32m "$C"
	see docker exec "$C" $knobs
	see docker update --cpus 0.7 "$C"
	see docker update --cpu-shares 555 "$C"
	see docker update --pids-limit -1 "$C"
	see docker exec "$C" $knobs
	see docker update --cpuset-cpus 4096 "$C"
	see docker rm -f "$C"
}

@test "docker: update" {
	errors
	if [ "$DRIVER" = systemd ]; then
		but "runc 1.1 makes another weight of CPU shares" 's/^\| (13|42)$/| WEIGHT of 333/; s/^\| (22|62)$/| WEIGHT of 555/'
		but "without a limit of its own runc leaves systemd's default" "s/^\| (max|$(systemctl show --property DefaultTasksMax --value))\$/| max or default/"
	fi
	both update update_case
	told '| 100663296' '| 44' '40000' '| max'
	[ -e "$CGROUPS/cgroup.controllers" ] || told '| 333' '| 555'
}

# attach CONTAINER - a line goes in, and comes out.
attach() {
	(echo "a line"; until_ok logged "$1" "attached: a line"; echo end; until_ok state_is "$1" exited) | docker attach "$1"
}

changes() {
	docker diff "$1" | sort
}

files_case() {
	see docker run -d -i --name "$C" --runtime "$R" box sh -c 'read x; echo "attached: $x"; read x
		echo changed >/etc/new; rm /etc/group; mkdir /d'
	see attach "$C"
	until_ok state_is "$C" exited
	see changes "$C"
	echo "from the host" >"$T/file"
	see within docker cp "$T/file" "$C:/d/file"
	see within docker cp "$C:/d/file" "$T/back"
	see cat "$T/back"
	see docker commit "$C" "$C"
	see docker rm "$C"
	see docker run --rm --name "$C" --runtime "$R" "$C" sh -c 'cat /d/file /etc/new; ls /etc'
	docker rmi "$C" >/dev/null
}

@test "docker: attach, diff, cp, commit" {
	both files files_case
	told '| attached: a line' '| C /etc' '| A /etc/new' '| D /etc/group' '| from the host'
}

limits_case() {
	box --memory 64m --memory-swap 80m --memory-reservation 48m --cpus 1.5 --pids-limit 33 --cpuset-cpus 0 --cpu-shares 512 \
		--oom-score-adj 100 --shm-size 16m --ulimit nofile=100:200 --ulimit core=0 --sysctl net.ipv4.ip_unprivileged_port_start=99 \
		--sysctl kernel.msgmax=4096 --tmpfs /t:size=1m,mode=700,uid=5 --read-only --user 1000:1000 --group-add 5 --group-add 7 box sh -c '
		cd /sys/fs/cgroup
		for f in memory.max memory.swap.max memory.low cpu.max cpu.weight pids.max cpuset.cpus memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes memory/memory.soft_limit_in_bytes cpu/cpu.cfs_quota_us \
			cpu/cpu.cfs_period_us cpu/cpu.shares pids/pids.max cpuset/cpuset.cpus; do [ ! -e $f ] || echo $f $(cat $f); done
		cat /proc/self/oom_score_adj /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/msgmax
		grep -E "open files|core" /proc/self/limits
		id; touch /x; touch /t/x; stat -c "%A %u %g" /t
		awk "\$5 == \"/dev/shm\" || \$5 == \"/t\" || \$5 == \"/\" {print \$5, \$6, \$NF}" /proc/self/mountinfo | sed "s/resuid.*//"'
	box --device /dev/null:/dev/xnull:r --device /dev/zero box sh -c 'ls -l /dev/xnull /dev/zero | cut -c 1-10; cat /dev/xnull; echo x >/dev/xnull; head -c 3 /dev/zero | wc -c
		mknod /tmp/kmsg c 1 11 && head -c 1 /tmp/kmsg; mknod /tmp/null c 1 3 && echo x >/tmp/null'
	box --device /dev/no-such-device box true
	box --cpuset-cpus 4096 box true
	box --sysctl kernel.no_such=1 box true
}

@test "docker: run: limits, sysctls, ulimits, tmpfs, devices, read-only, user and groups" {
	errors
	but "runc 1.1 makes another weight of CPU shares" 's/cpu.weight (20|59)$/cpu.weight of 512/'
	but "each has an overlay of its own" 's,overlay2/l/[A-Z0-9]{26}\b,overlay2/l/LINK,g'
	both limits limits_case
	told ' 67108864' 'pids.max 33' 'groups=5,7,1000'
	[ -e "$CGROUPS/cgroup.controllers" ] || told 'memory/memory.limit_in_bytes 67108864' 'pids/pids.max 33'
}

oom_case() {
	back --memory 32m --memory-swap 32m 'tail /dev/zero; echo "tail: $?"; while :; do sleep 0.1; done'
	until_ok logged "$C" tail:
	see docker logs "$C" | grep tail
	until_ok oom_event "$C"
	see docker kill "$C"
	until_ok state_is "$C" exited
	say "$(of "$C" '{{.State.OOMKilled}} {{.State.ExitCode}}')"
	see docker rm "$C"
}

oom_event() {
	docker events --since 0 --until "$(date +%s)" --filter "container=$1" --filter event=oom | grep -q oom
}

@test "docker: run --memory: killed for it, and said so" {
	both oom oom_case
	told 'tail: 137' '== true 137'
}

security_case() {
	local look="grep -E 'Cap(Eff|Prm|Bnd|Inh)|NoNewPrivs|Seccomp:' /proc/self/status"
	say default; box box sh -c "$look"
	say caps; box --cap-drop ALL --cap-add CHOWN --cap-add NET_ADMIN box sh -c "$look; ip link set lo down && echo down"
	say user; box --user 1000 --cap-add NET_ADMIN box sh -c "$look"
	say no new privileges; box --security-opt no-new-privileges box sh -c "$look"
	say unconfined; box --security-opt seccomp=unconfined box sh -c "$look"
	say no labels; box --security-opt apparmor=unconfined --security-opt label=disable box cat /proc/self/attr/current
	say profile; box --security-opt "seccomp=$BATS_TEST_TMPDIR/profile.json" box sh -c "$look; mkdir /tmp/x"
	say privileged; ! full_caps || box --privileged box sh -c "$look; mount -t tmpfs t /tmp && echo mounted; ls /dev | grep -c . | awk '{print \$1 > 15}'
		awk '\$5 == \"/sys\" || \$5 == \"/proc\" {print \$5, \$6}' /proc/self/mountinfo; ls -d /proc/kcore"
	say masked; box box sh -c 'ls -ld /proc/kcore /proc/keys /proc/timer_list /sys/firmware | cut -c 1; ls /proc/acpi /sys/firmware; echo x >/proc/sys/kernel/msgmax
		mount -t tmpfs t /tmp; cat /proc/keys | wc -c; hostname x'
	say bad; box --cap-add NO_SUCH box true
}

@test "docker: capabilities, seccomp, no-new-privileges, --privileged, masked paths" {
	errors
	cat >"$BATS_TEST_TMPDIR/profile.json" <<-'EOP'
		{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
	EOP
	both security security_case
	told '| down' "can't create directory '/tmp/x': Operation not permitted"
}

apparmor_case() {
	local look='cat /proc/self/attr/current; touch /tmp/x; touch /tmp/denied; grep NoNewPrivs /proc/self/status'
	box --security-opt "apparmor=$PROFILE" box sh -c "$look"
	box --security-opt "apparmor=$PROFILE" --security-opt no-new-privileges box sh -c "$look"
	box --security-opt apparmor=unconfined box sh -c "$look"
	box --security-opt apparmor=hull-no-such-profile box true
	back --security-opt "apparmor=$PROFILE" 'while :; do sleep 0.2; done'
	see docker exec "$C" sh -c "$look"
	see docker rm -f "$C"
}

@test "docker: --security-opt apparmor" {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || skip "no AppArmor here"
	PROFILE=hull-engine-$BATS_TEST_NUMBER
	printf 'profile %s flags=(attach_disconnected,mediate_deleted) {\n file,\n capability,\n signal,\n ptrace,\n deny /tmp/denied w,\n}\n' \
		"$PROFILE" >"$BATS_TEST_TMPDIR/profile"
	apparmor_parser --skip-cache --replace "$BATS_TEST_TMPDIR/profile"
	errors
	but "the text of an error in AppArmor, and Docker's status: it reads \"no such file\" in runc's as a command that is missing" \
		'/^= 12[57]$/ { N; s/.*(unable to apply apparmor profile|apparmor failed to apply profile|apparmorProfile).*/AppArmor/ }'
	both apparmor apparmor_case
	apparmor_parser --remove "$BATS_TEST_TMPDIR/profile"
	told "$PROFILE (enforce)" 'touch: /tmp/denied: Permission denied' '| unconfined'
}

checkpoint_case() {
	back --network none 'i=0; while :; do i=$((i + 1)); echo "line $i"; sleep 0.2; done'
	until_ok logged "$C" 'line 3'
	see docker checkpoint create "$C" one
	until_ok state_is "$C" exited
	say "$(docker checkpoint ls "$C" | tail -n +2)"
	before=$(docker logs "$C" | tail -n 1 | cut -d ' ' -f 2)
	see docker start --checkpoint one "$C"
	until_ok logs_beyond "$C" "$before"
	# It went on, and did not begin again.
	say "$(docker logs "$C" | grep -cx 'line 1')"
	see docker checkpoint create --leave-running "$C" two
	say "$(of "$C" '{{.State.Status}}')"
	see docker rm -f "$C"
}

logs_beyond() {
	[ "$(docker logs "$1" | tail -n 1 | cut -d ' ' -f 2)" -gt $(($2 + 2)) ]
}

@test "docker checkpoint: a container goes on where it stopped" {
	[ -n "${HULL_ENGINES:-}" ] || skip "criu is only used in the test machine"
	errors
	both --in-turn checkpoint checkpoint_case
	told '== one' '== 1' '== running'
}

@test "docker: run --privileged: all devices, with a terminal of its own" {
	run docker run --rm --name "hull-$BATS_TEST_NUMBER" --privileged box sh -c '
		mount -t tmpfs t /tmp && echo mounted; readlink /dev/ptmx; awk "\$5 == \"/sys\" {print \$6}" /proc/self/mountinfo
		ls -l /dev/null /dev/full | cut -c 1-10; echo x >/dev/full || echo full'
	is "$status" 0
	has "$output" mounted
	has "$output" pts/ptmx
	has "$output" full
	run docker run --rm -t --name "hull-$BATS_TEST_NUMBER" --privileged box tty
	has "$output" /dev/pts/0
}

volumes_case() {
	mkdir -p "$T/a/sub" "$T/shared"
	echo "host file" >"$T/a/file"
	within mount -t tmpfs tmpfs "$T/a/sub"
	box -v "$T/a:/a" -v "$T/a:/ro:ro" -v "$T/a/file:/etc/one" -v "$C-vol:/etc" -v /anonymous --mount type=tmpfs,destination=/tt,tmpfs-size=1m box sh -c '
		cat /a/file /etc/one; echo changed >/a/new; touch /ro/x; touch /ro/sub/x && echo "below read-only: written"; ls /etc /ro; ls -ld /anonymous | cut -c 1-10
		awk "\$5 == \"/a\" || \$5 == \"/ro\" || \$5 == \"/a/sub\" || \$5 == \"/tt\" {print \$5, \$6}" /proc/self/mountinfo | sort'
	see cat "$T/a/new"
	box -v "$C-vol:/v:ro" box sh -c 'ls /v; touch /v/x'
	see docker volume rm "$C-vol"
	# What is mounted on the host later is seen in a slave, and not in what is private.
	back -v "$T/shared:/slave:rslave" -v "$T/shared:/private" -v "$T/shared:/shared:rshared" --cap-add SYS_ADMIN --security-opt seccomp=unconfined \
		--security-opt apparmor=unconfined 'while :; do sleep 0.2; done'
	within mount --make-rshared /
	within mkdir "$T/shared/m"
	within mount -t tmpfs tmpfs "$T/shared/m"
	within touch "$T/shared/m/here"
	see docker exec "$C" ls /slave/m /private/m
	see docker exec "$C" sh -c 'mkdir -p /shared/n && mount -t tmpfs tmpfs /shared/n && touch /shared/n/there'
	see within ls "$T/shared/n"
	see docker rm -f "$C"
	within umount "$T/shared/m" "$T/shared/n" "$T/a/sub"
	box -v "$T/no/such:/x" box stat -c "%A %u %g" /x
	box --mount "type=bind,src=$T/no/where,dst=/x" box ls -ld /x
}

@test "docker: binds and volumes: read-only, propagation, what is copied into them" {
	errors
	both volumes volumes_case
	told '| host file' "touch: /ro/x: Read-only file system" '| here' '| there'
}

namespaces_case() {
	local ns='for n in pid ipc uts net; do echo $n $(readlink /proc/self/ns/$n); done'
	# same LINE - which of the namespaces are the engine's own
	same() {
		"$@" | while read -r _ n link; do
			[ "$(readlink "/proc/$ENGINE_INIT/ns/$n")" = "$link" ] && echo "$n the engine's" || echo "$n its own"
		done
	}
	say default; same box box sh -c "$ns"
	say host; same box --pid host --ipc host --uts host --network host box sh -c "$ns"
	say none; box --network none box sh -c 'ip -o link | wc -l; ip addr show lo | grep -c 127.0.0.1'
	say another container
	see docker run -d --name "$C-a" --runtime "$R" --ipc shareable --hostname other box sh -c 'echo >/dev/shm/mark; nc -l -p 99 -e echo over the bridge; exec sleep 1000'
	see docker run --rm --name "$C" --runtime "$R" --pid "container:$C-a" --ipc "container:$C-a" --network "container:$C-a" --cap-add SYS_PTRACE box sh -c '
		for n in pid ipc net; do [ "$(readlink /proc/self/ns/$n)" = "$(readlink /proc/1/ns/$n)" ] && echo "$n joined"; done; ls /dev/shm; hostname'
	say bridge
	address=$(of "$C-a" '{{.NetworkSettings.IPAddress}}')
	box --env A="$address" box sh -c 'ip -o -4 addr show eth0 | wc -l; n=0; until nc $A 99 </dev/null || [ $n = 50 ]; do sleep 0.1; n=$((n + 1)); done'
	see docker rm -f "$C-a"
}

@test "docker: --pid, --ipc, --uts, --network: host, none, container, bridge" {
	both namespaces namespaces_case
	told "pid the engine's" 'pid its own' '| pid joined' '| over the bridge'
}

keeping_case() {
	box --init box sh -c 'cat /proc/1/comm; (sleep 0.1 &); exec sleep 0.3'
	see docker run -d --name "$C" --runtime "$R" --restart on-failure:2 box sh -c 'echo run; exit 6'
	until_ok restarted "$C"
	say "$(of "$C" '{{.RestartCount}} {{.State.ExitCode}}')"
	see docker logs "$C"
	see docker rm "$C"
	back --health-cmd 'test -e /tmp/well' --health-interval 0.3s --health-retries 1000 'while :; do sleep 0.2; done'
	say "$(of "$C" '{{.State.Health.Status}}')"
	see docker exec "$C" touch /tmp/well
	until_ok healthy "$C"
	see docker rm -f "$C"
}

restarted() {
	[ "$(of "$1" '{{.RestartCount}} {{.State.Status}}')" = '2 exited' ]
}

healthy() {
	[ "$(of "$1" '{{.State.Health.Status}}')" = healthy ]
}

@test "docker: --init, --restart, health checks" {
	both keeping keeping_case
	told '| docker-init' '== 2 6' '== starting'
}

# default_runtime NAME - what docker build uses; the daemon reads its configuration again.
default_runtime() {
	jq --arg name "$1" '."default-runtime" = $name' "$ENGINE/daemon.json" >"$ENGINE/daemon.json.new"
	cp "$ENGINE/daemon.json.new" "$ENGINE/daemon.json"
	within sh -c 'kill -HUP "$(cat "$1")"' reload "$ENGINE/docker.pid"
	until_ok default_is "$1"
}

default_is() {
	[ "$(docker info --format '{{.DefaultRuntime}}')" = "$1" ]
}

dockerfile() {
	mkdir -p "$T/context"
	echo "from the context" >"$T/context/file"
	cat >"$T/context/Dockerfile" <<-'EOP'
		FROM box
		RUN echo one >/one && mkdir /d && chown 1000 /d
		RUN cat /one && test "$(id -u)" = 0 && hostname >/dev/null
		COPY file /file
		USER 1000:1000
		WORKDIR /d
		RUN id -u >uid && id -g >>uid
	EOP
	printf 'FROM box\nRUN echo output; sleep 1; echo error >&2; exit 42\n' >"$T/context/Fails"
	printf 'FROM box\nRUN ["no-such-command"]\n' >"$T/context/Missing"
}

built() {
	docker run --rm --name "$C" "$C" sh -c 'cat /one /file uid; pwd; id -u'
	docker rmi -f "$C" >/dev/null
}

build_case() {
	export DOCKER_BUILDKIT=0
	dockerfile
	default_runtime "$R"
	see docker build -q --no-cache --tag "$C" "$T/context"
	see built
	see docker build -q --no-cache -f "$T/context/Fails" "$T/context"
	see docker build -q --no-cache -f "$T/context/Missing" "$T/context"
	docker container prune -f >/dev/null
	default_runtime hull
}

@test "docker build: RUN with the default runtime" {
	errors
	both --in-turn build build_case
	told '| one' '| from the context' '| 1000' '| /d' 'returned a non-zero code: 42' 'executable file not found in $PATH'
}

# BuildKit executes the word runc, with --root's default, and lets the runtime delete the container.
buildkit_case() {
	export DOCKER_BUILDKIT=1
	dockerfile
	ln -sfn "$(within sh -c "command -v $R")" "$ENGINE/bin/runc.new"
	[ "$R" = runc ] || mv -T "$ENGINE/bin/runc.new" "$ENGINE/bin/runc"
	see docker build -q --no-cache --tag "$C" "$T/context"
	see built
	see fails -f "$T/context/Fails" "$T/context"
	see fails -f "$T/context/Missing" "$T/context"
	ln -sfn "$RUNC" "$ENGINE/bin/runc"
}

fails() {
	docker build -q --no-cache "$@" 2>&1 | tail -n 1
	return "${PIPESTATUS[0]}"
}

@test "docker build with BuildKit: hull under the name runc" {
	both --in-turn buildkit buildkit_case
	told '| one' '| from the context' '| 1000' 'exit code: 42'
	run within sh -c 'ls -A /run/hull /run/runc 2>/dev/null | grep -v -e : -e "^.lock$" -e "^@seccomp$" -e "^$"'
	is "$output" ""
}

compose_case() {
	cat >"$T/compose.yml" <<-EOP
		version: "2.4"
		services:
		  server:
		    image: box
		    runtime: $R
		    network_mode: bridge
		    init: true
		    command: ["sh", "-c", "while :; do nc -l -p 99 -e echo from the server; done"]
		    healthcheck: {test: ["CMD", "pidof", "nc"], interval: 0.3s, retries: 1000}
		  client:
		    image: box
		    runtime: $R
		    network_mode: bridge
		    links: [server]
		    depends_on: {server: {condition: service_healthy}}
		    environment: {A: b}
		    volumes: ["data:/data"]
		    command: ["sh", "-c", "nc server 99 </dev/null; echo \$\$A >/data/file; cat /data/file; exit 3"]
		volumes: {data: {}}
	EOP
	compose up -d >/dev/null 2>&1 || compose up -d
	client=${C}${HYPHEN}client${HYPHEN}1
	until_ok state_is "$client" exited
	see compose logs --no-color client
	see compose exec -T server sh -c 'echo exec; exit 4'
	say "$(of "$client" '{{.State.ExitCode}}')"
	see docker run --rm -v "${C}_data:/d" box cat /d/file
	compose down -v -t 0 >/dev/null 2>&1
	say left: $(docker ps -aq --filter "name=$C") $(docker volume ls -q | grep "$C")
}

# Version 2 puts other marks between the words of a container's name.
if [ -n "${HULL_ENGINES:-}" ]; then HYPHEN=-; else HYPHEN=_; fi

compose() {
	within docker-compose -p "$C" -f "$T/compose.yml" "$@"
}

@test "docker-compose: two services, up and down" {
	PATH=$ENGINE_PATH command -v docker-compose >/dev/null || skip "docker-compose is not installed"
	but "compose names who it attaches to" '/Attaching to/d'
	both compose compose_case
	told 'from the server' '== 3' '| exec' '= 4' '== left:'
}

remap_case() {
	box -v "$C-vol:/v" box sh -c 'cat /proc/self/uid_map /proc/self/gid_map; id; touch /x /v/x && stat -c "%u %g" /x /v/x /bin; ls -ld /dev/null | cut -c 1-10
		grep Cap /proc/self/status; mount -t tmpfs t /tmp; touch /proc/sysrq-trigger'
	box --user 1000:1000 --group-add 7 --tmpfs /t:mode=700,uid=1000 box sh -c 'id; touch /t/x && stat -c "%u %g" /t/x'
	box --user 70000 box id
	box --memory 64m --pids-limit 33 --sysctl kernel.msgmax=4096 --ulimit nofile=100:200 --read-only box sh -c '
		cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max; cat /proc/sys/kernel/msgmax; ulimit -n; touch /x'
	box --userns host box cat /proc/self/uid_map
	box box no-such-command
	back 'while :; do sleep 0.2; done'
	say "$(within stat -c '%u %g' "/proc/$(of "$C" '{{.State.Pid}}')")"
	see docker exec "$C" id
	see docker exec --user 5:6 "$C" sh -c 'id; cat /proc/self/uid_map'
	see within "$TOOLS/term" run 'expect:/dev/pts/0' -- docker exec -it "$C" sh -c 'tty; stat -c "%u %g" $(tty)' | tr -d '\r'
	see docker pause "$C"
	see docker unpause "$C"
	see docker update --pids-limit 44 "$C"
	see docker stop --time 0 "$C"
	see docker rm "$C"
	see docker volume rm "$C-vol"
}

@test "docker: --userns-remap" {
	[ -n "${ENGINES_LONG:-}${HULL_ENGINES:-}" ] || skip "another daemon: ENGINES_LONG=1"
	# Whoever root is mapped to must come to the daemon's folder, and to what it makes there.
	local dir=/run/remapped
	echo "daemon:100000:65536" >"$ENGINE/subids"
	within mount --bind "$ENGINE/subids" /etc/subuid
	within mount --bind "$ENGINE/subids" /etc/subgid
	jq --arg dir "$dir" '. + {"userns-remap": "daemon", "data-root": "\($dir)/data", "exec-root": "\($dir)/exec",
		"pidfile": "\($dir)/docker.pid", "hosts": ["unix://\($dir)/docker.sock"], "bridge": "none"}' "$ENGINE/daemon.json" >"$ENGINE/remap.json"
	# A daemon without a bridge removes that of another one.
	engine_spawn remapped unshare --net dockerd $(given_containerd) --config-file "$ENGINE/remap.json"
	export DOCKER_HOST=unix://$dir/docker.sock
	until_ok docker version || { tail "$ENGINE/remapped.log"; return 1; }
	tar -C "$("$TESTS/fixtures/busybox-rootfs")" -c . | docker import - box >/dev/null
	errors
	but "hull names the place in the config" \
		's/(unable to setup user: |config.json:).*(unmapped|not mapped) .*user namespace.*: unknown/NOT MAPPED: unknown/'
	both remap remap_case
	told '100000      65536' '== 100000 100000' '| 33' 'NOT MAPPED' 'executable file not found in $PATH'
	docker rmi box >/dev/null
	within sh -c 'kill "$(cat "$1")"' end "$dir/docker.pid"
	until_ok nothing_runs
	within umount /etc/subuid /etc/subgid
	within rm -rf "$dir"
}

# crash WAIT - dockerd and its containerd are killed, and come up again.
crash() {
	sleep "$1"
	within sh -c 'kill -9 $(ps -e -o pid=,comm= | awk "\$2 == \"dockerd\" || \$2 == \"containerd\" { print \$1 }") 2>/dev/null || :'
	within rm -f "$ENGINE/docker.pid" "$ENGINE/exec/containerd/containerd.pid" "$ENGINE/containerd.sock"
	dockerd_up
}

@test "docker: the daemon killed in the middle of create and delete: nothing is lost, nothing undeletable" {
	[ -n "${ENGINES_LONG:-}" ] || skip "takes minutes: ENGINES_LONG=1"
	local i name pid delays='0.05 0.1 0.15 0.2 0.25 0.3 0.4 0.5'
	[ -z "${HULL_ENGINES:-}" ] || delays='1 2 3 4 5 6 8 10'
	docker run -d --name killed-0 box sleep 2222
	for i in $delays; do
		docker run -d --name "killed-$i" box sleep 2222 >/dev/null 2>&1 &
		pid=$!
		crash $i
		wait $pid || :
		docker start "killed-$i" >/dev/null 2>&1 || docker run -d --name "again-$i" box sleep 2222
		docker rm -f "killed-$i" "again-$i" >/dev/null 2>&1 &
		pid=$!
		crash $i
		wait $pid || :
	done
	for name in $(docker ps -aq); do
		docker rm -f "$name"
	done
	is "$(docker ps -aq)" ""
	until_ok no_sleeper
	# A shim that containerd had started, and not yet noted down when it was killed, is nobody's; its container is gone.
	within sh -c 'kill -9 $(ps -e -o pid=,comm= | awk "\$2 ~ /containerd-shim/ { print \$1 }") 2>/dev/null' || :
}

nothing_runs() {
	[ "$(engine_processes | awk '{ print $4 }' | sort -u | xargs)" = "containerd dockerd" ]
}

@test "docker: nothing is left: processes, mounts, cgroups, state" {
	docker ps -aq | xargs -r printf 'left: %s\n'
	is "$(docker ps -aq)" ""
	until_ok nothing_runs || { engine_processes; return 1; }
	is "$(engine_mounts | grep -v "/netns/default$")" "$(cat "$ENGINE/mounts")"
	is "$(engine_cgroups | grep -v '/buildkit$')" ""
	is "$(ls "$ENGINE/exec/runtime-runc/moby" | grep -vx @seccomp)" ""
}
