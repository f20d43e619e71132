// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_numbers.c - numbers, lists of CPUs, names of signals and of capabilities: taken is what the C library takes as well,
 * and nothing but digits. */
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "fuzz.h"
#include "kernel/caps.h"
#include "kernel/signals.h"

#define LIMIT 1024

static void check_number(const char *text)
{
	uint64_t number = 0;
	int64_t whole = 0;

	if (text_to_u64(text, 0, UINT64_MAX, &number) == 0) {
		MUST(strspn(text, "0123456789") == strlen(text));
		errno = 0;
		MUST(strtoull(text, NULL, 10) == number && errno == 0);
	}
	if (text_to_u64(text, 5, 7, &number) == 0)
		MUST(number >= 5 && number <= 7);
	if (text_to_i64(text, INT64_MIN, INT64_MAX, &whole) == 0) {
		errno = 0;
		MUST(strtoll(text, NULL, 10) == whole && errno == 0);
	}
	if (text_to_i64(text, -7, -5, &whole) == 0)
		MUST(whole >= -7 && whole <= -5);
}

/* The list of what a list means means the same. */
static void check_list(const char *text)
{
	uint64_t bits[LIMIT / 64], again[LIMIT / 64];
	struct text list = TEXT_INIT;

	if (text_to_bits(text, bits, LIMIT) < 0)
		return;
	MUST(strspn(text, "0123456789,-") == strlen(text));
	for (size_t i = 0; i < LIMIT; i++)
		if (bits[i / 64] >> i % 64 & 1)
			text_printf(&list, "%s%zu", list.length ? "," : "", i);
	MUST(text_to_bits(text_string(&list), again, LIMIT) == 0);
	MUST(memcmp(bits, again, sizeof(bits)) == 0);
	text_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	int number = signal_number(text);

	check_number(text);
	check_list(text);
	MUST(number >= -1 && number <= 64);
	number = cap_number(text);
	MUST(number < 0 || strcmp(cap_name(number), text) == 0);
	(void)text_goes_up(text);
	for (size_t at = 0, n; at < size; at += n) {
		n = text_utf8(text + at);
		MUST(n <= 4 && n <= size - at);
		n += n == 0;
	}
	free(text);
	return 0;
}
