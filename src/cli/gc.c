// SPDX-License-Identifier: LGPL-2.1-or-later
/* gc.c - `hull gc`: remove what runtimes left that ended before they were done. */
#include "cli/cli.h"

enum format { FORMAT_TABLE, FORMAT_JSON };

struct gc_options {
	int format;
	bool dry_run;
};

static const struct word formats[] = { { "table", FORMAT_TABLE }, { "json", FORMAT_JSON } };

static const struct option options[] = {
	{ "dry-run", "n", OPTION_FLAG, OPTION_AT(struct gc_options, dry_run), NULL, "Only show what would be removed." },
	{ "format", "f", OPTION_CHOICE, OPTION_AT(struct gc_options, format), NULL,
	  "Print a table for people, or an array of objects with id, reason, cgroupDriver, cgroup, removed and error. Default: table.",
	  formats, 2 },
};

static const char *const notes[] = {
	"It is removed as by delete --force. Containers that live, that have only stopped, or that another command works on are left "
	"alone, and so is whatever in the state root is not the caller's own or not hull's.",
	NULL,
};

struct output {
	struct text *text;
	bool json, dry_run;
	size_t n;
};

static void put_member(struct text *text, const char *name, const char *value)
{
	text_json(text, name);
	text_puts(text, ":");
	text_json(text, value);
	text_puts(text, ",");
}

static void put_json(struct output *out, const struct leftover *found)
{
	text_puts(out->text, out->n ? ",{" : "{");
	put_member(out->text, "id", found->id);
	put_member(out->text, "reason", found->reason);
	put_member(out->text, "cgroupDriver", found->driver);
	put_member(out->text, "cgroup", found->cgroup);
	if (found->error)
		put_member(out->text, "error", found->error);
	text_printf(out->text, "\"removed\":%s}", found->removed ? "true" : "false");
}

static void put_row(struct output *out, const struct leftover *found)
{
	if (!out->n)
		text_printf(out->text, "%-24s%-13s%-13s%s\n", "ID", "REASON", "RESULT", "CGROUP");
	text_printf(out->text, "%-23s %-12s %-12s %s\n", found->id, found->reason,
		    found->removed ? "removed" : out->dry_run ? "found" : "failed", *found->cgroup ? found->cgroup : "-");
}

static void tell(void *context, const struct leftover *found)
{
	struct output *out = context;

	(out->json ? put_json : put_row)(out, found);
	out->n++;
}

static int run(struct call *call, struct error *err)
{
	const struct gc_options *gc = call->options;
	auto_text struct text text = TEXT_INIT;
	struct output out = { &text, gc->format == FORMAT_JSON, gc->dry_run, 0 };
	struct error unprinted;
	int r;

	if (out.json)
		text_puts(&text, "[");
	r = container_gc(call->runtime, gc->dry_run, tell, &out, err);
	if (out.json)
		text_puts(&text, "]\n");
	if (print_text(&text, &unprinted) == 0)
		return r;
	if (r == 0)
		*err = unprinted;
	return -1;
}

const struct command command_gc = {
	.name = "gc",
	.about = "remove what commands left that were killed",
	.words = "",
	.notes = notes,
	OPTION_TABLE(options),
	.options_size = sizeof(struct gc_options),
	.run = run,
};
