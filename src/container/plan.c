// SPDX-License-Identifier: LGPL-2.1-or-later
/* plan.c - what each stage of THE stage table would do, without doing it.
 *
 * The first stage, which changes nothing, is run as it is; of the others a row here tells, in the order of the table. */
#include "container/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/annotations.h"
#include "base/text.h"
#include "container/annotations.h"
#include "container/creation.h"
#include "kernel/namespaces.h"

struct planning {
	struct creation *cr;
	struct plan *plan;
};

#define PUT(p, verb, object, pointer, ...) plan_put((p)->plan, verb, object, pointer, __VA_ARGS__)

static int tell_config(struct planning *p, struct error *err)
{
	const struct config *config = &p->cr->config;
	auto_text struct text path = TEXT_INIT;

	text_printf(&path, "%s/%s", config->path, config->name);
	if (path.failed)
		return fail(err, -ENOMEM, "cannot plan");
	PUT(p, "read", path.data, "", "%zu bytes, version %s", config->size, config->oci->oci_version);
	return 0;
}

/* An id that is taken, or an invalid one, is an error of create as well. */
static int check_id(const struct planning *p, struct error *err)
{
	struct container other;
	struct error none;
	int r = store_open(p->cr->rt, p->cr->options->id, &other, &none);

	store_close(&other);
	if (r == 0)
		return fail(err, ERR_EXISTS, "container with given ID already exists: %s", p->cr->options->id);
	return none.code == ERR_NOT_FOUND ? 0 : (*err = none, -1);
}

static int tell_reserve(struct planning *p, struct error *err)
{
	if (check_id(p, err) < 0 || plan_cgroup(p->cr, err) < 0)
		return -1;
	PUT(p, "make", "state directory", "", "%s", p->cr->options->id);
	PUT(p, "write", RECORD_NAME, "", "the intent: cgroup %s", cgroup_path(p->cr->cgroup));
	PUT(p, "write", CONFIG_NAME, "", "%zu bytes", p->cr->config.size);
	return 0;
}

static void on_cgroup(void *context, const char *verb, const char *path, const char *value, const char *pointer)
{
	PUT((struct planning *)context, verb, path, pointer, "%s", value);
}

static int tell_cgroup(struct planning *p, struct error *err)
{
	const struct oci_linux *linux = p->cr->config.oci->linux;

	if (text_starts(cgroup_driver(p->cr->cgroup), "systemd"))
		PUT(p, "start unit", cgroup_path(p->cr->cgroup), "/linux/cgroupsPath", "%s", "");
	return cgroup_tell(p->cr->cgroup, linux ? linux->resources : NULL, on_cgroup, p, err);
}

static int tell_rdt(struct planning *p, struct error *err)
{
	const struct oci_linux *linux = p->cr->config.oci->linux;

	(void)err;
	if (linux && linux->intel_rdt)
		PUT(p, "join", "resctrl group", "/linux/intelRdt", "%s",
		    linux->intel_rdt->clos_id ? linux->intel_rdt->clos_id : p->cr->options->id);
	return 0;
}

static int tell_sockets(struct planning *p, struct error *err)
{
	(void)err;
	if (p->cr->options->console_socket)
		PUT(p, "connect", p->cr->options->console_socket, "/process/terminal", "--console-socket");
	if (!(p->cr->init_flags & INIT_START_NOW))
		PUT(p, "listen", START_NAME, "", "for start");
	return 0;
}

static int tell_init(struct planning *p, struct error *err)
{
	uint64_t flags = spawn_namespaces(p->cr);
	auto_text struct text words = TEXT_INIT;

	for (size_t i = 0; i < NAMESPACE_KINDS; i++)
		if (flags & (uint64_t)namespace_kinds[i].flag)
			text_printf(&words, "%s%s", words.length ? " " : "", namespace_kinds[i].word);
	if (words.failed)
		return fail(err, -ENOMEM, "cannot plan");
	PUT(p, "clone", "init", "/linux/namespaces", "new namespaces: %s", words.length ? words.data : "none at once");
	plan_init(p->plan, p->cr->config.oci, p->cr->init_flags, (int)p->cr->preserve_fds, p->cr->options->id, false);
	return 0;
}

static int tell_publish(struct planning *p, struct error *err)
{
	(void)err;
	if (p->cr->options->pidfd_socket)
		PUT(p, "send pidfd", p->cr->options->pidfd_socket, "", "--pidfd-socket");
	else if (annotation_value(p->cr->config.oci, ANNOTATION_PIDFD_RECEIVER))
		PUT(p, "send pidfd", annotation_value(p->cr->config.oci, ANNOTATION_PIDFD_RECEIVER),
		    "/annotations/" ANNOTATION_PIDFD_RECEIVER, "%s", "");
	if (p->cr->options->pid_file)
		PUT(p, "write", p->cr->options->pid_file, "", "the pid");
	return 0;
}

static int tell_release(struct planning *p, struct error *err)
{
	(void)err;
	PUT(p, "answer", "init", "", p->cr->start_now ? "it goes on to the program" : "it waits for start");
	return 0;
}

static const struct row {
	const char *stage;
	int (*tell)(struct planning *p, struct error *err);
} rows[] = {
	{ "config", tell_config },   { "reserve", tell_reserve }, { "cgroup", tell_cgroup },   { "resctrl", tell_rdt },   { "sockets", tell_sockets },
	{ "init", tell_init },	     { "publish", tell_publish }, { "release", tell_release },
};

static const struct row *find_row(const char *stage)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].stage, stage) == 0)
			return &rows[i];
	return NULL;
}

const char *plan_missing_stage(void)
{
	for (size_t i = 0; i < n_creation_stages; i++)
		if (!find_row(creation_stages[i].name))
			return creation_stages[i].name;
	return NULL;
}

/* What start, or run once all is ready, would do. */
static void tell_start(struct planning *p)
{
	const struct oci_hooks *hooks = p->cr->config.oci->hooks;

	p->plan->at_start = true;
	plan_init(p->plan, p->cr->config.oci, p->cr->init_flags, (int)p->cr->preserve_fds, p->cr->options->id, true);
	p->plan->part = "start";
	for (size_t i = 0; hooks && i < hooks->n_poststart; i++) {
		char pointer[64];

		(void)snprintf(pointer, sizeof(pointer), "/hooks/poststart/%zu", i);
		PUT(p, "run hook", hooks->poststart[i].path, pointer, "%s", "");
	}
}

int container_plan(const struct runtime *rt, const struct create_options *options, bool start_now, struct plan *plan,
		   struct error *err)
{
	struct creation cr = CREATION_INIT;
	struct planning p = { &cr, plan };
	int r;

	cr.rt = rt;
	cr.options = options;
	cr.start_now = start_now;
	cr.foreground = start_now && !options->detach;
	r = creation_stages[0].run(&cr, err);
	for (size_t i = 0; r == 0 && i < n_creation_stages; i++) {
		const struct row *row = find_row(creation_stages[i].name);

		plan->part = creation_stages[i].name;
		r = row ? row->tell(&p, err) : 0;
	}
	if (r == 0)
		tell_start(&p);
	else
		config_add_line(&cr.config, err);
	creation_free(&cr);
	return r;
}
