// SPDX-License-Identifier: LGPL-2.1-or-later
/* socket.h - UNIX sockets that carry descriptors and the kernel's word on who sent them (unix(7)). */
#pragma once

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* SCM_MAX_FD of the kernel: descriptors in one message. */
#define SOCKET_MAX_FDS 253

/* A SOCK_SEQPACKET pair, close-on-exec, both ends with SO_PASSCRED.  0 or -errno. */
int socket_pair(int ret[2]);

/* Sends one message of size bytes (at least 1) with n_fds descriptors.  Never raises SIGPIPE.
 * 0 or -errno (-EPIPE: the peer is gone). */
int socket_send(int fd, const void *data, size_t size, const int *fds, size_t n_fds);
/* Raises the longest message that can be sent (about 200 kB) to size, as far as the caller may: root to a few MiB, others to twice
 * net.core.wmem_max.  socket_send says whether it was enough (-EMSGSIZE, -ENOBUFS). */
void socket_make_room(int fd, size_t size);

/* Receives one message.  Received descriptors are close-on-exec and owned by the caller; more than
 * max_fds, or a cut message, is -EMSGSIZE and all of them are closed.  pid (may be NULL) gets the
 * sender's pid in the caller's pid namespace, 0 where it has none there.
 * Number of bytes, 0 at end of file, or -errno. */
ssize_t socket_receive(int fd, void *data, size_t size, int *fds, size_t max_fds, size_t *n_fds, pid_t *pid);

/* A listening socket bound to `name` in the directory dir; the whole path may exceed sun_path.
 * type is SOCK_STREAM or SOCK_SEQPACKET.  fd (close-on-exec) or -errno. */
int socket_listen_at(int dir, const char *name, int type);

/* A datagram socket bound to `name` in dir; one left by a dead process is replaced.  fd or -errno. */
int socket_bind_at(int dir, const char *name);

/* Connects to the socket `name` in dir, or to the host path.  fd or -errno; connecting and later sending wait 10
 * seconds for a peer that does nothing, then fail with -EAGAIN. */
int socket_connect_at(int dir, const char *name, int type);
int socket_connect(const char *path, int type);

/* Waits until fd is readable or closed, at most timeout_ms (-1: for ever).  1, 0 at the deadline, -errno. */
int socket_wait(int fd, int timeout_ms);
