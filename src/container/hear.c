// SPDX-License-Identifier: LGPL-2.1-or-later
/* hear.c - the runtime waits for what init says next.
 *
 * Silence alone says little: a hook may take its time, a network file system too.  So every few seconds it is asked
 * whether init can speak at all. */
#include "container/hear.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/socket.h"
#include "base/trace.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"

#define LOOK_MS 5000
/* What init gets to kill the hook and to tell of it. */
#define LAST_WORDS_MS 2000

static bool is_stopped(pid_t pid)
{
	auto_close int procfs = pid > 0 ? proc_open_host() : -1;
	char state = 0;

	return procfs >= 0 && proc_stat(procfs, pid, NULL, &state) == 0 && (state == 'T' || state == 't');
}

/* 1, 0 at the deadline (*ret_stopped: because init is stopped), -EINTR because of *ret_signal, -errno. */
static int wait_for_word(const struct hearing *h, bool *ret_stopped, int *ret_signal)
{
	int64_t deadline = clock_ms() + (h->timeout_ms < 0 ? 0 : h->timeout_ms);
	int looks = 0;

	for (;;) {
		int left = h->timeout_ms < 0 ? INT_MAX : clock_left(deadline);
		int ms = left < LOOK_MS ? left : LOOK_MS;
		int r = h->hooks ? interrupt_wait(h->fd, ms, ret_signal) : socket_wait(h->fd, ms);

		if (r != 0)
			return r;
		/* Twice: a debugger stops a process for a moment only. */
		looks = is_stopped(h->pid) ? looks + 1 : 0;
		*ret_stopped = looks == 2;
		if (*ret_stopped || left <= LOOK_MS)
			return 0;
	}
}

static int pass_on(const struct message *message, struct error *err)
{
	/* Init's own words are one line already; whoever has taken hold of init may send others. */
	(void)fail(err, ERR_INTERNAL, "%s", message->text);
	err->code = message->arg;
	return -1;
}

static int end_hook(const struct hearing *h, int signal, struct message *message, struct error *err)
{
	int64_t deadline = clock_ms() + LAST_WORDS_MS;

	if (h->pidfd >= 0)
		(void)pidfd_kill(h->pidfd, signal); /* ended meanwhile: it says so or not */
	while (socket_wait(h->fd, clock_left(deadline)) == 1 && message_receive(h->fd, message, NULL, 0, NULL, NULL) == 1)
		if (message->type == MSG_FAILED)
			return pass_on(message, err);
	return fail(err, ERR_HOOK, "config.json:/hooks/%s: interrupted by signal %d", h->hooks, signal);
}

static int fail_silent(const struct hearing *h, bool stopped, struct error *err)
{
	if (stopped)
		return fail(err, ERR_TIMEOUT, "init is stopped: somebody sent SIGSTOP to process %d", (int)h->pid);
	return fail(err, ERR_TIMEOUT, "init said nothing for %d s", h->timeout_ms / 1000);
}

int hear_init(const struct hearing *h, struct message *message, int *fds, size_t max_fds, size_t *n_fds, pid_t *sender,
	      struct error *err)
{
	for (;;) {
		bool stopped = false;
		int signal = 0, r = wait_for_word(h, &stopped, &signal);

		if (r == 0)
			return fail_silent(h, stopped, err);
		if (r == -EINTR && signal)
			return end_hook(h, signal, message, err);
		r = r < 0 ? r : message_receive(h->fd, message, fds, max_fds, n_fds, sender);
		if (r < 0)
			return fail(err, r, "cannot hear init");
		if (r == 0)
			return 0;
		if (message->type == MSG_TRACE) {
			trace_add(message->text);
			continue;
		}
		if (message->type == MSG_FAILED)
			return pass_on(message, err);
		if (message->type != MSG_LOG)
			return 1;
		if (message->arg == LOG_WARNING)
			log_warning("%s", message->text);
		else
			log_debug("%s", message->text);
	}
}
