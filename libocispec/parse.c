// SPDX-License-Identifier: LGPL-2.1-or-later
/* parse.c - JSON events into structs, as the tables say.
 *
 * There is one frame for each object or array that is open.  What the tables do not know
 * (unknown properties, values of a wrong type) is walked through all the same, in frames
 * without a table, because keys may repeat and text may be broken in there too.
 *
 * A repeated key is seen at once where the table knows the keys.  In other objects the keys are
 * put aside and sorted when the object ends: no input makes that quadratic. */

#include "ocispec.h"

#include "arena.h"
#include "json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum place {
	IN_STRUCT, /* an object with a table */
	IN_ARRAY,  /* an array of a table's row */
	IN_MAP,    /* an object with free keys, of a table's row */
	IN_OBJECT, /* an object without a table */
	IN_LIST    /* an array without a table */
};

struct frame {
	enum place place;
	const struct oci_field *field; /* of the current value; IN_ARRAY, IN_MAP: of the whole; NULL: not known */
	const struct oci_field *next;  /* IN_STRUCT: after the last row found; IN_OBJECT: the OCI_RAW row or NULL */
	const struct oci_field *rows;  /* IN_STRUCT: of its type, all of them */
	char *object;                  /* the struct that is being filled */
	char *items;                   /* IN_ARRAY, IN_MAP: what is there so far */
	size_t count, size;            /* of items: used, allocated */
	size_t index;                  /* IN_ARRAY, IN_LIST: of the next value */
	uint64_t seen, present;        /* IN_STRUCT: a bit for each row; null is seen, not present */
	size_t start;                  /* where the bracket stands */
	size_t keys;                   /* IN_MAP, IN_OBJECT: first of this object's keys */
	const char *key;               /* the current one, NULL before the first */
	size_t key_length, key_start;
};

struct key {
	const char *text;
	size_t length, start;
};

struct reader {
	const struct oci_type *type;
	const char *text;
	size_t length;
	struct oci_report *report;
	struct arena *arena;   /* of the document */
	struct arena *scratch; /* gone when the reader returns */
	char *document;
	int error;
	struct key *keys;
	size_t n_keys, keys_size;
	unsigned depth;
	bool is_whole; /* the document's own object has ended */
	struct frame *frames; /* OCI_MAX_DEPTH; not on the stack, where each page of them would be touched */
};

static bool is_partial(const struct reader *r)
{
	return (r->report->flags & OCI_REPORT_PARTIAL) != 0;
}

/* ---- faults ---- */

static size_t escape_key(char *to, const char *key, size_t length)
{
	size_t written = 0;

	for (size_t i = 0; i < length; i++) {
		char c = key[i];
		bool special = c == '~' || c == '/';

		if (to)
			to[written] = special ? '~' : c;
		written++;
		if (special) {
			if (to)
				to[written] = c == '~' ? '0' : '1';
			written++;
		}
	}
	return written;
}

/* Keys can be as long as the document; a pointer to what is around them says enough. */
#define MAX_POINTER 4096

/* Writes the pointer to the current value, and to a member of it where member is given; returns
 * its length.  to may be NULL. */
static size_t write_pointer(const struct reader *r, const char *member, char *to)
{
	size_t length = 0;
	char number[24];

	for (unsigned i = 0; i < r->depth; i++) {
		const struct frame *f = &r->frames[i];
		const char *key = f->key;
		size_t key_length = f->key_length;

		if (f->place == IN_ARRAY || f->place == IN_LIST) {
			if (f->index == 0)
				break;
			key_length = (size_t)snprintf(number, sizeof(number), "%zu", f->index - 1);
			key = number;
		}
		if (!key || length + key_length > MAX_POINTER)
			break;
		if (to)
			to[length] = '/';
		length++;
		length += escape_key(to ? to + length : NULL, key, key_length);
	}
	if (member) {
		if (to)
			to[length] = '/';
		length++;
		length += escape_key(to ? to + length : NULL, member, strlen(member));
	}
	if (to)
		to[length] = '\0';
	return length;
}

static bool no_memory(struct reader *r)
{
	r->error = -ENOMEM;
	return false;
}

static struct oci_fault *new_fault(struct oci_report *report)
{
	struct oci_fault *faults;

	if (!report->memory)
		report->memory = oci_arena_new(2048);
	if (!report->memory)
		return NULL;
	faults = oci_arena_grow(report->memory, report->faults, report->n_faults * sizeof(*faults),
				(report->n_faults + 1) * sizeof(*faults));
	if (!faults)
		return NULL;
	report->faults = faults;
	return &faults[report->n_faults];
}

/* Adds a fault or warning.  Returns whether to go on. */
static bool add(struct reader *r, bool is_warning, size_t offset, const char *member, const char *text)
{
	struct oci_report *report = r->report;
	struct oci_fault *fault;
	char *pointer, *copy;

	if (report->n_faults >= OCI_MAX_FAULTS && is_warning)
		return true;
	fault = new_fault(report);
	if (!fault)
		return no_memory(r);
	pointer = oci_arena_alloc(report->memory, write_pointer(r, member, NULL) + 1);
	copy = oci_arena_text(report->memory, text, strlen(text));
	if (!pointer || !copy)
		return no_memory(r);
	write_pointer(r, member, pointer);
	fault->is_warning = is_warning;
	fault->pointer = pointer;
	fault->text = copy;
	oci_json_place(r->text, offset, &fault->line, &fault->column);
	report->n_faults++;
	if (is_warning)
		return true;
	report->n_errors++;
	r->error = -EINVAL;
	return (report->flags & OCI_REPORT_ALL) && report->n_faults < OCI_MAX_FAULTS;
}

static bool fault(struct reader *r, size_t offset, const char *text)
{
	return add(r, false, offset, NULL, text);
}

static bool warn(struct reader *r, size_t offset, const char *text)
{
	return !(r->report->flags & OCI_REPORT_WARNINGS) || add(r, true, offset, NULL, text);
}

static bool by_place(const struct oci_fault *a, const struct oci_fault *b)
{
	return a->line > b->line || (a->line == b->line && a->column > b->column);
}

/* Repeated keys and missing members come up late; at most OCI_MAX_FAULTS, nearly sorted. */
static void sort_faults(struct oci_report *report)
{
	for (size_t i = 1; i < report->n_faults; i++) {
		struct oci_fault moving = report->faults[i];
		size_t to = i;

		for (; to > 0 && by_place(&report->faults[to - 1], &moving); to--)
			report->faults[to] = report->faults[to - 1];
		report->faults[to] = moving;
	}
}

/* ---- scalars ---- */

/* The kind of an array's entries, of a map's values. */
static enum oci_kind entry_kind(enum oci_kind kind)
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

static size_t entry_size(const struct oci_field *field)
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

static bool wrong_type(struct reader *r, enum oci_kind kind, size_t offset)
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

	return fault(r, offset, must[kind]);
}

static bool out_of_range(struct reader *r, const struct oci_field *field, size_t offset)
{
	char text[80];

	if (field->range.max == INT64_MAX && field->range.min > INT64_MIN)
		snprintf(text, sizeof(text), "must be at least %jd", (intmax_t)field->range.min);
	else
		snprintf(text, sizeof(text), "must be from %jd to %ju", (intmax_t)field->range.min,
			 (uintmax_t)field->range.max);
	return fault(r, offset, text);
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
		return wrong_type(r, kind, event->start);
	error = read_integer(event->data, event->length, &is_negative, &size);
	if (error == -EINVAL)
		return fault(r, event->start, "must be an integer without fraction and exponent");
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
#define WORD_MAX 64

static const char *copy_word(char to[WORD_MAX], const struct json_event *event)
{
	size_t length = event->length < WORD_MAX ? event->length : 0;

	memcpy(to, event->data, length);
	to[length] = '\0';
	return to;
}

static void add_meant(char *text, size_t size, const char *meant)
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

	copy_word(written, event);
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
	add_meant(text, sizeof(text), meant);
	return fault(r, offset, text);
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
		return no_memory(r);
	memcpy(to, &copy, sizeof(copy));
	return true;
}

/* check may be NULL. */
static bool read_string(struct reader *r, const struct oci_check *check, char *to, const struct json_event *event)
{
	const char *copy = oci_arena_text(r->arena, event->data, event->length);

	if (!copy)
		return no_memory(r);
	if (check && check->is_valid && !check->is_valid(copy))
		return fault(r, event->start, check->must);
	memcpy(to, &copy, sizeof(copy));
	return true;
}

/* Reads a value that is no object and no array into *to. */
static bool read_scalar(struct reader *r, const struct oci_field *field, enum oci_kind kind, char *to,
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
			return wrong_type(r, OCI_STRING, event->start);
		if (event->fault)
			return fault(r, event->start, event->fault);
		if (kind != OCI_STRING)
			return read_word(r, field, kind, to, event);
		return read_string(r, field->kind == OCI_MAP ? NULL : field->check, to, event);
	default:
		break;
	}
	return wrong_type(r, kind, event->start);
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
		return no_memory(r);
	f->items = items;
	f->size = more;
	return true;
}

/* The place for the next entry of an array or a map, with its key set; NULL: no memory. */
static char *add_entry(struct reader *r, struct frame *f)
{
	size_t size = entry_size(f->field);
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
			return no_memory(r);
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
		if (!complete_entry(r, f->field, f->items + i * entry_size(f->field)))
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
			return fault(r, f->start, "must have at least one entry");
		f->items = oci_arena_alloc(r->arena, entry_size(f->field));
		if (!f->items)
			return no_memory(r);
	}
	memcpy(f->object + f->field->offset, &f->items, sizeof(f->items));
	memcpy(f->object + f->field->extra, &f->count, sizeof(f->count));
	return true;
}

/* ---- keys ---- */

static uint64_t bit_of(const struct frame *f, const struct oci_field *field)
{
	return (uint64_t)1 << (field - f->rows);
}

/* The first row of a property. */
static const struct oci_field *first_row(const struct frame *f)
{
	return f->rows->kind == OCI_KEY ? f->rows + 1 : f->rows;
}

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
			return no_memory(r);
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
static bool end_keys(struct reader *r, struct frame *f)
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
		if (!fault(r, keys[i].start, "comes twice"))
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
	copy_word(written, event);
	for (const struct oci_field *field = first_row(f); field->word && !meant; field++)
		if (!(f->seen & bit_of(f, field)) && oci_is_similar(written, field->word))
			meant = field->word;
	add_meant(text, sizeof(text), meant);
	return warn(r, event->start, text);
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
		return fault(r, event->start, "comes twice");
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
		return fault(r, event->start, check->must);
	return true;
}

static bool on_key(struct reader *r, const struct json_event *event)
{
	struct frame *f = &r->frames[r->depth - 1];
	char text[64];
	bool ok;

	f->key = NULL;
	if (event->fault) {
		snprintf(text, sizeof(text), "has a key that %s", event->fault);
		f->key_length = 0;
		if (f->place != IN_MAP)
			f->field = NULL;
		ok = fault(r, event->start, text);
		f->key = "";
		return ok;
	}
	f->key = event->data;
	if (f->place == IN_MAP)
		f->key = oci_arena_text(r->arena, event->data, event->length);
	else if (!event->is_stable)
		f->key = oci_arena_text(r->scratch, event->data, event->length);
	if (!f->key)
		return no_memory(r);
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

/* ---- values ---- */

/* Counts the value; returns the frame that it stands in, NULL for the document itself. */
static struct frame *arrive(struct reader *r)
{
	struct frame *f;

	if (r->depth == 0)
		return NULL;
	f = &r->frames[r->depth - 1];
	if (f->place == IN_ARRAY || f->place == IN_LIST)
		f->index++;
	return f;
}

static bool on_null(struct reader *r, struct frame *f, const struct json_event *event)
{
	if (f->place == IN_ARRAY)
		return wrong_type(r, entry_kind(f->field->kind), event->start) && skip_entry(r, f);
	if (f->place == IN_STRUCT)
		f->present &= ~bit_of(f, f->field);
	return warn(r, event->start, "is null, which is the same as absent");
}

static bool on_scalar(struct reader *r, const struct json_event *event)
{
	struct frame *f = arrive(r);
	const struct oci_field *field;
	char *entry;

	if (!f)
		return wrong_type(r, OCI_STRUCT, event->start);
	field = f->field;
	if (!field)
		return !event->fault || fault(r, event->start, event->fault);
	if (event->kind == JSON_NULL)
		return on_null(r, f, event);
	if (f->place != IN_STRUCT) {
		entry = add_entry(r, f);
		if (!entry)
			return false;
		if (f->place == IN_MAP && field->kind == OCI_MAP)
			entry += offsetof(struct oci_pair, value);
		return read_scalar(r, field, entry_kind(field->kind), entry, event);
	}
	if (field->extra && field->kind <= OCI_ENUM)
		memcpy(f->object + field->extra, &(bool){ true }, sizeof(bool));
	return read_scalar(r, field, field->kind, f->object + field->offset, event);
}

static struct frame *push(struct reader *r, enum place place, const struct json_event *event)
{
	struct frame *f = &r->frames[r->depth++];

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
		return wrong_type(r, OCI_STRUCT, event->start) && push_other(r, NULL, NULL, event);
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
		return no_memory(r);
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

	if (!f)
		return open_document(r, event);
	if (!f->field)
		return push_other(r, NULL, NULL, event);
	kind = f->place == IN_STRUCT ? (enum oci_kind)f->field->kind : entry_kind(f->field->kind);
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
	return wrong_type(r, kind, event->start) && skip_entry(r, f) && push_other(r, NULL, NULL, event);
}

static bool end_struct(struct reader *r, struct frame *f)
{
	const struct oci_field *field = first_row(f);

	f->key = NULL; /* so that pointers end at the struct */
	for (; field->word; field++) {
		if (field->need == OCI_OPTIONAL || f->present & bit_of(f, field))
			continue;
		if (!add(r, false, f->start, field->word, "is required"))
			return false;
	}
	return !is_partial(r) || complete_struct(r, f->rows, f->object);
}

static bool end_raw(struct reader *r, struct frame *f, const struct json_event *event)
{
	const char *copy = oci_arena_text(r->arena, r->text + f->start, event->end - f->start);

	if (!copy)
		return no_memory(r);
	memcpy(f->object + f->next->offset, &copy, sizeof(copy));
	return true;
}

static bool on_close(struct reader *r, const struct json_event *event)
{
	struct frame *f = &r->frames[r->depth - 1];
	bool ok = true;

	f->index = 0; /* likewise for arrays */
	switch (f->place) {
	case IN_STRUCT:
		ok = end_keys(r, f) && end_struct(r, f);
		r->is_whole = ok && r->depth == 1;
		break;
	case IN_ARRAY:
		ok = end_entries(r, f);
		break;
	case IN_MAP:
		ok = end_keys(r, f);
		f->key = NULL;
		ok = ok && end_entries(r, f);
		break;
	case IN_OBJECT:
		ok = end_keys(r, f) && (!f->next || end_raw(r, f, event));
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
		return on_key(r, event);
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
		no_memory(r);
	else if (result == -EINVAL && r->error != -ENOMEM) {
		r->is_whole = false;
		fault(r, error.offset, error.text);
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
	r.frames = malloc(OCI_MAX_DEPTH * sizeof(*r.frames));
	r.arena = r.frames && length < PTRDIFF_MAX / 8 ? oci_arena_new(guess_size(type, length)) : NULL;
	if (r.arena) {
		r.document = oci_arena_alloc(r.arena, type->size);
		read_text(&r);
	} else {
		no_memory(&r);
	}
	free(r.frames);
	sort_faults(report);
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
