# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile root file systems: hull refuses in one line or runs; the host is untouched and nothing is left.
# HOSTILE_LONG=1 tries every link in every place, else a random few (the case that fails is printed).

load ../integration/helpers
load host

setup_file() { host_before; }
teardown_file() { host_after; }

extra_setup() {
	CANARY=$BATS_TEST_TMPDIR/canary
	mkdir -p "$CANARY/dir/pts" "$CANARY/dir/fd"
	echo untouched >"$CANARY/file"
	echo untouched >"$CANARY/dir/null"
	mkfifo "$CANARY/fifo"
	shell 'echo alive'
	HOST=$(host)
	BEFORE=$(snapshot)
}

# Each test leaves nothing behind.
nothing_left() {
	local n=50 after
	while after=$(snapshot) && [ "$after" != "$BEFORE" ] && [ $n -gt 0 ]; do
		sleep 0.02
		n=$((n - 1))
	done
	diff <(echo "$BEFORE") <(echo "$after")
}

# What an attack may not change on the host.
host() {
	(cd "$CANARY" && find . -printf '%p %y %m %U %G %s %l %T@\n' | sort)
	cat "$CANARY/file" "$CANARY/dir/null"
	stat -c '%n %F %a %u %g %t %T %i' /dev/null /dev/zero /dev/full /dev/tty /dev/ptmx /dev/console /dev/shm /dev/pts
	awk -v d="$BATS_TEST_TMPDIR/" 'index($0, d) {print}' /proc/self/mountinfo
	cat /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sys/net/ipv4/ip_forward
	cksum <"$HULL"
}

# tree COMMAND... - a fresh tree, changed by the command in it.
tree() {
	rm -rf "$ROOTFS"
	cp -al "$("$TESTS/fixtures/busybox-rootfs")" "$ROOTFS"
	(cd "$ROOTFS" && eval "$@") || return 1
}

# attacked WHAT - run the container: "alive" or one clear line; the host as before; nothing left.
attacked() {
	output=$(timeout -k 1 20 ${TERMINAL:+"$TOOLS/term" run --} "$HULL" --root "$STATE" run "$ID" </dev/null 2>&1 3>&-) && status=0 || status=$?
	output=${output//$'\r'/}
	[ -z "$(ls -A "$STATE" 2>/dev/null)" ] || { echo "case: $1: state is left"; return 1; }
	case $status:$output in
	0:*alive) ;;
	[1-9]:hull:*|1[0-9]:hull:*|12[67]:hull:*) one_line "$output" || { echo "case: $1"; return 1; } ;;
	*) echo "case: $1: status $status: $output"; return 1 ;;
	esac
	[ "$(host)" = "$HOST" ] || { echo "case: $1: the host changed"; diff <(echo "$HOST") <(host); return 1; }
	[ -z "${SHOW:-}" ] || echo "# $1: $status ${output##*$'\n'}" >&3
}

# Links to attack with: absolute and relative, out of the root, dangling, loops, magic.
links() {
	printf '%s\n' "$CANARY/dir" "$CANARY/file" "$CANARY/fifo" ../../../../../../../../../../.."$CANARY/dir" / . .. ../.. \
		/missing/deep missing "$1" /proc /proc/self /proc/self/root /proc/1/root /proc/self/cwd /proc/self/fd/3 \
		/proc/self/exe /proc/self/ns/mnt /proc/sys /proc/sysrq-trigger /sys /sys/fs/cgroup /dev /dev/pts /dev/null /tmp \
		/etc/passwd "$(printf 'x%.0s' {1..255})"
}

NAMES='proc sys dev dev/pts dev/null dev/shm dev/console dev/mqueue dev/ptmx dev/fd sys/fs/cgroup etc etc/passwd bin/sh tmp run'

# sample N - the same N lines of its input each time: a failure can be repeated.  HOSTILE_SEED chooses others.
sample() {
	shuf -n "$1" --random-source=<(yes "${HOSTILE_SEED:-7}")
}

@test "a link in place of each directory and file that hull uses" {
	local name link count=0
	for name in $NAMES; do
		while read -r link; do
			tree "rm -rf '$name' && mkdir -p '$(dirname "$name")' && ln -s '$link' '$name'"
			attacked "$name -> $link"
			count=$((count + 1))
		done < <(if [ -n "${HOSTILE_LONG:-}" ]; then links "$name"; else links "$name" | sample "${SAMPLE:-2}"; fi)
	done
	[ "$count" -ge 30 ]
	nothing_left
}

@test "the same where the config mounts no /dev" {
	local name link
	config 'del(.mounts[] | select(.destination | startswith("/dev")))'
	for name in dev dev/null dev/zero dev/tty dev/ptmx dev/fd dev/stdin dev/pts proc; do
		while read -r link; do
			tree "rm -rf '$name' && mkdir -p '$(dirname "$name")' && ln -s '$link' '$name'"
			attacked "$name -> $link"
		done < <(if [ -n "${HOSTILE_LONG:-}" ]; then links "$name"; else links "$name" | sample "${SAMPLE:-2}"; fi)
	done
	nothing_left
}

# tried_links NAME... - a link in place of each.
tried_links() {
	local name link
	for name; do
		while read -r link; do
			tree "rm -rf '$name' && mkdir -p '$(dirname "$name")' && ln -s '$link' '$name'; ${PREPARE:-:}"
			attacked "$name -> $link"
		done < <(if [ -n "${HOSTILE_LONG:-}" ]; then links "$name"; else links "$name" | sample "${SAMPLE:-2}"; fi)
	done
}

@test "the same with a terminal, with and without a /dev from the config" {
	TERMINAL=1 SAMPLE=1
	config '.process.terminal = true'
	tried_links dev dev/console dev/pts dev/ptmx dev/tty proc
	config 'del(.mounts[] | select(.destination == "/dev"))'
	tried_links dev dev/console dev/pts dev/ptmx dev/tty proc
	nothing_left
}

# Other ways: nodes are bound, sources are opened by the runtime, and init has no rights on the host.
@test "the same in a user namespace, with and without a /dev from the config" {
	SAMPLE=1
	config '.linux.namespaces += [{type: "user"}] | .root.readonly = false
		| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	tried_links $NAMES
	config 'del(.mounts[] | select(.destination | startswith("/dev")))
		| .mounts += [{destination: "/a/b", type: "bind", source: "/etc/hostname", options: ["bind"]}]'
	tried_links dev dev/null dev/zero dev/tty dev/ptmx dev/fd dev/pts proc a a/b
	nothing_left
}

@test "a link in place of a mount's target or its parents" {
	local target link options
	for target in a a/b a/b/c; do
		for options in bind rbind,dest-nofollow bind,copy-symlink tmpfs tmpcopyup; do
			config --arg o "$options" --arg s "$BATS_TEST_TMPDIR/volume" '.root.readonly = false | .mounts += [
				if $o == "tmpfs" then {destination: "/a/b/c", type: "tmpfs", source: "t"}
				elif $o == "tmpcopyup" then {destination: "/a/b/c", type: "tmpfs", source: "t", options: ["tmpcopyup"]}
				else {destination: "/a/b/c", type: "bind", source: $s, options: ($o / ",")} end]'
			mkdir -p "$BATS_TEST_TMPDIR/volume"
			while read -r link; do
				tree "mkdir -p '$(dirname $target)' && ln -s '$link' '$target'"
				attacked "$target -> $link ($options)"
			done < <(if [ -n "${HOSTILE_LONG:-}" ]; then links "$target"; else links "$target" | sample 2; fi)
			config 'del(.mounts[-1])'
		done
	done
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/volume")" ]
	nothing_left
}

@test "FIFOs, sockets, devices and files in place of what hull opens or mounts on" {
	local name make
	for name in $(echo $NAMES dev/zero dev/tty etc/group | tr ' ' '\n' | sample $([ -n "${HOSTILE_LONG:-}" ] && echo 100 || echo 5)); do
		for make in 'mkfifo @' 'mknod @ c 1 3' 'mknod @ c 5 1' 'mknod @ b 7 0' ': >@' 'mkdir @' 'chmod 0 $(dirname @)' \
			"python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"@\")'"; do
			case $make in
			chmod*) tree "mkdir -p \$(dirname $name) && ${make//@/$name}" ;;
			*) tree "rm -rf $name && mkdir -p \$(dirname $name) && ${make//@/$name}" ;;
			esac
			attacked "$make: $name"
		done
	done
	nothing_left
}

@test "validate --host and --dry-run look, and touch nothing" {
	local name make command before
	for name in $(if [ -n "${HOSTILE_LONG:-}" ]; then echo $NAMES; else echo $NAMES | tr ' ' '\n' | sample 4; fi); do
		for make in "ln -s $CANARY/dir @" "ln -s $CANARY/fifo @" 'ln -s @ @' 'mkfifo @' 'mknod @ c 5 1'; do
			tree "rm -rf $name && mkdir -p \$(dirname $name) && ${make//@/$name}"
			before=$(find "$ROOTFS" -printf '%p %y %m %s %T@ %l\n')
			for command in "validate --host $BUNDLE" "create --dry-run $ID" "run --dry-run $ID"; do
				status=0
				timeout -k 1 20 "$HULL" --root "$STATE" $command </dev/null >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- || status=$?
				[ "$status" -lt 2 ] || { echo "$make: $name: $command: $status"; cat "$BATS_TEST_TMPDIR/said"; return 1; }
			done
			[ "$before" = "$(find "$ROOTFS" -printf '%p %y %m %s %T@ %l\n')" ]
			[ "$(host)" = "$HOST" ]
			[ -z "$(ls -A "$STATE" 2>/dev/null)" ]
		done
	done
	nothing_left
}

@test "working directories that lead out" {
	local cwd
	for cwd in /proc/self/fd/3 /proc/self/fd/7 /proc/self/fd/8/../../.. /proc/1/cwd /proc/1/root /proc/self/root/../../etc /link \
		/link/.. /loop /etc/passwd /fifo /missing/../../../.. /proc/self/task/1/root /dev/fd/7 '/new
line' "/$(printf 'd%.0s' {1..255})" "/$(printf 'd%.0s' {1..256})" '/a]:b' /../../..; do
		config --arg c "$cwd" '.process.cwd = $c | .process.args = ["sh", "-c", "pwd; ls ..; echo alive"]'
		tree 'ln -s '"$CANARY"' link; ln -s loop loop; mkfifo fifo; mkdir "a]:b" "new
line"'
		attacked "$cwd"
		case $output in
		*canary* | *state*) echo "outside: $cwd: $output"; return 1 ;;
		esac
	done
	nothing_left
}

@test "hostile /etc/passwd: FIFO, directory, endless, huge, without a newline" {
	local make
	for make in 'mkfifo @' 'mkdir @' 'ln -s /dev/zero @' 'ln -s /proc/kmsg @' 'truncate -s 1T @' 'printf "%01000000d" 0 >@' \
		'printf "root:x:0:0:r:/\nX=1:sh" >@' 'printf "\0\0:::::" >@' ':>@; chmod 0 @' \
		'printf "root:x:0:0:r:%s:/bin/sh\n" "$(printf "h%.0s" $(seq 100000))" >@'; do
		tree "rm -f etc/passwd; ${make//@/etc/passwd}"
		attacked "$make"
	done
	nothing_left
}

@test "names with control characters, brackets and 255 bytes as mount targets, devices, masks" {
	local name
	for name in 'new
line' 'a]:b' "$(printf 'n%.0s' {1..255})" "$(printf 'n%.0s' {1..256})" $'\e[2J' '%s%n' ' ' '...' 'config.json:/x (line 1)' $'\xc3\xa9'; do
		tree :
		config --arg n "/x/$name" '.root.readonly = false | .mounts += [{destination: $n, type: "tmpfs", source: "t"}]'
		attacked "mount $name"
		tree "mkdir x; touch x/'$name' || :"
		config --arg n "/x/$name" 'del(.mounts[-1]) | .linux.maskedPaths += [$n] | .linux.readonlyPaths += [$n]'
		attacked "mask $name"
		config --arg n "/dev/$name" '.linux.maskedPaths |= .[:-1] | .linux.readonlyPaths |= .[:-1] | .linux.devices = [{path: $n, type: "c", major: 1, minor: 3}]'
		attacked "device $name"
		config 'del(.linux.devices)'
	done
	nothing_left
}

@test "an image's own /proc is not believed" {
	tree 'mkdir -p proc/self/attr proc/self/fd proc/1 proc/sys/kernel proc/thread-self; ln -s /etc/passwd proc/self/attr/exec
		ln -s 1 proc/self/x; echo 0::/ >proc/self/cgroup; echo x >proc/self/setgroups; ln -s "'"$CANARY"'/file" proc/sys/kernel/hostname'
	config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.domainname": "inside"} | .process.oomScoreAdj = 100'
	attacked 'with /proc mounted over it'
	config 'del(.mounts[] | select(.destination == "/proc")) | .process.args = ["sh", "-c", "cat /proc/self/cgroup; echo alive"]'
	attacked 'without a /proc'
	[ "$status" = 0 ]
	nothing_left
}

@test "a dangling link as target of a mount, or on the way to it" {
	local link target volume=$BATS_TEST_TMPDIR/volume long=/ i
	mkdir "$volume"
	for i in {1..40}; do long=$long$(printf 'd%.0s' {1..99})/; done
	config --arg s "$volume" --arg f "$CANARY/file" '.root.readonly = false | .mounts += [
		{destination: "/vol", type: "bind", source: $s, options: ["rbind"]},
		{destination: "/etc/x", type: "bind", source: $f, options: ["bind", "ro"]}]'
	for link in /../../x ../../../../../x "$CANARY/new" "../../../../../../../../../../..$CANARY/new/deep" /new/../../x new/../x x x2 /vol/new \
		/vol/../x vol/new ../vol/new/deep /proc/self/fd/3/x /proc/self/fd/new /proc/self/root/new /proc/1/cwd/new /proc/new /sys/new \
		/sys/fs/cgroup/new /dev/new /dev/pts/new /dev/fd/new /dev/shm/new/deep /etc/passwd/new . .. '' "$long" "/$(printf 'n%.0s' {1..256})" 'new
line' '/a]:b'; do
		[ -n "$link" ] || continue
		for target in etc/x etc; do
			tree "mkdir -p etc2; ln -s x3 etc/x2; ln -s x etc/x3; rm -rf $target; ln -s '$link' $target"
			attacked "$target -> $link"
			[ -z "$(ls -A "$volume")" ] || { echo "$target -> $link made $(ls -A "$volume")"; return 1; }
			[ $target = etc ] || [ "$status" != 0 ] || is "$(readlink "$ROOTFS/etc/x")" "$link"
		done
	done
	# A chain as long as the kernel would follow, and one that is longer.
	tree 'ln -s /end etc/l38; for i in $(seq 37 -1 0); do ln -s l$((i + 1)) etc/l$i; done; ln -s l0 etc/x'
	attacked chain
	is "$status" 0
	[ -f "$ROOTFS/end" ]
	tree 'ln -s /end etc/l40; for i in $(seq 39 -1 0); do ln -s l$((i + 1)) etc/l$i; done; ln -s l0 etc/x'
	attacked "long chain"
	is "$status" 1
	[ ! -e "$ROOTFS/end" ]
	nothing_left
}

@test "a masked path that is a link is masked where it leads, inside" {
	tree "ln -s '$CANARY/file' link; ln -s /secret to; echo secret >secret; ln -s loop loop; ln -s /proc/self/fd/0 magic"
	config '.linux.maskedPaths += ["/link", "/to"] | .linux.readonlyPaths += ["/link"] | .process.args = ["sh", "-c", "cat /secret; echo alive"]'
	attacked link
	is "$output" alive
	config '.linux.maskedPaths += ["/loop"]'
	attacked loop
	config '.linux.maskedPaths[-1] = "/magic"'
	attacked magic
	nothing_left
}

# A createRuntime hook exchanges the names, as another container with the same root could: the masks find the mounts.
@test "masks and read-only paths below a bound /proc and /sys hold, wherever their names lead by then" {
	tree 'mkdir -p proc sys'
	config --arg r "$ROOTFS" '.mounts |= map(select(.destination | test("^/(proc|sys)") | not))
		| .mounts += (["/proc", "/sys"] | map({destination: ., type: "none", source: ., options: ["rbind"]}))
		| .linux.maskedPaths = ["/proc/keys", "/sys/kernel"] | .linux.readonlyPaths = ["/proc/sys"]
		| .hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "cd \($r) && mv proc proc2 && mv sys sys2 && mkdir proc sys"]}]'
	shell 'cat /proc2/keys; ls /sys2/kernel; f=/proc2/sys/kernel/printk_ratelimit_burst; v=$(cat $f); (echo $v >$f) 2>/dev/null && echo written
		echo alive'
	attacked "exchanged by a hook"
	is "$output" alive
	nothing_left
}
