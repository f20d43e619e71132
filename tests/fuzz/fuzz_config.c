// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_config.c - config.json. */
#include "documents.h"

FUZZ_DOCUMENTS(&oci_config_type)
