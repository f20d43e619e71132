// SPDX-License-Identifier: LGPL-2.1-or-later
/* words.c - look-up in tables of words. */
#include "base/words.h"

#include <string.h>

const struct word *word_find(const struct word *table, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

const struct word *word_of(const struct word *table, size_t n, uint64_t value)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].value == value)
			return &table[i];
	return NULL;
}
