# SPDX-License-Identifier: LGPL-2.1-or-later
#
# ocispec_rows.awk - test cases for libocispec out of the tables of the specification.
#
#	awk -f ocispec_rows.awk config.tsv state.tsv ... >ocispec_rows.h
#
# For each row: documents with a valid value there, each with a C expression that looks for it in
# the member, and documents with a wrong one, each with the pointer at which it is refused.  The
# documents hold what the tables require, and nothing else.  Nothing here knows libocispec's own
# tables; the names of members follow from the words.

BEGIN {
	FS = "\t"
	U64 = "18446744073709551615"
	I64 = "9223372036854775807"
	split("config oci_config state oci_state features oci_features process-state oci_process_state", pairs, " ")
	for (i = 1; i in pairs; i += 2)
		struct[pairs[i]] = pairs[i + 1]

	# Words whose value has another name.
	split("mount CLONE_NEWNS pid CLONE_NEWPID network CLONE_NEWNET uts CLONE_NEWUTS ipc CLONE_NEWIPC " \
		"user CLONE_NEWUSER cgroup CLONE_NEWCGROUP time CLONE_NEWTIME " \
		"SCHED_ISO 4 MPOL_WEIGHTED_INTERLEAVE 6 SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV 32 " \
		"private MS_PRIVATE shared MS_SHARED slave MS_SLAVE unbindable MS_UNBINDABLE " \
		"LINUX PER_LINUX LINUX32 PER_LINUX32 a 'a' c 'c' b 'b' " \
		"raw OCI_IMAGE_RAW qcow2 OCI_IMAGE_QCOW2 vdi OCI_IMAGE_VDI vmdk OCI_IMAGE_VMDK vhd OCI_IMAGE_VHD " \
		"creating OCI_CREATING created OCI_CREATED running OCI_RUNNING stopped OCI_STOPPED " \
		"SCMP_ACT_KILL 0 SCMP_ACT_NOTIFY SECCOMP_RET_USER_NOTIF " \
		"SCMP_ARCH_X86 AUDIT_ARCH_I386 SCMP_ARCH_X32 0x4000003e SCMP_ARCH_LOONGARCH64 0xc0000102 " \
		"SCMP_ARCH_SH AUDIT_ARCH_SHEL SCMP_ARCH_SHEB AUDIT_ARCH_SH", pairs, " ")
	for (i = 1; i in pairs; i += 2)
		constant_of[pairs[i]] = pairs[i + 1]

	# The patterns of the tables: values that match, values that do not.
	pattern_good["^RLIMIT_[A-Z]+$"] = "RLIMIT_AS RLIMIT_CORE RLIMIT_CPU RLIMIT_DATA RLIMIT_FSIZE RLIMIT_LOCKS " \
		"RLIMIT_MEMLOCK RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_NOFILE RLIMIT_NPROC RLIMIT_RSS RLIMIT_RTPRIO " \
		"RLIMIT_RTTIME RLIMIT_SIGPENDING RLIMIT_STACK"
	pattern_bad["^RLIMIT_[A-Z]+$"] = "RLIMIT_ RLIMIT_X NOFILE rlimit_nofile RLIMIT_NOFILE1"
	pattern_good["^[cbup]$"] = "c b u p"
	pattern_bad["^[cbup]$"] = "x cb C"
	pattern_good["^[0-9, -]*$"] = "0-3,7 1"
	pattern_bad["^[0-9, -]*$"] = "x 0-3; all"
	pattern_good["^[1-9][0-9]*[KMG]B$"] = "64KB 2MB 1GB 10GB"
	pattern_bad["^[1-9][0-9]*[KMG]B$"] = "2mb 02MB MB 2MBx 2 2M 2TB"
	pattern_good["^MB:[^\\n]*$"] = "MB: MB:0=70;1=20"
	pattern_bad["^MB:[^\\n]*$"] = "L3:0=f mb:0=70 MB MB:0=70\\nL3:0=f"
	pattern_good["^CAP_[A-Z_]+$"] = "CAP_KILL CAP_SYS_ADMIN"
	pattern_bad["^CAP_[A-Z_]+$"] = "KILL CAP_ cap_kill CAP_KILL1"
}

FNR == 1 {
	document = FILENAME
	sub(/.*\//, "", document)
	sub(/\.tsv$/, "", document)
	types[document, ""] = "object"
	next
}

{
	path = $1
	types[document, path] = $2
	required[document, path] = $3 == "yes"
	values[document, path] = $4
	rows[++n_rows] = path
	documents[n_rows] = document
	children[document, parent(path)] = children[document, parent(path)] path "\n"
	if (pattern($4) != "" && !(pattern($4) in pattern_good)) {
		print "no examples for " $4 >"/dev/stderr"
		exit failed = 1
	}
}

function parent(path)
{
	if (path ~ /\[\]$/)
		return substr(path, 1, length(path) - 2)
	sub(/\/[^\/]*$/, "", path)
	return path
}

function name(path)
{
	sub(/.*\//, "", path)
	return path
}

function pattern(text)
{
	if (text !~ /^pattern: /)
		return ""
	sub(/^pattern: /, "", text)
	sub(/ ; .*/, "", text)
	sub(/, known .*/, "", text)
	return text
}

function is_map(document, path) { return types[document, path] ~ /^map</ }
function is_element(path) { return path ~ /(\[\]|\/\*)$/ }
function map_key(path) { return path ~ /timeOffsets$/ ? "monotonic" : "key" }
function quote(text) { return "\"" text "\"" }

# noNewPrivileges -> no_new_privileges, throttleReadIOPSDevice -> throttle_read_iops_device
function snake(word,   out, i, c, before, after)
{
	gsub(/MFNs/, "Mfns", word)
	for (i = 1; i <= length(word); i++) {
		c = substr(word, i, 1)
		before = substr(word, i - 1, 1)
		after = substr(word, i + 1, 1)
		if (i > 1 && c ~ /[A-Z]/ && (before ~ /[a-z0-9]/ || after ~ /[a-z]/))
			out = out "_"
		out = out tolower(c)
	}
	return out
}

function c_string(text,   out, i, c)
{
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		out = out (c == "\\" || c == "\"" ? "\\" : "") c
	}
	return "\"" out "\""
}

# ---- documents ----

# The smallest valid value.
function smallest(document, path,   list, n, i, out, type)
{
	type = types[document, path]
	if (type ~ /^map</)
		return "{}"
	if (type == "array")
		return values[document, path] ~ /^at least 1/ ? "[" smallest(document, path "[]") "]" : "[]"
	if (document == "process-state" && path == "/state")
		return smallest("state", "")
	if (type != "object")
		return first[document, path]
	n = split(children[document, path], list, "\n")
	for (i = 1; i < n; i++)
		if (required[document, list[i]])
			out = out (out == "" ? "" : ",") quote(name(list[i])) ":" smallest(document, list[i])
	return "{" out "}"
}

# The document with that value at path; value "" leaves it out.
function with(document, path, value,   up, list, n, i, out)
{
	while (path != "") {
		up = parent(path)
		if (path ~ /\[\]$/) {
			value = "[" value "]"
		} else if (is_map(document, up)) {
			value = "{" quote(path ~ /\*$/ ? map_key(up) : name(path)) ":" value "}"
		} else {
			out = ""
			n = split(children[document, up], list, "\n")
			for (i = 1; i < n; i++) {
				if (list[i] == path && value != "")
					out = out (out == "" ? "" : ",") quote(name(path)) ":" value
				else if (list[i] != path && required[document, list[i]])
					out = out (out == "" ? "" : ",") quote(name(list[i])) ":" smallest(document, list[i])
			}
			value = "{" out "}"
		}
		path = up
	}
	return value
}

# A value with everything in it.
function largest(document, path,   list, n, i, out, type)
{
	type = types[document, path]
	if (values[document, path] == "must be empty")
		return "[]"
	if (type == "array")
		return "[" largest(document, path "[]") "]"
	if (document == "process-state" && path == "/state")
		return largest("state", "")
	if (type != "object" && type !~ /^map</)
		return first[document, path]
	n = split(children[document, path], list, "\n")
	for (i = 1; i < n; i++) {
		if (path ~ /timeOffsets$/ && list[i] ~ /\*$/)
			continue
		out = out (out == "" ? "" : ",") quote(list[i] ~ /\*$/ ? "key" : name(list[i])) ":" largest(document, list[i])
	}
	return "{" out "}"
}

function pointer(path,   out, i, n, part)
{
	n = split(path, part, "/")
	path = ""
	for (i = 2; i <= n; i++) {
		out = out "/" (part[i] == "*" ? map_key(path) : part[i])
		path = path "/" part[i]
	}
	gsub(/\[\]/, "/0", out)
	return out
}

# The C expression of the member; prefix goes in front of the last member's name.
function member(document, path, prefix,   part, n, i, out, arrow, at, up, word, is_array)
{
	n = split(path, part, "/")
	out = "d"
	arrow = "->"
	at = ""
	for (i = 2; i <= n; i++) {
		word = part[i]
		up = at
		is_array = sub(/\[\]$/, "", word)
		at = at "/" part[i]
		if (types[document, up] == "map<string,string>") {
			out = out "[0].value"
		} else if (is_map(document, up)) {
			out = out "[0]"
			arrow = "."
		} else {
			out = out arrow (i == n ? prefix : "") snake(word)
			arrow = "->"
		}
		if (is_array) {
			out = out "[0]"
			arrow = "."
		}
	}
	return out
}

# ---- values ----

function good(value, expression)
{
	good_value[++n_good] = value
	good_expression[n_good] = expression
}

function bad(value)
{
	bad_value[++n_bad] = value
}

function constant(word)
{
	if (word in constant_of)
		return constant_of[word]
	sub(/^SCMP_ACT_/, "SECCOMP_RET_", word)
	sub(/^SCMP_CMP_/, "OCI_CMP_", word)
	sub(/^SCMP_ARCH_/, "AUDIT_ARCH_", word)
	return word
}

# Strings out of a set: numbers in the structs, except in the features document.
function is_word(document, path,   text)
{
	text = values[document, path]
	return document != "features" && (text ~ /^enum: / || pattern(text) ~ /RLIMIT|cbup/)
}

function string_values(document, path,   text, list, n, i, value)
{
	text = values[document, path]
	bad("1"); bad("true"); bad("[]"); bad("{}")
	if (text ~ /^enum: /) {
		n = split(substr(text, 7), list, " ")
		for (i = 1; i <= n; i++) {
			value = path ~ /devices\[\]\/type$/ && path !~ /resources/ ? "S_IFCHR" : constant(list[i])
			if (is_word(document, path))
				good(quote(list[i]), "@ == (uint64_t)" value)
			else
				good(quote(list[i]), "!strcmp(@, \"" list[i] "\")")
		}
		bad("\"\""); bad("\"no such word\""); bad(quote(list[1] "x")); bad(quote(tolower(list[1]) "_"))
	} else if (pattern(text) != "") {
		n = split(pattern_good[pattern(text)], list, " ")
		for (i = 1; i <= n; i++) {
			value = list[i]
			if (is_word(document, path)) {
				if (value ~ /^[cbup]$/)
					value = value == "b" ? "S_IFBLK" : value == "p" ? "S_IFIFO" : "S_IFCHR"
				good(quote(list[i]), "@ == (uint64_t)" value)
			} else {
				good(quote(value), "!strcmp(@, \"" value "\")")
			}
		}
		n = split(pattern_bad[pattern(text)], list, " ")
		for (i = 1; i <= n; i++)
			bad(quote(list[i]))
	} else if (text ~ /^SemVer/) {
		n = split("1.0.2 1.0.2-dev 0.0.0 1.3.0-rc.1+build.007 1.0.0-x-y.0a", list, " ")
		for (i = 1; i <= n; i++)
			good(quote(list[i]), "!strcmp(@, \"" list[i] "\")")
		n = split("1.0 v1.0.2 1.0.0.0 1 01.0.0 1.0.0- 1.0.0-01 1.0.0+ 1.0.0-a..b 1.0.0-rc! a.b.c", list, " ")
		for (i = 1; i <= n; i++)
			bad(quote(list[i]))
		bad("\"\"")
	} else if (text ~ /^(absolute|full path)/ && text !~ /relative/) {
		good("\"/some/path\"", "!strcmp(@, \"/some/path\")")
		bad("\"some/path\""); bad("\"\""); bad("\"./x\"")
	} else if (text ~ /^letters out of r w m/) {
		good("\"rwm\"", "!strcmp(@, \"rwm\")")
		good("\"w\"", "!strcmp(@, \"w\")")
		bad("\"rwx\""); bad("\"R\""); bad("\"r w\"")
	} else if (text ~ /no newline/ && text !~ /SHOULD/) {
		good("\"L3:0=f\"", "!strcmp(@, \"L3:0=f\")")
		bad("\"L3:0=f\\nL3:1=f\"")
	} else if (path == "/linux/personality/flags[]") {
		bad("\"ADDR_NO_RANDOMIZE\""); bad("\"\"")
	} else {
		good("\"some text\"", "!strcmp(@, \"some text\")")
		good("\"\"", "@ && !*@")
		good("\"\\u00e9\\n\\ud83d\\ude00/\"", "!strcmp(@, \"\\303\\251\\n\\360\\237\\230\\200/\")")
	}
}

function number_values(document, path,   type, text, low, high, over)
{
	type = types[document, path]
	text = values[document, path]
	low = type ~ /^u/ ? "0" : type == "int32" || path ~ /pid$/ ? "-2147483648" : "-" I64 "-1"
	high = type == "uint16" ? "65535" : type == "uint32" ? "4294967295" : type == "uint64" ? U64 : \
		type == "int32" || path ~ /pid$/ ? "2147483647" : I64
	if (text ~ /^range: /) {
		high = text
		sub(/^range: [0-9]*\.\./, "", high)
		sub(/[^0-9].*/, "", high)
		low = text
		sub(/^range: /, "", low)
		sub(/\.\..*/, "", low)
	} else if (text ~ /^> 0/) {
		low = "1"
	} else if (text ~ /^>= 0/) {
		low = "0"
	} else if (text ~ /^0, 1/) {
		low = "0"
		high = "1"
	}
	over = high == U64 ? "18446744073709551616" : high == I64 ? "9223372036854775808" : sprintf("%.0f", high + 1)
	good(low == "-" I64 "-1" ? "-9223372036854775808" : low, "@ == " (low ~ /^-9/ ? "INT64_MIN" : low))
	good(high, "@ == " high (high == U64 ? "u" : ""))
	if (low == "0")
		good("-0", "@ == 0")
	bad(over); bad("99999999999999999999999999")
	bad(low == "-" I64 "-1" ? "-9223372036854775809" : sprintf("%.0f", low - 1))
	bad("\"1\""); bad("true"); bad("[]"); bad("{}")
	bad("1.5"); bad("1.0"); bad("1e0"); bad("1E+2")
}

function fill(document, path,   type, up)
{
	n_good = n_bad = 0
	type = types[document, path]
	up = parent(path)
	if (type == "string") {
		string_values(document, path)
	} else if (type == "bool") {
		good("true", "@ == true")
		good("false", "@ == false")
		bad("1"); bad("\"true\""); bad("[]"); bad("{}")
	} else if (type == "object") {
		if (is_element(path))
			good(smallest(document, path), member(document, up, "n_") " == 1" \
				(path ~ /\*$/ ? " && !strcmp(@.key, \"" map_key(up) "\")" : ""))
		else if (is_map(document, up))
			good("{}", member(document, up, "n_") " == 1 && !strcmp(@.key, \"" name(path) "\")")
		else if (children[document, path] == "" && path != "/state")
			good("{ \"x\" : [1.5, {}] }", "!strcmp(@, \"{ \\\"x\\\" : [1.5, {}] }\")")
		else
			good(smallest(document, path), "@ != NULL")
		bad("[]"); bad("\"x\""); bad("1"); bad("true")
	} else if (type == "array") {
		good(smallest(document, path), "@ && " member(document, path, "n_") " == " \
			(smallest(document, path) == "[]" ? "0" : "1"))
		bad("{}"); bad("\"x\""); bad("1"); bad("true")
		if (values[document, path] ~ /^at least 1/)
			bad("[]")
	} else if (type ~ /^map</) {
		good("{}", "@ && " member(document, path, "n_") " == 0")
		bad("[]"); bad("\"x\""); bad("1"); bad("true")
	} else {
		number_values(document, path)
	}
	if (path ~ /\[\]$/)
		bad("null")
}

# Before fill(), which needs the values of others, is called for all rows.
function remember(document, path,   type)
{
	type = types[document, path]
	if (type == "object" || type == "array" || type ~ /^map</)
		return
	fill(document, path)
	first[document, path] = good_value[1]
}

# ---- output ----

function accept(document, path, value, expression,   text, at)
{
	text = with(document, path, value)
	at = member(document, path)
	gsub(/@/, at, expression)
	printf "static bool lands_%d(const void *p)\n{\n\tconst struct %s *d = p;\n\treturn %s;\n}\n", ++n_lands, \
		struct[document], expression
	cases = cases "\t{ " c_string(text) ", lands_" n_lands ", NULL },\n"
}

function refuse(document, path, value)
{
	cases = cases "\t{ " c_string(with(document, path, value)) ", NULL, " c_string(pointer(path)) " },\n"
}

# Whether the struct has a has_ member for it.
function has_flag(document, path)
{
	return types[document, path] ~ /^(u?int|bool)/ || (types[document, path] == "string" && is_word(document, path))
}

function print_row(document, path,   i, n, goods, expressions, bads, in_object, flag, n_bads)
{
	cases = ""
	fill(document, path)
	n = n_good
	for (i = 1; i <= n; i++) {
		goods[i] = good_value[i]
		expressions[i] = good_expression[i]
	}
	n_bads = n_bad
	for (i = 1; i <= n_bads; i++)
		bads[i] = bad_value[i]
	in_object = !is_element(path) && !is_map(document, parent(path))
	flag = in_object && !required[document, path] && has_flag(document, path)
	for (i = 1; i <= n; i++)
		accept(document, path, goods[i], expressions[i] (flag ? " && " member(document, path, "has_") : ""))
	for (i = 1; i <= n_bads; i++)
		refuse(document, path, bads[i])
	if (in_object && required[document, path]) {
		refuse(document, path, "")
		refuse(document, path, "null")
	} else if (in_object) {
		accept(document, path, "", flag ? "!" member(document, path, "has_") : "!@")
		accept(document, path, "null", flag ? "!" member(document, path, "has_") : "!@")
	}
	if (in_object && n > 0)
		refuse(document, path, goods[1] "," quote(name(path)) ":" goods[1])
	printf "static const struct row_case cases_%d[] = {\n%s\t{ NULL, NULL, NULL }\n};\n\n", ++n_printed, cases
	table = table "\t{ " c_string(document) ", " c_string(path) ", " c_string(pointer(path)) ", &" struct[document] \
		"_type, cases_" n_printed " },\n"
}

END {
	if (failed)
		exit 1
	for (i = 1; i <= n_rows; i++)
		remember(documents[i], rows[i])
	print "/* Made by ocispec_rows.awk; do not edit. */\n"
	for (i = 1; i <= n_rows; i++)
		print_row(documents[i], rows[i])
	print "static const struct row rows[] = {\n" table "};\n"
	printf "static const struct maximal maximals[] = {\n"
	for (document in struct)
		printf "\t{ %s, &%s_type, %s },\n", c_string(document), struct[document], c_string(largest(document, ""))
	print "};"
}
