// SPDX-License-Identifier: LGPL-2.1-or-later
/* help.c - `hull help COMMAND`, the same as `hull COMMAND --help`. */
#include "cli/cli.h"

static int run(struct call *call, struct error *err)
{
	const struct command *command = NULL;

	if (call->n_words > 0) {
		command = command_find(call->words[0]);
		if (!command)
			return fail(err, ERR_USAGE, "this release has no command \"%s\"", call->words[0]);
	}
	return print_help(command, err);
}

const struct command command_help = {
	.name = "help",
	.about = "explain hull or a command",
	.words = "[COMMAND]",
	.run = run,
};
