// SPDX-License-Identifier: LGPL-2.1-or-later
/* hostcheck.c - whether this host, and the caller's rights on it, have what a config asks for.
 *
 * Files are looked at and never opened for I/O; nothing is made.  What create would refuse is an error; what only may
 * go wrong (a module that the kernel can still load, a program that a mount may bring) is a warning. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "container/hostcheck.h"
#include "container/subids.h"
#include "init/landlock.h"
#include "kernel/caps.h"
#include "kernel/host.h"
#include "kernel/landlock.h"
#include "kernel/namespaces.h"
#include "kernel/proc.h"
#include "kernel/sys.h"

#define FILE_LIMIT (4 * 1024 * 1024)

const char *hostcheck_pointer(char buffer[128], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(buffer, 128, fmt, args);
	va_end(args);
	return buffer;
}

static bool has_cap(const struct host_check *h, int cap)
{
	return (h->caps.effective >> cap & 1) != 0;
}

/* The rights of the host's root, which no user namespace can give. */
static bool is_host_root(const struct host_check *h, int cap)
{
	return h->is_initial && has_cap(h, cap);
}

char *hostcheck_read(const char *path)
{
	auto_close int fd = host_open_file(path, O_RDONLY | O_NONBLOCK);
	char *text = NULL;

	return fd >= 0 && file_read(fd, FILE_LIMIT, &text, NULL) == 0 ? text : NULL;
}

bool hostcheck_has_word(const char *list, const char *word)
{
	static const char separators[] = " ,\t\n";
	size_t n = strlen(word);

	for (const char *at = list; at && *at;) {
		size_t length;

		at += strspn(at, separators);
		length = strcspn(at, separators);
		if (length == n && memcmp(at, word, n) == 0)
			return true;
		at += length;
	}
	return false;
}

static const struct oci_namespace *find_namespace(const struct host_check *h, uint64_t type)
{
	for (size_t i = 0; i < h->linux->n_namespaces; i++)
		if (h->linux->namespaces[i].type == type)
			return &h->linux->namespaces[i];
	return NULL;
}

static bool is_new(const struct host_check *h, uint64_t type)
{
	const struct oci_namespace *ns = find_namespace(h, type);

	return ns && !ns->path;
}

/* ---- the kernel ---- */

static void check_kernel(struct host_check *h)
{
	struct utsname name;
	unsigned major, minor;

	if (uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	    (major < 5 || (major == 5 && minor < 14)))
		FAULT(h, "", "", "this kernel is %s; hull needs Linux 5.14 or later", name.release);
}

/* ---- namespaces ---- */

/* user_namespaces(7): 0 forbids them. */
static bool is_forbidden(const struct host_check *h, const char *file)
{
	auto_free char *text = NULL;

	return h->procfs >= 0 && proc_read(h->procfs, file, &text) == 0 && atoi(text) == 0;
}

static void check_new_namespace(struct host_check *h, const struct namespace_kind *kind, const char *pointer)
{
	auto_close int own = h->procfs < 0 ? -1 : namespace_open_of(h->procfs, 0, kind->flag);
	char file[64];

	if (own == -ENOENT) {
		FAULT(h, "ns-new-01", pointer, "this kernel has no %s namespaces", kind->word);
		return;
	}
	snprintf(file, sizeof(file), "sys/user/max_%s_namespaces", kind->file);
	if (is_forbidden(h, file))
		FAULT(h, "ns-new-01", pointer, "this host forbids %s namespaces (%s is 0)", kind->word, file + 4);
	else if (kind->flag == CLONE_NEWUSER && !has_cap(h, CAP_SYS_ADMIN) &&
		 is_forbidden(h, "sys/kernel/unprivileged_userns_clone"))
		FAULT(h, "ns-user-01", pointer,
		      "this host forbids user namespaces to users (kernel.unprivileged_userns_clone is 0)");
	else if (kind->flag != CLONE_NEWUSER && !has_cap(h, CAP_SYS_ADMIN) && !is_new(h, CLONE_NEWUSER))
		FAULT(h, "ns-new-01", pointer, "without CAP_SYS_ADMIN it takes a new user namespace as well");
}

static void check_joined_namespace(struct host_check *h, const struct oci_namespace *ns,
				   const struct namespace_kind *kind, const char *pointer)
{
	auto_close int fd = namespace_open(ns->path, kind->flag);

	if (fd == -EINVAL)
		FAULT(h, "ns-path-03", pointer, "%s is not a %s namespace", ns->path, kind->word);
	else if (fd < 0)
		FAULT(h, "ns-path-03", pointer, "cannot open %s: %s", ns->path, errno_text(fd));
}

static void check_namespaces(struct host_check *h)
{
	for (size_t i = 0; i < h->linux->n_namespaces; i++) {
		const struct oci_namespace *ns = &h->linux->namespaces[i];
		const struct namespace_kind *kind = namespace_kind((int)ns->type);
		char pointer[128];

		hostcheck_pointer(pointer, "/linux/namespaces/%zu/%s", i, ns->path ? "path" : "type");
		if (ns->path)
			check_joined_namespace(h, ns, kind, pointer);
		else
			check_new_namespace(h, kind, pointer);
	}
}

/* ---- ids ---- */

/* The lines "INSIDE OUTSIDE SIZE" of a map of the caller's own namespace. */
static bool is_mapped(const char *map, uint32_t first, uint32_t size)
{
	unsigned inside, outside, n;
	int used;

	for (const char *at = map; sscanf(at, "%u %u %u%n", &inside, &outside, &n, &used) == 3; at += used)
		if (first >= inside && first - inside < n && size <= n - (first - inside))
			return true;
	return false;
}

static void check_mappings(struct host_check *h, const struct oci_id_mapping *mappings, size_t n, const char *member,
			   const char *file, int cap, uint32_t own, const char *helper, const char *ranges_file)
{
	auto_free char *map = NULL, *ranges = hostcheck_read(ranges_file), *passwd = hostcheck_read("/etc/passwd");

	if (h->procfs < 0 || proc_read(h->procfs, file, &map) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct oci_id_mapping *m = &mappings[i];
		char pointer[128];

		hostcheck_pointer(pointer, "/linux/%s/%zu", member, i);
		if (!is_mapped(map, m->host_id, m->size)) {
			FAULT(h, "idmap-04", pointer,
			      "the ids from %u on, %u of them, do not exist in the caller's own user namespace",
			      m->host_id, m->size);
		} else if (!has_cap(h, cap) && !(n == 1 && m->size == 1 && m->host_id == own)) {
			bool mine = m->size == 1 && m->host_id == own;

			if (!host_has_program(helper))
				FAULT(h, "idmap-04", pointer,
				      "more than one's own id needs %s(1), which is not installed", helper);
			else if (!mine && !subids_grant(ranges, passwd, m->host_id, m->size))
				FAULT(h, "idmap-04", pointer,
				      "%s does not grant the ids from %u on, %u of them, to user %u", ranges_file,
				      m->host_id, m->size, (unsigned)geteuid());
		}
	}
}

static void check_user_namespace(struct host_check *h)
{
	if (!is_new(h, CLONE_NEWUSER))
		return;
	check_mappings(h, h->linux->uid_mappings, h->linux->n_uid_mappings, "uidMappings", "self/uid_map", CAP_SETUID,
		       geteuid(), "newuidmap", "/etc/subuid");
	check_mappings(h, h->linux->gid_mappings, h->linux->n_gid_mappings, "gidMappings", "self/gid_map", CAP_SETGID,
		       getegid(), "newgidmap", "/etc/subgid");
}

/* ---- the process ---- */

static void check_limits(struct host_check *h)
{
	const struct oci_process *process = h->config->process;

	for (size_t i = 0; process && !is_host_root(h, CAP_SYS_RESOURCE) && i < process->n_rlimits; i++) {
		const struct oci_rlimit *rl = &process->rlimits[i];
		struct rlimit64 own;
		char pointer[128];

		if (getrlimit64((__rlimit_resource_t)rl->type, &own) == 0 && rl->hard > own.rlim_max)
			FAULT(h, "rlim-08", hostcheck_pointer(pointer, "/process/rlimits/%zu/hard", i),
			      "is above the caller's own limit of %llu, which only CAP_SYS_RESOURCE may raise",
			      (unsigned long long)own.rlim_max);
	}
}

static void check_oom_score(struct host_check *h)
{
	const struct oci_process *process = h->config->process;
	auto_free char *own = NULL;

	if (!process || !process->has_oom_score_adj || h->procfs < 0 || is_host_root(h, CAP_SYS_RESOURCE) ||
	    proc_read(h->procfs, "self/oom_score_adj", &own) < 0)
		return;
	if (process->oom_score_adj < atoi(own))
		FAULT(h, "proc-oom-01", "/process/oomScoreAdj",
		      "is below the caller's own %d, which takes CAP_SYS_RESOURCE", atoi(own));
}

static void check_list(struct host_check *h, const char *set, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int number = cap_number(names[i]);
		char pointer[128];

		if (number >= 0 && !has_cap(h, number))
			DOUBT(h, "cap-02 cap-03", hostcheck_pointer(pointer, "/process/capabilities/%s/%zu", set, i),
			      "the caller does not have %s and cannot grant it", names[i]);
	}
}

/* In a new user namespace all of them are there. */
static void check_capabilities(struct host_check *h)
{
	const struct oci_capabilities *c = h->config->process ? h->config->process->capabilities : NULL;

	if (!c || find_namespace(h, CLONE_NEWUSER))
		return;
	check_list(h, "bounding", c->bounding, c->n_bounding);
	check_list(h, "effective", c->effective, c->n_effective);
	check_list(h, "permitted", c->permitted, c->n_permitted);
}

/* ---- devices ---- */

/* Without the right to make nodes the host's are bound, and must be those devices. */
static void check_devices(struct host_check *h)
{
	bool can_make = is_host_root(h, CAP_MKNOD) && !find_namespace(h, CLONE_NEWUSER);

	for (size_t i = 0; !can_make && i < h->linux->n_devices; i++) {
		const struct oci_device *d = &h->linux->devices[i];
		auto_close int fd = -1;
		struct stat st;
		char pointer[128];
		int r;

		if (d->type == S_IFIFO)
			continue;
		fd = host_open_file(d->path, O_PATH);
		r = fd < 0 ? fd : sys_fstat(fd, &st);
		if (r < 0)
			FAULT(h, "dev-01", hostcheck_pointer(pointer, "/linux/devices/%zu", i),
			      "no node can be made here, and the host's %s cannot be bound: %s", d->path,
			      errno_text(r));
		else if ((st.st_mode & S_IFMT) != d->type ||
			 st.st_rdev != makedev((unsigned)d->major, (unsigned)d->minor))
			FAULT(h, "dev-01", hostcheck_pointer(pointer, "/linux/devices/%zu", i),
			      "no node can be made here, and the host's %s is another device", d->path);
	}
}

static void check_net_devices(struct host_check *h)
{
	for (size_t i = 0; i < h->linux->n_net_devices; i++) {
		const char *name = h->linux->net_devices[i].key;
		auto_close int fd = -1;
		char path[64], pointer[128];

		snprintf(path, sizeof(path), "/sys/class/net/%s", name);
		fd = host_open_file(path, O_PATH);
		if (fd < 0)
			FAULT(h, "netdev-03", hostcheck_pointer(pointer, "/linux/netDevices/%s", name),
			      "this host has no interface %s", name);
	}
}

/* ---- cgroups ---- */

static void on_cgroup_fault(void *context, const struct error *fault)
{
	findings_add_error(context, "cg-path-08", "/linux/cgroupsPath", fault);
}

static void check_cgroup(struct host_check *h)
{
	struct cgroup *cgroup = NULL;
	struct error err;

	if (cgroup_plan(h->in->rt->manager, h->linux->cgroups_path, "validate", &cgroup, &err) < 0)
		findings_add_error(h->in, "cg-path-08", "/linux/cgroupsPath", &err);
	else
		cgroup_check_each(cgroup, h->linux->resources, on_cgroup_fault, h->in);
	cgroup_free(cgroup);
}

/* ---- confinement ---- */

static bool has_lsm(const char *name, const char *file)
{
	auto_free char *list = hostcheck_read("/sys/kernel/security/lsm");
	auto_close int fd = list ? -1 : host_open_file(file, O_PATH);

	return list ? hostcheck_has_word(list, name) : fd >= 0;
}

static void check_apparmor(struct host_check *h, const char *profile)
{
	auto_free char *profiles = NULL;
	char row[256];

	if (strcmp(profile, "unconfined") == 0) /* without AppArmor everything is */
		return;
	if (!has_lsm("apparmor", "/sys/module/apparmor")) {
		FAULT(h, "lsm-01", "/process/apparmorProfile", "this host does not run AppArmor");
		return;
	}
	profiles = hostcheck_read("/sys/kernel/security/apparmor/profiles");
	snprintf(row, sizeof(row), "%s (", profile);
	if (profiles && !strstr(profiles, row))
		FAULT(h, "lsm-01", "/process/apparmorProfile", "no profile %s is loaded on this host", profile);
}

static void check_labels(struct host_check *h)
{
	const struct oci_process *process = h->config->process;
	bool selinux = has_lsm("selinux", "/sys/fs/selinux/enforce");

	if (process && process->apparmor_profile && *process->apparmor_profile)
		check_apparmor(h, process->apparmor_profile);
	if (process && process->selinux_label && *process->selinux_label && !selinux)
		FAULT(h, "lsm-02", "/process/selinuxLabel", "this host does not run SELinux");
	if (h->linux->mount_label && *h->linux->mount_label && !selinux)
		FAULT(h, "label-01", "/linux/mountLabel", "this host does not run SELinux");
}

static void check_landlock(struct host_check *h)
{
	if (landlock_annotation(h->config) && landlock_version() < 0)
		FAULT(h, "", "/annotations/" ANNOTATION_LANDLOCK, "this kernel has no Landlock, or it was not enabled at boot");
}

/* Words of /proc/sys/kernel/seccomp/actions_avail. */
static const char *action_word(uint64_t action)
{
	switch (action) {
	case SECCOMP_RET_KILL_PROCESS:
		return "kill_process";
	case SECCOMP_RET_KILL_THREAD:
		return "kill_thread";
	case SECCOMP_RET_TRAP:
		return "trap";
	case SECCOMP_RET_ERRNO:
		return "errno";
	case SECCOMP_RET_USER_NOTIF:
		return "user_notif";
	case SECCOMP_RET_TRACE:
		return "trace";
	case SECCOMP_RET_LOG:
		return "log";
	default:
		return "allow";
	}
}

static void check_seccomp(struct host_check *h)
{
	const struct oci_seccomp *s = h->linux->seccomp;
	auto_free char *known = NULL;

	if (!s)
		return;
	if (h->procfs < 0 || proc_read(h->procfs, "sys/kernel/seccomp/actions_avail", &known) < 0) {
		FAULT(h, "sec-01", "/linux/seccomp", "this kernel has no seccomp filters");
		return;
	}
	if (!hostcheck_has_word(known, action_word(s->default_action)))
		FAULT(h, "sec-03", "/linux/seccomp/defaultAction", "this kernel does not know the action %s",
		      action_word(s->default_action));
	for (size_t i = 0; i < s->n_syscalls; i++) {
		char pointer[128];

		if (!hostcheck_has_word(known, action_word(s->syscalls[i].action)))
			FAULT(h, "sec-22", hostcheck_pointer(pointer, "/linux/seccomp/syscalls/%zu/action", i),
			      "this kernel does not know the action %s", action_word(s->syscalls[i].action));
	}
}

/* ---- the rest ---- */

static void check_sysctl(struct host_check *h)
{
	for (size_t i = 0; h->procfs >= 0 && i < h->linux->n_sysctl; i++) {
		const char *key = h->linux->sysctl[i].key;
		bool by_slash = strcspn(key, "/") < strcspn(key, ".");
		auto_text struct text path = TEXT_INIT, pointer = TEXT_INIT;
		auto_close int fd = -1;

		text_puts(&path, "sys/");
		text_puts(&pointer, "/linux/sysctl/");
		for (const char *c = key; *c; c++) {
			char other = *c == '.' ? '/' : *c == '/' ? '.' : *c;

			text_append(&path, by_slash ? c : &other, 1);
			text_puts(&pointer, *c == '/' ? "~1" : *c == '~' ? "~0" : (const char[]){ *c, '\0' });
		}
		fd = path.failed || pointer.failed ? -ENOMEM : proc_open(h->procfs, path.data, O_PATH);
		if (fd == -ENOENT)
			DOUBT(h, "sysctl-01", pointer.data, "this host has no such sysctl, unless a module brings it");
	}
}

static void check_intel_rdt(struct host_check *h)
{
	auto_close int fd = host_open_file("/sys/fs/resctrl/schemata", O_PATH);

	if (h->linux->intel_rdt && fd < 0)
		FAULT(h, "rdt-02", "/linux/intelRdt", "no resctrl file system is mounted at /sys/fs/resctrl");
}

/* In this order: what is told first is what the others stand on. */
static void (*const checks[])(struct host_check *h) = {
	check_kernel,       check_namespaces, check_user_namespace, hostcheck_paths, check_limits, check_oom_score,
	check_capabilities, check_devices,    check_net_devices,    check_cgroup,    check_labels, check_landlock,
	check_seccomp,      check_sysctl,     check_intel_rdt,
};

void check_host(struct findings *in)
{
	static const struct oci_linux none;
	struct host_check h = { .in = in,
				.config = in->config->oci,
				.linux = in->config->oci->linux ? in->config->oci->linux : &none,
				.procfs = proc_open_host(),
				.rootfs = -1 };

	h.is_initial = h.procfs >= 0 && namespace_is_initial_user(h.procfs);
	if (caps_current(&h.caps) < 0)
		h.caps = (struct caps){ 0 };
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](&h);
	(void)fd_close(h.rootfs);
	(void)fd_close(h.procfs);
}
