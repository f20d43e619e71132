// SPDX-License-Identifier: LGPL-2.1-or-later
/* knobs.c - THE table of resources: member of the spec, v1 file, v2 file, conversion.
 *
 * knobs_plan.c makes a list of writes from it, knobs_write.c writes them, knobs_update.c can put them back, knobs_unit.c tells
 * systemd, knobs_rows.c tells readers.
 *
 * 0 as limit, shares, quota, period or weight means "not set", although the spec does not say so: `docker update` sends
 * a 0 for all that was not asked for.  pids.limit alone has a real 0. */
#include "cgroup/knobs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cgroup/knobs_plan.h"
#include "cgroup/knobs_table.h"
#include "ocispec.h"

/* ---- conversions ---- */

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
		snprintf(ret, KNOB_VALUE_MAX, "%s", none);
	else
		snprintf(ret, KNOB_VALUE_MAX, "%" PRId64, i64(value));
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
	snprintf(ret, KNOB_VALUE_MAX, "%" PRId64, swap - limit);
	return 1;
}

static int to_pids_max(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	if (i64(value) < -1)
		return refuse(p, knob, ERR_CONFIG, "must be a number of tasks, or -1 for no limit");
	if (i64(value) == -1)
		snprintf(ret, KNOB_VALUE_MAX, "max");
	else
		snprintf(ret, KNOB_VALUE_MAX, "%" PRId64, i64(value));
	return 1;
}

/* An unsigned number as it is; 0 is "not set". */
static int to_u64(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	if (u64(value) == 0)
		return 0;
	snprintf(ret, KNOB_VALUE_MAX, "%" PRIu64, u64(value));
	return 1;
}

static int to_u32(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	snprintf(ret, KNOB_VALUE_MAX, "%" PRIu32, *(const uint32_t *)value);
	return 1;
}

/* The same with a real 0. */
static int to_plain(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	snprintf(ret, KNOB_VALUE_MAX, "%" PRIu64, u64(value));
	return 1;
}

static int to_signed(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	if (i64(value) == 0)
		return 0;
	snprintf(ret, KNOB_VALUE_MAX, "%" PRId64, i64(value));
	return 1;
}

static int to_idle(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	if (i64(value) != 0 && i64(value) != 1)
		return refuse(p, knob, ERR_CONFIG, "must be 0 or 1");
	snprintf(ret, KNOB_VALUE_MAX, "%d", (int)i64(value));
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
	snprintf(ret, KNOB_VALUE_MAX, "%" PRIu64, knobs_cpu_weight(u64(value)));
	return 1;
}

static int to_quota_v1(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	(void)p;
	(void)knob;
	if (i64(value) == 0)
		return 0;
	snprintf(ret, KNOB_VALUE_MAX, "%" PRId64, i64(value) < 0 ? -1 : i64(value));
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
	at = i64(value) < 0 ? snprintf(ret, KNOB_VALUE_MAX, "max") : snprintf(ret, KNOB_VALUE_MAX, "%" PRId64, i64(value));
	if (cpu->period)
		snprintf(ret + at, KNOB_VALUE_MAX - (size_t)at, " %" PRIu64, cpu->period);
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
	snprintf(ret, KNOB_VALUE_MAX, "%.*s %" PRIu64, (int)strcspn(now, " "), now, u64(value));
	return 1;
}

static int to_text(struct plan *p, const struct knob *knob, const void *value, char *ret)
{
	const char *text = *(const char *const *)value;

	if (!*text)
		return 0;
	if (strlen(text) >= KNOB_VALUE_MAX)
		return refuse(p, knob, ERR_CONFIG, "the list is too long");
	if (strspn(text, "0123456789,- \t") != strlen(text))
		return refuse(p, knob, ERR_CONFIG, "must be a list such as 0-3,7");
	snprintf(ret, KNOB_VALUE_MAX, "%s", text);
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
	snprintf(ret, KNOB_VALUE_MAX, "%d", *(const bool *)value);
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
	for (size_t i = 0; i < knobs_n; i++)
		if (strcmp(knobs_table[i].pointer, pointer) == 0)
			return knobs_text(&knobs_table[i], resources, v2, ret, err);
	return 0;
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
	for (size_t i = 0; i < knobs_n; i++) {
		const struct knob *knob = &knobs_table[i];
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
