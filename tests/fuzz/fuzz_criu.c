// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_criu.c - what comes from criu's socket, /proc/PID/mountinfo, in which names are the container's, and lists of pages,
 * which are images. */
#include "container/criu_messages.h"

#include "container/mountinfo.h"
#include "container/pagemaps.h"
#include "fuzz.h"

static void read_mounts(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const char *rest = text;
	struct mount_line line;

	while (*rest && mountinfo_next(&rest, &line) != 0)
		{
			const char *at = line.super;
			struct mountinfo_label label;

			MUST(rest >= text && rest <= text + strlen(text));
			while (mountinfo_next_label(&at, &label))
				MUST(label.text >= text && label.text + label.length <= text + strlen(text));
		}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct criu_reply reply;
	uint64_t id, pages;

	if (criu_unpack(data, size, &reply) == 0)
		MUST(strnlen(reply.script, sizeof(reply.script)) < sizeof(reply.script) &&
		     strnlen(reply.text, sizeof(reply.text)) < sizeof(reply.text));
	read_mounts(data, size);
	(void)pagemap_parse(data, size, &id, &pages);
	return 0;
}
