// SPDX-License-Identifier: LGPL-2.1-or-later
/* pidfd.h - processes without races over numbers (pidfd_open(2)). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What tells a process from every other one since boot: the inode of its pidfd (pidfs, Linux 6.9), which needs no
 * look at /proc; before that, its start time. */
struct process_id {
	pid_t pid;
	uint64_t inode;	     /* 0: not known */
	uint64_t start_time; /* clock ticks since boot (proc_pid_stat(5)); 0 where the inode is known */
};

/* Identity of the process behind the pidfd, whose pid is given.  0 or -errno. */
int process_identify(int pidfd, pid_t pid, struct process_id *ret);

/* pidfd of exactly that process, unless it has ended or is a zombie.
 * fd, or -ESRCH when it ended or the number is somebody else's by now. */
int process_open(const struct process_id *id);
/* 0 or -errno (-ESRCH). */
int pidfd_kill(int pidfd, int signal);
/* Waits until the process has ended (also as somebody else's zombie).  1, 0 at the deadline, or -errno. */
int pidfd_wait_exit(int pidfd, int timeout_ms);
/* waitid(P_PIDFD) of a child: *ret_status is code, or 128 + signal.  0 or -errno. */
int pidfd_reap(int pidfd, int *ret_status);
