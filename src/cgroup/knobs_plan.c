// SPDX-License-Identifier: LGPL-2.1-or-later
/* knobs_plan.c - the configured resources become a list of writes, or an error that names the member.
 *
 * The controller decides where: on a hybrid host one may be on the unified side while the others are on v1. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cgroup/devices.h"
#include "cgroup/knobs_plan.h"
#include "cgroup/knobs_table.h"
#include "ocispec.h"

static struct setting *add_setting(struct plan *p, const char *pointer)
{
	struct setting *more = reallocarray(p->settings, p->n + 1, sizeof(*more)), *s;

	if (!more) {
		fail(p->err, -ENOMEM, "cannot plan the resources");
		return NULL;
	}
	p->settings = more;
	s = &more[p->n++];
	memset(s, 0, sizeof(*s));
	snprintf(s->pointer, sizeof(s->pointer), "%s", pointer);
	return s;
}

/* Notes that a unified hierarchy must hand the controller down; only a hybrid host has to be told, because there
 * nothing is enabled before it is needed. */
static void need_controller(struct plan *p, const char *controller)
{
	size_t at = strlen(p->controllers);

	snprintf(p->controllers + at, sizeof(p->controllers) - at, "%s%s", at ? " " : "", controller);
}

/* The hierarchy that has the controller, or NULL. */
struct hierarchy *plan_controller(struct plan *p, const char *controller)
{
	struct hierarchy *h = hierarchy_of(p->cgroup, controller);

	if (h)
		return h;
	h = hierarchy_unified(p->cgroup);
	if (!h || !unified_has(p->cgroup, controller))
		return NULL;
	need_controller(p, controller);
	return h;
}

static int plan_knob(struct plan *p, const struct knob *knob)
{
	const void *value = knobs_member(knob, p->resources);
	struct hierarchy *h;
	struct setting *s;
	char text[KNOB_VALUE_MAX];
	bool already, v2;
	const char *file;
	int r;

	if (!value)
		return 0;
	h = plan_controller(p, knob->controller);
	v2 = h ? h->unified : hierarchy_unified(p->cgroup) != NULL;
	r = (v2 ? knob->to_v2 : knob->to_v1)(p, knob, value, text);
	if (r <= 0)
		return r;
	already = knob->idle &&
		  (strcmp(text, knob->idle) == 0 || (strcmp(knob->idle, "max") == 0 && !strcmp(text, "-1")));
	file = v2 ? knob->v2 : knob->v1;
	if (already && (!h || !file))
		return 0;
	if (!h)
		return fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup controller %s", RESOURCES_POINTER,
			    knob->pointer, knob->controller);
	if (!file)
		return fail(p->err, ERR_UNSUPPORTED, "%s%s: cgroup v2 has no counterpart of it", RESOURCES_POINTER,
			    knob->pointer);
	s = add_setting(p, knob->pointer);
	if (!s)
		return -1;
	s->h = h;
	snprintf(s->file, sizeof(s->file), "%s", file);
	memcpy(s->own, text, sizeof(text));
	s->is_default = already;
	s->verify = knob->verify;
	return 0;
}

static int add_hugepages(struct plan *p, struct hierarchy *h, const struct oci_hugepage_limit *limit, const char *pointer,
			 const char *kind)
{
	const char *word = h->unified ? "max" : "limit_in_bytes";
	struct setting *s = add_setting(p, pointer);

	if (!s)
		return -1;
	s->h = h;
	snprintf(s->file, sizeof(s->file), "hugetlb.%s.%s%s", limit->page_size, kind, word);
	if (*kind)
		snprintf(s->fallback, sizeof(s->fallback), "hugetlb.%s.%s", limit->page_size, word);
	snprintf(s->own, sizeof(s->own), "%" PRIu64, limit->limit);
	return 0;
}

/* hugetlb.SIZE.rsvd.*, where the kernel has it, counts what is reserved: going over it fails an mmap.  hugetlb.SIZE.* kills
 * with SIGBUS at a page fault, which only happens on its own with pages that another cgroup has reserved. */
static int plan_hugepages(struct plan *p)
{
	for (size_t i = 0; i < p->resources->n_hugepage_limits; i++) {
		const struct oci_hugepage_limit *limit = &p->resources->hugepage_limits[i];
		struct hierarchy *h = plan_controller(p, "hugetlb");
		char pointer[64];

		snprintf(pointer, sizeof(pointer), "/hugepageLimits/%zu", i);
		if (!h)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup controller hugetlb",
				    RESOURCES_POINTER, pointer);
		if (strchr(limit->page_size, '/') || strlen(limit->page_size) > 32)
			return fail(p->err, ERR_CONFIG, "%s%s/pageSize: is no size of pages", RESOURCES_POINTER,
				    pointer);
		if (add_hugepages(p, h, limit, pointer, "") < 0 || add_hugepages(p, h, limit, pointer, "rsvd.") < 0)
			return -1;
	}
	return 0;
}

bool cgroup_is_control_file(const char *name)
{
	static const char *const names[] = { "cgroup.freeze", "cgroup.kill", "cgroup.procs", "cgroup.subtree_control",
					     "cgroup.threads", "cgroup.type" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Each key is a file of the v2 directory, known to hull or not; its part before the first dot is the controller. */
static int plan_unified(struct plan *p)
{
	for (size_t i = 0; i < p->resources->n_unified; i++) {
		const char *key = p->resources->unified[i].key;
		struct hierarchy *h = hierarchy_unified(p->cgroup);
		char pointer[128], controller[32];
		struct setting *s;

		snprintf(pointer, sizeof(pointer), "/unified/%.100s", key);
		if (cgroup_is_control_file(key))
			return fail(p->err, ERR_CONFIG, "%s%s: is no resource: it acts on the container's processes",
				    RESOURCES_POINTER, pointer);
		if (!h || h->unmounted)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup v2 hierarchy",
				    RESOURCES_POINTER, pointer);
		if (!*key || *key == '.' || strchr(key, '/') || strlen(key) >= sizeof(s->file))
			return fail(p->err, ERR_CONFIG, "%s%s: is no name of a file", RESOURCES_POINTER, pointer);
		snprintf(controller, sizeof(controller), "%.*s", (int)strcspn(key, "."), key);
		if (strcmp(controller, "cgroup") != 0) {
			if (!unified_has(p->cgroup, controller))
				return fail(p->err, ERR_UNSUPPORTED,
					    "%s%s: the cgroup v2 hierarchy has no controller %s", RESOURCES_POINTER,
					    pointer, controller);
			need_controller(p, controller);
		}
		s = add_setting(p, pointer);
		if (!s)
			return -1;
		s->h = h;
		snprintf(s->file, sizeof(s->file), "%s", key);
		s->value = p->resources->unified[i].value;
	}
	return 0;
}

/* ---- block devices ---- */

/* Each list: how many, and the entries; v1 file; key in v2's io.max; systemd's property on v2. */
// clang-format off
const struct throttle knobs_throttles[THROTTLES] = {
#define LIST(name) offsetof(struct oci_block_io, name), offsetof(struct oci_block_io, n_##name)
	{ "/blockIO/throttleReadBpsDevice", LIST(throttle_read_bps_device), "blkio.throttle.read_bps_device", "rbps", "IOReadBandwidthMax" },
	{ "/blockIO/throttleWriteBpsDevice", LIST(throttle_write_bps_device), "blkio.throttle.write_bps_device", "wbps", "IOWriteBandwidthMax" },
	{ "/blockIO/throttleReadIOPSDevice", LIST(throttle_read_iops_device), "blkio.throttle.read_iops_device", "riops", "IOReadIOPSMax" },
	{ "/blockIO/throttleWriteIOPSDevice", LIST(throttle_write_iops_device), "blkio.throttle.write_iops_device", "wiops", "IOWriteIOPSMax" },
#undef LIST
};
// clang-format on

static struct setting *add_io_setting(struct plan *p, const char *pointer)
{
	struct hierarchy *h = hierarchy_of(p->cgroup, "blkio");
	struct setting *s;

	if (!h)
		h = plan_controller(p, "io");
	if (!h) {
		fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup controller for block devices",
		     RESOURCES_POINTER, pointer);
		return NULL;
	}
	s = add_setting(p, pointer);
	if (s)
		s->h = h;
	return s;
}

const struct oci_throttle_device *knobs_throttled(const struct throttle *list, const struct oci_block_io *io, size_t *ret_n)
{
	*ret_n = *(const size_t *)(const void *)((const char *)io + list->n);
	return *(struct oci_throttle_device *const *)(const void *)((const char *)io + list->array);
}

/* Rate 0 is no limit, which io.max calls max. */
static int plan_throttle(struct plan *p, const struct throttle *list)
{
	size_t n;
	const struct oci_throttle_device *devices = knobs_throttled(list, p->resources->block_io, &n);

	for (size_t i = 0; i < n; i++) {
		const struct oci_throttle_device *device = &devices[i];
		char pointer[64], rate[24] = "max";
		struct setting *s;

		snprintf(pointer, sizeof(pointer), "%s/%zu", list->pointer, i);
		s = add_io_setting(p, pointer);
		if (!s)
			return -1;
		if (device->rate || !s->h->unified)
			snprintf(rate, sizeof(rate), "%" PRIu64, device->rate);
		snprintf(s->file, sizeof(s->file), "%s", s->h->unified ? "io.max" : list->v1);
		snprintf(s->own, sizeof(s->own), "%" PRId64 ":%" PRId64 " %s%s%s", device->major, device->minor,
			 s->h->unified ? list->v2 : "", s->h->unified ? "=" : "", rate);
		s->reset = s->h->unified ? "rbps=max wbps=max riops=max wiops=max" : "0";
	}
	return 0;
}

/* Only the bfq scheduler has weights on v1; on v2 there is io.weight (1 to 10000) besides bfq's own (1 to 1000). */
static int plan_weight(struct plan *p, const char *pointer, const char *device, uint16_t weight)
{
	struct setting *s;

	if (weight > 1000)
		return fail(p->err, ERR_CONFIG, "%s%s: must be from 1 to 1000", RESOURCES_POINTER, pointer);
	s = add_io_setting(p, pointer);
	if (!s)
		return -1;
	snprintf(s->file, sizeof(s->file), "%s%s", s->h->unified ? "io.bfq.weight" : "blkio.bfq.weight",
		 !s->h->unified && *device ? "_device" : "");
	snprintf(s->own, sizeof(s->own), "%s%s%u", device, *device ? " " : "", weight);
	if (*device)
		s->reset = s->h->unified ? "default" : "0";
	if (s->h->unified) {
		snprintf(s->fallback, sizeof(s->fallback), "io.weight");
		snprintf(s->fallback_own, sizeof(s->fallback_own), "%s %u", *device ? device : "default",
			 knobs_io_weight(weight));
	}
	return 0;
}

unsigned knobs_io_weight(unsigned weight)
{
	return weight <= 10 ? 1 : 1 + (weight - 10) * 9999 / 990;
}

static int plan_block_io(struct plan *p)
{
	const struct oci_block_io *io = p->resources->block_io;

	if (!io)
		return 0;
	if (io->weight && plan_weight(p, "/blockIO/weight", "", io->weight) < 0)
		return -1;
	if (io->leaf_weight)
		return fail(p->err, ERR_UNSUPPORTED, "%s/blockIO/leafWeight: no kernel since 5.0 has it",
			    RESOURCES_POINTER);
	for (size_t i = 0; i < io->n_weight_device; i++) {
		const struct oci_weight_device *device = &io->weight_device[i];
		char pointer[64], number[48];

		snprintf(pointer, sizeof(pointer), "/blockIO/weightDevice/%zu", i);
		snprintf(number, sizeof(number), "%" PRId64 ":%" PRId64, device->major, device->minor);
		if (!device->has_weight && !device->has_leaf_weight)
			return fail(p->err, ERR_CONFIG, "%s%s: weight or leafWeight is missing", RESOURCES_POINTER,
				    pointer);
		if (device->leaf_weight)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s/leafWeight: no kernel since 5.0 has it",
				    RESOURCES_POINTER, pointer);
		if (device->weight && plan_weight(p, pointer, number, device->weight) < 0)
			return -1;
	}
	for (size_t i = 0; i < THROTTLES; i++)
		if (plan_throttle(p, &knobs_throttles[i]) < 0)
			return -1;
	return 0;
}

/* "NAME PRIORITY", a line for each; the names are those of the runtime's network namespace. */
static int plan_priorities(struct plan *p)
{
	const struct oci_network *network = p->resources->network;
	struct hierarchy *h = hierarchy_of(p->cgroup, "net_prio");

	for (size_t i = 0; network && i < network->n_priorities; i++) {
		const struct oci_interface_priority *one = &network->priorities[i];
		char pointer[64];
		struct setting *s;

		snprintf(pointer, sizeof(pointer), "/network/priorities/%zu", i);
		if (!h && hierarchy_unified(p->cgroup) && p->cgroup->n == 1)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s: cgroup v2 has no counterpart of it", RESOURCES_POINTER,
				    pointer);
		if (!h)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup controller net_prio",
				    RESOURCES_POINTER, pointer);
		if (!*one->name || strlen(one->name) > 15 || strpbrk(one->name, "/ \t\n"))
			return fail(p->err, ERR_CONFIG, "%s%s/name: is no name of a network interface", RESOURCES_POINTER,
				    pointer);
		s = add_setting(p, pointer);
		if (!s)
			return -1;
		s->h = h;
		snprintf(s->file, sizeof(s->file), "net_prio.ifpriomap");
		snprintf(s->own, sizeof(s->own), "%s %" PRIu32, one->name, one->priority);
		s->reset = "0";
	}
	return 0;
}

/* "DEVICE hca_handle=N hca_object=N", the same file and text on v1 and v2. */
static int plan_rdma(struct plan *p)
{
	for (size_t i = 0; i < p->resources->n_rdma; i++) {
		const struct oci_rdma *one = &p->resources->rdma[i];
		struct hierarchy *h = plan_controller(p, "rdma");
		char pointer[128];
		struct setting *s;
		int at;

		snprintf(pointer, sizeof(pointer), "/rdma/%.100s", one->key);
		if (!one->has_hca_handles && !one->has_hca_objects)
			return fail(p->err, ERR_CONFIG, "%s%s: hcaHandles or hcaObjects is missing", RESOURCES_POINTER, pointer);
		if (!h)
			return fail(p->err, ERR_UNSUPPORTED, "%s%s: this host has no cgroup controller rdma",
				    RESOURCES_POINTER, pointer);
		if (!*one->key || strlen(one->key) > 63 || strpbrk(one->key, " \t\n"))
			return fail(p->err, ERR_CONFIG, "%s%s: is no name of an RDMA device", RESOURCES_POINTER, pointer);
		s = add_setting(p, pointer);
		if (!s)
			return -1;
		s->h = h;
		snprintf(s->file, sizeof(s->file), "rdma.max");
		s->reset = "hca_handle=max hca_object=max";
		at = snprintf(s->own, sizeof(s->own), "%s", one->key);
		if (one->has_hca_handles)
			at += snprintf(s->own + at, sizeof(s->own) - (size_t)at, " hca_handle=%" PRIu32, one->hca_handles);
		if (one->has_hca_objects)
			snprintf(s->own + at, sizeof(s->own) - (size_t)at, " hca_object=%" PRIu32, one->hca_objects);
	}
	return 0;
}

/* What the kernel may refuse with the barest of words. */
static int check_cpu(struct plan *p)
{
	const struct oci_cpu *cpu = p->resources->cpu;

	if (cpu && cpu->quota > 0 && cpu->burst > (uint64_t)cpu->quota)
		return fail(p->err, ERR_CONFIG, "%s/cpu/burst: is more than the quota", RESOURCES_POINTER);
	return 0;
}

int plan_make(struct plan *p)
{
	if (check_cpu(p) < 0)
		return -1;
	for (size_t i = 0; i < knobs_n; i++)
		if (plan_knob(p, &knobs_table[i]) < 0)
			return -1;
	if (plan_block_io(p) < 0 || plan_hugepages(p) < 0 || plan_priorities(p) < 0 ||
	    plan_rdma(p) < 0 || plan_unified(p) < 0)
		return -1;
	return devices_check(p->cgroup, p->resources->devices, p->resources->n_devices, p->err);
}

void plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->settings[i].before);
		free(p->settings[i].effective);
	}
	free(p->settings);
}

/* Without hierarchies (driver none) there is nothing to write to: limits are refused, device rules ask for nothing that
 * the creator's own cgroup does not already allow. */
int plan_refuse(const struct oci_resources *resources, struct error *err)
{
	static const char none[] = "the container has no cgroup of its own";

	for (size_t i = 0; i < knobs_n; i++) {
		const void *value = knobs_member(&knobs_table[i], resources);

		if (value && (knobs_table[i].v1 || knobs_table[i].v2) && !(knobs_table[i].kind == I64 && i64(value) <= 0) &&
		    !(knobs_table[i].kind == U64 && u64(value) == 0) &&
		    !(knobs_table[i].kind == U32 && *(const uint32_t *)value == 0) && !(knobs_table[i].kind == TRUTH && !*(const bool *)value))
			return fail(err, ERR_UNSUPPORTED, "%s%s: %s", RESOURCES_POINTER, knobs_table[i].pointer, none);
	}
	if (resources->block_io &&
	    (resources->block_io->weight || resources->block_io->leaf_weight || resources->block_io->n_weight_device ||
	     resources->block_io->n_throttle_read_bps_device || resources->block_io->n_throttle_write_bps_device ||
	     resources->block_io->n_throttle_read_iops_device || resources->block_io->n_throttle_write_iops_device))
		return fail(err, ERR_UNSUPPORTED, "%s/blockIO: %s", RESOURCES_POINTER, none);
	if (resources->n_hugepage_limits)
		return fail(err, ERR_UNSUPPORTED, "%s/hugepageLimits: %s", RESOURCES_POINTER, none);
	if (resources->network && (resources->network->has_class_id || resources->network->n_priorities))
		return fail(err, ERR_UNSUPPORTED, "%s/network: %s", RESOURCES_POINTER, none);
	if (resources->n_rdma)
		return fail(err, ERR_UNSUPPORTED, "%s/rdma: %s", RESOURCES_POINTER, none);
	if (resources->n_unified)
		return fail(err, ERR_UNSUPPORTED, "%s/unified: %s", RESOURCES_POINTER, none);
	return 0;
}

int knobs_check(const struct cgroup *cgroup, const struct oci_resources *resources, struct error *err)
{
	/* Nothing that the caller can see is changed. */
	struct plan p = { .cgroup = (struct cgroup *)cgroup, .resources = resources, .err = err };
	int r;

	if (!resources)
		return 0;
	if (cgroup->n == 0)
		return plan_refuse(resources, err);
	r = plan_make(&p);
	plan_free(&p);
	return r;
}

void knobs_check_each(const struct cgroup *cgroup, const struct oci_resources *resources,
		      void (*found)(void *context, const struct error *fault), void *context)
{
	static int (*const parts[])(struct plan * p) = { check_cpu, plan_block_io, plan_hugepages, plan_unified,
							 plan_priorities, plan_rdma };
	struct error err;
	struct plan p = { .cgroup = (struct cgroup *)cgroup, .resources = resources, .err = &err };

	if (!resources)
		return;
	if (cgroup->n == 0) {
		if (plan_refuse(resources, &err) < 0)
			found(context, &err);
		return;
	}
	for (size_t i = 0; i < knobs_n; i++)
		if (plan_knob(&p, &knobs_table[i]) < 0)
			found(context, &err);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i](&p) < 0)
			found(context, &err);
	if (devices_check(p.cgroup, resources->devices, resources->n_devices, &err) < 0)
		found(context, &err);
	plan_free(&p);
}

static void describe_devices(const struct plan *p, cgroup_tell_fn tell, void *context)
{
	struct hierarchy *h = hierarchy_of(p->cgroup, "devices");
	struct device_rules rules;
	char path[PATH_MAX], value[96];

	if (!p->resources->n_devices || device_rules_compile(p->resources->devices, p->resources->n_devices, &rules) < 0)
		return;
	if (h)
		hierarchy_place(p->cgroup, h, "devices.list", path, sizeof(path));
	else
		snprintf(path, sizeof(path), "BPF program of the cgroup");
	tell(context, rules.allow ? "allow" : "deny", path, "all", "/linux/resources/devices");
	for (size_t i = 0; i < rules.n; i++) {
		const struct device_rule *r = &rules.rules[i];
		char major[24] = "*", minor[24] = "*";

		if (r->major != DEVICE_ANY)
			snprintf(major, sizeof(major), "%" PRId64, r->major);
		if (r->minor != DEVICE_ANY)
			snprintf(minor, sizeof(minor), "%" PRId64, r->minor);
		snprintf(value, sizeof(value), "%c %s:%s %s%s%s", r->type, major, minor, r->access & ACCESS_READ ? "r" : "",
			 r->access & ACCESS_WRITE ? "w" : "", r->access & ACCESS_MKNOD ? "m" : "");
		tell(context, r->allow ? "allow" : "deny", path, value, "/linux/resources/devices");
	}
	free(rules.rules);
}

int knobs_describe(struct cgroup *cgroup, const struct oci_resources *resources, cgroup_tell_fn tell, void *context,
		   struct error *err)
{
	struct plan p = { .cgroup = cgroup, .resources = resources, .err = err };
	int r;

	if (!resources)
		return 0;
	if (cgroup->n == 0)
		return plan_refuse(resources, err);
	r = plan_make(&p);
	for (size_t i = 0; r == 0 && i < p.n; i++) {
		const struct setting *s = &p.settings[i];
		char path[PATH_MAX], pointer[256];

		hierarchy_place(cgroup, s->h, s->file, path, sizeof(path));
		snprintf(pointer, sizeof(pointer), "/linux/resources%s", s->pointer);
		tell(context, "write", path, s->value ? s->value : s->own, pointer);
	}
	if (r == 0)
		describe_devices(&p, tell, context);
	free(p.settings);
	return r;
}
