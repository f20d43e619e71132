// SPDX-License-Identifier: LGPL-2.1-or-later
/* similar.c - whether a word that nobody knows is most likely a known one, misspelt. */

#include "ocispec.h"

#include <string.h>

/* Longer words are never similar. */
#define MAX_LENGTH 40

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, replacements and exchanges of neighbours (optimal string alignment). */
static unsigned distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned rows[3][MAX_LENGTH + 1];

	for (size_t k = 0; k <= m; k++)
		rows[0][k] = (unsigned)k;
	for (size_t i = 1; i <= n; i++) {
		unsigned *row = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t k = 1; k <= m; k++) {
			char x = lower(a[i - 1]), y = lower(b[k - 1]);

			row[k] = least(least(last[k], row[k - 1]) + 1, last[k - 1] + (x != y));
			if (i > 1 && k > 1 && x == lower(b[k - 2]) && lower(a[i - 2]) == y)
				row[k] = least(row[k], before[k - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

/* "NOFILE" for "RLIMIT_NOFILE". */
static bool lacks_prefix(const char *word, size_t n, const char *whole, size_t m)
{
	if (n < 3 || m < n + 2 || whole[m - n - 1] != '_')
		return false;
	for (size_t i = 0; i < n; i++)
		if (lower(word[i]) != lower(whole[m - n + i]))
			return false;
	return true;
}

bool oci_is_similar(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), shorter = n < m ? n : m;

	if (shorter < 2 || n > MAX_LENGTH || m > MAX_LENGTH || strcmp(a, b) == 0)
		return false;
	if (lacks_prefix(a, n, b, m))
		return true;
	return distance(a, n, b, m) <= (shorter < 4 ? 0u : shorter < 7 ? 1u : 2u);
}
