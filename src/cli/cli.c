// SPDX-License-Identifier: LGPL-2.1-or-later
/* cli.c - THE command table, the options before the command, and the way from argv to a command's run.
 *
 * --log is opened before the command's own options are read, so that a caller who reads only the log sees
 * usage errors too. */
#include "cli/cli.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "kernel/signals.h"

// clang-format off
const struct command *const commands[] = {
	&command_checkpoint,
	&command_create,
	&command_delete,
	&command_doctor,
	&command_events,
	&command_exec,
	&command_features,
	&command_gc,
	&command_help,
	&command_kill,
	&command_list,
	&command_pause, &command_ps,
	&command_restore,
	&command_resume,
	&command_run,
	&command_seccomp,
	&command_spec,
	&command_start,
	&command_state,
	&command_update,
	&command_validate,
	NULL,
};
// clang-format on

static const struct word log_formats[] = { { "text", LOG_TEXT }, { "json", LOG_JSON } };
static const struct word log_levels[] = {
	{ "error", LOG_ERROR },
	{ "warning", LOG_WARNING },
	{ "info", LOG_INFO_LEVEL },
	{ "debug", LOG_DEBUG_LEVEL },
};
static const struct word managers[] = {
	{ "cgroupfs", CGROUP_FS },
	{ "systemd", CGROUP_SYSTEMD },
	{ "disabled", CGROUP_DISABLED },
};
static const struct word systemd_cgroup[] = { { "true", CGROUP_SYSTEMD }, { "false", CGROUP_FS } };
static const struct word rootless[] = { { "true", ROOTLESS_TRUE }, { "false", ROOTLESS_FALSE },
					 { "auto", ROOTLESS_AUTO } };

#define WORDS(table) .words = (table), .n_words = sizeof(table) / sizeof((table)[0])
#define AT(member)   OPTION_AT(struct global_options, member)

// clang-format off
const struct option global_table[] = {
	{ "root", NULL, OPTION_STRING, AT(runtime.root), "DIR",
	  "Directory of the containers' states. Default: /run/hull, or $XDG_RUNTIME_DIR/hull for a user who is not root." },
	{ "log", NULL, OPTION_STRING, AT(log), "DEST",
	  "Write errors and, as --log-level asks, more to DEST as well: a file (PATH or file:PATH, appended to), "
	  "journald:ID or syslog:ID." },
	{ "log-format", NULL, OPTION_CHOICE, AT(log_format), NULL,
	  "Format of the log file. Default: text.", WORDS(log_formats) },
	{ "log-level", NULL, OPTION_CHOICE, AT(log_level), NULL,
	  "Least important messages that are written to the log. Default: warning.", WORDS(log_levels) },
	{ "debug", NULL, OPTION_FLAG, AT(runtime.debug), NULL,
	  "Log everything, as each step of a container's start with its time: to --log, or without it to stderr." },
	{ "systemd-cgroup", NULL, OPTION_SWITCH, AT(runtime.manager), NULL,
	  "The same as --cgroup-manager=systemd. The last of the two options wins.", WORDS(systemd_cgroup) },
	{ "cgroup-manager", NULL, OPTION_CHOICE, AT(runtime.manager), NULL,
	  "Who makes the container's cgroup: hull itself (cgroupfs, the default), systemd (as a transient unit; cgroupsPath "
	  "is slice:prefix:name then) or nobody (disabled: the container stays in the caller's cgroup).", WORDS(managers) },
	{ "rootless", NULL, OPTION_CHOICE, AT(runtime.rootless), NULL,
	  "Whether a container without cgroupsPath and without limits may stay in the caller's cgroup where the caller has "
	  "no right to make one. Default: auto, for callers who are not the host's root.", WORDS(rootless), OPTION_BARE },
	{ "criu", NULL, OPTION_STRING, AT(runtime.criu), "FILE",
	  "The criu program, for checkpoint and restore. Default: criu in PATH." },
	{ "version", "vV", OPTION_FLAG, AT(version), NULL,
	  "Print the version, the commit and the version of the OCI runtime specification." },
	{ "print-document", NULL, OPTION_STRING, AT(print_document), "KIND",
	  "Print what hull's tables say, as KIND.", NULL, 0, OPTION_HIDDEN },
};
// clang-format on
const size_t global_n = sizeof(global_table) / sizeof(global_table[0]);

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

void command_limits(const struct command *command, size_t *min, size_t *max)
{
	const char *p = command->words;

	*min = *max = 0;
	while (*p) {
		size_t length = strcspn(p, " ");

		++*max;
		if (*p != '[')
			++*min;
		if (length >= 3 && memmem(p, length, "...", 3)) {
			*max = SIZE_MAX;
			return;
		}
		p += length;
		p += *p == ' ';
	}
}

int print(const char *data, size_t size, struct error *err)
{
	int r = file_write(STDOUT_FILENO, data, size);

	return r < 0 ? fail(err, r, "cannot write to stdout") : 0;
}

int print_text(const struct text *text, struct error *err)
{
	if (text->failed)
		return fail(err, ERR_HOST, "out of memory");
	return print(text_string(text), text->length, err);
}

/* Where to read more, behind a usage error. */
static int hint(struct error *err, const struct command *command)
{
	size_t used = strlen(err->text);

	snprintf(err->text + used, sizeof(err->text) - used, " (see hull %s%s--help)", command ? command->name : "",
		 command ? " " : "");
	return -1;
}

static int check_words(const struct call *call, struct error *err)
{
	const char *names = call->command->words;
	size_t min, max;

	command_limits(call->command, &min, &max);
	if (call->n_words > max)
		return fail(err, ERR_USAGE, "unexpected argument \"%s\"", call->words[max]);
	if (call->n_words >= min)
		return 0;
	for (size_t i = 0; i < call->n_words; i++)
		names += strcspn(names, " ") + 1;
	return fail(err, ERR_USAGE, "%.*s is missing", (int)strcspn(names, " "), names);
}

/* An option that only stands before the command is the likeliest mistake: name it. */
static int explain_unknown(char **argv, size_t argc, const struct command *command, struct error *err)
{
	for (size_t i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const struct option *option;

		if (argv[i][0] != '-' || options_find(command->options, command->n_options, argv[i]))
			continue;
		option = options_find(global_table, global_n, argv[i]);
		if (option && text_starts(err->text, "unknown option"))
			return fail(err, ERR_USAGE, "--%s goes before the command: hull --%s ... %s", option->name,
				    option->name, command->name);
	}
	return -1;
}

static int run_with(struct call *call, void *values, char **argv, size_t argc, int *ret_status, struct error *err)
{
	const struct command *command = call->command;
	int r = options_parse(command->options, command->n_options,
			      command->flags & COMMAND_OPTIONS_FIRST ? OPTIONS_FIRST : OPTIONS_ANYWHERE, argv, argc, values,
			      &call->n_words, err);

	if (r == OPTIONS_HELP)
		return print_help(command, err);
	if (r < 0) {
		(void)explain_unknown(argv, argc, command, err);
		return hint(err, command);
	}
	if (check_words(call, err) < 0)
		return hint(err, command);
	r = command->run(call, err);
	*ret_status = r < 0 ? command->failure : call->status;
	return r;
}

/* argv[0] is the command's name. */
static int run_command(const struct command *command, const struct global_options *global, char **argv, size_t argc,
		       int *ret_status, struct error *err)
{
	char values[256] __attribute__((aligned(16))) = { 0 };
	struct call call = { .command = command, .runtime = &global->runtime, .options = values, .words = argv + 1 };
	int r;

	if (command->options_size > sizeof(values))
		return fail(err, ERR_INTERNAL, "the options of %s do not fit", command->name);
	r = run_with(&call, values, argv + 1, argc - 1, ret_status, err);
	options_free(command->options, command->n_options, values);
	return r;
}

static int open_log(const struct global_options *global, const struct command *command, struct error *err)
{
	const struct log_options options = {
		.destination = global->log,
		.format = (enum log_format)global->log_format,
		.level = (enum log_level)global->log_level,
		.debug = global->runtime.debug,
		.command = command ? command->name : NULL,
		.quiet = command && command->flags & COMMAND_QUIET,
	};

	return log_open(&options, err);
}

static int dispatch(char **argv, size_t argc, int *ret_status, struct error *err)
{
	struct global_options global = { .log_format = LOG_TEXT, .log_level = LOG_WARNING };
	const struct command *command;
	size_t n_words;
	int r;

	global.runtime.manager = CGROUP_FS;
	global.runtime.rootless = ROOTLESS_AUTO;
	r = options_parse(global_table, global_n, OPTIONS_FIRST, argv, argc, &global, &n_words, err);
	if (r == OPTIONS_HELP)
		return print_help(NULL, err);
	if (r < 0)
		return hint(err, NULL);
	if (global.version)
		return print_version(err);
	if (global.print_document)
		return print_document(global.print_document, err);

	command = n_words > 0 ? command_find(argv[0]) : NULL;
	if (open_log(&global, command, err) < 0)
		return -1;
	if (n_words == 0) {
		(void)fail(err, ERR_USAGE, "no command given");
		return hint(err, NULL);
	}
	if (!command) {
		(void)fail(err, ERR_USAGE, "this release has no command \"%s\"", argv[0]);
		return hint(err, NULL);
	}
	return run_command(command, &global, argv, n_words, ret_status, err);
}

int cli_main(int argc, char **argv)
{
	struct error err;
	int status = 0;

	signals_prepare();
	if (dispatch(argv + 1, argc > 0 ? (size_t)argc - 1 : 0, &status, &err) == 0)
		return status;
	log_error(&err);
	return status ? status : error_exit_status(err.code);
}
