// SPDX-License-Identifier: LGPL-2.1-or-later
/* verify_process.c - what a restored process may do, and where it is.
 *
 * In the images each thread has rights of its own. */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/annotations.h"
#include "base/fd.h"
#include "base/text.h"
#include "container/annotations.h"
#include "container/verification.h"
#include "kernel/labels.h"
#include "kernel/namespaces.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

/* ---- capabilities ---- */

static uint64_t set_of(const char *const *names, size_t n)
{
	uint64_t set = 0;

	for (size_t i = 0; i < n; i++) {
		int number = cap_number(names[i]);

		if (number >= 0)
			set |= (uint64_t)1 << number;
	}
	return set;
}

/* Without noNewPrivileges a program of the root file system can give what the bounding set has. */
void verify_caps_of(const struct oci_process *process, struct caps *ret)
{
	const struct oci_capabilities *c = process ? process->capabilities : NULL;

	*ret = (struct caps){ 0 };
	if (!c)
		return;
	ret->bounding = set_of(c->bounding, c->n_bounding);
	ret->permitted = set_of(c->permitted, c->n_permitted) | set_of(c->effective, c->n_effective) |
			 set_of(c->ambient, c->n_ambient);
	if (!process->no_new_privileges)
		ret->permitted |= ret->bounding;
	ret->effective = ret->ambient = ret->permitted;
	/* What one has, one may make inheritable. */
	ret->inheritable = set_of(c->inheritable, c->n_inheritable) | ret->permitted;
	if (ret->permitted & ((uint64_t)1 << CAP_SETPCAP))
		ret->inheritable |= ret->bounding;
}

/* What stands behind "\nNAME:" in a status; NULL where there is none. */
static const char *value_at(const char *status, const char *name)
{
	const char *at = strstr(status, name);

	return at ? at + strlen(name) : NULL;
}

/* A number there, in that base; -1 where there is none. */
static int64_t value_of(const char *status, const char *name, int base)
{
	const char *at = value_at(status, name);

	return at ? (int64_t)strtoull(at, NULL, base) : -1;
}

static int check_caps(const struct verification *v, pid_t pid, const char *status, struct error *err)
{
	const struct {
		const char *line;
		uint64_t allowed;
	} sets[] = {
		{ "\nCapInh:", v->caps.inheritable }, { "\nCapPrm:", v->caps.permitted }, { "\nCapEff:", v->caps.effective },
		{ "\nCapBnd:", v->caps.bounding },    { "\nCapAmb:", v->caps.ambient },
	};

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		int64_t value = value_of(status, sets[i].line, 16);
		uint64_t more = (uint64_t)value & ~sets[i].allowed;

		if (value < 0)
			return fail(err, ERR_HOST, "cannot read the capabilities of process %d", (int)pid);
		if (more) {
			const char *name = cap_name(__builtin_ctzll(more));

			return fail(err, ERR_CONFIG,
				    "config.json:/process/capabilities: the images give process %d %s, which the config does not",
				    (int)pid, name ? name : "an unknown capability");
		}
	}
	return 0;
}

/* ---- user ---- */

/* The host's number of one of the container; without a user namespace they are the same. */
static bool to_host(const struct verification *v, const struct oci_id_mapping *maps, size_t n, uint32_t id, uint64_t *ret)
{
	*ret = id;
	if (!config_makes(v->config, CLONE_NEWUSER))
		return true;
	for (size_t i = 0; i < n; i++)
		if (id >= maps[i].container_id && id - maps[i].container_id < maps[i].size) {
			*ret = (uint64_t)maps[i].host_id + (id - maps[i].container_id);
			return true;
		}
	return false;
}

/* Whether every number in the line is one of those. */
static bool is_among(const char *line, const uint64_t *ids, size_t n)
{
	while (line && *(line += strspn(line, " \t")) && *line != '\n') {
		char *end;
		uint64_t id = strtoull(line, &end, 10);
		bool found = false;

		for (size_t i = 0; i < n; i++)
			found = found || ids[i] == id;
		if (!found || end == line)
			return false;
		line = end;
	}
	return line;
}

/* Who may change it has been free to, by a program of the root file system too. */
static int check_user(const struct verification *v, pid_t pid, const char *status, struct error *err)
{
	const struct oci_process *process = v->config->process;
	const struct oci_linux *linux = v->config->linux;
	const struct oci_user *user = process ? process->user : NULL;
	const struct oci_user root = { 0 };
	auto_free uint64_t *groups = NULL;
	uint64_t uid;
	size_t n = 0;

	if (!process || !process->no_new_privileges)
		return 0;
	if (!user)
		user = &root;
	if (!verify_may(v, CAP_SETUID) &&
	    (!to_host(v, linux ? linux->uid_mappings : NULL, linux ? linux->n_uid_mappings : 0, user->uid, &uid) ||
	     !is_among(value_at(status, "\nUid:"), &uid, 1)))
		return fail(err, ERR_CONFIG, "config.json:/process/user: process %d of the images is another user", (int)pid);
	if (verify_may(v, CAP_SETGID) || annotation_value(v->config, ANNOTATION_KEEP_GROUPS))
		return 0;
	groups = calloc(user->n_additional_gids + 1, sizeof(*groups));
	if (!groups)
		return fail(err, -ENOMEM, "cannot look at the groups of process %d", (int)pid);
	for (size_t i = 0; i <= user->n_additional_gids; i++)
		if (to_host(v, linux ? linux->gid_mappings : NULL, linux ? linux->n_gid_mappings : 0,
			    i ? user->additional_gids[i - 1] : user->gid, &groups[n]))
			n++;
	if (!is_among(value_at(status, "\nGid:"), groups, n) || !is_among(value_at(status, "\nGroups:"), groups, n))
		return fail(err, ERR_CONFIG, "config.json:/process/user: process %d of the images is in another group", (int)pid);
	return 0;
}

/* ---- a thread ---- */

static int check_thread(const struct verification *v, pid_t pid, const char *thread, struct error *err)
{
	const struct oci_linux *linux = v->config->linux;
	const struct oci_process *process = v->config->process;
	auto_free char *status = NULL;
	char path[80];
	int r;

	snprintf(path, sizeof(path), "%d/task/%.20s/status", (int)pid, thread);
	r = proc_read(v->procfs, path, &status);
	if (r < 0)
		return fail(err, r, "cannot look at process %d", (int)pid);
	if (check_caps(v, pid, status, err) < 0 || check_user(v, pid, status, err) < 0)
		return -1;
	if (process && process->no_new_privileges && value_of(status, "\nNoNewPrivs:", 10) != 1)
		return fail(err, ERR_CONFIG,
			    "config.json:/process/noNewPrivileges: process %d of the images has it not", (int)pid);
	if (linux && linux->seccomp && value_of(status, "\nSeccomp:", 10) != 2)
		return fail(err, ERR_CONFIG, "config.json:/linux/seccomp: process %d of the images has no filter", (int)pid);
	return 0;
}

struct looking {
	const struct verification *v;
	struct error *err;
};

/* 1: it has said why not */
static int look_at_thread(void *context, pid_t pid, const char *thread)
{
	const struct looking *at = context;

	return check_thread(at->v, pid, thread, at->err) < 0;
}

static int check_threads(const struct verification *v, pid_t pid, struct error *err)
{
	struct looking at = { v, err };
	int r = verify_each(v->procfs, pid, "task", look_at_thread, &at);

	return r < 0 ? fail(err, r, "cannot list the threads of process %d", (int)pid) : -r;
}

/* ---- limits and labels of a process ---- */

/* Who has been free to raise them: with CAP_SYS_RESOURCE in the initial user namespace, of which alone the kernel asks it. */
static bool may_raise(const struct verification *v)
{
	return verify_may(v, CAP_SYS_RESOURCE) && !config_makes(v->config, CLONE_NEWUSER) && !config_joins(v->config, CLONE_NEWUSER);
}

static int check_limits(const struct verification *v, pid_t pid, struct error *err)
{
	const struct oci_process *process = v->config->process;
	auto_free char *score = NULL;
	char path[48];
	int r;

	if (!process || may_raise(v))
		return 0;
	for (size_t i = 0; i < process->n_rlimits; i++) {
		struct rlimit64 limit;

		r = sys_get_rlimit(pid, (int)process->rlimits[i].type, &limit);
		if (r < 0)
			return fail(err, r, "cannot look at the limits of process %d", (int)pid);
		if (limit.rlim_max > process->rlimits[i].hard)
			return fail(err, ERR_CONFIG,
				    "config.json:/process/rlimits/%zu: the images give process %d a higher limit", i, (int)pid);
	}
	if (!process->has_oom_score_adj)
		return 0;
	snprintf(path, sizeof(path), "%d/oom_score_adj", (int)pid);
	r = proc_read(v->procfs, path, &score);
	if (r < 0)
		return fail(err, r, "cannot look at process %d", (int)pid);
	if (strtoll(score, NULL, 10) < process->oom_score_adj)
		return fail(err, ERR_CONFIG, "config.json:/process/oomScoreAdj: the images give process %d a lower one", (int)pid);
	return 0;
}

/* --lsm-profile is the caller's own word for it. */
static int check_labels(const struct verification *v, pid_t pid, struct error *err)
{
	const struct oci_process *process = v->config->process;

	if (!process || v->options->lsm_profile)
		return 0;
	if (process->apparmor_profile && *process->apparmor_profile && labels_has_apparmor(v->procfs) &&
	    !labels_has_profile(v->procfs, pid, process->apparmor_profile))
		return fail(err, ERR_CONFIG,
			    "config.json:/process/apparmorProfile: process %d of the images is not confined by %s "
			    "(--lsm-profile apparmor:%s)",
			    (int)pid, process->apparmor_profile, process->apparmor_profile);
	if (process->selinux_label && *process->selinux_label && v->has_selinux &&
	    !labels_has_context(v->procfs, pid, process->selinux_label))
		return fail(err, ERR_CONFIG,
			    "config.json:/process/selinuxLabel: process %d of the images has another label "
			    "(--lsm-profile selinux:%s)",
			    (int)pid, process->selinux_label);
	return 0;
}

/* ---- where it is ---- */

static int inode_of(int fd, ino_t *ret)
{
	struct stat st;
	int r = fd < 0 ? fd : sys_fstat(fd, &st);

	*ret = r == 0 ? st.st_ino : 0;
	return r;
}

static int namespace_of(const struct verification *v, pid_t pid, int type, ino_t *ret)
{
	auto_close int fd = namespace_open_of(v->procfs, pid, type);

	return inode_of(fd, ret);
}

static const struct oci_namespace *config_namespace(const struct verification *v, int type, size_t *ret_i)
{
	const struct oci_linux *linux = v->config->linux;

	for (size_t i = 0; linux && i < linux->n_namespaces; i++)
		if ((int)linux->namespaces[i].type == type) {
			*ret_i = i;
			return &linux->namespaces[i];
		}
	return NULL;
}

/* Init is where the config has it: in a new one, in that of a path, in the caller's.  The others are with init, unless
 * CAP_SYS_ADMIN let them go on by themselves, but never at home. */
static int check_namespace(const struct verification *v, pid_t pid, const struct namespace_kind *kind, struct error *err)
{
	size_t i = 0;
	const struct oci_namespace *ns = config_namespace(v, kind->flag, &i);
	ino_t its, home = 0, inits = 0, own;
	int r = namespace_of(v, pid, kind->flag, &its);

	if (r == -ENOENT)
		return 0; /* a kernel without that kind */
	if (r == 0)
		r = namespace_of(v, v->init, kind->flag, &inits);
	if (r == 0)
		r = namespace_of(v, 0, kind->flag, &home);
	own = home;
	if (r == 0 && ns && ns->path) {
		auto_close int fd = namespace_open(ns->path, kind->flag);

		r = inode_of(fd, &own);
	}
	if (r < 0)
		return fail(err, r, "cannot look at the %s namespace of process %d", kind->word, (int)pid);
	if (ns && its == home && (!ns->path || own != home))
		return fail(err, ERR_CONFIG, "config.json:/linux/namespaces/%zu: process %d of the images is in the host's %s namespace",
			    i, (int)pid, kind->word);
	/* criu makes a new time namespace always: the monotonic clock goes on as in the images. */
	if (pid == v->init && (!ns || ns->path) && its != own && kind->flag != CLONE_NEWTIME)
		return fail(err, ERR_CONFIG, "config.json:/linux/namespaces: the first process of the images is in a %s namespace that "
			    "the config does not name", kind->word);
	if (its != inits && !verify_may(v, CAP_SYS_ADMIN))
		return fail(err, ERR_CONFIG,
			    "config.json:/linux/namespaces: process %d of the images is in another %s namespace than the first one",
			    (int)pid, kind->word);
	return 0;
}

/* "0 100000 65536" a line; the kernel shows what it was given. */
static int check_map(const struct verification *v, const char *file, const char *member, const struct oci_id_mapping *maps,
		     size_t n, struct error *err)
{
	auto_free char *text = NULL;
	const char *at;
	char path[48];
	int r;

	snprintf(path, sizeof(path), "%d/%s", (int)v->init, file);
	r = proc_read(v->procfs, path, &text);
	if (r < 0)
		return fail(err, r, "cannot look at the mappings of the restored process");
	at = text;
	for (size_t i = 0; at && i <= n; i++) {
		unsigned inside, outside, size;
		int length = 0;

		if (sscanf(at, "%u %u %u%n", &inside, &outside, &size, &length) != 3) {
			at = i == n ? at : NULL;
			break;
		}
		at += length + (at[length] == '\n');
		r = 0;
		for (size_t k = 0; k < n; k++)
			r = r || (maps[k].container_id == inside && maps[k].host_id == outside && maps[k].size == size);
		if (!r)
			at = NULL;
	}
	return at ? 0 : fail(err, ERR_CONFIG, "config.json:/linux/%s: the images have other mappings", member);
}

struct place {
	const char *text; /* of /proc/PID/cgroup */
	bool outside;
};

/* Whether the line of that hierarchy ("2:cpu,cpuacct:/path") is the container's cgroup, or below it. */
static int check_place(void *context, const char *controller, const char *path)
{
	struct place *p = context;
	size_t n = strlen(path), length = strlen(controller);

	for (const char *line = p->text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *names = strchr(line, ':'), *at = names ? strchr(names + 1, ':') : NULL;
		bool has = false;

		if (!at)
			continue;
		for (const char *name = names + 1; name <= at; name += strcspn(name, ",:") + 1)
			if (strncmp(name, controller, length) == 0 && (name[length] == ',' || name[length] == ':'))
				has = true;
		if (!has)
			continue;
		at++;
		if (strncmp(at, path, n) != 0 || (at[n] != '/' && at[n] != '\n'))
			p->outside = true;
		return 0;
	}
	return 0;
}

static int check_cgroup(const struct verification *v, pid_t pid, struct error *err)
{
	auto_free char *text = NULL;
	struct place place = { NULL, false };
	char path[48];
	int r;

	if (!cgroup_is_own(v->cr->cgroup))
		return 0;
	snprintf(path, sizeof(path), "%d/cgroup", (int)pid);
	r = proc_read(v->procfs, path, &text);
	place.text = text;
	if (r == 0)
		r = cgroup_each_place(v->cr->cgroup, check_place, &place);
	if (r < 0)
		return fail(err, r, "cannot look at the cgroup of process %d", (int)pid);
	if (place.outside)
		return fail(err, ERR_CONFIG,
			    "config.json:/linux/cgroupsPath: process %d of the images is not in the container's cgroup", (int)pid);
	return 0;
}

int verify_process(struct verification *v, pid_t pid, struct error *err)
{
	const struct oci_linux *linux = v->config->linux;

	for (size_t i = 0; i < NAMESPACE_KINDS; i++)
		if (check_namespace(v, pid, &namespace_kinds[i], err) < 0)
			return -1;
	if (pid == v->init && linux && config_makes(v->config, CLONE_NEWUSER) &&
	    (check_map(v, "uid_map", "uidMappings", linux->uid_mappings, linux->n_uid_mappings, err) < 0 ||
	     check_map(v, "gid_map", "gidMappings", linux->gid_mappings, linux->n_gid_mappings, err) < 0))
		return -1;
	if (check_threads(v, pid, err) < 0 || check_limits(v, pid, err) < 0 || check_labels(v, pid, err) < 0)
		return -1;
	return check_cgroup(v, pid, err);
}
