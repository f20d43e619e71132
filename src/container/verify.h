// SPDX-License-Identifier: LGPL-2.1-or-later
/* verify.h - what criu has restored is what the config allows: the last look before any of it runs. */
#pragma once

#include "container/creation.h"
#include "container/staging.h"

/* Before criu is asked: a label or profile of the config that this host cannot give is an error, as with create.  procfs:
 * store_procfs.  0 or -1 */
int verify_modules(const struct creation *cr, const struct criu_options *options, int procfs, struct error *err);

/* The processes of cr->pid stand still, with their last rights; criu is the pid of its process, staging what it was to
 * find; the standard streams that it was to hand on are ours.  0, or -1 for what the config does not
 * allow: then all of it must be killed. */
int verify_restored(struct creation *cr, const struct criu_options *options, const struct staging *staging, pid_t criu,
		    struct error *err);
