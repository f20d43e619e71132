// SPDX-License-Identifier: LGPL-2.1-or-later
/* creation.h - what create, run and exec carry through their stages; private to container/. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/trace.h"
#include "cgroup/cgroup.h"
#include "container/config.h"
#include "container/container.h"
#include "container/notify.h"
#include "container/store.h"
#include "init/protocol.h"

/* listener.c: what a process that is about to start and the seccomp agent at listenerPath have to do with each other. */
struct listening {
	struct container *container;
	pid_t pid;		   /* of the process */
	enum oci_status status;	   /* what the agent is told: OCI_CREATING, OCI_RUNNING for a process of exec */
	struct oci_config *config; /* owned; NULL until init asks */
	int socket;
	bool sent;
};
#define LISTENING_INIT { NULL, 0, OCI_CREATING, NULL, -1, false }
/* What init asks with LISTENER: without fd (-1) connects, with one sends it and closes.  After a failure the caller gives
 * up and closes the channel, which ends init.  0 or -1. */
int listener_answer(struct listening *l, int fd, struct error *err);
/* Init asked for a listener and never sent one. */
bool listener_is_missing(const struct listening *l);
void listener_end(struct listening *l);

struct creation {
	const struct runtime *rt;
	const struct create_options *options; /* exec: those that it shares with create */
	const struct exec_options *exec;      /* NULL: create, run */
	struct restoring *restoring;	      /* restore; else NULL */
	bool start_now;	 /* run: the program is started at once */
	bool foreground; /* run without --detach: a terminal stays here */

	struct config config;
	struct container container;
	struct cgroup *cgroup;
	int console_socket; /* connected, or -1 */
	int notify;	    /* the notify directory, or -1 */
	bool is_parent;	    /* exec: the caller had children that became ours by its execve: they are not to be waited for */
	int target;	    /* exec: pidfd of the container's first process */
	struct oci_process *process; /* exec: from --process; owned */
	int hook_files[3];  /* as in struct hook_context, or -1 */
	int init_lock;	    /* with the flock that says "created" */
	int start_socket;   /* listening */
	int binary;	    /* protected copy of self */
	int filter;	    /* the seccomp program for init, or -1 */
	int channel;	    /* to init */
	int pidfd;	    /* of init, -1 before it runs */
	pid_t pid;
	bool heard;	    /* init has said something */
	int parent_pidfd;   /* of the process that init forked from, to be reaped; or -1 */
	int master;	    /* foreground terminal, or -1 */
	int listen_fds;	    /* of preserve_fds, those that came by LISTEN_FDS */
	unsigned preserve_fds;
	unsigned init_flags;
	struct trace_mark spawned;
	struct listening listening;
	bool hooks_began; /* the first hook was run: poststop hooks are due whatever happens */
};

/* serve.c: puts HELLO into the channel, before init is there to read it. 0 or -1. */
int send_hello(struct creation *cr, int channel, struct error *err);
/* Answers init until it is READY (and on record) or has failed; the answer to READY is the release. 0 or -1. */
int serve_init(struct creation *cr, struct error *err);

/* rdt.c: linux.intelRdt, where the config has it; else nothing.  The plan goes into the record.  0 or -1. */
int rdt_plan(struct creation *cr, struct error *err);
int rdt_make(struct creation *cr, struct error *err);
int rdt_join(struct container *c, pid_t pid, struct error *err);
int rdt_remove(const struct container *c, struct error *err);

/* spawn.c: CLONE_NEW* that clone3 will make at once; sets the flags of init that follow from it. */
uint64_t spawn_namespaces(struct creation *cr);
/* spawn.c: starts init in the cgroup, with the namespaces that clone3 can make.  0 or -1. */
int spawn_init(struct creation *cr, struct error *err);
/* Whether init was killed before it said anything because of how it was cloned: then a second spawn_init may do better. */
bool spawn_may_try_again(struct creation *cr);
/* Kills and reaps init.  Safe at any time. */
void spawn_kill(struct creation *cr);

/* serve.c: lifts the limits of init as far as its process needs it: that takes the runtime's rights.  0 or -1. */
int raise_rlimits(const struct creation *cr, struct error *err);

struct stage {
	const char *name;
	int (*run)(struct creation *cr, struct error *err);
	void (*undo)(struct creation *cr); /* must work however far run came; NULL: nothing to undo */
	/* The same where cr->restoring; NULL: as above. */
	int (*restore)(struct creation *cr, struct error *err);
	void (*undo_restore)(struct creation *cr);
};

/* restore.c: criu in the place of init. */
int restore_init(struct creation *cr, struct error *err);
void restore_kill(struct creation *cr);
int restore_release(struct creation *cr, struct error *err);
/* What the record says of the standard streams of what was restored.  0 or -ENOMEM */
int restore_note(struct creation *cr);

/* sources.c: shifts the ids of fd, a clone of the mount's source, as the mount or else the container has them.  0 or -1. */
struct mount_options;
int shift_mount_source(struct creation *cr, const struct oci_mount *mount, const struct mount_options *o, int fd,
		       struct error *err);
/* detached clone of the source of a bind mount, its ids shifted where the config asks for it.  fd or -1. */
int open_mount_source(struct creation *cr, const struct oci_mount *mount, struct error *err);
/* serve.c: the process of cr is the container's: puts it on record.  0 or -1. */
int record_created(struct creation *cr, struct error *err);
/* start.c: the poststart hooks of a container that runs already; when one fails it is destroyed.  0 or -1. */
int finish_restore(struct creation *cr, struct error *err);

/* create.c: cr->cgroup, checked; makes nothing.  0 or -1. */
int plan_cgroup(struct creation *cr, struct error *err);
/* THE table, of create and run. */
extern const struct stage creation_stages[];
extern const size_t n_creation_stages;
/* create.c: the host's id of the container's user; false where the mappings do not say. */
bool host_uid(const struct oci_config *config, uint32_t *ret);
/* create.c: runs a table of stages; on failure undoes what was done, in reverse order.  0 or -1. */
int stages_run(struct creation *cr, const char *command, const struct stage *stages, size_t n, struct error *err);
/* creation_stages. */
int creation_run(struct creation *cr, struct error *err);
/* Whether terminal, --console-socket and --detach go together. 0 or -1. */
int check_terminal(const struct creation *cr, struct error *err);
/* Reaps the process that init forked from, which has ended or is about to. */
void reap_parent(struct creation *cr);
/* Stage "publish": sends the pidfd, writes the pid file. */
int publish(struct creation *cr, struct error *err);
void unpublish(struct creation *cr);
void creation_free(struct creation *cr);
#define CREATION_INIT                                                                                            \
	{                                                                                                        \
		.config = CONFIG_INIT, .container = CONTAINER_INIT, .console_socket = -1, .init_lock = -1,       \
		.listening = LISTENING_INIT, .start_socket = -1, .notify = -1, .target = -1, .hook_files = { -1, -1, -1 }, .binary = -1, .filter = -1, .channel = -1, .pidfd = -1, .parent_pidfd = -1, .master = -1   \
	}

/* start.c: sets the program of a creation going, then the poststart hooks.  When a hook fails the container is
 * destroyed.  With a supervisor's socket, notify is bound and owned by the caller.  0 or -1. */
int start_creation(struct creation *cr, struct notify *notify, struct error *err);

/* start.c: hears to its end a channel on which init tells that it executes the program (executed: it has told).  config
 * has the startContainer hooks that it may be running before; NULL: none.  0 when it did, -1 with init's own error. */
struct hearing;
int hear_out(struct hearing *hearing, const struct oci_config *config, bool executed, struct listening *listening,
	     struct error *err);

/* exec_process.c: makes the process that exec is to run, in the place of the one in cr->config.oci, and checks it.  0 or -1. */
int exec_process(struct creation *cr, struct error *err);
/* Makes cr->config.memfd: the config with that process, as far as exec's steps read it.  0 or -1. */
int exec_document(struct creation *cr, struct error *err);
/* Where the process came from a document of its own, an error at a place in it names that one. */
void exec_name_document(const struct creation *cr, struct error *err);

/* run.c: signals wait for attach, from before init is there. */
void block_signals(void);

/* A container that runs, but whose command has failed: kills and removes it. */
void run_give_up(struct creation *cr);
/* Stays with it to its end, and removes it without --keep.  0 or -1. */
int run_foreground(struct creation *cr, struct notify *notify, int *ret_status, struct error *err);

/* delete.c: removes cgroup and state, then runs the poststop hooks; init is dead.  c is locked. */
int destroy_container(struct container *c, struct error *err);

/* hooks.c: hooks on the runtime's side; config is the one that create read. */
int run_create_hooks(struct creation *cr, struct error *err);
void run_poststop_of(struct creation *cr);
/* The files of the host that annotations name for the hooks' stdout and stderr; -1 where there is none.  Owned by the
 * caller (close_hook_files). 0 or -1 */
int open_hook_files(const struct oci_config *config, int ret[3], struct error *err);
void close_hook_files(int files[3]);
/* How long n hooks may take together, and ms more: -1 for ever, where one has no timeout. */
int hooks_patience(const struct oci_hook *hooks, size_t n, int ms);
/* The kept copy of the config, for a later command; owned by the caller (oci_free).  NULL with err. */
struct oci_config *read_kept_config(struct container *c, struct error *err);
/* Adds to an error that names a place of the config its line in the kept copy. */
void kept_config_add_line(struct container *c, struct error *err);
int run_poststart_hooks(struct container *c, const struct oci_config *config, struct error *err);
void run_poststop_hooks(const struct container *c, const struct oci_config *config);
bool has_hooks(const struct oci_config *config);

/* attach.c: the container's terminal gets the size of the caller's, if that is one. */
void attach_size(const struct creation *cr);

/* attach.c: until init ends: forwards signals, copies the terminal.  *ret: exit status. */
int attach(struct creation *cr, struct notify *notify, int *ret, struct error *err);

/* console.c */
int console_connect(const char *path, struct error *err);
int console_send(int socket, int fd, const char *payload, struct error *err);
