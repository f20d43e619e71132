// SPDX-License-Identifier: LGPL-2.1-or-later
/* steps.c - THE step table: everything that the re-exec'd init does, in order, and the runner.
 *
 * The order is the security model.  Why a row stands where it stands is said on the row; the pairs that
 * must never be exchanged are checked by tests/unit/test_steps.c. */
#include "init/steps.h"

#include <stdio.h>

#include "base/trace.h"

const struct step init_steps[] = {
	/* name, when, run */

	/* What this host cannot apply is said before anything is made. */
	{ "security-modules", IN_BOTH, step_security_modules },
	/* While /proc/self still belongs to the caller (an undumpable process's files are root's), and while host
	 * rights are there: lowering the score needs CAP_SYS_RESOURCE outside. */
	{ "oom-score", IN_BOTH | NEEDS_PROCESS, step_oom_score },
	/* Before anything of the container is near: a dumpable process could be traced from a namespace it joins. */
	{ "undumpable", IN_BOTH, step_undumpable },

	/* Read while descriptors and files may still be used freely. */
	{ "seccomp-program", IN_BOTH | NEEDS_PROCESS, step_seccomp_program },
	{ "join", IN_CREATE, step_join },
	{ "join-container", IN_EXEC, step_join_container },
	/* Rights over every other new namespace come from the user namespace that owns it: it is first. */
	{ "user-ns", IN_CREATE, step_user_namespace },
	{ "join-inside", IN_CREATE, step_join_inside },
	{ "new-ns", IN_CREATE, step_new_namespaces },
	/* Offsets can be written only while no process is in the time namespace: before the fork enters it. */
	{ "time", IN_CREATE, step_time },
	/* A new or joined pid (and time) namespace holds children only. */
	{ "fork", IN_CREATE, step_fork },
	{ "session", IN_CREATE, step_session },
	{ "keyring", IN_BOTH | NEEDS_PROCESS, step_keyring },
	/* Its root is the cgroup that the process is in at this moment: after every join. */
	{ "cgroup-ns", IN_CREATE, step_cgroup_namespace },
	{ "network", IN_CREATE, step_network },

	{ "root-tree", IN_CREATE, step_root_tree },
	{ "mounts", IN_CREATE, step_mounts },
	{ "notify", IN_CREATE | NEEDS_PROCESS, step_notify },
	/* After the mounts: /dev is usually one of them. */
	{ "devices", IN_CREATE, step_devices },
	/* From the container's own devpts; /dev/console is bound while the root is not yet read-only. */
	{ "terminal", IN_BOTH | NEEDS_PROCESS, step_terminal },
	/* The environment exists; the host's tree is still in reach (hook-pre-03, hook-crt-03, hook-cct-03). */
	{ "hooks", IN_CREATE, step_hooks },
	{ "create-hooks", IN_CREATE, step_create_hooks },
	{ "pivot", IN_CREATE, step_pivot },
	{ "names", IN_CREATE, step_names },
	/* Before the masks and read-only paths, which usually cover /proc/sys. */
	{ "sysctl", IN_CREATE, step_sysctl },
	{ "make-cwd", IN_CREATE | NEEDS_PROCESS, step_make_cwd },
	/* After everything that makes mount points and directories. */
	{ "read-only", IN_CREATE, step_read_only },
	{ "masks", IN_CREATE, step_masks },
	/* After the last mount: a shared root would make peers of the masks, an unbindable one cannot be bound over. */
	{ "root-options", IN_CREATE, step_root_options },
	{ "stdio", IN_BOTH | NEEDS_PROCESS, step_stdio },
	/* By way of the private procfs, behind whatever init executes on the host, and before no_new_privs, under which a
	 * profile may be refused. */
	{ "labels", IN_BOTH | NEEDS_PROCESS, step_labels },
	/* Its paths are looked up with all of init's rights, in the finished file system; in force it is before the filter. */
	{ "landlock", IN_BOTH | NEEDS_PROCESS, step_landlock },
	{ "no-new-privs", IN_BOTH | NEEDS_PROCESS, step_no_new_privileges },
	{ "cwd", IN_BOTH | NEEDS_PROCESS, step_cwd_try },
	{ "user", IN_BOTH | NEEDS_PROCESS, step_user },
	/* Again where root may not enter (a 0700 directory on NFS or of another user). */
	{ "cwd-again", IN_BOTH | NEEDS_PROCESS, step_cwd_again },
	{ "environment", IN_BOTH | NEEDS_PROCESS, step_environment },
	/* As the user of the process: what it may not execute must fail now, not at start. */
	{ "find-executable", IN_BOTH | NEEDS_PROCESS, step_find_executable },
	{ "close-fds", IN_BOTH, step_close_fds },
	{ "memory-policy", IN_BOTH | NEEDS_PROCESS, step_memory_policy },
	{ "personality", IN_BOTH | NEEDS_PROCESS, step_personality },
	/* Until here exec works outside of the container's pid namespace: no process in there, with whatever capabilities, can
	 * see it, trace it or look at its descriptors.  What enters has no right left that the program will not have. */
	{ "enter", IN_EXEC, step_enter },
	/* The leader of a session must be the process that stays. */
	{ "own-session", IN_EXEC, step_own_session },
	/* Nothing of init runs under it but the wait for start; behind every fork, which a deadline process may not. */
	{ "scheduling", IN_BOTH | NEEDS_PROCESS, step_scheduling },
	{ "ready", IN_CREATE, step_ready },
	{ "start-hooks", IN_CREATE, step_start_hooks },
	/* A thread, while there is room for one: before the limits.  With the user's rights, not init's. */
	{ "listener", IN_BOTH | NEEDS_PROCESS, step_listener },
	/* Nothing of init may run under the program's limits; at READY the runtime has raised those that need it. */
	{ "rlimits", IN_BOTH | NEEDS_PROCESS, step_rlimits },
	{ "exec", IN_BOTH, step_exec },
};

const size_t n_init_steps = sizeof(init_steps) / sizeof(init_steps[0]);

/* What is lost changes nothing. */
static void send_span(struct init *in, const struct step *step, bool failed)
{
	struct message message = { .type = MSG_TRACE };
	char text[TRACE_TEXT_MAX];

	trace_format(text, step->name, failed, in->step_began);
	(void)snprintf(message.text, sizeof(message.text), "%s", text);
	(void)message_send(in->channel, &message, NULL, 0);
}

static int run_one(struct init *in, const struct step *step, struct error *err)
{
	int r;

	if (!(in->flags & (INIT_DEBUG | INIT_TRACE)))
		return step->run(in, err);
	in->step_began = trace_clock();
	r = step->run(in, err);
	init_log(in, "init: step %s: %s, %lld us", step->name, r < 0 ? "failed" : "done",
		 (long long)(trace_clock().wall - in->step_began.wall) / 1000);
	if (in->flags & INIT_TRACE)
		send_span(in, step, r < 0);
	return r;
}

int steps_run(struct init *in, struct error *err)
{
	unsigned mode = in->flags & INIT_EXEC ? IN_EXEC : IN_CREATE;

	while (in->next_step < n_init_steps) {
		const struct step *step = &init_steps[in->next_step++];

		if (!(step->when & mode) || ((step->when & NEEDS_PROCESS) && !in->process))
			continue;
		if (run_one(in, step, err) < 0)
			return -1;
	}
	return 0;
}
