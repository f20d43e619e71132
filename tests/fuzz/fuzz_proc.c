// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_proc.c - files of procfs: stat of a process, whose name is its own choice, a value that is read back, and maps. */
#include "../../src/kernel/proc.c"  // NOLINT(bugprone-suspicious-include): its functions are static
#include "../../src/kernel/idmap.c" // NOLINT(bugprone-suspicious-include)

#include "fuzz.h"

static const struct id_range ranges[] = { { 0, 100000, 65536 }, { 65536, 1000, 1 } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), state = 0;
	uint64_t start = 0;

	if (compare(text, ranges, 2) == 0)
		MUST(strstr(text, "100000") && strstr(text, "65536") && strstr(text, "1000"));
	MUST(is_kept(text, text) || strspn(text, " \t\n\v\f\r") > 0);
	(void)is_kept("1024 65535", text);
	if (parse_stat(text, &start, &state) == 0)
		MUST(state);
	free(text);
	return 0;
}
