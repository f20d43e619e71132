// SPDX-License-Identifier: LGPL-2.1-or-later
/* verification.h - what the parts of verify.c share; private to verify*.c. */
#pragma once

#include <sys/stat.h>

#include "container/mountinfo.h"
#include "container/verify.h"
#include "kernel/caps.h"

/* What a path of the config leads to. */
struct spot {
	int r; /* 0, -ENOENT: nothing, -errno */
	uint64_t id; /* of the mount, which is at target (owned) */
	char *target;
	struct stat st;
};

/* A mount namespace as one sees it who has just entered it: all of its mounts. */
struct view {
	ino_t ns;
	int root;	 /* O_PATH */
	char *mountinfo; /* owned */
	struct spot *spots; /* of the mounts of the config, its masked and its read-only paths; n_spots in all */
	size_t n_spots;
	uint64_t *ids; /* of all its mounts, sorted */
	size_t n_ids;
	dev_t *queues; /* the file systems of those that are mqueue */
	size_t n_queues;
};

struct verification {
	const struct creation *cr;
	const struct oci_config *config;
	const struct criu_options *options;
	const struct staging *staging;
	int procfs;
	bool has_selinux;
	pid_t init, criu;
	struct caps caps;	/* what a process may have; permitted: also by programs with rights of their own */
	pid_t *processes;	/* init and all that descend from it */
	size_t n_processes;
	struct view *views;	/* init's first */
	size_t n_views;
};

static inline bool verify_may(const struct verification *v, int capability)
{
	return v->caps.permitted & ((uint64_t)1 << capability);
}

/* Calls look for each name in a directory of a process ("task", "fd", "map_files") until it gives something else than 0.  That, 0,
 * or -errno where the directory cannot be read. */
typedef int verify_entry(void *context, pid_t pid, const char *name);
int verify_each(int procfs, pid_t pid, const char *folder, verify_entry *look, void *context);
/* The pids in the file "task/TID/children" of every thread of a process, and so on below: appended.  0 or -errno */
int verify_descendants(int procfs, pid_t pid, pid_t **list, size_t *n);

/* verify_process.c: its rights, those of each of its threads, and where it is.  0 or -1 */
int verify_process(struct verification *v, pid_t pid, struct error *err);
void verify_caps_of(const struct oci_process *process, struct caps *ret);

/* verify_mounts.c: the mounts of the namespace that it is in, once for each.  0 or -1 */
int verify_mounts(struct verification *v, pid_t pid, struct error *err);
void verify_views_free(struct verification *v);

bool verify_has_mount(const struct view *view, uint64_t id);

/* verify_labels.c: the labels of mount i of the config, which is at that line.  0 or -1 */
int verify_mount_label(const struct verification *v, size_t i, const struct mount_line *line, struct error *err);

/* verify_files.c: what it has open or mapped, and its directories: all of it the container's own, or given to it.  0 or -1 */
int verify_files(const struct verification *v, pid_t pid, struct error *err);
