// SPDX-License-Identifier: LGPL-2.1-or-later
/* private.h - what the files of cgroup/ share: struct cgroup, its hierarchies and the driver table.
 *
 * A hierarchy is one mounted cgroup file system; a v1 host has about a dozen, a v2 host one.  Each holds the
 * descriptor of the directory ABOVE the container's: enough to make, to remove and to open "LEAF/FILE", and one
 * descriptor less than holding both.  Everything is opened when it is first needed. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/error.h"
#include "cgroup/cgroup.h"

/* The parent of containers without a cgroupsPath, or with a relative one.  It stays when they are gone. */
#define OWN_PARENT "/hull"

/* Paths that would not fit here are refused by cgroup_plan. */
#define CGROUP_PATH_MAX 3072

/* How long a directory may stay busy, or a freezer undecided. */
#define CGROUP_DEADLINE_MS 10000

/* cgroup_reopen's `made` of a record that was written before cgroup_create. */
#define MADE_UNKNOWN (-1)

struct hierarchy {
	const char *name; /* "cpu,cpuacct", "name=systemd"; "": the unified one.  Points into cgroup->text */
	bool unified;
	char *mount;    /* mount point, once found; owned */
	bool unmounted; /* looked for and found nowhere */
	bool cloned;    /* unified only: cgroup_clone_fd handed it out, so nobody needs to be moved there */
	int at;         /* O_PATH directory in which the container's lies; -1: not opened */
	int join;       /* v1: its `tasks`, v2: its cgroup.procs, open for writing; -1: not opened */
	int dir;        /* unified only: the container's directory, for clone3; -1: not opened */
	int made;       /* trailing components of the path that hull made here */
	bool stale;     /* hull made the directory for an earlier container: it is to be made anew */
};

struct driver;
struct bus;
struct text;
struct variant;

/* systemd drivers: the unit that the container's directory belongs to.  What is written into that directory is the matter
 * of fs1 or fs2, as elsewhere. */
struct unit {
	bool user;                  /* of the user's instance */
	bool is_slice;              /* NAME.slice instead of a scope */
	bool started;               /* by this process */
	char *name, *slice;         /* slice: NULL in a reopened cgroup */
	struct variant *properties; /* a(sv) of StartTransientUnit, without PIDs */
	struct bus *bus;            /* connected when first needed */
	int keeper;                 /* pidfd of the first process of a scope, see unit_settled; -1: none */
};

/* Whether the processes in the container's directory there may be killed. */
#define HAS_OWN_PROCESSES(cgroup, h) ((h)->made > 0 || (cgroup)->adopted)

struct cgroup {
	const struct driver *driver;
	struct unit *unit; /* NULL: no systemd driver */
	char *path;        /* "/a/b", below each mount point */
	const char *leaf;  /* its last name, within path */
	int depth;         /* number of names in it */
	bool loaded;       /* hierarchies are known; a reopened cgroup looks for them when it needs them */
	bool unknown;      /* hull does not know what it made: removes only what is empty, kills nothing */
	bool adopted;      /* processes are the container's where nothing was made, too */
	bool reopened;     /* of a record */
	char owner[40];    /* the container, "": not known */
	uint64_t inode;    /* of the directory that has, or had, the owner's mark, see claim.c; 0: none */
	int recorded;      /* as cgroup_made has it */
	char *text;        /* /proc/self/cgroup */
	char *controllers; /* cgroup.controllers of the unified root, once read; see unified_has */
	struct hierarchy *hierarchies;
	size_t n;
	bool no_clone; /* clone3 into the cgroup would fail (pids.max is 0) or kill, moving into it does not */
};

/* The driver table stands in cgroup.c. */
struct driver {
	const char *name;
	int (*create)(struct cgroup *cgroup, struct error *err);
	int (*freeze)(struct cgroup *cgroup, bool frozen); /* 0 or -errno */
	bool (*is_frozen)(struct cgroup *cgroup);
	int (*kill)(struct cgroup *cgroup); /* SIGKILL to all, not waiting for the end.  0 or -errno */
};

extern const struct driver driver_none, driver_fs1, driver_fs2;

/* ---- systemd.c ---- */

/* Who is not the host's root has an instance of systemd of their own. */
bool unit_is_user(void);

/* Reads slice:prefix:name, connects to systemd.  *ret_path: where the directory is going to be, owned by the caller.
 * 0 or -1 with err */
int unit_plan(struct cgroup *cgroup, const char *cgroups_path, const char *id, char **ret_path, struct error *err);
/* For a recorded path, whose last name is the unit.  0 or -ENOMEM */
int unit_reopen(struct cgroup *cgroup, bool user);
/* Starts the transient unit, and waits for the job.  *ret_path: its directory, owned by the caller.  0 or -1 with err */
int unit_start(struct cgroup *cgroup, char **ret_path, struct error *err);
/* Lets the keeper go. */
void unit_settled(struct unit *unit);
/* Has systemd move the process into the unit.  0 or -1 with err */
int unit_attach(struct cgroup *cgroup, pid_t pid, struct error *err);
/* Ends the unit, whose processes are gone; one that is not there is fine.  0 or -1 with err */
int unit_stop(struct cgroup *cgroup, struct error *err);
/* Sets properties, a(sv), of a unit that runs.  0 or -1 with err */
int unit_set(struct cgroup *cgroup, const struct variant *properties, struct error *err);
/* Appends NAME = a value of that type to a(sv); the value is still to be filled in.  NULL without memory */
struct variant *unit_property(struct variant *properties, const char *name, const char *type);
void unit_free(struct unit *unit);

/* ---- stats.c ---- */

/* cgroup_stats. */
void stats_put(struct cgroup *cgroup, struct text *to);
/* N of a line "KEY N"; 0 if there is none, or no text. */
uint64_t stats_value(const char *text, const char *key);

/* ---- claim.c ---- */

/* While planning: what hull made for an earlier container, and who is in it empties it, counts as still to be made. */
void claim_inherit(struct cgroup *cgroup);
/* Marks the directory, whose hierarchies are made, as the container's.  What cannot be marked goes unmarked. */
void claim_make(struct cgroup *cgroup);
/* Whether a reopened cgroup's directory is by now another container's, or has been made by somebody else.  1, 0 (also: there is
 * none) or -errno */
int claim_is_lost(const struct cgroup *cgroup);

/* ---- walk.c ---- */

/* dir/name is the directory that is visited; dir is O_PATH and borrowed. */
typedef int (*walk_fn)(int dir, const char *name, void *context);
/* Visits dir/name and all directories below it.  enter: 1 go down into it, 0 do not, -errno stop; leave (may be NULL): behind
 * all that is below one that was entered, 0 or -errno.  What vanishes meanwhile is passed over.  0 or -errno */
int walk_tree(int dir, const char *name, walk_fn enter, walk_fn leave, void *context);

/* Whether a failure says that a directory was removed under us. */
static inline bool walk_is_race(int r)
{
	return r == -ENOENT || r == -ENODEV;
}

/* ---- busy.c ---- */

struct hierarchy;
/* Why a directory cannot be removed: err gets process, state and cgroup.  Returns -1 */
int busy_fail(const struct cgroup *cgroup, struct hierarchy *h, struct error *err);
/* See cgroup_blame; h: where its cgroup is looked up, or NULL. */
int busy_blame(const struct cgroup *cgroup, struct hierarchy *h, pid_t pid, struct error *err);

/* ---- cgroup.c ---- */

/* Checks an absolute path and sets what follows from it; depth must be 0.  The cgroup owns it from now on, also where it
 * fails (NULL: there was no memory for it).  0 or -1 with err */
int cgroup_set_path(struct cgroup *cgroup, char *path, struct error *err);
/* Finds the hierarchies of a reopened cgroup, for which the caller's struct changes, but nothing that the caller can
 * see.  0 or -errno */
int cgroup_load(const struct cgroup *constant);
/* The same; 0 or -1 with err */
int cgroup_load_or_fail(const struct cgroup *cgroup, struct error *err);
/* cgroup_load, for who is about to end processes or to remove directories: a reopened cgroup that is not the container's any more
 * has none of either.  0 or -errno */
int cgroup_load_own(struct cgroup *cgroup);
/* Trailing names that hull made there, of a number that cgroup_made gave. */
int made_in(const struct hierarchy *h, int made);
/* The hierarchy whose lists are believed: the one that limits their number, else any that has a directory; or NULL. */
struct hierarchy *cgroup_main_hierarchy(const struct cgroup *cgroup);

/* ---- hierarchy.c ---- */

/* Reads the host's hierarchies into cgroup->text and ->hierarchies.  *ret_v2: there is nothing but v2. 0 or -errno */
int hierarchies_find(struct cgroup *cgroup, bool *ret_v2);
void hierarchies_close(struct cgroup *cgroup);

/* The one that has the controller ("memory"), or NULL; the unified one is not asked. */
struct hierarchy *hierarchy_of(const struct cgroup *cgroup, const char *controller);
struct hierarchy *hierarchy_unified(const struct cgroup *cgroup);
bool hierarchy_has(const struct hierarchy *h, const char *controller);

/* Path of a file of the container's directory ("": the directory itself), for people. */
void hierarchy_place(const struct cgroup *cgroup, const struct hierarchy *h, const char *file, char *ret, size_t size);

/* Opens h->at.  0, -ENOENT (parent directory missing), -ENODEV (hierarchy not mounted), -errno. */
int hierarchy_open(const struct cgroup *cgroup, struct hierarchy *h);
/* The mount point's directory.  fd or -errno */
int hierarchy_root(const struct cgroup *cgroup, struct hierarchy *h);

/* Opens FILE of the container's directory.  fd or -errno */
int hierarchy_file(const struct cgroup *cgroup, struct hierarchy *h, const char *file, int flags);
/* Reads it: at most size - 1 bytes, trailing newlines cut.  Length or -errno */
ssize_t hierarchy_read(const struct cgroup *cgroup, struct hierarchy *h, const char *file, char *ret, size_t size);
/* The same at the usual mount point alone, without h->at. */
ssize_t hierarchy_read_usual(const struct cgroup *cgroup, const struct hierarchy *h, const char *file, char *ret, size_t size);
/* Writes it in one write(2).  0 or -errno */
int hierarchy_write(const struct cgroup *cgroup, struct hierarchy *h, const char *file, const char *value);

/* Makes the joining descriptor ready.  0 or -errno */
int hierarchy_prepare_join(const struct cgroup *cgroup, struct hierarchy *h);

/* Files below a directory descriptor, where the name may hold one slash. */
int file_open_below(int dir, const char *name, const char *file, int flags);
ssize_t file_read_below(int dir, const char *name, const char *file, char *ret, size_t size);
int file_write_below(int dir, const char *name, const char *file, const char *value);

/* Sleeps for *us microseconds and doubles it, to at most 20 ms. */
void back_off(unsigned *us);

/* Opens FILE ("": the directory itself) of any directory of the hierarchy, by its path from the mount point.  fd, -ENODEV
 * (hierarchy not mounted), -errno */
int hierarchy_open_at(const struct cgroup *cgroup, struct hierarchy *h, const char *path, const char *file, int flags);

/* ---- directory.c ---- */

/* Sets h->made to the number of the path's names that are missing, as hierarchy_make would make them.  0 or -errno */
int hierarchy_probe(const struct cgroup *cgroup, struct hierarchy *h);

/* Makes the container's directory with its parents; sets h->made.  `prepare`, where not NULL, is called for each
 * directory made (its parent and name) and for the last even when it existed.  0 or -errno */
int hierarchy_make(const struct cgroup *cgroup, struct hierarchy *h, int (*prepare)(int parent, const char *name));

/* One attempt to remove the container's directory (children and all) and what hull made above it.
 * 0 (also: nothing there), -EBUSY, -errno */
int hierarchy_remove(const struct cgroup *cgroup, struct hierarchy *h, bool children);

/* ---- pids.c ---- */

/* Adds the pids in the directory and below.  0 or -errno (a missing directory has none) */
struct pid_list {
	pid_t *pids;
	size_t n, capacity;
};
int hierarchy_pids(const struct cgroup *cgroup, struct hierarchy *h, struct pid_list *list);
/* Sorts and removes doubles. */
void pid_list_sort(struct pid_list *list);

/* Signals every process in the hierarchy's directory, by pidfd, each only while it is in there.  With until_stable the
 * list is read again until nobody new turns up.  0 or -errno */
int hierarchy_signal(const struct cgroup *cgroup, struct hierarchy *h, int signal, bool until_stable);

/* ---- fs1.c, fs2.c ---- */

/* See cgroup_thaw_to_kill. */
int fs1_thaw_to_kill(struct cgroup *cgroup);
/* Whether the host has the controller on the unified hierarchy. */
bool unified_has(struct cgroup *cgroup, const char *controller);
/* Whether the container's directory there has it. */
bool unified_has_here(const struct cgroup *cgroup, struct hierarchy *h, const char *controller);
/* Enables controllers (names with blanks between; NULL: all that the host has) for the container's directory on
 * the unified hierarchy.  Those that cannot be enabled are left out, and all of them below a cgroup that has
 * processes.  0 or -errno */
int unified_enable(const struct cgroup *cgroup, struct hierarchy *h, const char *controllers);
int unified_freeze(const struct cgroup *cgroup, struct hierarchy *h, bool frozen);
bool unified_is_frozen(const struct cgroup *cgroup, struct hierarchy *h);
/* What cgroup.events says of it. */
bool unified_events_frozen(const char *events);
/* See cgroup_chown.  0 or -errno */
int unified_chown(const struct cgroup *cgroup, struct hierarchy *h, uid_t uid);
int unified_kill(const struct cgroup *cgroup, struct hierarchy *h);
/* Waits until no process is left in the directory and below: 1; 0 at the deadline or where it cannot be told. */
int unified_wait_empty(const struct cgroup *cgroup, struct hierarchy *h, int64_t deadline_ms);
