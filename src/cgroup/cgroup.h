// SPDX-License-Identifier: LGPL-2.1-or-later
/* cgroup.h - the container's place in the control group hierarchies (cgroups(7)).
 *
 * A driver (fs1: v1 and hybrid; fs2: v2; systemd, before one of these; none) is chosen once.  struct cgroup holds directory
 * descriptors; everything that a later command needs stands in the three recorded values. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct oci_config;
struct oci_resources;
struct text;
struct cgroup;

enum cgroup_manager { CGROUP_FS, CGROUP_SYSTEMD, CGROUP_DISABLED };

/* Decides driver and path; makes nothing.  cgroups_path is the config's value: an absolute one starts at each mount point,
 * a relative one at /hull there; NULL or "" is /hull/ID.  /hull itself stays when its last container goes.  With
 * CGROUP_SYSTEMD it is slice:prefix:name, and NULL or "" system.slice:hull:ID (user.slice for who is not the host's root).
 * Invalid values ("..", a systemd-style a:b:c with CGROUP_FS, ...) are ERR_CONFIG; the caller adds the JSON pointer
 * /linux/cgroupsPath.  *ret is owned by the caller (cgroup_free).  0 or -1. */
int cgroup_plan(enum cgroup_manager manager, const char *cgroups_path, const char *id, struct cgroup **ret,
		struct error *err);

/* Where a container without cgroupsPath goes whose user may not make cgroups anywhere: beside the cgroup of this process,
 * below the one that the user's service manager was given (cgroup v2), as /PARENT/hull-ID.  *ret is owned by the
 * caller, or NULL where there is no such place: then the usual one is as good as any.  0 or -errno. */
int cgroup_beside_own(const char *id, char **ret);

/* systemd drivers: what the unit is to say (description, resources, org.systemd.property.* annotations), checked and
 * kept for cgroup_create.  Else nothing.  The error begins with the place in config.json.  0 or -1. */
int cgroup_describe(struct cgroup *cgroup, const char *id, const struct oci_config *config, struct error *err);

/* What goes into the record: driver's name, path below the mount points, and how many of the path's last components
 * hull will make (before cgroup_create) or has made; where the hierarchies differ, a number that only cgroup_reopen
 * understands.  Valid as long as the struct. */
const char *cgroup_driver(const struct cgroup *cgroup);
const char *cgroup_path(const struct cgroup *cgroup);
int cgroup_made(const struct cgroup *cgroup);

/* The cgroup of a record, for a later command; directories that are gone are simply absent.  Nothing is opened before it is
 * needed.  0 or -1. */
int cgroup_reopen(const char *driver, const char *path, int made, struct cgroup **ret, struct error *err);

/* Whose it is: a word that no other container has, at most 39 bytes.  Before cgroup_create, which marks the directory so (a
 * later cgroup_inode says which, for the record; 0: none); and after cgroup_reopen, with the recorded inode or 0: then a
 * directory that is another container's by now, in which somebody else may be, is neither emptied nor removed. */
void cgroup_claim(struct cgroup *cgroup, const char *owner, uint64_t inode);
uint64_t cgroup_inode(const struct cgroup *cgroup);

/* Makes the directories in every hierarchy, ready to be joined (cpuset filled from the parent on v1, controllers
 * enabled on v2); the systemd drivers start the unit, after which cgroup_path is what systemd made.  On failure what was
 * made is removed again.  0 or -1. */
int cgroup_create(struct cgroup *cgroup, struct error *err);

/* The container's first process is inside: what kept an empty unit alive goes. */
void cgroup_settled(struct cgroup *cgroup);

/* The kernel may refuse an unprivileged caller to clone or to move a process into a unit of the user's systemd, which can have
 * it done: then the child must wait until cgroup_join has moved it, instead of cgroup_clone_fd and cgroup_join_self. */
bool cgroup_wants_join(const struct cgroup *cgroup);

/* v2 (and the unified hierarchy of a hybrid host): directory for clone3's CLONE_INTO_CGROUP, borrowed.  -1: none, or the
 * kernel would refuse it (a pids limit of 0); cgroup_join_self does it then.  Call it before the fork in any case. */
int cgroup_clone_fd(const struct cgroup *cgroup);

/* From now on cgroup_clone_fd gives none; true if it gave one before.  Linux 6.14 and later count how often cgroup.kill was
 * written to a cgroup, and kill at birth whatever is cloned from one into another with a different count. */
bool cgroup_stop_cloning(struct cgroup *cgroup);

/* Puts the CALLING single-threaded process into every hierarchy that clone3 could not (v1: "0" into `tasks`,
 * which takes no lock that waits for RCU).  Called by the forked child before it execs; allocates nothing.
 * 0 or -errno. */
int cgroup_join_self(const struct cgroup *cgroup);

/* For a further process of a container (exec): opens what cgroup_clone_fd and cgroup_join_self need, in a reopened cgroup.
 * below: n words "[CONTROLLER[,CONTROLLER]:]PATH", each a cgroup below the container's; a PATH without controllers counts
 * wherever it exists.  0; 1: some recorded directory is gone, nothing is wrong yet (cgroup_follow); -1. */
int cgroup_enter(struct cgroup *cgroup, const char *const *below, size_t n, struct error *err);
/* Whether cgroup_join_self has nothing left to open, and so leaves the struct as it is. */
bool cgroup_is_ready(const struct cgroup *cgroup);
/* Then, or where the kernel refuses the recorded place: goes by the text of /proc/PID/cgroup instead. 0 or -1. */
int cgroup_follow(struct cgroup *cgroup, const char *current, struct error *err);

/* Puts another process there (exec, or where the child cannot).  0 or -1. */
int cgroup_join(const struct cgroup *cgroup, pid_t pid, struct error *err);

/* Whether a file of every v2 cgroup is no resource, but acts on its processes, or is the runtime's to write. */
bool cgroup_is_control_file(const char *name);

/* Writes the resources by the table in knobs.c: absent members leave the kernel's value alone.  Settings that this host or
 * this hull does not have are ERR_UNSUPPORTED.  The error begins with the place, config.json:/linux/resources/...
 * resources may be NULL.  0 or -1. */
int cgroup_apply(struct cgroup *cgroup, const struct oci_resources *resources, struct error *err);
/* Only checks what cgroup_apply would refuse without touching anything (same texts). */
int cgroup_check(const struct cgroup *cgroup, const struct oci_resources *resources, struct error *err);
/* The same, but tells of every member that would be refused, not of the first alone. */
void cgroup_check_each(const struct cgroup *cgroup, const struct oci_resources *resources,
		       void (*found)(void *context, const struct error *fault), void *context);

/* What cgroup_create and cgroup_apply would do, without doing it.  verb: "make" a directory, "use" one that is there, "write"
 * value to a file, "allow" and "deny" value (a device) in it; pointer: what of the config asks for it, "" for nothing.
 * Strings are valid during the call only.  0, or -1 where cgroup_check would refuse. */
typedef void (*cgroup_tell_fn)(void *context, const char *verb, const char *path, const char *value, const char *pointer);
int cgroup_tell(struct cgroup *cgroup, const struct oci_resources *resources, cgroup_tell_fn tell, void *context,
		    struct error *err);

/* Appends the members of the data of `events --stats`, from "cpu" to "hugetlb", to a JSON object that is open.  What this
 * host does not count is left out.  0 or -1 */
int cgroup_stats(const struct cgroup *cgroup, struct text *to, struct error *err);

/* Out of memory: fd wakes up a poll(2) (is_file: POLLPRI, else POLLIN); cgroup_oom then says how often it happened since
 * the last call.  The caller closes fd.  0 or -errno (-ENOENT: nobody counts it here) */
struct oom_watch {
	int fd;
	bool is_file;
	uint64_t count;
};
int cgroup_watch_oom(const struct cgroup *cgroup, struct oom_watch *ret);
uint64_t cgroup_oom(struct oom_watch *watch);

/* Writes down that the new values are in force: where it fails, they are put back.  0, or -1 with err. */
struct cgroup_keep {
	int (*run)(void *context, struct error *err);
	void *context;
};

/* Changes the resources of a container that runs: absent members stay as they are, and all of it is done, and kept, or
 * nothing.  before: the values in force as far as they are known, for systemd's properties (may be NULL).  report (may be
 * NULL) gets a line "FILE VALUE" for each file, with the value that the kernel has accepted.  0 or -1. */
int cgroup_update(struct cgroup *cgroup, const struct oci_resources *resources, const struct oci_resources *before,
		  const struct cgroup_keep *keep, struct text *report, struct error *err);

/* What this host has (hull doctor).  The cgroup has been made: whether the controller can limit something in it. */
bool cgroup_has_controller(struct cgroup *cgroup, const char *controller);
/* "v1", "v2" or "v1 and v2 (hybrid)". */
const char *cgroup_layout(const struct cgroup *cgroup);
/* Connects to the caller's systemd and asks for its version; *ret_ms: how long the answer took.  0 or -1. */
int cgroup_ask_systemd(char *ret_version, size_t size, int64_t *ret_ms, struct error *err);

/* Gives the container's cgroup to a host user, as config-linux.md#cgroup-ownership has it: its directory and those of its
 * files that /sys/kernel/cgroup/delegate names.  v2 only: elsewhere it does nothing.  When that is to be done (a new
 * cgroup namespace, a writable cgroup mount) is for the caller to say.  0 or -1. */
int cgroup_chown(const struct cgroup *cgroup, uid_t uid, struct error *err);

/* From now on whoever is in the cgroup counts as the container's, also where the directory was there before it: cgroup_create
 * found nobody in it then.  For the record of a container that was in it and has no pid namespace that ends its
 * processes.  The directory itself still stays. */
void cgroup_adopt(struct cgroup *cgroup);

/* Path of the directory that freezes the container, for criu; *ret is owned by the caller, NULL where there is none. 0 or
 * -errno */
int cgroup_freezer_path(const struct cgroup *cgroup, char **ret);
/* Calls tell with each controller ("": the unified hierarchy) and the container's path there, until it fails.  0 or what
 * tell said, -errno. */
int cgroup_each_place(const struct cgroup *cgroup, int (*tell)(void *context, const char *controller, const char *path),
		      void *context);

bool cgroup_is_frozen(const struct cgroup *cgroup);
/* Thaws, so that a SIGKILL can act.  0 or -errno; nothing frozen is 0. */
int cgroup_thaw(struct cgroup *cgroup);
/* Thaws it and all cgroups below, where a SIGKILL does not reach who is frozen (v1); elsewhere it does nothing.  0,
 * -EBUSY when a cgroup above is frozen, which is not ours to thaw, or -errno. */
int cgroup_thaw_to_kill(struct cgroup *cgroup);
/* Says which process keeps the container from ending: pid, or one in the cgroup that pid waits for; its state, its
 * cgroup, and what is frozen there.  Returns -1. */
int cgroup_blame(const struct cgroup *cgroup, pid_t pid, struct error *err);
/* Freezes, and waits until it is so.  0 or -errno. */
int cgroup_freeze(struct cgroup *cgroup);

/* All pids in the cgroup and below, owned by the caller.  0 or -errno. */
int cgroup_pids(const struct cgroup *cgroup, pid_t **ret, size_t *n);

/* Whether hull made the directory whose list of processes counts, or has adopted it: else cgroup_kill signals nobody. */
bool cgroup_is_own(const struct cgroup *cgroup);

/* Signals every process (SIGKILL: cgroup.kill on v2; v1 until empty).  Never touches processes of a cgroup that was
 * there before create and is not adopted.  0 or -errno. */
int cgroup_kill(struct cgroup *cgroup, int signal);

/* Kills what is left, waits (deadline 10 s), removes the directories that hull made, children included.  What was
 * there before is left alone, or with cgroup_adopt only emptied.
 * Works on any half-made state; nothing left to remove is success.  0 or -1. */
int cgroup_destroy(struct cgroup *cgroup, struct error *err);

void cgroup_free(struct cgroup *cgroup);
