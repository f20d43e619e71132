// SPDX-License-Identifier: LGPL-2.1-or-later
/* terminal.c - session, pseudo terminal, stdio.
 *
 * The pair is made while the container's devpts is mounted and the root is still writable; it becomes stdio
 * after the pivot.  Its master leaves for the runtime at once: init keeps no copy. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "init/init.h"
#include "kernel/mount.h"
#include "kernel/sys.h"
#include "kernel/tty.h"
#include "ocispec.h"

static uid_t process_uid(const struct init *in)
{
	return in->process->user ? in->process->user->uid : 0;
}

int step_session(struct init *in, struct error *err)
{
	(void)in;
	if (setsid() < 0 && errno != EPERM) /* EPERM: a leader already */
		return fail(err, -errno, "cannot make a session");
	return 0;
}

int step_own_session(struct init *in, struct error *err)
{
	int r;

	if (step_session(in, err) < 0)
		return -1;
	if (!in->process->terminal)
		return 0;
	r = tty_make_controlling(STDIN_FILENO);
	return r < 0 ? fail(err, r, "cannot make the terminal the session's") : 0;
}

/* The slave itself is bound onto a file, so that /dev/console works where only its name is known. */
static int bind_console(struct init *in, struct error *err)
{
	auto_close int target = -1, mnt = -1;
	const struct rootfs own = { .fd = in->root.fd, .may_make = root_is_own, .data = in };
	int r;

	/* As for devices: a link of the image does not choose where a file is made. */
	target = rootfs_make_file(&in->root, "/dev/console", 0620, ROOTFS_NO_SYMLINKS);
	if (target == -ELOOP)
		target = rootfs_make_file(&own, "/dev/console", 0620, 0);
	if (target == -EXDEV)
		return fail(err, target,
			    "cannot make /dev/console: a link leads to a directory that is not the container's own");
	if (target < 0)
		return fail(err, target, "cannot make /dev/console");
	mnt = mount_clone_fd(in->pty_slave, false);
	if (mnt < 0)
		return fail(err, mnt, "cannot clone the terminal for /dev/console");
	r = mount_attach(mnt, target);
	return r < 0 ? fail(err, r, "cannot attach to /dev/console") : 0;
}

static int set_up_slave(const struct init *in, struct error *err)
{
	const struct oci_console_size *size = in->process->console_size;
	int r;

	r = tty_clear_onlcr(in->pty_slave);
	if (r < 0)
		return fail(err, r, "cannot set the terminal's mode");
	if (size) {
		r = tty_set_size(in->pty_slave, (unsigned short)size->height, (unsigned short)size->width);
		if (r < 0)
			return fail(err, r, "config.json:/process/consoleSize: cannot set the terminal's size");
	}
	/* The group stays what the devpts gives: tty. */
	r = sys_fchown(in->pty_slave, process_uid(in), (gid_t)-1);
	return r < 0 ? fail(err, r, "cannot give the terminal to user %u", process_uid(in)) : 0;
}

int step_terminal(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_CONSOLE };
	int r;

	if (!in->process->terminal)
		return 0;
	r = tty_open(&in->root, &in->pty_master, &in->pty_slave);
	if (r == -ENODEV || r == -ENOENT || r == -ENOTDIR)
		return fail(err, ERR_CONFIG, "config.json:/process/terminal: no devpts is mounted at /dev/pts");
	if (r < 0)
		return fail(err, r, "config.json:/process/terminal: cannot make a terminal");
	if (set_up_slave(in, err) < 0)
		return -1;
	/* In exec /dev/console belongs to the container's first process. */
	if (!(in->flags & INIT_EXEC) && bind_console(in, err) < 0)
		return -1;
	if (init_ask(in, &message, &in->pty_master, 1, NULL, 0, NULL, err) < 0)
		return -1;
	in->pty_master = fd_close(in->pty_master);
	return 0;
}

/* The container's /dev/null in the place of the caller's at fd, open in the same way: no mount of the container has the host's, and a
 * checkpoint that has it restores only where the stream is the host's again.  Where there is none, it stays as it is.  *null is
 * the one opened last, or -1, and *flags its flags: most often two streams are alike. */
static void own_null(const struct rootfs *root, int fd, int *null, int *flags)
{
	int wanted = fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK);

	if (*null < 0 || wanted != *flags) {
		*null = fd_close(*null);
		*null = rootfs_open(root, "/dev/null", wanted, ROOTFS_NULL | ROOTFS_NO_SYMLINKS);
		*flags = wanted;
		if (*null >= 0 && !(wanted & O_NONBLOCK)) /* which rootfs_open adds */
			(void)fcntl(*null, F_SETFL, wanted);
	}
	if (*null >= 0)
		(void)dup2(*null, fd);
}

/* Without a terminal: /dev/stdout must be open to a program that is not root.  Refusals are ignored, as the
 * descriptors themselves work all the same: a read-only or foreign file system, an owner that is not mapped. */
static void own_stdio(const struct rootfs *root, uid_t uid)
{
	auto_close int null = -1;
	int flags = 0;

	for (int fd = 0; fd < 3; fd++) {
		struct stat st;

		if (sys_fstat(fd, &st) < 0)
			continue;
		if (rootfs_is_null(&st)) {
			own_null(root, fd, &null, &flags);
			continue;
		}
		if (st.st_uid == uid ||
		    (S_ISCHR(st.st_mode) && !tty_is(fd))) /* /dev/zero: the host's, and everybody's */
			continue;
		(void)sys_fchown(fd, uid, (gid_t)-1);
	}
}

int step_stdio(struct init *in, struct error *err)
{
	int r;

	if (in->pty_slave < 0) {
		own_stdio(&in->root, process_uid(in));
		return 0;
	}
	/* In exec the session's leader is not there yet. */
	r = in->flags & INIT_EXEC ? 0 : tty_make_controlling(in->pty_slave);
	if (r < 0)
		return fail(err, r, "cannot make the terminal the session's");
	for (int fd = 0; fd < 3; fd++)
		if (dup2(in->pty_slave, fd) < 0)
			return fail(err, -errno, "cannot make the terminal descriptor %d", fd);
	in->pty_slave = fd_close(in->pty_slave);
	return 0;
}
