// SPDX-License-Identifier: LGPL-2.1-or-later
/* config.h - the bundle's config.json: read once, sealed, parsed, checked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "kernel/idmap.h"
#include "ocispec.h"

struct config {
	int bundle;	/* O_PATH directory */
	char *path;	/* absolute path of the bundle */
	char *rootfs;	/* absolute path of the root file system */
	int memfd;	/* sealed copy: what init and the state directory get */
	char *text;
	size_t size;
	const char *name; /* config.json, or what --config said */
	struct oci_config *oci;
};

#define CONFIG_INIT { -1, NULL, NULL, -1, NULL, 0, NULL, NULL }

/* bundle: NULL for the current directory.  Faults are ERR_CONFIG with the pointer and line. 0 or -1 */
int config_load(const char *bundle, const char *name, struct config *ret, struct error *err);
/* The first half of it: finds the bundle and reads the bytes; oci stays NULL. 0 or -1 */
int config_open(const char *bundle, const char *name, struct config *ret, struct error *err);
/* Fills rootfs from oci. 0 or -1 */
int config_find_rootfs(struct config *config, struct error *err);
void config_free(struct config *config);

/* Whether linux.namespaces has an entry for the flag (CLONE_NEW*): one without path, one with a path. */
bool config_makes(const struct oci_config *config, uint64_t type);
bool config_joins(const struct oci_config *config, uint64_t type);

/* Whether it has mounts to make, and no mount namespace of the container's own to make them in. */
bool config_mounts_apart(const struct oci_config *config);

/* The mappings as ranges, and how many: at most what the kernel takes (user_namespaces(7)); rules refuse more. */
#define CONFIG_RANGES_MAX 340
size_t config_ranges(const struct oci_id_mapping *from, size_t n, struct id_range to[CONFIG_RANGES_MAX]);

/* Puts the line of the JSON pointer into an error that begins with "config.json:/..." and has none yet. */
void config_add_line(const struct config *config, struct error *err);
