// SPDX-License-Identifier: LGPL-2.1-or-later
/* hooks.h - runs the hooks of one kind, in the namespaces of the caller; shared by init and the runtime. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "ocispec.h"

/* What a hook is told on its stdin: the state document (runtime.md#state). */
struct hook_context {
	const char *oci_version, *id, *bundle;
	uint64_t status; /* enum oci_status */
	pid_t pid;	 /* as the hook's own pid namespace numbers it; 0: none any more */
	const struct oci_pair *annotations;
	size_t n_annotations;
	int directory;		       /* descriptor of its working directory */
	const char *const *default_env; /* for a hook without env; NULL: the caller's own */
	int files[3]; /* where their stdout and stderr go, -1: nowhere but into the error of one that fails; the latter to read */
	const char *traceparent;        /* added to an env that lacks TRACEPARENT; NULL: nothing is */
};

/* Runs n hooks one after another.  kind is the property's name ("createRuntime").  Stops at the first that fails
 * (ERR_HOOK): exit status not 0, a signal, its timeout, it cannot be executed, or a signal that ends commands came to the
 * caller meanwhile (interrupt.h): then it is killed.  0 or -1. */
int hooks_run(const struct oci_hook *hooks, size_t n, const char *kind, const struct hook_context *context,
	      struct error *err);

/* The same for poststop: each failure is a warning, all run. */
void hooks_run_all(const struct oci_hook *hooks, size_t n, const char *kind, const struct hook_context *context);
