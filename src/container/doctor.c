// SPDX-License-Identifier: LGPL-2.1-or-later
/* doctor.c - THE table of checks of `hull doctor`, and the children in which they are made.
 *
 * A check that could block or change its process runs in a child that is killed at a deadline and dies with its parent.
 * The order matters: the checks of control groups use the cgroup that the first of them makes. */
#include "container/doctor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/socket.h"
#include "kernel/interfaces.h"
#include "kernel/namespaces.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

#define DEADLINE_MS (20 * 1000)

/* Whose containers cannot be made without it. */
enum need { NICE, ROOTS, USERS, EVERYBODYS };

// clang-format off
static const struct check {
	const char *name;
	enum need need;
	doctor_probe probe;
	const char *meaning, *remedy; /* where it does not work */
} checks[] = {
	{ "kernel", EVERYBODYS, doctor_version,
	  "hull uses interfaces that this kernel does not have", "run Linux 5.14 or later" },
	{ "procfs", EVERYBODYS, doctor_procfs,
	  "hull has no /proc that it can trust", "mount a procfs on /proc that shows all processes" },
	{ "self-copy", EVERYBODYS, doctor_self_copy,
	  "hull cannot protect its binary from containers and starts none", "set vm.memfd_noexec to 0 or 1" },
	{ "state-root", EVERYBODYS, doctor_state_root,
	  "no container can be recorded", "name a directory that is yours with --root, or set XDG_RUNTIME_DIR" },
	{ "user-namespace", USERS, doctor_user_namespace,
	  "containers with a user namespace cannot be made, and by users other than root none at all",
	  "raise user.max_user_namespaces, set kernel.unprivileged_userns_clone to 1 where there is one; see apparmor-userns" },
	{ "apparmor-userns", NICE, doctor_apparmor_userns,
	  "AppArmor takes all rights from user namespaces that users make without a profile that allows it",
	  "load an AppArmor profile with the rule \"userns,\" for hull, or set kernel.apparmor_restrict_unprivileged_userns to 0" },
	{ "namespaces", EVERYBODYS, doctor_namespaces,
	  "containers with these namespaces cannot be made", "run hull as root or with user namespaces; see user.max_*_namespaces" },
	{ "time-namespace", NICE, doctor_time_namespace,
	  "timeOffsets and time namespaces are refused", "run a kernel with CONFIG_TIME_NS" },
	{ "subordinate-ids", NICE, doctor_subids,
	  "a user's containers have one id only: images with files of several owners do not work",
	  "install newuidmap and newgidmap (package uidmap) and grant ids in /etc/subuid and /etc/subgid" },
	{ "idmapped-mounts", NICE, doctor_idmap,
	  "mounts with idmap, uidMappings or gidMappings are refused on this file system",
	  "as root, keep such directories on ext4, xfs, btrfs or (since Linux 6.3) tmpfs" },
	{ "cgroup", ROOTS, doctor_cgroup,
	  "containers have no cgroup of their own: no limits, no pause, no statistics",
	  "as root, mount the cgroup file systems read-write; as a user, run below a delegated cgroup v2, as systemd-run --user --scope gives" },
	{ "controllers", NICE, doctor_controllers,
	  "limits of these kinds are refused", "enable the controllers in the kernel (cgroup_enable=), or delegate them to the user (Delegate=)" },
	{ "cgroup-enter", ROOTS, doctor_enter,
	  "no process can be started in the container's cgroup", "as root, mount the cgroup file systems read-write; as a user, see cgroup" },
	{ "freezer", NICE, doctor_freezer,
	  "pause and resume are refused", "run a kernel with a freezer: cgroup v2, or v1 with the controller" },
	{ "device-rules", ROOTS, doctor_devices,
	  "devices in linux.resources cannot be enforced", "as root, run a kernel with CONFIG_CGROUP_BPF (v2) or CONFIG_CGROUP_DEVICE (v1); a user namespace opens no device nodes of its own anyway" },
	{ "cgroup-kill", NICE, doctor_kill,
	  "the processes of a container have to be killed one by one", "see cgroup" },
	{ "systemd", NICE, doctor_systemd,
	  "--systemd-cgroup does not work, the other cgroup managers do", "boot with systemd; as a user, log in with a session of systemd (XDG_RUNTIME_DIR)" },
	{ "seccomp", EVERYBODYS, doctor_seccomp,
	  "containers with linux.seccomp cannot be made", "run a kernel with CONFIG_SECCOMP_FILTER" },
	{ "seccomp-actions", NICE, doctor_seccomp_actions,
	  "profiles with these actions do something else than they say", "run a newer kernel" },
	{ "seccomp-listener", NICE, doctor_seccomp_listener,
	  "profiles with SCMP_ACT_NOTIFY are refused", "run hull outside of a container that filters seccomp(2)" },
	{ "security-modules", NICE, doctor_lsm,
	  "apparmorProfile and selinuxLabel are refused", "boot with AppArmor or SELinux (lsm=) if containers shall be confined by one" },
	{ "landlock", NICE, doctor_landlock,
	  "the annotation for Landlock is refused, unless it asks for best effort", "boot with landlock in lsm=, Linux 5.13 or later" },
	{ "criu", NICE, doctor_criu,
	  "checkpoint and restore do not work", "install criu, or name it with --criu" },
	{ "resctrl", NICE, doctor_resctrl,
	  "linux.intelRdt is refused", "on a processor that has it: mount -t resctrl resctrl /sys/fs/resctrl" },
};
// clang-format on

/* ---- children ---- */

void doctor_say(struct doctor *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(d->found, DOCTOR_TEXT_MAX, fmt, args);
	va_end(args);
}

enum doctor_result doctor_judge(struct doctor *d, int r, const char *works, const char *fails)
{
	if (r == 0)
		doctor_say(d, "%s", works);
	else
		doctor_say(d, "%s: %s", fails, errno_text(r));
	return r == 0 ? DOCTOR_WORKS : r == -EINTR || r == -ENOMEM ? DOCTOR_UNKNOWN : DOCTOR_FAILS;
}

int doctor_wait(struct doctor *d, int fd)
{
	int64_t deadline = clock_ms() + DEADLINE_MS;

	for (;;) {
		struct pollfd fds[] = { { .fd = fd, .events = POLLIN }, { .fd = d->interrupt, .events = POLLIN } };
		int n = poll(fds, 2, clock_left(deadline));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		if (n > 0 && fds[1].revents) {
			d->is_interrupted = true;
			return -EINTR;
		}
		if (n > 0)
			return 1;
	}
}

void doctor_tie(void)
{
	(void)sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* cannot fail */
}

int doctor_sync(struct doctor *d)
{
	int answer = 0;
	ssize_t n = socket_send(d->to_parent, "", 1, NULL, 0);

	if (n == 0)
		n = socket_receive(d->to_parent, &answer, sizeof(answer), NULL, 0, NULL, NULL);
	return n == sizeof(answer) ? answer : -EPIPE;
}

/* Until the child has ended, met on its way.  0, or -errno: it is to be killed. */
static int accompany(struct doctor *d, int fd, int pidfd, pid_t pid, int (*meet)(struct doctor *d, pid_t pid))
{
	int r = doctor_wait(d, fd), answer;
	char byte;

	if (r == 1 && socket_receive(fd, &byte, 1, NULL, 0, NULL, NULL) == 1) {
		answer = meet ? meet(d, pid) : 0;
		r = socket_send(fd, &answer, sizeof(answer), NULL, 0);
		if (r < 0 && r != -EPIPE)
			return r;
	}
	if (r >= 0 || r == -EPIPE)
		r = doctor_wait(d, pidfd);
	return r < 0 ? r : r == 0 ? -ETIMEDOUT : 0;
}

int doctor_child(struct doctor *d, int (*act)(struct doctor *d), int (*meet)(struct doctor *d, pid_t pid))
{
	pid_t parent = getpid(), pid;
	int pair[2], status = 0, r = socket_pair(pair);
	auto_close int pidfd = -1;

	if (r < 0)
		return r;
	*d->result = -ECHILD;
	pid = fork();
	if (pid == 0) {
		doctor_tie();
		(void)fd_close(pair[0]);
		d->to_parent = pair[1];
		if (getppid() == parent)
			*d->result = act(d);
		_exit(0);
	}
	r = pid < 0 ? -errno : 0;
	(void)fd_close(pair[1]);
	if (r == 0) {
		pidfd = sys_pidfd_open(pid, 0);
		r = pidfd < 0 ? pidfd : accompany(d, pair[0], pidfd, pid, meet);
		if (r < 0)
			(void)kill(pid, SIGKILL); /* our own child, not reaped yet */
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	(void)fd_close(pair[0]);
	return r < 0 ? r : *d->result;
}

/* ---- the examination ---- */

static int try_interface(struct doctor *d)
{
	const struct kernel_interface *row = kernel_interface_row((size_t)*d->found);

	return row->probe();
}

static bool examine_interface(struct doctor *d, size_t i, void (*tell)(void *context, const struct doctor_finding *finding),
			      void *context)
{
	const struct kernel_interface *row = kernel_interface_row(i);
	struct doctor_finding finding = { .name = row->name, .since = row->since, .needed = row->needed, .found = d->found };
	char meaning[128], remedy[64];
	int r;

	*d->found = (char)i; /* for the child */
	r = doctor_child(d, try_interface, NULL);
	finding.result = doctor_judge(d, r, row->use, row->use);
	if (finding.result != DOCTOR_WORKS) {
		snprintf(meaning, sizeof(meaning), row->needed ? "hull does not work without it" : "hull has a slower way");
		snprintf(remedy, sizeof(remedy), "run Linux %s or later, outside of a filter of system calls", row->since);
		finding.meaning = meaning;
		finding.remedy = remedy;
	}
	tell(context, &finding);
	return finding.result == DOCTOR_WORKS || !row->needed;
}

static bool is_needed(const struct doctor *d, const struct check *check)
{
	if (check->probe == doctor_systemd) /* by who asks for it */
		return d->rt->manager == CGROUP_SYSTEMD;
	if (check->need == ROOTS)
		return d->is_root;
	return check->need == EVERYBODYS || (check->need == USERS && geteuid() != 0);
}

static bool examine(struct doctor *d, const struct check *check,
		    void (*tell)(void *context, const struct doctor_finding *finding), void *context)
{
	struct doctor_finding finding = { .name = check->name, .needed = is_needed(d, check), .found = d->found };

	*d->found = '\0';
	finding.result = check->probe(d);
	if (finding.result != DOCTOR_WORKS) {
		finding.meaning = check->meaning;
		finding.remedy = check->remedy;
	}
	if (!d->is_interrupted)
		tell(context, &finding);
	return finding.result == DOCTOR_WORKS || !finding.needed;
}

static void examine_all(struct doctor *d, void (*tell)(void *context, const struct doctor_finding *finding), void *context,
			bool *ret_well)
{
	*ret_well = true;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !d->is_interrupted; i++)
		*ret_well &= examine(d, &checks[i], tell, context);
	for (size_t i = 0; kernel_interface_row(i) && !d->is_interrupted; i++)
		*ret_well &= examine_interface(d, i, tell, context);
}

int container_doctor(const struct runtime *rt, const char *path,
		     void (*tell)(void *context, const struct doctor_finding *finding), void *context, bool *ret_well,
		     struct error *err)
{
	struct doctor d = { .rt = rt, .path = path, .member_fd = -1, .member_pidfd = -1, .to_parent = -1, .cleaner_fd = -1 };
	const size_t size = DOCTOR_TEXT_MAX + sizeof(int);
	struct interrupt interrupt;
	char *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int r;

	if (shared == MAP_FAILED)
		return fail(err, -errno, "cannot share memory with a child");
	d.found = shared;
	d.result = (int *)(void *)(shared + DOCTOR_TEXT_MAX);
	d.procfs = proc_open_private(NULL);
	d.is_root = geteuid() == 0 && d.procfs >= 0 && namespace_is_initial_user(d.procfs);
	r = interrupt_begin(&interrupt);
	if (r < 0)
		(void)fail(err, r, "cannot wait for signals");
	d.interrupt = interrupt.fd;
	if (r == 0) {
		examine_all(&d, tell, context, ret_well);
		r = doctor_leave_cgroup(&d, err);
	}
	interrupt_end(&interrupt); /* a signal that has come ends us here */
	(void)fd_close(d.procfs);
	(void)munmap(shared, size);
	return r < 0 ? -1 : 0;
}
