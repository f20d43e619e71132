// SPDX-License-Identifier: LGPL-2.1-or-later
/* rdt.c - linux.intelRdt in a container's life: planned with the intent, made before init, joined when it is ready, removed
 * by the record alone. */
#include <errno.h>

#include "base/fd.h"
#include "base/log.h"
#include "cgroup/resctrl.h"
#include "container/creation.h"

static struct resctrl_groups groups_of(const struct hull_record *record)
{
	return (struct resctrl_groups){ record->rdt_group, record->rdt_made, record->rdt_monitored };
}

static void keep(struct hull_record *record, const struct resctrl_groups *groups)
{
	record->rdt_group = groups->clos;
	record->rdt_made = groups->made;
	record->rdt_monitored = groups->monitored;
	record->has_rdt_made = record->has_rdt_monitored = true;
}

int rdt_plan(struct creation *cr, struct error *err)
{
	const struct oci_linux *linux = cr->config.oci->linux;
	struct resctrl_groups groups;
	auto_close int root = -1;

	if (!linux || !linux->intel_rdt)
		return 0;
	root = resctrl_open(err);
	if (root < 0)
		return -1;
	resctrl_plan(root, linux->intel_rdt, cr->container.id, &groups);
	keep(cr->container.record, &groups);
	return 0;
}

int rdt_make(struct creation *cr, struct error *err)
{
	struct hull_record *record = cr->container.record;
	struct resctrl_groups groups;
	auto_close int root = -1;

	if (!record->rdt_group)
		return 0;
	root = resctrl_open(err);
	if (root >= 0 && resctrl_create(root, cr->config.oci->linux->intel_rdt, cr->container.id, &groups, err) == 0) {
		keep(record, &groups);
		return 0;
	}
	record->rdt_group = NULL; /* nothing is left to be undone */
	return -1;
}

int rdt_join(struct container *c, pid_t pid, struct error *err)
{
	struct resctrl_groups groups;
	auto_close int root = -1;

	if (!c->record->rdt_group)
		return 0;
	groups = groups_of(c->record);
	root = resctrl_open(err);
	return root < 0 ? -1 : resctrl_join(root, &groups, c->id, pid, err);
}

/* Where resctrl is not mounted any more there is nothing left. */
int rdt_remove(const struct container *c, struct error *err)
{
	struct resctrl_groups groups;
	auto_close int root = -1;

	if (!c->record->rdt_group)
		return 0;
	groups = groups_of(c->record);
	root = resctrl_open(err);
	if (root < 0) {
		log_debug("%s", err->text);
		return 0;
	}
	return resctrl_destroy(root, &groups, c->id, err);
}
