// SPDX-License-Identifier: LGPL-2.1-or-later
/* mountinfo.h - lines of /proc/PID/mountinfo (proc_pid_mountinfo(5)); read by checkpoint and restore alone. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mount_line {
	uint64_t id;
	char root[PATH_MAX], target[PATH_MAX]; /* in words, not in octal numbers */
	char device[24];		       /* "0:26" */
	char options[256];		       /* of this mount: "ro,nosuid" */
	char type[64];
	const char *super; /* in the text: the options of its file system, up to the end of the line */
};

/* An SELinux label among the options of a file system, of which there is one for each word. */
#define MOUNTINFO_LABELS 4
struct mountinfo_label {
	const char *word; /* "context", "fscontext", "defcontext" or "rootcontext" */
	const char *text; /* what it says, without quotes: length bytes */
	size_t length;
};

/* Takes the next line.  1, 0 at the end, -EINVAL for one that makes no sense. */
int mountinfo_next(const char **text, struct mount_line *ret);
/* Takes the next label of options ("rw,context=\"a:b:c:s0:c1,c2\",size=1k") that end with the text or the line.  false: there is none */
bool mountinfo_next_label(const char **options, struct mountinfo_label *ret);
/* The line of that id.  0 or -ENOENT */
int mountinfo_find(const char *text, uint64_t id, struct mount_line *ret);
