// SPDX-License-Identifier: LGPL-2.1-or-later
/* pids.c - the processes in a hierarchy's directory and below it: listed, and sent signals.
 *
 * A pid is only a number that may be another process's by the time it is used: hierarchy_signal looks twice. */
#include "cgroup/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/file.h"
#include "kernel/pidfd.h"
#include "kernel/sys.h"

static int add_pid(struct pid_list *list, pid_t pid)
{
	if (list->n == list->capacity) {
		size_t capacity = list->capacity ? list->capacity * 2 : 64;
		pid_t *bigger = reallocarray(list->pids, capacity, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		list->pids = bigger;
		list->capacity = capacity;
	}
	list->pids[list->n++] = pid;
	return 0;
}

/* The pids of one directory. */
static int read_pids(int dir, const char *name, struct pid_list *list)
{
	auto_close int fd = file_open_below(dir, name, "cgroup.procs", O_RDONLY);
	auto_free char *text = NULL;
	char *at, *end;
	int r;

	if (fd < 0)
		return walk_is_race(fd) ? 0 : fd;
	r = file_read(fd, 64 << 20, &text, NULL);
	if (r == -EOPNOTSUPP) /* a threaded cgroup: its processes are listed in the domain above */
		return 0;
	if (r < 0)
		return walk_is_race(r) ? 0 : r;
	for (at = text; *at; at = end + (*end == '\n')) {
		long pid = strtol(at, &end, 10);

		if (end == at)
			return -EIO;
		if (pid > 0) { /* 0: a process outside our pid namespace */
			r = add_pid(list, (pid_t)pid);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int visit_pids(int dir, const char *name, void *context)
{
	int r = read_pids(dir, name, context);

	return r < 0 ? r : 1;
}

int hierarchy_pids(const struct cgroup *cgroup, struct hierarchy *h, struct pid_list *list)
{
	int r = hierarchy_open(cgroup, h);

	if (walk_is_race(r))
		return 0;
	return r < 0 ? r : walk_tree(h->at, cgroup->leaf, visit_pids, NULL, list);
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

void pid_list_sort(struct pid_list *list)
{
	size_t n = 0;

	if (list->n == 0)
		return;
	qsort(list->pids, list->n, sizeof(*list->pids), compare_pids);
	for (size_t i = 0; i < list->n; i++)
		if (i == 0 || list->pids[i] != list->pids[n - 1])
			list->pids[n++] = list->pids[i];
	list->n = n;
}

static bool pid_list_has(const struct pid_list *list, pid_t pid)
{
	return list->n && bsearch(&pid, list->pids, list->n, sizeof(pid), compare_pids);
}

/* Opened before the second reading of the list: if the number is listed again, then the pidfd's process was in the
 * cgroup at that time, or has ended; it is never somebody else's. */
static int signal_some(const struct cgroup *cgroup, struct hierarchy *h, int signal, const pid_t *pids, size_t n)
{
	int fds[64], r;
	struct pid_list again = { NULL, 0, 0 };

	for (size_t i = 0; i < n; i++)
		fds[i] = sys_pidfd_open(pids[i], 0);
	r = hierarchy_pids(cgroup, h, &again);
	pid_list_sort(&again);
	for (size_t i = 0; i < n; i++) {
		if (fds[i] >= 0 && r == 0 && pid_list_has(&again, pids[i])) {
			int one = pidfd_kill(fds[i], signal);

			if (one < 0 && one != -ESRCH)
				r = one;
		}
		(void)fd_close(fds[i]);
	}
	free(again.pids);
	return r;
}

int hierarchy_signal(const struct cgroup *cgroup, struct hierarchy *h, int signal, bool until_stable)
{
	struct pid_list done = { NULL, 0, 0 };
	int64_t deadline = clock_ms() + CGROUP_DEADLINE_MS;
	int r;

	do {
		struct pid_list list = { NULL, 0, 0 };
		size_t n = 0;

		r = hierarchy_pids(cgroup, h, &list);
		pid_list_sort(&list);
		for (size_t i = 0; i < list.n; i++)
			if (!pid_list_has(&done, list.pids[i]))
				list.pids[n++] = list.pids[i];
		list.n = n;
		for (size_t i = 0; i < n && r == 0; i += 64)
			r = signal_some(cgroup, h, signal, list.pids + i, n - i < 64 ? n - i : 64);
		for (size_t i = 0; i < n && r == 0; i++)
			r = add_pid(&done, list.pids[i]);
		pid_list_sort(&done);
		free(list.pids);
		if (n == 0)
			break;
	} while (r == 0 && until_stable && clock_ms() < deadline);
	free(done.pids);
	return r;
}
