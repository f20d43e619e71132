// SPDX-License-Identifier: LGPL-2.1-or-later
/* caps.h - capabilities(7) by name and number; the only user of libcap. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Sets of capabilities, bit n is capability n. */
struct caps {
	uint64_t bounding, effective, permitted, inheritable, ambient;
};

/* Number of "CAP_NAME" (exactly so, upper case), or -1 if libcap does not know it. */
int cap_number(const char *name);
/* "CAP_NAME" of a number; NULL beyond the last known.  Static storage. */
const char *cap_name(int number);
/* Highest capability of the running kernel (cap_last_cap). */
int cap_last(void);
/* All sets of the calling process but the bounding set (caps_bounded), which stays 0.  0 or -errno. */
int caps_current(struct caps *ret);
/* Those of set that are in the calling process's bounding set: one prctl(2) each, so ask for few. */
uint64_t caps_bounded(uint64_t set);
/* Drops everything outside set from the bounding set.  Needs CAP_SETPCAP, unless nothing is to drop.  0 or -errno. */
int caps_bound(uint64_t set);
/* Sets effective, permitted and inheritable in one capset(2), then ambient.  0 or -errno. */
int caps_set(const struct caps *caps);
