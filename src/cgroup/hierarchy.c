// SPDX-License-Identifier: LGPL-2.1-or-later
/* hierarchy.c - one cgroup file system: where it is mounted, and the files of the container's directory in it.
 *
 * The usual mount points are tried first and believed only after fstatfs(2); mountinfo is parsed only where they
 * fail. */
#include "cgroup/private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "kernel/sys.h"

#define STANDARD_PLACE "/sys/fs/cgroup"
/* Paths that most have; for longer ones the other ways are left.  Two of PATH_MAX would be two pages of stack. */
#define USUAL_MAX 512

/* ---- which there are ---- */

static struct hierarchy *add_hierarchy(struct cgroup *cgroup, const char *name)
{
	struct hierarchy *h = reallocarray(cgroup->hierarchies, cgroup->n + 1, sizeof(*h));

	if (!h)
		return NULL;
	cgroup->hierarchies = h;
	h += cgroup->n++;
	*h = (struct hierarchy){ .name = name, .unified = !*name, .at = -1, .join = -1, .dir = -1 };
	return h;
}

/* Lines "ID:CONTROLLERS:PATH" in cgroup->text; ID 0 is the unified hierarchy, which is listed even when nothing mounts
 * it. */
static int read_hierarchies(struct cgroup *cgroup, bool *ret_v2)
{
	char *line, *next;

	*ret_v2 = true;
	for (line = cgroup->text; line && *line; line = next) {
		char *name = strchr(line, ':'), *end = name ? strchr(name + 1, ':') : NULL;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!end)
			continue;
		*end = '\0';
		*ret_v2 = *ret_v2 && !name[1];
		if (!add_hierarchy(cgroup, name + 1))
			return -ENOMEM;
	}
	return cgroup->n ? 0 : -ENODEV;
}

int hierarchies_find(struct cgroup *cgroup, bool *ret_v2)
{
	auto_close int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = file_read(fd, 1 << 20, &cgroup->text, NULL);
	return r < 0 ? r : read_hierarchies(cgroup, ret_v2);
}

void hierarchies_close(struct cgroup *cgroup)
{
	for (size_t i = 0; i < cgroup->n; i++) {
		struct hierarchy *h = &cgroup->hierarchies[i];

		h->at = fd_close(h->at);
		h->join = fd_close(h->join);
		h->dir = fd_close(h->dir);
		free(h->mount);
	}
	free(cgroup->hierarchies);
	free(cgroup->text);
	free(cgroup->controllers);
}

/* Whether the comma list has the word. */
static bool has_word(const char *list, const char *word, size_t length)
{
	for (const char *at = list; *at; at += *at == ',') {
		size_t n = strcspn(at, ",");

		if (n == length && memcmp(at, word, n) == 0)
			return true;
		at += n;
	}
	return false;
}

bool hierarchy_has(const struct hierarchy *h, const char *controller)
{
	return has_word(h->name, controller, strlen(controller));
}

struct hierarchy *hierarchy_of(const struct cgroup *cgroup, const char *controller)
{
	for (size_t i = 0; i < cgroup->n; i++)
		if (hierarchy_has(&cgroup->hierarchies[i], controller))
			return &cgroup->hierarchies[i];
	return NULL;
}

struct hierarchy *hierarchy_unified(const struct cgroup *cgroup)
{
	for (size_t i = 0; i < cgroup->n; i++)
		if (cgroup->hierarchies[i].unified)
			return &cgroup->hierarchies[i];
	return NULL;
}

/* ---- where they are ---- */

/* An O_PATH descriptor of the directory MOUNT + the first `length` bytes of path, if it is on a cgroup file system
 * of the right kind.  fd, -ENOENT, -ENODEV (something else is there), -errno */
static int open_checked(const struct hierarchy *h, const char *mount, const char *path, size_t length)
{
	char whole[PATH_MAX];
	struct statfs fs;
	int fd;

	if (snprintf(whole, sizeof(whole), "%s%.*s", mount, (int)length, path) >= (int)sizeof(whole))
		return -ENAMETOOLONG;
	fd = open(whole, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOTDIR ? -ENODEV : -errno;
	if (fstatfs(fd, &fs) < 0 || fs.f_type != (h->unified ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC)) {
		(void)fd_close(fd);
		return -ENODEV;
	}
	return fd;
}

/* The i-th place to look for it: all its names together, then each one.  false behind the last. */
static bool standard_place(const struct cgroup *cgroup, const struct hierarchy *h, size_t i, char *ret, size_t size)
{
	const char *name = h->name;

	if (h->unified) {
		snprintf(ret, size, "%s%s", STANDARD_PLACE, cgroup->driver == &driver_fs2 ? "" : "/unified");
		return i == 0;
	}
	if (text_starts(name, "name=")) {
		snprintf(ret, size, "%s/%s", STANDARD_PLACE, name + 5);
		return i == 0;
	}
	if (i == 0) {
		snprintf(ret, size, "%s/%s", STANDARD_PLACE, name);
		return true;
	}
	for (; i > 1 && name; i--)
		name = strchr(name, ',') ? strchr(name, ',') + 1 : NULL;
	if (!name || !strchr(h->name, ','))
		return false;
	snprintf(ret, size, "%s/%.*s", STANDARD_PLACE, (int)strcspn(name, ","), name);
	return true;
}

/* \040 and the like, as mountinfo writes blanks. */
static void unescape(char *path)
{
	char *to = path;

	for (const char *at = path; *at; at++) {
		if (at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] && at[3]) {
			*to++ = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'));
			at += 3;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
}

/* One line of proc_pid_mountinfo(5): whether it is a mount of this hierarchy; *ret_mount points into it. */
static bool is_mount_of(const struct hierarchy *h, char *line, char **ret_mount)
{
	char *field[6], *rest = strstr(line, " - "), *type, *options;

	if (!rest)
		return false;
	*rest = '\0';
	type = strtok_r(rest + 3, " ", &rest);
	if (!type || !strtok_r(NULL, " ", &rest))
		return false;
	options = strtok_r(NULL, " ", &rest);
	if (!options || strcmp(type, h->unified ? "cgroup2" : "cgroup") != 0)
		return false;
	for (size_t i = 0; i < 5; i++) {
		field[i] = strtok_r(i ? NULL : line, " ", &rest);
		if (!field[i])
			return false;
	}
	/* The options hold all names of a hierarchy, so the first is enough. */
	if (!h->unified && !has_word(options, h->name, strcspn(h->name, ",")))
		return false;
	unescape(field[4]);
	*ret_mount = field[4];
	return true;
}

static int find_in_mountinfo(struct hierarchy *h)
{
	auto_close int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	auto_free char *text = NULL;
	char *line, *next, *mount;
	int r;

	if (fd < 0)
		return -errno;
	r = file_read(fd, 64 << 20, &text, NULL);
	if (r < 0)
		return r;
	for (line = text; line && *line; line = next) {
		auto_close int root = -1;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!is_mount_of(h, line, &mount))
			continue;
		root = open_checked(h, mount, "", 0); /* may be hidden below another mount */
		if (root < 0)
			continue;
		h->mount = strdup(mount);
		return h->mount ? take_fd(&root) : -ENOMEM;
	}
	return -ENODEV;
}

/* Finds h->mount where the first guess was wrong.  Descriptor of its directory or -errno */
static int find_mount(const struct cgroup *cgroup, struct hierarchy *h)
{
	char place[PATH_MAX];
	int r;

	for (size_t i = 0; standard_place(cgroup, h, i, place, sizeof(place)); i++) {
		auto_close int root = open_checked(h, place, "", 0);

		if (root < 0)
			continue;
		h->mount = strdup(place);
		return h->mount ? take_fd(&root) : -ENOMEM;
	}
	r = find_in_mountinfo(h);
	h->unmounted = r == -ENODEV;
	return r;
}

/* Length of the path without its last name. */
static size_t parent_length(const struct cgroup *cgroup)
{
	return (size_t)(cgroup->leaf - 1 - cgroup->path);
}

static int open_usual(const struct cgroup *cgroup, const struct hierarchy *h)
{
	char place[PATH_MAX];

	(void)standard_place(cgroup, h, 0, place, sizeof(place)); /* there always is a first one */
	return open_checked(h, place, cgroup->path, parent_length(cgroup));
}

/* At the usual mount point alone, in one step.  fd or -errno */
static int open_file_usual(const struct cgroup *cgroup, const struct hierarchy *h, const char *path, const char *file,
			   int flags)
{
	char whole[USUAL_MAX], place[USUAL_MAX];
	auto_close int fd = -1;
	struct statfs fs;

	(void)standard_place(cgroup, h, 0, place, sizeof(place));
	if (snprintf(whole, sizeof(whole), "%s%s/%s", place, path, file) >= (int)sizeof(whole))
		return -ENAMETOOLONG;
	fd = open(whole, flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) < 0 || fs.f_type != (h->unified ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC))
		return -ENODEV;
	return take_fd(&fd);
}

void hierarchy_place(const struct cgroup *cgroup, const struct hierarchy *h, const char *file, char *ret, size_t size)
{
	char place[PATH_MAX];

	if (h->mount)
		snprintf(place, sizeof(place), "%s", h->mount);
	else
		(void)standard_place(cgroup, h, 0, place, sizeof(place));
	snprintf(ret, size, "%s%s%s%s", place, cgroup->path, *file ? "/" : "", file);
}

int hierarchy_open(const struct cgroup *cgroup, struct hierarchy *h)
{
	int fd = -1;

	if (h->at >= 0)
		return 0;
	if (h->unmounted)
		return -ENODEV;
	if (!h->mount)
		fd = open_usual(cgroup, h);
	if (fd < 0 && !h->mount) {
		fd = find_mount(cgroup, h);
		if (fd < 0)
			return fd;
		fd = fd_close(fd);
	}
	if (fd < 0)
		fd = open_checked(h, h->mount, cgroup->path, parent_length(cgroup));
	if (fd < 0)
		return fd;
	h->at = fd;
	return 0;
}

int hierarchy_root(const struct cgroup *cgroup, struct hierarchy *h)
{
	if (h->unmounted)
		return -ENODEV;
	return h->mount ? open_checked(h, h->mount, "", 0) : find_mount(cgroup, h);
}

int hierarchy_open_at(const struct cgroup *cgroup, struct hierarchy *h, const char *path, const char *file, int flags)
{
	struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC),
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	char whole[PATH_MAX + PATH_MAX];
	auto_close int root = -1;

	if (!h->mount && !h->unmounted) {
		int fd = open_file_usual(cgroup, h, path, file, flags);

		if (fd >= 0)
			return fd;
	}
	root = hierarchy_root(cgroup, h);
	if (root < 0)
		return root;
	path += strspn(path, "/");
	snprintf(whole, sizeof(whole), "%s%s%s", path, *path && *file ? "/" : "", file);
	return sys_openat2(root, *whole ? whole : ".", &how);
}

/* ---- files ---- */

int file_open_below(int dir, const char *name, const char *file, int flags)
{
	char path[NAME_MAX + NAME_MAX + 2];
	int fd;

	if (strchr(file, '/') || snprintf(path, sizeof(path), "%s/%s", name, file) >= (int)sizeof(path))
		return -EINVAL;
	fd = openat(dir, path, flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

static ssize_t read_line(int fd, char *ret, size_t size)
{
	ssize_t n;

	do
		n = read(fd, ret, size - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	while (n > 0 && ret[n - 1] == '\n')
		n--;
	ret[n] = '\0';
	return n;
}

ssize_t file_read_below(int dir, const char *name, const char *file, char *ret, size_t size)
{
	auto_close int fd = file_open_below(dir, name, file, O_RDONLY);

	return fd < 0 ? fd : read_line(fd, ret, size);
}

int file_write_below(int dir, const char *name, const char *file, const char *value)
{
	auto_close int fd = file_open_below(dir, name, file, O_WRONLY);
	size_t size = strlen(value);
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = write(fd, value, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}

int hierarchy_file(const struct cgroup *cgroup, struct hierarchy *h, const char *file, int flags)
{
	int r = hierarchy_open(cgroup, h);

	return r < 0 ? r : file_open_below(h->at, cgroup->leaf, file, flags);
}

ssize_t hierarchy_read(const struct cgroup *cgroup, struct hierarchy *h, const char *file, char *ret, size_t size)
{
	int r = hierarchy_open(cgroup, h);

	return r < 0 ? r : file_read_below(h->at, cgroup->leaf, file, ret, size);
}

ssize_t hierarchy_read_usual(const struct cgroup *cgroup, const struct hierarchy *h, const char *file, char *ret,
			     size_t size)
{
	auto_close int fd = open_file_usual(cgroup, h, cgroup->path, file, O_RDONLY);

	return fd < 0 ? fd : read_line(fd, ret, size);
}

int hierarchy_write(const struct cgroup *cgroup, struct hierarchy *h, const char *file, const char *value)
{
	int r = hierarchy_open(cgroup, h);

	return r < 0 ? r : file_write_below(h->at, cgroup->leaf, file, value);
}

int hierarchy_prepare_join(const struct cgroup *cgroup, struct hierarchy *h)
{
	int fd;

	if (h->join >= 0)
		return 0;
	fd = hierarchy_file(cgroup, h, h->unified ? "cgroup.procs" : "tasks", O_WRONLY);
	if (fd < 0)
		return fd;
	h->join = fd;
	return 0;
}

/* ---- time ---- */

void back_off(unsigned *us)
{
	struct timespec pause = { 0, (long)*us * 1000 };

	(void)nanosleep(&pause, NULL); /* shorter is fine */
	*us = *us * 2 < 20000 ? *us * 2 : 20000;
}
