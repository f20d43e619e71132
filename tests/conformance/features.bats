#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What `hull features` says is so: each word that it prints works, and what it leaves out is refused.

HERE=${BATS_TEST_FILENAME%/*}
load ../integration/helpers

extra_setup() {
	hull_only "its features are its own"
	hull features >features.json
}

# words FILTER - of the document, one a line.
words() {
	jq -r "$1" features.json
}

# each_refused FILTER WORD... - the filter with $w of each word: create refuses it, or hull does not know the word.
each_refused() {
	local filter=$1 word
	shift
	cp config.json before.json
	args true
	for word; do
		jq --arg w "$word" "$filter" before.json >config.json
		# Not with run: a container that is accepted would keep its pipe open.
		status=0
		hull create "$ID" </dev/null >said 2>&1 3>&- || status=$?
		[ "$status" -eq 1 ] || { echo "accepted: $word"; hull delete --force "$ID"; return 1; }
		one_line "$(cat said)" || return 1
		[ ! -e "$STATE/$ID" ] || return 1
	done
	cp before.json config.json
}

@test "the versions: lowest and highest are accepted, lower and another major are not, and they are in order" {
	args true
	min=$(words .ociVersionMin) max=$(words .ociVersionMax)
	is "$(printf '%s\n' "$max" "$min" | sort -V | head -n 1)" "$min"
	for version in "$min" "$max"; do
		config --arg v "$version" '.ociVersion = $v'
		hull run "$ID"
	done
	each_refused '.ociVersion = $w' 0.9.0 2.0.0 "${max%%.*}"
}

@test "every hook runs, with the state on its stdin" {
	is "$(words '.hooks | sort | join(" ")')" "createContainer createRuntime poststart poststop prestart startContainer"
	touch marks
	config --arg f "$BUNDLE" --slurpfile d features.json '.mounts += [{destination: "/marks", source: $f, options: ["bind"]}] |
		reduce $d[0].hooks[] as $k (.; .hooks[$k] = [{path: "/bin/sh", args: ["sh", "-c",
			"read -r state; case $state in *ociVersion*) echo \($k) >>\(if $k == "startContainer" then "/marks" else $f end)/marks ;; esac"]}])'
	args true
	hull run "$ID"
	is "$(sort marks)" "$(words '.hooks[]' | sort)"
}

# A row of every option on a mount of its own is tests/integration/mountoptions.bats; here is what the words have in common.
@test "every mount option is a word of hull, and what it leaves out is the file system's, which refuses it" {
	mkdir source
	config --arg s "$BUNDLE/source" --slurpfile d features.json '.root.readonly = false | .mounts += ([$d[0].mountOptions[] |
		select(IN("remount", "idmap", "ridmap", "tmpcopyup", "copy-symlink", "src-nofollow", "dest-nofollow") or test("bind$") | not) |
		{destination: "/o/\(.)", type: "tmpfs", source: "tmpfs", options: [.]}] +
		[["bind"], ["rbind"], ["bind", "copy-symlink"], ["bind", "src-nofollow"], ["bind", "dest-nofollow"], ["bind", "unbindable"], ["rbind", "runbindable"] |
			{destination: "/o/\(.[-1])", source: $s, options: .}] +
		[["idmap"], ["ridmap"] | [{containerID: 0, hostID: 7, size: 1}] as $m |
			{destination: "/o/\(.[-1])", source: $s, options: (["rbind"] + .), uidMappings: $m, gidMappings: $m}] +
		[{destination: "/o/tmpcopyup", type: "tmpfs", options: ["tmpcopyup"]}, {destination: "/o/remount", type: "tmpfs"},
			{destination: "/o/remount", options: ["remount", "ro"]}])'
	inside 'sed "s/^[^/]*[^ ]* //" /proc/self/mountinfo | cut -d" " -f1 | sed -n "s,^/o/,,p" | sort -u'
	is "$status" 0
	is "$output" "$(words '.mountOptions[]' | LC_ALL=C sort -u)"
	each_refused '.mounts += [{destination: "/dev/shm/x", type: "tmpfs", options: [$w]}]' nofail user _netdev norro rbindd RO sub size2=1 \
		tmpcopyupx norbind runbind rremount rsync rtmpcopyup
}

@test "every namespace can be made, all at once; what it leaves out is refused" {
	is "$(words '.linux.namespaces | length')" 8
	config --slurpfile d features.json '.linux.namespaces = [$d[0].linux.namespaces[] | {type: .}] | .root.readonly = false |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	chmod 0755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BUNDLE"
	created
	pid=$(pid_of)
	for type in $(words '.linux.namespaces[]'); do
		case $type in mount) file=mnt ;; network) file=net ;; *) file=$type ;; esac
		[ "$(readlink "/proc/$pid/ns/$file")" != "$(readlink "/proc/self/ns/$file")" ] || { echo "$type is the caller's"; false; }
	done
	hull delete --force "$ID"
	each_refused '.linux.namespaces += [{type: $w}]' net mnt cgroups "" PID syslog
}

@test "every capability is one of the kernel's, and granted where the caller has it; another is a warning" {
	is "$(words '.linux.capabilities | unique | length')" "$(words '.linux.capabilities | length')"
	[ "$(words ".linux.capabilities | length")" -ge 41 ]
	config --slurpfile d features.json '.process.capabilities |= map_values($d[0].linux.capabilities)'
	args cat /proc/self/status
	run hull --log "$LOG" --log-level warning run "$ID"
	is "$status" 0
	is "$(awk '/^CapBnd/ {print $2}' <<<"$output")" "$(awk '/^CapBnd/ {print $2}' /proc/self/status)"
	! grep -q "unknown" "$LOG" || { cat "$LOG"; false; }
	config '.process.capabilities |= map_values(["CAP_KILL", "CAP_CHECKPOINT", "KILL"])'
	run hull --log "$LOG" --log-level warning run "$ID"
	is "$status" 0
	is "$(awk '/^CapBnd/ {print $2}' <<<"$output")" 0000000000000020
	grep -q CAP_CHECKPOINT "$LOG"
}

@test "cgroup v1, v2, systemd and rdma: used here, or refused for want of it on this host" {
	is "$(words '.linux.cgroup | [.v1, .v2, .systemd, .systemdUser, .rdma] | unique | tojson')" '[true]'
	created
	grep -q ":$CGROUP\$" "/proc/$(pid_of)/cgroup"
	hull delete --force "$ID"
	args true
	config '.linux.cgroupsPath = "system.slice:hull:'"$ID"'"'
	run hull --systemd-cgroup run "$ID"
	[ "$status" -eq 0 ] || has "$output" systemd
	config --arg c "$CGROUP" '.linux.cgroupsPath = $c | .linux.resources.rdma = {"mlx5_0": {hcaHandles: 1}}'
	run hull run "$ID"
	[ "$status" -eq 0 ] || has "$output" "config.json:/linux/resources/rdma/mlx5_0"
	run hull validate
	is "$status" 0
	[[ $output != *"error: "* ]]
}

need_seccomp() {
	[ "$(words .linux.seccomp.enabled)" = true ] || skip "hull was built without libseccomp"
}

@test "every action of seccomp is loaded as it stands; what it leaves out is refused" {
	need_seccomp
	is "$(words '.linux.seccomp.actions | length')" 9
	for action in $(words '.linux.seccomp.actions[]'); do
		# NOTIFY needs somebody who listens, and is then seccomp-listener.bats's.
		jq -n --arg a "$action" '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["acct"], action: $a}]} | if $a == "SCMP_ACT_NOTIFY"
			then .listenerPath = "/none" elif $a == "SCMP_ACT_ALLOW" then .defaultAction = "SCMP_ACT_LOG" else . end' >profile.json
		run hull seccomp profile.json
		is "$status" 0
		case $action in SCMP_ACT_KILL_THREAD) said=KILL ;; *) said=${action#SCMP_ACT_} ;; esac
		grep -E "^ *acct " <<<"$output" | grep -q "$said" || { echo "$action: $(grep acct <<<"$output")"; false; }
		[ "$action" != SCMP_ACT_NOTIFY ] || continue
		config --slurpfile p profile.json '.linux.seccomp = $p[0]'
		inside 'grep ^Seccomp: /proc/self/status'
		is "$output" $'Seccomp:\t2'
	done
	each_refused '.linux.seccomp = {defaultAction: $w}' SCMP_ACT_NONSENSE ALLOW SCMP_ACT_USER_NOTIF ""
}

@test "every operator of seccomp is loaded; what it leaves out is refused" {
	need_seccomp
	is "$(words '.linux.seccomp.operators | length')" 7
	# One profile, a call for each.
	config --slurpfile d features.json '["acct", "sync", "getsid", "getpgid", "flock", "umask", "times"] as $calls |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [$d[0].linux.seccomp.operators | to_entries[] |
			{names: [$calls[.key]], action: "SCMP_ACT_ERRNO", args: [{index: 5, value: 987654, valueTwo: 987654, op: .value}]}]}'
	run hull seccomp --format json config.json
	is "$status" 0
	for operator in $(words '.linux.seccomp.operators[]'); do
		has "$output" "$operator" >/dev/null || { echo "no $operator"; false; }
	done
	args true
	hull run "$ID"
	each_refused '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["acct"], action: "SCMP_ACT_ERRNO",
		args: [{index: 0, value: 1, op: $w}]}]}' SCMP_CMP_XX EQ ""
}

@test "every architecture of seccomp is taken; what it leaves out is refused" {
	need_seccomp
	[ "$(words '.linux.seccomp.archs | length')" -ge 5 ]
	args true
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["acct"], action: "SCMP_ACT_ERRNO"}]}'
	for arch in $(words '.linux.seccomp.archs[]'); do
		jq --arg a "$arch" '.linux.seccomp | .architectures = [$a]' config.json >profile.json
		run hull seccomp profile.json
		is "$status" 0
		has "$output" "$arch"
	done
	config --slurpfile d features.json '.linux.seccomp.architectures = $d[0].linux.seccomp.archs'
	hull run "$ID"
	# Those of the specification that are left out: of the other byte order, or unknown to this libseccomp.
	left=$(awk -F'\t' '$1 == "/linux/seccomp/archs[]" {sub("enum: ", "", $4); print $4}' "$HERE/features.tsv" | tr ' ' '\n' |
		grep -vxF "$(words '.linux.seccomp.archs[]')" || :)
	# shellcheck disable=SC2086
	each_refused '.linux.seccomp.architectures = [$w]' $left SCMP_ARCH_PDP11 X86 SCMP_ARCH_NATIVE ""
}

@test "every flag of seccomp is taken by the kernel; what it leaves out is refused" {
	need_seccomp
	is "$(words '.linux.seccomp | .supportedFlags - .knownFlags | length')" 0
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["acct"], action: "SCMP_ACT_ERRNO"}]}'
	for flag in $(words '.linux.seccomp.supportedFlags[]'); do
		config --arg f "$flag" '.linux.seccomp.flags = [$f]'
		inside 'grep ^Seccomp: /proc/self/status'
		is "$output" $'Seccomp:\t2'
	done
	for flag in $(words '.linux.seccomp | (.knownFlags - .supportedFlags)[]'); do
		each_refused '.linux.seccomp.flags = [$w]' "$flag"
	done
	each_refused '.linux.seccomp.flags = [$w]' SECCOMP_FILTER_FLAG_NEW_LISTENER SECCOMP_FILTER_FLAG_TSYNC_ESRCH TSYNC ""
}

@test "every mode and flag of memoryPolicy is set; what it leaves out is refused" {
	[ -r /proc/self/numa_maps ] || skip "this kernel has no NUMA policies"
	is "$(words '.linux.memoryPolicy | (.modes | length) + (.flags | length)')" 10
	args awk 'NR == 1 {print $2}' /proc/self/numa_maps
	for mode in $(words '.linux.memoryPolicy.modes[]'); do
		case $mode in
		MPOL_DEFAULT) nodes=null said=default ;;
		MPOL_LOCAL) nodes=null said=local ;;
		MPOL_PREFERRED*) nodes='"0"' said=prefer ;;
		*) nodes='"0"' said=${mode#MPOL_} said=${said%%_*} said=${said,,} ;;
		esac
		config --arg m "$mode" --argjson n "$nodes" '.linux.memoryPolicy = ({mode: $m} + if $n then {nodes: $n} else {} end)'
		run hull run "$ID"
		if [ "$mode" = MPOL_WEIGHTED_INTERLEAVE ] && [ "$status" -ne 0 ]; then # since Linux 6.9
			has "$output" "cannot set MPOL_WEIGHTED_INTERLEAVE"
			continue
		fi
		is "$status" 0
		[[ $output == "$said"* ]] || { echo "$mode: $output"; false; }
	done
	for flag in $(words '.linux.memoryPolicy.flags[]'); do
		config --arg f "$flag" '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: [$f]}'
		run hull run "$ID"
		is "$status" 0
		[[ $output == bind* ]]
	done
	each_refused '.linux.memoryPolicy = {mode: $w, nodes: "0"}' MPOL_NONSENSE BIND ""
	each_refused '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: [$w]}' MPOL_F_NODE STATIC_NODES ""
}

@test "idmap is enabled: ids of a mount are shifted, or it is an error" {
	is "$(words .linux.mountExtensions.idmap.enabled)" true
	mkdir ids
	touch ids/file
	chown 5:6 ids/file
	config --arg s "$BUNDLE/ids" '.root.readonly = false | .mounts += [{destination: "/ids", source: $s, options: ["bind", "idmap"],
		uidMappings: [{containerID: 0, hostID: 1000, size: 10}], gidMappings: [{containerID: 0, hostID: 2000, size: 10}]}]'
	inside 'stat -c %u:%g /ids/file'
	[ "$status" -ne 0 ] || is "$output" 1005:2006
	[ "$status" -eq 0 ] || has "$output" "config.json:/mounts/7"
}

@test "what is enabled is built in: where the host lacks it, the refusal says so" {
	args true
	cp config.json before.json
	while IFS='	' read -r feature filter text; do
		is "$(words ".linux.$feature.enabled")" true
		jq "$filter" before.json >config.json
		run hull run "$ID"
		[ "$status" -eq 0 ] || has "$output" "$text"
		[[ $output != *"built without"* ]]
		one_line "$output"
	done <<-'EOF'
		apparmor	.process.apparmorProfile = "no-such-profile"	config.json:/process/apparmorProfile
		selinux	.process.selinuxLabel = "system_u:system_r:no_such_t:s0"	config.json:/process/selinuxLabel
		intelRdt	.linux.intelRdt = {closID: "no-such"}	config.json:/linux/intelRdt
		netDevices	.linux.netDevices = {"no-such0": {}}	config.json:/linux/netDevices/no-such0
	EOF
}

@test "annotations are strings with names, and what they say of checkpoints and Landlock is so" {
	words '.annotations | type' | grep -qx object
	words '.annotations | to_entries[] | select(.key == "" or (.value | type) != "string") | .key' | { ! grep .; }
	is "hull version $(words '.annotations."hull.version"')" "$(hull --version | head -n 1)"
	status=0
	hull checkpoint --help >/dev/null 2>&1 || status=$?
	case $(words '.annotations."org.opencontainers.runc.checkpoint.enabled"') in
	true) is "$status" 0 && is "$(words '.annotations."org.hull.criu.oldest"')" 3.0 ;;
	*) [ "$status" -ne 0 ] && is "$(words '.annotations."org.hull.criu.oldest"')" null ;;
	esac
	is "$(words '.annotations."org.hull.landlock"')" true
	each_refused '.annotations["org.hull.landlock"] = $w' nonsense '{"unknown": 1}'
	# Unsafe ones are honoured, and therefore no warning; others of these names are.
	args true
	words '.potentiallyUnsafeConfigAnnotations[]' | grep -qx run.oci.hooks.stdout
	config '.annotations = {"run.oci.handler": "x"}'
	run hull validate
	has "$output" "warning: /annotations/run.oci.handler"
	config '.annotations = {"run.oci.keep_original_groups": "1"}'
	run hull validate
	is "$status" 0
	[[ $output != *warning* ]]
}
