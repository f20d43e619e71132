// SPDX-License-Identifier: LGPL-2.1-or-later
/* log.c - one line for each thing said, whole, in the format that the caller's reader parses.
 *
 * containerd reads {"level","msg","time"} objects and drops those whose time is not RFC 3339;
 * Podman wants a single object in the file, so nothing but errors is written by default. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/text.h"

enum sink { SINK_NONE, SINK_FILE, SINK_JOURNALD, SINK_SYSLOG };

static struct {
	struct log_options options;
	enum sink sink;
	int fd;
	const char *identifier;
} the_log = { .fd = -1 };

static const struct {
	const char *prefix;
	enum sink sink;
	const char *socket;
} sinks[] = {
	{ "journald:", SINK_JOURNALD, "/run/systemd/journal/socket" },
	{ "syslog:", SINK_SYSLOG, "/dev/log" },
};

static const char *const level_words[] = { "error", "warning", "info", "debug" };
static const int syslog_priorities[] = { 3, 4, 6, 7 };

static int connect_datagram(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_close int fd = -1;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return take_fd(&fd);
}

/* The descriptor stays out of the range that the container may inherit. */
static int keep_high(int fd)
{
	int high = fd_dup(fd, 100);

	if (high < 0)
		return fd;
	(void)fd_close(fd);
	return high;
}

static int open_destination(const char *destination, struct error *err)
{
	int fd;

	for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++) {
		if (!text_starts(destination, sinks[i].prefix))
			continue;
		fd = connect_datagram(sinks[i].socket);
		if (fd < 0)
			return 0; /* no daemon listens, as in syslog(3): stderr has the words all the same */
		the_log.fd = keep_high(fd);
		the_log.sink = sinks[i].sink;
		the_log.identifier = destination + strlen(sinks[i].prefix);
		return 0;
	}
	if (text_starts(destination, "file:"))
		destination += strlen("file:");
	/* A FIFO without a reader is an error, not a wait without end. */
	fd = open(destination, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
	if (fd < 0)
		return fail(err, -errno, "cannot open the log file %s", destination);
	the_log.fd = keep_high(fd);
	the_log.sink = SINK_FILE;
	return 0;
}

int log_open(const struct log_options *options, struct error *err)
{
	the_log.fd = fd_close(the_log.fd);
	the_log.sink = SINK_NONE;
	the_log.options = *options;
	if (options->debug)
		the_log.options.level = LOG_DEBUG_LEVEL;
	if (!options->destination || !*options->destination)
		return 0;
	return open_destination(options->destination, err);
}

static void format_file_line(struct text *line, enum log_level level, const char *code, const char *message)
{
	char now[CLOCK_TEXT_MAX];

	clock_now(now);
	if (the_log.options.format == LOG_TEXT) {
		text_printf(line, "time=\"%s\" level=%s msg=", now, level_words[level]);
		text_json(line, message);
	} else {
		text_puts(line, "{");
		if (code) {
			text_puts(line, "\"code\":");
			text_json(line, code);
			text_puts(line, ",");
		}
		text_printf(line, "\"level\":\"%s\",\"msg\":", level_words[level]);
		text_json(line, message);
		text_printf(line, ",\"time\":\"%s\"}", now);
	}
	text_puts(line, "\n");
}

static void write_sink(enum log_level level, const char *code, const char *message)
{
	auto_text struct text line = TEXT_INIT;

	switch (the_log.sink) {
	case SINK_NONE:
		return;
	case SINK_FILE:
		format_file_line(&line, level, code, message);
		break;
	case SINK_JOURNALD:
		text_printf(&line, "SYSLOG_IDENTIFIER=%s\nPRIORITY=%d\nMESSAGE=%s\n", the_log.identifier,
			    syslog_priorities[level], message);
		if (code)
			text_printf(&line, "HULL_CODE=%s\n", code);
		break;
	case SINK_SYSLOG:
		text_printf(&line, "<%d>%s: %s", (3 << 3) | syslog_priorities[level], the_log.identifier, message);
		break;
	}
	if (line.length > 0)
		(void)!write(the_log.fd, line.data, line.length); /* nowhere left to complain */
}

static void write_stderr(const char *level, const char *message)
{
	auto_text struct text line = TEXT_INIT;

	text_printf(&line, "hull: %s%s%s%s%s\n", the_log.options.command ? the_log.options.command : "",
		    the_log.options.command ? ": " : "", level, *level ? ": " : "", message);
	if (line.length > 0)
		(void)!write(STDERR_FILENO, line.data, line.length); /* Podman closes stderr early: ignored */
}

void log_error(const struct error *err)
{
	write_sink(LOG_ERROR, error_word(err->code), err->text);
	write_stderr("", err->text);
}

__attribute__((format(printf, 2, 0))) static void say(enum log_level level, const char *fmt, va_list args)
{
	struct error line; /* borrowed for its escaping and its bound */
	char message[ERROR_TEXT_MAX];
	bool to_stderr;

	if (vsnprintf(message, sizeof(message), fmt, args) < 0)
		return;
	(void)fail(&line, ERR_INTERNAL, "%s", message);
	if (level <= the_log.options.level)
		write_sink(level, NULL, line.text);
	to_stderr =
		(the_log.options.debug && the_log.sink == SINK_NONE) || (level == LOG_WARNING && isatty(STDERR_FILENO));
	if (to_stderr && !the_log.options.quiet)
		write_stderr(level_words[level], line.text);
}

void log_warning(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(LOG_WARNING, fmt, args);
	va_end(args);
}

bool log_wants_debug(void)
{
	return the_log.options.level >= LOG_DEBUG_LEVEL;
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	if (!log_wants_debug())
		return;
	va_start(args, fmt);
	say(LOG_DEBUG_LEVEL, fmt, args);
	va_end(args);
}
