// SPDX-License-Identifier: LGPL-2.1-or-later
/* hostcheck.h - what the checks of this host share; private to hostcheck.c and hostcheck_paths.c. */
#pragma once

#include "container/findings.h"
#include "kernel/caps.h"

struct host_check {
	struct findings *in;
	const struct oci_config *config;
	const struct oci_linux *linux; /* never NULL */
	struct caps caps;              /* the caller's */
	bool is_initial;               /* in the host's own user namespace */
	int procfs, rootfs;            /* -1: not there */
};

#define FAULT(h, ids, pointer, ...) findings_add((h)->in, false, ids, pointer, __VA_ARGS__)
#define DOUBT(h, ids, pointer, ...) findings_add((h)->in, true, ids, pointer, __VA_ARGS__)

/* Formats a JSON pointer into the buffer, which it returns. */
const char *hostcheck_pointer(char buffer[128], const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Whole text of a host's file, owned by the caller; NULL: there is none. */
char *hostcheck_read(const char *path);
/* Whether a list of words with blanks, commas or newlines between has that one. */
bool hostcheck_has_word(const char *list, const char *word);

/* Opens h->rootfs. */
void hostcheck_paths(struct host_check *h);
