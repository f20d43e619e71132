// SPDX-License-Identifier: LGPL-2.1-or-later
/* delete.c - `hull delete`: remove what create made. */
#include "cli/cli.h"

#include "cli/trace.h"

struct delete_options {
	const char *trace;
	bool force, regex;
};

static const struct option options[] = {
	{ "force", "f", OPTION_FLAG, OPTION_AT(struct delete_options, force), NULL,
	  "Kill the container if it has not stopped. An ID that does not exist is no error then." },
	{ "regex", "r", OPTION_FLAG, OPTION_AT(struct delete_options, regex), NULL,
	  "ID is an extended regular expression: delete all containers whose id matches." },
	TRACE_OPTION(struct delete_options),
};

static int delete_one(const struct call *call, const char *id, struct error *err)
{
	const struct delete_options *delete = call->options;

	return container_delete(call->runtime, id, delete->force, err);
}

static int run(struct call *call, struct error *err)
{
	const struct delete_options *delete = call->options;

	trace_to(delete->trace, "delete");
	return trace_end(for_containers(call, call->words[0], delete->regex, delete_one, err), err);
}

const struct command command_delete = {
	.name = "delete",
	.about = "remove a container that has stopped",
	.words = "ID",
	OPTION_TABLE(options),
	.options_size = sizeof(struct delete_options),
	.statuses = STATUS_BIT(STATUS_STOPPED),
	.run = run,
};
