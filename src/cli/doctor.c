// SPDX-License-Identifier: LGPL-2.1-or-later
/* doctor.c - `hull doctor`: what this host can do for containers, as a table or JSON. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "container/doctor.h"

enum format { FORMAT_TABLE, FORMAT_JSON };

struct doctor_values {
	int format;
};

static const struct word formats[] = { { "table", FORMAT_TABLE }, { "json", FORMAT_JSON } };

static const struct option options[] = {
	{ "format", "f", OPTION_CHOICE, OPTION_AT(struct doctor_values, format), NULL,
	  "Print a table for people, or a JSON object. Default: table.", formats, 2 },
};

#define NAME_WIDTH   18
#define RESULT_WIDTH 9
#define INDENT       (NAME_WIDTH + RESULT_WIDTH)

struct output {
	struct text text;
	size_t n, n_missing;
};

static const char *result_word(const struct doctor_finding *f)
{
	if (f->result == DOCTOR_WORKS)
		return "works";
	if (f->needed)
		return "MISSING";
	return f->result == DOCTOR_UNKNOWN ? "untried" : "absent";
}

static void put_line(struct text *text, const char *head, const char *words)
{
	text_printf(text, "%*s%s", INDENT, "", head);
	text_escaped(text, words);
	text_puts(text, "\n");
}

static void put_row(void *context, const struct doctor_finding *f)
{
	struct output *out = context;

	if (out->n == 0)
		text_printf(&out->text, "%-*s%-*s%s\n", NAME_WIDTH, "CHECK", RESULT_WIDTH, "RESULT", "FOUND");
	text_printf(&out->text, "%-*s%-*s", NAME_WIDTH, f->name, RESULT_WIDTH, result_word(f));
	text_escaped(&out->text, f->found);
	if (f->since)
		text_printf(&out->text, " (Linux %s)", f->since);
	text_puts(&out->text, "\n");
	if (f->result == DOCTOR_FAILS || (f->needed && f->result != DOCTOR_WORKS)) { /* else another row says it */
		put_line(&out->text, "means: ", f->meaning);
		put_line(&out->text, "do: ", f->remedy);
	}
	out->n++;
	out->n_missing += f->needed && f->result != DOCTOR_WORKS;
}

static void put_member(struct text *text, const char *name, const char *value)
{
	text_printf(text, ",\"%s\":", name);
	text_json(text, value);
}

static void put_object(void *context, const struct doctor_finding *f)
{
	static const char *const words[] = { [DOCTOR_WORKS] = "works", [DOCTOR_FAILS] = "fails", [DOCTOR_UNKNOWN] = "unknown" };
	struct output *out = context;

	text_puts(&out->text, out->n ? ",\n    {\"name\":" : "\n    {\"name\":");
	text_json(&out->text, f->name);
	text_printf(&out->text, ",\"needed\":%s,\"result\":\"%s\"", f->needed ? "true" : "false", words[f->result]);
	put_member(&out->text, "found", f->found);
	if (f->since)
		put_member(&out->text, "since", f->since);
	if (f->result != DOCTOR_WORKS) {
		put_member(&out->text, "meaning", f->meaning);
		put_member(&out->text, "remedy", f->remedy);
	}
	text_puts(&out->text, "}");
	out->n++;
}

static int run(struct call *call, struct error *err)
{
	const struct doctor_values *v = call->options;
	const char *path = call->n_words ? call->words[0] : NULL;
	struct output out = { .text = TEXT_INIT };
	bool well = false;
	int r;

	if (v->format == FORMAT_JSON)
		text_puts(&out.text, "{\n  \"checks\": [");
	r = container_doctor(call->runtime, path, v->format == FORMAT_JSON ? put_object : put_row, &out, &well, err);
	if (v->format == FORMAT_JSON)
		text_printf(&out.text, "\n  ],\n  \"well\": %s\n}\n", well ? "true" : "false");
	else if (well)
		text_puts(&out.text, "\nAll that hull needs works.\n");
	else
		text_printf(&out.text, "\n%zu of what hull needs is missing.\n", out.n_missing);
	if (r == 0)
		r = print_text(&out.text, err);
	text_free(&out.text);
	call->status = well ? 0 : 1;
	return r;
}

static const char *const notes[] = {
	"Everything is tried for real: in processes that end at once, in namespaces and mounts of their own, and in a cgroup that is "
	"removed again. PATH is the directory whose file system is tried; default: that of the state root.",
	NULL,
};

const struct command command_doctor = {
	.name = "doctor",
	.about = "try what containers need of this host, and say what is missing",
	.words = "[PATH]",
	.notes = notes,
	OPTION_TABLE(options),
	.options_size = sizeof(struct doctor_values),
	.flags = COMMAND_QUIET,
	.run = run,
};
