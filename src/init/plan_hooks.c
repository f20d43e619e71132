// SPDX-License-Identifier: LGPL-2.1-or-later
/* plan_hooks.c - which hooks the steps would run. */
#include "init/plan_rows.h"

#include <stdio.h>

#include "base/text.h"

static void put_hooks(struct planning *p, const struct oci_hook *hooks, size_t n, const char *kind)
{
	char pointer[PLAN_POINTER_MAX];

	for (size_t i = 0; i < n; i++) {
		auto_text struct text words = TEXT_INIT;

		for (size_t k = 0; k < hooks[i].n_args; k++)
			plan_word(&words, hooks[i].args[k]);
		if (hooks[i].has_timeout) {
			char timeout[48];

			(void)snprintf(timeout, sizeof(timeout), "(timeout %lld s)", (long long)hooks[i].timeout);
			plan_word(&words, timeout);
		}
		PUT(p, "run hook", hooks[i].path, plan_at(pointer, "/hooks/%s/%zu", kind, i), "%s", text_string(&words));
	}
}

static void plan_hooks(struct planning *p)
{
	const struct oci_hooks *hooks = p->in.config->hooks;

	if (!hooks)
		return;
	put_hooks(p, hooks->prestart, hooks->n_prestart, "prestart");
	put_hooks(p, hooks->create_runtime, hooks->n_create_runtime, "createRuntime");
}

static void plan_create_hooks(struct planning *p)
{
	const struct oci_hooks *hooks = p->in.config->hooks;

	if (hooks)
		put_hooks(p, hooks->create_container, hooks->n_create_container, "createContainer");
}

static void plan_start_hooks(struct planning *p)
{
	const struct oci_hooks *hooks = p->in.config->hooks;

	if (hooks)
		put_hooks(p, hooks->start_container, hooks->n_start_container, "startContainer");
}

static const struct plan_row rows[] = {
	{ "hooks", plan_hooks },
	{ "create-hooks", plan_create_hooks },
	{ "start-hooks", plan_start_hooks },
};

const struct plan_table plan_hook_rows = { rows, sizeof(rows) / sizeof(rows[0]) };
