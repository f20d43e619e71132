// SPDX-License-Identifier: LGPL-2.1-or-later
/* host.c - paths of the host, as the caller of hull named them: ordinary look-ups, links followed. */
#include "kernel/host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kernel/sys.h"

int host_open_dir(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int host_make_dir(const char *path, mode_t mode)
{
	auto_free char *copy = strdup(path);
	int fd = host_open_dir(path);

	if (fd != -ENOENT)
		return fd;
	if (!copy)
		return -ENOMEM;
	for (char *at = copy + 1; *at; at++) {
		if (*at != '/' || at[-1] == '/')
			continue;
		*at = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return -errno;
		*at = '/';
	}
	if (mkdir(copy, mode) < 0 && errno != EEXIST)
		return -errno;
	return host_open_dir(path);
}

int host_open_plain_dir(const char *path, bool make, bool links)
{
	auto_free char *copy = strdup(path);
	auto_close int made = -1;
	size_t n = strlen(path);
	int fd;

	if (!copy)
		return -ENOMEM;
	while (n > 1 && copy[n - 1] == '/') /* a link would be followed */
		copy[--n] = '\0';
	if (make)
		made = host_make_dir(copy, 0700);
	if (make && made < 0)
		return made;
	fd = open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (links ? 0 : O_NOFOLLOW));
	if (fd >= 0)
		return fd;
	/* What open says of a link with O_DIRECTORY is ENOTDIR. */
	return errno == ENOTDIR && !links && readlink(copy, &(char){ 0 }, 1) >= 0 ? -ELOOP : errno == ENOTDIR ? -ENOTDIR : -errno;
}

int host_open_dir_at(int dir, const char *path)
{
	int fd = openat(dir, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int host_open_file(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

/* Removes empty and "." components in place.  ".." stays: what it means depends on links. */
static void squeeze(char *path)
{
	char *to = path;

	for (const char *from = path; *from;) {
		size_t length;

		from += strspn(from, "/");
		length = strcspn(from, "/");
		if (length == 0)
			break;
		if (length != 1 || *from != '.') {
			*to++ = '/';
			memmove(to, from, length);
			to += length;
		}
		from += length;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

/* The name may have become another file's meanwhile. */
static int open_reader(const char *path, const struct stat *file)
{
	auto_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_dev != file->st_dev || st.st_ino != file->st_ino)
		return -1;
	return take_fd(&fd);
}

int host_open_append(const char *path, int *ret_reader)
{
	auto_close int fd = -1;
	struct stat st;

	/* Opening alone can do things: wake up the other end of a FIFO, start a watchdog, rewind a tape. */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return S_ISLNK(st.st_mode) ? -ELOOP : S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	/* Without waiting for the other end of a FIFO that came meanwhile. */
	do
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	while (fd < 0 && errno == EINTR);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (ret_reader)
		*ret_reader = open_reader(path, &st);
	return take_fd(&fd);
}

int host_absolute(const char *path, char **ret)
{
	auto_free char *cwd = NULL;
	char *joined = NULL;

	if (*path == '\0')
		return -ENOENT;
	if (*path != '/') {
		cwd = getcwd(NULL, 0);
		if (!cwd)
			return -errno;
		if (*cwd != '/') /* "(unreachable)/...": outside the caller's root */
			return -ENOENT;
	}
	if (asprintf(&joined, "%s/%s", cwd ? cwd : "", path) < 0)
		return -ENOMEM;
	squeeze(joined);
	*ret = joined;
	return 0;
}

int host_path_of(int fd, char **ret)
{
	char link[32], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path));
	if (n < 0)
		return -errno;
	if ((size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	path[n] = '\0';
	*ret = strdup(path);
	return *ret ? 0 : -ENOMEM;
}

/* Without a name until it is whole: nothing stays if we are killed.  -EOPNOTSUPP where the file system has no such files. */
static int make_whole(const char *path, size_t directory, const char *data, size_t size)
{
	auto_free char *dir = directory ? strndup(path, directory) : strdup(".");
	auto_close int fd = -1;
	char self[32];
	int r;

	if (!dir)
		return -ENOMEM;
	fd = open(dir, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
	if (fd < 0)
		return errno == EISDIR || errno == EINVAL || errno == ENOENT ? -EOPNOTSUPP : -errno;
	r = file_write(fd, data, size);
	if (r < 0)
		return r;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	for (int attempt = 0; attempt < 8; attempt++) {
		if (linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
			return 0;
		if (errno != EEXIST)
			return errno == ENOENT || errno == EPERM || errno == EXDEV ? -EOPNOTSUPP : -errno; /* no /proc, or no links */
		if (unlink(path) < 0 && errno != ENOENT)
			return -errno;
	}
	return -EEXIST;
}

static int replace_by_rename(const char *path, const char *name, const char *data, size_t size)
{
	auto_free char *other = NULL;
	auto_close int fd = -1;
	int r;

	if (asprintf(&other, "%.*s.%s.%d", (int)(name - path), path, name, (int)getpid()) < 0)
		return -ENOMEM;
	fd = open(other, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST) { /* left by a process that died and had our number */
		(void)unlink(other);
		fd = open(other, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	}
	if (fd < 0)
		return -errno;
	r = file_write(fd, data, size);
	if (r == 0 && rename(other, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(other);
	return r;
}

int host_replace_file(const char *path, const char *data, size_t size)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	int r;

	if (*name == '\0')
		return -EISDIR;
	r = make_whole(path, (size_t)(name - path), data, size);
	return r == -EOPNOTSUPP ? replace_by_rename(path, name, data, size) : r;
}

int host_remove_file(const char *path)
{
	return unlink(path) == 0 || errno == ENOENT ? 0 : -errno;
}

int host_boot_id(char ret[37])
{
	static char known[37]; /* it cannot change while this process runs; list asks a thousand times */
	auto_close int fd = -1;
	ssize_t n;

	if (!*known) {
		fd = host_open_file("/proc/sys/kernel/random/boot_id", O_RDONLY);
		if (fd < 0)
			return fd;
		n = read(fd, known, 36);
		if (n != 36) {
			*known = '\0';
			return n < 0 ? -errno : -EIO;
		}
	}
	memcpy(ret, known, sizeof(known));
	return 0;
}

bool host_has_program(const char *name)
{
	static const char *const directories[] = { "/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin", "/usr/local/sbin" };
	char path[NAME_MAX + 32];

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		auto_close int fd = -1;

		(void)snprintf(path, sizeof(path), "%s/%s", directories[i], name);
		fd = host_open_file(path, O_PATH);
		if (fd >= 0 && sys_faccess(fd, X_OK) == 0)
			return true;
	}
	return false;
}
