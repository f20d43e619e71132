// SPDX-License-Identifier: LGPL-2.1-or-later
/* write.c - structs into JSON text, as the tables say, in the order of the rows. */

#include "ocispec.h"

#include "emit.h"

#include <errno.h>
#include <string.h>

static void write_struct(struct emitter *e, const struct oci_type *type, const char *object);

static void set_error(struct emitter *e, int error)
{
	if (!e->error)
		e->error = error;
}

static const char *load_pointer(const char *from)
{
	const char *pointer;

	memcpy(&pointer, from, sizeof(pointer));
	return pointer;
}

static size_t load_count(const char *from)
{
	size_t count;

	memcpy(&count, from, sizeof(count));
	return count;
}

static bool load_bool(const char *from)
{
	bool value;

	memcpy(&value, from, sizeof(value));
	return value;
}

/* Any integer, or the value of a word, as 64 bits with its sign. */
static uint64_t load_number(enum oci_kind kind, const char *from)
{
	union {
		uint16_t u16;
		uint32_t u32;
		int32_t i32;
		uint64_t u64;
	} value;

	switch (kind) {
	case OCI_U16:
		memcpy(&value.u16, from, sizeof(value.u16));
		return value.u16;
	case OCI_U32:
		memcpy(&value.u32, from, sizeof(value.u32));
		return value.u32;
	case OCI_I32:
		memcpy(&value.i32, from, sizeof(value.i32));
		return (uint64_t)(int64_t)value.i32;
	default:
		memcpy(&value.u64, from, sizeof(value.u64));
		return value.u64;
	}
}

static void write_word(struct emitter *e, const struct oci_word *words, uint64_t value)
{
	const char *word = oci_word(words, value);

	if (word)
		oci_emit_string(e, word);
	else
		set_error(e, -EINVAL);
}

static void write_string(struct emitter *e, const char *text)
{
	if (text)
		oci_emit_string(e, text);
	else
		set_error(e, -EINVAL);
}

static void write_map(struct emitter *e, const struct oci_field *field, const char *items, size_t count)
{
	oci_emit_open(e, '{');
	for (size_t i = 0; i < count && !e->error; i++) {
		const char *entry = items + i * (field->kind == OCI_MAP ? sizeof(struct oci_pair) : field->type->size);
		const char *key = load_pointer(entry);

		if (!key) {
			set_error(e, -EINVAL);
			return;
		}
		oci_emit_key(e, key);
		if (field->kind == OCI_MAP)
			write_string(e, ((const struct oci_pair *)(const void *)entry)->value);
		else
			write_struct(e, field->type, entry);
	}
	oci_emit_close(e, '}');
}

static void write_entry(struct emitter *e, const struct oci_field *field, const char *items, size_t index)
{
	switch (field->kind) {
	case OCI_U32S:
		oci_emit_unsigned(e, load_number(OCI_U32, items + index * sizeof(uint32_t)));
		break;
	case OCI_ENUMS:
		write_word(e, field->words, load_number(OCI_U64, items + index * sizeof(uint64_t)));
		break;
	case OCI_STRUCTS:
		write_struct(e, field->type, items + index * field->type->size);
		break;
	default:
		write_string(e, load_pointer(items + index * sizeof(char *)));
	}
}

static void write_array(struct emitter *e, const struct oci_field *field, const char *items, size_t count)
{
	if (count == 0 && field->need == OCI_FILLED)
		set_error(e, -EINVAL);
	oci_emit_open(e, '[');
	for (size_t i = 0; i < count && !e->error; i++)
		write_entry(e, field, items, i);
	oci_emit_close(e, ']');
}

static void write_value(struct emitter *e, const struct oci_field *field, const char *object)
{
	const char *member = object + field->offset;

	switch (field->kind) {
	case OCI_BOOL:
		oci_emit_bool(e, load_bool(member));
		break;
	case OCI_U16:
	case OCI_U32:
	case OCI_U64:
		oci_emit_unsigned(e, load_number(field->kind, member));
		break;
	case OCI_I32:
	case OCI_I64:
		oci_emit_signed(e, (int64_t)load_number(field->kind, member));
		break;
	case OCI_ENUM:
		write_word(e, field->words, load_number(OCI_ENUM, member));
		break;
	case OCI_STRING:
		oci_emit_string(e, load_pointer(member));
		break;
	case OCI_RAW:
		oci_emit_raw(e, load_pointer(member));
		break;
	case OCI_STRUCT:
		write_struct(e, field->type, load_pointer(member));
		break;
	case OCI_MAP:
	case OCI_MAP_OF:
		write_map(e, field, load_pointer(member), load_count(object + field->extra));
		break;
	default:
		write_array(e, field, load_pointer(member), load_count(object + field->extra));
	}
}

static bool is_present(const struct oci_field *field, const char *object)
{
	if (field->kind <= OCI_ENUM)
		return !field->extra || load_bool(object + field->extra);
	return load_pointer(object + field->offset) != NULL;
}

static void write_struct(struct emitter *e, const struct oci_type *type, const char *object)
{
	const struct oci_field *field = type->fields();

	oci_emit_open(e, '{');
	for (; field->word && !e->error; field++) {
		if (field->kind == OCI_KEY)
			continue;
		if (is_present(field, object)) {
			oci_emit_key(e, field->word);
			write_value(e, field, object);
		} else if (field->need != OCI_OPTIONAL) {
			set_error(e, -EINVAL);
		}
	}
	oci_emit_close(e, '}');
}

int oci_write(const struct oci_type *type, const void *document, const char *indent, struct oci_buffer *buffer)
{
	struct emitter e = { .buffer = buffer, .indent = indent };
	size_t before = buffer->length;

	write_struct(&e, type, document);
	if (e.error) {
		buffer->length = before;
		if (buffer->data)
			buffer->data[before] = '\0';
	}
	return e.error;
}
