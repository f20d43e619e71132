// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_base_error.c - one complete, harmless line, whatever goes in. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

static void words_of_errno(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(fail(&err, -ENOENT, "cannot open %s", "/x"), -1);
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.text, "cannot open /x: no such file or directory");
	assert_int_equal(fail(&err, ERR_CONFIG, "is wrong"), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	assert_string_equal(err.text, "is wrong");

	/* What callers compare byte for byte. */
	assert_string_equal(errno_text(EACCES), "permission denied");
	assert_string_equal(errno_text(-EPERM), "operation not permitted");
	assert_string_equal(errno_text(ESRCH), "no such process");
	assert_string_equal(errno_text(EISDIR), "is a directory");
	assert_string_equal(errno_text(ENOTDIR), "not a directory");
	assert_string_equal(errno_text(ENOEXEC), "exec format error");
	assert_string_equal(errno_text(-4000), "error 4000");
	assert_string_equal(errno_name(-EXDEV), "EXDEV");
	assert_null(errno_name(4000));
}

/* Every number that the C library knows has a row of ours, under the same name. */
static void all_errnos(void **state)
{
	(void)state;
	for (int n = 1; n < 134; n++) {
		const char *name = strerrorname_np(n);

		if (!name)
			continue;
		if (!errno_name(n))
			fail_msg("no row for %s", name);
		/* Two names of one number: ENOTSUP is EOPNOTSUPP. */
		if (strcmp(name, "ENOTSUP") != 0)
			assert_string_equal(errno_name(n), name);
	}
}

static void codes(void **state)
{
	(void)state;
	for (int i = 0; i < ERR_CODES - 1; i++) {
		assert_int_equal(error_code_rows[i].code, i + 1);
		assert_true(error_exit_status(i + 1) > 0);
		assert_string_equal(error_word(i + 1), error_code_rows[i].word);
		for (const char *c = error_code_rows[i].word; *c; c++)
			assert_true((*c >= 'a' && *c <= 'z') || *c == '-');
	}
	assert_string_equal(error_word(-ENOSPC), "ENOSPC");
	assert_string_equal(error_word(0), "unknown");
	assert_string_equal(error_word(ERR_CODES), "unknown");
	assert_int_equal(error_exit_status(-EIO), 1);
}

static void places(void **state)
{
	struct error err;

	(void)state;
	(void)fail(&err, -EBUSY, "cannot attach");
	assert_int_equal(within(&err, "config.json:/mounts/%d", 3), -1);
	assert_string_equal(err.text, "config.json:/mounts/3: cannot attach: device or resource busy");
	assert_int_equal(err.code, -EBUSY);
}

static void escapes(void **state)
{
	struct error err;

	(void)state;
	(void)fail(&err, ERR_CONFIG, "%s", "a\nb\tc\x1b[31m\x7f");
	assert_string_equal(err.text, "a\\nb\\tc\\x1b[31m\\x7f");
	(void)within(&err, "x\ry");
	assert_string_equal(err.text, "x\\x0dy: a\\nb\\tc\\x1b[31m\\x7f");
	/* U+009B starts terminal sequences as ESC [ does; other UTF-8 stays. */
	(void)fail(&err, ERR_CONFIG, "%s", "\xc2\x9b" "31m \xc3\xa4 \xe2\x82\xac");
	assert_string_equal(err.text, "\\x9b31m \xc3\xa4 \xe2\x82\xac");
}

/* The cause is at the end, and it survives; what is cut is cut between characters. */
static void truncation(void **state)
{
	char longest[3000], euros[3001];
	struct error err;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	(void)fail(&err, -ENAMETOOLONG, "cannot open %s", longest);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	assert_non_null(strstr(err.text, "xxx: file name too long"));
	(void)within(&err, "place");
	assert_true(strlen(err.text) < ERROR_TEXT_MAX);
	assert_memory_equal(err.text, "place: cannot open xxx", strlen("place: cannot open xxx"));
	assert_non_null(strstr(err.text, "xxx: file name too long"));
	assert_non_null(strstr(err.text, ": file name too long"));

	(void)fail(&err, -EIO, "short");
	(void)within(&err, "%s", longest);
	assert_int_equal(strlen(err.text), ERROR_TEXT_MAX - 1);
	assert_non_null(strstr(err.text, "xxx: short: input/output error"));

	for (int shift = 0; shift < 3; shift++) {
		size_t length, words = strlen(": input/output error");

		for (size_t i = 0; i < 3000; i += 3)
			memcpy(euros + i, "\xe2\x82\xac", 3);
		euros[3000] = '\0';
		(void)fail(&err, -EIO, "%.*s%s", shift, "ab", euros);
		length = strlen(err.text);
		assert_true(length > words + 900);
		assert_string_equal(err.text + length - words, ": input/output error");
		assert_memory_equal(err.text + length - words - 3, "\xe2\x82\xac", 3);

		(void)fail(&err, ERR_CONFIG, "%.*s%s", shift, "ab", euros);
		length = strlen(err.text);
		assert_memory_equal(err.text + length - 3, "\xe2\x82\xac", 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_errno), cmocka_unit_test(all_errnos), cmocka_unit_test(codes),
		cmocka_unit_test(places),	  cmocka_unit_test(escapes),	cmocka_unit_test(truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
