#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What people run: a small and a large system, an interactive shell, servers that talk over a
# shared network namespace, layered roots.

load helpers

# debian - the bundle gets a Debian root: an overlay on the cached one, so that it stays clean.
debian() {
	local lower
	lower=$("$TESTS/fixtures/debian-rootfs") || skip "no Debian root file system: see the message above"
	mkdir -p "$BUNDLE/upper" "$BUNDLE/work" "$BUNDLE/debian"
	mount -t overlay -o "lowerdir=$lower,upperdir=$BUNDLE/upper,workdir=$BUNDLE/work" overlay "$BUNDLE/debian" ||
		skip "no overlay file system here"
	capabilities='["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FSETID","CAP_FOWNER","CAP_MKNOD","CAP_NET_RAW","CAP_SETGID",
		"CAP_SETUID","CAP_SETFCAP","CAP_SETPCAP","CAP_NET_BIND_SERVICE","CAP_SYS_CHROOT","CAP_KILL","CAP_AUDIT_WRITE"]'
	config --argjson caps "$capabilities" '.root = {path: "debian"} | .process.noNewPrivileges = false |
		.process.capabilities = {bounding: $caps, effective: $caps, permitted: $caps}'
}

# second ID CGROUP FILTER - a second bundle beside the first, with its own id and cgroup.
second() {
	jq --arg cg "$CGROUP-$1" ".linux.cgroupsPath = \$cg | $2" "$BUNDLE/config.json" >"$BUNDLE/$1.json"
	mkdir -p "$BATS_TEST_TMPDIR/$1"
	jq --arg root "$BUNDLE/$(jq -r .root.path "$BUNDLE/$1.json")" '.root.path = $root' "$BUNDLE/$1.json" \
		>"$BATS_TEST_TMPDIR/$1/config.json"
}

extra_teardown() {
	local name
	for name in a b client; do
		hull delete --force "$name" >/dev/null 2>&1 || :
		cgroup_kill "$CGROUP-$name"
	done
	ip netns delete "hull-$ID" 2>/dev/null || :
}

@test "busybox: what a first look shows" {
	inside 'set -e; id; hostname; uname -s; ls /; ps; mount | head -n 3; df /dev/shm; free >/dev/null; echo all well'
	is "$status" 0
	has "$output" "uid=0(root) gid=0(root)"
	has "$output" "all well"
	has "$output" "PID"
}

@test "busybox: pipes, background jobs, files in tmpfs" {
	inside 'set -e; seq 1 1000 | sort -rn | head -n 1; (sleep 0.1; echo late >/dev/shm/x) & wait; cat /dev/shm/x; mkfifo /dev/shm/p
		(echo through >/dev/shm/p) & cat /dev/shm/p'
	is "$output" $'1000\nlate\nthrough'
}

@test "Debian: a login shell" {
	debian
	args bash -lc 'echo "$BASH_VERSION"; echo "$HOME $PATH"; shopt -q login_shell && echo login; cat /etc/debian_version'
	run hull run "$ID"
	is "$status" 0
	has "$output" login
	has "$output" "/root "
	[[ ${lines[-1]} == 12.* ]]
}

@test "Debian: apt-get, perl, id, mount, dpkg, ps, ip" {
	debian
	args bash -lc 'set -e; apt-get --version | head -n 1; perl -e "print 6*7, qq(\n)"; id; mount | grep -c "^proc on /proc type"
		dpkg -l | grep -c "^ii"; ps -ef | tail -n +2 | wc -l; ip -o link | cut -d: -f2; su -s /bin/sh nobody -c id; perl -MSocket -e 1; getent passwd root'
	run hull run "$ID"
	is "$status" 0
	[[ ${lines[0]} == apt\ 2.* ]]
	is "${lines[1]}" 42
	is "${lines[2]}" "uid=0(root) gid=0(root) groups=0(root)"
	is "${lines[3]}" 1
	[ "${lines[4]}" -gt 80 ]
	has "$output" " lo"
	has "$output" "uid=65534(nobody)"
	has "$output" "root:x:0:0"
}

@test "Debian: a package's files can be changed; the lower layer is not" {
	debian
	args bash -c 'set -e; echo changed >/etc/motd; rm /etc/debian_version; mkdir -p /opt/new; apt-mark showauto >/dev/null; cat /etc/motd'
	run hull run "$ID"
	is "$status" 0
	is "$output" changed
	[ -d upper/opt/new ]
	[ -e "$("$TESTS/fixtures/debian-rootfs")/etc/debian_version" ]
}

@test "Debian: an interactive bash on a terminal, with job control, resize and exit status" {
	debian
	args bash --norc -i
	config '.process.terminal = true | .process.env += ["PS1=prompt$ "]'
	# A command tells when it runs, and the next one is typed when the prompt is there.
	run "$TOOLS/term" run 'expect:prompt\$' 'send:tty\n' 'expect:/dev/(pts/0|console)' 'expect:prompt\$' \
		'send:sh -c "echo up$((1+1)); exec sleep 100"\n' 'expect:up2' 'send:\x1a' 'expect:Stopped' 'expect:prompt\$' \
		'send:bg\n' 'expect:sleep 100" &' 'expect:prompt\$' 'send:jobs\n' 'expect:Running' 'expect:prompt\$' \
		'send:kill %1; wait\n' 'expect:prompt\$' 'resize:50x132' 'send:stty size\n' 'expect:50 132' 'expect:prompt\$' \
		'send:sh -c "echo cat$((1+1)); exec cat"\n' 'expect:cat2' 'send:twice\n' 'expect:twice\r\ntwice' 'send:\x03' 'expect:\^C' 'expect:prompt\$' 'send:echo "st=$?"\n' \
		'expect:st=130' 'expect:prompt\$' 'send:exit 17\n' -- "$HULL" --root "$STATE" run "$ID" 3>&-
	is "$status" 17 || { echo "$output"; false; }
	! grep -q "cannot set terminal process group" <<<"$output" || false
	! grep -q "no job control" <<<"$output"
}

@test "nginx and redis in containers of their own, talked to over a shared network namespace" {
	debian
	command -v ip >/dev/null || skip "ip is not installed"
	ip netns add "hull-$ID" || skip "no network namespace can be made here"
	ip -n "hull-$ID" link set lo up
	config --arg p "/run/netns/hull-$ID" '(.linux.namespaces[] | select(.type == "network")).path = $p'
	second a '.process.args = ["nginx", "-g", "daemon off; error_log stderr;"] | .hostname = "web"'
	second b '.process.args = ["redis-server", "--port", "6379", "--save", "", "--logfile", ""] | .hostname = "cache" |
		.process.user = {uid: 1234, gid: 1234} | .process.cwd = "/tmp" | .process.capabilities = {}'
	second client '.process.args = ["bash", "-c", "
		exec 3<>/dev/tcp/127.0.0.1/80 && printf \"GET / HTTP/1.0\\r\\n\\r\\n\" >&3 && cat <&3
		redis-cli set key value-$$ && redis-cli get key && redis-cli incr counter"]'
	for name in a b; do
		hull create --bundle "$BATS_TEST_TMPDIR/$name" "$name" </dev/null >"$BATS_TEST_TMPDIR/$name.log" 2>&1 3>&-
		hull start "$name"
	done
	listening() { ip netns exec "hull-$ID" ss -ltn 2>/dev/null | grep -q ":$1 "; }
	wait_for 15 listening 80 || cat "$BATS_TEST_TMPDIR/a.log"
	wait_for 15 listening 6379 || cat "$BATS_TEST_TMPDIR/b.log"
	run hull run --bundle "$BATS_TEST_TMPDIR/client" client </dev/null
	is "$status" 0
	has "$output" "Welcome to nginx"
	has "$output" OK
	has "$output" value-1
	# nginx: a master and workers under other users, in one cgroup.
	[ "$(wc -l <"$(cgroup_dir)-a/cgroup.procs")" -ge 2 ]
	hull kill a QUIT
	hull kill b TERM
	ended() { [ "$(status_of "$1")" = stopped ]; }
	wait_for 10 ended a
	wait_for 10 ended b
	hull delete a
	hull delete b
}

@test "a server in one container, its client in another by the first one's network namespace" {
	shell 'nc -l -p 7777 -e echo hello-over-loopback'
	create
	hull start "$ID"
	jq --arg p "/proc/$(pid_of)/ns/net" --arg cg "$CGROUP-client" '(.linux.namespaces[] | select(.type == "network")).path = $p |
		.linux.cgroupsPath = $cg | .process.args = ["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do nc 127.0.0.1 7777 && exit; sleep 0.2; done"] |
		.root.path = "'"$ROOTFS"'"' config.json >c.json
	mkdir "$BATS_TEST_TMPDIR/client"
	mv c.json "$BATS_TEST_TMPDIR/client/config.json"
	run hull run --bundle "$BATS_TEST_TMPDIR/client" client </dev/null
	has "$output" hello-over-loopback
	wait_for 30 is_status stopped
}

@test "an overlay as the root, and another in mounts" {
	mkdir -p lower upper work merged data-lower data-upper data-work
	echo low >data-lower/low
	mount -t overlay -o "lowerdir=$ROOTFS,upperdir=$BUNDLE/upper,workdir=$BUNDLE/work" overlay merged || skip "no overlay here"
	config --arg b "$BUNDLE" '.root = {path: "merged"} | .mounts += [{destination: "/data", type: "overlay", source: "overlay",
		options: ["lowerdir=\($b)/data-lower", "upperdir=\($b)/data-upper", "workdir=\($b)/data-work", "nodev"]}]'
	inside 'set -e; echo new >/tmp/new; rm /etc/group; cat /data/low; echo up >/data/up; grep -c overlay /proc/mounts; grep " / " /proc/mounts'
	is "$status" 0
	has "$output" "low"
	has "$output" "overlay / overlay"
	is "$(cat upper/tmp/new)" new
	[ -c upper/etc/group ]
	[ -e rootfs/etc/group ]
	is "$(cat data-upper/up)" up
	[ ! -e data-lower/up ]
	umount merged
}

@test "a read-only overlay of many layers" {
	layers=$ROOTFS
	for n in 1 2 3 4 5 6 7 8; do
		mkdir -p "layer$n"
		echo "$n" >"layer$n/from$n"
		layers=$BUNDLE/layer$n:$layers
	done
	mkdir merged
	mount -t overlay -o "lowerdir=$layers" overlay merged || skip "no overlay here"
	for d in proc sys dev; do mkdir -p "layer1/$d"; done
	config '.root = {path: "merged", readonly: true}'
	inside 'cat /from1 /from8; echo x >/from1'
	has "$output" $'1\n8'
	has "$output" "Read-only file system"
	umount merged
}

@test "a busy container: many processes come and go, and its end leaves none" {
	shell 'for i in $(seq 1 200); do (: ; true) & done; wait; sleep 1000'
	create
	hull start "$ID"
	sleep 0.5
	hull delete --force "$ID"
	[ ! -d "$(cgroup_dir)" ]
}
