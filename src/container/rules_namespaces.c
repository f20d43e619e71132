// SPDX-License-Identifier: LGPL-2.1-or-later
/* rules_namespaces.c - the predicates of rules about namespaces and what is set in them:
 * names, mappings, clocks, interfaces, sysctls. */
#include "container/rules_place.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool rule_same_namespace(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_namespaces; i++)
		if (rules_namespace(c, c->linux->namespaces[i].type) != &c->linux->namespaces[i] &&
		    place_at(p, "/linux/namespaces/%zu/type", i))
			return true;
	return false;
}

/* Without a mount namespace of the container's own its mounts are in a tree that has no propagation. */
bool rule_propagation_to_others(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = rules_namespace(c, CLONE_NEWNS);

	return (!ns || ns->path) && c->linux && c->linux->has_rootfs_propagation &&
	       place_at(p, "/linux/rootfsPropagation");
}

/* Their programs are the host's, which a joined mount namespace does not show. */
bool rule_hooks_in_foreign_mounts(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = rules_namespace(c, CLONE_NEWNS);

	return ns && ns->path && c->hooks && c->hooks->n_create_container && place_at(p, "/hooks/createContainer");
}

bool rule_name_without_uts(const struct oci_config *c, struct place *p)
{
	if (rules_namespace(c, CLONE_NEWUTS))
		return false;
	if (c->hostname && place_at(p, "/hostname"))
		return true;
	return c->domainname && place_at(p, "/domainname");
}

bool rule_long_name(const struct oci_config *c, struct place *p)
{
	if (c->hostname && strlen(c->hostname) > 64 && place_at(p, "/hostname"))
		return true;
	return c->domainname && strlen(c->domainname) > 64 && place_at(p, "/domainname");
}

bool rule_mappings_without_user(const struct oci_config *c, struct place *p)
{
	if (!c->linux || rules_namespace(c, CLONE_NEWUSER))
		return false;
	if (c->linux->n_uid_mappings && place_at(p, "/linux/uidMappings"))
		return true;
	return c->linux->n_gid_mappings && place_at(p, "/linux/gidMappings");
}

bool rule_user_without_mappings(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = rules_namespace(c, CLONE_NEWUSER);

	if (!ns || ns->path)
		return false;
	if (!c->linux->n_uid_mappings && place_at(p, "/linux/uidMappings"))
		return true;
	return !c->linux->n_gid_mappings && place_at(p, "/linux/gidMappings");
}

/* user_namespaces(7): 340 lines since Linux 4.15; a range of size 0 is refused. */
static bool impossible_ranges(const struct oci_id_mapping *ranges, size_t n, struct place *p, const char *where)
{
	if (n > 340 && place_at(p, "%s/340", where))
		return true;
	for (size_t i = 0; i < n; i++)
		if (ranges[i].size == 0 && place_at(p, "%s/%zu/size", where, i))
			return true;
	return false;
}

bool rule_impossible_mapping(const struct oci_config *c, struct place *p)
{
	return c->linux &&
	       (impossible_ranges(c->linux->uid_mappings, c->linux->n_uid_mappings, p, "/linux/uidMappings") ||
		impossible_ranges(c->linux->gid_mappings, c->linux->n_gid_mappings, p, "/linux/gidMappings"));
}

bool rule_impossible_mount_mapping(const struct oci_config *c, struct place *p)
{
	char where[64];

	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct oci_mount *m = &c->mounts[i];

		if (!m->n_uid_mappings && !m->n_gid_mappings)
			continue;
		(void)snprintf(where, sizeof(where), "/mounts/%zu/uidMappings", i);
		if (impossible_ranges(m->uid_mappings, m->n_uid_mappings, p, where))
			return true;
		(void)snprintf(where, sizeof(where), "/mounts/%zu/gidMappings", i);
		if (impossible_ranges(m->gid_mappings, m->n_gid_mappings, p, where))
			return true;
	}
	return false;
}

bool rule_offsets_without_time(const struct oci_config *c, struct place *p)
{
	const struct oci_namespace *ns = rules_namespace(c, CLONE_NEWTIME);

	return c->linux && c->linux->n_time_offsets && (!ns || ns->path) && place_at(p, "/linux/timeOffsets");
}

bool rule_bad_nanoseconds(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_time_offsets; i++)
		if (c->linux->time_offsets[i].nanosecs > 999999999 &&
		    place_at(p, "/linux/timeOffsets/%s/nanosecs", c->linux->time_offsets[i].key))
			return true;
	return false;
}

bool rule_devices_without_network(const struct oci_config *c, struct place *p)
{
	return c->linux && c->linux->n_net_devices && !rules_namespace(c, CLONE_NEWNET) &&
	       place_at(p, "/linux/netDevices");
}

/* As the kernel checks a name (netdevice(7)): up to 15 bytes, no slash, colon or blank. */
static bool is_interface(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length < 16 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       strcspn(name, "/: \t\n\v\f\r") == length;
}

bool rule_bad_interface(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_net_devices; i++) {
		const struct oci_net_device *d = &c->linux->net_devices[i];

		if (!is_interface(d->key) && place_at_key(p, "/linux/netDevices", d->key, ""))
			return true;
		if (d->name && !is_interface(d->name) && place_at_key(p, "/linux/netDevices", d->key, "/name"))
			return true;
	}
	return false;
}

bool rule_same_interface(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_net_devices; i++) {
		const struct oci_net_device *d = &c->linux->net_devices[i];
		const char *name = d->name ? d->name : d->key;

		for (size_t k = 0; k < i && !strchr(name, '%'); k++) {
			const struct oci_net_device *other = &c->linux->net_devices[k];

			if (strcmp(name, other->name ? other->name : other->key) != 0)
				continue;
			if (place_at_key(p, "/linux/netDevices", d->key, d->name ? "/name" : ""))
				return true;
			break;
		}
	}
	return false;
}

// clang-format off
static const struct {
	const char *prefix; /* of the name with dots; a whole name unless it ends in a dot */
	uint64_t type;
} sysctl_namespaces[] = {
	{ "net.", CLONE_NEWNET },	    { "fs.mqueue.", CLONE_NEWIPC },   { "kernel.msgmax", CLONE_NEWIPC },
	{ "kernel.msgmnb", CLONE_NEWIPC },  { "kernel.msgmni", CLONE_NEWIPC }, { "kernel.msg_next_id", CLONE_NEWIPC },
	{ "kernel.sem", CLONE_NEWIPC },	    { "kernel.sem_next_id", CLONE_NEWIPC },
	{ "kernel.shmall", CLONE_NEWIPC },  { "kernel.shmmax", CLONE_NEWIPC }, { "kernel.shmmni", CLONE_NEWIPC },
	{ "kernel.shm_next_id", CLONE_NEWIPC }, { "kernel.shm_rmid_forced", CLONE_NEWIPC },
	{ "kernel.auto_msgmni", CLONE_NEWIPC }, { "kernel.hostname", CLONE_NEWUTS },
	{ "kernel.domainname", CLONE_NEWUTS }, { "user.", CLONE_NEWUSER },
};
// clang-format on

/* Slashes and dots may change places (sysctl(8)); names are compared with dots. */
static uint64_t sysctl_namespace(const char *key)
{
	char name[256];
	size_t n = strlen(key);

	if (n >= sizeof(name))
		return 0;
	memcpy(name, key, n + 1);
	if (strcspn(name, "/") < strcspn(name, "."))
		for (char *s = name; *s; s++)
			*s = *s == '/' ? '.' : *s == '.' ? '/' : *s;
	for (size_t i = 0; i < sizeof(sysctl_namespaces) / sizeof(sysctl_namespaces[0]); i++) {
		const char *prefix = sysctl_namespaces[i].prefix;
		size_t length = strlen(prefix);

		if (prefix[length - 1] == '.' ? text_starts(name, prefix) : strcmp(name, prefix) == 0)
			return sysctl_namespaces[i].type;
	}
	return 0;
}

/* "..", an empty name: nothing that could be below /proc/sys. */
bool rule_bad_sysctl(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_sysctl; i++) {
		const char *key = c->linux->sysctl[i].key;
		bool by_slash = strcspn(key, "/") < strcspn(key, ".");
		const char *separator = by_slash ? "/" : ".";
		bool bad = !*key;

		for (const char *at = key; *at && !bad;) {
			size_t n = strcspn(at, separator);

			/* Where dots separate, a slash is a dot of the name. */
			bad = n == 0 || (n == 1 && *at == (by_slash ? '.' : '/')) ||
			      (n == 2 && strncmp(at, by_slash ? ".." : "//", 2) == 0) || (at[n] && !at[n + 1]);
			at += n + (at[n] != '\0');
		}
		if (bad && place_at_key(p, "/linux/sysctl", key, ""))
			return true;
	}
	return false;
}

bool rule_sysctl_of_the_host(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_sysctl; i++)
		if (!sysctl_namespace(c->linux->sysctl[i].key) &&
		    place_at_key(p, "/linux/sysctl", c->linux->sysctl[i].key, ""))
			return true;
	return false;
}

bool rule_sysctl_without_namespace(const struct oci_config *c, struct place *p)
{
	for (size_t i = 0; c->linux && i < c->linux->n_sysctl; i++) {
		uint64_t type = sysctl_namespace(c->linux->sysctl[i].key);

		if (type && !rules_namespace(c, type) && place_at_key(p, "/linux/sysctl", c->linux->sysctl[i].key, ""))
			return true;
	}
	return false;
}

bool rules_changes(const struct oci_config *c, uint64_t type, char *ret_pointer, size_t size)
{
	struct place p = { .pointer = "" };
	bool found = false;

	if (type == CLONE_NEWUTS && (c->hostname || c->domainname))
		found = place_at(&p, c->hostname ? "/hostname" : "/domainname");
	else if (type == CLONE_NEWNET && c->linux && c->linux->n_net_devices)
		found = place_at(&p, "/linux/netDevices");
	for (size_t i = 0; !found && c->linux && i < c->linux->n_sysctl; i++)
		if (sysctl_namespace(c->linux->sysctl[i].key) == type)
			found = place_at_key(&p, "/linux/sysctl", c->linux->sysctl[i].key, "");
	(void)snprintf(ret_pointer, size, "%s", p.pointer);
	return found;
}
