// SPDX-License-Identifier: LGPL-2.1-or-later
/* masks.c - masked and read-only paths, resolved inside the container after the pivot.
 *
 * What covers a path is ours: the host's /dev/null, read-only so that its mode and times cannot be changed through
 * it, and an empty tmpfs of our own.  Both are attached first and cloned after that: before Linux 6.15 a detached
 * mount cannot be cloned. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "init/init.h"
#include "init/labels.h"
#include "init/sources.h"
#include "kernel/mount.h"
#include "kernel/sys.h"
#include "ocispec.h"

struct cover {
	int mnt;       /* -1: not there yet */
	bool attached; /* the next one is a clone */
};

#define LOCKED_DOWN (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)

static int make_empty(const struct init *in)
{
	const char *words[] = { "mode=755" };
	const struct mount_options o = {
		.attr_set = LOCKED_DOWN | MOUNT_ATTR_NODEV,
		.super_set = MS_RDONLY,
		.data = words,
		.n_data = 1,
	};
	char message[256];

	return labels_mount(in, "tmpfs", "tmpfs", &o, message);
}

static int prepare(const struct init *in, struct cover *cover, bool is_directory)
{
	if (cover->mnt >= 0)
		return 0;
	if (is_directory)
		return cover->mnt = make_empty(in);
	return -ENODEV;
}

static int put(struct cover *cover, int target)
{
	auto_close int clone = -1;
	int r;

	if (cover->attached) {
		clone = mount_clone_fd(cover->mnt, false);
		return clone < 0 ? clone : mount_attach(clone, target);
	}
	r = mount_attach(cover->mnt, target);
	cover->attached = r == 0;
	return r;
}

static int open_path(const struct init *in, const char *path)
{
	const char *rest;
	const struct rootfs root = mounts_root(in, in->config->n_mounts, path, &rest);

	return rootfs_open(&root, rest, O_PATH, 0);
}

static bool is_missing(int r)
{
	return r == -ENOENT || r == -ENOTDIR;
}

static int mask(struct init *in, const char *path, struct cover covers[2], struct error *err)
{
	auto_close int target = open_path(in, path);
	struct cover *cover;
	struct stat st;
	int r;

	if (is_missing(target))
		return 0;
	r = target < 0 ? target : sys_fstat(target, &st);
	if (r < 0)
		return fail(err, r, "cannot open %s", path);
	cover = &covers[S_ISDIR(st.st_mode)];
	r = prepare(in, cover, S_ISDIR(st.st_mode));
	if (r >= 0)
		r = put(cover, target);
	return r < 0 ? fail(err, r, "cannot mask %s", path) : 0;
}

static int mask_all(struct init *in, struct error *err)
{
	const struct oci_linux *linux = in->config->linux;
	auto_close int null = take_fd(&in->null), empty = -1;
	struct cover covers[2] = { { .mnt = null }, { .mnt = -1 } };
	int r = 0;

	if (!linux->n_masked_paths)
		return 0;
	r = mount_change(null, LOCKED_DOWN, 0, MS_PRIVATE, false);
	if (r < 0)
		return fail(err, r, "cannot make /dev/null read-only for masked paths");
	for (size_t i = 0; i < linux->n_masked_paths; i++) {
		r = mask(in, linux->masked_paths[i], covers, err);
		empty = covers[1].mnt;
		if (r < 0)
			return within(err, "config.json:/linux/maskedPaths/%zu", i);
	}
	return 0;
}

/* Bound over itself, with all that is mounted below. */
static int make_read_only(struct init *in, const char *path, struct error *err)
{
	auto_close int target = -1, mnt = -1;
	int r;

	target = open_path(in, path);
	if (is_missing(target))
		return 0;
	if (target < 0)
		return fail(err, target, "cannot open %s", path);
	mnt = mount_clone_fd(target, true);
	r = mnt < 0 ? mnt : mount_change(mnt, MOUNT_ATTR_RDONLY, 0, 0, true);
	if (r == 0)
		r = mount_attach(mnt, target);
	return r < 0 ? fail(err, r, "cannot make %s read-only", path) : 0;
}

int step_masks(struct init *in, struct error *err)
{
	const struct oci_linux *linux = in->config->linux;

	if (!linux)
		return 0;
	if (mask_all(in, err) < 0)
		return -1;
	for (size_t i = 0; i < linux->n_readonly_paths; i++)
		if (make_read_only(in, linux->readonly_paths[i], err) < 0)
			return within(err, "config.json:/linux/readonlyPaths/%zu", i);
	return 0;
}
