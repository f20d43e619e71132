// SPDX-License-Identifier: LGPL-2.1-or-later
/* owner.c - names of users.
 *
 * /etc/passwd is read directly: getpwuid(3) loads NSS modules, which a static program cannot rely on, and
 * which would read files behind the caller's back. */
#include "cli/cli.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/file.h"
#include "kernel/host.h"

#define PASSWD_MAX ((size_t)4 << 20)

/* name:password:uid:... */
static bool name_in(const char *passwd, const char *uid, char *name, size_t size)
{
	for (const char *line = passwd; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t length = strcspn(line, ":\n");
		const char *number;
		size_t digits;

		if (line[length] != ':' || length == 0 || length >= size)
			continue;
		number = line + length + 1;
		number += strcspn(number, ":\n");
		if (*number != ':')
			continue;
		number++;
		digits = strcspn(number, ":\n");
		if (digits != strlen(uid) || strncmp(number, uid, digits) != 0)
			continue;
		memcpy(name, line, length);
		name[length] = '\0';
		return true;
	}
	return false;
}

static bool look_up(uid_t uid, char *name, size_t size)
{
	auto_close int fd = -1;
	auto_free char *passwd = NULL;
	char number[16];

	fd = host_open_file("/etc/passwd", O_RDONLY);
	if (fd < 0 || file_read(fd, PASSWD_MAX, &passwd, NULL) < 0)
		return false;
	snprintf(number, sizeof(number), "%u", uid);
	return name_in(passwd, number, name, size);
}

const char *owner_name(uid_t uid)
{
	static char name[256];
	static uid_t known;

	if (uid == 0)
		return "root";
	if (*name && uid == known)
		return name;
	if (!look_up(uid, name, sizeof(name)))
		snprintf(name, sizeof(name), "#%u", uid);
	known = uid;
	return name;
}
