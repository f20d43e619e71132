// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules.c - THE table of rules between properties: JSON pointer, sentence, predicate.
 *
 * The reader has checked what a single value shows.  A rule finds the first place that breaks it; ids in the
 * comments are those of the conformance ledger. */
#include "container/rules.h"

#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <string.h>

#include "base/text.h"
#include "kernel/sched.h"

struct place {
	char pointer[256];
};

static bool at(struct place *place, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool at(struct place *place, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(place->pointer, sizeof(place->pointer), fmt, args);
	va_end(args);
	return true;
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
	return true;
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

static bool virtual_machine(const struct oci_config *c, struct place *p)
{
	return c->vm && at(p, "/vm");
}

static bool empty_destination(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (!*c->mounts[i].destination)
			return at(p, "/mounts/%zu/destination", i);
	return false;
}

static bool half_mapped_mount(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (!c->mounts[i].uid_mappings != !c->mounts[i].gid_mappings)
			return at(p, "/mounts/%zu/%s", i, c->mounts[i].uid_mappings ? "uidMappings" : "gidMappings");
	return false;
}

/* ---- process ---- */

static bool same_rlimit(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->process && i < c->process->n_rlimits; i++)
		for (size_t k = 0; k < i; k++)
			if (c->process->rlimits[i].type == c->process->rlimits[k].type)
				return at(p, "/process/rlimits/%zu/type", i);
	return false;
}

static bool soft_above_hard(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->process && i < c->process->n_rlimits; i++)
		if (c->process->rlimits[i].soft > c->process->rlimits[i].hard)
			return at(p, "/process/rlimits/%zu/soft", i);
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
	if (process->console_size->height > UINT16_MAX)
		return at(p, "/process/consoleSize/height");
	return process->console_size->width > UINT16_MAX && at(p, "/process/consoleSize/width");
}

static bool bad_variable(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->process && i < c->process->n_env; i++)
		if (!strchr(c->process->env[i], '=') || c->process->env[i][0] == '=')
			return at(p, "/process/env/%zu", i);
	return false;
}

/* ---- scheduling and memory ---- */

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
	if (s->runtime)
		return at(p, "/process/scheduler/runtime");
	if (s->deadline)
		return at(p, "/process/scheduler/deadline");
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
		if (find_namespace(c, c->linux->namespaces[i].type) != &c->linux->namespaces[i])
			return at(p, "/linux/namespaces/%zu/type", i);
	return false;
}

static bool no_mount_namespace(const struct oci_config *c, struct place *p)
{
	return !find_namespace(c, CLONE_NEWNS) && at(p, "/linux/namespaces");
}

static bool foreign_mount_namespace(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = find_namespace(c, CLONE_NEWNS);

	return ns && ns->path && at(p, "/linux/namespaces/%zu/path", (size_t)(ns - c->linux->namespaces));
}

static bool name_without_uts(const struct oci_config *c, struct place *p)
{
	if (find_namespace(c, CLONE_NEWUTS))
		return false;
	if (c->hostname)
		return at(p, "/hostname");
	return c->domainname && at(p, "/domainname");
}

static bool long_name(const struct oci_config *c, struct place *p)
{
	if (c->hostname && strlen(c->hostname) > 64)
		return at(p, "/hostname");
	return c->domainname && strlen(c->domainname) > 64 && at(p, "/domainname");
}

static bool mappings_without_user(const struct oci_config *c, struct place *p)
{
	if (!c->linux || find_namespace(c, CLONE_NEWUSER))
		return false;
	if (c->linux->n_uid_mappings)
		return at(p, "/linux/uidMappings");
	return c->linux->n_gid_mappings && at(p, "/linux/gidMappings");
}

static bool user_without_mappings(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = find_namespace(c, CLONE_NEWUSER);

	if (!ns || ns->path)
		return false;
	if (!c->linux->n_uid_mappings)
		return at(p, "/linux/uidMappings");
	return !c->linux->n_gid_mappings && at(p, "/linux/gidMappings");
}

/* user_namespaces(7): 340 lines since Linux 4.15; a range of size 0 is refused. */
static bool impossible_mapping(const struct oci_config *c, struct place *p)
{
	if (!c->linux)
		return false;
	if (c->linux->n_uid_mappings > 340)
		return at(p, "/linux/uidMappings/340");
	if (c->linux->n_gid_mappings > 340)
		return at(p, "/linux/gidMappings/340");
	for (size_t i = 0; i < c->linux->n_uid_mappings; i++)
		if (c->linux->uid_mappings[i].size == 0)
			return at(p, "/linux/uidMappings/%zu/size", i);
	for (size_t i = 0; i < c->linux->n_gid_mappings; i++)
		if (c->linux->gid_mappings[i].size == 0)
			return at(p, "/linux/gidMappings/%zu/size", i);
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
		if (c->linux->time_offsets[i].nanosecs > 999999999)
			return at(p, "/linux/timeOffsets/%s/nanosecs", c->linux->time_offsets[i].key);
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

		if (!is_interface(d->key))
			return at_key(p, "/linux/netDevices", d->key, "");
		if (d->name && !is_interface(d->name))
			return at_key(p, "/linux/netDevices", d->key, "/name");
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

static bool sysctl_of_the_host(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_sysctl; i++)
		if (!sysctl_namespace(c->linux->sysctl[i].key))
			return at_key(p, "/linux/sysctl", c->linux->sysctl[i].key, "");
	return false;
}

static bool sysctl_without_namespace(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_sysctl; i++) {
		uint64_t type = sysctl_namespace(c->linux->sysctl[i].key);

		if (type && !find_namespace(c, type))
			return at_key(p, "/linux/sysctl", c->linux->sysctl[i].key, "");
	}
	return false;
}

bool rules_changes(const struct oci_config *c, uint64_t type, char *ret_pointer, size_t size)
{
	struct place p = { "" };
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
		if (!d->has_major || d->major < 0 || d->major > 0xfff)
			return at(p, "/linux/devices/%zu/major", i);
		if (!d->has_minor || d->minor < 0 || d->minor > 0xfffff)
			return at(p, "/linux/devices/%zu/minor", i);
	}
	return false;
}

static bool bad_file_mode(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_devices; i++)
		if (c->linux->devices[i].has_file_mode && (c->linux->devices[i].file_mode & ~07777U))
			return at(p, "/linux/devices/%zu/fileMode", i);
	return false;
}

/* ---- seccomp ---- */

static const struct oci_seccomp *seccomp_of(const struct oci_config *c)
{
	return c->linux ? c->linux->seccomp : NULL;
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
	if (s->has_default_errno_ret && !takes_errno(s->default_action))
		return at(p, "/linux/seccomp/defaultErrnoRet");
	for (size_t i = 0; i < s->n_syscalls; i++)
		if (s->syscalls[i].has_errno_ret && !takes_errno(s->syscalls[i].action))
			return at(p, "/linux/seccomp/syscalls/%zu/errnoRet", i);
	return false;
}

static bool large_errno(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	if (!s)
		return false;
	if (s->default_errno_ret > SECCOMP_RET_DATA)
		return at(p, "/linux/seccomp/defaultErrnoRet");
	for (size_t i = 0; i < s->n_syscalls; i++)
		if (s->syscalls[i].errno_ret > SECCOMP_RET_DATA)
			return at(p, "/linux/seccomp/syscalls/%zu/errnoRet", i);
	return false;
}

static bool metadata_without_listener(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	return s && s->listener_metadata && !s->listener_path && at(p, "/linux/seccomp/listenerMetadata");
}

static bool bad_argument(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	for (size_t i = 0; s && i < s->n_syscalls; i++)
		for (size_t k = 0; k < s->syscalls[i].n_args; k++)
			if (s->syscalls[i].args[k].index > 5)
				return at(p, "/linux/seccomp/syscalls/%zu/args/%zu/index", i, k);
	return false;
}

/* ---- what this release does not apply: never dropped in silence ---- */

static bool has_labels(const struct oci_config *c, struct place *p)
{
	const struct oci_process *process = c->process;

	if (process && process->apparmor_profile && *process->apparmor_profile)
		return at(p, "/process/apparmorProfile");
	if (process && process->selinux_label && *process->selinux_label)
		return at(p, "/process/selinuxLabel");
	return c->linux && c->linux->mount_label && *c->linux->mount_label && at(p, "/linux/mountLabel");
}

static bool has_listener(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	if (!s)
		return false;
	if (s->default_action == SECCOMP_RET_USER_NOTIF)
		return at(p, "/linux/seccomp/defaultAction");
	for (size_t i = 0; i < s->n_syscalls; i++)
		if (s->syscalls[i].action == SECCOMP_RET_USER_NOTIF)
			return at(p, "/linux/seccomp/syscalls/%zu/action", i);
	return false;
}

static bool has_intel_rdt(const struct oci_config *c, struct place *p)
{
	return c->linux && c->linux->intel_rdt && at(p, "/linux/intelRdt");
}

static const char unsupported[] = "is not supported by this release";

static const struct rule {
	enum error_code code;
	bool (*is_broken)(const struct oci_config *config, struct place *place);
	const char *sentence; /* behind the pointer */
} rules[] = {
	{ ERR_CONFIG, other_major, "must be a version 1.x of the runtime specification" },			/* ver-04 */
	{ ERR_UNSUPPORTED, virtual_machine, "virtual machines are not what this runtime makes" },		/* ext-plat-02 */
	{ ERR_CONFIG, empty_destination, "must not be empty" },
	{ ERR_CONFIG, half_mapped_mount, "uidMappings and gidMappings must come together" },			/* mnt-map-04, 07 */
	{ ERR_CONFIG, same_rlimit, "this limit is set twice" },							/* rlim-09 */
	{ ERR_CONFIG, soft_above_hard, "must not be above hard" },
	{ ERR_CONFIG, bad_oom_score, "must be from -1000 to 1000" },
	{ ERR_CONFIG, bad_umask, "must be from 0 to 511 (octal 0777)" },
	{ ERR_CONFIG, bad_console_size, "must be from 0 to 65535" },
	{ ERR_CONFIG, bad_variable, "must be NAME=value" },
	{ ERR_CONFIG, bad_nice, "must be from -20 to 19" },
	{ ERR_CONFIG, bad_real_time_priority, "must be from 1 to 99 with SCHED_FIFO and SCHED_RR" },		/* sched-04 */
	{ ERR_CONFIG, useless_priority, "belongs to SCHED_FIFO and SCHED_RR only" },
	{ ERR_CONFIG, useless_deadline, "belongs to SCHED_DEADLINE only" },
	{ ERR_CONFIG, impossible_deadline, "SCHED_DEADLINE needs 1024 <= runtime <= deadline <= period (or period 0)" },
	{ ERR_CONFIG, deadline_with_hooks, "startContainer hooks cannot run beside SCHED_DEADLINE without SCHED_FLAG_RESET_ON_FORK" },
	{ ERR_CONFIG, bad_nodes, "must be a list of memory nodes below 1024, like 0-3,7" },			/* mpol-03 */
	{ ERR_CONFIG, useless_nodes, "MPOL_DEFAULT and MPOL_LOCAL take no nodes" },				/* mpol-04 */
	{ ERR_CONFIG, missing_nodes, "this mode needs nodes" },							/* mpol-04 */
	{ ERR_CONFIG, contrary_node_flags, "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other" },
	{ ERR_CONFIG, same_namespace, "this type of namespace is listed twice" },				/* ns-dup-01 */
	{ ERR_UNSUPPORTED, no_mount_namespace, "sharing the host's mount namespace is not supported by this release" },
	{ ERR_UNSUPPORTED, foreign_mount_namespace, "joining a mount namespace is not supported by this release" },
	{ ERR_CONFIG, name_without_uts, "needs an entry \"uts\" in /linux/namespaces" },			/* ns-host-02, 04 */
	{ ERR_CONFIG, long_name, "must not be longer than 64 bytes" },
	{ ERR_CONFIG, mappings_without_user, "needs an entry \"user\" in /linux/namespaces" },
	{ ERR_CONFIG, user_without_mappings, "a new user namespace needs mappings" },
	{ ERR_CONFIG, impossible_mapping, "the kernel takes at most 340 ranges, none of size 0" },		/* idmap-06 */
	{ ERR_CONFIG, offsets_without_time, "needs an entry \"time\" without path in /linux/namespaces" },
	{ ERR_CONFIG, bad_nanoseconds, "must be from 0 to 999999999" },
	{ ERR_CONFIG, devices_without_network, "needs an entry \"network\" in /linux/namespaces" },
	{ ERR_CONFIG, bad_interface, "is no name of an interface (1 to 15 bytes without slash, colon or blank)" },
	{ ERR_CONFIG, sysctl_of_the_host, "is not a sysctl of any namespace: it would change the host" },
	{ ERR_CONFIG, sysctl_without_namespace, "needs the entry of its namespace (network, ipc, uts or user) in /linux/namespaces" },
	{ ERR_CONFIG, device_without_numbers, "a device needs a major (0 to 4095) and a minor (0 to 1048575)" }, /* dev-08 */
	{ ERR_CONFIG, bad_file_mode, "must be permission bits only (0 to 4095)" },
	{ ERR_CONFIG, useless_errno, "belongs to SCMP_ACT_ERRNO and SCMP_ACT_TRACE only" },			/* sec-04, 23 */
	{ ERR_CONFIG, large_errno, "must be from 0 to 65535" },
	{ ERR_CONFIG, metadata_without_listener, "needs a listenerPath" },					/* sec-17 */
	{ ERR_CONFIG, bad_argument, "must be from 0 to 5" },
	{ ERR_UNSUPPORTED, has_labels, unsupported },
	{ ERR_UNSUPPORTED, has_listener, unsupported },
	{ ERR_UNSUPPORTED, has_intel_rdt, unsupported },
};

int rules_check(const struct oci_config *config, struct error *err)
{
	struct place place;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].is_broken(config, &place))
			return fail(err, rules[i].code, "config.json:%s: %s", place.pointer, rules[i].sentence);
	return 0;
}
