#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Docker Swarm, hull below each of three daemons: a service with replicas, a rolling update, a daemon that is killed.
# The daemons are in network namespaces on a bridge of the test's own; tasks use the network of their node.

load engine

setup_file() {
	local i
	[ -n "${ENGINES_LONG:-}" ] || cannot "takes minutes: ENGINES_LONG=1" || return 0
	need_engine docker-engine && engine_begin || return 0
	export DOCKER_CONFIG=$ENGINE/client DOCKER_SERVICE_PREFER_OFFLINE_IMAGE=1
	within ip link add br0 type bridge
	within ip link set br0 up
	tar -C "$("$TESTS/fixtures/busybox-rootfs")" -cf "$ENGINE/box.tar" .
	for i in 1 2 3; do
		within ip netns add "n$i"
		within ip link add "v$i" type veth peer name eth0 netns "n$i"
		within ip link set "v$i" master br0 up
		within ip -n "n$i" link set lo up
		within ip -n "n$i" link set eth0 up
		within ip -n "n$i" addr add "10.99.0.$i/24" dev eth0
		jq --arg hull "$HULL" --arg dir "$ENGINE/d$i" --arg cgroup "$ENGINE_CGROUP/d$i" '.runtimes.hull.path = $hull | . + {
			"data-root": "\($dir)/data", "exec-root": "\($dir)/exec", "pidfile": "\($dir).pid", "hosts": ["unix://\($dir).sock"],
			"cgroup-parent": $cgroup, "bridge": "none", "storage-driver": "vfs", "iptables": false, "ip6tables": false
		}' "$TOP/contrib/engines/docker-daemon.json" >"$ENGINE/d$i.json"
		node_up "$i" || return 0
		on "$i" import "$ENGINE/box.tar" box >/dev/null
	done
}

teardown_file() {
	engine_end
}

# on NODE WORD... - docker, of that daemon.
on() {
	DOCKER_HOST=unix://$ENGINE/d$1.sock within docker "${@:2}"
}

node_up() {
	engine_spawn "d$1" nsenter --net="/run/netns/n$1" dockerd --config-file "$ENGINE/d$1.json"
	until_ok on "$1" version || cannot "dockerd does not come up: $(tail -n 1 "$ENGINE/d$1.log")"
}

# running NODE... - how many tasks run that are meant to, on these nodes.
running() {
	local node n=0
	for node; do
		n=$((n + $(on "$node" ps -q --filter label=com.docker.swarm.service.name=web | wc -l)))
	done
	echo "$n"
}

six_on() {
	[ "$(running "$@")" = 6 ]
}

updated() {
	[ "$(on 1 service inspect --format '{{.UpdateStatus.State}}' web)" = completed ]
}

none_run_on() {
	[ "$(running "$1")" = 0 ]
}

is_empty() {
	[ -z "$(on "$1" ps -aq)" ]
}

@test "swarm: six replicas on three nodes, a rolling update, a killed daemon" {
	local i token
	on 1 swarm init --advertise-addr 10.99.0.1 >/dev/null
	token=$(on 1 swarm join-token -q worker)
	on 2 swarm join --token "$token" --advertise-addr 10.99.0.2 10.99.0.1:2377
	on 3 swarm join --token "$token" --advertise-addr 10.99.0.3 10.99.0.1:2377

	on 1 service create --detach --no-resolve-image --name web --replicas 6 --network host --endpoint-mode dnsrr \
		--env VERSION=1 box sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
	until_ok six_on 1 2 3 || { on 1 service ps --no-trunc web; return 1; }
	for i in 1 2 3; do
		[ "$(running "$i")" -gt 0 ]
		is "$(on "$i" inspect --format '{{.HostConfig.Runtime}}' $(on "$i" ps -q) | sort -u)" hull
	done

	on 1 service update --detach --no-resolve-image --env-rm VERSION --env-add VERSION=2 --update-parallelism 2 --update-delay 0s web
	until_ok updated || { on 1 service ps --no-trunc web; return 1; }
	until_ok six_on 1 2 3
	for i in 1 2 3; do
		is "$(on "$i" inspect --format '{{.Config.Env}}' $(on "$i" ps -q) | grep -c -v VERSION=2)" 0
	done

	within sh -c 'kill -9 "$(cat "$1")"' kill "$ENGINE/d3.pid"
	until_ok six_on 1 2 || { on 1 service ps --no-trunc web; return 1; }

	# It comes back, and has to end what is no longer its own.
	within rm -f "$ENGINE/d3.pid"
	node_up 3
	until_ok none_run_on 3
	on 1 service rm web
	for i in 1 2 3; do
		until_ok is_empty "$i"
	done
}

nothing_runs() {
	[ "$(engine_processes | awk '{ print $4 }' | sort -u | xargs)" = "containerd dockerd" ]
}

@test "swarm: nothing is left: processes, cgroups, state" {
	until_ok nothing_runs || { engine_processes; return 1; }
	is "$(engine_cgroups | grep -vE '/d[123]$')" ""
	is "$(find "$ENGINE"/d?/exec/runtime-runc/moby -mindepth 1 -not -path '*/@seccomp*' -not -name .lock)" ""
}
