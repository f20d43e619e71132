// SPDX-License-Identifier: LGPL-2.1-or-later
/* sched.h - how and where a process runs: policy, priorities, CPUs, memory nodes, personality. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As sched_setattr(2) takes it; a struct of our own, because headers disagree on where it is declared. */
struct sched_settings {
	uint32_t size; /* filled in by sched_set */
	uint32_t policy;
	uint64_t flags; /* SCHED_FLAG_* */
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period; /* nanoseconds */
	uint32_t util_min, util_max;	    /* filled in: no document of ours has a value for them */
};

/* Most NUMA nodes and CPUs that Linux can be built for, on any architecture. */
#define SCHED_MAX_NODES 1024
#define SCHED_MAX_CPUS	8192

/* Policy and parameters of a process, 0: the caller (sched_setattr(2)).  A utilisation clamp that the flags ask for is
 * set back to the system's default.  0 or -errno. */
int sched_set(pid_t pid, const struct sched_settings *settings);

/* I/O class and level of all processes in the group of that number, 0: the caller's (ioprio_set(2)).  0 or -errno. */
int sched_set_io(pid_t group, unsigned io_class, unsigned level);

/* Memory policy of the caller and what it forks and executes (set_mempolicy(2)): nodes has SCHED_MAX_NODES bits; all
 * zero is the empty set.  0 or -errno. */
int sched_set_memory(int mode_and_flags, const uint64_t *nodes);

/* A list of CPUs ("0-3, 7") as SCHED_MAX_CPUS bits; "" sets none.  0, -EINVAL, -ERANGE. */
int sched_read_cpus(const char *list, uint64_t *ret_cpus);

/* CPUs of the calling thread: cpus has SCHED_MAX_CPUS bits; the cpuset limits them.  0 or -errno. */
int sched_set_cpus(const uint64_t *cpus);

/* Execution domain of the caller (personality(2)).  0 or -errno. */
int sched_set_personality(unsigned long persona);
