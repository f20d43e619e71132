// SPDX-License-Identifier: LGPL-2.1-or-later
/* keys.c - keys of objects: known ones, unknown ones, repeated ones.
 *
 * A repeated key is seen at once where the table knows the keys.  In other objects the keys are
 * put aside and sorted when the object ends: no input makes that quadratic. */

#include "reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_row(const struct oci_field *field, const struct json_event *key)
{
	return field->length == key->length && !memcmp(field->word, key->data, key->length);
}

/* Documents mostly have the order of the table: look at the next row first. */
static const struct oci_field *find_row(const struct frame *f, const struct json_event *key)
{
	if (f->next->word && is_row(f->next, key))
		return f->next;
	for (const struct oci_field *field = first_row(f); field->word; field++)
		if (is_row(field, key))
			return field;
	return NULL;
}

static bool keep_key(struct reader *r, const struct frame *f)
{
	struct key *keys;
	size_t more;

	if (r->n_keys == r->keys_size) {
		more = r->keys_size ? r->keys_size * 2 : 16;
		keys = oci_arena_grow(r->scratch, r->keys, r->keys_size * sizeof(*keys), more * sizeof(*keys));
		if (!keys)
			return oci_reader_no_memory(r);
		r->keys = keys;
		r->keys_size = more;
	}
	r->keys[r->n_keys++] = (struct key){ f->key, f->key_length, f->key_start };
	return true;
}

static int compare_keys(const void *left, const void *right)
{
	const struct key *a = left, *b = right;
	int order;

	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	order = memcmp(a->text, b->text, a->length);
	if (order != 0)
		return order;
	return a->start < b->start ? -1 : 1;
}

/* Smaller sets than this are sorted faster in place than by qsort. */
#define FEW_KEYS 12

static void sort_keys(struct key *keys, size_t n)
{
	if (n > FEW_KEYS) {
		qsort(keys, n, sizeof(*keys), compare_keys);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct key moving = keys[i];
		size_t to = i;

		for (; to > 0 && compare_keys(&keys[to - 1], &moving) > 0; to--)
			keys[to] = keys[to - 1];
		keys[to] = moving;
	}
}

/* Looks for repetitions among the keys that were put aside for the object, and forgets them. */
bool oci_reader_end_keys(struct reader *r, struct frame *f)
{
	size_t n = r->n_keys - f->keys;
	struct key *keys;

	r->n_keys = f->keys;
	if (n < 2)
		return true;
	keys = r->keys + f->keys;
	sort_keys(keys, n);
	for (size_t i = 1; i < n; i++) {
		if (keys[i].length != keys[i - 1].length || memcmp(keys[i].text, keys[i - 1].text, keys[i].length))
			continue;
		f->key = keys[i].text;
		f->key_length = keys[i].length;
		if (!oci_reader_fault(r, keys[i].start, "comes twice"))
			return false;
	}
	return true;
}

static bool unknown_property(struct reader *r, const struct frame *f, const struct json_event *event)
{
	char text[128] = "is not a property of the specification", written[WORD_MAX];
	const char *meant = NULL;

	if (!(r->report->flags & OCI_REPORT_WARNINGS))
		return true;
	oci_copy_word(written, event);
	for (const struct oci_field *field = first_row(f); field->word && !meant; field++)
		if (!(f->seen & bit_of(f, field)) && oci_is_similar(written, field->word))
			meant = field->word;
	oci_add_meant(text, sizeof(text), meant);
	return oci_reader_warn(r, event->start, text);
}

static bool on_key_of_struct(struct reader *r, struct frame *f, const struct json_event *event)
{
	uint64_t bit;

	f->field = find_row(f, event);
	if (!f->field)
		return keep_key(r, f) && unknown_property(r, f, event);
	f->next = f->field + 1;
	bit = bit_of(f, f->field);
	if (f->seen & bit) {
		f->field = NULL;
		return oci_reader_fault(r, event->start, "comes twice");
	}
	f->seen |= bit;
	f->present |= bit;
	return true;
}

static bool on_key_of_map(struct reader *r, struct frame *f, const struct json_event *event)
{
	const struct oci_check *check = f->field->check;

	if (!keep_key(r, f))
		return false;
	if (f->field->kind == OCI_MAP_OF)
		check = f->field->type->fields()->check;
	if (check->is_valid && !check->is_valid(f->key))
		return oci_reader_fault(r, event->start, check->must);
	return true;
}

bool oci_reader_key(struct reader *r, const struct json_event *event)
{
	struct frame *f = frame_at(r, r->depth - 1);
	char text[64];
	bool ok;

	f->key = NULL;
	if (event->fault) {
		snprintf(text, sizeof(text), "has a key that %s", event->fault);
		f->key_length = 0;
		if (f->place != IN_MAP)
			f->field = NULL;
		ok = oci_reader_fault(r, event->start, text);
		f->key = "";
		return ok;
	}
	f->key = event->data;
	if (f->place == IN_MAP)
		f->key = oci_arena_text(r->arena, event->data, event->length);
	else if (!event->is_stable)
		f->key = oci_arena_text(r->scratch, event->data, event->length);
	if (!f->key)
		return oci_reader_no_memory(r);
	f->key_length = event->length;
	f->key_start = event->start;
	switch (f->place) {
	case IN_STRUCT:
		return on_key_of_struct(r, f, event);
	case IN_MAP:
		return on_key_of_map(r, f, event);
	default:
		return keep_key(r, f);
	}
}
