// SPDX-License-Identifier: LGPL-2.1-or-later
/* mount.c - mounts are built detached, given attributes while detached, and attached fd to fd.
 *
 * Two things cannot be said with fsconfig(2), whose strings end at 255 bytes and which knows no MS_I_VERSION:
 * for them alone mount(2) is used, on a staging directory of our own (mount_staged). */
#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

#define FSCONFIG_MAX 255 /* fs/fsopen.c: strndup_user(value, 256) */

static bool forbidden, confined;

void mount_forbid(void)
{
	forbidden = true;
}

bool mount_is_forbidden(void)
{
	return forbidden;
}

void mount_confine(void)
{
	confined = true;
}

/* ---- attributes ---- */

int mount_change(int fd, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear, .propagation = propagation };

	if (set & MOUNT_ATTR__ATIME)
		attr.attr_clr |= MOUNT_ATTR__ATIME;
	if (!attr.attr_set && !attr.attr_clr && !attr.propagation)
		return 0;
	if (forbidden)
		return -EPERM;
	return sys_mount_setattr(fd, recursive ? AT_RECURSIVE : 0, &attr);
}

/* "rw", as many engines say of every volume, is rarely news: asking costs a tenth of changing. */
static bool is_clear(int fd, uint64_t flags)
{
	const uint64_t shown = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	struct statfs fs;

	_Static_assert(ST_RDONLY == MOUNT_ATTR_RDONLY && ST_NOSUID == MOUNT_ATTR_NOSUID &&
			       ST_NODEV == MOUNT_ATTR_NODEV && ST_NOEXEC == MOUNT_ATTR_NOEXEC,
		       "statfs(2) has the same bits");
	return (flags & ~shown) == 0 && fstatfs(fd, &fs) == 0 && ((uint64_t)fs.f_flags & flags) == 0;
}

/* Flags of a mount that came from a more privileged mount namespace are locked: they can be added to, not
 * cleared, and the access-time mode stays, nodiratime with it (mount_namespaces(7)). */
static int change_unlocked(int fd, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive)
{
	const uint64_t atime = MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME;
	int r;

	if (clear && !set && !propagation && !recursive && is_clear(fd, clear))
		return 0;
	r = mount_change(fd, set, clear, propagation, recursive);
	if (r == -EPERM && (clear & ~atime))
		r = mount_change(fd, set, clear & atime, propagation, recursive);
	if (r == -EPERM && ((set | clear) & atime))
		r = mount_change(fd, set & ~atime, 0, propagation, recursive);
	return r;
}

/* Own attributes and the recursive ones in one: the latter come last. */
static void own_attributes(const struct mount_options *o, uint64_t *ret_set, uint64_t *ret_clear)
{
	*ret_set = (o->attr_set & ~o->recursive_attr_clear) | o->recursive_attr_set;
	*ret_clear =
		(o->attr_clear & ~(o->recursive_attr_set & ~(uint64_t)MOUNT_ATTR__ATIME)) | o->recursive_attr_clear;
}

int mount_apply(int fd, const struct mount_options *o)
{
	uint64_t set, clear;
	int r;

	if (!o->recursive) { /* one mount, one call */
		own_attributes(o, &set, &clear);
		return change_unlocked(fd, set, clear, o->propagation, false);
	}
	r = change_unlocked(fd, o->attr_set, o->attr_clear, o->propagation_recursive ? 0 : o->propagation, false);
	if (r < 0)
		return r;
	return change_unlocked(fd, o->recursive_attr_set, o->recursive_attr_clear,
			       o->propagation_recursive ? o->propagation : 0, true);
}

int mount_idmap(int fd, int user_namespace, bool recursive)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)user_namespace };

	return sys_mount_setattr(fd, recursive ? AT_RECURSIVE : 0, &attr);
}

/* ---- configuring a file system ---- */

static const struct {
	uint64_t flag;
	const char *set, *clear;
} super_words[] = {
	/* MS_SILENT only quietens the kernel's log; fsopen writes errors into its own. */
	{ MS_RDONLY, "ro", "rw" },         { MS_SYNCHRONOUS, "sync", "async" },
	{ MS_DIRSYNC, "dirsync", NULL },   { MS_LAZYTIME, "lazytime", "nolazytime" },
	{ MS_MANDLOCK, "mand", "nomand" },
};

static int set_super(int fs, const struct mount_options *o, bool also_clear)
{
	for (size_t i = 0; i < sizeof(super_words) / sizeof(super_words[0]); i++) {
		const char *word = o->super_set & super_words[i].flag                     ? super_words[i].set
				   : also_clear && (o->super_clear & super_words[i].flag) ? super_words[i].clear
											  : NULL;
		int r = word ? sys_fsconfig(fs, FSCONFIG_SET_FLAG, word, NULL, 0) : 0;

		if (r < 0 && super_words[i].flag != MS_MANDLOCK) /* no effect since Linux 5.15, and may be unknown */
			return r;
	}
	return 0;
}

/* The next word of comma-separated data as mount(2) would cut it: not at "\," and not within double quotes,
 * which go away.  Owned by the caller; NULL at the end or without memory. */
static char *next_word(const char **data)
{
	bool quoted = false;
	const char *from = *data;
	char *word, *to;

	while (*from == ',')
		from++;
	if (*from == '\0')
		return NULL;
	word = to = malloc(strlen(from) + 1);
	if (!word)
		return NULL;
	for (; *from && (quoted || *from != ','); from++) {
		if (*from == '"')
			quoted = !quoted;
		else
			*to++ = *from;
		if (*from == '\\' && from[1])
			*to++ = *++from;
	}
	*to = '\0';
	*data = from;
	return word;
}

/* Takes "\x" to "x" in place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; *to++ = *from++)
		if (*from == '\\' && from[1])
			from++;
	*to = '\0';
}

static char *layer_end(char *at)
{
	while (*at && *at != ':')
		at += *at == '\\' && at[1] ? 2 : 1;
	return at;
}

/* overlay's lowerdir=A:B::D layer by layer (Linux 6.8); layers behind "::" hold data only. */
static int set_lower_layers(int fs, char *list)
{
	const char *key = "lowerdir+";

	for (char *at = list, *next; at; at = next) {
		char *end = layer_end(at);
		int r;

		next = *end ? end + 1 : NULL;
		*end = '\0';
		if (*at == '\0') {
			if (!next)
				return -EINVAL;
			key = "datadir+";
			continue;
		}
		unescape(at);
		if (strlen(at) > FSCONFIG_MAX)
			return -E2BIG;
		r = sys_fsconfig(fs, FSCONFIG_SET_STRING, key, at, 0);
		if (r < 0)
			return r;
	}
	return 0;
}

static int set_word(int fs, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return strlen(word) > FSCONFIG_MAX ? -E2BIG : sys_fsconfig(fs, FSCONFIG_SET_FLAG, word, NULL, 0);
	*value++ = '\0';
	if (strlen(word) > FSCONFIG_MAX)
		return -E2BIG;
	if (strlen(value) <= FSCONFIG_MAX)
		return sys_fsconfig(fs, FSCONFIG_SET_STRING, word, value, 0);
	return strcmp(word, "lowerdir") == 0 ? set_lower_layers(fs, value) : -E2BIG;
}

/* Each word may itself hold several, cut by commas, as it would for mount(2). */
static int set_data(int fs, const struct mount_options *o)
{
	for (size_t i = 0; i < o->n_data; i++) {
		const char *rest = o->data[i];
		char *word;

		while ((word = next_word(&rest))) {
			int r = set_word(fs, word);

			free(word);
			if (r < 0)
				return r;
		}
		if (*rest && rest[strspn(rest, ",")])
			return -ENOMEM;
	}
	return 0;
}

/* The last error in the log of the file system context, without its "e ". */
static void read_log(int fs, char ret_message[256])
{
	char line[256];
	ssize_t n;

	*ret_message = '\0';
	while ((n = read(fs, line, sizeof(line) - 1)) > 0) {
		while (n > 0 && line[n - 1] == '\n')
			n--;
		line[n] = '\0';
		if (n > 2 && line[0] == 'e')
			memcpy(ret_message, line + 2, (size_t)n - 1);
	}
}

/* ---- mount(2), detached ---- */

static int join_data(const struct mount_options *o, struct text *ret)
{
	for (size_t i = 0; i < o->n_data; i++)
		text_printf(ret, "%s%s", i ? "," : "", o->data[i]);
	return ret->failed ? -ENOMEM : 0;
}

/* In the staging directory, which is the working directory: mount, and take a detached clone. */
static int mount_here(const char *type, const char *source, const struct mount_options *o)
{
	__attribute__((cleanup(text_free))) struct text data = TEXT_INIT;
	int r;

	r = join_data(o, &data);
	if (r < 0)
		return r;
	if (mkdirat(AT_FDCWD, "m", 0700) < 0)
		return -errno;
	r = sys_mount(source ? source : "none", "m", type, o->super_set, text_string(&data));
	if (r < 0)
		return r;
	return sys_open_tree(AT_FDCWD, "m", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

/* The staging directory is a tmpfs on top of "/" of this mount namespace, where no path look-up sees it. */
static int mount_staged(const char *type, const char *source, const struct mount_options *o)
{
	const struct mount_options plain = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
	auto_close int cwd = -1, top = -1, stage = -1, fd = -1;
	char message[256];
	int r;

	if (forbidden || confined)
		return -EPERM;
	cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (cwd < 0 || top < 0)
		return -errno;
	stage = mount_new("tmpfs", NULL, &plain, message);
	if (stage < 0)
		return stage;
	r = mount_attach(stage, top);
	if (r < 0)
		return r;
	r = sys_fchdir(stage);
	if (r == 0) {
		fd = mount_here(type, source, o);
		r = sys_umount(".");
	}
	if (sys_fchdir(cwd) < 0 || r < 0)
		return r < 0 ? r : -ENOTDIR;
	return take_fd(&fd);
}

/* ---- new file systems ---- */

/* fd; -E2BIG or -EOPNOTSUPP for what only mount(2) can say. */
static int mount_configured(const char *type, const char *source, const struct mount_options *o, char ret_message[256])
{
	auto_close int fs = -1;
	uint64_t set, clear;
	int r = 0;

	if (o->super_set & MS_I_VERSION)
		return -EOPNOTSUPP;
	if (source && strlen(source) > FSCONFIG_MAX)
		return -E2BIG;
	fs = sys_fsopen(type, FSOPEN_CLOEXEC);
	if (fs < 0)
		return fs;
	if (source && *source)
		r = sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0);
	if (r == 0)
		r = set_super(fs, o, false);
	if (r == 0)
		r = set_data(fs, o);
	if (r == 0)
		r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (r < 0) {
		read_log(fs, ret_message);
		return r;
	}
	own_attributes(o, &set, &clear);
	return sys_fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)set);
}

bool mount_type_is_shared(const char *type)
{
	static const char *const types[] = { "cgroup", "cgroup2", "mqueue", "proc", "sysfs" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static bool is_long(const struct mount_options *o)
{
	for (size_t i = 0; i < o->n_data; i++)
		if (strlen(o->data[i]) > FSCONFIG_MAX)
			return true;
	return false;
}

int mount_new(const char *type, const char *source, const struct mount_options *o, char ret_message[256])
{
	auto_close int fd = -1;
	uint64_t set, clear;
	int r;

	*ret_message = '\0';
	fd = mount_configured(type, source, o, ret_message);
	/* EINVAL with a long word: a kernel that does not know "lowerdir+". */
	if (fd == -E2BIG || fd == -EOPNOTSUPP || (fd == -EINVAL && is_long(o))) {
		fd = mount_staged(type, source, o);
		if (fd >= 0) {
			own_attributes(o, &set, &clear);
			r = mount_change(fd, set, clear, 0, false);
			if (r < 0)
				return r;
			*ret_message = '\0';
		}
	}
	if (fd < 0)
		return fd;
	r = mount_change(fd, 0, 0, o->propagation, false);
	return r < 0 ? r : take_fd(&fd);
}

/* As MS_REMOUNT: flags that are not named are cleared, except for the access-time mode. */
static int replace_attributes(int fd, const struct mount_options *o)
{
	const uint64_t all = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
			     MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW;
	struct mount_options whole = *o;

	whole.attr_clear |= all & ~whole.attr_set;
	if (!o->recursive_attr_set && !o->recursive_attr_clear && !(o->propagation && o->propagation_recursive)) {
		whole.recursive = false;
		return mount_apply(fd, &whole);
	}
	whole.recursive = true;
	return mount_apply(fd, &whole);
}

int mount_reconfigure(int fd, const struct mount_options *o)
{
	auto_close int fs = -1;
	int r;

	if (forbidden || confined)
		return -EPERM;
	if (!o->bind && (o->super_set || o->super_clear || o->n_data)) {
		fs = sys_fspick(fd);
		if (fs < 0)
			return fs;
		r = set_super(fs, o, true);
		if (r == 0)
			r = set_data(fs, o);
		if (r == 0)
			r = sys_fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
		if (r < 0)
			return r;
	}
	return replace_attributes(fd, o);
}

/* ---- clones ---- */

int mount_clone(int dir, const char *path, bool recursive, bool nofollow)
{
	return sys_open_tree(dir, path,
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0u) |
				     (nofollow ? AT_SYMLINK_NOFOLLOW : 0u));
}

/* The kernel looks at rights before it looks at the descriptor, which is none. */
bool mount_is_allowed(void)
{
	return mount_clone_fd(-1, false) != -EPERM;
}

int mount_open_dir(int dir, const char *path)
{
	int fd = openat(dir, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int mount_read_link(int fd, char **ret)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(fd, "", target, sizeof(target));

	if (n < 0)
		return errno == ENOENT ? -EINVAL : -errno; /* what the kernel says with an empty path */
	if ((size_t)n >= sizeof(target))
		return -ENAMETOOLONG;
	target[n] = '\0';
	*ret = strdup(target);
	return *ret ? 0 : -ENOMEM;
}

int mount_clone_fd(int fd, bool recursive)
{
	return sys_open_tree(fd, "",
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0u));
}

static bool is_same_dir(int fd, const struct stat *wanted)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == wanted->st_dev && st.st_ino == wanted->st_ino;
}

/* The path is only where to look: what is found there is compared. */
static int open_by_name(int fd)
{
	char link[64], path[PATH_MAX];
	auto_close int procfs = proc_open_host();
	ssize_t n;
	int own;

	if (procfs < 0)
		return procfs;
	snprintf(link, sizeof(link), "self/fd/%d", fd);
	n = readlinkat(procfs, link, path, sizeof(path));
	if (n < 0)
		return -errno;
	if ((size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	path[n] = '\0';
	own = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return own < 0 ? -errno : own;
}

int mount_local(int fd)
{
	auto_close int own = -1;
	struct stat wanted;
	int r = sys_fstat(fd, &wanted);

	if (r < 0)
		return r;
	/* unshare and clone take the working directory along into the new namespace. */
	own = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!is_same_dir(own, &wanted)) {
		(void)fd_close(own);
		own = open_by_name(fd);
		if (own < 0)
			return own;
		if (!is_same_dir(own, &wanted))
			return -ESTALE;
	}
	return take_fd(&own);
}

/* ---- the tree ---- */

int mount_attach(int mnt, int target)
{
	return forbidden ? -EPERM : sys_move_mount(mnt, target);
}

int mount_can_nest(void)
{
	const struct mount_options plain = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
	auto_close int outer = -1, inner = -1;
	char message[256];
	int r;

	outer = mount_new("tmpfs", NULL, &plain, message);
	if (outer < 0)
		return outer;
	inner = mount_new("tmpfs", NULL, &plain, message);
	if (inner < 0)
		return inner;
	r = mount_attach(inner, outer);
	return r == -EINVAL ? -EOPNOTSUPP : r;
}

int mount_tree_propagation(uint64_t propagation)
{
	return forbidden || confined ? -EPERM : sys_mount(NULL, "/", NULL, propagation | MS_REC, NULL);
}

int mount_detach(int fd)
{
	auto_close int cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r, back;

	if (forbidden || confined)
		return -EPERM;
	if (cwd < 0)
		return -errno;
	r = sys_fchdir(fd);
	if (r < 0)
		return r;
	r = sys_umount(".");
	back = sys_fchdir(cwd);
	return r < 0 ? r : back;
}
