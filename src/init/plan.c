// SPDX-License-Identifier: LGPL-2.1-or-later
/* plan.c - what each step of THE step table would do, without doing it.
 *
 * The rows stand in the files plan_*.c, by what the steps act on; the order, and which steps apply, come from the step
 * table itself.  A step that is new without a row there fails a unit test. */
#include "init/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "init/plan_rows.h"
#include "init/steps.h"

static const struct plan_table *const tables[] = { &plan_namespace_rows, &plan_file_rows, &plan_hook_rows,
						  &plan_process_rows };

void plan_put(const struct plan *plan, const char *verb, const char *object, const char *pointer, const char *fmt, ...)
{
	char detail[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	plan->put(plan->context, &(struct plan_item){ .of_init = plan->of_init,
						      .part = plan->part,
						      .verb = verb,
						      .object = object,
						      .detail = detail,
						      .pointer = pointer,
						      .at_start = plan->at_start });
}

const char *plan_at(char buffer[PLAN_POINTER_MAX], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(buffer, PLAN_POINTER_MAX, fmt, args);
	va_end(args);
	return buffer;
}

const struct oci_linux *plan_linux(const struct planning *p)
{
	static const struct oci_linux none;

	return p->in.config->linux ? p->in.config->linux : &none;
}

void plan_word(struct text *text, const char *word)
{
	text_printf(text, "%s%s", text->length ? " " : "", word);
}

static const struct plan_row *find_row(const char *step)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (size_t i = 0; i < tables[t]->n; i++)
			if (strcmp(tables[t]->rows[i].step, step) == 0)
				return &tables[t]->rows[i];
	return NULL;
}

const char *plan_missing_step(void)
{
	for (size_t i = 0; i < n_init_steps; i++)
		if (init_steps[i].when & IN_CREATE && !find_row(init_steps[i].name))
			return init_steps[i].name;
	return NULL;
}

void plan_init(struct plan *plan, const struct oci_config *config, unsigned flags, int n_preserved, const char *id,
	       bool after_ready)
{
	struct planning p = { .plan = plan,
			      .in = { .flags = flags,
				      .config = config,
				      .process = config->process,
				      .n_preserved = n_preserved } };
	bool is_after = false;

	(void)snprintf(p.in.id, sizeof(p.in.id), "%s", id);
	for (size_t i = 0; config->linux && i < config->linux->n_namespaces; i++) {
		const struct oci_namespace *ns = &config->linux->namespaces[i];

		*(ns->path ? &p.in.joined_namespaces : &p.in.new_namespaces) |= (unsigned)ns->type;
	}
	plan->of_init = true;
	for (size_t i = 0; i < n_init_steps; i++) {
		const struct step *step = &init_steps[i];
		const struct plan_row *row = find_row(step->name);

		bool is_due = is_after == after_ready;

		is_after = is_after || strcmp(step->name, "ready") == 0;
		if (!is_due || !row || !(step->when & IN_CREATE) || ((step->when & NEEDS_PROCESS) && !config->process))
			continue;
		plan->part = step->name;
		if (row->tell)
			row->tell(&p);
	}
	plan->of_init = false;
}
