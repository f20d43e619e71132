// SPDX-License-Identifier: LGPL-2.1-or-later
/* notify.c - the directory in which the program finds the socket for sd_notify(3): bound from the state directory,
 * read-only; the socket itself is made by `start`. */
#include <linux/mount.h>

#include "base/fd.h"
#include "init/init.h"
#include "kernel/mount.h"

#define NOTIFY_DIRECTORY "/run/notify"

int step_notify(struct init *in, struct error *err)
{
	auto_close int mnt = -1, target = -1;
	int r;

	if (!(in->flags & INIT_NOTIFY))
		return 0;
	mnt = mount_clone_fd(in->notify, false);
	if (mnt < 0)
		return fail(err, mnt, "cannot clone the notify directory");
	r = mount_change(mnt, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, 0, false);
	if (r < 0)
		return fail(err, r, "cannot make the notify directory read-only");
	target = rootfs_make_dir(&in->root, NOTIFY_DIRECTORY, 0755, 0);
	if (target < 0)
		return fail(err, target, "cannot make " NOTIFY_DIRECTORY " for NOTIFY_SOCKET");
	r = mount_attach(mnt, target);
	in->notify = fd_close(in->notify);
	return r < 0 ? fail(err, r, "cannot attach the notify directory to " NOTIFY_DIRECTORY) : 0;
}
