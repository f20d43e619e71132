// SPDX-License-Identifier: LGPL-2.1-or-later
/* checkpoint.c - has criu write the processes of a container into images.
 *
 * What cannot be dumped is said before anything is frozen.  Until criu has said that all is written the container is
 * as it was: a failure lets it go on. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
#include "kernel/host.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"

#define LOCK_TIMEOUT_MS (10 * 1000)
#define END_TIMEOUT_MS	(10 * 1000)
#define LOG_NAME	"dump.log"
#define INVENTORY_NAME	"inventory.img"

struct dump {
	const struct runtime *rt;
	const struct checkpoint_options *options;
	struct container c;
	struct oci_config *config;
	struct cgroup *cgroup;
	struct images dirs;
	struct criu_job job;
	struct criu criu;
	int pidfd;
	enum container_status status;
};

/* ---- what cannot be dumped ---- */

/* Of what it was given at its beginning, and has yet; what it has of its own is for criu to judge. */
static int check_stdio(const struct dump *d, int procfs, struct error *err)
{
	for (int i = 0; i < DESCRIPTORS; i++) {
		const char *word = descriptors_noted(d->c.record, (size_t)i);
		auto_free char *link = NULL;

		if (!descriptors_is_socket(word) && !descriptors_is_terminal(word))
			continue;
		if (proc_fd_link(procfs, (pid_t)d->c.record->pid, i, &link) < 0)
			continue;
		if (descriptors_is_socket(word) && strcmp(link, word) == 0 && !d->options->criu.ext_unix_sk)
			return fail(err, ERR_UNSUPPORTED,
				    "cannot checkpoint: descriptor %d of the container's init is a socket of the host: "
				    "--ext-unix-sk dumps it as one that is to be there again",
				    i);
		if (descriptors_is_terminal(word) && descriptors_is_terminal(link) && strcmp(link, "/dev/null") != 0 &&
		    !d->options->criu.shell_job)
			return fail(err, ERR_UNSUPPORTED,
				    "cannot checkpoint: descriptor %d of the container's init is the terminal %s of the host: "
				    "--shell-job leaves it to who restores",
				    i, link);
	}
	return 0;
}

static int check(const struct dump *d, struct error *err)
{
	const struct oci_config *config = d->config;

	if (geteuid() != 0)
		return fail(err, ERR_UNSUPPORTED, "checkpoint needs root: criu freezes and reads every process");
	if (!config_makes(config, CLONE_NEWNS))
		return fail(err, ERR_UNSUPPORTED,
			    "cannot checkpoint a container without a mount namespace of its own "
			    "(config.json:/linux/namespaces)");
	if (config_joins(config, CLONE_NEWUSER) || config_joins(config, CLONE_NEWTIME) || config_joins(config, CLONE_NEWCGROUP))
		return fail(err, ERR_UNSUPPORTED,
			    "cannot checkpoint a container that has joined a user, time or cgroup namespace "
			    "(config.json:/linux/namespaces)");
	if (annotation_value(config, ANNOTATION_LANDLOCK))
		return fail(err, ERR_UNSUPPORTED,
			    "cannot checkpoint a container with the annotation " ANNOTATION_LANDLOCK
			    ": its rules would not be in the images");
	if (d->c.record->notify_socket)
		return fail(err, ERR_UNSUPPORTED,
			    "cannot checkpoint a container that reports to NOTIFY_SOCKET: create it without");
	if (!d->c.record->n_descriptors && !(config->process && config->process->terminal))
		return fail(err, ERR_UNSUPPORTED,
			    "cannot checkpoint a container that an earlier hull has made: it did not note the standard streams");
	return 0;
}

/* ---- the job ---- */

static int describe(struct dump *d, struct error *err)
{
	auto_free char *mountinfo = NULL;
	char path[48];
	int procfs = store_procfs(&d->c, err), r;

	if (procfs < 0)
		return -1;
	d->job.type = d->options->pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP;
	d->job.options = &d->options->criu;
	d->job.images = d->dirs.images;
	d->job.work = d->dirs.work;
	d->job.pid = (pid_t)d->c.record->pid;
	d->job.log_name = LOG_NAME;
	snprintf(path, sizeof(path), "%d/mountinfo", (int)d->job.pid);
	r = proc_read(procfs, path, &mountinfo);
	if (r < 0)
		return fail(err, r, "cannot read the mounts of container %s", d->c.id);
	if (check_stdio(d, procfs, err) < 0)
		return -1;
	r = cgroup_freezer_path(d->cgroup, &d->job.freezer);
	if (r == 0)
		r = criu_config_file(annotation_value(d->config, ANNOTATION_CRIU_CONFIG), &d->job.config_file);
	if (r < 0)
		return fail(err, r, "cannot find the container's freezer");
	/* Several processes share the cgroup of who made it: freezing that would stop them all. */
	if (strcmp(d->c.record->cgroup_driver, "none") == 0) {
		free(d->job.freezer);
		d->job.freezer = NULL;
	}
	return externals_of_dump(&d->job, d->config, procfs, mountinfo, d->c.record, err);
}

static int converse(struct dump *d, struct error *err)
{
	unsigned status_fd = d->options->criu.status_fd;

	for (;;) {
		struct criu_event event;

		if (criu_next(&d->criu, &d->job, &event, err) < 0)
			return -1;
		(void)fd_close(event.fd);
		if (event.done)
			return 0;
		if (strcmp(event.script, "status-ready") == 0 && status_fd) {
			(void)!write((int)status_fd, "", 1); /* who asked for it has gone: criu goes on all the same */
			(void)fd_close((int)status_fd);
			status_fd = 0;
		}
		if (criu_go_on(&d->criu, true, err) < 0)
			return -1;
	}
}

static int dump(struct dump *d, struct error *err)
{
	const struct criu_process process = { .program = d->rt->criu, .images = d->dirs.images,
					      .work = d->dirs.work,
					      .follow = d->dirs.has_parent };
	int r;

	if (describe(d, err) < 0 || criu_start(&process, &d->criu, err) < 0 ||
	    criu_check(&d->criu, &d->options->criu, d->options->pre_dump, err) < 0)
		return -1;
	/* criu writes it last: without it nothing here passes for a checkpoint, as an earlier one in parts would. */
	r = file_remove_at(d->dirs.images, INVENTORY_NAME);
	if (r < 0)
		return fail(err, r, "--image-path: cannot remove the earlier %s", INVENTORY_NAME);
	if (images_drop_parent(d->dirs.images, d->options->criu.parent_path, err) < 0)
		return within(err, "--image-path");
	if (!d->options->pre_dump && descriptors_write(d->dirs.images, d->c.record, err) < 0)
		return -1;
	if (criu_send(&d->criu, &d->job, err) < 0)
		return -1;
	return converse(d, err);
}

/* criu has killed them. */
static int end(struct dump *d, struct error *err)
{
	int r = pidfd_wait_exit(d->pidfd, END_TIMEOUT_MS);

	if (r != 1)
		return fail(err, r < 0 ? r : ERR_TIMEOUT, "the images are written, but container %s does not end", d->c.id);
	return destroy_container(&d->c, err);
}

/* Whoever was frozen for a dump that failed goes on. */
static void give_back(struct dump *d)
{
	if (d->status != STATUS_PAUSED && d->cgroup)
		(void)cgroup_thaw(d->cgroup); /* not frozen: fine */
}

static int open_it(struct dump *d, struct error *err)
{
	const struct hull_record *record;

	if (store_open_own(d->rt, d->options->id, &d->c, err) < 0 || store_lock(&d->c, LOCK_TIMEOUT_MS, err) < 0 ||
	    store_status(&d->c, &d->status, &d->pidfd, err) < 0)
		return -1;
	if (d->status != STATUS_RUNNING && d->status != STATUS_PAUSED)
		return fail(err, ERR_STATE, "Container cannot be checkpointed in %s state: %s",
			    container_status_words[d->status], d->c.id);
	d->config = read_kept_config(&d->c, err);
	if (!d->config || check(d, err) < 0)
		return -1;
	record = d->c.record;
	return cgroup_reopen(record->cgroup_driver, record->cgroup_path, record->cgroup_made, &d->cgroup, err);
}

int container_checkpoint(const struct runtime *rt, const struct checkpoint_options *options, struct error *err)
{
	struct dump d = { .rt = rt, .options = options, .c = CONTAINER_INIT, .dirs = IMAGES_INIT, .criu = CRIU_INIT,
			  .job = { .images = -1, .work = -1 }, .pidfd = -1 };
	int r = images_check_options(&options->criu, err);

	if (r == 0 && options->pre_dump && options->criu.lazy_pages)
		r = fail(err, ERR_USAGE, "--pre-dump and --lazy-pages exclude each other");
	/* Every descriptor of hull's own is close-on-exec; what its caller gave it is not. */
	if (r == 0 && options->criu.status_fd && fcntl((int)options->criu.status_fd, F_GETFD) != 0)
		r = fail(err, ERR_USAGE, "--status-fd: there is no descriptor %u", options->criu.status_fd);
	if (r == 0)
		r = open_it(&d, err);
	if (r == 0)
		r = images_open(&options->criu, true, &d.dirs, err);
	if (r == 0) {
		r = dump(&d, err);
		/* After a pre-dump criu waits for the next request, which comes from another process. */
		criu_end(&d.criu, r < 0);
		if (r < 0)
			give_back(&d);
	}
	if (r == 0 && !options->pre_dump && !options->criu.leave_running)
		r = end(&d, err);
	images_close(&d.dirs);
	criu_job_free(&d.job);
	cgroup_free(d.cgroup);
	oci_free(d.config);
	d.pidfd = fd_close(d.pidfd);
	store_close(&d.c);
	return r;
}
