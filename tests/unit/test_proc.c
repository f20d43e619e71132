// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_proc.c - the private procfs cannot be fooled by what is mounted over /proc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

/* Runs test in a child with a private mount namespace; its return value must be 0. */
static void in_namespace(int (*test)(void), int flags)
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (unshare(flags) < 0)
			_exit(77);
		(void)sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
		_exit(test());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

#define CHECK(condition)                                                          \
	do {                                                                      \
		if (!(condition)) {                                               \
			fprintf(stderr, "# line %d: %s\n", __LINE__, #condition); \
			return 1;                                                 \
		}                                                                 \
	} while (0)

static void reads_itself(void **state)
{
	auto_free char *text = NULL;
	const char *how = NULL;
	auto_close int procfs = proc_open_private(&how);
	char expected[32];

	(void)state;
	assert_true(procfs >= 0);
	assert_string_equal(how, "fsopen");
	assert_int_equal(proc_read(procfs, "self/stat", &text), 0);
	snprintf(expected, sizeof(expected), "%d (", (int)getpid());
	assert_memory_equal(text, expected, strlen(expected));
	assert_int_equal(proc_open(procfs, "/etc/passwd", O_RDONLY), -EXDEV);
	assert_int_equal(proc_open(procfs, "../etc/passwd", O_RDONLY), -EXDEV);
	assert_int_equal(proc_open(procfs, "self/exe", O_RDONLY), -ELOOP);
	assert_int_equal(proc_open(procfs, "self/root/etc/passwd", O_RDONLY), -ELOOP);
	assert_int_equal(proc_open(procfs, "nothing", O_RDONLY), -ENOENT);
	assert_int_equal(proc_open(procfs, "self/new", O_RDONLY | O_CREAT), -EINVAL);
}

static void opens_what_links_lead_to(void **state)
{
	auto_close int procfs = proc_open_private(NULL), fd = memfd_create("object", MFD_CLOEXEC), object = -1;
	struct stat a, b;
	char name[16];

	(void)state;
	assert_true(procfs >= 0 && fd >= 0);
	snprintf(name, sizeof(name), "%d", fd);
	object = proc_open_object(procfs, "self/fd", name);
	assert_true(object >= 0);
	assert_int_equal(sys_fstat(fd, &a), 0);
	assert_int_equal(sys_fstat(object, &b), 0);
	assert_true(a.st_dev == b.st_dev && a.st_ino == b.st_ino);
	assert_int_equal(proc_open_object(procfs, "self", "root/etc"), -EINVAL);
	assert_int_equal(proc_open_object(procfs, "self/fd", "100000"), -ENOENT);
	assert_int_equal(proc_open_object(procfs, "self/root", "etc"), -ELOOP);
}

static int writes(void)
{
	auto_close int procfs = proc_open_private(NULL);
	auto_free char *text = NULL;

	CHECK(proc_write(procfs, "sys/kernel/hostname", "unit-test", true) == 0);
	CHECK(proc_read(procfs, "sys/kernel/hostname", &text) == 0);
	CHECK(strcmp(text, "unit-test\n") == 0);
	CHECK(proc_write(procfs, "sys/net/ipv4/ip_local_port_range", "20000 30000", true) == 0);
	/* Cut off silently by the kernel: 64 bytes are the limit of a host name. */
	CHECK(proc_write(procfs, "sys/kernel/hostname",
			 "0123456789012345678901234567890123456789012345678901234567890123456789", true) != 0);
	CHECK(proc_write(procfs, "sys/kernel/no_such_thing", "1", true) == -ENOENT);
	return 0;
}

static void writes_and_reads_back(void **state)
{
	(void)state;
	in_namespace(writes, CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET);
}

/* A file bound over one of the host's /proc is not seen through ours, and refused through a clone: even one of procfs. */
static int covered(void)
{
	auto_close int procfs = -1, clone = -1;
	auto_free char *text = NULL;

	CHECK(sys_mount("/proc/self/status", "/proc/self/stat", NULL, MS_BIND, NULL) == 0);
	CHECK(sys_mount("/dev/null", "/proc/self/maps", NULL, MS_BIND, NULL) == 0);
	procfs = proc_open_private(NULL);
	CHECK(proc_read(procfs, "self/stat", &text) == 0 && strchr("0123456789", *text));
	clone = sys_open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | AT_RECURSIVE);
	CHECK(clone >= 0);
	CHECK(proc_open(clone, "self/stat", O_RDONLY) == -EXDEV);
	CHECK(proc_open(clone, "self/maps", O_RDONLY) == -EXDEV);
	return 0;
}

static void ignores_what_covers_files(void **state)
{
	(void)state;
	in_namespace(covered, CLONE_NEWNS);
}

/* With nothing but a tmpfs at /proc, the first way still works. */
static int replaced(void)
{
	auto_close int procfs = -1, fake = -1;

	CHECK(sys_mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0);
	procfs = proc_open_private(NULL);
	CHECK(procfs >= 0);
	fake = open("/proc", O_PATH | O_DIRECTORY);
	CHECK(mkdirat(fake, "self", 0755) == 0);
	CHECK(mknodat(fake, "self/stat", S_IFREG | 0644, 0) == 0);
	CHECK(proc_open(fake, "self/stat", O_RDONLY) == -EXDEV);
	return 0;
}

static void refuses_other_file_systems(void **state)
{
	(void)state;
	in_namespace(replaced, CLONE_NEWNS);
}

/* A directory of procfs bound over /proc is no root of one. */
static int half(void)
{
	const char *how = NULL;
	auto_close int procfs = -1;

	CHECK(sys_mount("/proc/sys", "/proc", NULL, MS_BIND, NULL) == 0);
	procfs = proc_open_private(&how);
	CHECK(procfs < 0 || strcmp(how, "fsopen") == 0);
	return 0;
}

static void wants_the_root_of_a_procfs(void **state)
{
	(void)state;
	in_namespace(half, CLONE_NEWNS);
	in_namespace(half, CLONE_NEWNS | CLONE_NEWUSER);
}

static int in_user_namespace(void)
{
	const char *how = NULL;
	auto_close int procfs = proc_open_private(&how);

	CHECK(procfs >= 0);
	CHECK(strcmp(how, "fsopen") != 0);
	return 0;
}

static void works_in_user_namespaces(void **state)
{
	(void)state;
	in_namespace(in_user_namespace, CLONE_NEWNS | CLONE_NEWUSER);
}

static void knows_start_time_and_state(void **state)
{
	auto_close int procfs = proc_open_private(NULL);
	uint64_t start = 0, again = 0;
	char letter = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(proc_stat(procfs, getpid(), &start, &letter), 0);
	assert_int_equal(letter, 'R');
	assert_true(start > 0);
	assert_int_equal(proc_stat(procfs, getpid(), &again, &letter), 0);
	assert_int_equal(start, again);

	/* A name that looks like the fields behind it. */
	pid = fork();
	if (pid == 0) {
		sys_prctl(15 /* PR_SET_NAME */, (unsigned long)") Z 1 1 (", 0, 0, 0);
		for (;;)
			pause();
	}
	usleep(20000);
	assert_int_equal(proc_stat(procfs, pid, &start, &letter), 0);
	assert_int_equal(letter, 'S');
	kill(pid, SIGKILL);
	usleep(20000);
	assert_int_equal(proc_stat(procfs, pid, &start, &letter), 0);
	assert_int_equal(letter, 'Z');
	waitpid(pid, NULL, 0);
	assert_int_equal(proc_stat(procfs, pid, &start, &letter), -ESRCH);
}

static void assert_runs(int fd)
{
	char *const argv[] = { (char *)(uintptr_t) "test_proc", (char *)(uintptr_t) "--exit-42", NULL };
	char *const envp[] = { NULL };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		sys_execveat(fd, "", argv, envp, 0x1000 /* AT_EMPTY_PATH */);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(WEXITSTATUS(status), 42);
}

static int copies_without_rights(void)
{
	auto_close int procfs = proc_open_private(NULL);
	auto_close int fd = -1;
	struct stat st;

	/* Without CAP_SYS_ADMIN no clone: the memfd. */
	if (setresuid(65534, 65534, 65534) < 0)
		return 77;
	fd = proc_self_copy(procfs);
	CHECK(fd >= 0);
	CHECK(fstat(fd, &st) == 0 && st.st_size > 0);
	CHECK((fcntl(fd, F_GET_SEALS) & F_SEAL_WRITE) != 0);
	return 0;
}

static void copies_itself(void **state)
{
	auto_close int procfs = proc_open_private(NULL);
	auto_close int fd = proc_self_copy(procfs);
	auto_close int own = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	struct statvfs fs;
	struct stat a, b;
	char link[64];

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &a), 0);
	assert_int_equal(fstat(own, &b), 0);
	assert_int_equal(a.st_ino, b.st_ino); /* the clone, not a copy */
	assert_int_equal(fstatvfs(fd, &fs), 0);
	assert_true((fs.f_flag & ST_RDONLY) && (fs.f_flag & ST_NODEV));
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	assert_int_equal(open(link, O_RDWR), -1);
	assert_true(errno == EROFS || errno == ETXTBSY);
	assert_runs(fd);
	in_namespace(copies_without_rights, CLONE_NEWNS);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_itself),
		cmocka_unit_test(opens_what_links_lead_to),
		cmocka_unit_test(writes_and_reads_back),
		cmocka_unit_test(ignores_what_covers_files),
		cmocka_unit_test(refuses_other_file_systems),
		cmocka_unit_test(wants_the_root_of_a_procfs),
		cmocka_unit_test(works_in_user_namespaces),
		cmocka_unit_test(knows_start_time_and_state),
		cmocka_unit_test(copies_itself),
	};

	if (argc > 1 && strcmp(argv[1], "--exit-42") == 0)
		return 42;
	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
