// SPDX-License-Identifier: LGPL-2.1-or-later
/* json.h - JSON text as a sequence of events. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_KEY,
	JSON_OBJECT,
	JSON_ARRAY,
	JSON_OBJECT_END,
	JSON_ARRAY_END
};

struct json_event {
	enum json_kind kind;
	bool is_stable;   /* data lies within the text; else it is valid during the call only */
	bool is_true;     /* JSON_BOOL */
	const char *data; /* JSON_NUMBER: its text; JSON_STRING, JSON_KEY: its bytes, without escapes */
	size_t length;    /* of data, which does not end in NUL */
	size_t start;     /* where it stands in the text */
	size_t end;
	const char *fault; /* what is wrong with the string ("is not valid UTF-8"), or NULL */
};

/* Returns false to stop. */
typedef bool json_handler(void *context, const struct json_event *event);

struct json_error {
	size_t offset;
	const char *text; /* "is not JSON: ..."; in the scratch arena */
};

/* Reads length bytes of text, calling handler for each event, in order.  Memory comes from
 * scratch alone.  Returns 0; -ECANCELED if the handler stopped; -ENOMEM; -EINVAL, with error
 * filled, where the text is no JSON or nested deeper than max_depth. */
int oci_json_read(const char *text, size_t length, unsigned max_depth, struct arena *scratch, json_handler *handler,
		  void *context, struct json_error *error);

/* Whether these are whole, shortest-form UTF-8 sequences of Unicode characters. */
bool oci_json_is_utf8(const char *text, size_t length);

/* Line and column, from 1, of the byte at offset. */
void oci_json_place(const char *text, size_t offset, unsigned *line, unsigned *column);
