// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules.c - THE table of rules between properties: predicate, sentence, rows of the conformance ledger.
 *
 * The reader has checked what a single value shows.  create stops at the first place that breaks a rule; validate
 * goes on: at() then keeps the place and says false, so a predicate must go on behind `if (... && at(...))`. */
#include "container/rules.h"

#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/annotations.h"
#include "base/text.h"
#include "container/seccomp.h"
#include "container/annotations.h"
#include "container/seccomp.h"
#include "container/container.h"
#include "init/landlock.h"
#include "kernel/caps.h"
#include "kernel/labels.h"
#include "kernel/mountopts.h"
#include "kernel/sched.h"

struct place;

struct rule {
	enum error_code code; /* 0: a warning, of which validate alone tells */
	bool (*is_broken)(const struct oci_config *config, struct place *place);
	const char *sentence; /* behind the pointer */
	const char *ids;      /* rows of the ledger, with blanks between */
	const char *reads;    /* what else the verdict hangs on: a JSON pointer, or NULL */
};

struct place {
	char pointer[256];
	char sentence[256];      /* instead of the rule's, where a predicate knows more */
	const struct rule *rule; /* validate: the one that is asked, NULL: stop at the first place */
	unsigned n;              /* places found of this rule */
	rules_found_fn found;
	void *context;
};

/* More places of one rule say nothing new, and a document may be made to have millions. */
#define MOST_PLACES 100

/* Whether to stop here. */
static bool stops(struct place *place)
{
	const struct rule *rule = place->rule;

	if (!rule)
		return true;
	place->found(place->context,
		     &(struct rule_finding){ .code = rule->code,
					     .pointer = place->pointer,
					     .sentence = *place->sentence ? place->sentence : rule->sentence,
					     .ids = rule->ids,
					     .reads = rule->reads });
	place->sentence[0] = '\0';
	return ++place->n >= MOST_PLACES;
}

static bool at(struct place *place, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool at(struct place *place, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(place->pointer, sizeof(place->pointer), fmt, args);
	va_end(args);
	return stops(place);
}

/* prefix + key, a key of the document, as a JSON pointer has it (RFC 6901) + suffix. */
static bool at_key(struct place *place, const char *prefix, const char *key, const char *suffix)
{
	size_t n = (size_t)snprintf(place->pointer, sizeof(place->pointer), "%s/", prefix);

	for (; *key && n + 3 < sizeof(place->pointer); key++) {
		if (*key == '/' || *key == '~')
			place->pointer[n++] = '~';
		place->pointer[n++] = *key == '/' ? '1' : *key == '~' ? '0' : *key;
	}
	(void)snprintf(place->pointer + n, sizeof(place->pointer) - n, "%s", suffix);
	return stops(place);
}

/* The entry for a kind of namespace, or NULL. */
static const struct oci_namespace *find_namespace(const struct oci_config *c, uint64_t type)
{
	for (size_t i = 0; c->linux && i < c->linux->n_namespaces; i++)
		if (c->linux->namespaces[i].type == type)
			return &c->linux->namespaces[i];
	return NULL;
}

/* ---- the document ---- */

static bool other_major(const struct oci_config *c, struct place *p)
{
	return !text_starts(c->oci_version, "1.") && at(p, "/ociVersion");
}

static bool relative_hook_file(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->hooks && i < c->n_annotations; i++) {
		const struct oci_pair *a = &c->annotations[i];

		if ((strcmp(a->key, ANNOTATION_HOOKS_STDOUT) == 0 || strcmp(a->key, ANNOTATION_HOOKS_STDERR) == 0) &&
		    *a->value && *a->value != '/' && at_key(p, "/annotations", a->key, ""))
			return true;
	}
	return false;
}

static bool virtual_machine(const struct oci_config *c, struct place *p)
{
	return c->vm && at(p, "/vm");
}

static bool empty_destination(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (!*c->mounts[i].destination && at(p, "/mounts/%zu/destination", i))
			return true;
	return false;
}

static bool half_mapped_mount(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (!c->mounts[i].n_uid_mappings != !c->mounts[i].n_gid_mappings &&
		    at(p, "/mounts/%zu/%s", i, c->mounts[i].n_uid_mappings ? "uidMappings" : "gidMappings"))
			return true;
	return false;
}

static bool is_word(const char *option, const char *word)
{
	return *option == *word && strcmp(option, word) == 0;
}

/* As mountopts.c reads them; a plain search, because every create asks. */
static bool has_option(const struct oci_mount *m, const char *a, const char *b)
{
	for (size_t i = 0; i < m->n_options; i++)
		if (is_word(m->options[i], a) || is_word(m->options[i], b))
			return true;
	return false;
}

static bool is_bind(const struct oci_mount *m)
{
	return has_option(m, "bind", "rbind");
}

static bool is_remount(const struct oci_mount *m)
{
	return has_option(m, "remount", "remount");
}

static bool is_type(const struct oci_mount *m, const char *type)
{
	return m->type && strcmp(m->type, type) == 0;
}

static bool no_file_system(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if ((!c->mounts[i].type || !*c->mounts[i].type) && !is_bind(&c->mounts[i]) &&
		    !is_remount(&c->mounts[i]) && at(p, "/mounts/%zu/type", i))
			return true;
	return false;
}

static bool bind_without_source(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (!c->mounts[i].source && is_bind(&c->mounts[i]) && !is_remount(&c->mounts[i]) &&
		    at(p, "/mounts/%zu/source", i))
			return true;
	return false;
}

static bool unmappable_mount(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];

		if ((m->n_uid_mappings || has_option(m, "idmap", "ridmap")) &&
		    (is_remount(m) || (!is_bind(m) && is_type(m, "cgroup"))) && at(p, "/mounts/%zu", i))
			return true;
	}
	return false;
}

/* Without maps of its own, those of the container (mnt-idmap-04). */
static bool shifted_without_mappings(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];

		if (!m->n_uid_mappings && !(c->linux && c->linux->n_uid_mappings) && !is_remount(m) &&
		    has_option(m, "idmap", "ridmap") && at(p, "/mounts/%zu/options", i))
			return true;
	}
	return false;
}

static bool copied_up(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];

		if (has_option(m, "tmpcopyup", "tmpcopyup") && (is_bind(m) || !is_type(m, "tmpfs")) &&
		    at(p, "/mounts/%zu/options", i))
			return true;
	}
	return false;
}

/* Of a remount nothing is copied; what is no bind mount has no source that could be a link. */
static bool idle_mount_word(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];
		const bool remount = is_remount(m), bound = is_bind(m) && !remount;

		for (size_t k = 0; k < m->n_options; k++) {
			const char *word = m->options[k];

			if (!(remount && is_word(word, "tmpcopyup")) &&
			    !(!bound && (is_word(word, "copy-symlink") || is_word(word, "src-nofollow"))))
				continue;
			(void)snprintf(p->sentence, sizeof(p->sentence), "%s has no effect on %s", word,
				       remount ? "a remount" : "what is no bind mount");
			if (at(p, "/mounts/%zu/options/%zu", i, k))
				return true;
		}
	}
	return false;
}

/* Whether mountopts.c has no row for it, so that it is data for the file system. */
static bool is_data(const char *option)
{
	struct mount_options o;
	bool yes;

	if (mount_options_read(&option, 1, &o) < 0)
		return false;
	yes = o.n_data > 0;
	mount_options_free(&o);
	return yes;
}

static bool cgroup_option(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];

		if (!is_type(m, "cgroup") || is_bind(m) || is_remount(m))
			continue;
		for (size_t k = 0; k < m->n_options; k++) {
			if (!is_data(m->options[k]))
				continue;
			(void)snprintf(p->sentence, sizeof(p->sentence),
				       "a mount of type cgroup takes no option \"%s\"", m->options[k]);
			if (at(p, "/mounts/%zu/options/%zu", i, k))
				return true;
		}
	}
	return false;
}

/* ---- process ---- */

static bool same_rlimit(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->process && i < c->process->n_rlimits; i++)
		for (size_t k = 0; k < i; k++)
			if (c->process->rlimits[i].type == c->process->rlimits[k].type) {
				if (at(p, "/process/rlimits/%zu/type", i))
					return true;
				break;
			}
	return false;
}

static bool soft_above_hard(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->process && i < c->process->n_rlimits; i++)
		if (c->process->rlimits[i].soft > c->process->rlimits[i].hard && at(p, "/process/rlimits/%zu/soft", i))
			return true;
	return false;
}

static bool bad_oom_score(const struct oci_config *c, struct place *p)
{
	return c->process && c->process->has_oom_score_adj &&
	       (c->process->oom_score_adj < -1000 || c->process->oom_score_adj > 1000) && at(p, "/process/oomScoreAdj");
}

static bool bad_umask(const struct oci_config *c, struct place *p)
{
	return c->process && c->process->user && c->process->user->has_umask && c->process->user->umask > 0777 &&
	       at(p, "/process/user/umask");
}

static bool bad_console_size(const struct oci_config *c, struct place *p)
{
	const struct oci_process *process = c->process;

	if (!process || !process->has_terminal || !process->terminal || !process->console_size)
		return false;
	if (process->console_size->height > UINT16_MAX && at(p, "/process/consoleSize/height"))
		return true;
	return process->console_size->width > UINT16_MAX && at(p, "/process/consoleSize/width");
}

static bool bad_variable(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->process && i < c->process->n_env; i++)
		if ((!strchr(c->process->env[i], '=') || c->process->env[i][0] == '=') && at(p, "/process/env/%zu", i))
			return true;
	return false;
}

/* ---- scheduling and memory ---- */

static bool is_cpu_list(const char *list)
{
	uint64_t cpus[SCHED_MAX_CPUS / 64];

	return !list || sched_read_cpus(list, cpus) == 0;
}

static bool bad_affinity(const struct oci_config *c, struct place *p)
{
	const struct oci_exec_cpu_affinity *affinity = c->process ? c->process->exec_cpu_affinity : NULL;

	if (!affinity)
		return false;
	if (!is_cpu_list(affinity->initial) && at(p, "/process/execCPUAffinity/initial"))
		return true;
	return !is_cpu_list(affinity->final) && at(p, "/process/execCPUAffinity/final");
}

static const struct oci_scheduler *scheduler_of(const struct oci_config *c)
{
	return c->process ? c->process->scheduler : NULL;
}

static bool bad_nice(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	return s && (s->nice < -20 || s->nice > 19) && at(p, "/process/scheduler/nice");
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

static bool bad_real_time_priority(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	return s && is_real_time(s) && !keeps_parameters(s) && (s->priority < 1 || s->priority > 99) &&
	       at(p, "/process/scheduler/priority");
}

static bool useless_priority(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	return s && !is_real_time(s) && s->priority != 0 && at(p, "/process/scheduler/priority");
}

static bool useless_deadline(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	if (!s || s->policy == SCHED_DEADLINE)
		return false;
	if (s->runtime && at(p, "/process/scheduler/runtime"))
		return true;
	if (s->deadline && at(p, "/process/scheduler/deadline"))
		return true;
	return s->period && at(p, "/process/scheduler/period");
}

/* sched(7): 1024 <= runtime <= deadline <= period, where a period of 0 is the deadline. */
static bool impossible_deadline(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	if (!s || s->policy != SCHED_DEADLINE || keeps_parameters(s))
		return false;
	if (s->runtime < 1024)
		return at(p, "/process/scheduler/runtime");
	if (s->deadline < s->runtime || s->deadline > INT64_MAX)
		return at(p, "/process/scheduler/deadline");
	return s->period && (s->period < s->deadline || s->period > INT64_MAX) && at(p, "/process/scheduler/period");
}

/* startContainer hooks are children of the process that they prepare. */
static bool deadline_with_hooks(const struct oci_config *c, struct place *p)
{
	const struct oci_scheduler *s = scheduler_of(c);

	if (!s || s->policy != SCHED_DEADLINE || !c->hooks || c->hooks->n_start_container == 0)
		return false;
	for (size_t i = 0; i < s->n_flags; i++)
		if (s->flags[i] == SCHED_FLAG_RESET_ON_FORK)
			return false;
	return at(p, "/process/scheduler/flags");
}

static const struct oci_memory_policy *memory_policy_of(const struct oci_config *c)
{
	return c->linux ? c->linux->memory_policy : NULL;
}

static bool has_nodes(const struct oci_memory_policy *m)
{
	return m->nodes && *m->nodes;
}

static bool bad_nodes(const struct oci_config *c, struct place *p)
{
	const struct oci_memory_policy *m = memory_policy_of(c);
	uint64_t nodes[SCHED_MAX_NODES / 64];

	return m && has_nodes(m) && text_to_bits(m->nodes, nodes, SCHED_MAX_NODES) < 0 &&
	       at(p, "/linux/memoryPolicy/nodes");
}

/* set_mempolicy(2): these two have none; MPOL_PREFERRED may be without. */
static bool useless_nodes(const struct oci_config *c, struct place *p)
{
	const struct oci_memory_policy *m = memory_policy_of(c);

	return m && has_nodes(m) && (m->mode == MPOL_DEFAULT || m->mode == MPOL_LOCAL) &&
	       at(p, "/linux/memoryPolicy/nodes");
}

static bool missing_nodes(const struct oci_config *c, struct place *p)
{
	const struct oci_memory_policy *m = memory_policy_of(c);

	return m && !has_nodes(m) && m->mode != MPOL_DEFAULT && m->mode != MPOL_LOCAL && m->mode != MPOL_PREFERRED &&
	       at(p, "/linux/memoryPolicy/nodes");
}

static bool contrary_node_flags(const struct oci_config *c, struct place *p)
{
	const struct oci_memory_policy *m = memory_policy_of(c);
	uint64_t all = 0;

	for (size_t i = 0; m && i < m->n_flags; i++)
		all |= m->flags[i];
	return (all & MPOL_F_STATIC_NODES) && (all & MPOL_F_RELATIVE_NODES) && at(p, "/linux/memoryPolicy/flags");
}

/* ---- namespaces ---- */

static bool same_namespace(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_namespaces; i++)
		if (find_namespace(c, c->linux->namespaces[i].type) != &c->linux->namespaces[i] &&
		    at(p, "/linux/namespaces/%zu/type", i))
			return true;
	return false;
}

/* Without a mount namespace of the container's own its mounts are in a tree that has no propagation. */
static bool propagation_to_others(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = find_namespace(c, CLONE_NEWNS);

	return (!ns || ns->path) && c->linux && c->linux->has_rootfs_propagation && at(p, "/linux/rootfsPropagation");
}

/* In that tree the kernel changes no mount (check_mnt), and those outside of it are others'. */
static bool remount_of_others(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = find_namespace(c, CLONE_NEWNS);

	for (size_t i = 0; (!ns || ns->path) && i < c->n_mounts; i++)
		if (is_remount(&c->mounts[i]) && at(p, "/mounts/%zu/options", i))
			return true;
	return false;
}

/* Their programs are the host's, which a joined mount namespace does not show. */
static bool hooks_in_foreign_mounts(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = find_namespace(c, CLONE_NEWNS);

	return ns && ns->path && c->hooks && c->hooks->n_create_container && at(p, "/hooks/createContainer");
}

static bool name_without_uts(const struct oci_config *c, struct place *p)
{
	if (find_namespace(c, CLONE_NEWUTS))
		return false;
	if (c->hostname && at(p, "/hostname"))
		return true;
	return c->domainname && at(p, "/domainname");
}

static bool long_name(const struct oci_config *c, struct place *p)
{
	if (c->hostname && strlen(c->hostname) > 64 && at(p, "/hostname"))
		return true;
	return c->domainname && strlen(c->domainname) > 64 && at(p, "/domainname");
}

static bool mappings_without_user(const struct oci_config *c, struct place *p)
{
	if (!c->linux || find_namespace(c, CLONE_NEWUSER))
		return false;
	if (c->linux->n_uid_mappings && at(p, "/linux/uidMappings"))
		return true;
	return c->linux->n_gid_mappings && at(p, "/linux/gidMappings");
}

static bool user_without_mappings(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = find_namespace(c, CLONE_NEWUSER);

	if (!ns || ns->path)
		return false;
	if (!c->linux->n_uid_mappings && at(p, "/linux/uidMappings"))
		return true;
	return !c->linux->n_gid_mappings && at(p, "/linux/gidMappings");
}

/* user_namespaces(7): 340 lines since Linux 4.15; a range of size 0 is refused. */
static bool impossible_ranges(const struct oci_id_mapping *ranges, size_t n, struct place *p, const char *where)
{
	if (n > 340 && at(p, "%s/340", where))
		return true;
	for (size_t i = 0; i < n; i++)
		if (ranges[i].size == 0 && at(p, "%s/%zu/size", where, i))
			return true;
	return false;
}

static bool impossible_mapping(const struct oci_config *c, struct place *p)
{
	return c->linux &&
	       (impossible_ranges(c->linux->uid_mappings, c->linux->n_uid_mappings, p, "/linux/uidMappings") ||
		impossible_ranges(c->linux->gid_mappings, c->linux->n_gid_mappings, p, "/linux/gidMappings"));
}

static bool impossible_mount_mapping(const struct oci_config *c, struct place *p)
{
	char where[64];

	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];

		if (!m->n_uid_mappings && !m->n_gid_mappings)
			continue;
		(void)snprintf(where, sizeof(where), "/mounts/%zu/uidMappings", i);
		if (impossible_ranges(m->uid_mappings, m->n_uid_mappings, p, where))
			return true;
		(void)snprintf(where, sizeof(where), "/mounts/%zu/gidMappings", i);
		if (impossible_ranges(m->gid_mappings, m->n_gid_mappings, p, where))
			return true;
	}
	return false;
}

static bool offsets_without_time(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = find_namespace(c, CLONE_NEWTIME);

	return c->linux && c->linux->n_time_offsets && (!ns || ns->path) && at(p, "/linux/timeOffsets");
}

static bool bad_nanoseconds(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_time_offsets; i++)
		if (c->linux->time_offsets[i].nanosecs > 999999999 &&
		    at(p, "/linux/timeOffsets/%s/nanosecs", c->linux->time_offsets[i].key))
			return true;
	return false;
}

/* ---- network devices ---- */

static bool devices_without_network(const struct oci_config *c, struct place *p)
{
	return c->linux && c->linux->n_net_devices && !find_namespace(c, CLONE_NEWNET) && at(p, "/linux/netDevices");
}

/* As the kernel checks a name (netdevice(7)): up to 15 bytes, no slash, colon or blank. */
static bool is_interface(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length < 16 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       strcspn(name, "/: \t\n\v\f\r") == length;
}

static bool bad_interface(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_net_devices; i++) {
		const struct oci_net_device *d = &c->linux->net_devices[i];

		if (!is_interface(d->key) && at_key(p, "/linux/netDevices", d->key, ""))
			return true;
		if (d->name && !is_interface(d->name) && at_key(p, "/linux/netDevices", d->key, "/name"))
			return true;
	}
	return false;
}

static bool same_interface(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_net_devices; i++) {
		const struct oci_net_device *d = &c->linux->net_devices[i];
		const char *name = d->name ? d->name : d->key;

		for (size_t k = 0; k < i && !strchr(name, '%'); k++) {
			const struct oci_net_device *other = &c->linux->net_devices[k];

			if (strcmp(name, other->name ? other->name : other->key) != 0)
				continue;
			if (at_key(p, "/linux/netDevices", d->key, d->name ? "/name" : ""))
				return true;
			break;
		}
	}
	return false;
}

/* ---- sysctl ---- */

static const struct {
	const char *prefix; /* of the name with dots; a whole name unless it ends in a dot */
	uint64_t type;
} sysctl_namespaces[] = {
	{ "net.", CLONE_NEWNET },	    { "fs.mqueue.", CLONE_NEWIPC },   { "kernel.msgmax", CLONE_NEWIPC },
	{ "kernel.msgmnb", CLONE_NEWIPC },  { "kernel.msgmni", CLONE_NEWIPC }, { "kernel.msg_next_id", CLONE_NEWIPC },
	{ "kernel.sem", CLONE_NEWIPC },	    { "kernel.sem_next_id", CLONE_NEWIPC },
	{ "kernel.shmall", CLONE_NEWIPC },  { "kernel.shmmax", CLONE_NEWIPC }, { "kernel.shmmni", CLONE_NEWIPC },
	{ "kernel.shm_next_id", CLONE_NEWIPC }, { "kernel.shm_rmid_forced", CLONE_NEWIPC },
	{ "kernel.auto_msgmni", CLONE_NEWIPC }, { "kernel.hostname", CLONE_NEWUTS },
	{ "kernel.domainname", CLONE_NEWUTS }, { "user.", CLONE_NEWUSER },
};

/* Slashes and dots may change places (sysctl(8)); names are compared with dots. */
static uint64_t sysctl_namespace(const char *key)
{
	char name[256];
	size_t n = strlen(key);

	if (n >= sizeof(name))
		return 0;
	memcpy(name, key, n + 1);
	if (strcspn(name, "/") < strcspn(name, "."))
		for (char *s = name; *s; s++)
			*s = *s == '/' ? '.' : *s == '.' ? '/' : *s;
	for (size_t i = 0; i < sizeof(sysctl_namespaces) / sizeof(sysctl_namespaces[0]); i++) {
		const char *prefix = sysctl_namespaces[i].prefix;
		size_t length = strlen(prefix);

		if (prefix[length - 1] == '.' ? text_starts(name, prefix) : strcmp(name, prefix) == 0)
			return sysctl_namespaces[i].type;
	}
	return 0;
}

/* "..", an empty name: nothing that could be below /proc/sys. */
static bool bad_sysctl(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_sysctl; i++) {
		const char *key = c->linux->sysctl[i].key;
		bool by_slash = strcspn(key, "/") < strcspn(key, ".");
		const char *separator = by_slash ? "/" : ".";
		bool bad = !*key;

		for (const char *at = key; *at && !bad;) {
			size_t n = strcspn(at, separator);

			/* Where dots separate, a slash is a dot of the name. */
			bad = n == 0 || (n == 1 && *at == (by_slash ? '.' : '/')) ||
			      (n == 2 && strncmp(at, by_slash ? ".." : "//", 2) == 0) || (at[n] && !at[n + 1]);
			at += n + (at[n] != '\0');
		}
		if (bad && at_key(p, "/linux/sysctl", key, ""))
			return true;
	}
	return false;
}

static bool sysctl_of_the_host(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_sysctl; i++)
		if (!sysctl_namespace(c->linux->sysctl[i].key) &&
		    at_key(p, "/linux/sysctl", c->linux->sysctl[i].key, ""))
			return true;
	return false;
}

static bool sysctl_without_namespace(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_sysctl; i++) {
		uint64_t type = sysctl_namespace(c->linux->sysctl[i].key);

		if (type && !find_namespace(c, type) && at_key(p, "/linux/sysctl", c->linux->sysctl[i].key, ""))
			return true;
	}
	return false;
}

bool rules_changes(const struct oci_config *c, uint64_t type, char *ret_pointer, size_t size)
{
	struct place p = { .pointer = "" };
	bool found = false;

	if (type == CLONE_NEWUTS && (c->hostname || c->domainname))
		found = at(&p, c->hostname ? "/hostname" : "/domainname");
	else if (type == CLONE_NEWNET && c->linux && c->linux->n_net_devices)
		found = at(&p, "/linux/netDevices");
	for (size_t i = 0; !found && c->linux && i < c->linux->n_sysctl; i++)
		if (sysctl_namespace(c->linux->sysctl[i].key) == type)
			found = at_key(&p, "/linux/sysctl", c->linux->sysctl[i].key, "");
	(void)snprintf(ret_pointer, size, "%s", p.pointer);
	return found;
}

/* ---- devices ---- */

static bool device_without_numbers(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_devices; i++) {
		const struct oci_device *d = &c->linux->devices[i];

		if (d->type == S_IFIFO)
			continue;
		if ((!d->has_major || d->major < 0 || d->major > 0xfff) && at(p, "/linux/devices/%zu/major", i))
			return true;
		if ((!d->has_minor || d->minor < 0 || d->minor > 0xfffff) && at(p, "/linux/devices/%zu/minor", i))
			return true;
	}
	return false;
}

/* Engines that copy a node of the host (Podman, for --device and --privileged) leave the bits of its type in. */
static bool bad_file_mode(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_devices; i++) {
		const struct oci_device *d = &c->linux->devices[i];
		uint32_t more = d->has_file_mode ? d->file_mode & ~07777U : 0;

		if (more && more != (uint32_t)d->type && at(p, "/linux/devices/%zu/fileMode", i))
			return true;
	}
	return false;
}

/* ---- seccomp ---- */

static const struct oci_seccomp *seccomp_of(const struct oci_config *c)
{
	return c->linux ? c->linux->seccomp : NULL;
}

static bool seccomp_without_library(const struct oci_config *c, struct place *p)
{
	return !seccomp_is_supported && seccomp_of(c) && at(p, "/linux/seccomp");
}

static bool takes_errno(uint64_t action)
{
	return action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE;
}

static bool useless_errno(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	if (!s)
		return false;
	if (s->has_default_errno_ret && !takes_errno(s->default_action) && at(p, "/linux/seccomp/defaultErrnoRet"))
		return true;
	for (size_t i = 0; i < s->n_syscalls; i++)
		if (s->syscalls[i].has_errno_ret && !takes_errno(s->syscalls[i].action) &&
		    at(p, "/linux/seccomp/syscalls/%zu/errnoRet", i))
			return true;
	return false;
}

static bool large_errno(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	if (!s)
		return false;
	if (s->default_errno_ret > SECCOMP_RET_DATA && at(p, "/linux/seccomp/defaultErrnoRet"))
		return true;
	for (size_t i = 0; i < s->n_syscalls; i++)
		if (s->syscalls[i].errno_ret > SECCOMP_RET_DATA && at(p, "/linux/seccomp/syscalls/%zu/errnoRet", i))
			return true;
	return false;
}

static bool metadata_without_listener(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	return s && s->listener_metadata && !s->listener_path && at(p, "/linux/seccomp/listenerMetadata");
}

static bool notify_without_listener(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	if (!s || (s->listener_path && *s->listener_path))
		return false;
	if (s->default_action == SECCOMP_RET_USER_NOTIF && at(p, "/linux/seccomp/defaultAction"))
		return true;
	for (size_t i = 0; i < s->n_syscalls; i++)
		if (s->syscalls[i].action == SECCOMP_RET_USER_NOTIF && at(p, "/linux/seccomp/syscalls/%zu/action", i))
			return true;
	return false;
}

static bool bad_argument(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	for (size_t i = 0; s && i < s->n_syscalls; i++)
		for (size_t k = 0; k < s->syscalls[i].n_args; k++)
			if (s->syscalls[i].args[k].index > 5 &&
			    at(p, "/linux/seccomp/syscalls/%zu/args/%zu/index", i, k))
				return true;
	return false;
}

/* ---- what this release does not apply: never dropped in silence ---- */

static bool bad_context(const struct oci_config *c, struct place *p)
{
	const struct oci_process *process = c->process;

	if (process && process->selinux_label && *process->selinux_label && !labels_is_context(process->selinux_label) &&
	    at(p, "/process/selinuxLabel"))
		return true;
	return c->linux && c->linux->mount_label && *c->linux->mount_label && !labels_is_context(c->linux->mount_label) &&
	       at(p, "/linux/mountLabel");
}

/* The kernel takes a name with blanks within it. */
static bool bad_profile(const struct oci_config *c, struct place *p)
{
	const char *profile = c->process ? c->process->apparmor_profile : NULL, *s = profile;

	while (s && (unsigned char)*s >= ' ' && *s != 0x7f)
		s++;
	return profile && (*s || *profile == ' ') && at(p, "/process/apparmorProfile");
}

static bool bad_context_type(const struct oci_config *c, struct place *p)
{
	static const char *const words[] = { "context", "fscontext", "defcontext", "rootcontext" };

	for (size_t i = 0; i < c->n_annotations; i++) {
		bool known = strcmp(c->annotations[i].key, ANNOTATION_MOUNT_CONTEXT_TYPE) != 0;

		for (size_t k = 0; !known && k < sizeof(words) / sizeof(words[0]); k++)
			known = strcmp(c->annotations[i].value, words[k]) == 0;
		if (!known && at_key(p, "/annotations", ANNOTATION_MOUNT_CONTEXT_TYPE, ""))
			return true;
	}
	return false;
}

static bool bad_landlock(const struct oci_config *c, struct place *p)
{
	const char *annotation = landlock_annotation(c);
	struct landlock_policy *policy;
	struct error err;

	if (!annotation)
		return false;
	policy = landlock_read(annotation, &err);
	if (policy) {
		oci_free(policy);
		return false;
	}
	(void)snprintf(p->sentence, sizeof(p->sentence), "%.*s", (int)sizeof(p->sentence) - 1, err.text);
	return at_key(p, "/annotations", ANNOTATION_LANDLOCK, "");
}

/* Built without. */
static bool needs_selinux(const struct oci_config *c, struct place *p)
{
#ifdef HAVE_SELINUX
	(void)c;
	(void)p;
	return false;
#else
	const struct oci_process *process = c->process;

	if (process && process->selinux_label && *process->selinux_label && at(p, "/process/selinuxLabel"))
		return true;
	return c->linux && c->linux->mount_label && *c->linux->mount_label && at(p, "/linux/mountLabel");
#endif
}

/* Only where the config wants to know: profiles name calls of all architectures and kernels. */
static bool unknown_syscall(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);
	const char *wanted = s ? annotation_value(c, ANNOTATION_FAIL_UNKNOWN_SYSCALL) : NULL;

	for (size_t i = 0; wanted && strcmp(wanted, "0") != 0 && i < s->n_syscalls; i++)
		for (size_t k = 0; k < s->syscalls[i].n_names; k++)
			if (!seccomp_knows(s->syscalls[i].names[k]) &&
			    at(p, "/linux/seccomp/syscalls/%zu/names/%zu", i, k))
				return true;
	return false;
}

static bool relative_pidfd_receiver(const struct oci_config *c, struct place *p)
{
	const char *path = annotation_value(c, ANNOTATION_PIDFD_RECEIVER);

	return path && *path != '/' && at_key(p, "/annotations", ANNOTATION_PIDFD_RECEIVER, "");
}

/* ---- what is most likely a mistake, and no fault ---- */

static bool unhonoured_annotation(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_annotations; i++) {
		const struct annotation *row = annotation_find(c->annotations[i].key);

		if (!row || row->is_harmless || (row->is_honoured && !row->is_left_out))
			continue;
		(void)snprintf(p->sentence, sizeof(p->sentence), "is not honoured: %s", row->why_not);
		if (at_key(p, "/annotations", c->annotations[i].key, ""))
			return true;
	}
	return false;
}

static bool newer_version(const struct oci_config *c, struct place *p)
{
	return text_starts(c->oci_version, "1.") && atoi(c->oci_version + 2) > 3 && at(p, "/ociVersion");
}

static bool no_process(const struct oci_config *c, struct place *p)
{
	return !c->process && at(p, "/process");
}

static bool relative_destination(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (*c->mounts[i].destination && *c->mounts[i].destination != '/' &&
		    at(p, "/mounts/%zu/destination", i))
			return true;
	return false;
}

static bool unlisted_mapping(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (c->mounts[i].n_uid_mappings && !has_option(&c->mounts[i], "idmap", "ridmap") &&
		    at(p, "/mounts/%zu/options", i))
			return true;
	return false;
}

static const char *option_like(const char *word)
{
	const char *name;

	for (size_t i = 0; (name = mount_option_name(i)); i++)
		if (oci_is_similar(word, name))
			return name;
	return NULL;
}

/* Data of a file system is NAME=VALUE for the most part; "acl" and other single words are not like any of ours. */
static bool misspelt_option(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		for (size_t k = 0; k < c->mounts[i].n_options; k++) {
			const char *word = c->mounts[i].options[k], *like;

			if (strchr(word, '=') || !is_data(word) || !(like = option_like(word)))
				continue;
			(void)snprintf(
				p->sentence, sizeof(p->sentence),
				"is no option of the specification and goes to the file system; did you mean \"%s\"?",
				like);
			if (at(p, "/mounts/%zu/options/%zu", i, k))
				return true;
		}
	return false;
}

static bool idle_console_size(const struct oci_config *c, struct place *p)
{
	return c->process && c->process->console_size && !c->process->terminal && at(p, "/process/consoleSize");
}

static bool is_set_before(const struct oci_process *process, size_t i)
{
	size_t n = strcspn(process->env[i], "=");

	for (size_t k = 0; k < i; k++)
		if (strncmp(process->env[i], process->env[k], n + 1) == 0)
			return true;
	return false;
}

static bool same_variable(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->process && i < c->process->n_env; i++)
		if (is_set_before(c->process, i) && at(p, "/process/env/%zu", i))
			return true;
	return false;
}

/* Whether a number that JSON gives as decimal was most likely meant as octal: 644 instead of 420. */
static bool is_octal_by_mistake(uint32_t number, struct place *p)
{
	uint32_t octal = 0, factor = 1;

	for (uint32_t rest = number; rest; rest /= 10, factor *= 8) {
		if (rest % 10 > 7)
			return false;
		octal += rest % 10 * factor;
	}
	if (octal > 0777 || number < 10)
		return false;
	(void)snprintf(p->sentence, sizeof(p->sentence),
		       "JSON has decimal numbers: %u is octal 0%o; did you mean %u (octal 0%o)?", number, number, octal,
		       octal);
	return true;
}

static bool octal_umask(const struct oci_config *c, struct place *p)
{
	const struct oci_user *user = c->process ? c->process->user : NULL;

	/* Those that people write. */
	return user && user->has_umask && (user->umask == 22 || user->umask == 27 || user->umask == 77) &&
	       is_octal_by_mistake(user->umask, p) && at(p, "/process/user/umask");
}

static bool octal_file_mode(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_devices; i++) {
		const struct oci_device *d = &c->linux->devices[i];

		/* 438 (0666), 420 (0644) and the like have an 8 or 9, or would be modes that nobody gives. */
		if (d->has_file_mode && d->file_mode >= 600 && d->file_mode <= 777 &&
		    is_octal_by_mistake(d->file_mode, p) && at(p, "/linux/devices/%zu/fileMode", i))
			return true;
	}
	return false;
}

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

static const char *capability_like(const char *word)
{
	const char *name;

	for (int i = 0; (name = cap_name(i)); i++)
		if (oci_is_similar(word, name))
			return name;
	return NULL;
}

static bool unknown_capability(const struct oci_config *c, struct place *p)
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
			if (at(p, "/process/capabilities/%s/%zu", cap_lists[list].word, i))
				return true;
		}
	}
	return false;
}

static bool is_same_device(const struct oci_device *a, const struct oci_device *b)
{
	return a->type == b->type && a->type != S_IFIFO && a->major == b->major && a->minor == b->minor;
}

static bool control_file(const struct oci_config *c, struct place *p)
{
	const struct oci_resources *r = c->linux ? c->linux->resources : NULL;

	for (size_t i = 0; r && i < r->n_unified; i++)
		if (cgroup_is_control_file(r->unified[i].key) &&
		    at_key(p, "/linux/resources/unified", r->unified[i].key, ""))
			return true;
	return false;
}

static bool same_device(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_devices; i++)
		for (size_t k = 0; k < i; k++)
			if (is_same_device(&c->linux->devices[i], &c->linux->devices[k])) {
				if (at(p, "/linux/devices/%zu", i))
					return true;
				break;
			}
	return false;
}

static bool kernel_memory(const struct oci_config *c, struct place *p)
{
	const struct oci_memory *m = c->linux && c->linux->resources ? c->linux->resources->memory : NULL;

	if (m && m->kernel && at(p, "/linux/resources/memory/kernel"))
		return true;
	return m && m->kernel_tcp && at(p, "/linux/resources/memory/kernelTCP");
}

static bool idle_listener(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	if (!s || !s->listener_path || s->default_action == SECCOMP_RET_USER_NOTIF)
		return false;
	for (size_t i = 0; i < s->n_syscalls; i++)
		if (s->syscalls[i].action == SECCOMP_RET_USER_NOTIF)
			return false;
	return at(p, "/linux/seccomp/listenerPath");
}

static bool deprecated_hooks(const struct oci_config *c, struct place *p)
{
	return c->hooks && c->hooks->n_prestart && at(p, "/hooks/prestart");
}

// clang-format off
static const struct rule rules[] = {
	{ ERR_CONFIG, other_major, "must be a version 1.x of the runtime specification", "ver-04", NULL },
	{ ERR_UNSUPPORTED, virtual_machine, "virtual machines are not what this runtime makes", "ext-plat-02", NULL },
	{ ERR_CONFIG, relative_hook_file, "must be an absolute path", "ext-03", "/hooks" },
	{ ERR_CONFIG, empty_destination, "must not be empty", "mnt-03", NULL },
	{ ERR_CONFIG, half_mapped_mount, "uidMappings and gidMappings must come together", "mnt-map-04 mnt-map-07", NULL },
	{ ERR_CONFIG, no_file_system, "the type of the file system is missing", "mnt-09", NULL },
	{ ERR_CONFIG, bind_without_source, "a bind mount needs a source", "mnt-07", NULL },
	{ ERR_CONFIG, unmappable_mount, "a remount and a mount of type cgroup can have no id mappings", "mnt-map-01 mnt-idmap-01", NULL },
	{ ERR_CONFIG, shifted_without_mappings, "idmap needs uidMappings and gidMappings, or a user namespace", "mnt-idmap-06 mnt-ridmap-06", "/linux/uidMappings" },
	{ ERR_CONFIG, copied_up, "tmpcopyup is for a tmpfs", "mnt-opt-tmpcopyup", NULL },
	{ ERR_CONFIG, cgroup_option, "a mount of type cgroup takes no such option", "mnt-13", NULL },
	{ ERR_CONFIG, same_rlimit, "this limit is set twice", "rlim-09", NULL },
	{ ERR_CONFIG, soft_above_hard, "must not be above hard", "rlim-06 rlim-08", NULL },
	{ ERR_CONFIG, bad_oom_score, "must be from -1000 to 1000", "proc-oom-01", NULL },
	{ ERR_CONFIG, bad_umask, "must be from 0 to 511 (octal 0777)", "user-04", NULL },
	{ ERR_CONFIG, bad_console_size, "must be from 0 to 65535", "proc-term-03", NULL },
	{ ERR_CONFIG, bad_variable, "must be NAME=value", "proc-env-01", NULL },
	{ ERR_CONFIG, bad_affinity, "is no list of CPUs as \"0-3,7\"", "aff-02 aff-03", NULL },
	{ ERR_CONFIG, bad_nice, "must be from -20 to 19", "sched-03", NULL },
	{ ERR_CONFIG, bad_real_time_priority, "must be from 1 to 99 with SCHED_FIFO and SCHED_RR", "sched-04", NULL },
	{ ERR_CONFIG, useless_priority, "belongs to SCHED_FIFO and SCHED_RR only", "sched-04", NULL },
	{ ERR_CONFIG, useless_deadline, "belongs to SCHED_DEADLINE only", "sched-06 sched-07 sched-08", NULL },
	{ ERR_CONFIG, impossible_deadline, "SCHED_DEADLINE needs 1024 <= runtime <= deadline <= period (or period 0)", "sched-06 sched-07 sched-08", NULL },
	{ ERR_CONFIG, deadline_with_hooks, "startContainer hooks cannot run beside SCHED_DEADLINE without SCHED_FLAG_RESET_ON_FORK", "sched-05 hook-sct-03", "/hooks" },
	{ ERR_CONFIG, bad_nodes, "must be a list of memory nodes below 1024, like 0-3,7", "mpol-03", NULL },
	{ ERR_CONFIG, useless_nodes, "MPOL_DEFAULT and MPOL_LOCAL take no nodes", "mpol-04", "/linux/memoryPolicy/mode" },
	{ ERR_CONFIG, missing_nodes, "this mode needs nodes", "mpol-04", "/linux/memoryPolicy/mode" },
	{ ERR_CONFIG, contrary_node_flags, "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other", "mpol-05", NULL },
	{ ERR_CONFIG, same_namespace, "this type of namespace is listed twice", "ns-dup-01", NULL },
	{ ERR_CONFIG, propagation_to_others, "needs a mount namespace of the container's own: an entry \"mount\" without path in /linux/namespaces", "ns-inherit-01 ns-path-02", NULL },
	{ ERR_UNSUPPORTED, remount_of_others, "remount needs a mount namespace of the container's own: an entry \"mount\" without path in /linux/namespaces", "ns-inherit-01 ns-path-02", NULL },
	{ ERR_CONFIG, hooks_in_foreign_mounts, "cannot run in a mount namespace that is joined by path", "hook-cct-01", NULL },
	{ ERR_CONFIG, name_without_uts, "needs an entry \"uts\" in /linux/namespaces", "ns-host-02 ns-host-04", "/linux/namespaces" },
	{ ERR_CONFIG, long_name, "must not be longer than 64 bytes", "ns-host-01 ns-host-03", NULL },
	{ ERR_CONFIG, mappings_without_user, "needs an entry \"user\" in /linux/namespaces", "idmap-04", "/linux/namespaces" },
	{ ERR_CONFIG, user_without_mappings, "a new user namespace needs mappings", "idmap-04", NULL },
	{ ERR_CONFIG, impossible_mapping, "the kernel takes at most 340 ranges, none of size 0", "idmap-06", NULL },
	{ ERR_CONFIG, impossible_mount_mapping, "the kernel takes at most 340 ranges, none of size 0", "mnt-map-01", NULL },
	{ ERR_CONFIG, offsets_without_time, "needs an entry \"time\" without path in /linux/namespaces", "toff-01", "/linux/namespaces" },
	{ ERR_CONFIG, bad_nanoseconds, "must be from 0 to 999999999", "toff-03", NULL },
	{ ERR_CONFIG, devices_without_network, "needs an entry \"network\" in /linux/namespaces", "netdev-01", "/linux/namespaces" },
	{ ERR_CONFIG, bad_interface, "is no name of an interface (1 to 15 bytes without slash, colon or blank)", "netdev-03", NULL },
	{ ERR_CONFIG, same_interface, "two devices would have the same name", "netdev-04", NULL },
	{ ERR_CONFIG, bad_sysctl, "is no sysctl's name", "sysctl-01", NULL },
	{ ERR_CONFIG, sysctl_of_the_host, "is not a sysctl of any namespace: it would change the host", "sysctl-01", NULL },
	{ ERR_CONFIG, sysctl_without_namespace, "needs the entry of its namespace (network, ipc, uts or user) in /linux/namespaces", "sysctl-01", "/linux/namespaces" },
	{ ERR_CONFIG, device_without_numbers, "a device needs a major (0 to 4095) and a minor (0 to 1048575)", "dev-08", NULL },
	{ ERR_CONFIG, bad_file_mode, "must be permission bits (0 to 4095), with no file type but that of the device", "dev-09", NULL },
	{ ERR_CONFIG, control_file, "is no resource: it acts on the container's processes", "cg-uni-01", NULL },
	{ ERR_UNSUPPORTED, seccomp_without_library, "this hull was built without libseccomp", "sec-01", NULL },
	{ ERR_CONFIG, useless_errno, "belongs to SCMP_ACT_ERRNO and SCMP_ACT_TRACE only", "sec-04 sec-23", NULL },
	{ ERR_CONFIG, large_errno, "must be from 0 to 65535", "sec-24", NULL },
	{ ERR_CONFIG, metadata_without_listener, "needs a listenerPath", "sec-17", NULL },
	{ ERR_CONFIG, notify_without_listener, "SCMP_ACT_NOTIFY needs a listenerPath that is not empty", "sec-08", NULL },
	{ ERR_CONFIG, bad_argument, "must be from 0 to 5", "sec-25", NULL },
	{ ERR_CONFIG, bad_context, "is no SELinux context, as user:role:type or user:role:type:range, without blanks and quotes", "lsm-02 label-01", NULL },
	{ ERR_CONFIG, bad_profile, "is no AppArmor profile: it has a control character, or begins with a blank", "lsm-01", NULL },
	{ ERR_CONFIG, bad_context_type, "must be context, fscontext, defcontext or rootcontext", "label-01", NULL },
	{ ERR_CONFIG, bad_landlock, "", "", NULL },
	{ ERR_UNSUPPORTED, needs_selinux, "this hull was built without SELinux labels", "lsm-02 label-01", NULL },

	{ ERR_CONFIG, unknown_syscall, "is no system call that libseccomp knows, and the annotation run.oci.seccomp_fail_unknown_syscall is set", "sec-22", "/annotations" },
	{ ERR_CONFIG, relative_pidfd_receiver, "must be an absolute path of the host", "ann-01", NULL },

	/* Nothing that create refuses. */
	{ 0, newer_version, "is newer than 1.3: what it added is unknown here, and ignored", "ver-04", NULL },
	{ 0, unhonoured_annotation, "", "ann-19", NULL },
	{ 0, no_process, "is missing: such a container can be created, but not started", "op-start-05 proc-01", NULL },
	{ 0, relative_destination, "a destination that is not absolute is deprecated; it is taken from /", "mnt-04 mnt-05", NULL },
	{ 0, unlisted_mapping, "an entry with mappings should list the option idmap or ridmap too", "mnt-map-03 mnt-map-06", NULL },
	{ 0, idle_mount_word, "", "mnt-13", NULL },
	{ 0, misspelt_option, "", "mnt-13", NULL },
	{ 0, idle_console_size, "has no effect without terminal", "proc-term-02", NULL },
	{ 0, same_variable, "this variable is set before: the last value is the one", "proc-env-01", NULL },
	{ 0, octal_umask, "", "user-04", NULL },
	{ 0, unknown_capability, "", "cap-02", NULL },
	{ 0, octal_file_mode, "", "dev-09", NULL },
	{ 0, same_device, "another entry has the same type, major and minor", "dev-12", NULL },
	{ 0, kernel_memory, "limits of kernel memory are not recommended, and gone from Linux 5.16 on", "cg-mem-05 cg-mem-06", NULL },
	{ 0, idle_listener, "is ignored: no action is SCMP_ACT_NOTIFY", "sec-14", NULL },
	{ 0, deprecated_hooks, "is deprecated: use createRuntime, createContainer or startContainer", "hook-01", NULL },
};
// clang-format on

#define RULES (sizeof(rules) / sizeof(rules[0]))

int rules_check(const struct oci_config *config, struct error *err)
{
	struct place place = { .rule = NULL };

	for (size_t i = 0; i < RULES; i++)
		if (rules[i].code && rules[i].is_broken(config, &place))
			return fail(err, rules[i].code, "config.json:%s: %s", place.pointer,
				    *place.sentence ? place.sentence : rules[i].sentence);
	return 0;
}

void rules_each(const struct oci_config *config, rules_found_fn found, void *context)
{
	for (size_t i = 0; i < RULES; i++) {
		struct place place = { .rule = &rules[i], .found = found, .context = context };

		(void)rules[i].is_broken(config, &place);
	}
}

const char *rules_ids(size_t i)
{
	return i < RULES ? rules[i].ids : NULL;
}
