// SPDX-License-Identifier: LGPL-2.1-or-later
/* host.h - paths of the host: what the caller of hull named on the command line or in the config as a
 * host path (bundle, pid file, sockets, namespaces).  Never a path inside a container: that is rootfs.h.
 *
 * Used by container/ and cli/ only; a test keeps it out of init/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* O_PATH|O_DIRECTORY descriptor of a directory.  fd or -errno. */
int host_open_dir(const char *path);
/* As host_open_dir, making missing directories with mode (parents 0755). */
int host_make_dir(const char *path, mode_t mode);
/* An open directory (to be read) at path, whose last name is no link: -ELOOP, unless links are allowed.  make: it is made
 * first, 0700, where it is missing (parents 0755).  fd or -errno. */
int host_open_plain_dir(const char *path, bool make, bool links);
/* O_PATH descriptor of the directory at path, from dir where that is relative.  fd or -errno. */
int host_open_dir_at(int dir, const char *path);
/* Opens a file close-on-exec, O_NOCTTY.  fd or -errno. */
int host_open_file(const char *path, int flags);
/* Opens a regular file to append to it alone, made with mode 0600 where it is missing.  Nothing else is opened: a link
 * as its last name is -ELOOP, a directory -EISDIR, a FIFO or a device -EINVAL.  *ret_reader, if wanted, is the same
 * file open for reading alone, or -1.  fd or -errno. */
int host_open_append(const char *path, int *ret_reader);
/* Absolute form of path (made from the current directory where relative); symbolic links stay.
 * Owned by the caller.  0 or -errno. */
int host_absolute(const char *path, char **ret);
/* path of the directory that the descriptor names (readlink of /proc/self/fd/N). 0 or -errno */
int host_path_of(int fd, char **ret);
/* Replaces the file atomically: written beside it (O_EXCL, 0666 & ~umask), then renamed.  0 or -errno. */
int host_replace_file(const char *path, const char *data, size_t size);
/* The boot id, 36 characters: what tells a record of this boot from one of an earlier.  0 or -errno. */
int host_boot_id(char ret[37]);
/* Removes a file; absent is fine.  0 or -errno. */
int host_remove_file(const char *path);
/* Whether the host has an executable file of that name where programs usually are. */
bool host_has_program(const char *name);
