// SPDX-License-Identifier: LGPL-2.1-or-later
/* validate.c - everything that is wrong with a config, at once.
 *
 * The reader's faults come first; then the rules of create (rules.c) look at what could be read.  A rule that hangs on a
 * value which is at fault itself says nothing: one mistake is told once. */
#include "container/validate.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cgroup/cgroup.h"
#include "cgroup/knobs.h"
#include "container/findings.h"
#include "container/rules.h"
#include "container/seccomp.h"

/* ---- rows of the ledger for faults of single values ---- */

/* "*" is any one name.  missing: the value is required and absent; wrong: it cannot be. */
// clang-format off
static const struct value_rule {
	const char *pattern, *missing, *wrong;
} value_rules[] = {
	{ "/ociVersion",                                     "ver-01",       "ver-02" },
	{ "/root",                                           "root-01",      "ext-03" },
	{ "/root/path",                                      "root-02",      "ext-03" },
	{ "/mounts/*/destination",                           "mnt-03",       "ext-03" },
	{ "/process/cwd",                                    "proc-cwd-01",  "proc-cwd-02" },
	{ "/process/args",                                   "proc-args-01", "proc-args-01" },
	{ "/process/consoleSize/height",                     "proc-term-04", "ext-03" },
	{ "/process/consoleSize/width",                      "proc-term-05", "ext-03" },
	{ "/process/user/uid",                               "user-01",      "ext-03" },
	{ "/process/user/gid",                               "user-02",      "ext-03" },
	{ "/process/rlimits/*/type",                         "rlim-01",      "rlim-03" },
	{ "/process/rlimits/*/soft",                         "rlim-05",      "ext-03" },
	{ "/process/rlimits/*/hard",                         "rlim-07",      "ext-03" },
	{ "/process/scheduler/policy",                       "sched-01",     "sched-02" },
	{ "/process/scheduler/flags/*",                      "sched-05",     "sched-05" },
	{ "/process/ioPriority/class",                       "ioprio-02",    "ioprio-03" },
	{ "/process/ioPriority/priority",                    "ioprio-04",    "ioprio-05" },
	{ "/hooks/*/*/path",                                 "hook-02",      "hook-03" },
	{ "/hooks/*/*/timeout",                              "hook-07",      "hook-07" },
	{ "/linux/namespaces/*/type",                        "ns-01",        "ext-03" },
	{ "/linux/namespaces/*/path",                        "ns-path-01",   "ns-path-01" },
	{ "/linux/*/*/containerID",                          "idmap-01",     "ext-03" },
	{ "/linux/*/*/hostID",                               "idmap-02",     "ext-03" },
	{ "/linux/*/*/size",                                 "idmap-03",     "ext-03" },
	{ "/mounts/*/*/*/containerID",                       "idmap-01",     "ext-03" },
	{ "/mounts/*/*/*/hostID",                            "idmap-02",     "ext-03" },
	{ "/mounts/*/*/*/size",                              "idmap-03",     "ext-03" },
	{ "/linux/devices/*/type",                           "dev-03",       "dev-04" },
	{ "/linux/devices/*/path",                           "dev-05",       "ext-03" },
	{ "/linux/resources/devices/*/allow",                "cg-dev-02",    "ext-03" },
	{ "/linux/resources/devices/*/type",                 "cg-dev-03",    "cg-dev-03" },
	{ "/linux/resources/devices/*/access",               "cg-dev-05",    "cg-dev-05" },
	{ "/linux/resources/memory/swappiness",              "cg-mem-07",    "cg-mem-07" },
	{ "/linux/resources/blockIO/weightDevice/*/major",   "cg-blk-03",    "ext-03" },
	{ "/linux/resources/blockIO/weightDevice/*/minor",   "cg-blk-03",    "ext-03" },
	{ "/linux/resources/blockIO/throttleReadBpsDevice/*/major",   "cg-blk-07", "ext-03" },
	{ "/linux/resources/blockIO/throttleReadBpsDevice/*/minor",   "cg-blk-07", "ext-03" },
	{ "/linux/resources/blockIO/throttleReadBpsDevice/*/rate",    "cg-blk-08", "ext-03" },
	{ "/linux/resources/blockIO/throttleWriteBpsDevice/*/major",  "cg-blk-07", "ext-03" },
	{ "/linux/resources/blockIO/throttleWriteBpsDevice/*/minor",  "cg-blk-07", "ext-03" },
	{ "/linux/resources/blockIO/throttleWriteBpsDevice/*/rate",   "cg-blk-08", "ext-03" },
	{ "/linux/resources/blockIO/throttleReadIOPSDevice/*/major",  "cg-blk-10", "ext-03" },
	{ "/linux/resources/blockIO/throttleReadIOPSDevice/*/minor",  "cg-blk-10", "ext-03" },
	{ "/linux/resources/blockIO/throttleReadIOPSDevice/*/rate",   "cg-blk-11", "ext-03" },
	{ "/linux/resources/blockIO/throttleWriteIOPSDevice/*/major", "cg-blk-10", "ext-03" },
	{ "/linux/resources/blockIO/throttleWriteIOPSDevice/*/minor", "cg-blk-10", "ext-03" },
	{ "/linux/resources/blockIO/throttleWriteIOPSDevice/*/rate",  "cg-blk-11", "ext-03" },
	{ "/linux/resources/hugepageLimits/*/pageSize",      "cg-huge-01",   "cg-huge-02" },
	{ "/linux/resources/hugepageLimits/*/limit",         "cg-huge-04",   "ext-03" },
	{ "/linux/resources/network/priorities/*/name",      "cg-net-02",    "ext-03" },
	{ "/linux/resources/network/priorities/*/priority",  "cg-net-04",    "ext-03" },
	{ "/linux/memoryPolicy/mode",                        "mpol-01",      "mpol-02" },
	{ "/linux/memoryPolicy/flags/*",                     "mpol-05",      "mpol-05" },
	{ "/linux/seccomp/defaultAction",                    "sec-02",       "sec-03" },
	{ "/linux/seccomp/architectures/*",                  "sec-06",       "sec-06" },
	{ "/linux/seccomp/flags/*",                          "sec-07",       "sec-07" },
	{ "/linux/seccomp/syscalls/*/names",                 "sec-19",       "sec-20" },
	{ "/linux/seccomp/syscalls/*/action",                "sec-21",       "sec-22" },
	{ "/linux/seccomp/syscalls/*/args/*/index",          "sec-25",       "ext-03" },
	{ "/linux/seccomp/syscalls/*/args/*/value",          "sec-26",       "ext-03" },
	{ "/linux/seccomp/syscalls/*/args/*/op",             "sec-27",       "sec-28" },
	{ "/linux/rootfsPropagation",                        "prop-01",      "prop-01" },
	{ "/linux/maskedPaths/*",                            "mask-02",      "mask-02" },
	{ "/linux/readonlyPaths/*",                          "ropath-02",    "ropath-02" },
	{ "/linux/personality/domain",                       "pers-01",      "pers-02" },
	{ "/linux/personality/flags/*",                      "pers-03",      "pers-03" },
	{ "/linux/intelRdt/memBwSchema",                     "rdt-07",       "rdt-07 rdt-08" },
	{ "/linux/intelRdt/schemata/*",                      "rdt-09",       "rdt-09" },
	{ "/annotations",                                    "ann-02",       "ann-02" },
	{ "/annotations/",                                   "ann-05",       "ann-05" },
	{ "/annotations/*",                                  "ann-20",       "ann-20" },
};
// clang-format on

#define VALUE_RULES (sizeof(value_rules) / sizeof(value_rules[0]))

bool validate_ids(size_t i, const char **ret_missing, const char **ret_wrong)
{
	if (i >= VALUE_RULES)
		return false;
	*ret_missing = value_rules[i].missing;
	*ret_wrong = value_rules[i].wrong;
	return true;
}

static bool is_like(const char *pattern, const char *pointer)
{
	while (*pattern && *pointer) {
		if (*pattern == '*') {
			pattern++;
			pointer += strcspn(pointer, "/");
		} else if (*pattern++ != *pointer++) {
			return false;
		}
	}
	return *pattern == *pointer;
}

static const char *ids_of(const struct oci_fault *fault)
{
	if (fault->is_warning)
		return strstr(fault->text, "is null") ? "" : "ext-02";
	if (strcmp(fault->text, "comes twice") == 0)
		return "json-02";
	if (strstr(fault->text, "UTF-8"))
		return "json-01";
	for (size_t i = 0; i < VALUE_RULES; i++)
		if (is_like(value_rules[i].pattern, fault->pointer))
			return strcmp(fault->text, "is required") == 0 ? value_rules[i].missing : value_rules[i].wrong;
	return "ext-03";
}

/* ---- the list ---- */

/* Grows by doubling; texts are kept apart. */
static struct finding *new_finding(struct findings *in)
{
	struct validation *v = in->validation;
	size_t size = v->n ? v->n : 16;

	if (v->n == 0 || (v->n >= 16 && (v->n & (v->n - 1)) == 0)) {
		struct finding *more = reallocarray(v->findings, v->n ? size * 2 : size, sizeof(*more));

		if (!more) {
			in->failed = true;
			return NULL;
		}
		v->findings = more;
	}
	return &v->findings[v->n];
}

static void keep(struct findings *in, const struct finding *finding)
{
	struct validation *v = in->validation;
	struct finding *to = new_finding(in);
	char *pointer = strdup(finding->pointer), *text = strdup(finding->text);

	if (!to || !pointer || !text) {
		free(pointer);
		free(text);
		in->failed = true;
		return;
	}
	*to = *finding;
	to->pointer = pointer;
	to->text = text;
	v->n++;
	*(finding->is_warning ? &v->n_warnings : &v->n_errors) += 1;
}

void findings_add(struct findings *in, bool is_warning, const char *ids, const char *pointer, const char *fmt, ...)
{
	struct finding finding = {
		.is_warning = is_warning, .is_of_host = in->of_host, .pointer = pointer, .ids = ids
	};
	char text[ERROR_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	finding.text = text;
	(void)oci_locate(in->config->text, in->config->size, pointer, &finding.line, &finding.column);
	keep(in, &finding);
}

void findings_add_error(struct findings *in, const char *ids, const char *pointer, const struct error *err)
{
	static const char prefix[] = "config.json:";
	char own[512];
	const char *text = err->text, *end;

	if (text_starts(text, prefix) && (end = strstr(text, ": ")) &&
	    (size_t)(end - text) - strlen(prefix) < sizeof(own)) {
		size_t n = (size_t)(end - text) - strlen(prefix);

		memcpy(own, text + strlen(prefix), n);
		own[n] = '\0';
		pointer = own;
		text = end + 2;
	}
	findings_add(in, false, ids, pointer, "%s", text);
}

static int by_place(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return strcmp(a->text, b->text);
}

void validation_free(struct validation *v)
{
	for (size_t i = 0; i < v->n; i++) {
		free((char *)v->findings[i].pointer);
		free((char *)v->findings[i].text);
	}
	free(v->findings);
	v->findings = NULL;
	v->n = 0;
}

/* ---- the rules ---- */

struct walk {
	struct findings *in;
	const struct oci_report *report;
};

static bool is_at_or_below(const char *pointer, const char *above)
{
	size_t n = strlen(above);

	return strncmp(pointer, above, n) == 0 && (pointer[n] == '\0' || pointer[n] == '/');
}

/* Whether the reader has found a fault there, below it or around it. */
static bool is_told(const struct oci_report *report, const char *pointer, bool below_only)
{
	for (size_t i = 0; i < report->n_faults; i++) {
		const struct oci_fault *fault = &report->faults[i];

		if (!fault->is_warning && (is_at_or_below(fault->pointer, pointer) ||
					   (!below_only && is_at_or_below(pointer, fault->pointer))))
			return true;
	}
	return false;
}

static void on_broken_rule(void *context, const struct rule_finding *found)
{
	struct walk *walk = context;

	if (is_told(walk->report, found->pointer, false) ||
	    (found->reads && is_told(walk->report, found->reads, false)))
		return;
	findings_add(walk->in, found->code == 0, found->ids, found->pointer, "%s", found->sentence);
}

/* ---- resources ---- */

static const char *ids_of_resource(const char *pointer)
{
	static const struct {
		const char *pointer, *ids;
	} rows[] = {
		{ "/memory/limit", "cg-mem-02" },       { "/memory/swap", "cg-mem-04" },
		{ "/memory/reservation", "cg-mem-03" }, { "/pids/limit", "cg-pids-01" },
		{ "/cpu/cpus", "cg-cpu-11" },           { "/cpu/mems", "cg-cpu-12" },
		{ "/cpu/idle", "cg-cpu-13" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].pointer, pointer) == 0)
			return rows[i].ids;
	return "ext-03";
}

/* By the table that writes them (knobs.c), for both versions of cgroups, whatever this host has. */
static void check_resources(struct findings *in, const struct oci_resources *resources)
{
	struct knob_row row;

	for (size_t i = 0; knobs_row(i, &row) == 0; i++) {
		const char *pointer = row.pointer;
		char value[KNOB_VALUE_MAX], place[256];
		struct error first, second;
		int r1 = knobs_convert(pointer, resources, false, value, &first);
		int r2 = knobs_convert(pointer, resources, true, value, &second);

		snprintf(place, sizeof(place), "/linux/resources%s", pointer);
		if (r1 < 0 && first.code == ERR_CONFIG)
			findings_add_error(in, ids_of_resource(pointer), place, &first);
		else if (r2 < 0 && second.code == ERR_CONFIG)
			findings_add(in, true, ids_of_resource(pointer), place, "on a host with cgroup v2: %s",
				     strstr(second.text, ": ") ? strstr(second.text, ": ") + 2 : second.text);
	}
}

static bool is_listed(const struct findings *in, const char *pointer)
{
	for (size_t i = 0; i < in->validation->n; i++)
		if (strcmp(in->validation->findings[i].pointer, pointer) == 0)
			return true;
	return false;
}

/* What this host lacks is for --host; check_resources has told of the members with a file of their own. */
static void on_cgroup_fault(void *context, const struct error *fault)
{
	static const struct {
		const char *above, *ids;
	} rows[] = {
		{ "/linux/resources/cpu", "cg-cpu-03 cg-cpu-06" },	 { "/linux/resources/blockIO", "cg-blk-01" },	 { "/linux/resources/blockIO/weightDevice", "cg-blk-05" },
		{ "/linux/resources/hugepageLimits", "cg-huge-02" },	 { "/linux/resources/rdma", "cg-rdma-02" },
		{ "/linux/resources/network/priorities", "cg-net-03" },	 { "/linux/resources/unified", "cg-uni-01" },
	};
	struct findings *in = context;
	const char *ids = "ext-03", *at = strchr(fault->text, ':');
	char pointer[256];

	if (fault->code != ERR_CONFIG || !at)
		return;
	(void)snprintf(pointer, sizeof(pointer), "%.*s", (int)strcspn(at + 1, ":"), at + 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (is_at_or_below(pointer, rows[i].above))
			ids = rows[i].ids;
	if (!is_listed(in, pointer))
		findings_add_error(in, ids, pointer, fault);
}

static void check_cgroup(struct findings *in, const struct oci_linux *linux)
{
	struct cgroup *cgroup = NULL;
	struct error err;

	if (cgroup_plan(in->rt->manager, linux->cgroups_path, "validate", &cgroup, &err) == 0)
		cgroup_check_each(cgroup, linux->resources, on_cgroup_fault, in);
	else if (err.code == ERR_CONFIG)
		findings_add_error(in, "cg-path-07", "/linux/cgroupsPath", &err);
	cgroup_free(cgroup);
}

static void check_seccomp(struct findings *in, const struct oci_seccomp *profile)
{
	struct seccomp_program program = { NULL, 0 };
	struct error err;

	if (seccomp_compile(profile, &program, &err) < 0)
		findings_add_error(in, "ext-03", "/linux/seccomp", &err);
	free(program.code);
}

/* What other modules know of the config; they need values that the reader has accepted. */
static void check_parts(struct findings *in, const struct oci_report *report)
{
	const struct oci_linux *linux = in->config->oci->linux;

	if (!linux)
		return;
	if (linux->resources && !is_told(report, "/linux/resources", false))
		check_resources(in, linux->resources);
	if (!is_told(report, "/linux/cgroupsPath", false) && !is_told(report, "/linux/resources", false))
		check_cgroup(in, linux);
	if (linux->seccomp && !is_told(report, "/linux/seccomp", false))
		check_seccomp(in, linux->seccomp);
}

static void check_document(struct findings *in, struct config *config)
{
	struct oci_report report = { .flags = OCI_REPORT_ALL | OCI_REPORT_WARNINGS | OCI_REPORT_PARTIAL };
	struct walk walk = { in, &report };

	config->oci = oci_parse(&oci_config_type, config->text, config->size, &report);
	in->failed |= report.error == -ENOMEM;
	for (size_t i = 0; i < report.n_faults; i++) {
		const struct oci_fault *fault = &report.faults[i];

		keep(in, &(struct finding){ .is_warning = fault->is_warning,
					    .line = fault->line,
					    .column = fault->column,
					    .pointer = fault->pointer,
					    .text = fault->text,
					    .ids = ids_of(fault) });
	}
	if (config->oci) {
		rules_each(config->oci, on_broken_rule, &walk);
		check_parts(in, &report);
	}
	oci_report_free(&report);
}

int container_validate(const struct runtime *rt, const struct validate_options *options, struct validation *ret,
		       struct error *err)
{
	struct config config;
	struct findings in = { .config = &config, .rt = rt, .validation = ret };
	int r;

	*ret = (struct validation){ .name = options->config ? options->config : "config.json" };
	r = config_open(options->bundle, options->config, &config, err);
	if (r == 0) {
		check_document(&in, &config);
		if (options->host && config.oci && ret->n_errors == 0 && config_find_rootfs(&config, err) == 0) {
			in.of_host = true;
			check_host(&in);
		}
		if (in.failed)
			r = fail(err, -ENOMEM, "cannot list the faults");
		else if (ret->n > 0)
			qsort(ret->findings, ret->n, sizeof(*ret->findings), by_place);
	}
	config_free(&config);
	return r;
}
