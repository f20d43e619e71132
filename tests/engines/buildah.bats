#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Buildah, Debian's, and `podman build`, with hull below them and with runc, compared.

load podman

setup_file() {
	podman_begin
}

teardown_file() {
	engine_end
}

# buildah WORD... - with the store of $R.
buildah() {
	local store=$ENGINE/store.$R
	within env -u XDG_RUNTIME_DIR -u NOTIFY_SOCKET HOME="$ENGINE/home" BUILDAH_RUNTIME="$(runtime_path)" \
		timeout --foreground --kill-after=10 "${ENGINE_LIMIT:-90}" buildah --root "$store/root" --runroot "$store/run" "$@"
}

forget_containers() {
	remove_all
	for R in runc hull; do
		buildah rm --all >/dev/null 2>&1 || :
	done
}

runtime_path() {
	case $R in
	hull) echo "$HULL" ;;
	*) echo "$RUNC" ;;
	esac
}

# cgroup_parent - the option for it, where it is not systemd that gives each a scope: the container's own cgroup, not a
# parent.  Buildah takes it as it is.
cgroup_parent() {
	[ -n "$MACHINE" ] || echo --cgroup-parent "$ENGINE_CGROUP/buildah-$R"
}

# Containers of these tests have cgroups and limits that this host allows.
from() {
	b 0 from $(cgroup_parent) --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 "$@"
}

# b STATUS WORD...
b() {
	local want=$1
	shift
	printf '$ buildah %s\n' "$*"
	# No plugins for a network are here.
	case $1 in
	run | build) set -- "$1" --network none "${@:2}" ;;
	esac
	expected "$want" buildah "$@"
}

policy() {
	echo --signature-policy "$ENGINE_ROOT/etc/containers/policy.json"
}

@test "buildah: run: output, status, stdin, errors of the command" {
	case_run() {
		from --name work $(policy) localhost/box
		b 0 run work -- sh -c 'echo out; echo err >&2'
		b 7 run work -- sh -c 'exit 7'
		b 0 run work -- cat <<<"from stdin"
		b - run work -- no-such-command
		b - run work -- /etc
		b - run work -- sh -c 'kill -9 $$; echo alive'
		b 0 run --user u --workingdir /tmp --env A=b --hostname named work -- sh -c 'id; pwd; echo $A; hostname'
		b 0 run --cap-add CAP_SYS_TIME --cap-drop CAP_CHOWN work -- grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status
		mkdir data && echo mounted >data/file
		b 0 run -v "$T/data:/data:ro" work -- cat /data/file
		b 0 run --isolation oci work -- ls /sys/class/net
		b 0 run work -- sh -c 'echo kept >/kept'
		b 0 run work -- cat /kept
		b 0 rm work
	}
	but "runc may find that systemd has removed the cgroup already" \
		'/level=warning msg="unable to get oom kill count"/{N; s/time="TIME" level=warning .*\n! time="[^"]*"/time="TIME"/; s/runc create failed: (unable to start container process: )?//}'
	but "Buildah gets the log line, each runtime's own: runc's is logrus text" \
		's/time="TIME" level=error msg="(.*)"$/\1/; s/\\"/"/g; s/: hull: create: /: /'
	but "runc 1.1.15 tells a directory apart" 's,(exec: "/etc": )is a directory$,\1permission denied,'
	twice run
	told '= 7' '| from stdin' '| kept'
}

@test "buildah: run on a terminal" {
	case_terminal() {
		from --name term $(policy) localhost/box
		export R RUNC
		export -f within buildah runtime_path
		expected 3 "$TERMINAL" run -- bash -c 'buildah run --network none -t term -- sh -c "tty; until stty size 2>/dev/null | grep -q .; do sleep 0.1; done; stty size; exit 3"'
		b 0 rm term
	}
	but "a capability that cannot be granted is a warning, as the specification asks; Buildah's terminal is hull's stderr" \
		'/^\| hull: create: warning: .*capabilities/d'
	twice terminal
	told '= 3'
}

@test "buildah: a build with RUN, and podman build" {
	case_build() {
		cat >Containerfile <<-'EOT'
			FROM localhost/box
			ENV A=b
			RUN echo "$A" >/one && id -u >>/one
			USER u
			RUN echo from u >/tmp/two; cat /tmp/two
			CMD ["cat", "/one"]
		EOT
		limits="--ulimit nofile=1024:1024 --ulimit nproc=4096:4096"
		b 0 build $(policy) $limits $(cgroup_parent) -t built -f "$T/Containerfile" "$T"
		t 0 run --rm localhost/built
		t 0 build $(policy) $limits $(cgroup_parent) --network none --no-cache -t again -f "$T/Containerfile" "$T"
		t 0 run --rm localhost/again cat /tmp/two
		printf 'FROM localhost/box\nRUN exit 9\n' >Wrong
		b - build $(policy) $limits $(cgroup_parent) -t wrong -f "$T/Wrong" "$T"
		b 0 rmi built again
	}
	but "the short ids of layers" 's/--> [0-9a-f]{11}$/--> ID/'
	twice build
	told '| b' '| from u'
}

@test "buildah: nothing is left" {
	podman_is_clean
}
