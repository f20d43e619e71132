// SPDX-License-Identifier: LGPL-2.1-or-later
/* bus_socket.c - the connection to a systemd or a bus daemon: connecting, authentication, bytes with a deadline.
 *
 * libdbus would authenticate with the uid that it sees, which in a user namespace is not the one that the peer sees;
 * and its waiting knows no end. */
#include "cgroup/bus_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/text.h"
#include "cgroup/bus.h"

int bus_socket_open(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = BUS_CALL_MS / 1000 };
	auto_close int fd = -1;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)); /* connect(2) heeds it, too */
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return take_fd(&fd);
}

int bus_socket_send(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

int bus_socket_receive(int fd, char *data, size_t size, int64_t deadline)
{
	while (size > 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n = poll(&p, 1, clock_left(deadline));

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			return -ETIMEDOUT;
		n = n < 0 ? n : recv(fd, data, size, MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ECONNRESET;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

/* One line of the peer, without its end.  Nothing follows it before we speak. */
static int receive_line(int fd, char *ret, size_t size, int64_t deadline)
{
	for (size_t n = 0; n + 1 < size; n++) {
		int r = bus_socket_receive(fd, ret + n, 1, deadline);

		if (r < 0)
			return r;
		if (n > 0 && ret[n - 1] == '\r' && ret[n] == '\n') {
			ret[n - 1] = '\0';
			return 0;
		}
	}
	return -EPROTO;
}

uid_t bus_socket_uid(void)
{
	auto_close int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	unsigned long own = geteuid();
	char text[4096], *at;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	for (at = text; *at; at += *at == '\n') { /* INSIDE OUTSIDE COUNT */
		unsigned long inside = strtoul(at, &at, 10), outside = strtoul(at, &at, 10), count = strtoul(at, &at, 10);

		if (own >= inside && own - inside < count)
			return (uid_t)(outside + (own - inside));
		at += strcspn(at, "\n");
	}
	return (uid_t)own;
}

/* BEGIN goes with the rest, and no message before the OK: a server that finds a message behind BEGIN in what it has read
 * (systemd's, up to now) waits for more to read before it looks at it. */
int bus_socket_authenticate(int fd, bool with_uid, int64_t deadline)
{
	char number[16], words[96] = " ", answer[256];
	auto_text struct text lines = TEXT_INIT;
	size_t at = 1;
	int r;

	snprintf(number, sizeof(number), "%u", (unsigned)bus_socket_uid());
	for (const char *digit = number; *digit; digit++)
		at += (size_t)snprintf(words + at, sizeof(words) - at, "%02x", (unsigned char)*digit);
	text_append(&lines, "", 1); /* its NUL byte, with which the kernel tells who we are */
	text_printf(&lines, "AUTH EXTERNAL%s\r\nBEGIN\r\n", with_uid ? words : "\r\nDATA");
	if (lines.failed)
		return -ENOMEM;
	r = bus_socket_send(fd, lines.data, lines.length);
	do
		r = r < 0 ? r : receive_line(fd, answer, sizeof(answer), deadline);
	while (r == 0 && text_starts(answer, "DATA"));
	if (r < 0)
		return r;
	return text_starts(answer, "OK") ? 0 : -EACCES;
}
