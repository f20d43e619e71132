// SPDX-License-Identifier: LGPL-2.1-or-later
/* tty.c - pseudo terminals from the container's own devpts.
 *
 * /dev/ptmx may be anything that the image put there; the ptmx inside of a devpts mount is the kernel's, and
 * the slave comes from the master by TIOCGPTPEER, so no name is looked up in the container. */
#include "kernel/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "kernel/sys.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

static int open_ptmx(const struct rootfs *root)
{
	struct open_how how = {
		.flags = O_RDWR | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	auto_close int pts = -1, ptmx = -1;
	struct statfs fs;
	struct stat st;
	int r;

	pts = rootfs_open(root, "/dev/pts", O_PATH | O_DIRECTORY, 0);
	if (pts < 0)
		return pts;
	if (fstatfs(pts, &fs) < 0)
		return -errno;
	if (fs.f_type != DEVPTS_SUPER_MAGIC)
		return -ENODEV;
	ptmx = sys_openat2(pts, "ptmx", &how);
	if (ptmx < 0)
		return ptmx;
	r = sys_fstat(ptmx, &st);
	if (r < 0)
		return r;
	/* 5:2 from within a devpts (NO_XDEV): no other file there has that number. */
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2))
		return -ENODEV;
	return take_fd(&ptmx);
}

int tty_open(const struct rootfs *root, int *ret_master, int *ret_slave)
{
	auto_close int master = open_ptmx(root), slave = -1;
	int unlocked = 0, r;

	if (master < 0)
		return master;
	r = sys_ioctl(master, TIOCSPTLCK, &unlocked);
	if (r < 0)
		return r;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return -errno;
	*ret_master = take_fd(&master);
	*ret_slave = take_fd(&slave);
	return 0;
}

bool tty_is(int fd)
{
	struct termios mode;

	return tcgetattr(fd, &mode) == 0;
}

int tty_number(int master)
{
	unsigned number;

	return ioctl(master, TIOCGPTN, &number) < 0 ? -errno : (int)number;
}

int tty_clear_onlcr(int fd)
{
	struct termios mode;

	if (tcgetattr(fd, &mode) < 0)
		return -errno;
	mode.c_oflag &= ~(tcflag_t)ONLCR;
	return tcsetattr(fd, TCSANOW, &mode) < 0 ? -errno : 0;
}

int tty_set_size(int fd, unsigned short rows, unsigned short columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	return sys_ioctl(fd, TIOCSWINSZ, &size);
}

int tty_get_size(int fd, struct winsize *ret)
{
	return sys_ioctl(fd, TIOCGWINSZ, ret);
}

int tty_make_controlling(int fd)
{
	return ioctl(fd, TIOCSCTTY, 0) < 0 ? -errno : 0;
}

int tty_raw(int fd, struct termios *saved)
{
	struct termios mode;

	if (tcgetattr(fd, saved) < 0)
		return -errno;
	mode = *saved;
	cfmakeraw(&mode);
	mode.c_oflag = saved->c_oflag;
	return tcsetattr(fd, TCSANOW, &mode) < 0 ? -errno : 0;
}

int tty_restore(int fd, const struct termios *saved)
{
	return tcsetattr(fd, TCSANOW, saved) < 0 ? -errno : 0;
}
