# SPDX-License-Identifier: LGPL-2.1-or-later
# engine.bash - what the tests with real engines share: an engine in namespaces of its own, and the same thing done with
# runc and with hull, compared.
#
# engine_begin makes the namespaces (mount, network, pid; /run is empty, / is shared as systemd makes it), engine_spawn
# starts a daemon in them, within runs a client there, engine_end ends it all.  The engine's pid 1 is ours: when it is
# killed, nothing of the engine lives on.  Everything is below $ENGINE, and below the cgroup $ENGINE_CGROUP.
#
# both NAME FUNCTION [WORD...] runs FUNCTION twice at the same time, with R=runc and R=hull (the runtime's name), C (a
# name for a container) and T (a folder).  What it prints is compared, after ids and times are made equal; `see COMMAND`
# prints a command's output, errors and status for that.  A difference fails, unless it was named before with `but`.
#
# In the test machine (HULL_ENGINES is where its disk of engines is mounted) there is no pid namespace: systemd, which makes
# the cgroups there, knows processes by their pids in its own.

load "${BASH_SOURCE[0]%/*}/../integration/helpers"

# How long to wait for what must happen; Go programs are slow where the machine is emulated.
if [ -n "${HULL_ENGINES:-}" ]; then PATIENCE=400; else PATIENCE=60; fi
export PATIENCE	# within is exported too
export TERM_LIMIT=$PATIENCE	# of tests/tools/term

# Who makes the cgroups.
if [ -d /run/systemd/system ] && [ -e /sys/fs/cgroup/cgroup.controllers ]; then DRIVER=systemd; else DRIVER=cgroupfs; fi

RUNC=$(PATH=$PATH:/usr/sbin:/sbin command -v runc || :)

setup() {
	[ -z "${ENGINE_SKIP:-}" ] || skip "$ENGINE_SKIP"
	case $(type -t extra_setup) in function) extra_setup ;; esac
	BUT=()
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	case $(type -t extra_teardown) in function) extra_teardown ;; esac
	cd /
}

# cannot REASON - in setup_file, which cannot skip: every test is skipped for that reason.
cannot() {
	export ENGINE_SKIP=$1
	return 1
}

# need_engine FIXTURE - $ENGINE_ROOT is where its packages are unpacked.  Returns 1 where that cannot be.
need_engine() {
	[ -n "$IS_HULL" ] || cannot "HULL is another runtime" || return
	[ -n "$RUNC" ] || cannot "runc is not installed; there is nothing to compare with" || return
	[ "$(id -u)" = 0 ] || cannot "not root" || return
	ENGINE_ROOT=${HULL_ENGINES:-$("$TESTS/fixtures/$1")} || cannot "$1: the packages are not there" || return
	export ENGINE_ROOT
}

# until_ok COMMAND... - until COMMAND succeeds, for a minute or what $PATIENCE says.
until_ok() {
	local end=$((SECONDS + PATIENCE))
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || { echo "gave up waiting for: $*"; return 1; }
		sleep 0.05
	done
}

# engine_begin - the namespaces and pid 1 in them.  Returns 1 where that cannot be.
engine_begin() {
	local n=3000 pids=(--pid --fork --kill-child=SIGKILL --mount-proc) sockets=
	[ -z "${HULL_ENGINES:-}" ] || { pids=() sockets='dbus systemd'; }
	ENGINE=$BATS_FILE_TMPDIR
	ENGINE_CGROUP=/hull-test/e$$
	ENGINE_SLICE=hulle$$.slice
	ENGINE_PATH=$ENGINE/bin:$ENGINE_ROOT/usr/bin:$ENGINE_ROOT/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	ENGINE_LIBS=$ENGINE_ROOT/usr/lib/x86_64-linux-gnu:$ENGINE_ROOT/lib/x86_64-linux-gnu
	mkdir -p "$ENGINE/bin" "$ENGINE/tmp"
	ln -sfn "$RUNC" "$ENGINE/bin/runc"
	ln -sfn "$HULL" "$ENGINE/bin/hull"
	# Whoever kills the tests kills the engine.
	setpriv --pdeathsig KILL unshare --mount --propagation private --net "${pids[@]}" bash -c '
		mount --bind "$2" "$2" && mount --make-rshared / || exit 1
		# The system bus and systemd stay where they are.
		for socket in $3; do
			mkdir -p "$2/run/$socket" && mount --bind "/run/$socket" "$2/run/$socket" || exit 1
		done
		mount -t tmpfs -o mode=755 tmpfs /run && ip link set lo up || exit 1
		for socket in $3; do
			mkdir "/run/$socket" && mount --bind "$2/run/$socket" "/run/$socket" || exit 1
		done
		# What loses its parent comes to pid 1, which reaps it.
		trap : CHLD
		touch "$1"
		while :; do
			sleep 1000 &
			wait $!
		done' engine "$ENGINE/ready" "$ENGINE" "$sockets" </dev/null >"$ENGINE/init.log" 2>&1 3>&- 4>&- &
	ENGINE_OUTER=$!
	export ENGINE ENGINE_CGROUP ENGINE_SLICE ENGINE_PATH ENGINE_LIBS ENGINE_OUTER
	until [ -e "$ENGINE/ready" ]; do
		n=$((n - 1))
		[ $n -gt 0 ] && kill -0 "$ENGINE_OUTER" 2>/dev/null ||
			cannot "no namespaces for an engine here: $(tail -n 1 "$ENGINE/init.log")" || return
		sleep 0.02
	done
	ENGINE_INIT=$ENGINE_OUTER
	[ -n "${HULL_ENGINES:-}" ] || ENGINE_INIT=$(ps -o pid= --ppid "$ENGINE_OUTER" | tr -d ' ')
	export ENGINE_INIT
}

# within COMMAND... - runs it in the engine's namespaces, with the engine's programs and the runtimes in PATH; what hangs
# is ended, and returns 124.
within() {
	local pids=--pid
	[ -z "${HULL_ENGINES:-}" ] || pids=
	nsenter --target "$ENGINE_INIT" --mount --net $pids -- timeout --foreground --kill-after=5 "$PATIENCE" \
		env PATH="$ENGINE_PATH" LD_LIBRARY_PATH="$ENGINE_LIBS" TMPDIR="$ENGINE/tmp" "$@" 3>&-
}

# engine_spawn NAME COMMAND... - a daemon; what it says is in $ENGINE/NAME.log.
engine_spawn() {
	local name=$1
	shift
	within setsid --fork "$@" </dev/null >>"$ENGINE/$name.log" 2>&1
}

# image_archive NAME FILE COMMAND... - the busybox root file system as an image that docker load and ctr import take.
image_archive() {
	local name=$1 file=$2 dir=$2.d
	shift 2
	mkdir -p "$dir"
	tar -C "$("$TESTS/fixtures/busybox-rootfs")" -cf "$dir/layer.tar" .
	jq -n --arg id "$(sha256sum <"$dir/layer.tar" | cut -d ' ' -f 1)" --args '{architecture: "amd64", os: "linux",
		config: {Env: ["PATH=/bin"], Cmd: $ARGS.positional}, rootfs: {type: "layers", diff_ids: ["sha256:\($id)"]}}' "$@" >"$dir/config.json"
	jq -n --arg name "$name" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' >"$dir/manifest.json"
	tar -C "$dir" -cf "$file" manifest.json config.json layer.tar
	rm -r "$dir"
}

# engine_processes - what runs in the engine's namespaces, but for pid 1 and its sleep, and for zombies.
engine_processes() {
	local own pids
	if [ -n "${HULL_ENGINES:-}" ]; then
		own=$(readlink "/proc/$ENGINE_INIT/ns/mnt")
		pids=$(find /proc/[0-9]*/ns/mnt -maxdepth 0 -lname "${own//[\[\]]/?}" 2>/dev/null | cut -d / -f 3 | paste -sd ,)
		[ -z "$pids" ] || ps -o pid=,ppid=,stat=,args= -p "$pids" | awk -v init="$ENGINE_INIT" '$1 != init && $2 != init && $3 !~ /^Z/ { print }'
		return
	fi
	within ps -o pid=,ppid=,stat=,args= -e |
		awk '$1 != 1 && !($2 == 1 && $4 == "sleep" && $5 == 1000) && $3 !~ /^Z/ && !/nsenter|timeout|ps -o pid=/ { print }'
}

# engine_mounts - what is mounted below /run and the engine's folder, in its mount namespace.
engine_mounts() {
	awk -v d="$ENGINE/" 'index($5, d) == 1 || (index($5, "/run/") == 1 && $5 !~ "^/run/(dbus|systemd)") { print $5 }' "/proc/$ENGINE_INIT/mountinfo"
}

# engine_cgroups - the cgroups below the engine's own.
engine_cgroups() {
	find "$CGROUPS" -mindepth 2 \( -path "*$ENGINE_CGROUP/*" -o -path "*/$ENGINE_SLICE/*" \) -type d 2>/dev/null
}

# engine_end - ends the engine, whatever it was doing; fails if it does not end.
engine_end() {
	local pid sleeper=
	[ -n "${ENGINE_OUTER:-}" ] || return 0
	if [ -n "${HULL_ENGINES:-}" ]; then
		for pid in $(engine_processes | awk '{ print $1 }'); do kill -9 "$pid" 2>/dev/null || :; done
		cgroup_kill "/$ENGINE_SLICE" || :
		sleeper=$(ps -o pid= --ppid "$ENGINE_INIT") || : # bats would wait for it
	fi
	kill -9 "${ENGINE_INIT:-}" 2>/dev/null || kill -9 "$ENGINE_OUTER" 2>/dev/null || :
	[ -z "$sleeper" ] || kill -9 $sleeper 2>/dev/null || :
	until_ok gone "$ENGINE_OUTER"
	cgroup_kill "$ENGINE_CGROUP" || :
}

# ---- runc and hull ----------------------------------------------------------------------------

# but REASON SED - before both: an accepted difference, and the sed script that takes it out of the two transcripts.
but() {
	BUT+=(-e "$2")
}

# alike FILE RUNTIME NAME TEMP - prints it with what is another in each run made equal.
alike() {
	sed -E -e "s,$HULL,RUNTIME,g; s,$RUNC,RUNTIME,g; s,$4,TEMP,g; s/$3/NAME/g" \
		-e 's/\b[0-9a-f]{64}\b/ID/g; s/\b[0-9a-f]{12}\b/ID/g' \
		-e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}(\.[0-9]+)?( ?(Z|[+-][0-9:]{4,5})( UTC)?)?/TIME/g' \
		"${BUT[@]}" "$1"
}

# both [--in-turn] NAME FUNCTION [WORD...] - FUNCTION with runc and with hull, at the same time or one after the other.  What
# an engine says now and then (the order of two streams, a client's complaint of a container that has just ended) is no
# difference of the runtimes: one must show three times.
both() {
	local turn= name try
	[ "$1" != --in-turn ] || { turn=1; shift; }
	name=$1
	shift
	for try in '' 2 3; do
		[ -z "$try" ] || [ -z "${ENGINE_ONCE:-}" ] || return 1 # while writing a test
		[ -z "$try" ] || { echo "-- once more" && forget_containers; }
		! compared "$turn" "$name$try" "$@" || return 0
	done
	return 1
}

# What a try has left under a name that the next one wants; an engine's file may know more.
forget_containers() { :; }

# compared TURN NAME FUNCTION [WORD...]
compared() {
	local turn=$1 name=$2 runtime pids=() pid failed=
	shift 2
	for runtime in runc hull; do
		mkdir -p "$BATS_TEST_TMPDIR/$name.$runtime"
		(
			R=$runtime T=$BATS_TEST_TMPDIR/$name.$runtime
			C=$runtime-$BATS_TEST_NUMBER-$name
			set +e
			"$@"
			echo "= end"
		) </dev/null >"$BATS_TEST_TMPDIR/$name.$runtime.out" 2>&1 3>&- &
		pids+=($!)
		[ -z "$turn" ] || wait $! || failed=1
	done
	for pid in "${pids[@]}"; do
		[ -n "$turn" ] || wait "$pid" || failed=1
	done
	for runtime in runc hull; do
		alike "$BATS_TEST_TMPDIR/$name.$runtime.out" "$runtime" "$runtime-$BATS_TEST_NUMBER-$name" \
			"$BATS_TEST_TMPDIR/$name.$runtime" >"$BATS_TEST_TMPDIR/$name.$runtime.alike"
	done
	output=$(cat "$BATS_TEST_TMPDIR/$name.hull.alike")
	TRANSCRIPT=$BATS_TEST_TMPDIR/$name.hull.out # as it was
	diff -u "$BATS_TEST_TMPDIR/$name.runc.alike" "$BATS_TEST_TMPDIR/$name.hull.alike" || {
		echo "-- with hull, as it was:"
		cat "$TRANSCRIPT"
		return 1
	}
	[ -z "$failed" ] || { echo "$name: a case was ended"; return 1; }
}

# see COMMAND... - runs it; prints its status, its output and its errors, apart from each other.
see() {
	local status=0
	"$@" >"$T/see.out" 2>"$T/see.err" || status=$?
	printf '= %s\n' "$status"
	[ ! -s "$T/see.out" ] || sed 's/^/| /' "$T/see.out"
	[ ! -s "$T/see.err" ] || sed 's/^/! /' "$T/see.err"
	return "$status"
}

# say WORD... - a heading in the transcript.
say() {
	echo "== $*"
}

# told TEXT... - the transcript of the last both has these texts.
told() {
	local text
	for text; do
		has "$output" "$text" || return 1
	done
}
