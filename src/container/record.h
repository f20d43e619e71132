// SPDX-License-Identifier: LGPL-2.1-or-later
/* record.h - struct hull_record, made from record.def by the spec library's own tables. */
#pragma once

#include "ocispec.h"

#define OCI_SCHEMA "container/record.def"
#include "schema/declare.h"
