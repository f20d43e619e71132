// SPDX-License-Identifier: LGPL-2.1-or-later
/* start.c - start: over a socket, so that every failure up to exec comes back to the caller of start. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/socket.h"
#include "base/trace.h"
#include "container/creation.h"
#include "container/hear.h"
#include "kernel/pidfd.h"

/* From START to the program: its file may be on a slow network file system. */
#define ANSWER_DEADLINE_MS (120 * 1000)
#define LOCK_TIMEOUT_MS (10 * 1000)
#define KILL_TIMEOUT_MS (10 * 1000)

/* Init answers EXEC and then leaves the socket to its exec, which closes it; or FAILED. */
int hear_out(struct hearing *hearing, const struct oci_config *config, bool executed, struct listening *listening,
	     struct error *err)
{
	const struct oci_hooks *hooks = config ? config->hooks : NULL;

	hearing->timeout_ms = ANSWER_DEADLINE_MS;
	if (hooks && hooks->n_start_container && !executed) {
		hearing->hooks = "startContainer";
		hearing->timeout_ms = hooks_patience(hooks->start_container, hooks->n_start_container, ANSWER_DEADLINE_MS);
	}
	for (;;) {
		struct message message;
		auto_close int fd = -1;
		size_t n = 0;
		int r = hear_init(hearing, &message, &fd, 1, &n, NULL, err);

		if (r < 0)
			return -1;
		if (r == 0)
			trace_add_seen((struct trace_mark){ 0, 0 }, "exec");
		if (r == 0)
			return executed && !listener_is_missing(listening)
				       ? 0
				       : fail(err, ERR_INIT_DIED, "init ended before it executed the program");
		switch (message.type) {
		case MSG_LISTENER:
			if (listener_answer(listening, n ? fd : -1, err) < 0)
				return -1;
			(void)message_send(hearing->fd, &message, NULL, 0); /* one that died shows in the next receive */
			break;
		case MSG_EXEC:
			executed = true;
			break;
		default:
			return fail(err, ERR_INTERNAL, "init said %s", message_name(message.type));
		}
		/* The hooks have run: what follows is short. */
		hearing->hooks = NULL;
		hearing->timeout_ms = ANSWER_DEADLINE_MS;
	}
}

/* Init says why it failed a moment before it is gone; who hears that may ask for the status, or delete, at once.  One
 * that nobody waits for any more must not run the program later. */
static void wait_for_end(int pidfd, const struct error *why)
{
	if (pidfd < 0)
		return;
	if (why->code == ERR_TIMEOUT)
		(void)pidfd_kill(pidfd, SIGKILL);
	(void)pidfd_wait_exit(pidfd, KILL_TIMEOUT_MS); /* the status tells what became of it */
}

static int start_init(struct container *c, const struct oci_config *config, int pidfd, struct error *err)
{
	struct trace_mark began = trace_mark();
	struct listening listening = LISTENING_INIT;
	struct message message = { .type = MSG_START, .arg = trace_is_on() };
	auto_close int peer = socket_connect_at(c->dir, START_NAME, SOCK_SEQPACKET);
	struct hearing hearing = { .fd = peer, .pidfd = pidfd, .pid = c->record->pid };
	int r;

	if (peer == -ECONNREFUSED || peer == -ENOENT)
		return fail(err, ERR_STATE, "cannot start a container that has stopped: %s", c->id);
	trace_init_is((pid_t)c->record->pid);
	r = peer < 0 ? peer : message_send(peer, &message, NULL, 0);
	if (r < 0)
		return fail(err, r, "cannot reach init of container %s", c->id);
	listening.container = c;
	listening.pid = (pid_t)c->record->pid;
	r = hear_out(&hearing, config, false, &listening, err);
	trace_span(began, r < 0, "start");
	listener_end(&listening);
	peer = fd_close(peer); /* an init whose listener nobody wants waits for that */
	if (r < 0)
		wait_for_end(pidfd, err);
	return r;
}

static int check_status(struct container *c, int *ret_pidfd, struct error *err)
{
	enum container_status status;

	if (store_status(c, &status, ret_pidfd, err) < 0)
		return -1;
	switch (status) {
	case STATUS_CREATED:
		return 0;
	case STATUS_STOPPED:
		return fail(err, ERR_STATE, "cannot start a container that has stopped: %s", c->id);
	case STATUS_RUNNING:
	case STATUS_PAUSED:
		return fail(err, ERR_STATE, "cannot start an already running container: %s", c->id);
	case STATUS_CREATING:
		return fail(err, ERR_STATE, "cannot start a container that is still being created: %s", c->id);
	}
	return fail(err, ERR_INTERNAL, "container %s has no status", c->id);
}

/* A failed startContainer or poststart hook ends the container altogether (life-13, life-16); any other failure
 * leaves a stopped one. */
static void end_after_hook(struct container *c)
{
	auto_close int pidfd = -1;
	enum container_status status;
	struct error err;
	int r;

	r = store_status(c, &status, &pidfd, &err);
	if (r == 0 && pidfd >= 0) {
		(void)pidfd_kill(pidfd, SIGKILL);
		(void)pidfd_wait_exit(pidfd, KILL_TIMEOUT_MS);
	}
	if (r == 0)
		r = destroy_container(c, &err);
	if (r < 0)
		log_warning("%s", err.text);
}

/* What follows once init has gone on, or could not. */
static int after_start(struct container *c, const struct oci_config *config, int r, struct error *err)
{
	if (r == 0 && config)
		r = run_poststart_hooks(c, config, err);
	if (r < 0)
		kept_config_add_line(c, err);
	if (r < 0 && err->code == ERR_HOOK)
		end_after_hook(c);
	return r;
}

int finish_restore(struct creation *cr, struct error *err)
{
	return after_start(&cr->container, cr->container.record->hooks ? cr->config.oci : NULL, 0, err);
}

/* config: NULL for a container without hooks. */
static int start_and_notify(struct container *c, const struct oci_config *config, int pidfd, struct notify *notify,
			    struct error *err)
{
	int r = notify_open(c, notify, err);

	if (r == 0)
		r = start_init(c, config, pidfd, err);
	return after_start(c, config, r, err);
}

static int start_container(struct container *c, int pidfd, struct notify *notify, struct error *err)
{
	struct oci_config *config = NULL;
	int r;

	if (c->record->hooks && !(config = read_kept_config(c, err)))
		return -1;
	r = start_and_notify(c, config, pidfd, notify, err);
	oci_free(config);
	return r;
}

int start_creation(struct creation *cr, struct notify *notify, struct error *err)
{
	const struct oci_config *config = cr->container.record->hooks ? cr->config.oci : NULL;
	struct hearing hearing = { .fd = cr->channel, .pidfd = cr->pidfd, .pid = cr->pid };
	struct trace_mark began = trace_mark();
	int r;

	if (!(cr->init_flags & INIT_START_NOW))
		return start_and_notify(&cr->container, config, cr->pidfd, notify, err);
	cr->listening.container = &cr->container;
	cr->listening.pid = cr->pid;
	r = hear_out(&hearing, config, false, &cr->listening, err);
	trace_span(began, r < 0, "start");
	cr->channel = fd_close(cr->channel);
	return after_start(&cr->container, config, r, err);
}

/* Blocks until the program is ready, or has ended: what Type=notify units wait for. */
static void wait_until_ready(struct container *c, struct notify *notify)
{
	auto_close int pidfd = -1;
	enum container_status status;
	struct error ignored;

	c->lock = fd_close(c->lock); /* others may look after the container meanwhile */
	if (store_status(c, &status, &pidfd, &ignored) == 0 && pidfd >= 0)
		notify_wait(c, notify, pidfd);
	notify_close(c, notify);
}

int container_start(const struct runtime *rt, const char *id, struct error *err)
{
	struct notify notify = { .fd = -1 };
	struct trace_mark began = trace_mark();
	auto_close int pidfd = -1;
	struct container c;
	int r;

	r = store_open_own(rt, id, &c, err);
	if (r == 0)
		r = store_lock(&c, LOCK_TIMEOUT_MS, err);
	if (r == 0)
		r = check_status(&c, &pidfd, err);
	trace_span(began, r < 0, "container");
	if (r == 0)
		r = start_container(&c, pidfd, &notify, err);
	if (r == 0 && notify.fd >= 0)
		wait_until_ready(&c, &notify);
	store_close(&c);
	return r;
}
