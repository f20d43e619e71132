// SPDX-License-Identifier: LGPL-2.1-or-later
/* validate.h - everything that is wrong with a config, at once; nothing is made or changed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "container/container.h"

struct validate_options {
	const char *bundle; /* NULL: the current directory */
	const char *config; /* file name in the bundle; NULL: config.json */
	bool host;          /* also whether this host has what the config asks for */
};

struct finding {
	bool is_warning;       /* create accepts it */
	bool is_of_host;       /* about this host, not about the config alone */
	unsigned line, column; /* of the place in the document, from 1 */
	const char *pointer;   /* JSON pointer; "" is the document */
	const char *text;      /* a sentence whose subject is the place */
	const char *ids;       /* rows of the conformance ledger, with blanks between; "" */
};

/* What was found, by place. */
struct validation {
	const char *name; /* of the file */
	struct finding *findings;
	size_t n, n_errors, n_warnings;
	void *memory;
};

/* Reads the bundle's config and collects its faults: those of the reader, those of the rules that create applies, and
 * with options->host what create would meet on this host.  -1 only if there is nothing to look at (no file), or no
 * memory.  *ret is released with validation_free, also after -1. */
int container_validate(const struct runtime *rt, const struct validate_options *options, struct validation *ret,
		       struct error *err);
void validation_free(struct validation *validation);

/* Row i of the table of ids for faults of single values: those for a missing and for a wrong one.  false behind the last. */
bool validate_ids(size_t i, const char **ret_missing, const char **ret_wrong);
