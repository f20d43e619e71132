// SPDX-License-Identifier: LGPL-2.1-or-later
/* subids.h - the ids that /etc/subuid and /etc/subgid grant to the calling user (subuid(5)).
 *
 * Both take the texts of the files, of which either may be NULL; users are known by their number or, through the text of
 * /etc/passwd, by their name. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Whether the ids from first on, size of them, are granted by one line. */
bool subids_grant(const char *ranges, const char *passwd, uint32_t first, uint32_t size);

/* The first line's ids: false if nothing is granted. */
bool subids_first(const char *ranges, const char *passwd, uint32_t *ret_first, uint32_t *ret_size);
