// SPDX-License-Identifier: LGPL-2.1-or-later
/* pidfd.c - processes without races over numbers.
 *
 * A pid from a file proves nothing: the pidfd is opened first, and only then is it asked whether the number
 * still means the process that was recorded. */
#include "kernel/pidfd.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fd.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

#define PIDFS_MAGIC 0x50494446 /* linux/magic.h, Linux 6.9 */

/* Inode of a pidfd, 0 where the kernel has no pidfs. */
static int pidfd_inode(int pidfd, uint64_t *ret)
{
	struct statfs fs;
	struct stat st;

	*ret = 0;
	if (fstatfs(pidfd, &fs) < 0)
		return -errno;
	if (fs.f_type != PIDFS_MAGIC)
		return 0;
	if (fstat(pidfd, &st) < 0)
		return -errno;
	*ret = st.st_ino;
	return 0;
}

static int read_start_time(pid_t pid, uint64_t *ret)
{
	auto_close int procfs = proc_open_host();
	int r = procfs < 0 ? procfs : proc_stat(procfs, pid, ret, NULL);

	return r == -ENOENT ? -ESRCH : r;
}

int process_identify(int pidfd, pid_t pid, struct process_id *ret)
{
	int r;

	*ret = (struct process_id){ .pid = pid };
	r = pidfd_inode(pidfd, &ret->inode);
	return r < 0 || ret->inode ? r : read_start_time(pid, &ret->start_time);
}

int process_open(const struct process_id *id)
{
	auto_close int fd = -1;
	struct process_id now;
	int r;

	if (id->pid <= 0)
		return -ESRCH;
	fd = sys_pidfd_open(id->pid, 0);
	if (fd < 0) /* the number is a thread's by now: EINVAL, from Linux 6.15 ENOENT */
		return fd == -EINVAL || fd == -ENOENT ? -ESRCH : fd;
	r = process_identify(fd, id->pid, &now);
	if (r < 0)
		return r;
	if (now.inode != id->inode || now.start_time != id->start_time)
		return -ESRCH;
	/* A zombie is readable too; and what /proc said was said of this process only if it still is there now. */
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
