// SPDX-License-Identifier: LGPL-2.1-or-later
/* findings.h - the list that validate fills; private to container/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "container/config.h"
#include "container/validate.h"

struct findings {
	const struct config *config;
	const struct runtime *rt;
	struct validation *validation;
	bool of_host; /* what is added now is about the host */
	bool failed;  /* no memory */
};

/* Adds a place with a sentence, and finds its line.  ids may be "". */
void findings_add(struct findings *in, bool is_warning, const char *ids, const char *pointer, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Adds an error of another module: its place is what "config.json:POINTER: " at its beginning says, else pointer. */
void findings_add_error(struct findings *in, const char *ids, const char *pointer, const struct error *err);

/* hostcheck.c: whether this host has what the config, which has no faults of its own, asks for. */
void check_host(struct findings *in);
