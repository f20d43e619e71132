# SPDX-License-Identifier: LGPL-2.1-or-later
# Odd callers and odd hosts: hull runs as ever, or says in one line what is wrong; nothing is left.

load ../integration/helpers
load host

setup_file() { host_before; }
teardown_file() { host_after; }

extra_setup() {
	args sh -c 'echo inside; exit 7'
	BEFORE=$(snapshot)
	RUN=("$HULL" --root "$STATE" run "$ID")
}

nothing_left() {
	local n=100 after
	while after=$(snapshot) && [ "$after" != "$BEFORE" ] && [ $n -gt 0 ]; do
		sleep 0.02
		n=$((n - 1))
	done
	diff <(echo "$BEFORE") <(echo "$after")
}

# under COMMAND... - output and status of a command that runs hull in the end.
under() {
	status=0
	rm -f "$BATS_TEST_TMPDIR/status"
	# By a pipe, since the limits of some hold for files too.
	{ timeout -k 1 20 "$@" </dev/null 2>&1 3>&- || echo $? >"$BATS_TEST_TMPDIR/status"; } | timeout 25 cat >"$BATS_TEST_TMPDIR/under"
	[ ! -s "$BATS_TEST_TMPDIR/status" ] || status=$(cat "$BATS_TEST_TMPDIR/status")
	output=$(cat "$BATS_TEST_TMPDIR/under")
	CASE=${*//"$BATS_TEST_TMPDIR"/}
}

# ran [OUTPUT] - the program ran, and nothing else was said.
ran() {
	[ "$status" = 7 ] && [ "$output" = "${1-inside}" ] || { echo "$CASE: status $status: $output"; return 1; }
	nothing_left
}

# told TEXT... - hull refused in one line that holds one of the texts.
told() {
	local text
	[ "$status" = 1 ] && one_line "$output" && has "$output" "hull: run: " || { echo "$CASE: status $status: $output"; return 1; }
	for text; do
		case $output in *"$text"*) nothing_left; return ;; esac
	done
	echo "$CASE: $output"
	return 1
}

# on_host CHANGE COMMAND... - in a mount namespace of its own, after a change.
on_host() {
	local change=$1
	shift
	under unshare -m --propagation private sh -c "$change"' && exec "$@"' sh "$@"
	CASE="$change: $CASE"
}

# ---- the caller -----------------------------------------------------------------------------------------

@test "all signals ignored, SIGCHLD too, or blocked; with hooks as well" {
	local hooks mode
	cat >signals.py <<-'EOF'
		import os, signal, sys
		if sys.argv[1] == "ignored":
		    for n in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
		        signal.signal(n, signal.SIG_IGN)
		else:
		    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
		os.execv(sys.argv[2], sys.argv[2:])
	EOF
	BEFORE=$(snapshot)
	for hooks in none good bad; do
		case $hooks in
		good) config '.hooks = {createRuntime: [{path: "/bin/true"}], poststop: [{path: "/bin/true"}]}' ;;
		bad) config '.hooks.createRuntime[0].path = "/bin/false"' ;;
		esac
		for mode in ignored blocked; do
			under python3 signals.py $mode "${RUN[@]}"
			if [ $hooks = bad ]; then told "/bin/false: exit status 1"; else ran; fi
		done
	done
	# The program begins with the usual ones.
	config 'del(.hooks)'
	args grep -E 'Sig(Ign|Blk)' /proc/self/status
	for mode in ignored blocked; do
		under python3 signals.py $mode "${RUN[@]}"
		[ "$status" = 0 ]
		is "$output" $'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000'
	done
	# A default that an ancestor made is not enough: SIGPIPE of a closed pipe ends the program, not hull.
	shell 'yes; exit 7'
	"${RUN[@]}" 2>"$BATS_TEST_TMPDIR/pipe" </dev/null 3>&- | head -n 1 | grep -q y
	is "$(cat "$BATS_TEST_TMPDIR/pipe")" ""
	nothing_left
}

@test "any of stdin, stdout and stderr closed" {
	local how
	shell 'exit 7'
	for how in '<&-' '>&-' '2>&-' '<&- >&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		under bash -c "exec \"\$@\" $how" bash "${RUN[@]}"
		[ "$status" = 7 ]
		ran "$output" # a closed one is nobody's fault
		timeout 20 bash -c "exec \"\$@\" $how" bash "$HULL" --root "$STATE" create "$ID" </dev/null >"$BATS_TEST_TMPDIR/create" 2>&1 3>&-
		# Nothing of hull's own has taken its place.
		! readlink "/proc/$(pid_of)"/fd/[012] | grep -vE '^/dev/null|/create$' || { echo "$CASE"; return 1; }
		hull delete --force "$ID"
		nothing_left
	done
}

@test "an empty environment, no HOME, no USER, an XDG_RUNTIME_DIR that leads nowhere" {
	under env -i "${RUN[@]}"
	ran
	under env -u HOME -u USER XDG_RUNTIME_DIR=/nowhere/at/all "${RUN[@]}"
	ran
	under env -i XDG_RUNTIME_DIR=relative "$HULL" --root "$STATE" list
	[ "$status" = 0 ]
}

@test "LISTEN_FDS that make no sense" {
	local value
	for value in x -1 '' 1025 99999999999999999999 ' 1' 1x 0x1; do
		under bash -c 'export LISTEN_FDS=$1 LISTEN_PID=$$; shift; exec "$@"' bash "$value" "${RUN[@]}"
		told "LISTEN_FDS is no number of descriptors"
		# Those of somebody else are nobody's business.
		under env LISTEN_FDS="$value" LISTEN_PID=1 "${RUN[@]}"
		ran
	done
	for value in x '' 0 -1 99999999999999999999; do
		under env LISTEN_FDS=1 LISTEN_PID="$value" "${RUN[@]}"
		ran
	done
	# More than there are: the program gets those there are.
	under bash -c 'export LISTEN_FDS=5 LISTEN_PID=$$; exec "$@" 3</dev/null' bash "${RUN[@]}"
	ran
}

@test "every umask" {
	local mask
	config '.root.readonly = false | .mounts += [{destination: "/made/deep", type: "tmpfs", source: "t"}]'
	shell 'echo inside; stat -c %a /made /made/deep/.. /dev /dev/null /dev/shm | tr "\n" " "; umask; exit 7'
	for mask in 0 022 077 0777; do
		rm -rf rootfs/made
		under bash -c "umask $mask; exec \"\$@\"" bash "${RUN[@]}"
		# 0 is what daemons run with.
		ran $'inside\n755 755 755 666 1777 '"$(printf %04o $((mask ? mask : 022)))"
		[ $mask != 0777 ] || continue
		rm -rf "$STATE"
		(umask $mask && create)
		is "$(stat -c %a "$STATE" "$STATE/$ID" "$STATE/$ID/config.json" "$STATE/$ID/record.json" | tr '\n' ' ')" "700 700 600 600 "
		hull delete --force "$ID"
	done
}

@test "a working directory that was deleted" {
	local gone=$BATS_TEST_TMPDIR/gone
	in_gone() {
		mkdir -p "$gone"
		under bash -c 'cd "$1" && rmdir "$1"; shift; exec "$@"' bash "$gone" "$@"
	}
	in_gone "$HULL" --root "$STATE" run -b "$BUNDLE" "$ID"
	ran
	in_gone "${RUN[@]}"
	told "cannot find the bundle ."
	in_gone "$HULL" --root relative run -b "$BUNDLE" "$ID"
	told "cannot open the state root relative"
}

@test "few descriptors: a low soft limit changes nothing, a low hard limit is named" {
	local n ran=0
	config 'del(.process.rlimits)'
	shell 'ulimit -Sn; ulimit -Hn; exit 7'
	for n in 4 8 16 32 64; do
		under bash -c "ulimit -Sn $n; exec \"\$@\"" bash "${RUN[@]}"
		ran "$n"$'\n'"$(ulimit -Hn)"
	done
	# Hooks have the caller's too.
	config '.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "ulimit -Sn >&2; exit 3"]}]}'
	under bash -c "ulimit -Sn 19; exec \"\$@\"" bash "${RUN[@]}"
	told "exit status 3: 19"
	config '.hooks.createContainer = .hooks.createRuntime | del(.hooks.createRuntime)'
	under bash -c "ulimit -Sn 19; exec \"\$@\"" bash "${RUN[@]}"
	told "exit status 3: 19"
	config 'del(.hooks)'
	for n in $(seq 4 $([ -n "${HOSTILE_LONG:-}" ] && echo 1 || echo 5) 54); do
		under bash -c "ulimit -n $n; exec \"\$@\"" bash "${RUN[@]}"
		if [ "$status" = 7 ]; then
			ran "$n"$'\n'"$n"
			ran=$((ran + 1))
		else
			told "too many open files (RLIMIT_NOFILE is $n, hull needs about"
			[ $ran = 0 ] || { echo "$n is not enough, $((n - 1)) was"; return 1; }
		fi
	done
	[ $ran -gt 0 ]
}

@test "other limits of the caller that are too low" {
	local limit
	# bash's units: KiB, but for -n, -u, -i, -t.
	for limit in '-v 100' '-v 1500' '-v 2000' '-v 3000' '-v 5000' '-v 20000' '-d 0' '-d 100' '-s 256' '-l 0' '-i 0' '-c 0' '-q 0' '-f 0' '-f 1' \
		'-f 4' '-f 8' '-u 1'; do
		under bash -c "ulimit $limit; exec \"\$@\"" bash "${RUN[@]}"
		case $status:$output in
		7:inside) ran ;;
		# The limit was too low even for hull's own start, which the kernel and the C library report.
		126:* | 127:* | 13[79]:*) nothing_left ;;
		*) told "cannot allocate memory" "file too large" "resource temporarily unavailable" "init ended" ;;
		esac
	done
}

@test "paths longer than the kernel takes at once" {
	local long i
	long=$BATS_TEST_TMPDIR/$(printf 'x%.0s' {1..200})/$(printf 'y%.0s' {1..200})
	mkdir -p "$long"
	under "$HULL" --root "$long" run "$ID"
	ran
	cd "$BATS_TEST_TMPDIR"
	for i in $(seq 25); do
		mkdir "$(printf 'z%.0s' {1..200})"
		cd "$(printf 'z%.0s' {1..200})"
	done
	cp -al "$BUNDLE" deep
	under "$HULL" --root "$STATE" run -b deep "$ID"
	told "file name too long"
	under "$HULL" --root "$STATE" run -b "$BUNDLE" "$ID"
	ran
}

# ---- the state root -------------------------------------------------------------------------------------

@test "a state root that is full, by blocks and by inodes, at any moment" {
	local size root=$BATS_TEST_TMPDIR/small refused=0
	mkdir "$root"
	for size in size=4k size=8k size=12k size=16k size=20k nr_inodes={1..9}; do
		on_host "mount -t tmpfs -o $size t $root" sh -c '"$1" --root "$2" run "$3"; echo "status $?"
			"$1" --root "$2" delete --force "$3" || echo "delete fails"
			ls -A "$2" | grep -vx @seccomp' sh "$HULL" "$root" "$ID"
		case $output in
		$'inside\nstatus 7') ;;
		'hull: run: cannot '*': no space left on device'$'\nstatus 1') refused=$((refused + 1)) ;;
		*) echo "$CASE: $output"; return 1 ;;
		esac
		nothing_left
	done
	[ $refused -gt 3 ]
}

@test "a state root that is read-only, a file, a link to nowhere, of another kind" {
	local root=$BATS_TEST_TMPDIR/odd
	mkdir "$root"
	on_host "mount -t tmpfs -o ro t $root" "$HULL" --root "$root" run "$ID"
	told "cannot make the state directory of container $ID: read-only file system"
	on_host "mount -t tmpfs -o ro t $root" "$HULL" --root "$root/sub" run "$ID"
	told "cannot open the state root $root/sub: read-only file system"
	on_host "mount -t tmpfs -o ro t $root" "$HULL" --root "$root" list
	[ "$status" = 0 ]
	on_host "mount -t proc p $root" "$HULL" --root "$root" run "$ID"
	told "cannot make the state directory"
	rmdir "$root"
	: >"$root"
	under "$HULL" --root "$root" run "$ID"
	told "not a directory"
	ln -sf /nowhere/else "$root"
	under "$HULL" --root "$root" run "$ID"
	told "no such file or directory" "file exists"
	under "$HULL" --root / run "$ID"
	told "may not be empty or /"
	under "$HULL" --root "" run "$ID"
	told "may not be empty or /"
}

@test "what lies in the state root and is no container" {
	local dir
	mkdir -p "$STATE"
	for dir in empty directory file link damaged fifo; do
		case $dir in
		empty) mkdir "$STATE/$ID" ;;
		directory) mkdir -p "$STATE/$ID/record.json" ;;
		file) : >"$STATE/$ID" ;;
		link) ln -s /etc "$STATE/$ID" ;;
		damaged) mkdir "$STATE/$ID"; echo '{"id":' >"$STATE/$ID/record.json" ;;
		fifo) mkdir "$STATE/$ID"; mkfifo "$STATE/$ID/record.json" ;;
		esac
		for command in state start kill delete; do
			under "$HULL" --root "$STATE" $command "$ID"
			[ "$status" -ne 0 ] && [ "$status" -lt 124 ] && one_line "$output" || { echo "$dir $command: $status $output"; return 1; }
			[ -e "$STATE/$ID" ] || break # an empty one was removed
		done
		under "$HULL" --root "$STATE" list
		[ "$status" = 0 ] || { echo "$dir: $output"; return 1; }
		rm -rf "${STATE:?}/$ID"
	done
	[ -e /etc/passwd ]
}

# ---- the host -------------------------------------------------------------------------------------------

@test "a host without this or that in /proc, /sys and /dev" {
	local change
	for change in 'umount -l /proc' 'mount -t tmpfs x /proc' 'mount --bind /proc/self /proc' 'mount --bind /proc/sys /proc' \
		'mount -t proc -o subset=pid p /proc' 'mount -t tmpfs x /proc/sys' 'mount -t tmpfs x /sys' 'mount -t tmpfs x /sys/fs/cgroup' \
		'mount -t tmpfs x /dev' 'mount --bind /etc/hostname /dev/null'; do
		on_host "$change" "${RUN[@]}"
		told ": "
	done
	for change in 'mount -t proc -o hidepid=2 p /proc' 'mount -t tmpfs x /proc/self/fd' 'mount -o remount,bind,ro /proc' \
		'mount -t tmpfs x /tmp' 'mount --make-rshared /' 'mount --make-runbindable /'; do
		case $change in *' /tmp') [ "${BATS_TEST_TMPDIR#/tmp/}" = "$BATS_TEST_TMPDIR" ] || continue ;; esac
		on_host "$change" "${RUN[@]}"
		ran
	done
}
