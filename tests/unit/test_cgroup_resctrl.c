// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_cgroup_resctrl.c - intelRdt, against a plain directory tree that stands for resctrl: few processors have it.  What the
 * kernel checks (masks, bandwidths, how many groups there can be) is not tested by this. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/resctrl.h"
#include "ocispec.h"
#include "unit.h"

static struct error err;
static char tree[64];
static int root = -1;

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int setup(void **state)
{
	(void)state;
	strcpy(tree, "/tmp/hull-resctrl.XXXXXX");
	if (!mkdtemp(tree))
		return -1;
	root = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	resctrl_stand_in = true;
	return root < 0 ? -1 : mkdirat(root, "mon_groups", 0755);
}

static int teardown(void **state)
{
	(void)state;
	close(root);
	return nftw(tree, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void put(const char *file, const char *text)
{
	int fd = openat(root, file, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const char *text_of(const char *file)
{
	static char text[1024];
	int fd = openat(root, file, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? "(none)" : text;
}

static bool is_there(const char *path)
{
	return faccessat(root, path, F_OK, 0) == 0;
}

/* The kernel removes the files with the directory; here somebody must. */
static void empty(const char *group)
{
	static const char *const files[] = { "schemata", "tasks" };
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", group, files[i]);
		(void)unlinkat(root, path, 0);
	}
	snprintf(path, sizeof(path), "%s/mon_groups", group);
	(void)unlinkat(root, path, AT_REMOVEDIR);
}

#define fails_with(call, error_code, words)                              \
	do {                                                             \
		assert_int_equal(call, -1);                              \
		if (err.code != (error_code) || !strstr(err.text, words)) \
			fail_msg("code %d: %s", err.code, err.text);     \
	} while (0)

/* ledger: rdt-01, rdt-10, rdt-11, rdt-12, rdt-14, rdt-16, rdt-21 */
static void own_group(void **state)
{
	const char *lines[] = { "L2:0=f", "MB:1=20" };
	const struct oci_intel_rdt rdt = {
		.l3_cache_schema = "L3:0=f", .mem_bw_schema = "MB:0=50", .schemata = lines, .n_schemata = 2
	};
	struct resctrl_groups groups;

	(void)state;
	if (resctrl_create(root, &rdt, "box", &groups, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(groups.made);
	assert_string_equal(groups.clos, "box");
	assert_string_equal(text_of("box/schemata"), "L3:0=f\nMB:0=50\nL2:0=f\nMB:1=20\n");
	assert_int_equal(resctrl_join(root, &groups, "box", 123, &err), 0);
	assert_string_equal(text_of("box/tasks"), "123\n");
	empty("box");
	assert_int_equal(resctrl_destroy(root, &groups, "box", &err), 0);
	assert_false(is_there("box"));
	assert_int_equal(resctrl_destroy(root, &groups, "box", &err), 0); /* twice is fine */
}

/* ledger: rdt-15, rdt-16 */
static void nothing_asked_for(void **state)
{
	const struct oci_intel_rdt rdt = { 0 };
	struct resctrl_groups groups;

	(void)state;
	assert_int_equal(resctrl_create(root, &rdt, "box", &groups, &err), 0);
	assert_true(is_there("box"));
	assert_string_equal(text_of("box/schemata"), "(none)");
}

/* Made, and left behind.  ledger: rdt-13, rdt-17, rdt-22 */
static void named_group(void **state)
{
	const struct oci_intel_rdt rdt = { .clos_id = "shared", .l3_cache_schema = "L3:0=ff" };
	struct resctrl_groups groups;

	(void)state;
	assert_int_equal(resctrl_create(root, &rdt, "box", &groups, &err), 0);
	assert_false(groups.made);
	assert_string_equal(text_of("shared/schemata"), "L3:0=ff\n");
	assert_int_equal(resctrl_destroy(root, &groups, "box", &err), 0);
	assert_true(is_there("shared"));
}

/* ledger: rdt-14, rdt-18 */
static void group_that_exists(void **state)
{
	struct oci_intel_rdt rdt = { .clos_id = "shared", .l3_cache_schema = "L3:0=f;1=00f" };
	static const char before[] = "    MB:0=100;1=100\n    L3:0=0f;1=f\n";
	const char *lines[] = { "L2:0=1" };
	struct resctrl_groups groups;

	(void)state;
	assert_int_equal(mkdirat(root, "shared", 0755), 0);
	put("shared/schemata", before);
	assert_int_equal(resctrl_create(root, &rdt, "box", &groups, &err), 0);
	assert_string_equal(text_of("shared/schemata"), before);
	rdt.mem_bw_schema = "MB:1=100";
	assert_int_equal(resctrl_create(root, &rdt, "box", &groups, &err), 0);
	rdt.mem_bw_schema = "MB:1=10";
	fails_with(resctrl_create(root, &rdt, "box", &groups, &err), ERR_STATE, "/linux/intelRdt/memBwSchema: ");
	rdt.mem_bw_schema = NULL;
	rdt.l3_cache_schema = "L3:0=f;2=f";
	fails_with(resctrl_create(root, &rdt, "box", &groups, &err), ERR_STATE, "/linux/intelRdt/l3CacheSchema: ");
	assert_true(is_there("shared"));
	/* schemata is not part of the comparison, and is written (rdt-14). */
	rdt.l3_cache_schema = NULL;
	rdt.schemata = lines;
	rdt.n_schemata = 1;
	assert_int_equal(resctrl_create(root, &rdt, "box", &groups, &err), 0);
	assert_non_null(strstr(text_of("shared/schemata"), "L2:0=1\n"));
}

/* ledger: rdt-19, rdt-20 */
static void group_without_schema(void **state)
{
	const struct oci_intel_rdt rdt = { .clos_id = "missing" };
	struct resctrl_groups groups;

	(void)state;
	fails_with(resctrl_create(root, &rdt, "box", &groups, &err), ERR_STATE, "there is no group missing");
	assert_false(is_there("missing"));
	assert_int_equal(mkdirat(root, "missing", 0755), 0);
	assert_int_equal(resctrl_create(root, &rdt, "box", &groups, &err), 0);
}

/* ledger: rdt-04, rdt-25 */
static void default_group(void **state)
{
	const struct oci_intel_rdt rdt = { .clos_id = "/", .enable_monitoring = true };
	struct resctrl_groups groups;

	(void)state;
	assert_int_equal(resctrl_create(root, &rdt, "box", &groups, &err), 0);
	assert_int_equal(resctrl_join(root, &groups, "box", 7, &err), 0);
	assert_string_equal(text_of("tasks"), "7\n");
	assert_string_equal(text_of("mon_groups/box/tasks"), "7\n");
	empty("mon_groups/box");
	assert_int_equal(resctrl_destroy(root, &groups, "box", &err), 0);
	assert_false(is_there("mon_groups/box"));
}

/* ledger: rdt-23, rdt-24, rdt-25, rdt-26 */
static void monitoring(void **state)
{
	const struct oci_intel_rdt rdt = { .clos_id = "shared", .enable_monitoring = true };
	struct resctrl_groups groups;

	(void)state;
	assert_int_equal(mkdirat(root, "shared", 0755), 0);
	fails_with(resctrl_create(root, &rdt, "box", &groups, &err), -ENOENT, "/linux/intelRdt/enableMonitoring: ");
	assert_int_equal(mkdirat(root, "shared/mon_groups", 0755), 0);
	assert_int_equal(resctrl_create(root, &rdt, "box", &groups, &err), 0);
	assert_true(is_there("shared/mon_groups/box"));
	fails_with(resctrl_create(root, &rdt, "box", &groups, &err), -EEXIST, "/linux/intelRdt/enableMonitoring: ");
	assert_int_equal(resctrl_destroy(root, &groups, "box", &err), 0);
	assert_false(is_there("shared/mon_groups/box"));
	assert_true(is_there("shared"));
}

static void bad_names(void **state)
{
	static const char *const names[] = { "", ".", "..", "a/b", "/a", "a\nb" };
	struct resctrl_groups groups;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct oci_intel_rdt rdt = { .clos_id = names[i], .l3_cache_schema = "L3:0=f" };

		fails_with(resctrl_create(root, &rdt, "box", &groups, &err), ERR_CONFIG, "/linux/intelRdt/closID: ");
	}
}

/* ledger: rdt-02 */
static void not_mounted(void **state)
{
	int fd = resctrl_open(&err);

	(void)state;
	if (fd >= 0) {
		close(fd);
		skip();
	}
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "/linux/intelRdt: no resctrl"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(own_group, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(named_group, setup, teardown),
		cmocka_unit_test_setup_teardown(group_that_exists, setup, teardown),
		cmocka_unit_test_setup_teardown(group_without_schema, setup, teardown),
		cmocka_unit_test_setup_teardown(default_group, setup, teardown),
		cmocka_unit_test_setup_teardown(monitoring, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_names, setup, teardown),
		cmocka_unit_test(not_mounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
