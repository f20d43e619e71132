// SPDX-License-Identifier: LGPL-2.1-or-later
/* seccomp.h - linux.seccomp to a program for the kernel (seccomp(2)), compiled once and kept in the state root. */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "ocispec.h"

struct seccomp_program {
	struct sock_filter *code; /* owned (free) */
	size_t n;
};

/* Compiles the profile; no file is touched.  Errors carry no pointer beyond /linux/seccomp.  0 or -1. */
int seccomp_compile(const struct oci_seccomp *profile, struct seccomp_program *ret, struct error *err);

/* The same, from the cache in the state root (a directory descriptor) where that holds a program for exactly this
 * profile, and into it otherwise.  A cache that cannot be read or written costs time only. */
int seccomp_program(int state_root, const struct oci_seccomp *profile, struct seccomp_program *ret, struct error *err);

/* Whether SCMP_ACT_NOTIFY is in use: then the filter has a listener. */
bool seccomp_wants_listener(const struct oci_seccomp *profile);

/* Whether this build can do it. */
extern const bool seccomp_is_supported;
