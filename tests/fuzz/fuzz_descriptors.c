// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_descriptors.c - descriptors.json of images from anybody: each key that is taken has one of two forms. */
#include "container/descriptors.h"

#include "fuzz.h"

static void check(const char *key)
{
	size_t n = strlen(key);

	if (n == 0)
		return;
	MUST(n < 64 && key[n - 1] == ']');
	if (strncmp(key, "pipe:[", 6) == 0)
		MUST(strspn(key + 6, "0123456789") == n - 7);
	else
		MUST(strncmp(key, "file[", 5) == 0 && strspn(key + 5, "0123456789abcdef:") == n - 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct descriptors found;

	(void)descriptors_parse((const char *)data, size, &found);
	for (int i = 0; i < DESCRIPTORS; i++)
		check(found.keys[i]);
	return 0;
}
