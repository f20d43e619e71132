// SPDX-License-Identifier: LGPL-2.1-or-later
/* emit.c - see emit.h.  With indentation the text looks like that of other runtimes: a blank
 * behind colons, [] and {} for what is empty. */

#include "emit.h"

#include "json.h"
#include "ocispec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct emitter *e, const char *text, size_t length)
{
	struct oci_buffer *buffer = e->buffer;
	size_t size = buffer->size ? buffer->size : 256;
	char *data;

	if (e->error)
		return;
	while (size - buffer->length <= length) {
		if (size > SIZE_MAX / 4) {
			e->error = -ENOMEM;
			return;
		}
		size *= 2;
	}
	if (size != buffer->size) {
		data = realloc(buffer->data, size);
		if (!data) {
			e->error = -ENOMEM;
			return;
		}
		buffer->data = data;
		buffer->size = size;
	}
	memcpy(buffer->data + buffer->length, text, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
}

static void put_text(struct emitter *e, const char *text)
{
	put(e, text, strlen(text));
}

static void new_line(struct emitter *e)
{
	if (!e->indent)
		return;
	put(e, "\n", 1);
	for (unsigned i = 0; i < e->depth; i++)
		put_text(e, e->indent);
}

/* What has to stand before an entry. */
static void begin_entry(struct emitter *e)
{
	if (!e->after_key && e->depth > 0) {
		if (e->has_entry)
			put(e, ",", 1);
		new_line(e);
	}
	e->after_key = false;
	e->has_entry = true;
}

void oci_emit_open(struct emitter *e, char bracket)
{
	begin_entry(e);
	put(e, &bracket, 1);
	e->depth++;
	e->has_entry = false;
}

void oci_emit_close(struct emitter *e, char bracket)
{
	e->depth--;
	if (e->has_entry)
		new_line(e);
	put(e, &bracket, 1);
	e->has_entry = true;
}

static void put_escape(struct emitter *e, unsigned char c)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *at = strchr(plain, c);
	char text[8];

	if (at)
		snprintf(text, sizeof(text), "\\%c", letters[at - plain]);
	else
		snprintf(text, sizeof(text), "\\u%04x", c);
	put_text(e, text);
}

static void put_string(struct emitter *e, const char *text)
{
	const char *start = text;

	if (!oci_json_is_utf8(text, strlen(text))) {
		e->error = e->error ? e->error : -EILSEQ;
		return;
	}
	put(e, "\"", 1);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		put(e, start, (size_t)(text - start));
		put_escape(e, c);
		start = text + 1;
	}
	put(e, start, (size_t)(text - start));
	put(e, "\"", 1);
}

void oci_emit_key(struct emitter *e, const char *key)
{
	begin_entry(e);
	put_string(e, key);
	put_text(e, e->indent ? ": " : ":");
	e->after_key = true;
}

void oci_emit_string(struct emitter *e, const char *text)
{
	begin_entry(e);
	put_string(e, text);
}

void oci_emit_raw(struct emitter *e, const char *text)
{
	begin_entry(e);
	put_text(e, text);
}

void oci_emit_unsigned(struct emitter *e, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	oci_emit_raw(e, text);
}

void oci_emit_signed(struct emitter *e, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	oci_emit_raw(e, text);
}

void oci_emit_bool(struct emitter *e, bool value)
{
	oci_emit_raw(e, value ? "true" : "false");
}
