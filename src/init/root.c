// SPDX-License-Identifier: LGPL-2.1-or-later
/* root.c - the container's root: a detached clone of root.path, attached over itself, and entered at last; without a
 * mount namespace of its own, root.path itself.
 *
 * Nothing that is mounted from here on may reach the host: the copy of the host's tree that this mount namespace
 * was born with becomes private (or slave) before anything is attached in it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdlib.h>

#include "base/fd.h"
#include "init/init.h"
#include "init/sources.h"
#include "kernel/mount.h"
#include "kernel/sys.h"
#include "ocispec.h"

static uint64_t root_propagation(const struct init *in)
{
	const struct oci_linux *linux = in->config->linux;

	return linux && linux->has_rootfs_propagation ? linux->rootfs_propagation : 0;
}

bool root_has_mounts(const struct init *in)
{
	const struct oci_linux *linux = in->config->linux;

	for (size_t i = 0; linux && i < linux->n_namespaces; i++)
		if (linux->namespaces[i].type == CLONE_NEWNS)
			return !linux->namespaces[i].path;
	return false;
}

bool root_is_slave(const struct init *in)
{
	return (root_propagation(in) & MS_SLAVE) != 0;
}

/* Attached over itself, so that a hook that enters this namespace finds the container's mounts at root.path.  Where
 * that path cannot be walked (host directories that the user namespace may not enter), over "/". */
static int open_place(struct init *in, struct error *err)
{
	const char *path = in->config->root->path;
	int from = AT_FDCWD, fd;

	if (*path != '/') {
		from = sources_bundle(in, err);
		if (from < 0)
			return -1;
	}
	fd = mount_open_dir(from, path);
	if (fd == -EACCES && (in->flags & INIT_HOST_SOURCES))
		fd = mount_open_dir(AT_FDCWD, "/");
	return fd < 0 ? fail(err, fd, "config.json:/root/path: cannot open %s", path) : fd;
}

static int clone_root(struct init *in, int place, struct error *err)
{
	struct message message = { .type = MSG_ROOT };
	size_t n = 0;
	int fd = -1;

	if (!(in->flags & INIT_HOST_SOURCES)) {
		fd = mount_clone_fd(place, true);
		return fd < 0 ? fail(err, fd, "cannot clone %s", in->config->root->path) : fd;
	}
	if (init_ask(in, &message, NULL, 0, &fd, 1, &n, err) < 0)
		return -1;
	return n == 1 ? fd : fail(err, ERR_INTERNAL, "ROOT came with %zu descriptors", n);
}

/* A clone of ours is what the tree is; one of the runtime's is what the host's tree is, often shared. */
static uint64_t needed_propagation(const struct init *in)
{
	uint64_t wanted = root_is_slave(in) ? MS_SLAVE : MS_PRIVATE;

	return !(in->flags & INIT_HOST_SOURCES) && wanted == in->tree_propagation ? 0 : wanted;
}

/* In a mount namespace that others live in nothing is mounted: the root is a directory there, by descriptor, and is
 * entered by chroot.  That of the runtime it opens itself, with its rights.  In one that was joined the runtime's
 * path is looked up as below a root: what is there may be hostile, and magic links lead out of it. */
static int open_shared(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_ROOT };
	auto_close int top = -1, fd = -1;
	size_t n = 0;

	if (init_ask(in, &message, NULL, 0, &fd, 1, &n, err) < 0)
		return -1;
	if (in->joined_namespaces & CLONE_NEWNS && n == 0) {
		sys_avoid_proc();
		top = mount_open_dir(AT_FDCWD, "/");
		if (top < 0)
			return fail(err, top, "cannot open the root of the mount namespace");
		fd = rootfs_open(&(struct rootfs){ .fd = top }, message.text, O_PATH | O_DIRECTORY, 0);
		if (fd < 0)
			return fail(err, fd, "config.json:/root/path: cannot open %s in the mount namespace that is joined",
				    message.text);
	} else if (n != 1) {
		return fail(err, ERR_INTERNAL, "ROOT came with %zu descriptors", n);
	}
	in->root.fd = take_fd(&fd);
	return 0;
}

/* What is to be mounted all the same goes into a clone of the root that is in no mount namespace: nobody else sees it, the
 * host's mounts stay as they are, and it is gone with the last process whose root it is. */
static int detach_root(struct init *in, struct error *err)
{
	auto_close int mnt = -1;
	int r;

	mount_confine();
	r = mount_can_nest();
	if (r == -EOPNOTSUPP)
		return fail(err, ERR_UNSUPPORTED,
			    "config.json:/linux/namespaces: mounts without a mount namespace of the container's own need Linux "
			    "6.15: add an entry \"mount\" without path");
	if (r < 0)
		return fail(err, r, "config.json:/linux/namespaces: cannot make mounts in a mount namespace of others");
	if (sources_prepare(in, err) < 0)
		return -1;
	mnt = mount_clone_fd(in->root.fd, true);
	r = mnt < 0 ? mnt : mount_change(mnt, 0, 0, MS_PRIVATE, true);
	if (r < 0)
		return fail(err, r, "config.json:/root/path: cannot clone %s", in->config->root->path);
	(void)fd_close(in->root.fd);
	in->root.fd = fd_dup(mnt, 0);
	if (in->root.fd < 0)
		return fail(err, in->root.fd, "cannot keep the root");
	in->tree = take_fd(&mnt); /* the root's descriptor may change with a mount on top of it */
	return 0;
}

static int share_root(struct init *in, struct error *err)
{
	bool detached = in->flags & INIT_DETACHED_ROOT && !(in->flags & INIT_EXEC);

	if (!detached)
		mount_forbid();
	if (open_shared(in, err) < 0)
		return -1;
	return detached ? detach_root(in, err) : 0;
}

static int enter_shared(struct init *in, struct error *err)
{
	int r = sys_fchdir(in->root.fd);

	if (r == 0)
		r = sys_chroot_here();
	return r < 0 ? fail(err, r, "cannot make the root file system the root directory") : 0;
}

int root_join(struct init *in, struct error *err)
{
	if (!root_has_mounts(in))
		return share_root(in, err) < 0 ? -1 : enter_shared(in, err);
	in->root.fd = rootfs_current();
	return in->root.fd < 0 ? fail(err, in->root.fd, "cannot open the container's root") : 0;
}

int step_root_tree(struct init *in, struct error *err)
{
	auto_close int place = -1, mnt = -1;
	int r;

	if (!root_has_mounts(in))
		return share_root(in, err);
	/* Peer groups that are to be kept must be cloned while they are there. */
	if (sources_prepare(in, err) < 0)
		return -1;
	r = mount_tree_propagation(in->tree_propagation);
	if (r < 0)
		return fail(err, r, "cannot keep mounts from the host");

	place = open_place(in, err);
	if (place < 0)
		return -1;
	mnt = clone_root(in, place, err);
	if (mnt < 0)
		return -1;
	r = mount_change(mnt, 0, 0, needed_propagation(in), true);
	if (r < 0)
		return fail(err, r, "cannot set the propagation of the root file system");
	r = mount_attach(mnt, place);
	if (r < 0)
		return fail(err, r, "cannot attach the root file system");
	in->root.fd = take_fd(&mnt);
	return 0;
}

int step_pivot(struct init *in, struct error *err)
{
	int r;

	if (!root_has_mounts(in))
		return enter_shared(in, err);
	r = sys_fchdir(in->root.fd);
	if (r < 0)
		return fail(err, r, "cannot enter the root file system");
	if (in->flags & INIT_NO_PIVOT) {
		r = sys_move_root_here();
		return r < 0 ? fail(err, r, "cannot move the root file system to /") : 0;
	}
	r = sys_pivot_root_here();
	return r < 0 ? fail(err, r, "cannot pivot to the root file system") : 0;
}

int step_root_options(struct init *in, struct error *err)
{
	uint64_t propagation = root_propagation(in);
	int r;

	/* Private and slave it has been since it was cloned. */
	if (!(propagation & (MS_SHARED | MS_UNBINDABLE)))
		return 0;
	r = mount_change(in->root.fd, 0, 0, propagation & ~(uint64_t)MS_REC, (propagation & MS_REC) != 0);
	return r < 0 ? fail(err, r, "config.json:/linux/rootfsPropagation: cannot set it") : 0;
}

int step_read_only(struct init *in, struct error *err)
{
	int r;

	if (mounts_end(in, err) < 0)
		return -1;
	if (!in->config->root->readonly)
		return 0;
	r = mount_change(in->root.fd, MOUNT_ATTR_RDONLY, 0, 0, false);
	return r < 0 ? fail(err, r, "config.json:/root/readonly: cannot make the root file system read-only") : 0;
}
