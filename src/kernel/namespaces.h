// SPDX-License-Identifier: LGPL-2.1-or-later
/* namespaces.h - the eight kinds of namespaces: names of the kernel's files and flags (namespaces(7)). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct namespace_kind {
	const char *word; /* of the spec: "pid", "network", "mount", ... */
	const char *file; /* below /proc/PID/ns: "pid", "net", "mnt", ... */
	int flag;	  /* CLONE_NEWPID ... */
};

/* In the order in which namespaces are joined: user first, mount last. */
#define NAMESPACE_KINDS 8
extern const struct namespace_kind namespace_kinds[NAMESPACE_KINDS];

/* Row for a CLONE_NEW* flag, never NULL for a valid flag. */
const struct namespace_kind *namespace_kind(int flag);

/* Opens a HOST path as namespace of that kind; checks with NS_GET_NSTYPE (ioctl_ns(2)) that it is one.
 * fd or -errno (-EINVAL: not a namespace file, or of another kind). */
int namespace_open(const char *path, int flag);

/* Opens namespace `flag` of a process (pid 0: the calling one) through the private procfs.  fd or -errno. */
int namespace_open_of(int procfs, pid_t pid, int flag);

/* Whether fd names the calling process's own namespace of that kind (same inode). */
bool namespace_is_own(int fd, int flag, int procfs);

/* The inode number of the calling process's own namespace of that kind: its name while it lasts.  0 or -errno. */
int namespace_own_inode(int procfs, int flag, uint64_t *ret);

/* Whether the calling process is in the initial user namespace (its inode number is fixed). */
bool namespace_is_initial_user(int procfs);
