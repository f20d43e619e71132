// SPDX-License-Identifier: LGPL-2.1-or-later
/* verify_labels.c - file systems that the images bring have the SELinux label that create would have given them.
 *
 * Images have it among the options of a mount, where the kernel shows it too (selinux_sb_show_options): each word that names
 * a label must be the config's, and where the config wants one there must be one. */
#include <stdio.h>
#include <string.h>

#include "base/annotations.h"
#include "container/annotations.h"
#include "container/verification.h"
#include "kernel/labels.h"
#include "kernel/mount.h"
#include "kernel/mountopts.h"

/* Those that a mount is to have, one for each word. */
struct labels {
	struct mountinfo_label list[MOUNTINFO_LABELS];
	size_t n;
};

static const char *or_null(const char *label)
{
	return label && *label ? label : NULL;
}

static struct mountinfo_label *find(struct labels *labels, const char *word)
{
	for (size_t i = 0; i < labels->n; i++)
		if (strcmp(labels->list[i].word, word) == 0)
			return &labels->list[i];
	return NULL;
}

/* For a word that is there twice the kernel takes no mount: then it does not matter which. */
static void add(struct labels *labels, const struct mountinfo_label *label)
{
	struct mountinfo_label *old = find(labels, label->word);

	if (old)
		*old = *label;
	else if (labels->n < MOUNTINFO_LABELS)
		labels->list[labels->n++] = *label;
}

/* As create gives them: a mount that names any has none of the config's. */
static struct labels wanted(const struct verification *v, const struct oci_mount *mount)
{
	const char *label = v->config->linux ? or_null(v->config->linux->mount_label) : NULL;
	const char *word = annotation_value(v->config, ANNOTATION_MOUNT_CONTEXT_TYPE);
	struct mountinfo_label one;
	struct labels ret = { .n = 0 };

	for (size_t i = 0; i < mount->n_options; i++)
		for (const char *at = mount->options[i]; mountinfo_next_label(&at, &one);)
			add(&ret, &one);
	/* What shows the kernel's own things has the labels of the policy. */
	if (label && ret.n == 0 && mount->type && !mount_type_is_shared(mount->type))
		add(&ret, &(struct mountinfo_label){ word ? word : "context", label, strlen(label) });
	return ret;
}

static bool is_same(const struct mountinfo_label *a, const struct mountinfo_label *b)
{
	return a->length == b->length && strncmp(a->text, b->text, a->length) == 0;
}

int verify_mount_label(const struct verification *v, size_t i, const struct mount_line *line, struct error *err)
{
	/* criu puts it in the place of the first one (4.1). */
	const char *first = v->options->lsm_mount_context, *at = line->super;
	const struct oci_mount *mount = &v->config->mounts[i];
	struct mountinfo_label has, *want;
	struct labels labels = wanted(v, mount);

	if (!v->has_selinux)
		return 0;
	for (; mountinfo_next_label(&at, &has); first = NULL) {
		want = find(&labels, has.word);
		if (want && first)
			*want = (struct mountinfo_label){ want->word, first, strlen(first) };
		if (!want || !is_same(want, &has))
			return fail(err, ERR_CONFIG, "config.json:/linux/mountLabel: the images have %s with %s %.*s (--lsm-mount-context %.*s)",
				    mount->destination, has.word, (int)has.length, has.text, want ? (int)want->length : 7,
				    want ? want->text : "CONTEXT");
		*want = labels.list[--labels.n];
	}
	return labels.n == 0 ? 0
			     : fail(err, ERR_CONFIG, "config.json:/linux/mountLabel: the images have %s without %s",
				    mount->destination, labels.list[0].word);
}

int verify_modules(const struct creation *cr, const struct criu_options *options, int procfs, struct error *err)
{
	const struct oci_process *process = cr->config.oci->process;
	const struct oci_linux *linux = cr->config.oci->linux;
	const char *label = process && !options->lsm_profile ? or_null(process->selinux_label) : NULL;
	const char *profile = process && !options->lsm_profile ? or_null(process->apparmor_profile) : NULL;
	const char *mounts = linux ? or_null(linux->mount_label) : NULL;

	if ((label || mounts) && !labels_has_selinux(procfs))
		return fail(err, ERR_UNSUPPORTED, "config.json:%s: cannot apply %s: SELinux is not enabled on this host",
			    label ? "/process/selinuxLabel" : "/linux/mountLabel", label ? label : mounts);
	if (profile && strcmp(profile, "unconfined") != 0 && !labels_has_apparmor(procfs))
		return fail(err, ERR_UNSUPPORTED,
			    "config.json:/process/apparmorProfile: cannot apply %s: AppArmor is not enabled on this host", profile);
	return 0;
}
