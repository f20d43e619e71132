// SPDX-License-Identifier: LGPL-2.1-or-later
/* spawn.c - the init process: a protected copy of self, born in its cgroup and, where that can be, in its namespaces.
 *
 * In the child between clone3 and execveat nothing is allocated and nothing of libc that could take a lock is
 * called. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/socket.h"
#include "container/creation.h"
#include "kernel/host.h"
#include "kernel/mount.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"
#include "kernel/sched.h"
#include "kernel/signals.h"
#include "kernel/sys.h"
#include "kernel/tty.h"

#define KILL_TIMEOUT_MS (10 * 1000)

struct namespaces {
	uint64_t fresh;	 /* CLONE_NEW* to be made */
	uint64_t joined; /* CLONE_NEW* to be joined by path */
};

static struct namespaces wanted_namespaces(const struct oci_config *config)
{
	struct namespaces wanted = { 0, 0 };

	for (size_t i = 0; config->linux && i < config->linux->n_namespaces; i++) {
		const struct oci_namespace *ns = &config->linux->namespaces[i];

		*(ns->path ? &wanted.joined : &wanted.fresh) |= ns->type;
	}
	return wanted;
}

/* What clone3 can make at once.  A user namespace (maps come between), a time namespace (offsets come between) and a
 * joined pid namespace (holds children only) need init's own unshare and fork. */
static uint64_t clone_namespaces(const struct creation *cr, const struct namespaces *wanted)
{
	uint64_t flags = wanted->fresh;

	if ((wanted->fresh & (CLONE_NEWUSER | CLONE_NEWTIME)) ||
	    (wanted->joined & (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWTIME | CLONE_NEWNS)))
		return 0;
	/* Its root is where the process is when it is made: right only if clone3 itself puts it there. */
	if (!(cr->init_flags & INIT_CGROUP_FINAL))
		flags &= ~(uint64_t)CLONE_NEWCGROUP;
	return flags;
}

/* A new mount namespace takes the working directory along: the one way to the bundle that needs no path, and so
 * works in a chroot too (mount_local).  The runtime's own paths stay relative to where it was called. */
static pid_t clone_in_bundle(const struct creation *cr, const struct clone_args *args)
{
	auto_close int back = cr->exec ? -1 : host_open_dir(".");
	bool moved = back >= 0 && sys_fchdir(cr->config.bundle) == 0;
	pid_t pid = sys_clone3(args);

	if (moved && pid != 0)
		(void)sys_fchdir(back); /* it was the working directory a moment ago */
	return pid;
}

static void child_fail(int channel, int code, const char *what)
{
	static struct message message = { .type = MSG_FAILED };
	struct error err;

	(void)fail(&err, code, "%s", what);
	message.arg = err.code;
	memcpy(message.text, err.text, sizeof(message.text));
	(void)message_send(channel, &message, NULL, 0); /* end of file says the rest */
	_exit(EXIT_FAILURE);
}

/* Until the runtime has had us moved, or has ended. */
static int wait_for_move(int gate)
{
	ssize_t n;
	char byte;

	do
		n = read(gate, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n == 1 ? 0 : -ECANCELED;
}

/* The list, where there is one that is not empty. */
static bool set_cpus(const char *list, int channel)
{
	uint64_t cpus[SCHED_MAX_CPUS / 64];
	int r;

	if (!list || !*list)
		return false;
	r = sched_read_cpus(list, cpus);
	if (r == 0)
		r = sched_set_cpus(cpus);
	if (r < 0)
		child_fail(channel, r, "config.json:/process/execCPUAffinity: cannot set it");
	return true;
}

/* Into the cgroup, and onto the CPUs that the process may have there. */
static void enter_cgroup(const struct creation *cr, int channel, int gate)
{
	const struct oci_exec_cpu_affinity none = { NULL, NULL }, *affinity = NULL;
	bool is_set;
	int r;

	if (cr->exec)
		affinity = cr->config.oci->process->exec_cpu_affinity;
	affinity = affinity ? affinity : &none;
	is_set = set_cpus(affinity->initial, channel);
	r = gate >= 0 ? wait_for_move(gate) : cgroup_join_self(cr->cgroup);
	if (r < 0)
		child_fail(channel, r, "cannot enter the container's cgroup");
	/* Without `final` the kernel decides (aff-04).  The caller may have pinned itself (CRI-O does): that is not the
	 * container's matter. */
	if (!set_cpus(affinity->final, channel) && !is_set)
		(void)sys_all_cpus(); /* an exotic cpuset that refuses it leaves things as they are */
}

static void child(const struct creation *cr, int channel, int gate) __attribute__((noreturn));
static void child(const struct creation *cr, int channel, int gate)
{
	unsigned first = 3 + cr->preserve_fds;
	int given = channel;
	char number[16];
	char *argv[] = { (char *)INIT_CHANNEL_NAME, number, NULL };
	static char traceparent[256];
	char *envp[] = { NULL, NULL };
	int r;

	/* For createContainer hooks. */
	if (trace_parent() &&
	    snprintf(traceparent, sizeof(traceparent), "TRACEPARENT=%s", trace_parent()) < (int)sizeof(traceparent))
		envp[0] = traceparent;
	r = signals_reset();
	if (r < 0)
		child_fail(channel, r, "cannot reset the signals");
	enter_cgroup(cr, channel, gate);
	channel = fd_dup(given, (int)first);
	if (channel < 0)
		child_fail(given, channel, "cannot have a descriptor above the preserved ones");
	/* Whatever our caller left open stops here. */
	r = fd_cloexec_from(first);
	if (r == 0)
		r = fd_cloexec(channel, 0);
	if (r < 0)
		child_fail(channel, r, "cannot close the caller's descriptors");
	r = fd_restore_limit(); /* init raises it again, and gives the program the caller's */
	if (r < 0)
		child_fail(channel, r, "cannot restore the limit of open files");
	snprintf(number, sizeof(number), "%d", channel);
	r = sys_execveat(cr->binary, "", argv, envp, AT_EMPTY_PATH);
	child_fail(channel, r, "cannot execute the init stage");
	_exit(EXIT_FAILURE);
}

struct birth {
	const struct creation *cr;
	int channel;
};

static int child_of_exec(void *birth)
{
	const struct birth *b = birth;

	child(b->cr, b->channel, -1);
}

/* exec has opened everything before, so its child changes no memory that is ours until it execs: there is nothing to copy.
 * A paused cgroup would hold us up together with the child. */
static pid_t clone_child(const struct creation *cr, const struct clone_args *args, int channel, const int gate[2])
{
	struct birth birth = { cr, channel };
	pid_t pid;

	if (cr->exec && !cr->exec->ignore_paused && gate[0] < 0 && cgroup_is_ready(cr->cgroup))
		return sys_clone3_vfork(args, child_of_exec, &birth);
	pid = clone_in_bundle(cr, args);
	if (pid == 0) {
		(void)fd_close(gate[1]);
		child(cr, channel, gate[0]);
	}
	return pid;
}

/* A gate at which the child waits, where somebody else must move it; both ends -1 elsewhere. */
static int make_gate(const struct creation *cr, int ret[2], struct error *err)
{
	ret[0] = ret[1] = -1;
	if (cgroup_wants_join(cr->cgroup) && pipe2(ret, O_CLOEXEC) < 0)
		return fail(err, -errno, "cannot make a pipe");
	return 0;
}

static int open_gate(const struct creation *cr, int gate, struct error *err)
{
	if (gate < 0)
		return 0;
	if (cgroup_join(cr->cgroup, cr->pid, err) < 0)
		return -1;
	return write(gate, "", 1) == 1 ? 0 : fail(err, -errno, "cannot let init go on");
}

/* Ids of the host mean nothing inside a user namespace, so init cannot make stdio its program's own there (own_stdio), and
 * /dev/stdout could not be opened.  Without the right to, it stays as it is. */
static void give_stdio(const struct creation *cr)
{
	const struct oci_config *config = cr->config.oci;
	uint32_t uid;

	if (!config->process || config->process->terminal || !config->linux || !config->linux->n_uid_mappings ||
	    !host_uid(config, &uid))
		return;
	for (int fd = 0; fd < 3; fd++) {
		struct stat st;

		/* The host's devices (/dev/null) are everybody's. */
		if (sys_fstat(fd, &st) < 0 || st.st_uid == uid || (S_ISCHR(st.st_mode) && !tty_is(fd)))
			continue;
		(void)sys_fchown(fd, uid, (gid_t)-1);
	}
}

uint64_t spawn_namespaces(struct creation *cr)
{
	struct namespaces wanted = cr->exec ? (struct namespaces){ 0, 0 } : wanted_namespaces(cr->config.oci);
	uint64_t fresh = clone_namespaces(cr, &wanted);

	if (fresh)
		cr->init_flags |= INIT_NAMESPACES_NEW;
	/* Inside a user namespace init may open less than we; unless we have no rights, and it gets them there. */
	if ((wanted.fresh | wanted.joined) & CLONE_NEWUSER && mount_is_allowed())
		cr->init_flags |= INIT_HOST_SOURCES;
	return fresh;
}

int spawn_init(struct creation *cr, struct error *err)
{
	int pair[2], gate[2], cgroup_fd = cgroup_wants_join(cr->cgroup) ? -1 : cgroup_clone_fd(cr->cgroup);
	struct clone_args args = { .flags = CLONE_PIDFD, .exit_signal = SIGCHLD };
	auto_close int procfs = -1;
	int r;

	if (cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup_fd;
	}
	args.flags |= spawn_namespaces(cr);
	give_stdio(cr);
	procfs = proc_open_host();
	cr->binary = procfs < 0 ? procfs : proc_self_copy(procfs);
	if (cr->binary < 0)
		return fail(err, cr->binary, "cannot make a protected copy of the hull binary");
	r = socket_pair(pair);
	if (r < 0)
		return fail(err, r, "cannot make a socket pair");
	if (send_hello(cr, pair[0], err) < 0 || make_gate(cr, gate, err) < 0) {
		(void)fd_close(pair[0]);
		(void)fd_close(pair[1]);
		return -1;
	}
	cr->channel = pair[0];
	args.pidfd = (uint64_t)(uintptr_t)&cr->pidfd;
	cr->spawned = trace_mark();
	cr->pid = clone_child(cr, &args, pair[1], gate);
	(void)fd_close(pair[1]);
	trace_init_is(cr->pid);
	(void)fd_close(gate[0]);
	if (cr->pid < 0) {
		cr->pidfd = -1;
		r = fail(err, (int)cr->pid, "cannot clone the init process%s",
			 args.flags & CLONE_INTO_CGROUP ? " into its cgroup" : "");
	} else {
		r = open_gate(cr, gate[1], err);
	}
	(void)fd_close(gate[1]);
	return r;
}

bool spawn_may_try_again(struct creation *cr)
{
	/* Reaped already: its end is what serve_init told. */
	if (cr->heard || cr->pidfd >= 0 || !cgroup_stop_cloning(cr->cgroup))
		return false;
	log_debug("spawn: init was killed at birth, it will move into its cgroup");
	cr->channel = fd_close(cr->channel);
	cr->binary = fd_close(cr->binary);
	return true;
}

static void kill_one(int *pidfd)
{
	int ignored;

	if (*pidfd < 0)
		return;
	(void)pidfd_kill(*pidfd, SIGKILL); /* gone already: fine */
	/* One that was frozen meanwhile (v1) dies when it is thawed: nobody can wait for that. */
	if (pidfd_wait_exit(*pidfd, KILL_TIMEOUT_MS) == 1)
		(void)pidfd_reap(*pidfd, &ignored);
	*pidfd = fd_close(*pidfd);
}

void spawn_kill(struct creation *cr)
{
	cr->channel = fd_close(cr->channel);
	kill_one(&cr->pidfd);
	kill_one(&cr->parent_pidfd);
}
