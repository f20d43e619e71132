// SPDX-License-Identifier: LGPL-2.1-or-later
/* notify.c - the proxy between the program's sd_notify(3) and the supervisor of the runtime. */
#include "container/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/socket.h"
#include "kernel/sys.h"

#define SOCKET_NAME "notify.sock"
#define BARRIER_TIMEOUT_MS (30 * 1000)

int notify_open(struct container *c, struct notify *ret, struct error *err)
{
	auto_close int dir = -1, inode = -1;

	*ret = (struct notify){ .fd = -1 };
	if (!c->record->notify_socket)
		return 0;
	dir = file_open_at(c->dir, NOTIFY_DIR_NAME, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return fail(err, dir, "cannot open the notify directory");
	ret->fd = socket_bind_at(dir, SOCKET_NAME);
	if (ret->fd < 0)
		return fail(err, ret->fd, "cannot make the notify socket");
	/* Any user of the container may write to it. */
	inode = file_open_at(dir, SOCKET_NAME, O_PATH, 0);
	if (inode < 0 || sys_fchmod(inode, 0777) < 0)
		return fail(err, ERR_HOST, "cannot open the notify socket to the container's users");
	return 0;
}

/* The supervisor answers nothing; the closed pipe says that it has read everything (sd_notify_barrier(3)). */
static int barrier(int supervisor)
{
	auto_close int reader = -1, writer = -1;
	int pair[2], r;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	reader = pair[0];
	writer = pair[1];
	r = socket_send(supervisor, "BARRIER=1", strlen("BARRIER=1"), &writer, 1);
	if (r < 0)
		return r;
	writer = fd_close(writer);
	r = socket_wait(reader, BARRIER_TIMEOUT_MS);
	return r == 0 ? -ETIMEDOUT : r;
}

static int pass_on(const struct container *c)
{
	auto_close int supervisor = socket_connect(c->record->notify_socket, SOCK_DGRAM);
	char text[64];
	int n, r;

	if (supervisor < 0)
		return supervisor;
	n = snprintf(text, sizeof(text), "READY=1\nMAINPID=%d", c->record->pid);
	r = socket_send(supervisor, text, (size_t)n, NULL, 0);
	return r < 0 ? r : barrier(supervisor);
}

/* A line of its own: READY=10 is not it. */
static bool says_ready(const char *text)
{
	for (const char *at = text; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (strncmp(at, "READY=1", 7) == 0 && (at[7] == '\0' || at[7] == '\n'))
			return true;
	return false;
}

void notify_read(struct container *c, struct notify *notify)
{
	char text[4096];
	ssize_t n = recv(notify->fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	int r;

	if (n <= 0 || notify->done)
		return;
	text[n] = '\0';
	if (!says_ready(text))
		return;
	r = pass_on(c);
	if (r < 0)
		log_warning("cannot tell %s that container %s is ready: %s", c->record->notify_socket, c->id, errno_text(r));
	notify->done = true;
}

void notify_wait(struct container *c, struct notify *notify, int pidfd)
{
	while (!notify->done) {
		struct pollfd fds[] = { { .fd = notify->fd, .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		if (fds[0].revents)
			notify_read(c, notify);
		else if (fds[1].revents)
			return;
	}
}

void notify_close(struct container *c, struct notify *notify)
{
	auto_close int dir = -1;

	if (notify->fd < 0)
		return;
	notify->fd = fd_close(notify->fd);
	dir = file_open_at(c->dir, NOTIFY_DIR_NAME, O_RDONLY | O_DIRECTORY, 0);
	if (dir >= 0)
		(void)file_remove_at(dir, SOCKET_NAME); /* delete removes it at the latest */
}
