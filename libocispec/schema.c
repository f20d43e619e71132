// SPDX-License-Identifier: LGPL-2.1-or-later
/* schema.c - the tables as JSON Schema: each type once, under $defs, in the order of use. */

#include "ocispec.h"

#include "emit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* More than there are types in any one document. */
#define MAX_TYPES 256

struct schema {
	struct emitter e;
	const struct oci_type *types[MAX_TYPES];
	size_t n_types;
};

static void member(struct schema *s, const char *key, const char *value)
{
	emit_key(&s->e, key);
	emit_string(&s->e, value);
}

static void refer(struct schema *s, const struct oci_type *type)
{
	char path[128];
	size_t i = 0;

	while (i < s->n_types && s->types[i] != type)
		i++;
	if (i == MAX_TYPES) {
		s->e.error = -EINVAL;
		return;
	}
	if (i == s->n_types)
		s->types[s->n_types++] = type;
	snprintf(path, sizeof(path), "#/$defs/%s", type->name);
	member(s, "$ref", path);
}

static void print_number(struct schema *s, const struct oci_field *field)
{
	member(s, "type", "integer");
	emit_key(&s->e, "minimum");
	emit_signed(&s->e, field->range.min);
	emit_key(&s->e, "maximum");
	emit_unsigned(&s->e, field->range.max);
}

static void print_words(struct schema *s, const struct oci_word *words)
{
	member(s, "type", "string");
	emit_key(&s->e, "enum");
	emit_open(&s->e, '[');
	for (; words->word; words++)
		emit_string(&s->e, words->word);
	emit_close(&s->e, ']');
}

static void print_string(struct schema *s, const struct oci_check *check)
{
	member(s, "type", "string");
	if (check && check->pattern)
		member(s, "pattern", check->pattern);
}

static void print_entry(struct schema *s, const struct oci_field *field)
{
	switch (field->kind) {
	case OCI_U32S:
		print_number(s, field);
		break;
	case OCI_ENUMS:
	case OCI_WORDS:
		print_words(s, field->words);
		break;
	case OCI_STRUCTS:
		refer(s, field->type);
		break;
	default:
		print_string(s, field->check);
	}
}

static void print_array(struct schema *s, const struct oci_field *field)
{
	member(s, "type", "array");
	if (field->need == OCI_FILLED) {
		emit_key(&s->e, "minItems");
		emit_unsigned(&s->e, 1);
	}
	emit_key(&s->e, "items");
	emit_open(&s->e, '{');
	print_entry(s, field);
	emit_close(&s->e, '}');
}

static void print_map(struct schema *s, const struct oci_field *field)
{
	const struct oci_check *check = field->kind == OCI_MAP ? field->check : field->type->fields()->check;

	member(s, "type", "object");
	if (check->pattern) {
		emit_key(&s->e, "propertyNames");
		emit_open(&s->e, '{');
		member(s, "pattern", check->pattern);
		emit_close(&s->e, '}');
	}
	emit_key(&s->e, "additionalProperties");
	emit_open(&s->e, '{');
	if (field->kind == OCI_MAP)
		print_string(s, NULL);
	else
		refer(s, field->type);
	emit_close(&s->e, '}');
}

static void print_field(struct schema *s, const struct oci_field *field)
{
	emit_key(&s->e, field->word);
	emit_open(&s->e, '{');
	switch (field->kind) {
	case OCI_BOOL:
		member(s, "type", "boolean");
		break;
	case OCI_U16:
	case OCI_U32:
	case OCI_U64:
	case OCI_I32:
	case OCI_I64:
		print_number(s, field);
		break;
	case OCI_ENUM:
		print_words(s, field->words);
		break;
	case OCI_STRING:
		print_string(s, field->check);
		break;
	case OCI_RAW:
		member(s, "type", "object");
		break;
	case OCI_STRUCT:
		refer(s, field->type);
		break;
	case OCI_MAP:
	case OCI_MAP_OF:
		print_map(s, field);
		break;
	default:
		print_array(s, field);
	}
	emit_close(&s->e, '}');
}

static bool has_required(const struct oci_field *field)
{
	for (; field->word; field++)
		if (field->kind != OCI_KEY && field->need != OCI_OPTIONAL)
			return true;
	return false;
}

static void print_type(struct schema *s, const struct oci_type *type)
{
	const struct oci_field *fields = type->fields();

	emit_key(&s->e, type->name);
	emit_open(&s->e, '{');
	member(s, "type", "object");
	emit_key(&s->e, "properties");
	emit_open(&s->e, '{');
	for (const struct oci_field *field = fields; field->word; field++)
		if (field->kind != OCI_KEY)
			print_field(s, field);
	emit_close(&s->e, '}');
	if (has_required(fields)) {
		emit_key(&s->e, "required");
		emit_open(&s->e, '[');
		for (const struct oci_field *field = fields; field->word; field++)
			if (field->kind != OCI_KEY && field->need != OCI_OPTIONAL)
				emit_string(&s->e, field->word);
		emit_close(&s->e, ']');
	}
	emit_close(&s->e, '}');
}

int oci_schema(const struct oci_type *type, const char *indent, struct oci_buffer *buffer)
{
	struct schema s = { .e = { .buffer = buffer, .indent = indent } };
	size_t before = buffer->length;

	emit_open(&s.e, '{');
	member(&s, "$schema", "https://json-schema.org/draft/2020-12/schema");
	member(&s, "title", type->name);
	refer(&s, type);
	emit_key(&s.e, "$defs");
	emit_open(&s.e, '{');
	for (size_t i = 0; i < s.n_types; i++) /* refer() makes it longer on the way */
		print_type(&s, s.types[i]);
	emit_close(&s.e, '}');
	emit_close(&s.e, '}');
	if (s.e.error) {
		buffer->length = before;
		if (buffer->data)
			buffer->data[before] = '\0';
	}
	return s.e.error;
}
