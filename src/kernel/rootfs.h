// SPDX-License-Identifier: LGPL-2.1-or-later
/* rootfs.h - THE resolver: a path below the container's root becomes a descriptor, once.
 *
 * Every look-up is openat2(2) from the root's O_PATH descriptor with RESOLVE_IN_ROOT |
 * RESOLVE_NO_MAGICLINKS: absolute links and ".." stay inside, /proc/N/fd and the like are refused.  EAGAIN
 * (a rename raced with a "..") is retried for a bounded time.  The container's image is hostile: nothing
 * here opens a FIFO for I/O, or creates through a link; where a dangling link is to be followed after all,
 * rootfs_follow takes it out of the path first. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct rootfs {
	int fd; /* O_PATH directory; owned by whoever made the struct */
	/* Whether names may be made in a directory (asked of each, by descriptor); NULL: in all.  -EXDEV where not. */
	bool (*may_make)(const void *data, int dir);
	const void *data; /* borrowed */
};

/* Flags of the functions below. */
enum {
	ROOTFS_NO_SYMLINKS = 1, /* refuse any symbolic link on the way (targets of proc and sysfs): -ELOOP */
	ROOTFS_NOFOLLOW = 2,	/* refuse or (with O_PATH) open a link as last component */
	ROOTFS_MISSING = 4,	/* make_dir, make_file: a look-up has just said -ENOENT, do not repeat it */
	ROOTFS_KEEP = 8,	/* make_node: mode and owner of a node that is there already stay */
	ROOTFS_NULL = 16,	/* open: /dev/null may be opened for I/O too, known by its number */
};

/* Whether it is the null device, whatever its name. */
bool rootfs_is_null(const struct stat *st);

/* O_PATH descriptor of the current directory, for a process that has just joined a mount namespace: setns(2) makes the
 * namespace's root its root and its current directory.  fd or -errno. */
int rootfs_current(void);

/* Opens what exists at path (absolute or relative, both from the root) with open(2) flags (O_CLOEXEC and
 * O_NOCTTY are added).  Without O_PATH the file must be a regular file or directory (ROOTFS_NULL): anything else is
 * -EINVAL, and is never opened for I/O.  fd or -errno. */
int rootfs_open(const struct rootfs *root, const char *path, int open_flags, unsigned flags);

/* O_PATH descriptor of the directory at path; missing names are made, name by name, with mode (not
 * subject to umask is not promised), owner 0:0.  A dangling link or ".." among the missing names is
 * -ELOOP; an existing non-directory -ENOTDIR.  fd or -errno. */
int rootfs_make_dir(const struct rootfs *root, const char *path, mode_t mode, unsigned flags);

/* O_PATH descriptor of the non-directory at path, as mount point for a file; a missing one is made as an
 * empty regular file (O_EXCL, mode), its parents as directories.  An existing directory is -EISDIR. */
int rootfs_make_file(const struct rootfs *root, const char *path, mode_t mode, unsigned flags);

/* Makes a node (S_IFCHR, S_IFBLK or S_IFIFO in type) with exactly mode, uid and gid, parents as directories.
 * Returns an O_PATH descriptor of it.  The same node already there is fine (its mode and owner are then
 * set, unless ROOTFS_KEEP); another file there is -EEXIST. */
int rootfs_make_node(const struct rootfs *root, const char *path, mode_t type, dev_t device, mode_t mode, uid_t uid,
		     gid_t gid, unsigned flags);

/* Takes dangling links out of path: as long as a missing name is a link, what it says stands in its place in ret_path
 * (relative to the root, as all paths here).  The rest is for make_dir and make_file, which follow no link that may
 * have been put there meanwhile.  0, or -errno: -ELOOP for too many links and for magic ones. */
int rootfs_follow(const struct rootfs *root, const char *path, char ret_path[PATH_MAX]);

/* Makes the symbolic link path -> target, parents as directories.  Whatever already is at path stays: 0. */
int rootfs_make_symlink(const struct rootfs *root, const char *path, const char *target);
/* Whether path is a symbolic link to exactly target. */
bool rootfs_is_symlink(const struct rootfs *root, const char *path, const char *target);

/* True if fd (any descriptor of a directory) lies below or is the root: walks up by "..", bounded. */
bool rootfs_contains(const struct rootfs *root, int fd);
