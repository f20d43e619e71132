// SPDX-License-Identifier: LGPL-2.1-or-later
/* trace.c - the one trace of this process: a growing list of spans, and how it is shown. */
#include "base/trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define TIME_MAX  (INT64_MAX / 4)
#define SPANS_MAX 10000

struct span {
	char name[64];
	bool of_init, failed;
	int64_t begin, wall, cpu; /* ns; cpu -1: not known */
	unsigned depth;           /* of spans of the same process around it */
};

static struct {
	bool on;
	const char *command, *parent;
	struct trace_mark start;
	pid_t init;
	struct span *spans;
	size_t n, size, n_shown;
	bool failed; /* no memory: the trace is not whole */
	void (*write)(void);
} trace;

void trace_start(const char *command, const char *parent)
{
	trace.command = command;
	trace.parent = parent;
	trace.start = trace_clock();
	trace.on = true;
}

bool trace_is_on(void)
{
	return trace.on;
}

const char *trace_parent(void)
{
	return trace.parent;
}

bool trace_is_parent(const char *text)
{
	static const char form[] = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";

	if (strlen(text) < strlen(form) || text_starts(text, "ff"))
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'x' ? !strchr("0123456789abcdef", text[i]) : text[i] != '-')
			return false;
	/* Version 00 has these four fields; a later one may have more behind a further dash. */
	if (text[strlen(form)] && (text_starts(text, "00") || text[strlen(form)] != '-'))
		return false;
	return strspn(text + 3, "0") < 32 && strspn(text + 36, "0") < 16;
}

void trace_on_flush(void (*write)(void))
{
	trace.write = write;
}

void trace_flush(void)
{
	if (trace.on && trace.write)
		trace.write();
}

static int64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

struct trace_mark trace_clock(void)
{
	return (struct trace_mark){ .wall = nanoseconds(CLOCK_REALTIME), .cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) };
}

struct trace_mark trace_mark(void)
{
	return trace.on ? trace_clock() : (struct trace_mark){ 0, 0 };
}

static void keep(const struct span *span)
{
	if (trace.n == trace.size) {
		size_t size = trace.size ? trace.size * 2 : 64;
		struct span *spans = reallocarray(trace.spans, size, sizeof(*spans));

		if (!spans) {
			trace.failed = true;
			return;
		}
		trace.spans = spans;
		trace.size = size;
	}
	trace.spans[trace.n++] = *span;
}

/* A process that forked has a clock of its own that begins at 0. */
static struct span since_mark(struct trace_mark since, bool failed)
{
	struct trace_mark now = trace_clock();
	struct span span = { .failed = failed, .begin = since.wall, .wall = now.wall - since.wall };

	span.cpu = now.cpu >= since.cpu ? now.cpu - since.cpu : now.cpu;
	if (span.wall < 0) /* somebody has set the clock */
		span.wall = 0;
	if (span.cpu > span.wall) /* clocks of different grain */
		span.cpu = span.wall;
	return span;
}

void trace_span(struct trace_mark since, bool failed, const char *fmt, ...)
{
	struct span span;
	va_list args;

	if (!trace.on)
		return;
	span = since_mark(since, failed);
	va_start(args, fmt);
	(void)vsnprintf(span.name, sizeof(span.name), fmt, args);
	va_end(args);
	keep(&span);
}

/* ---- init ---- */

void trace_init_is(pid_t pid)
{
	trace.init = pid;
}

void trace_format(char text[TRACE_TEXT_MAX], const char *name, bool failed, struct trace_mark since)
{
	struct span span = since_mark(since, failed);

	(void)snprintf(text, TRACE_TEXT_MAX, "%.63s %d %" PRId64 " %" PRId64 " %" PRId64, name, failed, span.begin,
		       span.wall, span.cpu);
}

void trace_add(const char *text)
{
	struct span span = { .of_init = true };
	int failed;

	if (!trace.on || sscanf(text, "%63s %d %" SCNd64 " %" SCNd64 " %" SCNd64, span.name, &failed, &span.begin,
				&span.wall, &span.cpu) != 5)
		return;
	/* Times are added up; who has taken hold of init can say what he likes. */
	if (span.begin < 0 || span.begin > TIME_MAX || span.wall < 0 || span.wall > TIME_MAX || span.cpu < 0 ||
	    span.cpu > span.wall || trace.n >= SPANS_MAX)
		return;
	span.failed = failed != 0;
	keep(&span);
}

void trace_add_seen(struct trace_mark since, const char *name)
{
	struct span span;

	if (!trace.on)
		return;
	for (size_t i = trace.n; i-- > 0 && since.wall == 0;)
		if (trace.spans[i].of_init)
			since.wall = trace.spans[i].begin + trace.spans[i].wall;
	if (since.wall == 0)
		return;
	span = since_mark(since, false);
	span.of_init = true;
	span.cpu = -1;
	(void)snprintf(span.name, sizeof(span.name), "%s", name);
	keep(&span);
}

/* ---- how it is shown ---- */

/* By begin; of two that begin together, the longer one is around the other. */
static int by_begin(const void *left, const void *right)
{
	const struct span *a = left, *b = right;

	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	if (a->wall != b->wall)
		return a->wall > b->wall ? -1 : 1;
	return 0;
}

static int64_t end_of(const struct span *span)
{
	return span->begin + span->wall;
}

/* The runtime may hear of init's birth late, when init has gone on: it ends where the next span begins. */
static void cut_seen(size_t i)
{
	struct span *span = &trace.spans[i];

	for (size_t k = i + 1; span->cpu < 0 && k < trace.n; k++)
		if (trace.spans[k].of_init) {
			if (end_of(span) > trace.spans[k].begin)
				span->wall = trace.spans[k].begin - span->begin;
			return;
		}
}

static void sort(size_t first)
{
	if (trace.n > first)
		qsort(trace.spans + first, trace.n - first, sizeof(*trace.spans), by_begin);
	for (size_t i = first; i < trace.n; i++)
		cut_seen(i);
	for (size_t i = first; i < trace.n; i++) {
		trace.spans[i].depth = 0;
		for (size_t k = first; k < i; k++)
			if (trace.spans[k].of_init == trace.spans[i].of_init &&
			    end_of(&trace.spans[k]) >= end_of(&trace.spans[i]))
				trace.spans[i].depth++;
	}
}

/* Microseconds with three digits behind the point. */
static void put_us(struct text *text, const char *name, int64_t ns)
{
	text_printf(text, ", \"%s\": %" PRId64 ".%03d", name, ns / 1000, (int)(ns % 1000));
}

static void put_event(struct text *text, const struct span *span)
{
	int64_t begin = span->begin - trace.start.wall;

	text_puts(text, "    {\"name\": ");
	text_json(text, span->name);
	text_printf(text, ", \"cat\": \"%s\", \"ph\": \"X\", \"pid\": %d, \"tid\": %d",
		    span->of_init ? "init" : "runtime", (int)(span->of_init ? trace.init : getpid()),
		    (int)(span->of_init ? trace.init : getpid()));
	put_us(text, "ts", begin > 0 ? begin : 0);
	put_us(text, "dur", span->wall);
	text_puts(text, ", \"args\": {");
	text_printf(text, "\"failed\": %s", span->failed ? "true" : "false");
	if (span->cpu >= 0) {
		put_us(text, "cpu_us", span->cpu);
		put_us(text, "waiting_us", span->wall - span->cpu);
	}
	text_puts(text, "}}");
}

static void put_process(struct text *text, pid_t pid, const char *name, int order)
{
	text_printf(text,
		    "    {\"name\": \"process_name\", \"ph\": \"M\", \"pid\": %d, \"tid\": %d, \"args\": {\"name\": ",
		    (int)pid, (int)pid);
	text_json(text, name);
	text_printf(text,
		    "}},\n    {\"name\": \"process_sort_index\", \"ph\": \"M\", \"pid\": %d, \"tid\": %d, \"args\": "
		    "{\"sort_index\": %d}}",
		    (int)pid, (int)pid, order);
}

void trace_json(struct text *text)
{
	struct timespec begin = { .tv_sec = trace.start.wall / 1000000000, .tv_nsec = trace.start.wall % 1000000000 };
	char date[CLOCK_TEXT_MAX], name[64];

	sort(0);
	clock_format(&begin, date);
	(void)snprintf(name, sizeof(name), "hull %s", trace.command);
	text_puts(text, "{\n  \"displayTimeUnit\": \"ms\",\n  \"otherData\": {\"command\": ");
	text_json(text, trace.command);
	text_printf(text, ", \"version\": \"" PACKAGE_VERSION "\", \"start\": \"%s\", \"whole\": %s", date,
		    trace.failed ? "false" : "true");
	if (trace.parent) {
		text_puts(text, ", \"traceparent\": ");
		text_json(text, trace.parent);
	}
	text_puts(text, "},\n  \"traceEvents\": [\n");
	put_process(text, getpid(), name, 1);
	if (trace.init) {
		text_puts(text, ",\n");
		put_process(text, trace.init, "hull:init", 2);
	}
	for (size_t i = 0; i < trace.n; i++) {
		text_puts(text, ",\n");
		put_event(text, &trace.spans[i]);
	}
	text_puts(text, "\n  ]\n}\n");
}

static void put_ms(struct text *text, int64_t ns)
{
	if (ns < 0)
		text_printf(text, " %9s", "-");
	else
		text_printf(text, " %5" PRId64 ".%03d", ns / 1000000, (int)(ns % 1000000 / 1000));
}

/* Most steps have nothing to do in most containers. */
#define LEAST_DRAWN 10000

/* '#' for the part on a CPU, '.' for waiting; a column is (last - first) / width. */
static void put_bar(struct text *text, const struct span *span, int64_t first, int64_t last, unsigned width)
{
	double column = (double)(last - first) / width;
	unsigned from = (unsigned)((double)(span->begin - first) / column), length, busy;

	if (from >= width)
		from = width - 1;
	length = (unsigned)((double)span->wall / column + 0.5);
	length = length == 0 ? 1 : length > width - from ? width - from : length;
	busy = span->cpu < 0 || span->wall == 0 ? 0 : (unsigned)((double)span->cpu / (double)span->wall * length + 0.5);
	text_printf(text, "%*s", (int)from, "");
	for (unsigned i = 0; i < length; i++)
		text_puts(text, i < busy ? "#" : ".");
	text_printf(text, "%*s", (int)(width - from - length), "");
}

void trace_bars(struct text *text, unsigned width)
{
	size_t first = trace.n_shown;
	int64_t begin = INT64_MAX, end = INT64_MIN;
	unsigned hidden = 0;

	sort(first);
	for (size_t i = first; i < trace.n; i++) {
		begin = trace.spans[i].begin < begin ? trace.spans[i].begin : begin;
		end = end_of(&trace.spans[i]) > end ? end_of(&trace.spans[i]) : end;
	}
	if (first == trace.n)
		return;
	if (end <= begin)
		end = begin + 1;
	text_printf(text, "hull %s: %" PRId64 ".%03d ms; # on a CPU, . waiting\n", trace.command,
		    (end - begin) / 1000000, (int)((end - begin) % 1000000 / 1000));
	text_printf(text, "%-31s%*s %9s %9s %9s\n", "", (int)width + 1, "", "ms", "cpu", "waiting");
	for (size_t i = first; i < trace.n; i++) {
		const struct span *span = &trace.spans[i];
		char name[96];

		if (span->wall < LEAST_DRAWN && !span->failed) {
			hidden++;
			continue;
		}
		(void)snprintf(name, sizeof(name), "%-8s%*s%s%s", span->of_init ? "init" : "runtime",
			       (int)(span->depth < 6 ? 2 * span->depth : 12), "", span->name,
			       span->failed ? " FAILED" : "");
		text_printf(text, "%-31.31s ", name);
		put_bar(text, span, begin, end, width);
		put_ms(text, span->wall);
		put_ms(text, span->cpu);
		put_ms(text, span->cpu < 0 ? -1 : span->wall - span->cpu);
		text_puts(text, "\n");
	}
	if (hidden)
		text_printf(text, "%u shorter than 0.010 ms\n", hidden);
	trace.n_shown = trace.n;
}
