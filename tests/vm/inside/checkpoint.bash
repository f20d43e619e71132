# SPDX-License-Identifier: LGPL-2.1-or-later
# checkpoint.bash - what the tests with the real criu share.

# Emulated, and with others beside it, criu takes its time.
setup_file() {
	export BATS_TEST_TIMEOUT=900 TERM_LIMIT=120
}

extra_setup() {
	hull --version | grep -q +CRIU || skip "hull is built without criu"
	case $(uname -r) in
	6.*) ;;
	*) skip "criu 4.1 cannot dump a network namespace on Linux $(uname -r)" ;;
	esac
	config '.root.readonly = false'
	IMAGES=$BATS_TEST_TMPDIR/images
	OTHER=$ID-b
}

extra_teardown() {
	cgroup_kill "/hull-test/$OTHER"
	# What a test that failed has beside its container.
	[ -z "${beside:-}" ] || kill $beside 2>/dev/null || :
	tail -n 15 "$IMAGES"/*.log 2>/dev/null || :
}

# counter - a container that counts in the text of a link: a file that is open when it is dumped restores only while it has the
# size that it had, which another copy of the container changes.
counter() {
	shell 'i=0; while :; do i=$((i + 1)); ln -sfn $i /tmp/n; sleep 0.1; done'
	start
	wait_for 120 test -L rootfs/tmp/n
}

start() {
	hull run --detach "$@" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/err"; false; }
}

# A file may have been dumped between its truncation and its text, a link is gone for a moment.
count() {
	local text
	text=$(readlink rootfs/tmp/n || cat rootfs/tmp/n 2>/dev/null) || :
	echo "${text:-0}"
}

counts_on() {
	local n
	n=$(count)
	[ "$n" -gt "$1" ]
}

checkpoint() {
	hull checkpoint --image-path "$IMAGES" "$@" "$ID" </dev/null 3>&-
}

# restore [OPTION...] [ID]
restore() {
	hull restore --detach --image-path "$IMAGES" "$@" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out2" 2>"$BATS_TEST_TMPDIR/err2" 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/err2"; return 1; }
}

# in_cgroup PATH - the first process is there, in every hierarchy.
in_cgroup() {
	is "$(cut -d: -f3 "/proc/$(pid_of)/cgroup" | sort -u)" "$1"
}

# What criu could leave on the host.
mounts() {
	grep -c . /proc/self/mountinfo
}

# end - of the container that runs: killed and deleted.
end() {
	hull kill "$ID" 9
	wait_for 120 is_status stopped
	hull delete "$ID"
}

# with_usr - the container has the machine's programs as well, behind busybox's.
with_usr() {
	local link
	mkdir -p rootfs/usr
	for link in lib lib64; do [ -e rootfs/$link ] || ln -s usr/$link rootfs/$link; done
	config '.mounts += [{destination: "/usr", type: "bind", source: "/usr", options: ["bind", "ro"]}] | .process.env[0] = "PATH=/bin:/usr/bin"'
}
