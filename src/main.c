// SPDX-License-Identifier: LGPL-2.1-or-later
/* main.c - the init stage or a command; nothing else. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "init/init.h"

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[0], INIT_CHANNEL_NAME) == 0)
		init_main(atoi(argv[1]));
	return cli_main(argc, argv);
}
