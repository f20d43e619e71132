// SPDX-License-Identifier: LGPL-2.1-or-later
/* options.h - typed option tables and the one reader of command lines.
 *
 * The syntax is the union of what engines send: --name VALUE, --name=VALUE, -name VALUE, -name=VALUE,
 * -n VALUE, -nVALUE, flags --x, --x=true, --x=false, joined one-letter flags -fq.  A repeated option: the
 * last one wins (lists append).  "--" ends the options.  Nothing is allocated, lists excepted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/words.h"

/* What an option's value is, and the type of the member that it is stored in. */
enum option_kind {
	OPTION_FLAG,   /* bool.  --x or --x=BOOLEAN */
	OPTION_SWITCH, /* int: words[0] for --x and --x=true, words[1] for --x=false */
	OPTION_CHOICE, /* int: the value of one of words */
	OPTION_STRING, /* const char *, into argv */
	OPTION_NUMBER, /* unsigned, 0 to INT32_MAX */
	OPTION_LIST,   /* struct option_list */
};

/* Flags of an option. */
enum {
	OPTION_IGNORED = 1 << 0, /* accepted because callers send it; has no effect */
	OPTION_HIDDEN = 1 << 1,  /* in no document */
	OPTION_BARE = 1 << 2,    /* CHOICE: the value may be missing, and means words[0] */
};

struct option_list {
	const char **items; /* owned (option_list_free); the strings are argv's */
	size_t n;
};

/* A row.  `value` is what documents call the value; DIR and FILE also tell completions what to offer.  It is
 * NULL for flags, switches and choices, which name their words. */
struct option {
	const char *name;    /* without dashes */
	const char *letters; /* its one-letter forms, or NULL */
	enum option_kind kind : 8;
	uint16_t offset; /* of the member in the struct of values */
	const char *value;
	const char *about;        /* sentences for people */
	const struct word *words; /* SWITCH, CHOICE */
	uint8_t n_words, flags;
};

/* The fourth column of a row. */
#define OPTION_AT(type, member) .offset = offsetof(type, member)

/* How a command line is read. */
enum options_mode {
	OPTIONS_ANYWHERE, /* options may follow other words */
	OPTIONS_FIRST,    /* the first other word ends the options */
};

/* Result of options_parse: --help or -h was met; nothing behind it was read. */
#define OPTIONS_HELP 1

/* Reads argv[0 .. argc - 1] by a table of n rows into the struct at values, whose defaults the caller has set.
 * argv is permuted: its first *n_words strings are the words that are not options, in their order.
 * 0, OPTIONS_HELP, or -1 with ERR_USAGE. */
int options_parse(const struct option *table, size_t n, enum options_mode mode, char **argv, size_t argc, void *values,
		  size_t *n_words, struct error *err);

/* The row that a word such as "--root=x" or "-b" names, or NULL; used for hints only. */
const struct option *options_find(const struct option *table, size_t n, const char *word);

/* Whether the option is written with a value (--name VALUE). */
bool option_takes_value(const struct option *option);

void option_list_free(struct option_list *list);
/* The lists among the values, as options_parse has filled them, also where it failed. */
void options_free(const struct option *table, size_t n, void *values);

/* The words for booleans: true, false, yes, no, ...; word_find's table. */
extern const struct word option_booleans[];
extern const size_t option_n_booleans;
