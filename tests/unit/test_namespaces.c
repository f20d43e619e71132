// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_namespaces.c - descriptors of namespaces: only real ones, only of the kind asked for. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/proc.h"
#include "unit.h"

static int procfs = -1;

static void kinds(void **state)
{
	unsigned all = 0;

	(void)state;
	/* User first, mount last: the order of joining. */
	assert_int_equal(namespace_kinds[0].flag, CLONE_NEWUSER);
	assert_int_equal(namespace_kinds[NAMESPACE_KINDS - 1].flag, CLONE_NEWNS);
	for (size_t i = 0; i < NAMESPACE_KINDS; i++) {
		char path[64];

		assert_ptr_equal(namespace_kind(namespace_kinds[i].flag), &namespace_kinds[i]);
		assert_false(all & (unsigned)namespace_kinds[i].flag);
		all |= (unsigned)namespace_kinds[i].flag;
		snprintf(path, sizeof(path), "/proc/self/ns/%s", namespace_kinds[i].file);
		assert_int_equal(access(path, F_OK), 0);
	}
	assert_null(namespace_kind(CLONE_VM));
	assert_null(namespace_kind(0));
}

static void opening(void **state)
{
	(void)state;
	for (size_t i = 0; i < NAMESPACE_KINDS; i++)
		for (size_t k = 0; k < NAMESPACE_KINDS; k++) {
			auto_close int fd = -1;
			char path[64];

			snprintf(path, sizeof(path), "/proc/self/ns/%s", namespace_kinds[i].file);
			fd = namespace_open(path, namespace_kinds[k].flag);
			if (i != k) {
				assert_int_equal(fd, -EINVAL);
				continue;
			}
			assert_true(fd >= 0);
			assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
			assert_true(namespace_is_own(fd, namespace_kinds[k].flag, procfs));
		}
}

static void strangers(void **state)
{
	char fifo[] = "/tmp/test_namespaces.XXXXXX";
	int fd;

	(void)state;
	assert_int_equal(namespace_open("/nonexistent", CLONE_NEWNET), -ENOENT);
	assert_int_equal(namespace_open("/etc/passwd", CLONE_NEWNET), -EINVAL);
	assert_int_equal(namespace_open("/", CLONE_NEWNET), -EINVAL);
	assert_int_equal(namespace_open("/dev/null", CLONE_NEWNET), -EINVAL);
	assert_int_equal(namespace_open("/dev/tty0/x", CLONE_NEWNET) < 0, 1);
	/* A FIFO without a writer would be waited for for ever. */
	assert_true((fd = mkstemp(fifo)) >= 0 && unlink(fifo) == 0);
	(void)fd_close(fd);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(namespace_open(fifo, CLONE_NEWNET), -EINVAL);
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(namespace_open_of(procfs, getpid(), CLONE_VM), -EINVAL);
	assert_true(namespace_open_of(procfs, 0x7ffffff0, CLONE_NEWNET) == -ENOENT);
}

static void of_processes(void **state)
{
	auto_close int own = namespace_open_of(procfs, getpid(), CLONE_NEWUTS), self = -1, others = -1;
	int ready[2], done[2];
	char byte = 0;
	pid_t pid;

	(void)state;
	assert_true(own >= 0);
	assert_true(namespace_is_own(own, CLONE_NEWUTS, procfs));
	assert_false(namespace_is_own(own, CLONE_NEWNET, procfs));
	self = namespace_open_of(procfs, 0, CLONE_NEWUTS);
	assert_true(namespace_is_own(self, CLONE_NEWUTS, procfs));
	if (geteuid() != 0)
		skip();
	assert_true(pipe(ready) == 0 && pipe(done) == 0);
	pid = fork();
	if (pid == 0) {
		byte = unshare(CLONE_NEWUTS) == 0;
		(void)!write(ready[1], &byte, 1);
		(void)!read(done[0], &byte, 1);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	others = namespace_open_of(procfs, pid, CLONE_NEWUTS);
	assert_int_equal(write(done[1], "x", 1), 1);
	(void)waitpid(pid, NULL, 0);
	for (int i = 0; i < 2; i++) {
		(void)close(ready[i]);
		(void)close(done[i]);
	}
	if (!byte)
		skip();
	assert_true(others >= 0);
	assert_false(namespace_is_own(others, CLONE_NEWUTS, procfs));
}

static void initial_user(void **state)
{
	struct stat st;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(stat("/proc/self/ns/user", &st), 0);
	assert_int_equal(namespace_is_initial_user(procfs), st.st_ino == 0xeffffffd);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(77);
		_exit(namespace_is_initial_user(procfs));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static int loopback_flags(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0 ? request.ifr_flags : -1;
}

static void loopback(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		if (unshare(CLONE_NEWNET) < 0)
			_exit(77);
		if (loopback_flags() & IFF_UP)
			_exit(1);
		if (netlink_loopback_up() != 0)
			_exit(2);
		if (!(loopback_flags() & IFF_UP))
			_exit(3);
		/* Without the right the kernel's refusal is heard. */
		if (setgid(1000) < 0 || setuid(1000) < 0)
			_exit(4);
		_exit(netlink_loopback_up() == -EPERM ? 0 : 5);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
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
		cmocka_unit_test(kinds),	cmocka_unit_test(opening),	cmocka_unit_test(strangers),
		cmocka_unit_test(of_processes), cmocka_unit_test(initial_user), cmocka_unit_test(loopback),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
