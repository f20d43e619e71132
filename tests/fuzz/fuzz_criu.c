// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_criu.c - what comes from criu's socket, and /proc/PID/mountinfo, in which names are the container's. */
#include "container/criu_messages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "container/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_mounts(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	const char *rest = text;
	struct mount_line line;

	if (!text)
		return;
	while (*rest && mountinfo_next(&rest, &line) != 0)
		if (rest < text || rest > text + strlen(text))
			abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct criu_reply reply;

	if (criu_unpack(data, size, &reply) == 0 &&
	    (strnlen(reply.script, sizeof(reply.script)) == sizeof(reply.script) ||
	     strnlen(reply.text, sizeof(reply.text)) == sizeof(reply.text)))
		abort();
	read_mounts(data, size);
	return 0;
}
