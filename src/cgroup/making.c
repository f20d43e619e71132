// SPDX-License-Identifier: LGPL-2.1-or-later
/* making.c - the beginning of a cgroup: its directories are made, its unit started, its task lists opened.
 *
 * What was there before may be used, too: by nobody else meanwhile, and not frozen. */
#include "cgroup/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/fd.h"

/* A directory that was there before must have nobody in it; nothing may be frozen, or init would never run. */
static int check_usable(struct cgroup *cgroup, struct error *err)
{
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];
		struct pid_list list = { NULL, 0, 0 };
		int r;

		if (h->at < 0 || h->made > 0)
			continue;
		r = hierarchy_pids(cgroup, h, &list);
		free(list.pids);
		if (r < 0)
			return fail(err, r, "cannot list the processes of cgroup %s", cgroup->path);
		if (list.n > 0)
			return fail(err, ERR_STATE, "container's cgroup is not empty: %zu process(es) found", list.n);
	}
	if (cgroup->driver->is_frozen(cgroup))
		return fail(err, ERR_STATE, "container's cgroup unexpectedly frozen");
	return 0;
}

static int prepare_joins(struct cgroup *cgroup, struct error *err)
{
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];
		int r;

		if (h->at < 0 || h->unified)
			continue;
		r = hierarchy_prepare_join(cgroup, h);
		if (r < 0)
			return fail(err, r, "cannot open the task list of cgroup %s in hierarchy %s", cgroup->path,
				    h->name);
	}
	return 0;
}

/* The path is systemd's to say; what was opened below the planned one is not it then. */
static int move_to(struct cgroup *cgroup, char *path, struct error *err)
{
	if (strcmp(path, cgroup->path) == 0) {
		free(path);
		return 0;
	}
	for (size_t i = 0; i < cgroup->n; i++)
		cgroup->hierarchies[i].at = fd_close(cgroup->hierarchies[i].at);
	free(cgroup->path);
	cgroup->depth = 0;
	return cgroup_set_path(cgroup, path, err);
}

/* Whatever the hierarchy: the last directory is the unit's, and so the container's own. */
static int create_unit(struct cgroup *cgroup, struct error *err)
{
	char *path;
	int r;

	if (unit_start(cgroup, &path, err) < 0) {
		for (size_t i = 0; i < cgroup->n && !cgroup->unit->started; i++)
			cgroup->hierarchies[i].made = 0; /* it is somebody else's */
		return -1;
	}
	r = move_to(cgroup, path, err);
	if (r == 0)
		r = cgroup->driver->create(cgroup, err);
	for (size_t i = 0; i < cgroup->n; i++)
		if (cgroup->hierarchies[i].made == 0)
			cgroup->hierarchies[i].made = 1;
	return r;
}

/* What an earlier container left goes; but what is frozen, or has somebody in it, is there to be refused. */
static void remove_stale(struct cgroup *cgroup)
{
	bool looked = false;

	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];

		if (!h->stale)
			continue;
		if (!looked && cgroup->driver->is_frozen(cgroup))
			return;
		looked = true;
		(void)hierarchy_remove(cgroup, h, false);
	}
}

/* Where it could not be made anew, this container is the last one that uses it, and removes it. */
static void keep_stale(struct cgroup *cgroup)
{
	for (size_t i = 0; i < cgroup->n; i++)
		if (cgroup->hierarchies[i].stale && cgroup->hierarchies[i].made == 0)
			cgroup->hierarchies[i].made = 1;
}

int cgroup_create(struct cgroup *cgroup, struct error *err)
{
	struct error ignored;
	int r;

	if (cgroup->driver == &driver_none)
		return 0;
	remove_stale(cgroup);
	r = cgroup->unit ? create_unit(cgroup, err) : cgroup->driver->create(cgroup, err);
	if (r == 0 && check_usable(cgroup, err) == 0 && prepare_joins(cgroup, err) == 0) {
		keep_stale(cgroup);
		claim_make(cgroup);
		return 0;
	}
	(void)cgroup_destroy(cgroup, &ignored); /* the first failure is the one to tell */
	return -1;
}

void cgroup_settled(struct cgroup *cgroup)
{
	unit_settled(cgroup->unit);
}
