// SPDX-License-Identifier: LGPL-2.1-or-later
/* resume.c - `hull resume`: what pause has frozen goes on. */
#include "cli/cli.h"

static int run(struct call *call, struct error *err)
{
	return container_resume(call->runtime, call->words[0], err);
}

const struct command command_resume = {
	.name = "resume",
	.about = "let the processes of a paused container go on",
	.words = "ID",
	.statuses = STATUS_BIT(STATUS_PAUSED),
	.run = run,
};
