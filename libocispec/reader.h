// SPDX-License-Identifier: LGPL-2.1-or-later
/* reader.h - what the parts of the reader of documents share: its frames, and what it says of faults.
 *
 * There is one frame for each object or array that is open.  Functions that return bool say whether to go on. */
#ifndef OCISPEC_READER_H
#define OCISPEC_READER_H

#include "ocispec.h"

#include "arena.h"
#include "json.h"

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

/* How deep most documents are; the frames of what is deeper are allocated. */
#define FRAMES_HERE 8

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
	struct frame here[FRAMES_HERE], *deeper; /* NULL, or the other ones of OCI_MAX_DEPTH */
};

static inline struct frame *frame_at(struct reader *r, size_t depth)
{
	return depth < FRAMES_HERE ? &r->here[depth] : &r->deeper[depth - FRAMES_HERE];
}

static inline uint64_t bit_of(const struct frame *f, const struct oci_field *field)
{
	return (uint64_t)1 << (field - f->rows);
}

/* The first row of a property. */
static inline const struct oci_field *first_row(const struct frame *f)
{
	return f->rows->kind == OCI_KEY ? f->rows + 1 : f->rows;
}

/* faults.c */

/* No memory: always false. */
bool oci_reader_no_memory(struct reader *r);
/* A fault, or a warning where the report wants them, of the current value; offset is its place in the text. */
bool oci_reader_fault(struct reader *r, size_t offset, const char *text);
bool oci_reader_warn(struct reader *r, size_t offset, const char *text);
/* A required member that the object at offset does not have. */
bool oci_reader_missing(struct reader *r, size_t offset, const char *member);
/* By their places in the text. */
void oci_report_sort(struct oci_report *report);

/* values.c */

/* Of words that are compared and repeated in messages, with the NUL. */
#define WORD_MAX 64

/* The kind of an array's entries, of a map's values; the size of one. */
enum oci_kind oci_entry_kind(enum oci_kind kind);
size_t oci_entry_size(const struct oci_field *field);
/* The fault that a value is not of that kind. */
bool oci_reader_wrong_type(struct reader *r, enum oci_kind kind, size_t offset);
/* Reads a value that is no object and no array into *to. */
bool oci_reader_value(struct reader *r, const struct oci_field *field, enum oci_kind kind, char *to,
		      const struct json_event *event);
/* The event's word, "" where it is too long for one; returns to. */
const char *oci_copy_word(char to[WORD_MAX], const struct json_event *event);
/* Adds to a fault's text what was probably meant, where meant is not NULL. */
void oci_add_meant(char *text, size_t size, const char *meant);

/* keys.c */

/* A key of the innermost object: its row, or put aside. */
bool oci_reader_key(struct reader *r, const struct json_event *event);
/* Looks for repetitions among the keys that were put aside for the object, and forgets them. */
bool oci_reader_end_keys(struct reader *r, struct frame *f);

#endif
