// SPDX-License-Identifier: LGPL-2.1-or-later
/* record.c - the table of record.def. */
#include "container/record.h"

#define OCI_SCHEMA "container/record.def"
#include "schema/define.h"
