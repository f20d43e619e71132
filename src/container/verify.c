// SPDX-License-Identifier: LGPL-2.1-or-later
/* verify.c - images say which rights their processes have; the config says which they may have.
 *
 * criu does what the images say.  So everything is looked at while every process stands still, by way of our own procfs:
 * what the config would not have given, and what a process could not have got by itself, ends the restore. */
#include "container/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/verification.h"
#include "kernel/labels.h"
#include "kernel/proc.h"

/* ---- who they are ---- */

static bool is_in(const pid_t *list, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == pid)
			return true;
	return false;
}

static int append(pid_t **list, size_t *n, pid_t pid)
{
	pid_t *bigger;

	if (is_in(*list, *n, pid))
		return 0;
	bigger = realloc(*list, (*n + 1) * sizeof(**list));
	if (!bigger)
		return -ENOMEM;
	*list = bigger;
	bigger[(*n)++] = pid;
	return 0;
}

struct list {
	int procfs;
	pid_t **pids;
	size_t *n;
};

static int append_children(void *context, pid_t pid, const char *thread)
{
	const struct list *list = context;
	auto_free char *text = NULL;
	char path[80], *rest, *word;
	int r;

	snprintf(path, sizeof(path), "%d/task/%.20s/children", (int)pid, thread);
	r = proc_read(list->procfs, path, &text);
	rest = text;
	while (r == 0 && (word = strsep(&rest, " "))) {
		uint64_t child;

		if (text_to_u64(word, 1, INT32_MAX, &child) == 0)
			r = append(list->pids, list->n, (pid_t)child);
	}
	return r;
}

int verify_each(int procfs, pid_t pid, const char *folder, verify_entry *look, void *context)
{
	const struct dirent *entry;
	char path[48];
	DIR *stream;
	int r;

	snprintf(path, sizeof(path), "%d/%s", (int)pid, folder);
	r = file_stream(proc_open(procfs, path, O_RDONLY | O_DIRECTORY), &stream);
	if (r < 0)
		return r;
	for (;;) {
		errno = 0;
		entry = readdir(stream);
		if (!entry) { /* a list that ends early would hide what it does not show */
			r = -errno;
			break;
		}
		if (*entry->d_name == '.')
			continue;
		r = look(context, pid, entry->d_name);
		if (r != 0)
			break;
	}
	(void)closedir(stream);
	return r;
}

int verify_descendants(int procfs, pid_t pid, pid_t **list, size_t *n)
{
	struct list all = { procfs, list, n };
	size_t done = *n;
	int r = append(list, n, pid);

	while (r == 0 && done < *n)
		r = verify_each(procfs, (*list)[done++], "task", append_children, &all);
	return r;
}

/* In the container's cgroup are its processes and criu's own, nobody else. */
static int check_members(const struct verification *v, struct error *err)
{
	pid_t *members = NULL, *criu = NULL;
	size_t n = 0, n_criu = 0;
	int r;

	/* A container that shares its caller's cgroup has none of its own. */
	if (!cgroup_is_own(v->cr->cgroup))
		return 0;
	r = cgroup_pids(v->cr->cgroup, &members, &n);
	if (r == 0)
		r = verify_descendants(v->procfs, v->criu, &criu, &n_criu);
	if (r < 0)
		(void)fail(err, r, "cannot list the processes of the container");
	for (size_t i = 0; r == 0 && i < n; i++)
		if (!is_in(v->processes, v->n_processes, members[i]) && !is_in(criu, n_criu, members[i]))
			r = fail(err, ERR_CONFIG, "process %d of the images does not descend from their first one",
				 (int)members[i]);
	free(members);
	free(criu);
	return r < 0 ? -1 : 0;
}

/* ---- all of it ---- */

/* A process that has ended, all of it, and waits for its parent: it runs no more, and criu leaves it what criu itself had. */
static bool is_zombie(const struct verification *v, pid_t pid)
{
	auto_free char *status = NULL;
	char path[32];

	snprintf(path, sizeof(path), "%d/status", (int)pid);
	return proc_read(v->procfs, path, &status) == 0 && strstr(status, "\nState:\tZ") && strstr(status, "\nThreads:\t1\n");
}

static int verify(struct verification *v, struct error *err)
{
	int r = verify_descendants(v->procfs, v->init, &v->processes, &v->n_processes);

	if (r < 0)
		return fail(err, r, "cannot list the restored processes");
	if (check_members(v, err) < 0)
		return -1;
	for (size_t i = 0; i < v->n_processes; i++)
		if (!is_zombie(v, v->processes[i]) &&
		    (verify_process(v, v->processes[i], err) < 0 || verify_mounts(v, v->processes[i], err) < 0))
			return -1;
	for (size_t i = 0; i < v->n_processes; i++)
		if (!is_zombie(v, v->processes[i]) && verify_files(v, v->processes[i], err) < 0)
			return -1;
	return 0;
}

int verify_restored(struct creation *cr, const struct criu_options *options, const struct staging *staging, pid_t criu,
		    struct error *err)
{
	struct verification v = { .cr = cr, .config = cr->config.oci, .options = options, .staging = staging,
				  .init = cr->pid, .criu = criu };
	int r;

	verify_caps_of(v.config->process, &v.caps);
	v.procfs = store_procfs(&cr->container, err);
	if (v.procfs < 0)
		return -1;
	v.has_selinux = labels_has_selinux(v.procfs);
	r = verify(&v, err);
	verify_views_free(&v);
	free(v.processes);
	return r;
}
