// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules_confinement.c - the predicates of rules about seccomp, SELinux, AppArmor and Landlock. */
#include "container/rules_place.h"

#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "base/annotations.h"
#include "container/annotations.h"
#include "container/seccomp.h"
#include "init/landlock.h"
#include "kernel/labels.h"

static const struct oci_seccomp *seccomp_of(const struct oci_config *c)
{
	return c->linux ? c->linux->seccomp : NULL;
}

bool rule_seccomp_without_library(const struct oci_config *c, struct place *p)
{
	return !seccomp_is_supported && seccomp_of(c) && place_at(p, "/linux/seccomp");
}

static bool takes_errno(uint64_t action)
{
	return action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE;
}

bool rule_useless_errno(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	if (!s)
		return false;
	if (s->has_default_errno_ret && !takes_errno(s->default_action) &&
	    place_at(p, "/linux/seccomp/defaultErrnoRet"))
		return true;
	for (size_t i = 0; i < s->n_syscalls; i++)
		if (s->syscalls[i].has_errno_ret && !takes_errno(s->syscalls[i].action) &&
		    place_at(p, "/linux/seccomp/syscalls/%zu/errnoRet", i))
			return true;
	return false;
}

bool rule_large_errno(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	if (!s)
		return false;
	if (s->default_errno_ret > SECCOMP_RET_DATA && place_at(p, "/linux/seccomp/defaultErrnoRet"))
		return true;
	for (size_t i = 0; i < s->n_syscalls; i++)
		if (s->syscalls[i].errno_ret > SECCOMP_RET_DATA &&
		    place_at(p, "/linux/seccomp/syscalls/%zu/errnoRet", i))
			return true;
	return false;
}

bool rule_metadata_without_listener(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	return s && s->listener_metadata && !s->listener_path && place_at(p, "/linux/seccomp/listenerMetadata");
}

bool rule_notify_without_listener(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	if (!s || (s->listener_path && *s->listener_path))
		return false;
	if (s->default_action == SECCOMP_RET_USER_NOTIF && place_at(p, "/linux/seccomp/defaultAction"))
		return true;
	for (size_t i = 0; i < s->n_syscalls; i++)
		if (s->syscalls[i].action == SECCOMP_RET_USER_NOTIF &&
		    place_at(p, "/linux/seccomp/syscalls/%zu/action", i))
			return true;
	return false;
}

bool rule_bad_argument(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	for (size_t i = 0; s && i < s->n_syscalls; i++)
		for (size_t k = 0; k < s->syscalls[i].n_args; k++)
			if (s->syscalls[i].args[k].index > 5 &&
			    place_at(p, "/linux/seccomp/syscalls/%zu/args/%zu/index", i, k))
				return true;
	return false;
}

/* Only where the config wants to know: profiles name calls of all architectures and kernels. */
bool rule_unknown_syscall(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);
	const char *wanted = s ? annotation_value(c, ANNOTATION_FAIL_UNKNOWN_SYSCALL) : NULL;

	for (size_t i = 0; wanted && strcmp(wanted, "0") != 0 && i < s->n_syscalls; i++)
		for (size_t k = 0; k < s->syscalls[i].n_names; k++)
			if (!seccomp_knows(s->syscalls[i].names[k]) &&
			    place_at(p, "/linux/seccomp/syscalls/%zu/names/%zu", i, k))
				return true;
	return false;
}

bool rule_idle_listener(const struct oci_config *c, struct place *p)
{
	const struct oci_seccomp *s = seccomp_of(c);

	if (!s || !s->listener_path || s->default_action == SECCOMP_RET_USER_NOTIF)
		return false;
	for (size_t i = 0; i < s->n_syscalls; i++)
		if (s->syscalls[i].action == SECCOMP_RET_USER_NOTIF)
			return false;
	return place_at(p, "/linux/seccomp/listenerPath");
}

bool rule_bad_context(const struct oci_config *c, struct place *p)
{
	const struct oci_process *process = c->process;

	if (process && process->selinux_label && *process->selinux_label &&
	    !labels_is_context(process->selinux_label) && place_at(p, "/process/selinuxLabel"))
		return true;
	return c->linux && c->linux->mount_label && *c->linux->mount_label &&
	       !labels_is_context(c->linux->mount_label) && place_at(p, "/linux/mountLabel");
}

/* The kernel takes a name with blanks within it. */
bool rule_bad_profile(const struct oci_config *c, struct place *p)
{
	const char *profile = c->process ? c->process->apparmor_profile : NULL, *s = profile;

	while (s && (unsigned char)*s >= ' ' && *s != 0x7f)
		s++;
	return profile && (*s || *profile == ' ') && place_at(p, "/process/apparmorProfile");
}

bool rule_bad_context_type(const struct oci_config *c, struct place *p)
{
	static const char *const words[] = { "context", "fscontext", "defcontext", "rootcontext" };

	for (size_t i = 0; i < c->n_annotations; i++) {
		bool known = strcmp(c->annotations[i].key, ANNOTATION_MOUNT_CONTEXT_TYPE) != 0;

		for (size_t k = 0; !known && k < sizeof(words) / sizeof(words[0]); k++)
			known = strcmp(c->annotations[i].value, words[k]) == 0;
		if (!known && place_at_key(p, "/annotations", ANNOTATION_MOUNT_CONTEXT_TYPE, ""))
			return true;
	}
	return false;
}

/* Built without. */
bool rule_needs_selinux(const struct oci_config *c, struct place *p)
{
#ifdef HAVE_SELINUX
	(void)c;
	(void)p;
	return false;
#else
	const struct oci_process *process = c->process;

	if (process && process->selinux_label && *process->selinux_label && place_at(p, "/process/selinuxLabel"))
		return true;
	return c->linux && c->linux->mount_label && *c->linux->mount_label && place_at(p, "/linux/mountLabel");
#endif
}

bool rule_bad_landlock(const struct oci_config *c, struct place *p)
{
	const char *annotation = landlock_annotation(c);
	struct landlock_policy *policy;
	struct error err;

	if (!annotation)
		return false;
	policy = landlock_read(annotation, &err);
	if (policy) {
		oci_free(policy);
		return false;
	}
	(void)snprintf(p->sentence, sizeof(p->sentence), "%.*s", (int)sizeof(p->sentence) - 1, err.text);
	return place_at_key(p, "/annotations", ANNOTATION_LANDLOCK, "");
}
