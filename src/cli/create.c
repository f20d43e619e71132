// SPDX-License-Identifier: LGPL-2.1-or-later
/* create.c - `hull create`: everything but the user's program. */
#include "cli/cli.h"

#include "cli/create.h"

static const struct option options[] = {
	CREATE_OPTIONS,
	{ "detach", "d", OPTION_FLAG, CREATE_AT(detach), NULL, "create always returns; run has this option.", NULL, 0,
	  OPTION_IGNORED },
	{ "no-subreaper", NULL, OPTION_FLAG, CREATE_AT(no_subreaper), NULL,
	  "create adopts no processes; run has this option.", NULL, 0, OPTION_IGNORED },
};

static int run(struct call *call, struct error *err)
{
	struct create_options create = *(const struct create_options *)call->options;

	create.id = call->words[0];
	if (create.dry_run)
		return print_plan(call->runtime, &create, false, err);
	trace_to(create.trace, "create");
	return trace_end(container_create(call->runtime, &create, err), err);
}

const struct command command_create = {
	.name = "create",
	.about = "make a container that waits for start",
	.words = "ID",
	OPTION_TABLE(options),
	.options_size = sizeof(struct create_options),
	.run = run,
};
