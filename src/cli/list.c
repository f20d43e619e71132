// SPDX-License-Identifier: LGPL-2.1-or-later
/* list.c - `hull list`: the containers below the state root. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/fd.h"

enum format { FORMAT_TABLE, FORMAT_JSON };

struct list_options {
	int format;
	bool quiet;
};

static const struct word formats[] = { { "table", FORMAT_TABLE }, { "json", FORMAT_JSON } };

static const struct option options[] = {
	{ "format", "f", OPTION_CHOICE, OPTION_AT(struct list_options, format), NULL,
	  "Print a table for people, or an array of state documents. Default: table.", formats, 2 },
	{ "quiet", "q", OPTION_FLAG, OPTION_AT(struct list_options, quiet), NULL, "Print the ids only, one a line." },
};

enum column { COLUMN_ID, COLUMN_PID, COLUMN_STATUS, COLUMN_BUNDLE, COLUMN_CREATED, COLUMN_OWNER, COLUMNS };

static const char *const heads[COLUMNS] = { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" };

#define COLUMN_MIN 12 /* least width, gap included */
#define COLUMN_GAP 3

static const char *cell(const struct container_state *state, enum column column, char *buffer, size_t size)
{
	switch (column) {
	case COLUMN_ID:
		return state->id;
	case COLUMN_PID:
		snprintf(buffer, size, "%d", (int)state->pid);
		return buffer;
	case COLUMN_STATUS:
		return container_status_words[state->status];
	case COLUMN_BUNDLE:
		return state->bundle;
	case COLUMN_CREATED:
		return state->created ? state->created : "-"; /* not known while it is being created */
	case COLUMN_OWNER:
		return owner_name(state->owner);
	case COLUMNS:
		break;
	}
	return "";
}

static void put_row(struct text *text, const struct container_state *state, const int *widths)
{
	for (enum column c = COLUMN_ID; c < COLUMNS; c++) {
		char buffer[16];
		const char *word = state ? cell(state, c, buffer, sizeof(buffer)) : heads[c];

		if (c == COLUMN_OWNER)
			text_printf(text, "%s\n", word);
		else
			text_printf(text, "%-*s", widths[c], word);
	}
}

static void put_table(struct text *text, const struct container_state *states, size_t n)
{
	int widths[COLUMNS];

	for (enum column c = COLUMN_ID; c < COLUMNS; c++) {
		widths[c] = COLUMN_MIN;
		for (size_t i = 0; i < n; i++) {
			char buffer[16];
			int width = (int)strlen(cell(&states[i], c, buffer, sizeof(buffer))) + COLUMN_GAP;

			if (width > widths[c])
				widths[c] = width;
		}
	}
	put_row(text, NULL, widths);
	for (size_t i = 0; i < n; i++)
		put_row(text, &states[i], widths);
}

static void put_json(struct text *text, const struct container_state *states, size_t n)
{
	text_puts(text, "[");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			text_puts(text, ",");
		state_document(text, &states[i], false);
	}
	text_puts(text, "]\n");
}

static int put_ids(const struct call *call, struct text *text, struct error *err)
{
	auto_free char **ids = NULL;
	size_t n;

	if (container_ids(call->runtime, &ids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		text_printf(text, "%s\n", ids[i]);
	return 0;
}

static int put_states(const struct call *call, enum format format, struct text *text, struct error *err)
{
	auto_free struct container_state *states = NULL;
	size_t n;

	if (container_states(call->runtime, &states, &n, err) < 0)
		return -1;
	(format == FORMAT_JSON ? put_json : put_table)(text, states, n);
	for (size_t i = 0; i < n; i++)
		container_state_free(&states[i]);
	return 0;
}

static int run(struct call *call, struct error *err)
{
	const struct list_options *list = call->options;
	auto_text struct text text = TEXT_INIT;
	int r;

	r = list->quiet ? put_ids(call, &text, err) : put_states(call, (enum format)list->format, &text, err);
	return r < 0 ? -1 : print_text(&text, err);
}

const struct command command_list = {
	.name = "list",
	.about = "print the containers of the state root",
	.words = "",
	OPTION_TABLE(options),
	.options_size = sizeof(struct list_options),
	.flags = COMMAND_QUIET,
	.run = run,
};
