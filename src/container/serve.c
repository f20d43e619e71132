// SPDX-License-Identifier: LGPL-2.1-or-later
/* serve.c - the runtime's side of the protocol: a loop over a table of handlers.
 *
 * The order of events is written once, in init's step table; here is only what the runtime does when asked. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/socket.h"
#include "base/text.h"
#include "base/trace.h"
#include "container/creation.h"
#include "container/descriptors.h"
#include "container/hear.h"
#include "container/rules.h"
#include "container/seccomp.h"
#include "init/scheduling.h"
#include "kernel/host.h"
#include "kernel/idmap.h"
#include "kernel/mount.h"
#include "kernel/mountopts.h"
#include "kernel/namespaces.h"
#include "kernel/netlink.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

/* Longest silence of init: a slow network file system, not a hook. */
#define ANSWER_DEADLINE_MS (120 * 1000)

struct request {
	struct message message;  /* of init; the handler makes it the answer */
	int fds[SOCKET_MAX_FDS]; /* received; the handler takes what it wants (sets it to -1) */
	size_t n_fds;
	pid_t sender;
	int reply[SOCKET_MAX_FDS]; /* sent with the answer */
	size_t n_reply;
	bool close_reply; /* they were opened for this answer only */
	bool done;        /* the last request */
};

int send_hello(struct creation *cr, int channel, struct error *err)
{
	struct message message = {
		.type = MSG_HELLO,
		.arg = (int32_t)cr->init_flags,
		.number = (int64_t)cr->preserve_fds | (int64_t)cr->listen_fds << 32,
	};
	int fds[HELLO_FDS], r;
	size_t n = 0;

	snprintf(message.text, sizeof(message.text), "%s", cr->container.id);
	fds[n++] = cr->config.memfd;
	if (cr->exec) {
		fds[n++] = cr->target;
	} else {
		fds[n++] = cr->config.bundle;
		fds[n++] = cr->init_lock;
	}
	if (!(cr->init_flags & INIT_START_NOW))
		fds[n++] = cr->start_socket;
	if (cr->init_flags & INIT_NOTIFY)
		fds[n++] = cr->notify;
	r = message_send(channel, &message, fds, n);
	return r < 0 ? fail(err, r, "cannot prepare init's channel") : 0;
}

/* Init runs.  The last descriptor of its binary dissolves the clone, which waits for an RCU grace period: better us,
 * who wait anyway, than init. */
static int on_hello(struct creation *cr, struct request *rq, struct error *err)
{
	(void)rq;
	(void)err;
	trace_add_seen(cr->spawned, "birth");
	if (!cr->exec) /* which has less to do meanwhile, and closes it when the program is executed */
		cr->binary = fd_close(cr->binary);
	cgroup_settled(cr->cgroup);
	return 0;
}

/* A further process needs it before it joins anything, so it may be the host's: that costs no mount. */
static int on_procfs(struct creation *cr, struct request *rq, struct error *err)
{
	int procfs;

	if (cr->exec) {
		procfs = proc_open_host();
		if (procfs < 0)
			return fail(err, procfs, "cannot open the host's procfs");
		rq->close_reply = true;
	} else {
		procfs = store_procfs(&cr->container, err);
		if (procfs < 0)
			return -1;
	}
	rq->reply[rq->n_reply++] = procfs;
	return 0;
}

/* A namespace of somebody else may be changed, the runtime's own may not: it is the host's. */
static int check_foreign(struct creation *cr, int fd, uint64_t type, struct error *err)
{
	char pointer[256];
	int procfs;

	if (!rules_changes(cr->config.oci, type, pointer, sizeof(pointer)))
		return 0;
	procfs = store_procfs(&cr->container, err);
	if (procfs < 0)
		return -1;
	if (!namespace_is_own(fd, (int)type, procfs))
		return 0;
	return fail(err, ERR_CONFIG,
		    "config.json:%s: would change the host: the %s namespace to join is the runtime's own", pointer,
		    namespace_kind((int)type)->word);
}

static int on_namespaces(struct creation *cr, struct request *rq, struct error *err)
{
	const struct oci_linux *linux = cr->config.oci->linux;

	rq->close_reply = true;
	for (size_t i = 0; linux && i < linux->n_namespaces; i++) {
		const struct oci_namespace *ns = &linux->namespaces[i];
		int fd;

		if (!ns->path)
			continue;
		fd = namespace_open(ns->path, (int)ns->type);
		if (fd == -EINVAL)
			return fail(err, ERR_CONFIG, "config.json:/linux/namespaces/%zu/path: %s is not a %s namespace",
				    i, ns->path, namespace_kind((int)ns->type)->word);
		if (fd < 0)
			return fail(err, fd, "config.json:/linux/namespaces/%zu/path: cannot open %s", i, ns->path);
		rq->reply[rq->n_reply++] = fd;
		if (check_foreign(cr, fd, ns->type, err) < 0)
			return -1;
	}
	return 0;
}

static int on_map(struct creation *cr, struct request *rq, struct error *err)
{
	const struct oci_linux *linux = cr->config.oci->linux;
	struct id_range uids[CONFIG_RANGES_MAX], gids[CONFIG_RANGES_MAX];
	size_t n_uids = config_ranges(linux->uid_mappings, linux->n_uid_mappings, uids);
	size_t n_gids = config_ranges(linux->gid_mappings, linux->n_gid_mappings, gids);
	int procfs = store_procfs(&cr->container, err), r;

	if (procfs < 0)
		return -1;
	r = idmap_write(procfs, rq->sender, uids, n_uids, gids, n_gids);

	if (r == -EPERM)
		return fail(err, r,
			    "config.json:/linux/uidMappings: cannot write the user namespace's maps (more than one's own id needs "
			    "newuidmap, newgidmap and ranges in /etc/subuid and /etc/subgid)");
	if (r == -E2BIG)
		return fail(err, ERR_CONFIG,
			    "config.json:/linux/uidMappings: too many ranges: the kernel takes less than a page of text for each map");
	return r < 0 ? fail(err, r, "config.json:/linux/uidMappings: cannot write the user namespace's maps") : 0;
}

/* The sender is init's child by CLONE_PARENT: our own child, and the container from now on. */
static int on_child(struct creation *cr, struct request *rq, struct error *err)
{
	int pidfd = sys_pidfd_open(rq->sender, 0);

	if (pidfd < 0)
		return fail(err, pidfd, "cannot open the container's process");
	cr->parent_pidfd = cr->pidfd;
	cr->pidfd = pidfd;
	cr->pid = rq->sender;
	trace_init_is(cr->pid);
	return 0;
}

/* The root of the container's first process, which no path leads to where it is a detached tree. */
static int root_of_first(struct creation *cr, struct error *err)
{
	int procfs = store_procfs(&cr->container, err), fd;

	if (procfs < 0)
		return -1;
	fd = proc_open_root(procfs, cr->container.record->pid);
	if (fd >= 0 && pidfd_wait_exit(cr->target, 0) == 0)
		return fd;
	(void)fd_close(fd);
	return fail(err, fd < 0 ? fd : -ESRCH, "cannot open the root of container %s", cr->container.id);
}

/* Without a mount namespace of its own the container's root is the directory itself; in a joined one, what has the
 * same path there. */
static int on_root(struct creation *cr, struct request *rq, struct error *err)
{
	const char *path = cr->exec ? cr->container.record->rootfs : cr->config.rootfs;
	int fd;

	if (cr->exec && cr->init_flags & INIT_DETACHED_ROOT) {
		fd = root_of_first(cr, err);
		if (fd < 0)
			return -1;
		rq->reply[rq->n_reply++] = fd;
		rq->close_reply = true;
		return 0;
	}
	if (config_joins(cr->config.oci, CLONE_NEWNS)) {
		if (strlen(path) >= sizeof(rq->message.text))
			return fail(err, -ENAMETOOLONG, "config.json:/root/path: cannot pass on %s", path);
		strcpy(rq->message.text, path);
		return 0;
	}
	fd = config_makes(cr->config.oci, CLONE_NEWNS)
		     ? mount_clone(cr->config.bundle, cr->config.oci->root->path, true, false)
		     : host_open_dir(path);
	if (fd < 0)
		return fail(err, fd, "config.json:/root/path: cannot open %s", path);
	rq->reply[rq->n_reply++] = fd;
	rq->close_reply = true;
	return 0;
}

/* 0 or -1.  All are looked at before the first is moved: what has gone into the namespace goes down with it. */
static int each_device(const struct oci_linux *linux, int netns,
		       int (*work)(const char *name, int netns, const char *new_name, const char **ret_what), struct error *err)
{
	for (size_t i = 0; i < linux->n_net_devices; i++) {
		const struct oci_net_device *device = &linux->net_devices[i];
		const char *what;
		int r = work(device->key, netns, device->name, &what);

		if (r < 0)
			return fail(err, r, "config.json:/linux/netDevices/%s: cannot %s", device->key, what);
	}
	return 0;
}

static int on_netdev(struct creation *cr, struct request *rq, struct error *err)
{
	const struct oci_linux *linux = cr->config.oci->linux;
	auto_close int netns = -1;
	int procfs = store_procfs(&cr->container, err);

	if (procfs < 0)
		return -1;
	netns = namespace_open_of(procfs, rq->sender, CLONE_NEWNET);
	if (netns < 0)
		return fail(err, netns, "cannot open the container's network namespace");
	if (each_device(linux, netns, netlink_check_device, err) < 0)
		return -1;
	return each_device(linux, netns, netlink_move_device, err);
}

/* While init is still being executed: the profile is long, and there are other CPUs. */
static int prepare_filter(struct creation *cr, struct error *err)
{
	const struct oci_linux *linux = cr->config.oci->linux;
	struct seccomp_program program;

	if (cr->filter >= 0 || !linux || !linux->seccomp || !cr->config.oci->process)
		return 0;
	if (seccomp_program(cr->container.root, cr->config.oci->linux->seccomp, &program, err) < 0)
		return -1;
	cr->filter = fd_sealed("hull:seccomp", program.code, program.n * sizeof(*program.code));
	free(program.code);
	return cr->filter < 0 ? fail(err, cr->filter, "cannot hand on the seccomp program") : 0;
}

static int on_seccomp(struct creation *cr, struct request *rq, struct error *err)
{
	if (cr->filter < 0)
		return fail(err, ERR_INTERNAL, "init asked for a seccomp program that the config has not");
	rq->reply[rq->n_reply++] = take_fd(&cr->filter);
	rq->close_reply = true;
	rq->message.arg = seccomp_wants_listener(cr->config.oci->linux->seccomp);
	return 0;
}

/* Of exec, before it says EXEC; the descriptor comes after that, as with start. */
static int on_listener(struct creation *cr, struct request *rq, struct error *err)
{
	cr->listening.container = &cr->container;
	cr->listening.pid = rq->sender;
	cr->listening.status = OCI_RUNNING;
	return listener_answer(&cr->listening, -1, err);
}

static int on_shift(struct creation *cr, struct request *rq, struct error *err)
{
	const struct oci_config *config = cr->config.oci;
	size_t i = (size_t)rq->message.number;
	struct mount_options o;
	int r;

	if (rq->n_fds != 1 || i >= config->n_mounts)
		return fail(err, ERR_INTERNAL, "SHIFT came with %zu descriptors, for mount %zu", rq->n_fds, i);
	r = mount_options_read(config->mounts[i].options, config->mounts[i].n_options, &o);
	if (r < 0)
		return fail(err, r, "cannot read the options");
	mount_options_free(&o); /* the flags stay */
	if (shift_mount_source(cr, &config->mounts[i], &o, rq->fds[0], err) < 0)
		return within(err, "config.json:/mounts/%zu", i);
	return 0;
}

static int on_sources(struct creation *cr, struct request *rq, struct error *err)
{
	const struct oci_config *config = cr->config.oci;
	char *rest = rq->message.text, *word;

	rq->close_reply = true;
	while ((word = strsep(&rest, " "))) {
		uint64_t i;
		int fd;

		if (text_to_u64(word, 0, UINT64_MAX, &i) < 0 || i >= config->n_mounts || rq->n_reply == SOCKET_MAX_FDS)
			return fail(err, ERR_INTERNAL, "init asked for mount %s", word);
		fd = open_mount_source(cr, &config->mounts[i], err);
		if (fd < 0)
			return within(err, "config.json:/mounts/%llu", (unsigned long long)i);
		rq->reply[rq->n_reply++] = fd;
	}
	return 0;
}

/* Hooks that init runs itself are told the bundle's path, of any length, and write to the same files. */
static int on_hooks(struct creation *cr, struct request *rq, struct error *err)
{
	const struct oci_hooks *hooks = cr->config.oci->hooks;
	bool inside = hooks && (hooks->n_create_container || hooks->n_start_container);
	int fd;

	if (open_hook_files(cr->config.oci, cr->hook_files, err) < 0 || run_create_hooks(cr, err) < 0)
		return -1;
	fd = fd_sealed("hull:bundle", cr->config.path, strlen(cr->config.path) + 1);
	if (fd < 0)
		return fail(err, fd, "cannot tell init the bundle's path");
	rq->close_reply = true;
	rq->reply[rq->n_reply++] = fd;
	rq->message.arg = 0;
	for (int i = 0; inside && i < 3; i++)
		if (cr->hook_files[i] >= 0) {
			rq->message.arg |= 1 << i;
			rq->reply[rq->n_reply++] = take_fd(&cr->hook_files[i]);
		}
	return 0;
}

static int on_console(struct creation *cr, struct request *rq, struct error *err)
{
	if (rq->n_fds != 1)
		return fail(err, ERR_INTERNAL, "CONSOLE came with %zu descriptors", rq->n_fds);
	if (cr->console_socket >= 0) {
		int r = console_send(cr->console_socket, rq->fds[0], "/dev/ptmx", err);

		cr->console_socket = fd_close(cr->console_socket);
		return r < 0 ? within(err, "--console-socket") : 0;
	}
	cr->master = rq->fds[0];
	rq->fds[0] = -1;
	attach_size(cr); /* the program may ask for it before anybody copies output */
	return 0;
}

/* Anybody may lower limits, so init does that itself, last of all: under NOFILE 3 it could not even wait for start.
 * Raising takes the runtime's rights.  Init's limits still are the runtime's own. */
int raise_rlimits(const struct creation *cr, struct error *err)
{
	const struct oci_process *process = cr->config.oci->process;

	for (size_t i = 0; process && i < process->n_rlimits; i++) {
		const struct oci_rlimit *rl = &process->rlimits[i];
		struct rlimit64 limit;
		int r = 0;

		if (getrlimit64((__rlimit_resource_t)rl->type, &limit) < 0) {
			r = -errno;
		} else if (rl->hard > limit.rlim_max) {
			limit.rlim_max = rl->hard;
			r = sys_prlimit(cr->pid, (int)rl->type, &limit);
		}
		if (r < 0)
			return fail(err, r, "config.json:/process/rlimits/%zu: cannot set %s", i,
				    oci_word(oci_rlimit_words, rl->type));
	}
	return 0;
}

/* With the host's rights, which a user namespace does not give, and the user of the process seldom has. */
static int on_scheduling(struct creation *cr, struct request *rq, struct error *err)
{
	return scheduling_apply(cr->config.oci->process, rq->sender, err);
}

/* In which the number means the process. */
static bool own_pid_namespace(const struct creation *cr, uint64_t *ret)
{
	auto_close int host = cr->container.procfs < 0 ? proc_open_host() : -1;

	return namespace_own_inode(host < 0 ? cr->container.procfs : host, CLONE_NEWPID, ret) == 0;
}

/* What a checkpoint will look for.  With a terminal of its own it was given none. */
static int note_descriptors(struct creation *cr)
{
	const struct oci_process *process = cr->config.oci->process;

	if (process && process->terminal)
		return 0;
	return cr->restoring ? restore_note(cr) : descriptors_note(cr->container.record, NULL, false);
}

int record_created(struct creation *cr, struct error *err)
{
	struct hull_record *record = cr->container.record;
	struct process_id id;
	char now[CLOCK_TEXT_MAX];
	int r;

	r = process_identify(cr->pidfd, cr->pid, &id);
	if (r < 0)
		return fail(err, r, "cannot identify process %d", (int)cr->pid);
	clock_now(now);
	record->created = oci_strdup(record, now);
	if (!record->created)
		return fail(err, -ENOMEM, "cannot remember the time");
	record->pid_inode = id.inode;
	record->start_time = id.start_time;
	record->has_pid_inode = record->has_start_time = true;
	record->pid = cr->pid;
	record->has_pid = true;
	record->has_pid_namespace = own_pid_namespace(cr, &record->pid_namespace);
	if (note_descriptors(cr) < 0)
		return fail(err, -ENOMEM, "cannot remember the standard streams");
	return store_save(&cr->container, err);
}

static int on_ready(struct creation *cr, struct request *rq, struct error *err)
{
	rq->done = true;
	if (raise_rlimits(cr, err) < 0 || rdt_join(&cr->container, cr->pid, err) < 0)
		return -1;
	return record_created(cr, err);
}

/* Of exec: the sender, which may be a child of the process that has asked so far, becomes the program. */
static int on_exec(struct creation *cr, struct request *rq, struct error *err)
{
	if (!cr->exec)
		return fail(err, ERR_INTERNAL, "init said EXEC before it was ready");
	rq->done = true;
	if (rq->sender != cr->pid && on_child(cr, rq, err) < 0)
		return -1;
	if (rdt_join(&cr->container, cr->pid, err) == 0)
		return 0;
	return err->code == -ESRCH ? 0 : -1; /* it has done its work already */
}

static const struct handler {
	enum message_type type;
	int (*run)(struct creation *cr, struct request *rq, struct error *err);
} handlers[] = {
	{ MSG_HELLO, on_hello },   { MSG_PROCFS, on_procfs },   { MSG_NAMESPACES, on_namespaces },
	{ MSG_MAP, on_map },       { MSG_CHILD, on_child },     { MSG_SECCOMP, on_seccomp },
	{ MSG_NETDEV, on_netdev }, { MSG_ROOT, on_root },       { MSG_SOURCES, on_sources },
	{ MSG_SHIFT, on_shift },
	{ MSG_HOOKS, on_hooks },   { MSG_CONSOLE, on_console }, { MSG_READY, on_ready },
	{ MSG_SCHEDULING, on_scheduling },
	{ MSG_LISTENER, on_listener },
	{ MSG_EXEC, on_exec },
};

/* The channel is at its end: what became of init? */
static int init_died(struct creation *cr, struct error *err)
{
	int status = 0;

	/* The end of file comes before the exit is visible; an exec'ed stranger cannot be here. */
	if (cr->pidfd >= 0 && pidfd_wait_exit(cr->pidfd, 2000) == 1 && pidfd_reap(cr->pidfd, &status) == 0) {
		cr->pidfd = fd_close(cr->pidfd);
		if (status == 128 + SIGKILL)
			return fail(err, ERR_INIT_DIED,
				    "init was killed by signal 9 (is the memory limit too small for it?)");
		if (status > 128)
			return fail(err, ERR_INIT_DIED, "init was killed by signal %d", status - 128);
		return fail(err, ERR_INIT_DIED, "init ended with status %d before it was ready", status);
	}
	return fail(err, ERR_INIT_DIED, "init closed its channel before it was ready");
}

static int answer(struct creation *cr, struct request *rq, struct error *err)
{
	struct trace_mark begin = trace_mark();
	int r = -1;

	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].type != rq->message.type)
			continue;
		r = handlers[i].run(cr, rq, err);
		trace_span(begin, r < 0, "serve %s", message_name(handlers[i].type));
		break;
	}
	if (r == 0 && rq->message.type != MSG_HELLO && !rq->done) {
		r = message_send(cr->channel, &rq->message, rq->reply, rq->n_reply);
		/* An init that died has the better story: the next receive tells it. */
		if (r < 0 && r != -EPIPE)
			(void)fail(err, r, "cannot answer init");
		else
			r = 0;
	}
	for (size_t i = 0; rq->close_reply && i < rq->n_reply; i++)
		(void)fd_close(rq->reply[i]);
	return r;
}

/* Who has entered a pid namespace may be in the hands of a process that may trace everything there: by then init has
 * what only the host could give, and does not get it again. */
static bool is_too_late(const struct creation *cr, const struct request *rq)
{
	switch (rq->message.type) {
	case MSG_PROCFS:
	case MSG_NAMESPACES:
	case MSG_MAP:
		return rq->sender != cr->pid || cr->parent_pidfd >= 0;
	case MSG_SCHEDULING: /* of the sender alone, and no more than the program gets in any case; a fork would lose it */
		return false;
	default:
		return cr->exec && rq->sender != cr->pid && rq->message.type != MSG_EXEC && rq->message.type != MSG_LISTENER;
	}
}

static bool is_allowed(const struct creation *cr, const struct request *rq)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == rq->message.type)
			return !is_too_late(cr, rq);
	return false;
}

/* While init runs createContainer hooks, it may be silent as long as those may take; in a paused container for ever. */
static int receive(struct creation *cr, struct request *rq, struct error *err)
{
	const struct oci_hooks *hooks = cr->hooks_began ? cr->config.oci->hooks : NULL;
	bool hooked = hooks && hooks->n_create_container;
	const struct hearing hearing = {
		.fd = cr->channel,
		.pidfd = cr->pidfd,
		.pid = cr->pid,
		.hooks = hooked ? "createContainer" : NULL,
		.timeout_ms = cr->exec && cr->exec->ignore_paused ? -1
			      : hooked ? hooks_patience(hooks->create_container, hooks->n_create_container, ANSWER_DEADLINE_MS)
				     : ANSWER_DEADLINE_MS,
	};
	int r = hear_init(&hearing, &rq->message, rq->fds, SOCKET_MAX_FDS, &rq->n_fds, &rq->sender, err);

	if (r == 0)
		return init_died(cr, err);
	cr->heard = true;
	return r < 0 ? -1 : 0;
}

int serve_init(struct creation *cr, struct error *err)
{
	struct request rq;

	if (prepare_filter(cr, err) < 0)
		return -1;
	do {
		int r = 0;

		rq.n_fds = rq.n_reply = 0;
		rq.close_reply = rq.done = false;
		if (receive(cr, &rq, err) < 0)
			return -1;
		if (is_allowed(cr, &rq))
			r = answer(cr, &rq, err);
		else
			r = fail(err, ERR_INTERNAL, "init asked for %s", message_name(rq.message.type));
		for (size_t i = 0; i < rq.n_fds; i++)
			(void)fd_close(rq.fds[i]);
		if (r < 0)
			return -1;
	} while (!rq.done);
	return 0;
}
