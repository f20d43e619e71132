// SPDX-License-Identifier: LGPL-2.1-or-later
/* hooks.c - hooks on the runtime's side: in the runtime's namespaces, with its environment, in the bundle. */
#include "init/hooks.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/annotations.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/trace.h"
#include "container/creation.h"
#include "kernel/host.h"

#define CONFIG_LIMIT (16 * 1024 * 1024)

bool has_hooks(const struct oci_config *config)
{
	const struct oci_hooks *h = config->hooks;

	return h && (h->n_prestart || h->n_create_runtime || h->n_create_container || h->n_start_container ||
		     h->n_poststart || h->n_poststop);
}

static struct hook_context context_of(const struct oci_config *config, const char *id, const char *bundle,
				      enum oci_status status, pid_t pid)
{
	return (struct hook_context){
		.oci_version = config->oci_version,
		.id = id,
		.bundle = bundle,
		.status = status,
		.pid = pid,
		.annotations = config->annotations,
		.n_annotations = config->n_annotations,
		.directory = -1,
		.files = { -1, -1, -1 },
		.traceparent = trace_parent(),
	};
}

/* Annotations that name files of the host, to which the hooks' output is appended.  rules.c knows that they are
 * absolute. */
static const char *const file_annotations[] = { ANNOTATION_HOOKS_STDOUT, ANNOTATION_HOOKS_STDERR };

int open_hook_files(const struct oci_config *config, int ret[3], struct error *err)
{
	ret[0] = ret[1] = ret[2] = -1;
	for (size_t i = 0; i < config->n_annotations; i++)
		for (size_t k = 0; k < 2; k++) {
			const struct oci_pair *a = &config->annotations[i];

			if (strcmp(a->key, file_annotations[k]) != 0 || !*a->value)
				continue;
			ret[k] = host_open_append(a->value, k == 1 ? &ret[2] : NULL);
			if (ret[k] < 0) {
				(void)fail(err, ret[k], "config.json:/annotations/%s: cannot append to %s", a->key, a->value);
				close_hook_files(ret);
				return -1;
			}
		}
	return 0;
}

void close_hook_files(int files[3])
{
	for (int i = 0; i < 3; i++)
		files[i] = fd_close(files[i]);
}

int hooks_patience(const struct oci_hook *hooks, size_t n, int ms)
{
	int64_t sum = ms;

	for (size_t i = 0; i < n; i++) {
		if (!hooks[i].has_timeout)
			return -1;
		sum += hooks[i].timeout < INT_MAX / 1000 ? hooks[i].timeout * 1000 : INT_MAX;
	}
	return sum < INT_MAX ? (int)sum : INT_MAX;
}

int run_create_hooks(struct creation *cr, struct error *err)
{
	const struct oci_hooks *hooks = cr->config.oci->hooks;
	struct hook_context context =
		context_of(cr->config.oci, cr->container.id, cr->config.path, OCI_CREATING, cr->pid);

	if (!hooks)
		return 0;
	memcpy(context.files, cr->hook_files, sizeof(context.files));
	cr->hooks_began = true;
	context.directory = cr->config.bundle;
	if (hooks_run(hooks->prestart, hooks->n_prestart, "prestart", &context, err) < 0)
		return -1;
	return hooks_run(hooks->create_runtime, hooks->n_create_runtime, "createRuntime", &context, err);
}

/* Their failure changes nothing, nor does that of their files. */
static void run_poststop(const struct oci_config *config, struct hook_context *context)
{
	struct error err;

	if (!config->hooks || !config->hooks->n_poststop)
		return;
	if (open_hook_files(config, context->files, &err) < 0)
		log_warning("%s", err.text);
	hooks_run_all(config->hooks->poststop, config->hooks->n_poststop, "poststop", context);
	close_hook_files(context->files);
}

void run_poststop_of(struct creation *cr)
{
	struct hook_context context = context_of(cr->config.oci, cr->options->id, cr->config.path, OCI_STOPPED, 0);

	context.directory = cr->config.bundle;
	run_poststop(cr->config.oci, &context);
}

struct oci_config *read_kept_config(struct container *c, struct error *err)
{
	auto_free char *text = NULL;
	struct oci_config *config;
	size_t size;
	int r = file_read_at(c->dir, CONFIG_NAME, CONFIG_LIMIT, &text, &size);

	if (r < 0) {
		(void)fail(err, r, "cannot read the config of container %s", c->id);
		return NULL;
	}
	config = oci_parse(&oci_config_type, text, size, NULL);
	if (!config)
		(void)fail(err, ERR_INTERNAL, "the kept config of container %s is damaged", c->id);
	return config;
}

void kept_config_add_line(struct container *c, struct error *err)
{
	auto_free char *text = NULL;
	struct config kept = CONFIG_INIT;

	if (file_read_at(c->dir, CONFIG_NAME, CONFIG_LIMIT, &text, &kept.size) < 0)
		return; /* the error says enough without */
	kept.text = text;
	config_add_line(&kept, err);
}

int run_poststart_hooks(struct container *c, const struct oci_config *config, struct error *err)
{
	const struct oci_hooks *hooks = config->hooks;
	auto_close int bundle = -1;
	struct hook_context context;
	int r;

	if (!hooks || !hooks->n_poststart)
		return 0;
	context = context_of(config, c->id, c->record->bundle, OCI_RUNNING, c->record->pid);
	if (open_hook_files(config, context.files, err) < 0) {
		err->code = ERR_HOOK; /* they could not be run */
		return -1;
	}
	bundle = host_open_dir(c->record->bundle);
	context.directory = bundle;
	r = hooks_run(hooks->poststart, hooks->n_poststart, "poststart", &context, err);
	close_hook_files(context.files);
	return r;
}

void run_poststop_hooks(const struct container *c, const struct oci_config *config)
{
	struct hook_context context = context_of(config, c->id, c->record->bundle, OCI_STOPPED, 0);
	auto_close int bundle = host_open_dir(c->record->bundle);

	context.directory = bundle;
	run_poststop(config, &context);
}
