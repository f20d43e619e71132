// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_argv.c - a command line, one word a line: it is read as far as a command would be run. */
#include "../../src/cli/cli.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "fuzz.h"

#define MAX 64

static void read_command(const struct command *command, char **argv, size_t argc)
{
	char values[256] __attribute__((aligned(16))) = { 0 };
	struct call call = { .command = command, .options = values, .words = argv + 1 };
	struct error err = { 0 };
	int r;

	MUST(command->options_size <= sizeof(values));
	r = options_parse(command->options, command->n_options,
			  command->flags & COMMAND_OPTIONS_FIRST ? OPTIONS_FIRST : OPTIONS_ANYWHERE, argv + 1, argc - 1, values,
			  &call.n_words, &err);
	if (r == 0)
		MUST(call.n_words < argc);
	if (r < 0)
		(void)explain_unknown(argv + 1, argc - 1, command, &err);
	if (r == 0 && check_words(&call, &err) < 0)
		r = -1;
	if (r < 0) {
		(void)hint(&err, command);
		fuzz_one_line(err.text);
	}
	options_free(command->options, command->n_options, values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *word, *argv[MAX + 1] = { NULL };
	struct global_options global = { 0 };
	const struct command *command;
	struct error err = { 0 };
	size_t argc = 0, n_words = 0;

	while (argc < MAX && (word = strsep(&rest, "\n")))
		argv[argc++] = word;
	if (options_parse(global_table, global_n, OPTIONS_FIRST, argv, argc, &global, &n_words, &err) == 0) {
		MUST(n_words <= argc);
		command = n_words > 0 ? command_find(argv[0]) : NULL;
		if (command)
			read_command(command, argv, n_words);
	} else if (*err.text) {
		fuzz_one_line(err.text);
	}
	options_free(global_table, global_n, &global);
	free(text);
	return 0;
}
