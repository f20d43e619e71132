// SPDX-License-Identifier: LGPL-2.1-or-later
/* update.c - `hull update`: other limits for a container that runs. */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "ocispec.h"

struct update_values {
	const char *resources, *memory, *memory_reservation, *memory_swap, *cpu_period, *cpu_quota, *cpu_share, *cpu_burst,
		*cpu_idle, *cpu_rt_period, *cpu_rt_runtime, *cpuset_cpus, *cpuset_mems, *blkio_weight, *pids_limit, *l3, *mem_bw,
		*ignored;
	bool verbose;
};

#define AT(member) OPTION_AT(struct update_values, member)

// clang-format off
static const struct option options[] = {
	{ "resources", "r", OPTION_STRING, AT(resources), "FILE",
	  "Read an object as \"linux.resources\" in config.json from FILE, or from stdin (-). What it leaves out stays as it is. "
	  "The options of single limits are ignored then." },
	{ "memory", NULL, OPTION_STRING, AT(memory), "BYTES", "Memory limit, with k, m or g; -1 for none." },
	{ "memory-reservation", NULL, OPTION_STRING, AT(memory_reservation), "BYTES", "Soft limit of memory." },
	{ "memory-swap", NULL, OPTION_STRING, AT(memory_swap), "BYTES", "Limit of memory and swap together; -1 for none." },
	{ "cpu-period", NULL, OPTION_STRING, AT(cpu_period), "USEC", "Length of a CFS period." },
	{ "cpu-quota", NULL, OPTION_STRING, AT(cpu_quota), "USEC", "CPU time in a period; -1 for no limit." },
	{ "cpu-share", NULL, OPTION_STRING, AT(cpu_share), "N", "Share of CPU time, relative to others." },
	{ "cpu-shares", NULL, OPTION_STRING, AT(cpu_share), "N", "The same as --cpu-share.", NULL, 0, OPTION_HIDDEN },
	{ "cpu-burst", NULL, OPTION_STRING, AT(cpu_burst), "USEC", "CPU time that may be spent beyond the quota." },
	{ "cpu-idle", NULL, OPTION_STRING, AT(cpu_idle), "0|1", "Whether it runs only where nobody else wants to." },
	{ "cpu-rt-period", NULL, OPTION_STRING, AT(cpu_rt_period), "USEC", "Length of a real-time period (cgroup v1)." },
	{ "cpu-rt-runtime", NULL, OPTION_STRING, AT(cpu_rt_runtime), "USEC", "Real-time CPU time in a period (cgroup v1)." },
	{ "cpuset-cpus", NULL, OPTION_STRING, AT(cpuset_cpus), "LIST", "CPUs to run on, as 0-3,7." },
	{ "cpuset-mems", NULL, OPTION_STRING, AT(cpuset_mems), "LIST", "Memory nodes." },
	{ "blkio-weight", NULL, OPTION_STRING, AT(blkio_weight), "N", "Weight of block I/O, 10 to 1000." },
	{ "pids-limit", NULL, OPTION_STRING, AT(pids_limit), "N", "Greatest number of tasks; -1 for no limit." },
	{ "l3-cache-schema", NULL, OPTION_STRING, AT(l3), "SCHEMA", "Schema of the L3 cache (Intel RDT)." },
	{ "mem-bw-schema", NULL, OPTION_STRING, AT(mem_bw), "SCHEMA", "Schema of the memory bandwidth (Intel RDT)." },
	{ "kernel-memory", NULL, OPTION_STRING, AT(ignored), "BYTES", "No kernel has this limit any more.", NULL, 0, OPTION_IGNORED },
	{ "kernel-memory-tcp", NULL, OPTION_STRING, AT(ignored), "BYTES", "It is left as it is.", NULL, 0, OPTION_IGNORED },
	{ "verbose", NULL, OPTION_FLAG, AT(verbose), NULL, "Print each file of the kernel and the value that it accepted." },
};
// clang-format on

/* ---- numbers ---- */

enum kind { BYTES, SIGNED, UNSIGNED, SMALL };

/* 64m is 64 * 1048576. */
static int read_bytes(const char *text, int64_t *ret)
{
	static const char units[] = "bkmg";
	size_t length = strlen(text);
	const char *unit = length ? strchr(units, tolower((unsigned char)text[length - 1])) : NULL;
	char digits[32];
	int shift = 0, r;

	if (unit && *unit) {
		shift = 10 * (int)(unit - units);
		length--;
	}
	if (length >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, length);
	digits[length] = '\0';
	r = text_to_i64(digits, -1, INT64_MAX >> shift, ret);
	if (r == 0 && *ret > 0)
		*ret <<= shift;
	return r == 0 && *ret < 0 && shift ? -EINVAL : r;
}

struct number {
	const char *option, *text;
	enum kind kind;
	void *to;
	bool *has;
};

static int read_number(const struct number *n, struct error *err)
{
	uint64_t small;
	int r = 0;

	if (!n->text)
		return 0;
	switch (n->kind) {
	case BYTES:
		r = read_bytes(n->text, n->to);
		break;
	case SIGNED:
		r = text_to_i64(n->text, INT64_MIN, INT64_MAX, n->to);
		break;
	case UNSIGNED:
		r = text_to_u64(n->text, 0, UINT64_MAX, n->to);
		break;
	case SMALL:
		r = text_to_u64(n->text, 0, UINT16_MAX, &small);
		if (r == 0)
			*(uint16_t *)n->to = (uint16_t)small;
		break;
	}
	if (r < 0)
		return fail(err, ERR_USAGE, "--%s: \"%s\" is no %s", n->option, n->text,
			    n->kind == BYTES ? "number of bytes" : "number that it can be");
	*n->has = true;
	return 0;
}

static int run(struct call *call, struct error *err)
{
	const struct update_values *v = call->options;
	struct oci_memory memory = { 0 };
	struct oci_cpu cpu = { .cpus = v->cpuset_cpus, .mems = v->cpuset_mems };
	struct oci_pids pids = { 0 };
	struct oci_block_io block_io = { 0 };
	const struct oci_resources resources = { .memory = &memory, .cpu = &cpu, .pids = &pids, .block_io = &block_io };
	const struct number numbers[] = {
		{ "memory", v->memory, BYTES, &memory.limit, &memory.has_limit },
		{ "memory-reservation", v->memory_reservation, BYTES, &memory.reservation, &memory.has_reservation },
		{ "memory-swap", v->memory_swap, BYTES, &memory.swap, &memory.has_swap },
		{ "cpu-period", v->cpu_period, UNSIGNED, &cpu.period, &cpu.has_period },
		{ "cpu-quota", v->cpu_quota, SIGNED, &cpu.quota, &cpu.has_quota },
		{ "cpu-share", v->cpu_share, UNSIGNED, &cpu.shares, &cpu.has_shares },
		{ "cpu-burst", v->cpu_burst, UNSIGNED, &cpu.burst, &cpu.has_burst },
		{ "cpu-idle", v->cpu_idle, SIGNED, &cpu.idle, &cpu.has_idle },
		{ "cpu-rt-period", v->cpu_rt_period, UNSIGNED, &cpu.realtime_period, &cpu.has_realtime_period },
		{ "cpu-rt-runtime", v->cpu_rt_runtime, SIGNED, &cpu.realtime_runtime, &cpu.has_realtime_runtime },
		{ "blkio-weight", v->blkio_weight, SMALL, &block_io.weight, &block_io.has_weight },
		{ "pids-limit", v->pids_limit, SIGNED, &pids.limit, &pids.has_limit },
	};
	const struct update_options update = {
		.id = call->words[0],
		.file = v->resources,
		.resources = &resources,
		.l3_cache_schema = v->l3,
		.mem_bw_schema = v->mem_bw,
	};
	auto_text struct text report = TEXT_INIT;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (read_number(&numbers[i], err) < 0)
			return -1;
	if (container_update(call->runtime, &update, v->verbose ? &report : NULL, err) < 0)
		return -1;
	return v->verbose ? print_text(&report, err) : 0;
}

static const char *const notes[] = {
	"Either all that is asked for is in force afterwards, or nothing has changed. Device rules are no matter of update.",
	NULL,
};

const struct command command_update = {
	.name = "update",
	.about = "change the limits of a container",
	.words = "ID",
	.notes = notes,
	OPTION_TABLE(options),
	.options_size = sizeof(struct update_values),
	.statuses = STATUS_BIT(STATUS_CREATED) | STATUS_BIT(STATUS_RUNNING) | STATUS_BIT(STATUS_PAUSED),
	.run = run,
};
