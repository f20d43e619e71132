// SPDX-License-Identifier: LGPL-2.1-or-later
/* trace.h - the option --trace of the commands that change a container. */
#pragma once

#include "base/error.h"

/* Its row, for a struct of values with a member `trace`. */
#define TRACE_OPTION(type)                                                                                                    \
	{                                                                                                                     \
		"trace", NULL, OPTION_STRING, OPTION_AT(type, trace), "FILE",                                                 \
			"Write to FILE where the time goes, as a trace of Chrome's format; with - draw it as bars to stderr." \
	}

/* Turns tracing on when destination is not NULL.  command: name of the command, static storage. */
void trace_to(const char *destination, const char *command);

/* Writes the trace, if it is on, whether the command failed (r < 0, with err) or not.  r, or -1 with err if only the
 * writing failed. */
int trace_end(int r, struct error *err);
