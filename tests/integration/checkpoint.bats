#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# checkpoint and restore: what is refused, and what becomes of a container when criu goes wrong.  With the real criu they
# are tested inside the test machine (tests/vm): it is not run on the host.

load helpers

setup_file() {
	export FAKE=$BATS_FILE_TMPDIR/criu
	links_statically || { export FAKE= && return 0; }
	cc -O1 -static -o "$FAKE" "${BATS_TEST_DIRNAME}/../tools/fake-criu.c"
}

extra_setup() {
	hull_only
	hull --version | grep -q +CRIU || skip "hull is built without criu"
	IMAGES=$BATS_TEST_TMPDIR/images
	mkdir -m 700 "$IMAGES"
}

# fake MODE - from now on criu is one that goes wrong in that way.
fake() {
	[ -n "$FAKE" ] || skip "there is no C compiler that links statically"
	echo "$1" >"$IMAGES/mode"
}

checkpoint() {
	hull --criu "${FAKE:-/nonexistent/criu}" checkpoint --image-path "$IMAGES" "$@" "$ID"
}

restore() {
	hull --criu "${FAKE:-/nonexistent/criu}" restore --detach --image-path "$IMAGES" "$@" "$ID" </dev/null 3>&-
}

# fails TEXT... - `run` has just failed with one line that holds the texts.
fails() {
	is "$status" 1 || return 1
	is "${#lines[@]}" 1 || return 1
	local text
	for text; do has "$output" "$text" || return 1; done
}

still_runs() {
	is "$(status_of)" running
	hull exec "$ID" true
}

nothing_left() {
	is "$(hull list -q)" ""
	[ ! -e "$(cgroup_dir)" ]
}

@test "what engines ask whether it can be done" {
	run hull checkpoint --help
	is "$status" 0
	run hull restore --lsm-mount-context
	is "$status" 1
	has "$output" "flag needs an argument"
}

@test "a container must be running or paused" {
	run checkpoint
	fails "container does not exist"
	created
	run checkpoint
	fails "Container cannot be checkpointed in created state"
	hull start "$ID"
	hull kill "$ID" 9
	wait_for 30 is_status stopped
	run checkpoint
	fails "Container cannot be checkpointed in stopped state"
}

@test "no criu: the container runs on" {
	running
	run hull --criu /nonexistent/criu checkpoint --image-path "$IMAGES" "$ID"
	fails "--criu: cannot execute /nonexistent/criu: no such file or directory"
	run hull --criu no-such-criu checkpoint --image-path "$IMAGES" "$ID"
	fails 'there is no program "no-such-criu" in PATH' "install criu"
	still_runs
}

@test "a criu that dies, is killed, is too old, talks nonsense: the container runs on" {
	running
	local mode
	for mode in "dies:ended with status 3" "killed:killed by signal 9" "halfway:ended with status 3" "old:older than 3.0" \
		"garbage:makes no sense"; do
		fake "${mode%%:*}"
		run checkpoint
		fails "criu" "${mode#*:}" || { echo "mode $mode"; return 1; }
	done
	still_runs
}

@test "criu's last errors are in ours, with the place of its log" {
	running
	fake failed
	run checkpoint
	fails "no space left on device" "Error (criu/two.c:2): second; Error (criu/three.c:3): third; Error (criu/four.c:4): fourth" \
		"(its log: $IMAGES/dump.log)"
	run checkpoint --work-path "$BATS_TEST_TMPDIR/work"
	fails "(its log: $BATS_TEST_TMPDIR/work/dump.log)"
	still_runs
	# Those three descriptors of a test are no pipes.
	jq -e 'length == 3' "$IMAGES/descriptors.json"
}

@test "what an earlier dump has left is not taken for this one" {
	running
	printf '(00.1) Error (criu/old.c:1): of another time\n' | tee "$IMAGES/dump.log" >"$IMAGES/restore.log"
	touch "$IMAGES/inventory.img"
	# Where no dump began the earlier one stays whole, wherever its parent is by now.
	ln -s ../gone "$IMAGES/parent"
	run hull --criu /nonexistent/criu checkpoint --image-path "$IMAGES" "$ID"
	fails "/nonexistent/criu"
	[ -e "$IMAGES/inventory.img" ]
	[ -L "$IMAGES/parent" ]
	fake dies
	run checkpoint
	fails "criu ended with status 3"
	[[ $output != *"another time"* ]]
	[ ! -e "$IMAGES/inventory.img" ]
	[ ! -L "$IMAGES/parent" ]
	still_runs
	hull delete --force "$ID"
	run restore
	fails "criu ended with status 3"
	[[ $output != *"another time"* ]]
}

@test "--parent-path: the dump that it names, and no other" {
	running
	fake dies
	mkdir "$BATS_TEST_TMPDIR/pre1" "$BATS_TEST_TMPDIR/pre2"
	# criu leaves a link that is there.
	ln -s ../pre1 "$IMAGES/parent"
	run checkpoint --parent-path ../pre1
	fails "criu ended with status 3"
	is "$(readlink "$IMAGES/parent")" ../pre1
	run checkpoint --parent-path ../pre2
	fails "criu ended with status 3"
	[ ! -L "$IMAGES/parent" ]
	ln -s ../pre1 "$IMAGES/parent"
	run checkpoint
	fails "criu ended with status 3"
	[ ! -L "$IMAGES/parent" ]
	run checkpoint --parent-path ../pre3
	fails "--parent-path: cannot open ../pre3 from the images' directory: no such file"
	run checkpoint --parent-path ../images
	fails "--parent-path: ../images leads back"
	ln -s ../images "$BATS_TEST_TMPDIR/pre1/parent"
	run checkpoint --parent-path ../pre1
	fails "--parent-path: ../pre1 leads back"
	# What it holds is looked at as what the images hold; only --auto-dedup writes there.
	ln -s /etc/passwd "$BATS_TEST_TMPDIR/pre2/pages-1.img"
	run checkpoint --parent-path ../pre2
	fails "parent: pages-1.img is a link"
	rm "$BATS_TEST_TMPDIR/pre2/pages-1.img"
	echo kept >"$BATS_TEST_TMPDIR/file"
	ln "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/pre2/pages-1.img" 2>/dev/null || skip "no hard links here"
	run checkpoint --parent-path ../pre2
	fails "criu ended with status 3"
	run checkpoint --parent-path ../pre2 --auto-dedup
	fails "parent: pages-1.img has another name too"
	still_runs
}

@test "a criu that is a script" {
	running
	fake failed
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$FAKE" >"$BATS_TEST_TMPDIR/script"
	chmod 755 "$BATS_TEST_TMPDIR/script"
	run hull --criu "$BATS_TEST_TMPDIR/script" checkpoint --image-path "$IMAGES" "$ID"
	fails "Error (criu/two.c:2): second"
	printf '#!/nonexistent/sh\n' >"$BATS_TEST_TMPDIR/script"
	run hull --criu "$BATS_TEST_TMPDIR/script" checkpoint --image-path "$IMAGES" "$ID"
	fails "cannot execute $BATS_TEST_TMPDIR/script: no such file or directory"
	still_runs
}

@test "a criu that says nothing" {
	[ -n "${CHECK_ALL:-}" ] || skip "the deadline is a minute: in --all"
	running
	fake silent
	run checkpoint
	fails "criu has not answered for 60 seconds"
	still_runs
}

@test "options that mean nothing, or not together" {
	running
	run checkpoint --parent-path /images
	fails "--parent-path" "not relative"
	run checkpoint --empty-ns ipc
	fails "--empty-ns"
	run checkpoint --page-server 1.2.3.4
	fails "--page-server" "ADDRESS:PORT"
	run checkpoint --tcp-established --tcp-close
	fails "exclude each other"
	run checkpoint --pre-dump --lazy-pages
	fails "exclude each other"
	run checkpoint --lazy-pages
	fails "--lazy-pages needs --page-server ADDRESS:PORT"
	run checkpoint --lazy-pages --page-server ""
	fails "--lazy-pages needs --page-server ADDRESS:PORT"
	run checkpoint --image-path ""
	fails "--image-path is empty"
	# Neither what is not there nor what hull has opened itself.
	run hull --log "$BATS_TEST_TMPDIR/log" checkpoint --image-path "$IMAGES" --status-fd 3 "$ID" 3>&-
	fails "--status-fd: there is no descriptor 3"
	run checkpoint --status-fd 700
	fails "--status-fd: there is no descriptor 700"
	fake dies
	run checkpoint --status-fd 7 7>"$BATS_TEST_TMPDIR/status"
	fails "criu ended with status 3"
	still_runs
}

@test "links in the directories are refused" {
	running
	ln -s "$IMAGES" "$BATS_TEST_TMPDIR/link"
	run checkpoint --image-path "$BATS_TEST_TMPDIR/link/"
	fails "is a link"
	ln -s /etc/passwd "$IMAGES/pages-1.img"
	run checkpoint
	fails "--image-path" "pages-1.img is a link"
	run restore
	fails "pages-1.img is a link"
	rm "$IMAGES/pages-1.img"
	mkdir "$BATS_TEST_TMPDIR/work"
	ln -s /etc/passwd "$BATS_TEST_TMPDIR/work/dump.log"
	run checkpoint --work-path "$BATS_TEST_TMPDIR/work"
	fails "--work-path" "dump.log is a link"
	ln -s work "$BATS_TEST_TMPDIR/to-work"
	run checkpoint --work-path "$BATS_TEST_TMPDIR/to-work"
	fails "--work-path" "dump.log is a link"
	mkfifo "$IMAGES/core-1.img"
	run checkpoint
	fails "core-1.img is neither a file nor a directory"
	rm "$IMAGES/core-1.img"
	ln -s /etc "$IMAGES/parent"
	run restore
	fails "parent leads to /etc, which is not relative"
	ln -sfn . "$IMAGES/parent"
	run restore
	fails "parent leads back to where it comes from"
	local n
	for ((n = 1; n < 70; n++)); do
		mkdir "$BATS_TEST_TMPDIR/$n"
		ln -s "../$((n + 1))" "$BATS_TEST_TMPDIR/$n/parent"
	done
	ln -sfn ../1 "$IMAGES/parent"
	run restore
	fails "more than 64 directories"
	ln -sfn ../50 "$BATS_TEST_TMPDIR/60/parent"
	run restore
	fails "parent leads back to where it comes from"
	still_runs
}

@test "what is no file, has another name or is huge is refused" {
	running
	mknod "$IMAGES/core-1.img" c 1 5
	run checkpoint
	fails "core-1.img is neither a file nor a directory"
	rm "$IMAGES/core-1.img"
	ln "$BUNDLE/config.json" "$IMAGES/dump.log" 2>/dev/null || skip "no hard links here"
	run checkpoint
	fails "dump.log has another name too"
	mv "$IMAGES/dump.log" "$IMAGES/restore.log"
	echo '[]' >"$IMAGES/descriptors.json"
	run restore
	fails "restore.log has another name too"
	jq . "$BUNDLE/config.json" >/dev/null
	rm "$IMAGES/restore.log"
	truncate -s 1G "$IMAGES/descriptors.json"
	run restore
	fails "descriptors.json" "file too large"
	rm "$IMAGES/descriptors.json"
	mkdir "$IMAGES/descriptors.json"
	run restore
	fails "descriptors.json"
	still_runs
}

@test "a link or a device that is put there after the look is not followed" {
	running
	fake late-link
	echo kept >"$BATS_TEST_TMPDIR/file"
	chmod 666 "$BATS_TEST_TMPDIR/file"
	run checkpoint
	fails "criu ended with status 40" # ELOOP
	rm "$IMAGES/late.img"
	fake late-device
	run checkpoint
	fails "criu ended with status 13" # EACCES
	is "$(cat "$BATS_TEST_TMPDIR/file")" kept
	still_runs
}

@test "what cannot be dumped is said before criu is asked" {
	config 'del(.linux.maskedPaths, .linux.readonlyPaths) | .mounts = [] | .root.readonly = false
		| .linux.namespaces |= map(select(.type != "mount"))'
	running || { cat "$BATS_TEST_TMPDIR/err"; false; }
	run hull --criu /nonexistent/criu checkpoint --image-path "$IMAGES" "$ID"
	fails "without a mount namespace of its own" "config.json:/linux/namespaces"
	is "$(status_of)" running
}

@test "names of mounts that criu could take for others are refused, strange ones are not" {
	mkdir source
	config '.root.readonly = false | .mounts += ["/a b", "/a\"b\"", "/a\\b", "/a\nb", "/a]b:c", "hull-mount-3", "/dev/null]"
		| {destination: ., type: "bind", source: "source", options: ["bind"]}]'
	running
	fake failed
	run checkpoint
	fails "Error (criu/two.c:2)"
	hull delete --force "$ID"
	config '.mounts += [{destination: "/x]:/etc", type: "bind", source: "source", options: ["bind"]}]'
	running
	run hull --criu /nonexistent/criu checkpoint --image-path "$IMAGES" "$ID"
	fails "config.json:/mounts/" "a mount at /x]:/etc: criu cannot name it"
	still_runs
	hull delete --force "$ID"
	echo '[]' >"$IMAGES/descriptors.json"
	STATE="$BATS_TEST_TMPDIR/s]:t"
	run restore
	STATE=$BATS_TEST_TMPDIR/state
	fails "--root: criu cannot name files below"
}

@test "so many and long mounts that a message to criu is longer than a socket takes by default" {
	mkdir source
	local long
	long=$(printf '/%0220d/%0220d/%0220d/%0220d' 0 0 0 0)
	config --arg long "$long" '.root.readonly = false
		| .mounts += [range(300) | {destination: "\($long)/\(.)", type: "bind", source: "source", options: ["bind"]}]'
	running
	fake failed
	run checkpoint
	fails "Error (criu/two.c:2)"
	still_runs
}

@test "a socket of the host that init was given is refused, unless init has it no more" {
	# given WORD... - with a socket as standard input.
	given() {
		python3 - "$HULL" --root "$STATE" "$@" <<-'END'
			import socket, subprocess, sys
			ends = socket.socketpair()
			null = subprocess.DEVNULL
			sys.exit(subprocess.run(sys.argv[1:], stdin=ends[0], stdout=null, stderr=null).returncode)
		END
	}
	fake failed
	shell 'until [ -e /go ]; do sleep 0.1; done; exec </dev/null; : >/gone; while :; do sleep 1; done'
	config '.root.readonly = false'
	given run --detach "$ID"
	[[ $(jq -r '.descriptors[0]' "$STATE/$ID/record.json") == "socket:["* ]]
	run checkpoint
	fails "descriptor 0 of the container's init is a socket of the host: --ext-unix-sk"
	run checkpoint --ext-unix-sk
	fails "Error (criu/two.c:2)"
	touch rootfs/go
	wait_for 30 test -e rootfs/gone
	run checkpoint
	fails "Error (criu/two.c:2)"
	still_runs
}

@test "a container of a hull that did not note its standard streams" {
	running
	jq -c 'del(.descriptors)' "$STATE/$ID/record.json" >"$BATS_TEST_TMPDIR/record.json"
	cat "$BATS_TEST_TMPDIR/record.json" >"$STATE/$ID/record.json"
	run checkpoint
	fails "cannot checkpoint a container that an earlier hull has made"
	still_runs
}

@test "what images cannot hold is refused: Landlock" {
	echo '[]' >"$IMAGES/descriptors.json"
	config '.annotations["org.hull.landlock"] = "{}"'
	run restore
	fails "org.hull.landlock"
	nothing_left
}

@test "restore: no images, damaged ones, an id that is taken, and a criu that fails leave nothing" {
	args sleep 1000
	run restore --image-path "$BATS_TEST_TMPDIR/nowhere"
	fails "--image-path" "no such file or directory"
	run restore
	fails "descriptors.json" "is this a checkpoint?"
	echo '["pipe:[1]"' >"$IMAGES/descriptors.json"
	run restore
	fails "descriptors.json is damaged"
	echo '["/dev/null","pipe:[1]","pipe:[x] ]:"]' >"$IMAGES/descriptors.json"
	for mode in dies killed garbage failed halfway; do
		fake "$mode"
		run restore --pid-file "$BATS_TEST_TMPDIR/pid"
		fails "criu" || { echo "mode $mode"; return 1; }
		nothing_left
		[ ! -e "$BATS_TEST_TMPDIR/pid" ]
	done
	fake failed
	run restore
	fails "fourth" "restore.log"
	running
	run restore
	fails "already exists"
	still_runs
}

@test "restore: memory that was cut short is said before criu is asked, in a parent too" {
	args sleep 1000
	echo '[]' >"$IMAGES/descriptors.json"
	# Number 1, 3 pages that are there, 100 in a parent.
	printf '\x19\x43\x56\x54\x25\x40\x08\x56\x02\0\0\0\x08\x01\x07\0\0\0\x08\x80\x20\x10\x03\x20\x04\x07\0\0\0\x08\x80\x40\x10\x64\x20\x01' \
		>"$IMAGES/pagemap-1.img"
	printf '\x19\x43\x56\x54\x30\x30\x27\x50\x0a\0\0\0\x08\x01\x10\x00\x18\x01\x20\x01\x28\x01' >"$IMAGES/pstree.img"
	# Of a process that an earlier dump had.
	LC_ALL=C sed 's/\x08\x01\x07/\x08\x02\x07/' "$IMAGES/pagemap-1.img" >"$IMAGES/pagemap-2.img"
	truncate -s 4096 "$IMAGES/pages-2.img"
	fake dies
	truncate -s 12287 "$IMAGES/pages-1.img"
	run restore
	fails "--image-path" "pages-1.img is cut short: it has 2 of the 3 pages that pagemap-1.img names"
	nothing_left
	mkdir "$IMAGES/before"
	mv "$IMAGES"/page* "$IMAGES/before"
	ln -s before "$IMAGES/parent"
	run restore
	fails "parent: pages-1.img is cut short"
	truncate -s 12288 "$IMAGES/before/pages-1.img"
	run restore
	fails "criu ended with status 3"
	# Shared memory, whose lists may be of an earlier dump: then the file is another's.
	LC_ALL=C sed 's/\x08\x01\x07/\x08\x05\x07/' "$IMAGES/before/pagemap-1.img" >"$IMAGES/before/pagemap-shmem-7.img"
	truncate -s 12287 "$IMAGES/before/pages-5.img"
	run restore
	fails "parent: pages-5.img is cut short: it has 2 of the 3 pages that pagemap-shmem-7.img names"
	truncate -s 12288 "$IMAGES/before/pages-5.img"
	run restore
	fails "criu ended with status 3"
	truncate -s 4096 "$IMAGES/before/pages-5.img"
	printf '\x19\x43\x56\x54\x25\x40\x08\x56\x02\0\0\0\x08\x05\x07\0\0\0\x08\x80\x20\x10\x01\x20\x04' >"$IMAGES/before/pagemap-shmem-8.img"
	run restore
	fails "criu ended with status 3"
	# What is not understood, and what comes from elsewhere, is left to criu.
	truncate -s 20 "$IMAGES/before/pagemap-1.img"
	run restore
	fails "criu ended with status 3"
	nothing_left
}

@test "restore: a list of pages is read once, however often its process is named" {
	args sleep 1000
	echo '[]' >"$IMAGES/descriptors.json"
	fake dies
	printf '\x07\0\0\0\x08\x80\x20\x10\x00\x20\x04' >list
	printf '\x02\0\0\0\x08\x01' >tree
	local n
	for ((n = 0; n < 18; n++)); do
		cat list list >more && mv more list
		cat tree tree >more && mv more tree
	done
	{ printf '\x19\x43\x56\x54\x25\x40\x08\x56\x02\0\0\0\x08\x01'; cat list; } >"$IMAGES/pagemap-1.img"
	{ printf '\x19\x43\x56\x54\x30\x30\x27\x50'; cat tree; } >"$IMAGES/pstree.img"
	run timeout 60 "$HULL" --root "$STATE" --criu "$FAKE" restore --detach --image-path "$IMAGES" "$ID" </dev/null 3>&-
	fails "criu ended with status 3"
	nothing_left
}

@test "restore: a list of pages is read once, however many names it has" {
	args sleep 1000
	echo '[]' >"$IMAGES/descriptors.json"
	fake dies
	printf '\x07\0\0\0\x08\x80\x20\x10\x00\x20\x04' >list
	local n
	for ((n = 0; n < 18; n++)); do cat list list >more && mv more list; done
	{ printf '\x19\x43\x56\x54\x25\x40\x08\x56\x02\0\0\0\x08\x01'; cat list; } >"$IMAGES/pagemap-1.img"
	ln "$IMAGES/pagemap-1.img" "$IMAGES/pagemap-2.img" 2>/dev/null || skip "no hard links here"
	printf '\x19\x43\x56\x54\x30\x30\x27\x50' >"$IMAGES/pstree.img"
	python3 - "$IMAGES" >>"$IMAGES/pstree.img" <<-'END'
		import os, struct, sys
		for n in range(1, 6000):
		    sys.stdout.buffer.write(struct.pack("<IBBB", 3, 8, n & 0x7f | 0x80, n >> 7))
		    for name in ("pagemap-%d.img" % n, "pagemap-shmem-%d.img" % n):
		        if n > 2 or "shmem" in name:
		            os.link(sys.argv[1] + "/pagemap-1.img", sys.argv[1] + "/" + name)
	END
	truncate -s 0 "$IMAGES/pages-1.img"
	run timeout 60 "$HULL" --root "$STATE" --criu "$FAKE" restore --detach --image-path "$IMAGES" "$ID" </dev/null 3>&-
	fails "criu ended with status 3"
	nothing_left
}

@test "restore: a label that this host cannot give is an error, as with create" {
	echo '[]' >"$IMAGES/descriptors.json"
	fake dies
	local modules=0
	if ! grep -q '	selinuxfs$' /proc/filesystems; then
		modules=1
		config '.process.selinuxLabel = "a:b:c:s0"'
		run restore
		fails "config.json:/process/selinuxLabel" "cannot apply a:b:c:s0: SELinux is not enabled on this host"
		# The caller's word is for another module.
		run restore --lsm-profile apparmor:unconfined
		fails "criu ended with status 3"
		config '.process.selinuxLabel = "" | .linux.mountLabel = "a:b:c:s0"'
		run restore
		fails "config.json:/linux/mountLabel" "cannot apply a:b:c:s0"
		config '.linux.mountLabel = ""'
	fi
	if ! cat /proc/self/attr/apparmor/current >/dev/null 2>&1; then
		modules=1
		config '.process.apparmorProfile = "strict"'
		run restore
		fails "config.json:/process/apparmorProfile" "cannot apply strict: AppArmor is not enabled on this host"
		config '.process.apparmorProfile = "unconfined"'
		run restore
		fails "criu ended with status 3"
	fi
	nothing_left
	[ "$modules" = 1 ] || skip "this host has both"
}

@test "restore needs what create needs" {
	echo '[]' >"$IMAGES/descriptors.json"
	fake dies
	config '.process.terminal = true'
	run restore
	fails "cannot allocate tty if hull will detach without setting console socket"
	config '.process.terminal = false | .mounts += [{destination: "/x", type: "bind", source: "/nonexistent/x", options: ["bind"]}]'
	run restore
	fails "config.json:/mounts/" "/nonexistent/x"
	nothing_left
}
