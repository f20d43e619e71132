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
	oci_emit_key(&s->e, key);
	oci_emit_string(&s->e, value);
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
	oci_emit_key(&s->e, "minimum");
	oci_emit_signed(&s->e, field->range.min);
	oci_emit_key(&s->e, "maximum");
	oci_emit_unsigned(&s->e, field->range.max);
}

static void print_words(struct schema *s, const struct oci_word *words)
{
	member(s, "type", "string");
	oci_emit_key(&s->e, "enum");
	oci_emit_open(&s->e, '[');
	for (; words->word; words++)
		oci_emit_string(&s->e, words->word);
	oci_emit_close(&s->e, ']');
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
		oci_emit_key(&s->e, "minItems");
		oci_emit_unsigned(&s->e, 1);
	}
	oci_emit_key(&s->e, "items");
	oci_emit_open(&s->e, '{');
	print_entry(s, field);
	oci_emit_close(&s->e, '}');
}

static void print_map(struct schema *s, const struct oci_field *field)
{
	const struct oci_check *check = field->kind == OCI_MAP ? field->check : field->type->fields()->check;

	member(s, "type", "object");
	if (check->pattern) {
		oci_emit_key(&s->e, "propertyNames");
		oci_emit_open(&s->e, '{');
		member(s, "pattern", check->pattern);
		oci_emit_close(&s->e, '}');
	}
	oci_emit_key(&s->e, "additionalProperties");
	oci_emit_open(&s->e, '{');
	if (field->kind == OCI_MAP)
		print_string(s, NULL);
	else
		refer(s, field->type);
	oci_emit_close(&s->e, '}');
}

static void print_field(struct schema *s, const struct oci_field *field)
{
	oci_emit_key(&s->e, field->word);
	oci_emit_open(&s->e, '{');
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
	oci_emit_close(&s->e, '}');
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

	oci_emit_key(&s->e, type->name);
	oci_emit_open(&s->e, '{');
	member(s, "type", "object");
	oci_emit_key(&s->e, "properties");
	oci_emit_open(&s->e, '{');
	for (const struct oci_field *field = fields; field->word; field++)
		if (field->kind != OCI_KEY)
			print_field(s, field);
	oci_emit_close(&s->e, '}');
	if (has_required(fields)) {
		oci_emit_key(&s->e, "required");
		oci_emit_open(&s->e, '[');
		for (const struct oci_field *field = fields; field->word; field++)
			if (field->kind != OCI_KEY && field->need != OCI_OPTIONAL)
				oci_emit_string(&s->e, field->word);
		oci_emit_close(&s->e, ']');
	}
	oci_emit_close(&s->e, '}');
}

int oci_schema(const struct oci_type *type, const char *indent, struct oci_buffer *buffer)
{
	struct schema s = { .e = { .buffer = buffer, .indent = indent } };
	size_t before = buffer->length;

	oci_emit_open(&s.e, '{');
	member(&s, "$schema", "https://json-schema.org/draft/2020-12/schema");
	member(&s, "title", type->name);
	refer(&s, type);
	oci_emit_key(&s.e, "$defs");
	oci_emit_open(&s.e, '{');
	for (size_t i = 0; i < s.n_types; i++) /* refer() makes it longer on the way */
		print_type(&s, s.types[i]);
	oci_emit_close(&s.e, '}');
	oci_emit_close(&s.e, '}');
	if (s.e.error) {
		buffer->length = before;
		if (buffer->data)
			buffer->data[before] = '\0';
	}
	return s.e.error;
}
