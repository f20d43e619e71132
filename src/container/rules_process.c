// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules_process.c - the predicates of rules about the process: limits, environment,
 * capabilities, scheduling, memory policy. */
#include "container/rules_place.h"

#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "kernel/caps.h"
#include "kernel/sched.h"

bool rule_same_rlimit(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->process && i < c->process->n_rlimits; i++)
		for (size_t k = 0; k < i; k++)
			if (c->process->rlimits[i].type == c->process->rlimits[k].type) {
				if (place_at(p, "/process/rlimits/%zu/type", i))
					return true;
				break;
			}
	return false;
}

bool rule_soft_above_hard(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->process && i < c->process->n_rlimits; i++)
		if (c->process->rlimits[i].soft > c->process->rlimits[i].hard &&
		    place_at(p, "/process/rlimits/%zu/soft", i))
			return true;
	return false;
}

bool rule_bad_oom_score(const struct oci_config *c, struct place *p)
{
	return c->process && c->process->has_oom_score_adj &&
	       (c->process->oom_score_adj < -1000 || c->process->oom_score_adj > 1000) &&
	       place_at(p, "/process/oomScoreAdj");
}

bool rule_bad_umask(const struct oci_config *c, struct place *p)
{
	return c->process && c->process->user && c->process->user->has_umask && c->process->user->umask > 0777 &&
	       place_at(p, "/process/user/umask");
}

bool rule_octal_umask(const struct oci_config *c, struct place *p)
{
	const struct oci_user *user = c->process ? c->process->user : NULL;

	/* Those that people write. */
	return user && user->has_umask && (user->umask == 22 || user->umask == 27 || user->umask == 77) &&
	       place_looks_octal(p, user->umask) && place_at(p, "/process/user/umask");
}

bool rule_bad_console_size(const struct oci_config *c, struct place *p)
{
	const struct oci_process *process = c->process;

	if (!process || !process->has_terminal || !process->terminal || !process->console_size)
		return false;
	if (process->console_size->height > UINT16_MAX && place_at(p, "/process/consoleSize/height"))
		return true;
	return process->console_size->width > UINT16_MAX && place_at(p, "/process/consoleSize/width");
}

bool rule_idle_console_size(const struct oci_config *c, struct place *p)
{
	return c->process && c->process->console_size && !c->process->terminal && place_at(p, "/process/consoleSize");
}

bool rule_bad_variable(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->process && i < c->process->n_env; i++)
		if ((!strchr(c->process->env[i], '=') || c->process->env[i][0] == '=') &&
		    place_at(p, "/process/env/%zu", i))
			return true;
	return false;
}

static bool is_set_before(const struct oci_process *process, size_t i)
{
	size_t n = strcspn(process->env[i], "=");

	for (size_t k = 0; k < i; k++)
		if (strncmp(process->env[i], process->env[k], n + 1) == 0)
			return true;
	return false;
}

bool rule_same_variable(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->process && i < c->process->n_env; i++)
		if (is_set_before(c->process, i) && place_at(p, "/process/env/%zu", i))
			return true;
	return false;
}

// clang-format off
static const struct {
	const char *word;
	size_t names, n; /* offsets in struct oci_capabilities */
} cap_lists[] = {
#define CAP_LIST(word)                                                                                      \
	{                                                                                                   \
#word, offsetof(struct oci_capabilities, word), offsetof(struct oci_capabilities, n_##word) \
	}
	CAP_LIST(bounding), CAP_LIST(effective), CAP_LIST(inheritable), CAP_LIST(permitted), CAP_LIST(ambient),
#undef CAP_LIST
};
// clang-format on

static const char *capability_like(const char *word)
{
	const char *name;

	for (int i = 0; (name = cap_name(i)); i++)
		if (oci_is_similar(word, name))
			return name;
	return NULL;
}

bool rule_unknown_capability(const struct oci_config *c, struct place *p)
{
	const char *caps = c->process ? (const char *)c->process->capabilities : NULL;

	for (size_t list = 0; caps && list < sizeof(cap_lists) / sizeof(cap_lists[0]); list++) {
		const char *const *names = *(const char *const *const *)(const void *)(caps + cap_lists[list].names);
		size_t n = *(const size_t *)(const void *)(caps + cap_lists[list].n);

		for (size_t i = 0; i < n; i++) {
			const char *like;

			if (cap_number(names[i]) >= 0)
				continue;
			like = capability_like(names[i]);
			(void)snprintf(p->sentence, sizeof(p->sentence), "is no capability, and is ignored%s%s%s",
				       like ? "; did you mean " : "", like ? like : "", like ? "?" : "");
			if (place_at(p, "/process/capabilities/%s/%zu", cap_lists[list].word, i))
				return true;
		}
	}
	return false;
}

bool rule_no_process(const struct oci_config *c, struct place *p)
{
	return !c->process && place_at(p, "/process");
}

static bool is_cpu_list(const char *list)
{
	uint64_t cpus[SCHED_MAX_CPUS / 64];

	return !list || sched_read_cpus(list, cpus) == 0;
}

bool rule_bad_affinity(const struct oci_config *c, struct place *p)
{
	const struct oci_exec_cpu_affinity *affinity = c->process ? c->process->exec_cpu_affinity : NULL;

	if (!affinity)
		return false;
	if (!is_cpu_list(affinity->initial) && place_at(p, "/process/execCPUAffinity/initial"))
		return true;
	return !is_cpu_list(affinity->final) && place_at(p, "/process/execCPUAffinity/final");
}

static const struct oci_scheduler *scheduler_of(const struct oci_config *c)
{
	return c->process ? c->process->scheduler : NULL;
}

bool rule_bad_nice(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	return s && (s->nice < -20 || s->nice > 19) && place_at(p, "/process/scheduler/nice");
}

/* KEEP_PARAMS: what is there stays, and what is given is not looked at. */
static bool keeps_parameters(const struct oci_scheduler *s)
{
	for (size_t i = 0; i < s->n_flags; i++)
		if (s->flags[i] == SCHED_FLAG_KEEP_PARAMS)
			return true;
	return false;
}

static bool is_real_time(const struct oci_scheduler *s)
{
	return s->policy == SCHED_FIFO || s->policy == SCHED_RR;
}

bool rule_bad_real_time_priority(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	return s && is_real_time(s) && !keeps_parameters(s) && (s->priority < 1 || s->priority > 99) &&
	       place_at(p, "/process/scheduler/priority");
}

bool rule_useless_priority(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	return s && !is_real_time(s) && s->priority != 0 && place_at(p, "/process/scheduler/priority");
}

bool rule_useless_deadline(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	if (!s || s->policy == SCHED_DEADLINE)
		return false;
	if (s->runtime && place_at(p, "/process/scheduler/runtime"))
		return true;
	if (s->deadline && place_at(p, "/process/scheduler/deadline"))
		return true;
	return s->period && place_at(p, "/process/scheduler/period");
}

/* sched(7): 1024 <= runtime <= deadline <= period, where a period of 0 is the deadline. */
bool rule_impossible_deadline(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	if (!s || s->policy != SCHED_DEADLINE || keeps_parameters(s))
		return false;
	if (s->runtime < 1024)
		return place_at(p, "/process/scheduler/runtime");
	if (s->deadline < s->runtime || s->deadline > INT64_MAX)
		return place_at(p, "/process/scheduler/deadline");
	return s->period && (s->period < s->deadline || s->period > INT64_MAX) &&
	       place_at(p, "/process/scheduler/period");
}

/* startContainer hooks are children of the process that they prepare. */
bool rule_deadline_with_hooks(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	if (!s || s->policy != SCHED_DEADLINE || !c->hooks || c->hooks->n_start_container == 0)
		return false;
	for (size_t i = 0; i < s->n_flags; i++)
		if (s->flags[i] == SCHED_FLAG_RESET_ON_FORK)
			return false;
	return place_at(p, "/process/scheduler/flags");
}

static const struct oci_memory_policy *memory_policy_of(const struct oci_config *c)
{
	return c->linux ? c->linux->memory_policy : NULL;
}

static bool has_nodes(const struct oci_memory_policy *m)
{
	return m->nodes && *m->nodes;
}

bool rule_bad_nodes(const struct oci_config *c, struct place *p)
{
	const struct oci_memory_policy *m = memory_policy_of(c);
	uint64_t nodes[SCHED_MAX_NODES / 64];

	return m && has_nodes(m) && text_to_bits(m->nodes, nodes, SCHED_MAX_NODES) < 0 &&
	       place_at(p, "/linux/memoryPolicy/nodes");
}

/* set_mempolicy(2): these two have none; MPOL_PREFERRED may be without. */
bool rule_useless_nodes(const struct oci_config *c, struct place *p)
{
	const struct oci_memory_policy *m = memory_policy_of(c);

	return m && has_nodes(m) && (m->mode == MPOL_DEFAULT || m->mode == MPOL_LOCAL) &&
	       place_at(p, "/linux/memoryPolicy/nodes");
}

bool rule_missing_nodes(const struct oci_config *c, struct place *p)
{
	const struct oci_memory_policy *m = memory_policy_of(c);

	return m && !has_nodes(m) && m->mode != MPOL_DEFAULT && m->mode != MPOL_LOCAL && m->mode != MPOL_PREFERRED &&
	       place_at(p, "/linux/memoryPolicy/nodes");
}

bool rule_contrary_node_flags(const struct oci_config *c, struct place *p)
{
	const struct oci_memory_policy *m = memory_policy_of(c);
	uint64_t all = 0;

	for (size_t i = 0; m && i < m->n_flags; i++)
		all |= m->flags[i];
	return (all & MPOL_F_STATIC_NODES) && (all & MPOL_F_RELATIVE_NODES) && place_at(p, "/linux/memoryPolicy/flags");
}
