// SPDX-License-Identifier: LGPL-2.1-or-later
/* mounts.c - attach the mounts of the spec below the container's root.
 *
 * Every mount is built detached, with its attributes, and attached by descriptor.  Order is the spec's: a later
 * mount may cover an earlier one, or stand on it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/text.h"
#include "init/cgroup_mount.h"
#include "init/init.h"
#include "init/labels.h"
#include "init/sources.h"
#include "kernel/copy.h"
#include "kernel/mount.h"
#include "kernel/proc.h"
#include "kernel/sys.h"
#include "ocispec.h"

struct plan {
	size_t index;
	const struct oci_mount *mount;
	struct mount_options options;
};

/* ---- the target ---- */

/* An attacker's link in a volume could send these where their masks and read-only paths do not reach. */
static unsigned target_flags(const struct plan *plan)
{
	const char *type = plan->mount->type;
	unsigned flags = plan->options.dest_nofollow ? ROOTFS_NOFOLLOW : 0;

	if (!plan->options.bind && type && (strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0))
		flags |= ROOTFS_NO_SYMLINKS;
	return flags;
}

/* A directory, or a file for whatever else is bound. */
static int make_target(const struct rootfs *root, const char *destination, const struct plan *plan, int mnt)
{
	unsigned flags = target_flags(plan) | ROOTFS_MISSING;
	struct stat st = { .st_mode = S_IFDIR };
	int r;

	r = plan->options.bind ? sys_fstat(mnt, &st) : 0;
	if (r < 0)
		return r;
	return S_ISDIR(st.st_mode) ? rootfs_make_dir(root, destination, 0755, flags)
				   : rootfs_make_file(root, destination, 0644, flags);
}

/* The names are the image's choice then: they are made in what is the container's own, never in a bound directory,
 * where a user of the container might not make them. */
static int make_behind_links(struct init *in, const struct rootfs *root, const char *destination,
			     const struct plan *plan, int mnt)
{
	const struct rootfs own = { .fd = root->fd, .may_make = root_is_own, .data = in };
	char path[PATH_MAX];
	int r = target_flags(plan) ? -ELOOP : rootfs_follow(root, destination, path);

	return r < 0 ? r : make_target(&own, path, plan, mnt);
}

static int open_target(struct init *in, const struct plan *plan, int mnt, struct error *err)
{
	const char *destination = plan->mount->destination, *rest;
	const struct rootfs root = mounts_root(in, plan->index, destination, &rest);
	int fd = rootfs_open(&root, rest, O_PATH, target_flags(plan));

	if (fd != -ENOENT)
		return fd < 0 ? fail(err, fd, "cannot open %s", destination) : fd;
	fd = make_target(&root, rest, plan, mnt);
	if (fd == -ELOOP)
		fd = make_behind_links(in, &root, rest, plan, mnt);
	if (fd == -EXDEV)
		return fail(err, fd, "cannot make %s: a link in it leads to a file system that is not the container's own",
			    destination);
	return fd < 0 ? fail(err, fd, "cannot make %s", destination) : fd;
}

/* The kernel says EINVAL for a directory over a file, and the other way round. */
static int explain(const struct plan *plan, int r, int mnt, int target, struct error *err)
{
	const char *destination = plan->mount->destination;
	struct stat from, to;

	if (r == -EINVAL && sys_fstat(mnt, &from) == 0 && sys_fstat(target, &to) == 0 &&
	    S_ISDIR(from.st_mode) != S_ISDIR(to.st_mode))
		return S_ISDIR(from.st_mode) ? fail(err, -ENOTDIR, "cannot attach a directory to %s", destination)
					     : fail(err, -EISDIR, "cannot attach a file to %s", destination);
	return fail(err, r, "cannot attach to %s", destination);
}

static int attach(struct init *in, const struct plan *plan, int mnt, struct error *err)
{
	auto_close int target = open_target(in, plan, mnt, err);
	int r;

	if (target < 0)
		return -1;
	r = mount_attach(mnt, target);
	if (r < 0)
		return explain(plan, r, mnt, target, err);
	if (mount_is_at(plan->mount, "/dev") && (plan->options.bind || sys_mount_id(mnt, &in->dev_mount) < 0))
		in->dev_mount = 0;
	if (!mount_is_at(plan->mount, "/"))
		return 0;
	/* On top of the root: it is the root from now on. */
	r = fd_dup(mnt, 0);
	if (r < 0)
		return fail(err, r, "cannot keep the new root");
	(void)fd_close(in->root.fd);
	in->root.fd = r;
	return 0;
}

/* ---- what is found again ---- */

enum { NOT_KEPT = 0, NO_MOUNT = -1 }; /* in->kept, where no descriptor (always above 2) stands */

/* Not even looked at again, mount by mount, for a path that no such mount covers: 1000 binds are 500 000 comparisons. */
static bool below_kept(const struct init *in, size_t n, const char *path)
{
	for (size_t k = 0; k < in->n_kept; k++)
		if (in->kept_order[k] < n && mount_covers(&in->config->mounts[in->kept_order[k]], path))
			return true;
	return false;
}

struct rootfs mounts_root(const struct init *in, size_t n, const char *path, const char **ret_rest)
{
	*ret_rest = path;
	/* A ".." may lead out of what the names before it cover. */
	if (!below_kept(in, n, path) || strstr(path, ".."))
		return in->root;
	for (size_t i = n; i-- > 0;) {
		const char *rest = mount_rest(&in->config->mounts[i], path);

		if (!rest || in->kept[i] == NO_MOUNT)
			continue;
		if (in->kept[i] == NOT_KEPT)
			break;
		*ret_rest = rest;
		return (struct rootfs){ .fd = in->kept[i] };
	}
	return in->root;
}

static int keep(struct init *in, const struct plan *plan, int mnt, struct error *err)
{
	int fd = fd_dup(mnt, 0);

	if (fd < 0)
		return fail(err, fd, "cannot keep %s", plan->mount->destination);
	in->kept[plan->index] = fd;
	in->kept_order[in->n_kept++] = plan->index;
	return 0;
}

/* ---- the kinds of mounts ---- */

/* 1 if the source is a link, which has been made here as well. */
static int copy_link(struct init *in, const struct plan *plan, int mnt, struct error *err)
{
	const char *destination = plan->mount->destination;
	auto_free char *target = NULL;
	int r = plan->options.copy_symlink ? mount_read_link(mnt, &target) : -EINVAL;

	if (r == -EINVAL)
		return 0;
	if (r < 0)
		return fail(err, r, "cannot read the source %s", plan->mount->source);
	r = rootfs_make_symlink(&in->root, destination, target);
	if (r == 0 && !rootfs_is_symlink(&in->root, destination, target))
		return fail(err, -EEXIST, "cannot make the link %s: another file is there", destination);
	return r < 0 ? fail(err, r, "cannot make the link %s", destination) : 1;
}

/* For mounts_root, as what was made: engines bind the host's /sys and /proc. */
static int keep_bound(struct init *in, const struct plan *plan, int mnt, struct error *err)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(mnt, &fs) < 0 || (fs.f_type != PROC_SUPER_MAGIC && fs.f_type != SYSFS_MAGIC))
		return 0;
	if (sys_fstat(mnt, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return keep(in, plan, mnt, err);
}

static int mount_bind(struct init *in, const struct plan *plan, struct error *err)
{
	auto_close int mnt = sources_take(in, plan->index, &plan->options, err);
	int r = mnt < 0 ? -1 : copy_link(in, plan, mnt, err);

	if (r != 0)
		return r < 0 ? -1 : 0;
	return attach(in, plan, mnt, err) < 0 ? -1 : keep_bound(in, plan, mnt, err);
}

static bool is_private(const char *type)
{
	static const char *const types[] = { "overlay", "ramfs", "tmpfs" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/* File systems that a mount of this container has made, and that nobody outside can have mounted. */
static int note_own(struct init *in, const char *type, int mnt)
{
	struct stat st;

	if (!is_private(type))
		return 0;
	if (!in->own_devices)
		in->own_devices = calloc(in->config->n_mounts, sizeof(*in->own_devices));
	if (!in->own_devices)
		return -ENOMEM;
	if (sys_fstat(mnt, &st) == 0) /* else it is not known as our own, and treated with more care */
		in->own_devices[in->n_own_devices++] = st.st_dev;
	return 0;
}

static bool is_own(const struct init *in, int fd)
{
	struct stat st;

	for (size_t i = 0; i < in->n_own_devices && sys_fstat(fd, &st) == 0; i++)
		if (in->own_devices[i] == st.st_dev)
			return true;
	return false;
}

bool root_is_own(const void *data, int dir)
{
	const struct init *in = data;
	unsigned long long id, root;

	if (sys_mount_id(dir, &id) == 0 && sys_mount_id(in->root.fd, &root) == 0 && id == root)
		return true;
	return is_own(in, dir);
}

int root_make_dir(const struct init *in, const char *path)
{
	const struct rootfs own = { .fd = in->root.fd, .may_make = root_is_own, .data = in };
	int fd = rootfs_make_dir(&in->root, path, 0755, ROOTFS_NO_SYMLINKS);

	return fd == -ELOOP ? rootfs_make_dir(&own, path, 0755, 0) : fd;
}

/* What lies there may be mounted on the host as well (a bind mount, sysfs, cgroups): then read-only is for this mount
 * alone, and what only the file system as a whole can have is refused. */
static int spare_others(const struct init *in, int target, struct mount_options *o, struct error *err)
{
	if (o->bind || is_own(in, target))
		return 0;
	o->super_set &= ~(uint64_t)MS_RDONLY;
	o->super_clear &= ~(uint64_t)MS_RDONLY;
	if (o->super_set || o->n_data)
		return fail(err, ERR_UNSUPPORTED,
			    "the options would change a file system that is not the container's alone");
	o->super_clear = 0; /* they are off, or others want them on */
	return 0;
}

/* ---- read-only, later ---- */

/* By ro or rro: nothing is below what is new. */
static bool is_read_only(const struct mount_options *o)
{
	return (o->attr_set | o->recursive_attr_set) & MOUNT_ATTR_RDONLY;
}

/* What is new and empty is yet to have mount points, devices and a console: engines ask for a read-only /dev.  (In a
 * detached tree attributes of an attached mount cannot be changed.) */
bool mounts_is_late(const struct init *in, const struct oci_mount *mount, const struct mount_options *options)
{
	return is_read_only(options) && !options->bind && !options->remount && is_private(mount->type) &&
	       strcmp(mount->type, "overlay") != 0 && !(in->flags & INIT_DETACHED_ROOT);
}

static bool is_late(const struct init *in, const struct plan *plan)
{
	return mounts_is_late(in, plan->mount, &plan->options);
}

static int note_late(struct init *in, const struct plan *plan, int mnt, struct error *err)
{
	unsigned long long id;
	int fd;

	if (!is_late(in, plan))
		return 0;
	if (!in->late)
		in->late = calloc(in->config->n_mounts, sizeof(*in->late));
	if (!in->late)
		return fail(err, -ENOMEM, "cannot remember a file system");
	fd = sys_mount_id(mnt, &id);
	if (fd == 0)
		fd = fd_dup(mnt, 0);
	if (fd < 0)
		return fail(err, fd, "cannot keep %s", plan->mount->destination);
	in->late[in->n_late++] = (struct late_mount){ .fd = fd, .id = id, .index = plan->index };
	return 0;
}

int mounts_end(struct init *in, struct error *err)
{
	for (; in->n_late > 0; in->n_late--) {
		const struct late_mount *late = &in->late[in->n_late - 1];
		int r = mount_change(late->fd, MOUNT_ATTR_RDONLY, 0, 0, false);

		(void)fd_close(late->fd);
		if (r < 0)
			return fail(err, r, "config.json:/mounts/%zu: cannot make %s read-only", late->index,
				    in->config->mounts[late->index].destination);
	}
	return 0;
}

/* The options of a remount are all that it has from then on. */
static int forget_late(struct init *in, int target)
{
	unsigned long long id;
	int r = in->n_late > 0 ? sys_mount_id(target, &id) : 0;

	for (size_t i = 0; r == 0 && i < in->n_late; i++)
		if (in->late[i].id == id) {
			(void)fd_close(in->late[i].fd);
			in->late[i] = in->late[--in->n_late];
			break;
		}
	return r;
}

static int remount(struct init *in, const struct plan *plan, struct error *err)
{
	auto_close int target = rootfs_open(&in->root, plan->mount->destination, O_PATH, target_flags(plan));
	struct mount_options o = plan->options;
	int r;

	if (target < 0)
		return fail(err, target, "cannot open %s", plan->mount->destination);
	if (spare_others(in, target, &o, err) < 0)
		return -1;
	r = forget_late(in, target);
	if (r == 0)
		r = mount_reconfigure(target, &o);
	return r < 0 ? fail(err, r, "cannot remount %s", plan->mount->destination) : 0;
}

/* sysfs shows the network namespace: a user namespace that does not own it may only bind the host's, read-only. */
static int clone_sysfs(const struct mount_options *o)
{
	auto_close int mnt = mount_clone(AT_FDCWD, "/sys", true, false);
	int r;

	if (mnt < 0)
		return mnt;
	r = mount_change(mnt, o->attr_set | MOUNT_ATTR_RDONLY, 0, MS_PRIVATE, true);
	return r < 0 ? r : take_fd(&mnt);
}

static bool has_word(const struct mount_options *o, const char *word)
{
	for (size_t i = 0; i < o->n_data; i++)
		if (strstr(o->data[i], word))
			return true;
	return false;
}

/* Mode and owner of the directory itself, where the options do not say otherwise. */
static int copy_top(const struct plan *plan, int from, int mnt)
{
	struct stat st;
	int r = sys_fstat(from, &st);

	if (r == 0 && !has_word(&plan->options, "uid=") && !has_word(&plan->options, "gid="))
		r = sys_fchown(mnt, st.st_uid, st.st_gid);
	if (r == -EINVAL || r == -EOVERFLOW) /* ids that this user namespace does not have */
		r = 0;
	if (r == 0 && !has_word(&plan->options, "mode="))
		r = sys_fchmod(mnt, st.st_mode & 07777);
	return r;
}

/* tmpcopyup: what lies at the destination, as far as it exists. */
static int fill(struct init *in, const struct plan *plan, int mnt, struct error *err)
{
	const char *destination = plan->mount->destination;
	auto_close int from = -1;
	int r;

	if (!plan->options.tmpcopyup)
		return 0;
	from = rootfs_open(&in->root, destination, O_RDONLY | O_DIRECTORY, target_flags(plan));
	r = from < 0 ? from : copy_tree(from, mnt);
	if (r == 0)
		r = copy_top(plan, from, mnt);
	if (r == 0 || from == -ENOENT) /* adapted() left it writable */
		r = is_late(in, plan) || !is_read_only(&plan->options) ? 0 : mount_change(mnt, MOUNT_ATTR_RDONLY, 0, 0, false);
	return r < 0 ? fail(err, r, "cannot copy %s", destination) : 0;
}

/* Without read-only where that is for later, or for this mount alone. */
static struct mount_options adapted(const struct init *in, const struct plan *plan)
{
	const bool late = plan->options.tmpcopyup || is_late(in, plan);
	struct mount_options o = plan->options;

	if (mount_type_is_shared(plan->mount->type) || late)
		o.super_set &= ~(uint64_t)MS_RDONLY;
	if (late) {
		o.attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		o.recursive_attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	return o;
}

/* ---- groups that a user namespace does not have ---- */

/* Not even root of a user namespace may name a group that is not mapped there. */
static bool is_mapped_group(uint64_t gid)
{
	auto_close int procfs = proc_open_host();
	auto_free char *map = NULL;
	unsigned inside, outside, size;
	int used;

	if (procfs < 0 || proc_read(procfs, "self/gid_map", &map) < 0)
		return true; /* cannot be told: then the kernel's refusal stands */
	for (const char *at = map; sscanf(at, "%u %u %u%n", &inside, &outside, &size, &used) == 3; at += used)
		if (gid >= inside && gid - inside < size)
			return true;
	return false;
}

static bool is_unmapped_group(const char *word)
{
	uint64_t gid;

	return text_starts(word, "gid=") && text_to_u64(word + 4, 0, UINT32_MAX, &gid) == 0 && !is_mapped_group(gid);
}

/* gid=5, as everybody writes for a devpts, is for hosts: without it terminals have the group of who opens them.
 * -EINVAL where that is not the matter. */
static int mount_pts(struct init *in, const struct plan *plan, const struct mount_options *options, char message[256])
{
	struct mount_options o = *options;
	auto_free const char **data = calloc(o.n_data + 1, sizeof(*data));
	int mnt;

	if (!data)
		return -ENOMEM;
	o.data = data;
	o.n_data = 0;
	for (size_t i = 0; i < options->n_data; i++)
		if (!is_unmapped_group(options->data[i]))
			data[o.n_data++] = options->data[i];
	if (o.n_data == options->n_data)
		return -EINVAL;
	mnt = labels_mount(in, plan->mount->type, plan->mount->source, &o, message);
	if (mnt >= 0)
		init_warn(in, "config.json:/mounts/%zu/options: gid= is left out: the user namespace has no such group",
			  plan->index);
	return mnt;
}

/* The runtime has the right to: the mapping is a user namespace that init does not own. */
static int shift(struct init *in, const struct plan *plan, int mnt, struct error *err)
{
	struct message message = { .type = MSG_SHIFT, .number = (int64_t)plan->index };

	if (!sources_is_shifted(plan->mount, &plan->options))
		return 0;
	return init_ask(in, &message, &mnt, 1, NULL, 0, NULL, err);
}

/* Message queues are files of the container, but their file system is made with the ipc namespace. */
static int label_queues(struct init *in, const char *type, int mnt, struct error *err)
{
	int r = strcmp(type, "mqueue") == 0 ? labels_top(in, mnt) : 0;

	if (r == -EOPNOTSUPP) /* the policy has a rule of its own for it */
		return 0;
	return r < 0 ? fail(err, r, "cannot label the message queues") : 0;
}

static int mount_file_system(struct init *in, const struct plan *plan, struct error *err)
{
	const struct mount_options o = adapted(in, plan);
	const char *type = plan->mount->type;
	auto_close int mnt = -1;
	char message[256];

	/* What shows the kernel's own things has the labels that the policy gives them. */
	mnt = mount_type_is_shared(type) ? mount_new(type, plan->mount->source, &o, message)
				     : labels_mount(in, type, plan->mount->source, &o, message);
	if (mnt == -EPERM && strcmp(type, "sysfs") == 0)
		mnt = clone_sysfs(&o);
	if (mnt == -EINVAL && strcmp(type, "devpts") == 0)
		mnt = mount_pts(in, plan, &o, message);
	if (mnt == -ENODEV && !*message)
		return fail(err, ERR_UNSUPPORTED, "unknown file system type %s: no such device", type);
	if (mnt < 0)
		return *message ? fail(err, mnt, "cannot make a %s file system: %s", type, message)
				: fail(err, mnt, "cannot make a %s file system", type);
	if (label_queues(in, type, mnt, err) < 0)
		return -1;
	if (note_own(in, type, mnt) < 0)
		return fail(err, -ENOMEM, "cannot remember a file system");
	if (fill(in, plan, mnt, err) < 0 || shift(in, plan, mnt, err) < 0 || attach(in, plan, mnt, err) < 0 ||
	    note_late(in, plan, mnt, err) < 0)
		return -1;
	return strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0 ? keep(in, plan, mnt, err) : 0;
}

static int mount_cgroups(struct init *in, struct plan *plan, struct error *err)
{
	auto_free char *hierarchies = NULL;
	auto_close int mnt = -1;

	plan->options.super_set &= ~(uint64_t)MS_RDONLY;
	mnt = cgroup_mount_new(in, &plan->options, &hierarchies, err);
	if (mnt < 0)
		return -1;
	/* In a detached tree attributes of an attached mount cannot be changed; elsewhere, and before Linux 6.15, nothing can be
	 * attached to a detached one. */
	if (in->flags & INIT_DETACHED_ROOT) {
		if (hierarchies && cgroup_mount_fill(in, mnt, hierarchies, &plan->options, err) < 0)
			return -1;
		return attach(in, plan, mnt, err);
	}
	if (attach(in, plan, mnt, err) < 0)
		return -1;
	return hierarchies ? cgroup_mount_fill(in, mnt, hierarchies, &plan->options, err) : 0;
}

static int run(struct init *in, struct plan *plan, struct error *err)
{
	if (plan->options.remount) {
		in->kept[plan->index] = NO_MOUNT;
		return remount(in, plan, err);
	}
	if (plan->options.bind)
		return mount_bind(in, plan, err);
	if (strcmp(plan->mount->type, "cgroup") == 0)
		return mount_cgroups(in, plan, err);
	return mount_file_system(in, plan, err);
}

int step_mounts(struct init *in, struct error *err)
{
	in->kept = calloc(in->config->n_mounts + 1, sizeof(*in->kept));
	in->kept_order = calloc(in->config->n_mounts + 1, sizeof(*in->kept_order));
	if (!in->kept || !in->kept_order)
		return fail(err, -ENOMEM, "cannot plan the mounts");
	for (size_t i = 0; i < in->config->n_mounts; i++) {
		struct plan plan = { .index = i, .mount = &in->config->mounts[i] };
		int r = mount_options_read(plan.mount->options, plan.mount->n_options, &plan.options);

		if (r < 0)
			return fail(err, r, "cannot read the options of the mounts");
		r = run(in, &plan, err);
		if (r < 0)
			r = within(err, "config.json:/mounts/%zu", i);
		mount_options_free(&plan.options);
		if (r < 0)
			return -1;
	}
	return 0;
}
