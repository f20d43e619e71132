// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_base_child.c - host programs: their end, their output, what they inherit, their deadline. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "unit.h"

/* Milliseconds that no test should need, on the busiest machine. */
#define PLENTY 120000

static int shell(const char *script, int timeout_ms, struct child_result *ret)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const struct child_options options = {
		.file = "/bin/sh", .argv = argv, .directory = -1, .timeout_ms = timeout_ms,
	};

	return child_run(&options, ret);
}

static void endings(void **state)
{
	struct child_result result;

	(void)state;
	assert_int_equal(shell("exit 0", -1, &result), 0);
	assert_int_equal(result.status, 0);
	assert_string_equal(result.tail, "");
	assert_int_equal(shell("exit 7", PLENTY, &result), 0);
	assert_int_equal(result.status, 7);
	assert_int_equal(shell("kill -TERM $$", PLENTY, &result), 0);
	assert_int_equal(result.status, 128 + SIGTERM);
}

static void not_started(void **state)
{
	struct child_options options = { .file = "/nonexistent/x", .directory = -1, .timeout_ms = PLENTY };
	struct child_result result;

	(void)state;
	assert_int_equal(child_run(&options, &result), -ENOENT);
	options.file = "/etc/passwd";
	assert_int_equal(child_run(&options, &result), -EACCES);
	options.file = "no-such-program-anywhere";
	assert_int_equal(child_run(&options, &result), -ENOENT);
	options.file = "true";
	assert_int_equal(child_run(&options, &result), 0);
	assert_int_equal(result.status, 0);
}

static void output(void **state)
{
	struct child_result result;

	(void)state;
	assert_int_equal(shell("echo one; echo two >&2; printf 'a\\0b\\n\\n'", PLENTY, &result), 0);
	assert_string_equal(result.tail, "one\ntwo\na b");
	/* Far more than the pipe or the tail holds. */
	assert_int_equal(shell("i=0; while [ $i -lt 3000 ]; do echo \"line $i of a lot of output, all of it read\"; "
			       "i=$((i+1)); done; echo last",
			       PLENTY, &result), 0);
	assert_int_equal(strlen(result.tail), CHILD_TAIL_MAX - 1); /* the newline is cut */
	assert_string_equal(result.tail + strlen(result.tail) - 5, "\nlast");
}

static long elapsed_ms(const struct timespec *begin)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - begin->tv_sec) * 1000 + (now.tv_nsec - begin->tv_nsec) / 1000000;
}

/* Whether the process is gone, or a zombie (where nobody reaps orphans). */
static bool is_dead(int pid)
{
	char path[64], text[64] = "";
	auto_close int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || strstr(text, ") Z");
}

static void deadlines(void **state)
{
	struct child_result result;
	struct timespec begin;
	int pid = 0;

	(void)state;
	/* The grandchild is of the same group and goes with it.  A busy machine may take long to begin it. */
	for (int ms = 200; pid == 0 && ms < PLENTY; ms *= 2) {
		assert_int_equal(shell("sleep 300 & echo $!; wait", ms, &result), -ETIMEDOUT);
		(void)sscanf(result.tail, "%d", &pid);
	}
	assert_int_not_equal(pid, 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	while (!is_dead(pid) && elapsed_ms(&begin) < PLENTY)
		(void)usleep(10000);
	assert_true(is_dead(pid));
	/* One that writes without end. */
	assert_int_equal(shell("while :; do echo y; done", 200, &result), -ETIMEDOUT);
	/* One that is done, while its daemon keeps the pipe. */
	pid = 0;
	assert_int_equal(shell("sleep 300 & echo $!", PLENTY, &result), 0);
	assert_int_equal(sscanf(result.tail, "%d", &pid), 1);
	assert_false(is_dead(pid));
	assert_int_equal(kill(pid, SIGKILL), 0);
}

static void inherits(void **state)
{
	static const char *const env[] = { "A=b", NULL };
	static const char *const argv[] = { "sh", "-c", "cat; pwd; echo $A; echo $$; ls /proc/self/fd | wc -l", NULL };
	struct child_options options = {
		.file = "/bin/sh", .argv = argv, .envp = env, .input = "in\n", .input_size = 3, .timeout_ms = PLENTY,
	};
	auto_close int leak = open("/dev/zero", O_RDONLY), directory = open("/usr", O_PATH | O_CLOEXEC);
	struct child_result result;
	int group, fds;
	char line[16];

	(void)state;
	(void)leak; /* not close-on-exec on purpose */
	options.directory = directory;
	assert_int_equal(child_run(&options, &result), 0);
	assert_int_equal(sscanf(result.tail, "in\n/usr\n%15s\n%d\n%d", line, &group, &fds), 3);
	assert_string_equal(line, "b");
	assert_int_equal(fds, 4); /* stdio and ls's own directory */
}

static void signals(void **state)
{
	struct child_result result;
	sigset_t set;

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)sigfillset(&set);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
	assert_int_equal(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status", PLENTY, &result), 0);
	assert_string_equal(result.tail, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000");
	(void)sigemptyset(&set);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
}

/* The caller's own stdio may be closed: the pipes land there. */
static void closed_stdio(void **state)
{
	struct child_result result;
	int copies[3];

	(void)state;
	for (int fd = 0; fd < 3; fd++) {
		copies[fd] = fd_dup(fd, 50);
		(void)close(fd);
	}
	int r = shell("echo out; echo err >&2; cat", PLENTY, &result);

	for (int fd = 0; fd < 3; fd++) {
		(void)dup2(copies[fd], fd);
		(void)fd_close(copies[fd]);
	}
	assert_int_equal(r, 0);
	assert_string_equal(result.tail, "out\nerr");
}

static void interrupts(void **state)
{
	const char *const argv[] = { "sh", "-c", "echo begun; kill -TERM $PPID; exec sleep 300", NULL };
	struct child_options options = {
		.file = "/bin/sh", .argv = argv, .directory = -1, .timeout_ms = PLENTY, .interruptible = true,
	};
	struct child_result result;
	struct timespec begin;
	sigset_t before, after;

	(void)state;
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	(void)sigprocmask(SIG_SETMASK, NULL, &before);
	assert_int_equal(child_run(&options, &result), -EINTR);
	assert_int_equal(result.signal, SIGTERM);
	assert_string_equal(result.tail, "begun");
	assert_true(elapsed_ms(&begin) < PLENTY);
	/* The signal is taken, and the mask as before. */
	(void)sigprocmask(SIG_SETMASK, NULL, &after);
	for (int n = 1; n < 32; n++)
		assert_int_equal(sigismember(&before, n), sigismember(&after, n));
	/* What the caller ignores does not count. */
	(void)signal(SIGTERM, SIG_IGN);
	options.timeout_ms = 300;
	assert_int_equal(child_run(&options, &result), -ETIMEDOUT);
	(void)signal(SIGTERM, SIG_DFL);
}

static int open_again(int fd, int flags)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags);
}

static void files(void **state)
{
	const char *const argv[] = { "sh", "-c", "echo out; echo err >&2; exit 3", NULL };
	FILE *out = tmpfile(), *error = tmpfile();
	int read_only = open_again(fileno(error), O_RDONLY);
	int both[3] = { open_again(fileno(out), O_WRONLY | O_APPEND), open_again(fileno(error), O_WRONLY | O_APPEND),
			read_only };
	struct child_options options = {
		.file = "/bin/sh", .argv = argv, .directory = -1, .timeout_ms = PLENTY, .files = both,
	};
	struct child_result result;
	char text[32] = "";

	(void)state;
	assert_int_equal(write(both[1], "before\n", 7), 7);
	assert_int_equal(child_run(&options, &result), 0);
	assert_int_equal(result.status, 3);
	assert_string_equal(result.tail, "err"); /* not what was there before */
	assert_int_equal(pread(fileno(out), text, sizeof(text), 0), 4);
	assert_string_equal(text, "out\n");
	assert_int_equal(pread(fileno(error), text, sizeof(text), 0), 11);
	assert_memory_equal(text, "before\nerr\n", 11);
	/* Nobody may read it: no tail. */
	both[2] = -1;
	assert_int_equal(child_run(&options, &result), 0);
	assert_string_equal(result.tail, "");
	(void)close(both[1]);
	/* One of them alone: the other is the pipe. */
	both[1] = -1;
	assert_int_equal(child_run(&options, &result), 0);
	assert_string_equal(result.tail, "err");
	(void)close(both[0]);
	(void)close(read_only);
	(void)fclose(out);
	(void)fclose(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endings),   cmocka_unit_test(not_started), cmocka_unit_test(output),
		cmocka_unit_test(deadlines), cmocka_unit_test(inherits),    cmocka_unit_test(signals),
		cmocka_unit_test(closed_stdio), cmocka_unit_test(interrupts), cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
