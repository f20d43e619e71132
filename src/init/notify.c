// SPDX-License-Identifier: LGPL-2.1-or-later
/* notify.c - the directory in which the program finds the socket for sd_notify(3): a read-only clone of one in the
 * state directory, made by the runtime; the socket itself is made by `start`. */
#include <errno.h>
#include <linux/mount.h>
#include <sys/mount.h>

#include "base/fd.h"
#include "init/init.h"
#include "kernel/mount.h"

#define NOTIFY_DIRECTORY "/run/notify"

/* What the runtime does where it has the right to. */
static int clone_directory(struct init *in, struct error *err)
{
	const uint64_t locked_down = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	auto_close int local = -1, clone = -1;
	int r;

	if (!(in->flags & INIT_NOTIFY_PLAIN))
		return 0;
	local = mount_local(in->notify);
	if (local < 0)
		return fail(err, local, "cannot find the notify directory in the container's mount namespace");
	clone = mount_clone_fd(local, false);
	r = clone < 0 ? clone : mount_change(clone, locked_down, 0, MS_PRIVATE, false);
	if (r < 0)
		return fail(err, r, "cannot clone the notify directory");
	(void)fd_close(in->notify);
	in->notify = take_fd(&clone);
	return 0;
}

int step_notify(struct init *in, struct error *err)
{
	auto_close int target = -1;
	int r;

	if (!(in->flags & INIT_NOTIFY))
		return 0;
	if (clone_directory(in, err) < 0)
		return -1;
	target = root_make_dir(in, NOTIFY_DIRECTORY);
	if (target == -EXDEV)
		return fail(err, target, "cannot make " NOTIFY_DIRECTORY
			    " for NOTIFY_SOCKET: a link leads to a directory that is not the container's own");
	if (target < 0)
		return fail(err, target, "cannot make " NOTIFY_DIRECTORY " for NOTIFY_SOCKET");
	r = mount_attach(in->notify, target);
	in->notify = fd_close(in->notify);
	return r < 0 ? fail(err, r, "cannot attach the notify directory to " NOTIFY_DIRECTORY) : 0;
}
