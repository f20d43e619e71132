// SPDX-License-Identifier: LGPL-2.1-or-later
/* verify.h - whether a restored container is no more than its config allows, before any of it runs. */
#pragma once

#include "container/creation.h"

/* cr->pid is the restored init; everything stands still.  What the images have and the config does not allow is
 * ERR_CONFIG.  0 or -1 */
int verify_restored(struct creation *cr, struct error *err);
