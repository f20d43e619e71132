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

/* criu's name of each, "pipe:[1234]" or "file[1f:2a]"; "": nothing is to be put there. */
struct descriptors {
	char keys[DESCRIPTORS][64];
};

/* What they are now in a process; whatever else they are is for criu to dump.  0 or -1 */
struct descriptors_of {
	struct descriptors keys;
	char *links[DESCRIPTORS]; /* owned; "" where it is closed */
};
int descriptors_look(int procfs, pid_t pid, const char *mountinfo, struct descriptors_of *ret, struct error *err);
/* Whether a link is that of a terminal: with --shell-job that of who restores takes its place by itself. */
bool descriptors_is_terminal(const char *link);
void descriptors_free(struct descriptors_of *of);

/* Writes the file.  0 or -1 */
int descriptors_write(int images, const struct descriptors_of *of, struct error *err);
/* Reads the file; a missing one is an error, as is one that is not an array of strings.  0 or -1 */
int descriptors_read(int images, struct descriptors *ret, struct error *err);
/* The same from its text.  0 or -EINVAL, -ENOMEM */
int descriptors_parse(const char *text, size_t size, struct descriptors *ret);
