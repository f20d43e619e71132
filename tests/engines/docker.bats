#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Docker, Debian's, with hull below it: what people do with it, done with runc too and compared.

load engine

setup_file() {
	need_engine docker-engine
	engine_begin
	export DOCKER_HOST=unix://$ENGINE/docker.sock DOCKER_CONFIG=$ENGINE/client
	# What contrib/engines tells people to write, and this test's own places.
	jq --arg hull "$HULL" --arg dir "$ENGINE" --arg cgroup "$ENGINE_CGROUP" '.runtimes.hull.path = $hull | . + {
		"data-root": "\($dir)/data", "exec-root": "\($dir)/exec", "pidfile": "\($dir)/docker.pid",
		"hosts": ["unix://\($dir)/docker.sock"], "cgroup-parent": $cgroup,
		"storage-driver": "vfs", "iptables": false, "ip6tables": false
	}' "$TOP/contrib/engines/docker-daemon.json" >"$ENGINE/daemon.json"
	engine_spawn dockerd dockerd --config-file "$ENGINE/daemon.json"
	wait_for 60 docker version || { tail -n 30 "$ENGINE/dockerd.log"; return 1; }
	tar -C "$("$TESTS/fixtures/busybox-rootfs")" -c . | docker import - box >/dev/null
}

teardown_file() {
	engine_end
}

docker() {
	within docker "$@"
}

# What hull says differently on purpose, and what the docker client sometimes says and sometimes not.
errors() {
	but "runc puts what it was doing before each text; hull says the fault alone" \
		's/(runc create failed|runc exec failed|exec failed): unable to start container process: //'
	but "the docker client's own race" '/error waiting for container: context canceled/d'
}

@test "docker: info and version name hull" {
	run docker info --format '{{.DefaultRuntime}} {{json .Runtimes}} {{.RuncCommit.ID}}'
	is "$status" 0
	has "$output" 'hull {'
	has "$output" "\"hull\":{\"path\":\"$HULL\"}"
	run docker version
	is "$status" 0
	has "$output" "hull"
	has "$output" "$("$HULL" --version | sed -n '1s/.* //p')"
}

run_case() {
	see docker run --rm --name "$C" --runtime "$R" box sh -c 'echo to stdout; echo to stderr >&2; exit 7'
	see docker run --rm --name "$C" --runtime "$R" --env A=b --workdir /tmp --hostname h box sh -c 'echo $A $PWD $HOME; hostname; id'
	see docker run --rm --name "$C" --runtime "$R" -i box cat <<<"from stdin"
}

@test "docker: run: output, exit status, stdin" {
	both run run_case
	told '= 7' '| to stdout' '! to stderr' '| b /tmp /root' '| from stdin'
}

missing_case() {
	see docker run --rm --name "$C" --runtime "$R" box no-such-command
	see docker run --rm --name "$C" --runtime "$R" box /no/such/file
	see docker run --rm --name "$C" --runtime "$R" box /etc
	see docker run --rm --name "$C" --runtime "$R" box /etc/passwd
	see docker run --rm --name "$C" --runtime "$R" --workdir /etc/passwd/x box true
}

@test "docker: run: a missing command, a directory, a file that is no program" {
	errors
	both missing missing_case
	told '= 127' 'executable file not found in $PATH' '= 126' 'permission denied'
}
