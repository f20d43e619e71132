// SPDX-License-Identifier: LGPL-2.1-or-later
/* plan.c - what each step of THE step table would do, without doing it.
 *
 * A row for each step; the order, and which steps apply, come from the step table itself.  A step that is new without a
 * row here fails a unit test. */
#include "init/plan.h"

#include <linux/mount.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/annotations.h"
#include "base/text.h"
#include "init/init.h"
#include "init/landlock.h"
#include "init/sources.h"
#include "init/steps.h"
#include "kernel/mountopts.h"
#include "kernel/namespaces.h"

#define POINTER_MAX 320

struct planning {
	struct plan *plan;
	struct init in; /* only what the config and the flags say */
};

void plan_put(const struct plan *plan, const char *verb, const char *object, const char *pointer, const char *fmt, ...)
{
	char detail[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	plan->put(plan->context, &(struct plan_item){ .of_init = plan->of_init,
						      .part = plan->part,
						      .verb = verb,
						      .object = object,
						      .detail = detail,
						      .pointer = pointer,
						      .at_start = plan->at_start });
}

#define PUT(p, verb, object, pointer, ...) plan_put((p)->plan, verb, object, pointer, __VA_ARGS__)

static const char *at(char buffer[POINTER_MAX], const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static const char *at(char buffer[POINTER_MAX], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(buffer, POINTER_MAX, fmt, args);
	va_end(args);
	return buffer;
}

static const struct oci_linux *linux_of(const struct planning *p)
{
	static const struct oci_linux none;

	return p->in.config->linux ? p->in.config->linux : &none;
}

/* ---- before the namespaces ---- */

static void plan_security_modules(struct planning *p)
{
	const struct oci_process *process = p->in.process;

	if (process && process->apparmor_profile && *process->apparmor_profile)
		PUT(p, "require", "AppArmor", "/process/apparmorProfile", "%s", process->apparmor_profile);
	if (process && process->selinux_label && *process->selinux_label)
		PUT(p, "require", "SELinux", "/process/selinuxLabel", "%s", process->selinux_label);
	if (linux_of(p)->mount_label && *linux_of(p)->mount_label)
		PUT(p, "require", "SELinux", "/linux/mountLabel", "%s", linux_of(p)->mount_label);
}

static void plan_oom_score(struct planning *p)
{
	if (p->in.process->has_oom_score_adj)
		PUT(p, "write", "/proc/self/oom_score_adj", "/process/oomScoreAdj", "%lld",
		    (long long)p->in.process->oom_score_adj);
}

static void plan_undumpable(struct planning *p)
{
	PUT(p, "prctl", "PR_SET_DUMPABLE", "", "0");
}

static void plan_seccomp_program(struct planning *p)
{
	const struct oci_seccomp *s = linux_of(p)->seccomp;

	if (s)
		PUT(p, "read", "seccomp program", "/linux/seccomp", "default %s, %zu entries of syscalls",
		    oci_word(oci_seccomp_action_words, s->default_action), s->n_syscalls);
}

/* ---- namespaces ---- */

static void plan_join(struct planning *p)
{
	char pointer[POINTER_MAX];

	for (size_t kind = 0; kind < NAMESPACE_KINDS; kind++)
		for (size_t i = 0; i < linux_of(p)->n_namespaces; i++) {
			const struct oci_namespace *ns = &linux_of(p)->namespaces[i];

			if (ns->path && ns->type == (uint64_t)namespace_kinds[kind].flag)
				PUT(p, "join", namespace_kinds[kind].word, at(pointer, "/linux/namespaces/%zu", i), "%s",
				    ns->path);
		}
}

static void put_maps(struct planning *p, const char *file, const char *member, const struct oci_id_mapping *m, size_t n)
{
	char pointer[POINTER_MAX];

	for (size_t i = 0; i < n; i++)
		PUT(p, "map", file, at(pointer, "/linux/%s/%zu", member, i), "%u %u %u", m[i].container_id, m[i].host_id,
		    m[i].size);
}

static void plan_user_namespace(struct planning *p)
{
	if (!(p->in.new_namespaces & CLONE_NEWUSER))
		return;
	PUT(p, "unshare", "user", "/linux/namespaces", "%s", "");
	put_maps(p, "uid_map", "uidMappings", linux_of(p)->uid_mappings, linux_of(p)->n_uid_mappings);
	put_maps(p, "gid_map", "gidMappings", linux_of(p)->gid_mappings, linux_of(p)->n_gid_mappings);
}

/* Those of plan_join that had to wait for the user namespace: which, only the kernel says. */
static void plan_nothing(struct planning *p)
{
	(void)p;
}

static void put_unshare(struct planning *p, unsigned flags)
{
	for (size_t kind = 0; kind < NAMESPACE_KINDS; kind++)
		if (flags & (unsigned)namespace_kinds[kind].flag)
			PUT(p, "unshare", namespace_kinds[kind].word, "/linux/namespaces", "%s", "");
}

static void plan_new_namespaces(struct planning *p)
{
	if (!(p->in.flags & INIT_NAMESPACES_NEW))
		put_unshare(p, p->in.new_namespaces & ~(unsigned)(CLONE_NEWUSER | CLONE_NEWCGROUP));
}

static void plan_time(struct planning *p)
{
	char pointer[POINTER_MAX];

	for (size_t i = 0; i < linux_of(p)->n_time_offsets; i++) {
		const struct oci_time_offset *offset = &linux_of(p)->time_offsets[i];

		PUT(p, "write", "/proc/self/timens_offsets", at(pointer, "/linux/timeOffsets/%s", offset->key),
		    "%s %lld %u", offset->key, (long long)offset->secs, offset->nanosecs);
	}
}

static void plan_fork(struct planning *p)
{
	const struct init *in = &p->in;

	if (!(in->flags & INIT_NAMESPACES_NEW) &&
	    (((in->new_namespaces | in->joined_namespaces) & CLONE_NEWPID) || (in->new_namespaces & CLONE_NEWTIME)))
		PUT(p, "fork", "init", "/linux/namespaces", "into the pid or time namespace");
}

static void plan_session(struct planning *p)
{
	PUT(p, "setsid", "init", "", "%s", "");
}

static void plan_keyring(struct planning *p)
{
	if (!(p->in.flags & INIT_NO_NEW_KEYRING))
		PUT(p, "join", "session keyring", "", "_ses.%s", p->in.id);
}

static void plan_cgroup_namespace(struct planning *p)
{
	const unsigned by_clone3 = INIT_CGROUP_FINAL | INIT_NAMESPACES_NEW;

	if (p->in.new_namespaces & CLONE_NEWCGROUP && (p->in.flags & by_clone3) != by_clone3)
		put_unshare(p, CLONE_NEWCGROUP);
}

static void plan_network(struct planning *p)
{
	char pointer[POINTER_MAX];

	if (p->in.new_namespaces & CLONE_NEWNET)
		PUT(p, "set up", "lo", "/linux/namespaces", "%s", "");
	for (size_t i = 0; i < linux_of(p)->n_net_devices; i++) {
		const struct oci_net_device *d = &linux_of(p)->net_devices[i];

		PUT(p, "move", d->key, at(pointer, "/linux/netDevices/%s", d->key), "as %s", d->name ? d->name : d->key);
	}
}

/* ---- file systems ---- */

static const struct {
	uint64_t flag;
	const char *word;
} attributes[] = {
	{ MOUNT_ATTR_RDONLY, "ro" },		 { MOUNT_ATTR_NOSUID, "nosuid" },
	{ MOUNT_ATTR_NODEV, "nodev" },		 { MOUNT_ATTR_NOEXEC, "noexec" },
	{ MOUNT_ATTR_NOATIME, "noatime" },	 { MOUNT_ATTR_STRICTATIME, "strictatime" },
	{ MOUNT_ATTR_NODIRATIME, "nodiratime" }, { MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" },
};

static void put_word(struct text *text, const char *word)
{
	text_printf(text, "%s%s", text->length ? " " : "", word);
}

static void put_attributes(struct text *text, uint64_t set, const char *prefix)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		char word[32];

		(void)snprintf(word, sizeof(word), "%s%s", prefix, attributes[i].word);
		if (set & attributes[i].flag)
			put_word(text, word);
	}
}

/* What the options come to, in the words of the spec; file system data as it is. */
static void put_options(struct text *text, const struct mount_options *o)
{
	static const struct {
		uint64_t flag;
		const char *word;
	} super[] = { { MS_SYNCHRONOUS, "sync" }, { MS_DIRSYNC, "dirsync" }, { MS_LAZYTIME, "lazytime" } };
	const char *propagation = oci_word(oci_propagation_words, o->propagation | (o->propagation_recursive ? MS_REC : 0));

	put_attributes(text, o->attr_set, "");
	put_attributes(text, o->recursive_attr_set, "r");
	for (size_t i = 0; i < sizeof(super) / sizeof(super[0]); i++)
		if (o->super_set & super[i].flag)
			put_word(text, super[i].word);
	if (o->propagation && propagation)
		put_word(text, propagation);
	if (o->idmap || o->ridmap)
		put_word(text, o->ridmap ? "ridmap" : "idmap");
	if (o->tmpcopyup)
		put_word(text, "tmpcopyup");
	for (size_t i = 0; i < o->n_data; i++)
		put_word(text, o->data[i]);
}

static void plan_mounts(struct planning *p)
{
	const struct oci_config *config = p->in.config;
	char pointer[POINTER_MAX];

	for (size_t i = 0; i < config->n_mounts; i++) {
		const struct oci_mount *m = &config->mounts[i];
		auto_text struct text words = TEXT_INIT;
		struct mount_options o;

		if (mount_options_read(m->options, m->n_options, &o) < 0)
			continue;
		put_options(&words, &o);
		(void)at(pointer, "/mounts/%zu", i);
		if (o.remount)
			PUT(p, "remount", m->destination, pointer, "%s", text_string(&words));
		else if (o.bind)
			PUT(p, o.recursive ? "rbind" : "bind", m->destination, pointer, "%s%s%s", m->source,
			    words.length ? " " : "", text_string(&words));
		else
			PUT(p, "mount", m->destination, pointer, "%s%s%s", m->type, words.length ? " " : "",
			    text_string(&words));
		mount_options_free(&o);
	}
}

static void plan_root_tree(struct planning *p)
{
	const char *propagation = linux_of(p)->has_rootfs_propagation
					  ? oci_word(oci_propagation_words, linux_of(p)->rootfs_propagation)
					  : "rprivate";

	if (root_has_mounts(&p->in))
		PUT(p, "bind", "/", "/root/path", "%s %s", p->in.config->root->path, propagation);
	else if (p->in.flags & INIT_DETACHED_ROOT)
		PUT(p, "clone", p->in.config->root->path, "/root/path", "the mount namespace is shared: a tree of its own");
	else
		PUT(p, "open", p->in.config->root->path, "/root/path", "the mount namespace is shared: nothing is mounted");
}

static void plan_notify(struct planning *p)
{
	if (p->in.flags & INIT_NOTIFY)
		PUT(p, "bind", "/run/notify", "", "ro nosuid nodev noexec");
}

static bool is_covered(const struct planning *p, const char *path, bool exactly)
{
	for (size_t i = 0; i < p->in.config->n_mounts; i++)
		if (exactly ? mount_is_at(&p->in.config->mounts[i], path) : mount_covers(&p->in.config->mounts[i], path))
			return true;
	return false;
}

static bool is_dev_bound(const struct planning *p)
{
	for (size_t i = p->in.config->n_mounts; i-- > 0;) {
		const struct oci_mount *m = &p->in.config->mounts[i];

		if (!mount_covers(m, "/dev"))
			continue;
		for (size_t k = 0; k < m->n_options; k++)
			if (strcmp(m->options[k], "bind") == 0 || strcmp(m->options[k], "rbind") == 0)
				return true;
		return false;
	}
	return false;
}

static void plan_default_devices(struct planning *p)
{
	const char *name, *target;
	unsigned major, minor;
	char path[64];

	for (size_t i = 0; devices_default(i, &name, &major, &minor); i++) {
		(void)snprintf(path, sizeof(path), "/dev/%s", name);
		if (!is_covered(p, path, true))
			PUT(p, "make device", path, "", "c %u:%u mode 0666", major, minor);
	}
	for (size_t i = 0; devices_link(i, &name, &target); i++) {
		(void)snprintf(path, sizeof(path), "/dev/%s", name);
		PUT(p, "link", path, "", "%s", target);
	}
	if (is_covered(p, "/dev/pts", false))
		PUT(p, "link", "/dev/ptmx", "", "pts/ptmx");
}

static void plan_devices(struct planning *p)
{
	char pointer[POINTER_MAX];

	if (!is_dev_bound(p))
		plan_default_devices(p);
	for (size_t i = 0; i < linux_of(p)->n_devices; i++) {
		const struct oci_device *d = &linux_of(p)->devices[i];
		unsigned mode = d->has_file_mode ? d->file_mode & 07777 : 0666;

		if (device_is_ptmx(d))
			continue;
		(void)at(pointer, "/linux/devices/%zu", i);
		if (d->type == S_IFIFO)
			PUT(p, "make device", d->path, pointer, "p mode 0%o owner %u:%u", mode, d->uid, d->gid);
		else
			PUT(p, "make device", d->path, pointer, "%s %lld:%lld mode 0%o owner %u:%u",
			    d->type == S_IFBLK ? "b" : "c", (long long)d->major, (long long)d->minor, mode, d->uid, d->gid);
	}
}

static void plan_terminal(struct planning *p)
{
	const struct oci_console_size *size = p->in.process->console_size;

	if (!p->in.process->terminal)
		return;
	PUT(p, "open", "/dev/ptmx", "/process/terminal", "a terminal%s", size ? "" : " of no size yet");
	if (size)
		PUT(p, "set size", "terminal", "/process/consoleSize", "%llu rows, %llu columns",
		    (unsigned long long)size->height, (unsigned long long)size->width);
	PUT(p, "bind", "/dev/console", "/process/terminal", "the terminal");
}

/* ---- hooks ---- */

static void put_hooks(struct planning *p, const struct oci_hook *hooks, size_t n, const char *kind)
{
	char pointer[POINTER_MAX];

	for (size_t i = 0; i < n; i++) {
		auto_text struct text words = TEXT_INIT;

		for (size_t k = 0; k < hooks[i].n_args; k++)
			put_word(&words, hooks[i].args[k]);
		if (hooks[i].has_timeout) {
			char timeout[48];

			(void)snprintf(timeout, sizeof(timeout), "(timeout %lld s)", (long long)hooks[i].timeout);
			put_word(&words, timeout);
		}
		PUT(p, "run hook", hooks[i].path, at(pointer, "/hooks/%s/%zu", kind, i), "%s", text_string(&words));
	}
}

static void plan_hooks(struct planning *p)
{
	const struct oci_hooks *hooks = p->in.config->hooks;

	if (!hooks)
		return;
	put_hooks(p, hooks->prestart, hooks->n_prestart, "prestart");
	put_hooks(p, hooks->create_runtime, hooks->n_create_runtime, "createRuntime");
}

static void plan_create_hooks(struct planning *p)
{
	const struct oci_hooks *hooks = p->in.config->hooks;

	if (hooks)
		put_hooks(p, hooks->create_container, hooks->n_create_container, "createContainer");
}

static void plan_start_hooks(struct planning *p)
{
	const struct oci_hooks *hooks = p->in.config->hooks;

	if (hooks)
		put_hooks(p, hooks->start_container, hooks->n_start_container, "startContainer");
}

/* ---- inside ---- */

static void plan_pivot(struct planning *p)
{
	const char *how = p->in.flags & INIT_NO_PIVOT ? "move root" : "pivot root";

	PUT(p, root_has_mounts(&p->in) ? how : "change root", "/", "/root/path", "%s", "");
}

static void plan_names(struct planning *p)
{
	if (p->in.config->hostname)
		PUT(p, "set", "hostname", "/hostname", "%s", p->in.config->hostname);
	if (p->in.config->domainname)
		PUT(p, "set", "domainname", "/domainname", "%s", p->in.config->domainname);
}

static void plan_sysctl(struct planning *p)
{
	for (size_t i = 0; i < linux_of(p)->n_sysctl; i++) {
		const struct oci_pair *pair = &linux_of(p)->sysctl[i];

		PUT(p, "set sysctl", pair->key, "/linux/sysctl", "%s", pair->value);
	}
}

static void plan_make_cwd(struct planning *p)
{
	PUT(p, "make if missing", p->in.process->cwd, "/process/cwd", "directory, mode 0755");
}

static void plan_read_only(struct planning *p)
{
	if (p->in.config->root->readonly)
		PUT(p, "make read-only", "/", "/root/readonly", "%s", "");
}

static void plan_masks(struct planning *p)
{
	char pointer[POINTER_MAX];

	for (size_t i = 0; i < linux_of(p)->n_masked_paths; i++)
		PUT(p, "mask", linux_of(p)->masked_paths[i], at(pointer, "/linux/maskedPaths/%zu", i), "%s", "");
	for (size_t i = 0; i < linux_of(p)->n_readonly_paths; i++)
		PUT(p, "make read-only", linux_of(p)->readonly_paths[i], at(pointer, "/linux/readonlyPaths/%zu", i), "%s", "");
}

static void plan_root_options(struct planning *p)
{
	uint64_t propagation = linux_of(p)->has_rootfs_propagation ? linux_of(p)->rootfs_propagation : 0;

	if (propagation & (MS_SHARED | MS_UNBINDABLE))
		PUT(p, "set propagation", "/", "/linux/rootfsPropagation", "%s",
		    oci_word(oci_propagation_words, propagation));
}

/* ---- the process ---- */

static void plan_stdio(struct planning *p)
{
	if (p->in.process->terminal)
		PUT(p, "make stdio", "terminal", "/process/terminal", "%s", "");
	else
		PUT(p, "own", "stdio", "/process/user/uid", "user %u",
		    p->in.process->user ? p->in.process->user->uid : 0);
}

static void plan_labels(struct planning *p)
{
	const struct oci_process *process = p->in.process;

	if (process->selinux_label && *process->selinux_label)
		PUT(p, "set label", "SELinux", "/process/selinuxLabel", "%s", process->selinux_label);
	if (process->apparmor_profile && *process->apparmor_profile)
		PUT(p, "set profile", "AppArmor", "/process/apparmorProfile", "%s", process->apparmor_profile);
}

static void put_rights(struct text *words, const struct oci_word *table, const uint64_t *rights, size_t n, uint64_t bits)
{
	for (size_t i = 0; i < n; i++)
		put_word(words, oci_word(table, rights[i]));
	if (bits)
		text_printf(words, "%s%#llx", words->length ? " " : "", (unsigned long long)bits);
}

static void plan_landlock_path(struct planning *p, const struct landlock_path *rule)
{
	auto_text struct text rights = TEXT_INIT;

	put_rights(&rights, landlock_fs_words, rule->rights, rule->n_rights, rule->bits);
	for (size_t i = 0; i < rule->n_paths; i++)
		PUT(p, "grant", rule->paths[i], "/annotations/" ANNOTATION_LANDLOCK, "%s", text_string(&rights));
}

static void plan_landlock_port(struct planning *p, const struct landlock_port *rule)
{
	auto_text struct text rights = TEXT_INIT;
	char port[16];

	put_rights(&rights, landlock_net_words, rule->rights, rule->n_rights, rule->bits);
	for (size_t i = 0; i < rule->n_ports; i++) {
		(void)snprintf(port, sizeof(port), "port %u", rule->ports[i]);
		PUT(p, "grant", port, "/annotations/" ANNOTATION_LANDLOCK, "%s", text_string(&rights));
	}
}

static void plan_landlock(struct planning *p)
{
	const char *annotation = landlock_annotation(p->in.config);
	struct error ignored; /* the rules have read it before */
	struct landlock_policy *policy = annotation ? landlock_read(annotation, &ignored) : NULL;

	if (!policy)
		return;
	PUT(p, "make", "Landlock ruleset", "/annotations/" ANNOTATION_LANDLOCK, "%s",
	    policy->abi == LANDLOCK_BEST_EFFORT ? "best-effort" : "strict");
	for (size_t i = 0; i < policy->n_paths; i++)
		plan_landlock_path(p, &policy->paths[i]);
	for (size_t i = 0; i < policy->n_ports; i++)
		plan_landlock_port(p, &policy->ports[i]);
	oci_free(policy);
}

static void plan_no_new_privs(struct planning *p)
{
	if (p->in.process->no_new_privileges)
		PUT(p, "prctl", "PR_SET_NO_NEW_PRIVS", "/process/noNewPrivileges", "1");
}

static void plan_cwd(struct planning *p)
{
	PUT(p, "change directory", p->in.process->cwd, "/process/cwd", "%s", "");
}

static void put_caps(struct planning *p, const char *set, const char *const *names, size_t n)
{
	auto_text struct text words = TEXT_INIT;
	char pointer[POINTER_MAX];

	for (size_t i = 0; i < n; i++)
		put_word(&words, names[i]);
	PUT(p, "set capabilities", set, at(pointer, "/process/capabilities/%s", set), "%s", words.length ? words.data : "none");
}

static void plan_user(struct planning *p)
{
	static const struct oci_capabilities none;
	const struct oci_user *user = p->in.process->user;
	const struct oci_capabilities *caps = p->in.process->capabilities ? p->in.process->capabilities : &none;
	auto_text struct text groups = TEXT_INIT;
	char name[32];

	put_caps(p, "bounding", caps->bounding, caps->n_bounding);
	for (size_t i = 0; user && i < user->n_additional_gids; i++)
		text_printf(&groups, "%s%u", i ? " " : "", user->additional_gids[i]);
	if (keeps_groups(&p->in))
		PUT(p, "keep groups", "of the caller", "/annotations/" ANNOTATION_KEEP_GROUPS, "%s", "");
	else
		PUT(p, "set groups", groups.length ? groups.data : "none", "/process/user/additionalGids", "%s", "");
	(void)snprintf(name, sizeof(name), "%u:%u", user ? user->uid : 0, user ? user->gid : 0);
	PUT(p, "set user", name, "/process/user", "%s", "");
	put_caps(p, "permitted", caps->permitted, caps->n_permitted);
	put_caps(p, "effective", caps->effective, caps->n_effective);
	put_caps(p, "inheritable", caps->inheritable, caps->n_inheritable);
	put_caps(p, "ambient", caps->ambient, caps->n_ambient);
	if (user && user->has_umask)
		PUT(p, "set umask", "process", "/process/user/umask", "0%o", user->umask);
}

static void plan_environment(struct planning *p)
{
	PUT(p, "set environment", "process", "/process/env", "%zu variables", p->in.process->n_env);
}

static void plan_find_executable(struct planning *p)
{
	PUT(p, "find", p->in.process->args[0], "/process/args/0", "%s",
	    strchr(p->in.process->args[0], '/') ? "" : "in PATH");
}

static void plan_close_fds(struct planning *p)
{
	PUT(p, "close", "descriptors", "", "from %d on", 3 + p->in.n_preserved);
}

static void plan_memory_policy(struct planning *p)
{
	const struct oci_memory_policy *m = linux_of(p)->memory_policy;

	if (m)
		PUT(p, "set memory policy", oci_word(oci_memory_policy_mode_words, m->mode), "/linux/memoryPolicy",
		    "nodes %s", m->nodes ? m->nodes : "none");
}

static void plan_personality(struct planning *p)
{
	if (linux_of(p)->personality)
		PUT(p, "set personality", oci_word(oci_personality_domain_words, linux_of(p)->personality->domain),
		    "/linux/personality", "%s", "");
}

static void plan_scheduling(struct planning *p)
{
	const struct oci_scheduler *s = p->in.process->scheduler;
	const struct oci_io_priority *io = p->in.process->io_priority;

	if (s)
		PUT(p, "set scheduler", oci_word(oci_scheduler_policy_words, s->policy), "/process/scheduler",
		    "nice %d priority %d", s->nice, s->priority);
	if (io)
		PUT(p, "set I/O priority", oci_word(oci_io_priority_class_words, io->class), "/process/ioPriority", "%d",
		    io->priority);
}

static void plan_ready(struct planning *p)
{
	if (p->in.flags & INIT_START_NOW)
		PUT(p, "report", "ready", "", "%s", "");
	else
		PUT(p, "wait", "start", "", "the container is created now");
}

static void plan_listener(struct planning *p)
{
	const struct oci_seccomp *s = linux_of(p)->seccomp;

	if (s && s->listener_path)
		PUT(p, "send listener", s->listener_path, "/linux/seccomp/listenerPath", "if the filter notifies");
}

static void plan_rlimits(struct planning *p)
{
	char pointer[POINTER_MAX];

	for (size_t i = 0; i < p->in.process->n_rlimits; i++) {
		const struct oci_rlimit *rl = &p->in.process->rlimits[i];

		PUT(p, "set limit", oci_word(oci_rlimit_words, rl->type), at(pointer, "/process/rlimits/%zu", i),
		    "soft %llu hard %llu", (unsigned long long)rl->soft, (unsigned long long)rl->hard);
	}
}

static void plan_exec(struct planning *p)
{
	auto_text struct text words = TEXT_INIT;

	if (!p->in.process) {
		PUT(p, "fail", "start", "/process", "there is no process to start");
		return;
	}
	if (landlock_annotation(p->in.config))
		PUT(p, "enforce", "Landlock ruleset", "/annotations/" ANNOTATION_LANDLOCK, "%s", "");
	if (linux_of(p)->seccomp)
		PUT(p, "load", "seccomp filter", "/linux/seccomp", "%s", "");
	for (size_t i = 1; i < p->in.process->n_args; i++)
		put_word(&words, p->in.process->args[i]);
	PUT(p, "execute", p->in.process->args[0], "/process/args", "%s", text_string(&words));
}

/* ---- the table ---- */

static const struct row {
	const char *step;
	void (*tell)(struct planning *p);
} rows[] = {
	{ "security-modules", plan_security_modules },
	{ "oom-score", plan_oom_score },
	{ "undumpable", plan_undumpable },
	{ "seccomp-program", plan_seccomp_program },
	{ "join", plan_join },
	{ "user-ns", plan_user_namespace },
	{ "join-inside", plan_nothing }, /* join tells of them */
	{ "new-ns", plan_new_namespaces },
	{ "time", plan_time },
	{ "fork", plan_fork },
	{ "session", plan_session },
	{ "keyring", plan_keyring },
	{ "cgroup-ns", plan_cgroup_namespace },
	{ "network", plan_network },
	{ "root-tree", plan_root_tree },
	{ "mounts", plan_mounts },
	{ "notify", plan_notify },
	{ "devices", plan_devices },
	{ "terminal", plan_terminal },
	{ "hooks", plan_hooks },
	{ "create-hooks", plan_create_hooks },
	{ "pivot", plan_pivot },
	{ "names", plan_names },
	{ "sysctl", plan_sysctl },
	{ "make-cwd", plan_make_cwd },
	{ "read-only", plan_read_only },
	{ "masks", plan_masks },
	{ "root-options", plan_root_options },
	{ "stdio", plan_stdio },
	{ "labels", plan_labels },
	{ "landlock", plan_landlock },
	{ "no-new-privs", plan_no_new_privs },
	{ "cwd", plan_cwd },
	{ "user", plan_user },
	{ "cwd-again", plan_nothing }, /* only where the first try was refused */
	{ "environment", plan_environment },
	{ "find-executable", plan_find_executable },
	{ "close-fds", plan_close_fds },
	{ "memory-policy", plan_memory_policy },
	{ "personality", plan_personality },
	{ "scheduling", plan_scheduling },
	{ "ready", plan_ready },
	{ "start-hooks", plan_start_hooks },
	{ "listener", plan_listener },
	{ "rlimits", plan_rlimits },
	{ "exec", plan_exec },
};

static const struct row *find_row(const char *step)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].step, step) == 0)
			return &rows[i];
	return NULL;
}

const char *plan_missing_step(void)
{
	for (size_t i = 0; i < n_init_steps; i++)
		if (init_steps[i].when & IN_CREATE && !find_row(init_steps[i].name))
			return init_steps[i].name;
	return NULL;
}

void plan_init(struct plan *plan, const struct oci_config *config, unsigned flags, int n_preserved, const char *id,
	       bool after_ready)
{
	struct planning p = { .plan = plan,
			      .in = { .flags = flags,
				      .config = config,
				      .process = config->process,
				      .n_preserved = n_preserved } };
	bool is_after = false;

	(void)snprintf(p.in.id, sizeof(p.in.id), "%s", id);
	for (size_t i = 0; config->linux && i < config->linux->n_namespaces; i++) {
		const struct oci_namespace *ns = &config->linux->namespaces[i];

		*(ns->path ? &p.in.joined_namespaces : &p.in.new_namespaces) |= (unsigned)ns->type;
	}
	plan->of_init = true;
	for (size_t i = 0; i < n_init_steps; i++) {
		const struct step *step = &init_steps[i];
		const struct row *row = find_row(step->name);

		bool is_due = is_after == after_ready;

		is_after = is_after || strcmp(step->name, "ready") == 0;
		if (!is_due || !row || !(step->when & IN_CREATE) || ((step->when & NEEDS_PROCESS) && !config->process))
			continue;
		plan->part = step->name;
		row->tell(&p);
	}
	plan->of_init = false;
}
