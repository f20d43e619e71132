// SPDX-License-Identifier: LGPL-2.1-or-later
/* ps.c - `hull ps`: the processes of a container, by their ids on the host; ps(1) of the host makes the table. */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/file.h"

#define OUTPUT_MAX (64 * 1024 * 1024)
#define TIMEOUT_MS (30 * 1000)

enum format { FORMAT_TABLE, FORMAT_JSON };

struct ps_options {
	int format;
};

static const struct word formats[] = { { "table", FORMAT_TABLE }, { "json", FORMAT_JSON } };

static const struct option options[] = {
	{ "format", "f", OPTION_CHOICE, OPTION_AT(struct ps_options, format), NULL,
	  "Print the table of ps(1), or an array of process ids. Default: table.", formats, 2 },
};

static int print_ids(const pid_t *pids, size_t n, struct error *err)
{
	auto_text struct text text = TEXT_INIT;

	for (size_t i = 0; i < n; i++)
		text_printf(&text, "%s%d", i ? "," : "[", (int)pids[i]);
	text_puts(&text, n ? "]\n" : "[]\n");
	return print_text(&text, err);
}

/* Which field of the head is PID; -1: none. */
static int pid_field(const char *head, size_t length)
{
	const char *end = head + length;
	int field = 0;

	for (const char *p = head; p < end; field++) {
		size_t n;

		p += strspn(p, " \t");
		n = strcspn(p, " \t\n");
		if (n == 3 && memcmp(p, "PID", 3) == 0)
			return field;
		p += n;
		p += strspn(p, " \t");
	}
	return -1;
}

static bool is_listed(const char *line, int field, const pid_t *pids, size_t n)
{
	long number;

	line += strspn(line, " \t");
	for (; field > 0; field--) {
		line += strcspn(line, " \t\n");
		line += strspn(line, " \t");
	}
	if (!isdigit((unsigned char)*line)) /* strtol(3) would go on to the next line */
		return false;
	number = strtol(line, NULL, 10);
	for (size_t i = 0; i < n; i++)
		if (pids[i] == number)
			return true;
	return false;
}

/* The head, and the lines of the container's processes. */
static int filter(const char *output, const pid_t *pids, size_t n, struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	size_t length = strcspn(output, "\n");
	int field = pid_field(output, length);

	if (field < 0)
		return fail(err, ERR_USAGE, "couldn't find PID field in ps output");
	text_append(&text, output, length);
	text_puts(&text, "\n");
	for (const char *line = output + length + (output[length] == '\n'); *line;
	     line += length + (line[length] == '\n')) {
		length = strcspn(line, "\n");
		if (is_listed(line, field, pids, n)) {
			text_append(&text, line, length);
			text_puts(&text, "\n");
		}
	}
	return print_text(&text, err);
}

static int run_ps(char *const *words, size_t n_words, int output, struct error *err)
{
	static const char *const usual[] = { "ps", "-ef", NULL };
	auto_free const char **argv = calloc(n_words + 2, sizeof(*argv));
	const int files[3] = { output, -1, -1 };
	const struct child_options child = {
		.file = "ps",
		.argv = n_words ? argv : usual,
		.directory = -1,
		.timeout_ms = TIMEOUT_MS,
		.files = files,
	};
	struct child_result result;
	int r;

	if (!argv)
		return fail(err, -ENOMEM, "cannot run ps");
	argv[0] = "ps";
	if (n_words)
		memcpy(argv + 1, words, n_words * sizeof(*argv));
	r = child_run(&child, &result);
	if (r < 0)
		return fail(err, r, "cannot run ps");
	return result.status == 0 ? 0 : fail(err, ERR_USAGE, "ps ended with status %d: %s", result.status, result.tail);
}

static int print_table(char *const *words, size_t n_words, const pid_t *pids, size_t n, struct error *err)
{
	auto_close int output = memfd_create("hull:ps", MFD_CLOEXEC);
	auto_free char *text = NULL;
	int r;

	if (output < 0)
		return fail(err, -errno, "cannot keep the output of ps");
	if (run_ps(words, n_words, output, err) < 0)
		return -1;
	r = lseek(output, 0, SEEK_SET) < 0 ? -errno : file_read(output, OUTPUT_MAX, &text, NULL);
	return r < 0 ? fail(err, r, "cannot read the output of ps") : filter(text, pids, n, err);
}

static int run(struct call *call, struct error *err)
{
	const struct ps_options *ps = call->options;
	auto_free pid_t *pids = NULL;
	size_t n = 0;

	if (container_pids(call->runtime, call->words[0], &pids, &n, err) < 0)
		return -1;
	if (ps->format == FORMAT_JSON)
		return print_ids(pids, n, err);
	return print_table(call->words + 1, call->n_words - 1, pids, n, err);
}

static const char *const notes[] = {
	"Words behind ID are for ps(1), whose table must have a column PID. Default: -ef.",
	"A container that has stopped has no processes: that is no error.",
	NULL,
};

const struct command command_ps = {
	.name = "ps",
	.about = "list the processes of a container",
	.words = "ID [PS-OPTION...]",
	.notes = notes,
	OPTION_TABLE(options),
	.options_size = sizeof(struct ps_options),
	.statuses = STATUS_ANY,
	.flags = COMMAND_OPTIONS_FIRST | COMMAND_QUIET,
	.run = run,
};
