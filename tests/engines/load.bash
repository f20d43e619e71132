# SPDX-License-Identifier: LGPL-2.1-or-later
# load.bash - many containers at once through an engine: what the runtimes use of the processors, in one table.
#
# Engines call a program that enters a cgroup of its own and then becomes the runtime, so that its time is known apart from
# the engine's.  What happens in the containers' cgroups is the runtime's too: its init comes there before it becomes the
# program, which only sleeps, or is true.

LOAD=${ENGINES_LOAD:-$([ -n "${HULL_ENGINES:-}" ] && echo 20 || echo 200)}	# containers
LOAD_WIDTH=16					# calls at a time
LOAD_SECONDS=${ENGINES_LOAD_SECONDS:-60}	# of probes

# load_begin - $ENGINE/load/NAME stands in for each runtime, LOAD_RUNTIMES names them; the engine's daemons belong into the
# cgroup $ENGINE_CGROUP/engine, its containers into $ENGINE_CGROUP/load.  Skips where that cannot be.
load_begin() {
	local name path
	[ -n "${ENGINES_LONG:-}" ] || skip "takes minutes: ENGINES_LONG=1"
	LOAD_CGROUP=$CGROUPS$ENGINE_CGROUP
	[ ! -e "$CGROUPS/cpuacct" ] || LOAD_CGROUP=$CGROUPS/cpuacct$ENGINE_CGROUP
	mkdir -p "$ENGINE/load" "$LOAD_CGROUP"/{engine,runtime,load}
	LOAD_RUNTIMES=
	for name in hull runc crun; do
		case $name in
		hull) path=$HULL ;;
		*) path=$(PATH=$PATH:/usr/sbin:/sbin command -v $name) || continue ;;
		esac
		stand_in "$ENGINE/load/$name" "$path" "$LOAD_CGROUP/runtime/cgroup.procs"
		LOAD_RUNTIMES+=" $name"
	done
	# crun refuses a host whose unified hierarchy has controllers beside v1; here, for all three, it has none.
	: >"$ENGINE/load/controllers"
	[ ! -e "$CGROUPS/unified/cgroup.controllers" ] ||
		within mount --bind "$ENGINE/load/controllers" "$CGROUPS/unified/cgroup.controllers"
}

# stand_in FILE RUNTIME PROCS - a script, which takes time of its own, where nothing can be compiled.
stand_in() {
	if command -v cc >/dev/null; then
		cc -O2 -static -o "$1" -DRUNTIME="\"$2\"" -DPROCS="\"$3\"" "$TESTS/engines/load.c"
	else
		printf '#!/bin/sh\necho 0 >%s && exec %s "$@"\n' "$3" "$2" >"$1"
		chmod 755 "$1"
	fi
}

load_end() {
	[ ! -e "$CGROUPS/unified/cgroup.controllers" ] || within umount "$CGROUPS/unified/cgroup.controllers"
	remove_cgroup "$LOAD_CGROUP/runtime"
	remove_cgroup "$LOAD_CGROUP/load"
}

remove_cgroup() {
	find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || :
}

# cpu_of CGROUP... - nanoseconds that the processors have worked for what is or was in and below each.
cpu_of() {
	local one
	for one; do
		case $LOAD_CGROUP in
		*/cpuacct/*) printf ' %s' "$(cat "$LOAD_CGROUP/$one/cpuacct.usage" 2>/dev/null || echo 0)" ;;
		*) printf ' %s' "$(awk '$1 == "usage_usec" { print $2 * 1000 }' "$LOAD_CGROUP/$one/cpu.stat")" ;;
		esac
	done
}

# load_row ENGINE NAME BEFORE AFTER NUMBERS - a line for the page of figures: BEFORE and AFTER are cpu_of engine runtime load,
# NUMBERS is JSON.
load_row() {
	jq -r --arg engine "$1" --arg name "$2" --arg before "$3" --arg after "$4" '
		def seconds: ltrimstr(" ") | split(" ") | map(tonumber / 1e9);
		($before | seconds) as $b | ($after | seconds) as $a | [range(0; $a | length) | $a[.] - $b[.]] as $d |
		($d[1] + $d[2]) as $runtime | def tenth: . * 10 | round / 10;
		"# page: \($engine) with \($name) under load: \(.containers) containers made in \(.create) s, \(.probes) probes in \(.probe) s, "
		+ "removed in \(.remove) s; \(.failed) failures; CPU seconds: runtime \($runtime | tenth) "
		+ "(\($runtime * 1000 / (.containers + (.pods // 0) + .probes) | tenth) ms a container or probe), engine \($d[0] | tenth)"' <<<"$5" >&3
}
