// SPDX-License-Identifier: LGPL-2.1-or-later
/* sched.c - how and where a process runs.
 *
 * The kernel's interfaces take sets as words of bits, counted in bits, one too many (set_mempolicy) or in bytes. */
#include "kernel/sched.h"

#include <errno.h>
#include <linux/ioprio.h>

#include "base/text.h"
#include "kernel/sys.h"

#define UTIL_CLAMP_MIN 0x20 /* SCHED_FLAG_UTIL_CLAMP_*: Linux 5.3 */
#define UTIL_CLAMP_MAX 0x40
#define UTIL_RESET     UINT32_MAX /* Linux 5.11 */

int sched_set(pid_t pid, const struct sched_settings *settings)
{
	struct sched_settings s = *settings;

	_Static_assert(sizeof(s) == 56, "SCHED_ATTR_SIZE_VER1");
	s.size = sizeof(s);
	s.util_min = s.flags & UTIL_CLAMP_MIN ? UTIL_RESET : 0;
	s.util_max = s.flags & UTIL_CLAMP_MAX ? UTIL_RESET : 0;
	return sys_sched_setattr(pid, &s);
}

int sched_set_io(pid_t group, unsigned io_class, unsigned level)
{
	return sys_ioprio_set(IOPRIO_WHO_PGRP, group, (int)IOPRIO_PRIO_VALUE(io_class, level));
}

int sched_set_memory(int mode_and_flags, const uint64_t *nodes)
{
	for (size_t i = 0; i < SCHED_MAX_NODES / 64; i++)
		if (nodes[i])
			return sys_set_mempolicy(mode_and_flags, nodes, SCHED_MAX_NODES + 1);
	return sys_set_mempolicy(mode_and_flags, NULL, 0);
}

/* Blanks are allowed by the schema of the specification. */
int sched_read_cpus(const char *list, uint64_t *ret_cpus)
{
	char plain[SCHED_MAX_CPUS * 5];
	size_t n = 0;

	for (const char *p = list; *p; p++) {
		if (*p == ' ')
			continue;
		if (n == sizeof(plain) - 1)
			return -EINVAL;
		plain[n++] = *p;
	}
	plain[n] = '\0';
	return text_to_bits(plain, ret_cpus, SCHED_MAX_CPUS);
}

int sched_set_cpus(const uint64_t *cpus)
{
	return sys_sched_setaffinity(0, SCHED_MAX_CPUS / 8, cpus);
}

int sched_set_personality(unsigned long persona)
{
	int r = sys_personality(persona);

	return r < 0 ? r : 0;
}
