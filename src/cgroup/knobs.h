// SPDX-License-Identifier: LGPL-2.1-or-later
/* knobs.h - resources of the spec to files of the kernel; what cgroup_apply and cgroup_check do. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct cgroup;
struct cgroup_keep;
struct oci_resources;
struct text;
struct variant;

/* Where faults are, in front of "/memory/limit". */
#define RESOURCES_POINTER "config.json:/linux/resources"

int knobs_check(const struct cgroup *cgroup, const struct oci_resources *resources, struct error *err);
void knobs_check_each(const struct cgroup *cgroup, const struct oci_resources *resources,
		      void (*found)(void *context, const struct error *fault), void *context);
int knobs_describe(struct cgroup *cgroup, const struct oci_resources *resources,
		   void (*tell)(void *context, const char *verb, const char *path, const char *value, const char *pointer),
		   void *context, struct error *err);
int knobs_apply(struct cgroup *cgroup, const struct oci_resources *resources, struct error *err);

/* cgroup_update. */
int knobs_update(struct cgroup *cgroup, const struct oci_resources *resources, const struct oci_resources *before,
		 const struct cgroup_keep *keep, struct text *report, struct error *err);

/* Copies the single values that `from` has over those of `to`, whose memory is the document's (oci_alloc); texts are
 * borrowed.  Lists are left out.  0 or -ENOMEM */
int knobs_merge(void *document, struct oci_resources *to, const struct oci_resources *from);

/* Appends what systemd has a property for to the list, a(sv).  0 or -1 */
int knobs_unit(const struct cgroup *cgroup, const struct oci_resources *resources, struct variant *properties,
	       struct error *err);

/* The properties that `given` has set, with the values of before: those in force (single values alone), the text of io.max,
 * and else systemd's defaults.  0 or -1 */
int knobs_unit_back(const struct cgroup *cgroup, const struct oci_resources *given, const struct oci_resources *before,
		    const char *io_max, struct variant *properties, struct error *err);

/* cpu.weight (1 to 10000) for cpu.shares, which may be anything: the kernel takes 2 to 262144. */
uint64_t knobs_cpu_weight(uint64_t shares);

/* io.weight (1 to 10000) for a weight of 1 to 1000: 10 to 1000, the range of old, fills it. */
unsigned knobs_io_weight(unsigned weight);

/* What would be written for the member at that pointer ("/memory/swap"): 1 and the text in ret (KNOB_VALUE_MAX bytes); 0
 * if nothing (absent, or it means "not set"); -1 with err if it is refused. */
#define KNOB_VALUE_MAX 256
int knobs_convert(const char *pointer, const struct oci_resources *resources, bool v2, char *ret, struct error *err);

/* Row i of the table for a reader: pointer below /linux/resources, files of v1 and v2, systemd's property on v2, what becomes
 * of the value on v2; "" where there is none.  -1 behind the last. */
struct knob_row {
	const char *pointer, *v1, *v2, *unit, *note;
};
int knobs_row(size_t i, struct knob_row *ret);
