// SPDX-License-Identifier: LGPL-2.1-or-later
/* trace.c - the option --trace: to a file, or to the terminal. */
#include "cli/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "base/trace.h"
#include "kernel/host.h"

#define BAR_WIDTH 44

static const char *destination;

/* 0 or -errno */
static int write_trace(void)
{
	auto_text struct text text = TEXT_INIT;
	int r;

	if (strcmp(destination, "-") == 0) {
		trace_bars(&text, BAR_WIDTH);
		r = text.failed ? -ENOMEM : file_write(STDERR_FILENO, text_string(&text), text.length);
	} else {
		trace_json(&text);
		r = text.failed ? -ENOMEM : host_replace_file(destination, text_string(&text), text.length);
	}
	return r;
}

static void flush(void)
{
	(void)write_trace(); /* what is wrong is told at the end */
}

void trace_to(const char *to, const char *command)
{
	const char *parent = getenv("TRACEPARENT");

	if (!to)
		return;
	destination = to;
	trace_start(command, parent && trace_is_parent(parent) ? parent : NULL);
	trace_on_flush(flush);
}

int trace_end(int r, struct error *err)
{
	int written = destination ? write_trace() : 0;

	if (written == 0)
		return r;
	if (r == 0)
		return fail(err, written, "--trace: cannot write %s", destination);
	log_warning("--trace: cannot write %s: %s", destination, errno_text(written));
	return r;
}
