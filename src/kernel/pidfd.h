// SPDX-License-Identifier: LGPL-2.1-or-later
/* pidfd.h - processes without races over numbers (pidfd_open(2)). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* pidfd of the process with that pid AND that start time, unless it is a zombie.
 * fd, or -ESRCH when it ended or the number is somebody else's by now. */
int pidfd_open_checked(int procfs, pid_t pid, uint64_t start_time);
/* 0 or -errno (-ESRCH). */
int pidfd_kill(int pidfd, int signal);
/* Waits until the process has ended (also as somebody else's zombie).  1, 0 at the deadline, or -errno. */
int pidfd_wait_exit(int pidfd, int timeout_ms);
/* waitid(P_PIDFD) of a child: *ret_status is code, or 128 + signal.  0 or -errno. */
int pidfd_reap(int pidfd, int *ret_status);
