// SPDX-License-Identifier: LGPL-2.1-or-later
/* hooks.c - hooks on the runtime's side: in the runtime's namespaces, with its environment, in the bundle. */
#include "init/hooks.h"

#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
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
	};
}

int run_create_hooks(struct creation *cr, struct error *err)
{
	const struct oci_hooks *hooks = cr->config.oci->hooks;
	struct hook_context context =
		context_of(cr->config.oci, cr->container.id, cr->config.path, OCI_CREATING, cr->pid);

	if (!hooks)
		return 0;
	cr->hooks_began = true;
	context.directory = cr->config.bundle;
	if (hooks_run(hooks->prestart, hooks->n_prestart, "prestart", &context, err) < 0)
		return -1;
	return hooks_run(hooks->create_runtime, hooks->n_create_runtime, "createRuntime", &context, err);
}

void run_poststop_of(struct creation *cr)
{
	const struct oci_hooks *hooks = cr->config.oci->hooks;
	struct hook_context context = context_of(cr->config.oci, cr->options->id, cr->config.path, OCI_STOPPED, 0);

	context.directory = cr->config.bundle;
	hooks_run_all(hooks->poststop, hooks->n_poststop, "poststop", &context);
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

int run_poststart_hooks(struct container *c, struct error *err)
{
	struct oci_config *config = read_kept_config(c, err);
	auto_close int bundle = -1;
	struct hook_context context;
	int r;

	if (!config)
		return -1;
	context = context_of(config, c->id, c->record->bundle, OCI_RUNNING, c->record->pid);
	context.directory = bundle = host_open_dir(c->record->bundle);
	r = config->hooks ? hooks_run(config->hooks->poststart, config->hooks->n_poststart, "poststart", &context, err) : 0;
	oci_free(config);
	return r;
}

void run_poststop_hooks(const struct container *c, const struct oci_config *config)
{
	struct hook_context context = context_of(config, c->id, c->record->bundle, OCI_STOPPED, 0);
	auto_close int bundle = host_open_dir(c->record->bundle);

	context.directory = bundle;
	if (config->hooks)
		hooks_run_all(config->hooks->poststop, config->hooks->n_poststop, "poststop", &context);
}
