// SPDX-License-Identifier: LGPL-2.1-or-later
/* plan.h - create and run as a dry run: what would be done, in order, without doing anything. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "container/container.h"
#include "init/plan.h"

/* Tells plan of every stage of create (run: with start_now) and, within the stage init, every step of init.  Then plan->
 * at_start is set, and what start would do follows.  What create would refuse without having done anything is an error
 * here too.  0 or -1. */
int container_plan(const struct runtime *rt, const struct create_options *options, bool start_now, struct plan *plan,
		   struct error *err);

/* Name of a stage that has nothing to tell, though it should; NULL: there is none.  For tests. */
const char *plan_missing_stage(void);
