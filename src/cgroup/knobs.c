// SPDX-License-Identifier: LGPL-2.1-or-later
/* knobs.c - THE table of resources: member of the spec, v1 file, v2 file, conversion.
 *
 * The configured members become a list of settings first, so that everything that can be refused is refused before
 * anything is written.  Then they are written in the table's order; one that the kernel calls invalid is tried again
 * after the others, because limits that depend on each other (memory and swap, quota and burst) must be raised in one
 * order and lowered in the other.
 *
 * 0 as limit, shares, quota, period or weight means "not set", although the spec does not say so: `docker update` sends
 * a 0 for all that was not asked for.  pids.limit alone has a real 0. */
#include "cgroup/knobs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/devices.h"
#include "cgroup/knobs_table.h"
#include "cgroup/private.h"
#include "cgroup/variant.h"
#include "ocispec.h"

#define VALUE_MAX KNOB_VALUE_MAX
#define KNOBS     knobs_n
#define knobs     knobs_table

/* One write to be done. */
struct setting {
	char pointer[128]; /* below /linux/resources */
	struct hierarchy *h;
	char file[128], fallback[128]; /* fallback: where the kernel has no `file`; may be "" */
	const char *value;             /* (unified) the document's; else NULL: own */
	char own[VALUE_MAX];
	char fallback_own[48]; /* what goes to the fallback, where that is not the same */
	const char *reset;     /* keyed files: what a line that was not there is taken away with, behind its key */
	char *before;          /* (update) the file as it was; owned */
	bool is_default;       /* what the kernel does anyway: fine if it has no such file */
	bool written;
	bool touched;          /* written, or a part of it may have been: it is to be put back */
	bool lowers;           /* (update) the file's number gets less: after those that raise */
	bool verify;           /* the kernel accepts any value and may ignore it: read back */
};

struct plan {
	struct cgroup *cgroup;
	const struct oci_resources *resources;
	struct setting *settings;
	size_t n;
	char controllers[256]; /* of the unified hierarchy that are needed, with blanks between */
	struct error *err;
};

/* ---- conversions ---- */

static int64_t i64(const void *value)
{
	return *(const int64_t *)value;
}

static uint64_t u64(const void *value)
{
	return *(const uint64_t *)value;
}

static int refuse(struct plan *p, const struct knob *knob, int code, const char *why)
{
	return fail(p->err, code, "%s%s: %s", RESOURCES_POINTER, knob->pointer, why);
}

/* A signed number of which 0 is "not set" and -1 "no limit". */
static int to_limit(struct plan *p, const struct knob *knob, const void *value, char *ret, const char *none)
{
	if (i64(value) == 0)
		return 0;
	if (i64(value) < -1)
		return refuse(p, knob, ERR_CONFIG, "must be a number of bytes, or -1 for no limit");
	if (i64(value) == -1)
		snprintf(ret, VALUE_MAX, "%s", none);
	else
		snprintf(ret, VALUE_MAX, "%" PRId64, i64(value));
	return 1;
}

static int to_limit_v1(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	return to_limit(p, knob, value, ret, "-1");
}

static int to_limit_v2(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	return to_limit(p, knob, value, ret, "max");
}

/* v1 counts memory and swap together, as the spec does. */
static int to_memsw(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	int64_t limit = p->resources->memory->limit;

	if (i64(value) > 0 && limit > i64(value))
		return refuse(p, knob, ERR_CONFIG, "memory plus swap is less than the memory limit");
	return to_limit_v1(p, knob, value, ret);
}

/* v2 counts swap alone. */
static int to_swap_max(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	int64_t limit = p->resources->memory->limit, swap = i64(value);

	if (swap <= 0)
		return to_limit_v2(p, knob, value, ret);
	if (limit <= 0)
		return refuse(p, knob, ERR_CONFIG, "memory plus swap cannot be limited without a memory limit");
	if (limit > swap)
		return refuse(p, knob, ERR_CONFIG, "memory plus swap is less than the memory limit");
	snprintf(ret, VALUE_MAX, "%" PRId64, swap - limit);
	return 1;
}

static int to_pids_max(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	if (i64(value) < -1)
		return refuse(p, knob, ERR_CONFIG, "must be a number of tasks, or -1 for no limit");
	if (i64(value) == -1)
		snprintf(ret, VALUE_MAX, "max");
	else
		snprintf(ret, VALUE_MAX, "%" PRId64, i64(value));
	return 1;
}

/* An unsigned number as it is; 0 is "not set". */
static int to_u64(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	if (u64(value) == 0)
		return 0;
	snprintf(ret, VALUE_MAX, "%" PRIu64, u64(value));
	return 1;
}

static int to_u32(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	snprintf(ret, VALUE_MAX, "%" PRIu32, *(const uint32_t *)value);
	return 1;
}

/* The same with a real 0. */
static int to_plain(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	snprintf(ret, VALUE_MAX, "%" PRIu64, u64(value));
	return 1;
}

static int to_signed(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	if (i64(value) == 0)
		return 0;
	snprintf(ret, VALUE_MAX, "%" PRId64, i64(value));
	return 1;
}

static int to_idle(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	if (i64(value) != 0 && i64(value) != 1)
		return refuse(p, knob, ERR_CONFIG, "must be 0 or 1");
	snprintf(ret, VALUE_MAX, "%d", (int)i64(value));
	return 1;
}

/* The kernel refuses shares of an idle cgroup: it has the least weight anyway. */
static bool is_idle(const struct plan *p)
{
	return p->resources->cpu->has_idle && p->resources->cpu->idle == 1;
}

static int to_shares(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	return is_idle(p) ? 0 : to_u64(p, knob, value, ret);
}

static int to_weight(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)knob;
	if (u64(value) == 0 || is_idle(p))
		return 0;
	snprintf(ret, VALUE_MAX, "%" PRIu64, knobs_cpu_weight(u64(value)));
	return 1;
}

static int to_quota_v1(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	if (i64(value) == 0)
		return 0;
	snprintf(ret, VALUE_MAX, "%" PRId64, i64(value) < 0 ? -1 : i64(value));
	return 1;
}

/* cpu.max is "QUOTA PERIOD"; without a period the kernel's stays. */
static int to_cpu_max(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	const struct oci_cpu *cpu = p->resources->cpu;
	int at;

	(void)knob;
	if (i64(value) == 0)
		return 0;
	at = i64(value) < 0 ? snprintf(ret, VALUE_MAX, "max") : snprintf(ret, VALUE_MAX, "%" PRId64, i64(value));
	if (cpu->period)
		snprintf(ret + at, VALUE_MAX - (size_t)at, " %" PRIu64, cpu->period);
	return 1;
}

/* A period alone: the quota of now goes with it. */
static int to_cpu_max_period(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	struct hierarchy *h = p->cgroup ? hierarchy_unified(p->cgroup) : NULL;
	char now[64] = "max";

	(void)knob;
	if (u64(value) == 0 || p->resources->cpu->quota)
		return 0;
	if (h)
		(void)hierarchy_read(p->cgroup, h, "cpu.max", now, sizeof(now)); /* a new cgroup has no quota */
	snprintf(ret, VALUE_MAX, "%.*s %" PRIu64, (int)strcspn(now, " "), now, u64(value));
	return 1;
}

static int to_text(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	const char *text = *(const char *const *)value;

	if (!*text)
		return 0;
	if (strlen(text) >= VALUE_MAX)
		return refuse(p, knob, ERR_CONFIG, "the list is too long");
	if (strspn(text, "0123456789,- \t") != strlen(text))
		return refuse(p, knob, ERR_CONFIG, "must be a list such as 0-3,7");
	snprintf(ret, VALUE_MAX, "%s", text);
	return 1;
}

static int to_swappiness(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	if (u64(value) > 100)
		return refuse(p, knob, ERR_CONFIG, "must be from 0 to 100");
	return to_plain(p, knob, value, ret);
}

static int to_truth(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	snprintf(ret, VALUE_MAX, "%d", *(const bool *)value);
	return 1;
}

/* Every kernel that hull runs on is hierarchical, and false asks for nothing. */
static int to_nothing(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	(void)value;
	(void)ret;
	return 0;
}

/* ---- cpu.weight ---- */

/* log2 of x >= 1: the whole part by halving, the binary digits behind the point by squaring. */
static double log2_of(double x)
{
	double result = 0, digit = 1;

	for (; x >= 2; x /= 2)
		result++;
	for (int i = 0; i < 52; i++) {
		x *= x;
		digit /= 2;
		if (x >= 2) {
			x /= 2;
			result += digit;
		}
	}
	return result;
}

/* 10^x for 0 <= x <= 4 by the series of e^(x ln 10 / 16), 16 times multiplied. */
static double exp10_of(double x)
{
	double term = 1, sum = 1;

	x *= 2.302585092994045684 / 16;
	for (int i = 1; i < 20; i++) {
		term *= x / i;
		sum += term;
	}
	for (int i = 0; i < 4; i++)
		sum *= sum;
	return sum;
}

/* ceil(10^((l^2 + 125 l) / 612 - 7 / 34)), l = log2(shares): what runc (since 1.3.2) and crun (since 1.23) use.  It takes
 * least, default and most of v1 (2, 1024, 262144) to those of v2 (1, 100, 10000).  No libm for one formula. */
uint64_t knobs_cpu_weight(uint64_t shares)
{
	double l, weight;
	uint64_t whole;

	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	l = log2_of((double)shares);
	weight = exp10_of((l * l + 125 * l) / 612 - 7.0 / 34) - 1e-9;
	whole = (uint64_t)weight;
	return (double)whole < weight ? whole + 1 : whole;
}

/* ---- the table ---- */

#define IN(group, value)                                                            \
	offsetof(struct oci_resources, group), offsetof(struct oci_##group, value), \
		offsetof(struct oci_##group, has_##value)
#define IN_TEXT(group, value) offsetof(struct oci_resources, group), offsetof(struct oci_##group, value), 0

// clang-format off
const struct knob knobs_table[] = {
	/* pointer                    controller kind    member                              v1 file                        v2 file              conversions                          already so    systemd on v1, on v2      for readers: on v2 */
	{ "/cpu/cpus",                "cpuset",  TEXT,   IN_TEXT(cpu, cpus),                 "cpuset.cpus",                 "cpuset.cpus",       to_text,       to_text,              NULL,  false,  { NULL, "AllowedCPUs" }, "" },
	{ "/cpu/mems",                "cpuset",  TEXT,   IN_TEXT(cpu, mems),                 "cpuset.mems",                 "cpuset.mems",       to_text,       to_text,              NULL,  false,  { NULL, "AllowedMemoryNodes" }, "" },
	{ "/memory/limit",            "memory",  I64,    IN(memory, limit),                  "memory.limit_in_bytes",       "memory.max",        to_limit_v1,   to_limit_v2,          NULL,  false,  { "MemoryLimit", "MemoryMax" }, "" },
	{ "/memory/swap",             "memory",  I64,    IN(memory, swap),                   "memory.memsw.limit_in_bytes", "memory.swap.max",   to_memsw,      to_swap_max,          "max", false,  { NULL, "MemorySwapMax" }, "swap - limit" },
	{ "/memory/reservation",      "memory",  I64,    IN(memory, reservation),            "memory.soft_limit_in_bytes",  "memory.low",        to_limit_v1,   to_limit_v2,          NULL,  false,  { NULL, "MemoryLow" }, "" },
	{ "/memory/kernel",           "memory",  I64,    IN(memory, kernel),                 "memory.kmem.limit_in_bytes",  NULL,                to_limit_v1,   to_limit_v1,          "-1",  true,  { NULL, NULL }, "refused; on v1 where the kernel ignores it" },
	{ "/memory/kernelTCP",        "memory",  I64,    IN(memory, kernel_tcp),             "memory.kmem.tcp.limit_in_bytes", NULL,             to_limit_v1,   to_limit_v1,          "-1",  true,  { NULL, NULL }, "refused; on v1 where the kernel ignores it" },
	{ "/memory/swappiness",       "memory",  U64,    IN(memory, swappiness),             "memory.swappiness",           NULL,                to_swappiness, to_swappiness,        NULL,  false,  { NULL, NULL }, "refused" },
	{ "/memory/disableOOMKiller", "memory",  TRUTH,  IN(memory, disable_oom_killer),     "memory.oom_control",          NULL,                to_truth,      to_truth,             "0",   false,  { NULL, NULL }, "true is refused" },
	{ "/memory/useHierarchy",     "memory",  TRUTH,  IN(memory, use_hierarchy),          NULL,                          NULL,                to_nothing,    to_nothing,           NULL,  false,  { NULL, NULL }, "every kernel does so" },
	{ "/cpu/idle",                "cpu",     I64,    IN(cpu, idle),                      "cpu.idle",                    "cpu.idle",          to_idle,       to_idle,              "0",   false,  { NULL, "CPUWeight" }, "1 is the weight 0 of a unit" },
	{ "/cpu/shares",              "cpu",     U64,    IN(cpu, shares),                    "cpu.shares",                  "cpu.weight",        to_shares,     to_weight,            NULL,  false,  { "CPUShares", "CPUWeight" }, "ceil(10^((l² + 125 l) / 612 - 7 / 34)), l = log2(shares): 2, 1024, 262144 become 1, 100, 10000" },
	{ "/cpu/period",              "cpu",     U64,    IN(cpu, period),                    "cpu.cfs_period_us",           "cpu.max",           to_u64,        to_cpu_max_period,    NULL,  false,  { "CPUQuotaPeriodUSec", "CPUQuotaPeriodUSec" }, "with the quota in one file; what is absent keeps the kernel's value" },
	{ "/cpu/quota",               "cpu",     I64,    IN(cpu, quota),                     "cpu.cfs_quota_us",            "cpu.max",           to_quota_v1,   to_cpu_max,           NULL,  false,  { "CPUQuotaPerSecUSec", "CPUQuotaPerSecUSec" }, "the same; in a unit in steps of 1 %" },
	{ "/cpu/burst",               "cpu",     U64,    IN(cpu, burst),                     "cpu.cfs_burst_us",            "cpu.max.burst",     to_plain,      to_plain,             "0",   false,  { NULL, NULL }, "" },
	{ "/cpu/realtimePeriod",      "cpu",     U64,    IN(cpu, realtime_period),           "cpu.rt_period_us",            NULL,                to_u64,        to_u64,               NULL,  false,  { NULL, NULL }, "refused" },
	{ "/cpu/realtimeRuntime",     "cpu",     I64,    IN(cpu, realtime_runtime),          "cpu.rt_runtime_us",           NULL,                to_signed,     to_signed,            NULL,  false,  { NULL, NULL }, "refused" },
	{ "/network/classID",         "net_cls", U32,    IN(network, class_id),              "net_cls.classid",             NULL,                to_u32,        to_u32,               "0",   false,  { NULL, NULL }, "refused" },
	{ "/pids/limit",              "pids",    I64,    IN(pids, limit),                    "pids.max",                    "pids.max",          to_pids_max,   to_pids_max,          "max", false,  { "TasksMax", "TasksMax" }, "a unit knows no 0, and has 1" },
};
// clang-format on

const size_t knobs_n = sizeof(knobs_table) / sizeof(knobs_table[0]);

/* The member's place if it is configured, else NULL. */
const void *knobs_member(const struct knob *knob, const struct oci_resources *resources)
{
	const char *object = *(const char *const *)(const void *)((const char *)resources + knob->object);

	if (!object)
		return NULL;
	if (knob->kind == TEXT)
		return *(const char *const *)(const void *)(object + knob->member) ? object + knob->member : NULL;
	return *(const bool *)(object + knob->has) ? object + knob->member : NULL;
}

int knobs_text(const struct knob *knob, const struct oci_resources *resources, bool v2, char *ret, struct error *err)
{
	struct plan p = { .resources = resources, .err = err };
	const void *value = knobs_member(knob, resources);

	return value ? (v2 ? knob->to_v2 : knob->to_v1)(&p, knob, value, ret) : 0;
}

int knobs_convert(const char *pointer, const struct oci_resources *resources, bool v2, char *ret, struct error *err)
{
	for (size_t i = 0; i < KNOBS; i++)
		if (strcmp(knobs[i].pointer, pointer) == 0)
			return knobs_text(&knobs[i], resources, v2, ret, err);
	return 0;
}

/* ---- planning ---- */

static struct setting *add_setting(struct plan *p, const char *pointer)
{
	struct setting *more = reallocarray(p->settings, p->n + 1, sizeof(*more)), *s;

	if (!more) {
		fail(p->err, -ENOMEM, "cannot plan the resources");
		return NULL;
	}
	p->settings = more;
	s = &more[p->n++];
	memset(s, 0, sizeof(*s));
	snprintf(s->pointer, sizeof(s->pointer), "%s", pointer);
	return s;
}

/* Notes that a unified hierarchy must hand the controller down; only a hybrid host has to be told, because there
 * nothing is enabled before it is needed. */
static void need_controller(struct plan *p, const char *controller)
{
	size_t at = strlen(p->controllers);

	snprintf(p->controllers + at, sizeof(p->controllers) - at, "%s%s", at ? " " : "", controller);
}

/* The hierarchy that has the controller, or NULL. */
static struct hierarchy *find_controller(struct plan *p, const char *controller)
{
	struct hierarchy *h = hierarchy_of(p->cgroup, controller);

	if (h)
		return h;
	h = hierarchy_unified(p->cgroup);
	if (!h || !unified_has(p->cgroup, controller))
		return NULL;
	need_controller(p, controller);
	return h;
}

static int plan_knob(struct plan *p, const struct knob *knob)
{
	const void *value = knobs_member(knob, p->resources);
	struct hierarchy *h;
	struct setting *s;
	char text[VALUE_MAX];
	bool already, v2;
	const char *file;
	int r;

	if (!value)
		return 0;
	h = find_controller(p, knob->controller);
	v2 = h ? h->unified : hierarchy_unified(p->cgroup) != NULL;
	r = (v2 ? knob->to_v2 : knob->to_v1)(p, knob, value, text);
	if (r <= 0)
		return r;
	already = knob->idle &&
		  (strcmp(text, knob->idle) == 0 || (strcmp(knob->idle, "max") == 0 && !strcmp(text, "-1")));
	file = v2 ? knob->v2 : knob->v1;
	if (already && (!h || !file))
		return 0;
	if (!h)
		return fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup controller %s", RESOURCES_POINTER,
			    knob->pointer, knob->controller);
	if (!file)
		return refuse(p, knob, ERR_UNSUPPORTED, "cgroup v2 has no counterpart of it");
	s = add_setting(p, knob->pointer);
	if (!s)
		return -1;
	s->h = h;
	snprintf(s->file, sizeof(s->file), "%s", file);
	memcpy(s->own, text, sizeof(text));
	s->is_default = already;
	s->verify = knob->verify;
	return 0;
}

/* hugetlb.SIZE.rsvd.*, where the kernel has it, counts what is reserved: going over it fails an mmap; hugetlb.SIZE.* kills
 * with SIGBUS at a page fault. */
static int plan_hugepages(struct plan *p)
{
	for (size_t i = 0; i < p->resources->n_hugepage_limits; i++) {
		const struct oci_hugepage_limit *limit = &p->resources->hugepage_limits[i];
		struct hierarchy *h = find_controller(p, "hugetlb");
		char pointer[64];
		struct setting *s;

		snprintf(pointer, sizeof(pointer), "/hugepageLimits/%zu", i);
		if (!h)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup controller hugetlb",
				    RESOURCES_POINTER, pointer);
		if (strchr(limit->page_size, '/') || strlen(limit->page_size) > 32)
			return fail(p->err, ERR_CONFIG, "%s%s/pageSize: is no size of pages", RESOURCES_POINTER,
				    pointer);
		s = add_setting(p, pointer);
		if (!s)
			return -1;
		s->h = h;
		snprintf(s->file, sizeof(s->file), "hugetlb.%s.rsvd.%s", limit->page_size,
			 h->unified ? "max" : "limit_in_bytes");
		snprintf(s->fallback, sizeof(s->fallback), "hugetlb.%s.%s", limit->page_size,
			 h->unified ? "max" : "limit_in_bytes");
		snprintf(s->own, sizeof(s->own), "%" PRIu64, limit->limit);
	}
	return 0;
}

bool cgroup_is_control_file(const char *name)
{
	static const char *const names[] = { "cgroup.freeze", "cgroup.kill", "cgroup.procs", "cgroup.subtree_control",
					     "cgroup.threads", "cgroup.type" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Each key is a file of the v2 directory, known to hull or not; its part before the first dot is the controller. */
static int plan_unified(struct plan *p)
{
	for (size_t i = 0; i < p->resources->n_unified; i++) {
		const char *key = p->resources->unified[i].key;
		struct hierarchy *h = hierarchy_unified(p->cgroup);
		char pointer[128], controller[32];
		struct setting *s;

		snprintf(pointer, sizeof(pointer), "/unified/%.100s", key);
		if (cgroup_is_control_file(key))
			return fail(p->err, ERR_CONFIG, "%s%s: is no resource: it acts on the container's processes",
				    RESOURCES_POINTER, pointer);
		if (!h || h->unmounted)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup v2 hierarchy",
				    RESOURCES_POINTER, pointer);
		if (!*key || *key == '.' || strchr(key, '/') || strlen(key) >= sizeof(s->file))
			return fail(p->err, ERR_CONFIG, "%s%s: is no name of a file", RESOURCES_POINTER, pointer);
		snprintf(controller, sizeof(controller), "%.*s", (int)strcspn(key, "."), key);
		if (strcmp(controller, "cgroup") != 0) {
			if (!unified_has(p->cgroup, controller))
				return fail(p->err, ERR_UNSUPPORTED,
					    "%s%s: the cgroup v2 hierarchy has no controller %s", RESOURCES_POINTER,
					    pointer, controller);
			need_controller(p, controller);
		}
		s = add_setting(p, pointer);
		if (!s)
			return -1;
		s->h = h;
		snprintf(s->file, sizeof(s->file), "%s", key);
		s->value = p->resources->unified[i].value;
	}
	return 0;
}

/* ---- block devices ---- */

/* Each list: how many, and the entries; v1 file; key in v2's io.max; systemd's property on v2. */
// clang-format off
const struct throttle knobs_throttles[THROTTLES] = {
#define LIST(name) offsetof(struct oci_block_io, name), offsetof(struct oci_block_io, n_##name)
	{ "/blockIO/throttleReadBpsDevice", LIST(throttle_read_bps_device), "blkio.throttle.read_bps_device", "rbps", "IOReadBandwidthMax" },
	{ "/blockIO/throttleWriteBpsDevice", LIST(throttle_write_bps_device), "blkio.throttle.write_bps_device", "wbps", "IOWriteBandwidthMax" },
	{ "/blockIO/throttleReadIOPSDevice", LIST(throttle_read_iops_device), "blkio.throttle.read_iops_device", "riops", "IOReadIOPSMax" },
	{ "/blockIO/throttleWriteIOPSDevice", LIST(throttle_write_iops_device), "blkio.throttle.write_iops_device", "wiops", "IOWriteIOPSMax" },
#undef LIST
};
// clang-format on

static struct setting *add_io_setting(struct plan *p, const char *pointer)
{
	struct hierarchy *h = hierarchy_of(p->cgroup, "blkio");
	struct setting *s;

	if (!h)
		h = find_controller(p, "io");
	if (!h) {
		fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup controller for block devices",
		     RESOURCES_POINTER, pointer);
		return NULL;
	}
	s = add_setting(p, pointer);
	if (s)
		s->h = h;
	return s;
}

const struct oci_throttle_device *knobs_throttled(const struct throttle *list, const struct oci_block_io *io, size_t *ret_n)
{
	*ret_n = *(const size_t *)(const void *)((const char *)io + list->n);
	return *(struct oci_throttle_device *const *)(const void *)((const char *)io + list->array);
}

/* Rate 0 is no limit, which io.max calls max. */
static int plan_throttle(struct plan *p, const struct throttle *list)
{
	size_t n;
	const struct oci_throttle_device *devices = knobs_throttled(list, p->resources->block_io, &n);

	for (size_t i = 0; i < n; i++) {
		const struct oci_throttle_device *device = &devices[i];
		char pointer[64], rate[24] = "max";
		struct setting *s;

		snprintf(pointer, sizeof(pointer), "%s/%zu", list->pointer, i);
		s = add_io_setting(p, pointer);
		if (!s)
			return -1;
		if (device->rate || !s->h->unified)
			snprintf(rate, sizeof(rate), "%" PRIu64, device->rate);
		snprintf(s->file, sizeof(s->file), "%s", s->h->unified ? "io.max" : list->v1);
		snprintf(s->own, sizeof(s->own), "%" PRId64 ":%" PRId64 " %s%s%s", device->major, device->minor,
			 s->h->unified ? list->v2 : "", s->h->unified ? "=" : "", rate);
		s->reset = s->h->unified ? "rbps=max wbps=max riops=max wiops=max" : "0";
	}
	return 0;
}

/* Only the bfq scheduler has weights on v1; on v2 there is io.weight (1 to 10000) besides bfq's own (1 to 1000). */
static int plan_weight(struct plan *p, const char *pointer, const char *device, uint16_t weight)
{
	struct setting *s;

	if (weight > 1000)
		return fail(p->err, ERR_CONFIG, "%s%s: must be from 1 to 1000", RESOURCES_POINTER, pointer);
	s = add_io_setting(p, pointer);
	if (!s)
		return -1;
	snprintf(s->file, sizeof(s->file), "%s%s", s->h->unified ? "io.bfq.weight" : "blkio.bfq.weight",
		 !s->h->unified && *device ? "_device" : "");
	snprintf(s->own, sizeof(s->own), "%s%s%u", device, *device ? " " : "", weight);
	if (*device)
		s->reset = s->h->unified ? "default" : "0";
	if (s->h->unified) {
		snprintf(s->fallback, sizeof(s->fallback), "io.weight");
		snprintf(s->fallback_own, sizeof(s->fallback_own), "%s %u", *device ? device : "default",
			 knobs_io_weight(weight));
	}
	return 0;
}

unsigned knobs_io_weight(unsigned weight)
{
	return weight <= 10 ? 1 : 1 + (weight - 10) * 9999 / 990;
}

static int plan_block_io(struct plan *p)
{
	const struct oci_block_io *io = p->resources->block_io;

	if (!io)
		return 0;
	if (io->weight && plan_weight(p, "/blockIO/weight", "", io->weight) < 0)
		return -1;
	if (io->leaf_weight)
		return fail(p->err, ERR_UNSUPPORTED, "%s/blockIO/leafWeight: no kernel since 5.0 has it",
			    RESOURCES_POINTER);
	for (size_t i = 0; i < io->n_weight_device; i++) {
		const struct oci_weight_device *device = &io->weight_device[i];
		char pointer[64], number[48];

		snprintf(pointer, sizeof(pointer), "/blockIO/weightDevice/%zu", i);
		snprintf(number, sizeof(number), "%" PRId64 ":%" PRId64, device->major, device->minor);
		if (!device->has_weight && !device->has_leaf_weight)
			return fail(p->err, ERR_CONFIG, "%s%s: weight or leafWeight is missing", RESOURCES_POINTER,
				    pointer);
		if (device->leaf_weight)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s/leafWeight: no kernel since 5.0 has it",
				    RESOURCES_POINTER, pointer);
		if (device->weight && plan_weight(p, pointer, number, device->weight) < 0)
			return -1;
	}
	for (size_t i = 0; i < THROTTLES; i++)
		if (plan_throttle(p, &knobs_throttles[i]) < 0)
			return -1;
	return 0;
}

/* "NAME PRIORITY", a line for each; the names are those of the runtime's network namespace. */
static int plan_priorities(struct plan *p)
{
	const struct oci_network *network = p->resources->network;
	struct hierarchy *h = hierarchy_of(p->cgroup, "net_prio");

	for (size_t i = 0; network && i < network->n_priorities; i++) {
		const struct oci_interface_priority *one = &network->priorities[i];
		char pointer[64];
		struct setting *s;

		snprintf(pointer, sizeof(pointer), "/network/priorities/%zu", i);
		if (!h && hierarchy_unified(p->cgroup) && p->cgroup->n == 1)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s: cgroup v2 has no counterpart of it", RESOURCES_POINTER,
				    pointer);
		if (!h)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup controller net_prio",
				    RESOURCES_POINTER, pointer);
		if (!*one->name || strlen(one->name) > 15 || strpbrk(one->name, "/ \t\n"))
			return fail(p->err, ERR_CONFIG, "%s%s/name: is no name of a network interface", RESOURCES_POINTER,
				    pointer);
		s = add_setting(p, pointer);
		if (!s)
			return -1;
		s->h = h;
		snprintf(s->file, sizeof(s->file), "net_prio.ifpriomap");
		snprintf(s->own, sizeof(s->own), "%s %" PRIu32, one->name, one->priority);
		s->reset = "0";
	}
	return 0;
}

/* "DEVICE hca_handle=N hca_object=N", the same file and text on v1 and v2. */
static int plan_rdma(struct plan *p)
{
	for (size_t i = 0; i < p->resources->n_rdma; i++) {
		const struct oci_rdma *one = &p->resources->rdma[i];
		struct hierarchy *h = find_controller(p, "rdma");
		char pointer[128];
		struct setting *s;
		int at;

		snprintf(pointer, sizeof(pointer), "/rdma/%.100s", one->key);
		if (!one->has_hca_handles && !one->has_hca_objects)
			return fail(p->err, ERR_CONFIG, "%s%s: hcaHandles or hcaObjects is missing", RESOURCES_POINTER, pointer);
		if (!h)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup controller rdma",
				    RESOURCES_POINTER, pointer);
		if (!*one->key || strlen(one->key) > 63 || strpbrk(one->key, " \t\n"))
			return fail(p->err, ERR_CONFIG, "%s%s: is no name of an RDMA device", RESOURCES_POINTER, pointer);
		s = add_setting(p, pointer);
		if (!s)
			return -1;
		s->h = h;
		snprintf(s->file, sizeof(s->file), "rdma.max");
		s->reset = "hca_handle=max hca_object=max";
		at = snprintf(s->own, sizeof(s->own), "%s", one->key);
		if (one->has_hca_handles)
			at += snprintf(s->own + at, sizeof(s->own) - (size_t)at, " hca_handle=%" PRIu32, one->hca_handles);
		if (one->has_hca_objects)
			snprintf(s->own + at, sizeof(s->own) - (size_t)at, " hca_object=%" PRIu32, one->hca_objects);
	}
	return 0;
}

/* What the kernel may refuse with the barest of words. */
static int check_cpu(struct plan *p)
{
	const struct oci_cpu *cpu = p->resources->cpu;

	if (cpu && cpu->quota > 0 && cpu->burst > (uint64_t)cpu->quota)
		return fail(p->err, ERR_CONFIG, "%s/cpu/burst: is more than the quota", RESOURCES_POINTER);
	return 0;
}

static int make_plan(struct plan *p)
{
	if (check_cpu(p) < 0)
		return -1;
	for (size_t i = 0; i < KNOBS; i++)
		if (plan_knob(p, &knobs[i]) < 0)
			return -1;
	if (plan_block_io(p) < 0 || plan_hugepages(p) < 0 || plan_priorities(p) < 0 ||
	    plan_rdma(p) < 0 || plan_unified(p) < 0)
		return -1;
	return devices_check(p->cgroup, p->resources->devices, p->resources->n_devices, p->err);
}

/* ---- writing ---- */

static int write_file(const struct cgroup *cgroup, const struct setting *s, const char *file, const char *at)
{
	int r = 0;

	/* The kernel's files take one line a write. */
	for (size_t n; r == 0 && *at; at += n, at += *at == '\n') {
		auto_free char *line = NULL;

		n = strcspn(at, "\n");
		if (at[n] == '\0')
			return hierarchy_write(cgroup, s->h, file, at);
		line = strndup(at, n);
		r = line ? hierarchy_write(cgroup, s->h, file, line) : -ENOMEM;
	}
	return r;
}

/* v2 takes any list, and gives the container its parent's where the two have nothing in common.  (v1 refuses.)
 * ret: what it got. */
static bool is_effective(const struct cgroup *cgroup, const struct setting *s, char *ret, size_t size)
{
	uint64_t wanted[64] = { 0 }, got[64] = { 0 };
	char file[160];

	snprintf(file, sizeof(file), "%s.effective", s->file);
	if (hierarchy_read(cgroup, s->h, file, ret, size) < 0)
		return true; /* a kernel without the file */
	if (text_to_bits(s->own, wanted, sizeof(wanted) * 8) < 0 || text_to_bits(ret, got, sizeof(got) * 8) < 0)
		return true; /* the kernel has taken it */
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (got[i] & ~wanted[i])
			return false;
	return true;
}

/* Whether the file says the number now. */
static bool is_accepted(const struct cgroup *cgroup, const struct setting *s)
{
	char now[64];
	uint64_t wanted, got;

	if (strcmp(s->own, "-1") == 0)
		return true;
	if (hierarchy_read(cgroup, s->h, s->file, now, sizeof(now)) < 0)
		return false;
	if (text_to_u64(s->own, 0, UINT64_MAX, &wanted) < 0 || text_to_u64(now, 0, UINT64_MAX, &got) < 0)
		return strcmp(now, s->own) == 0;
	return got <= wanted && wanted - got < 65536; /* rounded down to pages */
}

static int fail_setting(const struct plan *p, const struct setting *s, int r)
{
	const char *value = s->value ? s->value : s->own;
	struct error *err = p->err;
	char controller[32];

	snprintf(controller, sizeof(controller), "%.*s", (int)strcspn(s->file, "."), s->file);
	if (r == -ENOENT && s->h->unified && unified_has(p->cgroup, controller) &&
	    !unified_has_here(p->cgroup, s->h, controller))
		return fail(err, ERR_HOST,
			    "%s%s: controller %s cannot be enabled for cgroup %s (a cgroup above it has processes, or does not have it)",
			    RESOURCES_POINTER, s->pointer, controller, p->cgroup->path);
	if (r == -ENOENT)
		return fail(err, ERR_UNSUPPORTED, "%s%s: this kernel has no file %s in the container's cgroup",
			    RESOURCES_POINTER, s->pointer, s->file);
	return fail(err, r, "%s%s: cannot write %.64s to %s", RESOURCES_POINTER, s->pointer, value, s->file);
}

/* 0, -EAGAIN (invalid as things are now) or -1 with err */
static int write_setting(struct plan *p, const struct setting *s)
{
	char got[256];
	int r = write_file(p->cgroup, s, s->file, s->value ? s->value : s->own);

	if (r == -ENOENT && *s->fallback)
		r = write_file(p->cgroup, s, s->fallback, *s->fallback_own ? s->fallback_own : s->own);
	if (r == -ENOENT && s->is_default)
		return 0;
	if (r == -EINVAL)
		return -EAGAIN;
	if (r < 0)
		return fail_setting(p, s, r);
	if (s->h->unified && text_starts(s->file, "cpuset.") && !s->value &&
	    !is_effective(p->cgroup, s, got, sizeof(got)))
		return fail(p->err, ERR_UNSUPPORTED, "%s%s: the cgroup above has none of %.64s: the container would have %.64s",
			    RESOURCES_POINTER, s->pointer, s->own, got);
	if (s->verify && !is_accepted(p->cgroup, s))
		return fail(p->err, ERR_UNSUPPORTED, "%s%s: this kernel ignores %s", RESOURCES_POINTER, s->pointer,
			    s->file);
	return 0;
}

/* One round over those that raise, or lower, and are not written yet.  *ret: one that the kernel called invalid.  The number
 * written, or -1 with err */
static int write_round(struct plan *p, bool lowers, struct setting **ret)
{
	int n = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct setting *s = &p->settings[i];
		int r;

		if (s->written || s->lowers != lowers)
			continue;
		s->touched = true; /* perhaps, also where it is refused: a file of several lines is several writes */
		r = write_setting(p, s);
		if (r < 0 && r != -EAGAIN)
			return -1;
		s->written = r == 0;
		n += r == 0;
		if (r < 0)
			*ret = s;
	}
	return n;
}

/* What raises comes before what lowers, so that nothing is short in between.  Goes on as long as each round gets something
 * further. */
static int write_settings(struct plan *p)
{
	struct setting *refused;
	int raised, lowered;

	do {
		refused = NULL;
		raised = write_round(p, false, &refused);
		lowered = raised < 0 ? -1 : write_round(p, true, &refused);
		if (lowered < 0)
			return -1;
	} while (refused && raised + lowered > 0);
	return refused ? fail_setting(p, refused, -EINVAL) : 0;
}

static void free_settings(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->settings[i].before);
	free(p->settings);
}

/* ---- update ---- */

/* The file of a setting as it is now, owned by the caller; a file that this kernel does not have is another's matter. */
static char *read_file_of(const struct plan *p, const struct setting *s)
{
	int fd = hierarchy_file(p->cgroup, s->h, s->file, O_RDONLY);
	char *text = NULL;

	if (fd == -ENOENT && *s->fallback)
		fd = hierarchy_file(p->cgroup, s->h, s->fallback, O_RDONLY);
	if (fd < 0)
		return NULL;
	if (file_read(fd, 1 << 20, &text, NULL) < 0)
		text = NULL;
	(void)fd_close(fd);
	return text;
}

/* The line of text that begins with the first word of value, without its end; its length in *n.  NULL: there is none. */
static const char *line_of(const char *text, const char *value, size_t *n)
{
	size_t key = strcspn(value, " ");

	for (const char *at = text; *at; at += *n, at += *at == '\n') {
		*n = strcspn(at, "\n");
		if (*n > key && memcmp(at, value, key) == 0 && at[key] == ' ')
			return at;
	}
	return NULL;
}

/* What the file said of the setting's matter, as it can be written back. */
static void value_before(const struct setting *s, char *ret, size_t size)
{
	const char *line = s->before;
	size_t n = strcspn(line, "\n");

	if (s->reset) {
		line = line_of(s->before, s->own, &n);
		if (!line) {
			snprintf(ret, size, "%.*s %s", (int)strcspn(s->own, " "), s->own, s->reset);
			return;
		}
	} else if (text_starts(line, "oom_kill_disable ")) { /* memory.oom_control is read otherwise than written */
		n = 1;
		line += strlen("oom_kill_disable ");
	}
	snprintf(ret, size, "%.*s", (int)n, line);
}

/* What takes a line away, behind its key, of the kernel's files that have lines only for what is limited. */
static const char *reset_of(const char *file)
{
	static const char *const resets[][2] = {
		{ "io.max", "rbps=max wbps=max riops=max wiops=max" },
		{ "io.latency", "target=0" },
		{ "io.weight", "default" },
		{ "io.bfq.weight", "default" },
	};

	for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++)
		if (strcmp(file, resets[i][0]) == 0)
			return resets[i][1];
	return NULL;
}

/* unified: takes away the lines that were not there before, then writes what was. */
static int put_lines_back(const struct plan *p, const struct setting *s)
{
	const char *reset = reset_of(s->file);
	size_t n;

	for (const char *at = s->value; reset && *at; at += n, at += *at == '\n') {
		char line[VALUE_MAX];
		size_t ignored;
		int r;

		n = strcspn(at, "\n");
		if (line_of(s->before, at, &ignored))
			continue;
		snprintf(line, sizeof(line), "%.*s %s", (int)strcspn(at, " \n"), at, reset);
		r = hierarchy_write(p->cgroup, s->h, s->file, line);
		if (r < 0 && r != -ENODEV && r != -EINVAL) /* such a line was refused, and is not there */
			return r;
	}
	if (!s->before[strspn(s->before, "\n")]) /* nothing: an empty line, where that is a value */
		return reset ? 0 : hierarchy_write(p->cgroup, s->h, s->file, "\n");
	return write_file(p->cgroup, s, s->file, s->before);
}

static int put_back(const struct plan *p, const struct setting *s)
{
	char value[VALUE_MAX];
	int r;

	if (!s->before)
		return 0;
	if (s->value)
		return put_lines_back(p, s);
	value_before(s, value, sizeof(value));
	r = hierarchy_write(p->cgroup, s->h, s->file, *value ? value : "\n"); /* an empty cpuset is an empty line */
	if (r == -ENOENT && *s->fallback)
		r = hierarchy_write(p->cgroup, s->h, s->fallback, *value ? value : "\n");
	return r;
}

/* The number that a value begins with; "max" and -1 are above all. */
static bool read_amount(const char *text, uint64_t *ret)
{
	if (text_starts(text, "max") || text_starts(text, "-1"))
		*ret = UINT64_MAX;
	else if (isdigit((unsigned char)*text))
		*ret = strtoull(text, NULL, 10);
	else
		return false;
	return true;
}

/* Files of lines, and lists, are neither. */
static bool is_lowering(const struct setting *s)
{
	const char *value = s->value ? s->value : s->own;
	uint64_t before, after;

	if (!s->before || s->reset || strchr(value, ':') || strpbrk(value, "\n,"))
		return false;
	return read_amount(s->before, &before) && read_amount(value, &after) && after < before;
}

/* In the reverse order, and again as long as it gets further: what depends on each other goes back as it came. */
static void roll_back(struct plan *p)
{
	for (bool further = true; further;) {
		further = false;
		for (size_t i = p->n; i-- > 0;) {
			struct setting *s = &p->settings[i];
			int r = s->touched ? put_back(p, s) : -EAGAIN;

			if (r < 0 && r != -ENODEV) /* a device that is not there has no line */
				continue;
			s->touched = false;
			further = true;
		}
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->settings[i].touched)
			log_warning("%s%s: %s could not be put back", RESOURCES_POINTER, p->settings[i].pointer,
				    p->settings[i].file);
}

/* "FILE VALUE" as the kernel has it now. */
static void add_report(const struct plan *p, const struct setting *s, struct text *report)
{
	auto_free char *now = read_file_of(p, s);
	const char *line = now, *value = s->value ? s->value : s->own;
	size_t n = now ? strcspn(now, "\n") : 0;

	if (now && (s->reset || s->value) && strchr(value, ' ')) {
		line = line_of(now, value, &n);
		line = line ? line : now;
	}
	text_printf(report, "%s %.*s\n", s->file, (int)n, line ? line : "");
}

/* checkBeforeUpdate: the kernel would start to reclaim, and then to kill. */
static int check_usage(struct plan *p)
{
	const struct oci_memory *memory = p->resources->memory;
	struct hierarchy *h;
	char now[64];
	uint64_t usage;

	if (!memory || !memory->check_before_update || memory->limit <= 0)
		return 0;
	h = find_controller(p, "memory");
	if (!h ||
	    hierarchy_read(p->cgroup, h, h->unified ? "memory.current" : "memory.usage_in_bytes", now, sizeof(now)) <
		    0 ||
	    text_to_u64(now, 0, UINT64_MAX, &usage) < 0)
		return fail(p->err, ERR_HOST, "%s/memory/checkBeforeUpdate: cannot read the memory in use",
			    RESOURCES_POINTER);
	if (usage > (uint64_t)memory->limit)
		return fail(p->err, ERR_STATE, "%s/memory/limit: %" PRId64 " is less than the %" PRIu64 " bytes in use",
			    RESOURCES_POINTER, memory->limit, usage);
	return 0;
}

static int enable_controllers(struct plan *p)
{
	struct hierarchy *h = hierarchy_unified(p->cgroup);
	int r;

	if (!*p->controllers || !h)
		return 0;
	if (p->cgroup->driver == &driver_fs2 && !p->cgroup->unit) /* fs2 has enabled them all at create */
		return 0;
	r = unified_enable(p->cgroup, h, p->controllers);
	return r < 0 ? fail(p->err, r, "cannot enable the controllers %s for cgroup %s", p->controllers,
			    p->cgroup->path)
		     : 0;
}

/* Without hierarchies (driver none) there is nothing to write to: limits are refused, device rules ask for nothing that
 * the creator's own cgroup does not already allow. */
static int refuse_without_cgroup(const struct oci_resources *resources, struct error *err)
{
	static const char none[] = "the container has no cgroup of its own";

	for (size_t i = 0; i < KNOBS; i++) {
		const void *value = knobs_member(&knobs[i], resources);

		if (value && knobs[i].to_v1 != to_nothing && !(knobs[i].kind == I64 && i64(value) <= 0) &&
		    !(knobs[i].kind == U64 && u64(value) == 0) &&
		    !(knobs[i].kind == U32 && *(const uint32_t *)value == 0) && !(knobs[i].kind == TRUTH && !*(const bool *)value))
			return fail(err, ERR_UNSUPPORTED, "%s%s: %s", RESOURCES_POINTER, knobs[i].pointer, none);
	}
	if (resources->block_io &&
	    (resources->block_io->weight || resources->block_io->leaf_weight || resources->block_io->n_weight_device ||
	     resources->block_io->n_throttle_read_bps_device || resources->block_io->n_throttle_write_bps_device ||
	     resources->block_io->n_throttle_read_iops_device || resources->block_io->n_throttle_write_iops_device))
		return fail(err, ERR_UNSUPPORTED, "%s/blockIO: %s", RESOURCES_POINTER, none);
	if (resources->n_hugepage_limits)
		return fail(err, ERR_UNSUPPORTED, "%s/hugepageLimits: %s", RESOURCES_POINTER, none);
	if (resources->network && (resources->network->has_class_id || resources->network->n_priorities))
		return fail(err, ERR_UNSUPPORTED, "%s/network: %s", RESOURCES_POINTER, none);
	if (resources->n_rdma)
		return fail(err, ERR_UNSUPPORTED, "%s/rdma: %s", RESOURCES_POINTER, none);
	if (resources->n_unified)
		return fail(err, ERR_UNSUPPORTED, "%s/unified: %s", RESOURCES_POINTER, none);
	return 0;
}

int knobs_check(const struct cgroup *cgroup, const struct oci_resources *resources, struct error *err)
{
	/* Nothing that the caller can see is changed. */
	struct plan p = { .cgroup = (struct cgroup *)cgroup, .resources = resources, .err = err };
	int r;

	if (!resources)
		return 0;
	if (cgroup->n == 0)
		return refuse_without_cgroup(resources, err);
	r = make_plan(&p);
	free_settings(&p);
	return r;
}

void knobs_check_each(const struct cgroup *cgroup, const struct oci_resources *resources,
		      void (*found)(void *context, const struct error *fault), void *context)
{
	static int (*const parts[])(struct plan * p) = { check_cpu, plan_block_io, plan_hugepages, plan_unified,
							 plan_priorities, plan_rdma };
	struct error err;
	struct plan p = { .cgroup = (struct cgroup *)cgroup, .resources = resources, .err = &err };

	if (!resources)
		return;
	if (cgroup->n == 0) {
		if (refuse_without_cgroup(resources, &err) < 0)
			found(context, &err);
		return;
	}
	for (size_t i = 0; i < KNOBS; i++)
		if (plan_knob(&p, &knobs[i]) < 0)
			found(context, &err);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i](&p) < 0)
			found(context, &err);
	if (devices_check(p.cgroup, resources->devices, resources->n_devices, &err) < 0)
		found(context, &err);
	free_settings(&p);
}

static void describe_devices(const struct plan *p, cgroup_tell_fn tell, void *context)
{
	struct hierarchy *h = hierarchy_of(p->cgroup, "devices");
	struct device_rules rules;
	char path[PATH_MAX], value[96];

	if (!p->resources->n_devices || device_rules_compile(p->resources->devices, p->resources->n_devices, &rules) < 0)
		return;
	if (h)
		hierarchy_place(p->cgroup, h, "devices.list", path, sizeof(path));
	else
		snprintf(path, sizeof(path), "BPF program of the cgroup");
	tell(context, rules.allow ? "allow" : "deny", path, "all", "/linux/resources/devices");
	for (size_t i = 0; i < rules.n; i++) {
		const struct device_rule *r = &rules.rules[i];
		char major[24] = "*", minor[24] = "*";

		if (r->major != DEVICE_ANY)
			snprintf(major, sizeof(major), "%" PRId64, r->major);
		if (r->minor != DEVICE_ANY)
			snprintf(minor, sizeof(minor), "%" PRId64, r->minor);
		snprintf(value, sizeof(value), "%c %s:%s %s%s%s", r->type, major, minor, r->access & ACCESS_READ ? "r" : "",
			 r->access & ACCESS_WRITE ? "w" : "", r->access & ACCESS_MKNOD ? "m" : "");
		tell(context, r->allow ? "allow" : "deny", path, value, "/linux/resources/devices");
	}
	free(rules.rules);
}

int knobs_describe(struct cgroup *cgroup, const struct oci_resources *resources, cgroup_tell_fn tell, void *context,
		   struct error *err)
{
	struct plan p = { .cgroup = cgroup, .resources = resources, .err = err };
	int r;

	if (!resources)
		return 0;
	if (cgroup->n == 0)
		return refuse_without_cgroup(resources, err);
	r = make_plan(&p);
	for (size_t i = 0; r == 0 && i < p.n; i++) {
		const struct setting *s = &p.settings[i];
		char path[PATH_MAX], pointer[256];

		hierarchy_place(cgroup, s->h, s->file, path, sizeof(path));
		snprintf(pointer, sizeof(pointer), "/linux/resources%s", s->pointer);
		tell(context, "write", path, s->value ? s->value : s->own, pointer);
	}
	if (r == 0)
		describe_devices(&p, tell, context);
	free(p.settings);
	return r;
}

int knobs_apply(struct cgroup *cgroup, const struct oci_resources *resources, struct error *err)
{
	struct plan p = { .cgroup = cgroup, .resources = resources, .err = err };
	int r;

	if (!resources)
		return 0;
	if (cgroup->n == 0)
		return refuse_without_cgroup(resources, err);
	r = make_plan(&p);
	if (r == 0)
		r = check_usage(&p);
	if (r == 0)
		r = enable_controllers(&p);
	if (r == 0)
		r = write_settings(&p);
	if (r == 0)
		r = devices_apply(cgroup, resources->devices, resources->n_devices, err);
	if (r == 0 && cgroup->driver == &driver_fs2 && resources->pids && resources->pids->has_limit)
		cgroup->no_clone = resources->pids->limit == 0 || (cgroup->unit && resources->pids->limit == 1);
	free_settings(&p);
	return r;
}

/* systemd first: what it writes itself is rounded, and it answers nothing else before it has written. */
static int update_unit(struct plan *p, const struct oci_resources *resources, struct error *err)
{
	struct variant *properties = variant_new("a(sv)");
	int r = properties ? knobs_unit(p->cgroup, resources, properties, err)
			   : fail(err, -ENOMEM, "cannot list the properties of the unit");

	if (r == 0 && properties->first)
		r = unit_set(p->cgroup, properties, err);
	variant_free(properties);
	return r;
}

/* Of memory and swap, one is needed for the other: v2's swap alone is what is above the limit, and v1 lets no limit be
 * above that of both. */
static void complete_memory(const struct cgroup *cgroup, const struct oci_memory *before, struct oci_memory *memory)
{
	if (memory->swap > 0 && memory->limit == 0 && before && before->limit > 0) {
		memory->limit = before->limit;
		memory->has_limit = true;
	}
	if (memory->limit == -1 && memory->swap == 0 && before && before->swap > 0 && hierarchy_of(cgroup, "memory")) {
		memory->swap = -1;
		memory->has_swap = true;
	}
}

static void undo_update(struct plan *p, const struct oci_resources *before)
{
	struct error ignored;

	if (p->cgroup->unit && before)
		(void)update_unit(p, before, &ignored); /* the files count, and are next */
	roll_back(p);
}

int knobs_update(struct cgroup *cgroup, const struct oci_resources *resources, const struct oci_resources *before,
		 const struct cgroup_keep *keep, struct text *report, struct error *err)
{
	struct oci_resources whole = *resources;
	struct plan p = { .cgroup = cgroup, .resources = &whole, .err = err };
	struct oci_memory memory;
	int r;

	if (cgroup->n == 0)
		return refuse_without_cgroup(resources, err) < 0 ? -1 : keep->run(keep->context, err);
	if (whole.memory) {
		memory = *whole.memory;
		complete_memory(cgroup, before ? before->memory : NULL, &memory);
		whole.memory = &memory;
	}
	r = make_plan(&p);
	if (r == 0)
		r = check_usage(&p);
	if (r == 0)
		r = enable_controllers(&p);
	for (size_t i = 0; i < p.n && r == 0; i++) {
		p.settings[i].before = read_file_of(&p, &p.settings[i]);
		p.settings[i].lowers = is_lowering(&p.settings[i]);
	}
	if (r == 0 && cgroup->unit)
		r = update_unit(&p, &whole, err);
	if (r == 0) {
		r = write_settings(&p);
		if (r == 0)
			r = keep->run(keep->context, err);
		if (r < 0)
			undo_update(&p, before);
	}
	for (size_t i = 0; i < p.n && r == 0 && report; i++)
		add_report(&p, &p.settings[i], report);
	free_settings(&p);
	return r;
}

/* ---- what update has set so far ---- */

int knobs_merge(void *document, struct oci_resources *to, const struct oci_resources *from)
{
#define MAKE(group)                                                                                       \
	if (from->group && !to->group && !(to->group = oci_alloc(document, sizeof(*to->group))))          \
		return -ENOMEM
	MAKE(memory);
	MAKE(cpu);
	MAKE(pids);
	MAKE(network);
#undef MAKE
	for (size_t i = 0; i < KNOBS; i++) {
		const struct knob *knob = &knobs[i];
		const char *value = knobs_member(knob, from);
		char *object;

		if (!value)
			continue;
		object = *(char **)(void *)((char *)to + knob->object);
		switch (knob->kind) {
		case I64:
		case U64:
			memcpy(object + knob->member, value, sizeof(uint64_t));
			break;
		case U32:
			memcpy(object + knob->member, value, sizeof(uint32_t));
			break;
		case TRUTH:
			memcpy(object + knob->member, value, sizeof(bool));
			break;
		case TEXT:
			memcpy(object + knob->member, value, sizeof(void *));
			continue;
		}
		*(bool *)(object + knob->has) = true;
	}
	return 0;
}
