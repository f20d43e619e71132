// SPDX-License-Identifier: LGPL-2.1-or-later
/* delete.c - delete works from the record alone, from any point at which a runtime may have died. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/trace.h"
#include "container/creation.h"
#include "kernel/pidfd.h"

#define LOCK_TIMEOUT_MS (10 * 1000)
#define KILL_TIMEOUT_MS (10 * 1000)
/* Where a cgroup above is frozen: only whoever did that can end it. */
#define FROZEN_TIMEOUT_MS (1 * 1000)

int destroy_container(struct container *c, struct error *err)
{
	struct oci_config *config = NULL;
	struct cgroup *cgroup = NULL;
	struct trace_mark began;
	struct error unread;
	int r;

	store_mark(c, true);
	if (c->record->hooks) {
		config = read_kept_config(c, &unread);
		if (!config)
			log_warning("the poststop hooks of container %s cannot run: %s", c->id, unread.text);
	}
	began = trace_mark();
	r = store_cgroup(c, &cgroup, err);
	if (r == 0)
		r = cgroup_destroy(cgroup, err);
	cgroup_free(cgroup);
	trace_span(began, r < 0, "remove cgroup");
	began = trace_mark();
	if (r == 0)
		r = rdt_remove(c, err);
	if (r == 0)
		r = store_remove(c, err);
	trace_span(began, r < 0, "remove state");
	if (r == 0 && config)
		run_poststop_hooks(c, config);
	oci_free(config);
	return r;
}

/* Who does not die of SIGKILL is named, with what holds it. */
static int fail_alive(const struct container *c, const struct cgroup *cgroup, struct error *err)
{
	struct error why;

	if (!cgroup)
		return fail(err, ERR_TIMEOUT, "container init still running: %s", c->id);
	(void)cgroup_blame(cgroup, c->record->pid, &why);
	return fail(err, ERR_TIMEOUT, "container init still running: %s: %s", c->id, why.text);
}

/* A frozen process dies of SIGKILL only when it is thawed (v1). */
static int kill_init(struct container *c, int pidfd, struct error *err)
{
	struct cgroup *cgroup = NULL;
	struct trace_mark began = trace_mark();
	struct error ignored;
	int r = 0, timeout_ms = KILL_TIMEOUT_MS;

	(void)pidfd_kill(pidfd, SIGKILL);
	if (store_cgroup(c, &cgroup, &ignored) == 0)
		r = cgroup_thaw_to_kill(cgroup);
	if (r == -EBUSY)
		timeout_ms = FROZEN_TIMEOUT_MS;
	r = pidfd_wait_exit(pidfd, timeout_ms);
	if (r == 0)
		r = fail_alive(c, cgroup, err);
	else if (r < 0)
		r = fail(err, r, "cannot wait for the end of init");
	cgroup_free(cgroup);
	trace_span(began, r != 1, "kill");
	return r < 0 ? -1 : 0;
}

static int delete_stopped(struct container *c, struct error *err)
{
	enum container_status status;

	if (store_lock(c, LOCK_TIMEOUT_MS, err) < 0 || store_status(c, &status, NULL, err) < 0)
		return -1;
	if (status != STATUS_STOPPED)
		return fail(err, ERR_STATE, "cannot delete container %s that is not stopped: %s", c->id,
			    container_status_words[status]);
	return destroy_container(c, err);
}

/* As store_status, but a process that cannot be seen from here counts as ended: with its cgroup it is killed unseen. */
static int look(struct container *c, enum container_status *status, int *pidfd, struct error *err)
{
	struct cgroup *cgroup = NULL;
	struct error ignored;

	if (store_status(c, status, pidfd, err) == 0)
		return 0;
	if (!store_is_elsewhere(c))
		return -1;
	*status = STATUS_STOPPED;
	if (store_cgroup(c, &cgroup, &ignored) < 0 || !cgroup_is_own(cgroup))
		log_warning("container %s was created in another pid namespace and has no cgroup of its own: its processes, if "
			    "any, are left", c->id);
	cgroup_free(cgroup);
	return 0;
}

/* Kills first and then waits for the lock: a create or start that is under way fails and lets go. */
static int delete_forced(struct container *c, struct error *err)
{
	enum container_status status;
	struct error missing;
	int pidfd = -1, r;

	r = look(c, &status, &pidfd, err);
	if (r == 0 && pidfd >= 0)
		r = kill_init(c, pidfd, err);
	(void)fd_close(pidfd);
	if (r < 0)
		return -1;
	if (status == STATUS_CREATING) {
		struct cgroup *cgroup = NULL;

		if (store_cgroup(c, &cgroup, err) == 0)
			(void)cgroup_kill(cgroup, SIGKILL);
		cgroup_free(cgroup);
	}
	if (store_lock(c, LOCK_TIMEOUT_MS, &missing) < 0) {
		/* The create that we killed has cleaned up after itself. */
		if (missing.code == ERR_NOT_FOUND)
			return 0;
		*err = missing;
		return -1;
	}
	/* Between the look and the lock it may have been created after all. */
	r = look(c, &status, &pidfd, err);
	if (r == 0 && pidfd >= 0)
		r = kill_init(c, pidfd, err);
	(void)fd_close(pidfd);
	return r < 0 ? -1 : destroy_container(c, err);
}

/* A record that cannot be read (a broken disk: it is written by rename) names neither cgroup nor process. */
static int remove_damaged(struct container *c, struct error *err)
{
	log_warning("%s: its cgroup and processes, if any, are left", err->text);
	store_mark(c, true);
	return store_remove(c, err);
}

int container_delete(const struct runtime *rt, const char *id, bool force, struct error *err)
{
	struct trace_mark began = trace_mark();
	struct container c;
	int r;

	r = store_open_own(rt, id, &c, err);
	trace_span(began, r < 0, "container");
	if (r == 0) {
		r = force ? delete_forced(&c, err) : delete_stopped(&c, err);
	} else if (force && err->code == ERR_INTERNAL && c.dir >= 0) {
		r = remove_damaged(&c, err);
	} else if (err->code == ERR_NOT_FOUND) {
		struct error leftover;
		bool removed = false;

		if (store_remove_leftover(rt, id, &removed, &leftover) < 0) {
			*err = leftover;
			r = -1;
		} else if (force) {
			r = 0;
		}
	}
	store_close(&c);
	return r;
}
