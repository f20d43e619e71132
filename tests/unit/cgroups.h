// SPDX-License-Identifier: LGPL-2.1-or-later
/* cgroups.h - for the tests of cgroup/: real cgroups below /hull-test, and processes in them. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "cgroup/private.h"
#include "kernel/sys.h"
#include "ocispec.h"

static struct error err;

#define assert_done(call)                         \
	do {                                      \
		if ((call) < 0)                   \
			fail_msg("%s", err.text); \
	} while (0)

#define assert_fails(call, error_code, words)                              \
	do {                                                               \
		assert_int_equal(call, -1);                                \
		if (err.code != (error_code) || !strstr(err.text, words))  \
			fail_msg("code %d, text: %s", err.code, err.text); \
	} while (0)

/* Path of the running test: its last name and the one before are made by it. */
static char where[128];

static inline int setup(void **state)
{
	static int count;

	(void)state;
	snprintf(where, sizeof(where), "/hull-test/unit-%d-%d/box", (int)getpid(), count++);
	return 0;
}

/* Not a test's own failure: without root, or with the hierarchies out of reach, nothing here can be made. */
static inline bool can_make(void)
{
	static int can = -1;
	struct error why;
	struct cgroup *c;

	if (can >= 0)
		return can;
	can = 0;
	if (cgroup_plan(CGROUP_FS, where, "id", &c, &why) == 0) {
		can = cgroup_create(c, &why) == 0 && cgroup_destroy(c, &why) == 0;
		cgroup_free(c);
	}
	if (!can)
		print_message("# %s\n", why.text);
	return can;
}

#define skip_unless_root()       \
	do {                     \
		if (!can_make()) \
			skip();  \
	} while (0)

static inline struct cgroup *make_at(const char *path)
{
	struct cgroup *c;

	assert_done(cgroup_plan(CGROUP_FS, path, "id", &c, &err));
	assert_done(cgroup_create(c, &err));
	return c;
}

static inline void destroy(struct cgroup *c)
{
	assert_done(cgroup_destroy(c, &err));
	cgroup_free(c);
}

/* A child in the cgroup, which says 0 or its errno through a pipe when it is there, and then does `act` (or sleeps). */
static inline pid_t spawn(struct cgroup *c, int (*act)(void))
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
		int r;

		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
		r = cgroup_join_self(c);
		byte = (char)-r;
		if (write(ready[1], &byte, 1) != 1 || r < 0)
			_exit(100);
		if (act)
			_exit(act());
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

/* Exit status of the child, 128 + N for signal N. */
static inline int status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* What act returns in the cgroup. */
static inline int run_in(struct cgroup *c, int (*act)(void))
{
	return status_of(spawn(c, act));
}

/* Text of the file in the hierarchy that has the controller ("" : the unified one). */
static inline const char *text_of(struct cgroup *c, const char *controller, const char *file)
{
	static char text[4096];
	struct hierarchy *h = *controller ? hierarchy_of(c, controller) : NULL;

	if (!h)
		h = hierarchy_unified(c);
	if (hierarchy_read(c, h, file, text, sizeof(text)) < 0)
		return "unreadable";
	return text;
}
