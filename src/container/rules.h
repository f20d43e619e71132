// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules.h - rules between properties of a config that no single value can show. */
#pragma once

#include "base/error.h"
#include "ocispec.h"

/* The first broken rule as "config.json:POINTER: sentence": ERR_CONFIG, or ERR_UNSUPPORTED for what this
 * release does not apply.  0 or -1. */
int rules_check(const struct oci_config *config, struct error *err);
