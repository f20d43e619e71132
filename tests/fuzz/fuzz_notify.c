// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_notify.c - what a program says on its notify socket. */
#include "../../src/container/notify.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "fuzz.h"

static bool has_line(const char *text, const char *wanted)
{
	char *copy = strdup(text), *rest = copy, *line;
	bool found = false;

	while ((line = strsep(&rest, "\n")))
		found = found || strcmp(line, wanted) == 0;
	free(copy);
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char id[] = "c";
	struct hull_record record = { .notify_socket = "/nonexistent/socket" };
	struct container c = { .record = &record, .id = id };
	struct notify notify = { .fd = -1 };
	char *text = fuzz_text(data, size);
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0);
	notify.fd = pair[0];
	if (send(pair[1], data, size, MSG_DONTWAIT) == (ssize_t)size)
		notify_read(&c, &notify);
	if (size < 4096)
		MUST(notify.done == has_line(text, "READY=1"));
	(void)close(pair[0]);
	(void)close(pair[1]);
	free(text);
	return 0;
}
