// SPDX-License-Identifier: LGPL-2.1-or-later
/* child.c - run a program of the host to its end.
 *
 * Its stdin is a memfd, so nobody has to feed it; whether execve worked is known from a close-on-exec pipe;
 * its end from a pidfd.  The output pipe alone would not do: a daemon that it leaves behind keeps it open. */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/interrupt.h"

#define LAST_SIGNAL 64

int child_reset_signals(void)
{
	static const unsigned long all_zero[16]; /* the kernel's struct sigaction with SIG_DFL, no flags, empty mask */
	sigset_t none;

	/* Not by signal(3): it refuses the C library's own two (32, 33), which posix_spawn(3), and so make, leaves
	 * ignored in all that it starts. */
	for (int n = 1; n <= LAST_SIGNAL; n++)
		if (n != SIGKILL && n != SIGSTOP && syscall(SYS_rt_sigaction, n, all_zero, NULL, LAST_SIGNAL / 8) < 0)
			return -errno;
	(void)sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

static int file_for(const struct child_options *options, int stream, int pipe)
{
	return options->files && options->files[stream - 1] >= 0 ? options->files[stream - 1] : pipe;
}

/* Only what is safe between fork and exec. */
static void become(const struct child_options *options, const char *const *argv, pid_t parent, int input, int output,
		   int report)
{
	int number;

	(void)child_reset_signals(); /* fails only for an invalid number */
	(void)setpgid(0, 0); /* cannot fail in a new child */
	(void)fd_restore_limit(); /* fails only for who may not lower a limit, which nobody is */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* as setpgid */
	if (getppid() != parent)
		_exit(127);
	if (dup2(input, 0) >= 0 && dup2(file_for(options, 1, output), 1) >= 0 &&
	    dup2(file_for(options, 2, output), 2) >= 0 && fd_cloexec_from(3) == 0 &&
	    (options->directory < 0 || fchdir(options->directory) == 0))
		execvpe(options->file, (char *const *)argv, options->envp ? (char *const *)options->envp : environ);
	number = errno;
	(void)!write(report, &number, sizeof(number)); /* nobody else could be told */
	_exit(127);
}

/* Keeps the last bytes.  1, 0 at end of file, or -errno. */
static int take_output(int fd, char tail[CHILD_TAIL_MAX], size_t *length)
{
	char chunk[4096];
	ssize_t n = read(fd, chunk, sizeof(chunk));
	size_t keep, size;

	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	if (n == 0)
		return 0;
	size = (size_t)n < CHILD_TAIL_MAX ? (size_t)n : CHILD_TAIL_MAX;
	keep = *length + size > CHILD_TAIL_MAX ? CHILD_TAIL_MAX - size : *length;
	memmove(tail, tail + *length - keep, keep);
	memcpy(tail + keep, chunk + n - size, size);
	*length = keep + size;
	return 1;
}

static void finish_tail(char *tail, size_t length)
{
	while (length > 0 && tail[length - 1] == '\n')
		length--;
	for (size_t i = 0; i < length; i++)
		if (!tail[i])
			tail[i] = ' ';
	tail[length] = '\0';
}

/* Reads output until the process has ended and the pipe is empty, the deadline or a signal.  0 or -errno. */
static int follow(int pidfd, int output, const struct interrupt *interrupt, int timeout_ms, struct child_result *ret,
		  size_t *length)
{
	int64_t deadline = timeout_ms >= 0 ? clock_ms() + timeout_ms : 0;
	struct pollfd fds[3] = { { .fd = pidfd, .events = POLLIN },
				 { .fd = output, .events = POLLIN },
				 { .fd = interrupt->fd, .events = POLLIN } };

	for (;;) {
		int n = poll(fds, 3, timeout_ms >= 0 ? clock_left(deadline) : -1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (fds[1].revents && take_output(output, ret->tail, length) <= 0)
			fds[1].fd = -1;
		else if (!fds[1].revents && fds[0].revents)
			return 0;
		if (fds[1].fd < 0 && fds[0].revents)
			return 0;
		if (fds[2].revents && !fds[0].revents) {
			ret->signal = interrupt_take(interrupt);
			if (ret->signal)
				return -EINTR;
		}
		/* A program that writes without end has a deadline too. */
		if (timeout_ms >= 0 && clock_left(deadline) == 0 && !fds[0].revents)
			return -ETIMEDOUT;
	}
}

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* 0 once execve has worked, or what became() reported. */
static int wait_for_exec(int report)
{
	int number = 0;
	ssize_t n;

	do
		n = read(report, &number, sizeof(number));
	while (n < 0 && errno == EINTR);
	return n == sizeof(number) ? -number : 0;
}

static int open_input(const struct child_options *options)
{
	int fd;

	if (options->input)
		return fd_sealed("stdin", options->input, options->input_size);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A descriptor below 3 would be overwritten by the child's dup2 before it is used. */
static int above_stdio(int *fd)
{
	int high;

	if (*fd > 2)
		return 0;
	high = fd_dup(*fd, 3);
	if (high < 0)
		return high;
	(void)fd_close(*fd);
	*fd = high;
	return 0;
}

static int make_pipe(int *ret_read, int *ret_write)
{
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*ret_read = ends[0];
	*ret_write = ends[1];
	r = above_stdio(ret_read);
	return r < 0 ? r : above_stdio(ret_write);
}

/* Where stderr goes to a file, its end stands for the pipe's; nobody minds if it cannot be read. */
static size_t read_tail(const struct child_options *options, off_t before, char tail[CHILD_TAIL_MAX])
{
	off_t from, end;
	ssize_t n;

	if (before < 0 || (end = lseek(options->files[2], 0, SEEK_END)) <= before)
		return 0;
	from = end - before > CHILD_TAIL_MAX ? end - CHILD_TAIL_MAX : before;
	n = pread(options->files[2], tail, (size_t)(end - from), from);
	return n > 0 ? (size_t)n : 0;
}

/* The child is there: its way to its end.  before: size of the file of stderr, -1: none.  0 or -errno. */
static int accompany(const struct child_options *options, pid_t pid, int output, const struct interrupt *interrupt,
		     off_t before, struct child_result *ret)
{
	auto_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	size_t length = 0;
	int r = pidfd < 0 ? -errno : follow(pidfd, output, interrupt, options->timeout_ms, ret, &length);
	int status;

	if (length == 0)
		length = read_tail(options, before, ret->tail);
	finish_tail(ret->tail, length);
	if (r < 0)
		(void)kill(-pid, SIGKILL); /* not reaped yet: the group's number is still ours */
	status = reap(pid);
	if (r < 0)
		return r;
	if (status < 0)
		return status;
	ret->status = status;
	return 0;
}

static int run(const struct child_options *options, const struct interrupt *interrupt, struct child_result *ret)
{
	auto_close int input = -1, output = -1, output_end = -1, report = -1, report_end = -1;
	const char *const alone[] = { options->file, NULL };
	pid_t pid, parent = getpid();
	off_t before = -1;
	int r;

	input = open_input(options);
	if (input < 0)
		return input;
	if ((r = above_stdio(&input)) < 0 || (r = make_pipe(&output, &output_end)) < 0 ||
	    (r = make_pipe(&report, &report_end)) < 0)
		return r;
	if (options->files && options->files[2] >= 0)
		before = lseek(options->files[2], 0, SEEK_END);

	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become(options, options->argv ? options->argv : alone, parent, input, output_end, report_end);
	output_end = fd_close(output_end);
	report_end = fd_close(report_end);
	r = wait_for_exec(report);
	if (r < 0) {
		(void)reap(pid);
		return r;
	}
	return accompany(options, pid, output, interrupt, before, ret);
}

int child_run(const struct child_options *options, struct child_result *ret)
{
	struct interrupt interrupt = { .fd = -1 };
	int r = 0;

	*ret = (struct child_result){ 0 };
	/* Before the program runs: a signal that comes because of what it did is not lost. */
	if (options->interruptible)
		r = interrupt_begin(&interrupt);
	if (r == 0)
		r = run(options, &interrupt, ret);
	if (options->interruptible)
		interrupt_end(&interrupt);
	return r;
}
