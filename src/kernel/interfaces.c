// SPDX-License-Identifier: LGPL-2.1-or-later
/* interfaces.c - THE table of the kernel's interfaces that are newer than Linux 5.0, and probes of them.
 *
 * A probe calls with arguments that the kernel refuses or that do nothing: any answer but ENOSYS says that the call is
 * there, for right or wrong arguments. */
#include "kernel/interfaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/pidfd.h"
#include "kernel/sys.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

/* Closes a descriptor that an answer may be. */
static int there(int r)
{
	if (r >= 0)
		(void)fd_close(r);
	return r == -ENOSYS ? r : 0;
}

static int probe_openat2(void)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };

	return there(sys_openat2(AT_FDCWD, "/", &how));
}

static int probe_clone3(void)
{
	const struct clone_args args = { .exit_signal = 4096 }; /* there is no such signal: no process is made */

	pid_t pid = sys_clone3(&args);

	return pid == -ENOSYS ? pid : 0;
}

static int probe_close_range(void)
{
	int r = sys_close_range(~0U, ~0U, CLOSE_RANGE_CLOEXEC);

	return r == -EINVAL ? -ENOSYS : r; /* 5.9 and 5.10 have the call without the flag */
}

static int probe_pidfd(void)
{
	auto_close int fd = sys_pidfd_open(getpid(), 0);

	return fd < 0 ? fd : sys_pidfd_send_signal(fd, 0);
}

static int probe_pidfs(void)
{
	auto_close int fd = sys_pidfd_open(getpid(), 0);
	struct process_id id = { .pid = 0 };
	int r = fd < 0 ? fd : process_identify(fd, getpid(), &id);

	return r < 0 ? r : id.inode ? 0 : -ENOSYS;
}

static int probe_fsopen(void)
{
	return there(sys_fsopen("tmpfs", 1 /* FSOPEN_CLOEXEC */));
}

static int probe_open_tree(void)
{
	return there(sys_open_tree(AT_FDCWD, "/", O_CLOEXEC));
}

static int probe_move_mount(void)
{
	return there(sys_move_mount(-1, -1));
}

static int probe_mount_setattr(void)
{
	struct mount_attr attr;

	memset(&attr, 0, sizeof(attr));
	return there(sys_mount_setattr(-1, 0, &attr));
}

static int probe_mount_id(void)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC };
	auto_close int fd = sys_openat2(AT_FDCWD, "/", &how);
	unsigned long long id;

	return fd < 0 ? fd : sys_mount_id(fd, &id);
}

static int probe_faccessat2(void)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC };
	auto_close int fd = sys_openat2(AT_FDCWD, "/", &how);

	return fd < 0 ? fd : there(sys_faccess(fd, X_OK));
}

static int probe_fchmodat2(void)
{
	auto_close int fd = memfd_create("hull-doctor", MFD_CLOEXEC);

	sys_avoid_proc();
	return fd < 0 ? -errno : there(sys_fchmod(fd, 0600));
}

static int probe_memfd_exec(void)
{
	auto_close int fd = memfd_create("hull-doctor", MFD_CLOEXEC | MFD_EXEC);

	return fd >= 0 || errno != EINVAL ? 0 : -ENOSYS;
}

// clang-format off
static const struct kernel_interface rows[] = {
	/* name           since   use                                                    needed  probe */
	{ "openat2",       "5.6",  "paths below a container's root",                      true,  probe_openat2 },
	{ "clone3",        "5.7",  "a process that is born into its namespaces and its cgroup", true, probe_clone3 },
	{ "close_range",   "5.11", "no descriptor gets into a container by mistake",      true,  probe_close_range },
	{ "pidfd",         "5.3",  "signals that reach nobody else",                      true,  probe_pidfd },
	{ "fsopen",        "5.2",  "file systems that are made detached",                 true,  probe_fsopen },
	{ "open_tree",     "5.2",  "bind mounts that are made detached",                  true,  probe_open_tree },
	{ "move_mount",    "5.2",  "mounts that are attached by descriptor",              true,  probe_move_mount },
	{ "mount_setattr", "5.12", "read-only, nosuid and the like, also recursive",      true,  probe_mount_setattr },
	{ "statx-mount-id", "5.8", "which mount a file is on",                            true,  probe_mount_id },
	{ "faccessat2",    "5.8",  "rights on an open file",                              true,  probe_faccessat2 },
	{ "memfd-exec",    "6.3",  "a copy of hull in memory that may be executed",       false, probe_memfd_exec },
	{ "fchmodat2",     "6.6",  "modes without a look at /proc",                       false, probe_fchmodat2 },
	{ "pidfs",         "6.9",  "processes that are told apart without a look at /proc", false, probe_pidfs },
};
// clang-format on

const struct kernel_interface *kernel_interface_row(size_t i)
{
	return i < sizeof(rows) / sizeof(rows[0]) ? &rows[i] : NULL;
}
