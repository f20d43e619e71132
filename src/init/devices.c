// SPDX-License-Identifier: LGPL-2.1-or-later
/* devices.c - default and configured devices, and the links of /dev.
 *
 * A node in what is bound from the host is the host's own: its mode and owner stay as they are, and nothing is made
 * in a /dev that is the host's.  A user namespace may not make nodes: there the host's node of that name is bound,
 * once it has been seen to be the right device. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "init/init.h"
#include "init/sources.h"
#include "kernel/mount.h"
#include "kernel/namespaces.h"
#include "kernel/proc.h"
#include "kernel/sys.h"
#include "ocispec.h"

struct device {
	const char *path;
	mode_t type;
	dev_t number;
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/* config-linux.md#default-devices */
static const struct {
	const char *name;
	unsigned major, minor;
} defaults[] = {
	{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static const struct {
	const char *name, *target;
} links[] = {
	/* runtime-linux.md#dev-symbolic-links: where there is a /proc/self/fd */
	{ "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
};

bool devices_default(size_t i, const char **ret_name, unsigned *ret_major, unsigned *ret_minor)
{
	if (i >= sizeof(defaults) / sizeof(defaults[0]))
		return false;
	*ret_name = defaults[i].name;
	*ret_major = defaults[i].major;
	*ret_minor = defaults[i].minor;
	return true;
}

bool devices_link(size_t i, const char **ret_name, const char **ret_target)
{
	if (i >= sizeof(links) / sizeof(links[0]))
		return false;
	*ret_name = links[i].name;
	*ret_target = links[i].target;
	return true;
}

bool device_is_ptmx(const struct oci_device *configured)
{
	return configured->type != S_IFIFO && configured->major == 5 && configured->minor == 2 &&
	       strcmp(configured->path, "/dev/ptmx") == 0;
}

/* ---- what the config mounts there ---- */

static bool is_mounted_at(const struct init *in, const char *path)
{
	for (size_t i = 0; i < in->config->n_mounts; i++)
		if (mount_is_at(&in->config->mounts[i], path))
			return true;
	return false;
}

static bool has_option(const struct oci_mount *mount, const char *word)
{
	for (size_t i = 0; i < mount->n_options; i++)
		if (strcmp(mount->options[i], word) == 0)
			return true;
	return false;
}

/* The last mount that path lies on, in the order of the config, is a bind mount.  A remount ("remount", "bind") leaves
 * there what is there. */
static bool is_bound(const struct init *in, const char *path)
{
	for (size_t i = in->config->n_mounts; i-- > 0;) {
		const struct oci_mount *mount = &in->config->mounts[i];

		if (mount_covers(mount, path) && !has_option(mount, "remount"))
			return has_option(mount, "bind") || has_option(mount, "rbind");
	}
	return false;
}

/* ---- one device ---- */

static bool is_device(const struct stat *st, const struct device *device)
{
	return (st->st_mode & S_IFMT) == device->type && (device->type == S_IFIFO || st->st_rdev == device->number);
}

/* The host's node of that path, if it is that device.  Detached clone or -errno. */
static int clone_node(const struct device *device, mode_t *ret_mode)
{
	auto_close int mnt = mount_clone(AT_FDCWD, device->path, false, true);
	struct stat st;
	int r;

	if (mnt < 0)
		return mnt;
	r = sys_fstat(mnt, &st);
	if (r < 0)
		return r;
	if (!is_device(&st, device))
		return -ENODEV;
	*ret_mode = st.st_mode & 07777;
	return take_fd(&mnt);
}

/* The kernel lets nobody but root of the host's user namespace. */
static bool can_make_nodes(void)
{
	auto_close int procfs = proc_open_host();

	return procfs < 0 || namespace_is_initial_user(procfs);
}

/* That device, what an earlier container left as a mount point, or a new one of the kind. */
static int open_mount_point(const struct rootfs *dir, const char *name, const struct device *device, unsigned flags)
{
	auto_close int fd = rootfs_open(dir, name, O_PATH, ROOTFS_NOFOLLOW | (flags & ROOTFS_NO_SYMLINKS));
	struct stat st;
	int r;

	if (fd == -ENOENT)
		return rootfs_make_file(dir, name, 0644, flags);
	r = fd < 0 ? fd : sys_fstat(fd, &st);
	if (r < 0)
		return r;
	return is_device(&st, device) || (S_ISREG(st.st_mode) && st.st_size == 0) ? take_fd(&fd) : -EEXIST;
}

static int bind_node(struct init *in, const struct rootfs *dir, const char *name, const struct device *device,
		     unsigned flags)
{
	auto_close int mnt = -1, target = -1;
	mode_t mode = 0;

	if (mount_is_forbidden()) /* before a mount point is made */
		return -EPERM;
	mnt = clone_node(device, &mode);
	if (mnt < 0)
		return mnt;
	target = open_mount_point(dir, name, device, flags & ~(unsigned)ROOTFS_KEEP);
	if (target < 0)
		return target;
	if (mode != device->mode)
		init_warn(in, "%s is the host's and keeps its mode %04o: a user namespace cannot have nodes of its own",
			  device->path, (unsigned)mode);
	return mount_attach(mnt, target);
}

/* dir is the directory that name is below, or the root. */
static int make_device(struct init *in, const struct rootfs *dir, const char *name, const struct device *device,
		       unsigned flags)
{
	int fd = rootfs_make_node(dir, name, device->type, device->number, device->mode, device->uid, device->gid,
				  flags);

	if (fd >= 0) {
		(void)fd_close(fd);
		return 0;
	}
	if (device->type != S_IFIFO && (fd == -EPERM || (fd == -EEXIST && !can_make_nodes())))
		return bind_node(in, dir, name, device, flags);
	return fd;
}

static int explain(struct error *err, int r, const char *path)
{
	if (r == -EEXIST)
		return fail(err, r, "cannot make %s: another file is there", path);
	if (r == -EXDEV)
		return fail(err, r, "cannot make %s: a link leads to a directory that is not the container's own", path);
	return fail(err, r, "cannot make %s", path);
}

/* ---- the defaults ---- */

static int make_defaults(struct init *in, const struct rootfs *dev, struct error *err)
{
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		char path[32];
		struct device device = {
			.path = path,
			.type = S_IFCHR,
			.number = makedev(defaults[i].major, defaults[i].minor),
			.mode = 0666,
		};
		int r;

		snprintf(path, sizeof(path), "/dev/%s", defaults[i].name);
		if (is_mounted_at(in, path))
			continue;
		r = make_device(in, dev, defaults[i].name, &device, ROOTFS_KEEP);
		if (r < 0)
			return explain(err, r, path);
	}
	return 0;
}

static int make_link(struct init *in, const struct rootfs *dev, const char *name, const char *target, struct error *err)
{
	char path[32];
	int r;

	snprintf(path, sizeof(path), "/dev/%s", name);
	if (is_mounted_at(in, path))
		return 0;
	r = rootfs_make_symlink(dev, name, target);
	return r < 0 ? fail(err, r, "cannot make the link %s", path) : 0;
}

static int make_links(struct init *in, const struct rootfs *dev, struct error *err)
{
	auto_close int proc = rootfs_open(&in->root, "/proc/self/fd", O_PATH, 0);

	for (size_t i = 0; proc >= 0 && i < sizeof(links) / sizeof(links[0]); i++)
		if (make_link(in, dev, links[i].name, links[i].target, err) < 0)
			return -1;
	return make_link(in, dev, "ptmx", "pts/ptmx", err);
}

/* A link in the image can lead from /dev, or from another mount's target to /dev, into what is bound from the host:
 * where it ends counts, not its name.  Ours are the root and the file system that the config mounts at /dev. */
static bool is_own_dev(const struct init *in, int fd)
{
	unsigned long long id, root;

	if (sys_mount_id(fd, &id) < 0 || sys_mount_id(in->root.fd, &root) < 0)
		return false;
	return id == (in->dev_mount ? in->dev_mount : root);
}

/* *ret_host: it turned out to be bound from the host, and is left alone. */
static int fill_dev(struct init *in, bool *ret_host, struct error *err)
{
	auto_close int fd = rootfs_make_dir(&in->root, "/dev", 0755, 0);
	const struct rootfs dev = { .fd = fd };

	if (fd < 0)
		return fail(err, fd, "cannot open /dev");
	*ret_host = !is_own_dev(in, fd);
	if (*ret_host)
		return 0;
	if (make_defaults(in, &dev, err) < 0)
		return -1;
	return make_links(in, &dev, err);
}

/* ---- the config's ---- */

/* In the host's /dev nothing is made, only looked at. */
static int check_device(struct init *in, const struct device *device, struct error *err)
{
	auto_close int fd = rootfs_open(&in->root, device->path, O_PATH, ROOTFS_NOFOLLOW);
	struct stat st;
	int r;

	if (fd == -ENOENT || fd == -ENOTDIR) {
		init_warn(in, "%s is not made: /dev is the host's, which does not have it", device->path);
		return 0;
	}
	r = fd < 0 ? fd : sys_fstat(fd, &st);
	if (r < 0)
		return fail(err, r, "cannot look at %s", device->path);
	if (!is_device(&st, device))
		return explain(err, -EEXIST, device->path);
	return 0;
}

static int make_configured(struct init *in, const struct oci_device *configured, bool host_dev, struct error *err)
{
	const struct device device = {
		.path = configured->path,
		.type = (mode_t)configured->type,
		.number = makedev((unsigned)configured->major, (unsigned)configured->minor),
		.mode = configured->has_file_mode ? configured->file_mode & 07777 : 0666,
		.uid = configured->uid,
		.gid = configured->gid,
	};
	const struct oci_mount dev = { .destination = "/dev" };
	const unsigned keep = is_bound(in, device.path) ? ROOTFS_KEEP : 0;
	const struct rootfs own = { .fd = in->root.fd, .may_make = root_is_own, .data = in };
	int r;

	if (host_dev && mount_covers(&dev, device.path))
		return check_device(in, &device, err);
	/* Docker lists it for --privileged, with all else that is in the host's /dev. */
	if (device_is_ptmx(configured))
		return 0;
	/* Where no link leads there, it is the config that names the place, whatever is mounted there. */
	r = make_device(in, &in->root, device.path, &device, keep | ROOTFS_NO_SYMLINKS);
	if (r == -ELOOP)
		r = make_device(in, &own, device.path, &device, keep);
	return r < 0 ? explain(err, r, device.path) : 0;
}

/* For the masks: after the pivot the host's node is out of reach. */
static int keep_null(struct init *in, struct error *err)
{
	const struct device null = { .path = "/dev/null", .type = S_IFCHR, .number = makedev(1, 3) };
	const struct oci_linux *linux = in->config->linux;
	mode_t mode;

	if (!linux || !linux->n_masked_paths)
		return 0;
	in->null = clone_node(&null, &mode);
	return in->null < 0 ? fail(err, in->null, "cannot clone the host's /dev/null for masked paths") : 0;
}

int step_devices(struct init *in, struct error *err)
{
	const struct oci_linux *linux = in->config->linux;
	bool host_dev = is_bound(in, "/dev");

	if (keep_null(in, err) < 0)
		return -1;
	if (!host_dev && fill_dev(in, &host_dev, err) < 0)
		return -1;
	for (size_t i = 0; linux && i < linux->n_devices; i++)
		if (make_configured(in, &linux->devices[i], host_dev, err) < 0)
			return within(err, "config.json:/linux/devices/%zu", i);
	return 0;
}
