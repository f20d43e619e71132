// SPDX-License-Identifier: LGPL-2.1-or-later
/* landlock.h - the annotation that says what Landlock is to take away; shared by init and the runtime. */
#pragma once

#include "base/error.h"
#include "base/annotations.h"
#include "ocispec.h"

enum landlock_abi { LANDLOCK_STRICT = 1, LANDLOCK_BEST_EFFORT };

/* The words of the annotation; those with several bits are groups. */
extern const struct oci_word landlock_abi_words[], landlock_fs_words[], landlock_net_words[], landlock_scope_words[];

#define OCI_SCHEMA "init/landlock.def"
#include "schema/declare.h"

/* The config's annotation, NULL: there is none. */
const char *landlock_annotation(const struct oci_config *config);

/* Reads the annotation: nothing unknown, nothing null, nothing that says nothing.  The text of err begins with the JSON
 * pointer into it, "/paths/0/rights/1: ...".  Owned by the caller (oci_free); NULL with err. */
struct landlock_policy *landlock_read(const char *annotation, struct error *err);
