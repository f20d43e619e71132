#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Podman and Buildah of an unprivileged user, in its systemd session with delegated controllers, with hull below them and
# with runc, compared.  In the test machine alone.

load ../../../engines/podman

SESSION=/user.slice/user-1000.slice/user@1000.service

setup_file() {
	chmod 755 "${BATS_FILE_TMPDIR%/*/*}" "${BATS_FILE_TMPDIR%/*}" "$BATS_FILE_TMPDIR"
	podman_begin
}

extra_setup() {
	[ -z "$PODMAN_SKIP" ] || skip "$PODMAN_SKIP"
	chmod 777 "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	umask 0
}

# within COMMAND... - as the user, in its session.  As as-tester, but what a command leaves in its service, conmon and
# the container below it, does not end with the command.
within() {
	timeout --foreground --kill-after=5 "$ENGINE_LIMIT" systemd-run --quiet --collect --user --machine=tester@.host --pipe --wait \
		--property=KillMode=process --working-directory="$PWD" -- env PATH="$ENGINE_PATH" HOME=/home/tester \
		CONTAINERS_CONF="$CONTAINERS_CONF" CONTAINERS_STORAGE_CONF="$CONTAINERS_STORAGE_CONF" \
		CONTAINERS_REGISTRIES_CONF="$CONTAINERS_REGISTRIES_CONF" "$@" 3>&-
}

# pod WORD... - the user's podman with the store of $R; $OPEN are redirections for descriptors that it gets.
pod() {
	local store=/home/tester/store.$R
	within bash -c "cd '${T:-/}' && exec \"\$@\" ${OPEN:-}" podman \
		podman --root "$store" --runroot "/run/user/1000/run.$R" --tmpdir "/run/user/1000/tmp.$R" --runtime "$R" "$@"
}

buildah() {
	within env BUILDAH_RUNTIME="$([ "$R" = runc ] && echo "$RUNC" || echo "$HULL")" \
		buildah --root "/home/tester/store.$R" --runroot "/run/user/1000/run.$R" "$@"
}

@test "rootless: run: output, status, errors of the command, stdin" {
	case_run() {
		t 7 run --rm box sh -c 'echo out; echo err >&2; exit 7'
		t 127 run --rm box no-such-command
		t 126 run --rm box /etc
		t 0 run --rm -i -u 5:6 box sh -c 'cat; id; cat /proc/self/uid_map' <<<"one two"
	}
	twice run
	told 'exec: "no-such-command": executable file not found in $PATH' '| one two' '| uid=5'
}

@test "rootless: a scope of the user's systemd, its limits, exec, update, stop, rm" {
	case_limits() {
		t 0 run -d --name li --memory 64m --memory-swap 64m --cpus 0.5 --pids-limit 20 --cpu-shares 512 box \
			sh -c 'trap "exit 9" TERM; while :; do sleep 0.1; done'
		cgroup_of li
		look limits knobs
		t 0 update --memory 96m --memory-swap 96m --cpu-quota 20000 li
		look limits knobs
		t 5 exec li sh -c 'echo from exec; id -u; exit 5'
		t 127 exec li no-such-command
		t 0 stop -t 100 li
		look state format li '{{.State.Status}} {{.State.ExitCode}}'
		t 0 rm li
		[ ! -e "$CGROUPS$OWN" ] || echo "WRONG: its cgroup is left"
	}
	# cgroup_of NAME - in which its first process is, into OWN; printed without its id.
	cgroup_of() {
		OWN=$(sed 's/^0:://' "/proc/$(format "$1" '{{.State.Pid}}')/cgroup")
		echo "cgroup: $OWN" | sed 's/[0-9a-f]\{64\}/ID/'
	}
	knobs() {
		(cd "$CGROUPS$OWN" && grep . memory.max memory.swap.max cpu.max cpu.weight pids.max)
	}
	but "runc 1.1 makes another weight of CPU shares" 's/^cpu.weight:(20|59)$/cpu.weight: of 512/'
	twice limits
	told "cgroup: $SESSION/user.slice/libpod-ID.scope" memory.max:67108864 memory.max:100663296 pids.max:20 'cpu.max:50000 100000' \
		'state: exited 9' '| from exec'
}

@test "rootless: run -it, exec -it: a terminal" {
	case_terminal() {
		tty 3 expect:ready 'send:hello\n' 'expect:got hello' -- run --name te -it box sh -c 'tty; echo ready; read line; echo "got $line"; exit 3'
		t 0 rm te
		t 0 run -d --name te box sleep 1000
		tty 4 -- exec -it te sh -c 'tty; exit 4'
		t 0 rm -f -t 0 te
	}
	twice terminal
	told '| got hello' '| /dev/pts/'
}

@test "rootless: user namespaces: keep-id, auto" {
	case_ids() {
		mkdir -p data
		t 0 run --rm --userns keep-id -v "$T/data:/data" box sh -c 'id -u; id -g; tr -s " " </proc/self/uid_map; echo mine >/data/file'
		look owner stat -c '%u %g' data/file
		t 0 run --rm --userns keep-id:uid=77,gid=88 box sh -c 'id -u; id -g'
		t 0 run --rm --userns auto:size=2000 box sh -c 'id -u; tr -s " " </proc/self/uid_map'
	}
	twice ids
	told '| 1000' '| 77' 'owner: 1000 1000'
}

@test "rootless: networks: none, of the host, a path" {
	case_networks() {
		t 0 run -d --name ne --network none box sleep 1000
		pid=$(format ne '{{.State.Pid}}')
		look devices grep -c : "/proc/$pid/net/dev"
		t 0 run --rm --network host box readlink /proc/self/ns/net
		t 0 run --rm --network "ns:/proc/$pid/ns/net" box readlink /proc/self/ns/net |
			sed "s,$(readlink "/proc/$pid/ns/net" | sed 's/[][]/\\&/g'),THAT,; s,/proc/$pid/,/proc/PID/,"
		t 0 rm -f -t 0 ne
	}
	twice networks
	told '| THAT' "| $(readlink /proc/self/ns/net)" 'devices: 1'
}

@test "rootless: a pod" {
	case_pod() {
		t 0 pod create --name po --network none --share ipc,net,uts --hostname of-pod
		t 0 run --rm --pod po box hostname
		t 0 pod rm -f -t 0 po
		t 0 ps -aq
	}
	twice pod
	told '| of-pod'
}

@test "rootless: a build with RUN, and buildah run" {
	case_build() {
		printf 'FROM localhost/box\nRUN id -u >/one && echo from RUN\nUSER u\nRUN id -u; echo two >/tmp/two\n' >Containerfile
		t 0 build -q --network none -t built -f "$T/Containerfile" "$T"
		t 0 run --rm localhost/built cat /one /tmp/two
		expected 0 buildah from --name work localhost/box
		expected 7 buildah run --network none work -- sh -c 'echo out; id -u; exit 7'
		expected 0 buildah rm work
	}
	but "Buildah gets the log line, each runtime's own" 's/time="TIME" level=error msg="(.*)"$/\1/'
	twice build
	told '| two' '| out'
}

@test "rootless: --preserve-fds; without a cgroup" {
	case_fds() {
		echo 'through three' >three
		OPEN='3<three' t 0 run --rm --preserve-fds 1 box sh -c 'cat <&3'
		# runc is in no list of those that can.
		[ "$R" = runc ] || pod run --rm --cgroups disabled box true || echo "WRONG: not without a cgroup"
	}
	twice fds
	told '| through three'
}

# The user's Podman keeps its namespaces by a process of its own.
no_processes() {
	! engine_processes | grep -v -e 'catatonit -P$'
}

@test "rootless: nothing is left" {
	remove_all
	wait_for "$ENGINE_PATIENCE" no_processes || { echo "processes:" && engine_processes && return 1; }
	is "$(find "$CGROUPS$SESSION" -name 'libpod-*')" ""
	is "$(as-tester "$HULL" list -q)" ""
}
