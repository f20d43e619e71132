// SPDX-License-Identifier: LGPL-2.1-or-later
/* child.h - run a program of the host to its end: hooks, newuidmap(1).
 *
 * The program gets clean signals, its own process group, stdin, one pipe for stdout and stderr (or the caller's files),
 * and no other descriptor.  It dies with the thread that runs it; what it leaves in the background does not, and does
 * not hold the caller up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Bytes of output that are kept, the last ones. */
#define CHILD_TAIL_MAX 512

struct child_options {
	const char *file;	 /* the program: with a slash a path, without one looked up in PATH as execvp(3) does */
	const char *const *argv; /* NULL-terminated; NULL: file alone */
	const char *const *envp; /* NULL-terminated; NULL: the caller's environment */
	const void *input;	 /* what its stdin holds (a memfd); NULL: /dev/null */
	size_t input_size;
	int directory;	/* descriptor of its working directory; -1: the caller's */
	int timeout_ms; /* at the deadline its process group is killed; -1: no deadline */
	bool interruptible; /* a signal that ends a command (interrupt.h) kills its process group too */
	/* Three: where stdout and stderr go, -1 for the pipe, and the file of stderr again, open for reading, or -1; NULL: both to
	 * the pipe.  The third is not the program's: where the pipe gave nothing, the tail is the end of what came to it. */
	const int *files;
};

struct child_result {
	int status;		       /* exit status, or 128 + signal */
	int signal;		       /* what interrupted it; else 0 */
	char tail[CHILD_TAIL_MAX + 1]; /* end of its output, trailing newlines cut; NUL bytes become blanks */
};

/* Runs the program and waits for its end.  0: it ended, see ret->status.  -ETIMEDOUT: it was killed at the
 * deadline, -EINTR: it was killed because of ret->signal (ret->tail is filled in both).  Other -errno: it could not be started (execve's own error among them). */
int child_run(const struct child_options *options, struct child_result *ret);

/* Every signal to its default and unblocked, as a new program expects it.  0 or -errno. */
int child_reset_signals(void);
