// SPDX-License-Identifier: LGPL-2.1-or-later
/* labels.c - what SELinux and AppArmor are to know about a process and its files.
 *
 * An undumpable process may write its own attr files all the same: they are open to all, and the kernel compares
 * the writer with the owner. */
#include "kernel/labels.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>
#ifdef HAVE_SELINUX
#include <selinux/context.h>
#endif

#include "base/fd.h"
#include "base/text.h"
#include "kernel/proc.h"

/* Registered only where SELinux was not switched off at boot. */
bool labels_has_selinux(int procfs)
{
	auto_free char *types = NULL;

	return proc_read(procfs, "filesystems", &types) == 0 && strstr(types, "\tselinuxfs\n");
}

/* Built in and switched off it cannot be read (Linux 5.8 has the directory). */
bool labels_has_apparmor(int procfs)
{
	auto_free char *current = NULL;

	return proc_read(procfs, "self/attr/apparmor/current", &current) == 0 && *current;
}

bool labels_is_context(const char *context)
{
#ifdef HAVE_SELINUX
	context_t parsed = context_new(context);

	if (!parsed)
		return false;
	context_free(parsed);
#endif
	/* A quote would end it in the options of a mount, a control character its line. */
	for (; *context; context++)
		if ((unsigned char)*context <= ' ' || *context == 0x7f || strchr("\"'\\", *context))
			return false;
	return true;
}

/* user:role:type is shown as it was written; the kernel may write the levels and categories behind it in another way. */
static bool is_same_context(const char *a, const char *b)
{
	for (int colons = 0; *a && *a == *b; a++, b++)
		if (*a == ':' && ++colons == 3)
			return true;
	return !*a && (!*b || *b == '\n');
}

static int write_context(int procfs, const char *path, const char *context)
{
	auto_free char *kept = NULL;
	int r = proc_write(procfs, path, context ? context : "\n", false);

	if (r == 0)
		r = proc_read(procfs, path, &kept);
	if (r < 0)
		return r;
	return is_same_context(context ? context : "", kept) ? 0 : -EIO;
}

int labels_selinux_exec(int procfs, const char *context)
{
	return write_context(procfs, "self/attr/exec", context);
}

int labels_selinux_keys(int procfs, const char *context)
{
	return write_context(procfs, "self/attr/keycreate", context);
}

/* Shown is "PROFILE (MODE)"; a name may itself have blanks. */
static bool is_same_profile(const char *profile, const char *kept)
{
	size_t length = strlen(profile);

	return strncmp(profile, kept, length) == 0 &&
	       (!kept[length] || kept[length] == '\n' || text_starts(kept + length, " ("));
}

int labels_apparmor_exec(int procfs, const char *profile)
{
	static const char path[] = "self/attr/apparmor/exec";
	auto_text struct text command = TEXT_INIT;
	auto_free char *kept = NULL;
	int r;

	text_printf(&command, "exec %s", profile);
	r = command.failed ? -ENOMEM : proc_write(procfs, path, command.data, false);
	if (r == 0)
		r = proc_read(procfs, path, &kept);
	if (r < 0)
		return r;
	return is_same_profile(profile, kept) ? 0 : -EIO;
}

static int read_current(int procfs, pid_t pid, const char *file, char **ret)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/attr/%s", (int)pid, file);
	return proc_read(procfs, path, ret);
}

bool labels_has_profile(int procfs, pid_t pid, const char *profile)
{
	auto_free char *current = NULL;

	return read_current(procfs, pid, "apparmor/current", &current) == 0 && is_same_profile(profile, current);
}

/* Levels and categories count here; the kernel ends it with a NUL byte. */
bool labels_has_context(int procfs, pid_t pid, const char *context)
{
	auto_free char *current = NULL;
	size_t length = strlen(context);

	return read_current(procfs, pid, "current", &current) == 0 && is_same_context(context, current) &&
	       strncmp(current, context, length) == 0 && (!current[length] || current[length] == '\n');
}

int labels_selinux_directory(int fd, const char *context)
{
	auto_close int dir = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return -errno;
	return fsetxattr(dir, "security.selinux", context, strlen(context) + 1, 0) < 0 ? -errno : 0;
}
