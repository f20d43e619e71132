// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_cgroup.c - path rules, and real cgroups below /hull-test on whatever hierarchies this host has. */
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "cgroup/private.h"
#include "kernel/sys.h"
#include "ocispec.h"

static struct error err;

#define assert_done(call)                            \
	do {                                         \
		if ((call) < 0)                      \
			fail_msg("%s", err.text);    \
	} while (0)

#define assert_fails(call, error_code, words)                                     \
	do {                                                                      \
		assert_int_equal(call, -1);                                       \
		if (err.code != (error_code) || !strstr(err.text, words))         \
			fail_msg("code %d, text: %s", err.code, err.text);        \
	} while (0)

/* ---- paths ---- */

static void refuses_invalid_paths(void **state)
{
	static const char *const bad[][2] = {
		{ "/", "empty" },	{ "//a", "empty" },	  { "/a//b", "empty" },	    { "/a/", "empty" },
		{ "/..", "\"..\"" },	{ "/a/../b", "\"..\"" },  { "../b", "\"..\"" },	    { "a/..", "\"..\"" },
		{ "/a/./b", "\"..\"" }, { "/a\nb", "control" },	  { "a:b:c", "slice:prefix:name" },
		{ "::", "slice:prefix:name" },
	};
	struct cgroup *c;
	char name[400], path[6000] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(cgroup_plan(CGROUP_FS, bad[i][0], "id", &c, &err), ERR_CONFIG, bad[i][1]);
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[257] = '\0';
	assert_fails(cgroup_plan(CGROUP_FS, name, "id", &c, &err), ERR_CONFIG, "longer than");
	while (strlen(path) < 5000)
		strcat(path, "/abcdefghij");
	assert_fails(cgroup_plan(CGROUP_FS, path, "id", &c, &err), ERR_CONFIG, "longer than");
	assert_fails(cgroup_plan(CGROUP_SYSTEMD, "a:b:c", "id", &c, &err), ERR_UNSUPPORTED,
		     "the systemd cgroup driver is not supported yet");
}

static void decides_where(void **state)
{
	static const char *const good[][2] = {
		{ NULL, "/hull/id" },	{ "", "/hull/id" },   { "/a/b", "/a/b" }, { "a/b", "/hull/a/b" },
		{ "x", "/hull/x" },	{ "/a:b:c", "/a:b:c" }, { "/...", "/..." }, { "a:b", "/hull/a:b" },
	};
	struct cgroup *c;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_done(cgroup_plan(CGROUP_FS, good[i][0], "id", &c, &err));
		assert_string_equal(cgroup_path(c), good[i][1]);
		cgroup_free(c);
	}
}

static void disabled_does_nothing(void **state)
{
	struct oci_memory memory = { .has_limit = true, .limit = 1 << 20 };
	struct oci_resources limited = { .memory = &memory };
	struct cgroup *c;
	pid_t *pids;
	size_t n;

	(void)state;
	assert_done(cgroup_plan(CGROUP_DISABLED, "/a", "id", &c, &err));
	assert_string_equal(cgroup_driver(c), "none");
	assert_done(cgroup_create(c, &err));
	assert_int_equal(cgroup_clone_fd(c), -1);
	assert_int_equal(cgroup_join_self(c), 0);
	assert_done(cgroup_apply(c, NULL, &err));
	assert_fails(cgroup_apply(c, &limited, &err), ERR_UNSUPPORTED, "/linux/resources/memory/limit");
	assert_false(cgroup_is_frozen(c));
	assert_int_equal(cgroup_pids(c, &pids, &n), 0);
	assert_int_equal(n, 0);
	free(pids);
	assert_int_equal(cgroup_kill(c, SIGKILL), 0);
	assert_done(cgroup_destroy(c, &err));
	assert_int_equal(cgroup_made(c), 0);
	cgroup_free(c);
	assert_done(cgroup_reopen("none", "", 0, &c, &err));
	cgroup_free(c);
	assert_fails(cgroup_reopen("systemd", "/a", 1, &c, &err), ERR_UNSUPPORTED, "systemd");
	assert_fails(cgroup_reopen("fs1", "/a/..", 1, &c, &err), ERR_CONFIG, "recorded");
}

/* ---- real ones ---- */

static char where[128]; /* unique path of the running test */

static int setup(void **state)
{
	static int count;

	(void)state;
	snprintf(where, sizeof(where), "/hull-test/unit-%d-%d/box", (int)getpid(), count++);
	return 0;
}

static struct cgroup *make(void)
{
	struct cgroup *c;

	assert_done(cgroup_plan(CGROUP_FS, where, "id", &c, &err));
	assert_done(cgroup_create(c, &err));
	return c;
}

/* Whether path exists in the hierarchy, by its usual place. */
static bool is_there(struct cgroup *c, struct hierarchy *h, const char *path)
{
	auto_close int root = hierarchy_root(c, h);

	assert_true(root >= 0);
	return faccessat(root, path + 1, F_OK, 0) == 0;
}

static void assert_gone(struct cgroup *c, const char *path)
{
	for (size_t i = 0; i < c->n; i++)
		if (is_there(c, &c->hierarchies[i], path))
			fail_msg("%s is still there in %s", path, c->hierarchies[i].name);
}

/* A child in the cgroup that sleeps; its pid. */
static pid_t spawn(struct cgroup *c)
{
	int fd = cgroup_clone_fd(c), ready[2];
	struct clone_args args = { .exit_signal = SIGCHLD };
	char byte;
	pid_t pid;

	if (fd >= 0) {
		args.flags = CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)fd;
	}
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = sys_clone3(&args);
	if (pid == 0) {
		int r = cgroup_join_self(c);

		byte = (char)-r;
		if (write(ready[1], &byte, 1) != 1 || r < 0)
			_exit(1);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 0);
	close(ready[0]);
	return pid;
}

static void assert_member(pid_t pid, const char *path)
{
	char place[64], line[512], *at;
	FILE *file;

	snprintf(place, sizeof(place), "/proc/%d/cgroup", (int)pid);
	file = fopen(place, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		at = strchr(strchr(line, ':') + 1, ':') + 1;
		assert_string_equal(at, path);
	}
	fclose(file);
}

static void creates_joins_destroys(void **state)
{
	struct cgroup *c = make(), *again;
	char parent[128], driver[16];
	pid_t pid = spawn(c), *pids;
	int status, made;
	size_t n;

	(void)state;
	assert_member(pid, where);
	assert_int_equal(cgroup_pids(c, &pids, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(pids[0], pid);
	free(pids);
	assert_false(cgroup_is_frozen(c));

	/* a later command: all from the record */
	snprintf(driver, sizeof(driver), "%s", cgroup_driver(c));
	made = cgroup_made(c);
	cgroup_free(c);
	assert_done(cgroup_reopen(driver, where, made, &again, &err));
	assert_int_equal(cgroup_pids(again, &pids, &n), 0);
	assert_int_equal(n, 1);
	free(pids);
	assert_done(cgroup_destroy(again, &err)); /* kills */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_gone(again, where);
	snprintf(parent, sizeof(parent), "%.*s", (int)(strlen(where) - 4), where);
	assert_gone(again, parent);
	assert_done(cgroup_destroy(again, &err)); /* twice */
	cgroup_free(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_invalid_paths),
		cmocka_unit_test(decides_where),
		cmocka_unit_test(disabled_does_nothing),
		cmocka_unit_test_setup(creates_joins_destroys, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
