// SPDX-License-Identifier: LGPL-2.1-or-later
/* peek.c - a container's first process that looks for others in its /proc, and tries to get at hull's init stage.
 *
 *	peek MARK        a path that exists on the host alone; until SIGTERM
 *
 * Each thing that worked on a process that was called hull:init afterwards, too, is a line: exe, mem, ptrace, fd TARGET,
 * root, cwd, "exe written".  "seen N" at the end: how many looks met it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_term(int n)
{
	(void)n;
	stop = 1;
}

static bool is_init(const char *pid)
{
	char path[64], comm[32] = "";
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, comm, sizeof(comm) - 1);
	close(fd);
	return n > 0 && strcmp(comm, "hull:init\n") == 0;
}

static void said(const char *pid, const char *what, const char *more)
{
	if (is_init(pid))
		printf("%s %s\n", what, more);
}

static void try_open(const char *pid, const char *file, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, file);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		return;
	said(pid, file, flags == O_RDWR ? "written" : "");
	close(fd);
}

static void try_fds(const char *pid)
{
	char path[300], target[512];
	const struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		ssize_t n;

		if (atoi(entry->d_name) < 3)
			continue;
		n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		if (n > 0) {
			target[n] = '\0';
			said(pid, "fd", target);
		}
	}
	if (dir)
		closedir(dir);
}

static void try_mark(const char *pid, const char *through, const char *mark)
{
	char path[1024];

	snprintf(path, sizeof(path), "/proc/%s/%s/%s", pid, through, mark);
	if (access(path, F_OK) == 0)
		said(pid, "host", through);
}

static void try_trace(const char *pid)
{
	int status;

	/* Not ATTACH: its SIGSTOP would stay with a program that was executed meanwhile, and may be traced. */
	if (ptrace(PTRACE_SEIZE, atoi(pid), 0, 0) < 0)
		return;
	said(pid, "ptrace", "");
	ptrace(PTRACE_INTERRUPT, atoi(pid), 0, 0);
	waitpid(atoi(pid), &status, __WALL);
	ptrace(PTRACE_DETACH, atoi(pid), 0, 0);
}

int main(int argc, char **argv)
{
	unsigned long seen = 0;

	(void)signal(SIGTERM, on_term);
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	for (unsigned round = 0; !stop && argc > 1; round++) {
		DIR *dir = opendir("/proc");
		const struct dirent *entry;

		while ((entry = readdir(dir))) {
			const char *pid = entry->d_name;

			if (atoi(pid) < 2 || !is_init(pid))
				continue;
			seen++;
			try_mark(pid, "root", argv[1]);
			try_mark(pid, "cwd", argv[1]);
			try_open(pid, "exe", O_RDWR);
			try_open(pid, "exe", O_RDONLY);
			try_open(pid, "mem", O_RDWR);
			try_fds(pid);
			if (round % 4 == 0)
				try_trace(pid);
		}
		closedir(dir);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	printf("seen %lu\n", seen);
	return 0;
}
