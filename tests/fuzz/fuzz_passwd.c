// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_passwd.c - the container's /etc/passwd, which is the image's: a home begins with a slash and has no end of line. */
#include "../../src/init/process.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uid_t uids[] = { 0, 1, 1000, UINT32_MAX };
	char *text = fuzz_text(data, size);

	for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		char *home = find_home(text, uids[i]);

		if (home)
			MUST(*home == '/' && !strpbrk(home, ":\n"));
		free(home);
	}
	free(text);
	return 0;
}
