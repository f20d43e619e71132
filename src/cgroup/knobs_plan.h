// SPDX-License-Identifier: LGPL-2.1-or-later
/* knobs_plan.h - resources as a list of writes; private to the files knobs*.c.
 *
 * All that can be refused is refused while the list is made, before anything is written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cgroup/knobs.h"
#include "cgroup/private.h"

struct oci_resources;

/* One write to be done. */
struct setting {
	char pointer[128]; /* below /linux/resources */
	struct hierarchy *h;
	char file[128], fallback[128]; /* fallback: where the kernel has no `file`; may be "" */
	const char *value;             /* (unified) the document's; else NULL: own */
	char own[KNOB_VALUE_MAX];
	char fallback_own[48]; /* what goes to the fallback, where that is not the same */
	const char *reset;     /* keyed files: what a line that was not there is taken away with, behind its key */
	char *before;          /* (update) the file as it was; owned */
	char *effective;       /* (update) what was in force where before is an empty cpuset, or NULL; owned */
	bool is_default;       /* what the kernel does anyway: fine if it has no such file */
	bool written;
	bool touched;          /* written, or a part of it may have been: it is to be put back */
	bool lowers;           /* (update) the file's number gets less: after those that raise */
	bool verify;           /* the kernel accepts any value and may ignore it: read back */
};

struct plan {
	struct cgroup *cgroup;
	const struct oci_resources *resources;
	struct setting *settings;
	size_t n;
	char controllers[256]; /* of the unified hierarchy that are needed, with blanks between */
	struct error *err;
};

/* Fills the list, and checks the device rules.  0 or -1 with p->err; plan_free is due in any case. */
int plan_make(struct plan *p);
void plan_free(struct plan *p);

/* The hierarchy that has the controller, or NULL; on a hybrid host it is noted as needed. */
struct hierarchy *plan_controller(struct plan *p, const char *controller);

/* A container without a cgroup of its own: every limit is an error.  0 or -1 */
int plan_refuse(const struct oci_resources *resources, struct error *err);

/* ---- knobs_write.c ---- */

/* What memory.checkBeforeUpdate asks for; then the controllers that a hybrid host has not enabled yet.  0 or -1 */
int plan_check_usage(struct plan *p);
int plan_enable(struct plan *p);

/* Writes the whole list: what raises before what lowers, and again what the kernel calls invalid as things are, as long as it
 * gets further.  0 or -1 */
int plan_write(struct plan *p);

/* Writes a text of lines, one write(2) for each.  0 or -errno */
int plan_write_lines(const struct cgroup *cgroup, const struct setting *s, const char *file, const char *text);
