// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_record.c - the record in the state directory. */
#include "container/record.h"

#include "documents.h"

FUZZ_DOCUMENTS(&hull_record_type)
