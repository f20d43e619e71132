// SPDX-License-Identifier: LGPL-2.1-or-later
/* idmap.c - user and group id mappings.
 *
 * A map is written once, in one write, and then read back number by number.  Who may not write it himself
 * has two ways: a single group of his own after setgroups is denied, or the set-uid newuidmap(1). */
#include "kernel/idmap.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/socket.h"
#include "base/text.h"
#include "kernel/namespaces.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

#define HELPER_TIMEOUT_MS 10000

struct map {
	const char *file;   /* below /proc/PID */
	const char *helper; /* set-uid program that writes it by /etc/subuid, /etc/subgid */
};

static const struct map uid_map = { "uid_map", "newuidmap" };
static const struct map gid_map = { "gid_map", "newgidmap" };

int64_t idmap_outside(const struct id_range *ranges, size_t n, uint32_t inside)
{
	for (size_t i = 0; i < n; i++)
		if (inside >= ranges[i].inside && inside - ranges[i].inside < ranges[i].size)
			return (int64_t)ranges[i].outside + (inside - ranges[i].inside);
	return -1;
}

/* What the kernel shows must be the rows that were written, and no more.  0 or -EIO */
static int compare(const char *at, const struct id_range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned inside, outside, size;
		int used = 0;

		if (sscanf(at, "%u %u %u%n", &inside, &outside, &size, &used) != 3)
			return -EIO;
		if (inside != ranges[i].inside || outside != ranges[i].outside || size != ranges[i].size)
			return -EIO;
		at += used;
	}
	return at[strspn(at, " \n")] ? -EIO : 0;
}

static int verify(int procfs, const char *path, const struct id_range *ranges, size_t n)
{
	auto_free char *text = NULL;
	int r;

	r = proc_read(procfs, path, &text);
	return r < 0 ? r : compare(text, ranges, n);
}

static int write_rows(int procfs, const char *path, const struct id_range *ranges, size_t n)
{
	auto_text struct text rows = TEXT_INIT;

	for (size_t i = 0; i < n; i++)
		text_printf(&rows, "%u %u %u\n", ranges[i].inside, ranges[i].outside, ranges[i].size);
	if (rows.failed)
		return -ENOMEM;
	/* One write is all there is, of less than a page; the kernel says EINVAL, as for much else. */
	if ((long)rows.length >= sysconf(_SC_PAGESIZE))
		return -E2BIG;
	return proc_write(procfs, path, text_string(&rows), false);
}

/* newuidmap PID inside outside size ... */
static int run_helper(const char *helper, pid_t pid, const struct id_range *ranges, size_t n)
{
	struct child_options options = { .file = helper, .directory = -1, .timeout_ms = HELPER_TIMEOUT_MS };
	struct child_result result;
	auto_free const char **argv = calloc(n * 3 + 3, sizeof(*argv));
	auto_free char(*words)[12] = calloc(n * 3 + 1, sizeof(*words));
	int r;

	if (!argv || !words)
		return -ENOMEM;
	argv[0] = helper;
	snprintf(words[0], sizeof(words[0]), "%d", (int)pid);
	argv[1] = words[0];
	for (size_t i = 0; i < n; i++) {
		const uint32_t numbers[3] = { ranges[i].inside, ranges[i].outside, ranges[i].size };

		for (size_t k = 0; k < 3; k++) {
			char *word = words[1 + i * 3 + k];

			snprintf(word, sizeof(words[0]), "%u", numbers[k]);
			argv[2 + i * 3 + k] = word;
		}
	}
	options.argv = argv;
	r = child_run(&options, &result);
	if (r < 0)
		return r == -ENOENT ? -EPERM : r; /* no helper: the refusal stands */
	return result.status == 0 ? 0 : -EPERM;
}

static int write_map(int procfs, pid_t pid, const struct map *map, const struct id_range *ranges, size_t n)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "%d/%s", (int)pid, map->file);
	r = write_rows(procfs, path, ranges, n);
	if (r == -EPERM && map == &gid_map && n == 1 && ranges[0].size == 1 && ranges[0].outside == getegid()) {
		char setgroups[64];

		snprintf(setgroups, sizeof(setgroups), "%d/setgroups", (int)pid);
		r = proc_write(procfs, setgroups, "deny", true);
		if (r == 0)
			r = write_rows(procfs, path, ranges, n);
	}
	/* EPERM: ranges that are not ours; ENOENT, EACCES do not mean that. */
	if (r == -EPERM)
		r = run_helper(map->helper, pid, ranges, n);
	return r < 0 ? r : verify(procfs, path, ranges, n);
}

int idmap_write(int procfs, pid_t pid, const struct id_range *uids, size_t n_uids, const struct id_range *gids,
		size_t n_gids)
{
	int r;

	/* Groups first: with the uid map written, the writer could have lost the right over gid_map. */
	r = write_map(procfs, pid, &gid_map, gids, n_gids);
	return r < 0 ? r : write_map(procfs, pid, &uid_map, uids, n_uids);
}

/* The child does nothing: it only holds the user namespace until its end of the pair is closed. */
static pid_t hold_namespace(int parent_end, int child_end)
{
	const struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	pid_t pid = sys_clone3(&args);
	char byte;

	if (pid != 0)
		return pid;
	(void)close(parent_end);
	(void)!read(child_end, &byte, 1); /* end of file is what is waited for */
	_exit(0);
}

int idmap_namespace(int procfs, const struct id_range *uids, size_t n_uids, const struct id_range *gids, size_t n_gids)
{
	auto_close int parent_end = -1, child_end = -1;
	int pair[2], r, fd = -1;
	pid_t pid;

	r = socket_pair(pair);
	if (r < 0)
		return r;
	parent_end = pair[0];
	child_end = pair[1];
	pid = hold_namespace(parent_end, child_end);
	if (pid < 0)
		return pid;
	child_end = fd_close(child_end);

	r = idmap_write(procfs, pid, uids, n_uids, gids, n_gids);
	if (r == 0)
		fd = namespace_open_of(procfs, pid, CLONE_NEWUSER);
	parent_end = fd_close(parent_end);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r < 0 ? r : fd;
}
