// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_options.c - the reader of command lines, with a table of its own. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

enum { RED = 7, GREEN = 8 };

struct values {
	bool quick, force;
	int color, mode, maybe;
	const char *dir;
	unsigned number;
	struct option_list list;
};

static const struct word colors[] = { { "red", RED }, { "green", GREEN } };
static const struct word modes[] = { { "true", 5 }, { "false", 6 } };
static const struct word maybes[] = { { "true", 1 }, { "false", 2 }, { "auto", 3 } };

#define AT(member) OPTION_AT(struct values, member)

static const struct option table[] = {
	{ "quick", "q", OPTION_FLAG, AT(quick), NULL, "" },
	{ "force", "f", OPTION_FLAG, AT(force), NULL, "" },
	{ "color", "c", OPTION_CHOICE, AT(color), NULL, "", colors, 2 },
	{ "mode", NULL, OPTION_SWITCH, AT(mode), NULL, "", modes, 2 },
	{ "maybe", NULL, OPTION_CHOICE, AT(maybe), NULL, "", maybes, 3, OPTION_BARE },
	{ "dir", "dD", OPTION_STRING, AT(dir), "DIR", "" },
	{ "number", "n", OPTION_NUMBER, AT(number), "N", "" },
	{ "list", "l", OPTION_LIST, AT(list), "WORD", "" },
};
static const size_t n_table = sizeof(table) / sizeof(table[0]);

/* The last call. */
static struct values got;
static char *words[32];
static size_t n_words;
static struct error err;
static char line_copy[512];

/* Reads a line of words, blank-separated; '' is an empty word. */
static int parse(enum options_mode mode, const char *line)
{
	size_t n = 0;

	option_list_free(&got.list);
	memset(&got, 0, sizeof(got));
	memset(&err, 0, sizeof(err));
	strcpy(line_copy, line);
	for (char *word = strtok(line_copy, " "); word; word = strtok(NULL, " "))
		words[n++] = strcmp(word, "''") == 0 ? word + 2 : word;
	return options_parse(table, n_table, mode, words, n, &got, &n_words, &err);
}

static void assert_words(const char *first, const char *second)
{
	assert_int_equal(n_words, !!first + !!second);
	if (first)
		assert_string_equal(words[0], first);
	if (second)
		assert_string_equal(words[1], second);
}

static void refuses(enum options_mode mode, const char *line, const char *text)
{
	assert_int_equal(parse(mode, line), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_string_equal(err.text, text);
}

/* ---- values ---- */

static void test_value_forms(void **state)
{
	static const char *const forms[] = {
		"--dir /a", "--dir=/a", "-dir /a", "-dir=/a", "-d /a", "-d=/a", "-d/a", "--d /a", "--d=/a", "-D /a",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_int_equal(parse(OPTIONS_ANYWHERE, forms[i]), 0);
		assert_string_equal(got.dir, "/a");
		assert_int_equal(n_words, 0);
	}
}

static void test_values_that_look_like_options(void **state)
{
	(void)state;
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--dir - id"), 0);
	assert_string_equal(got.dir, "-");
	assert_words("id", NULL);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--dir --quick id"), 0);
	assert_string_equal(got.dir, "--quick");
	assert_false(got.quick);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--dir=-"), 0);
	assert_string_equal(got.dir, "-");
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--dir=a=b"), 0);
	assert_string_equal(got.dir, "a=b");
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--dir= id"), 0);
	assert_string_equal(got.dir, "");
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--dir '' id"), 0);
	assert_string_equal(got.dir, "");
	assert_words("id", NULL);
}

static void test_missing_value(void **state)
{
	(void)state;
	refuses(OPTIONS_ANYWHERE, "--dir", "flag needs an argument: --dir");
	refuses(OPTIONS_ANYWHERE, "id -dir", "flag needs an argument: --dir");
	refuses(OPTIONS_ANYWHERE, "-d", "flag needs an argument: --dir");
	refuses(OPTIONS_ANYWHERE, "-qn", "flag needs an argument: --number");
	refuses(OPTIONS_ANYWHERE, "--color", "flag needs an argument: --color");
	refuses(OPTIONS_FIRST, "--list", "flag needs an argument: --list");
}

static void test_last_wins(void **state)
{
	(void)state;
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--dir a --dir=b -d c"), 0);
	assert_string_equal(got.dir, "c");
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--quick --quick=false"), 0);
	assert_false(got.quick);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--color red -c green --color=red"), 0);
	assert_int_equal(got.color, RED);
}

static void test_lists_append(void **state)
{
	(void)state;
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--list a id -l b --list=c -ld"), 0);
	assert_int_equal(got.list.n, 4);
	assert_string_equal(got.list.items[0], "a");
	assert_string_equal(got.list.items[1], "b");
	assert_string_equal(got.list.items[2], "c");
	assert_string_equal(got.list.items[3], "d");
	assert_words("id", NULL);
	option_list_free(&got.list);
	assert_int_equal(got.list.n, 0);
}

/* ---- flags ---- */

static void test_booleans(void **state)
{
	static const char *const yes[] = { "--quick",      "-quick", "-q",       "--q",
					   "--quick=true", "-q=1",   "-quick=T", "--quick=yes" };
	static const char *const no[] = { "--quick=false", "-q=0", "-quick=F", "--quick=no", "--quick=False" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		assert_int_equal(parse(OPTIONS_ANYWHERE, yes[i]), 0);
		assert_true(got.quick);
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		assert_int_equal(parse(OPTIONS_ANYWHERE, no[i]), 0);
		assert_false(got.quick);
	}
	refuses(OPTIONS_ANYWHERE, "--quick=maybe", "--quick cannot be \"maybe\": it is true or false");
	refuses(OPTIONS_ANYWHERE, "--quick=", "--quick cannot be \"\": it is true or false");
}

static void test_flag_takes_no_word(void **state)
{
	(void)state;
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--quick false"), 0);
	assert_true(got.quick);
	assert_words("false", NULL);
}

static void test_joined_letters(void **state)
{
	(void)state;
	assert_int_equal(parse(OPTIONS_ANYWHERE, "-fq id"), 0);
	assert_true(got.force && got.quick);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "-fd x id"), 0);
	assert_true(got.force);
	assert_string_equal(got.dir, "x");
	assert_words("id", NULL);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "-fqn3"), 0);
	assert_int_equal(got.number, 3);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "-fcgreen"), 0);
	assert_int_equal(got.color, GREEN);
	refuses(OPTIONS_ANYWHERE, "-fxq", "unknown option -fxq");
	assert_false(got.force);
}

static void test_switch(void **state)
{
	(void)state;
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--mode id"), 0);
	assert_int_equal(got.mode, 5);
	assert_words("id", NULL);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--mode=false"), 0);
	assert_int_equal(got.mode, 6);
	refuses(OPTIONS_ANYWHERE, "--mode=5", "--mode cannot be \"5\": it is true or false");
}

/* ---- choices, numbers ---- */

static void test_choices(void **state)
{
	(void)state;
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--color green"), 0);
	assert_int_equal(got.color, GREEN);
	refuses(OPTIONS_ANYWHERE, "--color blue", "--color cannot be \"blue\": it is one of red, green");
	refuses(OPTIONS_ANYWHERE, "--color=", "--color cannot be \"\": it is one of red, green");
	refuses(OPTIONS_ANYWHERE, "--color=RED", "--color cannot be \"RED\": it is one of red, green");
}

static void test_bare_choice(void **state)
{
	(void)state;
	assert_int_equal(parse(OPTIONS_FIRST, "--maybe create"), 0);
	assert_int_equal(got.maybe, 1);
	assert_words("create", NULL);
	assert_int_equal(parse(OPTIONS_FIRST, "--maybe false create"), 0);
	assert_int_equal(got.maybe, 2);
	assert_words("create", NULL);
	assert_int_equal(parse(OPTIONS_FIRST, "--maybe=auto create"), 0);
	assert_int_equal(got.maybe, 3);
	assert_int_equal(parse(OPTIONS_FIRST, "--maybe --quick"), 0);
	assert_int_equal(got.maybe, 1);
	assert_true(got.quick);
	assert_int_equal(parse(OPTIONS_FIRST, "--maybe"), 0);
	assert_int_equal(got.maybe, 1);
	refuses(OPTIONS_FIRST, "--maybe=x", "--maybe cannot be \"x\": it is one of true, false, auto");
}

static void test_numbers(void **state)
{
	static const char *const wrong[] = {
		"-1", "+1", "1x", "''", "0x10", "2147483648", "99999999999999999999", "1.0"
	};

	(void)state;
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--number 2147483647"), 0);
	assert_int_equal(got.number, INT32_MAX);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--number=0"), 0);
	assert_int_equal(got.number, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char line[64] = "--number ";

		strcat(line, wrong[i]);
		assert_int_equal(parse(OPTIONS_ANYWHERE, line), -1);
		assert_non_null(strstr(err.text, "it is a number from 0 to 2147483647"));
	}
}

/* ---- words ---- */

static void test_options_behind_words(void **state)
{
	(void)state;
	assert_int_equal(parse(OPTIONS_ANYWHERE, "one --quick two --dir x"), 0);
	assert_true(got.quick);
	assert_string_equal(got.dir, "x");
	assert_words("one", "two");
}

static void test_first_word_ends_options(void **state)
{
	(void)state;
	assert_int_equal(parse(OPTIONS_FIRST, "--force one --quick"), 0);
	assert_true(got.force);
	assert_false(got.quick);
	assert_words("one", "--quick");
	assert_int_equal(parse(OPTIONS_FIRST, "one --unknown"), 0);
	assert_words("one", "--unknown");
	assert_int_equal(parse(OPTIONS_FIRST, "one --"), 0);
	assert_words("one", "--");
	assert_int_equal(parse(OPTIONS_FIRST, "one --help"), 0);
	assert_words("one", "--help");
}

static void test_dashes(void **state)
{
	(void)state;
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--quick -- --force -x"), 0);
	assert_true(got.quick);
	assert_false(got.force);
	assert_words("--force", "-x");
	assert_int_equal(parse(OPTIONS_ANYWHERE, "-- --"), 0);
	assert_words("--", NULL);
	assert_int_equal(parse(OPTIONS_FIRST, "-- -9"), 0);
	assert_words("-9", NULL);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "- ''"), 0);
	assert_words("-", "");
}

static void test_nothing(void **state)
{
	(void)state;
	assert_int_equal(options_parse(table, n_table, OPTIONS_FIRST, words, 0, &got, &n_words, &err), 0);
	assert_int_equal(n_words, 0);
	words[0] = line_copy;
	strcpy(line_copy, "--x");
	assert_int_equal(options_parse(NULL, 0, OPTIONS_ANYWHERE, words, 1, NULL, &n_words, &err), -1);
	assert_string_equal(err.text, "unknown option --x");
}

static void test_help(void **state)
{
	static const char *const lines[] = { "--help",  "-help",      "-h", "--h", "--quick --help --unknown",
					     "word -h", "--help=true" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(OPTIONS_ANYWHERE, lines[i]), OPTIONS_HELP);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--unknown --help"), -1);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "--dir --help"), 0);
	assert_int_equal(parse(OPTIONS_ANYWHERE, "-- --help"), 0);
}

static void test_unknown(void **state)
{
	(void)state;
	refuses(OPTIONS_ANYWHERE, "--unknown", "unknown option --unknown");
	refuses(OPTIONS_ANYWHERE, "--unknown=secret", "unknown option --unknown");
	refuses(OPTIONS_ANYWHERE, "-x", "unknown option -x");
	refuses(OPTIONS_ANYWHERE, "--quic", "unknown option --quic");
	refuses(OPTIONS_ANYWHERE, "--quickly", "unknown option --quickly");
	refuses(OPTIONS_ANYWHERE, "---quick", "unknown option ---quick");
	refuses(OPTIONS_ANYWHERE, "--=x", "unknown option --");
	refuses(OPTIONS_ANYWHERE, "-=x", "unknown option -=x");
	refuses(OPTIONS_ANYWHERE, "-9", "unknown option -9");
}

static void test_find(void **state)
{
	(void)state;
	assert_ptr_equal(options_find(table, n_table, "--dir=x"), &table[5]);
	assert_ptr_equal(options_find(table, n_table, "-D"), &table[5]);
	assert_null(options_find(table, n_table, "--"));
	assert_null(options_find(table, n_table, "--di"));
	assert_null(options_find(table, n_table, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_value_forms),
		cmocka_unit_test(test_values_that_look_like_options),
		cmocka_unit_test(test_missing_value),
		cmocka_unit_test(test_last_wins),
		cmocka_unit_test(test_lists_append),
		cmocka_unit_test(test_booleans),
		cmocka_unit_test(test_flag_takes_no_word),
		cmocka_unit_test(test_joined_letters),
		cmocka_unit_test(test_switch),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_bare_choice),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_options_behind_words),
		cmocka_unit_test(test_first_word_ends_options),
		cmocka_unit_test(test_dashes),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
