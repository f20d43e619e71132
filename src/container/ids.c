// SPDX-License-Identifier: LGPL-2.1-or-later
/* ids.c - what lies in the state root: the containers, and whatever else has a name that one could have. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "container/store.h"

struct ids {
	char **names;
	size_t n, capacity;
};

static int ids_add(struct ids *ids, const char *name)
{
	char **bigger;

	if (ids->n == ids->capacity) {
		ids->capacity = ids->capacity ? ids->capacity * 2 : 64;
		bigger = realloc(ids->names, ids->capacity * sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		ids->names = bigger;
	}
	ids->names[ids->n] = strdup(name);
	return ids->names[ids->n++] ? 0 : -ENOMEM;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One allocation, as the header promises: the array, then the bytes. */
static char **pack(const struct ids *ids)
{
	size_t size = (ids->n + 1) * sizeof(char *);
	char **packed, *at;

	for (size_t i = 0; i < ids->n; i++)
		size += strlen(ids->names[i]) + 1;
	packed = malloc(size);
	if (!packed)
		return NULL;
	at = (char *)(packed + ids->n + 1);
	for (size_t i = 0; i < ids->n; i++) {
		packed[i] = at;
		at = stpcpy(at, ids->names[i]) + 1;
	}
	packed[ids->n] = NULL;
	return packed;
}

static bool has_record(int root, const char *name)
{
	auto_close int dir = file_open_at(root, name, O_PATH | O_DIRECTORY, 0);
	auto_close int record = dir < 0 ? dir : file_open_at(dir, RECORD_NAME, O_PATH, 0);

	if (record < 0)
		log_debug("%s in the state root is no container of hull", name);
	return record >= 0;
}

static int read_ids(DIR *stream, int root, bool any, struct ids *ids)
{
	const struct dirent *entry;

	while ((entry = readdir(stream))) {
		struct error ignored;
		int r;

		if (container_check_id(entry->d_name, &ignored) < 0 || (!any && !has_record(root, entry->d_name)))
			continue;
		r = ids_add(ids, entry->d_name);
		if (r < 0)
			return r;
	}
	return 0;
}

static int list(const struct runtime *rt, bool any, char ***ret, size_t *n, struct error *err)
{
	struct ids ids = { NULL, 0, 0 };
	auto_close int root = -1;
	DIR *stream;
	int r;

	*ret = NULL;
	*n = 0;
	r = store_root(rt, false, &root, err);
	if (r <= 0)
		return r;
	r = file_stream(file_reopen_dir(root), &stream);
	if (r < 0)
		return fail(err, r, "cannot list the state root");
	r = read_ids(stream, root, any, &ids);
	(void)closedir(stream);
	if (r == 0) {
		if (ids.n > 0)
			qsort(ids.names, ids.n, sizeof(*ids.names), compare_names);
		*ret = pack(&ids);
		*n = ids.n;
		r = *ret ? 0 : -ENOMEM;
	}
	for (size_t i = 0; i < ids.n; i++)
		free(ids.names[i]);
	free(ids.names);
	return r < 0 ? fail(err, r, "cannot list the state root") : 0;
}

int container_ids(const struct runtime *rt, char ***ret, size_t *n, struct error *err)
{
	return list(rt, false, ret, n, err);
}

int store_names(const struct runtime *rt, char ***ret, size_t *n, struct error *err)
{
	return list(rt, true, ret, n, err);
}
