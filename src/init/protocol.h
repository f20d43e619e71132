// SPDX-License-Identifier: LGPL-2.1-or-later
/* protocol.h - THE message table of the runtime and init: one SOCK_SEQPACKET pair, one fixed message.
 *
 * Init asks, the runtime answers with a message of the same type (or FAILED, which init passes on as its own
 * error).  Pids never travel as data: the kernel names the sender. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum message_type {
	MSG_HELLO = 1, /* runtime, before init is there: arg = INIT_* flags, number = preserved fds + (those of
			   LISTEN_FDS << 32), text = id; fds: see below.  init: I run; no answer */
	MSG_PROCFS,	/* runtime: fd of a detached procfs; only where a step needs one: closing it waits for RCU */
	MSG_SECCOMP,	/* runtime: fd of the BPF program, as struct sock_filter[]; arg = whether it notifies */
	MSG_LISTENER,	/* after START, of exec before EXEC.  Without fd: runtime connects to listenerPath; with that of the
			   filter's notifications: it is sent there */
	MSG_NAMESPACES, /* runtime: descriptors of the namespaces to join, in the order of linux.namespaces entries with a path */
	MSG_MAP,	/* runtime writes uid and gid maps of the sender */
	MSG_CHILD,	/* the sender, forked with CLONE_PARENT, is the container from now on */
	MSG_ROOT,	/* runtime: fd of a detached clone of the root file system; for a container in the runtime's mount
			   namespace fd of the directory; for one in a joined mount namespace text = its path */
	MSG_SOURCES,	/* init: text = indices of mounts ("3 5 6").  runtime: fds of detached clones of their sources, in
			   that order, idmapped where the mount says so */
	MSG_SHIFT,	/* init: number = index of a mount, fd of its new file system, still detached.  runtime shifts its ids */
	MSG_NETDEV,	/* runtime moves network devices into the sender's network namespace */
	MSG_HOOKS,	/* runtime runs prestart and createRuntime hooks; fd of a memfd with the bundle's path, then those of
			   the files that hooks write to: arg & 1 for stdout, arg & 2 for stderr,
			   arg & 4 for stderr to read */
	MSG_CONSOLE,	/* init: fd of the pty master */
	MSG_SCHEDULING,	/* runtime sets policy and priorities of the sender, who may not */
	MSG_CGROUP,	/* runtime has put the sender where it belongs (cgroup namespace comes next) */
	MSG_READY,	/* runtime raises rlimits, records "created"; its answer lets init wait for start */
	MSG_LOG,	/* init: text; arg = enum log_level; no answer */
	MSG_TRACE,	/* init: a span, as trace_format has it; no answer */
	MSG_FAILED,	/* arg = error code, text = its text; no answer */
	MSG_START,	/* on the start socket: run the program; arg: send TRACE */
	MSG_EXEC,	/* last message before exec: on the start socket; of exec on its channel, by the program-to-be */
};

/* Flags in HELLO's arg. */
enum {
	INIT_EXEC = 1 << 0,	       /* a process of exec, not the container's first */
	INIT_NO_PIVOT = 1 << 1,
	INIT_NO_NEW_KEYRING = 1 << 2,
	INIT_DEBUG = 1 << 3,	       /* report each step with its time */
	INIT_NAMESPACES_NEW = 1 << 4,  /* all namespaces were made by clone3: nothing to unshare or join */
	INIT_HOST_SOURCES = 1 << 5,    /* ask for root and sources: init may not open them itself */
	INIT_CGROUP_FINAL = 1 << 6,    /* in its cgroup since clone3: the cgroup namespace's root is right */
	INIT_START_NOW = 1 << 7,       /* exec: no waiting for start */
	INIT_TRACE = 1 << 8,	       /* send each step as a TRACE */
	INIT_NOTIFY = 1 << 9,	       /* a supervisor waits for the program's sd_notify */
	INIT_NOTIFY_PLAIN = 1 << 10,   /* its directory is not cloned yet: the runtime may not */
	INIT_DETACHED_ROOT = 1 << 11,  /* mounts, and no mount namespace of its own: in a tree that nobody else sees */
};

/* Descriptors of HELLO, in this order: the sealed memfd of the config; then for exec the pidfd of the container's first
 * process; else the bundle (O_PATH), the lock file (holds the flock that says "created"), the start socket (listening,
 * SOCK_SEQPACKET) unless INIT_START_NOW, and the notify directory if INIT_NOTIFY. */
#define HELLO_FDS 5

struct message {
	uint32_t type; /* enum message_type */
	int32_t arg;
	int64_t number;
	char text[ERROR_TEXT_MAX]; /* NUL-terminated; only the used part travels */
};

/* argv[0] of the init stage; argv[1] is the number of its end of the pair. */
#define INIT_CHANNEL_NAME "hull-init"

int message_send(int fd, const struct message *message, const int *fds, size_t n_fds);
/* 1, 0 at end of file, or -errno; a malformed message is -EPROTO.  pid may be NULL. */
int message_receive(int fd, struct message *ret, int *fds, size_t max_fds, size_t *n_fds, pid_t *pid);
/* Name of a type for debug output. */
const char *message_name(uint32_t type);
