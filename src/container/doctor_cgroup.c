// SPDX-License-Identifier: LGPL-2.1-or-later
/* doctor_cgroup.c - checks of control groups: one is made as for a container, with a process in it.
 *
 * The name is that of no container and does not lie in /hull, which would stay. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/socket.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "container/doctor.h"
#include "kernel/host.h"
#include "kernel/sys.h"
#include "ocispec.h"

#define DEVICE       "/dev/full"
#define DEVICE_MAJOR 1
#define DEVICE_MINOR 7

/* ---- the cgroup ---- */

static int plan(struct doctor *d, struct error *err)
{
	auto_free char *beside = NULL;
	struct oci_config config = { .hostname = NULL };
	char id[48], path[64];

	(void)snprintf(id, sizeof(id), "doctor-%d", (int)getpid());
	(void)snprintf(path, sizeof(path), "/hull-%s", id);
	if (d->rt->manager == CGROUP_FS && !d->is_root && cgroup_beside_own(id, &beside) < 0)
		return fail(err, -ENOMEM, "cannot plan the cgroup");
	if (cgroup_plan(d->rt->manager == CGROUP_SYSTEMD ? CGROUP_SYSTEMD : CGROUP_FS,
			d->rt->manager == CGROUP_SYSTEMD ? NULL : beside ? beside : path, id, &d->cgroup, err) < 0)
		return -1;
	return cgroup_describe(d->cgroup, id, &config, err);
}

/* Waits for a word or for our end, after which it removes the cgroup: a SIGKILL leaves us no time for that. */
static void clean_after(struct doctor *d, int fd)
{
	struct error ignored;
	char byte;

	(void)setpgid(0, 0); /* who kills our group does not mean it */
	if (socket_receive(fd, &byte, 1, NULL, 0, NULL, NULL) == 1)
		return;
	(void)cgroup_thaw(d->cgroup);
	(void)cgroup_destroy(d->cgroup, &ignored); /* nobody is there to be told */
}

static int start_cleaner(struct doctor *d, struct error *err)
{
	int pair[2], r = socket_pair(pair);

	if (r < 0)
		return fail(err, r, "cannot start what cleans up");
	d->cleaner = fork();
	if (d->cleaner == 0) {
		(void)fd_close(pair[0]);
		clean_after(d, pair[1]);
		_exit(0);
	}
	r = -errno;
	(void)fd_close(pair[1]);
	d->cleaner_fd = pair[0];
	return d->cleaner < 0 ? fail(err, r, "cannot start what cleans up") : 0;
}

static void end_cleaner(struct doctor *d)
{
	if (d->cleaner > 0) {
		(void)socket_send(d->cleaner_fd, "", 1, NULL, 0); /* one that was killed needs no word */
		while (waitpid(d->cleaner, NULL, 0) < 0 && errno == EINTR)
			;
	}
	d->cleaner = 0;
	d->cleaner_fd = fd_close(d->cleaner_fd);
}

enum doctor_result doctor_cgroup(struct doctor *d)
{
	struct error err;
	int r = plan(d, &err);

	if (r == 0)
		r = start_cleaner(d, &err);
	if (r == 0)
		r = cgroup_create(d->cgroup, &err);
	if (r < 0) {
		doctor_say(d, "%.250s", err.text);
		end_cleaner(d);
		cgroup_free(d->cgroup);
		d->cgroup = NULL;
		return DOCTOR_FAILS;
	}
	doctor_say(d, "%s, %s: %.150s was made", cgroup_layout(d->cgroup), cgroup_driver(d->cgroup), cgroup_path(d->cgroup));
	return DOCTOR_WORKS;
}

/* Ends the process in it.  It is our child: nobody else can have its number. */
static void end_member(struct doctor *d)
{
	if (d->member_pidfd < 0)
		return;
	(void)sys_pidfd_send_signal(d->member_pidfd, SIGKILL);
	while (waitpid(d->member, NULL, 0) < 0 && errno == EINTR)
		;
	d->member_pidfd = fd_close(d->member_pidfd);
	d->member_fd = fd_close(d->member_fd);
}

int doctor_leave_cgroup(struct doctor *d, struct error *err)
{
	int r;

	if (d->cgroup)
		(void)cgroup_thaw(d->cgroup); /* what is not frozen need not be */
	end_member(d);
	r = d->cgroup ? cgroup_destroy(d->cgroup, err) : 0;
	end_cleaner(d);
	cgroup_free(d->cgroup);
	d->cgroup = NULL;
	return r;
}

static enum doctor_result untried(struct doctor *d)
{
	doctor_say(d, "not tried: %s", d->cgroup ? "no process is in a cgroup" : "no cgroup could be made");
	return DOCTOR_UNKNOWN;
}

enum doctor_result doctor_controllers(struct doctor *d)
{
	// clang-format off
	static const struct {
		const char *name, *v2;
		bool counts;
	} rows[] = {
		{ "memory", "memory", true }, { "pids", "pids", true }, { "cpu", "cpu", true }, { "cpuset", "cpuset", true },
		{ "blkio", "io", true }, { "hugetlb", "hugetlb", false }, { "rdma", "rdma", false },
	};
	// clang-format on
	char there[DOCTOR_TEXT_MAX / 2] = "", missing[DOCTOR_TEXT_MAX / 2] = "";
	bool complete = true;

	if (!d->cgroup)
		return untried(d);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool has = cgroup_has_controller(d->cgroup, rows[i].name) || cgroup_has_controller(d->cgroup, rows[i].v2);
		char *list = has ? there : missing;

		(void)snprintf(list + strlen(list), sizeof(there) - strlen(list), " %s", rows[i].v2);
		complete = complete && (has || !rows[i].counts);
	}
	doctor_say(d, "%s%s%s%s", *there ? there + 1 : "none", *missing ? " (not" : "", missing, *missing ? ")" : "");
	return complete ? DOCTOR_WORKS : DOCTOR_FAILS;
}

/* ---- a process in it ---- */

/* Opens the device for each message that comes, and answers how that went. */
static int live(struct doctor *d)
{
	char byte;

	while (socket_receive(d->to_parent, &byte, 1, NULL, 0, NULL, NULL) == 1) {
		int fd = host_open_file(DEVICE, O_RDWR), answer = fd < 0 ? fd : 0;

		if (fd >= 0)
			(void)fd_close(fd);
		if (socket_send(d->to_parent, &answer, sizeof(answer), NULL, 0) < 0)
			break;
	}
	return 0;
}

/* How the opening of the device goes there.  0 or -errno of the attempt; 1: nobody answers */
static int ask_member(struct doctor *d)
{
	int answer = 1;

	if (socket_send(d->member_fd, "", 1, NULL, 0) < 0 || doctor_wait(d, d->member_fd) != 1 ||
	    socket_receive(d->member_fd, &answer, sizeof(answer), NULL, 0, NULL, NULL) != sizeof(answer))
		return 1;
	return answer;
}

static pid_t start_member(struct doctor *d, int into, int pair[2])
{
	const struct clone_args args = { .flags = into >= 0 ? CLONE_INTO_CGROUP : 0,
					 .exit_signal = SIGCHLD,
					 .cgroup = into >= 0 ? (uint64_t)into : 0 };
	pid_t parent = getpid(), pid = sys_clone3(&args);

	if (pid == 0) {
		int r;

		doctor_tie();
		(void)fd_close(pair[0]);
		d->to_parent = pair[1];
		r = getppid() == parent && (cgroup_wants_join(d->cgroup) || cgroup_join_self(d->cgroup) == 0) ? live(d) : 1;
		_exit(r);
	}
	return pid;
}

static bool is_member(struct doctor *d)
{
	auto_free pid_t *pids = NULL;
	size_t n = 0;

	if (cgroup_pids(d->cgroup, &pids, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (pids[i] == d->member)
			return true;
	return false;
}

enum doctor_result doctor_enter(struct doctor *d)
{
	struct error err;
	bool moved;
	int pair[2], into, r;

	if (!d->cgroup)
		return untried(d);
	moved = cgroup_wants_join(d->cgroup);
	into = moved ? -1 : cgroup_clone_fd(d->cgroup);
	r = socket_pair(pair);
	if (r < 0)
		return doctor_judge(d, r, "", "no socket");
	d->member = start_member(d, into, pair);
	(void)fd_close(pair[1]);
	d->member_fd = pair[0];
	d->member_pidfd = d->member < 0 ? d->member : sys_pidfd_open(d->member, 0);
	if (d->member < 0) {
		d->member_pidfd = -1;
		d->member_fd = fd_close(d->member_fd);
		return doctor_judge(d, d->member, "", into >= 0 ? "clone3 into the cgroup" : "clone3");
	}
	if (moved && cgroup_join(d->cgroup, d->member, &err) < 0) {
		doctor_say(d, "%.250s", err.text);
		end_member(d);
		return DOCTOR_FAILS;
	}
	if (ask_member(d) == 1 || !is_member(d)) {
		doctor_say(d, "a process could not be put into %.150s", cgroup_path(d->cgroup));
		end_member(d);
		return DOCTOR_FAILS;
	}
	cgroup_settled(d->cgroup);
	doctor_say(d, moved ? "moved by systemd" : into >= 0 ? "born in it (clone3)" : "moved itself");
	return DOCTOR_WORKS;
}

enum doctor_result doctor_freezer(struct doctor *d)
{
	int r;

	if (!d->cgroup || d->member_pidfd < 0)
		return untried(d);
	r = cgroup_freeze(d->cgroup);
	if (r == 0 && !cgroup_is_frozen(d->cgroup))
		r = -ETIMEDOUT;
	if (cgroup_thaw(d->cgroup) < 0 && r == 0)
		r = -ETIMEDOUT;
	if (r == 0 && ask_member(d) == 1)
		r = -ETIMEDOUT;
	return doctor_judge(d, r, "frozen and thawed", "cannot freeze");
}

enum doctor_result doctor_devices(struct doctor *d)
{
	struct oci_device_rule rule = { .allow = false, .type = 'c',
					.major = DEVICE_MAJOR, .has_major = true, .minor = DEVICE_MINOR, .has_minor = true, .access = "rwm" };
	struct oci_resources resources = { .devices = &rule, .n_devices = 1 };
	struct error err;
	int r;

	if (!d->cgroup || d->member_pidfd < 0)
		return untried(d);
	r = ask_member(d);
	if (r != 0) {
		doctor_say(d, "not tried: " DEVICE " cannot be opened here");
		return DOCTOR_UNKNOWN;
	}
	if (cgroup_apply(d->cgroup, &resources, &err) < 0) {
		const char *text = strstr(err.text, ": "); /* behind the place in a config that is not there */

		doctor_say(d, "%.250s", text ? text + 2 : err.text);
		return DOCTOR_FAILS;
	}
	r = ask_member(d);
	doctor_say(d, r == -EPERM ? DEVICE " was denied, and could not be opened" : DEVICE " was denied, and could be opened all the same");
	return r == -EPERM ? DOCTOR_WORKS : DOCTOR_FAILS;
}

enum doctor_result doctor_kill(struct doctor *d)
{
	int r;

	if (!d->cgroup || d->member_pidfd < 0)
		return untried(d);
	r = cgroup_kill(d->cgroup, SIGKILL);
	if (r == 0 && doctor_wait(d, d->member_pidfd) != 1)
		r = d->is_interrupted ? -EINTR : -ETIMEDOUT;
	return doctor_judge(d, r, "everything in it was killed", "cannot kill what is in it");
}

/* ---- systemd ---- */

static int try_systemd(struct doctor *d)
{
	char version[64];
	struct error err;
	int64_t ms;

	if (cgroup_ask_systemd(version, sizeof(version), &ms, &err) < 0) {
		doctor_say(d, "%.250s", err.text);
		return -EHOSTUNREACH;
	}
	doctor_say(d, "version %s answered in %d ms", version, (int)ms);
	return 0;
}

enum doctor_result doctor_systemd(struct doctor *d)
{
	int r = doctor_child(d, try_systemd, NULL);

	if (r == 0 || r == -EHOSTUNREACH)
		return r == 0 ? DOCTOR_WORKS : DOCTOR_FAILS;
	return doctor_judge(d, r, "", "systemd does not answer");
}
