// SPDX-License-Identifier: LGPL-2.1-or-later
/* proc.c - a private procfs, and files below it.
 *
 * The three ways to get one stand in proc_open_private and nowhere else.  "self" below it is the calling
 * process as the pid namespace of the procfs numbers it: the runtime's, also when init uses it. */
#include "kernel/proc.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/sys.h"

#define PROC_ROOT_INODE 1 /* include/linux/proc_fs.h: of every procfs */
#define PROC_LIMIT      (1024 * 1024)

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif

/* ---- the procfs ---- */

static int new_procfs(void)
{
	auto_close int fs = sys_fsopen("proc", FSOPEN_CLOEXEC);
	int r;

	if (fs < 0)
		return fs;
	r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (r < 0)
		return r;
	return sys_fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

/* Recursive, because a user namespace may not clone without the mounts that cover parts of it;
 * RESOLVE_NO_XDEV keeps every look-up out of those. */
static int cloned_procfs(void)
{
	return sys_open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

static int host_procfs(void)
{
	int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static bool is_procfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* The root of a procfs, and the root of its mount: not some directory of it bound there. */
static bool is_procfs_root(int fd)
{
	struct statx stx;

	return is_procfs(fd) && statx(fd, "", AT_EMPTY_PATH, STATX_INO, &stx) == 0 && stx.stx_ino == PROC_ROOT_INODE &&
	       (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

int proc_open_private(const char **ret_how)
{
	static const struct {
		const char *how;
		int (*open)(void);
	} ways[] = {
		{ "fsopen", new_procfs },
		{ "open_tree", cloned_procfs },
		{ "host", host_procfs },
	};
	int r = -ENOENT;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		auto_close int fd = ways[i].open();

		if (fd < 0) {
			r = fd;
			continue;
		}
		if (!is_procfs_root(fd)) {
			r = -EXDEV;
			continue;
		}
		if (ret_how)
			*ret_how = ways[i].how;
		return take_fd(&fd);
	}
	return r;
}

int proc_open_host(void)
{
	auto_close int fd = host_procfs();

	if (fd >= 0 && !is_procfs_root(fd))
		return -EXDEV;
	return take_fd(&fd);
}

/* ---- files ---- */

int proc_open(int procfs, const char *path, int flags)
{
	struct open_how how = {
		/* openat2 takes nothing with O_PATH that means nothing then. */
		.flags = (unsigned)(flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY)),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	auto_close int fd = -1;
	int tries = 0;

	if (flags & O_CREAT)
		return -EINVAL;
	do
		fd = sys_openat2(procfs, path, &how);
	while (fd == -EAGAIN && ++tries < 100); /* a mount somewhere raced with a ".." on the way */
	if (fd < 0)
		return fd;
	if (!is_procfs(fd))
		return -EXDEV;
	return take_fd(&fd);
}

int proc_open_root(int procfs, pid_t pid)
{
	auto_close int dir = -1;
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%d", (int)pid);
	dir = proc_open(procfs, name, O_PATH | O_DIRECTORY);
	if (dir < 0)
		return dir;
	fd = openat(dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int proc_open_object(int procfs, const char *directory, const char *name)
{
	auto_close int dir = proc_open(procfs, directory, O_PATH | O_DIRECTORY);
	int fd;

	if (dir < 0)
		return dir;
	if (strchr(name, '/'))
		return -EINVAL;
	fd = openat(dir, name, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int proc_fd_link(int procfs, pid_t pid, int fd, char **ret)
{
	char name[48], target[PATH_MAX];
	auto_close int dir = -1;
	ssize_t n;

	snprintf(name, sizeof(name), "%d/fd", (int)pid);
	dir = proc_open(procfs, name, O_PATH | O_DIRECTORY);
	if (dir < 0)
		return dir;
	snprintf(name, sizeof(name), "%d", fd);
	n = readlinkat(dir, name, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	*ret = strdup(target);
	return *ret ? 0 : -ENOMEM;
}

int proc_read(int procfs, const char *path, char **ret)
{
	auto_close int fd = proc_open(procfs, path, O_RDONLY);

	return fd < 0 ? fd : file_read(fd, PROC_LIMIT, ret, NULL);
}

/* What stands there begins with what was written, up to the end or a blank; blanks of any length are the same
 * ("1024 65535" reads back with a tab). */
static bool is_kept(const char *written, const char *kept)
{
	const char *begin = kept;

	while (*written) {
		if (isspace((unsigned char)*written)) {
			while (isspace((unsigned char)*written))
				written++;
			if (*written && !isspace((unsigned char)*kept))
				return false;
			while (isspace((unsigned char)*kept))
				kept++;
			continue;
		}
		if (*written++ != *kept++)
			return false;
	}
	return *kept == '\0' || isspace((unsigned char)*kept) || (kept > begin && isspace((unsigned char)kept[-1]));
}

int proc_write(int procfs, const char *path, const char *string, bool verify)
{
	auto_close int fd = proc_open(procfs, path, O_WRONLY);
	auto_free char *kept = NULL;
	size_t size = strlen(string);
	ssize_t n;
	int r;

	if (fd < 0)
		return fd;
	do
		n = write(fd, string, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n != size)
		return -EIO;
	if (!verify || size == 0)
		return 0;
	r = proc_read(procfs, path, &kept);
	if (r < 0)
		return r;
	return is_kept(string, kept) ? 0 : -EIO;
}

/* proc_pid_stat(5); cuts the text.  0 or -EIO */
static int parse_stat(char *text, uint64_t *ret_start_time, char *ret_state)
{
	char *at, *end;

	at = strrchr(text, ')'); /* the name in field 2 may hold anything, also ")" */
	if (!at || at[1] != ' ' || at[2] == '\0')
		return -EIO;
	if (ret_state)
		*ret_state = at[2];
	at += 2; /* field 3 */
	for (int field = 3; field < 22; field++) {
		at = strchr(at, ' ');
		if (!at)
			return -EIO;
		at++;
	}
	end = at + strcspn(at, " \n");
	*end = '\0';
	return !ret_start_time || text_to_u64(at, 0, UINT64_MAX, ret_start_time) == 0 ? 0 : -EIO;
}

int proc_stat(int procfs, pid_t pid, uint64_t *ret_start_time, char *ret_state)
{
	auto_free char *text = NULL;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "%d/stat", (int)pid);
	r = proc_read(procfs, path, &text);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	return parse_stat(text, ret_start_time, ret_state);
}

/* ---- the running binary ---- */

static int read_only_clone(int exe)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV };
	auto_close int fd = -1;
	int r;

	fd = sys_open_tree(exe, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (fd < 0)
		return fd;
	r = sys_mount_setattr(fd, 0, &attr);
	if (r < 0)
		return r;
	return take_fd(&fd);
}

static int copy_all(int from, int to)
{
	ssize_t n;

	do
		n = sendfile(to, from, NULL, 1 << 30);
	while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

static int sealed_copy(int procfs)
{
	const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	auto_close int exe = -1, fd = -1;
	int r;

	exe = openat(procfs, "self/exe", O_RDONLY | O_CLOEXEC);
	if (exe < 0)
		return -errno;
	fd = memfd_create("hull", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 every memfd is executable */
		fd = memfd_create("hull", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	r = copy_all(exe, fd);
	if (r < 0)
		return r;
	if (fcntl(fd, F_ADD_SEALS, seals) < 0)
		return -errno;
	return take_fd(&fd);
}

int proc_self_copy(int procfs)
{
	auto_close int exe = openat(procfs, "self/exe", O_PATH | O_CLOEXEC);
	int fd;

	if (exe < 0)
		return -errno;
	fd = read_only_clone(exe);
	return fd >= 0 ? fd : sealed_copy(procfs);
}
