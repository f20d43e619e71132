// SPDX-License-Identifier: LGPL-2.1-or-later
/* join.c - how processes come into the container's cgroup: born there (clone3), by themselves, moved, or by systemd.
 *
 * Who is moved must be moved in each hierarchy; who was born on the unified one is there already. */
#include "cgroup/private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

/* Whether we may move a process from our own place to the container's: who may write to the cgroup.procs of the directory
 * above both may (cgroups(7)). */
static bool may_move(const struct cgroup *cgroup)
{
	struct hierarchy *h = cgroup_load(cgroup) < 0 ? NULL : hierarchy_unified(cgroup);
	auto_close int root = h ? hierarchy_root(cgroup, h) : -1;
	const char *own = h ? h->name + 1 : "", *path = cgroup->path; /* behind the name in /proc/self/cgroup */
	char file[PATH_MAX];
	size_t common = 0;

	for (size_t i = 0; own[i] == path[i] || !own[i] || !path[i]; i++) {
		bool ends = (!own[i] || own[i] == '/') && (!path[i] || path[i] == '/');

		if (ends)
			common = i;
		if (!own[i] || !path[i])
			break;
	}
	return root >= 0 &&
	       snprintf(file, sizeof(file), "./%.*s/cgroup.procs", (int)common, path) < (int)sizeof(file) &&
	       faccessat(root, file, W_OK, AT_EACCESS) == 0;
}

bool cgroup_wants_join(const struct cgroup *cgroup)
{
	return cgroup->unit && cgroup->unit->user && !may_move(cgroup);
}

int cgroup_clone_fd(const struct cgroup *cgroup)
{
	struct hierarchy *h = cgroup_load(cgroup) < 0 ? NULL : hierarchy_unified(cgroup);
	int fd;

	if (!h)
		return -1;
	h->cloned = false;
	if (cgroup->no_clone)
		return -1;
	if (h->dir < 0 && hierarchy_open(cgroup, h) == 0) {
		fd = openat(h->at, cgroup->leaf, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		h->dir = fd;
	}
	h->cloned = h->dir >= 0;
	return h->dir;
}

bool cgroup_stop_cloning(struct cgroup *cgroup)
{
	const struct hierarchy *h = hierarchy_unified(cgroup);

	cgroup->no_clone = true;
	return h && h->cloned;
}

/* Writes pid to the hierarchy's list.  A hierarchy that is not mounted, or a named one in which nobody made the
 * directory, restricts nothing; any other that is missing is an error. */
static int join_one(const struct cgroup *cgroup, struct hierarchy *h, const char *file, const char *pid)
{
	int r = hierarchy_write(cgroup, h, file, pid);

	if (r == -ENODEV && h->unmounted)
		return 0;
	if (r == -ENOENT && text_starts(h->name, "name="))
		return 0;
	return r;
}

int cgroup_join_self(const struct cgroup *cgroup)
{
	int r = cgroup_load(cgroup); /* done before the fork, by cgroup_clone_fd */

	if (r < 0)
		return r;
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];

		if (h->unified && h->cloned)
			continue;
		if (h->join >= 0)
			r = write(h->join, "0", 1) == 1 ? 0 : -errno;
		else
			r = join_one(cgroup, h, h->unified ? "cgroup.procs" : "tasks", "0");
		if (r < 0)
			return r;
	}
	return 0;
}

int cgroup_join(const struct cgroup *cgroup, pid_t pid, struct error *err)
{
	char number[16];

	if (cgroup_load_or_fail(cgroup, err) < 0)
		return -1;
	if (cgroup_wants_join(cgroup))
		return unit_attach((struct cgroup *)cgroup, pid, err);
	snprintf(number, sizeof(number), "%d", (int)pid);
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];
		int r = join_one(cgroup, h, "cgroup.procs", number);

		if (r < 0)
			return fail(err, r, "cannot move process %d into cgroup %s in hierarchy %s", (int)pid,
				    cgroup->path, h->unified ? "unified" : h->name);
	}
	return 0;
}
