// SPDX-License-Identifier: LGPL-2.1-or-later
/* run.c - `hull run`: create, start, and without --detach stay until the container ends. */
#include "cli/cli.h"

#include "cli/create.h"

static const struct option options[] = {
	CREATE_OPTIONS,
	{ "detach", "d", OPTION_FLAG, CREATE_AT(detach), NULL,
	  "Return as soon as the program runs, and leave the container to the caller." },
	{ "keep", NULL, OPTION_FLAG, CREATE_AT(keep), NULL, "Do not delete the container when it ends." },
	{ "no-subreaper", NULL, OPTION_FLAG, CREATE_AT(no_subreaper), NULL,
	  "Do not adopt processes that lose their parent in the container's session." },
};

static int run(struct call *call, struct error *err)
{
	struct create_options create = *(const struct create_options *)call->options;

	create.id = call->words[0];
	if (create.dry_run)
		return print_plan(call->runtime, &create, true, err);
	trace_to(create.trace, "run");
	return trace_end(container_run(call->runtime, &create, &call->status, err), err);
}

static const char *const notes[] = {
	"Without --detach the exit status is that of the container's program, or 128 plus the number of the signal "
	"that ended it; 1 when hull itself fails.",
	NULL,
};

const struct command command_run = {
	.name = "run",
	.about = "create a container, start it, and wait for its end",
	.words = "ID",
	.notes = notes,
	OPTION_TABLE(options),
	.options_size = sizeof(struct create_options),
	.run = run,
};
