// SPDX-License-Identifier: LGPL-2.1-or-later
/* copy.c - copies of directory trees, by descriptor.
 *
 * The source may be a hostile image that changes meanwhile: each entry is opened below its own directory, without
 * links and mount points on the way, and is what its descriptor says, not what readdir said. */
#include "kernel/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kernel/sys.h"

#define DEPTH_MAX 64 /* a descriptor or two for each */

/* What is off on the mount that is copied from must not come alive in the copy. */
struct copy {
	bool no_devices, no_set_id;
	int depth;
};

static int copy_entries(int from, int to, struct copy copy);

static int open_entry(int dir, const char *name, int flags)
{
	const struct open_how how = {
		.flags = (unsigned)(flags | O_NOFOLLOW | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};

	return sys_openat2(dir, name, &how);
}

/* ---- attributes ---- */

static int copy_attribute(int from, int to, const char *name)
{
	ssize_t size = fgetxattr(from, name, NULL, 0);
	auto_free char *value = size < 0 ? NULL : malloc((size_t)size + 1);

	if (size < 0)
		return -errno;
	if (!value)
		return -ENOMEM;
	size = fgetxattr(from, name, value, (size_t)size);
	return size < 0 || fsetxattr(to, name, value, (size_t)size, 0) < 0 ? -errno : 0;
}

/* What the target's file system, or the user namespace, does not have stays behind. */
static int copy_attributes(int from, int to, bool no_set_id)
{
	ssize_t size = flistxattr(from, NULL, 0);
	auto_free char *names = size > 0 ? malloc((size_t)size) : NULL;

	if (size <= 0)
		return 0;
	if (!names)
		return -ENOMEM;
	size = flistxattr(from, names, (size_t)size);
	for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) {
		int r;

		if (no_set_id && strcmp(names + at, "security.capability") == 0)
			continue;
		r = copy_attribute(from, to, names + at);
		if (r < 0 && r != -EOPNOTSUPP && r != -EPERM && r != -ENODATA && r != -EACCES)
			return r;
	}
	return 0;
}

static int copy_owner(int to, const struct stat *st)
{
	int r = sys_fchown(to, st->st_uid, st->st_gid);

	return r == -EINVAL || r == -EOVERFLOW ? 0 : r; /* nobody's here */
}

static int copy_time(int to, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, st->st_mtim };

	return utimensat(to, name, times, AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH)) < 0 ? -errno : 0;
}

/* ---- the kinds of files ---- */

/* n bytes from where both files stand, or fewer, where the file ends. */
static int copy_range(int from, int to, off_t n)
{
	while (n > 0) {
		ssize_t done = sendfile(to, from, NULL, n > 1 << 30 ? 1 << 30 : (size_t)n);

		if (done == 0)
			break;
		if (done < 0 && errno != EINTR)
			return -errno;
		n -= done > 0 ? done : 0;
	}
	return 0;
}

/* Holes stay holes: a file of an image may be larger than all memory.  Files that the kernel makes up may say that they are
 * empty. */
static int copy_bytes(int from, int to, off_t size)
{
	off_t end = 0, start;
	int r = size ? 0 : copy_range(from, to, INT64_MAX);

	while (r == 0 && end < size) {
		start = lseek(from, end, SEEK_DATA);
		if (start < 0 && errno == ENXIO)
			return ftruncate(to, size) < 0 ? -errno : 0;
		end = start < 0 ? -1 : lseek(from, start, SEEK_HOLE);
		if (end < 0 || lseek(from, start, SEEK_SET) < 0 || lseek(to, start, SEEK_SET) < 0)
			return -errno;
		r = copy_range(from, to, end - start);
	}
	return r;
}

static int finish(int from, int to, const struct stat *st, bool no_set_id)
{
	/* On a directory they give no rights. */
	mode_t off = no_set_id && S_ISREG(st->st_mode) ? S_ISUID | S_ISGID : 0;
	int r = copy_owner(to, st);

	if (r == 0)
		r = sys_fchmod(to, st->st_mode & 07777 & ~off);
	if (r == 0)
		r = copy_attributes(from, to, no_set_id);
	return r < 0 ? r : copy_time(to, "", st);
}

static int copy_file(int from_dir, const char *name, int to_dir, struct copy copy)
{
	auto_close int from = -1, to = -1;
	struct stat st;
	int r;

	from = open_entry(from_dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (from < 0)
		return from;
	r = sys_fstat(from, &st);
	if (r < 0)
		return r;
	if (!S_ISREG(st.st_mode))
		return -ESTALE;
	to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return -errno;
	r = copy_bytes(from, to, st.st_size);
	return r < 0 ? r : finish(from, to, &st, copy.no_set_id);
}

static int copy_directory(int from_dir, const char *name, int to_dir, struct copy copy)
{
	auto_close int from = -1, to = -1;
	struct stat st;
	int r;

	from = open_entry(from_dir, name, O_RDONLY | O_DIRECTORY);
	if (from == -EXDEV) /* another mount: only its mount point */
		return mkdirat(to_dir, name, 0755) < 0 ? -errno : 0;
	if (from < 0)
		return from;
	r = sys_fstat(from, &st);
	if (r < 0)
		return r;
	if (mkdirat(to_dir, name, 0700) < 0)
		return -errno;
	to = open_entry(to_dir, name, O_RDONLY | O_DIRECTORY);
	if (to < 0)
		return to;
	copy.depth++;
	r = copy_entries(from, to, copy);
	return r < 0 ? r : finish(from, to, &st, copy.no_set_id);
}

static int copy_link(int from_dir, const char *name, int to_dir, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from_dir, name, target, sizeof(target));
	auto_close int to = -1;
	int r;

	if (n < 0)
		return -errno;
	if ((size_t)n >= sizeof(target))
		return -ENAMETOOLONG;
	target[n] = '\0';
	if (symlinkat(target, to_dir, name) < 0)
		return -errno;
	to = openat(to_dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		return -errno;
	r = copy_owner(to, st);
	return r < 0 ? r : copy_time(to_dir, name, st);
}

static int copy_node(const char *name, int to_dir, const struct stat *st)
{
	auto_close int to = -1;
	int r;

	if (mknodat(to_dir, name, st->st_mode & (S_IFMT | 07777), st->st_rdev) < 0)
		return -errno;
	to = openat(to_dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		return -errno;
	r = copy_owner(to, st);
	return r < 0 ? r : copy_time(to_dir, name, st);
}

static int copy_entry(int from, const char *name, int to, struct copy copy)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return errno == ENOENT ? 0 : -errno;
	switch (st.st_mode & S_IFMT) {
	case S_IFDIR:
		return copy_directory(from, name, to, copy);
	case S_IFREG:
		return copy_file(from, name, to, copy);
	case S_IFLNK:
		return copy_link(from, name, to, &st);
	case S_IFCHR:
	case S_IFBLK:
		return copy.no_devices ? 0 : copy_node(name, to, &st);
	default:
		return copy_node(name, to, &st);
	}
}

static int copy_entries(int from, int to, struct copy copy)
{
	const struct dirent *entry;
	DIR *stream;
	int r = file_stream(copy.depth < DEPTH_MAX ? file_reopen_dir(from) : -ELOOP, &stream);

	if (r < 0)
		return r;
	while (r == 0 && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = copy_entry(from, entry->d_name, to, copy);
	(void)closedir(stream);
	return r;
}

int copy_tree(int from, int to)
{
	struct statvfs fs;

	if (fstatvfs(from, &fs) < 0)
		return -errno;
	return copy_entries(from, to,
			    (struct copy){ .no_devices = fs.f_flag & ST_NODEV, .no_set_id = fs.f_flag & ST_NOSUID });
}
