// SPDX-License-Identifier: LGPL-2.1-or-later
/* criu.h - criu(8) as a helper: one process that answers on a socket (`criu swrk`), in a mount namespace of its own.
 *
 * What criu mounts for itself (it mounts every cgroup hierarchy) ends with that namespace.  The directories go to it by
 * descriptor: criu opens /proc/PID/fd/N of the process that made the socket, and mounts below them.  So its process makes
 * the socket itself, when it has opened them in its own namespace. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "cgroup/cgroup.h"
#include "container/container.h"

/* A criu that runs. */
struct criu {
	int socket, pidfd;
	pid_t pid;
	int version; /* 40100 for 4.1; 0: not asked */
};
#define CRIU_INIT { -1, -1, 0, 0 }

enum criu_type { CRIU_DUMP = 1, CRIU_RESTORE = 2, CRIU_PRE_DUMP = 4 };

/* Growing lists of what criu is told; strings are owned. */
struct criu_named_fd {
	char *key;
	int fd; /* as the criu process has it */
};
struct criu_named {
	char *name; /* "": cgroup v2's controller */
	char *path;
};
#define CRIU_LIST(type)          \
	struct {                 \
		type *items;     \
		size_t n;        \
	}

/* A request.  What is -1, 0 or NULL is not sent. */
struct criu_job {
	enum criu_type type;
	const struct criu_options *options;
	int images, work; /* our own descriptors */
	pid_t pid;	  /* dump: of init */
	const char *log_name;
	bool keeps_terminal; /* restore: criu's standard input takes the place of a terminal that was not the container's own */
	char *root, *freezer, *config_file;
	CRIU_LIST(char *) external;
	CRIU_LIST(struct criu_named_fd) inherit;
	CRIU_LIST(struct criu_named) cgroup_roots;
	CRIU_LIST(struct criu_named) join;
};
void criu_job_free(struct criu_job *job);
/* Append, taking the strings' copies.  0 or -ENOMEM */
int criu_external(struct criu_job *job, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int criu_inherit(struct criu_job *job, const char *key, int fd);
int criu_cgroup_root(struct criu_job *job, const char *controller, const char *path);
int criu_join(struct criu_job *job, const char *kind, const char *path);

/* How its process is started. */
struct criu_process {
	const char *program;	/* --criu, or NULL: "criu" in PATH */
	struct cgroup *cgroup;	/* that it is to enter; NULL: it stays */
	bool own_stdio;		/* it gets ours, for the container; else /dev/null */
	const char *keyring;	/* of a new session keyring, for what it restores too; NULL: it keeps ours */
	bool new_cgroup_ns;	/* it and the container live in a cgroup namespace of their own */
	bool same_session;	/* the container's processes are to live in ours (--shell-job) */
	int images, work;	/* directories */
	bool follow;		/* there may be links in them: `parent` */
	const int *fds;		/* that it inherits, as CRIU_FIRST_FD + i */
	size_t n_fds;
	/* Called in the process, in the new mount namespace, before criu is executed.  0 or -1. */
	int (*prepare)(void *context, struct error *err);
	void *context;
};
#define CRIU_IMAGES_FD 4
#define CRIU_WORK_FD   5
#define CRIU_FIRST_FD  6

/* Starts it and asks for its version; a criu before 3.0 is ERR_HOST, one that does not answer ERR_TIMEOUT.  0 or -1 */
int criu_start(const struct criu_process *process, struct criu *ret, struct error *err);
/* Whether it has what --pre-dump and --lazy-pages need.  0 or -1 */
int criu_check(struct criu *criu, const struct criu_options *options, bool pre_dump, struct error *err);
/* Sends the job; its log begins anew.  0 or -1 */
int criu_send(struct criu *criu, const struct criu_job *job, struct error *err);

/* What it says next. */
struct criu_event {
	bool done;	 /* the job is done; script and pid are unset, or pid is that of the restored init */
	char script[32]; /* the moment that it tells of: "post-restore", "setup-namespaces", ...; criu waits for an answer */
	pid_t pid;
	int fd; /* owned by the caller, or -1: with "orphan-pts-master" */
};
/* Waits for it.  A failure has the last errors of criu's log and the place of the log.  0 or -1 */
int criu_next(struct criu *criu, const struct criu_job *job, struct criu_event *ret, struct error *err);
/* Answers a script.  0 or -1 */
int criu_go_on(struct criu *criu, bool well, struct error *err);
/* Ends the conversation and waits for criu's end; must: kills it first.  Safe at any time. */
void criu_end(struct criu *criu, bool must);
/* criu's configuration file: what the annotation says ("": none); without one (NULL) that of crun or runc on this host, if
 * there is one.  *ret is owned by the caller, or NULL.  0 or -ENOMEM */
int criu_config_file(const char *annotation, char **ret);
/* Only for `features`: whether this build can do it at all, and the oldest criu that it works with. */
bool criu_is_supported(void);
#define CRIU_OLDEST	  30000
#define CRIU_OLDEST_TEXT "3.0"
