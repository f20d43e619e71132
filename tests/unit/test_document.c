// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_document.c - the rows of the command table, and what is printed from them. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/abilities.h"
#include "cli/cli.h"
#include "fake_container.h"
#include "kernel/caps.h"
#include "kernel/mountopts.h"
#include "ocispec.h"

static int fresh(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static const char *document(const char *kind)
{
	char line[128];

	snprintf(line, sizeof(line), "--print-document=%s", kind);
	assert_int_equal(fake_hull(line), 0);
	assert_string_equal(fake->err, "");
	return fake->out;
}

/* ---- the rows ---- */

static const size_t sizes[] = {
	[OPTION_FLAG] = sizeof(bool),       [OPTION_SWITCH] = sizeof(int),
	[OPTION_CHOICE] = sizeof(int),      [OPTION_STRING] = sizeof(const char *),
	[OPTION_NUMBER] = sizeof(unsigned), [OPTION_LIST] = sizeof(struct option_list),
};

static void check_row(const char *place, const struct option *option, size_t size)
{
	size_t length = strlen(option->about);
	bool names_words = option->kind == OPTION_CHOICE || option->kind == OPTION_SWITCH;

	if (option->offset + sizes[option->kind] > size)
		fail_msg("%s --%s: lies outside the values", place, option->name);
	if (length == 0 || option->about[length - 1] != '.')
		fail_msg("%s --%s: no full stop", place, option->name);
	if (names_words != (option->n_words > 0))
		fail_msg("%s --%s: words", place, option->name);
	if (names_words && option->value)
		fail_msg("%s --%s: both words and a value's name", place, option->name);
	if (option_takes_value(option) && !names_words && !option->value)
		fail_msg("%s --%s: the value has no name", place, option->name);
	if (option->kind == OPTION_SWITCH)
		assert_int_equal(option->n_words, 2);
	if (strcmp(option->name, "help") == 0 || (option->letters && strchr(option->letters, 'h')))
		fail_msg("%s: --help is the reader's", place);
}

static void check_names(const char *place, const struct option *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			if (strcmp(table[i].name, table[k].name) == 0)
				fail_msg("%s --%s: twice", place, table[i].name);
			if (table[i].letters && table[k].letters && strpbrk(table[i].letters, table[k].letters))
				fail_msg("%s --%s: its letter is taken", place, table[i].name);
		}
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < global_n; i++)
		check_row("hull", &global_table[i], sizeof(struct global_options));
	check_names("hull", global_table, global_n);
	for (size_t c = 0; commands[c]; c++) {
		for (size_t i = 0; i < commands[c]->n_options; i++)
			check_row(commands[c]->name, &commands[c]->options[i], commands[c]->options_size);
		check_names(commands[c]->name, commands[c]->options, commands[c]->n_options);
		assert_non_null(commands[c]->run);
		assert_true(commands[c]->about[0] >= 'a' && commands[c]->about[0] <= 'z');
		assert_ptr_equal(command_find(commands[c]->name), commands[c]);
		assert_true(c == 0 || strcmp(commands[c - 1]->name, commands[c]->name) < 0);
	}
}

/* What engines and people send: command ("": before it), option, letter. */
static const struct {
	const char *command, *name;
	char letter;
} wanted[] = {
	{ "", "root", 0 },
	{ "", "log", 0 },
	{ "", "log-format", 0 },
	{ "", "log-level", 0 },
	{ "", "debug", 0 },
	{ "", "systemd-cgroup", 0 },
	{ "", "cgroup-manager", 0 },
	{ "", "rootless", 0 },
	{ "", "criu", 0 },
	{ "", "version", 'v' },
	{ "", "version", 'V' },
	{ "create", "bundle", 'b' },
	{ "create", "config", 'f' },
	{ "create", "console-socket", 0 },
	{ "create", "pidfd-socket", 0 },
	{ "create", "pid-file", 0 },
	{ "create", "no-pivot", 0 },
	{ "create", "no-new-keyring", 0 },
	{ "create", "preserve-fds", 0 },
	{ "create", "no-subreaper", 0 },
	{ "create", "detach", 'd' },
	{ "run", "bundle", 'b' },
	{ "run", "config", 'f' },
	{ "run", "console-socket", 0 },
	{ "run", "pidfd-socket", 0 },
	{ "run", "pid-file", 0 },
	{ "run", "no-pivot", 0 },
	{ "run", "no-new-keyring", 0 },
	{ "run", "preserve-fds", 0 },
	{ "run", "no-subreaper", 0 },
	{ "run", "detach", 'd' },
	{ "run", "keep", 0 },
	{ "exec", "process", 'p' },
	{ "exec", "console-socket", 0 },
	{ "exec", "pidfd-socket", 0 },
	{ "exec", "pid-file", 0 },
	{ "exec", "detach", 'd' },
	{ "exec", "preserve-fds", 0 },
	{ "exec", "tty", 't' },
	{ "exec", "cwd", 0 },
	{ "exec", "env", 'e' },
	{ "exec", "user", 'u' },
	{ "exec", "additional-gids", 'g' },
	{ "exec", "cap", 'c' },
	{ "exec", "apparmor", 0 },
	{ "exec", "process-label", 0 },
	{ "exec", "no-new-privs", 0 },
	{ "exec", "cgroup", 0 },
	{ "exec", "ignore-paused", 0 },
	{ "exec", "no-subreaper", 0 },
	{ "kill", "all", 'a' },
	{ "kill", "regex", 'r' },
	{ "delete", "force", 'f' },
	{ "delete", "regex", 'r' },
	{ "list", "format", 'f' },
	{ "list", "quiet", 'q' },
	{ "ps", "format", 'f' },
	{ "spec", "bundle", 'b' },
	{ "spec", "rootless", 0 },
	{ "spec", "file", 'f' },
};

static void test_wanted_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct command *command = *wanted[i].command ? command_find(wanted[i].command) : NULL;
		const struct option *table = command ? command->options : global_table;
		const char letter[] = { '-', wanted[i].letter, '\0' };
		const struct option *option;

		option = options_find(table, command ? command->n_options : global_n, wanted[i].name);
		if (!option)
			fail_msg("%s has no --%s", wanted[i].command, wanted[i].name);
		if (wanted[i].letter && options_find(table, command ? command->n_options : global_n, letter) != option)
			fail_msg("%s has no %s", wanted[i].command, letter);
	}
}

static void test_limits(void **state)
{
	static const struct {
		const char *words;
		size_t min, max;
	} rows[] = {
		{ "", 0, 0 },
		{ "ID", 1, 1 },
		{ "ID [SIGNAL]", 1, 2 },
		{ "[COMMAND]", 0, 1 },
		{ "ID COMMAND...", 2, SIZE_MAX },
		{ "ID [ARGS...]", 1, SIZE_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct command command = { .words = rows[i].words };
		size_t min, max;

		command_limits(&command, &min, &max);
		assert_int_equal(min, rows[i].min);
		assert_int_equal(max, rows[i].max);
	}
}

/* ---- --help ---- */

static void check_lines(const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length > 79)
			fail_msg("longer than 79: %.*s", (int)length, text);
		if (length > 0 && text[length - 1] == ' ')
			fail_msg("blank at the end: %.*s", (int)length, text);
		assert_true(text[length] == '\n');
		text += length + 1;
	}
}

static void check_help(const char *line, const struct option *table, size_t n)
{
	assert_int_equal(fake_hull(line), 0);
	assert_string_equal(fake->err, "");
	assert_int_equal(fake->n_calls, 0);
	for (size_t i = 0; i < n; i++) {
		char form[64];

		snprintf(form, sizeof(form), "--%s", table[i].name);
		if (table[i].flags & OPTION_HIDDEN)
			assert_null(strstr(fake->out, form));
		else
			assert_contains(fake->out, form);
	}
	check_lines(fake->out);
}

static void test_help(void **state)
{
	static const char *const forms[][2] = {
		{ "", " --help" }, { "", " -h" }, { "help ", "" }, { "--root /r ", " --help" }
	};

	(void)state;
	check_help("--help", global_table, global_n);
	check_help("-h", global_table, global_n);
	check_help("help", global_table, global_n);
	for (size_t c = 0; commands[c]; c++) {
		assert_int_equal(fake_hull("--help"), 0);
		assert_contains(fake->out, commands[c]->name);
		for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
			char line[64];

			snprintf(line, sizeof(line), "%s%s%s", forms[f][0], commands[c]->name, forms[f][1]);
			check_help(line, commands[c]->options, commands[c]->n_options);
			assert_contains(fake->out, commands[c]->about);
			assert_contains(fake->out, commands[c]->words);
		}
	}
	assert_int_equal(fake_hull("help nothing"), 1);
	assert_contains(fake->err, "this release has no command \"nothing\"");
}

/* ---- manual pages, completions ---- */

static void test_man(void **state)
{
	(void)state;
	assert_string_equal(document("man-head:start"), ".TH HULL\\-START 1 \"\" \"hull\" \"hull\"\n"
							".SH NAME\n"
							"hull\\-start \\- run the program of a created container\n"
							".SH SYNOPSIS\n"
							".B hull\n"
							"[\\fIGLOBAL OPTIONS\\fR]\n"
							".B start\n"
							"[\\fIOPTIONS\\fR]\n"
							".I ID\n");
	assert_contains(document("man-options:delete"), ".TP\n\\fB\\-\\-force\\fR, \\fB\\-f\\fR\nKill ");
	assert_contains(document("man-options:create"),
			".TP\n\\fB\\-\\-bundle\\fR \\fIDIR\\fR, \\fB\\-b\\fR \\fIDIR\\fR\n");
	assert_contains(fake->out, ".SS Accepted for compatibility, without effect\n.TP\n\\fB\\-\\-detach");
	assert_contains(document("man-options"), "\\fB\\-\\-rootless\\fR[=\\fItrue|false|auto\\fR]\n");
	assert_null(strstr(fake->out, "document"));
	assert_contains(document("man-commands"), ".TP\n.BR hull\\-create (1)\nMake a container");
}

static void test_completions(void **state)
{
	static const char *const shells[] = { "bash", "zsh", "fish" };

	(void)state;
	for (size_t s = 0; s < sizeof(shells) / sizeof(shells[0]); s++) {
		document(shells[s]);
		for (size_t c = 0; commands[c]; c++)
			for (size_t i = 0; i < commands[c]->n_options; i++)
				if (!(commands[c]->options[i].flags & (OPTION_HIDDEN | OPTION_IGNORED)))
					assert_contains(fake->out, commands[c]->options[i].name);
		assert_null(strstr(fake->out, "print-document"));
	}
	assert_int_equal(fake_hull("--print-document nothing"), 1);
	assert_contains(fake->err, "no document \"nothing\"");
	assert_int_equal(fake_hull("--print-document man-head:nothing"), 1);
	assert_contains(fake->err, "no command \"nothing\"");
}

static void test_errors(void **state)
{
	(void)state;
	document("errors");
	for (size_t i = 0; i + 1 < ERR_CODES; i++)
		assert_contains(fake->out, error_code_rows[i].meaning);
}

/* ---- documents of the specification ---- */

static void *parse(const struct oci_type *type, const char *text)
{
	struct oci_report report = { .flags = OCI_REPORT_ALL | OCI_REPORT_WARNINGS };
	void *result = oci_parse(type, text, strlen(text), &report);

	for (size_t i = 0; i < report.n_faults; i++)
		print_error("%s (line %u): %s\n", report.faults[i].pointer, report.faults[i].line,
			    report.faults[i].text);
	assert_int_equal(report.n_faults, 0);
	oci_report_free(&report);
	assert_non_null(result);
	return result;
}

static bool has_namespace(const struct oci_config *config, uint64_t type)
{
	for (size_t i = 0; i < config->linux->n_namespaces; i++)
		if (config->linux->namespaces[i].type == type)
			return true;
	return false;
}

static uint64_t namespace_value(const char *word)
{
	uint64_t value = 0;

	assert_true(oci_word_value(oci_namespace_words, word, strlen(word), &value));
	return value;
}

static void test_resources(void **state)
{
	(void)state;
	document("resources");
	assert_non_null(strstr(fake->out, "\n| `a/b` | `v1.file` | | `Unit` | a note |\n"));
}

static void test_spec(void **state)
{
	struct oci_config *config;

	(void)state;
	assert_int_equal(fake_hull("spec --file -"), 0);
	config = parse(&oci_config_type, fake->out);
	assert_string_equal(config->oci_version, "1.3.0");
	assert_true(config->process->terminal && config->process->no_new_privileges);
	assert_string_equal(config->process->args[0], "sh");
	assert_null(config->process->args[1]);
	assert_true(has_namespace(config, namespace_value("cgroup")) &&
		    has_namespace(config, namespace_value("network")));
	assert_false(has_namespace(config, namespace_value("user")));
	assert_int_equal(config->n_mounts, 7);
	assert_int_equal(config->linux->resources->n_devices, 1);
	oci_free(config);
}

static void test_rootless_spec(void **state)
{
	struct oci_config *config;

	(void)state;
	assert_int_equal(fake_hull("spec --rootless --file -"), 0);
	config = parse(&oci_config_type, fake->out);
	assert_true(has_namespace(config, namespace_value("user")));
	assert_false(has_namespace(config, namespace_value("network")));
	assert_int_equal(config->linux->n_uid_mappings, 1);
	assert_int_equal(config->linux->uid_mappings[0].host_id, geteuid());
	assert_int_equal(config->linux->gid_mappings[0].host_id, getegid());
	assert_int_equal(config->n_mounts, 7);
	assert_null(config->linux->resources);
	assert_null(strstr(fake->out, "gid=5"));
	oci_free(config);
}

static void test_features(void **state)
{
	struct oci_features *features;
	size_t n = 0;

	(void)state;
	assert_int_equal(fake_hull("features"), 0);
	features = parse(&oci_features_type, fake->out);
	assert_string_equal(features->oci_version_min, "1.0.0");
	assert_string_equal(features->oci_version_max, "1.3.0");
	while (mount_option_name(n))
		n++;
	n -= 2 * !CAN_IDMAP + !CAN_TMPCOPYUP + !CAN_COPY_SYMLINK;
	assert_int_equal(features->n_mount_options, n);
	n = 0;
	while (cap_name((int)n))
		n++;
	assert_int_equal(features->linux->n_capabilities, n);
	assert_true(features->linux->n_namespaces >= 7);
	assert_true(features->linux->cgroup->v1 && features->linux->cgroup->v2);
	assert_non_null(features->linux->mount_extensions->idmap);
	/* Lists are there even where they are empty: nothing is unknown. */
	assert_non_null(features->hooks);
	assert_int_equal(features->n_hooks, CAN_HOOKS ? 6 : 0);
	assert_int_equal(features->linux->seccomp->n_actions > 0, CAN_SECCOMP);
	assert_non_null(features->linux->seccomp->actions);
	assert_non_null(features->potentially_unsafe_config_annotations);
	oci_free(features);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_wanted_options),
		cmocka_unit_test(test_limits),
		cmocka_unit_test_setup(test_help, fresh),
		cmocka_unit_test_setup(test_man, fresh),
		cmocka_unit_test_setup(test_completions, fresh),
		cmocka_unit_test_setup(test_errors, fresh),
		cmocka_unit_test_setup(test_resources, fresh),
		cmocka_unit_test_setup(test_spec, fresh),
		cmocka_unit_test_setup(test_rootless_spec, fresh),
		cmocka_unit_test_setup(test_features, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
