// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_cgroup_variant.c - GVariant text: what becomes a value of which type, and what is refused where. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/variant.h"
#include "unit.h"

/* The tree as text again, with every type in front. */
static void show(const struct variant *v, char *ret, size_t size)
{
	size_t at = (size_t)snprintf(ret, size, "%s", v->type);

	if (v->text)
		at += (size_t)snprintf(ret + at, size - at, "'%s'", v->text);
	else if (strchr("bynqiuxt", *v->type))
		at += (size_t)snprintf(ret + at, size - at, "%" PRId64, (int64_t)v->number);
	else if (*v->type == 'd')
		at += (size_t)snprintf(ret + at, size - at, "%g", v->real);
	else
		at += (size_t)snprintf(ret + at, size - at, "{");
	for (const struct variant *item = v->first; item; item = item->next) {
		show(item, ret + at, size - at);
		at += strlen(ret + at);
		if (item->next)
			at += (size_t)snprintf(ret + at, size - at, " ");
	}
	if (strchr("a(v", *v->type))
		snprintf(ret + at, size - at, "}");
}

static void reads(void **state)
{
	static const char *const table[][2] = {
		{ "true", "b1" },
		{ "false", "b0" },
		{ " 5 ", "i5" },
		{ "-5", "i-5" },
		{ "0x1f", "i31" },
		{ "uint64 18446744073709551615", "t-1" },
		{ "uint32 7", "u7" },
		{ "int64 -9223372036854775808", "x-9223372036854775808" },
		{ "byte 0xff", "y255" },
		{ "1.5", "d1.5" },
		{ "double 2", "d2" },
		{ "'a b'", "s'a b'" },
		{ "\"it's\"", "s'it's'" },
		{ "'a\\'b'", "s'a'b'" },
		{ "string 'x'", "s'x'" },
		{ "['crio.service']", "as{s'crio.service'}" },
		{ "[uint64 1, 2]", "at{t1 t2}" },
		{ "@as []", "as{}" },
		{ "@at [1, 2]", "at{t1 t2}" },
		{ "('a', uint64 1)", "(st){s'a' t1}" },
		{ "('a',)", "(s){s'a'}" },
		{ "@a(st) [('/dev/sda', 5)]", "a(st){(st){s'/dev/sda' t5}}" },
		{ "[('a', true), ('b', false)]", "a(sb){(sb){s'a' b1} (sb){s'b' b0}}" },
		{ "<uint32 3>", "v{u3}" },
		{ "''", "s''" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct variant *v;
		char text[256];
		size_t at;

		if (variant_parse(table[i][0], &v, &at) < 0)
			fail_msg("%s: refused at %zu", table[i][0], at);
		show(v, text, sizeof(text));
		assert_string_equal(text, table[i][1]);
		variant_free(v);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		int error;
	} table[] = {
		{ "", -EINVAL },	     { "x", -EINVAL },		{ "5 6", -EINVAL },	{ "'a", -EINVAL },
		{ "[1, 'a']", -EINVAL },     { "[]", -EINVAL },		{ "[1", -EINVAL },	{ "()", -EINVAL },
		{ "('a'", -EINVAL },	     { "byte 256", -ERANGE },	{ "uint32 -1", -ERANGE }, { "2147483648", -ERANGE },
		{ "-2147483649", -ERANGE },  { "boolean 1", -EINVAL },	{ "uint64 'a'", -EINVAL }, { "@s 5", -EINVAL },
		{ "@(s) ('a', 'b')", -EINVAL }, { "{'a': 1}", -EINVAL }, { "nothing", -EINVAL },	{ "'\xff'", -EINVAL },
		{ "'\\q'", -EINVAL },	     { "5x", -EINVAL },		{ "objectpath '/a'", -EINVAL },
		{ "@ai", -EINVAL },	     { "uint64 18446744073709551616", -ERANGE },
		{ "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct variant *v = NULL;
		size_t at;
		int r = variant_parse(table[i].text, &v, &at);

		if (r != table[i].error || v)
			fail_msg("%s: %d", table[i].text, r);
		assert_true(at <= strlen(table[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reads), cmocka_unit_test(refuses) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
