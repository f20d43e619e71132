// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_tty.c - terminals come from a devpts of the given root, whatever else the root holds. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/tty.h"
#include "unit.h"

#define CHECK(condition)                                                          \
	do {                                                                      \
		if (!(condition)) {                                               \
			fprintf(stderr, "# line %d: %s\n", __LINE__, #condition); \
			return 1;                                                 \
		}                                                                 \
	} while (0)

/* Runs test in a child with a mount namespace of its own and an empty tmpfs as root of the terminals. */
static void in_root(int (*test)(struct rootfs *root))
{
	char top[] = "/tmp/test_tty.XXXXXX";
	int status;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(top));
	pid = fork();
	if (pid == 0) {
		struct rootfs root;

		if (unshare(CLONE_NEWNS) < 0)
			_exit(77);
		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount("none", top, "tmpfs", 0, NULL) < 0 ||
		    chdir(top) < 0 || mkdir("dev", 0755) < 0 || mkdir("dev/pts", 0755) < 0)
			_exit(78);
		root.fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		_exit(test(&root));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(rmdir(top), 0);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int pair(struct rootfs *root)
{
	auto_close int master = -1, slave = -1, again = -1, other = -1;
	struct winsize size;
	struct stat st, own;
	char buffer[16];

	CHECK(mount("devpts", "dev/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=620") == 0);
	CHECK(tty_open(root, &master, &slave) == 0);
	CHECK(fcntl(master, F_GETFD) == FD_CLOEXEC && fcntl(slave, F_GETFD) == FD_CLOEXEC);
	/* The first terminal of this instance, so its number 0 says which instance it is. */
	CHECK(fstat(slave, &st) == 0 && stat("dev/pts/0", &own) == 0);
	CHECK(st.st_dev == own.st_dev && st.st_ino == own.st_ino && major(st.st_rdev) == 136);
	CHECK(tty_open(root, &again, &other) == 0);
	CHECK(access("dev/pts/1", F_OK) == 0);

	CHECK(write(slave, "a\n", 2) == 2);
	CHECK(read(master, buffer, sizeof(buffer)) == 3 && memcmp(buffer, "a\r\n", 3) == 0);
	CHECK(tty_clear_onlcr(slave) == 0);
	CHECK(write(slave, "a\n", 2) == 2);
	CHECK(read(master, buffer, sizeof(buffer)) == 2 && memcmp(buffer, "a\n", 2) == 0);

	CHECK(tty_set_size(slave, 24, 80) == 0);
	CHECK(tty_get_size(master, &size) == 0 && size.ws_row == 24 && size.ws_col == 80);
	return 0;
}

static int same_mode(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag;
}

static int raw(struct rootfs *root)
{
	auto_close int master = -1, slave = -1;
	struct termios before, mode, after;

	CHECK(mount("devpts", "dev/pts", "devpts", 0, "newinstance") == 0);
	CHECK(tty_open(root, &master, &slave) == 0);
	CHECK(tcgetattr(slave, &before) == 0);
	CHECK(tty_raw(slave, &mode) == 0 && same_mode(&before, &mode));
	CHECK(tcgetattr(slave, &after) == 0 && !(after.c_lflag & (ICANON | ECHO | ISIG)));
	CHECK(after.c_oflag == before.c_oflag); /* ONLCR is done on this side */
	CHECK(tty_restore(slave, &mode) == 0);
	CHECK(tcgetattr(slave, &after) == 0 && same_mode(&before, &after));
	CHECK(tty_raw(root->fd, &mode) == -EBADF || tty_raw(root->fd, &mode) == -ENOTTY);
	return 0;
}

static int controlling(struct rootfs *root)
{
	auto_close int master = -1, slave = -1, tty = -1;

	CHECK(mount("devpts", "dev/pts", "devpts", 0, "newinstance") == 0);
	CHECK(setsid() > 0);
	(void)signal(SIGHUP, SIG_IGN); /* the end of the pair hangs up on its leader */
	CHECK(tty_open(root, &master, &slave) == 0);
	CHECK(open("/dev/tty", O_RDWR | O_CLOEXEC) < 0); /* opening the pair did not do it */
	CHECK(tty_make_controlling(slave) == 0);
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	CHECK(tty >= 0 && tcgetsid(tty) == getpid());
	return 0;
}

/* What an image may have put there instead of a devpts. */
static int forged(struct rootfs *root)
{
	int master = -1, slave = -1;

	/* No mount at all, with a true ptmx node and then links to the host's. */
	CHECK(mknod("dev/pts/ptmx", S_IFCHR | 0666, makedev(5, 2)) == 0);
	CHECK(mknod("dev/ptmx", S_IFCHR | 0666, makedev(5, 2)) == 0);
	CHECK(tty_open(root, &master, &slave) == -ENODEV);
	CHECK(unlink("dev/pts/ptmx") == 0 && rmdir("dev/pts") == 0);
	CHECK(tty_open(root, &master, &slave) == -ENOENT);
	CHECK(symlink("/dev", "dev/pts") == 0);
	CHECK(tty_open(root, &master, &slave) == -ENODEV);
	CHECK(unlink("dev/pts") == 0);
	/* A devpts whose ptmx is covered. */
	CHECK(mkdir("dev/pts", 0755) == 0);
	CHECK(mount("devpts", "dev/pts", "devpts", 0, "newinstance") == 0);
	CHECK(mount("/dev/null", "dev/pts/ptmx", NULL, MS_BIND, NULL) == 0);
	CHECK(tty_open(root, &master, &slave) == -EXDEV);
	CHECK(master == -1 && slave == -1);
	return 0;
}

#define IN_ROOT(name)                     \
	static void test_##name(void **state) \
	{                                 \
		(void)state;              \
		in_root(name);            \
	}
IN_ROOT(pair)
IN_ROOT(raw)
IN_ROOT(controlling)
IN_ROOT(forged)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_controlling),
		cmocka_unit_test(test_forged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
