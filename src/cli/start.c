// SPDX-License-Identifier: LGPL-2.1-or-later
/* start.c - `hull start`: the user's program in a container that create has made. */
#include "cli/cli.h"

#include "cli/trace.h"

struct start_options {
	const char *trace;
};

static const struct option options[] = {
	TRACE_OPTION(struct start_options),
};

static int run(struct call *call, struct error *err)
{
	const struct start_options *start = call->options;

	trace_to(start->trace, "start");
	return trace_end(container_start(call->runtime, call->words[0], err), err);
}

const struct command command_start = {
	.name = "start",
	.about = "run the program of a created container",
	.words = "ID",
	OPTION_TABLE(options),
	.options_size = sizeof(struct start_options),
	.statuses = STATUS_BIT(STATUS_CREATED),
	.run = run,
};
