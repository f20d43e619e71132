// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_log.c - a hostile name in an error: it stays one line, JSON stays JSON, and no field is added to the journal. */
#include "../../src/base/log.c" // NOLINT(bugprone-suspicious-include): its state is static

#include "json.h"

static void check_file(enum log_format format, const struct error *err)
{
	struct text line = TEXT_INIT;

	the_log.options.format = format;
	format_file_line(&line, LOG_ERROR, error_word(err->code), err->text);
	MUST(line.length > 0 && strchr(line.data, '\n') == line.data + line.length - 1);
	if (format == LOG_JSON)
		fuzz_json(line.data, line.length);
	text_free(&line);
}

static void check_journal(const struct error *err)
{
	static const char *const fields[] = { "SYSLOG_IDENTIFIER=hull", "PRIORITY=", "MESSAGE=", "HULL_CODE=" };
	char said[8192], *rest = said, *line;
	static int pair[2];
	ssize_t n;

	if (!pair[1])
		MUST(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0);
	the_log.sink = SINK_JOURNALD;
	the_log.identifier = "hull";
	the_log.fd = pair[0];
	write_sink(LOG_ERROR, error_word(err->code), err->text);
	n = recv(pair[1], said, sizeof(said) - 1, MSG_DONTWAIT);
	MUST(n > 0 && said[n - 1] == '\n');
	said[n - 1] = '\0';
	for (size_t i = 0; i < 4; i++) {
		line = strsep(&rest, "\n");
		MUST(line && text_starts(line, fields[i]));
	}
	MUST(!rest);
	the_log.sink = SINK_NONE;
	the_log.fd = -1;
}

static void check_texts(const char *text)
{
	struct text json = TEXT_INIT, escaped = TEXT_INIT;

	text_puts(&json, "{\"a\":");
	text_json(&json, text);
	text_puts(&json, "}");
	fuzz_json(json.data, json.length);
	text_escaped(&escaped, text);
	fuzz_one_line(text_string(&escaped));
	text_free(&json);
	text_free(&escaped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct error err = { 0 };

	(void)fail(&err, size % 2 ? -ENOENT : ERR_CONFIG, "cannot open %s", text);
	fuzz_one_line(err.text);
	(void)within(&err, "config.json:/mounts/%s", text);
	fuzz_one_line(err.text);
	for (const char *at = err.text; *at; at += text_utf8(at))
		MUST(text_utf8(at));
	check_file(LOG_TEXT, &err);
	check_file(LOG_JSON, &err);
	check_journal(&err);
	check_texts(text);
	free(text);
	return 0;
}
