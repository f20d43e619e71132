// SPDX-License-Identifier: LGPL-2.1-or-later
/* doctor_host.c - checks of the kernel, of namespaces, files, security modules and programs. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "cgroup/resctrl.h"
#include "container/criu.h"
#include "container/doctor.h"
#include "container/store.h"
#include "container/subids.h"
#include "kernel/host.h"
#include "kernel/idmap.h"
#include "kernel/landlock.h"
#include "kernel/mount.h"
#include "kernel/namespaces.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

#define FILE_LIMIT (4 * 1024 * 1024)
#define CRIU_MS    (10 * 1000)

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

/* Whole text of a host's file without its last newline; NULL: there is none. */
static char *read_host(const char *path)
{
	auto_close int fd = host_open_file(path, O_RDONLY | O_NONBLOCK);
	char *text = NULL;
	size_t size;

	if (fd < 0 || file_read(fd, FILE_LIMIT, &text, &size) < 0)
		return NULL;
	if (size && text[size - 1] == '\n')
		text[size - 1] = '\0';
	return text;
}

/* ---- the kernel and hull's own files ---- */

enum doctor_result doctor_version(struct doctor *d)
{
	struct utsname name;
	unsigned major = 0, minor = 0;

	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return DOCTOR_UNKNOWN;
	doctor_say(d, "Linux %s on %s", name.release, name.machine);
	return major > 5 || (major == 5 && minor >= 14) ? DOCTOR_WORKS : DOCTOR_FAILS;
}

static int try_procfs(struct doctor *d)
{
	const char *how = "";
	auto_close int fd = proc_open_private(&how);

	if (fd < 0)
		return fd;
	doctor_say(d, "%s", strcmp(how, "fsopen") == 0 ? "a detached one of hull's own"
			    : strcmp(how, "host") == 0  ? "the host's, after a look at what it is"
							: "a detached clone of the host's");
	return 0;
}

enum doctor_result doctor_procfs(struct doctor *d)
{
	int r = doctor_child(d, try_procfs, NULL);

	return r == 0 ? DOCTOR_WORKS : doctor_judge(d, r, "", "cannot open a private procfs");
}

static int try_self_copy(struct doctor *d)
{
	auto_close int host = proc_open_host();
	auto_close int fd = host < 0 ? host : proc_self_copy(host);

	if (fd < 0)
		return fd;
	doctor_say(d, "%s", fcntl(fd, F_GET_SEALS) >= 0 ? "a sealed copy in memory" : "a read-only clone, detached");
	return 0;
}

enum doctor_result doctor_self_copy(struct doctor *d)
{
	int r = doctor_child(d, try_self_copy, NULL);

	return r == 0 ? DOCTOR_WORKS : doctor_judge(d, r, "", "cannot copy hull's own binary");
}

/* ---- files ---- */

static const char *file_system(int fd)
{
	// clang-format off
	static const struct {
		unsigned long magic;
		const char *name;
	} names[] = {
		{ 0xef53, "ext4" }, { 0x58465342, "xfs" }, { 0x9123683e, "btrfs" }, { 0x01021994, "tmpfs" }, { 0x794c7630, "overlay" },
		{ 0x6969, "nfs" }, { 0x2fc12fc1, "zfs" }, { 0xf2f52010, "f2fs" }, { 0x65735546, "fuse" }, { 0x01021997, "9p" },
		{ 0x858458f6, "ramfs" }, { 0xe0f5e1e2, "erofs" }, { 0x73717368, "squashfs" }, { 0xff534d42, "cifs" }, { 0xca451a4e, "bcachefs" },
	};
	// clang-format on
	struct statfs info;

	if (fstatfs(fd, &info) == 0)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if ((unsigned long)info.f_type == names[i].magic)
				return names[i].name;
	return "a file system";
}

/* The directory at path or, where there is none yet, the nearest one above it.  path is cut.  fd or -errno */
static int open_nearest(char *path)
{
	for (;;) {
		int fd = host_open_dir(*path ? path : "/");
		char *slash;

		if (fd != -ENOENT || !*path || strcmp(path, "/") == 0)
			return fd;
		slash = strrchr(path, '/');
		if (!slash) {
			strcpy(path, ".");
			return host_open_dir(path);
		}
		*slash = '\0';
	}
}

/* The path of the state root, cut to what there is. */
static int open_state_root(struct doctor *d, char **ret_path)
{
	struct error err;

	if (store_root_path(d->rt, ret_path, &err) < 0) {
		doctor_say(d, "%s", err.text);
		return -EINVAL;
	}
	return open_nearest(*ret_path);
}

enum doctor_result doctor_state_root(struct doctor *d)
{
	auto_free char *path = NULL;
	auto_close int at = open_state_root(d, &path), dir = -1;
	char name[48];
	int r;

	if (!path)
		return DOCTOR_FAILS;
	(void)snprintf(name, sizeof(name), ".hull-doctor-%d", (int)getpid());
	dir = at < 0 ? at : file_make_dir_at(at, name, 0700);
	r = dir < 0 ? dir : sys_flock(dir, LOCK_EX | LOCK_NB);
	if (dir >= 0)
		(void)file_remove_at(at, name); /* just made, empty */
	if (r < 0)
		return doctor_judge(d, r, "", *path ? path : "/");
	doctor_say(d, "%s can be written, on %s", *path ? path : "/", file_system(at));
	return DOCTOR_WORKS;
}

static int try_idmap(struct doctor *d)
{
	const struct id_range range = { 0, 100000, 65536 };
	auto_close int users = idmap_namespace(d->procfs, &range, 1, &range, 1), mnt = -1;

	if (users < 0)
		return users;
	mnt = mount_clone(d->member_fd, ".", false, false);
	return mnt < 0 ? mnt : mount_idmap(mnt, users, false);
}

enum doctor_result doctor_idmap(struct doctor *d)
{
	auto_free char *path = d->path ? strdup(d->path) : NULL;
	auto_close int at = path ? host_open_dir(path) : d->path ? -ENOMEM : open_state_root(d, &path);
	const char *shown = path && *path ? path : "/";
	char text[DOCTOR_TEXT_MAX];
	int r;

	if (!path)
		return DOCTOR_FAILS;
	if (at < 0)
		return doctor_judge(d, at, "", shown);
	if (!d->is_root) {
		doctor_say(d, "%s on %s: only the host's root may", shown, file_system(at));
		return DOCTOR_FAILS;
	}
	d->member_fd = at; /* for the child */
	r = doctor_child(d, try_idmap, NULL);
	d->member_fd = -1;
	(void)snprintf(text, sizeof(text), "%.180s on %s", shown, file_system(at));
	return doctor_judge(d, r, text, text);
}

/* ---- namespaces ---- */

static int map_own(struct doctor *d, pid_t pid)
{
	const struct id_range uids = { 0, geteuid(), 1 }, gids = { 0, getegid(), 1 };

	return idmap_write(d->procfs, pid, &uids, 1, &gids, 1);
}

/* Into a new user namespace, as its root. */
static int become_root(struct doctor *d)
{
	int r = sys_unshare(CLONE_NEWUSER);

	if (r == 0)
		r = doctor_sync(d);
	if (r == 0)
		r = sys_setresgid(0, 0, 0);
	if (r == 0)
		r = sys_setresuid(0, 0, 0);
	doctor_tie();
	return r;
}

/* Rights in it are tried, too: security modules can take them away. */
static int try_user_namespace(struct doctor *d)
{
	int r;

	doctor_say(d, "cannot be made");
	r = become_root(d);
	if (r < 0)
		return r;
	doctor_say(d, "made, but without the right to mount in it");
	r = sys_unshare(CLONE_NEWNS);
	return r < 0 ? r : mount_is_allowed() ? 0 : -EPERM;
}

enum doctor_result doctor_user_namespace(struct doctor *d)
{
	int r = doctor_child(d, try_user_namespace, map_own);
	char text[DOCTOR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%.200s", d->found);
	return doctor_judge(d, r, "made, with all rights in it", text);
}

enum doctor_result doctor_apparmor_userns(struct doctor *d)
{
	auto_free char *text = NULL;

	if (d->procfs < 0 || proc_read(d->procfs, "sys/kernel/apparmor_restrict_unprivileged_userns", &text) < 0) {
		doctor_say(d, "this kernel has no such restriction");
		return DOCTOR_WORKS;
	}
	doctor_say(d, "kernel.apparmor_restrict_unprivileged_userns is %d", atoi(text));
	return atoi(text) == 0 ? DOCTOR_WORKS : DOCTOR_FAILS;
}

static int unshare_each(struct doctor *d, bool is_time)
{
	char text[DOCTOR_TEXT_MAX] = "";
	int r = d->is_root || geteuid() == 0 ? 0 : become_root(d), failed = 0;

	doctor_say(d, "without a user namespace");
	if (r < 0)
		return r;
	for (size_t i = 0; i < NAMESPACE_KINDS; i++) {
		const struct namespace_kind *kind = &namespace_kinds[i];

		if (kind->flag == CLONE_NEWUSER || (kind->flag == CLONE_NEWTIME) != is_time)
			continue;
		r = sys_unshare((unsigned long)kind->flag);
		if (r == 0 && failed)
			continue;
		if (r < 0 && !failed)
			text[0] = '\0';
		failed = r < 0 ? r : failed;
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", *text ? " " : "", kind->word);
	}
	doctor_say(d, "%s", text);
	return failed;
}

static int try_namespaces(struct doctor *d)
{
	return unshare_each(d, false);
}

static int try_time_namespace(struct doctor *d)
{
	return unshare_each(d, true);
}

static enum doctor_result judge_namespaces(struct doctor *d, int r)
{
	char text[DOCTOR_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%.200s", d->found);
	return doctor_judge(d, r, text, text);
}

enum doctor_result doctor_namespaces(struct doctor *d)
{
	return judge_namespaces(d, doctor_child(d, try_namespaces, map_own));
}

enum doctor_result doctor_time_namespace(struct doctor *d)
{
	return judge_namespaces(d, doctor_child(d, try_time_namespace, map_own));
}

/* ---- subordinate ids ---- */

static int map_granted(struct doctor *d, pid_t pid)
{
	auto_free char *subuid = read_host("/etc/subuid"), *subgid = read_host("/etc/subgid"), *passwd = read_host("/etc/passwd");
	struct id_range uids[] = { { 0, geteuid(), 1 }, { 1, 0, 0 } }, gids[] = { { 0, getegid(), 1 }, { 1, 0, 0 } };

	if (!subids_first(subuid, passwd, &uids[1].outside, &uids[1].size) ||
	    !subids_first(subgid, passwd, &gids[1].outside, &gids[1].size)) {
		doctor_say(d, "/etc/subuid and /etc/subgid grant user %u nothing", (unsigned)geteuid());
		return -ENOENT;
	}
	doctor_say(d, "%u and %u ids", (unsigned)uids[1].size, (unsigned)gids[1].size);
	return idmap_write(d->procfs, pid, uids, 2, gids, 2);
}

static int try_subids(struct doctor *d)
{
	int r = sys_unshare(CLONE_NEWUSER);

	return r < 0 ? r : doctor_sync(d);
}

enum doctor_result doctor_subids(struct doctor *d)
{
	bool installed = host_has_program("newuidmap") && host_has_program("newgidmap");
	char text[DOCTOR_TEXT_MAX];
	int r;

	if (geteuid() == 0) {
		doctor_say(d, installed ? "newuidmap and newgidmap are installed; root does not need them"
					: "newuidmap or newgidmap is not installed; root does not need them");
		return installed ? DOCTOR_WORKS : DOCTOR_FAILS;
	}
	if (!installed) {
		doctor_say(d, "newuidmap or newgidmap is not installed");
		return DOCTOR_FAILS;
	}
	r = doctor_child(d, try_subids, map_granted);
	if (r == -ENOENT && *d->found)
		return DOCTOR_FAILS;
	(void)snprintf(text, sizeof(text), "%.200s, mapped by newuidmap and newgidmap", d->found);
	return doctor_judge(d, r, text, "newuidmap or newgidmap cannot map the granted ids");
}

/* ---- seccomp ---- */

static int load_filter(uint32_t action, unsigned flags)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getcwd, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	int r = sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	return r < 0 ? r : sys_seccomp_filter(code, sizeof(code) / sizeof(code[0]), flags);
}

static int try_seccomp(struct doctor *d)
{
	char path[16];
	int r = load_filter(SECCOMP_RET_ERRNO | EXFULL, 0);

	(void)d;
	if (r < 0)
		return r;
	return sys_getcwd(path, sizeof(path)) == -EXFULL ? 0 : -ENOTRECOVERABLE;
}

enum doctor_result doctor_seccomp(struct doctor *d)
{
	return doctor_judge(d, doctor_child(d, try_seccomp, NULL), "a filter was loaded, and did what it says", "no filter can be loaded");
}

static int try_listener(struct doctor *d)
{
	int fd = load_filter(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);

	(void)d;
	if (fd < 0)
		return fd;
	(void)fd_close(fd);
	return 0;
}

enum doctor_result doctor_seccomp_listener(struct doctor *d)
{
	return doctor_judge(d, doctor_child(d, try_listener, NULL), "a filter that asks a supervisor was loaded", "no listener can be made");
}

enum doctor_result doctor_seccomp_actions(struct doctor *d)
{
	static const char *const words[] = { "kill_process", "kill_thread", "trap", "errno", "user_notif", "trace", "log", "allow" };
	auto_free char *text = NULL;
	char missing[DOCTOR_TEXT_MAX] = "missing:";

	if (d->procfs < 0 || proc_read(d->procfs, "sys/kernel/seccomp/actions_avail", &text) < 0) {
		doctor_say(d, "cannot read kernel.seccomp.actions_avail");
		return DOCTOR_UNKNOWN;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strstr(text, words[i]))
			(void)snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), " %s", words[i]);
	text[strcspn(text, "\n")] = '\0';
	doctor_say(d, "%s", missing[strlen("missing:")] ? missing : text);
	return missing[strlen("missing:")] ? DOCTOR_FAILS : DOCTOR_WORKS;
}

/* ---- security modules ---- */

enum doctor_result doctor_lsm(struct doctor *d)
{
	auto_free char *list = read_host("/sys/kernel/security/lsm"), *apparmor = read_host("/sys/module/apparmor/parameters/enabled");
	auto_close int selinux = host_open_file("/sys/fs/selinux/enforce", O_PATH);
	bool has_apparmor = apparmor && *apparmor == 'Y';

	doctor_say(d, "%s", has_apparmor ? "AppArmor" : selinux >= 0 ? "SELinux" : "neither AppArmor nor SELinux");
	if (list)
		(void)snprintf(d->found + strlen(d->found), DOCTOR_TEXT_MAX - strlen(d->found), " (%.180s)", list);
	return has_apparmor || selinux >= 0 ? DOCTOR_WORKS : DOCTOR_FAILS;
}

enum doctor_result doctor_landlock(struct doctor *d)
{
	int version = landlock_version();

	if (version < 0)
		return doctor_judge(d, version, "", "not there");
	doctor_say(d, "version %d", version);
	return DOCTOR_WORKS;
}

/* ---- programs and hardware ---- */

static int run_criu(const char *program, const char *word, const char *feature, struct child_result *ret)
{
	const char *const argv[] = { program, word, feature ? "--feature" : NULL, feature, NULL };
	const struct child_options options = { .file = program, .argv = argv, .directory = -1, .timeout_ms = CRIU_MS };

	return child_run(&options, ret);
}

static void say_ability(struct doctor *d, const char *word, int r, int status)
{
	size_t n = strlen(d->found);

	n += (size_t)snprintf(d->found + n, DOCTOR_TEXT_MAX - n, "%s", word);
	if (n >= DOCTOR_TEXT_MAX || (r == 0 && status == 0))
		return;
	if (r == -ETIMEDOUT)
		(void)snprintf(d->found + n, DOCTOR_TEXT_MAX - n, " (unknown: no answer for %d seconds)", CRIU_MS / 1000);
	else if (r < 0)
		(void)snprintf(d->found + n, DOCTOR_TEXT_MAX - n, " (unknown: %s)", errno_text(r));
	else
		(void)snprintf(d->found + n, DOCTOR_TEXT_MAX - n, " (not here)");
}

/* What criu and this kernel can do beyond the rest of it, by criu's word and by ours. */
static void say_criu_features(struct doctor *d, const char *program)
{
	static const struct {
		const char *feature, *word;
	} features[] = {
		{ "mem_dirty_track", "; with --pre-dump" },
		{ "uffd-noncoop", ", --lazy-pages" },
		{ "network_lock_nftables", ", --network-lock nftables" },
	};
	struct child_result result;

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		int r = run_criu(program, "check", features[i].feature, &result);

		say_ability(d, features[i].word, r, result.status);
	}
}

/* "Version: 2.12.1"; what is none is left to checkpoint. */
static bool is_too_old(const char *text)
{
	unsigned major, minor;

	return sscanf(text, "Version: %u.%u", &major, &minor) == 2 && major < CRIU_OLDEST / 10000;
}

enum doctor_result doctor_criu(struct doctor *d)
{
	const char *program = d->rt->criu ? d->rt->criu : "criu";
	struct child_result result;
	int r = run_criu(program, "--version", NULL, &result);

	if (r == -ENOENT) {
		doctor_say(d, "%.200s is not installed", program);
		return DOCTOR_FAILS;
	}
	if (r == -ETIMEDOUT) {
		doctor_say(d, "%.200s --version has given no answer for %d seconds", program, CRIU_MS / 1000);
		return DOCTOR_FAILS;
	}
	if (r == 0 && result.status != 0) {
		doctor_say(d, "%.200s --version ended with %d", program, result.status);
		return DOCTOR_FAILS;
	}
	if (r == 0)
		result.tail[strcspn(result.tail, "\n")] = '\0';
	if (r == 0 && is_too_old(result.tail)) {
		doctor_say(d, "%.80s, older than " CRIU_OLDEST_TEXT, result.tail);
		return DOCTOR_FAILS;
	}
	if (r == 0 && d->is_root) {
		doctor_say(d, "%.80s", result.tail);
		say_criu_features(d, program);
		return DOCTOR_WORKS;
	}
	return doctor_judge(d, r, result.tail, program);
}

enum doctor_result doctor_resctrl(struct doctor *d)
{
	struct error err;
	auto_close int fd = resctrl_open(&err);

	doctor_say(d, "%s", fd < 0 ? "not mounted" : "mounted");
	return fd < 0 ? DOCTOR_FAILS : DOCTOR_WORKS;
}
