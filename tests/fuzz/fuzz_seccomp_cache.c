// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_seccomp_cache.c - a file of the cache of compiled profiles. */
#include "../../src/container/seccomp.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[] = "profile", *copy = fuzz_text(data, size);
	const struct oci_buffer profile = { .data = text, .length = strlen(text), .size = sizeof(text) };
	struct seccomp_program program = { NULL, 0 };

	if (cache_take(copy, size, &profile, &program)) {
		MUST(program.n > 0 && program.n <= BPF_MAXINSNS);
		MUST(size == sizeof(struct cache_header) + profile.length + program.n * sizeof(struct sock_filter));
		MUST(memcmp(program.code, copy + size - program.n * sizeof(struct sock_filter), program.n * sizeof(struct sock_filter)) ==
		     0);
	}
	free(program.code);
	free(copy);
	return 0;
}
