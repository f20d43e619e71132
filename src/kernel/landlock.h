// SPDX-License-Identifier: LGPL-2.1-or-later
/* landlock.h - Landlock (landlock(7)): a process gives up rights to files, ports and peers for good.
 *
 * A ruleset names the rights that it governs; of these, only what a rule grants is left. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Rights as bits of the kernel, which newer kernels have more of. */
struct landlock_rights {
	uint64_t fs, net, scopes;
};

/* The kernel's version of Landlock, from 1 (Linux 5.13); -ENOSYS: built without; -EOPNOTSUPP: not enabled at boot. */
int landlock_version(void);

/* All rights that a version has; of one newer than Linux 7.2's (10), those of that. */
void landlock_of_version(int version, struct landlock_rights *ret);

/* The rights that a rule for anything but a directory may have. */
extern const uint64_t landlock_file_rights;

/* A ruleset that governs these rights: a close-on-exec descriptor, or -errno (-EINVAL: the kernel does not know all;
 * -ENOMSG: there are none). */
int landlock_new(const struct landlock_rights *governed);

/* Grants rights to the file or, with all below, the directory that fd (O_PATH too) names; to a port.  The rights must be
 * governed.  0 or -errno. */
int landlock_grant_path(int ruleset, int fd, uint64_t rights);
int landlock_grant_port(int ruleset, uint16_t port, uint64_t rights);

/* Puts the ruleset in force for the calling thread and all that it forks and executes; needs no_new_privs, or
 * CAP_SYS_ADMIN in the user namespace (-EPERM).  0 or -errno. */
int landlock_enforce(int ruleset);
