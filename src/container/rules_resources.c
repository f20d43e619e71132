// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules_resources.c - the predicates of rules about devices and about the cgroup's resources. */
#include "container/rules_place.h"

#include <sys/stat.h>

#include "cgroup/cgroup.h"

bool rule_device_without_numbers(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_devices; i++) {
		const struct oci_device *d = &c->linux->devices[i];

		if (d->type == S_IFIFO)
			continue;
		if ((!d->has_major || d->major < 0 || d->major > 0xfff) && place_at(p, "/linux/devices/%zu/major", i))
			return true;
		if ((!d->has_minor || d->minor < 0 || d->minor > 0xfffff) && place_at(p, "/linux/devices/%zu/minor", i))
			return true;
	}
	return false;
}

/* Engines that copy a node of the host (Podman, for --device and --privileged) leave the bits of its type in. */
bool rule_bad_file_mode(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_devices; i++) {
		const struct oci_device *d = &c->linux->devices[i];
		uint32_t more = d->has_file_mode ? d->file_mode & ~07777U : 0;

		if (more && more != (uint32_t)d->type && place_at(p, "/linux/devices/%zu/fileMode", i))
			return true;
	}
	return false;
}

bool rule_octal_file_mode(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_devices; i++) {
		const struct oci_device *d = &c->linux->devices[i];

		/* 438 (0666), 420 (0644) and the like have an 8 or 9, or would be modes that nobody gives. */
		if (d->has_file_mode && d->file_mode >= 600 && d->file_mode <= 777 &&
		    place_looks_octal(p, d->file_mode) && place_at(p, "/linux/devices/%zu/fileMode", i))
			return true;
	}
	return false;
}

static bool is_same_device(const struct oci_device *a, const struct oci_device *b)
{
	return a->type == b->type && a->type != S_IFIFO && a->major == b->major && a->minor == b->minor;
}

bool rule_same_device(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_devices; i++)
		for (size_t k = 0; k < i; k++)
			if (is_same_device(&c->linux->devices[i], &c->linux->devices[k])) {
				if (place_at(p, "/linux/devices/%zu", i))
					return true;
				break;
			}
	return false;
}

bool rule_control_file(const struct oci_config *c, struct place *p)
{
	const struct oci_resources *r = c->linux ? c->linux->resources : NULL;

	for (size_t i = 0; r && i < r->n_unified; i++)
		if (cgroup_is_control_file(r->unified[i].key) &&
		    place_at_key(p, "/linux/resources/unified", r->unified[i].key, ""))
			return true;
	return false;
}

bool rule_kernel_memory(const struct oci_config *c, struct place *p)
{
	const struct oci_memory *m = c->linux && c->linux->resources ? c->linux->resources->memory : NULL;

	if (m && m->kernel && place_at(p, "/linux/resources/memory/kernel"))
		return true;
	return m && m->kernel_tcp && place_at(p, "/linux/resources/memory/kernelTCP");
}
