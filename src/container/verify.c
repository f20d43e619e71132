// SPDX-License-Identifier: LGPL-2.1-or-later
/* verify.c - images say which rights their processes have; the config says which they may have.
 *
 * criu does what the images say: capabilities, filters, mounts, cgroups, namespaces.  So all of that is looked at, while
 * every process stands still, by way of our own procfs. */
#include "container/verify.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/externals.h"
#include "container/mountinfo.h"
#include "kernel/caps.h"
#include "kernel/namespaces.h"
#include "kernel/proc.h"
#include "kernel/rootfs.h"
#include "kernel/sys.h"

struct verification {
	const struct oci_config *config;
	int procfs;
	pid_t init;
	uint64_t caps; /* that a process may have in any set */
	ino_t own_pid_namespace, pid_namespace;
	pid_t *members; /* of the cgroup, sorted */
	size_t n_members;
};

/* ---- what a process may do ---- */

static void add_caps(const char *const *names, size_t n, uint64_t *set)
{
	for (size_t i = 0; i < n; i++) {
		int number = cap_number(names[i]);

		if (number >= 0)
			*set |= (uint64_t)1 << number;
	}
}

static uint64_t allowed_caps(const struct oci_process *process)
{
	const struct oci_capabilities *c = process ? process->capabilities : NULL;
	uint64_t set = 0;

	if (!c)
		return 0;
	add_caps(c->bounding, c->n_bounding, &set);
	add_caps(c->effective, c->n_effective, &set);
	add_caps(c->permitted, c->n_permitted, &set);
	add_caps(c->inheritable, c->n_inheritable, &set);
	add_caps(c->ambient, c->n_ambient, &set);
	return set;
}

/* The value of a line "NAME:\t..." of /proc/PID/status, in that base; -1 where there is none. */
static int64_t value_of(const char *status, const char *name, int base)
{
	const char *at = strstr(status, name);

	return at ? (int64_t)strtoull(at + strlen(name), NULL, base) : -1;
}

static int check_caps(const struct verification *v, pid_t pid, const char *status, struct error *err)
{
	static const char *const sets[] = { "\nCapInh:", "\nCapPrm:", "\nCapEff:", "\nCapBnd:", "\nCapAmb:" };

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		int64_t value = value_of(status, sets[i], 16);
		uint64_t more = (uint64_t)value & ~v->caps;

		if (value < 0)
			return fail(err, ERR_HOST, "cannot read the capabilities of process %d", (int)pid);
		if (more) {
			const char *name = cap_name(__builtin_ctzll(more));

			return fail(err, ERR_CONFIG,
				    "config.json:/process/capabilities: the images give process %d %s, which the config does not",
				    (int)pid, name ? name : "an unknown capability");
		}
	}
	return 0;
}

static int check_rights(const struct verification *v, pid_t pid, struct error *err)
{
	const struct oci_linux *linux = v->config->linux;
	const struct oci_process *process = v->config->process;
	auto_free char *status = NULL;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "%d/status", (int)pid);
	r = proc_read(v->procfs, path, &status);
	if (r < 0)
		return fail(err, r, "cannot look at process %d", (int)pid);
	if (check_caps(v, pid, status, err) < 0)
		return -1;
	if (process && process->no_new_privileges && value_of(status, "\nNoNewPrivs:", 10) != 1)
		return fail(err, ERR_CONFIG,
			    "config.json:/process/noNewPrivileges: process %d of the images has it not", (int)pid);
	if (linux && linux->seccomp && value_of(status, "\nSeccomp:", 10) != 2)
		return fail(err, ERR_CONFIG, "config.json:/linux/seccomp: process %d of the images has no filter", (int)pid);
	return 0;
}

/* ---- where it is ---- */

static int inode_of(int fd, ino_t *ret)
{
	struct stat st;
	int r = fd < 0 ? fd : sys_fstat(fd, &st);

	*ret = r == 0 ? st.st_ino : 0;
	return r;
}

static int namespace_of(const struct verification *v, pid_t pid, int type, ino_t *ret)
{
	auto_close int fd = namespace_open_of(v->procfs, pid, type);

	return inode_of(fd, ret);
}

/* What the config wants new is not the host's.  A process may have gone on into others by itself; init has not left one
 * that the config names by its path. */
static int check_namespaces(const struct verification *v, pid_t pid, struct error *err)
{
	const struct oci_linux *linux = v->config->linux;

	for (size_t i = 0; linux && i < linux->n_namespaces; i++) {
		const struct oci_namespace *ns = &linux->namespaces[i];
		const char *word = namespace_kind((int)ns->type)->word;
		ino_t its, wanted = 0;
		int r = namespace_of(v, pid, (int)ns->type, &its);

		if (r == 0 && ns->path) {
			auto_close int fd = namespace_open(ns->path, (int)ns->type);

			r = inode_of(fd, &wanted);
		} else if (r == 0) {
			r = namespace_of(v, 0, (int)ns->type, &wanted);
		}
		if (r < 0)
			return fail(err, r, "cannot look at the %s namespace of process %d", word, (int)pid);
		if (!ns->path && its == wanted)
			return fail(err, ERR_CONFIG,
				    "config.json:/linux/namespaces/%zu: process %d of the images is in the host's %s namespace", i,
				    (int)pid, word);
		if (ns->path && pid == v->init && its != wanted)
			return fail(err, ERR_CONFIG,
				    "config.json:/linux/namespaces/%zu/path: the restored process is in another %s namespace", i,
				    word);
	}
	return 0;
}

static bool is_member(const struct verification *v, pid_t pid)
{
	for (size_t i = 0; i < v->n_members; i++)
		if (v->members[i] == pid)
			return true;
	return false;
}

static int check_process(const struct verification *v, pid_t pid, struct error *err)
{
	if (check_rights(v, pid, err) < 0)
		return -1;
	return check_namespaces(v, pid, err);
}

/* Those of the container's pid namespace that are not in its cgroup. */
static int check_strays(const struct verification *v, struct error *err)
{
	int fd = file_reopen_dir(v->procfs), r = 0;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!stream) {
		(void)fail(err, fd < 0 ? fd : -errno, "cannot list the processes");
		(void)fd_close(fd);
		return -1;
	}
	while (r == 0 && (entry = readdir(stream))) {
		uint64_t pid;
		ino_t its;

		if (text_to_u64(entry->d_name, 1, INT32_MAX, &pid) < 0 || is_member(v, (pid_t)pid) ||
		    namespace_of(v, (pid_t)pid, CLONE_NEWPID, &its) < 0 || its != v->pid_namespace)
			continue;
		r = fail(err, ERR_CONFIG,
			 "config.json:/linux/cgroupsPath: process %d of the images is not in the container's cgroup", (int)pid);
	}
	(void)closedir(stream);
	return r;
}

/* ---- what it sees ---- */

/* File systems that are the container's own, or show each process what it may see. */
static bool is_virtual(const char *type)
{
	static const char *const types[] = { "cgroup", "cgroup2", "devpts", "mqueue", "proc", "sysfs", "tmpfs" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static bool has_option(const char *options, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = options; *at; at += strcspn(at, ","), at += *at == ',')
		if (strncmp(at, word, n) == 0 && (at[n] == ',' || !at[n]))
			return true;
	return false;
}

/* Whether the mount is one of a file system that the config brings there, or a part of the container's own root. */
static bool is_expected(const struct verification *v, const struct mount_line *line, const struct mount_line *top)
{
	size_t n = strcmp(top->root, "/") == 0 ? 0 : strlen(top->root);
	const char *device;

	if (is_virtual(line->type))
		return true;
	if (strcmp(line->device, top->device) == 0 && strncmp(line->root, top->root, n) == 0 &&
	    (line->root[n] == '/' || !line->root[n]))
		return true;
	for (size_t i = 0; strcmp(line->type, "devtmpfs") == 0 && (device = external_device(v->config, i)); i++)
		if (strncmp(device, "/dev", 4) == 0 && strcmp(device + 4, line->root) == 0)
			return true;
	return false;
}

/* A mount line of what lies at path in the container.  0, -ENOENT: there is nothing, -errno */
static int line_at(const struct rootfs *root, const char *mountinfo, const char *path, struct mount_line *ret)
{
	auto_close int fd = rootfs_open(root, path, O_PATH, 0);
	unsigned long long id;
	int r = fd < 0 ? fd : sys_mount_id(fd, &id);

	if (r < 0)
		return r == -ENOTDIR ? -ENOENT : r;
	return mountinfo_find(mountinfo, id, ret);
}

/* Bind mounts: the lines of what the config puts there. */
static bool is_bind_of_config(const struct verification *v, const struct rootfs *root, const char *mountinfo, uint64_t id)
{
	struct mount_line line;

	for (size_t i = 0; i < v->config->n_mounts; i++)
		if (external_is_bind(&v->config->mounts[i]) &&
		    line_at(root, mountinfo, v->config->mounts[i].destination, &line) == 0 && line.id == id)
			return true;
	return false;
}

static bool wants_read_only(const struct oci_mount *mount)
{
	bool ro = false;

	for (size_t i = 0; i < mount->n_options; i++)
		if (strcmp(mount->options[i], "ro") == 0)
			ro = true;
		else if (strcmp(mount->options[i], "rw") == 0)
			ro = false;
	return ro;
}

static int check_read_only(const struct verification *v, const struct rootfs *root, const char *mountinfo, struct error *err)
{
	const struct oci_linux *linux = v->config->linux;
	struct mount_line line;

	for (size_t i = 0; i < v->config->n_mounts; i++) {
		const struct oci_mount *mount = &v->config->mounts[i];

		if (wants_read_only(mount) && line_at(root, mountinfo, mount->destination, &line) == 0 &&
		    !has_option(line.options, "ro"))
			return fail(err, ERR_CONFIG, "config.json:/mounts/%zu: the images have %s writable", i,
				    mount->destination);
	}
	if (v->config->root && v->config->root->readonly && line_at(root, mountinfo, "/", &line) == 0 &&
	    !has_option(line.options, "ro"))
		return fail(err, ERR_CONFIG, "config.json:/root/readonly: the images have the root writable");
	for (size_t i = 0; linux && i < linux->n_readonly_paths; i++)
		if (line_at(root, mountinfo, linux->readonly_paths[i], &line) == 0 && !has_option(line.options, "ro"))
			return fail(err, ERR_CONFIG, "config.json:/linux/readonlyPaths/%zu: the images have %s writable", i,
				    linux->readonly_paths[i]);
	/* What covers it is a mount of its own, of /dev/null or an empty tmpfs. */
	for (size_t i = 0; linux && i < linux->n_masked_paths; i++)
		if (line_at(root, mountinfo, linux->masked_paths[i], &line) == 0 &&
		    strcmp(line.type, "tmpfs") != 0 && strcmp(line.type, "devtmpfs") != 0)
			return fail(err, ERR_CONFIG, "config.json:/linux/maskedPaths/%zu: the images show %s", i,
				    linux->masked_paths[i]);
	return 0;
}

static int check_mounts(const struct verification *v, struct error *err)
{
	auto_close int fd = proc_open_root(v->procfs, v->init);
	const struct rootfs root = { .fd = fd };
	auto_free char *mountinfo = NULL;
	struct mount_line top, line;
	const char *rest;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "%d/mountinfo", (int)v->init);
	r = fd < 0 ? fd : proc_read(v->procfs, path, &mountinfo);
	if (r == 0)
		r = line_at(&root, mountinfo, "/", &top);
	if (r < 0)
		return fail(err, r, "cannot look at the mounts of the restored process");
	for (rest = mountinfo; (r = mountinfo_next(&rest, &line)) > 0;)
		if (!is_expected(v, &line, &top) && !is_bind_of_config(v, &root, mountinfo, line.id))
			return fail(err, ERR_CONFIG,
				    "config.json:/mounts: the images mount %s at %s, which the config does not", line.type,
				    line.target);
	if (r < 0)
		return fail(err, ERR_HOST, "cannot read the mounts of the restored process");
	return check_read_only(v, &root, mountinfo, err);
}

/* ---- all of it ---- */

static int verify(struct verification *v, struct error *err)
{
	int r = namespace_of(v, v->init, CLONE_NEWPID, &v->pid_namespace);

	if (r == 0)
		r = namespace_of(v, 0, CLONE_NEWPID, &v->own_pid_namespace);
	if (r < 0)
		return fail(err, r, "cannot look at the restored process");
	if (check_process(v, v->init, err) < 0)
		return -1;
	for (size_t i = 0; i < v->n_members; i++) {
		ino_t its;

		/* criu's own processes are in the cgroup as well. */
		if (v->members[i] == v->init || namespace_of(v, v->members[i], CLONE_NEWPID, &its) < 0 ||
		    (its == v->own_pid_namespace && its != v->pid_namespace))
			continue;
		if (its != v->own_pid_namespace && check_process(v, v->members[i], err) < 0)
			return -1;
	}
	if (v->pid_namespace != v->own_pid_namespace && v->n_members && check_strays(v, err) < 0)
		return -1;
	return check_mounts(v, err);
}

int verify_restored(struct creation *cr, struct error *err)
{
	struct verification v = { .config = cr->config.oci, .init = cr->pid, .caps = allowed_caps(cr->config.oci->process) };
	int r;

	v.procfs = store_procfs(&cr->container, err);
	if (v.procfs < 0)
		return -1;
	/* A container that shares its caller's cgroup has none to be outside of. */
	r = cgroup_is_own(cr->cgroup) ? cgroup_pids(cr->cgroup, &v.members, &v.n_members) : 0;
	if (r < 0)
		return fail(err, r, "cannot list the processes of the container");
	r = verify(&v, err);
	free(v.members);
	return r;
}
