// SPDX-License-Identifier: LGPL-2.1-or-later
/* namespaces.c - the eight kinds of namespaces, and descriptors of them that were checked.
 *
 * Files below /proc/PID/ns are magic links, which proc_open refuses on purpose: the directory is opened by
 * proc_open, the link in it is followed here, and what it led to must be on nsfs. */
#include "kernel/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* The initial user namespace's inode: fixed since Linux 3.8, in the kernel's uapi headers since 6.18. */
#define INITIAL_USER_INODE 0xEFFFFFFDu

const struct namespace_kind namespace_kinds[NAMESPACE_KINDS] = {
	/* word       file      flag */
	{ "user",    "user",   CLONE_NEWUSER },
	{ "cgroup",  "cgroup", CLONE_NEWCGROUP },
	{ "ipc",     "ipc",    CLONE_NEWIPC },
	{ "uts",     "uts",    CLONE_NEWUTS },
	{ "network", "net",    CLONE_NEWNET },
	{ "pid",     "pid",    CLONE_NEWPID },
	{ "time",    "time",   CLONE_NEWTIME },
	{ "mount",   "mnt",    CLONE_NEWNS },
};

const struct namespace_kind *namespace_kind(int flag)
{
	for (size_t i = 0; i < NAMESPACE_KINDS; i++)
		if (namespace_kinds[i].flag == flag)
			return &namespace_kinds[i];
	return NULL;
}

/* The ioctl numbers of nsfs are small and other drivers reuse them: the file system is asked first. */
static int check_type(int fd, int flag)
{
	struct statfs fs;
	int type;

	if (fstatfs(fd, &fs) < 0)
		return -errno;
	if (fs.f_type != NSFS_MAGIC)
		return -EINVAL;
	type = sys_ioctl(fd, NS_GET_NSTYPE, NULL);
	if (type < 0)
		return type;
	return type == flag ? 0 : -EINVAL;
}

static int open_checked(int dir, const char *path, int flag)
{
	auto_close int fd = -1;
	int r;

	/* O_NONBLOCK: the path of a FIFO must be an error, not a wait. */
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	r = check_type(fd, flag);
	return r < 0 ? r : take_fd(&fd);
}

int namespace_open(const char *path, int flag)
{
	return open_checked(AT_FDCWD, path, flag);
}

static int open_ns_dir(int procfs, pid_t pid)
{
	char path[32];

	if (pid)
		snprintf(path, sizeof(path), "%d/ns", (int)pid);
	else
		snprintf(path, sizeof(path), "self/ns");
	return proc_open(procfs, path, O_PATH | O_DIRECTORY);
}

int namespace_open_of(int procfs, pid_t pid, int flag)
{
	const struct namespace_kind *kind = namespace_kind(flag);
	auto_close int dir = -1;

	if (!kind)
		return -EINVAL;
	dir = open_ns_dir(procfs, pid);
	return dir < 0 ? dir : open_checked(dir, kind->file, flag);
}

static int stat_own(int procfs, int flag, struct stat *ret)
{
	const struct namespace_kind *kind = namespace_kind(flag);
	auto_close int dir = -1;

	if (!kind)
		return -EINVAL;
	dir = open_ns_dir(procfs, 0);
	if (dir < 0)
		return dir;
	return fstatat(dir, kind->file, ret, 0) < 0 ? -errno : 0;
}

bool namespace_is_own(int fd, int flag, int procfs)
{
	struct stat own, other;

	if (stat_own(procfs, flag, &own) < 0 || sys_fstat(fd, &other) < 0)
		return false;
	return own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

int namespace_own_inode(int procfs, int flag, uint64_t *ret)
{
	struct stat own;
	int r = stat_own(procfs, flag, &own);

	if (r < 0)
		return r;
	*ret = own.st_ino;
	return 0;
}

bool namespace_is_initial_user(int procfs)
{
	struct stat own;

	return stat_own(procfs, CLONE_NEWUSER, &own) == 0 && own.st_ino == INITIAL_USER_INODE;
}
