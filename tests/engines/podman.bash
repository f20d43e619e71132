# SPDX-License-Identifier: LGPL-2.1-or-later
# podman.bash - Podman and Buildah in the namespaces of engine.bash, one store for runc and one for hull.
#
# A case is a function case_NAME; twice NAME runs it with both at the same time and compares.  In it `t STATUS WORD...`
# is `podman WORD...`, which must end with STATUS, and `look NAME COMMAND...` is what else is to be the same.

load "${BASH_SOURCE[0]%/*}/engine"
# The test machine, with its disk of engines: Podman is as if it were installed there.
MACHINE=${HULL_ENGINES:+machine}
[ -z "$MACHINE" ] || load "$TESTS/vm/inside/engines/machine"
export MACHINE

TERMINAL=$TESTS/tools/term

# podman_missing - prints why these tests cannot run here.
podman_missing() {
	local program
	[ "$(id -u)" = 0 ] || { echo "not root" && return; }
	[ -n "$IS_HULL" ] || { echo "HULL is another runtime" && return; }
	[ -z "$MACHINE" ] || "$TESTS/vm/inside/with-engines" >&2 || { echo "the disk of engines cannot be used" && return; }
	for program in runc conmon jq; do
		PATH=$PATH:/usr/sbin:/sbin command -v $program >/dev/null || { echo "$program is not installed" && return; }
	done
	[ -z "$MACHINE" ] || return 0
	"$TESTS/fixtures/podman-engine" 2>&1 >/dev/null | tail -n 1
}

# podman_begin [--no-image] - in setup_file: the namespaces, the two stores, the image in both.
podman_begin() {
	PODMAN_SKIP=$(podman_missing)
	export PODMAN_SKIP
	[ -z "$PODMAN_SKIP" ] || return 0
	need_engine podman-engine && engine_begin || return 0
	export CONTAINERS_CONF=$ENGINE/containers.conf CONTAINERS_STORAGE_CONF=$ENGINE/storage.conf
	export CONTAINERS_REGISTRIES_CONF=$ENGINE/registries.conf
	if [ -n "$MACHINE" ]; then podman_installed; else podman_configure; fi
	[ "${1:-}" != --no-image ] || return 0
	tar -C "$("$TESTS/fixtures/busybox-rootfs")" -cf "$ENGINE/busybox.tar" .
	for R in runc hull; do
		pod import "$ENGINE/busybox.tar" box >"$ENGINE/import.$R" 2>&1 || { cat "$ENGINE/import.$R"; return 1; }
	done
}

# The snippet of contrib/engines names hull to Podman; the rest keeps Podman to itself.
podman_configure() {
	local driver=vfs lists=$ENGINE/ld.so.cache
	: >"$CONTAINERS_REGISTRIES_CONF"
	# What conmon starts when a container ends gets no LD_LIBRARY_PATH; and some policy.json is read from /etc alone.
	echo "$ENGINE_LIBS" | tr : '\n' >"$ENGINE/ld.so.conf"
	echo 'include /etc/ld.so.conf' >>"$ENGINE/ld.so.conf"
	ldconfig -X -C "$lists" -f "$ENGINE/ld.so.conf" 2>/dev/null
	mkdir -p "$ENGINE/etc.upper" "$ENGINE/etc.work" "$ENGINE/home/.config/containers" "$ENGINE/cni"
	cp "$ENGINE_ROOT/etc/containers/policy.json" "$ENGINE/home/.config/containers/"
	if within mount -t overlay -o "lowerdir=/etc,upperdir=$ENGINE/etc.upper,workdir=$ENGINE/etc.work" overlay /etc; then
		driver=overlay
		within sh -c "mkdir -p /etc/containers && cp '$ENGINE_ROOT/etc/containers/policy.json' /etc/containers/ && cp '$lists' /etc/ld.so.cache"
	else
		within mount --bind "$lists" /etc/ld.so.cache
	fi
	export PODMAN_DRIVER=$driver
	printf '[storage]\ndriver = "%s"\nrunroot = "%s/none/run"\ngraphroot = "%s/none/root"\n' \
		$driver "$ENGINE" "$ENGINE" >"$CONTAINERS_STORAGE_CONF"
	# TOML has each table once: what belongs to [engine] is put behind its first line.
	{
		sed "s,/usr/bin/hull,$HULL," "$TOP/contrib/engines/containers.conf"
		cat <<-EOT
			runc = ["$RUNC"]
			load-hull = ["$ENGINE/load/hull"]
			load-runc = ["$ENGINE/load/runc"]
			load-crun = ["$ENGINE/load/crun"]
			[containers]
			default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
			init_path = "$ENGINE_ROOT/usr/bin/catatonit"
			log_driver = "k8s-file"
			netns = "none"
			seccomp_profile = "$ENGINE_ROOT/usr/share/containers/seccomp.json"
			[network]
			network_backend = "cni"
			cni_plugin_dirs = ["$ENGINE/cni"]
		EOT
	} | awk -v conmon="$(command -v conmon)" -v helpers="$ENGINE_ROOT/usr/bin" '
		{ print }
		$0 == "[engine]" {
			print "cgroup_manager = \"cgroupfs\""
			print "conmon_path = [\"" conmon "\"]"
			print "events_logger = \"file\""
			print "helper_binaries_dir = [\"" helpers "\"]"
			print "lock_type = \"file\""
		}' >"$CONTAINERS_CONF"
}

# podman_installed - the same where Podman is installed, with systemd.
podman_installed() {
	export PODMAN_DRIVER=overlay
	# A container's root of a user namespace comes to Podman's folders, as elsewhere.
	chmod 755 "${ENGINE%/*/*}" "${ENGINE%/*}" "$ENGINE"
	: >"$CONTAINERS_REGISTRIES_CONF"
	mkdir -p "$ENGINE/home"
	printf '[storage]\ndriver = "overlay"\nrunroot = "%s/none/run"\ngraphroot = "%s/none/root"\n' \
		"$ENGINE" "$ENGINE" >"$CONTAINERS_STORAGE_CONF"
	{
		sed "s,/usr/bin/hull,$HULL," "$TOP/contrib/engines/containers.conf"
		cat <<-EOT
			runc = ["$RUNC"]
			[containers]
			log_driver = "k8s-file"
			netns = "none"
		EOT
	} | awk '{ print } $0 == "[engine]" { print "cgroup_manager = \"systemd\"\nevents_logger = \"file\"" }' >"$CONTAINERS_CONF"
}

# extra_setup - a test is skipped where Podman cannot be had.
extra_setup() {
	[ -z "$PODMAN_SKIP" ] || skip "$PODMAN_SKIP"
}

long() {
	[ -n "${ENGINES_LONG:-}" ] || skip "long: part of contrib/check --all"
}

# ---- in a case --------------------------------------------------------------------------------

# pod WORD... - podman with the store of $R; $OPEN are redirections for descriptors that it gets, $NOTIFY is its NOTIFY_SOCKET,
# $NETS a folder that describes its networks.
pod() {
	local store=$ENGINE/store.$R
	within env -u XDG_RUNTIME_DIR -u NOTIFY_SOCKET ${NOTIFY:+NOTIFY_SOCKET="$NOTIFY"} HOME="$ENGINE/home" bash -c "cd '${T:-/}' && exec \"\$@\" ${OPEN:-}" podman \
		timeout --foreground --kill-after=10 "${ENGINE_LIMIT:-90}" podman \
		--root "$store/root" --runroot "$store/run" --tmpdir "$store/tmp" --runtime "$R" ${NETS:+--network-config-dir "$NETS"} "$@"
}

# pod_in_cgroup WORD... - the same; containers that are made go into the test's own cgroup, where it is not systemd that
# gives each a scope.
pod_in_cgroup() {
	case $MACHINE$1 in
	run | create) set -- "$1" --cgroup-parent "$ENGINE_CGROUP/$R" "${@:2}" ;;
	pod) [ "$2" != create ] || set -- pod create --cgroup-parent "$ENGINE_CGROUP/$R" "${@:3}" ;;
	esac
	pod "$@"
}

# expected STATUS COMMAND... - see COMMAND; - is any status.
expected() {
	local want=$1 status=0
	shift
	see "$@" || status=$?
	case $want in
	- | "$status") ;;
	*) echo "WRONG: expected status $want" ;;
	esac
}

# t STATUS WORD...
t() {
	local want=$1
	shift
	printf '$ podman %s\n' "$*"
	expected "$want" pod_in_cgroup "$@"
}

# tty STATUS STEP... -- WORD... - the same on a terminal; steps are those of tests/tools/term.
tty() {
	local want=$1 steps=()
	shift
	while [ "$1" != -- ]; do
		steps+=("$1")
		shift
	done
	shift
	printf '$ podman %s  (on a terminal)\n' "$*"
	export R
	export -f within pod pod_in_cgroup
	expected "$want" "$TERMINAL" run "${steps[@]}" -- bash -c 'pod_in_cgroup "$@"' pod "$@"
}

# look NAME COMMAND... - something that is not Podman's own output: a file of the host, a field.
look() {
	local name=$1
	shift
	printf '%s: %s\n' "$name" "$("$@" 2>&1)"
}

# until_is COMMAND... - until it succeeds; half a minute at most.
until_is() {
	wait_for "${ENGINE_PATIENCE:-30}" "$@" || echo "WRONG: this does not happen"
}

# format NAME TEMPLATE - of podman inspect.
format() {
	pod inspect --type container --format "$2" "$1"
}

has_status() {
	[ "$(format "$1" '{{.State.Status}}')" = "$2" ]
}

# logged NAME TEXT - is TEXT in the container's log?
logged() {
	pod logs "$1" 2>&1 | grep -q -- "$2"
}

has_restarted() {
	[ "$(format "$1" '{{.RestartCount}}')" = "$2" ]
}

# has_written NAME NUMBER - are there so many lines in its log?
has_written() {
	[ "$(pod logs "$1" 2>&1 | grep -c .)" = "$2" ]
}

# namespace_of NAME KIND - as readlink prints it.
namespace_of() {
	within readlink "/proc/$(format "$1" '{{.State.Pid}}')/ns/$2"
}

# knob NAME FILE V2FILE - a file of the container's cgroup, by the names that it has in v1 and in v2.
knob() {
	local path
	if [ -n "$MACHINE" ]; then
		path=$(sed 's/^0:://' "/proc/$(format "$1" '{{.State.Pid}}')/cgroup")
	else
		path=$ENGINE_CGROUP/$R/libpod-$(format "$1" '{{.Id}}')
	fi
	cat "$CGROUPS/${2%%.*}$path/$2" 2>/dev/null || cat "$CGROUPS$path/$3"
}

# ---- in a test --------------------------------------------------------------------------------

in_folder() {
	cd "$T" && "$@"
}

# twice NAME - case_NAME with runc and with hull, at the same time; what differs, and what neither does, fails.
twice() {
	local own=("${BUT[@]}")
	BUT=()
	but "runc puts what it was doing before each text; hull says the fault alone" \
		's/(runc (create|run) failed|exec failed): (unable to start container process: )?(error during container init: )?//'
	but "the runtime's name" "s/(Error: (OCI runtime error: )?)(runc|hull):/\1NAME:/; s,$ENGINE_CGROUP/(buildah-)?(runc|hull),CGROUP,g; s,$ENGINE/store\.(runc|hull),STORE,g"
	but "runc 1.1.15 tells a directory apart" \
		's,^! Error: (OCI runtime error: )?NAME: exec: "/etc": (is a directory|permission denied: OCI permission denied)$,! Error: NAME: exec: "/etc": DIRECTORY,'
	but "a terminal's ends of lines" 's/\r$//'
	BUT+=("${own[@]}")
	both "$1" in_folder "case_$1" || return 1
	! grep -n '^WRONG' <<<"$output" || { echo "$output"; return 1; } # the two are alike
}

remove_all() {
	for R in runc hull; do
		pod pod rm --all --force --time 0 >/dev/null 2>&1 || :
		pod rm --all --force --time 0 >/dev/null 2>&1 || :
	done
}

forget_containers() {
	remove_all
}

# podman_is_clean - when all containers are removed, nothing of them is left.
podman_is_clean() {
	local left
	remove_all
	wait_for 30 no_processes || { echo "processes:" && engine_processes && return 1; }
	left=$(engine_mounts | grep -vE "^($ENGINE/store.(runc|hull)/root/overlay|/run/netns)$" || :)
	is "$left" "" || return 1
	left=$(engine_cgroups | grep -vE "$ENGINE_CGROUP/(buildah-)?(runc|hull)(/[0-9a-f]{64})?(/conmon)?$|/(load|engine)$" || :) # a pod leaves its own on hybrid hosts
	is "$left" "" || return 1
	is "$(within hull list -q)" "" || return 1
	is "$(within runc list -q)" ""
}

no_processes() {
	[ -z "$(engine_processes)" ]
}
