// SPDX-License-Identifier: LGPL-2.1-or-later
/* staging.h - where criu finds the root and the sources of bind mounts: in its own mount namespace, over the state root,
 * a tmpfs with `root`, the sources by the numbers of their mounts in the config, and the host's devices as `deviceN`
 * (externals.h).  Nobody else sees it. */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "container/creation.h"

struct staging {
	struct creation *cr;
	char *path;    /* of the state root */
	int root;      /* detached clone of the root file system */
	int *sources;  /* of the bind mounts, by number; -1: none */
	int *again;    /* the same once more */
	size_t n;
	int *devices; /* -1: the host has none of that path */
	size_t n_devices;
};
#define STAGING_INIT { .root = -1 }

/* Clones what will be there.  0 or -1 */
int staging_plan(struct creation *cr, struct staging *ret, struct error *err);
/* In criu's mount namespace: mounts it, and makes the mount points that the root lacks.  0 or -1 */
int staging_make(struct staging *staging, struct error *err);
void staging_free(struct staging *staging);
