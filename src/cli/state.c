// SPDX-License-Identifier: LGPL-2.1-or-later
/* state.c - `hull state`, and the document that it and `hull list` print. */
#include "cli/cli.h"

#include "ocispec.h"

struct writer {
	struct text *text;
	bool indent;
	bool first;
	unsigned depth;
};

static void new_line(struct writer *out)
{
	if (!out->indent)
		return;
	text_puts(out->text, "\n");
	for (unsigned i = 0; i < out->depth; i++)
		text_puts(out->text, "  ");
}

static void open_object(struct writer *out)
{
	text_puts(out->text, "{");
	out->depth++;
	out->first = true;
}

static void close_object(struct writer *out)
{
	out->depth--;
	new_line(out);
	text_puts(out->text, "}");
	out->first = false;
}

static void member(struct writer *out, const char *name)
{
	if (!out->first)
		text_puts(out->text, ",");
	out->first = false;
	new_line(out);
	text_json(out->text, name);
	text_puts(out->text, out->indent ? ": " : ":");
}

/* While a container is being created some values are not known yet. */
static void string(struct writer *out, const char *name, const char *value)
{
	if (!value)
		return;
	member(out, name);
	text_json(out->text, value);
}

void state_document(struct text *text, const struct container_state *state, bool indent)
{
	struct writer out = { text, indent, true, 0 };

	open_object(&out);
	string(&out, "ociVersion", state->oci_version);
	string(&out, "id", state->id);
	member(&out, "pid");
	text_printf(text, "%d", (int)state->pid);
	string(&out, "status", container_status_words[state->status]);
	string(&out, "bundle", state->bundle);
	string(&out, "rootfs", state->rootfs);
	string(&out, "created", state->created);
	if (state->n_annotations > 0) {
		member(&out, "annotations");
		open_object(&out);
		for (size_t i = 0; i < state->n_annotations; i++)
			string(&out, state->annotations[i].key, state->annotations[i].value);
		close_object(&out);
	}
	string(&out, "owner", owner_name(state->owner));
	close_object(&out);
}

static int run(struct call *call, struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	struct container_state state;

	if (container_state(call->runtime, call->words[0], &state, err) < 0)
		return -1;
	state_document(&text, &state, true);
	text_puts(&text, "\n");
	container_state_free(&state);
	return print_text(&text, err);
}

const struct command command_state = {
	.name = "state",
	.about = "print a container's state as JSON",
	.words = "ID",
	.statuses = STATUS_ANY,
	.flags = COMMAND_QUIET,
	.run = run,
};
