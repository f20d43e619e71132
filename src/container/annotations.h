// SPDX-License-Identifier: LGPL-2.1-or-later
/* annotations.h - THE table of annotations: those that hull honours, and those of other runtimes that it does not. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ocispec.h"

struct annotation {
	const char *name;    /* one that ends in a dot is a prefix */
	bool is_honoured;
	bool is_left_out;    /* of this build, with a library */
	bool is_unsafe;	     /* who can set it gains more than the container has: features lists it */
	const char *meaning; /* what it does; where it is not honoured, what it does elsewhere */
	const char *why_not; /* NULL where it is honoured, and not left out */
	bool is_harmless;    /* without what else it speaks of, ignoring it changes nothing: not worth a warning */
};

/* Row i, sorted by name; NULL behind the last. */
const struct annotation *annotation_row(size_t i);
/* The row for a key of a config, or NULL. */
const struct annotation *annotation_find(const char *key);
/* Its value in the config, or NULL. */
const char *annotation_value(const struct oci_config *config, const char *name);
