// SPDX-License-Identifier: LGPL-2.1-or-later
/* restore.c - a container from criu's images: the stages of create, with criu in the place of init.
 *
 * The images may come from an enemy; what counts is the config that is given here.  criu gets a mount namespace in which
 * everything that it is to bind stands at places with names of our own, and a last look is taken at what it has made
 * before any of it runs (verify.c). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/annotations.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "container/annotations.h"
#include "container/creation.h"
#include "container/externals.h"
#include "container/images.h"
#include "container/staging.h"
#include "container/verify.h"
#include "kernel/host.h"
#include "kernel/namespaces.h"
#include "kernel/sys.h"
#include "kernel/tty.h"

#define LOG_NAME       "restore.log"
/* Everything is as it will be; nothing has run yet. */
#define LAST_STOP      "pre-resume"
#define MAX_FDS	       8

struct restoring {
	const struct restore_options *options;
	struct images dirs;
	struct descriptors stdio;
	struct criu_job job;
	struct criu criu;
	struct staging staging;
	int fds[MAX_FDS]; /* for criu, as CRIU_FIRST_FD + i */
	size_t n_fds;
	bool has_terminal; /* the images have it, and it has been handed on */
	bool hangs_up;	   /* they have one that nobody gets */
};

/* ---- what criu is told ---- */

static int put_namespaces(struct creation *cr, struct error *err)
{
	const struct oci_linux *linux = cr->config.oci->linux;
	struct restoring *rs = cr->restoring;

	for (size_t i = 0; linux && i < linux->n_namespaces; i++) {
		const struct oci_namespace *ns = &linux->namespaces[i];
		const char *key = external_namespace_key(ns->type), *word = namespace_kind((int)ns->type)->word;
		char path[64];
		int fd, r;

		if (!ns->path)
			continue;
		if (ns->type & (CLONE_NEWUSER | CLONE_NEWTIME | CLONE_NEWCGROUP | CLONE_NEWNS))
			return fail(err, ERR_UNSUPPORTED, "config.json:/linux/namespaces/%zu: restore cannot join a %s namespace",
				    i, word);
		fd = rs->n_fds < MAX_FDS ? namespace_open(ns->path, (int)ns->type) : -EMFILE;
		if (fd < 0)
			return fail(err, fd, "config.json:/linux/namespaces/%zu/path: cannot open %s as a %s namespace", i,
				    ns->path, word);
		rs->fds[rs->n_fds] = fd;
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), fd);
		r = key ? criu_inherit(&rs->job, key, CRIU_FIRST_FD + (int)rs->n_fds)
			: criu_join(&rs->job, namespace_kind((int)ns->type)->file, path);
		rs->n_fds++;
		if (r < 0)
			return fail(err, r, "cannot name a namespace");
	}
	return 0;
}

static int put_stdio(struct restoring *rs)
{
	int r = 0;

	for (int i = 0; r == 0 && i < DESCRIPTORS; i++)
		if (*rs->stdio.keys[i])
			r = criu_inherit(&rs->job, rs->stdio.keys[i], i);
	return r;
}

static int put_place(void *context, const char *controller, const char *path)
{
	return criu_cgroup_root(context, controller, path);
}

static int put_externals(struct creation *cr, struct error *err)
{
	const struct oci_config *config = cr->config.oci;
	struct restoring *rs = cr->restoring;
	const char *device;
	int r = 0;

	for (size_t i = 0; r == 0 && i < config->n_mounts; i++) {
		char key[EXTERNAL_MAX], number[EXTERNAL_MAX];

		if (!external_is_bind(&config->mounts[i]))
			continue;
		external_mount_key(config, i, key);
		external_mount_number(i, number);
		r = criu_external(&rs->job, "mnt[%s]:%s/%zu", number, rs->staging.path, i);
		if (r == 0 && strcmp(key, number) != 0)
			r = criu_external(&rs->job, "mnt[%s]:%s/%zu", key, rs->staging.path, i);
	}
	for (size_t i = 0; r == 0 && (device = external_device(config, i)); i++)
		if (rs->staging.devices[i] >= 0)
			r = criu_external(&rs->job, "mnt[%s]:%s/device%zu", device, rs->staging.path, i);
	return r < 0 ? fail(err, r, "cannot name the container's mounts") : 0;
}

static int describe(struct creation *cr, struct error *err)
{
	struct restoring *rs = cr->restoring;
	struct criu_job *job = &rs->job;
	int r;

	job->type = CRIU_RESTORE;
	job->options = &rs->options->criu;
	job->images = rs->dirs.images;
	job->work = rs->dirs.work;
	job->log_name = LOG_NAME;
	/* criu prefers to make a new one, whose node it would look for on the host's devpts, and breaks down (4.1). */
	job->keeps_terminal = rs->options->criu.shell_job && !(cr->config.oci->process && cr->config.oci->process->terminal);
	/* "mnt[KEY]:PATH" is read up to the "]:" that the images ask for. */
	if (strstr(rs->staging.path, "]:"))
		return fail(err, ERR_USAGE, "--root: criu cannot name files below %s", rs->staging.path);
	if (asprintf(&job->root, "%s/root", rs->staging.path) < 0) {
		job->root = NULL;
		return fail(err, -ENOMEM, "cannot name the root");
	}
	if (put_namespaces(cr, err) < 0 || put_externals(cr, err) < 0)
		return -1;
	r = put_stdio(rs);
	if (r == 0)
		r = cgroup_each_place(cr->cgroup, put_place, job);
	if (r == 0)
		r = criu_config_file(annotation_value(cr->config.oci, ANNOTATION_CRIU_CONFIG), &job->config_file);
	return r < 0 ? fail(err, r, "cannot describe the container to criu") : 0;
}

/* ---- what criu tells ---- */

/* Terminals that exec gave it come in the same way, in whatever order.  The one of create is the first of the container's devpts;
 * where that is another's, any. */
static bool is_its_terminal(const struct oci_config *config, int master)
{
	bool own_devpts = false;

	for (size_t i = 0; i < config->n_mounts; i++)
		own_devpts |= config->mounts[i].type && strcmp(config->mounts[i].type, "devpts") == 0;
	return config->process && config->process->terminal && (!own_devpts || tty_number(master) == 0);
}

static int take_master(struct creation *cr, struct criu_event *event, struct error *err)
{
	int r;

	if (event->fd < 0)
		return fail(err, ERR_HOST, "criu has sent no terminal");
	if (!is_its_terminal(cr->config.oci, event->fd)) {
		cr->restoring->hangs_up = true;
		return 0;
	}
	cr->restoring->has_terminal = true;
	if (cr->console_socket >= 0) {
		r = console_send(cr->console_socket, event->fd, "/dev/ptmx", err);
		cr->console_socket = fd_close(cr->console_socket);
		return r < 0 ? within(err, "--console-socket") : 0;
	}
	(void)fd_close(cr->master);
	cr->master = take_fd(&event->fd);
	attach_size(cr);
	return 0;
}

/* Whoever waits for a terminal, and whose container has lost its, hears of it here alone. */
static void warn_of_terminal(const struct creation *cr)
{
	const struct oci_process *process = cr->config.oci->process;
	const struct restoring *rs = cr->restoring;

	if (process && process->terminal && !rs->has_terminal)
		log_warning("%s: the images have no terminal of the container's: none is %s",
			    cr->options->console_socket ? "--console-socket" : "config.json:/process/terminal",
			    cr->options->console_socket ? "sent" : "attached");
	else if (!(process && process->terminal) && rs->hangs_up)
		log_warning("config.json:/process/terminal: the images have a terminal, but the config has none: it is hung up");
}

/* The namespaces are there, the processes are not. */
static int take_namespaces(struct creation *cr, pid_t pid, struct error *err)
{
	cr->pid = pid;
	if (!cr->config.oci->hooks)
		return 0;
	if (open_hook_files(cr->config.oci, cr->hook_files, err) < 0)
		return -1;
	return run_create_hooks(cr, err);
}

/* All of it is there and stands still, but with criu's own rights yet. */
static int take_processes(struct creation *cr, pid_t pid, struct error *err)
{
	cr->pid = pid;
	cr->pidfd = pid > 0 ? sys_pidfd_open(pid, 0) : -ESRCH;
	if (cr->pidfd < 0)
		return fail(err, cr->pidfd, "cannot open the restored process %d", (int)pid);
	if (rdt_join(&cr->container, cr->pid, err) < 0)
		return -1;
	return record_created(cr, err);
}

int restore_note(struct creation *cr)
{
	return descriptors_note(cr->container.record, &cr->restoring->stdio, cr->restoring->options->criu.shell_job);
}

static int look_at_all(struct creation *cr, struct error *err)
{
	if (cr->pidfd < 0)
		return fail(err, ERR_HOST, "criu has not said which process it has restored");
	return verify_restored(cr, &cr->restoring->options->criu, &cr->restoring->staging, cr->restoring->criu.pid, err);
}

/* Until criu says `last`, or that it is done.  1: it has said it and waits, 0: done, -1 */
static int converse(struct creation *cr, const char *last, struct error *err)
{
	struct restoring *rs = cr->restoring;

	for (;;) {
		struct criu_event event;
		int r = criu_next(&rs->criu, &rs->job, &event, err);

		if (r < 0)
			return -1;
		if (event.done)
			return 0;
		if (strcmp(event.script, "orphan-pts-master") == 0)
			r = take_master(cr, &event, err);
		else if (strcmp(event.script, "setup-namespaces") == 0)
			r = take_namespaces(cr, event.pid, err);
		else if (strcmp(event.script, "post-restore") == 0)
			r = take_processes(cr, event.pid, err);
		else if (strcmp(event.script, LAST_STOP) == 0)
			r = look_at_all(cr, err);
		(void)fd_close(event.fd);
		if (r < 0)
			return -1;
		if (last && strcmp(event.script, last) == 0)
			return 1;
		if (criu_go_on(&rs->criu, true, err) < 0)
			return -1;
	}
}

/* ---- stages ---- */

static int prepare(void *context, struct error *err)
{
	return staging_make(context, err);
}

int restore_init(struct creation *cr, struct error *err)
{
	struct restoring *rs = cr->restoring;
	struct criu_process process = {
		.program = cr->rt->criu,
		.cgroup = cr->cgroup,
		.own_stdio = true,
		.same_session = rs->options->criu.shell_job,
		/* criu, which makes it otherwise, lets everything of cgroups be. */
		.new_cgroup_ns = rs->options->criu.manage_cgroups == CRIU_CGROUPS_IGNORE && config_makes(cr->config.oci, CLONE_NEWCGROUP),
		.prepare = prepare,
		.context = &rs->staging,
	};
	auto_free char *keyring = NULL;
	int procfs = store_procfs(&cr->container, err), r;

	if (geteuid() != 0)
		return fail(err, ERR_UNSUPPORTED, "restore needs root: criu gives processes their numbers and rights");
	if (!config_makes(cr->config.oci, CLONE_NEWNS))
		return fail(err, ERR_UNSUPPORTED,
			    "cannot restore without a mount namespace of the container's own (config.json:/linux/namespaces)");
	if (annotation_value(cr->config.oci, ANNOTATION_LANDLOCK))
		return fail(err, ERR_UNSUPPORTED,
			    "cannot restore with the annotation " ANNOTATION_LANDLOCK ": images have no Landlock rules, and criu makes none");
	if (procfs < 0 || verify_modules(cr, &rs->options->criu, procfs, err) < 0)
		return -1;
	if (!cr->options->no_new_keyring && asprintf(&keyring, "_ses.%s", cr->options->id) < 0) {
		keyring = NULL;
		return fail(err, -ENOMEM, "cannot name the session keyring");
	}
	process.keyring = keyring;
	if (staging_plan(cr, &rs->staging, err) < 0 || describe(cr, err) < 0)
		return -1;
	process.images = rs->dirs.images;
	process.work = rs->dirs.work;
	process.follow = rs->dirs.has_parent;
	process.fds = rs->fds;
	process.n_fds = rs->n_fds;
	if (criu_start(&process, &rs->criu, err) < 0)
		return -1;
	cgroup_settled(cr->cgroup);
	if (criu_check(&rs->criu, &rs->options->criu, false, err) < 0 || criu_send(&rs->criu, &rs->job, err) < 0)
		return -1;
	r = converse(cr, LAST_STOP, err);
	if (r < 0)
		return -1;
	if (r == 0)
		return fail(err, ERR_HOST, "criu says that it is done, but not with which process");
	cr->init_lock = fd_close(cr->init_lock); /* it is no container that waits for start */
	return 0;
}

void restore_kill(struct creation *cr)
{
	struct restoring *rs = cr->restoring;

	spawn_kill(cr);
	criu_end(&rs->criu, true);
	staging_free(&rs->staging);
}

int restore_release(struct creation *cr, struct error *err)
{
	struct restoring *rs = cr->restoring;

	if (criu_go_on(&rs->criu, true, err) < 0 || converse(cr, NULL, err) < 0)
		return -1;
	criu_end(&rs->criu, false);
	warn_of_terminal(cr);
	return 0;
}

/* ---- the command ---- */

static void restoring_free(struct restoring *rs)
{
	images_close(&rs->dirs);
	criu_job_free(&rs->job);
	criu_end(&rs->criu, true);
	staging_free(&rs->staging);
	for (size_t i = 0; i < rs->n_fds; i++)
		(void)fd_close(rs->fds[i]);
}

static int prepare_images(struct restoring *rs, struct error *err)
{
	const struct criu_options *options = &rs->options->criu;

	if (images_check_options(options, err) < 0 || images_open(options, false, &rs->dirs, err) < 0)
		return -1;
	return descriptors_read(rs->dirs.images, &rs->stdio, err);
}

int container_restore(const struct runtime *rt, const struct restore_options *options, int *ret_status, struct error *err)
{
	struct restoring rs = { .options = options, .dirs = IMAGES_INIT, .criu = CRIU_INIT, .staging = STAGING_INIT,
				.job = { .images = -1, .work = -1 } };
	struct creation cr = CREATION_INIT;
	struct notify notify = { .fd = -1 };
	int r = container_check_id(options->create.id, err);

	cr.rt = rt;
	cr.options = &options->create;
	cr.restoring = &rs;
	cr.start_now = true;
	cr.foreground = !options->create.detach;
	*ret_status = 0;
	if (r == 0)
		r = prepare_images(&rs, err);
	if (r == 0 && cr.foreground) {
		block_signals();
		if (!options->create.no_subreaper)
			(void)sys_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	}
	if (r == 0)
		r = creation_run(&cr, err);
	cgroup_free(take_ptr(cr.cgroup));
	restoring_free(&rs);
	if (r == 0) {
		r = finish_restore(&cr, err);
		if (r < 0)
			run_give_up(&cr);
		else if (cr.foreground)
			r = run_foreground(&cr, &notify, ret_status, err);
	}
	creation_free(&cr);
	return r;
}
