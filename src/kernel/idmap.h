// SPDX-License-Identifier: LGPL-2.1-or-later
/* idmap.h - user and group id mappings (user_namespaces(7)). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct id_range {
	uint32_t inside, outside, size;
};

/* Writes the maps of the user namespace that process pid is in, through the private procfs; setgroups is
 * denied first where the kernel demands it (no CAP_SETGID outside).  Without the right to write them,
 * newuidmap(1) and newgidmap(1) are used.  0 or -errno: -E2BIG
 * where the text of a map is longer than the kernel takes (a page). */
int idmap_write(int procfs, pid_t pid, const struct id_range *uids, size_t n_uids, const struct id_range *gids,
		size_t n_gids);

/* A user namespace with these maps, as a descriptor for MOUNT_ATTR_IDMAP.  fd or -errno. */
int idmap_namespace(int procfs, const struct id_range *uids, size_t n_uids, const struct id_range *gids, size_t n_gids);

/* Outside number of an inside id; -1 if unmapped. */
int64_t idmap_outside(const struct id_range *ranges, size_t n, uint32_t inside);
