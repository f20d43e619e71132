// SPDX-License-Identifier: LGPL-2.1-or-later
/* start.c - the end of init: tell the runtime that all is ready, wait for start, become the program.
 *
 * The runtime may die at any moment.  Until it has answered READY, the container is not on record, so end of
 * file on the channel ends init; after that only the start socket counts. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/socket.h"
#include "init/init.h"
#include "kernel/sys.h"
#include "ocispec.h"

/* How long a peer may take to say START: else one that somebody stopped would keep the others out. */
#define PEER_TIMEOUT_MS (10 * 1000)

/* Connecting alone starts nothing: a peer that leaves without START, or says nothing, is forgotten. */
static int wait_for_start(struct init *in)
{
	for (;;) {
		auto_close int peer = accept4(in->start_socket, NULL, NULL, SOCK_CLOEXEC);
		struct message message;

		if (peer < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (peer < 0)
			return -errno;
		if (socket_wait(peer, PEER_TIMEOUT_MS) != 1 || message_receive(peer, &message, NULL, 0, NULL, NULL) <= 0 ||
		    message.type != MSG_START)
			continue;
		/* From here on who asked for the start gets the trace; the wait was nobody's time. */
		in->flags = message.arg ? in->flags | INIT_TRACE : in->flags & ~(unsigned)INIT_TRACE;
		in->step_began = trace_clock();
		return take_fd(&peer);
	}
}

int step_ready(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_READY };

	if (init_ask(in, &message, NULL, 0, NULL, 0, NULL, err) < 0)
		return -1;
	in->procfs = fd_close(in->procfs);
	in->bundle = fd_close(in->bundle);
	if (in->flags & INIT_START_NOW)
		return 0;
	in->channel = fd_close(in->channel);
	in->channel = wait_for_start(in);
	if (in->channel < 0)
		return fail(err, in->channel, "cannot wait for start");
	/* A second start must not be queued behind us: from here on it is refused. */
	in->start_socket = fd_close(in->start_socket);
	return 0;
}

static int go_on_inside(void *in)
{
	init_go_on(in);
}

/* Nothing is left to do for this process once the program runs in the other. */
int step_enter(struct init *in, struct error *err)
{
	pid_t pid;

	in->procfs = fd_close(in->procfs);
	in->root.fd = fd_close(in->root.fd);
	if (!(in->joined_namespaces & CLONE_NEWPID))
		return 0;
	pid = sys_vfork_sibling(go_on_inside, in);
	if (pid == -ENOMEM) /* what the kernel says of a pid namespace whose first process is gone */
		return fail(err, ERR_STATE, "cannot exec in a stopped container: %s", in->id);
	if (pid < 0)
		return fail(err, pid, "cannot fork into the pid namespace");
	_exit(EXIT_SUCCESS);
}

int step_exec(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_EXEC };
	int r;

	if (!in->process)
		return fail(err, ERR_CONFIG,
			    "config.json:/process: there is no process to start: the config has none");
	/* "created" ends before whoever asked for the start can hear of it: the kernel closes what is close-on-exec in no order
	 * that anybody could rely on, and others may run in between. */
	if (in->lock >= 0)
		(void)sys_flock(in->lock, LOCK_UN);
	r = message_send(in->channel, &message, NULL, 0);
	if (r < 0)
		return fail(err, r, "cannot tell that the program starts");
	if (load_landlock(in, err) < 0 || load_seccomp(in, err) < 0)
		return -1;
	/* Nothing but this call may stand between the filter and the program: a profile allows what the program needs. */
	r = sys_execve(in->executable, (char *const *)in->process->args, in->environment);
	return fail(err, r, "exec %s%s", in->executable,
		    r == -EACCES && in->landlock >= 0 ? " (do the rules of Landlock let it, and its interpreter, be executed and read?)" : "");
}
