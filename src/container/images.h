// SPDX-License-Identifier: LGPL-2.1-or-later
/* images.h - the directories of a checkpoint: opened once, used by descriptor.
 *
 * They may come from somebody else.  criu opens files in them by name and follows links, with root's rights: so there
 * may be none, but for `parent`, which criu makes itself. */
#pragma once

#include "base/error.h"
#include "container/container.h"

struct images {
	int images, work; /* work may be the same descriptor */
	bool has_parent;  /* the images lead to earlier ones */
};
#define IMAGES_INIT { -1, -1, false }

/* Opens both; make: for a checkpoint, missing ones are made.  0 or -1 */
int images_open(const struct criu_options *options, bool make, struct images *ret, struct error *err);
/* For the dump that begins: the link of an earlier one goes, unless it leads to this one's parent (NULL: there is none).  0 or -1 */
int images_drop_parent(int images, const char *parent, struct error *err);
void images_close(struct images *images);
/* Words of options that exclude each other, or are none.  0 or -1 with ERR_USAGE */
int images_check_options(const struct criu_options *options, struct error *err);
