// SPDX-License-Identifier: LGPL-2.1-or-later
/* notify.c - the directory in which the program finds the socket for sd_notify(3): a read-only clone of one in the
 * state directory, made by the runtime; the socket itself is made by `start`. */
#include "base/fd.h"
#include "init/init.h"
#include "kernel/mount.h"

#define NOTIFY_DIRECTORY "/run/notify"

int step_notify(struct init *in, struct error *err)
{
	auto_close int target = -1;
	int r;

	if (!(in->flags & INIT_NOTIFY))
		return 0;
	target = rootfs_make_dir(&in->root, NOTIFY_DIRECTORY, 0755, 0);
	if (target < 0)
		return fail(err, target, "cannot make " NOTIFY_DIRECTORY " for NOTIFY_SOCKET");
	r = mount_attach(in->notify, target);
	in->notify = fd_close(in->notify);
	return r < 0 ? fail(err, r, "cannot attach the notify directory to " NOTIFY_DIRECTORY) : 0;
}
