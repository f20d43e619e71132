// SPDX-License-Identifier: LGPL-2.1-or-later
/* verify_files.c - nothing that a restored process has open is the host's.
 *
 * Images name files by their paths, and criu opens them with root's rights: by way of /proc/PID/fd a path leads anywhere.
 * A file is the container's when it lies on one of its mounts, or on none that anybody could name. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statfs.h>

#include "base/fd.h"
#include "container/verification.h"
#include "kernel/namespaces.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif
#define AIO_MAGIC 0xa10a10a1
#ifndef MFD_HUGE_SHIFT
#define MFD_HUGE_SHIFT 26
#endif

/* File systems of which the kernel has one for itself, which nobody mounts. */
static bool is_internal(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	switch ((unsigned long)fs.f_type) {
	case PIPEFS_MAGIC:
	case SOCKFS_MAGIC:
	case ANON_INODE_FS_MAGIC:
	case PID_FS_MAGIC:
	case AIO_MAGIC:
		return true;
	default:
		return false;
	}
}

/* Memory that has a descriptor, and shared memory without one: all of it on one tmpfs, or one for each size of pages. */
static bool is_memory(const struct stat *st)
{
	static const unsigned flags[] = { 0, MFD_HUGETLB, MFD_HUGETLB | 21U << MFD_HUGE_SHIFT, MFD_HUGETLB | 30U << MFD_HUGE_SHIFT };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		auto_close int fd = memfd_create("hull-looks", flags[i] | MFD_CLOEXEC);
		struct stat own;

		if (fd >= 0 && sys_fstat(fd, &own) == 0 && own.st_dev == st->st_dev)
			return true;
	}
	return false;
}

/* A namespace that the first process is in. */
static bool is_namespace(const struct verification *v, const struct stat *st)
{
	for (size_t i = 0; i < NAMESPACE_KINDS; i++) {
		auto_close int fd = namespace_open_of(v->procfs, v->init, namespace_kinds[i].flag);
		struct stat own;

		if (fd >= 0 && sys_fstat(fd, &own) == 0 && own.st_dev == st->st_dev && own.st_ino == st->st_ino)
			return true;
	}
	return false;
}

static bool is_on_mounts(const struct verification *v, int fd, const struct stat *st)
{
	unsigned long long id;

	if (sys_mount_id(fd, &id) < 0)
		return false;
	for (size_t i = 0; i < v->n_views; i++) {
		const struct view *view = &v->views[i];

		if (verify_has_mount(view, id))
			return true;
		/* The queues of its ipc namespace are on a mount of the kernel's as well. */
		for (size_t k = 0; k < view->n_queues; k++)
			if (view->queues[k] == st->st_dev)
				return true;
	}
	return false;
}

static bool is_own(const struct verification *v, int fd)
{
	struct stat st;

	if (fd < 0 || sys_fstat(fd, &st) < 0)
		return false;
	return is_on_mounts(v, fd, &st) || is_internal(fd) || is_memory(&st) || is_namespace(v, &st);
}

/* How descriptor `number` is open: O_RDONLY, O_WRONLY or O_RDWR; -1: not known. */
static int access_of(const struct verification *v, pid_t pid, int number)
{
	auto_free char *info = NULL;
	const char *at;
	char path[48];

	snprintf(path, sizeof(path), "%d/fdinfo/%d", (int)pid, number);
	at = proc_read(v->procfs, path, &info) == 0 ? strstr(info, "flags:") : NULL;
	return at ? (int)strtoul(at + strlen("flags:"), NULL, 8) & O_ACCMODE : -1;
}

/* One of ours that it was to have: the same file by the same mount, since criu opens it anew, and a regular one for no more
 * than ours is open for; with --shell-job the same terminal. */
static bool is_given(const struct verification *v, pid_t pid, int number, int fd)
{
	unsigned long long mount, own_mount;
	struct stat st, own;

	if (sys_fstat(fd, &st) < 0 || sys_mount_id(fd, &mount) < 0)
		return false;
	for (int i = 0; i < 3; i++) {
		int access = fcntl(i, F_GETFL);

		if (access < 0 || sys_fstat(i, &own) < 0 || sys_mount_id(i, &own_mount) < 0)
			continue;
		access &= O_ACCMODE;
		if (st.st_dev == own.st_dev && st.st_ino == own.st_ino && mount == own_mount &&
		    (!S_ISREG(st.st_mode) || access == O_RDWR || access == access_of(v, pid, number)))
			return true;
		if (v->options->shell_job && S_ISCHR(own.st_mode) && S_ISCHR(st.st_mode) && st.st_rdev == own.st_rdev)
			return true;
	}
	return false;
}

/* What the link says, for an error. */
static int not_its_own(const struct verification *v, pid_t pid, const char *what, int number, struct error *err)
{
	auto_free char *link = NULL;

	if (number >= 0)
		(void)proc_fd_link(v->procfs, pid, number, &link);
	return fail(err, ERR_CONFIG, "%s of process %d in the images is not the container's own%s%s", what, (int)pid,
		    link ? ": " : "", link ? link : "");
}

static int check_links(const struct verification *v, pid_t pid, struct error *err)
{
	static const struct {
		const char *name, *what;
	} links[] = { { "cwd", "the working directory" }, { "root", "the root" }, { "exe", "the program" } };
	char path[16];

	snprintf(path, sizeof(path), "%d", (int)pid);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		auto_close int fd = proc_open_object(v->procfs, path, links[i].name);

		if (fd != -ENOENT && !is_own(v, fd))
			return not_its_own(v, pid, links[i].what, -1, err);
	}
	return 0;
}

struct looking {
	const struct verification *v;
	const char *folder;
	struct error *err;
};

/* 1: it has said why not */
static int look_at_file(void *context, pid_t pid, const char *name)
{
	const struct looking *at = context;
	auto_close int fd = -1;
	char path[48];

	snprintf(path, sizeof(path), "%d/%s", (int)pid, at->folder);
	fd = proc_open_object(at->v->procfs, path, name);
	if (fd == -ENOENT || is_own(at->v, fd))
		return 0;
	if (strcmp(at->folder, "map_files") == 0)
		return not_its_own(at->v, pid, "a mapped file", -1, at->err) < 0;
	if (is_given(at->v, pid, atoi(name), fd))
		return 0;
	return not_its_own(at->v, pid, "a descriptor", atoi(name), at->err) < 0;
}

static int check_each(const struct verification *v, pid_t pid, const char *folder, struct error *err)
{
	struct looking at = { v, folder, err };
	int r = verify_each(v->procfs, pid, folder, look_at_file, &at);

	return r < 0 ? fail(err, r, "cannot list %s of process %d", folder, (int)pid) : -r;
}

int verify_files(const struct verification *v, pid_t pid, struct error *err)
{
	if (check_links(v, pid, err) < 0 || check_each(v, pid, "fd", err) < 0)
		return -1;
	return check_each(v, pid, "map_files", err);
}
