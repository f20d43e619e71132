// SPDX-License-Identifier: LGPL-2.1-or-later
/* plan.h - what would be done, told instead of done: for create --dry-run; shared by init and the runtime. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ocispec.h"

/* One thing that would be done.  Strings are valid during the call only; those that say nothing are "". */
struct plan_item {
	bool of_init;	     /* by the container's init, not by the runtime */
	const char *part;    /* the stage or step */
	const char *verb;    /* "mount", "write", ... */
	const char *object;  /* the file, directory, namespace, ... */
	const char *detail;  /* with what: flags, a value, a source */
	const char *pointer; /* JSON pointer of what asks for it */
	bool at_start;	     /* not before start */
};

/* Where the items go. */
struct plan {
	void (*put)(void *context, const struct plan_item *item);
	void *context;
	bool of_init;
	const char *part; /* of the next items */
	bool at_start;	  /* likewise */
};

/* Tells one item.  pointer may be "" or, where it has numbers, be formatted into a buffer by the caller.  The detail is a
 * printf format, cut at 1 KiB. */
void plan_put(const struct plan *plan, const char *verb, const char *object, const char *pointer, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* What init would do, by the step table, in order: up to the step ready, or with after_ready behind it.  flags, n_preserved:
 * as the runtime would send them; id: the container's.  Steps that would do nothing tell nothing. */
void plan_init(struct plan *plan, const struct oci_config *config, unsigned flags, int n_preserved, const char *id,
	       bool after_ready);

/* Name of step i that has nothing to tell the plan, though it should; NULL: there is none.  For tests. */
const char *plan_missing_step(void);
