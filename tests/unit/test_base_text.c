// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_base_text.c - growing text, JSON strings, strict numbers, lists of bits. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "unit.h"

static void growth(void **state)
{
	auto_text struct text text = TEXT_INIT;

	(void)state;
	assert_string_equal(text_string(&text), "");
	text_puts(&text, "");
	assert_string_equal(text_string(&text), "");
	for (int i = 0; i < 10000; i++)
		text_printf(&text, "%d,", i % 10);
	assert_int_equal(text.length, 20000);
	assert_false(text.failed);
	assert_int_equal(strlen(text_string(&text)), 20000);
	assert_memory_equal(text.data + 19998, "9,", 3);
	text_append(&text, "a\0b", 3);
	assert_int_equal(text.length, 20003);
}

static void json(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "", "\"\"" },
		{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "\n\t\r\x01\x7f", "\"\\n\\t\\u000d\\u0001\\u007f\"" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7\"" },
		{ "a\xff\x62", "\"a\xef\xbf\xbd\x62\"" },
		{ "\xc3", "\"\xef\xbf\xbd\"" },			  /* cut short */
		{ "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },	  /* overlong */
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* surrogate */
		{ "\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* beyond U+10FFFF */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_text struct text text = TEXT_INIT;

		text_json(&text, rows[i].in);
		assert_string_equal(text_string(&text), rows[i].out);
	}
}

static void unsigned_numbers(void **state)
{
	static const struct {
		const char *in;
		uint64_t min, max;
		int r;
		uint64_t value;
	} rows[] = {
		{ "0", 0, UINT64_MAX, 0, 0 },
		{ "18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX },
		{ "18446744073709551616", 0, UINT64_MAX, -ERANGE, 0 },
		{ "99999999999999999999999999", 0, UINT64_MAX, -ERANGE, 0 },
		{ "007", 0, 7, 0, 7 },
		{ "8", 0, 7, -ERANGE, 0 },
		{ "2", 3, 7, -ERANGE, 0 },
		{ "3", 3, 7, 0, 3 },
		{ "", 0, 7, -EINVAL, 0 },
		{ " 1", 0, 7, -EINVAL, 0 },
		{ "1 ", 0, 7, -EINVAL, 0 },
		{ "1\n", 0, 7, -EINVAL, 0 },
		{ "+1", 0, 7, -EINVAL, 0 },
		{ "-1", 0, UINT64_MAX, -EINVAL, 0 },
		{ "-0", 0, UINT64_MAX, -EINVAL, 0 },
		{ "0x1", 0, 7, -EINVAL, 0 },
		{ "1e3", 0, 7000, -EINVAL, 0 },
		{ "1.0", 0, 7, -EINVAL, 0 },
		{ "99999999999999999999x", 0, 7, -EINVAL, 0 },
		{ "\xd9\xa1", 0, 7, -EINVAL, 0 }, /* a digit, but not ours */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value = 77;
		int r = text_to_u64(rows[i].in, rows[i].min, rows[i].max, &value);

		if (r != rows[i].r || value != (r ? 77 : rows[i].value))
			fail_msg("'%s': %d, %llu", rows[i].in, r, (unsigned long long)value);
	}
}

static void signed_numbers(void **state)
{
	static const struct {
		const char *in;
		int64_t min, max;
		int r;
		int64_t value;
	} rows[] = {
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN },
		{ "-9223372036854775809", INT64_MIN, INT64_MAX, -ERANGE, 0 },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX },
		{ "9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE, 0 },
		{ "-1000", -1000, 1000, 0, -1000 },
		{ "-1001", -1000, 1000, -ERANGE, 0 },
		{ "-0", -1, 1, 0, 0 },
		{ "-", -1, 1, -EINVAL, 0 },
		{ "--1", -1, 1, -EINVAL, 0 },
		{ "-+1", -1, 1, -EINVAL, 0 },
		{ "+1", -1, 1, -EINVAL, 0 },
		{ "", -1, 1, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t value = 77;
		int r = text_to_i64(rows[i].in, rows[i].min, rows[i].max, &value);

		if (r != rows[i].r || value != (r ? 77 : rows[i].value))
			fail_msg("'%s': %d, %lld", rows[i].in, r, (long long)value);
	}
}

static void bits(void **state)
{
	static const struct {
		const char *in;
		int r;
		uint64_t low, high;
	} rows[] = {
		{ "", 0, 0, 0 },	     { "0", 0, 1, 0 },		  { "0-3,7", 0, 0x8f, 0 },
		{ "63-64", 0, 1ull << 63, 1 }, { "99", 0, 0, 1ull << 35 }, { "3,1-2,1", 0, 0xe, 0 },
		{ "100", -ERANGE, 0, 0 },    { "5-100", -ERANGE, 0, 0 },  { "99999999999999999999", -ERANGE, 0, 0 },
		{ "3-1", -EINVAL, 0, 0 },    { ",1", -EINVAL, 0, 0 },	  { "1,", -EINVAL, 0, 0 },
		{ "1,,2", -EINVAL, 0, 0 },   { "1-", -EINVAL, 0, 0 },	  { "-1", -EINVAL, 0, 0 },
		{ "1 2", -EINVAL, 0, 0 },    { "a", -EINVAL, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t set[2] = { ~0ull, ~0ull };
		int r = text_to_bits(rows[i].in, set, 100);

		if (r != rows[i].r || (r == 0 && (set[0] != rows[i].low || set[1] != rows[i].high)))
			fail_msg("'%s': %d, %llx %llx", rows[i].in, r, (unsigned long long)set[0],
				 (unsigned long long)set[1]);
	}
}

static void prefixes(void **state)
{
	static const struct word table[] = { { "a", 1 }, { "ab", 2 }, { "b", 1 } };

	(void)state;
	assert_true(text_goes_up(".."));
	assert_true(text_goes_up("/../a"));
	assert_true(text_goes_up("/a/b/.."));
	assert_false(text_goes_up(""));
	assert_false(text_goes_up("/a/..b/c../.../d.."));
	assert_true(text_starts("abc", "ab"));
	assert_true(text_starts("abc", ""));
	assert_false(text_starts("ab", "abc"));
	assert_int_equal(word_find(table, 3, "ab")->value, 2);
	assert_null(word_find(table, 3, "A"));
	assert_null(word_find(table, 3, "abc"));
	assert_string_equal(word_of(table, 3, 1)->name, "a");
	assert_null(word_of(table, 3, 9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth),	  cmocka_unit_test(json), cmocka_unit_test(unsigned_numbers),
		cmocka_unit_test(signed_numbers), cmocka_unit_test(bits), cmocka_unit_test(prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
