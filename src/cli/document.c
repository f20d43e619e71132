// SPDX-License-Identifier: LGPL-2.1-or-later
/* document.c - everything that is printed from the command table: --help, parts of manual pages, JSON.
 *
 * The committed copies (man/, contrib/completions/) are made by `make update-docs` and compared by `make check-docs`;
 * prose that no table can hold stands in man/ as templates. */
#include "cli/cli.h"

#include <string.h>

#include "cgroup/knobs.h"
#include "container/annotations.h"

#define WIDTH        79 /* of a line of --help */
#define ABOUT_COLUMN 30 /* where the texts start */

/* ---- pieces -------------------------------------------------------------------------------- */

void option_value(struct text *text, const struct option *option)
{
	if (!option_takes_value(option))
		return;
	if (option->value) {
		text_puts(text, option->value);
		return;
	}
	for (size_t i = 0; i < option->n_words; i++)
		text_printf(text, "%s%s", i > 0 ? "|" : "", option->words[i].name);
}

void option_summary(struct text *text, const struct option *option)
{
	const char *end = strstr(option->about, ". ");

	if (!end)
		end = option->about + strlen(option->about) - 1;
	text_append(text, option->about, (size_t)(end - option->about));
}

/* "--bundle DIR", "--rootless[=true|false|auto]", "--keep" */
static void long_form(struct text *text, const struct option *option)
{
	text_printf(text, "--%s", option->name);
	if (!option_takes_value(option))
		return;
	text_puts(text, option->flags & OPTION_BARE ? "[=" : " ");
	option_value(text, option);
	if (option->flags & OPTION_BARE)
		text_puts(text, "]");
}

/* Appends words, broken between indent and WIDTH; at is the column that has been reached. */
static void wrapped(struct text *text, const char *words, size_t indent, size_t at)
{
	for (bool first = true; *words; first = false) {
		size_t length = strcspn(words, " ");

		if (!first && at + 1 + length > WIDTH) {
			text_printf(text, "\n%*s", (int)indent, "");
			at = indent;
			first = true;
		}
		text_printf(text, "%s%.*s", first ? "" : " ", (int)length, words);
		at += length + !first;
		words += length;
		words += *words == ' ';
	}
	text_puts(text, "\n");
}

static void row(struct text *text, const char *left, const char *about)
{
	size_t length = strlen(left);

	text_printf(text, "  %s", left);
	if (2 + length + 2 > ABOUT_COLUMN)
		text_printf(text, "\n%*s", ABOUT_COLUMN, "");
	else
		text_printf(text, "%*s", (int)(ABOUT_COLUMN - 2 - length), "");
	wrapped(text, about, ABOUT_COLUMN, ABOUT_COLUMN);
}

/* ---- --help -------------------------------------------------------------------------------- */

static bool is_shown(const struct option *option, bool ignored)
{
	return !(option->flags & OPTION_HIDDEN) && !!(option->flags & OPTION_IGNORED) == ignored;
}

static bool has_ignored(const struct option *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_shown(&table[i], true))
			return true;
	return false;
}

static void help_option(struct text *text, const struct option *option)
{
	auto_text struct text left = TEXT_INIT;

	if (option->letters)
		text_printf(&left, "-%c, ", option->letters[0]);
	else
		text_puts(&left, "    ");
	long_form(&left, option);
	row(text, text_string(&left), option->about);
}

static void help_options(struct text *text, const struct option *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_shown(&table[i], false))
			help_option(text, &table[i]);
	row(text, "-h, --help", "Print this help.");
	if (!has_ignored(table, n))
		return;
	text_puts(text, "\nAccepted for compatibility, without effect:\n");
	for (size_t i = 0; i < n; i++)
		if (is_shown(&table[i], true))
			help_option(text, &table[i]);
}

/* "created, running or paused" */
static void status_list(struct text *text, unsigned statuses)
{
	for (unsigned i = STATUS_CREATING; i <= STATUS_STOPPED; i++) {
		if (!(statuses & STATUS_BIT(i)))
			continue;
		text_puts(text, container_status_words[i]);
		statuses &= ~STATUS_BIT(i);
		if (statuses)
			text_puts(text, statuses & (statuses - 1) ? ", " : " or ");
	}
}

static void help_command(struct text *text, const struct command *command)
{
	text_printf(text, "hull %s - %s\n\nUsage: hull [GLOBAL OPTIONS] %s [OPTIONS]%s%s\n", command->name,
		    command->about, command->name, *command->words ? " " : "", command->words);
	if (command->statuses && command->statuses != STATUS_ANY) {
		text_puts(text, "The container must be ");
		status_list(text, command->statuses);
		text_puts(text, ".\n");
	}
	text_puts(text, "\nOptions:\n");
	help_options(text, command->options, command->n_options);
	for (size_t i = 0; command->notes && command->notes[i]; i++) {
		text_puts(text, "\n");
		wrapped(text, command->notes[i], 0, 0);
	}
	text_puts(text, "\nGlobal options: hull --help\n");
}

static void help_hull(struct text *text)
{
	text_puts(text, "hull - run containers as the OCI runtime specification describes them\n\n"
			"Usage: hull [GLOBAL OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n");
	for (size_t i = 0; commands[i]; i++)
		row(text, commands[i]->name, commands[i]->about);
	text_puts(text, "\nGlobal options:\n");
	help_options(text, global_table, global_n);
	text_puts(text, "\nMore about a command: hull COMMAND --help\n");
}

int print_help(const struct command *command, struct error *err)
{
	auto_text struct text text = TEXT_INIT;

	if (command)
		help_command(&text, command);
	else
		help_hull(&text);
	return print_text(&text, err);
}

/* ---- manual pages, man(7) ------------------------------------------------------------------ */

/* Text that roff takes literally; a dash of an option must stay a dash. */
static void roff(struct text *text, const char *words, bool dashes)
{
	for (const char *p = words; *p; p++) {
		if (*p == '\\')
			text_puts(text, "\\e");
		else if (*p == '-' &&
			 (dashes || (p > words && p[-1] == ' ') || p[1] == '-' || (p > words && p[-1] == '-')))
			text_puts(text, "\\-");
		else if ((*p == '.' || *p == '\'') && p == words)
			text_printf(text, "\\&%c", *p);
		else
			text_append(text, p, 1);
	}
}

static void bold(struct text *text, const char *prefix, const char *word)
{
	text_puts(text, "\\fB");
	roff(text, prefix, true);
	roff(text, word, true);
	text_puts(text, "\\fR");
}

static void man_value(struct text *text, const struct option *option)
{
	auto_text struct text value = TEXT_INIT;

	if (!option_takes_value(option))
		return;
	option_value(&value, option);
	text_printf(text, "%s\\fI", option->flags & OPTION_BARE ? "[=" : " ");
	roff(text, text_string(&value), false);
	text_printf(text, "\\fR%s", option->flags & OPTION_BARE ? "]" : "");
}

static void man_option(struct text *text, const struct option *option)
{
	text_puts(text, ".TP\n");
	bold(text, "--", option->name);
	man_value(text, option);
	for (const char *p = option->letters ? option->letters : ""; *p; p++) {
		const char letter[2] = { *p, '\0' };

		text_puts(text, ", ");
		bold(text, "-", letter);
		man_value(text, option);
	}
	text_puts(text, "\n");
	roff(text, option->about, false);
	text_puts(text, "\n");
}

static void man_options(struct text *text, const struct command *command)
{
	const struct option *table = command ? command->options : global_table;
	size_t n = command ? command->n_options : global_n;

	for (size_t i = 0; i < n; i++)
		if (is_shown(&table[i], false))
			man_option(text, &table[i]);
	text_puts(text, ".TP\n\\fB\\-\\-help\\fR, \\fB\\-h\\fR\nPrint a short description and exit.\n");
	if (!has_ignored(table, n))
		return;
	text_puts(text, ".SS Accepted for compatibility, without effect\n");
	for (size_t i = 0; i < n; i++)
		if (is_shown(&table[i], true))
			man_option(text, &table[i]);
}

static void upper_case(struct text *text, const char *word)
{
	for (const char *p = word; *p; p++)
		text_printf(text, "%c", *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
}

static void man_head(struct text *text, const struct command *command)
{
	text_puts(text, ".TH HULL");
	if (command) {
		text_puts(text, "\\-");
		upper_case(text, command->name);
	}
	text_printf(text, " 1 \"\" \"hull\" \"hull\"\n.SH NAME\nhull%s%s \\- %s\n.SH SYNOPSIS\n.B hull\n",
		    command ? "\\-" : "", command ? command->name : "",
		    command ? command->about : "run containers as the OCI runtime specification describes them");
	text_puts(text, "[\\fIGLOBAL OPTIONS\\fR]\n");
	if (command)
		text_printf(text, ".B %s\n[\\fIOPTIONS\\fR]\n", command->name);
	else
		text_puts(text, ".I COMMAND\n[\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n");
	if (command && *command->words)
		text_printf(text, ".I %s\n", command->words);
}

static void man_commands(struct text *text)
{
	for (size_t i = 0; commands[i]; i++) {
		const char *about = commands[i]->about;

		if (commands[i] == &command_help)
			text_puts(text, ".TP\n.B hull help\n");
		else
			text_printf(text, ".TP\n.BR hull\\-%s (1)\n", commands[i]->name);
		text_printf(text, "%c%s.\n", about[0] - 'a' + 'A', about + 1);
	}
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static const char *const kind_words[] = {
	[OPTION_FLAG] = "flag",     [OPTION_SWITCH] = "flag",   [OPTION_CHOICE] = "choice",
	[OPTION_STRING] = "string", [OPTION_NUMBER] = "number", [OPTION_LIST] = "list",
};

static void json_option(struct text *text, const struct option *option)
{
	text_printf(text, "{\"name\": \"%s\", \"letters\": [", option->name);
	for (const char *p = option->letters ? option->letters : ""; *p; p++)
		text_printf(text, "%s\"%c\"", p > option->letters ? ", " : "", *p);
	text_printf(text, "], \"kind\": \"%s\"", kind_words[option->kind]);
	if (option->value)
		text_printf(text, ", \"value\": \"%s\"", option->value);
	if (option->kind == OPTION_CHOICE) {
		text_puts(text, ", \"choices\": [");
		for (size_t i = 0; i < option->n_words; i++)
			text_printf(text, "%s\"%s\"", i > 0 ? ", " : "", option->words[i].name);
		text_puts(text, "]");
	}
	if (option->flags & OPTION_BARE)
		text_puts(text, ", \"bare\": true");
	if (option->flags & OPTION_IGNORED)
		text_puts(text, ", \"ignored\": true");
	text_puts(text, ", \"about\": ");
	text_json(text, option->about);
	text_puts(text, "}");
}

static void json_options(struct text *text, const struct option *table, size_t n, const char *indent)
{
	bool first = true;

	text_puts(text, "\"options\": [");
	for (size_t i = 0; i < n; i++) {
		if (table[i].flags & OPTION_HIDDEN)
			continue;
		text_printf(text, "%s\n%s  ", first ? "" : ",", indent);
		json_option(text, &table[i]);
		first = false;
	}
	if (!first)
		text_printf(text, "\n%s", indent);
	text_puts(text, "]");
}

static void json_command(struct text *text, const struct command *command)
{
	bool first = true;

	text_printf(text, "    {\n      \"name\": \"%s\",\n      \"about\": ", command->name);
	text_json(text, command->about);
	text_puts(text, ",\n      \"words\": ");
	text_json(text, command->words);
	text_puts(text, ",\n      \"statuses\": [");
	for (unsigned i = STATUS_CREATING; i <= STATUS_STOPPED; i++) {
		if (!(command->statuses & STATUS_BIT(i)))
			continue;
		text_printf(text, "%s\"%s\"", first ? "" : ", ", container_status_words[i]);
		first = false;
	}
	text_printf(text, "],\n      \"optionsFirst\": %s,\n      ",
		    command->flags & COMMAND_OPTIONS_FIRST ? "true" : "false");
	json_options(text, command->options, command->n_options, "      ");
	text_puts(text, "\n    }");
}

static void json_table(struct text *text)
{
	text_puts(text, "{\n  \"name\": \"hull\",\n  ");
	json_options(text, global_table, global_n, "  ");
	text_puts(text, ",\n  \"commands\": [\n");
	for (size_t i = 0; commands[i]; i++) {
		json_command(text, commands[i]);
		text_puts(text, commands[i + 1] ? ",\n" : "\n");
	}
	text_puts(text, "  ]\n}\n");
}

/* ---- errors -------------------------------------------------------------------------------- */

static void error_table(struct text *text)
{
	text_puts(
		text,
		"# Errors\n\n"
		"A command that fails says why in one line. With `--log-format=json` the log has a stable word for the\n"
		"kind of error in the member `code`: one of these, or the kernel's own name of it (`ENOSPC`).\n\n"
		"`hull exec` ends with 255 instead, except where the command line is wrong: engines tell its own failures from the\n"
		"program's status by that.\n\n"
		"| code | exit status | meaning | what to do |\n|---|---|---|---|\n");
	for (size_t i = 0; i + 1 < ERR_CODES; i++)
		text_printf(text, "| `%s` | %d | %s | %s |\n", error_code_rows[i].word, error_code_rows[i].exit_status,
			    error_code_rows[i].meaning, error_code_rows[i].remedy);
}

/* ---- annotations --------------------------------------------------------------------------- */

static void annotation_table(struct text *text)
{
	const struct annotation *row;

	text_puts(text,
		  "# Annotations\n\n"
		  "An annotation that hull does not know changes nothing: it is told to hooks and by `hull state`. These are\n"
		  "known. A name that ends in a dot stands for all that begin with it.\n\n"
		  "## Honoured\n\n"
		  "Who can set one that is marked as unsafe gains more than the container has: engines should not let users.\n"
		  "`hull features` lists these as `potentiallyUnsafeConfigAnnotations`.\n\n"
		  "| annotation | unsafe | meaning |\n|---|---|---|\n");
	for (size_t i = 0; (row = annotation_row(i)); i++)
		if (row->is_honoured)
			text_printf(text, "| `%s` | %s | %s |\n", row->name, row->is_unsafe ? "yes" : "", row->meaning);
	text_puts(text, "\n## Not honoured\n\n"
			"Other runtimes know them. `hull validate` warns of them, `create` ignores them.\n\n"
			"| annotation | elsewhere | why not |\n|---|---|---|\n");
	for (size_t i = 0; (row = annotation_row(i)); i++)
		if (!row->is_honoured)
			text_printf(text, "| `%s` | %s | %s |\n", row->name, row->meaning, row->why_not);
}

/* ---- resources ----------------------------------------------------------------------------- */

static void resource_cell(struct text *text, const char *word, bool is_code)
{
	text_puts(text, *word && is_code ? " `" : " ");
	text_puts(text, word);
	text_puts(text, *word && is_code ? "` |" : *word ? " |" : "|");
}

static void resource_table(struct text *text)
{
	struct knob_row row;

	text_puts(text, "| `linux.resources` | v1 | v2 | systemd, with v2 | on v2 |\n|---|---|---|---|---|\n");
	for (size_t i = 0; knobs_row(i, &row) == 0; i++) {
		text_puts(text, "|");
		resource_cell(text, row.pointer + 1, true);
		resource_cell(text, row.v1, true);
		resource_cell(text, row.v2, true);
		resource_cell(text, row.unit, true);
		resource_cell(text, row.note, false);
		text_puts(text, "\n");
	}
}

/* ---- kinds --------------------------------------------------------------------------------- */

static const struct {
	const char *kind;
	void (*of_table)(struct text *text);
	void (*of_command)(struct text *text, const struct command *command); /* a command, or NULL: hull itself */
} kinds[] = {
	// clang-format off
	{ "man-head",     NULL,            man_head },
	{ "man-options",  NULL,            man_options },
	{ "man-commands", man_commands,    NULL },
	{ "bash",         completion_bash, NULL },
	{ "zsh",          completion_zsh,  NULL },
	{ "fish",         completion_fish, NULL },
	{ "json",         json_table,      NULL },
	{ "errors",       error_table,     NULL },
	{ "annotations",  annotation_table, NULL },
	{ "resources",    resource_table,  NULL },
	// clang-format on
};

int print_document(const char *kind, struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	size_t length = strcspn(kind, ":");
	const struct command *command = kind[length] ? command_find(kind + length + 1) : NULL;

	if (kind[length] && !command)
		return fail(err, ERR_USAGE, "no command \"%s\"", kind + length + 1);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].kind) != length || strncmp(kinds[i].kind, kind, length) != 0)
			continue;
		if (kinds[i].of_command)
			kinds[i].of_command(&text, command);
		else
			kinds[i].of_table(&text);
		return print_text(&text, err);
	}
	return fail(err, ERR_USAGE, "no document \"%s\"", kind);
}
