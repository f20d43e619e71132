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
#include <search.h>
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
	return number < NUMBER_LIMIT && set->bits[number / 8] & 1 << number % 8;
}

static void add(struct numbers *set, uint64_t number)
{
	if (number < NUMBER_LIMIT)
		set->bits[number / 8] |= (uint8_t)(1 << number % 8);
}

struct pagemaps {
	struct numbers processes;
	void *lists; /* a tree of struct list */
};

/* A file, under whatever names and in however many directories it lies: it is read once. */
struct list {
	dev_t dev;
	ino_t ino;
	bool is_understood;
	uint64_t id, pages;
};

/* Processes that the images name; without memory those that came before. */
static void read_processes(int images, struct numbers *ret)
{
	auto_free char *data = NULL;
	struct reader r;
	uint64_t pid;
	size_t size;

	if (file_read_at(images, PSTREE_NAME, PAGEMAP_MAX, &data, &size) < 0)
		return;
	r = (struct reader){ (const uint8_t *)data, (const uint8_t *)data + size };
	if (take_marks(&r, MARK_PSTREE) < 0)
		return;
	while (take_entry(&r, CRIU_PSTREE, &pid) > 0)
		add(ret, pid);
}

struct pagemaps *pagemaps_open(int images)
{
	struct pagemaps *ret = calloc(1, sizeof(*ret));

	if (ret)
		read_processes(images, &ret->processes);
	return ret;
}

void pagemaps_free(struct pagemaps *pagemaps)
{
	if (pagemaps)
		tdestroy(pagemaps->lists, free);
	free(pagemaps);
}

static int compare(const void *one, const void *other)
{
	const struct list *a = one, *b = other;

	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	return a->ino == b->ino ? 0 : a->ino < b->ino ? -1 : 1;
}

/* Belongs to the tree; NULL: there is none, or no memory for it. */
static const struct list *read_list(struct pagemaps *pagemaps, int dir, const char *name)
{
	auto_close int fd = file_open_at(dir, name, O_RDONLY | O_NONBLOCK, 0);
	auto_free struct list *one = calloc(1, sizeof(*one));
	auto_free char *data = NULL;
	struct list **node;
	struct stat st;
	size_t size;

	if (fd < 0 || !one || sys_fstat(fd, &st) < 0)
		return NULL;
	one->dev = st.st_dev;
	one->ino = st.st_ino;
	node = tsearch(one, &pagemaps->lists, compare);
	if (!node || *node != one)
		return node ? *node : NULL;
	one->is_understood = file_read(fd, PAGEMAP_MAX, &data, &size) == 0 &&
			     pagemap_parse(data, size, &one->id, &one->pages) == 0 && one->id < NUMBER_LIMIT;
	return take_ptr(one);
}

/* 1: the pages that a list names are there, 0: it is not understood, or they come from elsewhere, -1 with err.  *ret_id: the number N
 * of their file, but with 0. */
static int check_one(struct pagemaps *pagemaps, int dir, const char *name, uint64_t *ret_id, struct error *err)
{
	const struct list *list = read_list(pagemaps, dir, name);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), there;
	auto_close int fd = -1;
	char file[48];
	struct stat st;

	if (!list || !list->is_understood)
		return 0; /* criu says what is wrong with it */
	*ret_id = list->id;
	snprintf(file, sizeof(file), "pages-%" PRIu64 ".img", list->id);
	fd = file_open_at(dir, file, O_PATH | O_NOFOLLOW, 0);
	if (fd < 0 || sys_fstat(fd, &st) < 0)
		return 0;
	there = (uint64_t)st.st_size / page;
	if (there < list->pages)
		return fail(err, ERR_USAGE, "%s is cut short: it has %" PRIu64 " of the %" PRIu64 " pages that %s names", file,
			    there, list->pages, name);
	return 1;
}

static bool is_of_process(const struct numbers *processes, const char *name)
{
	char again[48];
	uint64_t pid;

	if (sscanf(name, "pagemap-%" SCNu64, &pid) != 1)
		return false;
	(void)snprintf(again, sizeof(again), "pagemap-%" PRIu64 ".img", pid);
	return strcmp(name, again) == 0 && has(processes, pid);
}

/* Lists of shared memory from an earlier dump may name a file that is another's by now, which that one's list knows: only
 * what no list has found whole is cut short. */
enum pass { OF_PROCESSES, SHARED, SHARED_AGAIN };

static int check_lists(struct pagemaps *pagemaps, int dir, enum pass pass, struct numbers *files, struct error *err)
{
	const struct dirent *entry;
	DIR *stream;
	int r = file_stream(file_reopen_dir(dir), &stream);

	if (r < 0)
		return fail(err, r, "cannot list it");
	while (r >= 0 && (entry = readdir(stream))) {
		uint64_t id;

		if (pass == OF_PROCESSES ? !is_of_process(&pagemaps->processes, entry->d_name)
					 : !text_starts(entry->d_name, "pagemap-shmem-"))
			continue;
		r = check_one(pagemaps, dir, entry->d_name, &id, err);
		if (r > 0)
			add(files, id);
		else if (r < 0 && (pass == SHARED || (pass == SHARED_AGAIN && has(files, id))))
			r = 0;
	}
	(void)closedir(stream);
	return r < 0 ? -1 : 0;
}

int pagemaps_check(struct pagemaps *pagemaps, int dir, struct error *err)
{
	auto_free struct numbers *files = calloc(1, sizeof(*files));

	if (!files)
		return fail(err, -ENOMEM, "cannot look at the memory");
	for (enum pass pass = OF_PROCESSES; pass <= SHARED_AGAIN; pass++)
		if (check_lists(pagemaps, dir, pass, files, err) < 0)
			return -1;
	return 0;
}
