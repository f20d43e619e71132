// SPDX-License-Identifier: LGPL-2.1-or-later
/* fs1.c - cgroup v1 by its file systems, and hybrid hosts: v1 hierarchies plus the unified one.
 *
 * Whatever the kernel can do better on the unified hierarchy (clone into it, kill it) is done there; limits are where
 * their controller is.  A task frozen by the v1 freezer does not even die before it is thawed. */
#include "cgroup/private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/fd.h"

/* What a freeze may take that is only to help a kill. */
#define FREEZE_TO_KILL_MS 2000

/* ---- cpuset ---- */

static const char *const cpuset_files[] = { "cpuset.cpus", "cpuset.mems" };

/* A new v1 cpuset is empty and takes no process before it has cpus and mems (cpusets(7)): it gets its parent's.
 * 0, -EAGAIN when the parent is empty itself, -errno */
static int inherit_cpuset(int parent, const char *name)
{
	for (size_t i = 0; i < 2; i++) {
		char value[4096];
		ssize_t n = file_read_below(parent, ".", cpuset_files[i], value, sizeof(value));
		int r;

		if (n == 0)
			return -EAGAIN;
		r = n < 0 ? (int)n : file_write_below(parent, name, cpuset_files[i], value);
		if (r < 0)
			return r;
	}
	return 0;
}

/* As inherit_cpuset for every directory on the way that is still empty: somebody made them a moment ago. */
static int inherit_cpuset_from_root(const struct cgroup *cgroup, struct hierarchy *h)
{
	auto_close int dir = hierarchy_root(cgroup, h);
	const char *at = cgroup->path + 1;

	if (dir < 0)
		return dir;
	for (;;) {
		char name[NAME_MAX + 1], value[4096];
		size_t length = strcspn(at, "/");
		int next, r = 0;

		memcpy(name, at, length);
		name[length] = '\0';
		for (size_t i = 0; i < 2 && r == 0; i++)
			if (file_read_below(dir, name, cpuset_files[i], value, sizeof(value)) == 0)
				r = inherit_cpuset(dir, name);
		if (r < 0 || at == cgroup->leaf)
			return r;
		at += length + 1;
		next = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -errno;
		(void)fd_close(dir);
		dir = next;
	}
}

static int make_cpuset(const struct cgroup *cgroup, struct hierarchy *h)
{
	int r = hierarchy_make(cgroup, h, inherit_cpuset);

	for (int attempt = 0; r == -EAGAIN && attempt < 8; attempt++)
		r = inherit_cpuset_from_root(cgroup, h);
	return r;
}

/* ---- the driver ---- */

static int fs1_create(struct cgroup *cgroup, struct error *err)
{
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];
		int r = hierarchy_has(h, "cpuset") ? make_cpuset(cgroup, h) : hierarchy_make(cgroup, h, NULL);

		if (r < 0 && r != -ENODEV) /* not mounted: a limit that needs it fails later and says so */
			return fail(err, r, "cannot make cgroup %s in hierarchy %s", cgroup->path,
				    h->unified ? "unified" : h->name);
	}
	return 0;
}

/* The kernel finishes a freeze that met a busy task only when the state is read again. */
static int freezer_set(struct cgroup *cgroup, struct hierarchy *h, const char *state, int timeout_ms)
{
	int64_t deadline = clock_ms() + timeout_ms;
	unsigned us = 50;
	int r;

	for (int tries = 0;; tries++) {
		char now[32];

		if (tries % 32 == 0) { /* a task that was forked meanwhile may have escaped: say it again */
			r = hierarchy_write(cgroup, h, "freezer.state", state);
			if (r < 0)
				return r;
		}
		r = (int)hierarchy_read(cgroup, h, "freezer.state", now, sizeof(now));
		if (r < 0)
			return r;
		if (strcmp(now, state) == 0)
			return 0;
		/* Below a frozen parent nothing thaws. */
		if (*state == 'T' && hierarchy_read(cgroup, h, "freezer.parent_freezing", now, sizeof(now)) > 0 &&
		    *now == '1')
			return -EBUSY;
		if (clock_ms() > deadline)
			break;
		back_off(&us);
	}
	(void)hierarchy_write(cgroup, h, "freezer.state", "THAWED"); /* not half-way: the caller hears of the failure */
	return -ETIMEDOUT;
}

static int fs1_freeze(struct cgroup *cgroup, bool frozen)
{
	struct hierarchy *freezer = hierarchy_of(cgroup, "freezer"), *unified = hierarchy_unified(cgroup);
	int r = -EOPNOTSUPP;

	if (freezer) {
		r = freezer_set(cgroup, freezer, frozen ? "FROZEN" : "THAWED", CGROUP_DEADLINE_MS);
		if (frozen || r < 0 || !unified || !unified_is_frozen(cgroup, unified))
			return r;
	}
	return unified ? unified_freeze(cgroup, unified, frozen) : r;
}

static bool fs1_is_frozen(struct cgroup *cgroup)
{
	struct hierarchy *freezer = hierarchy_of(cgroup, "freezer"), *unified = hierarchy_unified(cgroup);
	char state[32];

	if (freezer && hierarchy_read(cgroup, freezer, "freezer.state", state, sizeof(state)) > 0 &&
	    strcmp(state, "FROZEN") == 0)
		return true;
	return unified && unified_is_frozen(cgroup, unified);
}

/* ---- kill ---- */

static int thaw_one(int dir, const char *name, void *ignored)
{
	int r = file_write_below(dir, name, "freezer.state", "THAWED");

	(void)ignored;
	return r < 0 && !walk_is_race(r) ? r : 1;
}

/* Somebody inside or outside may have frozen any of those below on its own. */
int fs1_thaw_to_kill(struct cgroup *cgroup)
{
	struct hierarchy *freezer = hierarchy_of(cgroup, "freezer");
	char above[8];
	int r;

	if (!freezer)
		return 0;
	r = hierarchy_open(cgroup, freezer);
	if (r == 0 && HAS_OWN_PROCESSES(cgroup, freezer))
		r = walk_tree(freezer->at, cgroup->leaf, thaw_one, NULL, NULL);
	else if (r == 0)
		r = thaw_one(freezer->at, cgroup->leaf, NULL) < 0 ? -EIO : 0;
	if (r == 0 && hierarchy_read(cgroup, freezer, "freezer.parent_freezing", above, sizeof(above)) > 0 && *above == '1')
		return -EBUSY;
	return walk_is_race(r) ? 0 : r;
}

/* Nobody can fork while we look: where neither a limit nor the kernel does it for us.  What does not freeze in time is
 * killed as far as it is found. */
static int kill_frozen(struct cgroup *cgroup, struct hierarchy *freezer)
{
	int r = freezer_set(cgroup, freezer, "FROZEN", FREEZE_TO_KILL_MS);

	return r < 0 ? 0 : hierarchy_signal(cgroup, freezer, SIGKILL, false);
}

/* No new process (a fork bomb loses), nobody frozen, then SIGKILL to all: at once on the unified hierarchy; then to
 * whomever the lists of the others still show after a moment. */
static int fs1_kill(struct cgroup *cgroup)
{
	struct hierarchy *pids = hierarchy_of(cgroup, "pids"), *freezer = hierarchy_of(cgroup, "freezer");
	struct hierarchy *unified = hierarchy_unified(cgroup);
	bool limited, killed;
	int result = 0;

	limited = pids && pids->made > 0 && hierarchy_write(cgroup, pids, "pids.max", "0") == 0;
	killed = unified && unified->made > 0 && unified_kill(cgroup, unified) == 0;
	if (!limited && !killed && freezer && HAS_OWN_PROCESSES(cgroup, freezer))
		result = kill_frozen(cgroup, freezer);
	if (freezer && HAS_OWN_PROCESSES(cgroup, freezer))
		(void)fs1_thaw_to_kill(cgroup); /* who stays frozen shows as busy */
	if (killed)
		(void)unified_wait_empty(cgroup, unified, clock_ms() + 100); /* only saves work */
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];
		int r = HAS_OWN_PROCESSES(cgroup, h) ? hierarchy_signal(cgroup, h, SIGKILL, true) : 0;

		if (r < 0)
			result = r;
	}
	return result;
}

const struct driver driver_fs1 = {
	.name = "fs1",
	.create = fs1_create,
	.freeze = fs1_freeze,
	.is_frozen = fs1_is_frozen,
	.kill = fs1_kill,
};
