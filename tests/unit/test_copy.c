// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_copy.c - a tree is copied with its attributes, and nothing beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kernel/copy.h"
#include "kernel/sys.h"

struct place {
	char base[64];
	int base_fd, from, to;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	umask(0);
	strcpy(p->base, "hull-copy-XXXXXX");
	if (!mkdtemp(p->base))
		return -1;
	p->base_fd = open(p->base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mkdirat(p->base_fd, "from", 0755);
	mkdirat(p->base_fd, "to", 0755);
	p->from = openat(p->base_fd, "from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->to = openat(p->base_fd, "to", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return p->to < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	close(p->from);
	close(p->to);
	close(p->base_fd);
	file_remove_tree_at(AT_FDCWD, p->base);
	free(p);
	return 0;
}

static void write_file(int dir, const char *path, const char *text, mode_t mode)
{
	auto_close int fd = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL, mode);

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, text, strlen(text)), 0);
}

static void copies_everything(void **state)
{
	const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	struct place *p = *state;
	auto_free char *text = NULL;
	auto_close int fd = -1, copied = -1;
	char target[32] = "", value[16] = "";
	struct stat st;

	mkdirat(p->from, "dir", 0751);
	write_file(p->from, "dir/file", "content", 0640);
	assert_int_equal(fchownat(p->from, "dir/file", 3, 4, 0), 0);
	assert_int_equal(fchmodat(p->from, "dir/file", 04640, 0), 0);
	fd = openat(p->from, "dir/file", O_RDONLY);
	assert_int_equal(fsetxattr(fd, "trusted.mark", "here", 4, 0), 0);
	assert_int_equal(futimens(fd, old), 0);
	assert_int_equal(symlinkat("/etc/passwd", p->from, "link"), 0);
	assert_int_equal(mknodat(p->from, "fifo", S_IFIFO | 0600, 0), 0);
	assert_int_equal(mknodat(p->from, "null", S_IFCHR | 0666, makedev(1, 3)), 0);
	assert_int_equal(utimensat(p->from, "dir", old, 0), 0);

	assert_int_equal(copy_tree(p->from, p->to), 0);
	assert_int_equal(fstatat(p->to, "dir", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0751);
	assert_int_equal(st.st_mtime, 1000000000);
	copied = openat(p->to, "dir/file", O_RDONLY);
	assert_int_equal(fstat(copied, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 04640);
	assert_int_equal(st.st_uid, 3);
	assert_int_equal(st.st_gid, 4);
	assert_int_equal(st.st_mtime, 1000000000);
	assert_int_equal(file_read(copied, 100, &text, NULL), 0);
	assert_string_equal(text, "content");
	assert_int_equal(fgetxattr(copied, "trusted.mark", value, sizeof(value)), 4);
	assert_int_equal(readlinkat(p->to, "link", target, sizeof(target) - 1), 11);
	assert_string_equal(target, "/etc/passwd");
	assert_int_equal(fstatat(p->to, "fifo", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFIFO | 0600);
	assert_int_equal(fstatat(p->to, "null", &st, 0), 0);
	assert_int_equal(st.st_rdev, makedev(1, 3));
}

/* A terabyte that takes no place. */
static void keeps_holes(void **state)
{
	struct place *p = *state;
	auto_close int from = openat(p->from, "sparse", O_RDWR | O_CREAT | O_EXCL, 0644), to = -1;
	char word[8] = "";
	struct stat st;

	assert_int_equal(pwrite(from, "begin", 5, 0), 5);
	assert_int_equal(pwrite(from, "middle", 6, 1LL << 30), 6);
	assert_int_equal(ftruncate(from, 1LL << 40), 0);
	assert_int_equal(copy_tree(p->from, p->to), 0);
	to = openat(p->to, "sparse", O_RDONLY);
	assert_int_equal(fstat(to, &st), 0);
	assert_true(st.st_size == 1LL << 40);
	assert_true(st.st_blocks < 1024);
	assert_int_equal(pread(to, word, 6, 1LL << 30), 6);
	assert_string_equal(word, "middle");
	assert_int_equal(pread(to, word, 6, 0), 6);
	assert_string_equal(word, "begin");
}

static void keeps_what_is_there(void **state)
{
	struct place *p = *state;

	write_file(p->from, "file", "new", 0644);
	assert_int_equal(symlinkat("../outside", p->to, "file"), 0);
	assert_int_equal(copy_tree(p->from, p->to), -EEXIST);
	assert_int_equal(faccessat(p->base_fd, "outside", F_OK, 0), -1);
}

static void ends(void **state)
{
	struct place *p = *state;
	int at = dup(p->from);

	for (int i = 0; i < 70; i++) {
		int next;

		assert_int_equal(mkdirat(at, "d", 0755), 0);
		next = openat(at, "d", O_RDONLY | O_DIRECTORY);
		close(at);
		at = next;
	}
	close(at);
	assert_int_equal(copy_tree(p->from, p->to), -ELOOP);
}

static void leaves_out_other_mounts(void **state)
{
	struct place *p = *state;
	int status = 0;
	pid_t pid;

	mkdirat(p->from, "mnt", 0755);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 || sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(77);
		if (chdir(p->base) < 0) /* the new namespace's */
			_exit(2);
		if (sys_mount("tmpfs", "from/mnt", "tmpfs", 0, NULL) < 0)
			_exit(3);
		if (mknod("from/mnt/secret", S_IFREG | 0644, 0) < 0)
			_exit(4);
		p->from = open("from", O_RDONLY | O_DIRECTORY);
		p->to = open("to", O_RDONLY | O_DIRECTORY);
		if (copy_tree(p->from, p->to) < 0)
			_exit(5);
		_exit(faccessat(p->to, "mnt", F_OK, 0) < 0 ? 6 : faccessat(p->to, "mnt/secret", F_OK, 0) == 0 ? 7 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* In a mount namespace of its own, so that what is mounted is gone with the process. */
static int copy_with_flags(struct place *p, unsigned flags)
{
	struct stat st;
	char value[32];
	int fd;

	if (unshare(CLONE_NEWNS) < 0 || sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	if (chdir(p->base) < 0 || sys_mount("from", "from", NULL, MS_BIND, NULL) < 0 ||
	    sys_mount(NULL, "from", NULL, MS_BIND | MS_REMOUNT | flags, NULL) < 0)
		return 2;
	p->from = open("from", O_RDONLY | O_DIRECTORY);
	p->to = open("to", O_RDONLY | O_DIRECTORY);
	if (copy_tree(p->from, p->to) < 0)
		return 3;
	if ((fstatat(p->to, "null", &st, 0) < 0) != ((flags & MS_NODEV) != 0) || fstatat(p->to, "fifo", &st, 0) < 0)
		return 4;
	if (fstatat(p->to, "program", &st, 0) < 0 || st.st_mode != (S_IFREG | (flags & MS_NOSUID ? 0755 : 06755)))
		return 5;
	if (fstatat(p->to, "dir", &st, 0) < 0 || st.st_mode != (S_IFDIR | 02755))
		return 6;
	fd = openat(p->to, "program", O_RDONLY);
	return (fgetxattr(fd, "security.capability", value, sizeof(value)) < 0) != ((flags & MS_NOSUID) != 0) ? 7 : 0;
}

static void keeps_what_was_off_off(void **state)
{
	/* struct vfs_cap_data, revision 2: cap_net_raw=ep */
	static const unsigned char capability[20] = { 1, 0, 0, 2, 0, 0x20 };
	const unsigned flags[] = { 0, MS_NODEV, MS_NOSUID };
	struct place *p = *state;
	auto_close int fd = -1;

	assert_int_equal(mknodat(p->from, "null", S_IFCHR | 0666, makedev(1, 3)), 0);
	assert_int_equal(mknodat(p->from, "fifo", S_IFIFO | 0600, 0), 0);
	mkdirat(p->from, "dir", 0755);
	assert_int_equal(fchmodat(p->from, "dir", 02755, 0), 0);
	write_file(p->from, "program", "", 0755);
	assert_int_equal(fchmodat(p->from, "program", 06755, 0), 0);
	fd = openat(p->from, "program", O_RDONLY);
	if (fsetxattr(fd, "security.capability", capability, sizeof(capability), 0) < 0)
		skip();
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		int status = 0;
		pid_t pid;

		assert_int_equal(file_remove_tree_at(p->base_fd, "to"), 0);
		assert_int_equal(mkdirat(p->base_fd, "to", 0755), 0);
		pid = fork();
		if (pid == 0)
			_exit(copy_with_flags(p, flags[i]));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
			skip();
		assert_int_equal(status, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(copies_everything),
		TEST(keeps_holes),
		TEST(keeps_what_is_there),
		TEST(ends),
		TEST(leaves_out_other_mounts),
		TEST(keeps_what_was_off_off),
	};

	return cmocka_run_group_tests_name("copy", tests, NULL, NULL);
}
