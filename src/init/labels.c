// SPDX-License-Identifier: LGPL-2.1-or-later
/* labels.c - SELinux and AppArmor: labels of the process, of its keys and of the mounts.
 *
 * A label that the host cannot apply is an error, and said before anything is made: one that is dropped in silence is
 * the vulnerability. */
#include "init/labels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/annotations.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/labels.h"
#include "ocispec.h"

/* "" is how engines say that there is none. */
static const char *given(const char *label)
{
	return label && *label ? label : NULL;
}

static const char *process_label(const struct init *in)
{
	return in->process ? given(in->process->selinux_label) : NULL;
}

static const char *process_profile(const struct init *in)
{
	return in->process ? given(in->process->apparmor_profile) : NULL;
}

static const char *mount_label(const struct init *in)
{
	return in->config->linux && !(in->flags & INIT_EXEC) ? given(in->config->linux->mount_label) : NULL;
}

bool labels_are_there(const struct init *in)
{
	return process_label(in) || process_profile(in) || mount_label(in);
}

static int no_selinux(const char *pointer, const char *label, struct error *err)
{
	return fail(err, ERR_UNSUPPORTED, "config.json:%s: cannot apply %s: SELinux is not enabled on this host", pointer,
		    label);
}

int step_security_modules(struct init *in, struct error *err)
{
	const char *label = process_label(in), *profile = process_profile(in), *mounts = mount_label(in);

	if ((label || mounts) && !labels_has_selinux(in->procfs))
		return label ? no_selinux("/process/selinuxLabel", label, err)
			     : no_selinux("/linux/mountLabel", mounts, err);
	/* Without AppArmor everything is unconfined. */
	if (profile && strcmp(profile, "unconfined") != 0 && !labels_has_apparmor(in->procfs))
		return fail(err, ERR_UNSUPPORTED,
			    "config.json:/process/apparmorProfile: cannot apply %s: AppArmor is not enabled on this host",
			    profile);
	return 0;
}

/* ---- the process ---- */

static int set_profile(struct init *in, const char *profile, struct error *err)
{
	int r;

	if (strcmp(profile, "unconfined") == 0 && !labels_has_apparmor(in->procfs))
		return 0;
	r = labels_apparmor_exec(in->procfs, profile);
	/* Its errno would be taken for the program's: the caller would say that the command was not found. */
	if (r == -ENOENT)
		return fail(err, ERR_UNSUPPORTED,
			    "config.json:/process/apparmorProfile: the profile %s is not loaded: cannot write it to " LABELS_APPARMOR_EXEC,
			    profile);
	return r < 0 ? fail(err, r, "config.json:/process/apparmorProfile: cannot write %s to " LABELS_APPARMOR_EXEC, profile)
		     : 0;
}

int step_labels(struct init *in, struct error *err)
{
	const char *label = process_label(in), *profile = process_profile(in);
	int r = label ? labels_selinux_exec(in->procfs, label) : 0;

	if (r < 0)
		return fail(err, r, "config.json:/process/selinuxLabel: cannot write %s to " LABELS_SELINUX_EXEC, label);
	return profile ? set_profile(in, profile, err) : 0;
}

int labels_begin_keys(struct init *in, struct error *err)
{
	const char *label = process_label(in);
	int r = label ? labels_selinux_keys(in->procfs, label) : 0;

	return r < 0 ? fail(err, r, "config.json:/process/selinuxLabel: cannot write %s to " LABELS_SELINUX_KEYS, label) : 0;
}

int labels_end_keys(struct init *in, struct error *err)
{
	int r = process_label(in) ? labels_selinux_keys(in->procfs, NULL) : 0;

	return r < 0 ? fail(err, r, "cannot reset " LABELS_SELINUX_KEYS) : 0;
}

/* ---- mounts ---- */

/* The kernel's option: what engines choose by annotation, else "context". */
static const char *context_word(const struct init *in)
{
	for (size_t i = 0; i < in->config->n_annotations; i++)
		if (strcmp(in->config->annotations[i].key, ANNOTATION_MOUNT_CONTEXT_TYPE) == 0)
			return in->config->annotations[i].value;
	return "context";
}

static bool has_own_label(const struct mount_options *o)
{
	for (size_t i = 0; i < o->n_data; i++)
		if (strstr(o->data[i], "context="))
			return true;
	return false;
}

int labels_mount(const struct init *in, const char *type, const char *source, const struct mount_options *options,
		 char message[256])
{
	const char *label = mount_label(in);
	struct mount_options labelled = *options;
	auto_text struct text word = TEXT_INIT;
	auto_free const char **data = NULL;

	*message = '\0';
	if (!label || has_own_label(options))
		return mount_new(type, source, options, message);
	/* Quoted: categories have commas.  Rules made sure that it has no quotes. */
	text_printf(&word, "%s=\"%s\"", context_word(in), label);
	data = calloc(options->n_data + 2, sizeof(*data));
	if (!data || word.failed)
		return -ENOMEM;
	if (options->n_data > 0)
		memcpy(data, options->data, options->n_data * sizeof(*data));
	data[labelled.n_data++] = word.data;
	labelled.data = data;
	return mount_new(type, source, &labelled, message);
}

int labels_top(const struct init *in, int mnt)
{
	const char *label = mount_label(in);

	return label ? labels_selinux_directory(mnt, label) : 0;
}
