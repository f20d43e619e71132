// SPDX-License-Identifier: LGPL-2.1-or-later
/* bus_socket.h - the connection below the messages of bus.c; private to it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Connects to the socket at path.  fd or -errno */
int bus_socket_open(const char *path);
/* Sends all of it.  0, -ETIMEDOUT, -errno */
int bus_socket_send(int fd, const char *data, size_t size);
/* Exactly size bytes.  0, -ETIMEDOUT, -ECONNRESET at the end, -errno */
int bus_socket_receive(int fd, char *data, size_t size, int64_t deadline);
/* Tells the peer who we are, with our uid or by the kernel's word alone; messages may follow.  0, -EACCES (refused),
 * -errno */
int bus_socket_authenticate(int fd, bool with_uid, int64_t deadline);
/* Our uid outside of our user namespace: its owner's, where it maps us alone. */
uid_t bus_socket_uid(void);
