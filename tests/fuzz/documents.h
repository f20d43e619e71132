// SPDX-License-Identifier: LGPL-2.1-or-later
/* documents.h - any text, read as each of the documents of a target.
 *
 * What the reader takes, the writer must write, the reader take again, and the writer write as
 * before.  Collecting all faults must not change what is a fault, and each fault has a place. */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "fuzz.h"
#include "ocispec.h"

static void check_round_trip(const struct oci_type *type, const void *document)
{
	struct oci_buffer first = { 0 }, second = { 0 };
	void *again;

	MUST(oci_write(type, document, "\t", &first) == 0);
	again = oci_parse(type, first.data, first.length, NULL);
	MUST(again);
	MUST(oci_write(type, again, "\t", &second) == 0);
	MUST(first.length == second.length && !memcmp(first.data, second.data, first.length));
	oci_free(again);
	free(first.data);
	free(second.data);
}

/* The quadratic part of this is not the library's. */
#define LOCATED_FAULTS 4

static void check_faults(const struct oci_report *report, const char *text, size_t length)
{
	size_t n_errors = 0;

	for (size_t i = 0; i < report->n_faults; i++) {
		const struct oci_fault *fault = &report->faults[i];
		unsigned line, column;

		MUST(fault->line > 0 && fault->column > 0);
		MUST(fault->text[0] && !strchr(fault->text, '\n'));
		if (i < LOCATED_FAULTS)
			MUST(oci_locate(text, length, fault->pointer, &line, &column) != -ENOMEM);
		n_errors += !fault->is_warning;
	}
	MUST(n_errors == report->n_errors);
	MUST((n_errors > 0) == (report->error == -EINVAL));
}

static void check(const struct oci_type *type, const char *text, size_t length)
{
	struct oci_report all = { .flags = OCI_REPORT_ALL | OCI_REPORT_WARNINGS }, first = { 0 };
	void *document = oci_parse(type, text, length, &all);
	void *other = oci_parse(type, text, length, &first);

	MUST(!document == !other);
	MUST(first.n_faults == (document ? 0 : 1));
	check_faults(&all, text, length);
	check_faults(&first, text, length);
	if (document)
		check_round_trip(type, document);
	oci_free(document);
	oci_free(other);
	oci_report_free(&all);
	oci_report_free(&first);
}

static void check_documents(const struct oci_type *const *types, size_t n, const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1); /* so that reading past the end is seen */

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	for (size_t i = 0; i < n; i++)
		check(types[i], copy, size);
	free(copy);
}

#define FUZZ_DOCUMENTS(...)                                                           \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                  \
	{                                                                             \
		static const struct oci_type *const types[] = { __VA_ARGS__ };        \
                                                                                      \
		check_documents(types, sizeof(types) / sizeof(*types), data, size);   \
		return 0;                                                             \
	}
