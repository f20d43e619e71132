// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_resctrl.c - the schemata of a group and mountinfo: the input holds a line that is wanted, a newline, and the rest. */
#include "../../src/cgroup/resctrl.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *schemata = text, empty[] = "", *line = strsep(&schemata, "\n");
	struct text to = TEXT_INIT;

	schemata = schemata ? schemata : empty;
	(void)says(schemata, line);
	(void)says(line, line);
	text_puts(&to, "{");
	put_schema(schemata, "L3:", "a", &to);
	put_schema(schemata, "MB:", "b", &to);
	text_puts(&to, "}");
	fuzz_json(to.data, to.length);
	text_free(&to);
	while ((line = strsep(&schemata, "\n")))
		(void)mount_point(line);
	free(text);
	return 0;
}
