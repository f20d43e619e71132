// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_base_log.c - what is written where, and that it is one line that the callers can parse. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "unit.h"

static char path[] = "/tmp/test_base_log.XXXXXX";
static char line[8192], shown[8192];

/* Opens the log anew, says something, and fetches what came into the file and to stderr. */
static void hear(struct log_options options, void (*speak)(void))
{
	auto_close int saved = fd_dup(2, 100), file = -1;
	auto_free char *text = NULL, *errors = NULL;
	FILE *stream = tmpfile();
	struct error err;

	assert_int_equal(truncate(path, 0), 0);
	options.destination = options.destination ? options.destination : path;
	assert_int_equal(log_open(&options, &err), 0);
	assert_true(dup2(fileno(stream), 2) == 2);
	speak();
	assert_true(dup2(saved, 2) == 2);
	file = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(file_read(file, sizeof(line) - 1, &text, NULL), 0);
	strcpy(line, text);
	rewind(stream);
	assert_int_equal(file_read(fileno(stream), sizeof(shown) - 1, &errors, NULL), 0);
	strcpy(shown, errors);
	(void)fclose(stream);
}

static void say_error(void)
{
	struct error err;

	(void)fail(&err, -ENOENT, "cannot open \"x\"\n");
	log_error(&err);
}

static void say_lower(void)
{
	log_warning("careful: %s\nx", "w");
	log_debug("detail %d", 1);
}

/* "2026-01-02T03:04:05.678901234Z" at the place of %. */
static void assert_line(const char *text, const char *pattern)
{
	const char *at = strchr(pattern, '%');
	char time[32] = "";
	size_t head = (size_t)(at - pattern);

	if (strncmp(text, pattern, head) != 0)
		fail_msg("%s does not begin as %s", text, pattern);
	strncpy(time, text + head, 30);
	for (const char *t = time, *form = "dddd-dd-ddTdd:dd:dd.dddddddddZ"; *form; t++, form++)
		if (*form == 'd' ? *t < '0' || *t > '9' : *t != *form)
			fail_msg("no time: %s", time);
	assert_string_equal(text + head + 30, at + 1);
}

static void formats(void **state)
{
	struct log_options options = { .command = "create" };

	(void)state;
	hear(options, say_error);
	assert_line(line, "time=\"%\" level=error msg=\"cannot open \\\"x\\\"\\\\n: no such file or directory\"\n");
	assert_string_equal(shown, "hull: create: cannot open \"x\"\\n: no such file or directory\n");
	options.format = LOG_JSON;
	hear(options, say_error);
	assert_line(line, "{\"code\":\"ENOENT\",\"level\":\"error\",\"msg\":\"cannot open \\\"x\\\"\\\\n: no such file or "
			  "directory\",\"time\":\"%\"}\n");
	options.command = NULL;
	hear(options, say_error);
	assert_string_equal(shown, "hull: cannot open \"x\"\\n: no such file or directory\n");
}

static void levels(void **state)
{
	struct log_options options = { .format = LOG_TEXT, .command = "run" };

	(void)state;
	hear(options, say_lower);
	assert_string_equal(line, "");
	assert_string_equal(shown, "");
	assert_false(log_wants_debug());
	options.level = LOG_WARNING;
	hear(options, say_lower);
	assert_line(line, "time=\"%\" level=warning msg=\"careful: w\\\\nx\"\n");
	assert_string_equal(shown, ""); /* no terminal */
	options.level = LOG_ERROR;
	options.debug = true;
	hear(options, say_lower);
	assert_true(log_wants_debug());
	assert_non_null(strstr(line, "level=warning"));
	assert_non_null(strstr(line, "level=debug msg=\"detail 1\""));
	assert_string_equal(shown, ""); /* stderr may be the container's output */
	options.destination = "";
	hear(options, say_lower);
	assert_string_equal(shown, "hull: run: warning: careful: w\\nx\nhull: run: debug: detail 1\n");
	assert_string_equal(line, "");
	/* Its caller parses stderr. */
	options.quiet = true;
	hear(options, say_lower);
	assert_string_equal(shown, "");
}

static void destinations(void **state)
{
	struct log_options options = { .destination = "/nonexistent/dir/log" };
	struct error err;
	struct stat st;
	char named[64];
	mode_t mask = umask(0);

	(void)state;
	assert_int_equal(log_open(&options, &err), -1);
	assert_int_equal(err.code, -ENOENT);
	snprintf(named, sizeof(named), "file:%s", path);
	options.destination = named;
	(void)unlink(path);
	assert_int_equal(log_open(&options, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	say_error();
	say_error();
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 100); /* appended */
	(void)umask(mask);
}

static int set_up(void **state)
{
	(void)state;
	return mkstemp(path) < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(levels),
		cmocka_unit_test(destinations),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
