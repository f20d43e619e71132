// SPDX-License-Identifier: LGPL-2.1-or-later
/* create.c - THE stage table of a container's life in the runtime: each stage with what undoes it.
 *
 * The intent is on disk before the first side effect, so that `delete --force` can undo what a killed runtime
 * could not.  Undo of a stage must work however far that stage came. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/annotations.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/socket.h"
#include "base/text.h"
#include "base/trace.h"
#include "container/annotations.h"
#include "container/creation.h"
#include "kernel/host.h"
#include "kernel/mount.h"
#include "kernel/namespaces.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

int container_check_id(const char *id, struct error *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+.-";
	size_t length = strlen(id);

	if (length == 0 || length > 255 || strcmp(id, ".") == 0 || strcmp(id, "..") == 0 ||
	    strspn(id, allowed) != length)
		return fail(err, ERR_USAGE,
			    "invalid container ID format: '%s' (1 to 255 of A-Z a-z 0-9 _ + . -)",
			    id);
	return 0;
}

/* ---- config: what to do ---- */

int check_terminal(const struct creation *cr, struct error *err)
{
	const struct oci_process *process = cr->config.oci->process;
	bool terminal = process && process->terminal;

	if (terminal && !cr->options->console_socket && !cr->foreground)
		return fail(err, ERR_USAGE, "cannot allocate tty if hull will detach without setting console socket");
	if (!terminal && cr->options->console_socket)
		return fail(err, ERR_USAGE, "cannot use console socket if hull will not detach or allocate tty");
	return 0;
}

/* Socket activation: the descriptors are ours only if LISTEN_PID names us (sd_listen_fds(3)). */
static int count_preserved(struct creation *cr, struct error *err)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t number;

	cr->preserve_fds = cr->options->preserve_fds;
	if (pid && fds && text_to_u64(pid, 1, INT32_MAX, &number) == 0 && (pid_t)number == getpid()) {
		if (text_to_u64(fds, 0, 1024, &number) < 0)
			return fail(err, ERR_USAGE, "LISTEN_FDS is no number of descriptors: '%s'", fds);
		cr->listen_fds = (int)number;
		cr->preserve_fds += (unsigned)number;
	}
	return 0;
}

/* The socket of who supervises us (systemd), by path: abstract ones cannot be told from here. */
static const char *supervisor(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && *path == '/' ? path : NULL;
}

static int do_config(struct creation *cr, struct error *err)
{
	if (container_check_id(cr->options->id, err) < 0 || count_preserved(cr, err) < 0)
		return -1;
	if (config_load(cr->options->bundle, cr->options->config, &cr->config, err) < 0)
		return -1;
	if (check_terminal(cr, err) < 0)
		return -1;
	if (cr->options->no_pivot)
		cr->init_flags |= INIT_NO_PIVOT;
	if (cr->options->no_new_keyring)
		cr->init_flags |= INIT_NO_NEW_KEYRING;
	if (supervisor() && cr->config.oci->process && !cr->restoring)
		cr->init_flags |= INIT_NOTIFY;
	if (cr->init_flags & INIT_NOTIFY && !config_makes(cr->config.oci, CLONE_NEWNS))
		return fail(err, ERR_UNSUPPORTED,
			    "NOTIFY_SOCKET needs a mount namespace of the container's own, for /run/notify: unset it, or add "
			    "an entry \"mount\" to config.json:/linux/namespaces");
	if (config_mounts_apart(cr->config.oci))
		cr->init_flags |= INIT_DETACHED_ROOT | INIT_HOST_SOURCES;
	/* run need not tell itself to start, unless the supervisor's socket must be there before. */
	if (cr->start_now && !(cr->init_flags & INIT_NOTIFY))
		cr->init_flags |= INIT_START_NOW;
	if (log_wants_debug())
		cr->init_flags |= INIT_DEBUG;
	if (trace_is_on())
		cr->init_flags |= INIT_TRACE;
	return 0;
}

/* The last undo of all: a failed hook leads to the poststop hooks once everything else is gone (life-07, 09, 11). */
static void undo_config(struct creation *cr)
{
	if (cr->hooks_began)
		run_poststop_of(cr);
	config_free(&cr->config);
}

/* ---- reserve: the intent ---- */

/* Who is not the host's root has rights to cgroups, if any, near its own. */
static int usual_cgroup(const struct creation *cr, char **ret, struct error *err)
{
	auto_close int procfs = geteuid() == 0 ? proc_open_host() : -1;
	int r;

	*ret = NULL;
	if (cr->rt->manager != CGROUP_FS || (procfs >= 0 && namespace_is_initial_user(procfs)))
		return 0;
	r = cgroup_beside_own(cr->options->id, ret);
	return r < 0 ? fail(err, r, "cannot look for a cgroup of one's own") : 0;
}

int plan_cgroup(struct creation *cr, struct error *err)
{
	const struct oci_linux *linux = cr->config.oci->linux;
	const char *path = linux ? linux->cgroups_path : NULL;
	auto_free char *usual = NULL;

	if (!(path && *path) && usual_cgroup(cr, &usual, err) < 0)
		return -1;
	if (cgroup_plan(cr->rt->manager, usual ? usual : path, cr->options->id, &cr->cgroup, err) < 0)
		return path ? within(err, "config.json:/linux/cgroupsPath") : -1;
	if (cgroup_check(cr->cgroup, linux ? linux->resources : NULL, err) < 0)
		return -1;
	return cgroup_describe(cr->cgroup, cr->options->id, cr->config.oci, err);
}

/* A copy of the path: run lets go of the cgroup before it starts the program, and goes by the record where that fails. */
static int remember_cgroup(struct creation *cr, struct error *err)
{
	struct hull_record *record = cr->container.record;

	record->cgroup_driver = cgroup_driver(cr->cgroup);
	record->cgroup_path = oci_strdup(record, cgroup_path(cr->cgroup));
	record->cgroup_made = cgroup_made(cr->cgroup);
	record->cgroup_inode = cgroup_inode(cr->cgroup);
	record->has_cgroup_inode = record->cgroup_inode != 0;
	return record->cgroup_path ? 0 : fail(err, -ENOMEM, "cannot remember the cgroup");
}

/* What the cgroup's directory is marked with.  Nothing that is there already would do: inodes of state directories are given
 * again, and some file systems (overlayfs, FUSE) do not stand by them. */
static const char *draw_owner(struct hull_record *record)
{
	uint64_t number;
	char word[17];

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		return NULL; /* so early after boot, there is hardly anything to be mixed up */
	snprintf(word, sizeof(word), "%016llx", (unsigned long long)number);
	return oci_strdup(record, word);
}

static int fill_intent(struct creation *cr, struct error *err)
{
	struct hull_record *record = oci_new(&hull_record_type);
	const struct oci_config *config = cr->config.oci;
	char boot_id[37];
	int r;

	cr->container.record = record;
	r = host_boot_id(boot_id);
	if (r < 0)
		return fail(err, r, "cannot read the boot id");
	if (!record)
		return fail(err, -ENOMEM, "cannot make a record");
	/* The rest is borrowed: it lives as long as the creation. */
	record->boot_id = oci_strdup(record, boot_id);
	record->id = cr->container.id;
	record->bundle = cr->config.path;
	record->rootfs = cr->config.rootfs;
	record->oci_version = config->oci_version;
	record->owner = geteuid();
	record->cgroup_owner = draw_owner(record);
	record->own_pid_namespace = config_makes(config, CLONE_NEWPID);
	record->hooks = has_hooks(config);
	record->no_new_keyring = record->has_no_new_keyring = cr->options->no_new_keyring;
	record->notify_socket = cr->init_flags & INIT_NOTIFY ? supervisor() : NULL;
	record->annotations = config->annotations;
	record->n_annotations = config->n_annotations;
	return record->boot_id ? remember_cgroup(cr, err) : fail(err, -ENOMEM, "cannot make a record");
}

/* The copy that later commands read; the flock on it, which init inherits, says "created". */
static int keep_config(struct creation *cr, struct error *err)
{
	int r = file_open_at(cr->container.dir, CONFIG_NAME, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (r >= 0) {
		cr->init_lock = r;
		r = file_write(cr->init_lock, cr->config.text, cr->config.size);
	}
	if (r == 0)
		r = sys_flock(cr->init_lock, LOCK_EX | LOCK_NB);
	return r < 0 ? fail(err, r, "cannot keep a copy of the config") : 0;
}

static int do_reserve(struct creation *cr, struct error *err)
{
	cr->container.id = strdup(cr->options->id);
	if (!cr->container.id)
		return fail(err, -ENOMEM, "cannot remember the container's id");
	if (plan_cgroup(cr, err) < 0 || fill_intent(cr, err) < 0 || rdt_plan(cr, err) < 0)
		return -1;
	if (store_reserve(cr->rt, &cr->container, err) < 0)
		return -1;
	store_claim(&cr->container, cr->cgroup);
	return keep_config(cr, err);
}

static void undo_reserve(struct creation *cr)
{
	struct error ignored;

	/* A passing shortage gets a second chance; delete --force can still do it. */
	if (cr->container.lock >= 0 && store_remove(&cr->container, &ignored) < 0)
		(void)store_remove(&cr->container, &ignored);
	store_close(&cr->container);
	cgroup_free(cr->cgroup);
	cr->cgroup = NULL;
}

/* ---- cgroup ---- */

/* Whether the user may be one to whom nobody delegated a cgroup. */
static bool may_lack_cgroups(struct creation *cr)
{
	struct error ignored;
	int procfs;

	if (cr->rt->rootless != ROOTLESS_AUTO)
		return cr->rt->rootless == ROOTLESS_TRUE;
	procfs = geteuid() == 0 ? store_procfs(&cr->container, &ignored) : -1;
	return geteuid() != 0 || (procfs >= 0 && !namespace_is_initial_user(procfs));
}

/* Without a right to cgroups the container stays where its creator is, unless the config needs one of its own. */
static int do_without_cgroup(struct creation *cr, const struct oci_linux *linux, struct error *err)
{
	struct cgroup *none = NULL;
	struct error limits, refused = *err;

	if (err->code != -EACCES && err->code != -EPERM && err->code != -EROFS)
		return -1;
	if (!may_lack_cgroups(cr) || (linux && linux->cgroups_path && *linux->cgroups_path))
		return -1;
	if (cgroup_plan(CGROUP_DISABLED, NULL, cr->options->id, &none, &limits) < 0)
		return -1;
	if (cgroup_check(none, linux ? linux->resources : NULL, &limits) < 0) {
		cgroup_free(none);
		return fail(err, limits.code, "%s: %s", limits.text, refused.text);
	}
	log_debug("create: the container has no cgroup of its own: %s", err->text);
	cgroup_free(cr->cgroup);
	cr->cgroup = none;
	return 0;
}

static bool has_writable_cgroups(const struct oci_config *config)
{
	for (size_t i = 0; i < config->n_mounts; i++) {
		const struct oci_mount *m = &config->mounts[i];
		bool read_only = false;

		for (size_t k = 0; k < m->n_options; k++)
			read_only |= strcmp(m->options[k], "ro") == 0;
		if (!read_only && m->source && !strcmp(m->source, "cgroup") && !strcmp(m->destination, "/sys/fs/cgroup"))
			return true;
	}
	return false;
}

bool host_uid(const struct oci_config *config, uint32_t *ret)
{
	const struct oci_user *user = config->process ? config->process->user : NULL;
	const struct oci_linux *linux = config->linux;
	uint32_t uid = user ? user->uid : 0;

	*ret = uid;
	for (size_t i = 0; i < linux->n_uid_mappings; i++) {
		const struct oci_id_mapping *m = &linux->uid_mappings[i];

		if (uid >= m->container_id && uid - m->container_id < m->size) {
			*ret = m->host_id + (uid - m->container_id);
			return true;
		}
	}
	for (size_t i = 0; i < linux->n_namespaces; i++)
		if (linux->namespaces[i].type == CLONE_NEWUSER)
			return false;
	return true;
}

/* config-linux.md#cgroup-ownership: what the container sees as its own and may write to becomes its own.  An unprivileged
 * runtime cannot give anything away. */
static int give_cgroup(struct creation *cr, struct error *err)
{
	const struct oci_config *config = cr->config.oci;
	uint32_t uid;

	if (!config_makes(config, CLONE_NEWCGROUP) || !has_writable_cgroups(config) || !host_uid(config, &uid) ||
	    uid == geteuid() || geteuid() != 0)
		return 0;
	return cgroup_chown(cr->cgroup, uid, err);
}

/* The kernel takes device rules from nobody without CAP_SYS_ADMIN on the host, who can make no nodes either. */
static int do_without_device_rules(struct creation *cr, const struct oci_resources *resources, struct error *err)
{
	struct oci_resources others;

	if (err->code != -EPERM || !resources || !resources->n_devices || !may_lack_cgroups(cr))
		return -1;
	log_debug("create: the device rules are not applied: %s", err->text);
	others = *resources;
	others.n_devices = 0;
	return cgroup_apply(cr->cgroup, &others, err);
}

static int do_cgroup(struct creation *cr, struct error *err)
{
	const struct oci_linux *linux = cr->config.oci->linux;
	const struct oci_resources *resources = linux ? linux->resources : NULL;

	if (cgroup_create(cr->cgroup, err) < 0 && do_without_cgroup(cr, linux, err) < 0)
		return -1;
	if (remember_cgroup(cr, err) < 0) /* systemd may have chosen another path */
		return -1;
	if (cgroup_apply(cr->cgroup, resources, err) < 0 && do_without_device_rules(cr, resources, err) < 0)
		return -1;
	cr->container.record->cgroup_made = cgroup_made(cr->cgroup);
	return give_cgroup(cr, err);
}

static void undo_cgroup(struct creation *cr)
{
	struct error err;

	if (cgroup_destroy(cr->cgroup, &err) < 0 && (err.code == ERR_TIMEOUT || cgroup_destroy(cr->cgroup, &err) < 0))
		log_warning("%s", err.text);
}

/* ---- resctrl ---- */

static void undo_resctrl(struct creation *cr)
{
	struct error err;

	if (rdt_remove(&cr->container, &err) < 0)
		log_warning("%s", err.text);
}

/* ---- sockets: what start and the caller of create connect to ---- */

/* The clone is made here, because init will be in another mount namespace; without the right to, init makes it. */
static int make_notify(struct creation *cr, struct error *err)
{
	auto_close int dir = file_make_dir_at(cr->container.dir, NOTIFY_DIR_NAME, 0755);
	int r;

	if (dir < 0)
		return fail(err, dir, "cannot make the notify directory");
	cr->notify = mount_clone_fd(dir, false);
	if (cr->notify == -EPERM) {
		cr->init_flags |= INIT_NOTIFY_PLAIN;
		cr->notify = take_fd(&dir);
		return 0;
	}
	if (cr->notify < 0)
		return fail(err, cr->notify, "cannot clone the notify directory");
	r = mount_change(cr->notify, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, MS_PRIVATE,
			 false);
	return r < 0 ? fail(err, r, "cannot make the notify directory read-only") : 0;
}

static int do_sockets(struct creation *cr, struct error *err)
{
	if (cr->options->console_socket) {
		cr->console_socket = console_connect(cr->options->console_socket, err);
		if (cr->console_socket < 0)
			return within(err, "--console-socket");
	}
	if (cr->init_flags & INIT_NOTIFY && make_notify(cr, err) < 0)
		return -1;
	if (cr->init_flags & INIT_START_NOW)
		return 0;
	cr->start_socket = socket_listen_at(cr->container.dir, START_NAME, SOCK_SEQPACKET);
	if (cr->start_socket < 0)
		return fail(err, cr->start_socket, "cannot listen for start");
	return 0;
}

static void undo_sockets(struct creation *cr)
{
	cr->console_socket = fd_close(cr->console_socket);
	cr->init_lock = fd_close(cr->init_lock);
	cr->start_socket = fd_close(cr->start_socket);
	cr->notify = fd_close(cr->notify);
	close_hook_files(cr->hook_files);
	cr->master = fd_close(cr->master);
}

/* ---- init ---- */

void reap_parent(struct creation *cr)
{
	int status;

	if (cr->parent_pidfd < 0)
		return;
	(void)pidfd_reap(cr->parent_pidfd, &status); /* it did its part and is gone */
	cr->parent_pidfd = fd_close(cr->parent_pidfd);
}

static int spawn_and_serve(struct creation *cr, struct error *err)
{
	return spawn_init(cr, err) < 0 ? -1 : serve_init(cr, err);
}

static int do_init(struct creation *cr, struct error *err)
{
	int r = spawn_and_serve(cr, err);

	if (r < 0 && err->code == ERR_INIT_DIED && spawn_may_try_again(cr))
		r = spawn_and_serve(cr, err);
	if (r < 0)
		return -1;
	/* From here on init alone says "created". */
	cr->init_lock = fd_close(cr->init_lock);
	cr->start_socket = fd_close(cr->start_socket);
	reap_parent(cr);
	return 0;
}

/* ---- publish: tell the caller ---- */

static int send_pidfd(struct creation *cr, struct error *err)
{
	const char *path = cr->options->pidfd_socket, *place = "--pidfd-socket";
	auto_close int socket = -1;

	if (!path && !cr->exec) {
		path = annotation_value(cr->config.oci, ANNOTATION_PIDFD_RECEIVER);
		place = "config.json:/annotations/" ANNOTATION_PIDFD_RECEIVER;
	}
	if (!path)
		return 0;
	socket = console_connect(path, err);
	if (socket < 0 || console_send(socket, cr->pidfd, cr->exec ? "setns" : "standard", err) < 0)
		return within(err, "%s", place);
	return 0;
}

int publish(struct creation *cr, struct error *err)
{
	const char *path = cr->options->pid_file;
	char number[16];
	int n, r;

	if (send_pidfd(cr, err) < 0)
		return -1;
	if (!path)
		return 0;
	n = snprintf(number, sizeof(number), "%d", (int)cr->pid);
	r = host_replace_file(path, number, (size_t)n);
	return r < 0 ? fail(err, r, "cannot write the pid file %s", path) : 0;
}

void unpublish(struct creation *cr)
{
	if (cr->options->pid_file)
		(void)host_remove_file(cr->options->pid_file); /* the container it names is gone */
}

/* ---- release: init may go on ---- */

/* Until now the end of this process ends init too.  For run, init goes on to exec, and the channel stays to tell. */
static int do_release(struct creation *cr, struct error *err)
{
	struct message message = { .type = MSG_READY };
	int r = message_send(cr->channel, &message, NULL, 0);

	if (r < 0)
		return fail(err, ERR_INIT_DIED, "init ended after it was ready");
	if (!(cr->init_flags & INIT_START_NOW))
		cr->channel = fd_close(cr->channel);
	return 0;
}

const struct stage creation_stages[] = {
	/* name, run, undo, and what restore does instead of run and undo */
	{ "config", do_config, undo_config, NULL, NULL },
	{ "reserve", do_reserve, undo_reserve, NULL, NULL }, /* the intent: before the first side effect */
	{ "cgroup", do_cgroup, undo_cgroup, NULL, NULL },    /* before init: it is born inside */
	{ "resctrl", rdt_make, undo_resctrl, NULL, NULL },
	{ "sockets", do_sockets, undo_sockets, NULL, NULL },
	/* undone before the cgroup is: it must be empty */
	{ "init", do_init, spawn_kill, restore_init, restore_kill },
	/* whoever reads the pid file may start, or is the program itself */
	{ "publish", publish, unpublish, NULL, NULL },
	{ "release", do_release, NULL, restore_release, NULL },
};
const size_t n_creation_stages = sizeof(creation_stages) / sizeof(creation_stages[0]);

int stages_run(struct creation *cr, const char *command, const struct stage *table, size_t n, struct error *err)
{
	size_t i;
	int r = 0;

	for (i = 0; i < n; i++) {
		struct trace_mark begin = log_wants_debug() ? trace_clock() : trace_mark();

		r = (cr->restoring && table[i].restore ? table[i].restore : table[i].run)(cr, err);
		trace_span(begin, r < 0, "%s", table[i].name);
		if (log_wants_debug())
			log_debug("%s: stage %s: %s, %lld us", command, table[i].name, r < 0 ? "failed" : "done",
				  (long long)(trace_clock().wall - begin.wall) / 1000);
		if (r < 0)
			break;
	}
	if (r == 0)
		return 0;
	config_add_line(&cr->config, err);
	for (size_t k = i + 1; k-- > 0;) {
		void (*undo)(struct creation *) = cr->restoring && table[k].undo_restore ? table[k].undo_restore : table[k].undo;
		struct trace_mark begin = trace_mark();

		if (!undo)
			continue;
		undo(cr);
		trace_span(begin, false, "undo %s", table[k].name);
	}
	return -1;
}

int creation_run(struct creation *cr, struct error *err)
{
	int r = stages_run(cr, cr->restoring ? "restore" : "create", creation_stages, n_creation_stages, err);

	/* Whole.  In the foreground it is this process that will remove the container, though. */
	if (r == 0 && (!cr->foreground || cr->options->keep))
		store_mark(&cr->container, false);
	return r;
}

void creation_free(struct creation *cr)
{
	undo_sockets(cr);
	cr->channel = fd_close(cr->channel);
	cr->pidfd = fd_close(cr->pidfd);
	cr->binary = fd_close(cr->binary);
	cr->filter = fd_close(cr->filter);
	cr->target = fd_close(cr->target);
	listener_end(&cr->listening);
	store_close(&cr->container);
	cgroup_free(cr->cgroup);
	cr->cgroup = NULL;
	config_free(&cr->config);
	oci_free(take_ptr(cr->process));
}

int container_create(const struct runtime *rt, const struct create_options *options, struct error *err)
{
	struct creation cr = CREATION_INIT;
	int r;

	cr.rt = rt;
	cr.options = options;
	r = creation_run(&cr, err);
	creation_free(&cr);
	return r;
}
