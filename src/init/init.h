// SPDX-License-Identifier: LGPL-2.1-or-later
/* init.h - what the re-exec'd init stage carries through its steps; private to init/ (and main.c for init_main).
 *
 * Steps run in the order of THE table in steps.c.  A step that has nothing to do returns 0. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/trace.h"
#include "init/protocol.h"
#include "kernel/namespaces.h"
#include "kernel/rootfs.h"

struct mount_options;
struct oci_config;
struct oci_device;
struct oci_mount;
struct oci_process;

struct init {
	int channel;	/* to the runtime */
	struct trace_mark step_began;
	unsigned flags; /* INIT_* of protocol.h */
	size_t next_step; /* in the table */
	char id[ERROR_TEXT_MAX];
	const char *config_text; /* the mapped config.json */
	size_t config_size;
	const struct oci_config *config;
	const struct oci_process *process; /* NULL: created without process, only start fails */
	unsigned new_namespaces;	   /* CLONE_NEW* that are this container's own, new */
	unsigned joined_namespaces;	   /* CLONE_NEW* joined by path */
	int join[NAMESPACE_KINDS]; /* namespaces still to join, by kind; 0: none */
	int time_offsets;	   /* opened before init became root inside; 0: not */
	int procfs; /* detached; -1 where no step needs it */
	int bundle, lock, start_socket, notify;
	int target; /* exec: pidfd of the container's first process, until its namespaces are joined */
	mode_t inherited_umask; /* the umask while init works is 0, so that modes are exact */
	bool bundle_is_local; /* in this mount namespace, not the runtime's (sources_bundle) */
	int n_preserved; /* descriptors 3 .. 3 + n - 1 stay open over exec */
	int n_listen;	 /* the first of them, those that came by LISTEN_FDS */
	int tree; /* INIT_DETACHED_ROOT: the mount that the root is, which goes when it is closed and nothing is in it */
	struct rootfs root; /* the container's root: first the attached tree, after pivot "/" */
	char *bundle_path; /* as hooks are told; NULL without hooks */
	int hook_files[3]; /* as in struct hook_context; the last is closed before startContainer */
	unsigned long long dev_mount; /* id of the new file system that the config mounts at /dev; 0: none */
	int *kept;	    /* procfs and sysfs mounts, by mount index (mounts_root); NULL: none yet */
	size_t *kept_order; /* their indices, n_kept of them */
	size_t n_kept;
	int *sources;	    /* detached clones sent by the runtime, by mount index; -1: none.  NULL: open them here */
	dev_t *own_devices; /* of file systems that only this container can have mounted */
	size_t n_own_devices;
	struct late_mount { /* new file systems that become read-only at last; NULL: none yet */
		int fd;
		unsigned long long id;
		size_t index;
	} *late;
	size_t n_late;
	uint64_t tree_propagation; /* MS_PRIVATE or MS_SLAVE: of the host's tree in our namespace, until pivot */
	int null;		   /* detached clone of the host's /dev/null, for masks; -1: not needed */
	int pty_master, pty_slave; /* -1 without terminal */
	bool cwd_again;		   /* the first try was refused: once more as the user */
	struct sock_filter *filter; /* seccomp program, NULL: none; n_filter instructions */
	size_t n_filter;
	bool wants_listener; /* the program notifies */
	struct listener *listener; /* hands on the descriptor of the filter's notifications; NULL: none */
	int landlock;		   /* ruleset, -1: none */
	char *executable;	   /* found by find-executable */
	char **environment;	   /* NULL-terminated, for execve */
};

/* Runs what is left of the steps, the last of which is exec; a failure is the runtime's to tell. */
void init_go_on(struct init *in) __attribute__((noreturn));

/* The init stage's main: argv[0] told main.c that this process is init; channel is its socket. Never returns. */
void init_main(int channel) __attribute__((noreturn));

/* Asks the runtime: sends the type, waits for the answer of the same type.  FAILED becomes err. */
int init_ask(struct init *in, struct message *message, const int *send_fds, size_t n_send, int *fds, size_t max_fds,
	     size_t *n_fds, struct error *err);
/* Whether the mount namespace is this container's own: in any other no mount is made. */
bool root_has_mounts(const struct init *in);
/* In exec, once its namespaces are joined: in->root.fd and "/" are the container's root.  0 or -1. */
int root_join(struct init *in, struct error *err);
/* Whether a mount of the config becomes read-only by mounts_end, not when it is made. */
bool mounts_is_late(const struct init *in, const struct oci_mount *mount, const struct mount_options *options);
/* Those of the new file systems that are to be read-only become it; no mount point can be made in them any more. */
int mounts_end(struct init *in, struct error *err);
/* For rootfs_make_*: whether a directory is on the root file system or on a new one that only this container has,
 * not on what is bound from the host. */
bool root_is_own(const void *in, int dir);
/* A directory of the container, made with its parents where it is missing: where no link leads to it, whatever is
 * mounted there; behind a link of the image only in what root_is_own.  fd, or -errno (-EXDEV: a link leads elsewhere). */
int root_make_dir(const struct init *in, const char *path);

/* Sends text to the runtime's --debug log, only when asked for. */
void init_log(struct init *in, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sends a warning to the runtime's log (an unknown capability, ...). */
void init_warn(struct init *in, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- the steps, by file; each 0 or -1 with err ---- */
/* namespaces.c */
int step_join(struct init *in, struct error *err);
int step_join_container(struct init *in, struct error *err);
int step_user_namespace(struct init *in, struct error *err);
int step_join_inside(struct init *in, struct error *err);
int step_new_namespaces(struct init *in, struct error *err);
int step_time(struct init *in, struct error *err);
int step_fork(struct init *in, struct error *err);
int step_cgroup_namespace(struct init *in, struct error *err);
int step_names(struct init *in, struct error *err);   /* hostname, domainname */
int step_sysctl(struct init *in, struct error *err);
int step_network(struct init *in, struct error *err); /* loopback up, devices */
/* root.c */
int step_root_tree(struct init *in, struct error *err);	   /* in->root.fd is the attached root afterwards */
int step_pivot(struct init *in, struct error *err);	   /* in->root.fd is "/" afterwards */
int step_root_options(struct init *in, struct error *err); /* rootfsPropagation */
int step_read_only(struct init *in, struct error *err);	   /* root.readonly */
/* mounts.c */
int step_mounts(struct init *in, struct error *err);
/* notify.c */
int step_notify(struct init *in, struct error *err); /* /run/notify */
/* devices.c */
int step_devices(struct init *in, struct error *err); /* default and configured devices, links */
/* Row i of the tables of default devices and links in /dev; false behind the last. */
bool devices_default(size_t i, const char **ret_name, unsigned *ret_major, unsigned *ret_minor);
bool devices_link(size_t i, const char **ret_name, const char **ret_target);
/* A row of linux.devices that is not made: /dev/ptmx, which has to lead to the container's own terminals. */
bool device_is_ptmx(const struct oci_device *configured);
/* masks.c */
int step_masks(struct init *in, struct error *err); /* masked and read-only paths */
/* terminal.c */
int step_session(struct init *in, struct error *err);  /* setsid */
int step_own_session(struct init *in, struct error *err); /* the same for exec, with its terminal */
int step_terminal(struct init *in, struct error *err); /* pty, /dev/console, master to the runtime */
int step_stdio(struct init *in, struct error *err);    /* slave to 0, 1, 2; owner of stdio */
/* run_hooks.c */
int step_hooks(struct init *in, struct error *err);	   /* prestart, createRuntime: asks the runtime */
int step_create_hooks(struct init *in, struct error *err); /* createContainer */
int step_start_hooks(struct init *in, struct error *err);  /* startContainer */
/* process.c */
int step_oom_score(struct init *in, struct error *err);
int step_keyring(struct init *in, struct error *err);
int step_make_cwd(struct init *in, struct error *err);
int step_cwd_try(struct init *in, struct error *err);
/* Annotation run.oci.keep_original_groups: the caller's supplementary groups are the process's. */
bool keeps_groups(const struct init *in);
int step_user(struct init *in, struct error *err); /* bounding set, groups, ids, umask, capabilities */
int step_cwd_again(struct init *in, struct error *err);
int step_environment(struct init *in, struct error *err);
int step_find_executable(struct init *in, struct error *err);
int step_close_fds(struct init *in, struct error *err);
int step_rlimits(struct init *in, struct error *err); /* the runtime has raised them */
/* scheduling.c */
int step_scheduling(struct init *in, struct error *err); /* scheduler, ioPriority */
int step_memory_policy(struct init *in, struct error *err);
int step_personality(struct init *in, struct error *err);
/* labels.c */
int step_security_modules(struct init *in, struct error *err); /* what is not there cannot label */
int step_labels(struct init *in, struct error *err);	       /* of the program */
/* landlock.c */
int step_landlock(struct init *in, struct error *err);	  /* makes the ruleset */
int load_landlock(struct init *in, struct error *err);	  /* the last act before the filter */
/* security.c */
int step_undumpable(struct init *in, struct error *err);
int step_no_new_privileges(struct init *in, struct error *err);
int step_seccomp_program(struct init *in, struct error *err); /* reads it, long before it is loaded */
int load_seccomp(struct init *in, struct error *err);	      /* the last act before exec */
/* listener.c */
int step_listener(struct init *in, struct error *err);
/* Loads the filter with these flags and returns once the runtime has passed its notifications on; no system call is
 * made after the filter is in force.  0 or -1. */
int load_with_listener(struct init *in, unsigned flags, struct error *err);
/* start.c */
int step_ready(struct init *in, struct error *err);
int step_enter(struct init *in, struct error *err); /* exec: into the pid namespace */
int step_exec(struct init *in, struct error *err);
