// SPDX-License-Identifier: LGPL-2.1-or-later
/* cgroup_mount.h - what a mount of type "cgroup" becomes on this host; private to init/. */
#pragma once

#include "base/error.h"
#include "init/init.h"
#include "kernel/mountopts.h"

/* v2: the unified hierarchy, in a new cgroup namespace rooted at the container's own cgroup; *ret_hierarchies stays
 * NULL.  v1 and hybrid: an empty tmpfs, and *ret_hierarchies (owned by the caller) for cgroup_mount_fill, once it is
 * attached.  Detached mount or -1. */
int cgroup_mount_new(struct init *in, const struct mount_options *options, char **ret_hierarchies, struct error *err);

/* Attaches every hierarchy below the tmpfs, then makes that as read-only as options say.  Cuts hierarchies up. */
int cgroup_mount_fill(struct init *in, int mnt, char *hierarchies, const struct mount_options *options,
		      struct error *err);
