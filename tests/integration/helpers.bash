# SPDX-License-Identifier: LGPL-2.1-or-later
# helpers.bash - what every integration test uses.  A test has a state root ($STATE), a bundle
# ($BUNDLE, busybox) and a cgroup (/hull-test/...) of its own; teardown removes all three.
#
# HULL names the runtime (default: the one built at the top of the tree or in build/).  Where it is another
# runtime, tests of what is hull's own are skipped; so the common part can be checked against one
# that is known to work.

bats_require_minimum_version 1.5.0

TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
TESTS=$TOP/tests
TOOLS=$TESTS/tools
CGROUPS=/sys/fs/cgroup

if [ -z "${HULL:-}" ]; then
	HULL=$TOP/hull
	[ -x "$HULL" ] || HULL=$TOP/build/hull
fi
case $HULL in
/*) ;;
*/*) HULL=$PWD/$HULL ;;
*) HULL=$(command -v "$HULL" || echo "$HULL") ;;
esac
[ -x "$HULL" ] || { echo "no runtime at $HULL: build it or set HULL" >&2; exit 1; }
export HULL
IS_HULL=$("$HULL" --version 2>/dev/null | grep -m 1 '^hull ' || :)

setup() {
	ID=t$$-$BATS_TEST_NUMBER
	STATE=$BATS_TEST_TMPDIR/state
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	CGROUP=/hull-test/$ID
	LOG=$BATS_TEST_TMPDIR/log
	export HULL_TEST_MARK=$ID	# inherited by whatever the runtime leaves behind
	unset NOTIFY_SOCKET LISTEN_FDS LISTEN_PID LISTEN_FDNAMES
	mkdir -p "$BUNDLE"
	# Links are quick; where the cache is on another file system than /tmp, copies.
	local busybox
	busybox=$("$TESTS/fixtures/busybox-rootfs")
	cp -al "$busybox" "$BUNDLE/rootfs" 2>/dev/null || cp -a "$busybox/." "$BUNDLE/rootfs"
	ROOTFS=$BUNDLE/rootfs
	jq --arg cg "$CGROUP" '.linux.cgroupsPath = $cg' "$TESTS/integration/base.json" >"$BUNDLE/config.json"
	cd "$BUNDLE" || return 1
	case $(type -t extra_setup) in function) extra_setup ;; esac
}

teardown() {
	case $(type -t extra_teardown) in function) extra_teardown ;; esac
	cd /
	local d
	for d in "$STATE"/*/; do
		[ -d "$d" ] || continue
		d=${d%/}
		"$HULL" --root "$STATE" delete --force "${d##*/}" >/dev/null 2>&1 </dev/null || :
	done
	cgroup_kill "$CGROUP"
	realtime_return
	bundle_umount
}

# host_mounts [MOUNTINFO]... - the mounts there, without those that tests of other files, which may run beside, make in directories
# of theirs.
host_mounts() {
	[ $# -gt 0 ] || set -- /proc/self/mountinfo
	awk -v own="$BATS_TEST_TMPDIR/" 'index($5, own) == 1 || $5 !~ "/bats-run-"' "$@"
}

# The mounts that a test made below its own directory.
bundle_umount() {
	local m
	awk -v d="$BATS_TEST_TMPDIR/" 'index($5, d) == 1 {print $5}' /proc/self/mountinfo | tac | while read -r m; do
		umount -l "$m" || :
	done
}

# Makes the test's cgroup in every hierarchy, ready for processes: as engines do that hand hull a cgroup of their own.
cgroup_make() {
	local dir file
	for dir in "$CGROUPS"/*/ "$CGROUPS/"; do
		[ -e "$dir/cgroup.procs" ] && [ ! -L "${dir%/}" ] || continue
		mkdir -p "$dir$CGROUP"
		for file in cpuset.cpus cpuset.mems; do
			[ ! -e "$dir/cgroup.clone_children" ] || [ ! -e "$dir/$file" ] || {
				cat "$dir/$file" >"$dir/hull-test/$file"
				cat "$dir/$file" >"$dir$CGROUP/$file"
			}
		done
	done
}

# realtime_borrow: what a v1 cgroup may give its children of real-time runtime comes out of its own, and by default it has none:
# the parent of the tests' cgroups gets some until the test is torn down.  One test at a time.  Fails where there is none to have.
realtime_borrow() {
	local file=$CGROUPS/cpu/hull-test/cpu.rt_runtime_us
	mkdir -p "$CGROUPS/cpu/hull-test" && exec {REALTIME}<"$CGROUPS/cpu/hull-test" && flock -w 120 "$REALTIME" || return 1
	realtime_before=$(cat "$file")
	[ "$realtime_before" -ge 100000 ] || echo 100000 2>/dev/null >"$file"
}

# A removed cgroup gives back what it had after a moment.
realtime_return() {
	[ -n "${REALTIME:-}" ] || return 0
	wait_for 30 eval 'echo "$realtime_before" >"$CGROUPS/cpu/hull-test/cpu.rt_runtime_us"' || :
	exec {REALTIME}<&-
	unset REALTIME
}

# Ends what is left in a test's own cgroups, and removes them.
cgroup_kill() {
	local dir pid
	for dir in "$CGROUPS"/*"$1" "$CGROUPS$1"; do
		[ -d "$dir" ] || continue
		for pid in $(find "$dir" -name cgroup.procs -exec cat {} + 2>/dev/null); do
			kill -9 "$pid" 2>/dev/null || :
		done
		find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || {
			sleep 0.1
			find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || :
		}
	done
}

# hull ARG... - the runtime, with the state root of the test.
hull() {
	"$HULL" --root "$STATE" "$@"
}

# config [JQ-OPTION...] FILTER - edit config.json.
config() {
	jq "$@" "$BUNDLE/config.json" >"$BUNDLE/config.json.new" && mv "$BUNDLE/config.json.new" "$BUNDLE/config.json"
}

# args WORD... - what the container runs.
args() {
	printf '%s\036' "$@" | jq -Rs --slurpfile c "$BUNDLE/config.json" \
		'(. / "\u001e" | .[:-1]) as $args | $c[0] | .process.args = $args' >"$BUNDLE/config.json.new" &&
		mv "$BUNDLE/config.json.new" "$BUNDLE/config.json"
}

# shell SCRIPT - the container runs SCRIPT with sh -c.
shell() {
	args sh -c "$1"
}

# create [OPTION...] - create the container with its stdio on /dev/null and a file.
create() {
	hull create "$@" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&-
}

# A container that sleeps: created, or running.
created() {
	args sleep 1000
	create "$@"
}

running() {
	created "$@"
	hull start "$ID"
}

status_of() {
	hull state "${1:-$ID}" | jq -r .status
}

pid_of() {
	hull state "${1:-$ID}" | jq .pid
}

# wait_for SECONDS COMMAND... - until COMMAND succeeds.
wait_for() {
	local n=$(($1 * 50))
	shift
	until "$@" >/dev/null 2>&1; do
		n=$((n - 1))
		[ $n -gt 0 ] || { echo "gave up waiting for: $*"; return 1; }
		sleep 0.02
	done
}

is_status() {
	[ "$(status_of)" = "$1" ]
}

# gone PID - no such process, or a zombie.
gone() {
	local stat
	read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
	stat=${stat##*\) }
	[ "${stat%% *}" = Z ]
}

is_hull() {
	[ -n "$IS_HULL" ]
}

hull_only() {
	is_hull || skip "${HULL##*/} differs: ${1:-a matter of hull alone}"
}

# need_cap NAME NUMBER
need_cap() {
	local eff
	eff=$(awk '/^CapEff/ {print $2}' /proc/self/status)
	[ $(( (0x$eff >> $2) & 1 )) -eq 1 ] || skip "the tests run without $1"
}

need_v1() {
	[ -e "$CGROUPS/$1/cgroup.procs" ] && [ ! -e "$CGROUPS/cgroup.controllers" ] || skip "no v1 $1 hierarchy here"
}

need_v2() {
	[ -e "$CGROUPS/cgroup.controllers" ] || skip "no pure cgroup v2 here"
}

# cgroup_dir [CONTROLLER] - the test's cgroup; where there are several hierarchies, that of the controller.
cgroup_dir() {
	if [ -e "$CGROUPS/cgroup.controllers" ]; then
		echo "$CGROUPS$CGROUP"
	else
		echo "$CGROUPS/${1:-pids}$CGROUP"
	fi
}

# What a container could leave behind: state, cgroups, mounts, processes.
snapshot() {
	echo "state:"
	ls -A "$STATE" 2>/dev/null | grep -v '^\.lock$' || :
	echo "bundle:"
	(cd "$BUNDLE" && find . -maxdepth 1 | sort)
	echo "cgroups:"
	find "$CGROUPS" -maxdepth 3 -path "*/${CGROUP#/}" 2>/dev/null || :
	find "$CGROUPS/user.slice" -name "hull-$ID*" 2>/dev/null || :
	echo "mounts:"
	awk -v d="$BATS_TEST_TMPDIR/" 'index($0, d) {print $5}' /proc/self/mountinfo
	echo "processes:"
	local p line
	for p in $(grep -lzsx "HULL_TEST_MARK=$ID" /proc/[0-9]*/environ) \
		$(grep -ls -e "$CGROUP\$" /proc/[0-9]*/cgroup); do
		p=${p#/proc/}
		p=${p%/*}
		gone "$p" && continue
		line=$(tr '\0' ' ' 2>/dev/null <"/proc/$p/cmdline") || continue
		case $line in
		grep\ * | "") ;;
		*) echo "$p $line" ;;
		esac
	done
}

# unchanged COMMAND... - runs it (as run does, but through a file: what is left behind may hold a
# pipe open for ever) and fails if it leaves anything.
unchanged() {
	local before after n=50
	before=$(snapshot)
	status=0
	"$@" >"$BATS_TEST_TMPDIR/unchanged" 2>&1 3>&- || status=$?
	output=$(cat "$BATS_TEST_TMPDIR/unchanged")
	while :; do
		after=$(snapshot)
		[ "$before" = "$after" ] && return 0
		n=$((n - 1))
		[ $n -gt 0 ] || break
		sleep 0.02
	done
	echo "left behind by: $*"
	echo "output: $output"
	diff <(echo "$before") <(echo "$after")
}

one_line() {
	[ "$(printf '%s' "$1" | wc -l)" -eq 0 ] || { echo "more than one line: $1"; return 1; }
}

has() {
	case $1 in
	*"$2"*) return 0 ;;
	esac
	printf 'expected: %s\n     got: %s\n' "$2" "$1"
	return 1
}

is() {
	[ "$1" = "$2" ] && return 0
	printf 'expected: %s\n     got: %s\n' "$2" "$1"
	return 1
}

# refused POINTER TEXT... - create fails with one line that names the JSON pointer and the texts,
# and leaves nothing.
refused() {
	local pointer=$1 text
	shift
	unchanged hull create "$ID" </dev/null
	[ "$status" -ne 0 ] || { echo "create accepted it"; return 1; }
	[ "$status" -lt 126 ] || { echo "exit status $status: $output"; return 1; }
	for text; do
		has "$output" "$text" || return 1
	done
	if is_hull; then
		one_line "$output" || return 1
		has "$output" "config.json:$pointer" || return 1
	fi
}

# inside SCRIPT - run SCRIPT in a container in the foreground; output and status as run gives them.
inside() {
	shell "$1"
	run hull run "$ID"
}

# user_namespace - the config has one of its own, and the root is a copy that other users can reach; its files stay root's.
user_namespace() {
	config '.linux.namespaces += [{type: "user"}] | .root.readonly = false |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BUNDLE"
	rm -rf rootfs
	cp -a "$("$TESTS/fixtures/busybox-rootfs")" rootfs
}

# links_statically - whether there is a C compiler that does; what it then does not compile is a fault of the source.
links_statically() {
	echo 'int main(void) { return 0; }' | cc -static -pthread -x c -o "$BATS_FILE_TMPDIR/static" - 2>/dev/null
}
