// SPDX-License-Identifier: LGPL-2.1-or-later
/* attach.c - the foreground of run: forwards signals, copies the terminal, learns the exit status.
 *
 * Signals are blocked and read from a descriptor, so that one poll(2) sees everything in order; output that
 * the container wrote before it ended is copied before run returns.  Nothing else may wait: whoever reads our
 * output slowly, or not at all, must not keep signals from the container. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "container/creation.h"
#include "kernel/pidfd.h"
#include "kernel/tty.h"

/* How often a terminal that nobody has open is looked at. */
#define REOPEN_MS 100

#define END_OF_TRANSMISSION '\004'

struct attachment {
	struct creation *cr;
	struct notify *notify;
	int signals;
	bool raw; /* our terminal is in raw mode */
	struct termios saved;
	bool input_open;
	char pending[4096]; /* from stdin, not yet taken by the master */
	size_t n_pending;
	/* From the master, not yet taken by stdout; a pipe that is ready takes as much without waiting. */
	char output[4096];
	size_t n_output;
	bool hung_up; /* nobody has the slave open at the moment */
	bool ended;
	int status;
};

static void reap_all(struct attachment *at)
{
	const bool alone = at->cr->exec || at->cr->options->no_subreaper; /* the others are our caller's */
	siginfo_t info;

	for (;;) {
		memset(&info, 0, sizeof(info));
		if (waitid(alone ? P_PID : P_ALL, (id_t)at->cr->pid, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
			return;
		if (info.si_pid != at->cr->pid)
			continue; /* an orphan that came to us as subreaper */
		at->ended = true;
		at->status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	}
}

void attach_size(const struct creation *cr)
{
	struct winsize size;

	if (cr->master >= 0 && tty_get_size(STDIN_FILENO, &size) == 0)
		(void)tty_set_size(cr->master, size.ws_row, size.ws_col); /* cosmetic */
}

static void on_signal(struct attachment *at)
{
	struct signalfd_siginfo info;

	if (read(at->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		reap_all(at);
	else if (info.ssi_signo == SIGWINCH && at->cr->master >= 0)
		attach_size(at->cr);
	else if (info.ssi_signo != SIGURG)
		(void)pidfd_kill(at->cr->pidfd, (int)info.ssi_signo); /* ended meanwhile: SIGCHLD tells */
}

/* False while nobody has the slave open. */
static bool read_output(struct attachment *at)
{
	ssize_t n = read(at->cr->master, at->output, sizeof(at->output));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false; /* EIO */
	at->n_output = (size_t)n;
	return true;
}

static void write_output(struct attachment *at)
{
	ssize_t n = write(STDOUT_FILENO, at->output, at->n_output);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0) {
		at->n_output = 0; /* a reader that left must not stop the container */
		return;
	}
	memmove(at->output, at->output + n, at->n_output - (size_t)n);
	at->n_output -= (size_t)n;
}

static void read_input(struct attachment *at)
{
	ssize_t n = read(STDIN_FILENO, at->pending, sizeof(at->pending));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		at->n_pending = (size_t)n;
		return;
	}
	at->input_open = false;
	at->pending[at->n_pending++] = END_OF_TRANSMISSION;
}

static void write_input(struct attachment *at)
{
	ssize_t n = write(at->cr->master, at->pending, at->n_pending);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0) {
		at->n_pending = 0;
		return;
	}
	memmove(at->pending, at->pending + n, at->n_pending - (size_t)n);
	at->n_pending -= (size_t)n;
}

static int loop(struct attachment *at, struct error *err)
{
	while (!at->ended) {
		int master = at->cr->master;
		bool full = at->n_output > 0;
		struct pollfd fds[] = {
			{ .fd = at->signals, .events = POLLIN },
			/* Not at all while there is nothing to do with it: a hang-up is always reported. */
			{ .fd = at->hung_up || (full && !at->n_pending) ? -1 : master,
			  .events = (short)((full ? 0 : POLLIN) | (at->n_pending ? POLLOUT : 0)) },
			{ .fd = at->notify->fd, .events = POLLIN },
			{ .fd = !at->hung_up && master >= 0 && at->input_open && !at->n_pending ? STDIN_FILENO : -1,
			  .events = POLLIN },
			{ .fd = full ? STDOUT_FILENO : -1, .events = POLLOUT },
		};

		/* The program may open its terminal again, of which nothing tells. */
		if (poll(fds, sizeof(fds) / sizeof(fds[0]), at->hung_up ? REOPEN_MS : -1) < 0) {
			if (errno == EINTR)
				continue;
			return fail(err, -errno, "cannot wait for the container");
		}
		at->hung_up = false;
		if (fds[4].revents)
			write_output(at);
		if (at->n_pending && fds[1].revents & (POLLOUT | POLLHUP | POLLERR))
			write_input(at);
		if (!full && fds[1].revents & (POLLIN | POLLHUP | POLLERR) && !read_output(at))
			at->hung_up = true; /* closing the master would be a hang-up for the program */
		if (fds[2].revents)
			notify_read(&at->cr->container, at->notify);
		if (fds[3].revents)
			read_input(at);
		if (fds[0].revents)
			on_signal(at);
	}
	return 0;
}

/* Waits for stdout.  False when a signal says that nobody wants the rest. */
static bool flush(struct attachment *at)
{
	struct pollfd fds[] = { { .fd = STDOUT_FILENO, .events = POLLOUT }, { .fd = at->signals, .events = POLLIN } };
	struct signalfd_siginfo info;

	if (poll(fds, 2, -1) > 0 && fds[0].revents)
		write_output(at);
	else if (fds[1].revents && read(at->signals, &info, sizeof(info)) == sizeof(info))
		return info.ssi_signo == SIGCHLD || info.ssi_signo == SIGWINCH || info.ssi_signo == SIGURG;
	return true;
}

/* What was written before the end is still in the terminal. */
static void drain(struct attachment *at)
{
	for (;;) {
		struct pollfd in = { .fd = at->cr->master, .events = POLLIN };

		if (at->n_output == 0 &&
		    (at->cr->master < 0 || poll(&in, 1, 0) <= 0 || !(in.revents & POLLIN) || !read_output(at)))
			return;
		if (at->n_output > 0 && !flush(at))
			return;
	}
}

static int open_signals(struct attachment *at, struct error *err)
{
	sigset_t all;

	sigfillset(&all);
	/* Synchronous ones mean a bug of ours: let them kill us. */
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGFPE);
	at->signals = signalfd(-1, &all, SFD_CLOEXEC);
	return at->signals < 0 ? fail(err, -errno, "cannot receive signals") : 0;
}

int attach(struct creation *cr, struct notify *notify, int *ret, struct error *err)
{
	struct attachment at = { .cr = cr, .notify = notify, .signals = -1, .input_open = true };
	int r;

	if (open_signals(&at, err) < 0)
		return -1;
	if (cr->master >= 0) {
		(void)fcntl(cr->master, F_SETFL, O_NONBLOCK);
		attach_size(cr);
		at.raw = isatty(STDIN_FILENO) && tty_raw(STDIN_FILENO, &at.saved) == 0;
	}
	reap_all(&at); /* it may have ended before anybody looked */
	r = loop(&at, err);
	drain(&at);
	if (at.raw)
		(void)tty_restore(STDIN_FILENO, &at.saved);
	at.signals = fd_close(at.signals);
	*ret = at.status;
	return r;
}
