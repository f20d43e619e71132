// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules.h - rules between properties of a config that no single value can show. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "ocispec.h"

/* The first broken rule as "config.json:POINTER: sentence": ERR_CONFIG, or ERR_UNSUPPORTED for what this
 * release does not apply.  0 or -1. */
int rules_check(const struct oci_config *config, struct error *err);

/* A place that breaks a rule.  Pointer and sentence are valid during the call only. */
struct rule_finding {
	enum error_code code; /* ERR_CONFIG, ERR_UNSUPPORTED; 0: a warning, of something that create accepts */
	const char *pointer, *sentence;
	const char *ids;   /* rows of the conformance ledger, with blanks between; "" */
	const char *reads; /* JSON pointer of what else the verdict hangs on, or NULL: moot where that is at fault */
};
typedef void (*rules_found_fn)(void *context, const struct rule_finding *finding);

/* Tells of all places that break a rule of the same table, and of what is most likely a mistake.  The config may be
 * one that was read with OCI_REPORT_PARTIAL. */
void rules_each(const struct oci_config *config, rules_found_fn found, void *context);

/* The ids of rule i, as above; NULL behind the last. */
const char *rules_ids(size_t i);

/* Whether the config changes something of its namespace of that type (CLONE_NEW*), so that the runtime's own must not be
 * it.  ret_pointer gets the JSON pointer of the first such property, cut at size. */
bool rules_changes(const struct oci_config *config, uint64_t type, char *ret_pointer, size_t size);
