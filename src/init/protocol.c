// SPDX-License-Identifier: LGPL-2.1-or-later
/* protocol.c - sends and receives the one fixed message; only the used part of its text travels. */
#include "init/protocol.h"

#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "base/socket.h"

#define HEADER offsetof(struct message, text)

static const char *const names[] = {
	[MSG_HELLO] = "HELLO",	   [MSG_NAMESPACES] = "NAMESPACES", [MSG_MAP] = "MAP",	     [MSG_CHILD] = "CHILD",
	[MSG_PROCFS] = "PROCFS",   [MSG_SECCOMP] = "SECCOMP",	    [MSG_SCHEDULING] = "SCHEDULING",
	[MSG_ROOT] = "ROOT",	   [MSG_SOURCES] = "SOURCES",	    [MSG_SHIFT] = "SHIFT",   [MSG_NETDEV] = "NETDEV", [MSG_HOOKS] = "HOOKS",
	[MSG_CONSOLE] = "CONSOLE", [MSG_CGROUP] = "CGROUP",	    [MSG_READY] = "READY",   [MSG_LOG] = "LOG",
	[MSG_TRACE] = "TRACE",	   [MSG_FAILED] = "FAILED",	    [MSG_START] = "START",   [MSG_EXEC] = "EXEC",
	[MSG_LISTENER] = "LISTENER",
};

const char *message_name(uint32_t type)
{
	return type < sizeof(names) / sizeof(names[0]) && names[type] ? names[type] : "unknown";
}

int message_send(int fd, const struct message *message, const int *fds, size_t n_fds)
{
	return socket_send(fd, message, HEADER + strnlen(message->text, sizeof(message->text) - 1) + 1, fds, n_fds);
}

int message_receive(int fd, struct message *ret, int *fds, size_t max_fds, size_t *n_fds, pid_t *pid)
{
	size_t count = 0;
	ssize_t n = socket_receive(fd, ret, sizeof(*ret), fds, max_fds, &count, pid);

	if (n_fds)
		*n_fds = count;
	if (n <= 0)
		return (int)n;
	if ((size_t)n > HEADER && ((const char *)ret)[n - 1] == '\0')
		return 1;
	for (size_t i = 0; i < count; i++)
		fds[i] = fd_close(fds[i]);
	if (n_fds)
		*n_fds = 0;
	return -EPROTO;
}
