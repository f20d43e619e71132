// SPDX-License-Identifier: LGPL-2.1-or-later
/* descriptors.h - stdin, stdout and stderr of a container in its checkpoint: descriptors.json, as runc has it.
 *
 * Pipes whose other end is outside, and files of the host, cannot be in the images; restore puts its own in their place.
 * The file is somebody else's word: of it nothing is believed but numbers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

#define DESCRIPTORS_NAME "descriptors.json"
#define DESCRIPTORS	 3

#define DESCRIPTOR_MAX	 64

struct hull_record; /* container/record.h */

/* criu's name of each, "pipe:[1234]" or "file[1f:2a]"; "": nothing is to be put there. */
struct descriptors {
	char keys[DESCRIPTORS][DESCRIPTOR_MAX];
};

/* What this process has, for the record of a container that gets it, in the words of descriptors.json: "pipe:[1234]",
 * "file[1f:2a]" (mount and inode, statx(2)), "socket:[1234]", "/dev/pts/1" or "/dev/tty" for a terminal.  By these
 * names criu finds them wherever the container has put them since.  A new container gets all three (restored is NULL), a restored one
 * those that stand for a key of its images, and terminals with shell_job; the others are "".  0 or -ENOMEM */
int descriptors_note(struct hull_record *record, const struct descriptors *restored, bool shell_job);
/* criu's name in a word, made anew from its numbers; "": the word is none. */
void descriptors_key(const char *word, char key[DESCRIPTOR_MAX]);
/* One of them; "" where the container was given none, as with a terminal of its own. */
const char *descriptors_noted(const struct hull_record *record, size_t i);
/* With --shell-job that of who restores takes its place by itself. */
bool descriptors_is_terminal(const char *word);
bool descriptors_is_socket(const char *word);

/* Writes the file.  0 or -1 */
int descriptors_write(int images, const struct hull_record *record, struct error *err);
/* Reads the file; a missing one is an error, as is one that is not an array of strings.  0 or -1 */
int descriptors_read(int images, struct descriptors *ret, struct error *err);
/* The same from its text.  0 or -EINVAL, -ENOMEM */
int descriptors_parse(const char *text, size_t size, struct descriptors *ret);
