// SPDX-License-Identifier: LGPL-2.1-or-later
/* faults.c - faults and warnings of a document: their pointers and places.  The frames that are open are the pointer. */

#include "reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
static size_t write_pointer(struct reader *r, const char *member, char *to)
{
	size_t length = 0;
	char number[24];

	for (unsigned i = 0; i < r->depth; i++) {
		const struct frame *f = frame_at(r, i);
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

bool oci_reader_no_memory(struct reader *r)
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
		return oci_reader_no_memory(r);
	pointer = oci_arena_alloc(report->memory, write_pointer(r, member, NULL) + 1);
	copy = oci_arena_text(report->memory, text, strlen(text));
	if (!pointer || !copy)
		return oci_reader_no_memory(r);
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

bool oci_reader_fault(struct reader *r, size_t offset, const char *text)
{
	return add(r, false, offset, NULL, text);
}

bool oci_reader_missing(struct reader *r, size_t offset, const char *member)
{
	return add(r, false, offset, member, "is required");
}

bool oci_reader_warn(struct reader *r, size_t offset, const char *text)
{
	return !(r->report->flags & OCI_REPORT_WARNINGS) || add(r, true, offset, NULL, text);
}

static bool by_place(const struct oci_fault *a, const struct oci_fault *b)
{
	return a->line > b->line || (a->line == b->line && a->column > b->column);
}

/* Repeated keys and missing members come up late; at most OCI_MAX_FAULTS, nearly sorted. */
void oci_report_sort(struct oci_report *report)
{
	for (size_t i = 1; i < report->n_faults; i++) {
		struct oci_fault moving = report->faults[i];
		size_t to = i;

		for (; to > 0 && by_place(&report->faults[to - 1], &moving); to--)
			report->faults[to] = report->faults[to - 1];
		report->faults[to] = moving;
	}
}
