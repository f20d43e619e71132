// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_rootfs.c - the resolver against hostile trees: nothing outside the root is ever reached or made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kernel/rootfs.h"
#include "kernel/sys.h"

struct place {
	char base[64];
	int base_fd;
	struct rootfs root; /* base/root; base/outside lies beside it */
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	umask(0);
	strcpy(p->base, "hull-rootfs-XXXXXX");
	if (!mkdtemp(p->base))
		return -1;
	p->base_fd = open(p->base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	mkdirat(p->base_fd, "root", 0755);
	mkdirat(p->base_fd, "outside", 0755);
	p->root.fd = openat(p->base_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return p->root.fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	close(p->root.fd);
	close(p->base_fd);
	file_remove_tree_at(AT_FDCWD, p->base);
	free(p);
	return 0;
}

static bool exists(int dir, const char *path)
{
	return faccessat(dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void write_file(int dir, const char *path, const char *text)
{
	auto_close int fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, text, strlen(text)), 0);
}

static void make_link(const char *target, int dir, const char *path)
{
	assert_int_equal(symlinkat(target, dir, path), 0);
}

/* What the descriptor names, as dev:ino, against a path below dir. */
static void assert_is(int fd, int dir, const char *path)
{
	struct stat a, b;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &a), 0);
	assert_int_equal(fstatat(dir, path, &b, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(a.st_dev, b.st_dev);
}

static void opens_inside(void **state)
{
	struct place *p = *state;
	auto_free char *text = NULL;
	auto_close int a = -1, b = -1, c = -1;

	mkdirat(p->root.fd, "etc", 0755);
	write_file(p->root.fd, "etc/name", "inside");
	write_file(p->base_fd, "outside/name", "outside");
	/* Absolute links and ".." are the root's own. */
	make_link("/etc/name", p->root.fd, "absolute");
	make_link("../../../../etc/name", p->root.fd, "upward");

	a = rootfs_open(&p->root, "/etc/name", O_RDONLY, 0);
	assert_is(a, p->root.fd, "etc/name");
	assert_int_equal(file_read(a, 100, &text, NULL), 0);
	assert_string_equal(text, "inside");
	b = rootfs_open(&p->root, "absolute", O_RDONLY, 0);
	assert_is(b, p->root.fd, "etc/name");
	c = rootfs_open(&p->root, "upward", O_PATH, 0);
	assert_is(c, p->root.fd, "etc/name");
	assert_int_equal(rootfs_open(&p->root, "../outside/name", O_PATH, 0), -ENOENT);
	assert_int_equal(rootfs_open(&p->root, "etc/name", O_RDONLY | O_TRUNC, 0), -EINVAL);
}

static void refuses_links_where_asked(void **state)
{
	struct place *p = *state;
	auto_close int fd = -1;

	mkdirat(p->root.fd, "real", 0755);
	make_link("real", p->root.fd, "link");
	assert_int_equal(rootfs_open(&p->root, "link", O_PATH, ROOTFS_NO_SYMLINKS), -ELOOP);
	assert_int_equal(rootfs_make_dir(&p->root, "link/sub", 0755, ROOTFS_NO_SYMLINKS), -ELOOP);
	assert_int_equal(rootfs_make_dir(&p->root, "link", 0755, ROOTFS_NO_SYMLINKS), -ELOOP);
	assert_int_equal(rootfs_open(&p->root, "link", O_RDONLY, ROOTFS_NOFOLLOW), -ELOOP);
	assert_false(exists(p->root.fd, "real/sub"));
	fd = rootfs_open(&p->root, "link", O_PATH, ROOTFS_NOFOLLOW);
	assert_is(fd, p->root.fd, "link");
}

static void never_opens_devices_or_fifos(void **state)
{
	struct place *p = *state;

	alarm(5); /* a FIFO opened for reading would wait for ever */
	mknodat(p->root.fd, "fifo", S_IFIFO | 0666, 0);
	mknodat(p->root.fd, "null", S_IFCHR | 0666, makedev(1, 3));
	assert_int_equal(rootfs_open(&p->root, "fifo", O_RDONLY, 0), -EINVAL);
	assert_int_equal(rootfs_open(&p->root, "fifo", O_WRONLY, 0), -EINVAL);
	assert_int_equal(rootfs_open(&p->root, "null", O_RDONLY, 0), -EINVAL);
	alarm(0);
}

static void makes_directories(void **state)
{
	struct place *p = *state;
	auto_close int a = -1, b = -1, c = -1, d = -1;
	struct stat st;

	a = rootfs_make_dir(&p->root, "/a/b//c/./d/", 0750, 0);
	assert_is(a, p->root.fd, "a/b/c/d");
	assert_int_equal(fstat(a, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	b = rootfs_make_dir(&p->root, "a/b", 0700, 0);
	assert_is(b, p->root.fd, "a/b");
	c = rootfs_make_dir(&p->root, "/", 0700, 0);
	assert_is(c, p->root.fd, ".");
	/* Through a link to what exists. */
	make_link("/a", p->root.fd, "to-a");
	d = rootfs_make_dir(&p->root, "to-a/new", 0755, 0);
	assert_is(d, p->root.fd, "a/new");
	write_file(p->root.fd, "file", "");
	assert_int_equal(rootfs_make_dir(&p->root, "file", 0755, 0), -ENOTDIR);
	assert_int_equal(rootfs_make_dir(&p->root, "file/below", 0755, 0), -ENOTDIR);
}

static void makes_nothing_through_dangling_links(void **state)
{
	struct place *p = *state;

	make_link("/nowhere", p->root.fd, "dangling");
	make_link("../outside/made", p->root.fd, "escape");
	assert_int_equal(rootfs_make_dir(&p->root, "dangling", 0755, 0), -ELOOP);
	assert_int_equal(rootfs_make_dir(&p->root, "dangling/deep", 0755, 0), -ELOOP);
	assert_int_equal(rootfs_make_dir(&p->root, "escape/deep", 0755, 0), -ELOOP);
	assert_int_equal(rootfs_make_file(&p->root, "escape", 0644, 0), -ELOOP);
	assert_int_equal(rootfs_make_file(&p->root, "dangling/file", 0644, 0), -ELOOP);
	assert_int_equal(rootfs_make_node(&p->root, "escape", S_IFCHR, makedev(1, 3), 0666, 0, 0, 0), -EEXIST);
	assert_int_equal(rootfs_make_dir(&p->root, "new/../../outside/made", 0755, 0), -ELOOP);
	assert_false(exists(p->root.fd, "nowhere"));
	assert_false(exists(p->root.fd, "new"));
	assert_false(exists(p->base_fd, "outside/made"));
}

/* Follows dangling links and makes the file: as a mount target. */
static int make_behind(const struct rootfs *root, const char *path)
{
	char followed[PATH_MAX];
	int r = rootfs_follow(root, path, followed);

	return r < 0 ? r : rootfs_make_file(root, followed, 0644, 0);
}

static void follows_dangling_links(void **state)
{
	static const struct {
		const char *target, *made;
	} rows[] = {
		{ "/run/a/file", "run/a/file" },
		{ "../run/b/file", "run/b/file" },
		{ "../../../../../../outside/c", "outside/c" }, /* in the root */
		{ "/../../outside/d", "outside/d" },
		{ "plain", "etc/plain" },
		{ "./sub//./plain", "etc/sub/plain" },
		{ "/by/e", "run/e" }, /* through a link that exists */
		{ "chain", "run/chained" },
	};
	struct place *p = *state;
	char chain[32] = "/run/chained", longest[PATH_MAX];

	mkdirat(p->root.fd, "etc", 0755);
	mkdirat(p->root.fd, "run", 0755);
	make_link("run", p->root.fd, "by");
	for (int i = 0; i < 38; i++) {
		char name[32];

		snprintf(name, sizeof(name), "etc/chain%d", i);
		make_link(chain, p->root.fd, name);
		snprintf(chain, sizeof(chain), "chain%d", i);
	}
	make_link(chain, p->root.fd, "etc/chain");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_close int fd = -1;

		make_link(rows[i].target, p->root.fd, "etc/link");
		fd = make_behind(&p->root, "/etc/link");
		assert_is(fd, p->root.fd, rows[i].made);
		unlinkat(p->root.fd, "etc/link", 0);
	}
	assert_false(exists(p->base_fd, "outside/c"));

	make_link("/etc/new", p->root.fd, "etc/dir");
	assert_int_equal(rootfs_follow(&p->root, "etc/dir/x/y", longest), 0);
	assert_string_equal(longest, "/etc/new/x/y");
	/* Loops, one link too many, ".." among what is missing, and what is no directory. */
	make_link("loop", p->root.fd, "loop");
	assert_int_equal(make_behind(&p->root, "loop"), -ELOOP);
	make_link("chain", p->root.fd, "etc/more");
	unlinkat(p->root.fd, "run/chained", 0);
	make_link("more", p->root.fd, "etc/most");
	assert_int_equal(make_behind(&p->root, "etc/most"), -ELOOP);
	make_link("missing/../../x", p->root.fd, "etc/up");
	assert_int_equal(make_behind(&p->root, "etc/up"), -ELOOP);
	write_file(p->root.fd, "file", "");
	make_link("/file/x", p->root.fd, "etc/nodir");
	assert_int_equal(make_behind(&p->root, "etc/nodir"), -ENOTDIR);
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "etc/chain0/", 11);
	longest[PATH_MAX - 1] = '\0';
	assert_int_equal(make_behind(&p->root, longest), -ENAMETOOLONG);
}

/* What was a directory when it was looked at is a link when something is made there. */
static void follows_no_link_behind_its_back(void **state)
{
	struct place *p = *state;
	char followed[PATH_MAX];

	make_link("/run/x", p->root.fd, "link");
	assert_int_equal(rootfs_follow(&p->root, "link", followed), 0);
	assert_string_equal(followed, "/run/x");
	make_link("/other", p->root.fd, "run");
	assert_int_equal(rootfs_make_file(&p->root, followed, 0644, 0), -ELOOP);
	assert_false(exists(p->root.fd, "other"));
}

static bool is_allowed(const void *data, int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 && st.st_ino != *(const ino_t *)data;
}

static void makes_nothing_where_it_may_not(void **state)
{
	struct place *p = *state;
	struct stat st;
	struct rootfs root = { .fd = p->root.fd, .may_make = is_allowed, .data = &st.st_ino };
	auto_close int node = -1;

	mkdirat(p->root.fd, "bound", 0755);
	mkdirat(p->root.fd, "own", 0755);
	assert_int_equal(fstatat(p->root.fd, "bound", &st, 0), 0);
	make_link("bound", p->root.fd, "link");
	assert_int_equal(rootfs_make_file(&root, "link/file", 0644, 0), -EXDEV);
	assert_int_equal(rootfs_make_dir(&root, "link/dir/dir", 0755, 0), -EXDEV);
	assert_int_equal(rootfs_make_symlink(&root, "link/link", "x"), -EXDEV);
	assert_int_equal(rootfs_make_node(&root, "link/fifo", S_IFIFO, 0, 0600, 0, 0, 0), -EXDEV);
	assert_int_equal(unlinkat(p->root.fd, "bound", AT_REMOVEDIR), 0); /* still empty */
	mkdirat(p->root.fd, "bound", 0755);
	assert_int_equal(fstatat(p->root.fd, "bound", &st, 0), 0);

	/* What is there already may be what is wanted, and stays as it is. */
	mknodat(p->root.fd, "bound/fifo", S_IFIFO | 0640, 0);
	node = rootfs_make_node(&root, "link/fifo", S_IFIFO, 0, 0600, 0, 0, 0);
	assert_is(node, p->root.fd, "bound/fifo");
	assert_int_equal(fstat(node, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	write_file(p->root.fd, "bound/file", "");
	assert_int_equal(fstatat(p->root.fd, "bound", &st, 0), 0);
	assert_int_equal(rootfs_make_node(&root, "link/file", S_IFIFO, 0, 0600, 0, 0, 0), -EEXIST);
	node = fd_close(node);
	node = rootfs_make_node(&root, "own/fifo", S_IFIFO, 0, 0600, 0, 0, 0);
	assert_is(node, p->root.fd, "own/fifo");
}

static void makes_files(void **state)
{
	struct place *p = *state;
	auto_close int a = -1, b = -1;
	struct stat st;

	a = rootfs_make_file(&p->root, "/x/y/file", 0640, 0);
	assert_is(a, p->root.fd, "x/y/file");
	assert_int_equal(fstat(a, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0640);
	b = rootfs_make_file(&p->root, "x/y/file", 0600, 0);
	assert_is(b, p->root.fd, "x/y/file");
	assert_int_equal(rootfs_make_file(&p->root, "x/y", 0644, 0), -EISDIR);
	assert_int_equal(rootfs_make_file(&p->root, "/", 0644, 0), -EISDIR);
	make_link("file", p->root.fd, "x/y/link");
	assert_int_equal(rootfs_make_file(&p->root, "x/y/link", 0644, ROOTFS_NOFOLLOW), -ELOOP);
}

static void makes_nodes(void **state)
{
	struct place *p = *state;
	auto_close int a = -1, b = -1, c = -1, d = -1, e = -1;
	dev_t null = makedev(1, 3);
	struct stat st;

	umask(077); /* the mode is exact where init has set the umask to 0, and corrected where not */
	a = rootfs_make_node(&p->root, "dev/null", S_IFCHR, null, 0666, 7, 8, 0);
	umask(0);
	assert_true(a >= 0);
	assert_int_equal(fstatat(p->root.fd, "dev/null", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFCHR | 0666);
	assert_int_equal(st.st_rdev, null);
	assert_int_equal(st.st_uid, 7);
	assert_int_equal(st.st_gid, 8);

	b = rootfs_make_node(&p->root, "dev/null", S_IFCHR, null, 0600, 0, 0, ROOTFS_KEEP);
	assert_true(b >= 0);
	assert_int_equal(fstatat(p->root.fd, "dev/null", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0666);
	c = rootfs_make_node(&p->root, "dev/null", S_IFCHR, null, 0600, 0, 0, 0);
	assert_true(c >= 0);
	assert_int_equal(fstatat(p->root.fd, "dev/null", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_uid, 0);

	assert_int_equal(rootfs_make_node(&p->root, "dev/null", S_IFCHR, makedev(1, 5), 0666, 0, 0, 0), -EEXIST);
	assert_int_equal(rootfs_make_node(&p->root, "dev/null", S_IFIFO, 0, 0666, 0, 0, 0), -EEXIST);
	assert_int_equal(rootfs_make_node(&p->root, "dev", S_IFCHR, null, 0666, 0, 0, 0), -EEXIST);
	e = rootfs_make_node(&p->root, "dev/setuid", S_IFIFO, 0, 06755, 7, 8, 0);
	assert_int_equal(fstat(e, &st), 0);
	assert_int_equal(st.st_mode & 07777, 06755); /* the change of owner has not taken them away */
	d = rootfs_make_node(&p->root, "dev/fifo", S_IFIFO, 0, 0622, 0, 0, 0);
	assert_true(d >= 0);
	assert_int_equal(fstatat(p->root.fd, "dev/fifo", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFIFO | 0622);

	/* A link to the same device is another file, and what it points to keeps its mode. */
	make_link("null", p->root.fd, "dev/link");
	assert_int_equal(rootfs_make_node(&p->root, "dev/link", S_IFCHR, null, 0644, 0, 0, 0), -EEXIST);
	assert_int_equal(fstatat(p->root.fd, "dev/null", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void makes_links(void **state)
{
	struct place *p = *state;
	char target[64] = "";

	assert_int_equal(rootfs_make_symlink(&p->root, "/dev/fd", "/proc/self/fd"), 0);
	assert_int_equal(rootfs_make_symlink(&p->root, "/dev/fd", "/elsewhere"), 0);
	assert_int_equal(readlinkat(p->root.fd, "dev/fd", target, sizeof(target) - 1), 13);
	assert_string_equal(target, "/proc/self/fd");
	assert_true(rootfs_is_symlink(&p->root, "/dev/fd", "/proc/self/fd"));
	assert_false(rootfs_is_symlink(&p->root, "/dev/fd", "/proc/self/f"));
	assert_false(rootfs_is_symlink(&p->root, "/dev", "/proc/self/fd"));
	assert_false(rootfs_is_symlink(&p->root, "/dev/missing", ""));
}

static void knows_what_it_contains(void **state)
{
	struct place *p = *state;
	auto_close int deep = -1, outside = -1;
	struct rootfs other = { .fd = -1 };

	deep = rootfs_make_dir(&p->root, "a/b/c", 0755, 0);
	outside = openat(p->base_fd, "outside", O_RDONLY | O_DIRECTORY);
	assert_true(rootfs_contains(&p->root, p->root.fd));
	assert_true(rootfs_contains(&p->root, deep));
	assert_false(rootfs_contains(&p->root, outside));
	assert_false(rootfs_contains(&p->root, p->base_fd));
	assert_false(rootfs_contains(&other, deep));
}

static void refuses_long_names(void **state)
{
	struct place *p = *state;
	char name[300], path[5000];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = i % 2 ? 'x' : '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(rootfs_make_dir(&p->root, name, 0755, 0), -ENAMETOOLONG);
	assert_int_equal(rootfs_make_file(&p->root, name, 0755, 0), -ENAMETOOLONG);
	assert_int_equal(rootfs_make_dir(&p->root, path, 0755, 0), -ENAMETOOLONG);
	assert_int_equal(rootfs_make_file(&p->root, path, 0755, 0), -ENAMETOOLONG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(opens_inside),
		TEST(refuses_links_where_asked),
		TEST(never_opens_devices_or_fifos),
		TEST(makes_directories),
		TEST(makes_nothing_through_dangling_links),
		TEST(follows_dangling_links),
		TEST(follows_no_link_behind_its_back),
		TEST(makes_nothing_where_it_may_not),
		TEST(makes_files),
		TEST(makes_nodes),
		TEST(makes_links),
		TEST(knows_what_it_contains),
		TEST(refuses_long_names),
	};

	return cmocka_run_group_tests_name("rootfs", tests, NULL, NULL);
}
