// SPDX-License-Identifier: LGPL-2.1-or-later
/* sources.c - the sources of bind mounts for which init, or criu, lacks the rights: opened here, their ids shifted. */
#include <errno.h>

#include "base/fd.h"
#include "container/creation.h"
#include "kernel/idmap.h"
#include "kernel/mount.h"
#include "kernel/mountopts.h"

/* With the host's rights: what a user namespace may not open, and ids that only its owner may shift. */
int shift_mount_source(struct creation *cr, const struct oci_mount *mount, const struct mount_options *o, int fd,
		       struct error *err)
{
	const struct oci_linux *linux = cr->config.oci->linux;
	struct id_range uids[CONFIG_RANGES_MAX], gids[CONFIG_RANGES_MAX];
	auto_close int user_namespace = -1;
	size_t n_uids, n_gids;
	int procfs, r;

	/* Without maps of its own, those of the container (mnt-idmap-04): rules.c has seen that there are some. */
	n_uids = mount->n_uid_mappings ? config_ranges(mount->uid_mappings, mount->n_uid_mappings, uids)
				       : config_ranges(linux->uid_mappings, linux->n_uid_mappings, uids);
	n_gids = mount->n_uid_mappings ? config_ranges(mount->gid_mappings, mount->n_gid_mappings, gids)
				       : config_ranges(linux->gid_mappings, linux->n_gid_mappings, gids);
	procfs = store_procfs(&cr->container, err);
	if (procfs < 0)
		return -1;
	user_namespace = idmap_namespace(procfs, uids, n_uids, gids, n_gids);
	if (user_namespace < 0)
		return fail(err, user_namespace, "cannot make the id mapping");
	r = mount_idmap(fd, user_namespace, o->ridmap);
	return r < 0 ? fail(err, r, "cannot shift the ids of %s", mount->source ? mount->source : mount->destination) : 0;
}

int open_mount_source(struct creation *cr, const struct oci_mount *mount, struct error *err)
{
	auto_close int fd = -1;
	struct mount_options o;
	int r;

	r = mount_options_read(mount->options, mount->n_options, &o);
	if (r < 0)
		return fail(err, r, "cannot read the options");
	mount_options_free(&o); /* the flags stay */
	fd = mount_clone(cr->config.bundle, mount->source, o.recursive, o.src_nofollow || o.copy_symlink);
	if (fd == -EPERM && !mount_is_allowed())
		return fail(err, fd, "cannot shift the ids of %s without the host's rights", mount->source);
	if (fd < 0)
		return fail(err, fd, "cannot open the source %s", mount->source);
	if ((o.idmap || o.ridmap || mount->n_uid_mappings) && shift_mount_source(cr, mount, &o, fd, err) < 0)
		return -1;
	return take_fd(&fd);
}
