// SPDX-License-Identifier: LGPL-2.1-or-later
/* sources.c - host files that become mounts of the container.
 *
 * Most are cloned here, in order.  Only what init cannot do is asked of the runtime, many at once: sources that a
 * user namespace may not open, and shifted ids, which take the host's rights. */
#include "init/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/socket.h"
#include "kernel/mount.h"
#include "ocispec.h"

/* ---- names ---- */

/* The next name of a path that is not ""  or "."; its length, 0 at the end. */
static size_t next_name(const char **path)
{
	for (;;) {
		size_t length;

		*path += strspn(*path, "/");
		length = strcspn(*path, "/");
		if (length != 1 || **path != '.')
			return length;
		(*path)++;
	}
}

/* Walks both as long as the names are the same.  What is left of path if all of prefix was walked, else NULL. */
static const char *rest_of(const char *prefix, const char *path)
{
	for (;;) {
		size_t a = next_name(&prefix), b = next_name(&path);

		if (a == 0)
			return path;
		if (a != b || memcmp(prefix, path, a) != 0)
			return NULL;
		prefix += a;
		path += b;
	}
}

const char *mount_rest(const struct oci_mount *mount, const char *path)
{
	return rest_of(mount->destination, path);
}

bool mount_covers(const struct oci_mount *mount, const char *path)
{
	return mount_rest(mount, path) != NULL;
}

bool mount_is_at(const struct oci_mount *mount, const char *path)
{
	const char *rest = mount_rest(mount, path);

	return rest && !*rest;
}

/* ---- the bundle ---- */

int sources_bundle(struct init *in, struct error *err)
{
	int fd;

	if (in->bundle_is_local)
		return in->bundle;
	fd = mount_local(in->bundle);
	if (fd < 0)
		return fail(err, fd, "cannot find the bundle in the container's mount namespace");
	(void)fd_close(in->bundle);
	in->bundle = fd;
	in->bundle_is_local = true;
	return fd;
}

/* ---- clones ---- */

/* The directory that the source's path starts from. */
static int source_base(struct init *in, const struct oci_mount *mount, int *ret, struct error *err)
{
	*ret = *mount->source == '/' ? AT_FDCWD : sources_bundle(in, err);
	return *ret == -1 ? -1 : 0;
}

static bool has_user_namespace(const struct init *in)
{
	return ((in->new_namespaces | in->joined_namespaces) & CLONE_NEWUSER) != 0;
}

static int clone_source(struct init *in, const struct oci_mount *mount, const struct mount_options *o,
			struct error *err)
{
	int from = -1, fd;

	if (source_base(in, mount, &from, err) < 0)
		return -1;
	fd = mount_clone(from, mount->source, o->recursive, o->src_nofollow || o->copy_symlink);
	if (fd == -EINVAL && !o->recursive && has_user_namespace(in))
		return fail(err, fd, "cannot bind %s without the mounts in it, which a user namespace may not uncover",
			    mount->source);
	return fd < 0 ? fail(err, fd, "cannot open the source %s", mount->source) : fd;
}

bool sources_is_shifted(const struct oci_mount *mount, const struct mount_options *o)
{
	return o->idmap || o->ridmap || mount->n_uid_mappings || mount->n_gid_mappings;
}

static bool is_served(const struct init *in, const struct oci_mount *mount, const struct mount_options *o)
{
	return o->bind && !o->remount && ((in->flags & INIT_HOST_SOURCES) || sources_is_shifted(mount, o));
}

static int alloc_sources(struct init *in, struct error *err)
{
	size_t n = in->config->n_mounts;

	if (in->sources)
		return 0;
	in->sources = malloc((n ? n : 1) * sizeof(*in->sources));
	if (!in->sources)
		return fail(err, -ENOMEM, "cannot plan the mounts");
	for (size_t i = 0; i < n; i++)
		in->sources[i] = -1;
	return 0;
}

/* A batch of indices in one message, as many descriptors back. */
static int fetch(struct init *in, const size_t *indices, size_t n, struct message *message, struct error *err)
{
	int fds[SOCKET_MAX_FDS];
	size_t received = 0;

	message->type = MSG_SOURCES;
	if (n == 0)
		return 0;
	if (init_ask(in, message, NULL, 0, fds, SOCKET_MAX_FDS, &received, err) < 0)
		return -1;
	if (received != n)
		return fail(err, ERR_INTERNAL, "asked for %zu sources, got %zu", n, received);
	if (alloc_sources(in, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		in->sources[indices[i]] = fds[i];
	return 0;
}

struct batch {
	size_t indices[SOCKET_MAX_FDS];
	size_t n;
	struct message message;
};

static int ask_for(struct init *in, struct batch *batch, size_t index, struct error *err)
{
	char *text = batch->message.text;
	size_t used = strlen(text);

	if (batch->n == SOCKET_MAX_FDS || used + 24 > sizeof(batch->message.text)) {
		if (fetch(in, batch->indices, batch->n, &batch->message, err) < 0)
			return -1;
		batch->n = used = 0;
		*text = '\0';
	}
	snprintf(text + used, sizeof(batch->message.text) - used, "%s%zu", used ? " " : "", index);
	batch->indices[batch->n++] = index;
	return 0;
}

/* The bind mounts that want to stay peers of the host's mounts, which only the host's own users may ask for. */
static bool keeps_peers(const struct init *in, const struct mount_options *o)
{
	return o->bind && !o->remount && o->propagation == MS_SHARED && !(in->flags & INIT_HOST_SOURCES);
}

static int prepare_one(struct init *in, size_t i, struct batch *batch, struct error *err)
{
	const struct oci_mount *mount = &in->config->mounts[i];
	struct mount_options o;
	int r;

	r = mount_options_read(mount->options, mount->n_options, &o);
	if (r < 0)
		return fail(err, r, "cannot read the options");
	mount_options_free(&o); /* the flags stay */
	if (o.bind && (o.propagation == MS_SLAVE))
		in->tree_propagation = MS_SLAVE;
	if (is_served(in, mount, &o))
		return ask_for(in, batch, i, err);
	if (!keeps_peers(in, &o))
		return 0;
	if (alloc_sources(in, err) < 0)
		return -1;
	in->sources[i] = clone_source(in, mount, &o, err);
	return in->sources[i] < 0 ? -1 : 0;
}

int sources_prepare(struct init *in, struct error *err)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	int r = 0;

	if (!batch)
		return fail(err, -ENOMEM, "cannot plan the mounts");
	in->tree_propagation = root_is_slave(in) ? MS_SLAVE : MS_PRIVATE;
	for (size_t i = 0; r == 0 && i < in->config->n_mounts; i++) {
		r = prepare_one(in, i, batch, err);
		if (r < 0)
			(void)within(err, "config.json:/mounts/%zu", i);
	}
	if (r == 0)
		r = fetch(in, batch->indices, batch->n, &batch->message, err);
	free(batch);
	return r;
}

/* What a clone's propagation has to become before the options' own: the clone of a private tree is private already,
 * one of the runtime's is as shared as the host's tree. */
static uint64_t first_propagation(const struct init *in, const struct oci_mount *mount, const struct mount_options *o)
{
	bool linked =
		o->propagation == MS_SHARED || o->propagation == MS_SLAVE || (!o->propagation && root_is_slave(in));

	if (is_served(in, mount, o))
		return linked ? MS_SLAVE : MS_PRIVATE;
	return in->tree_propagation == MS_SLAVE && !linked ? MS_PRIVATE : 0;
}

/* The host's cgroups are mounted in its /sys, and what else is mounted over them can be taken away by whoever has the
 * rights of the user namespace. */
static bool is_sysfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == SYSFS_MAGIC;
}

static int settle(struct init *in, int fd, const struct oci_mount *mount, const struct mount_options *options)
{
	struct mount_options o = *options;
	uint64_t first = first_propagation(in, mount, &o);
	int r;

	if (o.recursive && o.attr_set & MOUNT_ATTR_RDONLY && has_user_namespace(in) && is_sysfs(fd))
		o.recursive_attr_set |= MOUNT_ATTR_RDONLY;
	if (o.propagation == MS_PRIVATE || (o.propagation == MS_SLAVE && !first))
		o.propagation = 0; /* it is so, or first makes it so */
	if (first && !o.propagation) {
		o.propagation = first;
		o.propagation_recursive = true;
	} else if (first) {
		r = mount_change(fd, 0, 0, first, true);
		if (r < 0)
			return r;
	}
	return mount_apply(fd, &o);
}

/* The kernel lists mounts in the order in which they were made (since Linux 6.8): one that was opened early, to keep its
 * peers, is made again at its turn.  Linux before 6.15 clones no detached mount; then it stays as it is. */
static int make_again(int fd, bool recursive)
{
	int again = mount_clone_fd(fd, recursive);

	if (again < 0)
		return fd;
	(void)fd_close(fd);
	return again;
}

int sources_take(struct init *in, size_t i, const struct mount_options *o, struct error *err)
{
	const struct oci_mount *mount = &in->config->mounts[i];
	auto_close int fd = -1;
	int r;

	if (in->sources && in->sources[i] >= 0)
		fd = take_fd(&in->sources[i]);
	else
		fd = clone_source(in, mount, o, err);
	if (fd < 0)
		return -1;
	if (keeps_peers(in, o))
		fd = make_again(fd, o->recursive);
	r = settle(in, fd, mount, o);
	return r < 0 ? fail(err, r, "cannot set the options of the mount") : take_fd(&fd);
}
