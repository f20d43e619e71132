// SPDX-License-Identifier: LGPL-2.1-or-later
/* pagemaps.c - the lists of pages beside pages-N.img, as far as the length of that file follows from them.
 *
 * An image is two marks, then messages (protobuf) with their length before them: in a list of pages first the head, then
 * an entry for each range.  All of it may come from an enemy; what is not understood is left to criu. */
#include "container/pagemaps.h"

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
#include "kernel/sys.h"

#define MARK_COMMON  0x54564319
#define MARK_PAGEMAP 0x56084025
#define MARK_PSTREE  0x50273030
#define PSTREE_NAME  "pstree.img"
/* Of some million ranges. */
#define PAGEMAP_MAX  (64 << 20)
#define MESSAGE_MAX  4096
#define FIELD_MAX    8
/* A range's flags: its pages are in the file. */
#define PRESENT	     4

struct reader {
	const uint8_t *at, *end;
};

static int take_varint(struct reader *r, uint64_t *ret)
{
	*ret = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (r->at == r->end)
			return -EINVAL;
		*ret |= (uint64_t)(*r->at & 0x7f) << shift;
		if (!(*r->at++ & 0x80))
			return 0;
	}
	return -EINVAL;
}

static int take_word(struct reader *r, uint32_t *ret)
{
	if (r->end - r->at < 4)
		return -EINVAL;
	memcpy(ret, r->at, 4); /* criu writes in its host's order, which is the one that can restore it */
	r->at += 4;
	return 0;
}

/* The next message: numbers alone, by field; what is missing has its bit in ret_has unset.  1, 0: the end, -EINVAL */
static int take_message(struct reader *r, uint64_t fields[FIELD_MAX], unsigned *ret_has)
{
	struct reader m;
	uint32_t size;

	if (r->at == r->end)
		return 0;
	if (take_word(r, &size) < 0 || size > MESSAGE_MAX || size > (size_t)(r->end - r->at))
		return -EINVAL;
	m = (struct reader){ r->at, r->at + size };
	r->at = m.end;
	*ret_has = 0;
	while (m.at < m.end) {
		uint64_t tag, value;

		if (take_varint(&m, &tag) < 0 || (tag & 7) != 0 || take_varint(&m, &value) < 0)
			return -EINVAL;
		if (tag >> 3 >= FIELD_MAX)
			continue;
		fields[tag >> 3] = value;
		*ret_has |= 1U << (tag >> 3);
	}
	return 1;
}

/* Fields of an entry: 2 and (newer) 5 number of pages, 3 in the parent, 4 flags (newer than 3). */
static uint64_t pages_of(const uint64_t fields[FIELD_MAX], unsigned has)
{
	uint64_t n = has & 1U << 5 ? fields[5] : has & 1U << 2 ? fields[2] : 0;
	bool there = has & 1U << 4 ? fields[4] & PRESENT : !(has & 1U << 3 && fields[3]);

	return there ? n : 0;
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
	uint64_t fields[FIELD_MAX];
	unsigned has;
	int more;

	*ret_pages = 0;
	if (take_marks(&r, MARK_PAGEMAP) < 0 || take_message(&r, fields, &has) != 1 || !(has & 1U << 1))
		return -EINVAL;
	*ret_id = fields[1];
	while ((more = take_message(&r, fields, &has)) > 0) {
		uint64_t n = pages_of(fields, has);

		if (__builtin_add_overflow(*ret_pages, n, ret_pages))
			return -EINVAL;
	}
	return more;
}

static int check_one(int dir, const char *name, struct error *err)
{
	uint64_t id, pages, page = (uint64_t)sysconf(_SC_PAGESIZE), there;
	auto_free char *data = NULL;
	auto_close int fd = -1;
	char file[48];
	struct stat st;
	size_t size;

	if (file_read_at(dir, name, PAGEMAP_MAX, &data, &size) < 0 || pagemap_parse(data, size, &id, &pages) < 0)
		return 0; /* criu says what is wrong with it */
	snprintf(file, sizeof(file), "pages-%" PRIu64 ".img", id);
	fd = file_open_at(dir, file, O_PATH | O_NOFOLLOW, 0);
	if (fd < 0 || sys_fstat(fd, &st) < 0)
		return 0;
	there = (uint64_t)st.st_size / page;
	if (there < pages)
		return fail(err, ERR_USAGE, "%s is cut short: it has %" PRIu64 " of the %" PRIu64 " pages that %s names", file,
			    there, pages, name);
	return 0;
}

int pagemaps_check(int images, int dir, struct error *err)
{
	auto_free char *data = NULL;
	uint64_t fields[FIELD_MAX];
	struct reader r;
	unsigned has;
	size_t size;

	if (file_read_at(images, PSTREE_NAME, PAGEMAP_MAX, &data, &size) < 0)
		return 0;
	r = (struct reader){ (const uint8_t *)data, (const uint8_t *)data + size };
	if (take_marks(&r, MARK_PSTREE) < 0)
		return 0;
	while (take_message(&r, fields, &has) > 0) {
		char name[48];

		if (!(has & 1U << 1))
			continue;
		(void)snprintf(name, sizeof(name), "pagemap-%" PRIu64 ".img", fields[1]);
		if (check_one(dir, name, err) < 0)
			return -1;
	}
	return 0;
}
