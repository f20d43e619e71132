// SPDX-License-Identifier: LGPL-2.1-or-later
/* walk.c - visits a directory of a hierarchy and all below it, however deep that is.
 *
 * Who may make cgroups inside of a container decides the depth, so neither the stack nor the number of open descriptors may
 * grow with it: the way back is "..", and what is still to be visited is kept as names.  A directory never
 * gets another parent in a cgroup file system. */
#include "cgroup/private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"

/* The directories in one that was entered. */
struct level {
	struct level *up;
	char *names; /* one behind the other, each with its NUL */
	size_t size, at;
	const char *entered; /* the one that the level below is about */
};

static struct level *level_free(struct level *level)
{
	struct level *up = level->up;

	free(level->names);
	free(level);
	return up;
}

static int add_name(struct level *level, size_t *capacity, const char *name)
{
	size_t length = strlen(name) + 1;
	char *bigger;

	if (level->size + length > *capacity) {
		*capacity = (*capacity + length) * 2;
		bigger = realloc(level->names, *capacity);
		if (!bigger)
			return -ENOMEM;
		level->names = bigger;
	}
	memcpy(level->names + level->size, name, length);
	level->size += length;
	return 0;
}

static int read_names(int dir, struct level *level)
{
	const struct dirent *entry;
	size_t capacity = 0;
	DIR *stream;
	int r = file_stream(file_reopen_dir(dir), &stream);

	if (r < 0)
		return r;
	while (r == 0 && (entry = readdir(stream)))
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = add_name(level, &capacity, entry->d_name);
	(void)closedir(stream);
	return r;
}

/* Goes down into name: *dir and *level become those of it.  0 (also: it is gone by now) or -errno */
static int go_down(int *dir, struct level **level, const char *name)
{
	int next = openat(*dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r;
	struct level *inner;

	if (next < 0)
		return walk_is_race(-errno) ? 0 : -errno;
	inner = calloc(1, sizeof(*inner));
	r = inner ? read_names(next, inner) : -ENOMEM;
	if (r < 0) {
		(void)fd_close(next);
		if (inner)
			(void)level_free(inner);
		return walk_is_race(r) ? 0 : r;
	}
	(*level)->entered = name;
	inner->up = *level;
	*level = inner;
	(void)fd_close(*dir);
	*dir = next;
	return 0;
}

static int go_up(int *dir, struct level **level)
{
	int next = openat(*dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (next < 0)
		return -errno;
	(void)fd_close(*dir);
	*dir = next;
	*level = level_free(*level);
	return 0;
}

/* One step: visits the next name of the level, or leaves the directory. */
static int step(int *dir, struct level **level, walk_fn enter, walk_fn leave, void *context)
{
	struct level *now = *level;
	const char *name;
	int r;

	if (now->at == now->size) {
		r = go_up(dir, level);
		return r < 0 || !leave ? r : leave(*dir, (*level)->entered, context);
	}
	name = now->names + now->at;
	now->at += strlen(name) + 1;
	r = enter(*dir, name, context);
	return r > 0 ? go_down(dir, level, name) : r;
}

int walk_tree(int dir, const char *name, walk_fn enter, walk_fn leave, void *context)
{
	auto_close int at = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct level *level;
	size_t capacity = 0;
	int r;

	if (at < 0)
		return -errno;
	level = calloc(1, sizeof(*level));
	r = level ? add_name(level, &capacity, name) : -ENOMEM;
	while (r == 0 && (level->up || level->at < level->size))
		r = step(&at, &level, enter, leave, context);
	while (level)
		level = level_free(level);
	return r;
}
