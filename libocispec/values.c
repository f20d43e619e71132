// SPDX-License-Identifier: LGPL-2.1-or-later
/* values.c - values that are no objects and no arrays, as the tables say: numbers in their ranges, words of lists. */

#include "reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The kind of an array's entries, of a map's values. */
enum oci_kind oci_entry_kind(enum oci_kind kind)
{
	switch (kind) {
	case OCI_U32S:
		return OCI_U32;
	case OCI_ENUMS:
		return OCI_ENUM;
	case OCI_STRUCTS:
	case OCI_MAP_OF:
		return OCI_STRUCT;
	case OCI_WORDS:
		return OCI_WORDS;
	default:
		return OCI_STRING;
	}
}

size_t oci_entry_size(const struct oci_field *field)
{
	switch (field->kind) {
	case OCI_U32S:
		return sizeof(uint32_t);
	case OCI_ENUMS:
		return sizeof(uint64_t);
	case OCI_STRUCTS:
	case OCI_MAP_OF:
		return field->type->size;
	case OCI_MAP:
		return sizeof(struct oci_pair);
	default:
		return sizeof(char *);
	}
}

bool oci_reader_wrong_type(struct reader *r, enum oci_kind kind, size_t offset)
{
	// clang-format off
	static const char *const must[] = {
		[OCI_BOOL]    = "must be true or false",
		[OCI_U16]     = "must be an integer",
		[OCI_U32]     = "must be an integer",
		[OCI_U64]     = "must be an integer",
		[OCI_I32]     = "must be an integer",
		[OCI_I64]     = "must be an integer",
		[OCI_ENUM]    = "must be a string",
		[OCI_STRING]  = "must be a string",
		[OCI_RAW]     = "must be an object",
		[OCI_STRUCT]  = "must be an object",
		[OCI_U32S]    = "must be an array",
		[OCI_ENUMS]   = "must be an array",
		[OCI_STRINGS] = "must be an array",
		[OCI_WORDS]   = "must be an array",
		[OCI_STRUCTS] = "must be an array",
		[OCI_MAP]     = "must be an object",
		[OCI_MAP_OF]  = "must be an object",
	};
	// clang-format on

	return oci_reader_fault(r, offset, must[kind]);
}

static bool out_of_range(struct reader *r, const struct oci_field *field, size_t offset)
{
	char text[80];

	if (field->range.max == INT64_MAX && field->range.min > INT64_MIN)
		snprintf(text, sizeof(text), "must be at least %jd", (intmax_t)field->range.min);
	else
		snprintf(text, sizeof(text), "must be from %jd to %ju", (intmax_t)field->range.min,
			 (uintmax_t)field->range.max);
	return oci_reader_fault(r, offset, text);
}

/* An integer in JSON's grammar, which the lexer has checked: sign and size.  Returns 0, -EINVAL
 * for a fraction or an exponent, -ERANGE where the size is no uint64_t. */
static int read_integer(const char *text, size_t length, bool *is_negative, uint64_t *size)
{
	bool overflow = false;

	*size = 0;
	*is_negative = *text == '-';
	for (size_t i = *is_negative; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		overflow |= __builtin_mul_overflow(*size, 10u, size);
		overflow |= __builtin_add_overflow(*size, (unsigned)(text[i] - '0'), size);
	}
	return overflow ? -ERANGE : 0;
}

static bool in_range(const struct oci_field *field, bool is_negative, uint64_t size)
{
	if (is_negative && size > 0)
		return field->range.min < 0 && size <= (uint64_t)0 - (uint64_t)field->range.min;
	return size <= field->range.max && (field->range.min <= 0 || size >= (uint64_t)field->range.min);
}

static bool read_number(struct reader *r, const struct oci_field *field, enum oci_kind kind, char *to,
			const struct json_event *event)
{
	bool is_negative;
	uint64_t size;
	int error;

	if (event->kind != JSON_NUMBER)
		return oci_reader_wrong_type(r, kind, event->start);
	error = read_integer(event->data, event->length, &is_negative, &size);
	if (error == -EINVAL)
		return oci_reader_fault(r, event->start, "must be an integer without fraction and exponent");
	if (error < 0 || !in_range(field, is_negative, size))
		return out_of_range(r, field, event->start);
	if (is_negative)
		size = (uint64_t)0 - size; /* the bits of the signed value */
	switch (kind) {
	case OCI_U16:
		memcpy(to, &(uint16_t){ (uint16_t)size }, sizeof(uint16_t));
		break;
	case OCI_U32:
	case OCI_I32:
		memcpy(to, &(uint32_t){ (uint32_t)size }, sizeof(uint32_t));
		break;
	default:
		memcpy(to, &size, sizeof(size));
	}
	return true;
}

/* Room for the words that people may have meant. */

const char *oci_copy_word(char to[WORD_MAX], const struct json_event *event)
{
	size_t length = event->length < WORD_MAX ? event->length : 0;

	memcpy(to, event->data, length);
	to[length] = '\0';
	return to;
}

void oci_add_meant(char *text, size_t size, const char *meant)
{
	size_t used = strlen(text);

	if (meant)
		snprintf(text + used, size - used, "; did you mean \"%s\"?", meant);
}

static bool unknown_word(struct reader *r, const struct oci_word *words, const struct json_event *event)
{
	char text[640] = "must be one of", written[WORD_MAX];
	size_t used = strlen(text), offset = event->start;
	const char *meant = NULL;

	oci_copy_word(written, event);
	for (const struct oci_word *w = words; w->word && !meant; w++)
		if (oci_is_similar(written, w->word))
			meant = w->word;

	for (const struct oci_word *w = words; w->word; w++) {
		int more = snprintf(text + used, sizeof(text) - used, "%s %s", w == words ? "" : ",", w->word);

		if ((size_t)more >= sizeof(text) - used - 2 * WORD_MAX) {
			strcpy(text, "is not a word of the specification");
			break;
		}
		used += (size_t)more;
	}
	oci_add_meant(text, sizeof(text), meant);
	return oci_reader_fault(r, offset, text);
}

static bool read_word(struct reader *r, const struct oci_field *field, enum oci_kind kind, char *to,
		      const struct json_event *event)
{
	const char *copy;
	uint64_t value;

	if (!oci_word_value(field->words, event->data, event->length, &value))
		return unknown_word(r, field->words, event);
	if (kind == OCI_ENUM) {
		memcpy(to, &value, sizeof(value));
		return true;
	}
	copy = oci_arena_text(r->arena, event->data, event->length);
	if (!copy)
		return oci_reader_no_memory(r);
	memcpy(to, &copy, sizeof(copy));
	return true;
}

/* check may be NULL. */
static bool read_string(struct reader *r, const struct oci_check *check, char *to, const struct json_event *event)
{
	const char *copy = oci_arena_text(r->arena, event->data, event->length);

	if (!copy)
		return oci_reader_no_memory(r);
	if (check && check->is_valid && !check->is_valid(copy))
		return oci_reader_fault(r, event->start, check->must);
	memcpy(to, &copy, sizeof(copy));
	return true;
}

/* Reads a value that is no object and no array into *to. */
bool oci_reader_value(struct reader *r, const struct oci_field *field, enum oci_kind kind, char *to,
		      const struct json_event *event)
{
	switch (kind) {
	case OCI_BOOL:
		if (event->kind != JSON_BOOL)
			break;
		memcpy(to, &event->is_true, sizeof(bool));
		return true;
	case OCI_U16:
	case OCI_U32:
	case OCI_U64:
	case OCI_I32:
	case OCI_I64:
		return read_number(r, field, kind, to, event);
	case OCI_ENUM:
	case OCI_WORDS:
	case OCI_STRING:
		if (event->kind != JSON_STRING)
			return oci_reader_wrong_type(r, OCI_STRING, event->start);
		if (event->fault)
			return oci_reader_fault(r, event->start, event->fault);
		if (kind != OCI_STRING)
			return read_word(r, field, kind, to, event);
		return read_string(r, field->kind == OCI_MAP ? NULL : field->check, to, event);
	default:
		break;
	}
	return oci_reader_wrong_type(r, kind, event->start);
}
