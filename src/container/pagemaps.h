// SPDX-License-Identifier: LGPL-2.1-or-later
/* pagemaps.h - whether the memory in criu's images is all there. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What the text of a pagemap image says: the number N of its pages-N.img, and how many pages lie there.  0, or -EINVAL: it is
 * none, or cut short. */
int pagemap_parse(const void *data, size_t size, uint64_t *ret_id, uint64_t *ret_pages);
/* What is known of the memory in images and their parents.  Owned by the caller; NULL without memory. */
struct pagemaps *pagemaps_open(int images);
void pagemaps_free(struct pagemaps *pagemaps);
/* Holds the pages-N.img in dir, which is images or a parent of it, against the pagemaps there of the processes that the
 * images name, and of shared memory: criu would wait for ever for what is missing, or do without.  Others may lie there from earlier
 * dumps.  A file that is not there at all comes from elsewhere (--lazy-pages), or criu says so.  A list is read once, however many
 * names it has.  0 or -1 */
int pagemaps_check(struct pagemaps *pagemaps, int dir, struct error *err);
