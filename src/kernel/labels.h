// SPDX-License-Identifier: LGPL-2.1-or-later
/* labels.h - what SELinux and AppArmor are to know about a process and its files.
 *
 * Everything goes through a procfs that cannot be covered, and is read back: a label that went elsewhere is none
 * (proc.h).  libselinux opens the same files by their paths, and is therefore used for contexts as texts alone: the part
 * of it that looks at the host when a program starts is not linked. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Whether the kernel runs with that security module.  procfs: proc_open_private. */
bool labels_has_selinux(int procfs);
bool labels_has_apparmor(int procfs);

/* The files, for messages: callers of runtimes look for these words in backquotes. */
#define LABELS_SELINUX_EXEC  "`/proc/self/attr/exec`"
#define LABELS_SELINUX_KEYS  "`/proc/self/attr/keycreate`"
#define LABELS_APPARMOR_EXEC "`/proc/self/attr/apparmor/exec`"

/* Whether it is user:role:type or user:role:type:range, without blanks, quotes and control characters; what the policy makes of
 * it, only the kernel knows.  Built without SELinux only the characters are looked at. */
bool labels_is_context(const char *context);

/* The SELinux context that the next execve(2) of the caller enters.  0 or -errno: -EINVAL: the policy has no such context;
 * -EACCES: it does not let this process choose it; -EIO: what is there afterwards is something else. */
int labels_selinux_exec(int procfs, const char *context);

/* The context of keys that the caller makes, NULL: what the policy says.  0 or -errno, as above. */
int labels_selinux_keys(int procfs, const char *context);

/* The AppArmor profile that the next execve(2) of the caller enters; "unconfined" is one.  0 or -errno: -ENOENT: no such
 * profile is loaded; -EACCES: the caller's own does not allow it; -EIO: as above. */
int labels_apparmor_exec(int procfs, const char *profile);

/* Whether a process is in that AppArmor profile, whatever its mode; whether it has that SELinux context. */
bool labels_has_profile(int procfs, pid_t pid, const char *profile);
bool labels_has_context(int procfs, pid_t pid, const char *context);

/* Gives the file that fd (also of O_PATH, a directory) names an SELinux context.  0 or -errno. */
int labels_selinux_directory(int fd, const char *context);
