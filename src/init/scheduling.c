// SPDX-License-Identifier: LGPL-2.1-or-later
/* scheduling.c - how and where the process runs: scheduler, ioPriority, memoryPolicy, personality.
 *
 * Init tries with its own rights, which are all that it takes in most cases, and asks the runtime for the rest:
 * only rights in the host's user namespace count for real-time classes. */
#include "init/scheduling.h"

#include <errno.h>
#include <sched.h>

#include "base/text.h"
#include "init/init.h"
#include "kernel/sched.h"

/* What the kernel's errno does not tell. */
static const char *hint(const struct oci_scheduler *s, int r)
{
	const bool deadline = s->policy == SCHED_DEADLINE;

	if (r == -EBUSY && deadline)
		return " (the deadline processes of this host leave not that much time: sched(7))";
	if (r == -EPERM && deadline)
		return " (it needs CAP_SYS_NICE on the host, and a cpuset that is a whole root domain)";
	if (r == -EPERM && (s->policy == SCHED_FIFO || s->policy == SCHED_RR))
		return " (it needs CAP_SYS_NICE on the host, and on cgroup v1 cpu.realtimeRuntime)";
	if (r == -EOPNOTSUPP)
		return " (this kernel has no utilisation clamps)";
	return "";
}

static int set_scheduler(const struct oci_scheduler *s, pid_t pid, struct error *err)
{
	struct sched_settings settings = {
		.policy = (uint32_t)s->policy,
		.nice = s->nice,
		.priority = (uint32_t)s->priority,
		.runtime = s->runtime,
		.deadline = s->deadline,
		.period = s->period,
	};
	int r;

	for (size_t i = 0; i < s->n_flags; i++)
		settings.flags |= s->flags[i];
	r = sched_set(pid, &settings);
	return r < 0 ? fail(err, r, "config.json:/process/scheduler: cannot set %s%s",
			    oci_word(oci_scheduler_policy_words, s->policy), hint(s, r))
		     : 0;
}

static int set_io_priority(const struct oci_io_priority *io, pid_t pid, struct error *err)
{
	int r = sched_set_io(pid, (unsigned)io->class, (unsigned)io->priority);

	return r < 0 ? fail(err, r, "config.json:/process/ioPriority: cannot set %s %d",
			    oci_word(oci_io_priority_class_words, io->class), io->priority)
		     : 0;
}

int scheduling_apply(const struct oci_process *process, pid_t pid, struct error *err)
{
	if (process->io_priority && set_io_priority(process->io_priority, pid, err) < 0)
		return -1;
	return process->scheduler ? set_scheduler(process->scheduler, pid, err) : 0;
}

int step_scheduling(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_SCHEDULING };

	if (scheduling_apply(in->process, 0, err) == 0)
		return 0;
	return err->code == -EPERM ? init_ask(in, &message, NULL, 0, NULL, 0, NULL, err) : -1;
}

int step_memory_policy(struct init *in, struct error *err)
{
	const struct oci_memory_policy *policy = in->config->linux ? in->config->linux->memory_policy : NULL;
	uint64_t nodes[SCHED_MAX_NODES / 64] = { 0 };
	uint64_t mode;
	int r;

	if (!policy)
		return 0;
	mode = policy->mode;
	for (size_t i = 0; i < policy->n_flags; i++)
		mode |= policy->flags[i];
	r = policy->nodes ? text_to_bits(policy->nodes, nodes, SCHED_MAX_NODES) : 0;
	if (r == 0)
		r = sched_set_memory((int)mode, nodes);
	return r < 0 ? fail(err, r, "config.json:/linux/memoryPolicy: cannot set %s%s%s%s",
			    oci_word(oci_memory_policy_mode_words, policy->mode), policy->nodes ? " for nodes " : "",
			    policy->nodes ? policy->nodes : "",
			    r == -EINVAL ? " (a node that this host or the cpuset has not, or a flag that the mode does not take)"
					 : "")
		     : 0;
}

int step_personality(struct init *in, struct error *err)
{
	const struct oci_personality *personality = in->config->linux ? in->config->linux->personality : NULL;
	int r = personality ? sched_set_personality((unsigned long)personality->domain) : 0;

	return r < 0 ? fail(err, r, "config.json:/linux/personality: cannot set it") : 0;
}
