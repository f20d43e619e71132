// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_base_clock.c - dates, beside what the C library makes of them. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static void dates(void **state)
{
	(void)state;
	/* A step that is no whole number of days meets every day of the year, leap years and century years. */
	for (int64_t seconds = 0; seconds < 253402300800; seconds += 86400 * 13 + 4567) {
		struct timespec time = { .tv_sec = seconds, .tv_nsec = seconds % 1000000000 };
		char text[CLOCK_TEXT_MAX], expected[64];
		struct tm tm;
		size_t n;

		gmtime_r(&time.tv_sec, &tm);
		n = strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(expected + n, sizeof(expected) - n, ".%09ldZ", time.tv_nsec);
		clock_format(&time, text);
		assert_string_equal(text, expected);
	}
}

static void edges(void **state)
{
	static const struct {
		time_t seconds;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000000001Z" },          { 951782399, "2000-02-28T23:59:59.000000001Z" },
		{ 951782400, "2000-02-29T00:00:00.000000001Z" },  { 4107542399, "2100-02-28T23:59:59.000000001Z" },
		{ 4107542400, "2100-03-01T00:00:00.000000001Z" }, { 253402300799, "9999-12-31T23:59:59.000000001Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct timespec time = { .tv_sec = rows[i].seconds, .tv_nsec = 1 };
		char text[CLOCK_TEXT_MAX];

		clock_format(&time, text);
		assert_string_equal(text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(dates), cmocka_unit_test(edges) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
