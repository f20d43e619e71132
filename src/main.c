// SPDX-License-Identifier: LGPL-2.1-or-later
/* main.c - the init stage or a command; nothing else.
 *
 * The runtime starts its own init stage as INIT_CHANNEL_NAME with the number of the channel's descriptor; no name
 * that a caller gives hull means anything else. */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"
#include "cli/cli.h"
#include "init/init.h"
#include "init/protocol.h"

int main(int argc, char **argv)
{
	uint64_t channel;

	if (fd_fill_stdio() < 0)
		return EXIT_FAILURE; /* nowhere to say why */
	fd_raise_limit();
	if (argc == 2 && strcmp(argv[0], INIT_CHANNEL_NAME) == 0 && text_to_u64(argv[1], 3, INT_MAX, &channel) == 0)
		init_main((int)channel);
	return cli_main(argc, argv);
}
