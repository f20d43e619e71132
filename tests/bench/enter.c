// SPDX-License-Identifier: LGPL-2.1-or-later
/* enter.c - the least that the kernel must be asked to do for a further process in a container: the
 * cgroups, setns by pidfd, vfork, exec.
 *
 *	enter --cgroup NAME PID COMMAND...
 *	enter --wait            a container's program that does nothing
 *
 * It joins every hierarchy itself, which spares the kernel its global lock, but for the unified one:
 * there the child is born.  As with floor.c, no credentials, no limits, no terminal. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

#define CGROUPS "/sys/fs/cgroup"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const hierarchies[] = {"devices", "memory", "cpu", "cpuacct", "cpu,cpuacct", "cpuset", "freezer", "blkio",
	"pids", "hugetlb", "perf_event", "net_cls,net_prio", "systemd"};

static char **command;

static void check(long result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "enter: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static void join_cgroups(const char *name)
{
	for (size_t i = 0; i < COUNT(hierarchies); i++) {
		char path[512];
		int fd;

		snprintf(path, sizeof(path), CGROUPS "/%s/%s/tasks", hierarchies[i], name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		check(write(fd, "0", 1), path);
		close(fd);
	}
}

static int open_unified(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), CGROUPS "/unified/%s", name);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	snprintf(path, sizeof(path), CGROUPS "/%s", name);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* vfork(2) into a cgroup.  The child stays in this very frame until it execs, so that sharing the
 * stack does no harm. */
static long vfork_into(struct clone_args *args)
{
	long result;

	args->flags |= CLONE_VFORK;
#if defined(__x86_64__)
	args->flags |= CLONE_VM;
	__asm__ volatile("syscall" : "=a"(result) : "0"(SYS_clone3), "D"(args), "S"(sizeof(*args)) : "rcx", "r11", "memory");
#else
	result = syscall(SYS_clone3, args, sizeof(*args));
#endif
	if (result == 0) {
		execv(command[0], command);
		_exit(127);
	}
	return result;
}

int main(int argc, char **argv)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	int unified, pidfd, status;
	long pid;

	if (argc == 2 && !strcmp(argv[1], "--wait"))
		return pause();
	if (argc < 5 || strcmp(argv[1], "--cgroup")) {
		fprintf(stderr, "enter --cgroup NAME PID COMMAND... | enter --wait\n");
		return 125;
	}
	command = argv + 4;
	join_cgroups(argv[2]);
	unified = open_unified(argv[2]);
	if (unified >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)unified;
	}
	pidfd = (int)syscall(SYS_pidfd_open, atoi(argv[3]), 0);
	check(pidfd, "pidfd_open");
	check(setns(pidfd, CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWCGROUP), "setns");
	pid = vfork_into(&args);
	check(pid, "clone3");
	check(waitpid((pid_t)pid, &status, 0), "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
