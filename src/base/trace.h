// SPDX-License-Identifier: LGPL-2.1-or-later
/* trace.h - where the time went: spans of the runtime and of init on one time line.
 *
 * Off, which is the rule, a mark and a span cost one comparison each.  Wall times are CLOCK_REALTIME: it is the one
 * clock that runtime and init share when the container is in a time namespace. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"

/* A moment of the calling process. */
struct trace_mark {
	int64_t wall, cpu; /* ns; cpu: used by the process so far */
};

/* Turns it on, for good.  command is the trace's name ("create"); static storage.  parent: a traceparent as trace_parent
 * checks it, or NULL; it must stay valid. */
void trace_start(const char *command, const char *parent);
bool trace_is_on(void);

/* The traceparent of trace_start, or NULL. */
const char *trace_parent(void);
/* Whether text is a traceparent header (W3C Trace Context): VERSION-TRACE-PARENT-FLAGS in lower-case hexadecimal, not
 * all zero. */
bool trace_is_parent(const char *text);

/* Now, whether it is on or not. */
struct trace_mark trace_clock(void);
/* Now, or zero when it is off. */
struct trace_mark trace_mark(void);
/* What this process has done since the mark; nothing when it is off.  The name is a printf format, cut at 63 bytes. */
void trace_span(struct trace_mark since, bool failed, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The other process of the trace: its pid, for the document, and its spans as text, which trace_add reads back. */
#define TRACE_TEXT_MAX 160
void trace_init_is(pid_t pid);
void trace_format(char text[TRACE_TEXT_MAX], const char *name, bool failed, struct trace_mark since);
void trace_add(const char *text);
/* A span of init that only the runtime can see: its birth, its exec.  cpu is not known.  A zero mark stands for the end
 * of init's last span. */
void trace_add_seen(struct trace_mark since, const char *name);

/* For commands that go on for long: what is there so far is worth to be written.  Calls the function of trace_on_flush. */
void trace_flush(void);
void trace_on_flush(void (*write)(void));

/* Appends all spans as a trace of Chrome's format (JSON; one document). */
void trace_json(struct text *text);
/* Appends the spans since the last call as bars of text, width columns wide. */
void trace_bars(struct text *text, unsigned width);
