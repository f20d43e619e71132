// SPDX-License-Identifier: LGPL-2.1-or-later
/* interrupt.c - signals that end a wait instead of the process. */
#include "base/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

int interrupt_begin(struct interrupt *ret)
{
	struct sigaction action;
	sigset_t set;

	ret->fd = -1;
	(void)sigemptyset(&set);
	/* Blocked, even an ignored signal is kept: it must be left out here. */
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (sigaction(ending[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			(void)sigaddset(&set, ending[i]);
	if (sigprocmask(SIG_BLOCK, &set, &ret->before) < 0)
		return -errno;
	ret->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return ret->fd < 0 ? -errno : 0;
}

int interrupt_take(const struct interrupt *interrupt)
{
	struct signalfd_siginfo info;

	if (interrupt->fd < 0 || read(interrupt->fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

void interrupt_end(struct interrupt *interrupt)
{
	interrupt->fd = fd_close(interrupt->fd);
	(void)sigprocmask(SIG_SETMASK, &interrupt->before, NULL); /* cannot fail with these arguments */
}

static int wait_until(int fd, const struct interrupt *interrupt, int timeout_ms, int *ret_signal)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN }, { .fd = interrupt->fd, .events = POLLIN } };
	int64_t deadline = timeout_ms >= 0 ? clock_ms() + timeout_ms : 0;

	for (;;) {
		int n = poll(fds, 2, timeout_ms >= 0 ? clock_left(deadline) : -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		if (n > 0 && fds[0].revents)
			return 1;
		*ret_signal = n > 0 ? interrupt_take(interrupt) : 0;
		if (*ret_signal)
			return -EINTR;
	}
}

int interrupt_wait(int fd, int timeout_ms, int *ret_signal)
{
	struct interrupt interrupt;
	int r = interrupt_begin(&interrupt);

	*ret_signal = 0;
	if (r == 0)
		r = wait_until(fd, &interrupt, timeout_ms, ret_signal);
	interrupt_end(&interrupt);
	return r;
}
