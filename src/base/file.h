// SPDX-License-Identifier: LGPL-2.1-or-later
/* file.h - whole files, by descriptor or by a single name below a directory descriptor.
 *
 * No function here takes a path: a name with a slash, "." or ".." is -EINVAL, and a symbolic link is
 * never followed.  They serve hull's own directories (state, cgroups), not the container's. */
#pragma once

#include <dirent.h>
#include <stddef.h>
#include <sys/types.h>

/* Reads from fd to its end, at most `limit` bytes (more: -EFBIG).  *ret is NUL-terminated (beyond
 * *ret_size) and owned by the caller; ret_size may be NULL.  0 or -errno. */
int file_read(int fd, size_t limit, char **ret, size_t *ret_size);

/* Writes all of it.  0 or -errno. */
int file_write(int fd, const void *data, size_t size);

/* openat2(dir, name, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS), close-on-exec.  fd or -errno. */
int file_open_at(int dir, const char *name, int flags, mode_t mode);

/* As file_read, of the file `name` in dir. */
int file_read_at(int dir, const char *name, size_t limit, char **ret, size_t *ret_size);

/* Writes the whole string in one write(2), as kernel control files want it.  0 or -errno. */
int file_write_at(int dir, const char *name, const char *string);

/* Replaces `name` atomically: a new file (O_EXCL, mode & ~umask) beside it, then rename.  0 or -errno. */
int file_replace_at(int dir, const char *name, const void *data, size_t size, mode_t mode);

/* Removes `name` (a file or an empty directory); absent is fine.  0 or -errno. */
int file_remove_at(int dir, const char *name);

/* Makes the directory `name`; returns an O_DIRECTORY descriptor.  -EEXIST when it exists. */
int file_make_dir_at(int dir, const char *name, mode_t mode);

/* Removes everything below the directory `name` and itself, never crossing a mount point
 * (-EXDEV) or following a link; absent is fine.  0 or -errno. */
int file_remove_tree_at(int dir, const char *name);

/* The directory dir once more, as an open file of its own (for readdir or flock).  fd or -errno. */
int file_reopen_dir(int dir);
/* The entries of a directory whose descriptor, or -errno, this takes over; to be ended with closedir(3).  0 or -errno. */
int file_stream(int fd, DIR **ret);
