// SPDX-License-Identifier: LGPL-2.1-or-later
/* mountopts.h - THE table of mount options: words of the spec to flags and attributes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the options of one mount say.  Later options win over earlier ones, as with mount(8). */
struct mount_options {
	bool bind, recursive; /* bind; rbind sets both */
	bool remount;
	uint64_t attr_set, attr_clear;		       /* MOUNT_ATTR_* of the mount itself */
	uint64_t recursive_attr_set, recursive_attr_clear; /* of it and all its submounts (r* options) */
	uint64_t super_set, super_clear;	       /* MS_SYNCHRONOUS, MS_DIRSYNC, MS_LAZYTIME, MS_I_VERSION, MS_MANDLOCK,
							  MS_SILENT: of the file system; MS_RDONLY too where ro is given */
	uint64_t propagation;			       /* MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE, or 0 */
	bool propagation_recursive;
	bool idmap, ridmap, tmpcopyup, copy_symlink, dest_nofollow, src_nofollow;
	const char **data; /* the words that are none of ours, in order: file system data; n_data of them */
	size_t n_data;	   /* the array is owned by this struct, the words by the caller's options */
};

/* Reads n options.  0 or -ENOMEM.  mount_options_free releases. */
int mount_options_read(const char *const *options, size_t n, struct mount_options *ret);
void mount_options_free(struct mount_options *options);

/* All words that mount_options_read knows, sorted, for `features`: name i, or NULL behind the last. */
const char *mount_option_name(size_t i);
