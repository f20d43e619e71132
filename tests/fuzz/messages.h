// SPDX-License-Identifier: LGPL-2.1-or-later
/* messages.h - the input as messages on a channel of init and the runtime.
 *
 * Each message: two bytes of length, a byte whose lowest two bits are a number of descriptors, then the message itself. */
#pragma once

#include <fcntl.h>
#include <sys/socket.h>

#include "base/socket.h"
#include "fuzz.h"
#include "init/protocol.h"
#include "kernel/sys.h"

#define MANY_MESSAGES 16

/* Returns the end to read from; the other one is closed behind the messages. */
static int open_channel(const uint8_t *data, size_t size)
{
	int pair[2], files[3];

	MUST(socket_pair(pair) == 0);
	for (size_t i = 0; i < 3; i++) {
		files[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
		MUST(files[i] >= 0);
	}
	for (size_t n = 0; n < MANY_MESSAGES && size > 3; n++) {
		size_t length = (size_t)data[0] | (size_t)data[1] << 8, n_fds = data[2] & 3;

		data += 3;
		size -= 3;
		length = length > size ? size : length;
		if (length > 0)
			(void)socket_send(pair[1], data, length, files, n_fds);
		data += length;
		size -= length;
	}
	for (size_t i = 0; i < 3; i++)
		(void)close(files[i]);
	(void)close(pair[1]);
	return pair[0];
}

/* Whatever the other side left open. */
static void close_all(int first)
{
	MUST(sys_close_range((unsigned)first, ~0U, 0) == 0);
}
