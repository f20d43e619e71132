// SPDX-License-Identifier: LGPL-2.1-or-later
/* plan_process.c - what the steps would do to the process: its rights, its identity, its limits, its program. */
#include "init/plan_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/annotations.h"
#include "base/text.h"
#include "init/landlock.h"

static void plan_security_modules(struct planning *p)
{
	const struct oci_process *process = p->in.process;

	if (process && process->apparmor_profile && *process->apparmor_profile)
		PUT(p, "require", "AppArmor", "/process/apparmorProfile", "%s", process->apparmor_profile);
	if (process && process->selinux_label && *process->selinux_label)
		PUT(p, "require", "SELinux", "/process/selinuxLabel", "%s", process->selinux_label);
	if (plan_linux(p)->mount_label && *plan_linux(p)->mount_label)
		PUT(p, "require", "SELinux", "/linux/mountLabel", "%s", plan_linux(p)->mount_label);
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
	const struct oci_seccomp *s = plan_linux(p)->seccomp;

	if (s)
		PUT(p, "read", "seccomp program", "/linux/seccomp", "default %s, %zu entries of syscalls",
		    oci_word(oci_seccomp_action_words, s->default_action), s->n_syscalls);
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
		plan_word(words, oci_word(table, rights[i]));
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
	char pointer[PLAN_POINTER_MAX];

	for (size_t i = 0; i < n; i++)
		plan_word(&words, names[i]);
	PUT(p, "set capabilities", set, plan_at(pointer, "/process/capabilities/%s", set), "%s",
	    words.length ? words.data : "none");
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
	const struct oci_memory_policy *m = plan_linux(p)->memory_policy;

	if (m)
		PUT(p, "set memory policy", oci_word(oci_memory_policy_mode_words, m->mode), "/linux/memoryPolicy",
		    "nodes %s", m->nodes ? m->nodes : "none");
}

static void plan_personality(struct planning *p)
{
	if (plan_linux(p)->personality)
		PUT(p, "set personality", oci_word(oci_personality_domain_words, plan_linux(p)->personality->domain),
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
	const struct oci_seccomp *s = plan_linux(p)->seccomp;

	if (s && s->listener_path)
		PUT(p, "send listener", s->listener_path, "/linux/seccomp/listenerPath", "if the filter notifies");
}

static void plan_rlimits(struct planning *p)
{
	char pointer[PLAN_POINTER_MAX];

	for (size_t i = 0; i < p->in.process->n_rlimits; i++) {
		const struct oci_rlimit *rl = &p->in.process->rlimits[i];

		PUT(p, "set limit", oci_word(oci_rlimit_words, rl->type), plan_at(pointer, "/process/rlimits/%zu", i),
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
	if (plan_linux(p)->seccomp)
		PUT(p, "load", "seccomp filter", "/linux/seccomp", "%s", "");
	for (size_t i = 1; i < p->in.process->n_args; i++)
		plan_word(&words, p->in.process->args[i]);
	PUT(p, "execute", p->in.process->args[0], "/process/args", "%s", text_string(&words));
}

static const struct plan_row rows[] = {
	{ "security-modules", plan_security_modules },
	{ "oom-score", plan_oom_score },
	{ "undumpable", plan_undumpable },
	{ "seccomp-program", plan_seccomp_program },
	{ "session", plan_session },
	{ "keyring", plan_keyring },
	{ "stdio", plan_stdio },
	{ "labels", plan_labels },
	{ "landlock", plan_landlock },
	{ "no-new-privs", plan_no_new_privs },
	{ "cwd", plan_cwd },
	{ "user", plan_user },
	{ "cwd-again", NULL }, /* only where the first try was refused */
	{ "environment", plan_environment },
	{ "find-executable", plan_find_executable },
	{ "close-fds", plan_close_fds },
	{ "memory-policy", plan_memory_policy },
	{ "personality", plan_personality },
	{ "scheduling", plan_scheduling },
	{ "ready", plan_ready },
	{ "listener", plan_listener },
	{ "rlimits", plan_rlimits },
	{ "exec", plan_exec },
};

const struct plan_table plan_process_rows = { rows, sizeof(rows) / sizeof(rows[0]) };
