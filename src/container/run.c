// SPDX-License-Identifier: LGPL-2.1-or-later
/* run.c - create and start in one command, and in the foreground also the end. */
#include <signal.h>
#include <sys/prctl.h>

#include "base/fd.h"
#include "base/log.h"
#include "container/creation.h"
#include "kernel/sys.h"

#define LOCK_TIMEOUT_MS (10 * 1000)

/* From before the first stage: an impatient ^C reaches the container, not a half-made one. */
void block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGFPE);
	(void)sigprocmask(SIG_BLOCK, &all, NULL); /* cannot fail with these arguments */
}

static int destroy_once(struct creation *cr, struct error *err)
{
	cr->container.lock = fd_close(cr->container.lock);
	/* A failed hook has done it already. */
	if (store_lock(&cr->container, LOCK_TIMEOUT_MS, err) < 0)
		return err->code == ERR_NOT_FOUND ? 0 : -1; /* somebody deleted it meanwhile */
	return destroy_container(&cr->container, err);
}

/* Nobody may ever look for what is left behind here: a passing shortage gets a second chance. */
static int destroy(struct creation *cr, struct error *err)
{
	if (destroy_once(cr, err) == 0)
		return 0;
	return err->code == ERR_TIMEOUT ? -1 : destroy_once(cr, err);
}

void run_give_up(struct creation *cr)
{
	struct error err;

	spawn_kill(cr);
	if (destroy(cr, &err) < 0)
		log_warning("%s", err.text);
}

int run_foreground(struct creation *cr, struct notify *notify, int *ret_status, struct error *err)
{
	trace_flush();
	/* Other commands may work on the container while we wait for it. */
	cr->container.lock = fd_close(cr->container.lock);
	if (attach(cr, notify, ret_status, err) < 0) {
		run_give_up(cr);
		return -1;
	}
	return cr->options->keep ? 0 : destroy(cr, err);
}

int container_run(const struct runtime *rt, const struct create_options *options, int *ret_status, struct error *err)
{
	struct notify notify = { .fd = -1 };
	struct creation cr = CREATION_INIT;
	int r;

	cr.rt = rt;
	cr.options = options;
	cr.start_now = true;
	cr.foreground = !options->detach;
	*ret_status = 0;
	if (cr.foreground) {
		block_signals();
		if (!options->no_subreaper)
			(void)sys_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	}
	r = creation_run(&cr, err);
	/* Its dozens of descriptors are not needed for as long as the container runs; deleting opens it anew. */
	cgroup_free(take_ptr(cr.cgroup));
	if (r == 0) {
		r = start_creation(&cr, &notify, err);
		if (r < 0)
			run_give_up(&cr);
		else if (cr.foreground)
			r = run_foreground(&cr, &notify, ret_status, err);
		else if (notify.fd >= 0)
			notify_wait(&cr.container, &notify, cr.pidfd);
		notify_close(&cr.container, &notify);
	}
	creation_free(&cr);
	return r;
}
