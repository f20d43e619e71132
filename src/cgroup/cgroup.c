// SPDX-License-Identifier: LGPL-2.1-or-later
/* cgroup.c - the public face: path rules, the choice of a driver, and what all drivers share.
 *
 * Where a path leads depends on its value alone, never on the caller's own cgroup: an absolute one starts at each
 * hierarchy's mount point, a relative one at /hull there, and without one it is /hull/ID. */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/knobs.h"
#include "cgroup/private.h"

/* cgroup_manager disabled: the container stays where its creator is. */
const struct driver driver_none = { .name = "none" };

/* As records have them: with systemd, which hierarchies the unit's directory is in. */
static const struct manager {
	const char *name;
	const struct driver *driver;
	bool unit, user;
} managers[] = {
	{ "fs1", &driver_fs1, false, false },
	{ "fs2", &driver_fs2, false, false },
	{ "systemd-fs1", &driver_fs1, true, false },
	{ "systemd-fs2", &driver_fs2, true, false },
	{ "systemd-user-fs1", &driver_fs1, true, true },
	{ "systemd-user-fs2", &driver_fs2, true, true },
	{ "none", &driver_none, false, false },
};
#define MANAGERS (sizeof(managers) / sizeof(managers[0]))

/* ---- the path ---- */

/* slice:prefix:name, what the systemd driver takes. */
static bool is_systemd_path(const char *path)
{
	const char *colon = strchr(path, ':');

	return !strchr(path, '/') && colon && strchr(colon + 1, ':');
}

static int check_path(const char *path, struct error *err)
{
	const char *at = path;

	if (strlen(path) > CGROUP_PATH_MAX)
		return fail(err, ERR_CONFIG, "longer than %d bytes", CGROUP_PATH_MAX);
	for (const char *c = path; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return fail(err, ERR_CONFIG, "%s: control characters cannot be part of a cgroup's name", path);
	do {
		size_t n = strcspn(++at, "/");

		if (n == 0)
			return fail(err, ERR_CONFIG, "%s: a name between slashes is empty", path);
		if ((n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.'))
			return fail(err, ERR_CONFIG, "%s: \".\" and \"..\" are not allowed", path);
		if (n > NAME_MAX)
			return fail(err, ERR_CONFIG, "a name is longer than %d bytes", NAME_MAX);
		at += n;
	} while (*at);
	return 0;
}

int cgroup_set_path(struct cgroup *cgroup, char *path, struct error *err)
{
	cgroup->path = path;
	if (!path)
		return fail(err, -ENOMEM, "cannot plan the cgroup");
	if (check_path(path, err) < 0)
		return -1;
	cgroup->leaf = strrchr(path, '/') + 1;
	for (const char *at = path; *at; at++)
		cgroup->depth += *at == '/';
	return 0;
}

static char *join_path(const char *parent, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", parent, name) < 0 ? NULL : path;
}

static int new_cgroup(const struct driver *driver, struct cgroup **ret, struct error *err)
{
	struct cgroup *cgroup = calloc(1, sizeof(*cgroup));

	if (!cgroup)
		return fail(err, -ENOMEM, "cannot plan the cgroup");
	cgroup->driver = driver;
	*ret = cgroup;
	return 0;
}

/* What will have to be made: the intent on disk says it before anything is. */
static int probe(struct cgroup *cgroup, struct error *err)
{
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];
		int r = hierarchy_probe(cgroup, h);

		if (r < 0)
			return fail(err, r, "cannot look for cgroup %s in hierarchy %s", cgroup->path,
				    h->unified ? "unified" : h->name);
	}
	if (!cgroup->unit)
		claim_inherit(cgroup);
	return 0;
}

static int plan(struct cgroup *cgroup, bool systemd, const char *cgroups_path, const char *id, struct error *err)
{
	char *path;
	bool v2;
	int r;

	if (systemd)
		r = unit_plan(cgroup, cgroups_path, id, &path, err) < 0 ? -1 : cgroup_set_path(cgroup, path, err);
	else if (!cgroups_path || !*cgroups_path)
		r = cgroup_set_path(cgroup, join_path(OWN_PARENT, id), err);
	else if (cgroups_path[0] == '/')
		r = cgroup_set_path(cgroup, strdup(cgroups_path), err);
	else
		r = cgroup_set_path(cgroup, join_path(OWN_PARENT, cgroups_path), err);
	if (r < 0)
		return -1;
	/* BuildKit in a Docker daemon with systemd's cgroups says it so, and means no systemd. */
	if (!systemd && cgroups_path && is_systemd_path(cgroups_path))
		log_warning(
			"config.json:/linux/cgroupsPath: %s is for --systemd-cgroup; without that it is a directory's name",
			cgroups_path);
	r = hierarchies_find(cgroup, &v2);
	if (r < 0)
		return fail(err, r, "cannot find the cgroup hierarchies of this host");
	cgroup->driver = v2 ? &driver_fs2 : &driver_fs1;
	cgroup->loaded = true;
	if (probe(cgroup, err) < 0)
		return -1;
	for (size_t i = 0; systemd && i < cgroup->n; i++) /* the slices are systemd's */
		cgroup->hierarchies[i].made = cgroup->hierarchies[i].made > 0;
	return 0;
}

int cgroup_beside_own(const char *id, char **ret)
{
	auto_close int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	auto_free char *text = NULL;
	char *end, *parent;
	int r;

	*ret = NULL;
	r = fd < 0 ? -errno : file_read(fd, 1 << 20, &text, NULL);
	if (r < 0)
		return r;
	/* One line alone: v1 has no delegation.  A process may be outside of what its cgroup namespace shows ("/../x"). */
	end = strchr(text, '\n');
	if (!text_starts(text, "0::/") || !end || end[1] || strstr(text, "/..") || strstr(text, " (deleted)"))
		return 0;
	*end = '\0';
	parent = text + strlen("0::");
	*strrchr(parent, '/') = '\0';
	if (!*parent)
		return 0;
	return asprintf(ret, "%s/hull-%s", parent, id) < 0 ? -ENOMEM : 0;
}

int cgroup_plan(enum cgroup_manager manager, const char *cgroups_path, const char *id, struct cgroup **ret,
		struct error *err)
{
	struct cgroup *cgroup = NULL;

	if (new_cgroup(&driver_none, &cgroup, err) < 0)
		return -1;
	if (manager != CGROUP_DISABLED && plan(cgroup, manager == CGROUP_SYSTEMD, cgroups_path, id, err) < 0) {
		cgroup_free(cgroup);
		return -1;
	}
	*ret = cgroup;
	return 0;
}

void cgroup_free(struct cgroup *cgroup)
{
	if (!cgroup)
		return;
	unit_free(cgroup->unit);
	hierarchies_close(cgroup);
	free(cgroup->path);
	free(cgroup);
}

/* ---- the record ---- */

const char *cgroup_driver(const struct cgroup *cgroup)
{
	for (size_t i = 0; i < MANAGERS; i++)
		if (managers[i].driver == cgroup->driver && managers[i].unit == !!cgroup->unit &&
		    (!cgroup->unit || managers[i].user == cgroup->unit->user))
			return managers[i].name;
	return cgroup->driver->name;
}

const char *cgroup_path(const struct cgroup *cgroup)
{
	return cgroup->path ? cgroup->path : "";
}

/* How many names hull made can differ: a parent may have been there in some hierarchies only (the kubelet does not know
 * the unified side of a hybrid host).  The recorded number is the least count, bits 0 to 6; where some hierarchies
 * have more, the greatest in bits 7 to 13 and those hierarchies as bits from 14 up. */
static const char *const made_slots[] = { "",      "cpu",  "cpuacct", "cpuset",     "memory",  "devices", "freezer",
					  "blkio", "pids", "hugetlb", "perf_event", "net_cls", "rdma",    "misc" };
#define SLOTS    (sizeof(made_slots) / sizeof(made_slots[0]))
#define OTHERS   SLOTS /* named hierarchies and controllers of tomorrow share one slot */
#define MADE_MAX 127

static size_t made_slot(const struct hierarchy *h)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (i == 0 ? h->unified : hierarchy_has(h, made_slots[i]))
			return i;
	return OTHERS;
}

int cgroup_made(const struct cgroup *cgroup)
{
	int least = MADE_MAX, greatest = 0, bits = 0, lower = 0;

	if (!cgroup->loaded || cgroup->unknown)
		return cgroup->recorded;
	for (size_t i = 0; i < cgroup->n; i++) {
		const struct hierarchy *h = &cgroup->hierarchies[i];

		if (h->unmounted)
			continue;
		least = h->made < least ? h->made : least;
		greatest = h->made > greatest ? h->made : greatest;
	}
	greatest = greatest < MADE_MAX ? greatest : MADE_MAX;
	if (least >= greatest)
		return greatest;
	for (size_t i = 0; i < cgroup->n; i++) {
		const struct hierarchy *h = &cgroup->hierarchies[i];

		if (!h->unmounted && h->made >= greatest)
			bits |= 1 << made_slot(h);
		else if (!h->unmounted)
			lower |= 1 << made_slot(h);
	}
	bits &= ~lower; /* a slot of several hierarchies: an empty directory may stay, nobody else's is removed */
	return least | greatest << 7 | bits << 14;
}

int made_in(const struct hierarchy *h, int made)
{
	return made >> 14 & 1 << made_slot(h) ? made >> 7 & MADE_MAX : made & MADE_MAX;
}

static void restore_made(struct cgroup *cgroup, int made)
{
	cgroup->recorded = made;
	cgroup->unknown = made < 0;
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];

		if (made < 0)
			h->made = 1;
		else
			h->made = made_in(h, made);
		if (h->made > cgroup->depth)
			h->made = cgroup->depth;
	}
}

int cgroup_reopen(const char *driver, const char *path, int made, struct cgroup **ret, struct error *err)
{
	const struct manager *manager = NULL;
	struct cgroup *cgroup = NULL;
	int r = 0;

	for (size_t i = 0; i < MANAGERS; i++)
		if (strcmp(driver, managers[i].name) == 0)
			manager = &managers[i];
	if (!manager)
		return fail(err, ERR_UNSUPPORTED, "there is no cgroup driver %s", driver);
	if (new_cgroup(manager->driver, &cgroup, err) < 0)
		return -1;
	cgroup->recorded = made;
	cgroup->reopened = true;
	if (cgroup->driver == &driver_none)
		r = 0;
	else if (path[0] != '/')
		r = fail(err, ERR_CONFIG, "recorded cgroup path %s is not absolute", path);
	else if (cgroup_set_path(cgroup, strdup(path), err) < 0)
		r = within(err, "recorded cgroup path");
	else if (manager->unit && unit_reopen(cgroup, manager->user) < 0)
		r = fail(err, -ENOMEM, "cannot reopen the cgroup");
	if (r < 0)
		cgroup_free(cgroup);
	else
		*ret = cgroup;
	return r;
}

int cgroup_load(const struct cgroup *constant)
{
	struct cgroup *cgroup = (struct cgroup *)constant;
	bool v2;
	int r;

	if (cgroup->loaded)
		return 0;
	r = cgroup->driver == &driver_none ? 0 : hierarchies_find(cgroup, &v2);
	if (r < 0)
		return r;
	restore_made(cgroup, cgroup->recorded);
	cgroup->loaded = true;
	return 0;
}

int cgroup_load_or_fail(const struct cgroup *cgroup, struct error *err)
{
	int r = cgroup_load(cgroup);

	return r < 0 ? fail(err, r, "cannot find the cgroup hierarchies of this host") : 0;
}

/* ---- resources ---- */

int cgroup_check(const struct cgroup *cgroup, const struct oci_resources *resources, struct error *err)
{
	return cgroup_load_or_fail(cgroup, err) < 0 ? -1 : knobs_check(cgroup, resources, err);
}

void cgroup_check_each(const struct cgroup *cgroup, const struct oci_resources *resources,
		       void (*found)(void *context, const struct error *fault), void *context)
{
	struct error err;

	if (cgroup_load_or_fail(cgroup, &err) < 0)
		found(context, &err);
	else
		knobs_check_each(cgroup, resources, found, context);
}

int cgroup_tell(struct cgroup *cgroup, const struct oci_resources *resources, cgroup_tell_fn tell, void *context,
		struct error *err)
{
	if (cgroup_load_or_fail(cgroup, err) < 0)
		return -1;
	for (size_t i = 0; i < cgroup->n; i++) {
		const struct hierarchy *h = &cgroup->hierarchies[i];
		char path[PATH_MAX];

		if (h->unmounted)
			continue;
		hierarchy_place(cgroup, h, "", path, sizeof(path));
		tell(context, h->made > 0 ? "make" : "use", path, "", "/linux/cgroupsPath");
	}
	return knobs_describe(cgroup, resources, tell, context, err);
}

int cgroup_apply(struct cgroup *cgroup, const struct oci_resources *resources, struct error *err)
{
	return cgroup_load_or_fail(cgroup, err) < 0 ? -1 : knobs_apply(cgroup, resources, err);
}

int cgroup_stats(const struct cgroup *cgroup, struct text *to, struct error *err)
{
	if (cgroup_load_or_fail(cgroup, err) < 0)
		return -1;
	stats_put((struct cgroup *)cgroup, to);
	return to->failed ? fail(err, -ENOMEM, "cannot write down the statistics") : 0;
}

int cgroup_update(struct cgroup *cgroup, const struct oci_resources *resources, const struct oci_resources *before,
		  const struct cgroup_keep *keep, struct text *report, struct error *err)
{
	return cgroup_load_or_fail(cgroup, err) < 0 ? -1 : knobs_update(cgroup, resources, before, keep, report, err);
}

int cgroup_chown(const struct cgroup *cgroup, uid_t uid, struct error *err)
{
	int r;

	if (cgroup_load_or_fail(cgroup, err) < 0)
		return -1;
	r = cgroup->driver == &driver_fs2 ? unified_chown(cgroup, hierarchy_unified(cgroup), uid) : 0;
	return r < 0 ? fail(err, r, "cannot give cgroup %s to user %u", cgroup->path, (unsigned)uid) : 0;
}

/* ---- processes ---- */

struct hierarchy *cgroup_main_hierarchy(const struct cgroup *cgroup)
{
	struct hierarchy *h = hierarchy_of(cgroup, "pids");

	if (h && hierarchy_open(cgroup, h) == 0)
		return h;
	for (size_t i = 0; i < cgroup->n; i++)
		if (hierarchy_open(cgroup, &cgroup->hierarchies[i]) == 0)
			return &cgroup->hierarchies[i];
	return NULL;
}

int cgroup_each_place(const struct cgroup *cgroup, int (*tell)(void *context, const char *controller, const char *path),
		      void *context)
{
	int r = cgroup_load(cgroup);

	for (size_t i = 0; r == 0 && i < cgroup->n; i++) {
		auto_free char *names = strdup(cgroup->hierarchies[i].name);
		char *rest = names, *name;

		if (!names)
			return -ENOMEM;
		while (r == 0 && (name = strsep(&rest, ",")))
			r = tell(context, name, cgroup->path);
	}
	return r;
}

int cgroup_blame(const struct cgroup *cgroup, pid_t pid, struct error *err)
{
	struct hierarchy *h;

	if (cgroup_load_or_fail(cgroup, err) < 0)
		return -1;
	h = hierarchy_of(cgroup, "freezer");
	if (!h || hierarchy_open(cgroup, h) < 0)
		h = cgroup_main_hierarchy(cgroup);
	return busy_blame(cgroup, h, pid, err);
}

int cgroup_pids(const struct cgroup *cgroup, pid_t **ret, size_t *n)
{
	struct pid_list list = { NULL, 0, 0 };
	int r = cgroup_load(cgroup);
	struct hierarchy *h = r < 0 ? NULL : cgroup_main_hierarchy(cgroup);

	if (h)
		r = hierarchy_pids(cgroup, h, &list);
	if (r < 0) {
		free(list.pids);
		return r;
	}
	pid_list_sort(&list);
	*ret = list.pids;
	*n = list.n;
	return 0;
}

int cgroup_load_own(struct cgroup *cgroup)
{
	int r = cgroup_load(cgroup);

	if (r == 0 && cgroup->reopened)
		r = claim_is_lost(cgroup);
	if (r <= 0)
		return r;
	log_warning("cgroup %s is not that of the container any more: it is left alone", cgroup->path);
	cgroup->adopted = false;
	restore_made(cgroup, 0);
	*cgroup->owner = '\0';
	return 0;
}

void cgroup_adopt(struct cgroup *cgroup)
{
	cgroup->adopted = true;
}

bool cgroup_is_own(const struct cgroup *cgroup)
{
	struct hierarchy *h = cgroup_load_own((struct cgroup *)cgroup) < 0 || cgroup->unknown ? NULL : cgroup_main_hierarchy(cgroup);

	return h && HAS_OWN_PROCESSES(cgroup, h);
}

int cgroup_kill(struct cgroup *cgroup, int signal)
{
	struct hierarchy *h;
	int r = cgroup_load_own(cgroup);

	if (r < 0 || cgroup->n == 0 || cgroup->unknown)
		return r;
	if (signal == SIGKILL)
		return cgroup->driver->kill(cgroup);
	h = cgroup_main_hierarchy(cgroup);
	return h && HAS_OWN_PROCESSES(cgroup, h) ? hierarchy_signal(cgroup, h, signal, false) : 0;
}
