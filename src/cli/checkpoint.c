// SPDX-License-Identifier: LGPL-2.1-or-later
/* checkpoint.c - `hull checkpoint`, and the words that it shares with restore. */
#include "cli/checkpoint.h"

#include "cli/cli.h"

const struct word criu_cgroups_modes[] = {
	{ "soft", CRIU_CGROUPS_SOFT },
	{ "full", CRIU_CGROUPS_FULL },
	{ "strict", CRIU_CGROUPS_STRICT },
	{ "ignore", CRIU_CGROUPS_IGNORE },
};
const struct word criu_network_locks[] = {
	{ "iptables", CRIU_LOCK_IPTABLES },
	{ "nftables", CRIU_LOCK_NFTABLES },
	{ "skip", CRIU_LOCK_SKIP },
};

/* --empty-ns is read as one and used as the other. */
_Static_assert(sizeof(struct option_list) == sizeof(struct words) &&
		       offsetof(struct option_list, n) == offsetof(struct words, n),
	       "a list of options has the form of words");

static const struct option options[] = {
	CRIU_OPTIONS(struct checkpoint_options),
	{ "pre-dump", NULL, OPTION_FLAG, OPTION_AT(struct checkpoint_options, pre_dump), NULL,
	  "Write the memory alone, and let the container go on: a later dump names this one with --parent-path." },
};

static int run(struct call *call, struct error *err)
{
	struct checkpoint_options checkpoint = *(const struct checkpoint_options *)call->options;

	checkpoint.id = call->words[0];
	/* criu would freeze the container and wait for whoever asks, on every address and at a port of its choice (4.1). */
	if (checkpoint.criu.lazy_pages && !checkpoint.pre_dump && !(checkpoint.criu.page_server && *checkpoint.criu.page_server))
		return fail(err, ERR_USAGE, "--lazy-pages needs --page-server ADDRESS:PORT: where the memory is to be served");
	return container_checkpoint(call->runtime, &checkpoint, err);
}

const struct command command_checkpoint = {
	.name = "checkpoint",
	.about = "write the processes of a container into images, with criu",
	.words = "ID",
	OPTION_TABLE(options),
	.options_size = sizeof(struct checkpoint_options),
	.statuses = STATUS_BIT(STATUS_RUNNING) | STATUS_BIT(STATUS_PAUSED),
	.run = run,
};
