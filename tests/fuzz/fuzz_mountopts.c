// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_mountopts.c - mount options, one a line: the last word wins, and nothing is both set and cleared. */
#include "kernel/mountopts.h"

#include <linux/mount.h>

#include "fuzz.h"

#define MAX 64

static void check_last(const char *word, const struct mount_options *all)
{
	struct mount_options last;

	MUST(mount_options_read(&word, 1, &last) == 0);
	MUST((last.attr_set & ~all->attr_set) == 0 && (last.attr_clear & ~all->attr_clear) == 0);
	MUST((last.recursive_attr_set & ~all->recursive_attr_set) == 0);
	MUST((last.recursive_attr_clear & ~all->recursive_attr_clear) == 0);
	MUST((last.super_set & ~all->super_set) == 0 && (last.super_clear & ~all->super_clear) == 0);
	MUST(!last.propagation || last.propagation == all->propagation);
	MUST(!last.bind || all->bind);
	mount_options_free(&last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *word;
	const uint64_t atime = MOUNT_ATTR__ATIME;
	const char *words[MAX];
	struct mount_options o;
	size_t n = 0;

	while (n < MAX && (word = strsep(&rest, "\n")))
		words[n++] = word;
	MUST(mount_options_read(words, n, &o) == 0);
	MUST(o.n_data <= n);
	MUST((o.attr_set & o.attr_clear & ~atime) == 0);
	MUST((o.recursive_attr_set & o.recursive_attr_clear & ~atime) == 0);
	MUST((o.super_set & o.super_clear) == 0);
	/* mount_setattr(2) takes a mode of the field only if all of the field is cleared. */
	MUST(!(o.attr_set & atime) || (o.attr_clear & atime) == atime);
	MUST(!(o.recursive_attr_set & atime) || (o.recursive_attr_clear & atime) == atime);
	for (size_t i = 0; i < o.n_data; i++)
		MUST(*o.data[i]);
	if (n > 0)
		check_last(words[n - 1], &o);
	mount_options_free(&o);
	free(text);
	return 0;
}
