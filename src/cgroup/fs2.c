// SPDX-License-Identifier: LGPL-2.1-or-later
/* fs2.c - cgroup v2 by its file system; also the unified side of a hybrid host.
 *
 * Freezing, killing and "is anybody left" are files of the hierarchy itself and need no controller. */
#include "cgroup/private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

/* ---- controllers ---- */

/* The next of the words between blanks and newlines, its length in *n; moves *at behind it.  NULL at the end. */
static const char *next_word(const char **at, size_t *n)
{
	const char *word = *at + strspn(*at, " \n");

	*n = strcspn(word, " \n");
	*at = word + *n;
	return *n ? word : NULL;
}

static bool list_has(const char *list, const char *word, size_t length)
{
	size_t n;

	for (const char *next = list, *one; (one = next_word(&next, &n));)
		if (n == length && memcmp(one, word, n) == 0)
			return true;
	return false;
}

static ssize_t read_at(int dir, const char *file, char *ret, size_t size)
{
	return file_read_below(dir, ".", file, ret, size);
}

/* Whether it is not the root and has processes of its own.  Then domain controllers cannot be handed down, and threaded
 * ones (cpu, cpuset, pids) must not be: that would make it a threaded domain, whose children can hold no process. */
static bool is_populated(int dir)
{
	char text[16];

	return faccessat(dir, "cgroup.type", F_OK, 0) == 0 && read_at(dir, "cgroup.procs", text, sizeof(text)) != 0;
}

/* Hands the wanted controllers that dir has down to its children, all in one write; where that is refused, each that
 * can be.  A controller that stays out is reported by whoever needs its files. */
static void hand_down(int dir, const char *wanted)
{
	char there[1024], down[1024], line[1024] = "";
	size_t n, at = 0;

	if (is_populated(dir) || read_at(dir, "cgroup.controllers", there, sizeof(there)) < 0 ||
	    read_at(dir, "cgroup.subtree_control", down, sizeof(down)) < 0)
		return;
	for (const char *next = there, *word; (word = next_word(&next, &n));) {
		if (list_has(down, word, n) || (wanted && !list_has(wanted, word, n)))
			continue;
		at += (size_t)snprintf(line + at, sizeof(line) - at, "%s+%.*s", at ? " " : "", (int)n, word);
	}
	if (!at || file_write_below(dir, ".", "cgroup.subtree_control", line) == 0)
		return;
	for (const char *next = line, *word; (word = next_word(&next, &n));) {
		char one[64];

		snprintf(one, sizeof(one), "%.*s", (int)n, word);
		(void)file_write_below(dir, ".", "cgroup.subtree_control", one); /* see above */
	}
}

int unified_enable(const struct cgroup *cgroup, struct hierarchy *h, const char *controllers)
{
	auto_close int dir = hierarchy_root(cgroup, h);
	const char *at = cgroup->path + 1;

	if (dir < 0)
		return dir;
	for (;;) {
		char name[NAME_MAX + 1];
		size_t length = strcspn(at, "/");
		int next;

		hand_down(dir, controllers);
		if (at == cgroup->leaf)
			return 0;
		memcpy(name, at, length);
		name[length] = '\0';
		at += length + 1;
		next = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -errno;
		(void)fd_close(dir);
		dir = next;
	}
}

/* Reads the root's list once. */
static const char *root_controllers(struct cgroup *cgroup)
{
	struct hierarchy *h = hierarchy_unified(cgroup);
	auto_close int root = -1;
	char text[1024] = "";

	if (cgroup->controllers || !h)
		return cgroup->controllers ? cgroup->controllers : "";
	root = hierarchy_root(cgroup, h);
	if (root >= 0)
		(void)read_at(root, "cgroup.controllers", text, sizeof(text)); /* none, then */
	cgroup->controllers = strdup(text);
	return cgroup->controllers ? cgroup->controllers : "";
}

bool unified_has(struct cgroup *cgroup, const char *controller)
{
	return list_has(root_controllers(cgroup), controller, strlen(controller));
}

bool unified_has_here(const struct cgroup *cgroup, struct hierarchy *h, const char *controller)
{
	char here[1024];

	return hierarchy_read(cgroup, h, "cgroup.controllers", here, sizeof(here)) > 0 &&
	       list_has(here, controller, strlen(controller));
}

/* Whether the container's directory has every controller that the root has. */
static bool has_all(struct cgroup *cgroup, struct hierarchy *h)
{
	const char *there = root_controllers(cgroup);
	char here[1024];
	size_t n;

	if (hierarchy_read(cgroup, h, "cgroup.controllers", here, sizeof(here)) < 0)
		return false;
	for (const char *next = there, *word; (word = next_word(&next, &n));)
		if (!list_has(here, word, n))
			return false;
	return true;
}

/* ---- cgroup.events ---- */

/* Value of a line "KEY N" in the text. */
static int event(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = text; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (strncmp(at, key, length) == 0 && at[length] == ' ')
			return at[length + 1] == '1';
	return -ENODATA;
}

/* Waits until "KEY value" stands in cgroup.events: the file wakes up a poll with POLLPRI at each change.
 * 1, 0 at the deadline, -errno */
static int wait_event(const struct cgroup *cgroup, struct hierarchy *h, const char *key, int value, int64_t deadline)
{
	auto_close int fd = hierarchy_file(cgroup, h, "cgroup.events", O_RDONLY);
	struct pollfd events = { .fd = fd, .events = POLLPRI };

	if (fd < 0)
		return fd;
	for (;;) {
		int64_t left = deadline - clock_ms();
		char text[256];
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

		if (n < 0)
			return -errno;
		text[n] = '\0';
		if (event(text, key) == value)
			return 1;
		if (left <= 0)
			return 0;
		/* Not for longer than 100 ms: a cgroup that is removed meanwhile wakes up nobody. */
		if (poll(&events, 1, left < 100 ? (int)left : 100) < 0 && errno != EINTR)
			return -errno;
	}
}

int unified_wait_empty(const struct cgroup *cgroup, struct hierarchy *h, int64_t deadline_ms)
{
	return wait_event(cgroup, h, "populated", 0, deadline_ms) == 1;
}

bool unified_events_frozen(const char *events)
{
	return event(events, "frozen") == 1;
}

bool unified_is_frozen(const struct cgroup *cgroup, struct hierarchy *h)
{
	char text[256];

	return hierarchy_read(cgroup, h, "cgroup.events", text, sizeof(text)) > 0 && unified_events_frozen(text);
}

int unified_freeze(const struct cgroup *cgroup, struct hierarchy *h, bool frozen)
{
	int r = hierarchy_write(cgroup, h, "cgroup.freeze", frozen ? "1" : "0");

	if (r < 0)
		return r;
	/* Below a frozen parent nothing thaws: then there is no point in waiting long. */
	r = wait_event(cgroup, h, "frozen", frozen,
		       clock_ms() + (frozen ? CGROUP_DEADLINE_MS : CGROUP_DEADLINE_MS / 5));
	if (r == 1)
		return 0;
	if (frozen) /* not half-way: the caller hears of the failure */
		(void)hierarchy_write(cgroup, h, "cgroup.freeze", "0");
	return r == 0 ? -ETIMEDOUT : r;
}

int unified_kill(const struct cgroup *cgroup, struct hierarchy *h)
{
	return hierarchy_write(cgroup, h, "cgroup.kill", "1");
}

/* ---- ownership ---- */

int unified_chown(const struct cgroup *cgroup, struct hierarchy *h, uid_t uid)
{
	auto_close int list = open("/sys/kernel/cgroup/delegate", O_RDONLY | O_CLOEXEC), dir = -1;
	char names[4096] = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n"; /* of a kernel without the list */
	ssize_t read_n = list < 0 ? 0 : read(list, names, sizeof(names) - 1);
	size_t n;
	int r;

	if (read_n < 0)
		return -errno;
	if (read_n > 0)
		names[read_n] = '\0';
	r = hierarchy_open(cgroup, h);
	if (r < 0)
		return r;
	dir = openat(h->at, cgroup->leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 || fchown(dir, uid, (gid_t)-1) < 0)
		return -errno;
	for (const char *next = names, *word; (word = next_word(&next, &n));) {
		char name[NAME_MAX + 1];

		snprintf(name, sizeof(name), "%.*s", (int)n, word);
		/* Not every kernel and controller has every file. */
		if (fchownat(dir, name, uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

/* ---- the driver ---- */

static int fs2_create(struct cgroup *cgroup, struct error *err)
{
	struct hierarchy *h = hierarchy_unified(cgroup);
	int r = hierarchy_make(cgroup, h, NULL);

	if (r < 0)
		return fail(err, r, "cannot make cgroup %s", cgroup->path);
	/* Above a unit systemd enables what it knows, and the rest is enabled where it is needed. */
	if (!cgroup->unit && !has_all(cgroup, h)) {
		r = unified_enable(cgroup, h, NULL);
		if (r < 0)
			return fail(err, r, "cannot enable the controllers for cgroup %s", cgroup->path);
	}
	return 0;
}

static int fs2_freeze(struct cgroup *cgroup, bool frozen)
{
	return unified_freeze(cgroup, hierarchy_unified(cgroup), frozen);
}

static bool fs2_is_frozen(struct cgroup *cgroup)
{
	return unified_is_frozen(cgroup, hierarchy_unified(cgroup));
}

static int fs2_kill(struct cgroup *cgroup)
{
	struct hierarchy *h = hierarchy_unified(cgroup);
	int r = 0;

	if (h->made > 0)
		r = unified_kill(cgroup, h);
	else if (cgroup->adopted) /* it will be used again: see cgroup_stop_cloning for what cgroup.kill leaves behind */
		r = hierarchy_signal(cgroup, h, SIGKILL, true);
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

const struct driver driver_fs2 = {
	.name = "fs2",
	.create = fs2_create,
	.freeze = fs2_freeze,
	.is_frozen = fs2_is_frozen,
	.kill = fs2_kill,
};
