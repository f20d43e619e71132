// SPDX-License-Identifier: LGPL-2.1-or-later
/* freeze.c - a container's processes are stopped and let go by its cgroup: asked, done, undone for the end. */
#include "cgroup/private.h"

#include <limits.h>
#include <string.h>

/* `hull state` asks this: the usual places alone, without a look at what the host has.  1, 0, or -1: look further */
static int is_frozen_quickly(const struct cgroup *cgroup)
{
	static const struct hierarchy freezer = { .name = "freezer" }, unified = { .name = "", .unified = true };
	char text[256];

	if (cgroup->driver == &driver_fs1) {
		if (hierarchy_read_usual(cgroup, &freezer, "freezer.state", text, sizeof(text)) <= 0)
			return -1;
		if (strcmp(text, "FROZEN") == 0)
			return 1;
	}
	return hierarchy_read_usual(cgroup, &unified, "cgroup.events", text, sizeof(text)) <= 0
		       ? -1
		       : unified_events_frozen(text);
}

bool cgroup_is_frozen(const struct cgroup *cgroup)
{
	int quick = cgroup->loaded || cgroup->driver == &driver_none ? -1 : is_frozen_quickly(cgroup);

	if (quick >= 0)
		return quick;
	return cgroup_load(cgroup) == 0 && cgroup->n && cgroup->driver->is_frozen((struct cgroup *)cgroup);
}

int cgroup_freeze(struct cgroup *cgroup)
{
	int r = cgroup_load(cgroup);

	if (r < 0)
		return r;
	return cgroup->n ? cgroup->driver->freeze(cgroup, true) : -EOPNOTSUPP;
}

int cgroup_thaw(struct cgroup *cgroup)
{
	int r = cgroup_load(cgroup);

	if (r < 0)
		return r;
	r = cgroup->n ? cgroup->driver->freeze(cgroup, false) : 0;
	return r == -ENOENT || r == -ENODEV || r == -EOPNOTSUPP ? 0 : r;
}

int cgroup_freezer_path(const struct cgroup *cgroup, char **ret)
{
	char place[PATH_MAX];
	struct hierarchy *h;
	int r = cgroup_load(cgroup);

	*ret = NULL;
	if (r < 0)
		return r;
	h = hierarchy_of(cgroup, "freezer");
	if (!h)
		h = hierarchy_unified(cgroup);
	if (!h || hierarchy_open(cgroup, h) < 0)
		return 0;
	hierarchy_place(cgroup, h, "", place, sizeof(place));
	*ret = strdup(place);
	return *ret ? 0 : -ENOMEM;
}

int cgroup_thaw_to_kill(struct cgroup *cgroup)
{
	int r = cgroup->driver == &driver_fs1 ? cgroup_load(cgroup) : 0;

	return r < 0 || cgroup->driver != &driver_fs1 ? r : fs1_thaw_to_kill(cgroup);
}
