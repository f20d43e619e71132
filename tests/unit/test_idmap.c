// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_idmap.c - id maps as the kernel shows them afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/idmap.h"
#include "kernel/proc.h"
#include "unit.h"

static int procfs = -1;

static const struct id_range two[] = { { 0, 100000, 1000 }, { 5000, 300000, 1 } };

static void outside(void **state)
{
	static const struct id_range edge[] = { { 10, 0xfffffff0, 15 }, { 4294967290u, 7, 5 } };

	(void)state;
	assert_int_equal(idmap_outside(two, 2, 0), 100000);
	assert_int_equal(idmap_outside(two, 2, 999), 100999);
	assert_int_equal(idmap_outside(two, 2, 1000), -1);
	assert_int_equal(idmap_outside(two, 2, 5000), 300000);
	assert_int_equal(idmap_outside(two, 2, 5001), -1);
	assert_int_equal(idmap_outside(two, 0, 0), -1);
	assert_true(idmap_outside(edge, 2, 24) == 0xfffffffe);
	assert_int_equal(idmap_outside(edge, 2, 25), -1);
	assert_int_equal(idmap_outside(edge, 2, 4294967294u), 11);
	assert_int_equal(idmap_outside(edge, 2, 4294967295u), -1);
}

/* A child in a new user namespace; -1 where that is refused. */
static pid_t new_user_namespace(void)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(ready[0]);
		byte = unshare(CLONE_NEWUSER) == 0;
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody */
		(void)!write(ready[1], &byte, 1);
		(void)close(ready[1]);
		for (;;)
			(void)pause();
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	if (byte)
		return pid;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	return -1;
}

static void end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static bool shows(pid_t pid, const char *file, const char *wanted)
{
	auto_free char *text = NULL;
	char path[64], words[256] = "";
	unsigned a, b, c;
	int used;

	snprintf(path, sizeof(path), "%d/%s", (int)pid, file);
	if (proc_read(procfs, path, &text) < 0)
		return false;
	for (const char *at = text; sscanf(at, "%u %u %u%n", &a, &b, &c, &used) == 3; at += used)
		snprintf(words + strlen(words), sizeof(words) - strlen(words), "%u %u %u,", a, b, c);
	return strcmp(words, wanted) == 0;
}

static void written(void **state)
{
	pid_t pid = geteuid() == 0 ? new_user_namespace() : -1;

	(void)state;
	if (pid < 0)
		skip();
	assert_int_equal(idmap_write(procfs, pid, two, 2, two, 1), 0);
	assert_true(shows(pid, "uid_map", "0 100000 1000,5000 300000 1,"));
	assert_true(shows(pid, "gid_map", "0 100000 1000,"));
	/* A second time the kernel refuses. */
	assert_true(idmap_write(procfs, pid, two, 1, two, 1) < 0);
	end(pid);
}

static void refused(void **state)
{
	static const struct id_range overlap[] = { { 0, 100000, 10 }, { 5, 200000, 10 } };
	static const struct id_range empty[] = { { 0, 100000, 0 } };
	pid_t pid = geteuid() == 0 ? new_user_namespace() : -1;

	(void)state;
	if (pid < 0)
		skip();
	assert_int_equal(idmap_write(procfs, pid, overlap, 2, two, 1), -EINVAL);
	end(pid);
	pid = new_user_namespace();
	assert_int_equal(idmap_write(procfs, pid, empty, 1, two, 1), -EINVAL);
	end(pid);
	assert_int_equal(idmap_write(procfs, pid, two, 1, two, 1), -ENOENT);
}

/* Without any right outside: his own uid and gid, and setgroups denied. */
static int unprivileged(void)
{
	const struct id_range own = { 0, 1000, 1 }, foreign = { 0, 1001, 1 };
	pid_t pid;

	if (setgid(1000) < 0 || setuid(1000) < 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return 1;
	pid = new_user_namespace();
	if (pid < 0)
		return 77;
	/* By himself, not by newgidmap(1). */
	if (setenv("PATH", "/nonexistent", 1) < 0 || idmap_write(procfs, pid, &own, 1, &own, 1) != 0)
		return 2;
	if (!shows(pid, "uid_map", "0 1000 1,") || !shows(pid, "gid_map", "0 1000 1,"))
		return 4;
	end(pid);
	pid = new_user_namespace();
	/* Neither allowed nor in /etc/subgid, or newgidmap is not there. */
	if (idmap_write(procfs, pid, &foreign, 1, &foreign, 1) != -EPERM)
		return 3;
	end(pid);
	return 0;
}

static void own_ids(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(unprivileged());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void for_mounts(void **state)
{
	auto_close int ns = -1, none = -1;
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	ns = idmap_namespace(procfs, two, 2, two, 2);
	if (ns == -EPERM || ns == -ENOSPC)
		skip();
	assert_true(ns >= 0);
	assert_int_equal(fcntl(ns, F_GETFD), FD_CLOEXEC);
	pid = fork();
	if (pid == 0) {
		if (setns(ns, CLONE_NEWUSER) < 0)
			_exit(1);
		_exit(shows(getpid(), "uid_map", "0 100000 1000,5000 300000 1,") ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD); /* no helper is left */
	none = idmap_namespace(procfs, two, 0, two, 0);
	assert_true(none < 0);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static int set_up(void **state)
{
	(void)state;
	procfs = proc_open_private(NULL);
	return procfs < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outside), cmocka_unit_test(written),	 cmocka_unit_test(refused),
		cmocka_unit_test(own_ids), cmocka_unit_test(for_mounts),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
