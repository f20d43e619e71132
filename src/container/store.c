// SPDX-License-Identifier: LGPL-2.1-or-later
/* store.c - the state directory of a container, its locks and its computed status. */
#include "container/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "kernel/host.h"
#include "kernel/namespaces.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

/* The annotations of a config (16 MiB) with all that the writer adds: what cannot be read again cannot be deleted. */
#define RECORD_LIMIT (64 * 1024 * 1024)
#define ROOT_TIMEOUT_MS (10 * 1000)

/* Modes of a container's directory.  The sticky bit means nothing in it, nor do other runtimes set it. */
#define WHOLE 0700
#define MARKED (WHOLE | S_ISVTX)

const char *const container_status_words[] = { "creating", "created", "running", "paused", "stopped" };

/* What hull makes in a container's directory, and nothing else. */
static const char *const own_names[] = { CONFIG_NAME, START_NAME, RECORD_NAME };
#define N_OWN_NAMES (sizeof(own_names) / sizeof(own_names[0]))

/* The default never depends on USER or HOME: conmon and Podman's direct calls must find the same one. */
static int default_root(int procfs, char **ret, struct error *err)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	auto_text struct text path = TEXT_INIT;

	if (geteuid() == 0 && namespace_is_initial_user(procfs))
		text_puts(&path, "/run/hull");
	else if (runtime_dir && *runtime_dir)
		text_printf(&path, "%s/hull", runtime_dir);
	else
		text_printf(&path, "/run/user/%u/hull", geteuid());
	if (path.failed)
		return fail(err, -ENOMEM, "cannot name the state root");
	*ret = take_ptr(path.data);
	return 0;
}

/* True where the root can only be the host's: spares the hot path a look at the uid map. */
static bool has_plain_default(void)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");

	return geteuid() == 0 && (!runtime_dir || !*runtime_dir);
}

int store_root_path(const struct runtime *rt, char **ret, struct error *err)
{
	auto_close int procfs = -1;

	if (!rt->root && !has_plain_default()) {
		procfs = proc_open_private(NULL);
		if (procfs < 0)
			return fail(err, procfs, "cannot open a private procfs");
		return default_root(procfs, ret, err);
	}
	if (rt->root && (!*rt->root || (*rt->root == '/' && strspn(rt->root, "/.") == strlen(rt->root))))
		return fail(err, ERR_USAGE, "--root may not be empty or /");
	*ret = strdup(rt->root ? rt->root : "/run/hull");
	return *ret ? 0 : fail(err, -ENOMEM, "cannot name the state root");
}

int store_root(const struct runtime *rt, bool make, int *ret, struct error *err)
{
	auto_free char *path = NULL;

	if (store_root_path(rt, &path, err) < 0)
		return -1;
	/* Sticky: whoever cleans up a user's runtime directory spares it (XDG base directory specification). */
	*ret = make ? host_make_dir(path, geteuid() == 0 ? 0700 : 01700) : host_open_dir(path);
	if (*ret >= 0)
		return 1;
	if (*ret == -ENOENT && !make)
		return 0;
	return fail(err, *ret, "cannot open the state root %s", path);
}

int store_save(struct container *c, struct error *err)
{
	struct oci_buffer buffer = { 0 };
	int r;

	r = oci_write(&hull_record_type, c->record, "  ", &buffer);
	if (r == 0 && buffer.length > RECORD_LIMIT)
		r = -EFBIG;
	if (r == 0)
		r = file_replace_at(c->dir, RECORD_NAME, buffer.data, buffer.length, 0600);
	free(buffer.data);
	return r < 0 ? fail(err, r, "cannot write %s of container %s", RECORD_NAME, c->id) : 0;
}

/* A file that file_replace_at was writing when its process was killed: ".record.json.123". */
static bool is_temporary(const char *name)
{
	for (size_t i = 0; i < N_OWN_NAMES; i++) {
		size_t n = strlen(own_names[i]);

		if (name[0] == '.' && strncmp(name + 1, own_names[i], n) == 0 && name[n + 1] == '.' &&
		    strspn(name + n + 2, "0123456789") == strlen(name + n + 2))
			return true;
	}
	return false;
}

static void remove_temporaries(int dir)
{
	const struct dirent *entry;
	DIR *stream;

	if (file_stream(file_reopen_dir(dir), &stream) < 0)
		return;
	while ((entry = readdir(stream)))
		if (is_temporary(entry->d_name))
			(void)file_remove_at(dir, entry->d_name);
	(void)closedir(stream);
}

/* The record goes last: until then the container exists, and whoever was killed in here can be followed by another. */
static int remove_directory(int root, int dir, const char *id)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_OWN_NAMES; i++)
		r = file_remove_at(dir, own_names[i]);
	if (r < 0)
		return r;
	r = file_remove_at(root, id);
	if (r != -ENOTEMPTY)
		return r;
	(void)file_remove_tree_at(dir, NOTIFY_DIR_NAME);
	remove_temporaries(dir);
	return file_remove_at(root, id);
}

/* flock(2) has no deadline of its own.  -EWOULDBLOCK at the deadline. */
static int lock_within(int fd, int timeout_ms)
{
	const struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };
	int r;

	for (int waited = 0;; waited += 5) {
		r = sys_flock(fd, LOCK_EX | LOCK_NB);
		if (r != -EWOULDBLOCK || waited >= timeout_ms)
			return r;
		nanosleep(&pause, NULL);
	}
}

/* The root's lock: held for as long as it takes to make a directory.  It belongs to an open file: one of its own, so that
 * closing it releases it.  fd or -1. */
static int lock_root(int root, struct error *err)
{
	auto_close int guard = file_reopen_dir(root);
	int r = guard < 0 ? guard : lock_within(guard, ROOT_TIMEOUT_MS);

	if (r == -EWOULDBLOCK)
		return fail(err, ERR_TIMEOUT, "the state root is busy: another command holds its lock");
	return r < 0 ? fail(err, r, "cannot lock the state root") : take_fd(&guard);
}

static int take_lock(int dir, int *ret)
{
	auto_close int fd = file_reopen_dir(dir);
	int r;

	if (fd < 0)
		return fd;
	r = sys_flock(fd, LOCK_EX | LOCK_NB);
	if (r < 0)
		return r;
	*ret = take_fd(&fd);
	return 0;
}

/* Under the root's lock nobody sees the directory without its record. */
static int reserve_locked(struct container *c, struct error *err)
{
	int r;

	c->dir = file_make_dir_at(c->root, c->id, MARKED);
	if (c->dir == -EEXIST)
		return fail(err, ERR_EXISTS, "container with given ID already exists: %s", c->id);
	if (c->dir < 0)
		return fail(err, c->dir, "cannot make the state directory of container %s", c->id);
	r = take_lock(c->dir, &c->lock);
	if (r < 0)
		(void)fail(err, r, "cannot lock container %s", c->id);
	else
		r = store_save(c, err);
	if (r < 0)
		(void)remove_directory(c->root, c->dir, c->id);
	return r < 0 ? -1 : 0;
}

int store_reserve(const struct runtime *rt, struct container *c, struct error *err)
{
	auto_close int guard = -1;

	if (store_root(rt, true, &c->root, err) < 0)
		return -1;
	guard = lock_root(c->root, err);
	if (guard < 0)
		return -1;
	return reserve_locked(c, err);
}

static int read_record(struct container *c, struct error *err)
{
	struct oci_report report = { 0 };
	auto_free char *text = NULL;
	struct hull_record *record;
	size_t size;
	int r;

	r = file_read_at(c->dir, RECORD_NAME, RECORD_LIMIT, &text, &size);
	if (r == -ENOENT || r == -ENOTDIR)
		return fail(err, ERR_NOT_FOUND, "container does not exist: %s", c->id);
	if (r < 0)
		return fail(err, r, "cannot read %s of container %s", RECORD_NAME, c->id);
	record = oci_parse(&hull_record_type, text, size, &report);
	if (!record) {
		(void)fail(err, ERR_INTERNAL, "%s of container %s is damaged: %s %s", RECORD_NAME, c->id,
			   report.n_faults ? report.faults[0].pointer : "", report.n_faults ? report.faults[0].text : "");
		oci_report_free(&report);
		return -1;
	}
	oci_free(c->record);
	c->record = record;
	return 0;
}

int store_open_below(int root, const char *id, struct container *ret, struct error *err)
{
	*ret = (struct container)CONTAINER_INIT;
	if (container_check_id(id, err) < 0)
		return -1;
	ret->id = strdup(id);
	if (!ret->id)
		return fail(err, -ENOMEM, "cannot remember the container's id");
	ret->dir = root < 0 ? -ENOENT : file_open_at(root, id, O_RDONLY | O_DIRECTORY, 0);
	if (ret->dir == -ENOENT || ret->dir == -ENOTDIR || ret->dir == -ELOOP)
		return fail(err, ERR_NOT_FOUND, "container does not exist: %s", id);
	if (ret->dir < 0)
		return fail(err, ret->dir, "cannot open the state directory of container %s", id);
	return read_record(ret, err);
}

int store_open(const struct runtime *rt, const char *id, struct container *ret, struct error *err)
{
	auto_close int root = -1;
	int r;

	*ret = (struct container)CONTAINER_INIT;
	if (container_check_id(id, err) < 0 || store_root(rt, false, &root, err) < 0)
		return -1;
	r = store_open_below(root, id, ret, err);
	ret->root = take_fd(&root);
	return r;
}

static bool is_own_dir(int dir, bool *ret_marked)
{
	struct stat st;

	if (sys_fstat(dir, &st) < 0 || st.st_uid != geteuid())
		return false;
	*ret_marked = st.st_mode & S_ISVTX;
	return true;
}

int store_open_own(const struct runtime *rt, const char *id, struct container *ret, struct error *err)
{
	struct error unread;
	bool marked;
	int r = store_open(rt, id, ret, &unread);

	if (ret->dir >= 0 && !is_own_dir(ret->dir, &marked))
		return fail(err, -EPERM, "cannot act on container %s: its state directory belongs to another user", id);
	if (r < 0)
		*err = unread;
	return r;
}

void store_mark(const struct container *c, bool unfinished)
{
	(void)fchmod(c->dir, unfinished ? MARKED : WHOLE);
}

bool store_is_marked(const struct container *c)
{
	bool marked = false;

	return is_own_dir(c->dir, &marked) && marked;
}

int store_lock(struct container *c, int timeout_ms, struct error *err)
{
	auto_close int fd = file_reopen_dir(c->dir);
	int r;

	if (fd == -ENOENT)
		return fail(err, ERR_NOT_FOUND, "container does not exist: %s", c->id);
	if (fd < 0)
		return fail(err, fd, "cannot open the lock of container %s", c->id);
	r = lock_within(fd, timeout_ms);
	if (r == -EWOULDBLOCK)
		return fail(err, ERR_TIMEOUT, "container %s is busy: another command holds its lock", c->id);
	if (r < 0)
		return fail(err, r, "cannot lock container %s", c->id);
	c->lock = take_fd(&fd);
	return read_record(c, err);
}

int store_remove(struct container *c, struct error *err)
{
	int r = remove_directory(c->root, c->dir, c->id);

	if (r < 0)
		return fail(err, r, "cannot remove the state directory of container %s", c->id);
	return 0;
}

/* Whether somebody holds an exclusive flock on the file. */
static bool is_locked(int fd)
{
	return fd >= 0 && sys_flock(fd, LOCK_SH | LOCK_NB) == -EWOULDBLOCK;
}

/* Whether there is nothing but what hull makes there before the first record, or removes after the last. */
static bool holds_remains_only(int dir)
{
	const struct dirent *entry;
	bool only = true;
	DIR *stream;

	if (file_stream(file_reopen_dir(dir), &stream) < 0)
		return false;
	while (only && (entry = readdir(stream)))
		only = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || is_temporary(entry->d_name) ||
		       strcmp(entry->d_name, NOTIFY_DIR_NAME) == 0;
	(void)closedir(stream);
	return only;
}

/* Under the root's lock nobody is making it.  Descriptor, or -1 where it is not hull's to remove. */
static int open_leftover(int root, const char *id)
{
	auto_close int dir = file_open_at(root, id, O_RDONLY | O_DIRECTORY, 0);
	bool marked = false;

	if (dir < 0 || !is_own_dir(dir, &marked) || !marked || is_locked(dir) || !holds_remains_only(dir))
		return -1;
	return take_fd(&dir);
}

bool store_is_leftover(const struct runtime *rt, const char *id)
{
	auto_close int root = -1, guard = -1, dir = -1;
	struct error ignored;

	if (store_root(rt, false, &root, &ignored) <= 0)
		return false;
	guard = lock_root(root, &ignored);
	dir = guard < 0 ? -1 : open_leftover(root, id);
	return dir >= 0;
}

int store_remove_leftover(const struct runtime *rt, const char *id, bool *ret, struct error *err)
{
	auto_close int root = -1, guard = -1, dir = -1;
	bool marked;
	int r;

	*ret = false;
	r = store_root(rt, false, &root, err);
	if (r <= 0)
		return r;
	guard = lock_root(root, err);
	if (guard < 0)
		return -1;
	dir = file_open_at(root, id, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0 || !is_own_dir(dir, &marked))
		return 0;
	/* Nobody is making it: that happens under the root's lock.  What is left without a record is empty but for what
	 * hull names there; anything else is another runtime's, and makes the removal fail. */
	if (marked && holds_remains_only(dir))
		(void)file_remove_tree_at(dir, NOTIFY_DIR_NAME);
	remove_temporaries(dir);
	*ret = file_remove_at(root, id) == 0;
	return 0;
}

int store_procfs(struct container *c, struct error *err)
{
	if (c->procfs < 0) {
		int procfs = proc_open_private(NULL);

		if (procfs < 0)
			return fail(err, procfs, "cannot open a private procfs");
		c->procfs = procfs;
	}
	return c->procfs;
}

static bool is_busy(const struct container *c)
{
	auto_close int fd = file_reopen_dir(c->dir);

	return is_locked(fd);
}

/* Init lets go of the lock right before it execs. */
static bool is_before_exec(const struct container *c)
{
	auto_close int fd = file_open_at(c->dir, CONFIG_NAME, O_RDONLY, 0);

	return is_locked(fd);
}

void store_claim(const struct container *c, struct cgroup *cgroup)
{
	const struct hull_record *record = c->record;

	if (record->cgroup_owner)
		cgroup_claim(cgroup, record->cgroup_owner, record->cgroup_inode);
}

/* A cgroup does not outlive its boot: what has the same name by now is somebody else's.  One that was there before may be
 * emptied only once the container was in it, that is with a pid on record. */
int store_cgroup(const struct container *c, struct cgroup **ret, struct error *err)
{
	const struct hull_record *record = c->record;
	char boot_id[37];
	int r = host_boot_id(boot_id);
	bool is_past;

	if (r < 0)
		return fail(err, r, "cannot read the boot id");
	is_past = strcmp(boot_id, record->boot_id) != 0;
	if (cgroup_reopen(record->cgroup_driver, record->cgroup_path, is_past ? 0 : record->cgroup_made, ret, err) < 0)
		return -1;
	store_claim(c, *ret);
	if (!is_past && record->has_pid && !record->own_pid_namespace)
		cgroup_adopt(*ret);
	return 0;
}

static bool is_frozen(const struct hull_record *record)
{
	struct cgroup *cgroup = NULL;
	struct error ignored;
	bool frozen;

	if (cgroup_reopen(record->cgroup_driver, record->cgroup_path, record->cgroup_made, &cgroup, &ignored) < 0)
		return false;
	frozen = cgroup_is_frozen(cgroup);
	cgroup_free(cgroup);
	return frozen;
}

/* 1, 0 (of an earlier boot), -errno.  A tmpfs does not outlive its boot, nor then does what lies in it: to ask for the file
 * system takes a tenth of the time that the boot id takes. */
static int is_of_this_boot(const struct container *c)
{
	char boot_id[37];
	struct statfs fs;
	int r;

	if (fstatfs(c->dir, &fs) == 0 && fs.f_type == TMPFS_MAGIC)
		return 1;
	r = host_boot_id(boot_id);
	return r < 0 ? r : strcmp(boot_id, c->record->boot_id) == 0;
}

/* pidfd of the recorded process; -ESRCH when it is gone, or of an earlier boot. */
static int open_init(const struct container *c)
{
	const struct process_id id = { c->record->pid, c->record->pid_inode, c->record->start_time };
	int r = is_of_this_boot(c);

	if (r < 0)
		return r;
	return r > 0 ? process_open(&id) : -ESRCH;
}

bool store_is_elsewhere(const struct container *c)
{
	auto_close int procfs = -1;
	char boot_id[37];
	uint64_t own;

	/* A new boot has ended it wherever it was. */
	if (!c->record->has_pid_namespace || host_boot_id(boot_id) < 0 || strcmp(boot_id, c->record->boot_id) != 0)
		return false;
	procfs = proc_open_host();
	return procfs >= 0 && namespace_own_inode(procfs, CLONE_NEWPID, &own) == 0 && own != c->record->pid_namespace;
}

int store_status(struct container *c, enum container_status *ret, int *ret_pidfd, struct error *err)
{
	auto_close int pidfd = -1;

	if (ret_pidfd)
		*ret_pidfd = -1;
	if (!c->record->has_pid) {
		*ret = c->lock < 0 && is_busy(c) ? STATUS_CREATING : STATUS_STOPPED;
		return 0;
	}
	pidfd = open_init(c);
	if (pidfd == -ESRCH && store_is_elsewhere(c))
		return fail(err, ERR_STATE,
			    "cannot tell whether container %s runs: it was created in another pid namespace; ask there", c->id);
	if (pidfd == -ESRCH) {
		*ret = STATUS_STOPPED;
		return 0;
	}
	if (pidfd < 0)
		return fail(err, pidfd, "cannot look at process %d of container %s", c->record->pid, c->id);
	if (is_frozen(c->record))
		*ret = STATUS_PAUSED;
	else
		*ret = is_before_exec(c) ? STATUS_CREATED : STATUS_RUNNING;
	if (ret_pidfd)
		*ret_pidfd = take_fd(&pidfd);
	return 0;
}

void store_close(struct container *c)
{
	c->root = fd_close(c->root);
	c->dir = fd_close(c->dir);
	c->lock = fd_close(c->lock);
	c->procfs = fd_close(c->procfs);
	free(take_ptr(c->id));
	oci_free(take_ptr(c->record));
}
