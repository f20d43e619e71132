// SPDX-License-Identifier: LGPL-2.1-or-later
/* images.c - the directories of a checkpoint, and what may lie in them. */
#include "container/images.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "container/pagemaps.h"
#include "kernel/host.h"
#include "kernel/mount.h"
#include "kernel/sys.h"

#define PARENT_NAME "parent"
/* A chain of pre-dumps ends somewhere, a circle of links does not. */
#define MAX_PARENTS 64

/* What criu writes into the work directory, which may hold other things too. */
static const char *const work_names[] = { "dump.log", "restore.log", "stats-dump", "stats-restore" };

/* 1: a link, 0: a file or a directory, -1 with err.  written: criu will write to it, so it may have no other name. */
static int look_at(int dir, const char *name, bool written, struct error *err)
{
	auto_close int fd = file_open_at(dir, name, O_PATH | O_NOFOLLOW, 0);
	struct stat st;
	int r;

	if (fd == -ENOENT)
		return 0;
	r = fd < 0 ? fd : sys_fstat(fd, &st);
	if (r < 0)
		return fail(err, r, "cannot look at %s", name);
	if (S_ISLNK(st.st_mode))
		return 1;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return fail(err, ERR_USAGE, "%s is neither a file nor a directory", name);
	if (written && S_ISREG(st.st_mode) && st.st_nlink > 1)
		return fail(err, ERR_USAGE, "%s has another name too: what is written to it would be written there", name);
	return 0;
}

static int check_entries(int dir, bool written, bool *ret_parent, struct error *err)
{
	const struct dirent *entry;
	DIR *stream;
	int r = file_stream(file_reopen_dir(dir), &stream);

	*ret_parent = false;
	if (r < 0)
		return fail(err, r, "cannot list it");
	while (r == 0 && (entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		r = look_at(dir, entry->d_name, written, err);
		if (r == 1 && strcmp(entry->d_name, PARENT_NAME) == 0) {
			*ret_parent = true;
			r = 0;
		} else if (r == 1) {
			r = fail(err, ERR_USAGE, "%s is a link: criu would follow it", entry->d_name);
		}
	}
	(void)closedir(stream);
	return r;
}

/* The directory that `parent` leads to: criu's own links are relative.  fd or -1 */
static int open_parent(int dir, struct error *err)
{
	auto_close int link = file_open_at(dir, PARENT_NAME, O_PATH | O_NOFOLLOW, 0);
	auto_free char *target = NULL;
	int r = link < 0 ? link : mount_read_link(link, &target);

	if (r < 0)
		return fail(err, r, "cannot read the link %s", PARENT_NAME);
	if (*target == '/')
		return fail(err, ERR_USAGE, "%s leads to %s, which is not relative", PARENT_NAME, target);
	r = host_open_dir_at(dir, target);
	return r < 0 ? fail(err, r, "%s: cannot open %s", PARENT_NAME, target) : r;
}

/* Where the dump that is to be made goes on from; it may not be this one, by whatever way. */
static int open_first_parent(int images, const char *path, struct error *err)
{
	auto_close int fd = host_open_dir_at(images, path);

	if (fd < 0)
		return fail(err, fd, "--parent-path: cannot open %s from the images' directory", path);
	return take_fd(&fd);
}

/* Puts a directory behind the n that have been looked at.  1: it is one of them, 0, -errno */
static int note(struct stat been[MAX_PARENTS], int n, int dir)
{
	int r = sys_fstat(dir, &been[n]);

	for (int i = 0; r == 0 && i < n; i++)
		if (been[i].st_dev == been[n].st_dev && been[i].st_ino == been[n].st_ino)
			return 1;
	return r;
}

/* pagemaps: NULL for a dump. */
static int check_each(struct pagemaps *pagemaps, int images, const char *parent, bool dedup, bool *ret_parent, struct error *err)
{
	auto_close int dir = file_reopen_dir(images);
	const bool is_dump = !pagemaps;
	struct stat been[MAX_PARENTS];
	bool more = false;

	if (dir < 0)
		return fail(err, dir, "cannot open it");
	for (int i = 0; i < MAX_PARENTS; i++) {
		int next = note(been, i, dir);

		if (next < 0)
			return fail(err, next, "cannot look at it");
		if (next && parent)
			return fail(err, ERR_USAGE, "--parent-path: %s leads back to where it comes from", parent);
		if (next)
			return fail(err, ERR_USAGE, "%s leads back to where it comes from", PARENT_NAME);
		if (check_entries(dir, dedup || (is_dump && i == 0), &more, err) < 0 ||
		    (!is_dump && pagemaps_check(pagemaps, dir, err) < 0))
			return i ? within(err, PARENT_NAME) : -1;
		if (i == 0) {
			more = more && !is_dump; /* the link of an earlier dump is not followed: it goes */
			*ret_parent = more || parent;
		}
		if (!more && (i || !parent))
			return 0;
		next = i == 0 && parent ? open_first_parent(images, parent, err) : open_parent(dir, err);
		if (next < 0)
			return -1;
		(void)fd_close(dir);
		dir = next;
	}
	return fail(err, ERR_USAGE, "more than %d directories by way of %s", MAX_PARENTS, PARENT_NAME);
}

/* parent: that of a dump, which `parent` does not lead to yet; or NULL.  criu writes to the images of a dump, and to all of them with
 * --auto-dedup. */
static int check_images(int images, const char *parent, bool is_dump, bool dedup, bool *ret_parent, struct error *err)
{
	struct pagemaps *pagemaps = is_dump ? NULL : pagemaps_open(images);
	int r;

	if (!is_dump && !pagemaps)
		return fail(err, -ENOMEM, "cannot look at the memory");
	r = check_each(pagemaps, images, parent, dedup, ret_parent, err);
	pagemaps_free(pagemaps);
	return r;
}

/* criu makes the link, but leaves one that is there from another dump: then it would take pages that have changed since from
 * where that one leads (4.1). */
int images_drop_parent(int images, const char *parent, struct error *err)
{
	auto_close int link = file_open_at(images, PARENT_NAME, O_PATH | O_NOFOLLOW, 0);
	auto_free char *target = NULL;
	int r = link == -ENOENT ? 0 : link < 0 ? link : mount_read_link(link, &target);

	if (r == 0 && target && (!parent || strcmp(target, parent) != 0))
		r = file_remove_at(images, PARENT_NAME);
	return r < 0 ? fail(err, r, "cannot remove the link %s of an earlier dump", PARENT_NAME) : 0;
}

static int check_work(int work, struct error *err)
{
	for (size_t i = 0; i < sizeof(work_names) / sizeof(work_names[0]); i++) {
		int r = look_at(work, work_names[i], true, err);

		if (r == 1)
			return fail(err, ERR_USAGE, "%s is a link: criu would follow it", work_names[i]);
		if (r < 0)
			return -1;
	}
	return 0;
}

static int open_dir(const char *option, const char *path, bool make, bool links, struct error *err)
{
	int fd = host_open_plain_dir(path, make, links);

	if (fd == -ELOOP)
		return fail(err, ERR_USAGE, "--%s: %s is a link: name the directory itself", option, path);
	return fd < 0 ? fail(err, fd, "--%s: cannot open the directory %s", option, path) : fd;
}

int images_open(const struct criu_options *options, bool make, struct images *ret, struct error *err)
{
	const char *path = options->image_path ? options->image_path : "checkpoint";
	const char *work = options->work_path ? options->work_path : path;

	ret->images = open_dir("image-path", path, make, false, err);
	if (ret->images < 0)
		return -1;
	/* containerd's shim names the link in its bundle that leads to where the container's files are. */
	ret->work = open_dir(options->work_path ? "work-path" : "image-path", work, true, options->work_path != NULL, err);
	if (ret->work < 0)
		return -1;
	if (check_images(ret->images, make ? options->parent_path : NULL, make, options->auto_dedup, &ret->has_parent, err) < 0)
		return within(err, "--image-path: %s", path);
	if (check_work(ret->work, err) < 0)
		return within(err, "--%s: %s", options->work_path ? "work-path" : "image-path", work);
	return 0;
}

void images_close(struct images *images)
{
	images->images = fd_close(images->images);
	images->work = fd_close(images->work);
}

/* ---- options ---- */

static int check_page_server(const char *server, struct error *err)
{
	const char *colon = strrchr(server, ':');
	uint64_t port;

	if (!colon || colon == server || colon - server > 255 || text_to_u64(colon + 1, 1, 65535, &port) < 0)
		return fail(err, ERR_USAGE, "--page-server: \"%s\" is not ADDRESS:PORT", server);
	return 0;
}

int images_check_options(const struct criu_options *options, struct error *err)
{
	if (options->image_path && !*options->image_path)
		return fail(err, ERR_USAGE, "--image-path is empty");
	if (options->work_path && !*options->work_path)
		return fail(err, ERR_USAGE, "--work-path is empty");
	if (options->parent_path && (*options->parent_path == '/' || !*options->parent_path))
		return fail(err, ERR_USAGE, "--parent-path: \"%s\" is not relative to the images' directory",
			    options->parent_path);
	if (options->page_server && *options->page_server && check_page_server(options->page_server, err) < 0)
		return -1;
	for (size_t i = 0; i < options->empty_ns.n; i++)
		if (strcmp(options->empty_ns.items[i], "network") != 0)
			return fail(err, ERR_USAGE, "--empty-ns: \"%s\": criu can leave empty a network alone",
				    options->empty_ns.items[i]);
	if (options->tcp_established && options->tcp_close)
		return fail(err, ERR_USAGE, "--tcp-established and --tcp-close exclude each other");
	return 0;
}
