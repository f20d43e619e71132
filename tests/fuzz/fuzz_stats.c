// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_stats.c - the files of a cgroup, as events --stats reads them: whatever stands there, what is printed is JSON.
 *
 * The first byte tells v1 from v2; what follows are the contents of files, with a byte 1 between, which are handed out in
 * turn. */
#define hierarchy_file fuzz_hierarchy_file
#define hierarchy_read fuzz_hierarchy_read
#include "../../src/cgroup/stats.c" // NOLINT(bugprone-suspicious-include): its functions are static

#include "json.h"

#define MAX 64

static const char *files[MAX];
static size_t n_files, next_file;

static const char *take_file(void)
{
	return n_files ? files[next_file++ % n_files] : "";
}

int hierarchy_file(const struct cgroup *cgroup, struct hierarchy *h, const char *file, int flags)
{
	const char *text = take_file();

	(void)cgroup, (void)h, (void)file, (void)flags;
	return *text ? fuzz_file(text, strlen(text)) : -ENOENT;
}

/* As the real one: trailing newlines are cut. */
ssize_t hierarchy_read(const struct cgroup *cgroup, struct hierarchy *h, const char *file, char *ret, size_t size)
{
	const char *text = take_file();
	size_t n = strnlen(text, size - 1);

	(void)cgroup, (void)h, (void)file;
	memcpy(ret, text, n);
	while (n > 0 && ret[n - 1] == '\n')
		n--;
	ret[n] = '\0';
	return (ssize_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hierarchy hierarchies[] = { { .name = "", .unified = true },
					   { .name = "cpu,cpuacct,cpuset,memory,pids,hugetlb,blkio,rdma" } };
	char *text = fuzz_text(data, size), *rest = text;
	struct cgroup cgroup = { .hierarchies = hierarchies, .n = size > 0 && *data == '1' ? 2 : 1 };
	struct text json = TEXT_INIT;

	for (n_files = next_file = 0; n_files < MAX && rest;)
		files[n_files++] = strsep(&rest, "\1");
	text_puts(&json, "{");
	stats_put(&cgroup, &json);
	text_puts(&json, "}");
	MUST(!json.failed);
	fuzz_json(json.data, json.length);
	text_free(&json);
	free(text);
	return 0;
}
