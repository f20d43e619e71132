// SPDX-License-Identifier: LGPL-2.1-or-later
/* pidfd.c - processes without races over numbers.
 *
 * A pid from a file proves nothing: the pidfd is opened first, and only then is it asked whether the number
 * still means the process that was recorded. */
#include "kernel/pidfd.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fd.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

int pidfd_open_checked(int procfs, pid_t pid, uint64_t start_time)
{
	auto_close int fd = -1;
	uint64_t now;
	char state;
	int r;

	if (pid <= 0)
		return -ESRCH;
	fd = sys_pidfd_open(pid, 0);
	if (fd < 0) /* EINVAL: the number is a thread's by now */
		return fd == -EINVAL ? -ESRCH : fd;
	r = proc_stat(procfs, pid, &now, &state);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	if (now != start_time || state == 'Z' || state == 'X')
		return -ESRCH;
	/* The number was this process's while stat was read only if the process still is there now. */
	r = pidfd_wait_exit(fd, 0);
	if (r != 0)
		return r < 0 ? r : -ESRCH;
	return take_fd(&fd);
}

int pidfd_kill(int pidfd, int signal)
{
	return sys_pidfd_send_signal(pidfd, signal);
}

int pidfd_wait_exit(int pidfd, int timeout_ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int64_t deadline = timeout_ms > 0 ? clock_ms() + timeout_ms : 0;
	int n;

	for (;;) {
		n = poll(&p, 1, timeout_ms);
		if (n > 0 && p.revents & POLLNVAL)
			return -EBADF;
		if (n >= 0)
			return n > 0;
		if (errno != EINTR)
			return -errno;
		if (timeout_ms > 0)
			timeout_ms = clock_left(deadline);
	}
}

int pidfd_reap(int pidfd, int *ret_status)
{
	siginfo_t info = { 0 };
	int r;

	do
		r = waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	*ret_status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	return 0;
}
