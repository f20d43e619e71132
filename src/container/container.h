// SPDX-License-Identifier: LGPL-2.1-or-later
/* container.h - what the commands do to containers; the only header that cli/ needs of this folder.
 *
 * Every function opens what it needs from the state root by id; states are computed, never believed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "cgroup/cgroup.h"

struct oci_resources;
struct text;

/* Whether a container may do without a cgroup that its user has no right to make; auto: for users who are not the
 * host's root. */
enum rootless { ROOTLESS_FALSE, ROOTLESS_TRUE, ROOTLESS_AUTO };

/* The global options. */
struct runtime {
	const char *root; /* --root as given, or NULL: the default */
	enum cgroup_manager manager;
	enum rootless rootless;
	bool debug;
	const char *criu; /* the criu program as given, or NULL: the one in PATH */
};

/* Options of create, run. */
struct create_options {
	const char *id;
	const char *bundle; /* NULL: the current directory */
	const char *config; /* file name in the bundle; NULL: config.json */
	const char *console_socket, *pidfd_socket, *pid_file;
	const char *trace; /* cli/trace.h */
	bool dry_run;	   /* cli/plan.c: print the plan and do nothing */
	int format;	   /* of the plan */
	bool no_pivot, no_new_keyring;
	bool detach, keep, no_subreaper; /* run only */
	unsigned preserve_fds;
};

/* Words of an option that may be repeated; borrowed. */
struct words {
	const char *const *items;
	size_t n;
};

/* Options of exec.  What is NULL, 0 or empty leaves the value of the container's config. */
struct exec_options {
	const char *id;
	const char *process; /* a file that holds the process object; then only the paths and flags below count */
	struct words args;   /* the program and its arguments */
	const char *console_socket, *pidfd_socket, *pid_file;
	const char *cwd;
	const char *user; /* "UID" or "UID:GID" */
	const char *apparmor, *process_label;
	struct words env, additional_gids, capabilities;
	struct words cgroups; /* "[CONTROLLER[,CONTROLLER]:]PATH" */
	int no_new_privileges; /* 1: yes, 2: no */
	bool tty, detach, ignore_paused;
	unsigned preserve_fds;
};

/* What --manage-cgroups-mode and --network-lock say. */
enum criu_cgroups_mode { CRIU_CGROUPS_SOFT, CRIU_CGROUPS_FULL, CRIU_CGROUPS_STRICT, CRIU_CGROUPS_IGNORE };
enum criu_network_lock { CRIU_LOCK_DEFAULT, CRIU_LOCK_IPTABLES, CRIU_LOCK_NFTABLES, CRIU_LOCK_SKIP };

/* Options that checkpoint and restore share. */
struct criu_options {
	const char *image_path; /* NULL: ./checkpoint */
	const char *work_path;	/* NULL: the images' directory */
	const char *parent_path, *page_server;
	const char *lsm_profile, *lsm_mount_context; /* restore */
	struct words empty_ns;
	int manage_cgroups, network_lock;
	unsigned status_fd; /* 0: none */
	bool auto_dedup, ext_unix_sk, file_locks, lazy_pages, leave_running, link_remap, shell_job, tcp_close,
		tcp_established, tcp_skip_in_flight;
};

struct checkpoint_options {
	const char *id;
	struct criu_options criu;
	bool pre_dump;
};

struct restore_options {
	struct create_options create;
	struct criu_options criu;
};

enum container_status {
	STATUS_CREATING,
	STATUS_CREATED,
	STATUS_RUNNING,
	STATUS_PAUSED,
	STATUS_STOPPED,
};
extern const char *const container_status_words[];

/* What `state` and `list` show.  Strings are owned by the struct (container_state_free). */
struct container_state {
	const char *oci_version, *id, *bundle, *rootfs, *created; /* created: RFC 3339, UTC */
	enum container_status status;
	pid_t pid; /* 0 when stopped */
	uid_t owner;
	const struct oci_pair *annotations;
	size_t n_annotations;
	void *storage;
};

/* [A-Za-z0-9_+.-]+, not "." or "..", at most 255 bytes; else ERR_USAGE "invalid container ID format". */
int container_check_id(const char *id, struct error *err);

int container_create(const struct runtime *rt, const struct create_options *options, struct error *err);
int container_start(const struct runtime *rt, const char *id, struct error *err);
/* *ret_status: the container's exit status (128 + signal), 0 when detached. */
int container_run(const struct runtime *rt, const struct create_options *options, int *ret_status, struct error *err);
/* A further process in a container.  *ret_status: its exit status (128 + signal), 0 when detached. */
int container_exec(const struct runtime *rt, const struct exec_options *options, int *ret_status, struct error *err);
/* all: every process of the cgroup, and a stopped container is success. */
int container_kill(const struct runtime *rt, const char *id, int signal, bool all, struct error *err);
/* Options of update. */
struct update_options {
	const char *id;
	const char *file;			 /* a document of resources; "-": stdin; NULL: none, then */
	const struct oci_resources *resources;	 /* these */
	const char *l3_cache_schema, *mem_bw_schema; /* or NULL */
};

/* report (may be NULL) gets a line "FILE VALUE" for each file that was written. */
int container_update(const struct runtime *rt, const struct update_options *options, struct text *report,
		     struct error *err);
/* Appends a line with the statistics of a container that runs; ERR_STATE "container with id ID is not running". */
int container_stats(const struct runtime *rt, const char *id, struct text *to, struct error *err);
/* Calls emit with a line of statistics at once and after each interval, and with one for each time that memory ran out,
 * until the container ends or emit fails. */
int container_events(const struct runtime *rt, const char *id, int interval_ms,
		     int (*emit)(void *context, const struct text *line, struct error *err), void *context,
		     struct error *err);
/* Freezes, or lets go again; success means that it is so. */
int container_pause(const struct runtime *rt, const char *id, struct error *err);
int container_resume(const struct runtime *rt, const char *id, struct error *err);
int container_delete(const struct runtime *rt, const char *id, bool force, struct error *err);
/* Writes the processes of a running container into images; without leave_running or pre_dump it is gone then. */
int container_checkpoint(const struct runtime *rt, const struct checkpoint_options *options, struct error *err);
/* Makes a running container from images.  *ret_status: as container_run's. */
int container_restore(const struct runtime *rt, const struct restore_options *options, int *ret_status, struct error *err);
int container_state(const struct runtime *rt, const char *id, struct container_state *ret, struct error *err);
/* Those of all containers below the state root, by id.  What vanishes meanwhile, is broken or is not hull's is left out (each with
 * a log_debug).  *ret is owned by the caller, each to be freed by container_state_free.  0 or -1. */
int container_states(const struct runtime *rt, struct container_state **ret, size_t *n, struct error *err);

/* Something that a runtime left which ended before it was done.  Valid during the call of tell only. */
struct leftover {
	const char *id;
	const char *reason;	     /* a word: "create", "unfinished", "reboot", "directory" */
	const char *driver, *cgroup; /* as recorded; "" where nothing is */
	bool removed;
	const char *error; /* why it could not be removed, or NULL */
};

/* Finds what dead runtimes left below the state root, in the order of the ids, and unless dry_run removes it as
 * `delete --force` would.  Passed over are containers that are alive or only wait for their delete, those that another
 * command works on, and whatever is not the caller's own or not hull's.  -1 with the first failure, after all were tried. */
int container_gc(const struct runtime *rt, bool dry_run, void (*tell)(void *context, const struct leftover *leftover),
		 void *context, struct error *err);
void container_state_free(struct container_state *state);

/* The host's ids of all processes in the container's cgroup and below, of its init at least while that runs; none of a
 * stopped container.  *ret is owned by the caller.  0 or -1. */
int container_pids(const struct runtime *rt, const char *id, pid_t **ret, size_t *n, struct error *err);

/* The ids below the state root, sorted; broken and foreign entries are skipped (each with a log_debug).  A missing root is an
 * empty list.  *ret is one allocation: array of n strings followed by their bytes.  0 or -1. */
int container_ids(const struct runtime *rt, char ***ret, size_t *n, struct error *err);
