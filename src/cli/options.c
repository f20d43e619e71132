// SPDX-License-Identifier: LGPL-2.1-or-later
/* options.c - the one reader of command lines. */
#include "cli/options.h"

#include <stdint.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"

const struct word option_booleans[] = {
	{ "true", 1 }, { "false", 0 }, { "yes", 1 }, { "no", 0 },   { "1", 1 },     { "0", 0 },    { "t", 1 },
	{ "f", 0 },    { "T", 1 },     { "F", 0 },   { "TRUE", 1 }, { "FALSE", 0 }, { "True", 1 }, { "False", 0 },
};
const size_t option_n_booleans = sizeof(option_booleans) / sizeof(option_booleans[0]);

/* The reader's place on the command line. */
struct reader {
	const struct option *table;
	size_t n;
	char **argv;
	size_t argc, next; /* next: the first word that is not read yet */
	char *values;
	struct error *err;
};

bool option_takes_value(const struct option *option)
{
	return option->kind != OPTION_FLAG && option->kind != OPTION_SWITCH;
}

/* By the first `length` bytes of name: the long name, or a single letter. */
static const struct option *find(const struct option *table, size_t n, const char *name, size_t length)
{
	for (size_t i = 0; i < n; i++) {
		const struct option *option = &table[i];

		if (strncmp(option->name, name, length) == 0 && option->name[length] == '\0')
			return option;
		if (length == 1 && option->letters && strchr(option->letters, *name))
			return option;
	}
	return NULL;
}

const struct option *options_find(const struct option *table, size_t n, const char *word)
{
	const char *name = word + strspn(word, "-");

	return *name ? find(table, n, name, strcspn(name, "=")) : NULL;
}

/* "table, json" of a table of words. */
static void join_words(const struct word *words, size_t n, char *buffer, size_t size)
{
	size_t used = 0;

	*buffer = '\0';
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(words[i].name);

		if (used + length + 3 > size)
			return;
		if (i > 0) {
			memcpy(buffer + used, ", ", 2);
			used += 2;
		}
		memcpy(buffer + used, words[i].name, length + 1);
		used += length;
	}
}

static int store_choice(struct reader *in, const struct option *option, const char *value)
{
	const struct word *word = word_find(option->words, option->n_words, value);
	char known[256];
	int number;

	if (!word) {
		join_words(option->words, option->n_words, known, sizeof(known));
		return fail(in->err, ERR_USAGE, "--%s cannot be \"%s\": it is one of %s", option->name, value, known);
	}
	number = (int)word->value;
	memcpy(in->values + option->offset, &number, sizeof(number));
	return 0;
}

static int store_boolean(struct reader *in, const struct option *option, const char *value)
{
	const struct word *word = value ? word_find(option_booleans, option_n_booleans, value) : option_booleans;

	if (!word)
		return fail(in->err, ERR_USAGE, "--%s cannot be \"%s\": it is true or false", option->name, value);
	if (option->kind == OPTION_FLAG) {
		bool on = word->value != 0;

		memcpy(in->values + option->offset, &on, sizeof(on));
	} else {
		int number = (int)option->words[word->value ? 0 : 1].value;

		memcpy(in->values + option->offset, &number, sizeof(number));
	}
	return 0;
}

static int store_number(struct reader *in, const struct option *option, const char *value)
{
	uint64_t number;
	unsigned narrow;

	if (text_to_u64(value, 0, INT32_MAX, &number) < 0)
		return fail(in->err, ERR_USAGE, "--%s cannot be \"%s\": it is a number from 0 to %d", option->name,
			    value, INT32_MAX);
	narrow = (unsigned)number;
	memcpy(in->values + option->offset, &narrow, sizeof(narrow));
	return 0;
}

static int append(struct reader *in, const struct option *option, const char *value)
{
	struct option_list *list = (struct option_list *)(in->values + option->offset);
	const char **items = realloc(list->items, (list->n + 1) * sizeof(*items));

	if (!items)
		return fail(in->err, ERR_HOST, "out of memory");
	list->items = items;
	list->items[list->n++] = value;
	return 0;
}

void option_list_free(struct option_list *list)
{
	free(list->items);
	*list = (struct option_list){ NULL, 0 };
}

void options_free(const struct option *table, size_t n, void *values)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].kind == OPTION_LIST)
			option_list_free((struct option_list *)((char *)values + table[i].offset));
}

/* value is NULL where a flag stands alone. */
static int store(struct reader *in, const struct option *option, const char *value)
{
	switch (option->kind) {
	case OPTION_FLAG:
	case OPTION_SWITCH:
		return store_boolean(in, option, value);
	case OPTION_CHOICE:
		return store_choice(in, option, value);
	case OPTION_STRING:
		memcpy(in->values + option->offset, &value, sizeof(value));
		return 0;
	case OPTION_NUMBER:
		return store_number(in, option, value);
	case OPTION_LIST:
		return append(in, option, value);
	}
	return fail(in->err, ERR_INTERNAL, "--%s has no kind", option->name);
}

/* The value behind an option that has no "=": the next word, whatever it looks like. */
static int store_next(struct reader *in, const struct option *option)
{
	const char *value = in->next < in->argc ? in->argv[in->next] : NULL;

	if (!option_takes_value(option))
		return store(in, option, NULL);
	if (option->flags & OPTION_BARE && (!value || !word_find(option->words, option->n_words, value)))
		return store(in, option, option->words[0].name);
	if (!value)
		return fail(in->err, ERR_USAGE, "flag needs an argument: --%s", option->name);
	in->next++;
	return store(in, option, value);
}

/* Letters joined behind one dash, "-fq", "-bDIR": all are known, or none is used. */
static int read_letters(struct reader *in, const char *word)
{
	for (const char *p = word + 1; *p; p++) {
		const struct option *option = find(in->table, in->n, p, 1);

		if (!option)
			return fail(in->err, ERR_USAGE, "unknown option %s", word);
		if (option_takes_value(option))
			break;
	}
	for (const char *p = word + 1; *p; p++) {
		const struct option *option = find(in->table, in->n, p, 1);

		if (option_takes_value(option))
			return p[1] ? store(in, option, p + 1 + (p[1] == '=')) : store_next(in, option);
		if (store(in, option, NULL) < 0)
			return -1;
	}
	return 0;
}

static bool is_help(const char *name, size_t length)
{
	return (length == 4 && strncmp(name, "help", 4) == 0) || (length == 1 && *name == 'h');
}

/* word starts with a dash and is neither "-" nor "--". */
static int read_option(struct reader *in, const char *word)
{
	bool two_dashes = word[1] == '-';
	const char *name = word + 1 + two_dashes;
	size_t length = strcspn(name, "=");
	const struct option *option = length > 0 ? find(in->table, in->n, name, length) : NULL;

	if (option && name[length] == '=')
		return store(in, option, name + length + 1);
	if (option)
		return store_next(in, option);
	if (is_help(name, length))
		return OPTIONS_HELP;
	if (!two_dashes)
		return read_letters(in, word);
	return fail(in->err, ERR_USAGE, "unknown option %.*s", (int)(name + length - word), word);
}

int options_parse(const struct option *table, size_t n, enum options_mode mode, char **argv, size_t argc, void *values,
		  size_t *n_words, struct error *err)
{
	struct reader in = { table, n, argv, argc, 0, values, err };
	bool ended = false;

	*n_words = 0;
	while (in.next < argc) {
		char *word = argv[in.next++];
		int r;

		if (ended || word[0] != '-' || word[1] == '\0') {
			argv[(*n_words)++] = word;
			ended = ended || mode == OPTIONS_FIRST;
		} else if (strcmp(word, "--") == 0) {
			ended = true;
		} else {
			r = read_option(&in, word);
			if (r != 0)
				return r;
		}
	}
	return 0;
}
