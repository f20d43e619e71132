// SPDX-License-Identifier: LGPL-2.1-or-later
/* fake_container.h - cli/ without containers: container.h as a recorder, and calls of the command line whose
 * exit status and output can be looked at.
 *
 * A call runs in a child process, because --log and SIGPIPE are set once for a process. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "container/container.h"
#include "container/doctor.h"
#include "container/plan.h"
#include "container/validate.h"

enum { FAKE_CALLS = 16, FAKE_TEXT = 256 };

/* What the fakes have been called with; strings are copied. */
struct fake_call {
	char function[32]; /* "create", "kill", ... */
	char id[FAKE_TEXT], bundle[FAKE_TEXT], config[FAKE_TEXT], console_socket[FAKE_TEXT], pidfd_socket[FAKE_TEXT],
		pid_file[FAKE_TEXT], root[FAKE_TEXT];
	struct create_options options; /* its pointers mean nothing here */
	struct exec_options exec;      /* nor here */
	char process[FAKE_TEXT], user[FAKE_TEXT], cwd[FAKE_TEXT], lists[FAKE_TEXT]; /* of exec; lists: all of its words */
	struct criu_options criu; /* nor here */
	char images[FAKE_TEXT], work[FAKE_TEXT]; /* of checkpoint, restore */
	bool pre_dump;
	enum cgroup_manager manager;
	bool debug, all, force;
	int signal;
	int64_t memory, pids; /* of update; pids -7: absent */
};

struct fake {
	/* set by the test */
	const char *ids[8];   /* of container_ids, up to a NULL */
	const char *fails_on; /* an id for which every function fails */
	int fail_code;
	int run_status;
	/* results */
	struct fake_call calls[FAKE_CALLS];
	size_t n_calls;
	int status; /* exit status, or 128 + signal */
	char out[65536], err[4096];
	size_t out_size, err_size;
};

/* In shared memory. */
extern struct fake *fake;

/* Empties it; the first call makes it. */
void fake_reset(void);

/* Runs `hull` with the words of line (blank-separated, '' is an empty word); returns its exit status. */
int fake_hull(const char *line);

/* The same with stdout on that file; fake->out is empty. */
int fake_hull_to(const char *path, const char *line);
