// SPDX-License-Identifier: LGPL-2.1-or-later
/* start.c - `hull start`: the user's program in a container that create has made. */
#include "cli/cli.h"

static int run(struct call *call, struct error *err)
{
	return container_start(call->runtime, call->words[0], err);
}

const struct command command_start = {
	.name = "start",
	.about = "run the program of a created container",
	.words = "ID",
	.statuses = STATUS_BIT(STATUS_CREATED),
	.run = run,
};
