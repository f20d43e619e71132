// SPDX-License-Identifier: LGPL-2.1-or-later
/* claim.c - whose a container's directory is: an extended attribute on it names the container that was made last in it.
 *
 * Paths say nothing of that: state roots do not know each other, and what was removed, or stands empty, can be another
 * container's by now.  The attribute is on one hierarchy's directory alone, on the unified one where there is one.  That
 * there is none says little: who lacks CAP_SYS_ADMIN does not see trusted ones, and who may write to the directory may
 * remove the user's, or write another one.  Then the inode decides, whose number the kernel gives once; and so that it can,
 * a container does not move into what hull made for another one, but has it made anew. */
#include "cgroup/private.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

/* "MADE OWNER": as cgroup_made has it, 0: all was there before. */
#define CLAIM_SIZE (sizeof(((struct cgroup *)NULL)->owner) + 12)

/* The second one for who lacks CAP_SYS_ADMIN on the host (cgroup v2 since Linux 5.7). */
static const char *const names[] = { "trusted.hull", "user.hull" };
#define TRUSTED 0

/* The hierarchy at the i-th place of the order in which they are asked; NULL: none. */
static struct hierarchy *candidate(const struct cgroup *cgroup, size_t i)
{
	if (i == 0)
		return hierarchy_unified(cgroup);
	return i == 1 ? hierarchy_of(cgroup, "pids") : &cgroup->hierarchies[i - 2];
}

/* Where the attribute is, in the first one that is mounted; its path in ret.  0, -ENODEV, -ENOENT (no such directory),
 * -errno */
static int marked_place(const struct cgroup *cgroup, struct hierarchy **ret_h, char *ret, size_t size)
{
	for (size_t i = 0; i < cgroup->n + 2; i++) {
		struct hierarchy *h = candidate(cgroup, i);
		int r = h ? hierarchy_open(cgroup, h) : -ENODEV;

		if (r == -ENODEV)
			continue;
		*ret_h = h;
		if (r == 0)
			hierarchy_place(cgroup, h, "", ret, size);
		return r;
	}
	return -ENODEV;
}

/* Which of names it is, -ENODATA (there is none), -ENOENT (no such directory), -errno */
static int read_claim(const char *path, char *ret)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ssize_t n = lgetxattr(path, names[i], ret, CLAIM_SIZE - 1);

		if (n >= 0) {
			ret[n] = '\0';
			return (int)i;
		}
		if (errno == ENOENT || errno == ENODEV || errno == ENOMEM)
			return -errno;
	}
	return -ENODATA;
}

/* 0: it cannot be told */
static uint64_t inode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 ? 0 : st.st_ino;
}

void cgroup_claim(struct cgroup *cgroup, const char *owner, uint64_t inode)
{
	snprintf(cgroup->owner, sizeof(cgroup->owner), "%s", owner);
	cgroup->inode = inode;
}

uint64_t cgroup_inode(const struct cgroup *cgroup)
{
	return cgroup->inode;
}

void claim_inherit(struct cgroup *cgroup)
{
	char path[PATH_MAX], claim[CLAIM_SIZE];
	struct hierarchy *h;
	long made;
	int which;

	if (marked_place(cgroup, &h, path, sizeof(path)) < 0 || h->made > 0)
		return;
	/* A user's own is believed by the user alone: a container to which the directory was given may have written it. */
	which = read_claim(path, claim);
	if (which < 0 || (which != TRUSTED && !unit_is_user()))
		return;
	made = strtol(claim, NULL, 10);
	for (size_t i = 0; i < cgroup->n; i++) {
		h = &cgroup->hierarchies[i];
		h->stale = h->at >= 0 && h->made == 0 && made > 0 && made < INT_MAX && made_in(h, (int)made) > 0;
		if (h->stale)
			h->made = 1;
	}
}

void claim_make(struct cgroup *cgroup)
{
	char path[PATH_MAX], claim[CLAIM_SIZE];
	struct hierarchy *h;
	int n;

	if (!*cgroup->owner || marked_place(cgroup, &h, path, sizeof(path)) < 0)
		return;
	n = snprintf(claim, sizeof(claim), "%d %s", cgroup_made(cgroup), cgroup->owner);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (lsetxattr(path, names[i], claim, (size_t)n, 0) < 0)
			continue;
		cgroup->inode = inode_of(path);
		return;
	}
}

int claim_is_lost(const struct cgroup *cgroup)
{
	char path[PATH_MAX], claim[CLAIM_SIZE];
	struct hierarchy *h;
	const char *owner;
	uint64_t inode;
	int r;

	if (!*cgroup->owner)
		return 0;
	r = marked_place(cgroup, &h, path, sizeof(path));
	if (r == 0)
		r = read_claim(path, claim);
	if (r < 0 && r != -ENODATA)
		return r == -ENOENT || r == -ENODEV ? 0 : r;
	if (r != TRUSTED) {
		inode = cgroup->inode ? inode_of(path) : 0;
		if (inode || r < 0)
			return inode && inode != cgroup->inode; /* somebody has made it since */
	}
	owner = strchr(claim, ' ');
	return !owner || strcmp(owner + 1, cgroup->owner) != 0;
}
