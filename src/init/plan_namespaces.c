// SPDX-License-Identifier: LGPL-2.1-or-later
/* plan_namespaces.c - what the steps would do to namespaces: those joined, those made, and what is set in them. */
#include "init/plan_rows.h"

#include <sched.h>

#include "kernel/namespaces.h"

static void plan_join(struct planning *p)
{
	char pointer[PLAN_POINTER_MAX];

	for (size_t kind = 0; kind < NAMESPACE_KINDS; kind++)
		for (size_t i = 0; i < plan_linux(p)->n_namespaces; i++) {
			const struct oci_namespace *ns = &plan_linux(p)->namespaces[i];

			if (ns->path && ns->type == (uint64_t)namespace_kinds[kind].flag)
				PUT(p, "join", namespace_kinds[kind].word, plan_at(pointer, "/linux/namespaces/%zu", i),
				    "%s", ns->path);
		}
}

static void put_maps(struct planning *p, const char *file, const char *member, const struct oci_id_mapping *m, size_t n)
{
	char pointer[PLAN_POINTER_MAX];

	for (size_t i = 0; i < n; i++)
		PUT(p, "map", file, plan_at(pointer, "/linux/%s/%zu", member, i), "%u %u %u", m[i].container_id,
		    m[i].host_id, m[i].size);
}

static void plan_user_namespace(struct planning *p)
{
	if (!(p->in.new_namespaces & CLONE_NEWUSER))
		return;
	PUT(p, "unshare", "user", "/linux/namespaces", "%s", "");
	put_maps(p, "uid_map", "uidMappings", plan_linux(p)->uid_mappings, plan_linux(p)->n_uid_mappings);
	put_maps(p, "gid_map", "gidMappings", plan_linux(p)->gid_mappings, plan_linux(p)->n_gid_mappings);
}

static void put_unshare(struct planning *p, unsigned flags)
{
	for (size_t kind = 0; kind < NAMESPACE_KINDS; kind++)
		if (flags & (unsigned)namespace_kinds[kind].flag)
			PUT(p, "unshare", namespace_kinds[kind].word, "/linux/namespaces", "%s", "");
}

static void plan_new_namespaces(struct planning *p)
{
	if (!(p->in.flags & INIT_NAMESPACES_NEW))
		put_unshare(p, p->in.new_namespaces & ~(unsigned)(CLONE_NEWUSER | CLONE_NEWCGROUP));
}

static void plan_time(struct planning *p)
{
	char pointer[PLAN_POINTER_MAX];

	for (size_t i = 0; i < plan_linux(p)->n_time_offsets; i++) {
		const struct oci_time_offset *offset = &plan_linux(p)->time_offsets[i];

		PUT(p, "write", "/proc/self/timens_offsets", plan_at(pointer, "/linux/timeOffsets/%s", offset->key),
		    "%s %lld %u", offset->key, (long long)offset->secs, offset->nanosecs);
	}
}

static void plan_fork(struct planning *p)
{
	const struct init *in = &p->in;

	if (!(in->flags & INIT_NAMESPACES_NEW) &&
	    (((in->new_namespaces | in->joined_namespaces) & CLONE_NEWPID) || (in->new_namespaces & CLONE_NEWTIME)))
		PUT(p, "fork", "init", "/linux/namespaces", "into the pid or time namespace");
}

static void plan_cgroup_namespace(struct planning *p)
{
	const unsigned by_clone3 = INIT_CGROUP_FINAL | INIT_NAMESPACES_NEW;

	if (p->in.new_namespaces & CLONE_NEWCGROUP && (p->in.flags & by_clone3) != by_clone3)
		put_unshare(p, CLONE_NEWCGROUP);
}

static void plan_network(struct planning *p)
{
	char pointer[PLAN_POINTER_MAX];

	if (p->in.new_namespaces & CLONE_NEWNET)
		PUT(p, "set up", "lo", "/linux/namespaces", "%s", "");
	for (size_t i = 0; i < plan_linux(p)->n_net_devices; i++) {
		const struct oci_net_device *d = &plan_linux(p)->net_devices[i];

		PUT(p, "move", d->key, plan_at(pointer, "/linux/netDevices/%s", d->key), "as %s",
		    d->name ? d->name : d->key);
	}
}

static void plan_names(struct planning *p)
{
	if (p->in.config->hostname)
		PUT(p, "set", "hostname", "/hostname", "%s", p->in.config->hostname);
	if (p->in.config->domainname)
		PUT(p, "set", "domainname", "/domainname", "%s", p->in.config->domainname);
}

static void plan_sysctl(struct planning *p)
{
	for (size_t i = 0; i < plan_linux(p)->n_sysctl; i++) {
		const struct oci_pair *pair = &plan_linux(p)->sysctl[i];

		PUT(p, "set sysctl", pair->key, "/linux/sysctl", "%s", pair->value);
	}
}

static const struct plan_row rows[] = {
	{ "join", plan_join },
	{ "user-ns", plan_user_namespace },
	{ "join-inside", NULL }, /* join tells of them */
	{ "new-ns", plan_new_namespaces },
	{ "time", plan_time },
	{ "fork", plan_fork },
	{ "cgroup-ns", plan_cgroup_namespace },
	{ "network", plan_network },
	{ "names", plan_names },
	{ "sysctl", plan_sysctl },
};

const struct plan_table plan_namespace_rows = { rows, sizeof(rows) / sizeof(rows[0]) };
