# SPDX-License-Identifier: LGPL-2.1-or-later
# Races: an attacker who exchanges names of the tree during starts, and commands that run against each other.
# HOSTILE_LONG=1 makes the loops long.

load ../integration/helpers
load host

setup_file() {
	host_before
	${CC:-cc} -O2 -o "$BATS_FILE_TMPDIR/exchange" "$BATS_TEST_DIRNAME/exchange.c"
}

teardown_file() { host_after; }

extra_setup() {
	STARTS=${HOSTILE_LONG:+10000}
	MORE_STARTS=${HOSTILE_LONG:+2000}
	ROUNDS=${HOSTILE_LONG:+500}
	BEFORE=$(snapshot)
}

extra_teardown() {
	[ -z "${ATTACKER:-}" ] || kill -9 "$ATTACKER" 2>/dev/null || :
}

nothing_left() {
	local n=100 after
	while after=$(snapshot) && [ "$after" != "$BEFORE" ] && [ $n -gt 0 ]; do
		sleep 0.02
		n=$((n - 1))
	done
	diff <(echo "$BEFORE") <(echo "$after")
}

host() {
	(cd "$CANARY" && find . -printf '%p %y %m %U %G %s %l %T@\n' | sort)
	stat -c '%n %F %a %u %g %t %T %i' /dev/null /dev/zero /dev/tty /dev/ptmx
	awk -v d="$BATS_TEST_TMPDIR/" 'index($0, d) {print}' /proc/self/mountinfo
}

# attacked_starts ROUNDS NAME LINK... - starts while each name is exchanged with a link.
attacked_starts() {
	local rounds=$1 i=0 ran=0 pairs=() out
	shift
	CANARY=$BATS_TEST_TMPDIR/canary
	mkdir -p "$CANARY/self/attr" "$CANARY/sys/kernel" "$CANARY/pts" "$CANARY/b/c"
	echo outside >"$CANARY/mark"
	mknod "$CANARY/null" c 1 3
	while [ $# -gt 0 ]; do
		ln -s "$2" "$ROOTFS/.link$i"
		pairs+=("$ROOTFS/$1" "$ROOTFS/.link$i")
		i=$((i + 1))
		shift 2
	done
	local before
	before=$(host)
	"$BATS_FILE_TMPDIR/exchange" "${pairs[@]}" >"$BATS_TEST_TMPDIR/exchanged" 3>&- &
	ATTACKER=$!
	for ((i = 0; i < rounds; i++)); do
		out=$(timeout -k 1 20 "$HULL" --root "$STATE" run "$ID" </dev/null 2>&1 3>&-) && status=0 || status=$?
		case $status:$out in
		0:*alive*) ran=$((ran + 1)) ;;
		0:*) echo "status 0: $out"; return 1 ;;
		*:hull:*) one_line "$out" || return 1 ;;
		*) echo "status $status: $out"; return 1 ;;
		esac
		case $out in *masks:*) has "$out" "${MASKS:-}" ;; esac
		case $out in *outside*) echo "outside: $out"; return 1 ;; esac
	done
	kill -TERM "$ATTACKER"
	wait "$ATTACKER" || return 1
	ATTACKER=
	[ "$before" = "$(host)" ] || { diff <(echo "$before") <(host); return 1; }
	echo "# $ran of $rounds ran, $(cat "$BATS_TEST_TMPDIR/exchanged") exchanges" >&3
	nothing_left
}

@test "exchanged while starting: /proc, /sys, /dev and the target of a volume" {
	mkdir -p "$ROOTFS/a/b/c" "$BATS_TEST_TMPDIR/volume"
	config --arg s "$BATS_TEST_TMPDIR/volume" '.root.readonly = false | .mounts += [{destination: "/a/b/c", type: "bind", source: $s, options: ["rbind"]}]'
	# A procfs, whatever it is called by then, has all its masks and read-only paths.
	shell 'cat /mark /a/mark /canary/mark 2>/dev/null
		for i in 1 2 3 4 5 6; do for p in /proc /.link0; do
			m=$(cat $p/self/mountinfo 2>/dev/null)
			[ -z "$m" ] || { echo "masks: $(echo "$m" | grep -cE " (/proc|/\.link0)/")"; echo alive; exit; }
		done; done; echo alive'
	MASKS=$(hull run "$ID" </dev/null | grep masks:)
	[ "$MASKS" != "masks: 0" ]
	attacked_starts "${STARTS:-100}" proc "$BATS_TEST_TMPDIR/canary" sys proc dev "$BATS_TEST_TMPDIR/canary" a "$BATS_TEST_TMPDIR/canary"
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/volume")" ]
}

@test "exchanged while starting: the nodes of an image's own /dev, the working directory, /etc" {
	config 'del(.mounts[] | select(.destination | startswith("/dev"))) | .root.readonly = false | .process.cwd = "/w/d" |
		.linux.devices = [{path: "/dev/x", type: "c", major: 1, minor: 5, fileMode: 438}, {path: "/dev/y/z", type: "p"}]'
	mkdir -p "$ROOTFS/w/d" "$ROOTFS/dev/y"
	shell 'echo alive; cat mark ../mark 2>/dev/null; :'
	attacked_starts "${MORE_STARTS:-60}" dev "$BATS_TEST_TMPDIR/canary" w "$BATS_TEST_TMPDIR/canary" etc /proc/self dev/y ../../..
}

@test "exchanged while starting: what dangling links and devices lead to" {
	local volume=$BATS_TEST_TMPDIR/volume
	mkdir -p "$volume" "$ROOTFS/run/deep" "$ROOTFS/x"
	rm -f "$ROOTFS/etc/resolv.conf"
	ln -s ../run/deep/new/file "$ROOTFS/etc/resolv.conf"
	ln -s run/deep/new/other "$ROOTFS/dangling"
	echo bound >"$BATS_TEST_TMPDIR/file"
	config --arg s "$volume" --arg f "$BATS_TEST_TMPDIR/file" '.root.readonly = false | .mounts += [
			{destination: "/vol", type: "bind", source: $s, options: ["rbind"]},
			{destination: "/etc/resolv.conf", type: "bind", source: $f, options: ["bind"]},
			{destination: "/dangling", type: "bind", source: $f, options: ["bind"]}] |
		.linux.devices = [{path: "/x/node", type: "c", major: 1, minor: 3}]'
	shell 'echo alive; rm -rf /run/deep/new /x/node 2>/dev/null; :'
	attacked_starts "${MORE_STARTS:-60}" run /vol run/deep "$BATS_TEST_TMPDIR/canary" dangling "$BATS_TEST_TMPDIR/canary/made" x ../../../vol
	[ -z "$(find "$volume" -mindepth 1)" ]
}

# contest A B - both at once, many times; each ends in time.
contest() {
	timeout -k 1 20 bash -c "$1" >"$BATS_TEST_TMPDIR/a" 2>&1 3>&- &
	local a=$! ra=0 rb=0
	timeout -k 1 20 bash -c "$2" >"$BATS_TEST_TMPDIR/b" 2>&1 3>&- || rb=$?
	wait $a || ra=$?
	A=$ra B=$rb
	# In time, and no crash; a program of exec may have been killed.
	[[ ! $ra,$rb =~ 124|134|139 ]] || { echo "$1: $ra; $2: $rb"; cat "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"; return 1; }
	# Each says one line or nothing.
	[ "$(wc -l <"$BATS_TEST_TMPDIR/a")" -le 1 ] && [ "$(wc -l <"$BATS_TEST_TMPDIR/b")" -le 1 ] || {
		cat "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
		return 1
	}
}

@test "two creates of one id: exactly one wins" {
	args sleep 1000
	local i create="$HULL --root $STATE create $ID </dev/null"
	for ((i = 0; i < ${ROUNDS:-30}; i++)); do
		contest "$create" "$create"
		[ $((A == 0)) -ne $((B == 0)) ] || { echo "$A $B"; cat "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"; return 1; }
		hull delete --force "$ID"
	done
	nothing_left
}

@test "create against delete --force: whoever is last leaves a whole container or none" {
	args sleep 1000
	local i
	for ((i = 0; i < ${ROUNDS:-30}; i++)); do
		contest "$HULL --root $STATE create $ID </dev/null" "sleep 0.00$((i % 10)); $HULL --root $STATE delete --force $ID"
		[ "$B" = 0 ] || { cat "$BATS_TEST_TMPDIR/b"; return 1; }
		if hull state "$ID" >"$BATS_TEST_TMPDIR/s" 2>/dev/null; then
			grep -q '"created"' "$BATS_TEST_TMPDIR/s" || { cat "$BATS_TEST_TMPDIR/s" "$BATS_TEST_TMPDIR/a"; return 1; }
		fi
		hull delete --force "$ID"
		[ -z "$(ls -A "$STATE")" ]
	done
	nothing_left
}

@test "start against start, kill, delete --force and state" {
	args sleep 1000
	local i other
	for ((i = 0; i < ${ROUNDS:-30}; i++)); do
		hull create "$ID" </dev/null >/dev/null 2>&1 3>&-
		case $((i % 4)) in
		0) other="start $ID" ;;
		1) other="kill $ID KILL" ;;
		2) other="delete --force $ID" ;;
		3) other="state $ID | jq -e .status >/dev/null" ;;
		esac
		contest "$HULL --root $STATE start $ID" "$HULL --root $STATE $other"
		case $((i % 4)) in
		0) [ $((A == 0)) -ne $((B == 0)) ] ;;
		*) [ "$B" = 0 ] ;;
		esac || { echo "$other: $A $B"; cat "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"; return 1; }
		hull delete --force "$ID"
	done
	nothing_left
}

@test "delete against delete, and states and lists of a life all the while" {
	args true
	local i
	(while :; do hull state "$ID" && hull list; done) >/dev/null 2>"$BATS_TEST_TMPDIR/states" 3>&- &
	ATTACKER=$!
	(while :; do hull list || touch "$BATS_TEST_TMPDIR/list-failed"; done) >/dev/null 2>>"$BATS_TEST_TMPDIR/lists" 3>&- &
	local lister=$!
	for ((i = 0; i < ${ROUNDS:-30}; i++)); do
		hull create "$ID" </dev/null >/dev/null 2>&1 3>&-
		hull start "$ID"
		wait_for 30 is_status stopped
		contest "$HULL --root $STATE delete $ID" "$HULL --root $STATE delete --force $ID"
		[ "$B" = 0 ] || { cat "$BATS_TEST_TMPDIR/b"; return 1; }
		[ -z "$(ls -A "$STATE")" ]
	done
	kill -9 "$lister" "$ATTACKER"
	wait "$lister" "$ATTACKER" 2>/dev/null || :
	ATTACKER=
	# What they said is that there is none.
	! grep -v "container does not exist: $ID" "$BATS_TEST_TMPDIR/states" || false
	[ ! -e "$BATS_TEST_TMPDIR/list-failed" ] || { cat "$BATS_TEST_TMPDIR/lists"; return 1; }
	nothing_left
}

@test "exec, pause, resume, update and ps against delete --force, kill and each other" {
	args sleep 1000
	# Who execs in a paused container waits until it goes on.
	local pause="pause $ID && sleep 0.1 && $HULL --root $STATE resume $ID"
	local i other command commands=("exec $ID true" "$pause" "resume $ID" "update --pids-limit 99 $ID" "ps $ID >/dev/null" "exec -d $ID sleep 1000 >/dev/null 2>&1")
	local others=("delete --force $ID" "kill $ID KILL" "$pause" "exec $ID true" "update --pids-limit 98 $ID" "resume $ID")
	for ((i = 0; i < ${ROUNDS:-36}; i++)); do
		hull create "$ID" </dev/null >/dev/null 2>&1 3>&-
		hull start "$ID"
		command=${commands[i % 6]} other=${others[(i / 6) % 6]}
		contest "$HULL --root $STATE $command </dev/null" "sleep 0.0$((i % 4)); $HULL --root $STATE $other </dev/null"
		case $other in
		delete*)
			[ "$B" = 0 ] || { echo "$command: $other: $B"; cat "$BATS_TEST_TMPDIR/b"; return 1; }
			[ -z "$(ls -A "$STATE")" ] || { ls -A "$STATE"; return 1; }
			;;
		esac
		hull delete --force "$ID" || { echo "after $command and $other"; return 1; }
		[ -z "$(ls -A "$STATE")" ] && [ ! -d "$(cgroup_dir)" ] || { echo "left by $command and $other"; return 1; }
	done
	nothing_left
}
