// SPDX-License-Identifier: LGPL-2.1-or-later
/* devices.h - device rules of the spec: put in order, then for v1's lists or as one BPF program for v2. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct cgroup;
struct oci_device_rule;

/* As the kernel has them (BPF_DEVCG_ACC_*). */
enum { ACCESS_MKNOD = 1, ACCESS_READ = 2, ACCESS_WRITE = 4, ACCESS_ALL = 7 };
#define DEVICE_ANY (-1)

/* A rule for one type; the spec's type a is two of them. */
struct device_rule {
	bool allow;
	char type;            /* 'c' or 'b' */
	int64_t major, minor; /* DEVICE_ANY: all */
	unsigned access;
	bool soft;  /* v1 may ignore that a later rule takes a part out of it; see flatten */
	bool usual; /* one of the defaults */
};

/* What a device is if no rule speaks of it, and the rules in their order: for each of the three accesses the last that
 * speaks of it decides.  Everything before a rule for all devices is left out; behind each rule that denies all
 * devices stand the defaults that every container needs.  rules is owned by the caller. */
struct device_rules {
	bool all_said; /* the list began with a rule for all: what was in force before does not matter */
	bool allow;    /* what is not mentioned; true where the list says nothing of all devices */
	struct device_rule *rules;
	size_t n;
};

/* 0 or -ENOMEM */
int device_rules_compile(const struct oci_device_rule *spec, size_t n, struct device_rules *ret);

/* Turns rules into exceptions of one kind, as v1 keeps them: all of them then have allow == !rules->allow, and their
 * order means nothing.  A single device cannot be taken out of a range there: of a soft rule it is not (a node of it can
 * still be made, not opened).  0; -EOPNOTSUPP for any other, *ret_index being the
 * rule. */
int device_rules_flatten(struct device_rules *rules, size_t *ret_index);

/* What cgroup_check and cgroup_apply do.  n == 0 changes nothing.  0 or -1 */
int devices_check(const struct cgroup *cgroup, const struct oci_device_rule *spec, size_t n, struct error *err);
int devices_apply(struct cgroup *cgroup, const struct oci_device_rule *spec, size_t n, struct error *err);
