// SPDX-License-Identifier: LGPL-2.1-or-later
/* removal.c - the end of a cgroup: its processes are killed, its directories removed, its unit stopped.
 *
 * A directory stays busy until the last process in it is reaped, and who has moved processes in may do it again: so there are
 * rounds, with a deadline. */
#include "cgroup/private.h"

#include <errno.h>
#include <stdlib.h>

/* One round over all hierarchies: 0, or -1 with the busy one, or -1 with err and NULL. */
static int remove_all(struct cgroup *cgroup, bool children, struct hierarchy **ret_busy, struct error *err)
{
	int result = 0;

	*ret_busy = NULL;
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];
		int r = h->made > 0 ? hierarchy_remove(cgroup, h, children) : 0;

		if (r == 0) {
			h->made = 0;
		} else if (r == -EBUSY) {
			if (!*ret_busy)
				*ret_busy = h;
			result = -1;
		} else {
			return fail(err, r, "cannot remove cgroup %s in hierarchy %s", cgroup->path,
				    h->unified ? "unified" : h->name);
		}
	}
	return result;
}

/* Nothing of it will be removed, so that nothing else tells when the last process is gone. */
static int empty_adopted(struct cgroup *cgroup, struct error *err)
{
	int64_t now = clock_ms(), deadline = now + CGROUP_DEADLINE_MS, next_kill = now;
	struct hierarchy *h = cgroup_main_hierarchy(cgroup);
	unsigned us = 50;

	while (h) {
		struct pid_list list = { NULL, 0, 0 };
		int r = hierarchy_pids(cgroup, h, &list);

		free(list.pids);
		if (r < 0)
			return fail(err, r, "cannot list the processes of cgroup %s", cgroup->path);
		if (list.n == 0)
			break;
		now = clock_ms();
		if (now >= deadline)
			return busy_fail(cgroup, h, err);
		if (now >= next_kill) {
			(void)cgroup->driver->kill(cgroup); /* what it could not do shows as busy */
			next_kill = now + 500;
		}
		back_off(&us);
	}
	return 0;
}

/* Whether a unit is hull's to stop: started by this process, or said by the record to be made. */
static bool has_own_unit(const struct cgroup *cgroup)
{
	return cgroup->unit && (cgroup->unit->started || (cgroup->recorded > 0 && !cgroup->unit->properties));
}

static int destroy_directories(struct cgroup *cgroup, struct error *err)
{
	int64_t now = clock_ms(), deadline = now + CGROUP_DEADLINE_MS, next_kill = now;
	struct hierarchy *busy, *unified;
	unsigned us = 50;

	if (cgroup->adopted && !cgroup->unknown && empty_adopted(cgroup, err) < 0)
		return -1;
	unified = hierarchy_unified(cgroup);
	for (bool children = false;; children = true) {
		if (remove_all(cgroup, children && !cgroup->unknown, &busy, err) == 0)
			return 0;
		if (!busy)
			return -1;
		now = clock_ms();
		if (now >= deadline)
			return busy_fail(cgroup, busy, err);
		if (now >= next_kill && !cgroup->unknown) { /* again: a process may have been moved in */
			(void)cgroup->driver->kill(cgroup); /* what it could not do shows as busy */
			next_kill = now + 500;
		}
		if (unified && unified->made > 0)
			(void)unified_wait_empty(cgroup, unified, next_kill); /* only saves time */
		back_off(&us);
	}
}

int cgroup_destroy(struct cgroup *cgroup, struct error *err)
{
	int r = cgroup_load_own(cgroup);
	bool stop = has_own_unit(cgroup);

	if (r < 0)
		return fail(err, r, "cannot find cgroup %s", cgroup_path(cgroup));
	unit_settled(cgroup->unit);
	if (destroy_directories(cgroup, err) < 0)
		return -1;
	return stop ? unit_stop(cgroup, err) : 0;
}
