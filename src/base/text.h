// SPDX-License-Identifier: LGPL-2.1-or-later
/* text.h - growing text, and the one strict parser of numbers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing, NUL-terminated text.  Initialise to TEXT_INIT; text_free releases it.  After a
 * failed allocation `failed` stays true and appends do nothing, so it is checked once, at the end. */
struct text {
	char *data; /* NULL while empty */
	size_t length, capacity;
	bool failed;
};

#define TEXT_INIT { NULL, 0, 0, false }

void text_append(struct text *text, const char *data, size_t length);
void text_puts(struct text *text, const char *string);
void text_printf(struct text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Appends string as a JSON string, quotes included; invalid UTF-8 bytes become U+FFFD. */
void text_json(struct text *text, const char *string);
/* Appends string with its control characters as \xNN, so that it stays one line. */
void text_escaped(struct text *text, const char *string);
/* The string, never NULL; valid until the next append. */
const char *text_string(const struct text *text);
void text_free(struct text *text);

#define auto_text __attribute__((cleanup(text_free)))

/* The whole of string is a decimal number (digits only; text_to_i64 allows one leading '-') between
 * min and max, both included: no blanks, no '+', no base prefix.  0, -EINVAL or -ERANGE; *ret is
 * written only on success. */
int text_to_u64(const char *string, uint64_t min, uint64_t max, uint64_t *ret);
int text_to_i64(const char *string, int64_t min, int64_t max, int64_t *ret);

/* Bytes of the valid UTF-8 sequence that string begins with (RFC 3629: no overlong forms, no surrogates), 1 at the
 * end of the string, 0 if it is none. */
size_t text_utf8(const char *string);

/* Whether a name of the path is "..". */
bool text_goes_up(const char *path);

bool text_starts(const char *string, const char *prefix);

/* CPU and NUMA node lists, "0-3,7": calls set(number) style by filling `bits` (bit n of word n/64);
 * numbers from `limit` up are -ERANGE.  0 or -EINVAL, -ERANGE.  An empty list sets nothing. */
int text_to_bits(const char *list, uint64_t *bits, size_t limit);
