// SPDX-License-Identifier: LGPL-2.1-or-later
/* store.h - the state directory: <root>/<id>/ with record.json, config.json, and start while init waits.
 *
 * A container exists when its directory holds a record.  Directories without one may be another runtime's
 * (Docker gives all runtimes one root): they are never touched beyond what hull itself names in them. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "container/container.h"
#include "container/record.h"

#define RECORD_NAME "record.json"
#define CONFIG_NAME "config.json"  /* init holds a flock on it from create until all is done but its exec */
#define NOTIFY_DIR_NAME "notify"   /* bound to /run/notify when a supervisor waits for sd_notify */
#define START_NAME "start"	   /* init listens here */

struct container {
	int root; /* the state root */
	int dir;  /* its own directory */
	int lock; /* -1, or the directory opened once more, with an exclusive flock */
	int procfs;
	char *id;
	struct hull_record *record; /* owned; oci_free */
};

#define CONTAINER_INIT { -1, -1, -1, -1, NULL, NULL }

/* The path of the state root, owned by the caller.  0 or -1 */
int store_root_path(const struct runtime *rt, char **ret, struct error *err);

/* Opens the state root.  With make it is made (0700), else a missing one gives -1 with ret 0 and no error:
 * 1 opened (*ret), 0 missing, -1 with err. */
int store_root(const struct runtime *rt, bool make, int *ret, struct error *err);

/* Makes <root>/<id>, takes the lock and writes the intent; nothing is left when it fails.
 * ERR_EXISTS if the id is taken.  c->record must be filled; c->id too. */
int store_reserve(const struct runtime *rt, struct container *c, struct error *err);

/* Opens an existing container: ERR_NOT_FOUND "container does not exist" when there is none.  No lock. */
int store_open(const struct runtime *rt, const char *id, struct container *ret, struct error *err);
/* The same for who acts by what the record says: -EPERM where the directory is not the caller's own, since a record names
 * processes, cgroups and hooks. */
int store_open_own(const struct runtime *rt, const char *id, struct container *ret, struct error *err);
/* store_open below a root that is open, which is borrowed (-1: there is none); ret->root stays closed. */
int store_open_below(int root, const char *id, struct container *ret, struct error *err);

/* Takes the lock, waiting at most timeout_ms; then reads the record again.  ERR_NOT_FOUND if it was deleted
 * meanwhile, ERR_TIMEOUT at the deadline. */
int store_lock(struct container *c, int timeout_ms, struct error *err);

/* Writes c->record. */
int store_save(struct container *c, struct error *err);

/* Removes everything of the container from the root. */
int store_remove(struct container *c, struct error *err);

/* Removes what hull names in the directory of an id that has no record, unless it is being created.
 * *ret: whether a directory was there and is gone. */
int store_remove_leftover(const struct runtime *rt, const char *id, bool *ret, struct error *err);

/* From reserve to release, and again from the first thing that is removed to the last, the directory is marked: who finds it so
 * and unlocked knows that nobody will finish it.  A failure is no harm: gc then leaves the container to its delete. */
void store_mark(const struct container *c, bool unfinished);
bool store_is_marked(const struct container *c);

/* The names in the state root that a container could have, as container_ids has those of the containers. */
int store_names(const struct runtime *rt, char ***ret, size_t *n, struct error *err);

/* Whether the id has a directory of hull's own without a record, which nobody is working on. */
bool store_is_leftover(const struct runtime *rt, const char *id);

/* Whether the record is of another pid namespace, in which its process may be alive though it is not to be seen from here. */
bool store_is_elsewhere(const struct container *c);

/* The status, computed: processes, locks and the freezer are asked, the record is not believed.
 * *ret_pidfd (may be NULL) gets a pidfd of init, owned by the caller, when it runs; else -1. */
int store_status(struct container *c, enum container_status *ret, int *ret_pidfd, struct error *err);

/* Tells the cgroup whose it is. */
void store_claim(const struct container *c, struct cgroup *cgroup);
/* The recorded cgroup, as delete and kill may use it; owned by the caller (cgroup_free).  0 or -1. */
int store_cgroup(const struct container *c, struct cgroup **ret, struct error *err);

/* Private procfs of this command, opened once, when it is needed. fd (borrowed) or -1 with err. */
int store_procfs(struct container *c, struct error *err);

void store_close(struct container *c);
