// SPDX-License-Identifier: LGPL-2.1-or-later
/* plan_files.c - what the steps would do to the root file system: mounts, devices, masks, the root itself. */
#include "init/plan_rows.h"

#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/text.h"
#include "init/sources.h"
#include "kernel/mountopts.h"

static const struct {
	uint64_t flag;
	const char *word;
} attributes[] = {
	{ MOUNT_ATTR_RDONLY, "ro" },		 { MOUNT_ATTR_NOSUID, "nosuid" },
	{ MOUNT_ATTR_NODEV, "nodev" },		 { MOUNT_ATTR_NOEXEC, "noexec" },
	{ MOUNT_ATTR_NOATIME, "noatime" },	 { MOUNT_ATTR_STRICTATIME, "strictatime" },
	{ MOUNT_ATTR_NODIRATIME, "nodiratime" }, { MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" },
};

static void put_attributes(struct text *text, uint64_t set, const char *prefix)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		char word[32];

		(void)snprintf(word, sizeof(word), "%s%s", prefix, attributes[i].word);
		if (set & attributes[i].flag)
			plan_word(text, word);
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
			plan_word(text, super[i].word);
	if (o->propagation && propagation)
		plan_word(text, propagation);
	if (o->idmap || o->ridmap)
		plan_word(text, o->ridmap ? "ridmap" : "idmap");
	if (o->tmpcopyup)
		plan_word(text, "tmpcopyup");
	for (size_t i = 0; i < o->n_data; i++)
		plan_word(text, o->data[i]);
}

static void plan_mounts(struct planning *p)
{
	const struct oci_config *config = p->in.config;
	char pointer[PLAN_POINTER_MAX];

	for (size_t i = 0; i < config->n_mounts; i++) {
		const struct oci_mount *m = &config->mounts[i];
		auto_text struct text words = TEXT_INIT;
		struct mount_options o;

		if (mount_options_read(m->options, m->n_options, &o) < 0)
			continue;
		if (mounts_is_late(&p->in, m, &o)) { /* told by the step in which it happens */
			o.attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
			o.recursive_attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		}
		put_options(&words, &o);
		(void)plan_at(pointer, "/mounts/%zu", i);
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
	const char *propagation = plan_linux(p)->has_rootfs_propagation
					  ? oci_word(oci_propagation_words, plan_linux(p)->rootfs_propagation)
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
	char pointer[PLAN_POINTER_MAX];

	if (!is_dev_bound(p))
		plan_default_devices(p);
	for (size_t i = 0; i < plan_linux(p)->n_devices; i++) {
		const struct oci_device *d = &plan_linux(p)->devices[i];
		unsigned mode = d->has_file_mode ? d->file_mode & 07777 : 0666;

		if (device_is_ptmx(d))
			continue;
		(void)plan_at(pointer, "/linux/devices/%zu", i);
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

static void plan_pivot(struct planning *p)
{
	const char *how = p->in.flags & INIT_NO_PIVOT ? "move root" : "pivot root";

	PUT(p, root_has_mounts(&p->in) ? how : "change root", "/", "/root/path", "%s", "");
}

static void plan_make_cwd(struct planning *p)
{
	PUT(p, "make if missing", p->in.process->cwd, "/process/cwd", "directory, mode 0755");
}

/* Whether what comes next to the place of mount i is a remount, whose options are all that it has from then on. */
static bool is_remounted(const struct oci_config *config, size_t i)
{
	struct mount_options o;
	bool ret;

	for (size_t k = i + 1; k < config->n_mounts; k++) {
		if (!mount_is_at(&config->mounts[k], config->mounts[i].destination))
			continue;
		if (mount_options_read(config->mounts[k].options, config->mounts[k].n_options, &o) < 0)
			return false;
		ret = o.remount;
		mount_options_free(&o);
		return ret;
	}
	return false;
}

static void plan_late_mounts(struct planning *p)
{
	const struct oci_config *config = p->in.config;
	char pointer[PLAN_POINTER_MAX];

	for (size_t i = 0; i < config->n_mounts; i++) {
		const struct oci_mount *m = &config->mounts[i];
		struct mount_options o;

		if (mount_options_read(m->options, m->n_options, &o) < 0)
			continue;
		if (mounts_is_late(&p->in, m, &o) && !is_remounted(config, i))
			PUT(p, "make read-only", m->destination, plan_at(pointer, "/mounts/%zu", i), "%s", "");
		mount_options_free(&o);
	}
}

static void plan_read_only(struct planning *p)
{
	plan_late_mounts(p);
	if (p->in.config->root->readonly)
		PUT(p, "make read-only", "/", "/root/readonly", "%s", "");
}

static void plan_masks(struct planning *p)
{
	char pointer[PLAN_POINTER_MAX];

	for (size_t i = 0; i < plan_linux(p)->n_masked_paths; i++)
		PUT(p, "mask", plan_linux(p)->masked_paths[i], plan_at(pointer, "/linux/maskedPaths/%zu", i), "%s", "");
	for (size_t i = 0; i < plan_linux(p)->n_readonly_paths; i++)
		PUT(p, "make read-only", plan_linux(p)->readonly_paths[i], plan_at(pointer, "/linux/readonlyPaths/%zu", i),
		    "%s", "");
}

static void plan_root_options(struct planning *p)
{
	uint64_t propagation = plan_linux(p)->has_rootfs_propagation ? plan_linux(p)->rootfs_propagation : 0;

	if (propagation & (MS_SHARED | MS_UNBINDABLE))
		PUT(p, "set propagation", "/", "/linux/rootfsPropagation", "%s",
		    oci_word(oci_propagation_words, propagation));
}

static const struct plan_row rows[] = {
	{ "root-tree", plan_root_tree },
	{ "mounts", plan_mounts },
	{ "notify", plan_notify },
	{ "devices", plan_devices },
	{ "terminal", plan_terminal },
	{ "pivot", plan_pivot },
	{ "make-cwd", plan_make_cwd },
	{ "read-only", plan_read_only },
	{ "masks", plan_masks },
	{ "root-options", plan_root_options },
};

const struct plan_table plan_file_rows = { rows, sizeof(rows) / sizeof(rows[0]) };
