// SPDX-License-Identifier: LGPL-2.1-or-later
/* notify.h - passes the program's word that it is ready on to whoever supervises the runtime (sd_notify(3)).
 *
 * The program writes to a socket of hull's own; what is passed on is READY=1 and the main pid, nothing that
 * the container says. */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "container/store.h"

struct notify {
	int fd;	   /* bound, or -1 */
	bool done; /* READY was passed on */
};

/* Binds the socket in the state directory of a container whose record names a supervisor's socket; else fd is -1. */
int notify_open(struct container *c, struct notify *ret, struct error *err);
/* Reads one datagram; on READY=1 tells the supervisor.  Errors are warnings: the container runs. */
void notify_read(struct container *c, struct notify *notify);
/* Until READY was passed on or init has ended. */
void notify_wait(struct container *c, struct notify *notify, int pidfd);
void notify_close(struct container *c, struct notify *notify);
