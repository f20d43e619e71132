// SPDX-License-Identifier: LGPL-2.1-or-later
/* sources.h - host files that become mounts: clones of bind sources, the bundle; private to init/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "init/init.h"
#include "kernel/mountopts.h"

struct oci_mount;

/* Whether rootfsPropagation is slave or rslave (root.c). */
bool root_is_slave(const struct init *in);

/* Before the tree's propagation changes: decides in->tree_propagation and clones what must keep its peer group;
 * fetches from the runtime what init may not open or shift itself.  0 or -1. */
int sources_prepare(struct init *in, struct error *err);

/* The bundle as a directory of this mount namespace (in->bundle is of the runtime's until then); borrowed.  -1 with err. */
int sources_bundle(struct init *in, struct error *err);

/* Detached clone of the source of bind mount i, with its options' attributes and propagation: of a link itself with
 * src-nofollow and copy-symlink.  fd or -1. */
int sources_take(struct init *in, size_t i, const struct mount_options *options, struct error *err);

/* Whether the mount asks for shifted ids. */
bool sources_is_shifted(const struct oci_mount *mount, const struct mount_options *options);

/* Whether the mount's destination is path, or path lies below it: names are compared, links are not followed. */
bool mount_covers(const struct oci_mount *mount, const char *path);
bool mount_is_at(const struct oci_mount *mount, const char *path);
/* What is left of path below the mount's destination, "" at it, NULL elsewhere; borrowed from path. */
const char *mount_rest(const struct oci_mount *mount, const char *path);

/* The directory that path is best resolved from, once the first n mounts are there, and what is left of path.  Below
 * a procfs or sysfs that is the mount itself, by its descriptor: the name of its mount point may have been
 * exchanged from outside since, and a mask would be put elsewhere.  Borrowed. */
struct rootfs mounts_root(const struct init *in, size_t n, const char *path, const char **ret_rest);
