// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_base_socket.c - messages, the descriptors in them, and paths longer than sun_path. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/socket.h"
#include "unit.h"

static int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void messages(void **state)
{
	int pair[2], before = count_fds();
	char buffer[16];
	pid_t pid = -1;
	size_t n_fds = 9;

	(void)state;
	assert_int_equal(socket_pair(pair), 0);
	assert_true(fcntl(pair[0], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(socket_send(pair[0], "one", 3, NULL, 0), 0);
	assert_int_equal(socket_send(pair[0], "two!", 4, NULL, 0), 0);
	assert_int_equal(socket_receive(pair[1], buffer, sizeof(buffer), NULL, 0, &n_fds, &pid), 3);
	assert_int_equal(n_fds, 0);
	assert_int_equal(pid, getpid());
	assert_memory_equal(buffer, "one", 3);
	/* A cut message is no message. */
	assert_int_equal(socket_receive(pair[1], buffer, 3, NULL, 0, NULL, NULL), -EMSGSIZE);
	assert_int_equal(socket_send(pair[0], "", 0, NULL, 0), -EINVAL);
	(void)fd_close(pair[0]);
	assert_int_equal(socket_receive(pair[1], buffer, sizeof(buffer), NULL, 0, NULL, &pid), 0);
	/* The peer is gone: an error, not a signal. */
	assert_int_equal(socket_send(pair[1], "x", 1, NULL, 0), -EPIPE);
	(void)fd_close(pair[1]);
	assert_int_equal(count_fds(), before);
}

static void long_messages(void **state)
{
	static char data[400000], buffer[sizeof(data)];
	int pair[2];

	(void)state;
	memset(data, 'x', sizeof(data));
	assert_int_equal(socket_pair(pair), 0);
	socket_make_room(pair[0], 1);
	/* As many as socket(7) lets everybody send, by default. */
	socket_make_room(pair[0], sizeof(data));
	assert_int_equal(socket_send(pair[0], data, sizeof(data), NULL, 0), 0);
	assert_int_equal(socket_receive(pair[1], buffer, sizeof(buffer), NULL, 0, NULL, NULL), sizeof(data));
	assert_memory_equal(data, buffer, sizeof(data));
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void last_words(void **state)
{
	int pair[2];
	char buffer[16];

	(void)state;
	assert_int_equal(socket_pair(pair), 0);
	assert_int_equal(socket_send(pair[0], "unread", 6, NULL, 0), 0);
	assert_int_equal(socket_send(pair[1], "why", 3, NULL, 0), 0);
	(void)fd_close(pair[1]);
	assert_int_equal(socket_receive(pair[0], buffer, sizeof(buffer), NULL, 0, NULL, NULL), 3);
	assert_memory_equal(buffer, "why", 3);
	assert_int_equal(socket_receive(pair[0], buffer, sizeof(buffer), NULL, 0, NULL, NULL), 0);
	(void)fd_close(pair[0]);
}

static void descriptors(void **state)
{
	int pair[2], sent[SOCKET_MAX_FDS], got[SOCKET_MAX_FDS], before = count_fds();
	struct stat a, b;
	size_t n;
	char byte;

	(void)state;
	assert_int_equal(socket_pair(pair), 0);
	for (size_t i = 0; i < SOCKET_MAX_FDS; i++)
		sent[i] = open(i % 2 ? "/dev/null" : "/dev/zero", O_RDONLY | O_CLOEXEC);
	assert_int_equal(socket_send(pair[0], "x", 1, sent, SOCKET_MAX_FDS), 0);
	assert_int_equal(socket_receive(pair[1], &byte, 1, got, SOCKET_MAX_FDS, &n, NULL), 1);
	assert_int_equal(n, SOCKET_MAX_FDS);
	for (size_t i = 0; i < n; i++) {
		assert_true(fcntl(got[i], F_GETFD) & FD_CLOEXEC);
		assert_int_equal(fstat(sent[i], &a), 0);
		assert_int_equal(fstat(got[i], &b), 0);
		assert_true(a.st_rdev == b.st_rdev);
		(void)fd_close(got[i]);
	}
	/* More than asked for: refused, and none of them is left open. */
	for (size_t max = 0; max < 3; max++) {
		assert_int_equal(socket_send(pair[0], "x", 1, sent, 3), 0);
		assert_int_equal(socket_receive(pair[1], &byte, 1, got, max, &n, NULL), -EMSGSIZE);
		assert_int_equal(n, 0);
	}
	assert_int_equal(socket_send(pair[0], "x", 1, sent, SOCKET_MAX_FDS + 1), -EINVAL);
	for (size_t i = 0; i < SOCKET_MAX_FDS; i++)
		(void)fd_close(sent[i]);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
	assert_int_equal(count_fds(), before);
}

static void senders(void **state)
{
	int pair[2];
	pid_t child, pid;
	char byte;

	(void)state;
	assert_int_equal(socket_pair(pair), 0);
	child = fork();
	if (child == 0)
		_exit(socket_send(pair[0], "x", 1, NULL, 0) == 0 ? 0 : 1);
	assert_int_equal(socket_receive(pair[1], &byte, 1, NULL, 0, NULL, &pid), 1);
	assert_int_equal(pid, child);
	(void)waitpid(child, NULL, 0);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

/* A directory whose path alone is longer than sun_path. */
static void long_paths(void **state)
{
	char top[] = "/tmp/test_base_socket.XXXXXX", deep[300], path[320], name[101];
	auto_close int dir = -1, listener = -1, client = -1, server = -1, other = -1;

	(void)state;
	assert_non_null(mkdtemp(top));
	memset(name, 'd', 100);
	name[100] = '\0';
	snprintf(deep, sizeof(deep), "%s/%s", top, name);
	assert_int_equal(mkdir(deep, 0700), 0);
	snprintf(deep, sizeof(deep), "%s/%s/%s", top, name, name);
	assert_int_equal(mkdir(deep, 0700), 0);
	snprintf(path, sizeof(path), "%s/start", deep);

	dir = open(deep, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(socket_connect_at(dir, "start", SOCK_SEQPACKET), -ENOENT);
	listener = socket_listen_at(dir, "start", SOCK_SEQPACKET);
	assert_true(listener >= 0);
	client = socket_connect_at(dir, "start", SOCK_SEQPACKET);
	assert_true(client >= 0);
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_int_equal(socket_send(client, "x", 1, NULL, 0), 0);
	assert_int_equal(socket_wait(server, 1000), 1);
	other = socket_connect(path, SOCK_SEQPACKET);
	assert_true(other >= 0);
	assert_int_equal(socket_listen_at(dir, "start", SOCK_STREAM), -EADDRINUSE);
	listener = fd_close(listener);
	assert_int_equal(socket_connect_at(dir, "start", SOCK_SEQPACKET), -ECONNREFUSED);
	assert_int_equal(socket_connect(path, SOCK_SEQPACKET), -ECONNREFUSED);

	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(deep), 0);
	snprintf(deep, sizeof(deep), "%s/%s", top, name);
	assert_int_equal(rmdir(deep), 0);
	assert_int_equal(rmdir(top), 0);
}

static void on_alarm(int number)
{
	(void)number;
}

/* Signals that arrive meanwhile do not put the deadline off. */
static void deadline(void **state)
{
	const struct itimerval often = { .it_interval = { .tv_usec = 20000 }, .it_value = { .tv_usec = 20000 } };
	const struct itimerval never = { 0 };
	struct sigaction action = { .sa_handler = on_alarm };
	struct timespec begin, end;
	int pair[2];
	pid_t guard;

	(void)state;
	assert_int_equal(socket_pair(pair), 0);
	assert_int_equal(socket_wait(pair[0], 0), 0);
	guard = fork();
	if (guard == 0) {
		(void)usleep(3000000);
		_exit(socket_send(pair[1], "x", 1, NULL, 0));
	}
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(socket_wait(pair[0], 100), 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_true((end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 < 2000);
	(void)kill(guard, SIGKILL);
	(void)waitpid(guard, NULL, 0);
	(void)fd_close(pair[1]);
	assert_int_equal(socket_wait(pair[0], -1), 1); /* closed counts as readable */
	(void)fd_close(pair[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages), cmocka_unit_test(long_messages),   cmocka_unit_test(descriptors), cmocka_unit_test(senders),
		cmocka_unit_test(long_paths), cmocka_unit_test(deadline),
		cmocka_unit_test(last_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
