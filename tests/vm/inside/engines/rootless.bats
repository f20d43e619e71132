#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Podman of an unprivileged user, in its systemd session with delegated controllers, with hull below it and with runc,
# compared.  In the test machine alone.
#
# as-tester is a service of its own: what a detached container leaves in it ends with the call.

load ../../../engines/podman

setup_file() {
	chmod 755 "${BATS_FILE_TMPDIR%/*/*}" "${BATS_FILE_TMPDIR%/*}" "$BATS_FILE_TMPDIR"
	podman_begin
}

extra_setup() {
	[ -z "$PODMAN_SKIP" ] || skip "$PODMAN_SKIP"
	chmod 777 "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	umask 0
}

# within COMMAND... - as the user, where the session has it.
within() {
	timeout --foreground --kill-after=5 "$ENGINE_LIMIT" as-tester env PATH="$ENGINE_PATH" HOME=/home/tester \
		CONTAINERS_CONF="$CONTAINERS_CONF" CONTAINERS_STORAGE_CONF="$CONTAINERS_STORAGE_CONF" \
		CONTAINERS_REGISTRIES_CONF="$CONTAINERS_REGISTRIES_CONF" "$@" 3>&-
}

# pod WORD... - the user's podman with the store of $R; $OPEN are redirections for descriptors that it gets.
pod() {
	local store=/home/tester/store.$R
	within bash -c "cd '${T:-/}' && exec \"\$@\" ${OPEN:-}" podman \
		podman --root "$store" --runroot "/run/user/1000/run.$R" --tmpdir "/run/user/1000/tmp.$R" --runtime "$R" "$@"
}

@test "rootless: user namespaces: keep-id, auto" {
	case_ids() {
		mkdir -p data
		t 0 run --rm --userns keep-id -v "$T/data:/data" box sh -c 'id -u; id -g; tr -s " " </proc/self/uid_map; echo mine >/data/file'
		look owner stat -c '%u %g' data/file
		t 0 run --rm --userns keep-id:uid=77,gid=88 box sh -c 'id -u; id -g'
		t 0 run --rm --userns auto:size=2000 box sh -c 'id -u; tr -s " " </proc/self/uid_map'
	}
	twice ids
	told '| 1000' '| 77' 'owner: 1000 1000'
}
