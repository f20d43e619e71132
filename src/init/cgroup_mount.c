// SPDX-License-Identifier: LGPL-2.1-or-later
/* cgroup_mount.c - what a mount of type "cgroup" becomes on this host.
 *
 * /proc/self/cgroup has a line "ID:CONTROLLERS:PATH" for each hierarchy; with v2 alone there is only "0::PATH". In
 * a new cgroup namespace a hierarchy is mounted anew, and its root is the container's own cgroup.  Without one that
 * cgroup's directory is bound from the host's mount. */
#include "init/cgroup_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/text.h"
#include "init/labels.h"
#include "kernel/mount.h"
#include "kernel/proc.h"

#define HOST_CGROUPS "/sys/fs/cgroup"

struct hierarchy {
	char controllers[256]; /* "cpu,cpuacct", "name=systemd"; "" is the unified one */
	char *path;            /* within the line */
};

/* ---- /proc/self/cgroup ---- */

/* The host's own procfs will do: the kernel checks what is mounted, and a bound directory is checked below. */
static int read_hierarchies(struct init *in, char **ret, struct error *err)
{
	auto_close int own = in->procfs < 0 ? proc_open_host() : -1;
	int procfs = in->procfs < 0 ? own : in->procfs;
	int r = procfs < 0 ? procfs : proc_read(procfs, "self/cgroup", ret);

	return r < 0 ? fail(err, r, "cannot read /proc/self/cgroup") : 0;
}

/* Cuts the next line off *text.  1, 0 at the end, or -1 if it is malformed. */
static int next_hierarchy(char **text, struct hierarchy *ret)
{
	char *line = *text, *end, *controllers, *path;

	if (*line == '\0')
		return 0;
	end = strchrnul(line, '\n');
	*text = *end ? end + 1 : end;
	*end = '\0';
	controllers = strchr(line, ':');
	path = controllers ? strchr(controllers + 1, ':') : NULL;
	if (!path || (size_t)(path - controllers) > sizeof(ret->controllers))
		return -1;
	*path++ = '\0';
	memcpy(ret->controllers, controllers + 1, strlen(controllers));
	ret->path = path;
	return 1;
}

static bool is_unified(const char *text)
{
	const char *end = strchrnul(text, '\n');

	return text_starts(text, "0::") && (end[0] == '\0' || end[1] == '\0');
}

/* ---- one hierarchy ---- */

/* The directory that hosts have for it below /sys/fs/cgroup, and so has the container. */
static const char *directory_of(const struct hierarchy *h)
{
	if (!*h->controllers)
		return "unified";
	return text_starts(h->controllers, "name=") ? h->controllers + strlen("name=") : h->controllers;
}

static bool is_cgroup_file_system(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC);
}

static int bind_own(const char *directory, const char *path, const struct mount_options *o)
{
	auto_close int mnt = -1;
	char source[4096];
	int r;

	/* So the kernel shows a cgroup that is outside of the cgroup namespace it is asked in. */
	if (text_goes_up(path))
		return -EXDEV;
	if (snprintf(source, sizeof(source), "%s/%s/%s", HOST_CGROUPS, directory, path) >= (int)sizeof(source))
		return -ENAMETOOLONG;
	mnt = mount_clone(AT_FDCWD, source, true, false);
	if (mnt < 0)
		return mnt;
	if (!is_cgroup_file_system(mnt))
		return -ENOENT;
	r = mount_change(mnt, o->attr_set, 0, MS_PRIVATE, true);
	return r < 0 ? r : take_fd(&mnt);
}

static int mount_new_hierarchy(const struct hierarchy *h, const struct mount_options *o, char message[256])
{
	const char *words[1] = { h->controllers };
	struct mount_options one = { .attr_set = o->attr_set, .data = words, .n_data = 1 };

	if (!*h->controllers)
		one.n_data = 0;
	return mount_new(*h->controllers ? "cgroup" : "cgroup2", "cgroup", &one, message);
}

/* Both at /sys/fs/cgroup/cpu,cpuacct and at .../cpu: whichever the host has. */
static int bind_hierarchy(const struct hierarchy *h, const struct mount_options *o)
{
	char first[sizeof(h->controllers)];
	int fd = bind_own(directory_of(h), h->path, o);

	if (fd != -ENOENT)
		return fd;
	snprintf(first, sizeof(first), "%s", directory_of(h));
	*strchrnul(first, ',') = '\0';
	return bind_own(first, h->path, o);
}

static bool has_namespace(const struct init *in)
{
	return ((in->new_namespaces | in->joined_namespaces) & CLONE_NEWCGROUP) != 0;
}

static int attach_hierarchy(struct init *in, const struct rootfs *dir, const struct hierarchy *h,
			    const struct mount_options *o, struct error *err)
{
	auto_close int mnt = -1, target = -1;
	const char *name = directory_of(h);
	char message[256] = "";
	int r;

	mnt = has_namespace(in) ? mount_new_hierarchy(h, o, message) : bind_hierarchy(h, o);
	if (mnt == -EXDEV)
		return fail(err, mnt,
			    "cannot mount the cgroup hierarchy %s: the container's cgroup is outside of the cgroup namespace",
			    name);
	if (mnt < 0)
		return fail(err, mnt, "cannot mount the cgroup hierarchy %s%s%s", name, *message ? ": " : "", message);
	target = rootfs_make_dir(dir, name, 0755, ROOTFS_NO_SYMLINKS | ROOTFS_MISSING);
	if (target < 0)
		return fail(err, target, "cannot make the directory of the cgroup hierarchy %s", name);
	r = mount_attach(mnt, target);
	return r < 0 ? fail(err, r, "cannot attach the cgroup hierarchy %s", name) : 0;
}

/* cpu -> cpu,cpuacct and cpuacct -> cpu,cpuacct */
static int make_links(const struct rootfs *dir, const struct hierarchy *h, struct error *err)
{
	char names[sizeof(h->controllers)], *rest = names, *name;

	if (!strchr(h->controllers, ','))
		return 0;
	memcpy(names, h->controllers, sizeof(names));
	while ((name = strsep(&rest, ","))) {
		int r = rootfs_make_symlink(dir, name, h->controllers);

		if (r < 0)
			return fail(err, r, "cannot make the link of the cgroup controller %s", name);
	}
	return 0;
}

/* ---- the mount ---- */

static int new_unified(const struct mount_options *o, const char *own_path, struct error *err)
{
	const struct mount_options one = { .attr_set = o->attr_set };
	char message[256];
	int mnt = mount_new("cgroup2", "cgroup", &one, message);

	/* Without a cgroup namespace of one's own a user namespace may not mount it. */
	if (mnt == -EPERM || mnt == -EBUSY)
		mnt = bind_own(".", own_path, o);
	return mnt < 0 ? fail(err, mnt, "cannot mount the cgroup hierarchy") : mnt;
}

int cgroup_mount_new(struct init *in, const struct mount_options *o, char **ret_hierarchies, struct error *err)
{
	const char *words[] = { "mode=755" };
	struct mount_options dir = { .attr_set = o->attr_set & ~(uint64_t)MOUNT_ATTR_RDONLY,
				     .data = words,
				     .n_data = 1 };
	auto_free char *text = NULL;
	char message[256];
	int mnt;

	if (read_hierarchies(in, &text, err) < 0)
		return -1;
	if (is_unified(text)) {
		*strchrnul(text, '\n') = '\0';
		return new_unified(o, text + strlen("0::"), err);
	}
	mnt = labels_mount(in, "tmpfs", "cgroup", &dir, message);
	if (mnt < 0)
		return fail(err, mnt, "cannot make the directory of the cgroup hierarchies");
	*ret_hierarchies = take_ptr(text);
	return mnt;
}

int cgroup_mount_fill(struct init *in, int mnt, char *hierarchies, const struct mount_options *o, struct error *err)
{
	const struct rootfs dir = { .fd = mnt };
	struct hierarchy h;
	int r;

	while ((r = next_hierarchy(&hierarchies, &h)) > 0)
		if (attach_hierarchy(in, &dir, &h, o, err) < 0 || make_links(&dir, &h, err) < 0)
			return -1;
	if (r < 0)
		return fail(err, ERR_HOST, "/proc/self/cgroup is malformed");
	r = mount_change(mnt, o->attr_set & MOUNT_ATTR_RDONLY, 0, o->propagation, false);
	return r < 0 ? fail(err, r, "cannot set the options of the mount") : 0;
}
