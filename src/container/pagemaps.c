// SPDX-License-Identifier: LGPL-2.1-or-later
/* pagemaps.c - the lists of pages beside pages-N.img, as far as the length of that file follows from them.
 *
 * An image is two marks, then messages (protobuf) with their length before them: in a list of pages first the head, then
 * an entry for each range.  All of it may come from an enemy; what is not understood is left to criu. */
#include "container/pagemaps.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/criu_messages.h"
#include "kernel/sys.h"

#define MARK_COMMON  0x54564319
#define MARK_PAGEMAP 0x56084025
#define MARK_PSTREE  0x50273030
#define PSTREE_NAME  "pstree.img"
/* Of some million ranges. */
#define PAGEMAP_MAX  (64 << 20)
/* More than a process or a file of pages has. */
#define NUMBER_LIMIT (4 << 20)
/* Of some hundred thousand threads. */
#define ENTRY_MAX    (1 << 20)

struct reader {
	const uint8_t *at, *end;
};

static int take_word(struct reader *r, uint32_t *ret)
{
	if (r->end - r->at < 4)
		return -EINVAL;
	memcpy(ret, r->at, 4); /* criu writes in its host's order, which is the one that can restore it */
	r->at += 4;
	return 0;
}

/* The next entry's number, as criu_unpack_entry has it.  1, 0: the end, -EINVAL */
static int take_entry(struct reader *r, enum criu_entry kind, uint64_t *ret)
{
	const uint8_t *at;
	uint32_t size;

	if (r->at == r->end)
		return 0;
	if (take_word(r, &size) < 0 || size > ENTRY_MAX || size > (size_t)(r->end - r->at))
		return -EINVAL;
	at = r->at;
	r->at += size;
	return criu_unpack_entry(kind, at, size, ret) < 0 ? -EINVAL : 1;
}

static int take_marks(struct reader *r, uint32_t wanted)
{
	uint32_t common, mark;

	if (take_word(r, &common) < 0 || take_word(r, &mark) < 0 || common != MARK_COMMON || mark != wanted)
		return -EINVAL;
	return 0;
}

int pagemap_parse(const void *data, size_t size, uint64_t *ret_id, uint64_t *ret_pages)
{
	struct reader r = { data, (const uint8_t *)data + size };
	uint64_t n;
	int more;

	*ret_pages = 0;
	if (take_marks(&r, MARK_PAGEMAP) < 0 || take_entry(&r, CRIU_PAGEMAP_HEAD, ret_id) != 1)
		return -EINVAL;
	while ((more = take_entry(&r, CRIU_PAGEMAP, &n)) > 0)
		if (__builtin_add_overflow(*ret_pages, n, ret_pages))
			return -EINVAL;
	return more;
}

/* Numbers that are known, of processes or of pages-N.img. */
struct numbers {
	uint8_t bits[NUMBER_LIMIT / 8];
};

static bool has(const struct numbers *set, uint64_t number)
{
	return set->bits[number / 8] & 1 << number % 8;
}

static void add(struct numbers *set, uint64_t number)
{
	set->bits[number / 8] |= (uint8_t)(1 << number % 8);
}

/* 1: the pages that a list names are there, 0: it is not understood, or they come from elsewhere, -1 with err.  *ret_id: the number N
 * of their file, but with 0. */
static int check_one(int dir, const char *name, uint64_t *ret_id, struct error *err)
{
	uint64_t pages, page = (uint64_t)sysconf(_SC_PAGESIZE), there;
	auto_free char *data = NULL;
	auto_close int fd = -1;
	char file[48];
	struct stat st;
	size_t size;

	if (file_read_at(dir, name, PAGEMAP_MAX, &data, &size) < 0 || pagemap_parse(data, size, ret_id, &pages) < 0 ||
	    *ret_id >= NUMBER_LIMIT)
		return 0; /* criu says what is wrong with it */
	snprintf(file, sizeof(file), "pages-%" PRIu64 ".img", *ret_id);
	fd = file_open_at(dir, file, O_PATH | O_NOFOLLOW, 0);
	if (fd < 0 || sys_fstat(fd, &st) < 0)
		return 0;
	there = (uint64_t)st.st_size / page;
	if (there < pages)
		return fail(err, ERR_USAGE, "%s is cut short: it has %" PRIu64 " of the %" PRIu64 " pages that %s names", file,
			    there, pages, name);
	return 1;
}

/* Lists of the processes. */
static int check_processes(int images, int dir, struct numbers *seen, struct numbers *files, struct error *err)
{
	auto_free char *data = NULL;
	struct reader r;
	uint64_t pid, id;
	size_t size;

	if (file_read_at(images, PSTREE_NAME, PAGEMAP_MAX, &data, &size) < 0)
		return 0;
	r = (struct reader){ (const uint8_t *)data, (const uint8_t *)data + size };
	if (take_marks(&r, MARK_PSTREE) < 0)
		return 0;
	while (take_entry(&r, CRIU_PSTREE, &pid) > 0) {
		char name[48];
		int there;

		/* Named a million times, a long list would be read as often. */
		if (pid >= NUMBER_LIMIT || has(seen, pid))
			continue;
		add(seen, pid);
		(void)snprintf(name, sizeof(name), "pagemap-%" PRIu64 ".img", pid);
		there = check_one(dir, name, &id, err);
		if (there < 0)
			return -1;
		if (there)
			add(files, id);
	}
	return 0;
}

/* Lists of shared memory: one from an earlier dump may name a file that is another's by now, which that one's list knows.  must:
 * what no list has found whole is cut short. */
static int check_shared(int dir, struct numbers *files, bool must, struct error *err)
{
	const struct dirent *entry;
	DIR *stream;
	int r = file_stream(file_reopen_dir(dir), &stream);

	if (r < 0)
		return fail(err, r, "cannot list it");
	while (r >= 0 && (entry = readdir(stream))) {
		uint64_t id;

		if (!text_starts(entry->d_name, "pagemap-shmem-"))
			continue;
		r = check_one(dir, entry->d_name, &id, err);
		if (r > 0)
			add(files, id);
		else if (r < 0 && (!must || has(files, id)))
			r = 0;
	}
	(void)closedir(stream);
	return r < 0 ? -1 : 0;
}

int pagemaps_check(int images, int dir, struct error *err)
{
	auto_free struct numbers *sets = calloc(2, sizeof(*sets));

	if (!sets)
		return fail(err, -ENOMEM, "cannot look at the memory");
	if (check_processes(images, dir, &sets[0], &sets[1], err) < 0 || check_shared(dir, &sets[1], false, err) < 0)
		return -1;
	return check_shared(dir, &sets[1], true, err);
}
