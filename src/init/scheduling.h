// SPDX-License-Identifier: LGPL-2.1-or-later
/* scheduling.h - scheduler and ioPriority of a process; shared by init and the runtime. */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "ocispec.h"

/* Gives the process (0: the caller), who leads its process group, what process->scheduler and process->ioPriority say;
 * absent members change nothing.  The error begins with the place, config.json:/process/...; its code is -EPERM where the
 * caller has not the right.  0 or -1. */
int scheduling_apply(const struct oci_process *process, pid_t pid, struct error *err);
