// SPDX-License-Identifier: LGPL-2.1-or-later
/* socket.c - UNIX sockets that carry descriptors and the kernel's word on who sent them. */
#include "base/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"

/* Longest wait for a peer that does not accept, or does not read. */
#define CONNECT_SECONDS 10

int socket_pair(int ret[2])
{
	int on = 1, r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) < 0)
		return -errno;
	for (int i = 0; i < 2; i++)
		if (setsockopt(ret[i], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0) {
			r = -errno;
			ret[0] = fd_close(ret[0]);
			ret[1] = fd_close(ret[1]);
			return r;
		}
	return 0;
}

int socket_send(int fd, const void *data, size_t size, const int *fds, size_t n_fds)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(SOCKET_MAX_FDS * sizeof(int))];
	struct iovec iov = { .iov_base = (void *)data, .iov_len = size };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (n_fds > SOCKET_MAX_FDS || size == 0)
		return -EINVAL;
	if (n_fds > 0) {
		struct cmsghdr *header;

		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(header), fds, n_fds * sizeof(int));
	}
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EMSGSIZE;
}

void socket_make_room(int fd, size_t size)
{
	/* Of which 32 bytes are not for messages (net/unix/af_unix.c).  The kernel doubles what it is told (socket(7)). */
	int wanted = size < INT_MAX / 2 ? (int)size : INT_MAX / 2, room;
	socklen_t length = sizeof(room);

	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &length) == 0 && room > 32 && (size_t)room - 32 >= size)
		return;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof(wanted)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof(wanted));
}

/* Takes what the control data holds; descriptors beyond max_fds are closed. */
static int take_control(struct msghdr *message, int *fds, size_t max_fds, size_t *n_fds, pid_t *pid)
{
	int r = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS && pid) {
			struct ucred cred;

			memcpy(&cred, CMSG_DATA(c), sizeof(cred));
			*pid = cred.pid;
		}
		if (c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (*n_fds < max_fds) {
				fds[(*n_fds)++] = fd;
			} else {
				(void)fd_close(fd);
				r = -EMSGSIZE;
			}
		}
	}
	return r;
}

ssize_t socket_receive(int fd, void *data, size_t size, int *fds, size_t max_fds, size_t *n_fds, pid_t *pid)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(SOCKET_MAX_FDS * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
	struct iovec iov = { .iov_base = data, .iov_len = size };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1,
				  .msg_control = control, .msg_controllen = sizeof(control) };
	size_t count = 0;
	ssize_t n;
	int r;

	if (pid)
		*pid = 0;
	/* A peer that closes without having read all that it was sent makes the next call here fail with ECONNRESET,
	 * once, ahead of what it said itself. */
	do
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return -errno;
	r = take_control(&message, fds, max_fds, &count, pid);
	if (r == 0 && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		r = -EMSGSIZE;
	if (r < 0) {
		for (size_t i = 0; i < count; i++)
			fds[i] = fd_close(fds[i]);
		count = 0;
	}
	if (n_fds)
		*n_fds = count;
	return r < 0 ? r : n;
}

static int address_at(int dir, const char *name, struct sockaddr_un *address)
{
	int n;

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s", dir, name);
	return n < 0 || (size_t)n >= sizeof(address->sun_path) ? -ENAMETOOLONG : 0;
}

int socket_listen_at(int dir, const char *name, int type)
{
	struct sockaddr_un address;
	auto_close int fd = -1;
	int r;

	r = address_at(dir, name, &address);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0)
		return -errno;
	return take_fd(&fd);
}

int socket_bind_at(int dir, const char *name)
{
	struct sockaddr_un address;
	auto_close int fd = -1;
	int r;

	r = address_at(dir, name, &address);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = file_remove_at(dir, name);
	if (r < 0)
		return r;
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : take_fd(&fd);
}

static int connect_to(const struct sockaddr_un *address, int type)
{
	const struct timeval deadline = { .tv_sec = CONNECT_SECONDS };
	auto_close int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	/* A listener whose queue is full keeps who connects waiting. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline)) < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -errno;
	return take_fd(&fd);
}

int socket_connect_at(int dir, const char *name, int type)
{
	struct sockaddr_un address;
	int r = address_at(dir, name, &address);

	return r < 0 ? r : connect_to(&address, type);
}

int socket_connect(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_close int target = -1;

	if (strlen(path) < sizeof(address.sun_path)) {
		strcpy(address.sun_path, path);
		return connect_to(&address, type);
	}
	target = open(path, O_PATH | O_CLOEXEC);
	if (target < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", target);
	return connect_to(&address, type);
}

int socket_wait(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t deadline = timeout_ms > 0 ? clock_ms() + timeout_ms : 0;
	int n;

	while ((n = poll(&p, 1, timeout_ms)) < 0 && errno == EINTR)
		if (timeout_ms > 0)
			timeout_ms = clock_left(deadline);
	return n < 0 ? -errno : n;
}
