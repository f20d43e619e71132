// SPDX-License-Identifier: LGPL-2.1-or-later
/* hooks.c - runs the hooks of one kind, and says which one failed and what it said last. */
#include "init/hooks.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/trace.h"

static int state_text(const struct hook_context *context, struct oci_buffer *buffer)
{
	struct oci_state state = {
		.oci_version = context->oci_version,
		.id = context->id,
		.status = context->status,
		.pid = context->pid,
		.has_pid = context->pid > 0,
		.bundle = context->bundle,
		.annotations = (struct oci_pair *)context->annotations,
		.n_annotations = context->n_annotations,
	};

	return oci_write(&oci_state_type, &state, NULL, buffer);
}

#define TRACE_VARIABLE "TRACEPARENT="

/* The env with the traceparent behind it, *ret; owned by the caller with *ret_variable.  NULL where it stays as it is. */
static int add_traceparent(const char *const *env, const struct hook_context *context, const char ***ret,
			   char **ret_variable)
{
	size_t n = 0;

	if (!env || !context->traceparent)
		return 0;
	for (; env[n]; n++)
		if (strncmp(env[n], TRACE_VARIABLE, strlen(TRACE_VARIABLE)) == 0)
			return 0;
	*ret = calloc(n + 2, sizeof(**ret));
	if (!*ret || asprintf(ret_variable, TRACE_VARIABLE "%s", context->traceparent) < 0)
		return -ENOMEM;
	memcpy(*ret, env, n * sizeof(**ret));
	(*ret)[n] = *ret_variable;
	return 0;
}

static int run_one(const struct oci_hook *hook, const struct hook_context *context, const struct oci_buffer *state,
		   struct child_result *result)
{
	auto_free const char **env = NULL;
	auto_free char *variable = NULL;
	/* A hook without args still has its own path as args[0]. */
	const char *const alone[] = { hook->path, NULL };
	struct child_options options = {
		.file = hook->path,
		.argv = hook->n_args > 0 ? hook->args : alone,
		.envp = hook->env ? hook->env : context->default_env,
		.input = state->data,
		.input_size = state->length,
		.directory = context->directory,
		.timeout_ms = -1,
		.interruptible = true,
		.files = context->files,
	};

	if (add_traceparent(options.envp, context, &env, &variable) < 0)
		return -ENOMEM;
	if (env)
		options.envp = env;
	if (hook->has_timeout)
		options.timeout_ms = hook->timeout > INT_MAX / 1000 ? INT_MAX : (int)hook->timeout * 1000;
	return child_run(&options, result);
}

static int explain(const struct oci_hook *hook, size_t i, const char *kind, int r, const struct child_result *result,
		   struct error *err)
{
	char how[64];

	if (r == -ETIMEDOUT)
		snprintf(how, sizeof(how), "killed after its timeout of %lld s", (long long)hook->timeout);
	else if (r == -EINTR)
		snprintf(how, sizeof(how), "interrupted by signal %d", result->signal);
	else if (r < 0)
		snprintf(how, sizeof(how), "cannot be executed: %s", errno_text(r));
	else if (result->status > 128)
		snprintf(how, sizeof(how), "killed by signal %d", result->status - 128);
	else
		snprintf(how, sizeof(how), "exit status %d", result->status);
	return fail(err, ERR_HOOK, "config.json:/hooks/%s/%zu: error running %s hook #%zu: %s: %s%s%s", kind, i, kind, i,
		    hook->path, how, *result->tail ? ": " : "", result->tail);
}

static int run_at(const struct oci_hook *hooks, size_t i, const char *kind, const struct hook_context *context,
		  const struct oci_buffer *state, struct error *err)
{
	struct child_result result = { 0 };
	struct trace_mark began = trace_mark();
	int r = run_one(&hooks[i], context, state, &result);

	trace_span(began, r < 0 || result.status != 0, "hook %s/%zu", kind, i);
	return r == 0 && result.status == 0 ? 0 : explain(&hooks[i], i, kind, r, &result, err);
}

int hooks_run(const struct oci_hook *hooks, size_t n, const char *kind, const struct hook_context *context,
	      struct error *err)
{
	struct oci_buffer state = { 0 };
	int r;

	if (n == 0)
		return 0;
	r = state_text(context, &state);
	if (r < 0)
		r = fail(err, r, "cannot write the state for the %s hooks", kind);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = run_at(hooks, i, kind, context, &state, err);
	free(state.data);
	return r;
}

void hooks_run_all(const struct oci_hook *hooks, size_t n, const char *kind, const struct hook_context *context)
{
	struct oci_buffer state = { 0 };
	struct error err;
	int r = n > 0 ? state_text(context, &state) : 0;

	if (r < 0)
		log_warning("cannot write the state for the %s hooks: %s", kind, errno_text(r));
	for (size_t i = 0; r == 0 && i < n; i++)
		if (run_at(hooks, i, kind, context, &state, &err) < 0)
			log_warning("%s", err.text);
	free(state.data);
}
