// SPDX-License-Identifier: LGPL-2.1-or-later
/* file.c - whole files, by descriptor or by a single name below a directory descriptor. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

static bool is_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

int file_read(int fd, size_t limit, char **ret, size_t *ret_size)
{
	size_t size = 0, capacity = 2048;
	auto_free char *data = NULL;

	for (;;) {
		char *bigger = size == 0 || size + 1 >= capacity ? realloc(data, capacity *= 2) : data;
		ssize_t n;

		if (!bigger)
			return -ENOMEM;
		data = bigger;
		n = read(fd, data + size, capacity - size - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		size += (size_t)n;
		if (size > limit)
			return -EFBIG;
	}
	data[size] = '\0';
	if (ret_size)
		*ret_size = size;
	*ret = take_ptr(data);
	return 0;
}

int file_write(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int file_open_at(int dir, const char *name, int flags, mode_t mode)
{
	struct open_how how = {
		/* openat2 refuses O_PATH with a flag that means nothing to it. */
		.flags = (unsigned)(flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY)),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd;

	if (!is_name(name))
		return -EINVAL;
	fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

int file_read_at(int dir, const char *name, size_t limit, char **ret, size_t *ret_size)
{
	/* A FIFO in its place holds nothing: no reason to wait. */
	auto_close int fd = file_open_at(dir, name, O_RDONLY | O_NONBLOCK, 0);

	return fd < 0 ? fd : file_read(fd, limit, ret, ret_size);
}

int file_write_at(int dir, const char *name, const char *string)
{
	auto_close int fd = file_open_at(dir, name, O_WRONLY, 0);
	size_t size = strlen(string);
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = write(fd, string, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}

int file_replace_at(int dir, const char *name, const void *data, size_t size, mode_t mode)
{
	auto_close int fd = -1;
	char other[NAME_MAX + 1];
	int r;

	if (!is_name(name) || strlen(name) > NAME_MAX - 16)
		return -EINVAL;
	snprintf(other, sizeof(other), ".%s.%d", name, (int)getpid());
	fd = file_open_at(dir, other, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (fd == -EEXIST) { /* left by a process that died and had our number */
		(void)unlinkat(dir, other, 0);
		fd = file_open_at(dir, other, O_WRONLY | O_CREAT | O_EXCL, mode);
	}
	if (fd < 0)
		return fd;
	r = file_write(fd, data, size);
	if (r == 0 && renameat(dir, other, dir, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dir, other, 0);
	return r;
}

int file_remove_at(int dir, const char *name)
{
	if (!is_name(name))
		return -EINVAL;
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	return unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

int file_make_dir_at(int dir, const char *name, mode_t mode)
{
	int fd;

	if (!is_name(name))
		return -EINVAL;
	if (mkdirat(dir, name, mode) < 0)
		return -errno;
	fd = file_open_at(dir, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		(void)unlinkat(dir, name, AT_REMOVEDIR); /* or it would stand in the way of the next try */
	return fd;
}

int file_stream(int fd, DIR **ret)
{
	int r = 0;

	if (fd < 0)
		return fd;
	*ret = fdopendir(fd);
	if (!*ret) {
		r = -errno;
		(void)fd_close(fd);
	}
	return r;
}

static int remove_entries(int fd)
{
	const struct dirent *entry;
	DIR *stream;
	int r = file_stream(fd_dup(fd, 0), &stream);

	if (r < 0)
		return r;
	while (r == 0 && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = file_remove_tree_at(fd, entry->d_name);
	(void)closedir(stream);
	return r;
}

int file_remove_tree_at(int dir, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	auto_close int fd = -1;
	int r;

	if (!is_name(name))
		return -EINVAL;
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
	if (fd < 0)
		return -errno;
	r = remove_entries(fd);
	if (r < 0)
		return r;
	return unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

int file_reopen_dir(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}
