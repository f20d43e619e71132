// SPDX-License-Identifier: LGPL-2.1-or-later
/* error.h - the one error value of hull: a code and one complete line of text.
 *
 * Functions of base/ and kernel/ that know no context return -errno and say nothing.
 * Functions whose last parameter is `struct error *err` return 0 (or a descriptor, or a
 * count) on success and -1 on failure, having filled err.  err is never NULL and is never
 * allocated; it crosses the socket between init and the runtime as it is. */
#pragma once

#include <stddef.h>

#define ERROR_TEXT_MAX 1024

/* code < 0: -errno, the text ends in the errno's own words.
 * code > 0: one of enum error_code.  0: no error. */
struct error {
	int code;
	char text[ERROR_TEXT_MAX];
};

/* Stable codes: the words stand in error.c, in JSON logs and in docs/errors.md. */
enum error_code {
	ERR_USAGE = 1,	 /* the command line is wrong */
	ERR_CONFIG,	 /* config.json (or another document given) is invalid */
	ERR_UNSUPPORTED, /* valid, but this hull or this host cannot do it */
	ERR_NOT_FOUND,	 /* no container of that id */
	ERR_EXISTS,	 /* the id is taken */
	ERR_STATE,	 /* the container's status does not allow the command */
	ERR_EXECUTABLE,	 /* args[0] cannot be executed */
	ERR_INIT_DIED,	 /* the init process ended before it was ready */
	ERR_HOOK,	 /* a hook failed */
	ERR_TIMEOUT,	 /* something did not happen within its deadline */
	ERR_HOST,	 /* the host lacks or breaks something hull needs */
	ERR_INTERNAL,	 /* a bug in hull */
	ERR_CODES	 /* number of codes, not a code */
};

struct error_code_row {
	enum error_code code;
	const char *word;    /* stable, lower case, dashes */
	int exit_status;     /* of the command that fails with it */
	const char *meaning; /* one sentence */
	const char *remedy;  /* one sentence: what to do */
};

/* The table of all codes, in order; ERR_CODES - 1 rows. */
extern const struct error_code_row error_code_rows[];

/* Fills err with the formatted text; where code is a negative errno, ": " and its lower-case
 * words follow.  Control characters are escaped (\n, \x1b).  Returns -1. */
int fail(struct error *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts the formatted text and ": " in front of err's text; err must be filled.  Returns -1. */
int within(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The errno's own words, lower case as callers match them ("no such file or directory").
 * number may be positive or negative.  Static storage; unknown numbers give "error N" in a
 * buffer that the next call reuses. */
const char *errno_text(int number);

/* Symbolic name ("ENOENT") or NULL. */
const char *errno_name(int number);

/* The stable word of an error's code: a row's word or the errno's symbolic name. */
const char *error_word(int code);

/* Documented exit status for the code: 1 unless the table says otherwise. */
int error_exit_status(int code);
