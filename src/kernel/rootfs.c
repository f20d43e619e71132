// SPDX-License-Identifier: LGPL-2.1-or-later
/* rootfs.c - THE resolver.
 *
 * What exists is resolved by the kernel, inside the root, in one call.  What is missing is made name by name
 * below the deepest directory that exists, where no link at all is followed: a link among the missing names is
 * one that somebody put there to lead us elsewhere. */
#include "kernel/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "kernel/sys.h"

#define PARENT_MODE 0755
#define RACES_MAX   200 /* times 100 us */
#define DEPTH_MAX   4096
#define LINKS_MAX   40 /* as the kernel, path_resolution(7) */

/* ---- looking up ---- */

/* EAGAIN: somewhere a rename or mount raced with a ".." of ours. */
static int open_retry(int dir, const char *path, const struct open_how *how)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 };
	int fd;

	for (int tries = 0; (fd = sys_openat2(dir, path, how)) == -EAGAIN && tries < RACES_MAX; tries++)
		(void)nanosleep(&pause, NULL);
	return fd;
}

static int look_up(const struct rootfs *root, const char *path, int open_flags, unsigned flags)
{
	struct open_how how = {
		.flags = (unsigned)(open_flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	if (!(open_flags & O_PATH))
		how.flags |= O_NOCTTY | O_NONBLOCK;
	if (flags & ROOTFS_NO_SYMLINKS)
		how.resolve |= RESOLVE_NO_SYMLINKS;
	if (flags & ROOTFS_NOFOLLOW)
		how.flags |= O_NOFOLLOW;
	return open_retry(root->fd, *path ? path : "/", &how);
}

/* One name below a directory that is open: never a link, never upwards. */
static int open_name(int dir, const char *name, int open_flags)
{
	struct open_how how = {
		.flags = (unsigned)(open_flags | O_PATH | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	return open_retry(dir, name, &how);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && (a->st_mode & S_IFMT) == (b->st_mode & S_IFMT);
}

int rootfs_current(void)
{
	const struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };

	return sys_openat2(AT_FDCWD, ".", &how);
}

bool rootfs_is_null(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

/* An O_PATH descriptor cannot be opened for I/O without /proc, so the path is resolved twice: the first time shows
 * what it is, the second must give the same file. */
int rootfs_open(const struct rootfs *root, const char *path, int open_flags, unsigned flags)
{
	auto_close int look = -1, fd = -1;
	struct stat before, after;
	int r;

	if (open_flags & (O_CREAT | O_TRUNC))
		return -EINVAL;
	if (open_flags & O_PATH)
		return look_up(root, path, open_flags, flags);

	look = look_up(root, path, O_PATH, flags);
	if (look < 0)
		return look;
	r = sys_fstat(look, &before);
	if (r < 0)
		return r;
	if (S_ISLNK(before.st_mode))
		return -ELOOP;
	if (!S_ISREG(before.st_mode) && !S_ISDIR(before.st_mode) && !(flags & ROOTFS_NULL && rootfs_is_null(&before)))
		return -EINVAL;
	fd = look_up(root, path, open_flags, flags);
	if (fd < 0)
		return fd;
	r = sys_fstat(fd, &after);
	if (r < 0)
		return r;
	return is_same_file(&before, &after) ? take_fd(&fd) : -ESTALE;
}

/* ---- making ---- */

/* Copies path without its last name into ret_parent and the name into ret_name.  -EISDIR when the last name
 * is none: "/", ".", "..". */
static int split(const char *path, char ret_parent[PATH_MAX], char ret_name[NAME_MAX + 1])
{
	size_t end = strlen(path), begin;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (begin = end; begin > 0 && path[begin - 1] != '/';)
		begin--;
	if (end - begin > NAME_MAX || begin >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(ret_name, path + begin, end - begin);
	ret_name[end - begin] = '\0';
	memcpy(ret_parent, path, begin);
	ret_parent[begin] = '\0';
	if (*ret_name == '\0' || strcmp(ret_name, ".") == 0 || strcmp(ret_name, "..") == 0)
		return -EISDIR;
	return 0;
}

static bool may_make(const struct rootfs *root, int dir)
{
	return !root->may_make || root->may_make(root->data, dir);
}

static int make_name(const struct rootfs *root, int dir, const char *name, mode_t mode)
{
	if (!may_make(root, dir))
		return -EXDEV;
	if (mkdirat(dir, name, mode) < 0 && errno != EEXIST)
		return -errno;
	return open_name(dir, name, O_DIRECTORY);
}

/* Makes the names of rest below dir, one by one. */
static int make_names(const struct rootfs *root, int dir, const char *rest, mode_t mode)
{
	auto_close int made = -1;
	char name[NAME_MAX + 1];

	if (text_goes_up(rest))
		return -ELOOP;
	while (*(rest += strspn(rest, "/"))) {
		size_t length = strcspn(rest, "/");
		int next;

		if (length > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, rest, length);
		name[length] = '\0';
		rest += length;
		if (strcmp(name, ".") == 0)
			continue;
		next = make_name(root, made < 0 ? dir : made, name, mode);
		(void)fd_close(made);
		made = next;
		if (made < 0)
			return made;
	}
	return made < 0 ? fd_dup(dir, 0) : take_fd(&made);
}

/* Cuts the last name off a path: what is left of it ends in a slash, or is empty. */
static size_t cut_name(const char *path, size_t length)
{
	while (length > 0 && path[length - 1] == '/')
		length--;
	while (length > 0 && path[length - 1] != '/')
		length--;
	return length;
}

/* The deepest directory of path that exists, where path itself does not; *ret_rest is where the missing names
 * begin. */
static int open_deepest(const struct rootfs *root, const char *path, unsigned flags, const char **ret_rest)
{
	char prefix[PATH_MAX];
	size_t length = strlen(path);
	int fd;

	if (length >= sizeof(prefix))
		return -ENAMETOOLONG;
	memcpy(prefix, path, length + 1);
	do {
		length = cut_name(prefix, length);
		prefix[length] = '\0';
		fd = look_up(root, prefix, O_PATH | O_DIRECTORY, flags & ~(unsigned)ROOTFS_NOFOLLOW);
	} while (fd == -ENOENT && length > 0);
	*ret_rest = path + length;
	return fd;
}

static bool is_one_name(const char *path)
{
	return *path && !strchr(path, '/') && strcmp(path, ".") != 0 && strcmp(path, "..") != 0;
}

static int make_missing_dir(const struct rootfs *root, const char *path, mode_t mode, unsigned flags)
{
	auto_close int deepest = -1;
	const char *rest;

	if (is_one_name(path))
		return make_names(root, root->fd, path, mode);
	deepest = open_deepest(root, path, flags, &rest);
	return deepest < 0 ? deepest : make_names(root, deepest, rest, mode);
}

int rootfs_make_dir(const struct rootfs *root, const char *path, mode_t mode, unsigned flags)
{
	int fd = flags & ROOTFS_MISSING ? -ENOENT : look_up(root, path, O_PATH | O_DIRECTORY, flags);

	return fd == -ENOENT ? make_missing_dir(root, path, mode, flags) : fd;
}

/* The directory that path's last name stands in, made where missing. */
static int make_parent(const struct rootfs *root, const char *path, unsigned flags, char ret_name[NAME_MAX + 1])
{
	char parent[PATH_MAX];
	int r = split(path, parent, ret_name);

	if (r < 0)
		return r;
	if (*parent == '\0')
		return fd_dup(root->fd, 0);
	return rootfs_make_dir(root, parent, PARENT_MODE, flags & ROOTFS_NO_SYMLINKS);
}

static int make_file(const struct rootfs *root, const char *path, mode_t mode, unsigned flags)
{
	auto_close int dir = -1;
	char name[NAME_MAX + 1];

	dir = make_parent(root, path, flags, name);
	if (dir < 0)
		return dir;
	if (!may_make(root, dir))
		return -EXDEV;
	/* EEXIST: somebody was faster, or a dangling link, which open_name refuses. */
	if (mknodat(dir, name, S_IFREG | mode, 0) < 0 && errno != EEXIST)
		return -errno;
	return open_name(dir, name, 0);
}

int rootfs_make_file(const struct rootfs *root, const char *path, mode_t mode, unsigned flags)
{
	auto_close int fd = -1;
	struct stat st;
	int r;

	fd = flags & ROOTFS_MISSING ? -ENOENT : look_up(root, path, O_PATH, flags);
	if (fd == -ENOENT)
		fd = make_file(root, path, mode, flags);
	if (fd < 0)
		return fd;
	r = sys_fstat(fd, &st);
	if (r < 0)
		return r;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	return take_fd(&fd);
}

static bool is_same_node(const struct stat *st, mode_t type, dev_t device)
{
	return (st->st_mode & S_IFMT) == type && (type == S_IFIFO || st->st_rdev == device);
}

/* Where nothing may be made, what is there may still be what is wanted. */
static int make_new_node(const struct rootfs *root, int dir, const char *name, mode_t type, dev_t device, mode_t mode)
{
	struct stat st;

	if (!may_make(root, dir))
		return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? -EEXIST : -EXDEV;
	return mknodat(dir, name, type | mode, device) < 0 ? -errno : 0;
}

int rootfs_make_node(const struct rootfs *root, const char *path, mode_t type, dev_t device, mode_t mode, uid_t uid,
		     gid_t gid, unsigned flags)
{
	auto_close int dir = -1, fd = -1;
	char name[NAME_MAX + 1];
	bool existed = false;
	struct stat st;
	int r;

	dir = make_parent(root, path, flags, name);
	if (dir < 0)
		return dir == -EISDIR ? -EEXIST : dir;
	r = make_new_node(root, dir, name, type, device, mode);
	if (r < 0 && r != -EEXIST)
		return r;
	existed = r < 0;
	fd = open_name(dir, name, O_NOFOLLOW);
	if (fd < 0)
		return fd == -ELOOP ? -EEXIST : fd;
	r = sys_fstat(fd, &st);
	if (r < 0)
		return r;
	if (!is_same_node(&st, type, device))
		return -EEXIST;
	if (existed && (flags & ROOTFS_KEEP || !may_make(root, dir)))
		return take_fd(&fd);

	/* Owner first: changing it clears set-id bits. */
	if (st.st_uid != uid || st.st_gid != gid) {
		r = sys_fchown(fd, uid, gid);
		if (r < 0)
			return r;
		st.st_mode &= ~(mode_t)(S_ISUID | S_ISGID);
	}
	if ((st.st_mode & 07777) != mode) {
		r = sys_fchmod(fd, mode);
		if (r < 0)
			return r;
	}
	return take_fd(&fd);
}

int rootfs_make_symlink(const struct rootfs *root, const char *path, const char *target)
{
	auto_close int dir = -1;
	char name[NAME_MAX + 1];

	dir = make_parent(root, path, 0, name);
	if (dir < 0)
		return dir == -EISDIR ? 0 : dir;
	if (!may_make(root, dir))
		return -EXDEV;
	return symlinkat(target, dir, name) == 0 || errno == EEXIST ? 0 : -errno;
}

bool rootfs_is_symlink(const struct rootfs *root, const char *path, const char *target)
{
	auto_close int fd = look_up(root, path, O_PATH, ROOTFS_NOFOLLOW);
	char text[PATH_MAX];
	ssize_t n = fd < 0 ? -1 : readlinkat(fd, "", text, sizeof(text));

	return n >= 0 && (size_t)n == strlen(target) && memcmp(text, target, (size_t)n) == 0;
}

/* ---- dangling links ---- */

/* Puts target in the place of the name of that length at path[at]; an absolute one begins at the root again. */
static int put_target(char path[PATH_MAX], size_t at, size_t length, const char *target)
{
	char spliced[PATH_MAX];
	int n = snprintf(spliced, sizeof(spliced), "%.*s%s%s", *target == '/' ? 0 : (int)at, path, target,
			 path + at + length);

	if (n >= (int)sizeof(spliced))
		return -ENAMETOOLONG;
	memcpy(path, spliced, (size_t)n + 1);
	return 0;
}

/* 1 if the first missing name of path was a link and has been replaced, 0 if it is none. */
static int follow_one(const struct rootfs *root, char path[PATH_MAX])
{
	auto_close int deepest = -1;
	char name[NAME_MAX + 1], target[PATH_MAX];
	const char *rest;
	size_t length;
	ssize_t n;
	int r;

	deepest = open_deepest(root, path, 0, &rest);
	if (deepest < 0)
		return deepest;
	rest += strspn(rest, "/");
	length = strcspn(rest, "/");
	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, rest, length);
	name[length] = '\0';
	n = readlinkat(deepest, name, target, sizeof(target) - 1);
	if (n < 0)
		return errno == EINVAL || errno == ENOENT ? 0 : -errno;
	target[n] = '\0';
	r = put_target(path, (size_t)(rest - path), length, target);
	return r < 0 ? r : 1;
}

int rootfs_follow(const struct rootfs *root, const char *path, char ret_path[PATH_MAX])
{
	size_t length = strlen(path);

	if (length >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(ret_path, path, length + 1);
	for (int links = 0; links <= LINKS_MAX; links++) {
		int r = look_up(root, ret_path, O_PATH, 0);

		if (r >= 0)
			return fd_close(r), 0;
		/* The kernel resolves what exists, and refuses magic links there. */
		r = r == -ENOENT ? follow_one(root, ret_path) : r;
		if (r <= 0)
			return r;
	}
	return -ELOOP;
}

/* ---- asking ---- */

/* The same directory of the same mount: another bind mount of it is another place. */
static int place(int fd, struct statx *ret)
{
	return statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, ret) < 0 ? -errno : 0;
}

static bool is_same_place(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_mnt_id == b->stx_mnt_id && a->stx_dev_major == b->stx_dev_major &&
	       a->stx_dev_minor == b->stx_dev_minor;
}

bool rootfs_contains(const struct rootfs *root, int fd)
{
	auto_close int at = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statx top, here, above;

	if (at < 0 || place(root->fd, &top) < 0 || place(at, &here) < 0)
		return false;
	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		int up;

		if (is_same_place(&here, &top))
			return true;
		up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		(void)fd_close(at);
		at = up;
		if (at < 0 || place(at, &above) < 0 || is_same_place(&above, &here))
			return false;
		here = above;
	}
	return false;
}
