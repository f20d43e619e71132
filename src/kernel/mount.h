// SPDX-License-Identifier: LGPL-2.1-or-later
/* mount.h - mounts are built detached, given attributes while detached, and attached fd to fd.
 *
 * The descriptor of a detached mount owns it: closed without mount_attach, the mount is gone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/mountopts.h"

/* Whether one superblock serves many mounts of the type, other containers' too: what is set on it would be set for all. */
bool mount_type_is_shared(const char *type);

/* A new file system of type with the options' super flags, data and attributes.  source may be NULL.
 * *ret_message (>= 256 bytes) gets the kernel's own words (fsopen's message log) or "".
 * A file system without the new API's support falls back in here.  fd or -errno. */
int mount_new(const char *type, const char *source, const struct mount_options *options, char ret_message[256]);

/* A detached clone of the tree (recursive) or the mount at a HOST path (relative: from dir).  Its
 * propagation is what the source's was.  fd or -errno. */
int mount_clone(int dir, const char *path, bool recursive, bool nofollow);

/* From here on this process can change no mount: in a mount namespace that is not the container's own, a mount would
 * outlive the container.  What would attach, change or detach one is -EPERM. */
void mount_forbid(void);
/* Whether that has been said. */
bool mount_is_forbidden(void);

/* From here on this process builds mounts in detached trees only: what could act on the mounts of its namespace whatever
 * descriptor is given is -EPERM: mount(2), remounts, detaching, the propagation of all. */
void mount_confine(void);

/* Whether this kernel attaches mounts to detached ones (Linux 6.15): 0, -EOPNOTSUPP, or another -errno. */
int mount_can_nest(void);

/* Whether the calling process has the right to make mounts at all, in its mount namespace (mount_namespaces(7)). */
bool mount_is_allowed(void);

/* O_PATH descriptor of the directory at a HOST path (relative: from dir).  fd or -errno. */
int mount_open_dir(int dir, const char *path);

/* Target of the symbolic link that fd (of mount_clone) is, owned by the caller.  0 or -errno (-EINVAL: no link). */
int mount_read_link(int fd, char **ret);

/* A detached clone of what the descriptor names (Linux < 6.15: it must be attached somewhere). */
int mount_clone_fd(int fd, bool recursive);

/* O_PATH descriptor, in the calling process's own mount namespace, of the directory that fd names in another one:
 * mounts are cloned and attached within one namespace only (EINVAL).  -ESTALE if another directory is at its path
 * by now.  fd or -errno. */
int mount_local(int fd);

/* Changes attributes (MOUNT_ATTR_*, the atime mask handled) and propagation (0: leave) of the mount that fd is the
 * root of; recursive with all its submounts.  0 or -errno. */
int mount_change(int fd, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive);

/* Gives options' attributes to a detached bind mount: its own, then the recursive ones, then propagation.
 * Keeps flags that the kernel has locked. 0 or -errno. */
int mount_apply(int fd, const struct mount_options *options);

/* Shifts the ids of a detached mount (with all its submounts) by the maps of a user namespace (MOUNT_ATTR_IDMAP).
 * 0 or -errno: -EINVAL where the file system cannot do that. */
int mount_idmap(int fd, int user_namespace, bool recursive);

/* Attaches the detached mount onto what target (O_PATH) names.  0 or -errno. */
int mount_attach(int mnt, int target);

/* Makes the calling process's whole mount tree private or slave (MS_PRIVATE | MS_SLAVE ..., recursive). */
int mount_tree_propagation(uint64_t propagation);

/* Changes the file system's own flags and data of the mount at fd (option "remount"). 0 or -errno */
int mount_reconfigure(int fd, const struct mount_options *options);

/* Detaches the mount whose root fd (O_PATH) is. 0 or -errno */
int mount_detach(int fd);
