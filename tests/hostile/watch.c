// SPDX-License-Identifier: LGPL-2.1-or-later
/* watch.c - looks at every process that appears, as an attacker in a container does: what it is, what it
 * has open, whether it can be traced or its binary be written.
 *
 *	watch END     until the file END is there; prints what it sees, each different thing once
 *
 * A line: name=NAME caps=HEX exe=LINK|errnoN write=N fds=TARGET,... trace=NAME|N, where N is an errno; a name behind
 * trace= is what the process was when it had been stopped: it may change between two looks. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static char seen[1000][1024];
static unsigned n_seen;

static void remember(const char *line)
{
	for (unsigned i = 0; i < n_seen; i++)
		if (!strcmp(seen[i], line))
			return;
	if (n_seen == 1000)
		return;
	strcpy(seen[n_seen++], line);
	puts(line);
	fflush(stdout);
}

/* Numbers of pipes and sockets would make every line a new one. */
static void add_fds(int pid, char *line, size_t size)
{
	char path[64], target[256];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (!dir) {
		snprintf(line + strlen(line), size - strlen(line), "errno%d", errno);
		return;
	}
	while ((entry = readdir(dir))) {
		ssize_t n;

		if (atoi(entry->d_name) < 3)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/fd/%.8s", pid, entry->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		target[strcspn(target, "[ ")] = '\0';
		snprintf(line + strlen(line), size - strlen(line), "%s,", target);
	}
	closedir(dir);
}

static void add_status(int pid, char *line, size_t size)
{
	char path[64], text[256], name[64] = "?", caps[64] = "?";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	while (file && fgets(text, sizeof(text), file)) {
		(void)sscanf(text, "Name: %63s", name);
		(void)sscanf(text, "CapPrm: %63s", caps);
	}
	if (file)
		fclose(file);
	snprintf(line, size, "name=%s caps=%s", name, caps);
}

static void look(int pid)
{
	char path[64], exe[256], line[1024];
	ssize_t n;
	int fd;

	add_status(pid, line, sizeof(line));
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	n = readlink(path, exe, sizeof(exe) - 1);
	if (n < 0)
		snprintf(exe, sizeof(exe), "errno%d", errno);
	else
		exe[n] = '\0';
	fd = open(path, O_RDWR | O_CLOEXEC);
	snprintf(line + strlen(line), sizeof(line) - strlen(line), " exe=%s write=%d fds=", exe, fd < 0 ? errno : 0);
	if (fd >= 0)
		close(fd);
	add_fds(pid, line, sizeof(line));
	if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0) {
		char traced[1024];

		ptrace(PTRACE_INTERRUPT, pid, 0, 0);
		waitpid(pid, NULL, __WALL);
		add_status(pid, traced, sizeof(traced));
		ptrace(PTRACE_DETACH, pid, 0, 0);
		snprintf(line + strlen(line), sizeof(line) - strlen(line), " trace=%.64s", traced + strlen("name="));
	} else {
		snprintf(line + strlen(line), sizeof(line) - strlen(line), " trace=%d", errno);
	}
	remember(line);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	while (access(argv[1], F_OK) < 0) {
		DIR *proc = opendir("/proc");
		struct dirent *entry;

		if (!proc)
			return 1;
		while ((entry = readdir(proc))) {
			int pid = atoi(entry->d_name);

			if (pid > 1 && pid != getpid())
				look(pid);
		}
		closedir(proc);
	}
	return 0;
}
