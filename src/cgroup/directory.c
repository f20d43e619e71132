// SPDX-License-Identifier: LGPL-2.1-or-later
/* directory.c - the container's directory in one hierarchy: made with its parents, removed with what hull made of them.
 *
 * A concurrent destroy may remove a shared parent between two mkdirs: then the walk starts again. */
#include "cgroup/private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

#define ATTEMPTS 32

/* ---- make ---- */

/* A directory below dir that may have to be made: 1 made, 0 there, or -errno. */
static int make_dir(int dir, const char *name)
{
	if (mkdirat(dir, name, 0755) == 0)
		return 1;
	return errno == EEXIST ? 0 : -errno;
}

/* Walks and makes all but the last name; leaves h->at open.  *first is the lowest index that was made. */
static int make_parents(const struct cgroup *cgroup, struct hierarchy *h, int (*prepare)(int, const char *), int *first)
{
	auto_close int dir = hierarchy_root(cgroup, h);
	const char *at = cgroup->path + 1;

	if (dir < 0)
		return dir == -ENOENT ? -ENODEV : dir;
	for (int i = 0; at != cgroup->leaf; i++) {
		char name[NAME_MAX + 1];
		size_t length = strcspn(at, "/");
		int next, r;

		memcpy(name, at, length);
		name[length] = '\0';
		at += length + 1;
		next = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0 && errno == ENOENT) {
			r = make_dir(dir, name);
			if (r < 0)
				return r;
			if (r > 0 && i < *first)
				*first = i;
			r = r > 0 && prepare ? prepare(dir, name) : 0;
			if (r < 0 && r != -EAGAIN) /* the last one asks again */
				return r;
			next = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		}
		if (next < 0)
			return -errno;
		(void)fd_close(dir);
		dir = next;
	}
	h->at = take_fd(&dir);
	return 0;
}

/* How many of the path's names are there. */
static int count_existing(const struct cgroup *cgroup, struct hierarchy *h, int *ret)
{
	auto_close int dir = hierarchy_root(cgroup, h);
	const char *at = cgroup->path + 1;

	*ret = 0;
	if (dir < 0)
		return dir;
	for (; at != cgroup->leaf; (*ret)++) {
		char name[NAME_MAX + 1];
		size_t length = strcspn(at, "/");
		int next;

		memcpy(name, at, length);
		name[length] = '\0';
		at += length + 1;
		next = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return errno == ENOENT ? 0 : -errno;
		(void)fd_close(dir);
		dir = next;
	}
	return 0;
}

/* hull's own parent stays, so that the next container costs one directory less in each hierarchy. */
static int keep_own_parent(const struct cgroup *cgroup, int first)
{
	return first == 0 && text_starts(cgroup->path, OWN_PARENT "/") ? 1 : first;
}

int hierarchy_probe(const struct cgroup *cgroup, struct hierarchy *h)
{
	int existing = cgroup->depth - 1, r = hierarchy_open(cgroup, h);

	if (r == -ENOENT)
		r = count_existing(cgroup, h, &existing);
	else if (r == 0 && faccessat(h->at, cgroup->leaf, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		existing = cgroup->depth;
	h->made = r < 0 ? 0 : cgroup->depth - keep_own_parent(cgroup, existing);
	return r == -ENODEV ? 0 : r;
}

int hierarchy_make(const struct cgroup *cgroup, struct hierarchy *h, int (*prepare)(int parent, const char *name))
{
	int first = cgroup->depth, r = 0;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		r = hierarchy_open(cgroup, h);
		if (r == -ENOENT)
			r = make_parents(cgroup, h, prepare, &first);
		if (r == -ENOENT)
			continue;
		if (r < 0)
			break;
		r = make_dir(h->at, cgroup->leaf);
		if (walk_is_race(r)) {
			h->at = fd_close(h->at);
			continue;
		}
		if (r > 0 && first == cgroup->depth)
			first = cgroup->depth - 1;
		if (r >= 0 && prepare)
			r = prepare(h->at, cgroup->leaf);
		break;
	}
	h->made = cgroup->depth - keep_own_parent(cgroup, first);
	return r < 0 ? r : 0;
}

/* ---- remove ---- */

/* context: what the first one that stays said. */
static int leave_removed(int dir, const char *name, void *context)
{
	int *busy = context;

	if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || walk_is_race(-errno))
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return -errno;
	*busy = -EBUSY;
	return 0;
}

/* 1: it has processes, or others below it. */
static int enter_to_remove(int dir, const char *name, void *context)
{
	(void)context;
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || walk_is_race(-errno))
		return 0;
	return errno == EBUSY || errno == ENOTEMPTY ? 1 : -errno;
}

/* What hull made above the container's directory, as far as nobody else uses it by now. */
static void remove_parents(const struct cgroup *cgroup, struct hierarchy *h)
{
	auto_close int dir = -1;
	const char *end = cgroup->leaf - 1; /* the slash behind the name to remove */

	for (int i = 1; i < h->made; i++) {
		char name[NAME_MAX + 1];
		const char *start = end;
		int up;

		while (start[-1] != '/')
			start--;
		memcpy(name, start, (size_t)(end - start));
		name[end - start] = '\0';
		up = openat(dir < 0 ? h->at : dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		(void)fd_close(dir);
		dir = up;
		if (dir < 0 || (unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT))
			return;
		end = start - 1;
	}
}

int hierarchy_remove(const struct cgroup *cgroup, struct hierarchy *h, bool children)
{
	int r = hierarchy_open(cgroup, h);

	if (walk_is_race(r))
		return 0;
	if (r < 0)
		return r;
	if (children) {
		int busy = 0;

		r = walk_tree(h->at, cgroup->leaf, enter_to_remove, leave_removed, &busy);
		r = r < 0 ? r : busy;
	} else if (unlinkat(h->at, cgroup->leaf, AT_REMOVEDIR) < 0 && errno != ENOENT)
		r = errno == ENOTEMPTY ? -EBUSY : -errno;
	if (r == 0)
		remove_parents(cgroup, h);
	return r;
}
