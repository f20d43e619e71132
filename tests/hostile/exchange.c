// SPDX-License-Identifier: LGPL-2.1-or-later
/* exchange.c - exchanges pairs of names in a loop, as an attacker with a foot in the image's tree does.
 *
 *	exchange A B [A B...]     until it is killed; on SIGTERM it prints how often */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_term(int n)
{
	(void)n;
	stop = 1;
}

int main(int argc, char **argv)
{
	unsigned long done = 0;

	(void)signal(SIGTERM, on_term);
	while (!stop)
		for (int i = 1; i + 1 < argc; i += 2)
			done += renameat2(AT_FDCWD, argv[i], AT_FDCWD, argv[i + 1], RENAME_EXCHANGE) == 0;
	printf("%lu\n", done);
	return done == 0;
}
