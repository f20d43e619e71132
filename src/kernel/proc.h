// SPDX-License-Identifier: LGPL-2.1-or-later
/* proc.h - a private procfs: one detached mount that no container can cover or change.
 *
 * Opened by the runtime and handed to init.  Files are opened RESOLVE_BENEATH | NO_XDEV | NO_MAGICLINKS and
 * checked with fstatfs(2): a bind mount over a file of the host's /proc cannot fool it either. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* fsopen("proc") and fsmount; where that is refused (user namespaces) an open_tree clone of /proc; else /proc
 * itself after checks of magic, root inode and mount.  O_PATH-like directory descriptor or -errno.
 * *ret_how (may be NULL) tells which: "fsopen", "open_tree", "host". */
int proc_open_private(const char **ret_how);

/* The host's /proc itself, checked to be the root of a procfs: for the runtime before a container exists (its own
 * binary, its own times).  A detached procfs costs a wait for an RCU grace period when it is closed; this does not. */
int proc_open_host(void);

/* Opens PATH ("self/attr/exec", "sys/kernel/hostname") below procfs.  fd or -errno. */
int proc_open(int procfs, const char *path, int flags);

/* The root of a process, in its mount namespace: O_PATH descriptor or -errno. */
int proc_open_root(int procfs, pid_t pid);
/* What the magic link name ("root", "7") in a directory ("12", "12/fd", "12/map_files") leads to, whatever it is: O_PATH
 * descriptor or -errno. */
int proc_open_object(int procfs, const char *directory, const char *name);
/* What the link fd/N of a process says ("pipe:[12]", "/dev/null"), owned by the caller.  0 or -errno. */
int proc_fd_link(int procfs, pid_t pid, int fd, char **ret);

/* Whole text of a file, at most 1 MiB, owned by the caller.  0 or -errno. */
int proc_read(int procfs, const char *path, char **ret);

/* Writes string in one write(2).  With verify the file is read back and must begin with the same text
 * (a trailing newline aside): -EIO otherwise.  0 or -errno. */
int proc_write(int procfs, const char *path, const char *string, bool verify);

/* Start time of a process in clock ticks since boot (field 22 of stat, proc_pid_stat(5)) and its state
 * letter (field 3; ret_state may be NULL).  0 or -errno (-ESRCH: no such process). */
int proc_stat(int procfs, pid_t pid, uint64_t *ret_start_time, char *ret_state);

/* Detached, read-only clone of the running binary (magic link self/exe, followed here and nowhere else);
 * where the kernel refuses, a sealed memfd copy.  Ready for execveat(fd, "", AT_EMPTY_PATH).  fd or -errno. */
int proc_self_copy(int procfs);
