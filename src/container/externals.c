// SPDX-License-Identifier: LGPL-2.1-or-later
/* externals.c - names for what is not in the images.
 *
 * criu reads "mnt[PLACE]:KEY" as text: a place with "]:" in it could pass for another one, so it is refused. */
#include "container/externals.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "container/mountinfo.h"
#include "kernel/namespaces.h"
#include "kernel/proc.h"
#include "kernel/rootfs.h"
#include "kernel/sys.h"

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@=,~%";

/* Nodes of the host that hull binds: /dev/null over masked files, all of them in a user namespace. */
static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty" };
#define N_DEVICES (sizeof(devices) / sizeof(devices[0]))

/* criu's kinds and keys; the keys are runc's. */
static const struct {
	uint64_t type;
	const char *key;
} namespace_keys[] = {
	{ CLONE_NEWNET, "extRootNetNS" },
	{ CLONE_NEWPID, "extRootPidNS" },
};

const char *external_namespace_key(uint64_t type)
{
	for (size_t i = 0; i < sizeof(namespace_keys) / sizeof(namespace_keys[0]); i++)
		if (namespace_keys[i].type == type)
			return namespace_keys[i].key;
	return NULL;
}

bool external_is_remount(const struct oci_mount *mount)
{
	for (size_t i = 0; i < mount->n_options; i++)
		if (strcmp(mount->options[i], "remount") == 0)
			return true;
	return false;
}

bool external_is_bind(const struct oci_mount *mount)
{
	if (external_is_remount(mount))
		return false;
	if (mount->type && strcmp(mount->type, "bind") == 0)
		return true;
	for (size_t i = 0; i < mount->n_options; i++)
		if (strcmp(mount->options[i], "bind") == 0 || strcmp(mount->options[i], "rbind") == 0)
			return true;
	return false;
}

static bool is_plain(const char *path)
{
	return *path == '/' && strspn(path, plain) == strlen(path) && strlen(path) < EXTERNAL_MAX;
}

void external_mount_number(size_t i, char ret[EXTERNAL_MAX])
{
	snprintf(ret, EXTERNAL_MAX, "hull-mount-%zu", i);
}

void external_mount_key(const struct oci_config *config, size_t i, char ret[EXTERNAL_MAX])
{
	const char *destination = config->mounts[i].destination, *device;
	bool plain_one = is_plain(destination);

	for (size_t k = 0; plain_one && (device = external_device(config, k)); k++)
		plain_one = strcmp(device, destination) != 0;
	/* What lies below another of the same name would be the one that criu finds. */
	for (size_t k = 0; plain_one && k < config->n_mounts; k++)
		plain_one = k == i || strcmp(config->mounts[k].destination, destination) != 0;
	if (plain_one)
		snprintf(ret, EXTERNAL_MAX, "%s", destination);
	else
		external_mount_number(i, ret);
}

const char *external_device(const struct oci_config *config, size_t i)
{
	const struct oci_linux *linux = config->linux;

	if (i < N_DEVICES)
		return devices[i];
	i -= N_DEVICES;
	return linux && i < linux->n_devices && is_plain(linux->devices[i].path) ? linux->devices[i].path : NULL;
}

/* ---- dump ---- */

struct dump {
	struct criu_job *job;
	const struct oci_config *config;
	struct rootfs root;
	const char *mountinfo;
};

static int put_mount(struct dump *d, const char *place, const char *key, struct error *err)
{
	if (strstr(place, "]:"))
		return fail(err, ERR_UNSUPPORTED, "cannot checkpoint a container with a mount at %s: criu cannot name it", place);
	if (criu_external(d->job, "mnt[%s]:%s", place, key) < 0)
		return fail(err, -ENOMEM, "cannot name the mount at %s", place);
	return 0;
}

/* Where the mount really is: its destination may have led through links. */
static int put_bind(struct dump *d, size_t i, struct error *err)
{
	const char *destination = d->config->mounts[i].destination;
	auto_close int fd = rootfs_open(&d->root, destination, O_PATH, ROOTFS_NOFOLLOW);
	char key[EXTERNAL_MAX];
	struct mount_line line;
	unsigned long long id;
	int r;

	if (fd < 0)
		return 0; /* unmounted since, or covered: then criu says what it misses */
	r = sys_mount_id(fd, &id);
	if (r < 0)
		return fail(err, r, "cannot look at the mount at %s", destination);
	if (mountinfo_find(d->mountinfo, id, &line) < 0 || strcmp(line.target, "/") == 0)
		return 0;
	external_mount_key(d->config, i, key);
	/* A key that names another place than this would not be found by runc either. */
	if (*key == '/' && strcmp(line.target, key) != 0)
		external_mount_number(i, key);
	return put_mount(d, line.target, key, err);
}

/* Which of the devices that stay outside is mounted there; NULL: none. */
static const char *device_at(const struct dump *d, const struct mount_line *line)
{
	const char *device;

	if (strcmp(line->type, "devtmpfs") != 0)
		return NULL;
	for (size_t i = 0; (device = external_device(d->config, i)); i++)
		if (strncmp(device, "/dev", 4) == 0 && strcmp(device + 4, line->root) == 0)
			return device;
	return NULL;
}

static int put_devices(struct dump *d, struct error *err)
{
	const char *rest = d->mountinfo;
	struct mount_line line;

	while (mountinfo_next(&rest, &line) > 0) {
		const char *device = device_at(d, &line);

		if (device && put_mount(d, line.target, device, err) < 0)
			return -1;
	}
	return 0;
}

static int put_namespaces(struct dump *d, int procfs, struct error *err)
{
	const struct oci_linux *linux = d->config->linux;

	for (size_t i = 0; linux && i < linux->n_namespaces; i++) {
		const struct oci_namespace *ns = &linux->namespaces[i];
		const char *key = external_namespace_key(ns->type);
		auto_close int fd = -1;
		struct stat st;
		int r;

		if (!ns->path || !key)
			continue;
		fd = namespace_open_of(procfs, d->job->pid, (int)ns->type);
		r = fd < 0 ? fd : sys_fstat(fd, &st);
		if (r == 0)
			r = criu_external(d->job, "%s[%llu]:%s", namespace_kind((int)ns->type)->file,
					  (unsigned long long)st.st_ino, key);
		if (r < 0)
			return fail(err, r, "config.json:/linux/namespaces/%zu: cannot look at the namespace", i);
	}
	return 0;
}

static int put_stdio(struct dump *d, const struct hull_record *record, struct error *err)
{
	for (size_t i = 0; i < DESCRIPTORS; i++) {
		char key[DESCRIPTOR_MAX];

		descriptors_key(descriptors_noted(record, i), key);
		if (*key == 'f' && criu_external(d->job, "%s", key) < 0) /* a pipe needs no word */
			return fail(err, -ENOMEM, "cannot name descriptor %zu", i);
	}
	return 0;
}

int externals_of_dump(struct criu_job *job, const struct oci_config *config, int procfs, const char *mountinfo,
		      const struct hull_record *record, struct error *err)
{
	auto_close int root = proc_open_root(procfs, job->pid);
	struct dump d = { .job = job, .config = config, .root = { .fd = root }, .mountinfo = mountinfo };

	if (root < 0)
		return fail(err, root, "cannot open the container's root");
	for (size_t i = 0; i < config->n_mounts; i++)
		if (external_is_bind(&config->mounts[i]) && put_bind(&d, i, err) < 0)
			return within(err, "config.json:/mounts/%zu", i);
	if (put_devices(&d, err) < 0 || put_namespaces(&d, procfs, err) < 0)
		return -1;
	return put_stdio(&d, record, err);
}
