// SPDX-License-Identifier: LGPL-2.1-or-later
/* steps.c - runs a command instruction by instruction and lists what it executed of one program.
 *
 *	steps PROGRAM COMMAND [ARGUMENT...]
 *
 * Each offset in PROGRAM (a position independent executable) that the command, or a process that it made, executed while
 * it ran PROGRAM: a line each, in the order in which they came first, on descriptor 3.  contrib/layout reads them. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS                                                                                          \
	(PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC)
#define MAX_PROCESSES 256

static struct process {
	pid_t pid;
	uint64_t base; /* where the program stands; 0: another program */
} processes[MAX_PROCESSES];
static size_t n_processes;

static unsigned char header[4096]; /* how the program is known again, its path says nothing in a container */
static uint64_t size, *order, n_order;
static unsigned char *seen;

static void die(const char *what)
{
	fprintf(stderr, "steps: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void read_program(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || read(fd, header, sizeof(header)) != sizeof(header))
		die(path);
	close(fd);
	size = (uint64_t)st.st_size;
	seen = calloc(size, 1);
	order = calloc(size, sizeof(*order));
	if (!seen || !order)
		die("no memory");
}

/* The program's base, from the vector that the kernel handed over at its exec; 0 where that runs something else. */
static uint64_t find_base(pid_t pid)
{
	unsigned char there[sizeof(header)];
	Elf64_auxv_t auxv;
	uint64_t base = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && read(fd, &auxv, sizeof(auxv)) == sizeof(auxv))
		if (auxv.a_type == AT_PHDR)
			base = auxv.a_un.a_val - ((const Elf64_Ehdr *)header)->e_phoff;
	close(fd);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, there, sizeof(there), (off_t)base) != sizeof(there) || memcmp(there, header, sizeof(there)))
		base = 0;
	close(fd);
	return base;
}

static struct process *process_of(pid_t pid)
{
	for (size_t i = 0; i < n_processes; i++)
		if (processes[i].pid == pid)
			return &processes[i];
	if (n_processes == MAX_PROCESSES)
		die("too many processes");
	processes[n_processes] = (struct process){ pid, find_base(pid) };
	return &processes[n_processes++];
}

static void note(const struct process *p)
{
	struct user_regs_struct regs;
	uint64_t offset;

	if (!p->base || ptrace(PTRACE_GETREGS, p->pid, NULL, &regs) < 0)
		return;
	offset = regs.rip - p->base;
	if (offset >= size || seen[offset])
		return;
	seen[offset] = 1;
	order[n_order++] = offset;
}

/* A process of another program runs freely: its children are followed all the same. */
static void go_on(const struct process *p, int signal)
{
	(void)ptrace(p->base ? PTRACE_SINGLESTEP : PTRACE_CONT, p->pid, NULL, (void *)(intptr_t)signal);
}

static void stopped(pid_t pid, int status)
{
	struct process *p = process_of(pid);
	int event = status >> 16, signal = WSTOPSIG(status);

	if (event == PTRACE_EVENT_EXEC) {
		p->base = find_base(pid);
		note(p);
		go_on(p, 0);
	} else if (event) {
		go_on(p, 0);
	} else if (signal == SIGTRAP) {
		note(p);
		go_on(p, 0);
	} else {
		go_on(p, signal == SIGSTOP ? 0 : signal);
	}
}

static void forget(pid_t pid)
{
	for (size_t i = 0; i < n_processes; i++)
		if (processes[i].pid == pid)
			processes[i] = processes[--n_processes];
}

int main(int argc, char **argv)
{
	int status, result = 0;
	pid_t child, pid;

	if (argc < 3) {
		fprintf(stderr, "usage: steps PROGRAM COMMAND [ARGUMENT...] 3>OFFSETS\n");
		return 125;
	}
	read_program(argv[1]);
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		close(3);
		raise(SIGSTOP);
		execvp(argv[2], argv + 2);
		die(argv[2]);
	}
	if (waitpid(child, &status, WUNTRACED) < 0 || ptrace(PTRACE_SEIZE, child, NULL, (void *)OPTIONS) < 0)
		die("cannot trace");
	kill(child, SIGCONT);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			stopped(pid, status);
			continue;
		}
		forget(pid);
		if (pid == child) {
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			break; /* what it left behind is let go */
		}
	}
	for (uint64_t i = 0; i < n_order; i++)
		dprintf(3, "%llx\n", (unsigned long long)order[i]);
	return result;
}
