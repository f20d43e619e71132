// SPDX-License-Identifier: LGPL-2.1-or-later
/* plan.c - --dry-run of create and run: the plan for people, or as JSON. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/create.h"
#include "container/plan.h"

const struct word plan_formats[] = { { "text", PLAN_TEXT }, { "json", PLAN_JSON } };

struct printer {
	struct text text;
	bool json, any;
	char part[64];
	bool of_init, at_start;
};

static void put_line(struct printer *out, const struct plan_item *item)
{
	if (item->at_start && !out->at_start)
		text_puts(&out->text, "at start\n");
	if (!out->any || strcmp(out->part, item->part) != 0 || out->of_init != item->of_init || out->at_start != item->at_start)
		text_printf(&out->text, "%s %s\n", item->of_init ? "  init" : "runtime", item->part);
	text_printf(&out->text, "        %-16s ", item->verb);
	text_escaped(&out->text, item->object);
	if (*item->detail) {
		text_puts(&out->text, "  ");
		text_escaped(&out->text, item->detail);
	}
	if (*item->pointer) {
		text_puts(&out->text, "  (");
		text_escaped(&out->text, item->pointer);
		text_puts(&out->text, ")");
	}
	text_puts(&out->text, "\n");
}

static void put_member(struct text *text, const char *name, const char *value)
{
	text_printf(text, ", \"%s\": ", name);
	text_json(text, value);
}

static void put_object(struct printer *out, const struct plan_item *item)
{
	text_printf(&out->text, "%s    {\"by\": \"%s\"", out->any ? ",\n" : "\n", item->of_init ? "init" : "runtime");
	put_member(&out->text, "at", item->at_start ? "start" : "create");
	put_member(&out->text, item->of_init ? "step" : "stage", item->part);
	put_member(&out->text, "verb", item->verb);
	put_member(&out->text, "object", item->object);
	put_member(&out->text, "detail", item->detail);
	put_member(&out->text, "pointer", item->pointer);
	text_puts(&out->text, "}");
}

static void on_item(void *context, const struct plan_item *item)
{
	struct printer *out = context;

	(out->json ? put_object : put_line)(out, item);
	out->any = true;
	(void)snprintf(out->part, sizeof(out->part), "%s", item->part);
	out->of_init = item->of_init;
	out->at_start = item->at_start;
}

int print_plan(const struct runtime *rt, const struct create_options *options, bool start_now, struct error *err)
{
	struct printer out = { .text = TEXT_INIT, .json = options->format == PLAN_JSON };
	struct plan plan = { .put = on_item, .context = &out };
	int r;

	if (out.json) {
		text_printf(&out.text, "{\n  \"command\": \"%s\"", start_now ? "run" : "create");
		put_member(&out.text, "id", options->id);
		text_puts(&out.text, ",\n  \"plan\": [");
	}
	r = container_plan(rt, options, start_now, &plan, err);
	if (out.json)
		text_puts(&out.text, "\n  ]\n}\n");
	if (r == 0)
		r = print_text(&out.text, err);
	text_free(&out.text);
	return r;
}
