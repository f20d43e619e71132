// SPDX-License-Identifier: LGPL-2.1-or-later
/* ocispec.h - read and write the documents of the OCI runtime specification: config.json, its
 * process object, the state, the features document, the message to a seccomp listener.
 *
 * Each document is declared once, as rows of a table in schema/; the structs below are made
 * from the same rows as the tables that reader, writer and schema printer walk.
 *
 * Structs.  A member has the spec's word in snake_case: noNewPrivileges is no_new_privileges,
 * containerID is container_id.  A null in the document is the same as an absent property.
 *
 *	string                  const char *x          NULL: absent
 *	object                  struct oci_y *x        NULL: absent
 *	array, map              T *x; size_t n_x       NULL: absent; else n_x entries, maybe 0
 *	optional number, bool   T x; bool has_x        x is 0 or false when absent
 *	required number, bool   T x
 *	one of a set of words   uint64_t x [has_x]     the kernel's value, see schema/words.def
 *	map of strings          struct oci_pair *x     in the order of the document
 *	map of objects          struct oci_y *x        whose first member is the key
 *	free-form object        const char *x          its JSON text
 *
 * Every array ends in one more entry that is all zero (args can be handed to execve as it is).
 * Words in the features document stay strings.
 *
 * The reader checks what one value alone can show: its type, range, word or pattern, and that
 * required members are there.  What depends on several values (soft not above hard, mappings in
 * pairs) and what the spec requires under a condition only is left to the caller.
 *
 * No function here prints, changes global state or keeps a pointer to its arguments; all may be
 * called from several threads at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* GNU C has the macro linux = 1; the spec has a property of that name. */
#undef linux

/* ---- words ---- */

/* One word of the spec and its value.  A table of words ends in a row whose word is NULL. */
struct oci_word {
	const char *word;
	uint64_t value;
};

/* The values, where the kernel has no number for a word. */
enum oci_status { OCI_CREATING = 1, OCI_CREATED, OCI_RUNNING, OCI_PAUSED, OCI_STOPPED };

/* The numbers of libseccomp's enum scmp_compare. */
enum oci_seccomp_operator {
	OCI_CMP_NE = 1,
	OCI_CMP_LT,
	OCI_CMP_LE,
	OCI_CMP_EQ,
	OCI_CMP_GE,
	OCI_CMP_GT,
	OCI_CMP_MASKED_EQ
};

/* In the order in which they run. */
enum oci_hook_kind {
	OCI_HOOK_PRESTART = 1,
	OCI_HOOK_CREATE_RUNTIME,
	OCI_HOOK_CREATE_CONTAINER,
	OCI_HOOK_START_CONTAINER,
	OCI_HOOK_POSTSTART,
	OCI_HOOK_POSTSTOP
};

enum oci_vm_image_format { OCI_IMAGE_RAW = 1, OCI_IMAGE_QCOW2, OCI_IMAGE_VDI, OCI_IMAGE_VMDK, OCI_IMAGE_VHD };

/* extern const struct oci_word oci_namespace_words[], ...: all tables of schema/words.def. */
#define WORDS(name) extern const struct oci_word name[];
#define WORD(word, value)
#define END_WORDS
#include "schema/words.def"
#undef WORDS
#undef WORD
#undef END_WORDS

/* Whether somebody who wrote one word may have meant the other, which is not the same: capitals aside, one letter
 * (from four on) or two (from seven on) are missing, too many, wrong or exchanged with their neighbour,
 * or b begins with one more word and an underscore. */
bool oci_is_similar(const char *a, const char *b);

/* The first word with that value, or NULL. */
const char *oci_word(const struct oci_word *words, uint64_t value);

/* Puts the value of the word of that length into *value.  Returns false if the table has no
 * such word; words are compared byte by byte. */
bool oci_word_value(const struct oci_word *words, const char *word, size_t length, uint64_t *value);

/* ---- tables ---- */

/* How a member is stored, and which JSON value it takes. */
enum oci_kind {
	OCI_BOOL,
	OCI_U16,
	OCI_U32,
	OCI_U64,
	OCI_I32,
	OCI_I64,
	OCI_ENUM,    /* uint64_t; string out of words */
	OCI_STRING,  /* const char * */
	OCI_RAW,     /* const char *; any object, as its JSON text */
	OCI_STRUCT,  /* struct * of type */
	OCI_U32S,    /* arrays: uint32_t * */
	OCI_ENUMS,   /* uint64_t * */
	OCI_STRINGS, /* const char ** */
	OCI_WORDS,   /* const char **, each out of words */
	OCI_STRUCTS, /* array of structs of type */
	OCI_MAP,     /* objects: struct oci_pair *; check is for the keys */
	OCI_MAP_OF,  /* array of structs of type, whose first row is an OCI_KEY */
	OCI_KEY      /* const char *key */
};

/* OCI_FILLED: a required array with at least one entry. */
enum oci_need { OCI_OPTIONAL, OCI_REQUIRED, OCI_FILLED };

/* What a string has to look like. */
struct oci_check {
	bool (*is_valid)(const char *text); /* NULL: any string will do */
	const char *must;                   /* the rest of the sentence, as in "must be an absolute path" */
	const char *pattern;                /* the same for JSON Schema (ECMA 262), or NULL */
};

struct oci_field {
	const char *word; /* name of the property; NULL ends the rows */
	union {
		const struct oci_type *type;
		const struct oci_word *words;
		const struct oci_check *check;
		struct {
			int64_t min;
			uint64_t max;
		} range;
	};
	uint16_t offset; /* of the member */
	uint16_t extra;  /* offset of its has_ or n_ member; 0: there is none */
	uint8_t length;  /* of word */
	uint8_t kind;    /* enum oci_kind */
	uint8_t need;    /* enum oci_need */
};

struct oci_type {
	const char *name; /* of the struct */
	size_t size;
	const struct oci_field *(*fields)(void); /* its rows, at most 64 */
};

struct oci_pair {
	const char *key;
	const char *value;
};

/* Checks for STRING_LIKE, STRINGS_LIKE, KEYED and the keys of MAP. */
extern const struct oci_check oci_check_any;           /* also "" */
extern const struct oci_check oci_check_not_empty;     /* at least one byte */
extern const struct oci_check oci_check_no_value;      /* none: the spec names no value */
extern const struct oci_check oci_check_absolute;      /* starts with a slash */
extern const struct oci_check oci_check_version;       /* SemVer 2.0.0 */
extern const struct oci_check oci_check_one_line;      /* without a newline */
extern const struct oci_check oci_check_cpu_list;      /* digits, commas, dashes, blanks */
extern const struct oci_check oci_check_access;        /* letters out of r, w, m */
extern const struct oci_check oci_check_page_size;     /* 64KB, 2MB, 1GB */
extern const struct oci_check oci_check_mem_bw_schema; /* MB: and the rest of one line */
extern const struct oci_check oci_check_clock;         /* monotonic, boottime */
extern const struct oci_check oci_check_capability;    /* CAP_ and capitals */

/* The structs and `extern const struct oci_type NAME_type` for each.  To declare a document of
 * your own, write its rows into a .def file (the rows are listed below), and
 *
 *	#define OCI_SCHEMA "container/record.def"   in your header
 *	#include "schema/declare.h"
 *	#define OCI_SCHEMA "container/record.def"   in one .c file
 *	#include "schema/define.h"
 *
 *	OBJECT(type) ... END(type)              a struct with its properties
 *	KEYED(type, check) ... END(type)        the same, with a key in front, for MAP_OF
 *	BOOL U16 U32 U64 I32 I64 (member, "word", REQUIRED | OPTIONAL)
 *	U32_IN U64_IN I32_IN I64_IN (..., min, max)
 *	ENUM(..., words)                        one of a table of struct oci_word
 *	STRING(...)  STRING_LIKE(..., check)    check x is the struct oci_check_x
 *	RAW(...)                                an object, kept as JSON text
 *	STRUCT(..., type)
 *	U32S(...)  ENUMS(..., words)  STRINGS(...)  STRINGS_LIKE(..., check)
 *	STRINGS_OF(..., words)  STRUCTS(..., type)        arrays: also FILLED
 *	MAP(..., check)                         strings by key, check for the keys
 *	MAP_OF(..., type)                       objects by key */
#define OCI_SCHEMA "process.def"
#include "schema/declare.h"
#define OCI_SCHEMA "linux.def"
#include "schema/declare.h"
#define OCI_SCHEMA "config.def"
#include "schema/declare.h"
#define OCI_SCHEMA "state.def"
#include "schema/declare.h"
#define OCI_SCHEMA "features.def"
#include "schema/declare.h"

/* ---- reading ---- */

/* Deepest nesting of objects and arrays that is read. */
#define OCI_MAX_DEPTH 128

/* Most faults and warnings that a report collects. */
#define OCI_MAX_FAULTS 256

/* Flags of a report. */
#define OCI_REPORT_ALL      1u /* go on after a fault and collect the others */
#define OCI_REPORT_WARNINGS 2u /* list unknown properties and nulls, as warnings */
#define OCI_REPORT_PARTIAL \
	4u /* with ALL: return the struct in spite of faults; what is at fault is absent in it, or
				* "", 0, an empty object or list where it is required */

struct oci_fault {
	bool is_warning;
	unsigned line;       /* from 1 */
	unsigned column;     /* from 1, in bytes */
	const char *pointer; /* JSON pointer (RFC 6901) to the value, or to the missing member; "" is the document */
	const char *text;    /* the sentence without its subject: "must be a string"; one line, UTF-8 */
};

/* Zero it, set flags, hand it to oci_parse, free it with oci_report_free.  Faults stand in the
 * order of the document.  Where keys are so long that a pointer would take more than about 4 KiB,
 * it names the innermost object or array that takes less. */
struct oci_report {
	unsigned flags;
	int error; /* 0, -EINVAL (n_errors is not 0) or -ENOMEM */
	size_t n_faults;
	size_t n_errors; /* those that are no warnings */
	struct oci_fault *faults;
	void *memory;
};

/* Reads a document of that type.
 *
 * text    length bytes of JSON (RFC 8259) in UTF-8, need not end in NUL; not kept
 * report  may be NULL: then the caller learns only that there was a fault
 *
 * Returns the struct (struct oci_config * for oci_config_type and so on), which owns all that
 * hangs below it and is freed with oci_free; NULL if there was any fault or no memory.  With
 * OCI_REPORT_PARTIAL faults of values are no reason for NULL, those of JSON are.
 *
 * Refused: what is not JSON, invalid UTF-8, \u0000, lone surrogates, text after the document, a
 * key that comes twice in one object (wherever it is), a value of the wrong type or out of its
 * range, 1.0 or 1e3 where an integer is due, a required member that is missing, nesting beyond
 * OCI_MAX_DEPTH.  Unknown properties are ignored (config.md#extensibility), whatever is in them.
 *
 * Takes memory in proportion to length, and time likewise (n log n for n unknown keys in one
 * object); the stack is bounded (about 24 KiB). */
void *oci_parse(const struct oci_type *type, const char *text, size_t length, struct oci_report *report);

/* An empty document of that type, everything absent, to be filled by hand; freed with oci_free.
 * NULL if there is no memory. */
void *oci_new(const struct oci_type *type);

/* Memory that lives as long as the document, which must come from oci_parse or oci_new (not an
 * object within one): size bytes, zeroed, aligned for any type.  NULL if there is no memory. */
void *oci_alloc(void *document, size_t size);

/* A copy of text that lives as long as the document. */
char *oci_strdup(void *document, const char *text);

/* Frees a document from oci_parse or oci_new with all below it.  NULL is fine. */
void oci_free(void *document);

/* Frees the faults and zeroes the report, except for its flags. */
void oci_report_free(struct oci_report *report);

/* Finds the value at a JSON pointer in a text that oci_parse has accepted: for errors that show
 * up later.  Puts line and column (from 1) of the value's first byte into *line and *column.
 * Returns 0; -ENOENT if there is no such value, with the place of the innermost object or array
 * on the way to it; -EINVAL, with line and column 0, if text is not JSON or pointer is malformed.
 * Reads the whole text: not for the fast path. */
int oci_locate(const char *text, size_t length, const char *pointer, unsigned *line, unsigned *column);

/* ---- writing ---- */

/* Grows as needed; start with all zero, free data with free(3).  data ends in NUL, which length
 * does not count. */
struct oci_buffer {
	char *data;
	size_t length;
	size_t size;
};

/* Appends the document in JSON.
 *
 * indent  what each level is indented with ("\t", "  "); NULL: all on one line, no blanks.
 *         No newline at the end.
 *
 * What is absent is left out.  Returns 0; -EINVAL if a required member is absent or a number is
 * no value of its words; -EILSEQ if a string is not UTF-8; -ENOMEM.  The buffer is as it was
 * then. */
int oci_write(const struct oci_type *type, const void *document, const char *indent, struct oci_buffer *buffer);

/* Appends a JSON Schema (draft 2020-12) of that type; indent and errors as oci_write. */
int oci_schema(const struct oci_type *type, const char *indent, struct oci_buffer *buffer);
