// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_hello.c - what the runtime says to init: HELLO, then answers. */
#include "../../src/init/init.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message message = { .type = MSG_ROOT };
	struct init in = { .channel = -1 };
	struct error err = { 0 };
	int first = dup(0), config = -1, fds[2], r;
	size_t n = 0;

	(void)close(first);
	MUST(first >= 0);
	in.channel = open_channel(data, size);
	if (say_hello(&in, &config, &err) == 0) {
		MUST(config >= 0 && in.n_preserved >= 0 && strlen(in.id) < sizeof(in.id));
		MUST(in.flags & INIT_EXEC ? in.target >= 0 : in.bundle >= 0 && in.lock >= 0);
		while ((r = init_ask(&in, &message, NULL, 0, fds, 2, &n, &err)) == 0)
			MUST(message.type == MSG_ROOT && n <= 2);
	}
	close_all(first);
	return 0;
}
