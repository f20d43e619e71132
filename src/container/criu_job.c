// SPDX-License-Identifier: LGPL-2.1-or-later
/* criu_job.c - what criu is to be told: growing lists that own their strings. */
#include "container/criu.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more at the end of a list; NULL without memory. */
static void *grow(void *items, size_t *n, size_t size)
{
	void **list = items;
	char *bigger = realloc(*list, (*n + 1) * size);

	if (!bigger)
		return NULL;
	*list = bigger;
	memset(bigger + *n * size, 0, size);
	return bigger + (*n)++ * size;
}
#define GROW(list) ((__typeof__((list).items))grow(&(list).items, &(list).n, sizeof(*(list).items)))

int criu_external(struct criu_job *job, const char *fmt, ...)
{
	char **item = GROW(job->external);
	va_list args;
	int n;

	if (!item)
		return -ENOMEM;
	va_start(args, fmt);
	n = vasprintf(item, fmt, args);
	va_end(args);
	if (n < 0) {
		job->external.n--;
		return -ENOMEM;
	}
	return 0;
}

int criu_inherit(struct criu_job *job, const char *key, int fd)
{
	struct criu_named_fd *item = GROW(job->inherit);

	if (!item)
		return -ENOMEM;
	item->key = strdup(key);
	item->fd = fd;
	return item->key ? 0 : -ENOMEM;
}

static int put_named(struct criu_named *item, const char *name, const char *path)
{
	if (!item)
		return -ENOMEM;
	item->name = strdup(name);
	item->path = strdup(path);
	return item->name && item->path ? 0 : -ENOMEM;
}

int criu_cgroup_root(struct criu_job *job, const char *controller, const char *path)
{
	return put_named(GROW(job->cgroup_roots), controller, path);
}

int criu_join(struct criu_job *job, const char *kind, const char *path)
{
	return put_named(GROW(job->join), kind, path);
}

void criu_job_free(struct criu_job *job)
{
	for (size_t i = 0; i < job->external.n; i++)
		free(job->external.items[i]);
	for (size_t i = 0; i < job->inherit.n; i++)
		free(job->inherit.items[i].key);
	for (size_t i = 0; i < job->cgroup_roots.n; i++) {
		free(job->cgroup_roots.items[i].name);
		free(job->cgroup_roots.items[i].path);
	}
	for (size_t i = 0; i < job->join.n; i++) {
		free(job->join.items[i].name);
		free(job->join.items[i].path);
	}
	free(job->external.items);
	free(job->inherit.items);
	free(job->cgroup_roots.items);
	free(job->join.items);
	free(job->root);
	free(job->freezer);
	free(job->config_file);
	*job = (struct criu_job){ .images = -1, .work = -1 };
}
