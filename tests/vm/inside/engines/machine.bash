# SPDX-License-Identifier: LGPL-2.1-or-later
# machine.bash - in the place of engine.bash's own namespaces: the test machine itself, which has trixie's engines
# (tests/vm/inside/with-engines), systemd and cgroup v2.  The machine ends with the tests, so nothing here is undone.
#
# The engines stand where packages put them: ENGINE_ROOT is empty, and is set.

ENGINE_LIMIT=800
export ENGINE_PATIENCE=600 TERM_LIMIT=800

need_engine() {
	ENGINE_ROOT=
	export ENGINE_ROOT
	[ -n "$IS_HULL" ] || cannot "HULL is another runtime" || return
	[ -n "$RUNC" ] || cannot "runc is not installed; there is nothing to compare with" || return
}

engine_begin() {
	ENGINE=$BATS_FILE_TMPDIR
	ENGINE_CGROUP=/machine.slice
	ENGINE_PATH=$ENGINE/bin:$PATH:/usr/sbin:/sbin
	ENGINE_LIBS=
	ENGINE_INIT=1
	ENGINE_OUTER=
	mkdir -p "$ENGINE/bin" "$ENGINE/tmp"
	ln -sfn "$RUNC" "$ENGINE/bin/runc"
	ln -sfn "$HULL" "$ENGINE/bin/hull"
	export ENGINE ENGINE_CGROUP ENGINE_PATH ENGINE_LIBS ENGINE_INIT ENGINE_OUTER ENGINE_LIMIT
}

within() {
	timeout --foreground --kill-after=5 "$ENGINE_LIMIT" env PATH="$ENGINE_PATH" TMPDIR="$ENGINE/tmp" "$@" 3>&-
}

engine_processes() {
	ps -e -o pid=,ppid=,stat=,comm=,args= |
		awk '$3 !~ /^Z/ && $4 != "hull-vm" && ($4 ~ /^(conmon|podman|buildah|runc|hull|catatonit)/ || /sleep 1000$/)'
}

engine_mounts() {
	awk -v d="$ENGINE/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo
}

engine_cgroups() {
	find "$CGROUPS" -mindepth 2 -type d \( -name 'libpod-*' -o -name 'buildah-*' \)
}
