#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# features and --version: what engines ask before they use a runtime.

load helpers

extra_setup() {
	hull_only "its features are its own"
}

@test "features is one JSON object, with nothing on stderr" {
	run --separate-stderr hull features
	is "$status" 0
	is "$stderr" ""
	jq -es 'length == 1 and (.[0] | type) == "object"' <<<"$output"
	jq -e '(.ociVersionMin | test("^1\\.0\\.")) and (.ociVersionMax | test("^1\\."))' <<<"$output"
	jq -e '.linux | type == "object"' <<<"$output"
}

@test "features lists what this runtime does" {
	doc=$(hull features)
	for option in ro rw nosuid noexec nodev bind rbind private rprivate slave rslave shared rshared; do
		jq -e --arg o "$option" '.mountOptions | index($o)' <<<"$doc" >/dev/null || { echo "no $option"; false; }
	done
	for option in size mode gid; do
		jq -e --arg o "$option" '.mountOptions | index($o) | not' <<<"$doc" >/dev/null
	done
	for ns in pid network ipc uts mount cgroup user; do
		jq -e --arg n "$ns" '.linux.namespaces | index($n)' <<<"$doc" >/dev/null || { echo "no $ns"; false; }
	done
	jq -e '.linux.capabilities | index("CAP_SYS_ADMIN")' <<<"$doc"
	jq -e '.linux.cgroup.v1 and .linux.cgroup.v2' <<<"$doc"
}

@test "features does not depend on the host or the state root" {
	doc=$(hull features)
	cd /
	is "$(env -i "$HULL" --root /nonexistent/root features)" "$doc"
}

@test "configs with the lowest and the highest version are accepted" {
	args true
	doc=$(hull features)
	for member in ociVersionMin ociVersionMax; do
		config --arg v "$(jq -r ".$member" <<<"$doc")" '.ociVersion = $v'
		hull run "$ID"
	done
}

@test "every namespace and capability of features is accepted in a config" {
	doc=$(hull features)
	args grep CapBnd /proc/self/status
	config --argjson caps "$(jq .linux.capabilities <<<"$doc")" '.process.capabilities.bounding = $caps'
	run hull run "$ID"
	is "$status" 0
}

@test "every mount option of features is known; what is refused is not listed" {
	args true
	options=$(hull features | jq -c .mountOptions)
	# On a tmpfs an option that is not known becomes data, which the kernel refuses.
	config --argjson o "$options" '.mounts += [$o[] | select(IN("bind", "rbind", "remount", "idmap", "ridmap") | not) |
		{destination: "/tmp/\(.)", type: "tmpfs", source: "tmpfs", options: [.]}]'
	config '.root.readonly = false | .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}]
		| .mounts |= (map(select(.destination == "/tmp")) + map(select(.destination != "/tmp")))'
	run hull run "$ID"
	is "$output" ""
	is "$status" 0
	for option in tmpcopyup copy-symlink; do
		jq -e --arg o "$option" 'index($o)' <<<"$options" >/dev/null && continue
		config --arg o "$option" '.mounts[-1].options = [$o]'
		run hull run "$ID"
		is "$status" 1
		has "$output" "$option is not supported by this release"
	done
}

@test "--version: name, version, commit, spec, and no other line with the word" {
	for how in --version -v -V -version; do
		run --separate-stderr "$HULL" $how
		is "$status" 0
		is "$stderr" ""
		[[ ${lines[0]} =~ ^hull\ version\ [0-9]+\.[0-9]+\.[0-9]+ ]]
		[[ ${lines[1]} =~ ^commit:\ [^\ ]+ ]]
		[[ ${lines[2]} =~ ^spec:\ 1\.[0-9]+\.[0-9]+ ]]
		is "$(grep -c version <<<"$output")" 1
	done
}

@test "--version and features work when called runc, without an environment" {
	ln -s "$HULL" "$BATS_TEST_TMPDIR/runc"
	run env -i "$BATS_TEST_TMPDIR/runc" --version
	is "$status" 0
	has "$output" "hull version "
	run env -i "$BATS_TEST_TMPDIR/runc" features
	is "$status" 0
}

# What of a row of the table is wrong with the document, if anything.
wrong_rows() {
	jq -r --rawfile table "$TESTS/conformance/features.tsv" '
		. as $doc |
		def values($path): reduce ($path / "/" | .[1:][]) as $name ([$doc];
			if $name == "*" then [.[] | .[]]
			elif ($name | endswith("[]")) then [.[] | .[$name[:-2]][]?]
			else [.[] | .[$name]] end);
		$table / "\n" | .[1:][] | select(. != "") | . / "\t" |
		.[0] as $path | .[1] as $type | .[3] as $values | values($path) as $found |
		if ($found | length) == 0 or any($found[]; . == null) then
			(if ($path | endswith("[]")) then empty else "\($path) is missing" end)
		elif ($type == "bool" and any($found[]; type != "boolean")) or ($type == "string" and any($found[]; type != "string")) or
			($type == "array" and any($found[]; type != "array")) or ($type == "object" and any($found[]; type != "object")) then
			"\($path) is no \($type)"
		elif ($values | startswith("enum: ")) and any($found[]; . as $v | $values[6:] / " " | index($v) | not) then
			"\($path): \($found) is more than \($values)"
		elif ($values | startswith("pattern: ")) and any($found[]; test($values[9:]) | not) then
			"\($path): \($found)"
		else empty end' <<<"$1"
}

@test "features has every property of the specification, of its type, and no other word" {
	doc=$(hull features)
	wrong=$(wrong_rows "$doc")
	is "$wrong" ""
	# Nor a property that the specification does not have.
	jq -r '[paths(type != "array" and type != "object") | map(if type == "number" then "[]" else . end)] | unique[] |
		"/" + join("/") | gsub("/\\[\\]"; "[]")' <<<"$doc" | sed 's,^/annotations/.*,/annotations/*,' | sort -u >has
	cut -f1 "$TESTS/conformance/features.tsv" | sort >known
	is "$(comm -23 has known)" ""
	# The test can fail.
	[ -n "$(wrong_rows "$(jq 'del(.linux.netDevices)' <<<"$doc")")" ]
	[ -n "$(wrong_rows "$(jq '.linux.seccomp.actions += ["SCMP_ACT_NONSENSE"]' <<<"$doc")")" ]
	[ -n "$(wrong_rows "$(jq '.linux.cgroup.v1 = "yes"' <<<"$doc")")" ]
}
