// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_process.c - the process of exec. */
#include "documents.h"

FUZZ_DOCUMENTS(&oci_process_type)
