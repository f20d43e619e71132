#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# One test per published vulnerability of OCI runtimes (runc, crun, youki): the essence of the attack by a hostile
# bundle, then a look at the host.  The comment on each says which rule of docs/security.md makes its class impossible.
#
# Where nothing else is said, hull may refuse the bundle or run it inside its own root; the host may not change.

load ../integration/helpers
load host

setup_file() { host_before; }
teardown_file() { host_after; }

ALL_CAPS='["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_KILL", "CAP_MKNOD", "CAP_SETGID",
	"CAP_SETUID", "CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE"]'
ROUNDS=15

# A sysctl of the whole machine that holds any number and harms nobody: what a redirected write would hit.
BAIT=/proc/sys/kernel/printk_ratelimit_burst

extra_setup() {
	HOST=$BATS_TEST_TMPDIR/host
	mkdir -p "$HOST/dir"
	echo "of the host" >"$HOST/file"
	echo "of the host" >"$HOST/dir/ptmx"
	chmod 640 "$HOST/file"
	BAIT_WAS=$(cat "$BAIT")
	BEFORE=$(host)
}

extra_teardown() {
	[ -z "${ATTACKER:-}" ] || kill "$ATTACKER" 2>/dev/null || :
	[ "$(cat "$BAIT")" = "$BAIT_WAS" ] || echo "$BAIT_WAS" >"$BAIT"
}

# What no container may change: files, nodes, mounts and sysctls of the host, and the binary.
host() {
	find "$HOST" -printf '%P %y %m %U:%G %s %T@ %l\n' | sort
	find "$HOST" -type f -exec sha256sum {} +
	find /dev -maxdepth 1 \( -name null -o -name zero -o -name console -o -name ptmx -o -name fd -o -name 'std*' \) \
		-printf '%p %y %m %U:%G %l\n' | sort
	# Without the options of the superblock: that of /proc is everybody's.
	awk -v d="$BATS_TEST_TMPDIR/" 'index($5, d) == 1 || ($5 ~ /^\/(proc|dev|sys)(\/|$)/ && $5 !~ /^\/sys\/fs\/cgroup/) {
		print $1, $2, $3, $4, $5, $6, $(NF-2)}' /proc/self/mountinfo
	(cd /proc/sys && grep -s . kernel/{core_pattern,hostname,domainname,sysrq,printk_ratelimit_burst,shmmax,msgmax} \
		net/ipv4/ip_unprivileged_port_start fs/mqueue/msg_max)
	sha256sum "$HULL"
	stat -c '%n %a %U:%G %i' "$HULL"
}

untouched() {
	local after
	after=$(host)
	[ "$BEFORE" = "$after" ] && return 0
	echo "the host has changed:"
	diff <(echo "$BEFORE") <(echo "$after")
}

# tried [OPTION...] - run it, whatever comes of it; hull's own refusal is one line.
tried() {
	run hull run "$@" "$ID"
	hull delete --force "$ID" >/dev/null 2>&1 </dev/null || :
	case $output in
	"hull: "*) one_line "$output" ;;
	esac
}

# ran - the container's program did run.
ran() {
	[ "$status" -eq 0 ] && return 0
	echo "status $status: $output"
	return 1
}

# keeps_out TEXT - nothing of TEXT came out of the container.
keeps_out() {
	case $output in
	*"$1"*) echo "seen inside: $output"; return 1 ;;
	esac
}

mount_entry() {
	local dest=$1 type=$2 source=$3
	shift 3
	config --arg d "$dest" --arg t "$type" --arg s "$source" --arg o "$*" \
		'.mounts += [{destination: $d, type: $t, source: $s, options: ($o | split(" "))}]'
}

# bind_first DEST SOURCE - a volume, before all other mounts.
bind_first() {
	config --arg d "$1" --arg s "$2" '.mounts = [{destination: $d, type: "none", source: $s, options: ["rbind"]}] + .mounts'
}

no_dev() {
	config '.root.readonly = false | .mounts |= map(select(.destination | startswith("/dev") | not))'
}

# exchange A B - an attacker that swaps the two names until the test ends.
exchange() {
	"$TOOLS/exchange" "$1" "$2" >"$BATS_TEST_TMPDIR/exchange" 2>&1 3>&- &
	ATTACKER=$!
	wait_for 10 grep -q ready "$BATS_TEST_TMPDIR/exchange"
}

# has_command NAME - hull has that command by now.
has_command() {
	hull help "$1" >/dev/null 2>&1 || hull "$1" --help >/dev/null 2>&1
}

# ---- the binary, descriptors, the working directory -----------------------------------------------------

# Rule 7: init is a read-only detached clone of the binary, so /proc/PID/exe and what was opened by it never write.
@test "CVE-2019-5736: the binary cannot be written through /proc/PID/exe" {
	cp "$HULL" "$BATS_TEST_TMPDIR/runtime"
	HULL=$BATS_TEST_TMPDIR/runtime
	BEFORE=$(host)
	local caps=".process.capabilities |= map_values($ALL_CAPS)" first victim
	# The image's program is the runtime itself.
	printf '#!/proc/self/exe\n' >rootfs/bin/itself
	chmod +x rootfs/bin/itself
	for first in /proc/self/exe /bin/itself; do
		args "$first" --version
		tried
	done
	untouched
	# exec of such a program, too.
	running
	for first in /proc/self/exe /bin/itself; do
		run hull exec "$ID" "$first" --version
	done
	hull delete --force "$ID"
	untouched
	# A container that may trace everything sees the init of another one, which waits for its start.
	config "$caps"
	shell 'while [ ! -e /tmp/go ]; do sleep 0.05; done
		for p in /proc/[0-9]*; do
			[ $p != /proc/1 ] && [ $p != /proc/$$ ] && (: <$p/exe) || continue
			exec 9<$p/exe
			(echo overwritten >$p/exe)
			echo tried $(cat $p/comm)
		done >/tmp/result 2>&1
		touch /tmp/done
		while [ ! -e /tmp/gone ]; do sleep 0.05; done
		(echo overwritten >/proc/self/fd/9) 2>>/tmp/result
		touch /tmp/end
		sleep 77'
	config '.root.readonly = false'
	create
	hull start "$ID"
	victim=$(pid_of)
	config --arg p "/proc/$victim/ns/pid" '.linux.cgroupsPath += "/b" | .process.args = ["sleep", "1000"]
		| .linux.namespaces |= map(if .type == "pid" then .path = $p else . end)'
	hull create "$ID-b" </dev/null >/dev/null 2>&1 3>&-
	touch rootfs/tmp/go
	wait_for 10 test -e rootfs/tmp/done
	cat rootfs/tmp/result
	! is_hull || grep -q "tried hull:init" rootfs/tmp/result # it was within reach
	# What it opened is not a running program any more (text file busy).
	hull delete --force "$ID-b"
	touch rootfs/tmp/gone
	wait_for 10 test -e rootfs/tmp/end
	cat rootfs/tmp/result
	untouched
}

# Rules 6 and 7: a cwd is opened below the root without magic links, and no descriptor of the host is inherited.
@test "CVE-2024-21626: no working directory outside by /proc/self/fd/N, and no descriptor leaks" {
	local n
	shell 'pwd; ls -l /proc/self/fd; cat ../file ./file ../../file; ls; cat /proc/self/fd/*/file'
	for n in $(seq 3 14); do
		config --arg n "$n" '.process.cwd = "/proc/self/fd/\($n)"'
		tried 7<"$HOST" 8<"$HOST/dir" 9</ 10</sys/fs/cgroup
		keeps_out "of the host"
		keeps_out "$HOST"
		[ "$status" -ne 0 ] || has "${lines[0]}" /proc/
		case ${lines[0]} in
		*getcwd* | *unreachable*) echo "outside: $output"; false ;;
		esac
		[ "$status" -ne 0 ] || { echo "ran in descriptor $n: $output"; false; }
	done
	ln -s /proc/self/fd/7 rootfs/link
	config '.process.cwd = "/link"'
	tried 7<"$HOST"
	[ "$status" -ne 0 ]
	# Also one that the caller hands over.
	config '.process.cwd = "/proc/self/fd/3"'
	run bash -c 'exec "$@" 3<"$0"' "$HOST" "$HULL" --root "$STATE" run --preserve-fds 1 "$ID"
	[ "$status" -ne 0 ]
	# exec --cwd, with descriptors of the host open in the caller, and by a link of the image.
	config '.process.cwd = "/"'
	ln -sfn /proc/self/fd/7 rootfs/link
	running
	for n in 3 4 5 6 7 8 9 10 11; do
		run bash -c 'exec "$@" 7<"$0" 8<"$0/dir" 9</ 10</sys/fs/cgroup' "$HOST" "$HULL" --root "$STATE" exec \
			--cwd "$([ "$n" = 11 ] && echo /link || echo "/proc/self/fd/$n")" "$ID" sh -c 'pwd; cat file ../file; ls'
		is "$status" 255
		one_line "$output"
	done
	run bash -c 'exec "$@" 3<"$0"' "$HOST" "$HULL" --root "$STATE" exec --preserve-fds 1 --cwd /proc/self/fd/3 "$ID" cat file
	is "$status" 255
	run bash -c 'exec "$@" 7<"$0" 8</sys/fs/cgroup' "$HOST" "$HULL" --root "$STATE" exec "$ID" \
		sh -c 'for f in /proc/self/fd/*; do echo "$f $(readlink $f)"; done'
	is "$status" 0
	has "$output" "/proc/self/fd/0 "
	keeps_out "$HOST"
	keeps_out "/sys"
	hull delete --force "$ID"
	shell 'for f in /proc/self/fd/*; do echo "$f $(readlink $f)"; done | grep -vE "fd/[012] |/proc/[0-9]+/fd" || echo none'
	run bash -c 'exec "$@" 7<"$0" 8</sys/fs/cgroup' "$HOST" "$HULL" --root "$STATE" run "$ID"
	is "$status" 0
	[ -n "$output" ]
	keeps_out "$HOST"
	keeps_out cgroup
	untouched
}

# ---- links and races below the root ---------------------------------------------------------------------

# Rule 2: the last name of a mount's destination is resolved inside the root like all others; a dangling link is refused.
@test "CVE-2019-18837: a link as the last name of a mount's destination stays inside" {
	local link
	echo inside >"$BATS_TEST_TMPDIR/source"
	BEFORE=$(host)
	for link in "$HOST/new" "../../../../../../../../..$HOST/new" "$HOST/file"; do
		config '.mounts |= map(select(.destination != "/etc/target"))'
		rm -f rootfs/etc/target
		ln -s "$link" rootfs/etc/target
		mount_entry /etc/target none "$BATS_TEST_TMPDIR/source" bind
		shell "cat /etc/target $HOST/file"
		tried
		keeps_out "of the host"
		untouched
	done
	# With that directory inside too, it is the one that is meant.
	mkdir -p "rootfs$HOST"
	echo image >"rootfs$HOST/file"
	tried
	untouched
	ran
	has "$output" inside
	# A directory that is missing beyond a link.
	rm -rf "rootfs${BATS_TEST_TMPDIR%%"${BATS_TEST_TMPDIR#/*/}"}" rootfs/etc/target
	config '.root.readonly = false | .mounts |= map(select(.destination != "/etc/target"))'
	ln -s "$HOST/dir" rootfs/link
	mount_entry /link/made/deep tmpfs tmpfs
	shell true
	tried
	untouched
}

# Rule 2: what was resolved is a descriptor; the mount is attached to it and to nothing else, wherever the name points now.
@test "CVE-2021-30465: a destination that is exchanged with a link while it is mounted" {
	local n
	mkdir -p vol/dir "rootfs/vol" "rootfs$HOST/dir"
	ln -s "$HOST/dir" vol/link
	bind_first /vol "$BUNDLE/vol"
	mount_entry /vol/dir tmpfs race nosuid
	shell "awk '\$(NF-1) == \"race\" {print \"at\", \$5}' /proc/self/mountinfo; ls $HOST/dir"
	exchange vol/dir vol/link
	for n in $(seq $ROUNDS); do
		tried
		keeps_out ptmx
		if [ "$status" -eq 0 ]; then
			# In the volume, or where the link leads inside: a mount that is not seen is outside.
			has "$output" "at /"
		fi
	done
	untouched
}

# Rule 2: names are made one by one below a descriptor, no link is followed on the way.
@test "CVE-2024-45310: no file or directory is made on the host when a volume is exchanged" {
	local n
	mkdir -p vol/dir rootfs/vol
	ln -s "$HOST/dir" vol/link
	echo inside >source
	bind_first /vol "$BUNDLE/vol"
	mount_entry /vol/dir/a/b/c tmpfs race
	mount_entry /vol/dir/d/file none "$BUNDLE/source" bind
	shell 'echo ran'
	exchange vol/dir vol/link
	for n in $(seq $ROUNDS); do
		tried
		rm -rf vol/*/a vol/*/d 2>/dev/null || :
	done
	kill "$ATTACKER"
	untouched
}

# Rule 2: /dev is resolved inside the root once, and nodes and links are made by descriptor in it; nothing is deleted.
@test "CVE-2026-41579: a /dev of the image that is a link to the host" {
	local link
	no_dev
	shell 'ls -l /dev/; echo ran'
	for link in "$HOST/dir" "../../../../../../../../../../../..$HOST/dir"; do
		rm -rf rootfs/dev
		ln -s "$link" rootfs/dev
		tried
		untouched
		is_hull && [ "$status" -ne 0 ]
	done
	mkdir -p "rootfs$HOST/dir"
	tried
	untouched
	ran
	[ -L "rootfs$HOST/dir/ptmx" ]
}

# Rule 2, as in CVE-2026-41579 (its counterpart in crun): devices of the config, and mounts below such a /dev.
@test "CVE-2026-47766: devices and mounts below a /dev that is a link to the host" {
	local link
	need_cap CAP_MKNOD 27
	no_dev
	config '.linux.devices = [{type: "c", path: "/dev/sub/made", major: 1, minor: 3}, {type: "p", path: "/dev/fifo"}]'
	mount_entry /dev/shm tmpfs tmpfs
	shell 'echo ran'
	for link in "$HOST/dir" "../../../../../../../../../../../..$HOST/dir"; do
		rm -rf rootfs/dev
		ln -s "$link" rootfs/dev
		tried
		untouched
	done
	# The directory of one device is the link.
	rm rootfs/dev
	mkdir rootfs/dev
	ln -s "$HOST/dir" rootfs/dev/sub
	tried
	untouched
}

# Rule 2: see CVE-2025-52565; published for crun after the list that this file began with.
@test "CVE-2026-88264: a /dev/console of the image that is a link to the host" {
	no_dev
	mount_entry /dev/pts devpts devpts newinstance ptmxmode=0666 mode=0620
	mkdir -p rootfs/dev
	config '.process.terminal = true'
	shell 'echo ran'
	local link
	for link in "$HOST/new" "$HOST/file" "../../../../../../../../../../..$HOST/new"; do
		ln -sfn "$link" rootfs/dev/console
		run "$TOOLS/term" run -- "$HULL" --root "$STATE" run "$ID" 3>&-
		hull delete --force "$ID" </dev/null >/dev/null 2>&1 || :
		untouched
	done
}

# Rules 4 and 5: nothing of the container's /dev is opened for stdio; what the caller gave stays.
@test "CVE-2026-88265: a /dev/null of the image that is none never becomes stdio" {
	no_dev
	mkdir -p rootfs/dev
	ln -s "$HOST/file" rootfs/dev/null
	shell 'cat; echo written; echo written >&2'
	config '.process.user = {uid: 1000, gid: 1000}'
	tried </dev/null
	untouched
	"$HULL" --root "$STATE" run "$ID" </dev/null >/dev/null 2>&1 || :
	"$HULL" --root "$STATE" run "$ID" <&- >&- 2>&- || :
	untouched
	rm rootfs/dev/null
	mkdir -p "rootfs$HOST"
	echo image >"rootfs$HOST/file"
	ln -s "$HOST/file" rootfs/dev/null
	tried </dev/null
	untouched
	is "$(cat "rootfs$HOST/file")" image
	# In a /dev from a volume hull makes nothing, and looks at nothing.
	mkdir vol
	ln -s "$HOST/file" vol/null
	mount_entry /dev none "$BUNDLE/vol" rbind
	tried </dev/null
	untouched
	is "$(cat "rootfs$HOST/file")" image
	! is_hull || ran
}

# ---- proc -----------------------------------------------------------------------------------------------

# What init was told to set must be in the kernel, not in a file of the image.
is_set() {
	local pid
	pid=$(pid_of)
	is "$(cat "/proc/$pid/oom_score_adj")" 123
	is "$(nsenter -t "$pid" -n cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" 77
}

ask_for_settings() {
	config '.process.oomScoreAdj = 123 | .linux.sysctl = {"net.ipv4.ip_unprivileged_port_start": "77"}'
	args sleep 1000
}

fake_proc() {
	mkdir -p fake/self/attr/apparmor fake/1 fake/sys/net/ipv4 fake/self/fd
	touch fake/self/oom_score_adj fake/self/attr/exec fake/self/attr/apparmor/exec fake/self/attr/current
	touch fake/sys/net/ipv4/ip_unprivileged_port_start
}

is_fake_untouched() {
	is "$(find fake -type f -size +0)" ""
}

# Never run without the label that was asked for: the label is refused, or the process has it.
labelled_or_refused() {
	config '.process.apparmorProfile = "no-such-profile"'
	unchanged hull create "$ID" </dev/null
	[ "$status" -ne 0 ]
	! is_hull || has "$output" apparmor || has "$output" AppArmor
	is_fake_untouched
}

# Rule 4: init writes to a procfs of its own; a volume at /proc is just a volume.
@test "CVE-2019-16884: a volume at /proc takes no label, score or sysctl" {
	fake_proc
	ask_for_settings
	mount_entry /proc none "$BUNDLE/fake" rbind
	if create && hull start "$ID"; then
		is_set
		hull delete --force "$ID"
	else
		! is_hull || { cat "$BATS_TEST_TMPDIR/err"; false; }
	fi
	is_fake_untouched
	labelled_or_refused
	untouched
}

# Rules 1 and 4: a procfs is never attached through a link, not even one that is a link for a moment only.
@test "CVE-2019-19921: a /proc that is exchanged with a link into a volume" {
	local n
	mkdir -p rootfs/evil/self/attr "$BUNDLE/vol"
	ln -s evil rootfs/proclink
	mkdir -p rootfs/proc
	# Wherever the name leads by now: each procfs has its masks and read-only paths.
	shell 'while m=$(cat /proc/self/mountinfo /proclink/self/mountinfo 2>/dev/null); [ -z "$m" ]; do :; done
		echo "$m" | awk "\$5 ~ /^.(proc|evil)/ {print \$5, \$6}"
		for p in /proc /proclink; do
			(echo 31 >$p/sys/kernel/printk_ratelimit_burst) 2>/dev/null && echo "written"
		done
		echo end'
	exchange rootfs/proc rootfs/proclink
	for n in $(seq $ROUNDS); do
		tried
		keeps_out written
		if [ "$status" -eq 0 ]; then
			keeps_out /evil
			grep -qE '^/proc(link)?/sys ro' <<<"$output" || { echo "$output"; false; }
			grep -qE '^/proc(link)?/keys ro' <<<"$output"
		fi
	done
	kill "$ATTACKER"
	untouched
}

# Rule 1: the destination of a proc or sysfs allows no link at all.
@test "CVE-2023-27561: /proc and /sys of the image are links" {
	local link
	mkdir -p rootfs/evil "rootfs$HOST/dir"
	shell 'echo ran'
	for link in evil "$HOST/dir" ../../evil /nowhere; do
		rm -rf rootfs/proc
		ln -s "$link" rootfs/proc
		refused /mounts/0
		untouched
	done
	rm rootfs/proc
	mkdir rootfs/proc
	rm -rf rootfs/sys
	ln -s evil rootfs/sys
	refused /mounts/5
	# Nor on the way.
	rm rootfs/sys
	mkdir -p rootfs/sys rootfs/evil/proc
	ln -s evil rootfs/link
	config '.mounts[0].destination = "/link/proc"'
	if is_hull; then refused /mounts/0; fi
	untouched
}

# Rule 1, with a volume that is mounted before /proc and holds what the link points to.
@test "CVE-2023-28642: /proc is a link into a volume that has a proc of its own" {
	fake_proc
	ask_for_settings
	rm -rf rootfs/proc
	ln -s vol/proc rootfs/proc
	mkdir -p rootfs/vol vol
	mv fake vol/proc
	ln -s vol/proc fake
	bind_first /vol "$BUNDLE/vol"
	refused /mounts/1
	is "$(find vol -type f -size +0)" ""
	labelled_or_refused
	untouched
}

# Rule 5: masks are the host's /dev/null, opened and checked by hull, never the container's.
@test "CVE-2025-31133: masks do not come from a /dev/null that is a link" {
	local n
	mkdir -p dev vol
	ln -s "$BAIT" dev/null
	echo secret >rootfs/etc/secret
	config '.linux.maskedPaths = ["/etc/secret", "/proc/keys"]
		| .mounts |= map(select(.destination | startswith("/dev") | not))'
	mount_entry /dev none "$BUNDLE/dev" rbind
	config "$(printf '.process.capabilities |= map_values(%s)' "$ALL_CAPS")"
	shell 'cat /etc/secret; (echo 31 >/etc/secret) 2>/dev/null; (echo 31 >/proc/keys) 2>/dev/null; stat -c "%n %t:%T" /etc/secret /proc/keys; echo ran'
	tried
	untouched
	keeps_out secret$'\n'
	! is_hull || { ran && has "$output" "/etc/secret 1:3" && has "$output" "/proc/keys 1:3"; }
	# And while it is exchanged.
	mknod -m 666 dev/real c 1 3
	exchange dev/null dev/real
	for n in $(seq $ROUNDS); do
		tried
		[ "$(cat "$BAIT")" = "$BAIT_WAS" ]
		! is_hull || { ran && has "$output" "/etc/secret 1:3"; }
	done
	kill "$ATTACKER"
	# A root without any /dev on top of it.
	no_dev
	rm -rf rootfs/dev
	mkdir rootfs/dev
	ln -s "$BAIT" rootfs/dev/null
	tried
	untouched
	[ "$status" -ne 0 ] || has "$output" "/etc/secret 1:3"
}

# Rule 5: the inode that covers is checked: a file or another device of the image is never taken for /dev/null.
@test "CVE-2025-62161: masks do not come from a /dev/null that is something else" {
	local kind
	mkdir -p dev
	echo secret >rootfs/etc/secret
	config '.linux.maskedPaths = ["/etc/secret"] | .mounts |= map(select(.destination | startswith("/dev") | not))'
	mount_entry /dev none "$BUNDLE/dev" rbind
	shell 'stat -c "%n %t:%T" /etc/secret; head -c 20 /etc/secret; echo ran'
	for kind in file zero fifo directory; do
		rm -rf dev/null
		case $kind in
		file) echo "of the image" >dev/null ;;
		zero) mknod -m 666 dev/null c 1 5 ;;
		fifo) mkfifo dev/null ;;
		directory) mkdir dev/null ;;
		esac
		tried </dev/zero
		keeps_out "of the image"
		keeps_out secret$'\n'
		[ "$status" -ne 0 ] || is "$output" $'/etc/secret 1:3\nran'
		! is_hull || ran
	done
	# Without a mount at /dev another file in the place of a default device is an error.
	no_dev
	rm -rf rootfs/dev
	mkdir rootfs/dev
	echo "of the image" >rootfs/dev/null
	tried
	keeps_out "of the image"
	! is_hull || { [ "$status" -ne 0 ] && has "$output" /dev/null; }
	is "$(cat rootfs/dev/null)" "of the image"
	untouched
}

# Rule 5: the terminal that is bound to /dev/console is the descriptor from TIOCGPTPEER, no name below /dev/pts.
@test "CVE-2025-52565: /dev/console is the terminal, whatever lies in /dev/pts" {
	local name
	term() {
		run "$TOOLS/term" run -- "$HULL" --root "$STATE" run "$ID" 3>&-
		hull delete --force "$ID" </dev/null >/dev/null 2>&1 || :
	}
	config '.process.terminal = true'
	config "$(printf '.process.capabilities |= map_values(%s)' "$ALL_CAPS")"
	shell '(echo 52 >/dev/console) 2>/dev/null; stat -c "console %t" /dev/console; echo ran'
	# A devpts of the image: links in the place of the terminals, and of ptmx.
	mkdir pts
	for name in 0 1 2 3 4 ptmx; do
		ln -s "$BAIT" "pts/$name"
	done
	config --arg s "$BUNDLE/pts" '.mounts |= map(if .destination == "/dev/pts"
		then {destination: "/dev/pts", type: "none", source: $s, options: ["rbind"]} else . end)'
	term
	untouched
	! is_hull || { [ "$status" -ne 0 ] && has "$output" "no devpts is mounted"; }
	# The real one, and a console of the image that leads to a file of proc.
	config '.root.readonly = false | .mounts |= map(select(.destination != "/dev") |
		if .destination == "/dev/pts" then {destination: "/dev/pts", type: "devpts", source: "devpts",
			options: ["newinstance", "ptmxmode=0666", "mode=0620"]} else . end)'
	rm -rf rootfs/dev
	mkdir -p rootfs/dev
	ln -s "..$BAIT" rootfs/dev/console
	term
	untouched
	# A plain one is covered by the terminal (major 136: 0x88).
	rm -f rootfs/dev/console
	term
	ran
	has "$output" "console 88"
	untouched
}

# Rule 4: files are opened in the private procfs, beneath it, on no other mount; what guards something is read back.
@test "CVE-2025-52881: mounts over files of /proc redirect no write" {
	fake_proc
	ask_for_settings
	# Over the directory, with a link in it to a sysctl of the whole machine; then over the file itself.
	ln -sf "$BAIT" fake/sys/net/ipv4/ip_unprivileged_port_start
	mount_entry /proc/sys/net/ipv4 none "$BUNDLE/fake/sys/net/ipv4" rbind
	if create && hull start "$ID"; then
		is_set
		hull delete --force "$ID"
	else
		! is_hull || { cat "$BATS_TEST_TMPDIR/err"; false; }
	fi
	untouched
	config '.mounts |= .[:-1]'
	mount_entry /proc/sys/net/ipv4/ip_unprivileged_port_start none "$BAIT" bind
	if create && hull start "$ID"; then
		is_set
		hull delete --force "$ID"
	else
		! is_hull || { cat "$BATS_TEST_TMPDIR/err"; false; }
	fi
	untouched
	# A sysctl whose name leads elsewhere.
	local name
	for name in ../kernel/printk_ratelimit_burst net/../kernel/printk_ratelimit_burst kernel.printk_ratelimit_burst \
		net.ipv4/../../kernel/printk_ratelimit_burst net...kernel.printk_ratelimit_burst; do
		config --arg n "$name" '.linux.sysctl = {($n): "31"} | .mounts |= map(select(.destination | startswith("/proc/") | not))'
		tried </dev/null
		[ "$status" -ne 0 ]
		untouched
	done
}

# Rule 4, for labels: what lies at /proc/self/attr in the container is not what init writes to.
@test "CVE-2025-62596: a label is not written to what covers /proc/self/attr" {
	local place
	fake_proc
	ask_for_settings
	for place in self/attr self/attr/exec self/oom_score_adj self; do
		config '.mounts |= map(select(.destination | startswith("/proc/") | not))'
		mount_entry "/proc/$place" none "$BUNDLE/fake/$place" rbind
		if create && hull start "$ID"; then
			is_set
			hull delete --force "$ID"
		else
			! is_hull || { cat "$BATS_TEST_TMPDIR/err"; false; }
		fi
		is_fake_untouched
	done
	labelled_or_refused
	untouched
}

# ---- what the config says is what the container gets ----------------------------------------------------

# Idea 1: init reads the same config.json; there is no second encoding whose lengths could overflow.
@test "CVE-2021-43784: no length of the config drops a namespace" {
	local n type long
	for n in 65536 70000; do
		long=$(head -c "$n" /dev/zero | tr '\0' x)
		echo "$long" >long
		config --rawfile l long '.annotations = {"long": $l} | .process.args = ["sh", "-c", "for n in /proc/self/ns/*; do readlink $n; done"]
			| .process.env = ["PATH=/bin", "LONG=" + $l[0:100000]]'
		tried
		ran
		for type in cgroup ipc mnt net pid uts; do
			has "$output" "$type:["
			keeps_out "$(readlink "/proc/self/ns/$type")"
		done
		# Where it is a path or a name, it is refused with its pointer.
		cp config.json sound.json
		config --rawfile l long '.linux.namespaces |= map(if .type == "network" then .path = "/" + $l else . end)'
		refused /linux/namespaces
		cp sound.json config.json
		config --rawfile l long '.mounts += [{destination: ("/" + $l), type: "tmpfs", source: "tmpfs"}]'
		refused /mounts/7
		cp sound.json config.json
		config --rawfile l long '.hostname = $l'
		refused /hostname
		cp sound.json config.json
	done
	untouched
}

# Exactly the five sets of the config are set, by one function: nothing of the caller's sets remains.
@test "CVE-2022-29162: no inheritable capabilities that the config does not name" {
	local user
	mkdir rootfs/special
	cp rootfs/bin/busybox rootfs/special/busybox
	setcap cap_net_raw,cap_sys_admin+i rootfs/special/busybox || skip "no file capabilities here"
	args /special/busybox grep Cap /proc/self/status
	for user in 0 1000; do
		config --argjson u $user '.process.user = {uid: $u, gid: $u}'
		run setpriv --inh-caps +net_raw,+sys_admin "$HULL" --root "$STATE" run "$ID"
		ran
		has "$output" $'CapInh:\t0000000000000000'
		has "$output" $'CapAmb:\t0000000000000000'
		has "$output" $'CapBnd:\t0000000020000420'
		[ $user = 0 ] || has "$output" $'CapPrm:\t0000000000000000'
	done
	untouched
	# exec, with and without more capabilities, and with a process of the caller's writing.
	config '.process.user = {uid: 0, gid: 0}'
	running
	for user in 0 1000; do
		run setpriv --inh-caps +net_raw,+sys_admin "$HULL" --root "$STATE" exec --cap CAP_NET_RAW --user $user "$ID" \
			/special/busybox grep Cap /proc/self/status
		ran
		has "$output" $'CapInh:\t0000000000000000'
		has "$output" $'CapAmb:\t0000000000000000'
		has "$output" $'CapBnd:\t0000000020002420'
		[ $user = 0 ] || has "$output" $'CapPrm:\t0000000000000000'
	done
	jq '.process | .args = ["/special/busybox", "grep", "Cap", "/proc/self/status"] | .user = {uid: 1000, gid: 1000}' config.json >process.json
	run setpriv --inh-caps +net_raw,+sys_admin "$HULL" --root "$STATE" exec --process process.json "$ID"
	ran
	has "$output" $'CapInh:\t0000000000000000'
	has "$output" $'CapPrm:\t0000000000000000'
	hull delete --force "$ID"
	untouched
}

# A read-only cgroup mount is read-only in every mount that it is made of, with and without a cgroup namespace.
@test "CVE-2023-25809: no cgroup file is writable behind a read-only mount, in a user namespace" {
	local variant
	# Ids of the host itself: only the mounts stand between the container and root's cgroup files.
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1000}]
		| .linux.gidMappings = [{containerID: 0, hostID: 0, size: 1000}]'
	shell 'for d in /sys/fs/cgroup /sys/fs/cgroup/* /sys/fs/cgroup/*/*; do
			[ -d "$d" ] || continue
			mkdir "$d/escaped" 2>/dev/null && echo "made $d/escaped" && rmdir "$d/escaped"
			for f in "$d/cgroup.procs" "$d/notify_on_release" "$d/cgroup.max.depth"; do
				[ ! -e "$f" ] || (cat "$f" | head -n 1 >"$f") 2>/dev/null && [ -e "$f" ] && echo "wrote $f"
			done
		done
		[ -e /sys/fs/cgroup ] && echo ran'
	for variant in cgroupns host-cgroupns rootless-spec; do
		case $variant in
		host-cgroupns) config '.linux.namespaces |= map(select(.type != "cgroup"))' ;;
		rootless-spec) # what spec --rootless writes for /sys
			config '.mounts |= map(if .destination == "/sys" then {destination: "/sys", type: "none", source: "/sys",
				options: ["rbind", "nosuid", "noexec", "nodev", "ro"]} else . end)'
			;;
		esac
		tried
		keeps_out "made /"
		keeps_out "wrote /"
		ran
		is "$output" ran
	done
	untouched
}

# hull writes no file of its own into the root, and runs no handlers.
@test "CVE-2025-24965: an annotation makes hull write nothing through links of the image" {
	local handler
	config '.root.readonly = false'
	ln -s "$HOST/new" rootfs/.krun_config.json
	shell 'echo ran'
	for handler in krun wasm wasmtime; do
		config --arg h $handler '.annotations = {"run.oci.handler": $h, "module.wasm.image/variant": "compat"}'
		tried
		untouched
		ln -sfn "$HOST/file" rootfs/.krun_config.json
	done
	# Nor in what follows the start.
	args sleep 1000
	create && hull start "$ID" && hull exec "$ID" true
	hull delete --force "$ID"
	untouched
}

# One strict parser for numbers; a user is what was written, or an error.
@test "CVE-2026-30892: user 1 is user 1" {
	local user
	for user in 1 10 100000; do
		config --argjson u $user '.process.user = {uid: $u, gid: 0}'
		shell 'echo "$(id -u) $(id -g)"'
		tried
		is "$output" "$user 0"
	done
	config '.process.user = {uid: 0, gid: 0}'
	running
	for user in 1 10 100000; do
		run hull exec --user $user "$ID" sh -c 'echo "$(id -u) $(id -g)"'
		is "$output" "$user 0"
	done
	for user in 1:2 10:100000; do
		run hull exec --user $user "$ID" sh -c 'echo "$(id -u):$(id -g)"'
		is "$output" "$user"
	done
	for user in 1x "" -1 4294967295 4294967296 18446744073709551617 1: :1 " 1" +1 1:1x 1:2:3 0x1 1e1 root; do
		run hull exec --user "$user" "$ID" id -u
		is "$status" 255
		one_line "$output"
	done
}
