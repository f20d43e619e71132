// SPDX-License-Identifier: LGPL-2.1-or-later
/* locate.c - the line of a JSON pointer in a text.
 *
 * No stack is needed: keys do not repeat, so once an object on the way is left without the
 * value having been found, there is none. */

#include "ocispec.h"

#include "arena.h"
#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct search {
	const char *rest; /* of the pointer: "" or starting with a slash */
	size_t place;     /* of the value found, or of the innermost one on the way to it */
	size_t index;     /* of the next value in the array on the way */
	unsigned skip;    /* depth within a value that is not on the way */
	bool in_array;    /* the innermost value on the way is one */
	bool is_on_way;   /* the current key is that of the pointer */
	bool is_started, is_found;
};

/* Length of the first name of a pointer, behind its slash. */
static size_t name_length(const char *rest)
{
	return strcspn(rest + 1, "/");
}

static bool is_name(const char *rest, const char *key, size_t length)
{
	size_t left = name_length(rest);
	const char *at = rest + 1;

	for (size_t i = 0; i < length; i++, at++, left--) {
		char c = *at;

		if (left == 0)
			return false;
		if (c == '~') {
			at++;
			left--;
			c = *at == '1' ? '/' : '~';
		}
		if (c != key[i])
			return false;
	}
	return left == 0;
}

static bool is_index(const char *rest, size_t index)
{
	char number[24];

	return is_name(rest, number, (size_t)snprintf(number, sizeof(number), "%zu", index));
}

/* A value of the innermost object or array on the way, or the document. */
static bool on_value(struct search *s, const struct json_event *event, bool is_open)
{
	bool is_on_way = s->in_array ? is_index(s->rest, s->index++) : s->is_on_way;

	if (!s->is_started)
		s->is_started = true;
	else if (!is_on_way) {
		s->skip = is_open;
		return true;
	} else {
		s->rest += 1 + name_length(s->rest);
	}
	s->is_found = *s->rest == '\0';
	if (s->is_found || is_open)
		s->place = event->start;
	s->in_array = event->kind == JSON_ARRAY;
	s->index = 0;
	return !s->is_found && is_open;
}

static bool on_event(void *context, const struct json_event *event)
{
	struct search *s = context;
	bool is_open = event->kind == JSON_OBJECT || event->kind == JSON_ARRAY;
	bool is_close = event->kind == JSON_OBJECT_END || event->kind == JSON_ARRAY_END;

	if (s->skip > 0) {
		s->skip += is_open;
		s->skip -= is_close;
		return true;
	}
	if (is_close)
		return false;
	if (event->kind == JSON_KEY) {
		s->is_on_way = is_name(s->rest, event->data, event->length);
		return true;
	}
	return on_value(s, event, is_open);
}

static bool is_pointer(const char *pointer)
{
	if (*pointer != '\0' && *pointer != '/')
		return false;
	for (; *pointer; pointer++)
		if (*pointer == '~' && pointer[1] != '0' && pointer[1] != '1')
			return false;
	return true;
}

int oci_locate(const char *text, size_t length, const char *pointer, unsigned *line, unsigned *column)
{
	_Alignas(max_align_t) char buffer[4096];
	struct search s = { .rest = pointer };
	struct json_error error;
	struct arena *scratch;
	int result;

	*line = *column = 0;
	if (!is_pointer(pointer))
		return -EINVAL;
	scratch = oci_arena_in(buffer, sizeof(buffer));
	result = oci_json_read(text, length, OCI_MAX_DEPTH, scratch, on_event, &s, &error);
	oci_arena_free(scratch);
	if (result != -ECANCELED && result != 0)
		return result;
	oci_json_place(text, s.place, line, column);
	return s.is_found ? 0 : -ENOENT;
}
