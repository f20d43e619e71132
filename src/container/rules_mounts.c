// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules_mounts.c - the predicates of rules about mounts. */
#include "container/rules_place.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "kernel/mountopts.h"

bool rule_empty_destination(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (!*c->mounts[i].destination && place_at(p, "/mounts/%zu/destination", i))
			return true;
	return false;
}

bool rule_half_mapped_mount(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (!c->mounts[i].n_uid_mappings != !c->mounts[i].n_gid_mappings &&
		    place_at(p, "/mounts/%zu/%s", i, c->mounts[i].n_uid_mappings ? "uidMappings" : "gidMappings"))
			return true;
	return false;
}

static bool is_word(const char *option, const char *word)
{
	return *option == *word && strcmp(option, word) == 0;
}

/* As mountopts.c reads them; a plain search, because every create asks. */
static bool has_option(const struct oci_mount *m, const char *a, const char *b)
{
	for (size_t i = 0; i < m->n_options; i++)
		if (is_word(m->options[i], a) || is_word(m->options[i], b))
			return true;
	return false;
}

static bool is_bind(const struct oci_mount *m)
{
	return has_option(m, "bind", "rbind");
}

static bool is_remount(const struct oci_mount *m)
{
	return has_option(m, "remount", "remount");
}

static bool is_type(const struct oci_mount *m, const char *type)
{
	return m->type && strcmp(m->type, type) == 0;
}

bool rule_no_file_system(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if ((!c->mounts[i].type || !*c->mounts[i].type) && !is_bind(&c->mounts[i]) &&
		    !is_remount(&c->mounts[i]) && place_at(p, "/mounts/%zu/type", i))
			return true;
	return false;
}

bool rule_bind_without_source(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (!c->mounts[i].source && is_bind(&c->mounts[i]) && !is_remount(&c->mounts[i]) &&
		    place_at(p, "/mounts/%zu/source", i))
			return true;
	return false;
}

bool rule_unmappable_mount(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];

		if ((m->n_uid_mappings || has_option(m, "idmap", "ridmap")) &&
		    (is_remount(m) || (!is_bind(m) && is_type(m, "cgroup"))) && place_at(p, "/mounts/%zu", i))
			return true;
	}
	return false;
}

/* Without maps of its own, those of the container (mnt-idmap-04). */
bool rule_shifted_without_mappings(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];

		if (!m->n_uid_mappings && !(c->linux && c->linux->n_uid_mappings) && !is_remount(m) &&
		    has_option(m, "idmap", "ridmap") && place_at(p, "/mounts/%zu/options", i))
			return true;
	}
	return false;
}

bool rule_copied_up(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];

		if (has_option(m, "tmpcopyup", "tmpcopyup") && (is_bind(m) || !is_type(m, "tmpfs")) &&
		    place_at(p, "/mounts/%zu/options", i))
			return true;
	}
	return false;
}

/* Of a remount nothing is copied; what is no bind mount has no source that could be a link. */
bool rule_idle_mount_word(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];
		const bool remount = is_remount(m), bound = is_bind(m) && !remount;

		for (size_t k = 0; k < m->n_options; k++) {
			const char *word = m->options[k];

			if (!(remount && is_word(word, "tmpcopyup")) &&
			    !(!bound && (is_word(word, "copy-symlink") || is_word(word, "src-nofollow"))))
				continue;
			(void)snprintf(p->sentence, sizeof(p->sentence), "%s has no effect on %s", word,
				       remount ? "a remount" : "what is no bind mount");
			if (place_at(p, "/mounts/%zu/options/%zu", i, k))
				return true;
		}
	}
	return false;
}

/* Whether mountopts.c has no row for it, so that it is data for the file system. */
static bool is_data(const char *option)
{
	struct mount_options o;
	bool yes;

	if (mount_options_read(&option, 1, &o) < 0)
		return false;
	yes = o.n_data > 0;
	mount_options_free(&o);
	return yes;
}

bool rule_cgroup_option(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];

		if (!is_type(m, "cgroup") || is_bind(m) || is_remount(m))
			continue;
		for (size_t k = 0; k < m->n_options; k++) {
			if (!is_data(m->options[k]))
				continue;
			(void)snprintf(p->sentence, sizeof(p->sentence),
				       "a mount of type cgroup takes no option \"%s\"", m->options[k]);
			if (place_at(p, "/mounts/%zu/options/%zu", i, k))
				return true;
		}
	}
	return false;
}

/* In that tree the kernel changes no mount (check_mnt), and those outside of it are others'. */
bool rule_remount_of_others(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = rules_namespace(c, CLONE_NEWNS);

	for (size_t i = 0; (!ns || ns->path) && i < c->n_mounts; i++)
		if (is_remount(&c->mounts[i]) && place_at(p, "/mounts/%zu/options", i))
			return true;
	return false;
}

bool rule_relative_destination(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (*c->mounts[i].destination && *c->mounts[i].destination != '/' &&
		    place_at(p, "/mounts/%zu/destination", i))
			return true;
	return false;
}

bool rule_unlisted_mapping(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (c->mounts[i].n_uid_mappings && !has_option(&c->mounts[i], "idmap", "ridmap") &&
		    place_at(p, "/mounts/%zu/options", i))
			return true;
	return false;
}

static const char *option_like(const char *word)
{
	const char *name;

	for (size_t i = 0; (name = mount_option_name(i)); i++)
		if (oci_is_similar(word, name))
			return name;
	return NULL;
}

/* Data of a file system is NAME=VALUE for the most part; "acl" and other single words are not like any of ours. */
bool rule_misspelt_option(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		for (size_t k = 0; k < c->mounts[i].n_options; k++) {
			const char *word = c->mounts[i].options[k], *like;

			if (strchr(word, '=') || !is_data(word) || !(like = option_like(word)))
				continue;
			(void)snprintf(
				p->sentence, sizeof(p->sentence),
				"is no option of the specification and goes to the file system; did you mean \"%s\"?",
				like);
			if (place_at(p, "/mounts/%zu/options/%zu", i, k))
				return true;
		}
	return false;
}
