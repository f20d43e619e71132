// SPDX-License-Identifier: LGPL-2.1-or-later
/* pause.c - `hull pause`: all processes of a container stand still. */
#include "cli/cli.h"

static int run(struct call *call, struct error *err)
{
	return container_pause(call->runtime, call->words[0], err);
}

const struct command command_pause = {
	.name = "pause",
	.about = "freeze all processes of a container",
	.words = "ID",
	.statuses = STATUS_BIT(STATUS_CREATED) | STATUS_BIT(STATUS_RUNNING),
	.run = run,
};
