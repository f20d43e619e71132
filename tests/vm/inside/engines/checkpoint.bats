#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# podman container checkpoint and restore, with the real criu, with hull below them and with runc, compared.  In the test
# machine alone.

load ../../../engines/podman

setup_file() {
	podman_begin
	: >"$BATS_FILE_TMPDIR/ids.runc"
}

extra_setup() {
	[ -z "$PODMAN_SKIP" ] || skip "$PODMAN_SKIP"
	case $(uname -r) in
	6.*) ;;
	*) skip "criu 4.1 cannot dump a network namespace on Linux $(uname -r)" ;;
	esac
}

# counter NAME [OPTION...] - a container that counts in $T/data/n; until it has come to 3.
counter() {
	mkdir -p data
	t 0 run -v "$T/data:/data" --name "$@" box sh -c \
		'i=0; while :; do i=$((i + 1)); echo $i >/data/new; mv /data/new /data/n; sleep 0.5; done'
	until_ok counts_to 3
	noted "$1"
}

# noted NAME - whose a cgroup is, should one be left.
noted() {
	format "$1" '{{.Id}}' >>"$ENGINE/ids.$R"
}

counts_to() {
	local n
	read -r n <data/n && [ "${n:-0}" -ge "$1" ]
}

# goes_on - it counts, from where it was.
goes_on() {
	local n
	n=$(cat data/n)
	[ "$n" -ge 3 ] || echo "WRONG: it begins anew: $n"
	until_ok counts_to $((n + 2))
}

@test "podman: checkpoint and restore where it was, with a terminal and limits; --keep" {
	case_here() {
		counter ck -dt --memory 64m --pids-limit 20
		id=$(format ck '{{.Id}}')
		t 0 container checkpoint ck
		look state format ck '{{.State.Status}} {{.State.Checkpointed}}'
		look left find "$CGROUPS" -name "libpod-$id*"
		t 0 container restore --keep ck
		goes_on
		look limits grep -h . "$CGROUPS/machine.slice/libpod-$id.scope"/{memory,pids}.max
		t 0 exec ck true
		kept=$(dirname "$(format ck '{{.OCIConfigPath}}')")
		[ -s "$kept/restore.log" ] || echo "WRONG: --keep keeps no restore.log"
		t 0 container checkpoint --keep ck
		[ -s "$kept/dump.log" ] || echo "WRONG: --keep keeps no dump.log"
		t 0 container restore ck
		goes_on
		t 0 rm -f -t 0 ck
		t 125 container restore ck
	}
	twice here
	told 'state: exited true' 'limits: 67108864'
}

@test "podman: checkpoint --export, --leave-running; restore --import, again under another name" {
	case_export() {
		counter ex -d
		t 0 container checkpoint --leave-running --compress none --export "$T/one.tar" ex
		look state format ex '{{.State.Status}}'
		goes_on
		t 0 rm -f -t 0 ex
		rm -f data/n
		t 0 container restore --import "$T/one.tar"
		until_ok counts_to 3
		t 0 rm -f -t 0 ex
		rm -f data/n
		# With runc it would end with the first one, if that still ran.
		t 0 container restore --import "$T/one.tar" --name again
		until_ok counts_to 3
		noted again
		t 0 ps --format '{{.Names}}' --sort names
		t 0 rm -f -t 0 again
		t 125 container restore --import "$T/none.tar"
	}
	twice export
	told '| again'
}

@test "podman: --pre-checkpoint, and a checkpoint with what was written before" {
	case_pre() {
		counter pre -d
		t 0 container checkpoint --pre-checkpoint pre
		look state format pre '{{.State.Status}}'
		t 0 container checkpoint --with-previous pre
		t 0 container restore pre
		goes_on
		t 0 rm -f -t 0 pre
	}
	twice pre
	told 'state: running'
}

# What runc leaves is not looked at.
engine_cgroups() {
	find "$CGROUPS" -mindepth 2 -type d -name 'libpod-*' | grep -vFf "$ENGINE/ids.runc"
}

@test "podman: nothing is left of checkpoints" {
	podman_is_clean
}
