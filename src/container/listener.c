// SPDX-License-Identifier: LGPL-2.1-or-later
/* listener.c - tells the agent at listenerPath of a process whose system calls it is to answer: one connection, one
 * message (the container process state) with the descriptor of the notifications, then close (sec-08 to sec-16). */
#include <stdlib.h>

#include "base/fd.h"
#include "base/socket.h"
#include "container/creation.h"

static int listener_connect(struct listening *l, struct error *err)
{
	const char *path;

	l->config = read_kept_config(l->container, err);
	if (!l->config)
		return -1;
	if (!l->config->linux || !l->config->linux->seccomp || !l->config->linux->seccomp->listener_path)
		return fail(err, ERR_INTERNAL, "init asked for a seccomp listener that the config does not have");
	path = l->config->linux->seccomp->listener_path;
	l->socket = socket_connect(path, SOCK_STREAM);
	return l->socket < 0 ? fail(err, l->socket,
				    "config.json:/linux/seccomp/listenerPath: cannot connect to %s (nobody listens there?)",
				    path)
			     : 0;
}

static int write_state(const struct listening *l, struct oci_buffer *ret)
{
	const struct hull_record *record = l->container->record;
	const char *fds[] = { "seccompFd", NULL };
	struct oci_state state = {
		.oci_version = record->oci_version,
		.id = l->container->id,
		.status = l->status,
		.pid = record->pid,
		.has_pid = true,
		.bundle = record->bundle,
		.annotations = record->annotations,
		.n_annotations = record->n_annotations,
	};
	const struct oci_process_state message = {
		.oci_version = record->oci_version,
		.fds = fds,
		.n_fds = 1,
		.pid = l->pid,
		.metadata = l->config->linux->seccomp->listener_metadata,
		.state = &state,
	};

	return oci_write(&oci_process_state_type, &message, NULL, ret);
}

static int listener_send(struct listening *l, int fd, struct error *err)
{
	struct oci_buffer text = { 0 };
	int r;

	if (l->socket < 0)
		return fail(err, ERR_INTERNAL, "init sent a seccomp listener that nobody waits for");
	r = write_state(l, &text);
	if (r == 0)
		r = socket_send(l->socket, text.data, text.length, &fd, 1);
	free(text.data);
	l->socket = fd_close(l->socket);
	l->sent = r == 0;
	return r < 0 ? fail(err, r, "config.json:/linux/seccomp/listenerPath: cannot send to %s",
			    l->config->linux->seccomp->listener_path)
		     : 0;
}

int listener_answer(struct listening *l, int fd, struct error *err)
{
	return fd < 0 ? listener_connect(l, err) : listener_send(l, fd, err);
}

bool listener_is_missing(const struct listening *l)
{
	return l->config && !l->sent;
}

void listener_end(struct listening *l)
{
	l->socket = fd_close(l->socket);
	oci_free(l->config);
	l->config = NULL;
}
