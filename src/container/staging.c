// SPDX-License-Identifier: LGPL-2.1-or-later
/* staging.c - the mounts that criu is to find.
 *
 * A root file system that was just unpacked may lack mount points; those that lie on bind mounts can only be made when
 * these are there, so the binds are put in place for a moment.  All of it goes with criu's mount namespace. */
#include "container/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/file.h"
#include "container/externals.h"
#include "kernel/host.h"
#include "kernel/mount.h"
#include "kernel/rootfs.h"
#include "kernel/sys.h"

/* criu gives a bind the flags that the images say, or none: those of the config are on the source. */
static int open_bind(struct creation *cr, const struct oci_mount *mount, struct error *err)
{
	auto_close int fd = open_mount_source(cr, mount, err);
	struct mount_options o;
	int r;

	if (fd < 0)
		return -1;
	r = mount_options_read(mount->options, mount->n_options, &o);
	if (r < 0)
		return fail(err, r, "cannot read the options");
	/* What is mounted there for a moment, or by criu, is nobody else's. */
	r = mount_change(fd, 0, 0, MS_PRIVATE, true);
	o.propagation = 0;
	if (r == 0)
		r = mount_apply(fd, &o);
	mount_options_free(&o);
	return r < 0 ? fail(err, r, "cannot set the options") : take_fd(&fd);
}

/* Read-only, as where create binds one: its mode and times are the host's.  In a user namespace they are out of reach; but there
 * criu could not take off flags again, and create binds nodes without any. */
static int open_device(const char *path, bool in_user_namespace)
{
	const uint64_t flags = in_user_namespace ? 0 : MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;

	auto_close int fd = mount_clone(AT_FDCWD, path, false, true);
	struct stat st;
	int r;

	if (fd < 0)
		return -1;
	r = sys_fstat(fd, &st);
	if (r == 0 && !S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return -1;
	if (r == 0)
		r = mount_change(fd, flags, 0, MS_PRIVATE, false);
	return r < 0 ? r : take_fd(&fd);
}

static int open_devices(struct staging *s, const struct oci_config *config, struct error *err)
{
	while (external_device(config, s->n_devices))
		s->n_devices++;
	s->devices = calloc(s->n_devices, sizeof(*s->devices));
	if (!s->devices)
		return fail(err, -ENOMEM, "cannot prepare the devices");
	for (size_t i = 0; i < s->n_devices; i++)
		s->devices[i] = open_device(external_device(config, i), config_makes(config, CLONE_NEWUSER));
	return 0;
}

int staging_plan(struct creation *cr, struct staging *ret, struct error *err)
{
	const struct oci_config *config = cr->config.oci;
	int r;

	ret->cr = cr;
	ret->n = config->n_mounts;
	ret->sources = calloc(2 * ret->n + 1, sizeof(*ret->sources));
	if (!ret->sources)
		return fail(err, -ENOMEM, "cannot prepare the mounts");
	ret->again = ret->sources + ret->n;
	for (size_t i = 0; i < 2 * ret->n; i++)
		ret->sources[i] = -1;
	r = host_path_of(cr->container.root, &ret->path);
	if (r < 0)
		return fail(err, r, "cannot find the state root");
	ret->root = mount_clone(cr->config.bundle, config->root->path, true, false);
	if (ret->root < 0)
		return fail(err, ret->root, "config.json:/root/path: cannot open %s", cr->config.rootfs);
	r = mount_change(ret->root, 0, 0, MS_PRIVATE, true);
	if (r < 0)
		return fail(err, r, "config.json:/root/path: cannot make the mount of %s private", cr->config.rootfs);
	for (size_t i = 0; i < ret->n; i++) {
		if (!external_is_bind(&config->mounts[i]))
			continue;
		ret->sources[i] = open_bind(cr, &config->mounts[i], err);
		if (ret->sources[i] >= 0)
			ret->again[i] = open_bind(cr, &config->mounts[i], err);
		if (ret->sources[i] < 0 || ret->again[i] < 0)
			return within(err, "config.json:/mounts/%zu", i);
	}
	return open_devices(ret, config, err);
}

void staging_free(struct staging *staging)
{
	for (size_t i = 0; staging->sources && i < 2 * staging->n; i++)
		(void)fd_close(staging->sources[i]);
	free(take_ptr(staging->sources));
	for (size_t i = 0; staging->devices && i < staging->n_devices; i++)
		(void)fd_close(staging->devices[i]);
	free(take_ptr(staging->devices));
	staging->again = NULL;
	free(take_ptr(staging->path));
	staging->root = fd_close(staging->root);
}

/* Attaches mnt at a new name in dir.  0 or -errno */
static int stage(int dir, const char *name, int mnt)
{
	auto_close int target = -1;
	struct stat st;
	int r = sys_fstat(mnt, &st);

	if (r < 0)
		return r;
	target = S_ISDIR(st.st_mode) ? file_make_dir_at(dir, name, 0755)
				     : file_open_at(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	return target < 0 ? target : mount_attach(mnt, target);
}

static int cover_state_root(const struct staging *s)
{
	const char *words[] = { "mode=755" };
	const struct mount_options options = { .data = words, .n_data = 1 };
	auto_close int mnt = -1, target = mount_local(s->cr->container.root);
	char message[256];
	int r;

	if (target < 0)
		return target;
	mnt = mount_new("tmpfs", "tmpfs", &options, message);
	r = mnt < 0 ? mnt : mount_attach(mnt, target);
	return r < 0 ? r : take_fd(&mnt);
}

/* Whether the images hold what lies there: then criu makes its mount points itself. */
static bool is_in_images(const struct oci_config *config, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		const char *above = config->mounts[k].destination, *path = config->mounts[i].destination;
		size_t n = strlen(above);

		while (n > 0 && above[n - 1] == '/')
			n--;
		if (n > 0 && !external_is_bind(&config->mounts[k]) && strncmp(path, above, n) == 0 && path[n] == '/')
			return true;
	}
	return false;
}

static int make_place(const struct rootfs *root, const char *path, int source)
{
	char plain[PATH_MAX];
	struct stat st;
	int r = rootfs_follow(root, path, plain);

	if (r == 0 && source >= 0)
		r = sys_fstat(source, &st);
	if (r < 0)
		return r;
	return source < 0 || S_ISDIR(st.st_mode) ? rootfs_make_dir(root, plain, 0755, 0)
						 : rootfs_make_file(root, plain, 0644, 0);
}

/* The binds stay where they are put until the last place is made. */
static int make_places(const struct staging *s, const struct rootfs *root, struct error *err)
{
	const struct oci_config *config = s->cr->config.oci;
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->n; i++) {
		auto_close int place = -1;

		if (is_in_images(config, i))
			continue;
		place = make_place(root, config->mounts[i].destination, s->again[i]);
		r = place == -EROFS ? 0 : place; /* what is missing, criu says */
		if (r >= 0 && place >= 0 && s->again[i] >= 0)
			r = mount_attach(s->again[i], place);
		if (r < 0)
			return fail(err, r, "config.json:/mounts/%zu: cannot make %s", i, config->mounts[i].destination);
		r = 0;
	}
	for (size_t i = s->n; i-- > 0;)
		if (s->again[i] >= 0)
			(void)mount_detach(s->again[i]); /* not attached: nothing to do */
	return 0;
}

int staging_make(struct staging *s, struct error *err)
{
	auto_close int dir = cover_state_root(s);
	struct rootfs root = { .fd = s->root };
	char name[32];
	int r;

	if (dir < 0)
		return fail(err, dir, "cannot mount over the state root for criu");
	r = stage(dir, "root", s->root);
	if (r < 0)
		return fail(err, r, "cannot mount the root for criu");
	for (size_t i = 0; i < s->n; i++) {
		if (s->sources[i] < 0)
			continue;
		snprintf(name, sizeof(name), "%zu", i);
		r = stage(dir, name, s->sources[i]);
		if (r < 0)
			return fail(err, r, "config.json:/mounts/%zu: cannot mount the source for criu", i);
	}
	for (size_t i = 0; i < s->n_devices; i++) {
		if (s->devices[i] < 0)
			continue;
		snprintf(name, sizeof(name), "device%zu", i);
		r = stage(dir, name, s->devices[i]);
		if (r < 0)
			return fail(err, r, "cannot mount the device %s for criu", external_device(s->cr->config.oci, i));
	}
	if (make_places(s, &root, err) < 0)
		return -1;
	r = s->cr->config.oci->root->readonly ? mount_change(s->root, MOUNT_ATTR_RDONLY, 0, 0, false) : 0;
	return r < 0 ? fail(err, r, "config.json:/root/readonly: cannot make the root read-only") : 0;
}
