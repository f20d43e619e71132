// SPDX-License-Identifier: LGPL-2.1-or-later
/* mountinfo.c - reads /proc/PID/mountinfo line by line.  Blanks, tabs, newlines and backslashes stand there as \ooo. */
#include "container/mountinfo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool is_octal(const char *p)
{
	return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' && p[2] >= '0' && p[2] <= '7';
}

static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from;) {
		if (from[0] == '\\' && is_octal(from + 1)) {
			*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* The next word of the line, cut off where it would not fit. */
static const char *word(const char *at, char *ret, size_t size)
{
	size_t n = strcspn(at, " \n");

	snprintf(ret, size, "%.*s", (int)n, at);
	return at + n + (at[n] == ' ');
}

int mountinfo_next(const char **text, struct mount_line *ret)
{
	const char *at = *text, *end = strchr(at, '\n');
	char number[24], other[64];

	if (!*at)
		return 0;
	*text = end ? end + 1 : at + strlen(at);
	at = word(at, number, sizeof(number));
	at = word(at, other, sizeof(other)); /* parent */
	at = word(at, ret->device, sizeof(ret->device));
	at = word(at, ret->root, sizeof(ret->root));
	at = word(at, ret->target, sizeof(ret->target));
	at = word(at, ret->options, sizeof(ret->options));
	do /* optional fields */
		at = word(at, other, sizeof(other));
	while (*other && strcmp(other, "-") != 0);
	at = word(at, ret->type, sizeof(ret->type));
	ret->super = at + strcspn(at, " \n"); /* behind the source */
	ret->super += *ret->super == ' ';
	unescape(ret->root);
	unescape(ret->target);
	return text_to_u64(number, 0, UINT64_MAX, &ret->id) < 0 || *ret->target != '/' ? -EINVAL : 1;
}

bool mountinfo_next_label(const char **options, struct mountinfo_label *ret)
{
	static const char *const words[MOUNTINFO_LABELS] = { "context", "fscontext", "defcontext", "rootcontext" };
	const char *at = *options;

	while (*at && *at != '\n') {
		size_t name = strcspn(at, "=,\n"), i = 0;
		const char *text = at + name + (at[name] == '=');
		bool quoted = at[name] == '=' && *text == '"';
		size_t length = strcspn(text += quoted, quoted ? "\"\n" : ",\n");
		const char *found = at;

		at = text + length;
		at += strcspn(at, ",\n");
		at += *at == ',';
		*options = at;
		while (i < MOUNTINFO_LABELS && (strlen(words[i]) != name || strncmp(found, words[i], name) != 0))
			i++;
		if (i < MOUNTINFO_LABELS && found[name] == '=') {
			*ret = (struct mountinfo_label){ words[i], text, length };
			return true;
		}
	}
	return false;
}

int mountinfo_find(const char *text, uint64_t id, struct mount_line *ret)
{
	while (mountinfo_next(&text, ret) > 0)
		if (ret->id == id)
			return 0;
	return -ENOENT;
}
