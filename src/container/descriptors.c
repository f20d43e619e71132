// SPDX-License-Identifier: LGPL-2.1-or-later
/* descriptors.c - descriptors.json: written from what init has open, read as if an enemy had written it. */
#include "container/descriptors.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/mountinfo.h"
#include "kernel/proc.h"
#include "ocispec.h"

#define OCI_SCHEMA "container/descriptors.def"
#include "schema/declare.h"
#define OCI_SCHEMA "container/descriptors.def"
#include "schema/define.h"

#define FILE_LIMIT 65536

/* ---- what is open ---- */

/* A number behind a word at the beginning of a line of fdinfo.  0 or -ENODATA */
static int number_of(const char *info, const char *word, uint64_t *ret)
{
	for (const char *line = info; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		size_t n = strlen(word);
		char digits[24];

		if (strncmp(line, word, n) != 0)
			continue;
		line += n + strspn(line + n, " \t");
		snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(line, "\n"), line);
		return text_to_u64(digits, 0, UINT64_MAX, ret);
	}
	return -ENODATA;
}

/* A file that no mount of the container holds. */
static void name_file(int procfs, pid_t pid, int fd, const char *mountinfo, char key[64])
{
	auto_free char *info = NULL;
	uint64_t mount, inode;
	char path[48];

	snprintf(path, sizeof(path), "%d/fdinfo/%d", (int)pid, fd);
	if (proc_read(procfs, path, &info) < 0 || number_of(info, "mnt_id:", &mount) < 0 ||
	    number_of(info, "ino:", &inode) < 0 || mountinfo_has(mountinfo, mount))
		return;
	snprintf(key, 64, "file[%" PRIx64 ":%" PRIx64 "]", mount, inode);
}

bool descriptors_is_terminal(const char *link)
{
	return text_starts(link, "/dev/pts/") || text_starts(link, "/dev/tty");
}

int descriptors_look(int procfs, pid_t pid, const char *mountinfo, struct descriptors_of *ret, struct error *err)
{
	*ret = (struct descriptors_of){ 0 };
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		char *key = ret->keys.keys[fd];
		int r = proc_fd_link(procfs, pid, fd, &ret->links[fd]);

		if (r == -ENOENT)
			continue;
		if (r < 0)
			return fail(err, r, "cannot look at descriptor %d of process %d", fd, (int)pid);
		if (text_starts(ret->links[fd], "pipe:["))
			snprintf(key, 64, "%.63s", ret->links[fd]);
		else if (*ret->links[fd] == '/')
			name_file(procfs, pid, fd, mountinfo, key);
	}
	return 0;
}

void descriptors_free(struct descriptors_of *of)
{
	for (int i = 0; i < DESCRIPTORS; i++)
		free(take_ptr(of->links[i]));
}

/* ---- the file ---- */

int descriptors_write(int images, const struct descriptors_of *of, struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	int r;

	for (int i = 0; i < DESCRIPTORS; i++) {
		const char *key = of->keys.keys[i], *link = of->links[i] ? of->links[i] : "";

		text_puts(&text, i ? "," : "[");
		text_json(&text, *key && !descriptors_is_terminal(link) ? key : link);
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

/* Made anew from its numbers, or "". */
static void take_key(const char *word, char key[64])
{
	uint64_t a, b;
	const char *at;

	*key = '\0';
	if (text_starts(word, "pipe:[")) {
		at = take_number(word + 6, ']', 10, &a);
		if (at && !*at)
			snprintf(key, 64, "pipe:[%" PRIu64 "]", a);
	} else if (text_starts(word, "file[")) {
		at = take_number(word + 5, ':', 16, &a);
		at = at ? take_number(at, ']', 16, &b) : NULL;
		if (at && !*at)
			snprintf(key, 64, "file[%" PRIx64 ":%" PRIx64 "]", a, b);
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
		take_key(list->items[i], ret->keys[i]);
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
