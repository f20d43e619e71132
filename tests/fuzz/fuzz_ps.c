// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_ps.c - the table of ps(1): a line that is kept is a line of the output, whole, with the number of a process. */
#define print_text fuzz_print_text
#include "../../src/cli/ps.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "fuzz.h"

static const char *whole;

int print_text(const struct text *text, struct error *err)
{
	const char *at = text_string(text);

	(void)err;
	while (*at) {
		size_t length = strcspn(at, "\n") + 1;
		bool found = false;

		for (const char *line = whole; *line && !found; line += strcspn(line, "\n"), line += *line == '\n')
			found = strcspn(line, "\n") == length - 1 && strncmp(line, at, length - 1) == 0;
		MUST(found);
		MUST(at == text_string(text) || memchr(at, '1', length) || memmem(at, length, "23", 2));
		at += length;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const pid_t pids[] = { 1, 23, 4711 };
	char *text = fuzz_text(data, size);
	struct error err;

	whole = text;
	(void)filter(text, pids, 3, &err);
	free(text);
	return 0;
}
