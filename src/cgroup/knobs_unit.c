// SPDX-License-Identifier: LGPL-2.1-or-later
/* knobs_unit.c - resources as properties of a systemd unit.
 *
 * What systemd does not know as a property it would put back to its own default when it looks at the unit again; the exact
 * values are written into the directory all the same, afterwards.  Devices are named by /dev/block/MAJOR:MINOR, which udev
 * makes.  Device rules are no properties: systemd's have no order, and its program would deny what ours allows. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cgroup/knobs.h"
#include "cgroup/knobs_table.h"
#include "cgroup/private.h"
#include "cgroup/variant.h"
#include "ocispec.h"

/* The text for the file as the property wants it: a number, a list of CPUs as bytes, quota per second. */
static int add_property(const struct oci_resources *resources, struct variant *properties, const char *name, const char *text)
{
	bool bits = text_starts(name, "Allowed");
	struct variant *v = unit_property(properties, name, bits ? "ay" : "t");
	uint64_t set[64] = { 0 };
	size_t last = 0;

	if (!v)
		return -ENOMEM;
	if (bits) {
		if (text_to_bits(text, set, sizeof(set) * 8) < 0)
			return -EINVAL;
		for (size_t i = 0; i < sizeof(set); i++)
			last = ((const unsigned char *)set)[i] ? i + 1 : last;
		for (size_t i = 0; i < last; i++)
			if (!variant_add_number(v, "y", ((const unsigned char *)set)[i]))
				return -ENOMEM;
		return 0;
	}
	v->number = UINT64_MAX;
	if (isdigit((unsigned char)*text))
		v->number = strtoull(text, NULL, 10);
	/* Per second, in steps of 1 %: the file gets the exact value afterwards. */
	if (strcmp(name, "CPUQuotaPerSecUSec") == 0 && v->number != UINT64_MAX) {
		uint64_t period = resources->cpu->period ? resources->cpu->period : 100000;

		v->number = v->number > UINT64_MAX / 2000000 ? UINT64_MAX : v->number * 1000000 / period;
		if (v->number != UINT64_MAX)
			v->number = (v->number + 9999) / 10000 * 10000;
	}
	if (strcmp(name, "TasksMax") == 0 && v->number == 0) /* systemd knows no 0; the file does */
		v->number = 1;
	return 0;
}

static int add_knob(const struct knob *knob, bool v2, const struct oci_resources *resources, struct variant *properties,
		    struct error *err)
{
	const char *name = v2 ? knob->unit.v2 : knob->unit.v1;
	const void *value = name ? knobs_member(knob, resources) : NULL;
	bool is_period = strcmp(knob->pointer, "/cpu/period") == 0; /* its text would be that of the whole file */
	char text[KNOB_VALUE_MAX];
	int r;

	if (!value)
		return 0;
	r = is_period ? *(const uint64_t *)value != 0 : knobs_text(knob, resources, v2, text, err);
	if (r <= 0)
		return r;
	if (is_period)
		snprintf(text, sizeof(text), "%" PRIu64, *(const uint64_t *)value);
	if (strcmp(knob->pointer, "/cpu/idle") == 0) { /* CPUWeight=idle is the weight 0 */
		if (strcmp(text, "1") != 0)
			return 0;
		strcpy(text, "0");
	}
	r = add_property(resources, properties, name, text);
	return r < 0 ? fail(err, r, "%s%s: cannot tell systemd of it", RESOURCES_POINTER, knob->pointer) : 0;
}

/* ---- block devices ---- */

/* (path, number), one of a property's list.  0 or -ENOMEM */
static int add_device(struct variant *list, int64_t major, int64_t minor, uint64_t number)
{
	struct variant *pair = variant_add(list, "(st)");
	char path[64];

	snprintf(path, sizeof(path), "/dev/block/%" PRId64 ":%" PRId64, major, minor);
	return variant_add_text(pair, "s", path) && variant_add_number(pair, "t", number) ? 0 : -ENOMEM;
}

static int add_weights(const struct oci_block_io *io, struct variant *properties)
{
	struct variant *v = io->weight ? unit_property(properties, "IOWeight", "t") : NULL, *list = NULL;

	if (io->weight && !v)
		return -ENOMEM;
	if (v)
		v->number = knobs_io_weight(io->weight);
	for (size_t i = 0; i < io->n_weight_device; i++) {
		const struct oci_weight_device *device = &io->weight_device[i];

		if (!device->weight)
			continue;
		if (!list)
			list = unit_property(properties, "IODeviceWeight", "a(st)");
		if (!list || add_device(list, device->major, device->minor, knobs_io_weight(device->weight)) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int add_block_io(const struct oci_block_io *io, struct variant *properties)
{
	int r = add_weights(io, properties);

	for (size_t i = 0; r == 0 && i < THROTTLES; i++) {
		size_t n;
		const struct oci_throttle_device *devices = knobs_throttled(&knobs_throttles[i], io, &n);
		struct variant *list = n ? unit_property(properties, knobs_throttles[i].unit, "a(st)") : NULL;

		for (size_t at = 0; r == 0 && at < n; at++)
			r = list ? add_device(list, devices[at].major, devices[at].minor,
					      devices[at].rate ? devices[at].rate : UINT64_MAX)
				 : -ENOMEM;
	}
	return r;
}

int knobs_unit(const struct cgroup *cgroup, const struct oci_resources *resources, struct variant *properties,
	       struct error *err)
{
	bool v2 = cgroup->driver == &driver_fs2;

	for (size_t i = 0; resources && i < knobs_n; i++)
		if (add_knob(&knobs_table[i], v2, resources, properties, err) < 0)
			return -1;
	/* The properties for v1, BlockIO..., have left systemd. */
	if (resources && resources->block_io && v2 && add_block_io(resources->block_io, properties) < 0)
		return fail(err, -ENOMEM, "%s/blockIO: cannot tell systemd of it", RESOURCES_POINTER);
	return 0;
}

/* ---- back again ---- */

static struct variant *find_property(const struct variant *properties, const char *name)
{
	for (struct variant *pair = properties->first; pair; pair = pair->next)
		if (strcmp(pair->first->text, name) == 0)
			return pair;
	return NULL;
}

/* The number behind KEY= in the device's line of io.max; no limit where there is none. */
static uint64_t rate_of(const char *io_max, const char *device, const char *key)
{
	size_t n = strlen(device);

	for (const char *line = io_max; line && *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *end = line + strcspn(line, "\n"), *at = line + n;

		if (strncmp(line, device, n) != 0 || *at != ' ')
			continue;
		while (at < end && !(text_starts(at, key) && at[strlen(key)] == '='))
			at += *at == ' ' ? 1 : strcspn(at, " \n");
		at += at < end ? strlen(key) + 1 : 0;
		return isdigit((unsigned char)*at) ? strtoull(at, NULL, 10) : UINT64_MAX;
	}
	return UINT64_MAX;
}

/* The list of devices with what they had before.  A weight cannot be taken back for one device: all of them go. */
static int add_rates(struct variant *to, const struct variant *list, const char *name, const char *io_max)
{
	const char *key = NULL;

	for (size_t i = 0; i < THROTTLES; i++)
		if (strcmp(knobs_throttles[i].unit, name) == 0)
			key = knobs_throttles[i].v2;
	for (const struct variant *pair = list->first; key && pair; pair = pair->next) {
		const char *path = pair->first->text;
		struct variant *copy = variant_add(to, "(st)");

		if (!variant_add_text(copy, "s", path) ||
		    !variant_add_number(copy, "t", rate_of(io_max, strrchr(path, '/') + 1, key)))
			return -ENOMEM;
	}
	return 0;
}

/* A property of which the values in force say nothing: as systemd has it without one. */
static int add_default(struct variant *to, const struct variant *pair, const char *io_max)
{
	const char *name = pair->first->text;
	const struct variant *value = pair->last->first;
	struct variant *v = unit_property(to, name, value->type);

	if (!v)
		return -ENOMEM;
	if (*value->type == 't')
		v->number = strcmp(name, "MemoryLow") == 0 ? 0 : UINT64_MAX;
	return strcmp(value->type, "a(st)") == 0 ? add_rates(v, value, name, io_max) : 0;
}

int knobs_unit_back(const struct cgroup *cgroup, const struct oci_resources *given, const struct oci_resources *before,
		    const char *io_max, struct variant *properties, struct error *err)
{
	struct variant *set = variant_new("a(sv)"), *had = variant_new("a(sv)");
	int r = set && had ? 0 : -ENOMEM;

	if (r == 0 && (knobs_unit(cgroup, given, set, err) < 0 || knobs_unit(cgroup, before, had, err) < 0))
		r = -EINVAL;
	for (const struct variant *pair = r == 0 ? set->first : NULL; r == 0 && pair; pair = pair->next) {
		const struct variant *old = find_property(had, pair->first->text);

		if (!old) {
			r = add_default(properties, pair, io_max);
		} else {
			struct variant *v = unit_property(properties, old->first->text, old->last->first->type);

			r = v ? 0 : -ENOMEM;
			if (v)
				v->number = old->last->first->number;
			for (const struct variant *item = old->last->first->first; r == 0 && item; item = item->next)
				r = variant_add_number(v, item->type, item->number) ? 0 : -ENOMEM; /* ay */
		}
	}
	variant_free(set);
	variant_free(had);
	return r < 0 ? fail(err, r, "cannot list the properties of the unit") : 0;
}
