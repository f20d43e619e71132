// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_resources.c - the resources of update. */
#include "documents.h"

FUZZ_DOCUMENTS(&oci_resources_type)
