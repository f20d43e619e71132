// SPDX-License-Identifier: LGPL-2.1-or-later
/* landlock.c - Landlock's three system calls, and which version of it brought what.
 *
 * The numbers stand here, because the headers of the host that hull is built on may be older than the kernel. */
#include "kernel/landlock.h"

#include <stddef.h>

#include "kernel/sys.h"

#define RULE_PATH_BENEATH 1
#define RULE_NET_PORT	  2

/* Bits below the given one. */
#define UP_TO(bit) (((uint64_t)1 << (bit)) - 1)

static const struct {
	int version;
	struct landlock_rights rights;
} versions[] = {
	{ 1, { UP_TO(13), 0, 0 } },	     /* Linux 5.13 */
	{ 2, { UP_TO(14), 0, 0 } },	     /* 5.19: refer */
	{ 3, { UP_TO(15), 0, 0 } },	     /* 6.2: truncate */
	{ 4, { UP_TO(15), UP_TO(2), 0 } },   /* 6.7: bind_tcp, connect_tcp */
	{ 5, { UP_TO(16), UP_TO(2), 0 } },   /* 6.10: ioctl_dev */
	{ 6, { UP_TO(16), UP_TO(2), UP_TO(2) } }, /* 6.12: abstract_unix_socket, signal; 7 and 8 have no new rights */
	{ 9, { UP_TO(17), UP_TO(2), UP_TO(2) } }, /* 7.1: resolve_unix */
	{ 10, { UP_TO(17), UP_TO(4), UP_TO(2) } }, /* 7.2: bind_udp, connect_send_udp */
};

/* execute, write_file, read_file, truncate, ioctl_dev, resolve_unix */
const uint64_t landlock_file_rights = 1U << 0 | 1U << 1 | 1U << 2 | 1U << 14 | 1U << 15 | 1U << 16;

int landlock_version(void)
{
	const unsigned ask_for_version = 1;

	return sys_landlock_create_ruleset(NULL, 0, ask_for_version);
}

void landlock_of_version(int version, struct landlock_rights *ret)
{
	*ret = (struct landlock_rights){ 0 };
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]) && versions[i].version <= version; i++)
		*ret = versions[i].rights;
}

/* An older kernel takes a longer struct as long as the rest is zero. */
int landlock_new(const struct landlock_rights *governed)
{
	const uint64_t attr[3] = { governed->fs, governed->net, governed->scopes };

	return sys_landlock_create_ruleset(attr, sizeof(attr), 0);
}

int landlock_grant_path(int ruleset, int fd, uint64_t rights)
{
	const struct {
		uint64_t rights;
		int32_t fd;
	} __attribute__((packed)) attr = { rights, fd };

	return sys_landlock_add_rule(ruleset, RULE_PATH_BENEATH, &attr);
}

int landlock_grant_port(int ruleset, uint16_t port, uint64_t rights)
{
	const uint64_t attr[2] = { rights, port };

	return sys_landlock_add_rule(ruleset, RULE_NET_PORT, attr);
}

int landlock_enforce(int ruleset)
{
	return sys_landlock_restrict_self(ruleset);
}
