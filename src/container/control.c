// SPDX-License-Identifier: LGPL-2.1-or-later
/* control.c - kill, state: commands that take no lock; pause, resume. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "container/creation.h"
#include "kernel/pidfd.h"

/* *reached: false where there is no cgroup, or one that was there before the container: nobody was signalled then. */
static int signal_all(struct container *c, int signal, bool *reached, struct error *err)
{
	struct cgroup *cgroup = NULL;
	int r;

	if (store_cgroup(c, &cgroup, err) < 0)
		return -1;
	*reached = cgroup_is_own(cgroup);
	r = cgroup_kill(cgroup, signal);
	cgroup_free(cgroup);
	return r < 0 && r != -ESRCH ? fail(err, r, "cannot signal the processes of container %s", c->id) : 0;
}

/* Who is frozen on v1, here or in a cgroup below, does not die of the signal, nor does init before those that it must wait for. */
static void thaw(struct container *c, bool paused)
{
	struct cgroup *cgroup = NULL;
	struct error ignored;

	/* The signal is queued; a later kill tries again. */
	if (store_cgroup(c, &cgroup, &ignored) == 0 && cgroup_thaw_to_kill(cgroup) == 0 && paused)
		(void)cgroup_thaw(cgroup);
	cgroup_free(cgroup);
}

static int signal_container(struct container *c, int signal, bool all, struct error *err)
{
	enum container_status status;
	auto_close int pidfd = -1;
	bool reached = false;
	int r;

	if (store_status(c, &status, &pidfd, err) < 0)
		return -1;
	if (status == STATUS_CREATING)
		return fail(err, ERR_STATE, "container not running: %s is still being created", c->id);
	if (status == STATUS_STOPPED && !all)
		return fail(err, ERR_STATE, "container not running: %s", c->id);
	/* Without a pid namespace of its own, the end of init ends nobody else. */
	if (all || (signal == SIGKILL && !c->record->own_pid_namespace)) {
		if (signal_all(c, signal, &reached, err) < 0)
			return -1;
		if (pidfd < 0 || reached)
			return 0;
		/* Init at least. */
	}
	r = pidfd_kill(pidfd, signal);
	if (r == -ESRCH)
		return all ? 0 : fail(err, ERR_STATE, "container not running: %s", c->id);
	if (r < 0)
		return fail(err, r, "cannot send signal %d to container %s", signal, c->id);
	if (signal == SIGKILL)
		thaw(c, status == STATUS_PAUSED);
	return 0;
}

int container_kill(const struct runtime *rt, const char *id, int signal, bool all, struct error *err)
{
	struct container c;
	int r;

	r = store_open_own(rt, id, &c, err);
	if (r == 0)
		r = signal_container(&c, signal, all, err);
	store_close(&c);
	return r;
}

/* ---- pause, resume ---- */

#define LOCK_TIMEOUT_MS (10 * 1000)

static int freeze(struct container *c, bool frozen, struct error *err)
{
	struct cgroup *cgroup = NULL;
	int r;

	if (cgroup_reopen(c->record->cgroup_driver, c->record->cgroup_path, c->record->cgroup_made, &cgroup, err) < 0)
		return -1;
	r = frozen ? cgroup_freeze(cgroup) : cgroup_thaw(cgroup);
	if (r == -EOPNOTSUPP)
		r = fail(err, ERR_UNSUPPORTED, "container %s has no cgroup that could be frozen", c->id);
	else if (r == -ETIMEDOUT)
		r = fail(err, ERR_TIMEOUT, "container %s was not %s in time", c->id, frozen ? "frozen" : "thawed");
	else if (r == -EBUSY)
		r = fail(err, ERR_STATE, "container %s stays frozen: a cgroup above it is", c->id);
	else if (r < 0)
		r = fail(err, r, "cannot %s container %s", frozen ? "freeze" : "thaw", c->id);
	else if (cgroup_is_frozen(cgroup) != frozen)
		r = fail(err, ERR_HOST, "container %s is %s all the same", c->id, frozen ? "not frozen" : "still frozen");
	cgroup_free(cgroup);
	return r;
}

static int set_paused(const struct runtime *rt, const char *id, bool paused, struct error *err)
{
	enum container_status status;
	struct container c;
	int r;

	r = store_open_own(rt, id, &c, err);
	if (r == 0)
		r = store_lock(&c, LOCK_TIMEOUT_MS, err);
	if (r == 0)
		r = store_status(&c, &status, NULL, err);
	if (r == 0 && !paused && status != STATUS_PAUSED)
		r = fail(err, ERR_STATE, "container not paused: %s is %s", id, container_status_words[status]);
	if (r == 0 && paused && status != STATUS_CREATED && status != STATUS_RUNNING)
		r = fail(err, ERR_STATE, "container not running: %s is %s", id, container_status_words[status]);
	if (r == 0)
		r = freeze(&c, paused, err);
	store_close(&c);
	return r;
}

int container_pause(const struct runtime *rt, const char *id, struct error *err)
{
	return set_paused(rt, id, true, err);
}

int container_resume(const struct runtime *rt, const char *id, struct error *err)
{
	return set_paused(rt, id, false, err);
}

/* ---- ps ---- */

static int list_pids(struct container *c, pid_t **ret, size_t *n, struct error *err)
{
	struct cgroup *cgroup = NULL;
	pid_t *pids = NULL, *bigger;
	size_t k = 0;
	int r;

	if (cgroup_reopen(c->record->cgroup_driver, c->record->cgroup_path, c->record->cgroup_made, &cgroup, err) < 0)
		return -1;
	r = cgroup_pids(cgroup, &pids, n);
	cgroup_free(cgroup);
	if (r < 0)
		return fail(err, r, "cannot list the processes of container %s", c->id);
	*ret = pids;
	while (k < *n && pids[k] != c->record->pid)
		k++;
	if (k < *n)
		return 0;
	/* No cgroup of its own, or somebody moved it. */
	bigger = realloc(pids, (*n + 1) * sizeof(*pids));
	if (!bigger)
		return fail(err, -ENOMEM, "cannot list the processes of container %s", c->id);
	bigger[(*n)++] = c->record->pid;
	*ret = bigger;
	return 0;
}

int container_pids(const struct runtime *rt, const char *id, pid_t **ret, size_t *n, struct error *err)
{
	enum container_status status;
	struct container c;
	int r;

	*ret = NULL;
	*n = 0;
	r = store_open(rt, id, &c, err);
	if (r == 0)
		r = store_status(&c, &status, NULL, err);
	if (r == 0 && status != STATUS_STOPPED && status != STATUS_CREATING)
		r = list_pids(&c, ret, n, err);
	store_close(&c);
	return r;
}

/* ---- state ---- */

/* ret takes the record over. */
static int compute_state(struct container *c, struct container_state *ret, struct error *err)
{
	struct hull_record *record;

	if (store_status(c, &ret->status, NULL, err) < 0)
		return -1;
	record = take_ptr(c->record);
	ret->storage = record;
	ret->oci_version = record->oci_version;
	ret->id = record->id;
	ret->bundle = record->bundle;
	ret->rootfs = record->rootfs;
	ret->created = record->created;
	ret->pid = ret->status == STATUS_STOPPED || !record->has_pid ? 0 : record->pid;
	ret->owner = record->owner;
	ret->annotations = record->annotations;
	ret->n_annotations = record->n_annotations;
	return 0;
}

int container_state(const struct runtime *rt, const char *id, struct container_state *ret, struct error *err)
{
	struct container c;
	int r;

	*ret = (struct container_state){ 0 };
	r = store_open(rt, id, &c, err);
	if (r == 0)
		r = compute_state(&c, ret, err);
	store_close(&c);
	return r;
}

int container_states(const struct runtime *rt, struct container_state **ret, size_t *n, struct error *err)
{
	auto_free struct container_state *states = NULL;
	auto_free char **names = NULL;
	auto_close int root = -1;
	size_t n_names, found = 0;

	*ret = NULL;
	*n = 0;
	if (store_names(rt, &names, &n_names, err) < 0 || store_root(rt, false, &root, err) < 0)
		return -1;
	states = calloc(n_names + 1, sizeof(*states));
	if (!states)
		return fail(err, -ENOMEM, "cannot list the containers");
	for (size_t i = 0; i < n_names; i++) {
		struct error reason;
		struct container c;

		if (store_open_below(root, names[i], &c, &reason) == 0 && compute_state(&c, &states[found], &reason) == 0)
			found++;
		else
			log_debug("%s: %s", names[i], reason.text);
		store_close(&c);
	}
	*ret = take_ptr(states);
	*n = found;
	return 0;
}

void container_state_free(struct container_state *state)
{
	oci_free(state->storage);
	*state = (struct container_state){ 0 };
}
