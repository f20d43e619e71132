// SPDX-License-Identifier: LGPL-2.1-or-later
/* variant.c - trees of D-Bus values, and GVariant text to such a tree.
 *
 * The type of an array is that of its first item, unless "@as" or the like says it before. */
#include "cgroup/variant.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"

#define DEPTH_MAX 16

/* ---- trees ---- */

struct variant *variant_new(const char *type)
{
	struct variant *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->type = strdup(type);
	if (v->type)
		return v;
	free(v);
	return NULL;
}

void variant_free(struct variant *v)
{
	while (v) {
		struct variant *next = v->next;

		variant_free(v->first);
		free(v->type);
		free(v->text);
		free(v);
		v = next;
	}
}

struct variant *variant_adopt(struct variant *parent, struct variant *item)
{
	if (!parent || !item) {
		variant_free(item);
		return NULL;
	}
	if (parent->last)
		parent->last->next = item;
	else
		parent->first = item;
	parent->last = item;
	return item;
}

struct variant *variant_add(struct variant *parent, const char *type)
{
	return parent ? variant_adopt(parent, variant_new(type)) : NULL;
}

struct variant *variant_add_number(struct variant *parent, const char *type, uint64_t number)
{
	struct variant *v = variant_add(parent, type);

	if (v)
		v->number = number;
	return v;
}

struct variant *variant_add_text(struct variant *parent, const char *type, const char *text)
{
	struct variant *v = variant_new(type);

	if (v)
		v->text = strdup(text);
	if (v && !v->text) {
		variant_free(v);
		v = NULL;
	}
	return v ? variant_adopt(parent, v) : NULL;
}

/* ---- the reader ---- */

struct reader {
	const char *start, *at;
	int depth;
	int error;
};

static struct variant *stop(struct reader *r, int error, struct variant *v)
{
	if (!r->error)
		r->error = error;
	variant_free(v);
	return NULL;
}

static void skip_blanks(struct reader *r)
{
	r->at += strspn(r->at, " \t\n\r");
}

static bool take(struct reader *r, char c)
{
	skip_blanks(r);
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

/* Types and their range; names as the text has them. */
static const struct number_type {
	const char *name;
	char type;
	bool is_signed;
	uint64_t max; /* greatest positive one */
} number_types[] = {
	{ "boolean", 'b', false, 1 },
	{ "byte", 'y', false, UINT8_MAX },
	{ "int16", 'n', true, INT16_MAX },
	{ "uint16", 'q', false, UINT16_MAX },
	{ "int32", 'i', true, INT32_MAX },
	{ "uint32", 'u', false, UINT32_MAX },
	{ "int64", 'x', true, INT64_MAX },
	{ "uint64", 't', false, UINT64_MAX },
	{ "double", 'd', true, 0 },
	{ "string", 's', false, 0 },
};
#define NUMBER_TYPES (sizeof(number_types) / sizeof(number_types[0]))

static const struct number_type *type_of(char letter)
{
	for (size_t i = 0; i < NUMBER_TYPES; i++)
		if (number_types[i].type == letter)
			return &number_types[i];
	return NULL;
}

/* Length of the complete type that text begins with; 0 if it is none that we know. */
static size_t type_length(const char *text, int depth)
{
	size_t n, all = 1;

	if (depth > DEPTH_MAX)
		return 0;
	if (type_of(*text) || *text == 'v')
		return *text ? 1 : 0;
	if (*text == 'a') {
		n = type_length(text + 1, depth + 1);
		return n ? n + 1 : 0;
	}
	if (*text != '(')
		return 0;
	while (text[all] != ')') {
		n = type_length(text + all, depth + 1);
		if (!n)
			return 0;
		all += n;
	}
	return all > 1 ? all + 1 : 0;
}

static struct variant *read_value(struct reader *r, const char *expected);

static struct variant *read_number(struct reader *r, const char *expected)
{
	size_t length = strspn(r->at, "+-.0123456789abcdefABCDEFxX");
	const struct number_type *type;
	const char *digits = r->at;
	bool negative = *digits == '-', hex;
	char *end, letter, name[2] = "";
	unsigned long long number;
	struct variant *v;

	digits += *digits == '-' || *digits == '+';
	hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	if (expected && !expected[1])
		letter = *expected;
	else
		letter = !hex && memchr(r->at, '.', length) ? 'd' : 'i';
	type = type_of(letter);
	if (!type || (expected && expected[1]) || strchr("bs", letter) || !isdigit((unsigned char)*digits))
		return stop(r, -EINVAL, NULL);
	name[0] = letter;
	v = variant_new(name);
	if (!v)
		return stop(r, -ENOMEM, NULL);
	if (letter == 'd') {
		v->real = strtod(r->at, &end);
		r->at = end;
		return v;
	}
	errno = 0;
	number = strtoull(digits, &end, hex ? 16 : 10);
	if (isalnum((unsigned char)*end) || *end == '.' || *end == '_')
		return stop(r, -EINVAL, v);
	if (errno == ERANGE || (negative && !type->is_signed && number) ||
	    number > type->max + (unsigned)(negative && type->is_signed))
		return stop(r, -ERANGE, v);
	v->number = negative ? -number : number;
	r->at = end;
	return v;
}

/* One escape behind a backslash; only those that texts of units can need. */
static int unescape(char c)
{
	static const char from[] = "ntr\\'\"ab", to[] = "\n\t\r\\'\"\a\b";
	const char *found = c ? strchr(from, c) : NULL;

	return found ? to[found - from] : -1;
}

static struct variant *read_text(struct reader *r, const char *expected)
{
	const char *type = expected ? expected : "s";
	char quote = *r->at++, *to;
	struct variant *v;

	if (strcmp(type, "s") != 0)
		return stop(r, -EINVAL, NULL);
	v = variant_new(type);
	if (v)
		v->text = malloc(strlen(r->at) + 1);
	if (!v || !v->text)
		return stop(r, -ENOMEM, v);
	for (to = v->text; *r->at && *r->at != quote; r->at++) {
		int c = (unsigned char)*r->at;

		if (c == '\\')
			c = unescape(*++r->at);
		if (c < 0)
			return stop(r, -EINVAL, v);
		*to++ = (char)c;
	}
	*to = '\0';
	if (*r->at != quote)
		return stop(r, -EINVAL, v);
	for (const char *at = v->text; *at; at += text_utf8(at)) /* a message with other bytes would be refused */
		if (!text_utf8(at))
			return stop(r, -EINVAL, v);
	r->at++;
	return v;
}

static struct variant *read_array(struct reader *r, const char *expected)
{
	struct variant *v, *item;
	char *type;

	r->at++;
	if (expected && *expected != 'a')
		return stop(r, -EINVAL, NULL);
	v = variant_new(expected ? expected : "a");
	if (!v)
		return stop(r, -ENOMEM, NULL);
	while (!take(r, ']')) {
		if (v->first && !take(r, ','))
			return stop(r, -EINVAL, v);
		item = read_value(r, v->type[1] ? v->type + 1 : NULL);
		if (!item)
			return stop(r, -EINVAL, v);
		if (!v->type[1]) {
			type = malloc(strlen(item->type) + 2);
			if (!type) {
				variant_free(item);
				return stop(r, -ENOMEM, v);
			}
			type[0] = 'a';
			strcpy(type + 1, item->type);
			free(v->type);
			v->type = type;
		}
		(void)variant_adopt(v, item);
	}
	return v->type[1] ? v : stop(r, -EINVAL, v); /* [] of what? */
}

static struct variant *read_tuple(struct reader *r, const char *expected)
{
	struct variant *v = variant_new("("), *item;
	auto_text struct text type = TEXT_INIT;
	const char *part = expected ? expected + 1 : NULL;

	r->at++;
	if (!v || (expected && *expected != '('))
		return stop(r, v ? -EINVAL : -ENOMEM, v);
	text_puts(&type, "(");
	while (!take(r, ')')) {
		size_t length = part ? type_length(part, 0) : 0;
		char *one;

		if (v->first && !take(r, ','))
			return stop(r, -EINVAL, v);
		if (v->first && !v->first->next && take(r, ')')) /* ("one",) */
			break;
		if (part && !length)
			return stop(r, -EINVAL, v);
		one = part ? strndup(part, length) : NULL;
		item = part && !one ? stop(r, -ENOMEM, NULL) : read_value(r, one);
		free(one);
		if (!item)
			return stop(r, -EINVAL, v);
		text_puts(&type, item->type);
		(void)variant_adopt(v, item);
		part = part ? part + length : NULL;
	}
	text_puts(&type, ")");
	if (type.failed)
		return stop(r, -ENOMEM, v);
	if (!v->first || (part && *part != ')'))
		return stop(r, -EINVAL, v);
	free(v->type);
	v->type = take_ptr(type.data);
	return v;
}

static struct variant *read_variant(struct reader *r, const char *expected)
{
	struct variant *v = variant_new("v"), *item;

	r->at++;
	if (!v || (expected && *expected != 'v'))
		return stop(r, v ? -EINVAL : -ENOMEM, v);
	item = read_value(r, NULL);
	if (!item)
		return stop(r, -EINVAL, v);
	(void)variant_adopt(v, item);
	return take(r, '>') ? v : stop(r, -EINVAL, v);
}

/* true, false, or a type in front of its value. */
static struct variant *read_word(struct reader *r, const char *expected)
{
	size_t length = strcspn(r->at, " \t\n\r,])>");
	bool truth = length == 4 && memcmp(r->at, "true", 4) == 0;
	struct variant *v;

	if (truth || (length == 5 && memcmp(r->at, "false", 5) == 0)) {
		if (expected && strcmp(expected, "b") != 0)
			return stop(r, -EINVAL, NULL);
		v = variant_new("b");
		if (!v)
			return stop(r, -ENOMEM, NULL);
		v->number = truth;
		r->at += length;
		return v;
	}
	for (size_t i = 0; i < NUMBER_TYPES; i++) {
		const char type[2] = { number_types[i].type, '\0' };

		if (strlen(number_types[i].name) != length || memcmp(r->at, number_types[i].name, length) != 0)
			continue;
		if (expected && strcmp(expected, type) != 0)
			return stop(r, -EINVAL, NULL);
		r->at += length;
		return read_value(r, type);
	}
	return stop(r, -EINVAL, NULL);
}

static struct variant *read_annotated(struct reader *r, const char *expected)
{
	size_t length = type_length(++r->at, 0);
	struct variant *v;
	char *type;

	if (!length || (expected && (strlen(expected) != length || memcmp(expected, r->at, length) != 0)))
		return stop(r, -EINVAL, NULL);
	type = strndup(r->at, length);
	if (!type)
		return stop(r, -ENOMEM, NULL);
	r->at += length;
	v = read_value(r, type);
	free(type);
	return v;
}

static struct variant *read_value(struct reader *r, const char *expected)
{
	struct variant *v;

	if (++r->depth > DEPTH_MAX)
		return stop(r, -EINVAL, NULL);
	skip_blanks(r);
	switch (*r->at) {
	case '@':
		v = read_annotated(r, expected);
		break;
	case '[':
		v = read_array(r, expected);
		break;
	case '(':
		v = read_tuple(r, expected);
		break;
	case '<':
		v = read_variant(r, expected);
		break;
	case '\'':
	case '"':
		v = read_text(r, expected);
		break;
	default:
		v = isalpha((unsigned char)*r->at) ? read_word(r, expected) : read_number(r, expected);
	}
	r->depth--;
	return v;
}

int variant_parse(const char *text, struct variant **ret, size_t *ret_at)
{
	struct reader r = { .start = text, .at = text };
	struct variant *v = read_value(&r, NULL);

	skip_blanks(&r);
	if (v && *r.at)
		v = stop(&r, -EINVAL, v);
	*ret = v;
	*ret_at = (size_t)(r.at - text);
	return r.error;
}
