// SPDX-License-Identifier: LGPL-2.1-or-later
/* probe.c - what `hull doctor` asks about control groups and systemd, without a container. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cgroup/bus.h"
#include "cgroup/private.h"

bool cgroup_has_controller(struct cgroup *cgroup, const char *controller)
{
	struct hierarchy *h = hierarchy_unified(cgroup);

	if (hierarchy_of(cgroup, controller))
		return true;
	/* On a hybrid host a controller is enabled when it is needed. */
	return h && (cgroup->driver == &driver_fs2 ? unified_has_here(cgroup, h, controller) : unified_has(cgroup, controller));
}

const char *cgroup_layout(const struct cgroup *cgroup)
{
	return cgroup->driver == &driver_fs2 ? "v2" : hierarchy_unified(cgroup) ? "v1 and v2 (hybrid)" : "v1";
}

int cgroup_ask_systemd(char *ret_version, size_t size, int64_t *ret_ms, struct error *err)
{
	struct variant *args = variant_new("(");
	struct bus_reply reply;
	struct bus *bus = NULL;
	int64_t begin;
	int r = args && variant_add_text(args, "s", "org.freedesktop.systemd1.Manager") && variant_add_text(args, "s", "Version")
			? bus_open(unit_is_user(), &bus, err)
			: fail(err, ERR_HOST, "out of memory");

	begin = clock_ms();
	if (r == 0)
		r = bus_call(bus, NULL, "org.freedesktop.DBus.Properties", "Get", args, &reply, err);
	*ret_ms = clock_ms() - begin;
	if (r == 0)
		snprintf(ret_version, size, "%s", reply.text);
	if (bus)
		bus_close(bus);
	variant_free(args);
	return r;
}
