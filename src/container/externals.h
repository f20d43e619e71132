// SPDX-License-Identifier: LGPL-2.1-or-later
/* externals.h - what of a container is the host's, and so is not in its images: bind mounts, host devices, joined
 * namespaces; and the names under which checkpoint and restore mean the same. */
#pragma once

#include "container/config.h"
#include "container/criu.h"
#include "container/descriptors.h"

/* The name of the source of bind mount i in images.  A destination of plain characters that is there once names itself, as with
 * runc; any other has a number, so that nothing in it can mean anything to criu. */
#define EXTERNAL_MAX 256
void external_mount_key(const struct oci_config *config, size_t i, char ret[EXTERNAL_MAX]);
/* Its number alone. */
void external_mount_number(size_t i, char ret[EXTERNAL_MAX]);
bool external_is_bind(const struct oci_mount *mount);
/* Whether it changes one that is there. */
bool external_is_remount(const struct oci_mount *mount);

/* Device i that may be bound from the host, by its path; NULL behind the last. */
const char *external_device(const struct oci_config *config, size_t i);

/* Joined namespaces: criu's word for the kind and the key.  NULL for a kind that cannot be external. */
const char *external_namespace_key(uint64_t type);

/* Dump: puts all of it into the job, and finds what cannot be dumped: an error that says how to allow it.  0 or -1 */
int externals_of_dump(struct criu_job *job, const struct oci_config *config, int procfs, const char *mountinfo,
		      const struct hull_record *record, struct error *err);
