// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_pidfd.c - a process is who it was, or it is gone. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "kernel/pidfd.h"
#include "kernel/sys.h"
#include "unit.h"

static pid_t waiting_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody */
	while (pid == 0)
		(void)pause();
	return pid;
}

/* The identity of a child, through a pidfd as creation has one. */
static struct process_id identity(pid_t pid)
{
	auto_close int fd = sys_pidfd_open(pid, 0);
	struct process_id id;

	assert_true(fd >= 0);
	assert_int_equal(process_identify(fd, pid, &id), 0);
	assert_int_equal(id.pid, pid);
	assert_true(id.inode || id.start_time);
	return id;
}

static void checked(void **state)
{
	auto_close int fd = -1;
	pid_t pid = waiting_child();
	struct process_id id = identity(pid), other = id;
	int status;

	(void)state;
	/* The same number, but another process. */
	other.inode += other.inode != 0;
	other.start_time += id.inode == 0;
	assert_int_equal(process_open(&other), -ESRCH);
	other = id;
	other.start_time++;
	assert_int_equal(process_open(&other), -ESRCH);
	other.pid = 0;
	assert_int_equal(process_open(&other), -ESRCH);
	other.pid = -1;
	assert_int_equal(process_open(&other), -ESRCH);
	other = id;
	other.pid = getpid();
	assert_int_equal(process_open(&other), -ESRCH);

	fd = process_open(&id);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(pidfd_wait_exit(fd, 0), 0);
	assert_int_equal(pidfd_kill(fd, 0), 0);
	assert_int_equal(pidfd_kill(fd, SIGKILL), 0);
	assert_int_equal(pidfd_wait_exit(fd, 120000), 1);
	/* A zombie is not there any more. */
	assert_int_equal(process_open(&id), -ESRCH);
	assert_int_equal(pidfd_reap(fd, &status), 0);
	assert_int_equal(status, 128 + SIGKILL);
	assert_int_equal(pidfd_kill(fd, SIGKILL), -ESRCH);
	assert_int_equal(pidfd_wait_exit(fd, 0), 1);
	assert_int_equal(process_open(&id), -ESRCH);
	assert_int_equal(pidfd_reap(fd, &status), -ECHILD);
}

/* Two processes differ, and one is the same whenever it is asked. */
static void identities(void **state)
{
	pid_t a = waiting_child(), b = waiting_child();
	struct process_id first = identity(a), second = identity(b), again = identity(a);

	(void)state;
	assert_true(first.inode == again.inode && first.start_time == again.start_time);
	assert_true(first.inode == 0 || first.inode != second.inode);
	assert_int_equal(first.inode != 0, first.start_time == 0);
	for (int i = 0; i < 2; i++) {
		pid_t pid = i ? a : b;

		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
}

static void endings(void **state)
{
	auto_close int fd = -1;
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		(void)usleep(100000);
		_exit(42);
	}
	fd = sys_pidfd_open(pid, 0);
	assert_int_equal(pidfd_wait_exit(fd, -1), 1);
	assert_int_equal(pidfd_reap(fd, &status), 0);
	assert_int_equal(status, 42);
	assert_int_equal(pidfd_wait_exit(-1, 0), 0); /* poll(2) leaves out negative ones */
	assert_int_equal(pidfd_wait_exit(999, 0), -EBADF);
}

static void *tell_and_wait(void *ends)
{
	const int *pipes = ends;
	pid_t tid = gettid();
	char c;

	if (write(pipes[1], &tid, sizeof(tid)) == sizeof(tid))
		(void)!read(pipes[2], &c, 1);
	return NULL;
}

/* The number may have become that of a thread of somebody else. */
static void threads(void **state)
{
	int ends[4];
	struct process_id id = { .inode = 1, .start_time = 1 };
	pthread_t thread;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pipe(ends + 2), 0);
	assert_int_equal(pthread_create(&thread, NULL, tell_and_wait, ends), 0);
	assert_int_equal(read(ends[0], &id.pid, sizeof(id.pid)), sizeof(id.pid));
	assert_int_equal(process_open(&id), -ESRCH);
	assert_int_equal(write(ends[3], "x", 1), 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	for (int i = 0; i < 4; i++)
		(void)close(ends[i]);
}

static void deadline(void **state)
{
	auto_close int fd = -1;
	int status;
	int64_t begin;
	pid_t pid = waiting_child();

	(void)state;
	fd = sys_pidfd_open(pid, 0);
	begin = clock_ms();
	assert_int_equal(pidfd_wait_exit(fd, 60), 0);
	assert_in_range(clock_ms() - begin, 55, 120000);
	assert_int_equal(pidfd_kill(fd, SIGTERM), 0);
	assert_int_equal(pidfd_reap(fd, &status), 0);
	assert_int_equal(status, 128 + SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checked),
		cmocka_unit_test(identities),
		cmocka_unit_test(endings),
		cmocka_unit_test(threads),
		cmocka_unit_test(deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
