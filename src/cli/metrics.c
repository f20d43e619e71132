// SPDX-License-Identifier: LGPL-2.1-or-later
/* metrics.c - THE table of metrics: from a place in the statistics' JSON to a name, type and unit of OpenMetrics.
 *
 * The JSON is our own, without blanks, so that a cursor over it is enough.  What is left out of it because it is 0 is a
 * sample of 0 here where the row says so: a counter that comes and goes looks like one that starts anew. */
#include "cli/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"

enum type { GAUGE, COUNTER, UNKNOWN };

static const char *const type_words[] = { [GAUGE] = "gauge", [COUNTER] = "counter", [UNKNOWN] = "unknown" };

// clang-format off
static const struct metric {
	const char *name;  /* of the family; ends in the unit */
	enum type type;
	const char *unit;  /* or "" */
	const char *help;
	const char *place; /* in the data; * stands for any one name or number */
	const char *label; /* of what * stood for; "device": of the numbers beside it */
	unsigned digits;   /* of the value, that stand behind the point: 9 for nanoseconds as seconds */
	bool is_always;    /* 0 where it is left out */
} rows[] = {
	{ "hull_cpu_usage_seconds",           COUNTER, "seconds", "CPU time used.",                                  "cpu/usage/total", NULL, 9, true },
	{ "hull_cpu_kernel_seconds",          COUNTER, "seconds", "CPU time used in the kernel.",                    "cpu/usage/kernel", NULL, 9, true },
	{ "hull_cpu_user_seconds",            COUNTER, "seconds", "CPU time used in user mode.",                     "cpu/usage/user", NULL, 9, true },
	{ "hull_cpu_core_seconds",            COUNTER, "seconds", "CPU time used on one CPU (cgroup v1).",           "cpu/usage/percpu/*", "cpu", 9, false },
	{ "hull_cpu_periods",                 COUNTER, "",        "Periods of the CPU quota that have passed.",      "cpu/throttling/periods", NULL, 0, true },
	{ "hull_cpu_throttled_periods",       COUNTER, "",        "Periods in which the CPU quota was used up.",     "cpu/throttling/throttledPeriods", NULL, 0, true },
	{ "hull_cpu_throttled_seconds",       COUNTER, "seconds", "Time without CPU because the quota was used up.", "cpu/throttling/throttledTime", NULL, 9, true },
	{ "hull_cpu_pressure_seconds",        COUNTER, "seconds", "Time in which some or all tasks waited for CPU.", "cpu/psi/*/total", "kind", 6, false },
	{ "hull_memory_usage_bytes",          GAUGE,   "bytes",   "Memory in use.",                                  "memory/usage/usage", NULL, 0, true },
	{ "hull_memory_limit_bytes",          GAUGE,   "bytes",   "Limit of memory.",                                "memory/usage/limit", NULL, 0, false },
	{ "hull_memory_peak_bytes",           GAUGE,   "bytes",   "Most memory that was in use.",                    "memory/usage/max", NULL, 0, false },
	{ "hull_memory_failures",             COUNTER, "",        "How often the limit of memory was met.",          "memory/usage/failcnt", NULL, 0, true },
	{ "hull_memory_cache_bytes",          GAUGE,   "bytes",   "Memory that holds files.",                        "memory/cache", NULL, 0, true },
	{ "hull_memory_swap_usage_bytes",     GAUGE,   "bytes",   "Memory and swap in use.",                         "memory/swap/usage", NULL, 0, true },
	{ "hull_memory_swap_limit_bytes",     GAUGE,   "bytes",   "Limit of memory and swap.",                       "memory/swap/limit", NULL, 0, false },
	{ "hull_memory_kernel_usage_bytes",   GAUGE,   "bytes",   "Memory of the kernel in use (cgroup v1).",        "memory/kernel/usage", NULL, 0, false },
	{ "hull_memory_stat",                 UNKNOWN, "",        "Lines of the kernel's memory.stat.",              "memory/raw/*", "key", 0, false },
	{ "hull_memory_pressure_seconds",     COUNTER, "seconds", "Time in which some or all tasks waited for memory.", "memory/psi/*/total", "kind", 6, false },
	{ "hull_pids",                        GAUGE,   "",        "Tasks.",                                          "pids/current", NULL, 0, true },
	{ "hull_pids_limit",                  GAUGE,   "",        "Limit of tasks; not there without one.",          "pids/limit", NULL, 0, false },
	{ "hull_io_bytes",                    COUNTER, "bytes",   "Bytes read from and written to block devices.",   "blkio/ioServiceBytesRecursive/*/value", "device", 0, false },
	{ "hull_io_operations",               COUNTER, "",        "Operations on block devices.",                    "blkio/ioServicedRecursive/*/value", "device", 0, false },
	{ "hull_io_pressure_seconds",         COUNTER, "seconds", "Time in which some or all tasks waited for block devices.", "blkio/psi/*/total", "kind", 6, false },
	{ "hull_hugetlb_usage_bytes",         GAUGE,   "bytes",   "Huge pages in use.",                              "hugetlb/*/usage", "size", 0, false },
	{ "hull_hugetlb_failures",            COUNTER, "",        "How often the limit of huge pages was met.",      "hugetlb/*/failcnt", "size", 0, false },
	{ "hull_rdma_handles",                GAUGE,   "",        "RDMA handles in use, and their limit.",           "rdma/*/hcaHandles", "of", 0, false },
	{ "hull_rdma_objects",                GAUGE,   "",        "RDMA objects in use, and their limit.",           "rdma/*/hcaObjects", "of", 0, false },
	{ "hull_l3_cache_occupancy_bytes",    GAUGE,   "bytes",   "Use of the L3 cache.",                            "intel_rdt/cmt_stats/*/llc_occupancy", "node", 0, false },
	{ "hull_memory_bandwidth_bytes",      COUNTER, "bytes",   "Memory traffic.",                                 "intel_rdt/mbm_stats/*/mbm_total_bytes", "node", 0, false },
	{ "hull_memory_bandwidth_local_bytes", COUNTER, "bytes",  "Memory traffic within the node.",                 "intel_rdt/mbm_stats/*/mbm_local_bytes", "node", 0, false },
};
// clang-format on

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* A number or text of the data; both lie in the container's text. */
struct leaf {
	size_t path; /* offset in the container's paths */
	const char *value;
	size_t length;
};

struct container_leaves {
	char *id, *stats;
	struct text paths;
	struct leaf *leaves;
	size_t n;
};

struct metrics {
	struct container_leaves *containers;
	size_t n;
};

struct metrics *metrics_new(void)
{
	return calloc(1, sizeof(struct metrics));
}

void metrics_free(struct metrics *metrics)
{
	for (size_t i = 0; metrics && i < metrics->n; i++) {
		free(metrics->containers[i].id);
		free(metrics->containers[i].stats);
		text_free(&metrics->containers[i].paths);
		free(metrics->containers[i].leaves);
	}
	if (metrics)
		free(metrics->containers);
	free(metrics);
}

/* ---- reading ---- */

#define PATH_MAX_HERE 256

static int add_leaf(struct container_leaves *c, const char *path, const char *value, size_t length)
{
	struct leaf *more = reallocarray(c->leaves, c->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	c->leaves = more;
	more[c->n++] = (struct leaf){ c->paths.length, value, length };
	text_append(&c->paths, path, strlen(path) + 1);
	return c->paths.failed ? -ENOMEM : 0;
}

/* Behind the string that begins at text. */
static const char *skip_string(const char *text)
{
	for (text++; *text && *text != '"'; text++)
		text += *text == '\\' && text[1];
	return text + (*text == '"');
}

/* Reads the value at *at, whose place is path.  0 or -errno */
static int read_value(struct container_leaves *c, const char **at, char path[PATH_MAX_HERE])
{
	const size_t length = strlen(path);
	const char open = **at, *end;
	int r = 0;

	if (open != '{' && open != '[') {
		end = open == '"' ? skip_string(*at) : *at + strcspn(*at, ",]}\n");
		r = add_leaf(c, path, *at + (open == '"'), (size_t)(end - *at) - (open == '"' ? 2 : 0));
		*at = end;
		return r;
	}
	++*at;
	for (unsigned i = 0; r == 0 && **at && **at != '}' && **at != ']'; i++) {
		if (open == '{') {
			end = skip_string(*at);
			r = snprintf(path + length, PATH_MAX_HERE - length, "%s%.*s", length ? "/" : "", (int)(end - *at) - 2, *at + 1);
			*at = end + (*end == ':');
		} else {
			r = snprintf(path + length, PATH_MAX_HERE - length, "/%u", i);
		}
		r = (size_t)r >= PATH_MAX_HERE - length ? -ENAMETOOLONG : read_value(c, at, path);
		*at += **at == ',';
		path[length] = '\0';
	}
	*at += **at != '\0';
	return r;
}

int metrics_add(struct metrics *metrics, const char *id, const char *stats, struct error *err)
{
	struct container_leaves *more = reallocarray(metrics->containers, metrics->n + 1, sizeof(*more)), *c;
	char path[PATH_MAX_HERE] = "";
	const char *at;

	if (!more)
		return fail(err, ERR_HOST, "out of memory");
	metrics->containers = more;
	c = &more[metrics->n++];
	*c = (struct container_leaves){ strdup(id), strdup(stats), TEXT_INIT, NULL, 0 };
	at = c->stats && c->id ? strstr(c->stats, "\"data\":{") : NULL;
	if (!at)
		return fail(err, ERR_HOST, "out of memory");
	at += strlen("\"data\":");
	if (read_value(c, &at, path) < 0)
		return fail(err, ERR_HOST, "out of memory");
	return 0;
}

/* ---- writing ---- */

/* Whether the path is at the place; *ret and *ret_n: what its * stands for. */
static bool is_at(const char *path, const char *place, const char **ret, size_t *ret_n)
{
	for (; *place; place++) {
		if (*place == '*') {
			*ret = path;
			*ret_n = strcspn(path, "/");
			path += *ret_n;
		} else if (*path++ != *place) {
			return false;
		}
	}
	return *path == '\0';
}

/* A label's value has \\, \" and \n for three characters (OpenMetrics 1.0). */
static void put_label(struct text *to, const char *name, const char *value, size_t n)
{
	text_printf(to, "%s=\"", name);
	for (size_t i = 0; i < n; i++) {
		if (value[i] == '\\' || value[i] == '"')
			text_puts(to, "\\");
		if (value[i] == '\n')
			text_puts(to, "\\n");
		else
			text_append(to, &value[i], 1);
	}
	text_puts(to, "\"");
}

/* The leaf beside that one, as "major" beside "value". */
static const struct leaf *beside(const struct container_leaves *c, const struct leaf *leaf, const char *name)
{
	const char *path = c->paths.data + leaf->path;
	size_t n = (size_t)(strrchr(path, '/') - path) + 1;

	for (size_t i = 0; i < c->n; i++) {
		const char *other = c->paths.data + c->leaves[i].path;

		if (strncmp(other, path, n) == 0 && strcmp(other + n, name) == 0)
			return &c->leaves[i];
	}
	return NULL;
}

static void put_device(const struct container_leaves *c, const struct leaf *leaf, struct text *to)
{
	const struct leaf *major = beside(c, leaf, "major"), *minor = beside(c, leaf, "minor"), *op = beside(c, leaf, "op");
	char device[64];
	int n;

	if (major && minor) {
		n = snprintf(device, sizeof(device), "%.*s:%.*s", (int)major->length, major->value, (int)minor->length, minor->value);
		text_puts(to, ",");
		put_label(to, "device", device, (size_t)n);
	}
	if (op) {
		text_puts(to, ",");
		put_label(to, "op", op->value, op->length);
	}
}

/* All that is no limit in v1 and v2 lies above; a counter gets nowhere near. */
#define NO_LIMIT (UINT64_MAX / 2 - 65536)

static void put_value(struct text *to, const struct metric *row, const char *value, size_t n)
{
	uint64_t number = strtoull(value, NULL, 10), unit = 1;

	for (unsigned i = 0; i < row->digits; i++)
		unit *= 10;
	if (row->type == GAUGE && number >= NO_LIMIT)
		text_puts(to, "+Inf");
	else if (row->digits)
		text_printf(to, "%" PRIu64 ".%0*" PRIu64, number / unit, (int)row->digits, number % unit);
	else
		text_append(to, value, n);
	text_puts(to, "\n");
}

static void put_sample(const struct container_leaves *c, const struct metric *row, const struct leaf *leaf, const char *label,
		       size_t label_n, struct text *to)
{
	text_printf(to, "%s%s{", row->name, row->type == COUNTER ? "_total" : "");
	put_label(to, "id", c->id, strlen(c->id));
	if (leaf && row->label && strcmp(row->label, "device") == 0) {
		put_device(c, leaf, to);
	} else if (leaf && row->label) {
		text_puts(to, ",");
		put_label(to, row->label, label, label_n);
	}
	text_puts(to, "} ");
	put_value(to, row, leaf ? leaf->value : "0", leaf ? leaf->length : 1);
}

/* The samples of a family; only with one of them is it there. */
static void put_family(const struct metrics *metrics, const struct metric *row, struct text *to)
{
	auto_text struct text samples = TEXT_INIT;

	for (size_t i = 0; i < metrics->n; i++) {
		const struct container_leaves *c = &metrics->containers[i];
		bool any = false;

		for (size_t l = 0; l < c->n; l++) {
			const char *label = "";
			size_t n = 0;

			if (!is_at(c->paths.data + c->leaves[l].path, row->place, &label, &n))
				continue;
			put_sample(c, row, &c->leaves[l], label, n, &samples);
			any = true;
		}
		if (!any && row->is_always)
			put_sample(c, row, NULL, "", 0, &samples);
	}
	if (samples.failed)
		to->failed = true;
	if (!samples.length)
		return;
	text_printf(to, "# TYPE %s %s\n", row->name, type_words[row->type]);
	if (*row->unit)
		text_printf(to, "# UNIT %s %s\n", row->name, row->unit);
	text_printf(to, "# HELP %s %s\n", row->name, row->help);
	text_append(to, samples.data, samples.length);
}

void metrics_write(const struct metrics *metrics, struct text *to)
{
	for (size_t i = 0; i < ROWS; i++)
		put_family(metrics, &rows[i], to);
	text_puts(to, "# EOF\n");
}
