// SPDX-License-Identifier: LGPL-2.1-or-later
/* console.c - hands a descriptor to whoever listens on --console-socket or --pidfd-socket: one message, one
 * descriptor, then close.  Receivers insist on exactly that. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/socket.h"
#include "container/creation.h"

int console_connect(const char *path, struct error *err)
{
	int fd = socket_connect(path, SOCK_STREAM);

	return fd < 0 ? fail(err, fd, "cannot connect to the socket %s", path) : fd;
}

int console_send(int socket, int fd, const char *payload, struct error *err)
{
	int r = socket_send(socket, payload, strlen(payload), &fd, 1);

	return r < 0 ? fail(err, r, "cannot send a descriptor to the socket") : 0;
}
