// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_features.c - the features document. */
#include "documents.h"

FUZZ_DOCUMENTS(&oci_features_type)
