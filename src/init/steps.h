// SPDX-License-Identifier: LGPL-2.1-or-later
/* steps.h - THE step table of init. */
#pragma once

#include <stddef.h>

#include "init/init.h"

/* When a step applies. */
enum {
	IN_CREATE = 1,	   /* the container's first process */
	IN_EXEC = 2,	   /* a further process */
	IN_BOTH = IN_CREATE | IN_EXEC,
	NEEDS_PROCESS = 4, /* skipped when the config has no process */
};

struct step {
	const char *name;
	unsigned when;
	int (*run)(struct init *in, struct error *err);
};

extern const struct step init_steps[];
extern const size_t n_init_steps;

/* Runs the table's steps in order; stops at the first that fails.  Called again from within a step, in another process,
 * it goes on with the one behind that.  0 or -1. */
int steps_run(struct init *in, struct error *err);
