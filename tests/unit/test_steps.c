// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_steps.c - the order of init's steps, as pairs that must never be exchanged. */
#include <string.h>

#include "init/plan.h"
#include "init/steps.h"
#include "unit.h"

static const struct {
	const char *first, *then, *why;
} pairs[] = {
	{ "oom-score", "undumpable", "an undumpable process's /proc/self belongs to root" },
	{ "oom-score", "user-ns", "host rights are needed" },
	{ "undumpable", "join", "a joined namespace must not see a traceable process" },
	{ "join", "user-ns", "" },
	{ "user-ns", "new-ns", "the other namespaces belong to the user namespace" },
	{ "new-ns", "time", "offsets are written into the new namespace" },
	{ "time", "fork", "before a process is inside" },
	{ "fork", "session", "the child is the leader" },
	{ "fork", "cgroup-ns", "" },
	{ "cgroup-ns", "mounts", "a cgroup mount shows the namespace's root" },
	{ "root-tree", "mounts", "" },
	{ "mounts", "devices", "/dev is a mount" },
	{ "mounts", "terminal", "devpts is a mount" },
	{ "devices", "terminal", "/dev exists" },
	{ "mounts", "hooks", "hooks see the mounts" },
	{ "hooks", "create-hooks", "createContainer comes after createRuntime" },
	{ "create-hooks", "pivot", "their paths are the host's" },
	{ "ready", "start-hooks", "they belong to start" },
	{ "start-hooks", "rlimits", "a hook has room to work" },
	{ "user", "listener", "its thread has the program's rights, not init's" },
	{ "ready", "listener", "start connects to the listener, not create" },
	{ "listener", "rlimits", "a thread needs room" },
	{ "rlimits", "exec", "" },
	{ "terminal", "pivot", "/dev/console is bound below the root's descriptor" },
	{ "pivot", "masks", "nothing of the host is in reach" },
	{ "sysctl", "masks", "/proc/sys becomes read-only" },
	{ "mounts", "read-only", "mount points are made" },
	{ "pivot", "make-cwd", "it may lie on a mount" },
	{ "make-cwd", "read-only", "it is made where it is missing" },
	{ "terminal", "stdio", "" },
	{ "masks", "root-options", "read-only paths are bound while everything is private" },
	{ "masks", "user", "mounting needs rights" },
	{ "no-new-privs", "user", "" },
	{ "cwd", "user", "" },
	{ "user", "cwd-again", "as the process's user" },
	{ "user", "find-executable", "as the process's user" },
	{ "environment", "find-executable", "PATH" },
	{ "seccomp-program", "join", "" },
	{ "security-modules", "join", "nothing is made yet" },
	{ "create-hooks", "labels", "hooks of the host are not confined" },
	{ "masks", "labels", "" },
	{ "masks", "landlock", "its paths are those of the finished file system" },
	{ "landlock", "user", "its paths are looked up with init's rights" },
	{ "labels", "no-new-privs", "a profile may be refused under them" },
	{ "labels", "user", "the policy may want rights" },
	{ "labels", "start-hooks", "these are confined as the program is" },
	{ "fork", "scheduling", "a deadline process may not fork, and a flag resets the policy of children" },
	{ "cgroup-ns", "memory-policy", "nodes are those of the cpuset" },
	{ "scheduling", "ready", "the runtime answers until then" },
	{ "undumpable", "join-container", "a joined namespace must not see a traceable process" },
	{ "seccomp-program", "join-container", "" },
	{ "oom-score", "join-container", "host rights are needed" },
	{ "join-container", "terminal", "devpts is the container's" },
	{ "user", "enter", "what is in reach of the container has no more rights than the program" },
	{ "cwd-again", "enter", "" },
	{ "find-executable", "enter", "a missing program never was a process of the container" },
	{ "close-fds", "enter", "" },
	{ "enter", "own-session", "the process that stays is the leader" },
	{ "own-session", "exec", "" },
	{ "enter", "rlimits", "a limit of processes would count the fork" },
	{ "enter", "scheduling", "the same" },
	{ "find-executable", "ready", "a missing program is a create error" },
	{ "close-fds", "ready", "" },
	{ "ready", "exec", "" },
};

static size_t position(const char *name)
{
	for (size_t i = 0; i < n_init_steps; i++)
		if (strcmp(init_steps[i].name, name) == 0)
			return i;
	fail_msg("no step %s", name);
	return 0;
}

static void order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (position(pairs[i].first) >= position(pairs[i].then))
			fail_msg("%s must come before %s: %s", pairs[i].first, pairs[i].then, pairs[i].why);
}

static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_init_steps; i++) {
		assert_non_null(init_steps[i].run);
		assert_true(init_steps[i].when & IN_BOTH);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(init_steps[i].name, init_steps[k].name);
	}
}

static void every_step_has_a_plan(void **state)
{
	(void)state;
	if (plan_missing_step())
		fail_msg("step %s has no row in init/plan_*.c: --dry-run would not tell of it", plan_missing_step());
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(order), cmocka_unit_test(rows),
					    cmocka_unit_test(every_step_has_a_plan) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
