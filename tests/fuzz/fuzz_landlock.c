// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_landlock.c - the rules of Landlock in an annotation. */
#include "init/landlock.h"

#include "fuzz.h"
#include "ocispec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct error err = { 0 };
	struct landlock_policy *policy = landlock_read(text, &err);

	if (!policy)
		fuzz_one_line(err.text);
	oci_free(policy);
	free(text);
	return 0;
}
