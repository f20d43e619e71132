// SPDX-License-Identifier: LGPL-2.1-or-later
/* hear.h - the runtime waits for what init says next: with a deadline, and a signal can end it while hooks run. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "init/protocol.h"

struct hearing {
	int fd;	   /* the channel, or the connection to the start socket */
	int pidfd; /* of init, or -1 */
	pid_t pid; /* of init, or 0 */
	const char *hooks; /* the kind of hooks that init may be running; NULL: none */
	int timeout_ms;	   /* the longest that init may be silent; -1: for ever, as a hook without timeout may */
};

/* Init's next message, which is never LOG (that is logged), TRACE (that is added to the trace) nor FAILED (that becomes err).  An init that somebody stopped
 * (SIGSTOP) is waited for no longer than 10 s.  A signal that ends commands (interrupt.h) is sent on to init while
 * hooks may run there, so that it ends the hook: ERR_HOOK then.
 * 1; 0 at end of file; -1 with err (ERR_TIMEOUT: init lives, and nobody waits for it any more). */
int hear_init(const struct hearing *hearing, struct message *message, int *fds, size_t max_fds, size_t *n_fds, pid_t *sender,
	      struct error *err);
