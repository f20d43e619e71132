// SPDX-License-Identifier: LGPL-2.1-or-later
/* parse.c - JSON events into structs, as the tables say.
 *
 * There is one frame for each object or array that is open.  What the tables do not know
 * (unknown properties, values of a wrong type) is walked through all the same, in frames
 * without a table, because keys may repeat and text may be broken in there too.
 * Reports are in faults.c, what is no object and no array in values.c, keys in keys.c. */

#include "reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_partial(const struct reader *r)
{
	return (r->report->flags & OCI_REPORT_PARTIAL) != 0;
}

/* ---- entries ---- */

/* Room for one entry more and for the zero entry behind it. */
static bool make_room(struct reader *r, struct frame *f, size_t size)
{
	size_t more = f->size == 0 ? (size > 32 ? 3 : 8) : f->size * 2;
	char *items;

	if (f->count + 1 < f->size)
		return true;
	items = oci_arena_grow(r->arena, f->items, f->size * size, more * size);
	if (!items)
		return oci_reader_no_memory(r);
	f->items = items;
	f->size = more;
	return true;
}

/* The place for the next entry of an array or a map, with its key set; NULL: no memory. */
static char *add_entry(struct reader *r, struct frame *f)
{
	size_t size = oci_entry_size(f->field);
	char *entry;

	if (!make_room(r, f, size))
		return NULL;
	entry = f->items + f->count++ * size;
	if (f->place == IN_MAP) /* struct oci_pair and keyed structs start with the key */
		memcpy(entry, &f->key, sizeof(f->key));
	return entry;
}

/* ---- documents with faults ---- */

/* Puts "" and empty objects where required members are missing, so that who reads on needs no care. */
static bool complete_struct(struct reader *r, const struct oci_field *rows, char *object)
{
	for (const struct oci_field *field = rows; field->word || field->kind == OCI_KEY; field++) {
		char *member = object + field->offset, *made;

		if (field->kind != OCI_KEY && field->need == OCI_OPTIONAL)
			continue;
		if (field->kind != OCI_KEY && field->kind != OCI_STRING && field->kind != OCI_STRUCT &&
		    field->need != OCI_FILLED)
			continue;
		memcpy(&made, member, sizeof(made));
		if (made)
			continue;
		/* "" and a list without entries are zero as well. */
		made = oci_arena_alloc(r->arena, field->kind == OCI_STRUCT ? field->type->size : sizeof(max_align_t));
		if (!made || (field->kind == OCI_STRUCT && !complete_struct(r, field->type->fields(), made)))
			return oci_reader_no_memory(r);
		memcpy(member, &made, sizeof(made));
	}
	return true;
}

static bool complete_entry(struct reader *r, const struct oci_field *field, char *entry)
{
	const char *text;

	switch (field->kind) {
	case OCI_STRUCTS:
	case OCI_MAP_OF:
		return complete_struct(r, field->type->fields(), entry);
	case OCI_MAP:
		entry += offsetof(struct oci_pair, value);
		break;
	case OCI_STRINGS:
	case OCI_WORDS:
		break;
	default:
		return true;
	}
	memcpy(&text, entry, sizeof(text));
	if (text)
		return true;
	memcpy(entry, &(const char *){ "" }, sizeof(text));
	return true;
}

static bool complete_entries(struct reader *r, struct frame *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (!complete_entry(r, f->field, f->items + i * oci_entry_size(f->field)))
			return false;
	return true;
}

/* An entry that is at fault still has its place. */
static bool skip_entry(struct reader *r, struct frame *f)
{
	return !is_partial(r) || f->place != IN_ARRAY || add_entry(r, f);
}

static bool end_entries(struct reader *r, struct frame *f)
{
	if (is_partial(r) && !complete_entries(r, f))
		return false;
	if (f->count == 0) {
		if (f->field->need == OCI_FILLED)
			return oci_reader_fault(r, f->start, "must have at least one entry");
		f->items = oci_arena_alloc(r->arena, oci_entry_size(f->field));
		if (!f->items)
			return oci_reader_no_memory(r);
	}
	memcpy(f->object + f->field->offset, &f->items, sizeof(f->items));
	memcpy(f->object + f->field->extra, &f->count, sizeof(f->count));
	return true;
}

/* ---- values ---- */

/* Counts the value; returns the frame that it stands in, NULL for the document itself. */
static struct frame *arrive(struct reader *r)
{
	struct frame *f;

	if (r->depth == 0)
		return NULL;
	f = frame_at(r, r->depth - 1);
	if (f->place == IN_ARRAY || f->place == IN_LIST)
		f->index++;
	return f;
}

static bool on_null(struct reader *r, struct frame *f, const struct json_event *event)
{
	if (f->place == IN_ARRAY)
		return oci_reader_wrong_type(r, oci_entry_kind(f->field->kind), event->start) && skip_entry(r, f);
	if (f->place == IN_STRUCT)
		f->present &= ~bit_of(f, f->field);
	return oci_reader_warn(r, event->start, "is null, which is the same as absent");
}

static bool on_scalar(struct reader *r, const struct json_event *event)
{
	struct frame *f = arrive(r);
	const struct oci_field *field;
	char *entry;

	if (!f)
		return oci_reader_wrong_type(r, OCI_STRUCT, event->start);
	field = f->field;
	if (!field)
		return !event->fault || oci_reader_fault(r, event->start, event->fault);
	if (event->kind == JSON_NULL)
		return on_null(r, f, event);
	if (f->place != IN_STRUCT) {
		entry = add_entry(r, f);
		if (!entry)
			return false;
		if (f->place == IN_MAP && field->kind == OCI_MAP)
			entry += offsetof(struct oci_pair, value);
		return oci_reader_value(r, field, oci_entry_kind(field->kind), entry, event);
	}
	if (field->extra && field->kind <= OCI_ENUM)
		memcpy(f->object + field->extra, &(bool){ true }, sizeof(bool));
	return oci_reader_value(r, field, field->kind, f->object + field->offset, event);
}

static struct frame *push(struct reader *r, enum place place, const struct json_event *event)
{
	struct frame *f = frame_at(r, r->depth++);

	memset(f, 0, sizeof(*f));
	f->place = place;
	f->start = event->start;
	f->keys = r->n_keys;
	return f;
}

static void push_struct(struct reader *r, const struct oci_type *type, char *object, const struct json_event *event)
{
	struct frame *f = push(r, IN_STRUCT, event);

	f->rows = type->fields();
	f->object = object;
	f->next = first_row(f);
}

/* An object or array that no table knows; field is that of an OCI_RAW member. */
static bool push_other(struct reader *r, const struct oci_field *field, char *object, const struct json_event *event)
{
	struct frame *f = push(r, event->kind == JSON_OBJECT ? IN_OBJECT : IN_LIST, event);

	f->object = field ? object : NULL;
	f->next = field;
	return true;
}

static bool open_document(struct reader *r, const struct json_event *event)
{
	if (event->kind != JSON_OBJECT)
		return oci_reader_wrong_type(r, OCI_STRUCT, event->start) && push_other(r, NULL, NULL, event);
	push_struct(r, r->type, r->document, event);
	return true;
}

/* A member or entry that has a table of its own. */
static bool open_struct(struct reader *r, struct frame *f, const struct json_event *event)
{
	const struct oci_type *type = f->field->type;
	char *object;

	if (f->place == IN_STRUCT) {
		object = oci_arena_alloc(r->arena, type->size);
		memcpy(f->object + f->field->offset, &object, sizeof(object));
	} else {
		object = add_entry(r, f);
	}
	if (!object)
		return oci_reader_no_memory(r);
	push_struct(r, type, object, event);
	return true;
}

static bool open_entries(struct reader *r, struct frame *f, enum place place, const struct json_event *event)
{
	struct frame *new = push(r, place, event);

	new->field = f->field;
	new->object = f->object;
	return true;
}

static bool on_open(struct reader *r, const struct json_event *event)
{
	struct frame *f = arrive(r);
	bool is_object = event->kind == JSON_OBJECT;
	enum oci_kind kind;

	if (r->depth == FRAMES_HERE && !r->deeper)
		r->deeper = malloc((OCI_MAX_DEPTH - FRAMES_HERE) * sizeof(*r->deeper));
	if (r->depth == FRAMES_HERE && !r->deeper)
		return oci_reader_no_memory(r);
	if (!f)
		return open_document(r, event);
	if (!f->field)
		return push_other(r, NULL, NULL, event);
	kind = f->place == IN_STRUCT ? (enum oci_kind)f->field->kind : oci_entry_kind(f->field->kind);
	switch (kind) {
	case OCI_STRUCT:
		if (is_object)
			return open_struct(r, f, event);
		break;
	case OCI_RAW:
		if (is_object)
			return push_other(r, f->field, f->object, event);
		break;
	case OCI_MAP:
	case OCI_MAP_OF:
		if (is_object)
			return open_entries(r, f, IN_MAP, event);
		break;
	case OCI_U32S:
	case OCI_ENUMS:
	case OCI_STRINGS:
	case OCI_STRUCTS:
		if (!is_object)
			return open_entries(r, f, IN_ARRAY, event);
		break;
	case OCI_WORDS: /* also the kind of its entries */
		if (!is_object && f->place == IN_STRUCT)
			return open_entries(r, f, IN_ARRAY, event);
		if (f->place != IN_STRUCT)
			kind = OCI_STRING;
		break;
	default:
		break;
	}
	return oci_reader_wrong_type(r, kind, event->start) && skip_entry(r, f) && push_other(r, NULL, NULL, event);
}

static bool end_struct(struct reader *r, struct frame *f)
{
	const struct oci_field *field = first_row(f);

	f->key = NULL; /* so that pointers end at the struct */
	for (; field->word; field++) {
		if (field->need == OCI_OPTIONAL || f->present & bit_of(f, field))
			continue;
		if (!oci_reader_missing(r, f->start, field->word))
			return false;
	}
	return !is_partial(r) || complete_struct(r, f->rows, f->object);
}

static bool end_raw(struct reader *r, struct frame *f, const struct json_event *event)
{
	const char *copy = oci_arena_text(r->arena, r->text + f->start, event->end - f->start);

	if (!copy)
		return oci_reader_no_memory(r);
	memcpy(f->object + f->next->offset, &copy, sizeof(copy));
	return true;
}

static bool on_close(struct reader *r, const struct json_event *event)
{
	struct frame *f = frame_at(r, r->depth - 1);
	bool ok = true;

	f->index = 0; /* likewise for arrays */
	switch (f->place) {
	case IN_STRUCT:
		ok = oci_reader_end_keys(r, f) && end_struct(r, f);
		r->is_whole = ok && r->depth == 1;
		break;
	case IN_ARRAY:
		ok = end_entries(r, f);
		break;
	case IN_MAP:
		ok = oci_reader_end_keys(r, f);
		f->key = NULL;
		ok = ok && end_entries(r, f);
		break;
	case IN_OBJECT:
		ok = oci_reader_end_keys(r, f) && (!f->next || end_raw(r, f, event));
		break;
	case IN_LIST:
		break;
	}
	r->depth--;
	return ok;
}

static bool on_event(void *context, const struct json_event *event)
{
	struct reader *r = context;

	switch (event->kind) {
	case JSON_KEY:
		return oci_reader_key(r, event);
	case JSON_OBJECT:
	case JSON_ARRAY:
		return on_open(r, event);
	case JSON_OBJECT_END:
	case JSON_ARRAY_END:
		return on_close(r, event);
	case JSON_NULL:
	case JSON_BOOL:
	case JSON_NUMBER:
	case JSON_STRING:
		return on_scalar(r, event);
	}
	return false;
}

/* ---- documents ---- */

/* yajl needs about 3 KiB, the keys of unknown properties the rest; what does not fit is
 * allocated. */
#define SCRATCH_SIZE 2048

static void read_text(struct reader *r)
{
	_Alignas(max_align_t) char buffer[SCRATCH_SIZE];
	struct json_error error;
	int result;

	r->scratch = oci_arena_in(buffer, sizeof(buffer));
	result = oci_json_read(r->text, r->length, OCI_MAX_DEPTH, r->scratch, on_event, r, &error);
	if (result == -ENOMEM)
		oci_reader_no_memory(r);
	else if (result == -EINVAL && r->error != -ENOMEM) {
		r->is_whole = false;
		oci_reader_fault(r, error.offset, error.text);
	}
	oci_arena_free(r->scratch);
}

/* Most documents fit into the first chunk: their structs take about as much as their text. */
static size_t guess_size(const struct oci_type *type, size_t length)
{
	return type->size + length * 2 + 1024;
}

void *oci_parse(const struct oci_type *type, const char *text, size_t length, struct oci_report *report)
{
	struct oci_report unwanted = { 0 };
	struct reader r;

	if (!report)
		report = &unwanted;
	oci_report_free(report);
	r.type = type;
	r.text = text;
	r.length = length;
	r.report = report;
	r.document = NULL;
	r.error = 0;
	r.keys = NULL;
	r.n_keys = r.keys_size = 0;
	r.depth = 0;
	r.is_whole = false;
	r.deeper = NULL;
	r.arena = length < PTRDIFF_MAX / 8 ? oci_arena_new(guess_size(type, length)) : NULL;
	if (r.arena) {
		r.document = oci_arena_alloc(r.arena, type->size);
		read_text(&r);
	} else {
		oci_reader_no_memory(&r);
	}
	free(r.deeper);
	oci_report_sort(report);
	report->error = r.error;
	if (r.error < 0 && !(r.error == -EINVAL && r.is_whole && is_partial(&r))) {
		oci_arena_free(r.arena);
		r.document = NULL;
	}
	oci_report_free(&unwanted);
	return r.document;
}

void *oci_new(const struct oci_type *type)
{
	struct arena *arena = oci_arena_new(type->size + 1024);

	return arena ? oci_arena_alloc(arena, type->size) : NULL;
}

void *oci_alloc(void *document, size_t size)
{
	return oci_arena_alloc(oci_arena_of_first(document), size);
}

char *oci_strdup(void *document, const char *text)
{
	return oci_arena_text(oci_arena_of_first(document), text, strlen(text));
}

void oci_free(void *document)
{
	if (document)
		oci_arena_free(oci_arena_of_first(document));
}

void oci_report_free(struct oci_report *report)
{
	unsigned flags = report->flags;

	oci_arena_free(report->memory);
	memset(report, 0, sizeof(*report));
	report->flags = flags;
}
