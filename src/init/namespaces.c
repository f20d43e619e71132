// SPDX-License-Identifier: LGPL-2.1-or-later
/* namespaces.c - the steps into the container's namespaces, and what is set in them at once.
 *
 * Joining goes by rights: what the host's rights can join is joined first, then the user namespace, then
 * what only its owner may join (a network namespace that was made inside of it, without host rights). */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "init/init.h"
#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/proc.h"
#include "kernel/sys.h"
#include "ocispec.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* ---- joining ---- */

/* Descriptors of the namespaces to join, each at its kind's place; the kernel says what each one is. */
static int receive_namespaces(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_NAMESPACES };
	int fds[NAMESPACE_KINDS];
	size_t n = 0;

	if (init_ask(in, &message, NULL, 0, fds, NAMESPACE_KINDS, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int flag = sys_ioctl(fds[i], NS_GET_NSTYPE, NULL);
		const struct namespace_kind *kind = flag < 0 ? NULL : namespace_kind(flag);

		if (!kind || in->join[kind - namespace_kinds])
			return fail(err, ERR_INTERNAL, "namespace %zu of those to join is none", i);
		in->join[kind - namespace_kinds] = fds[i];
		in->joined_namespaces |= (unsigned)flag;
	}
	return 0;
}

/* May it be joined after the user namespace as well? */
static bool can_wait(const struct init *in)
{
	return ((in->joined_namespaces | in->new_namespaces) & CLONE_NEWUSER) != 0;
}

/* Joins what is left, in the order of the table, except for the user namespace. */
static int join_kinds(struct init *in, bool may_wait, struct error *err)
{
	for (size_t i = 0; i < NAMESPACE_KINDS; i++) {
		const struct namespace_kind *kind = &namespace_kinds[i];
		int r;

		if (!in->join[i] || kind->flag == CLONE_NEWUSER)
			continue;
		r = sys_setns(in->join[i], kind->flag);
		if (r == -EPERM && may_wait)
			continue;
		if (r < 0)
			return fail(err, r, "cannot join the %s namespace", kind->word);
		(void)fd_close(in->join[i]);
		in->join[i] = 0;
	}
	return 0;
}

/* Without root among the mapped ids the first mapped one does the work. */
static uint32_t first_mapped(const struct oci_id_mapping *mappings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (mappings[i].container_id == 0)
			return 0;
	return n > 0 ? mappings[0].container_id : 0;
}

/* Files and sockets made from here on must belong to an id that exists inside. */
static int become_root_inside(const struct init *in, struct error *err)
{
	const struct oci_linux *linux = in->config->linux;
	uint32_t uid = first_mapped(linux->uid_mappings, linux->n_uid_mappings);
	uint32_t gid = first_mapped(linux->gid_mappings, linux->n_gid_mappings);
	int r;

	r = keeps_groups(in) ? 0 : sys_setgroups(0, NULL);
	if (r < 0 && r != -EPERM) /* EPERM: denied in this namespace, for good */
		return fail(err, r, "cannot drop the supplementary groups");
	r = sys_setresgid(gid, gid, gid);
	if (r < 0)
		return fail(err, r, "cannot become group %u in the user namespace", gid);
	r = sys_setresuid(uid, uid, uid);
	if (r < 0)
		return fail(err, r, "cannot become user %u in the user namespace", uid);
	return 0;
}

static bool has_time_offsets(const struct init *in)
{
	return (in->new_namespaces & CLONE_NEWTIME) && in->config->linux->n_time_offsets > 0;
}

/* An undumpable process's file is the host root's.  Init still is that user before it becomes root inside (an
 * unprivileged one is dumpable then), and has every right in the user namespace, which is what counts at the write. */
static int open_time_offsets(struct init *in)
{
	int fd;

	if (!has_time_offsets(in) || in->time_offsets > 0)
		return 0;
	fd = proc_open(in->procfs, "self/timens_offsets", O_WRONLY);
	if (fd < 0)
		return fd;
	in->time_offsets = fd;
	return 0;
}

static bool same_map(const char *shown, const struct oci_id_mapping *mappings, size_t n)
{
	unsigned inside, outside, size;
	size_t rows = 0;
	int used;

	for (; sscanf(shown, "%u %u %u%n", &inside, &outside, &size, &used) == 3; shown += used, rows++)
		if (rows == n || mappings[rows].container_id != inside || mappings[rows].host_id != outside ||
		    mappings[rows].size != size)
			return false;
	return rows == n;
}

/* Engines name a user namespace and its mappings again for each further container: they are not written. */
static void compare_maps(struct init *in)
{
	const struct oci_linux *linux = in->config->linux;
	auto_close int procfs = -1;
	auto_free char *uids = NULL, *gids = NULL;

	if (!(in->flags & INIT_DEBUG) || !linux->n_uid_mappings)
		return;
	procfs = proc_open_host();
	if (procfs < 0 || proc_read(procfs, "self/uid_map", &uids) < 0 || proc_read(procfs, "self/gid_map", &gids) < 0)
		return; /* nothing depends on it */
	if (!same_map(uids, linux->uid_mappings, linux->n_uid_mappings) ||
	    !same_map(gids, linux->gid_mappings, linux->n_gid_mappings))
		init_log(in, "config.json:/linux/uidMappings: the user namespace that is joined has others");
}

int step_join(struct init *in, struct error *err)
{
	int *user = &in->join[namespace_kind(CLONE_NEWUSER) - namespace_kinds], r;

	if (!in->joined_namespaces)
		return 0;
	if (receive_namespaces(in, err) < 0)
		return -1;
	if (join_kinds(in, can_wait(in), err) < 0)
		return -1;
	if (!*user)
		return 0;
	r = sys_setns(*user, CLONE_NEWUSER);
	if (r < 0)
		return fail(err, r, "cannot join the user namespace");
	(void)fd_close(*user);
	*user = 0;
	compare_maps(in);
	r = open_time_offsets(in);
	if (r < 0)
		return fail(err, r, "cannot open the time namespace's offsets");
	return become_root_inside(in, err);
}

/* All at once, by the pidfd of a process that is in them: the kernel checks each against the rights from before.  Root and
 * working directory are the mount namespace's root from then on.  The pid namespace is that of children only. */
int step_join_container(struct init *in, struct error *err)
{
	/* All may be the runtime's own. */
	int r = in->joined_namespaces ? sys_setns(in->target, (int)in->joined_namespaces) : 0;

	if (r == -ESRCH)
		return fail(err, ERR_STATE, "cannot exec in a stopped container: %s", in->id);
	if (r < 0)
		return fail(err, r, "cannot join the namespaces of container %s", in->id);
	in->target = fd_close(in->target);
	if (root_join(in, err) < 0)
		return -1;
	return in->joined_namespaces & CLONE_NEWUSER ? become_root_inside(in, err) : 0;
}

int step_join_inside(struct init *in, struct error *err)
{
	return join_kinds(in, false, err);
}

/* ---- new ones ---- */

static int set_dumpable(unsigned long on, struct error *err)
{
	int r = sys_prctl(PR_SET_DUMPABLE, on, 0, 0, 0);

	return r < 0 ? fail(err, r, "cannot make init %s", on ? "dumpable" : "undumpable") : 0;
}

/* What has to happen while the maps can be written. */
static int have_maps_written(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_MAP };
	int r;

	r = open_time_offsets(in);
	if (r < 0)
		return fail(err, r, "cannot open the time namespace's offsets");
	return init_ask(in, &message, NULL, 0, NULL, 0, NULL, err);
}

int step_user_namespace(struct init *in, struct error *err)
{
	/* An unprivileged runtime may write uid_map only if it owns the file: root owns an undumpable process's. */
	bool open_up = geteuid() != 0;
	int r;

	if (!(in->new_namespaces & CLONE_NEWUSER))
		return 0;
	r = sys_unshare(CLONE_NEWUSER);
	if (r < 0)
		return fail(err, r, "cannot make a user namespace");
	if (open_up && set_dumpable(1, err) < 0)
		return -1;
	if (have_maps_written(in, err) < 0)
		return -1;
	if (open_up && set_dumpable(0, err) < 0)
		return -1;
	return become_root_inside(in, err);
}

/* unshare is all or nothing and does not say which one it was. */
static int unshare_each(unsigned flags, struct error *err)
{
	for (size_t i = 0; i < NAMESPACE_KINDS; i++) {
		int r;

		if (!(flags & (unsigned)namespace_kinds[i].flag))
			continue;
		r = sys_unshare((unsigned long)namespace_kinds[i].flag);
		if (r < 0)
			return fail(err, r, "cannot make a %s namespace", namespace_kinds[i].word);
	}
	return 0;
}

int step_new_namespaces(struct init *in, struct error *err)
{
	/* The user namespace has its step before, the cgroup namespace behind the move into the cgroup. */
	unsigned flags = in->new_namespaces & ~(unsigned)(CLONE_NEWUSER | CLONE_NEWCGROUP);

	if (in->flags & INIT_NAMESPACES_NEW || !flags)
		return 0;
	return sys_unshare(flags) == 0 ? 0 : unshare_each(flags, err);
}

int step_time(struct init *in, struct error *err)
{
	auto_text struct text lines = TEXT_INIT;
	int r;

	if (!has_time_offsets(in))
		return 0;
	for (size_t i = 0; i < in->config->linux->n_time_offsets; i++) {
		const struct oci_time_offset *offset = &in->config->linux->time_offsets[i];

		text_printf(&lines, "%s %lld %u\n", offset->key, (long long)offset->secs, offset->nanosecs);
	}
	if (lines.failed)
		return fail(err, -ENOMEM, "cannot set the time offsets");
	r = open_time_offsets(in);
	if (r == 0)
		r = file_write(in->time_offsets, lines.data, lines.length);
	if (r < 0)
		return fail(err, r, "config.json:/linux/timeOffsets: cannot set them");
	(void)fd_close(in->time_offsets);
	in->time_offsets = 0;
	return 0;
}

int step_fork(struct init *in, struct error *err)
{
	/* The runtime stays the parent and can wait for the child; the exit signal is then init's own, too. */
	const struct clone_args args = { .flags = CLONE_PARENT };
	struct message message = { .type = MSG_CHILD };
	pid_t pid;

	if (in->flags & INIT_NAMESPACES_NEW)
		return 0;
	/* A joined time namespace is entered by setns itself. */
	if (!((in->new_namespaces | in->joined_namespaces) & CLONE_NEWPID) && !(in->new_namespaces & CLONE_NEWTIME))
		return 0;
	pid = sys_clone3(&args);
	if (pid < 0)
		return fail(err, pid, "cannot fork into the pid namespace");
	if (pid > 0)
		_exit(EXIT_SUCCESS);
	return init_ask(in, &message, NULL, 0, NULL, 0, NULL, err);
}

int step_cgroup_namespace(struct init *in, struct error *err)
{
	const unsigned by_clone3 = INIT_CGROUP_FINAL | INIT_NAMESPACES_NEW;
	int r;

	if (!(in->new_namespaces & CLONE_NEWCGROUP) || (in->flags & by_clone3) == by_clone3)
		return 0;
	r = sys_unshare(CLONE_NEWCGROUP);
	return r < 0 ? fail(err, r, "cannot make a cgroup namespace") : 0;
}

/* ---- what is set in them ---- */

int step_network(struct init *in, struct error *err)
{
	struct message message = { .type = MSG_NETDEV };
	const struct oci_linux *linux = in->config->linux;
	int r;

	if (in->new_namespaces & CLONE_NEWNET) {
		r = netlink_loopback_up();
		if (r < 0)
			return fail(err, r, "cannot set the loopback interface up");
	}
	return linux && linux->n_net_devices ? init_ask(in, &message, NULL, 0, NULL, 0, NULL, err) : 0;
}

int step_names(struct init *in, struct error *err)
{
	const char *host = in->config->hostname, *domain = in->config->domainname;
	int r;

	if (host && (r = sys_sethostname(host, strlen(host))) < 0)
		return fail(err, r, "config.json:/hostname: cannot set it to %s", host);
	if (domain && (r = sys_setdomainname(domain, strlen(domain))) < 0)
		return fail(err, r, "config.json:/domainname: cannot set it to %s", domain);
	return 0;
}

/* sysctl(8)'s two spellings: where the first separator is a dot, dots and slashes change places, so that
 * net.ipv4.conf.eth0/7.forwarding and net/ipv4/conf/eth0.7/forwarding are the same.  NULL: no memory. */
static char *sysctl_path(const char *key)
{
	auto_text struct text path = TEXT_INIT;
	const char *separator = strpbrk(key, "./");
	bool dots = separator && *separator == '.';

	text_puts(&path, "sys/");
	for (const char *p = key; *p; p++) {
		char c = *p;

		if (dots && c == '.')
			c = '/';
		else if (dots && c == '/')
			c = '.';
		text_append(&path, &c, 1);
	}
	return path.failed ? NULL : take_ptr(path.data);
}

/* Below /proc there is more than sysctls, and ".." leads there. */
static bool is_plain_path(const char *path)
{
	for (const char *name = path; name; name = strchr(name, '/') ? strchr(name, '/') + 1 : NULL) {
		size_t n = strcspn(name, "/");

		if (n == 0 || (n == 1 && name[0] == '.') || (n == 2 && name[0] == '.' && name[1] == '.'))
			return false;
	}
	return true;
}

/* The same words, whatever is between them: the kernel shows "1024\t65535" for "1024 65535". */
static bool same_words(const char *a, const char *b)
{
	static const char blanks[] = " \t\n";

	for (;;) {
		size_t n;

		a += strspn(a, blanks);
		b += strspn(b, blanks);
		n = strcspn(a, blanks);
		if (n != strcspn(b, blanks) || strncmp(a, b, n) != 0)
			return false;
		if (n == 0)
			return true;
		a += n;
		b += n;
	}
}

/* Lists and the like are shown in the kernel's own form; plain numbers are shown as they were written. */
static bool is_numbers(const char *value)
{
	return value[strspn(value, "0123456789 \t\n")] == '\0';
}

static int write_sysctl(struct init *in, const char *path, const char *value, struct error *err)
{
	auto_free char *shown = NULL;
	int r;

	r = proc_write(in->procfs, path, value, false);
	if (r < 0)
		return fail(err, r, "cannot write %s", value);
	r = proc_read(in->procfs, path, &shown);
	if (r == -EACCES) /* a few can only be written */
		return 0;
	if (r < 0)
		return fail(err, r, "cannot read back what was written");
	if (same_words(value, shown))
		return 0;
	if (is_numbers(value))
		return fail(err, ERR_HOST, "the kernel took %s, but shows %s", value, shown);
	init_log(in, "sysctl %s: wrote %s, reads %s", path, value, shown);
	return 0;
}

/* A key in a JSON pointer (RFC 6901). */
static int within_key(const char *key, struct error *err)
{
	auto_text struct text escaped = TEXT_INIT;

	for (const char *p = key; *p; p++)
		if (*p == '/' || *p == '~')
			text_puts(&escaped, *p == '/' ? "~1" : "~0");
		else
			text_append(&escaped, p, 1);
	return within(err, "config.json:/linux/sysctl/%s", text_string(&escaped));
}

int step_sysctl(struct init *in, struct error *err)
{
	const struct oci_linux *linux = in->config->linux;

	for (size_t i = 0; linux && i < linux->n_sysctl; i++) {
		const struct oci_pair *pair = &linux->sysctl[i];
		auto_free char *path = sysctl_path(pair->key);
		int r;

		if (!path)
			r = fail(err, -ENOMEM, "cannot set it");
		else if (!is_plain_path(path))
			r = fail(err, ERR_CONFIG, "is no sysctl's name");
		else
			r = write_sysctl(in, path, pair->value, err);
		if (r < 0)
			return within_key(pair->key, err);
	}
	return 0;
}
