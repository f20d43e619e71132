// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_pidfd.c - a process is who it was, or it is gone. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"
#include "unit.h"

static int procfs = -1;

static pid_t waiting_child(void)
{
	pid_t pid = fork();

	while (pid == 0)
		(void)pause();
	return pid;
}

static void checked(void **state)
{
	auto_close int fd = -1;
	uint64_t start;
	char letter;
	int status;
	pid_t pid = waiting_child();

	(void)state;
	assert_int_equal(proc_stat(procfs, pid, &start, &letter), 0);
	assert_int_equal(pidfd_open_checked(procfs, pid, start + 1), -ESRCH); /* another process of that number */
	assert_int_equal(pidfd_open_checked(procfs, 0, start), -ESRCH);
	assert_int_equal(pidfd_open_checked(procfs, -1, start), -ESRCH);
	fd = pidfd_open_checked(procfs, pid, start);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(pidfd_wait_exit(fd, 0), 0);
	assert_int_equal(pidfd_kill(fd, 0), 0);
	assert_int_equal(pidfd_kill(fd, SIGKILL), 0);
	assert_int_equal(pidfd_wait_exit(fd, 5000), 1);
	/* A zombie is not there any more. */
	assert_int_equal(pidfd_open_checked(procfs, pid, start), -ESRCH);
	assert_int_equal(pidfd_reap(fd, &status), 0);
	assert_int_equal(status, 128 + SIGKILL);
	assert_int_equal(pidfd_kill(fd, SIGKILL), -ESRCH);
	assert_int_equal(pidfd_wait_exit(fd, 0), 1);
	assert_int_equal(pidfd_open_checked(procfs, pid, start), -ESRCH);
	assert_int_equal(pidfd_reap(fd, &status), -ECHILD);
}

static void endings(void **state)
{
	auto_close int fd = -1;
	uint64_t start;
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		(void)usleep(100000);
		_exit(42);
	}
	assert_int_equal(proc_stat(procfs, pid, &start, NULL), 0);
	fd = pidfd_open_checked(procfs, pid, start);
	assert_int_equal(pidfd_wait_exit(fd, -1), 1);
	assert_int_equal(pidfd_reap(fd, &status), 0);
	assert_int_equal(status, 42);
	assert_int_equal(pidfd_wait_exit(-1, 0), 0); /* poll(2) leaves out negative ones */
	assert_int_equal(pidfd_wait_exit(999, 0), -EBADF);
}

static void deadline(void **state)
{
	auto_close int fd = -1;
	uint64_t start;
	int status;
	int64_t begin;
	pid_t pid = waiting_child();

	(void)state;
	assert_int_equal(proc_stat(procfs, pid, &start, NULL), 0);
	fd = pidfd_open_checked(procfs, pid, start);
	begin = clock_ms();
	assert_int_equal(pidfd_wait_exit(fd, 60), 0);
	assert_in_range(clock_ms() - begin, 55, 3000);
	assert_int_equal(pidfd_kill(fd, SIGTERM), 0);
	assert_int_equal(pidfd_reap(fd, &status), 0);
	assert_int_equal(status, 128 + SIGTERM);
}

static int set_up(void **state)
{
	(void)state;
	procfs = proc_open_private(NULL);
	return procfs < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checked),
		cmocka_unit_test(endings),
		cmocka_unit_test(deadline),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
