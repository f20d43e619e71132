// SPDX-License-Identifier: LGPL-2.1-or-later
/* enter.c - a further process comes into a container's cgroup: to the recorded place, below it, or to where the
 * container's first process is by now.
 *
 * Everything is opened before the process is there; it then joins as the first one did.  Nothing is made here. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "cgroup/private.h"
#include "kernel/sys.h"

/* A process of it in this hierarchy starts in the directory that is at path. 0 or -errno */
static int open_entry(const struct cgroup *cgroup, struct hierarchy *h, const char *path)
{
	int *entry = h->unified ? &h->dir : &h->join, fd;

	if (h->unified)
		fd = hierarchy_open_at(cgroup, h, path, "", O_PATH | O_DIRECTORY);
	else
		fd = hierarchy_open_at(cgroup, h, path, "tasks", O_WRONLY);
	if (fd < 0)
		return fd;
	(void)fd_close(*entry);
	*entry = fd;
	return 0;
}

/* Not mounted, or a named hierarchy in which nobody made the directory: it restricts nothing. */
static bool may_lack(const struct hierarchy *h, int r)
{
	return (r == -ENODEV && h->unmounted) || (r == -ENOENT && strncmp(h->name, "name=", 5) == 0);
}

/* What is not open now is where nobody needs to go, and is not looked for again. */
static void settle(struct cgroup *cgroup)
{
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];

		h->unmounted = h->unmounted || (h->unified ? h->dir : h->join) < 0;
	}
}

/* ---- below ---- */

/* "cpu,memory:PATH": whether it is about this hierarchy.  Without controllers it is about all. */
static bool is_about(const char *below, const struct hierarchy *h)
{
	const char *colon = strchr(below, ':');
	char name[64];

	if (!colon)
		return true;
	while (below < colon) {
		size_t n = strcspn(below, ",:");

		if (n < sizeof(name)) {
			memcpy(name, below, n);
			name[n] = '\0';
			if (hierarchy_has(h, name))
				return true;
		}
		below += n + 1;
	}
	return false;
}

static int check_below(const struct cgroup *cgroup, const char *below, struct error *err)
{
	const char *colon = strchr(below, ':'), *path = colon ? colon + 1 : below;
	bool known = false;

	for (const char *name = path; *name; name += strspn(name, "/")) {
		size_t n = strcspn(name, "/");

		if (n == 2 && name[0] == '.' && name[1] == '.')
			return fail(err, ERR_USAGE, "--cgroup: \"%s\" leads out of the container's cgroup", below);
		name += n;
	}
	for (size_t i = 0; i < cgroup->n; i++)
		known = known || is_about(below, &cgroup->hierarchies[i]);
	return known ? 0
		     : fail(err, ERR_USAGE, "--cgroup: no hierarchy of cgroup v1 here has the controllers of \"%s\"",
			    below);
}

static int open_below(struct cgroup *cgroup, const char *below, struct error *err)
{
	const char *colon = strchr(below, ':'), *path = colon ? colon + 1 : below;
	char place[PATH_MAX];
	bool found = false;

	if (check_below(cgroup, below, err) < 0)
		return -1;
	if (snprintf(place, sizeof(place), "%s/%s", cgroup->path, path) >= (int)sizeof(place))
		return fail(err, -ENAMETOOLONG, "--cgroup");
	for (size_t i = 0; i < cgroup->n; i++) {
		int r = is_about(below, &cgroup->hierarchies[i]) ? open_entry(cgroup, &cgroup->hierarchies[i], place)
								 : 0;

		found = found || (r == 0 && is_about(below, &cgroup->hierarchies[i]));
		if (r < 0 && r != -ENOENT && !may_lack(&cgroup->hierarchies[i], r))
			return fail(err, r, "--cgroup: cannot open cgroup %s", place);
	}
	return found ? 0 : fail(err, -ENOENT, "--cgroup: cannot open cgroup %s", place);
}

/* ---- the recorded place ---- */

int cgroup_enter(struct cgroup *cgroup, const char *const *below, size_t n, struct error *err)
{
	if (n > 0 && !cgroup->path)
		return fail(err, ERR_USAGE, "--cgroup: the container has no cgroup of its own");
	if (!cgroup->path)
		return 0;
	(void)cgroup_clone_fd(cgroup); /* the hierarchies are known from here on */
	if (cgroup->n == 0)
		return fail(err, ERR_HOST, "cannot find the cgroup hierarchies of this host");
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];
		int r = h->unified && h->dir >= 0 ? 0 : open_entry(cgroup, h, cgroup->path);

		if (r == 0 || may_lack(h, r))
			continue;
		if (r == -ENOENT)
			return 1;
		return fail(err, r, "cannot open cgroup %s in hierarchy %s", cgroup->path,
			    h->unified ? "unified" : h->name);
	}
	for (size_t i = 0; i < n; i++)
		if (open_below(cgroup, below[i], err) < 0)
			return -1;
	settle(cgroup);
	return 0;
}

bool cgroup_is_ready(const struct cgroup *cgroup)
{
	for (size_t i = 0; i < cgroup->n; i++) {
		const struct hierarchy *h = &cgroup->hierarchies[i];

		if (!h->unmounted && h->join < 0 && !(h->unified && h->cloned))
			return false;
	}
	return true;
}

/* ---- where its first process is ---- */

int cgroup_follow(struct cgroup *cgroup, const char *current, struct error *err)
{
	auto_free char *text = strdup(current);
	char *rest = text, *line;

	if (!text)
		return fail(err, -ENOMEM, "cannot follow the container's process");
	while ((line = strsep(&rest, "\n"))) {
		char *name = strchr(line, ':'), *path = name ? strchr(name + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		if (strncmp(path, "/..", 3) == 0)
			return fail(err, -EXDEV,
				    "the container's process is in a cgroup that cannot be reached from here");
		for (size_t i = 0; i < cgroup->n; i++) {
			struct hierarchy *h = &cgroup->hierarchies[i];
			int r = strcmp(h->name, name + 1) == 0 ? open_entry(cgroup, h, path) : 0;

			if (r < 0 && !may_lack(h, r))
				return fail(err, r, "cannot open cgroup %s of the container's process in hierarchy %s",
					    path, h->unified ? "unified" : h->name);
		}
	}
	settle(cgroup);
	return 0;
}
