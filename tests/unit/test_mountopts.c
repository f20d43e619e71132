// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_mountopts.c - each word of the spec's table does what the table says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/mount.h>
#include <string.h>

#include "kernel/mountopts.h"

static struct mount_options read_words(const char *a, const char *b, const char *c)
{
	const char *words[3];
	struct mount_options o;
	size_t n = 0;

	for (size_t i = 0; i < 3; i++) {
		const char *word = i == 0 ? a : i == 1 ? b : c;

		if (word)
			words[n++] = word;
	}
	assert_int_equal(mount_options_read(words, n, &o), 0);
	return o;
}

enum place { OWN, REC, SUP };

/* Written from the spec's table, not from ours. */
static const struct {
	const char *word;
	enum place place;
	uint64_t set, clear;
} expected[] = {
	{ "async", SUP, 0, MS_SYNCHRONOUS },
	{ "atime", OWN, 0, MOUNT_ATTR__ATIME },
	{ "dev", OWN, 0, MOUNT_ATTR_NODEV },
	{ "diratime", OWN, 0, MOUNT_ATTR_NODIRATIME },
	{ "dirsync", SUP, MS_DIRSYNC, 0 },
	{ "exec", OWN, 0, MOUNT_ATTR_NOEXEC },
	{ "iversion", SUP, MS_I_VERSION, 0 },
	{ "lazytime", SUP, MS_LAZYTIME, 0 },
	{ "loud", SUP, 0, MS_SILENT },
	{ "mand", SUP, MS_MANDLOCK, 0 },
	{ "noatime", OWN, MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME },
	{ "nodev", OWN, MOUNT_ATTR_NODEV, 0 },
	{ "nodiratime", OWN, MOUNT_ATTR_NODIRATIME, 0 },
	{ "noexec", OWN, MOUNT_ATTR_NOEXEC, 0 },
	{ "noiversion", SUP, 0, MS_I_VERSION },
	{ "nolazytime", SUP, 0, MS_LAZYTIME },
	{ "nomand", SUP, 0, MS_MANDLOCK },
	{ "norelatime", OWN, 0, 0 },
	{ "nostrictatime", OWN, 0, MOUNT_ATTR__ATIME },
	{ "nosuid", OWN, MOUNT_ATTR_NOSUID, 0 },
	{ "nosymfollow", OWN, MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "ratime", REC, 0, MOUNT_ATTR__ATIME },
	{ "rdev", REC, 0, MOUNT_ATTR_NODEV },
	{ "rdiratime", REC, 0, MOUNT_ATTR_NODIRATIME },
	{ "relatime", OWN, 0, MOUNT_ATTR__ATIME },
	{ "rexec", REC, 0, MOUNT_ATTR_NOEXEC },
	{ "rnoatime", REC, MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME },
	{ "rnodev", REC, MOUNT_ATTR_NODEV, 0 },
	{ "rnodiratime", REC, MOUNT_ATTR_NODIRATIME, 0 },
	{ "rnoexec", REC, MOUNT_ATTR_NOEXEC, 0 },
	{ "rnorelatime", REC, 0, MOUNT_ATTR__ATIME },
	{ "rnostrictatime", REC, 0, MOUNT_ATTR__ATIME },
	{ "rnosuid", REC, MOUNT_ATTR_NOSUID, 0 },
	{ "rnosymfollow", REC, MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "rrelatime", REC, 0, MOUNT_ATTR__ATIME },
	{ "rro", REC, MOUNT_ATTR_RDONLY, 0 },
	{ "rrw", REC, 0, MOUNT_ATTR_RDONLY },
	{ "rstrictatime", REC, MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME },
	{ "rsuid", REC, 0, MOUNT_ATTR_NOSUID },
	{ "rsymfollow", REC, 0, MOUNT_ATTR_NOSYMFOLLOW },
	{ "silent", SUP, MS_SILENT, 0 },
	{ "strictatime", OWN, MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME },
	{ "suid", OWN, 0, MOUNT_ATTR_NOSUID },
	{ "symfollow", OWN, 0, MOUNT_ATTR_NOSYMFOLLOW },
	{ "sync", SUP, MS_SYNCHRONOUS, 0 },
};

static void each_flag(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct mount_options o = read_words(expected[i].word, NULL, NULL);
		enum place place = expected[i].place;

		print_message("# %s\n", expected[i].word);
		assert_int_equal(o.attr_set, place == OWN ? expected[i].set : 0);
		assert_int_equal(o.attr_clear, place == OWN ? expected[i].clear : 0);
		assert_int_equal(o.recursive_attr_set, place == REC ? expected[i].set : 0);
		assert_int_equal(o.recursive_attr_clear, place == REC ? expected[i].clear : 0);
		assert_int_equal(o.super_set, place == SUP ? expected[i].set : 0);
		assert_int_equal(o.super_clear, place == SUP ? expected[i].clear : 0);
		assert_int_equal(o.n_data, 0);
		assert_int_equal(o.propagation, 0);
		assert_false(o.bind || o.remount);
	}
}

static void read_only(void **state)
{
	struct mount_options o = read_words("ro", NULL, NULL);

	(void)state;
	assert_int_equal(o.attr_set, MOUNT_ATTR_RDONLY);
	assert_int_equal(o.super_set, MS_RDONLY);
	o = read_words("ro", "rw", NULL);
	assert_int_equal(o.attr_set, 0);
	assert_int_equal(o.attr_clear, MOUNT_ATTR_RDONLY);
	assert_int_equal(o.super_set, 0);
	assert_int_equal(o.super_clear, MS_RDONLY);
	o = read_words("rw", "ro", NULL);
	assert_int_equal(o.attr_set, MOUNT_ATTR_RDONLY);
	assert_int_equal(o.attr_clear, 0);
}

static void last_word_wins(void **state)
{
	struct mount_options o = read_words("noatime", "strictatime", NULL);

	(void)state;
	assert_int_equal(o.attr_set, MOUNT_ATTR_STRICTATIME);
	assert_int_equal(o.attr_clear, MOUNT_ATTR__ATIME);
	o = read_words("strictatime", "relatime", NULL);
	assert_int_equal(o.attr_set, 0);
	assert_int_equal(o.attr_clear, MOUNT_ATTR__ATIME);
	o = read_words("noatime", "atime", NULL);
	assert_int_equal(o.attr_set, 0);
	o = read_words("strictatime", "atime", NULL); /* undoes noatime only */
	assert_int_equal(o.attr_set, MOUNT_ATTR_STRICTATIME);
	o = read_words("strictatime", "nostrictatime", NULL);
	assert_int_equal(o.attr_set, 0);
	o = read_words("nosuid", "suid", "nosuid");
	assert_int_equal(o.attr_set, MOUNT_ATTR_NOSUID);
	assert_int_equal(o.attr_clear, 0);
	o = read_words("sync", "async", NULL);
	assert_int_equal(o.super_set, 0);
	assert_int_equal(o.super_clear, MS_SYNCHRONOUS);
	/* Their values are bits of the access-time mode as well, which is another thing. */
	o = read_words("async", "sync", NULL);
	assert_int_equal(o.super_set, MS_SYNCHRONOUS);
	assert_int_equal(o.super_clear, 0);
	o = read_words("nomand", "mand", NULL);
	assert_int_equal(o.super_set, MS_MANDLOCK);
	assert_int_equal(o.super_clear, 0);
}

/* Of two words, what the second one says of a flag is in force, and nothing is both set and cleared. */
static void last_word_wins_of_all(void **state)
{
	(void)state;
	for (size_t i = 0; mount_option_name(i); i++)
		for (size_t k = 0; mount_option_name(k); k++) {
			struct mount_options both = read_words(mount_option_name(i), mount_option_name(k), NULL);
			struct mount_options last = read_words(mount_option_name(k), NULL, NULL);
			const uint64_t atime = MOUNT_ATTR__ATIME;

			assert_int_equal(both.super_set & both.super_clear, 0);
			assert_int_equal(both.attr_set & both.attr_clear & ~atime, 0);
			assert_int_equal(both.recursive_attr_set & both.recursive_attr_clear & ~atime, 0);
			assert_int_equal(both.super_set & last.super_set, last.super_set);
			assert_int_equal(both.super_clear & last.super_clear, last.super_clear);
			assert_int_equal(both.attr_set & last.attr_set, last.attr_set);
			assert_int_equal(both.attr_clear & last.attr_clear, last.attr_clear);
			assert_int_equal(both.recursive_attr_set & last.recursive_attr_set, last.recursive_attr_set);
			assert_int_equal(both.recursive_attr_clear & last.recursive_attr_clear, last.recursive_attr_clear);
		}
}

static void binds(void **state)
{
	struct mount_options o = read_words("bind", NULL, NULL);

	(void)state;
	assert_true(o.bind && !o.recursive);
	o = read_words("rbind", "bind", NULL);
	assert_true(o.bind && o.recursive);
	o = read_words("remount", "bind", "ro");
	assert_true(o.bind && o.remount);
	o = read_words("defaults", NULL, NULL);
	assert_true(!o.bind && !o.remount && !o.attr_set && !o.super_set && !o.n_data);
}

static void propagation(void **state)
{
	static const struct {
		const char *word;
		uint64_t flag;
	} words[] = { { "private", MS_PRIVATE },
		      { "shared", MS_SHARED },
		      { "slave", MS_SLAVE },
		      { "unbindable", MS_UNBINDABLE } };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct mount_options o = read_words("rprivate", words[i].word, NULL);
		char recursive[32] = "r";

		assert_int_equal(o.propagation, words[i].flag);
		assert_false(o.propagation_recursive);
		o = read_words(strcat(recursive, words[i].word), NULL, NULL);
		assert_int_equal(o.propagation, words[i].flag);
		assert_true(o.propagation_recursive);
	}
}

static void switches(void **state)
{
	(void)state;
	assert_true(read_words("idmap", NULL, NULL).idmap);
	assert_true(read_words("ridmap", NULL, NULL).ridmap);
	assert_true(read_words("tmpcopyup", NULL, NULL).tmpcopyup);
	assert_true(read_words("copy-symlink", NULL, NULL).copy_symlink);
	assert_true(read_words("src-nofollow", NULL, NULL).src_nofollow);
	assert_true(read_words("dest-nofollow", NULL, NULL).dest_nofollow);
}

static void data(void **state)
{
	struct mount_options o = read_words("mode=755", "nosuid", "size=64k");

	(void)state;
	assert_int_equal(o.n_data, 2);
	assert_string_equal(o.data[0], "mode=755");
	assert_string_equal(o.data[1], "size=64k");
	mount_options_free(&o);
	assert_null(o.data);
	o = read_words("noacl", "RO", "");
	assert_int_equal(o.n_data, 2);
	mount_options_free(&o);
}

/* features prints the names, and bsearch needs the order. */
static void names_are_sorted(void **state)
{
	size_t n = 0;

	(void)state;
	for (; mount_option_name(n); n++)
		if (n > 0)
			assert_true(strcmp(mount_option_name(n - 1), mount_option_name(n)) < 0);
	assert_int_equal(n, 65);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		size_t found = 0;

		for (size_t k = 0; k < n; k++)
			found += strcmp(mount_option_name(k), expected[i].word) == 0;
		assert_int_equal(found, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_flag), cmocka_unit_test(read_only),        cmocka_unit_test(last_word_wins),
		cmocka_unit_test(binds),     cmocka_unit_test(propagation),      cmocka_unit_test(switches),
		cmocka_unit_test(data),      cmocka_unit_test(names_are_sorted),
		cmocka_unit_test(last_word_wins_of_all),
	};

	return cmocka_run_group_tests_name("mountopts", tests, NULL, NULL);
}
