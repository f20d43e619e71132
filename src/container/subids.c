// SPDX-License-Identifier: LGPL-2.1-or-later
/* subids.c - the lines "NAME-OR-UID:FIRST:SIZE" of /etc/subuid and /etc/subgid. */
#include "container/subids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether the user of that name has the caller's number.  The line of passwd is NAME:PASSWORD:UID:... */
static bool is_own_name(const char *passwd, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = passwd; line && *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *at;

		if (strncmp(line, name, n) != 0 || line[n] != ':')
			continue;
		at = line + n + 1 + strcspn(line + n + 1, ":\n");
		return *at == ':' && (unsigned)atoi(at + 1) == geteuid();
	}
	return false;
}

/* The next line that is the caller's, from *at on, which is moved behind it. */
static bool next_own(const char **at, const char *passwd, uint32_t *ret_first, uint32_t *ret_size)
{
	while (*at && **at) {
		const char *line = *at;
		size_t n = strcspn(line, ":\n");
		char who[64], number[16];
		unsigned first, size;

		*at += strcspn(line, "\n");
		*at += **at == '\n';
		if (line[n] != ':' || n >= sizeof(who) || sscanf(line + n, ":%u:%u", &first, &size) != 2)
			continue;
		snprintf(who, sizeof(who), "%.*s", (int)n, line);
		snprintf(number, sizeof(number), "%u", (unsigned)geteuid());
		if (strcmp(who, number) != 0 && !is_own_name(passwd, who))
			continue;
		*ret_first = first;
		*ret_size = size;
		return true;
	}
	return false;
}

bool subids_grant(const char *ranges, const char *passwd, uint32_t first, uint32_t size)
{
	uint32_t from, count;

	for (const char *at = ranges; next_own(&at, passwd, &from, &count);)
		if (first >= from && first - from < count && size <= count - (first - from))
			return true;
	return false;
}

bool subids_first(const char *ranges, const char *passwd, uint32_t *ret_first, uint32_t *ret_size)
{
	const char *at = ranges;

	return next_own(&at, passwd, ret_first, ret_size);
}
