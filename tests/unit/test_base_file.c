// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_base_file.c - whole files below a directory descriptor; nothing leads out of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "unit.h"

static char path[] = "/tmp/test_base_file.XXXXXX";
static int dir = -1;

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(path))
		return -1;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)fd_close(dir);
	return rmdir(path); /* each test leaves nothing */
}

static void names(void **state)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "/", "/etc/passwd", "../x" };
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(file_open_at(dir, bad[i], O_RDONLY, 0), -EINVAL);
		assert_int_equal(file_read_at(dir, bad[i], 10, &text, NULL), -EINVAL);
		assert_int_equal(file_write_at(dir, bad[i], "x"), -EINVAL);
		assert_int_equal(file_replace_at(dir, bad[i], "x", 1, 0644), -EINVAL);
		assert_int_equal(file_remove_at(dir, bad[i]), -EINVAL);
		assert_int_equal(file_make_dir_at(dir, bad[i], 0755), -EINVAL);
		assert_int_equal(file_remove_tree_at(dir, bad[i]), -EINVAL);
	}
}

static void reading(void **state)
{
	enum { SIZE = 50000 };
	auto_free char *big = malloc(SIZE), *text = NULL, *again = NULL, *none = NULL;
	size_t size;

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		big[i] = (char)('a' + i % 26);
	assert_int_equal(file_replace_at(dir, "big", big, SIZE, 0600), 0);
	assert_int_equal(file_read_at(dir, "big", SIZE, &text, &size), 0);
	assert_int_equal(size, SIZE);
	assert_memory_equal(text, big, SIZE);
	assert_int_equal(text[SIZE], '\0');
	assert_int_equal(file_read_at(dir, "big", SIZE - 1, &again, &size), -EFBIG);
	assert_null(again);
	assert_int_equal(file_replace_at(dir, "big", "", 0, 0600), 0);
	assert_int_equal(file_read_at(dir, "big", 0, &none, &size), 0);
	assert_int_equal(size, 0);
	assert_string_equal(none, "");
	assert_int_equal(file_remove_at(dir, "big"), 0);
	assert_int_equal(file_remove_at(dir, "big"), 0);
	assert_int_equal(file_read_at(dir, "big", 10, &again, NULL), -ENOENT);
}

static void endless(void **state)
{
	auto_close int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	char *text;

	(void)state;
	assert_int_equal(file_read(zero, 1 << 20, &text, NULL), -EFBIG);
}

static void links(void **state)
{
	auto_free char *text = NULL;

	(void)state;
	assert_int_equal(symlinkat("/etc/hostname", dir, "link"), 0);
	assert_int_equal(file_read_at(dir, "link", 100, &text, NULL), -ELOOP);
	assert_int_equal(file_write_at(dir, "link", "x"), -ELOOP);
	/* Replaced is the link, not what it names. */
	assert_int_equal(file_replace_at(dir, "link", "new", 3, 0644), 0);
	assert_int_equal(file_read_at(dir, "link", 100, &text, NULL), 0);
	assert_string_equal(text, "new");
	assert_int_equal(file_remove_at(dir, "link"), 0);
}

static size_t count_entries(void)
{
	DIR *stream = opendir(path);
	size_t n = 0;

	while (readdir(stream))
		n++;
	(void)closedir(stream);
	return n - 2;
}

static void replacing(void **state)
{
	mode_t mask = umask(0027);
	struct stat st;
	auto_free char *text = NULL;
	char left[64];
	int fd;

	(void)state;
	/* A file that a process of our number left behind is no obstacle, nor is it followed. */
	snprintf(left, sizeof(left), ".name.%d", (int)getpid());
	assert_int_equal(symlinkat("/nowhere/x", dir, left), 0);
	assert_int_equal(file_replace_at(dir, "name", "one", 3, 0666), 0);
	assert_int_equal(fstatat(dir, "name", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	/* Who has the old file open keeps the old text. */
	fd = file_open_at(dir, "name", O_RDONLY, 0);
	assert_int_equal(file_replace_at(dir, "name", "two", 3, 0666), 0);
	assert_int_equal(file_read(fd, 10, &text, NULL), 0);
	assert_string_equal(text, "one");
	(void)fd_close(fd);
	assert_int_equal(count_entries(), 1);
	assert_int_equal(file_remove_at(dir, "name"), 0);
	(void)umask(mask);
}

static void failing_replace(void **state)
{
	char longest[260];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[250] = '\0';
	assert_int_equal(file_replace_at(dir, longest, "x", 1, 0644), -EINVAL);
	/* A directory in the way: an error, and no temporary file is left. */
	(void)fd_close(file_make_dir_at(dir, "sub", 0700));
	assert_int_equal(file_replace_at(dir, "sub", "x", 1, 0644), -EISDIR);
	assert_int_equal(count_entries(), 1);
	assert_int_equal(file_make_dir_at(dir, "sub", 0700), -EEXIST);
	assert_int_equal(file_remove_at(dir, "sub"), 0);
}

static void trees(void **state)
{
	auto_close int tree = -1, sub = -1;

	(void)state;
	tree = file_make_dir_at(dir, "tree", 0700);
	sub = file_make_dir_at(tree, "sub", 0700);
	assert_true(tree >= 0 && sub >= 0);
	assert_int_equal(file_replace_at(sub, "file", "x", 1, 0600), 0);
	assert_int_equal(symlinkat("/etc", sub, "etc"), 0);
	assert_int_equal(symlinkat("..", sub, "up"), 0);
	assert_int_equal(mkfifoat(sub, "fifo", 0600), 0);
	for (int i = 0; i < 300; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%d", i);
		assert_int_equal(file_replace_at(tree, name, "x", 1, 0600), 0);
	}
	assert_int_equal(file_remove_at(dir, "tree"), -ENOTEMPTY);
	assert_int_equal(file_remove_tree_at(dir, "tree"), 0);
	assert_int_equal(file_remove_tree_at(dir, "tree"), 0);
	assert_int_equal(access("/etc/passwd", F_OK), 0);
	sub = fd_close(sub);
	tree = fd_close(tree);
	tree = file_make_dir_at(dir, "tree", 0700);
	sub = file_open_at(dir, "tree", O_PATH | O_DIRECTORY, 0);
	assert_true(tree >= 0 && sub >= 0);
	assert_int_equal(file_remove_tree_at(dir, "tree"), 0);
	/* A link as the tree itself is removed as a link. */
	assert_int_equal(symlinkat("/etc", dir, "link"), 0);
	assert_int_equal(file_remove_tree_at(dir, "link"), 0);
	assert_int_equal(access("/etc/passwd", F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names), cmocka_unit_test(reading),   cmocka_unit_test(endless),
		cmocka_unit_test(links), cmocka_unit_test(replacing), cmocka_unit_test(failing_replace),
		cmocka_unit_test(trees),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
