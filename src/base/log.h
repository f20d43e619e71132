// SPDX-License-Identifier: LGPL-2.1-or-later
/* log.h - where hull's words go: --log, and stderr.
 *
 * An error is written once, as one line, by log_error(), to stderr and to --log.  Warnings and debug
 * messages go to --log when its level asks for them, and to stderr only where log_open says. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO_LEVEL, LOG_DEBUG_LEVEL };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_options {
	const char *destination; /* "PATH", "file:PATH", "journald:ID", "syslog:ID"; NULL: none */
	enum log_format format;	 /* of a file; logrus text or one JSON object a line */
	enum log_level level;	 /* least important level that is written */
	bool debug;		 /* --debug: everything, to the destination; without one to stderr */
	const char *command;	 /* "create": stands behind "hull: " on stderr; static storage */
	bool quiet;		 /* the command's callers parse stderr: never warn there */
};

/* Opens the destination (a file: O_APPEND, 0644, close-on-exec).  Options are copied by value;
 * strings must stay valid.  A daemon that does not listen is no error.
 * 0 or -1 with err.  Before it is called, errors go to stderr only. */
int log_open(const struct log_options *options, struct error *err);

/* Writes the error to --log (level "error", with its stable code word in JSON) and "hull: COMMAND: text"
 * to stderr. */
void log_error(const struct error *err);

/* To --log at level warning; to stderr only when that is a terminal, or --debug is on without --log, and the
 * command is not a quiet one: a container's own output may go through our stderr. */
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Costs one comparison when debug is off. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool log_wants_debug(void);
