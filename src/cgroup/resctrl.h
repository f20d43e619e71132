// SPDX-License-Identifier: LGPL-2.1-or-later
/* resctrl.h - linux.intelRdt: cache and memory bandwidth by the resctrl file system (config-linux.md#intelrdt).
 *
 * A CLOS is a directory at resctrl's root, or the root itself ("/"); a monitoring group is one below it, of the
 * container's id. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct oci_intel_rdt;
struct text;

/* What the record keeps for `delete` and `exec`. */
struct resctrl_groups {
	const char *clos; /* name of the directory, or "/" */
	bool made;        /* delete removes it: it is the container's own (no closID) and hull made it */
	bool monitored;   /* delete removes the monitoring group */
};

/* Where it is mounted in the caller's mount namespace.  Descriptor, or -1 with ERR_UNSUPPORTED. */
int resctrl_open(struct error *err);

/* What is going to be made; touches nothing.  ret->clos borrows from rdt or id. */
void resctrl_plan(int root, const struct oci_intel_rdt *rdt, const char *id, struct resctrl_groups *ret);

/* Makes the groups and writes the schemata; what it made is removed when it fails.  0 or -1, the error begins with the
 * place in config.json. */
int resctrl_create(int root, const struct oci_intel_rdt *rdt, const char *id, struct resctrl_groups *ret,
		   struct error *err);

/* Puts the process, which has no children yet, into the groups.  0 or -1 */
int resctrl_join(int root, const struct resctrl_groups *groups, const char *id, pid_t pid, struct error *err);

/* Writes the schemata of `update` (either may be NULL).  *ret_before, owned by the caller, is what they said, for
 * resctrl_restore; it is set even when the second write fails, after the first has been taken back.  0 or -1 */
int resctrl_update(int root, const struct resctrl_groups *groups, const char *l3, const char *mb, char **ret_before,
		   struct error *err);
void resctrl_restore(int root, const struct resctrl_groups *groups, const char *before);

/* Appends the members of events' intel_rdt to a JSON object that is open. */
void resctrl_stats(int root, const struct resctrl_groups *groups, const char *id, struct text *to);

/* Removes what is the container's; what is gone already is fine.  0 or -1 */
int resctrl_destroy(int root, const struct resctrl_groups *groups, const char *id, struct error *err);

/* Tests have a plain directory in its place, in which nobody makes the files of a new group: then they are created. */
extern bool resctrl_stand_in;
