// SPDX-License-Identifier: LGPL-2.1-or-later
/* text.c - growing text, and the one strict parser of numbers. */
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct text *text, size_t more)
{
	size_t capacity = text->capacity ? text->capacity : 256;
	char *data;

	if (text->failed)
		return false;
	if (text->length + more + 1 <= text->capacity)
		return true;
	while (capacity < text->length + more + 1)
		capacity *= 2;
	data = realloc(text->data, capacity);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->capacity = capacity;
	return true;
}

void text_append(struct text *text, const char *data, size_t length)
{
	if (!reserve(text, length))
		return;
	memcpy(text->data + text->length, data, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_puts(struct text *text, const char *string)
{
	text_append(text, string, strlen(string));
}

void text_printf(struct text *text, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0 || !reserve(text, (size_t)n))
		return;
	va_start(args, fmt);
	(void)vsnprintf(text->data + text->length, (size_t)n + 1, fmt, args);
	va_end(args);
	text->length += (size_t)n;
}

size_t text_utf8(const char *string)
{
	const unsigned char *s = (const unsigned char *)string;
	static const struct {
		unsigned char mask, lead;
		size_t length;
		uint32_t least;
	} forms[] = { { 0xe0, 0xc0, 2, 0x80 }, { 0xf0, 0xe0, 3, 0x800 }, { 0xf8, 0xf0, 4, 0x10000 } };

	if (s[0] < 0x80)
		return 1;
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		uint32_t point;

		if ((s[0] & forms[f].mask) != forms[f].lead)
			continue;
		point = s[0] & (unsigned char)~forms[f].mask;
		for (size_t i = 1; i < forms[f].length; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0;
			point = point << 6 | (s[i] & 0x3f);
		}
		if (point < forms[f].least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
			return 0;
		return forms[f].length;
	}
	return 0;
}

void text_json(struct text *text, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;

	text_puts(text, "\"");
	while (*s) {
		size_t n = text_utf8((const char *)s);

		if (n == 0) {
			text_puts(text, "\xef\xbf\xbd");
			s++;
			continue;
		}
		if (*s == '"' || *s == '\\')
			text_printf(text, "\\%c", *s);
		else if (*s == '\n')
			text_puts(text, "\\n");
		else if (*s == '\t')
			text_puts(text, "\\t");
		else if (*s < 0x20 || *s == 0x7f)
			text_printf(text, "\\u%04x", *s);
		else
			text_append(text, (const char *)s, n);
		s += n;
	}
	text_puts(text, "\"");
}

void text_escaped(struct text *text, const char *string)
{
	for (; *string; string++)
		if ((unsigned char)*string < 0x20 || *string == 0x7f)
			text_printf(text, "\\x%02x", (unsigned char)*string);
		else
			text_append(text, string, 1);
}

const char *text_string(const struct text *text)
{
	return text->data ? text->data : "";
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text)TEXT_INIT;
}

int text_to_u64(const char *string, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	if (!*string)
		return -EINVAL;
	for (const char *p = string; *p; p++)
		if (*p < '0' || *p > '9')
			return -EINVAL;
	for (const char *p = string; *p; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return -ERANGE;
		value = value * 10 + digit;
	}
	if (value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int text_to_i64(const char *string, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = *string == '-';
	uint64_t magnitude;
	int64_t value;
	int r;

	r = text_to_u64(string + negative, 0, (uint64_t)INT64_MAX + negative, &magnitude);
	if (r < 0)
		return r;
	value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	if (value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

bool text_starts(const char *string, const char *prefix)
{
	return strncmp(string, prefix, strlen(prefix)) == 0;
}

static int list_number(const char **at, size_t limit, size_t *ret)
{
	uint64_t value = 0;
	const char *p = *at;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		value = value * 10 + (uint64_t)(*p - '0');
		if (value >= limit)
			return -ERANGE;
	}
	*at = p;
	*ret = (size_t)value;
	return 0;
}

int text_to_bits(const char *list, uint64_t *bits, size_t limit)
{
	const char *p = list;

	memset(bits, 0, (limit + 63) / 64 * sizeof(*bits));
	while (*p) {
		size_t first, last;
		int r = list_number(&p, limit, &first);

		if (r < 0)
			return r;
		last = first;
		if (*p == '-') {
			p++;
			r = list_number(&p, limit, &last);
			if (r < 0)
				return r;
		}
		if (last < first)
			return -EINVAL;
		for (size_t i = first; i <= last; i++)
			bits[i / 64] |= (uint64_t)1 << (i % 64);
		if (*p == ',' && p[1])
			p++;
		else if (*p)
			return -EINVAL;
	}
	return 0;
}

bool text_goes_up(const char *names)
{
	for (size_t length; *(names += strspn(names, "/")); names += length) {
		length = strcspn(names, "/");
		if (length == 2 && names[0] == '.' && names[1] == '.')
			return true;
	}
	return false;
}
