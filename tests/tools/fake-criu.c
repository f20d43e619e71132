// SPDX-License-Identifier: LGPL-2.1-or-later
/* fake-criu.c - a criu that goes wrong, as the file "mode" beside the images says: for errors that the real one cannot
 * be made to have.  It speaks `criu swrk 3` as far as that takes: version 4.1, then trouble. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CHANNEL 3
#define IMAGES	4
#define WORK	5

/* Replies of criu's rpc.proto, as they are on the wire. */
static const char version_4_1[] = "\x08\x0a\x10\x01\x52\x04\x08\x04\x10\x01";
static const char version_2_0[] = "\x08\x0a\x10\x01\x52\x04\x08\x02\x10\x00";
static const char failed[] = "\x08\x01\x10\x00\x38\x1c"; /* dump, no success, errno 28 */
static const char notice[] = "\x08\x06\x10\x01\x2a\x0a\x0a\x08pre-dump";
static const char garbage[] = "\xff\xff\xff not a message";

static void say(const char *text, size_t size)
{
	if (send(CHANNEL, text, size, 0) < 0)
		exit(9);
}
#define SAY(reply) say(reply, sizeof(reply) - 1)

static void hear(char *type)
{
	char data[65536];
	ssize_t n = recv(CHANNEL, data, sizeof(data), 0);

	if (n < 2)
		exit(8);
	*type = data[1];
}

static void write_log(const char *name)
{
	static const char text[] = "(00.000001) Error (criu/one.c:1): first\n(00.1) fine\n(00.2) Error (criu/two.c:2): second\n"
				   "(00.3) Error (criu/three.c:3): third\n(00.4) Error (criu/four.c:4): fourth\n";
	int fd = openat(WORK, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, sizeof(text) - 1) < 0)
		exit(7);
	close(fd);
}

int main(void)
{
	char mode[32] = "", type;
	int fd = openat(IMAGES, "mode", O_RDONLY);

	if (fd >= 0 && read(fd, mode, sizeof(mode) - 1) > 0)
		mode[strcspn(mode, "\n")] = '\0';
	if (strcmp(mode, "silent") == 0)
		pause();
	hear(&type);
	if (strcmp(mode, "old") == 0)
		SAY(version_2_0);
	else
		SAY(version_4_1);
	hear(&type);
	if (strcmp(mode, "killed") == 0)
		raise(SIGKILL);
	if (strcmp(mode, "garbage") == 0) {
		SAY(garbage);
		pause();
	}
	if (strcmp(mode, "failed") == 0) {
		write_log(type == 2 ? "restore.log" : "dump.log");
		SAY(failed);
	}
	if (strcmp(mode, "late-link") == 0 || strcmp(mode, "late-device") == 0) {
		const char *name = strcmp(mode, "late-link") == 0 ? "late.img" : "device.img";

		if (*name == 'l' ? symlinkat("../file", IMAGES, name) : mknodat(IMAGES, name, S_IFCHR | 0600, makedev(1, 3)))
			exit(7);
		return openat(IMAGES, name, O_RDWR) < 0 ? errno : 0;
	}
	if (strcmp(mode, "halfway") == 0) {
		SAY(notice);
		hear(&type);
	}
	return 3;
}
