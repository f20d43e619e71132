// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_subid.c - /etc/subuid, /proc/PID/uid_map and the host's /etc/passwd: the input holds them one behind the other,
 * with a byte 1 between. */
#include "../../src/container/hostcheck.c" // NOLINT(bugprone-suspicious-include): its functions are static
#include "../../src/cli/owner.c"	   // NOLINT(bugprone-suspicious-include)

#include "container/subids.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, empty[] = "", name[256];
	char *ranges = strsep(&rest, "\1"), *map = strsep(&rest, "\1"), *passwd = rest;
	uint32_t first, n;

	(void)subids_grant(ranges, passwd, 100000, 65536);
	(void)subids_grant(ranges, NULL, 0, 1);
	if (subids_first(ranges, passwd, &first, &n) && n > 0)
		MUST(subids_grant(ranges, passwd, first, n));
	(void)is_mapped(map ? map : empty, 0, 1);
	(void)is_mapped(map ? map : empty, UINT32_MAX, UINT32_MAX);
	if (name_in(passwd ? passwd : empty, "1000", name, sizeof(name)))
		MUST(*name && !strpbrk(name, ":\n"));
	free(text);
	return 0;
}
