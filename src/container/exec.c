// SPDX-License-Identifier: LGPL-2.1-or-later
/* exec.c - a further process in a container: the stages of exec.
 *
 * It takes no lock, as it changes nothing of the container.  Whatever happens to the container meanwhile, its first
 * process is held by a pidfd: nobody else's namespaces can be joined by mistake. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/trace.h"
#include "container/creation.h"
#include "container/hear.h"
#include "kernel/namespaces.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"

/* How long a container that takes init along may still be seen alive. */
#define LAST_BREATH_MS 500

/* ---- container: which one, and whether it can be joined ---- */

static int check_status(const struct creation *cr, enum container_status status, struct error *err)
{
	const char *id = cr->container.id;

	switch (status) {
	case STATUS_CREATED:
	case STATUS_RUNNING:
		return 0;
	case STATUS_PAUSED:
		if (cr->exec->ignore_paused)
			return 0;
		return fail(err, ERR_STATE, "cannot exec in a paused container (use --ignore-paused to override): %s", id);
	case STATUS_STOPPED:
		return fail(err, ERR_STATE, "cannot exec in a stopped container: %s", id);
	case STATUS_CREATING:
		return fail(err, ERR_STATE, "cannot exec in a container that is still being created: %s", id);
	}
	return fail(err, ERR_INTERNAL, "container %s has no status", id);
}

static int do_container(struct creation *cr, struct error *err)
{
	enum container_status status;

	if (store_open_own(cr->rt, cr->exec->id, &cr->container, err) < 0)
		return -1;
	if (store_status(&cr->container, &status, &cr->target, err) < 0)
		return -1;
	if (cr->container.record->no_new_keyring)
		cr->init_flags |= INIT_NO_NEW_KEYRING;
	return check_status(cr, status, err);
}

/* ---- process: what to execute ---- */

/* Who is in the container's user namespace already, as rootless engines are, cannot join it again. */
static int leave_out_own(struct creation *cr, struct error *err)
{
	struct oci_linux *linux = cr->config.oci->linux;
	auto_close int procfs = -1, theirs = -1;
	size_t i = 0;

	while (linux && i < linux->n_namespaces && linux->namespaces[i].type != CLONE_NEWUSER)
		i++;
	if (!linux || i == linux->n_namespaces)
		return 0;
	procfs = proc_open_host();
	theirs = procfs < 0 ? procfs : namespace_open_of(procfs, cr->container.record->pid, CLONE_NEWUSER);
	if (theirs < 0)
		return fail(err, theirs, "cannot look at the user namespace of container %s", cr->container.id);
	if (namespace_is_own(theirs, CLONE_NEWUSER, procfs))
		linux->namespaces[i] = linux->namespaces[--linux->n_namespaces];
	return 0;
}

static int do_process(struct creation *cr, struct error *err)
{
	cr->config.oci = read_kept_config(&cr->container, err);
	if (!cr->config.oci)
		return -1;
	if (config_mounts_apart(cr->config.oci))
		cr->init_flags |= INIT_DETACHED_ROOT;
	if (exec_process(cr, err) < 0 || check_terminal(cr, err) < 0 || leave_out_own(cr, err) < 0)
		return -1;
	return exec_document(cr, err);
}

/* ---- cgroup ---- */

static int follow_first(struct creation *cr, struct error *err)
{
	auto_close int procfs = proc_open_host();
	auto_free char *current = NULL;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "%d/cgroup", cr->container.record->pid);
	r = procfs < 0 ? procfs : proc_read(procfs, path, &current);
	if (r == 0 && pidfd_wait_exit(cr->target, 0) != 0) /* then the number may have been somebody else's */
		r = -ESRCH;
	if (r < 0)
		return fail(err, r, "cannot find the cgroup of container %s", cr->container.id);
	return cgroup_follow(cr->cgroup, current, err);
}

/* Somebody may have moved the container and removed what was recorded. */
static int do_cgroup(struct creation *cr, struct error *err)
{
	const struct hull_record *record = cr->container.record;
	int r = cgroup_reopen(record->cgroup_driver, record->cgroup_path, record->cgroup_made, &cr->cgroup, err);

	if (r == 0)
		r = cgroup_enter(cr->cgroup, cr->exec->cgroups.items, cr->exec->cgroups.n, err);
	if (r > 0 && cr->exec->cgroups.n)
		return fail(err, -ENOENT, "--cgroup: cannot open cgroup %s", record->cgroup_path);
	return r > 0 ? follow_first(cr, err) : r;
}

/* ---- sockets ---- */

static int do_sockets(struct creation *cr, struct error *err)
{
	if (!cr->options->console_socket)
		return 0;
	cr->console_socket = console_connect(cr->options->console_socket, err);
	return cr->console_socket < 0 ? within(err, "--console-socket") : 0;
}

/* ---- init: until the program runs ---- */

/* A child that was killed inside before it had said anything: the first process of a pid namespace does not end before
 * that is reaped. */
static void reap_unknown(void)
{
	siginfo_t info;

	do
		info = (siginfo_t){ 0 };
	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0);
}

/* Who has children and executes hull hands them on; then an unknown one may be theirs. */
static bool has_children(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* What the end of the container did to us is not the news. */
static int explain(struct creation *cr, struct error *err)
{
	const bool died = err->code == ERR_INIT_DIED;

	spawn_kill(cr);
	if (!cr->is_parent)
		reap_unknown();
	if (err->code != ERR_STATE && pidfd_wait_exit(cr->target, died ? LAST_BREATH_MS : 0) == 1)
		return fail(err, ERR_STATE, "cannot exec in a stopped container: %s", cr->container.id);
	return within(err, "unable to start container process");
}

static int spawn_and_serve(struct creation *cr, struct error *err)
{
	int r = spawn_init(cr, err);

	/* An init system inside has made inner cgroups, and processes can only be in the outermost ones (v2). */
	if (r < 0 && err->code == -EBUSY && !cr->exec->cgroups.n) {
		cr->channel = fd_close(cr->channel);
		cr->binary = fd_close(cr->binary);
		r = follow_first(cr, err) < 0 ? -1 : spawn_init(cr, err);
	}
	if (r == 0)
		r = raise_rlimits(cr, err);
	return r == 0 ? serve_init(cr, err) : r;
}

static int do_init(struct creation *cr, struct error *err)
{
	struct hearing hearing;
	int r = spawn_and_serve(cr, err);

	if (r < 0 && err->code == ERR_INIT_DIED && spawn_may_try_again(cr))
		r = spawn_and_serve(cr, err);
	cr->binary = fd_close(cr->binary);
	hearing = (struct hearing){ .fd = cr->channel, .pidfd = cr->pidfd, .pid = cr->pid };
	if (r == 0)
		r = hear_out(&hearing, NULL, true, &cr->listening, err);
	cr->channel = fd_close(cr->channel);
	reap_parent(cr);
	return r < 0 ? explain(cr, err) : 0;
}

static const struct stage stages[] = {
	{ "container", do_container, NULL, NULL, NULL },
	{ "process", do_process, NULL, NULL, NULL },
	{ "cgroup", do_cgroup, NULL, NULL, NULL },
	{ "sockets", do_sockets, NULL, NULL, NULL },
	{ "init", do_init, spawn_kill, NULL, NULL },
	{ "publish", publish, unpublish, NULL, NULL }, /* the program runs: a failed exec never had a pid file */
};

int container_exec(const struct runtime *rt, const struct exec_options *options, int *ret_status, struct error *err)
{
	const struct create_options shared = {
		.id = options->id,
		.console_socket = options->console_socket,
		.pidfd_socket = options->pidfd_socket,
		.pid_file = options->pid_file,
		.preserve_fds = options->preserve_fds,
	};
	struct notify none = { .fd = -1 };
	struct creation cr = CREATION_INIT;
	int r;

	cr.rt = rt;
	cr.options = &shared;
	cr.exec = options;
	cr.foreground = !options->detach;
	cr.preserve_fds = options->preserve_fds;
	cr.init_flags =
		INIT_EXEC | INIT_START_NOW | (log_wants_debug() ? INIT_DEBUG : 0U) | (trace_is_on() ? INIT_TRACE : 0U);
	cr.is_parent = has_children();
	*ret_status = 0;
	if (cr.foreground && !options->ignore_paused) /* that may wait for ever: let ^C end it */
		block_signals();
	r = stages_run(&cr, "exec", stages, sizeof(stages) / sizeof(stages[0]), err);
	trace_flush();
	if (r == 0 && cr.foreground) {
		block_signals();
		r = attach(&cr, &none, ret_status, err);
	}
	if (r < 0) {
		exec_name_document(&cr, err);
		(void)within(err, "exec failed");
	}
	creation_free(&cr);
	return r;
}
