// SPDX-License-Identifier: LGPL-2.1-or-later
/* verify_mounts.c - every mount that a restored process can reach is one that the config has put there.
 *
 * Mountinfo shows each process what lies below its own root, and the images say what that is: so it is looked at by a
 * process of our own that has just entered the mount namespace.  Places are compared as the kernel writes them, sources
 * by inode.  Nothing of the container runs meanwhile, so what that process tightens there is as if it had always been so. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/socket.h"
#include "container/externals.h"
#include "container/verification.h"
#include "kernel/mount.h"
#include "kernel/namespaces.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"
#include "kernel/rootfs.h"
#include "kernel/sys.h"

#define CONSOLE "/dev/console"

/* ---- a namespace ---- */

/* In the mount namespace: what covers a masked path is ours to see, not to change.  runc binds the container's /dev/null
 * there, writable, and the images have it so.  What fails here is not read-only, and so refused. */
static void close_masks(const struct oci_linux *linux)
{
	auto_close int current = rootfs_current();
	const struct rootfs root = { .fd = current };

	for (size_t i = 0; current >= 0 && i < linux->n_masked_paths; i++) {
		auto_close int fd = rootfs_open(&root, linux->masked_paths[i], O_PATH, 0);
		struct stat st;

		if (fd >= 0 && sys_fstat(fd, &st) == 0 && rootfs_is_null(&st))
			(void)mount_change(fd, MOUNT_ATTR_RDONLY, 0, 0, false);
	}
}

/* In the forked process: says that it is there, and waits for the end of the file.  In a user namespace masks stay as they
 * are: see is_device(). */
static void enter(const struct oci_config *config, int ns, int channel) __attribute__((noreturn));
static void enter(const struct oci_config *config, int ns, int channel)
{
	char said = sys_setns(ns, CLONE_NEWNS) < 0 ? 'n' : 'y';
	ssize_t n;

	if (said == 'y' && config->linux && !config_makes(config, CLONE_NEWUSER))
		close_masks(config->linux);
	n = write(channel, &said, 1);

	while (n == 1)
		n = read(channel, &said, 1);
	_exit(0);
}

static int look_from(int procfs, pid_t pid, int channel, struct view *ret)
{
	char said, path[48];
	ssize_t n;
	int r;

	do
		n = read(channel, &said, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1 || said != 'y')
		return -EPERM;
	snprintf(path, sizeof(path), "%d/mountinfo", (int)pid);
	r = proc_read(procfs, path, &ret->mountinfo);
	if (r < 0)
		return r;
	ret->root = proc_open_root(procfs, pid);
	return ret->root < 0 ? ret->root : 0;
}

static int look(const struct verification *v, int ns, struct view *ret)
{
	auto_close int pidfd = -1;
	const struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	int pair[2], ignored, r;
	pid_t pid;

	r = socket_pair(pair);
	if (r < 0)
		return r;
	pid = sys_clone3(&args);
	if (pid == 0) {
		(void)fd_close(pair[0]);
		enter(v->config, ns, pair[1]);
	}
	(void)fd_close(pair[1]);
	r = pid < 0 ? (int)pid : look_from(v->procfs, pid, pair[0], ret);
	(void)fd_close(pair[0]);
	if (pid > 0)
		(void)pidfd_reap(pidfd, &ignored);
	return r;
}

void verify_views_free(struct verification *v)
{
	for (size_t i = 0; i < v->n_views; i++) {
		(void)fd_close(v->views[i].root);
		free(v->views[i].mountinfo);
		for (size_t k = 0; k < v->views[i].n_spots; k++)
			free(v->views[i].spots[k].target);
		free(v->views[i].spots);
		free(v->views[i].ids);
		free(v->views[i].queues);
	}
	free(take_ptr(v->views));
	v->n_views = 0;
}

/* ---- what the config has ---- */

/* A mount line of what lies at path in the container.  0, -ENOENT: there is nothing, -errno.  ret_st may be NULL. */
static int line_at(const struct view *view, const char *path, struct mount_line *ret, struct stat *ret_st)
{
	const struct rootfs root = { .fd = view->root };
	auto_close int fd = rootfs_open(&root, path, O_PATH, 0);
	unsigned long long id;
	int r = fd < 0 ? fd : sys_mount_id(fd, &id);

	if (r == 0 && ret_st)
		r = sys_fstat(fd, ret_st);
	if (r < 0)
		return r == -ENOTDIR ? -ENOENT : r;
	return mountinfo_find(view->mountinfo, id, ret);
}

static void find_spot(struct view *view, const char *path)
{
	struct spot *spot = &view->spots[view->n_spots++];
	struct mount_line line;

	spot->r = line_at(view, path, &line, &spot->st);
	if (spot->r < 0)
		return;
	spot->id = line.id;
	spot->target = strdup(line.target);
	if (!spot->target)
		spot->r = -ENOMEM;
}

static int compare_ids(const void *one, const void *other)
{
	const uint64_t *a = one, *b = other;

	return *a == *b ? 0 : *a < *b ? -1 : 1;
}

bool verify_has_mount(const struct view *view, uint64_t id)
{
	return bsearch(&id, view->ids, view->n_ids, sizeof(id), compare_ids);
}

/* For the files, of which there may be many. */
static int list_mounts(struct view *view)
{
	const char *rest = view->mountinfo;
	struct mount_line line;
	size_t n = 1;

	for (const char *at = rest; (at = strchr(at, '\n')); at++)
		n++;
	view->ids = calloc(n, sizeof(*view->ids));
	view->queues = calloc(n, sizeof(*view->queues));
	if (!view->ids || !view->queues)
		return -ENOMEM;
	while (view->n_ids < n && mountinfo_next(&rest, &line) > 0) {
		unsigned major, minor;

		view->ids[view->n_ids++] = line.id;
		if (strcmp(line.type, "mqueue") == 0 && sscanf(line.device, "%u:%u", &major, &minor) == 2)
			view->queues[view->n_queues++] = makedev(major, minor);
	}
	qsort(view->ids, view->n_ids, sizeof(*view->ids), compare_ids);
	return 0;
}

/* Once: a thousand mounts would be a million looks, each through the whole list. */
static int find_spots(const struct oci_config *config, struct view *view)
{
	static const struct oci_linux none;
	const struct oci_linux *linux = config->linux ? config->linux : &none;

	view->spots = calloc(config->n_mounts + linux->n_masked_paths + linux->n_readonly_paths + 1, sizeof(*view->spots));
	if (!view->spots)
		return -ENOMEM;
	for (size_t i = 0; i < config->n_mounts; i++)
		find_spot(view, config->mounts[i].destination);
	for (size_t i = 0; i < linux->n_masked_paths; i++)
		find_spot(view, linux->masked_paths[i]);
	for (size_t i = 0; i < linux->n_readonly_paths; i++)
		find_spot(view, linux->readonly_paths[i]);
	return 0;
}

static bool has_option(const char *options, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = options; *at; at += strcspn(at, ","), at += *at == ',')
		if (strncmp(at, word, n) == 0 && (at[n] == ',' || !at[n]))
			return true;
	return false;
}

/* The first flag that the config wants and the mount has not, or NULL. */
static const char *missing_flag(const struct oci_mount *mount, const char *has)
{
	static const struct {
		uint64_t attr;
		const char *word;
	} flags[] = {
		{ MOUNT_ATTR_RDONLY, "ro" },
		{ MOUNT_ATTR_NOSUID, "nosuid" },
		{ MOUNT_ATTR_NODEV, "nodev" },
		{ MOUNT_ATTR_NOEXEC, "noexec" },
	};
	struct mount_options o;
	const char *missing = NULL;

	if (mount_options_read(mount->options, mount->n_options, &o) < 0)
		return "its flags";
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]) && !missing; i++)
		if (((o.attr_set | o.recursive_attr_set) & flags[i].attr) && !has_option(has, flags[i].word))
			missing = flags[i].word;
	mount_options_free(&o);
	return missing;
}

/* File systems that hold nothing of the host's but what the process's namespaces show. */
static bool is_virtual(const char *type)
{
	static const char *const types[] = { "devpts", "mqueue", "proc", "sysfs", "tmpfs", "cgroup", "cgroup2" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/* cgroup: on v1 a tmpfs with a mount for each hierarchy below it. */
static bool is_type(const struct oci_mount *mount, const struct mount_line *line, bool below)
{
	const char *type = mount->type ? mount->type : "";

	if (strcmp(type, "cgroup") == 0)
		return strncmp(line->type, "cgroup", 6) == 0 || (!below && strcmp(line->type, "tmpfs") == 0);
	/* In a user namespace that may not mount its own, these are binds of the host's. */
	return !below && strcmp(type, line->type) == 0;
}

static bool is_below(const char *path, const char *above)
{
	size_t n = strlen(above);

	return strncmp(path, above, n) == 0 && path[n] == '/';
}

/* What staging has put there for criu. */
static bool is_same_source(const struct verification *v, size_t i, const struct stat *st)
{
	struct stat source;

	return v->staging->sources && v->staging->sources[i] >= 0 && sys_fstat(v->staging->sources[i], &source) == 0 &&
	       source.st_dev == st->st_dev && source.st_ino == st->st_ino;
}

static bool is_same_path(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	while (n > 0 && a[n - 1] == '/')
		n--;
	while (m > 0 && b[m - 1] == '/')
		m--;
	return n == m && strncmp(a, b, n) == 0;
}

/* Whether entry k of the config is for the mount at the place of entry i.  (By its id alone one whose mount is gone would be for the
 * mount that it was on.) */
static bool is_at(const struct oci_config *config, const struct view *view, size_t k, size_t i)
{
	return view->spots[k].r == 0 && view->spots[k].id == view->spots[i].id &&
	       is_same_path(config->mounts[k].destination, config->mounts[i].destination);
}

/* Whether a later one is at the same place, above it. */
static bool is_covered(const struct oci_config *config, const struct view *view, size_t i)
{
	for (size_t k = i + 1; k < config->n_mounts; k++)
		if (is_at(config, view, k, i) && !external_is_remount(&config->mounts[k]))
			return true;
	return false;
}

/* The entry that says which flags the mount at the place of mount i has: the last remount, all of whose options they are. */
static size_t last_change(const struct oci_config *config, const struct view *view, size_t i)
{
	for (size_t k = config->n_mounts; k-- > i + 1;)
		if (is_at(config, view, k, i) && external_is_remount(&config->mounts[k]))
			return k;
	return i;
}

/* Whether mount i of the config may be that line.  1, 0: not this one, -1 with err: it is, but has more */
static int is_mount(const struct verification *v, const struct view *view, size_t i, const struct mount_line *line,
		    struct error *err)
{
	const struct oci_mount *mount = &v->config->mounts[i];
	const struct spot *spot = &view->spots[i];
	const char *missing;
	size_t last = i;
	bool same;

	if (spot->r < 0 || external_is_remount(mount))
		return 0;
	same = strcmp(spot->target, line->target) == 0;
	if (external_is_bind(mount) ? !same || spot->id != line->id || !is_same_source(v, i, &spot->st)
				    : (!same && !is_below(line->target, spot->target)) || !is_type(mount, line, !same))
		return 0;
	if (spot->id == line->id) {
		if (is_covered(v->config, view, i))
			return 0;
		last = last_change(v->config, view, i);
	}
	missing = missing_flag(&v->config->mounts[last], line->options);
	if (missing)
		return fail(err, ERR_CONFIG, "config.json:/mounts/%zu: the images have %s without %s", last, mount->destination,
			    missing);
	if (!external_is_bind(mount) && same && verify_mount_label(v, i, line, err) < 0)
		return -1;
	return 1;
}

/* Of a path that is masked, or read-only. */
static bool is_hidden(const struct verification *v, const struct view *view, bool masked, const struct mount_line *line)
{
	const size_t begin = v->config->n_mounts, between = begin + (v->config->linux ? v->config->linux->n_masked_paths : 0);

	for (size_t i = masked ? begin : between; i < (masked ? between : view->n_spots); i++)
		if (view->spots[i].r == 0 && strcmp(view->spots[i].target, line->target) == 0)
			return true;
	return false;
}

/* Whether the line is a part of the container's own root. */
static bool is_of_root(const struct mount_line *line, const struct mount_line *top)
{
	size_t n = strcmp(top->root, "/") == 0 ? 0 : strlen(top->root);

	return strcmp(line->device, top->device) == 0 && strncmp(line->root, top->root, n) == 0 &&
	       (line->root[n] == '/' || !line->root[n]);
}

/* A node of the host, at the place of a mask or its own.  Staging has it read-only, but for a user namespace: there mode and
 * times of the host's node are out of reach. */
static bool is_device(const struct verification *v, const struct view *view, const struct mount_line *line)
{
	const char *device;

	if (strcmp(line->type, "devtmpfs") != 0 ||
	    !(has_option(line->options, "ro") || config_makes(v->config, CLONE_NEWUSER)))
		return false;
	if (strcmp(line->root, "/null") == 0 && is_hidden(v, view, true, line))
		return true;
	for (size_t i = 0; (device = external_device(v->config, i)); i++)
		if (strncmp(device, "/dev", 4) == 0 && strcmp(device + 4, line->root) == 0 && strcmp(line->target, device) == 0)
			return true;
	return false;
}

static int check_line(const struct verification *v, const struct view *view, const struct mount_line *line,
		      const struct mount_line *top, struct error *err)
{
	if (line->id == top->id || is_device(v, view, line))
		return 0;
	for (size_t i = 0; i < v->config->n_mounts; i++) {
		int r = is_mount(v, view, i, line, err);

		if (r != 0)
			return r < 0 ? -1 : 0;
	}
	/* What covers itself, or is covered; whether it may be written or seen is looked at below. */
	if ((is_of_root(line, top) || is_virtual(line->type)) && has_option(line->options, "ro") &&
	    (is_hidden(v, view, false, line) || is_hidden(v, view, true, line)))
		return 0;
	if (strcmp(line->type, "devpts") == 0 && v->config->process && v->config->process->terminal &&
	    strcmp(line->target, CONSOLE) == 0)
		return 0;
	/* The container may have mounted it by itself. */
	if (verify_may(v, CAP_SYS_ADMIN) && (is_of_root(line, top) || is_virtual(line->type)))
		return 0;
	return fail(err, ERR_CONFIG, "config.json:/mounts: the images mount %s at %s, which the config does not", line->type,
		    line->target);
}

static int check_paths(const struct verification *v, const struct view *view, struct error *err)
{
	const struct oci_linux *linux = v->config->linux;
	struct mount_line line;
	int r;

	for (size_t i = 0; linux && i < linux->n_readonly_paths; i++) {
		r = line_at(view, linux->readonly_paths[i], &line, NULL);
		if (r < 0 && r != -ENOENT)
			return fail(err, r, "config.json:/linux/readonlyPaths/%zu: cannot look at %s", i, linux->readonly_paths[i]);
		if (r == 0 && !has_option(line.options, "ro"))
			return fail(err, ERR_CONFIG, "config.json:/linux/readonlyPaths/%zu: the images have %s writable", i,
				    linux->readonly_paths[i]);
	}
	/* What covers it is a mount of its own, of /dev/null or an empty tmpfs. */
	for (size_t i = 0; linux && i < linux->n_masked_paths; i++) {
		r = line_at(view, linux->masked_paths[i], &line, NULL);
		if (r < 0 && r != -ENOENT)
			return fail(err, r, "config.json:/linux/maskedPaths/%zu: cannot look at %s", i, linux->masked_paths[i]);
		if (r == 0 && strcmp(line.type, "tmpfs") != 0 && strcmp(line.type, "devtmpfs") != 0)
			return fail(err, ERR_CONFIG, "config.json:/linux/maskedPaths/%zu: the images show %s", i,
				    linux->masked_paths[i]);
	}
	return 0;
}

static int check_view(const struct verification *v, const struct view *view, struct error *err)
{
	struct mount_line top, line;
	struct stat st, wanted;
	const char *rest;
	int r = line_at(view, "/", &top, &st);

	if (r == 0)
		r = sys_fstat(v->staging->root, &wanted);
	if (r < 0)
		return fail(err, r, "cannot look at the root of the restored process");
	if (st.st_dev != wanted.st_dev || st.st_ino != wanted.st_ino)
		return fail(err, ERR_CONFIG, "config.json:/root/path: the images have another root");
	if (v->config->root && v->config->root->readonly && !has_option(top.options, "ro"))
		return fail(err, ERR_CONFIG, "config.json:/root/readonly: the images have the root writable");
	for (rest = view->mountinfo; (r = mountinfo_next(&rest, &line)) > 0;)
		if (check_line(v, view, &line, &top, err) < 0)
			return -1;
	if (r < 0)
		return fail(err, ERR_HOST, "cannot read the mounts of the restored process");
	return check_paths(v, view, err);
}

int verify_mounts(struct verification *v, pid_t pid, struct error *err)
{
	auto_close int ns = namespace_open_of(v->procfs, pid, CLONE_NEWNS);
	struct view *bigger, *view;
	struct stat st;
	int r = ns < 0 ? ns : sys_fstat(ns, &st);

	if (r < 0)
		return fail(err, r, "cannot look at the mounts of process %d", (int)pid);
	for (size_t i = 0; i < v->n_views; i++)
		if (v->views[i].ns == st.st_ino)
			return 0;
	bigger = realloc(v->views, (v->n_views + 1) * sizeof(*bigger));
	if (!bigger)
		return fail(err, -ENOMEM, "cannot look at the mounts of process %d", (int)pid);
	v->views = bigger;
	view = &bigger[v->n_views++];
	*view = (struct view){ .ns = st.st_ino, .root = -1 };
	r = look(v, ns, view);
	if (r == 0)
		r = list_mounts(view);
	if (r == 0)
		r = find_spots(v->config, view);
	return r < 0 ? fail(err, r, "cannot look at the mounts of process %d", (int)pid) : check_view(v, view, err);
}
