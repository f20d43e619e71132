// SPDX-License-Identifier: LGPL-2.1-or-later
/* descriptors.c - descriptors.json: written from what the container was given, read as if an enemy had written it. */
#include "container/descriptors.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/record.h"
#include "kernel/sys.h"
#include "kernel/tty.h"
#include "ocispec.h"

#define OCI_SCHEMA "container/descriptors.def"
#include "schema/declare.h"
#define OCI_SCHEMA "container/descriptors.def"
#include "schema/define.h"

#define FILE_LIMIT 65536

/* ---- what the container is given ---- */

bool descriptors_is_terminal(const char *word)
{
	return text_starts(word, "/dev/");
}

bool descriptors_is_socket(const char *word)
{
	return text_starts(word, "socket:[");
}

static void name_terminal(dev_t number, char ret[DESCRIPTOR_MAX])
{
	if (major(number) == UNIX98_PTY_SLAVE_MAJOR)
		snprintf(ret, DESCRIPTOR_MAX, "/dev/pts/%u", minor(number));
	else
		snprintf(ret, DESCRIPTOR_MAX, "/dev/tty"); /* a console, a serial line: which one does not matter */
}

/* criu's name, or what descriptors.json says of what needs none.  A named pipe is a file. */
static void name_it(int fd, char ret[DESCRIPTOR_MAX])
{
	unsigned long long mount;
	struct statfs fs;
	struct stat st;

	*ret = '\0';
	if (sys_fstat(fd, &st) < 0)
		return; /* closed */
	if (S_ISCHR(st.st_mode) && tty_is(fd))
		name_terminal(st.st_rdev, ret);
	else if (S_ISSOCK(st.st_mode))
		snprintf(ret, DESCRIPTOR_MAX, "socket:[%ju]", (uintmax_t)st.st_ino);
	else if (S_ISFIFO(st.st_mode) && fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC)
		snprintf(ret, DESCRIPTOR_MAX, "pipe:[%ju]", (uintmax_t)st.st_ino);
	else if (sys_mount_id(fd, &mount) == 0)
		snprintf(ret, DESCRIPTOR_MAX, "file[%llx:%jx]", mount, (uintmax_t)st.st_ino);
}

int descriptors_note(struct hull_record *record, const struct descriptors *restored, bool shell_job)
{
	record->descriptors = oci_alloc(record, DESCRIPTORS * sizeof(*record->descriptors));
	if (!record->descriptors)
		return -ENOMEM;
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		char word[DESCRIPTOR_MAX];

		name_it(fd, word);
		if (restored && !*restored->keys[fd] && !(shell_job && descriptors_is_terminal(word)))
			*word = '\0';
		record->descriptors[fd] = oci_strdup(record, word);
		if (!record->descriptors[fd])
			return -ENOMEM;
	}
	record->n_descriptors = DESCRIPTORS;
	return 0;
}

const char *descriptors_noted(const struct hull_record *record, size_t i)
{
	return i < record->n_descriptors ? record->descriptors[i] : "";
}

/* ---- the file ---- */

int descriptors_write(int images, const struct hull_record *record, struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	int r;

	for (size_t i = 0; i < DESCRIPTORS; i++) {
		text_puts(&text, i ? "," : "[");
		text_json(&text, descriptors_noted(record, i));
	}
	text_puts(&text, "]");
	r = text.failed ? -ENOMEM : file_replace_at(images, DESCRIPTORS_NAME, text.data, text.length, 0600);
	return r < 0 ? fail(err, r, "--image-path: cannot write %s", DESCRIPTORS_NAME) : 0;
}

/* The digits between two marks, and nothing else.  Base 10 or 16 */
static const char *take_number(const char *at, char end, int base, uint64_t *ret)
{
	const char *digits = base == 16 ? "0123456789abcdef" : "0123456789";
	size_t n = strspn(at, digits);

	if (n == 0 || n > 16 || at[n] != end)
		return NULL;
	*ret = strtoull(at, NULL, base);
	return at + n + 1;
}

void descriptors_key(const char *word, char key[DESCRIPTOR_MAX])
{
	uint64_t a, b;
	const char *at;

	*key = '\0';
	if (text_starts(word, "pipe:[")) {
		at = take_number(word + 6, ']', 10, &a);
		if (at && !*at)
			snprintf(key, DESCRIPTOR_MAX, "pipe:[%" PRIu64 "]", a);
	} else if (text_starts(word, "file[")) {
		at = take_number(word + 5, ':', 16, &a);
		at = at ? take_number(at, ']', 16, &b) : NULL;
		if (at && !*at)
			snprintf(key, DESCRIPTOR_MAX, "file[%" PRIx64 ":%" PRIx64 "]", a, b);
	}
}

int descriptors_parse(const char *text, size_t size, struct descriptors *ret)
{
	auto_text struct text whole = TEXT_INIT;
	struct hull_descriptors *list;

	*ret = (struct descriptors){ 0 };
	text_puts(&whole, "{\"items\":");
	text_append(&whole, text, size);
	text_puts(&whole, "}");
	if (whole.failed)
		return -ENOMEM;
	list = oci_parse(&hull_descriptors_type, whole.data, whole.length, NULL);
	if (!list)
		return -EINVAL;
	for (size_t i = 0; i < list->n_items && i < DESCRIPTORS; i++)
		descriptors_key(list->items[i], ret->keys[i]);
	oci_free(list);
	return 0;
}

int descriptors_read(int images, struct descriptors *ret, struct error *err)
{
	auto_free char *text = NULL;
	size_t size;
	int r = file_read_at(images, DESCRIPTORS_NAME, FILE_LIMIT, &text, &size);

	if (r < 0)
		return fail(err, r, "--image-path: cannot read %s: is this a checkpoint?", DESCRIPTORS_NAME);
	r = descriptors_parse(text, size, ret);
	return r < 0 ? fail(err, ERR_USAGE, "--image-path: %s is damaged: no array of texts", DESCRIPTORS_NAME) : 0;
}
