// SPDX-License-Identifier: LGPL-2.1-or-later
/* gc.c - finds and removes what runtimes left that ended before they were done.
 *
 * What a container left is on record, so the state root is all that is looked at: a cgroup or a unit that no record names
 * may be anybody's.  A container that has only stopped is not garbage: whoever made it asks for its status and then
 * deletes it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "container/creation.h"
#include "kernel/host.h"

struct collection {
	const struct runtime *rt;
	bool dry_run;
	void (*tell)(void *context, const struct leftover *leftover);
	void *context;
	int result;
	struct error *err; /* of the first failure */
};

/* r, why: how the removal ended. */
static void report(struct collection *gc, struct leftover *found, int r, const struct error *why)
{
	found->removed = !gc->dry_run && r == 0;
	found->error = r < 0 ? why->text : NULL;
	gc->tell(gc->context, found);
	if (r == 0 || gc->result < 0)
		return;
	*gc->err = *why;
	(void)within(gc->err, "%s", found->id);
	gc->result = -1;
}

/* Why nobody will finish what was begun with it; NULL: it is no garbage.  c is locked. */
static const char *reason(struct container *c)
{
	enum container_status status;
	struct error unknown;
	char boot_id[37];

	if (store_status(c, &status, NULL, &unknown) < 0) {
		log_debug("gc: %s", unknown.text);
		return NULL;
	}
	if (status != STATUS_STOPPED || host_boot_id(boot_id) < 0)
		return NULL;
	if (strcmp(boot_id, c->record->boot_id) != 0)
		return "reboot";
	if (!c->record->has_pid)
		return "create";
	return store_is_marked(c) ? "unfinished" : NULL;
}

static void collect_container(struct collection *gc, struct container *c)
{
	struct leftover found = { .id = c->id };
	struct error why;

	if (c->record->owner != geteuid() || strcmp(c->record->id, c->id) != 0)
		return;
	if (store_lock(c, 0, &why) < 0) { /* at work, or gone */
		log_debug("gc: %s", why.text);
		return;
	}
	found.driver = c->record->cgroup_driver; /* of the record that the lock has read again */
	found.cgroup = c->record->cgroup_path;
	found.reason = reason(c);
	if (found.reason)
		report(gc, &found, gc->dry_run ? 0 : destroy_container(c, &why), &why);
}

static void collect_directory(struct collection *gc, const char *id)
{
	struct leftover found = { .id = id, .reason = "directory", .driver = "", .cgroup = "" };
	struct error why;
	bool removed = false;
	int r = 0;

	if (!store_is_leftover(gc->rt, id))
		return;
	if (!gc->dry_run)
		r = store_remove_leftover(gc->rt, id, &removed, &why);
	if (gc->dry_run || r < 0 || removed)
		report(gc, &found, r, &why);
}

static void collect(struct collection *gc, const char *id)
{
	struct container c;
	struct error why;

	if (store_open_own(gc->rt, id, &c, &why) == 0)
		collect_container(gc, &c);
	else if (why.code == ERR_NOT_FOUND)
		collect_directory(gc, id);
	else
		log_debug("gc: %s", why.text);
	store_close(&c);
}

int container_gc(const struct runtime *rt, bool dry_run, void (*tell)(void *context, const struct leftover *leftover),
		 void *context, struct error *err)
{
	struct collection gc = { rt, dry_run, tell, context, 0, err };
	auto_free char **names = NULL;
	size_t n;

	if (store_names(rt, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		collect(&gc, names[i]);
	return gc.result;
}
