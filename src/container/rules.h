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

/* Whether the config changes something of its namespace of that type (CLONE_NEW*), so that the runtime's own must not be
 * it.  ret_pointer gets the JSON pointer of the first such property, cut at size. */
bool rules_changes(const struct oci_config *config, uint64_t type, char *ret_pointer, size_t size);
