// SPDX-License-Identifier: LGPL-2.1-or-later
/* doctor.h - what this host can do for containers, found out by doing it.
 *
 * Whatever is tried goes again, also when a signal ends the command, SIGKILL too: processes end with their parent,
 * namespaces and detached mounts with their processes, and the cgroup is removed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "container/container.h"

enum doctor_result {
	DOCTOR_WORKS,
	DOCTOR_FAILS,
	DOCTOR_UNKNOWN, /* could not be tried */
};

/* Strings are valid during the call of tell only. */
struct doctor_finding {
	const char *name;
	const char *since; /* of an interface of the kernel: the first Linux that has it; else NULL */
	bool needed;       /* without it hull makes no containers as this user */
	enum doctor_result result;
	const char *found;            /* what was seen */
	const char *meaning, *remedy; /* where it does not work: what that means, and what to do */
};

/* Tries everything.  path: the directory whose file system is looked at, NULL: that of the state root.
 * *ret_well: all that is needed works.  0, or -1: the examination itself failed. */
int container_doctor(const struct runtime *rt, const char *path,
		     void (*tell)(void *context, const struct doctor_finding *finding), void *context, bool *ret_well,
		     struct error *err);

/* ---- between the files of the doctor ---- */

#define DOCTOR_TEXT_MAX 256

struct doctor {
	const struct runtime *rt;
	const char *path;      /* as given, or NULL */
	int procfs;
	bool is_root;          /* the host's: rights that no user namespace gives */
	int interrupt;         /* readable when a signal ends the examination */
	bool is_interrupted;
	struct cgroup *cgroup; /* made by the check of that name; NULL: none */
	int member_pidfd;      /* a process in it that answers on member_fd; -1: none */
	int member_fd;
	pid_t member;
	pid_t cleaner;         /* removes the cgroup where we are killed; 0: none */
	int cleaner_fd;
	char *found;           /* what the check has seen, DOCTOR_TEXT_MAX bytes, shared with children */
	int *result;           /* of a child, shared with it */
	int to_parent;         /* in a child: see doctor_sync */
};

/* Says what was seen. */
void doctor_say(struct doctor *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Runs act in a child, which dies with its parent, and waits for it; at its first doctor_sync the parent calls meet
 * (may be NULL) with its pid.  What act returns, or -errno: -ETIMEDOUT, -EINTR, -ECHILD (it was killed). */
int doctor_child(struct doctor *d, int (*act)(struct doctor *d), int (*meet)(struct doctor *d, pid_t pid));

/* In the child: waits for the parent's meet.  Its result. */
int doctor_sync(struct doctor *d);

/* In the child: end with the parent.  Again after each change of user. */
void doctor_tie(void);

/* Waits until fd is readable: 1, 0 at the deadline, -EINTR, -errno. */
int doctor_wait(struct doctor *d, int fd);

/* A check: DOCTOR_..., having said what it has seen. */
typedef enum doctor_result (*doctor_probe)(struct doctor *d);

/* Says "works" or the error; the result for r, 0 or -errno. */
enum doctor_result doctor_judge(struct doctor *d, int r, const char *works, const char *fails);

enum doctor_result doctor_version(struct doctor *d);
enum doctor_result doctor_procfs(struct doctor *d);
enum doctor_result doctor_self_copy(struct doctor *d);
enum doctor_result doctor_state_root(struct doctor *d);
enum doctor_result doctor_user_namespace(struct doctor *d);
enum doctor_result doctor_apparmor_userns(struct doctor *d);
enum doctor_result doctor_namespaces(struct doctor *d);
enum doctor_result doctor_time_namespace(struct doctor *d);
enum doctor_result doctor_subids(struct doctor *d);
enum doctor_result doctor_idmap(struct doctor *d);
enum doctor_result doctor_seccomp(struct doctor *d);
enum doctor_result doctor_seccomp_actions(struct doctor *d);
enum doctor_result doctor_seccomp_listener(struct doctor *d);
enum doctor_result doctor_lsm(struct doctor *d);
enum doctor_result doctor_landlock(struct doctor *d);
enum doctor_result doctor_criu(struct doctor *d);
enum doctor_result doctor_resctrl(struct doctor *d);

/* These use the cgroup that the first has made; doctor_leave_cgroup removes it.  0 or -1 */
enum doctor_result doctor_cgroup(struct doctor *d);
enum doctor_result doctor_controllers(struct doctor *d);
enum doctor_result doctor_enter(struct doctor *d);
enum doctor_result doctor_freezer(struct doctor *d);
enum doctor_result doctor_devices(struct doctor *d);
enum doctor_result doctor_kill(struct doctor *d);
enum doctor_result doctor_systemd(struct doctor *d);
int doctor_leave_cgroup(struct doctor *d, struct error *err);
