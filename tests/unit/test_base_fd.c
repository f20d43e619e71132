// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_base_fd.c - close-on-exec, stdio, sealed memfds. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "unit.h"

static void closing(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	errno = ENOSPC;
	assert_int_equal(fd_close(fd), -1);
	assert_int_equal(fd_close(fd), -1); /* EBADF inside */
	assert_int_equal(fd_close(-1), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void flags(void **state)
{
	auto_close int fd = open("/dev/null", O_RDONLY), copy = -1;

	(void)state;
	assert_int_equal(fd_cloexec(fd, 1), 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fd_cloexec(fd, 0), 0);
	assert_int_equal(fcntl(fd, F_GETFD), 0);
	copy = fd_dup(fd, 200);
	assert_true(copy >= 200);
	assert_int_equal(fcntl(copy, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fd_cloexec(999, 1), -EBADF);
	assert_int_equal(fd_dup(999, 0), -EBADF);
	assert_int_equal(fcntl(fd, F_GETFD), 0);
	assert_int_equal(fd_cloexec_from((unsigned)fd + 1), 0);
	assert_int_equal(fcntl(fd, F_GETFD), 0);
	assert_int_equal(fd_cloexec_from((unsigned)fd), 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void moving(void **state)
{
	int fd = open("/dev/null", O_RDONLY), other = fd;
	char *text = strdup("x"), *same = text;

	(void)state;
	assert_int_equal(take_fd(&fd), other);
	assert_int_equal(fd, -1);
	assert_ptr_equal(take_ptr(text), same);
	assert_null(text);
	free(same);
	(void)fd_close(other);
}

/* In a child, because this process needs its own. */
static void stdio(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct stat st;

		(void)close(0);
		(void)close(2);
		if (fd_fill_stdio() != 0)
			_exit(1);
		for (int fd = 0; fd < 3; fd += 2)
			if (fstat(fd, &st) < 0 || st.st_rdev != makedev(1, 3))
				_exit(2);
		_exit(fcntl(0, F_GETFD) == 0 ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void sealed(void **state)
{
	auto_close int fd = fd_sealed("test", "hello", 5), empty = -1;
	char buffer[8];

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(read(fd, buffer, sizeof(buffer)), 5);
	assert_memory_equal(buffer, "hello", 5);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(ftruncate(fd, 100), -1);
	assert_ptr_equal(mmap(NULL, 5, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	assert_true(fcntl(fd, F_GET_SEALS) & F_SEAL_SEAL);
	empty = fd_sealed("empty", "", 0);
	assert_true(empty >= 0);
}

/* The soft limit goes up and comes back; the hard one stays what it is by then. */
static void limit(void **state)
{
	struct rlimit was, now;
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		if (fd_restore_limit() != 0 || getrlimit(RLIMIT_NOFILE, &was) < 0)
			_exit(1);
		was.rlim_max = 40;
		was.rlim_cur = 20;
		if (setrlimit(RLIMIT_NOFILE, &was) < 0)
			_exit(2);
		fd_raise_limit();
		fd_raise_limit();
		if (getrlimit(RLIMIT_NOFILE, &now) < 0 || now.rlim_cur != 40)
			_exit(3);
		if (fd_restore_limit() != 0 || getrlimit(RLIMIT_NOFILE, &now) < 0 || now.rlim_cur != 20 || now.rlim_max != 40)
			_exit(4);
		fd_raise_limit();
		now.rlim_cur = now.rlim_max = 10;
		(void)setrlimit(RLIMIT_NOFILE, &now);
		_exit(fd_restore_limit() == 0 && getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 10 ? 0 : 5);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing), cmocka_unit_test(flags),  cmocka_unit_test(moving),
		cmocka_unit_test(stdio),   cmocka_unit_test(sealed),
		cmocka_unit_test(limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
