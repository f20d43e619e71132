// SPDX-License-Identifier: LGPL-2.1-or-later
/* validate.c - `hull validate`: all faults of a config at once, for people, editors and scripts. */
#include "cli/cli.h"

#include <string.h>

#include "container/validate.h"

enum format { FORMAT_TEXT, FORMAT_JSON };

struct options {
	const char *config;
	int format;
	bool host, strict;
};

static const struct word formats[] = { { "text", FORMAT_TEXT }, { "json", FORMAT_JSON } };

static const struct option options[] = {
	{ "config", "f", OPTION_STRING, OPTION_AT(struct options, config), "FILE",
	  "The configuration: its name in the bundle, or an absolute path. Default: config.json." },
	{ "format", NULL, OPTION_CHOICE, OPTION_AT(struct options, format), NULL,
	  "Print lines as compilers do, or one JSON object. Default: text.", formats, 2 },
	{ "host", NULL, OPTION_FLAG, OPTION_AT(struct options, host), NULL,
	  "Look also whether this host, and the caller's rights on it, have what the configuration asks for." },
	{ "strict", NULL, OPTION_FLAG, OPTION_AT(struct options, strict), NULL,
	  "Warnings count as errors in the exit status." },
};

/* NAME:LINE:COLUMN: LEVEL: POINTER: SENTENCE (IDS).  Keys and words of the document may hold anything. */
static void put_line(struct text *text, const char *name, const struct finding *finding)
{
	text_printf(text, "%s:%u:%u: %s: ", name, finding->line, finding->column,
		    finding->is_warning ? "warning" : "error");
	text_escaped(text, *finding->pointer ? finding->pointer : "/");
	text_puts(text, ": ");
	text_escaped(text, finding->text);
	if (*finding->ids)
		text_printf(text, " (%s)", finding->ids);
	text_puts(text, "\n");
}

static void put_ids(struct text *text, const char *ids)
{
	text_puts(text, "[");
	for (const char *at = ids; *at;) {
		size_t n = strcspn(at, " ");

		text_printf(text, "%s\"%.*s\"", at == ids ? "" : ", ", (int)n, at);
		at += n;
		at += *at == ' ';
	}
	text_puts(text, "]");
}

static void put_object(struct text *text, const struct finding *finding)
{
	text_printf(text, "    {\"level\": \"%s\", \"host\": %s, \"line\": %u, \"column\": %u, \"pointer\": ",
		    finding->is_warning ? "warning" : "error", finding->is_of_host ? "true" : "false", finding->line,
		    finding->column);
	text_json(text, finding->pointer);
	text_puts(text, ", \"text\": ");
	text_json(text, finding->text);
	text_puts(text, ", \"ids\": ");
	put_ids(text, finding->ids);
	text_puts(text, "}");
}

static void put_json(struct text *text, const struct validation *v, bool valid)
{
	text_puts(text, "{\n  \"file\": ");
	text_json(text, v->name);
	text_printf(text, ",\n  \"valid\": %s,\n  \"errors\": %zu,\n  \"warnings\": %zu,\n  \"findings\": [",
		    valid ? "true" : "false", v->n_errors, v->n_warnings);
	for (size_t i = 0; i < v->n; i++) {
		text_puts(text, i > 0 ? ",\n" : "\n");
		put_object(text, &v->findings[i]);
	}
	text_printf(text, "%s]\n}\n", v->n > 0 ? "\n  " : "");
}

static int run(struct call *call, struct error *err)
{
	const struct options *o = call->options;
	const struct validate_options what = { .bundle = call->n_words > 0 ? call->words[0] : NULL,
					       .config = o->config,
					       .host = o->host };
	auto_text struct text text = TEXT_INIT;
	struct validation v;
	int r = container_validate(call->runtime, &what, &v, err);

	if (r == 0) {
		bool valid = v.n_errors == 0 && !(o->strict && v.n_warnings);

		call->status = valid ? 0 : 1;
		if (o->format == FORMAT_JSON)
			put_json(&text, &v, valid);
		for (size_t i = 0; o->format == FORMAT_TEXT && i < v.n; i++)
			put_line(&text, v.name, &v.findings[i]);
		r = print_text(&text, err);
	}
	validation_free(&v);
	return r;
}

static const char *const notes[] = {
	"A line for each fault: FILE:LINE:COLUMN: error or warning: JSON pointer: sentence (rows of the conformance ledger). "
	"create refuses what is an error here, by the same table of rules; a warning is of something that create accepts.",
	NULL,
};

const struct command command_validate = {
	.name = "validate",
	.about = "print all faults of a bundle's configuration",
	.words = "[BUNDLE]",
	.notes = notes,
	OPTION_TABLE(options),
	.options_size = sizeof(struct options),
	.flags = COMMAND_QUIET,
	.run = run,
};
