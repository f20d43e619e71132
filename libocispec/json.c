// SPDX-License-Identifier: LGPL-2.1-or-later
/* json.c - yajl's callbacks as events; the only file that knows yajl.
 *
 * yajl gets the whole text in one piece, so that its tokens point into the text and
 * yajl_get_bytes_consumed is the end of the current one.  It lets overlong UTF-8, \u0000 and
 * half surrogate pairs through: these are looked for here.  It does not survive a failing
 * allocation: then we jump out of it, which loses nothing, as all it has lies in the arena. */

#include "json.h"

#include "arena.h"

#include <errno.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <yajl/yajl_parse.h>

struct json {
	const char *text;
	size_t length;
	unsigned depth, max_depth;
	bool is_finishing; /* within yajl_complete_parse: positions are no longer ours */
	bool is_too_deep;
	yajl_handle yajl;
	struct arena *scratch;
	json_handler *handler;
	void *context;
	jmp_buf no_memory;
};

/* ---- memory ---- */

#define SIZE_HEADER _Alignof(max_align_t)

static void *yajl_malloc_(void *context, size_t size)
{
	struct json *json = context;
	char *piece = size < SIZE_MAX - SIZE_HEADER ? oci_arena_alloc(json->scratch, size + SIZE_HEADER) : NULL;

	if (!piece)
		longjmp(json->no_memory, 1);
	memcpy(piece, &size, sizeof(size));
	return piece + SIZE_HEADER;
}

static void *yajl_realloc_(void *context, void *old, size_t size)
{
	struct json *json = context;
	size_t old_size;
	char *piece;

	if (!old)
		return yajl_malloc_(context, size);
	piece = (char *)old - SIZE_HEADER;
	memcpy(&old_size, piece, sizeof(old_size));
	if (size <= old_size)
		return old;
	piece = size < SIZE_MAX - SIZE_HEADER
			? oci_arena_grow(json->scratch, piece, old_size + SIZE_HEADER, size + SIZE_HEADER)
			: NULL;
	if (!piece)
		longjmp(json->no_memory, 1);
	memcpy(piece, &size, sizeof(size));
	return piece + SIZE_HEADER;
}

static void yajl_free_(void *context, void *piece)
{
	(void)context;
	(void)piece;
}

/* ---- strings ---- */

/* Length of the UTF-8 sequence at text, or 0 (Unicode 15, table 3-7). */
static size_t sequence(const unsigned char *text, size_t left)
{
	unsigned char first = text[0], low = 0x80, high = 0xbf;
	size_t length;

	if (first < 0x80)
		return 1;
	else if (first >= 0xc2 && first <= 0xdf)
		length = 2;
	else if (first >= 0xe0 && first <= 0xef)
		length = 3;
	else if (first >= 0xf0 && first <= 0xf4)
		length = 4;
	else
		return 0;
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	if (left < length || text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (text[i] < 0x80 || text[i] > 0xbf)
			return 0;
	return length;
}

bool oci_json_is_utf8(const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + length;
	uint64_t eight;
	size_t step;

	while (at < end) {
		if (end - at >= 8) {
			memcpy(&eight, at, 8);
			if (!(eight & 0x8080808080808080u)) {
				at += 8;
				continue;
			}
		}
		step = sequence(at, (size_t)(end - at));
		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

/* Four hexadecimal digits, which the lexer has checked. */
static unsigned hex4(const char *text)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)text[i];
		value = value << 4 | (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

/* What is wrong with the escapes between two quotes, or NULL. */
static const char *escape_fault(const char *at, const char *end)
{
	while ((at = memchr(at, '\\', (size_t)(end - at)))) {
		unsigned value;

		if (at[1] != 'u') {
			at += 2;
			continue;
		}
		value = hex4(at + 2);
		at += 6;
		if (value == 0)
			return "contains \\u0000";
		if (value < 0xd800 || value > 0xdfff)
			continue;
		if (value > 0xdbff || end - at < 6 || at[0] != '\\' || at[1] != 'u' || hex4(at + 2) < 0xdc00 ||
		    hex4(at + 2) > 0xdfff)
			return "contains half a surrogate pair";
		at += 6;
	}
	return NULL;
}

/* The opening quote of the string that ends before the quote at end. */
static const char *opening_quote(const char *text, const char *end)
{
	for (const char *at = end - 1; at > text; at--) {
		const char *slash = at;

		if (*at != '"')
			continue;
		while (slash > text && slash[-1] == '\\')
			slash--;
		if ((at - slash) % 2 == 0)
			return at;
		at = slash;
	}
	return text;
}

/* ---- callbacks ---- */

static size_t position(const struct json *json)
{
	size_t at = json->is_finishing ? json->length : yajl_get_bytes_consumed(json->yajl);

	return at <= json->length ? at : json->length;
}

static int scalar(struct json *json, enum json_kind kind, const char *data, size_t length)
{
	struct json_event event = { .kind = kind, .data = data, .length = length, .end = position(json) };

	event.start = event.end >= length ? event.end - length : 0;
	event.is_true = kind == JSON_BOOL && length == 4;
	return json->handler(json->context, &event);
}

static int on_null(void *context)
{
	return scalar(context, JSON_NULL, "null", 4);
}

static int on_boolean(void *context, int value)
{
	return scalar(context, JSON_BOOL, value ? "true" : "false", value ? 4 : 5);
}

static int on_number(void *context, const char *text, size_t length)
{
	return scalar(context, JSON_NUMBER, text, length);
}

static int string(struct json *json, enum json_kind kind, const char *data, size_t length)
{
	struct json_event event = { .kind = kind, .data = data, .length = length, .end = position(json) };
	uintptr_t at = (uintptr_t)data, text = (uintptr_t)json->text;

	event.is_stable = at > text && at - text < json->length;
	if (event.is_stable) {
		event.start = at - text - 1;
	} else {
		const char *end = json->text + event.end - 1, *quote = opening_quote(json->text, end);

		event.start = (size_t)(quote - json->text);
		event.fault = escape_fault(quote + 1, end);
	}
	if (!event.fault && !oci_json_is_utf8(data, length))
		event.fault = "is not valid UTF-8";
	return json->handler(json->context, &event);
}

static int on_string(void *context, const unsigned char *data, size_t length)
{
	return string(context, JSON_STRING, (const char *)data, length);
}

static int on_key(void *context, const unsigned char *data, size_t length)
{
	return string(context, JSON_KEY, (const char *)data, length);
}

static int bracket(struct json *json, enum json_kind kind)
{
	struct json_event event = { .kind = kind, .end = position(json) };

	event.start = event.end - 1;
	return json->handler(json->context, &event);
}

static int open_bracket(struct json *json, enum json_kind kind)
{
	if (json->depth == json->max_depth) {
		json->is_too_deep = true;
		return 0;
	}
	json->depth++;
	return bracket(json, kind);
}

static int close_bracket(struct json *json, enum json_kind kind)
{
	json->depth--;
	return bracket(json, kind);
}

static int on_start_map(void *context)
{
	return open_bracket(context, JSON_OBJECT);
}

static int on_end_map(void *context)
{
	return close_bracket(context, JSON_OBJECT_END);
}

static int on_start_array(void *context)
{
	return open_bracket(context, JSON_ARRAY);
}

static int on_end_array(void *context)
{
	return close_bracket(context, JSON_ARRAY_END);
}

/* yajl_number is there, so yajl uses it for every number; its yajl_integer overflows. */
static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_start_map,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end_map,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end_array,
};

/* ---- reading ---- */

/* yajl's message without its kind ("lexical error: ") and its newline. */
static const char *yajl_words(struct json *json)
{
	static const char start[] = "is not JSON: ";
	char *message = (char *)yajl_get_error(json->yajl, 0, NULL, 0), *words, *text;

	message[strcspn(message, "\n")] = '\0';
	words = strstr(message, "error: ");
	words = words ? words + strlen("error: ") : message;
	text = yajl_malloc_(json, sizeof(start) + strlen(words));
	memcpy(text, start, sizeof(start) - 1);
	strcpy(text + sizeof(start) - 1, words);
	return text;
}

static int describe(struct json *json, yajl_status status, struct json_error *error)
{
	error->offset = position(json);
	if (json->is_too_deep) {
		error->offset -= error->offset > 0;
		error->text = "is nested too deeply";
		return -EINVAL;
	}
	if (status == yajl_status_client_canceled)
		return -ECANCELED;
	error->text = yajl_words(json);
	return -EINVAL;
}

static int read_all(struct json *json, struct json_error *error)
{
	yajl_alloc_funcs functions = { yajl_malloc_, yajl_realloc_, yajl_free_, json };
	yajl_status status;

	json->yajl = yajl_alloc(&callbacks, &functions, json);
	yajl_config(json->yajl, yajl_dont_validate_strings, 1); /* done better, above */
	status = yajl_parse(json->yajl, (const unsigned char *)json->text, json->length);
	if (status == yajl_status_ok) {
		json->is_finishing = true;
		status = yajl_complete_parse(json->yajl);
	}
	return status == yajl_status_ok ? 0 : describe(json, status, error);
}

int oci_json_read(const char *text, size_t length, unsigned max_depth, struct arena *scratch, json_handler *handler,
		  void *context, struct json_error *error)
{
	struct json json = {
		.text = text,
		.length = length,
		.max_depth = max_depth,
		.scratch = scratch,
		.handler = handler,
		.context = context,
	};

	if (length == 0) {
		error->offset = 0;
		error->text = "is empty";
		return -EINVAL;
	}
	if (setjmp(json.no_memory))
		return -ENOMEM;
	return read_all(&json, error);
}

void oci_json_place(const char *text, size_t offset, unsigned *line, unsigned *column)
{
	const char *at = text, *end = text + offset, *newline;

	*line = 1;
	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		(*line)++;
		at = newline + 1;
	}
	*column = (unsigned)(end - at) + 1;
}
