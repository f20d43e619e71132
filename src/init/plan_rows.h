// SPDX-License-Identifier: LGPL-2.1-or-later
/* plan_rows.h - what the rows of the plan are and are given; private to the files plan*.c of init/. */
#pragma once

#include "init/init.h"
#include "init/plan.h"

struct text;

struct planning {
	struct plan *plan;
	struct init in; /* only what the config and the flags say */
};

struct plan_row {
	const char *step;
	void (*tell)(struct planning *p); /* NULL: another step's row tells of it */
};

/* Those of one file. */
struct plan_table {
	const struct plan_row *rows;
	size_t n;
};
extern const struct plan_table plan_namespace_rows, plan_file_rows, plan_hook_rows, plan_process_rows;

#define PUT(p, verb, object, pointer, ...) plan_put((p)->plan, verb, object, pointer, __VA_ARGS__)

/* Formats a JSON pointer, cut where the buffer ends, which it returns. */
#define PLAN_POINTER_MAX 320
const char *plan_at(char buffer[PLAN_POINTER_MAX], const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* linux of the config; without one an empty one.  Never NULL. */
const struct oci_linux *plan_linux(const struct planning *p);
/* Appends a word, with a blank before it unless it is the first. */
void plan_word(struct text *text, const char *word);
