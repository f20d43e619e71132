// SPDX-License-Identifier: LGPL-2.1-or-later
/* words.h - tables of words with numbers: signals, and whatever has no table of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct word {
	const char *name;
	uint64_t value;
};

/* The row of that name (exact) in a table of n rows, or NULL. */
const struct word *word_find(const struct word *table, size_t n, const char *name);
/* The first row with that value, or NULL. */
const struct word *word_of(const struct word *table, size_t n, uint64_t value);
