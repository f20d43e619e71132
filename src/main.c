// SPDX-License-Identifier: LGPL-2.1-or-later
/* main.c - the init stage or a command; nothing else. */
#include "commit.h"

#include <stdio.h>

int main(void)
{
	fprintf(stderr, "hull: version " PACKAGE_VERSION " (" COMMIT ") has no commands yet\n");
	return 1;
}
