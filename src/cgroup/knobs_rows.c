// SPDX-License-Identifier: LGPL-2.1-or-later
/* knobs_rows.c - the table of resources as readers see it: docs/cgroups.md is made from it. */
#include <stdio.h>

#include "cgroup/knobs.h"
#include "cgroup/knobs_table.h"

/* What is no single value of one file. */
static const struct knob_row others[] = {
	// clang-format off
	{ "/blockIO/weight",       "blkio.bfq.weight",        "io.bfq.weight", "IOWeight",       "where there is no io.bfq.weight, and in a unit: 1 + (weight - 10) * 9999 / 990, in io.weight" },
	{ "/blockIO/weightDevice", "blkio.bfq.weight_device", "io.bfq.weight", "IODeviceWeight", "the same, a line for each device" },
	{ "/hugepageLimits",       "hugetlb.SIZE.rsvd.limit_in_bytes", "hugetlb.SIZE.rsvd.max", "", "the file without rsvd too, which is there on every kernel" },
	{ "/network/priorities",   "net_prio.ifpriomap",      "",              "",               "refused" },
	{ "/rdma",                 "rdma.max",                "rdma.max",      "",               "" },
	{ "/unified",              "",                        "the file of that name", "",       "one write for each line; on v1 refused" },
	{ "/devices",              "devices.allow, devices.deny", "a BPF program", "",           "below" },
	{ "/memory/checkBeforeUpdate", "",                    "",              "",               "a limit below the usage is refused" },
	// clang-format on
};

#define OTHERS (sizeof(others) / sizeof(others[0]))

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

int knobs_row(size_t i, struct knob_row *ret)
{
	if (i < knobs_n) {
		const struct knob *knob = &knobs_table[i];

		*ret = (struct knob_row){ knob->pointer, or_empty(knob->v1), or_empty(knob->v2), or_empty(knob->unit.v2), knob->note };
		return 0;
	}
	i -= knobs_n;
	if (i < THROTTLES) {
		const struct throttle *list = &knobs_throttles[i];

		*ret = (struct knob_row){ list->pointer, list->v1, "io.max", list->unit, list->v2 };
		return 0;
	}
	i -= THROTTLES;
	if (i >= OTHERS)
		return -1;
	*ret = others[i];
	return 0;
}
