// SPDX-License-Identifier: LGPL-2.1-or-later
/* events.c - `hull events`: what containers use, as JSON, one line an event. */
#include "cli/cli.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/metrics.h"

enum format { FORMAT_JSON, FORMAT_OPENMETRICS };

struct events_values {
	bool stats, all;
	int format;
	const char *interval;
};

static const struct word formats[] = { { "json", FORMAT_JSON }, { "openmetrics", FORMAT_OPENMETRICS } };

static const struct option options[] = {
	{ "stats", NULL, OPTION_FLAG, OPTION_AT(struct events_values, stats), NULL,
	  "Print the statistics once, of each ID, and return." },
	{ "all", "a", OPTION_FLAG, OPTION_AT(struct events_values, all), NULL,
	  "With --stats: of every container that runs, instead of IDs." },
	{ "format", "f", OPTION_CHOICE, OPTION_AT(struct events_values, format), NULL,
	  "Print a JSON object a line or, with --stats, the text format of OpenMetrics, which Prometheus reads. Default: json.", formats, 2 },
	{ "interval", NULL, OPTION_STRING, OPTION_AT(struct events_values, interval), "DURATION",
	  "Time between two statistics, as 5s, 500ms or 1m30s. Default: 5s." },
};

/* Milliseconds of "1m30.5s"; a number without a unit is none.  -1 if it is no time. */
static long long read_duration(const char *text)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = { { "ns", 1e-6 }, { "us", 1e-3 }, { "\302\265s", 1e-3 }, { "ms", 1 }, { "s", 1e3 }, { "m", 6e4 }, { "h", 3.6e6 } };
	double sum = 0;

	if (!*text)
		return -1;
	while (*text) {
		const char *digits = text;
		double number = 0, scale = 1;
		size_t length, i;

		for (; isdigit((unsigned char)*text); text++)
			number = number * 10 + (*text - '0');
		if (*text == '.')
			for (text++; isdigit((unsigned char)*text); text++)
				number += (*text - '0') * (scale /= 10);
		if (!isdigit((unsigned char)text[text > digits ? -1 : 0]))
			return -1;
		length = strcspn(text, "0123456789.");
		for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (strlen(units[i].name) == length && memcmp(text, units[i].name, length) == 0)
				break;
		if (i == sizeof(units) / sizeof(units[0]))
			return -1;
		sum += number * units[i].ms;
		text += length;
	}
	return sum > INT_MAX ? INT_MAX : sum > 0 && sum < 1 ? 1 : (long long)sum;
}

static int emit(void *context, const struct text *line, struct error *err)
{
	(void)context;
	return print_text(line, err);
}

/* 1: it does not run, and was not asked for by its id. */
static int read_stats(struct call *call, const char *id, bool all, struct text *text, struct error *err)
{
	if (container_stats(call->runtime, id, text, err) == 0)
		return 0;
	return all && (err->code == ERR_STATE || err->code == ERR_NOT_FOUND) ? 1 : -1;
}

static int collect(struct call *call, char **ids, size_t n, bool all, struct metrics *metrics, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		auto_text struct text text = TEXT_INIT;
		int r = read_stats(call, ids[i], all, &text, err);

		if (r < 0 || (r == 0 && metrics_add(metrics, ids[i], text_string(&text), err) < 0))
			return -1;
	}
	return 0;
}

static int print_metrics(struct call *call, char **ids, size_t n, bool all, struct error *err)
{
	struct metrics *metrics = metrics_new();
	auto_text struct text text = TEXT_INIT;
	int r = metrics ? collect(call, ids, n, all, metrics, err) : fail(err, ERR_HOST, "out of memory");

	if (r == 0) {
		metrics_write(metrics, &text);
		r = print_text(&text, err);
	}
	metrics_free(metrics);
	return r;
}

static int print_stats(struct call *call, char **ids, size_t n, bool all, struct error *err)
{
	const struct events_values *v = call->options;
	auto_text struct text text = TEXT_INIT;

	if (v->format == FORMAT_OPENMETRICS)
		return print_metrics(call, ids, n, all, err);
	for (size_t i = 0; i < n; i++)
		if (read_stats(call, ids[i], all, &text, err) < 0)
			return -1;
	return print_text(&text, err);
}

static int run(struct call *call, struct error *err)
{
	const struct events_values *v = call->options;
	long long interval = v->interval ? read_duration(v->interval) : 5000;
	char **ids;
	size_t n;
	int r;

	if (interval <= 0)
		return fail(err, ERR_USAGE, "--interval: \"%s\" is no duration above 0, as 5s, 500ms or 1m30s", v->interval);
	if (v->format != FORMAT_JSON && !v->stats)
		return fail(err, ERR_USAGE, "--format openmetrics goes with --stats only");
	if (v->all && (!v->stats || call->n_words))
		return fail(err, ERR_USAGE, "--all goes with --stats, and instead of IDs");
	if (!v->all && call->n_words == 0)
		return fail(err, ERR_USAGE, "ID is missing (see hull events --help)");
	if (!v->stats && call->n_words > 1)
		return fail(err, ERR_USAGE, "several IDs go with --stats only");
	if (!v->stats)
		return container_events(call->runtime, call->words[0], (int)interval, emit, NULL, err);
	if (!v->all)
		return print_stats(call, call->words, call->n_words, false, err);
	if (container_ids(call->runtime, &ids, &n, err) < 0)
		return -1;
	r = print_stats(call, ids, n, true, err);
	free(ids);
	return r;
}

static const char *const notes[] = {
	"Each line is a JSON object: {\"type\": \"stats\", \"id\": ID, \"data\": {...}}, and {\"type\": \"oom\", \"id\": ID} for each time that "
	"memory ran out. Without --stats it goes on until the container ends.",
	"In OpenMetrics each sample has the container's id as a label, and no limit is +Inf.",
	NULL,
};

const struct command command_events = {
	.name = "events",
	.about = "print what containers use, and when memory runs out",
	.words = "[ID...]",
	.notes = notes,
	OPTION_TABLE(options),
	.options_size = sizeof(struct events_values),
	.statuses = STATUS_BIT(STATUS_CREATED) | STATUS_BIT(STATUS_RUNNING) | STATUS_BIT(STATUS_PAUSED),
	.flags = COMMAND_QUIET,
	.run = run,
};
