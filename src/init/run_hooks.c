// SPDX-License-Identifier: LGPL-2.1-or-later
/* run_hooks.c - the steps at which hooks run: those of the runtime by asking it, those of the container here. */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/socket.h"
#include "init/hooks.h"
#include "init/init.h"
#include "kernel/sys.h"

#define PATH_LIMIT (64 * 1024)

static int run(struct init *in, const struct oci_hook *hooks, size_t n, const char *kind, enum oci_status status,
	       int directory, const char *const *default_env, struct error *err)
{
	const struct hook_context context = {
		.oci_version = in->config->oci_version,
		.id = in->id,
		.bundle = in->bundle_path,
		.status = status,
		.pid = getpid(),
		.annotations = in->config->annotations,
		.n_annotations = in->config->n_annotations,
		.directory = directory,
		.default_env = default_env,
		.files = { in->hook_files[0], in->hook_files[1], in->hook_files[2] },
		.traceparent = status == OCI_CREATING ? getenv("TRACEPARENT") : NULL, /* not into the container's own */
	};

	return hooks_run(hooks, n, kind, &context, err);
}

int step_hooks(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_HOOKS };
	const struct oci_hooks *hooks = in->config->hooks;
	auto_close int path = -1;
	int fds[4], r;
	size_t n = 0, k = 1;

	if (!hooks || !(hooks->n_prestart || hooks->n_create_runtime || hooks->n_create_container ||
			hooks->n_start_container))
		return 0;
	if (init_ask(in, &message, NULL, 0, fds, 4, &n, err) < 0)
		return -1;
	if (n != 1 + (size_t)!!(message.arg & 1) + !!(message.arg & 2) + !!(message.arg & 4))
		return fail(err, ERR_INTERNAL, "HOOKS came with %zu descriptors", n);
	path = fds[0];
	for (int i = 0; i < 3; i++)
		if (message.arg & 1 << i)
			in->hook_files[i] = fds[k++];
	r = file_read(path, PATH_LIMIT, &in->bundle_path, NULL);
	return r < 0 ? fail(err, r, "cannot read the bundle's path") : 0;
}

/* Elsewhere init sees the end of a runtime that is killed on the channel, but a hook may take as long as it likes: it and
 * init would stay where there is no cgroup to find them by. */
static int end_with_runtime(struct init *in, struct error *err)
{
	int r = sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);

	if (r < 0)
		return fail(err, r, "cannot ask for a signal at the end of the runtime");
	/* It says nothing unasked: what is there to read is its end, before the signal was asked for. */
	return socket_wait(in->channel, 0) == 0 ? 0 : fail(err, ERR_INTERNAL, "the runtime is gone");
}

int step_create_hooks(struct init *in, struct error *err)
{
	const struct oci_hooks *hooks = in->config->hooks;
	int r;

	if (!hooks || !hooks->n_create_container)
		return 0;
	if (end_with_runtime(in, err) < 0)
		return -1;
	/* Init itself works with 0; what a hook makes must not be everybody's. */
	(void)umask(in->inherited_umask);
	r = run(in, hooks->create_container, hooks->n_create_container, "createContainer", OCI_CREATING, in->bundle,
		NULL, err);
	(void)umask(0);
	(void)sys_prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0); /* cannot fail */
	return r;
}

int step_start_hooks(struct init *in, struct error *err)
{
	static const char *const none[] = { NULL };
	const struct oci_hooks *hooks = in->config->hooks;
	const char *const *env = in->process && in->process->env ? in->process->env : none;

	if (!hooks)
		return 0;
	/* What host hooks said is not for a process in the container to hold open for reading. */
	in->hook_files[2] = fd_close(in->hook_files[2]);
	return run(in, hooks->start_container, hooks->n_start_container, "startContainer", OCI_CREATED,
		   in->root.fd, env, err);
}
