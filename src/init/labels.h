// SPDX-License-Identifier: LGPL-2.1-or-later
/* labels.h - the container's labels, for the steps that make something that carries one; private to init/. */
#pragma once

#include "init/init.h"
#include "kernel/mount.h"

/* mount_new, with linux.mountLabel among the options: a file system that has files of its own.  One that has a label in its
 * options keeps it. */
int labels_mount(const struct init *in, const char *type, const char *source, const struct mount_options *options,
		 char message[256]);

/* The label of a file system that takes none when it is mounted. 0 or -errno. */
int labels_top(const struct init *in, int mnt);

/* Keys made between these two carry the process's label.  0 or -1. */
int labels_begin_keys(struct init *in, struct error *err);
int labels_end_keys(struct init *in, struct error *err);

/* Whether a step needs the private procfs for labels. */
bool labels_are_there(const struct init *in);
