// SPDX-License-Identifier: LGPL-2.1-or-later
/* signals.h - signal names (signal(7)) and the state that a new program inherits. */
#pragma once

/* "SIGTERM", "term", "15", "RTMIN+3", ... to a number 0..64; -1 if unknown. */
int signal_number(const char *word);
/* All dispositions to default, mask empty: what a container's program starts with.  0 or -errno. */
int signals_reset(void);
/* For the runtime: ignores SIGPIPE; does not ignore SIGCHLD, which a caller may have left so: then the kernel itself
 * takes the exit status of every child, and nobody hears of its end. */
void signals_prepare(void);
