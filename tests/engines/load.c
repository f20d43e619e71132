// SPDX-License-Identifier: LGPL-2.1-or-later
/* load.c - stands in for a runtime: goes into a cgroup of its own, where its time is counted, and becomes the runtime.
 *
 * RUNTIME and PROCS are the runtime's path and the cgroup's cgroup.procs; both are given by the compiler's command line,
 * because engines hand on neither environment nor words of ours. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = open(PROCS, O_WRONLY | O_CLOEXEC);

	(void)argc;
	if (fd < 0 || write(fd, "0", 1) != 1) {
		perror("load: cannot enter " PROCS);
		return 1;
	}
	close(fd);
	argv[0] = RUNTIME;
	execv(RUNTIME, argv);
	perror("load: cannot execute " RUNTIME);
	return 1;
}
