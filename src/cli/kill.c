// SPDX-License-Identifier: LGPL-2.1-or-later
/* kill.c - `hull kill`: a signal to the container's init process, or to all of its processes. */
#include "cli/cli.h"

#include <signal.h>

#include "kernel/signals.h"

struct kill_options {
	bool all, regex;
};

static const struct option options[] = {
	{ "all", "a", OPTION_FLAG, OPTION_AT(struct kill_options, all), NULL,
	  "Signal every process of the container. A container that has stopped is no error then." },
	{ "regex", "r", OPTION_FLAG, OPTION_AT(struct kill_options, regex), NULL,
	  "ID is an extended regular expression: signal all containers whose id matches." },
};

static int signal_of(const struct call *call)
{
	return call->n_words > 1 ? signal_number(call->words[1]) : SIGTERM;
}

static int kill_one(const struct call *call, const char *id, struct error *err)
{
	const struct kill_options *kill = call->options;

	return container_kill(call->runtime, id, signal_of(call), kill->all, err);
}

static int run(struct call *call, struct error *err)
{
	const struct kill_options *kill = call->options;

	if (signal_of(call) < 0)
		return fail(err, ERR_USAGE, "unknown signal \"%s\"", call->words[1]);
	return for_containers(call, call->words[0], kill->regex, kill_one, err);
}

static const char *const notes[] = {
	"SIGNAL is a number or a name, with or without SIG, in upper or lower case: 9, KILL, SIGKILL, RTMIN+3. "
	"0 only checks that the container can be signalled. Default: TERM.",
	NULL,
};

const struct command command_kill = {
	.name = "kill",
	.about = "send a signal to a container",
	.words = "ID [SIGNAL]",
	.notes = notes,
	OPTION_TABLE(options),
	.options_size = sizeof(struct kill_options),
	.statuses = STATUS_BIT(STATUS_CREATED) | STATUS_BIT(STATUS_RUNNING) | STATUS_BIT(STATUS_PAUSED),
	.flags = COMMAND_OPTIONS_FIRST,
	.run = run,
};
