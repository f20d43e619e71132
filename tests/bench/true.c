// SPDX-License-Identifier: LGPL-2.1-or-later
/* true.c - the cheapest static program: what a container runs here, and the floor of commands
 * that start no container. */

int main(void)
{
	return 0;
}
