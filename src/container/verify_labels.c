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

/* One that a mount is to have: "context" and the like, and what it says; NULL: none. */
struct label {
	const char *word, *text;
	size_t length;
};

static const char *or_null(const char *label)
{
	return label && *label ? label : NULL;
}

/* Of the config, or of --lsm-mount-context, which criu puts in the place of each. */
static struct label wanted(const struct verification *v, const struct oci_mount *mount)
{
	const char *label = v->config->linux ? or_null(v->config->linux->mount_label) : NULL;
	struct mountinfo_label own = { 0 };
	const char *word = annotation_value(v->config, ANNOTATION_MOUNT_CONTEXT_TYPE);
	struct label ret = { NULL, NULL, 0 };

	/* What shows the kernel's own things has the labels of the policy. */
	if (label && mount->type && !mount_type_is_shared(mount->type))
		ret = (struct label){ word ? word : "context", label, strlen(label) };
	for (size_t i = 0; i < mount->n_options; i++) {
		const char *at = mount->options[i];

		if (mountinfo_next_label(&at, &own))
			ret = (struct label){ own.word, own.text, own.length };
	}
	if (ret.word && v->options->lsm_mount_context)
		ret = (struct label){ ret.word, v->options->lsm_mount_context, strlen(v->options->lsm_mount_context) };
	return ret;
}

int verify_mount_label(const struct verification *v, size_t i, const struct mount_line *line, struct error *err)
{
	const struct oci_mount *mount = &v->config->mounts[i];
	const char *at = line->super;
	struct mountinfo_label has;
	struct label want;
	bool found = false;

	if (!labels_has_selinux(v->procfs))
		return 0;
	want = wanted(v, mount);
	while (mountinfo_next_label(&at, &has)) {
		if (!want.word || strcmp(want.word, has.word) != 0 || want.length != has.length ||
		    strncmp(want.text, has.text, has.length) != 0)
			return fail(err, ERR_CONFIG, "config.json:/linux/mountLabel: the images have %s with %s %.*s (--lsm-mount-context %.*s)",
				    mount->destination, has.word, (int)has.length, has.text, want.word ? (int)want.length : 7,
				    want.word ? want.text : "CONTEXT");
		found = true;
	}
	return want.word && !found ? fail(err, ERR_CONFIG, "config.json:/linux/mountLabel: the images have %s without %s",
					  mount->destination, want.word)
				   : 0;
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
