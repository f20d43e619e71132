// SPDX-License-Identifier: LGPL-2.1-or-later
/* events.c - what a container uses, once or again and again, and word of every process that memory killed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/resctrl.h"
#include "container/creation.h"
#include "kernel/pidfd.h"

/* One that runs, with a pidfd of its first process (owned by the caller) and its cgroup. */
static int open_running(const struct runtime *rt, const char *id, struct container *c, int *ret_pidfd, struct cgroup **ret,
			struct error *err)
{
	enum container_status status;

	if (store_open(rt, id, c, err) < 0 || store_status(c, &status, ret_pidfd, err) < 0)
		return -1;
	if (*ret_pidfd < 0)
		return fail(err, ERR_STATE, "container with id %s is not running", id);
	return cgroup_reopen(c->record->cgroup_driver, c->record->cgroup_path, c->record->cgroup_made, ret, err);
}

static void put_rdt(const struct container *c, struct text *to)
{
	const struct resctrl_groups groups = { .clos = c->record->rdt_group, .monitored = c->record->rdt_monitored };
	struct error ignored;
	auto_close int root = groups.clos ? resctrl_open(&ignored) : -1;

	text_puts(to, ",\"intel_rdt\":{");
	if (root >= 0)
		resctrl_stats(root, &groups, c->id, to);
	text_puts(to, "}");
}

static int put_stats(const struct container *c, struct cgroup *cgroup, struct text *to, struct error *err)
{
	text_puts(to, "{\"type\":\"stats\",\"id\":");
	text_json(to, c->id);
	text_puts(to, ",\"data\":{");
	if (cgroup_stats(cgroup, to, err) < 0)
		return -1;
	put_rdt(c, to);
	text_puts(to, ",\"network_interfaces\":null}}\n");
	return to->failed ? fail(err, -ENOMEM, "cannot write down the statistics") : 0;
}

int container_stats(const struct runtime *rt, const char *id, struct text *to, struct error *err)
{
	struct container c = CONTAINER_INIT;
	struct cgroup *cgroup = NULL;
	int pidfd = -1, r = open_running(rt, id, &c, &pidfd, &cgroup, err);

	if (r == 0)
		r = put_stats(&c, cgroup, to, err);
	cgroup_free(cgroup);
	(void)fd_close(pidfd);
	store_close(&c);
	return r;
}

/* ---- again and again ---- */

struct watching {
	struct container *container;
	struct cgroup *cgroup;
	int pidfd;
	struct oom_watch oom;
	int (*emit)(void *context, const struct text *line, struct error *err);
	void *context;
};

static int emit_stats(struct watching *w, struct error *err)
{
	auto_text struct text line = TEXT_INIT;

	if (put_stats(w->container, w->cgroup, &line, err) < 0)
		return -1;
	return w->emit(w->context, &line, err);
}

static int emit_oom(struct watching *w, struct error *err)
{
	auto_text struct text line = TEXT_INIT;

	text_puts(&line, "{\"type\":\"oom\",\"id\":");
	text_json(&line, w->container->id);
	text_puts(&line, "}\n");
	return w->emit(w->context, &line, err);
}

/* The eventfd of v1 also wakes up when the cgroup goes: then the container has ended. */
static int look_at_oom(struct watching *w, bool ended, struct error *err)
{
	uint64_t n = w->oom.fd >= 0 ? cgroup_oom(&w->oom) : 0;

	if (ended && !w->oom.is_file)
		return 0;
	for (; n > 0; n--)
		if (emit_oom(w, err) < 0)
			return -1;
	return 0;
}

/* Until the container ends. */
static int watch(struct watching *w, int interval_ms, struct error *err)
{
	int64_t next = clock_ms();

	for (;;) {
		struct pollfd fds[] = { { .fd = w->pidfd, .events = POLLIN },
					{ .fd = w->oom.fd, .events = w->oom.is_file ? POLLPRI : POLLIN } };
		bool ended;
		int n;

		if (clock_left(next) == 0) {
			if (emit_stats(w, err) < 0)
				return -1;
			next = clock_ms() + interval_ms;
		}
		n = poll(fds, 2, clock_left(next));
		if (n < 0 && errno != EINTR)
			return fail(err, -errno, "cannot wait for events of container %s", w->container->id);
		ended = pidfd_wait_exit(w->pidfd, 0) == 1;
		if ((n > 0 || ended) && look_at_oom(w, ended, err) < 0)
			return -1;
		if (ended)
			return 0;
	}
}

int container_events(const struct runtime *rt, const char *id, int interval_ms,
		     int (*emit)(void *context, const struct text *line, struct error *err), void *context, struct error *err)
{
	struct container c = CONTAINER_INIT;
	struct watching w = { .container = &c, .pidfd = -1, .oom.fd = -1, .emit = emit, .context = context };
	int r = open_running(rt, id, &c, &w.pidfd, &w.cgroup, err);

	if (r == 0) {
		int watched = cgroup_watch_oom(w.cgroup, &w.oom);

		if (watched < 0)
			log_debug("events: nobody tells of memory that ran out: %s", errno_text(watched));
		r = watch(&w, interval_ms, err);
	}
	(void)fd_close(w.oom.fd);
	(void)fd_close(w.pidfd);
	cgroup_free(w.cgroup);
	store_close(&c);
	return r;
}
