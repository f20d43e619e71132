// SPDX-License-Identifier: LGPL-2.1-or-later
/* fault.c - runs a command and, at its Nth system call, kills it or lets that call fail once.
 *
 *	fault count COMMAND...          how many system calls it makes (on stderr: "fault: N")
 *	fault kill N COMMAND...         SIGKILL at the entry of the Nth
 *	fault fail N ERRNO COMMAND...   the Nth is not made, and returns -ERRNO (a number)
 *	fault --follow ...              counts those of its children too, up to their second exec (the program of
 *	                                a container: hull's init stage is a child's first)
 *
 * Exit status: the command's; 128 + signal. On stderr, for kill and fail: "fault: N was NUMBER in PID". */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <elf.h>

enum action { COUNT, KILL, FAIL };

struct tracee {
	pid_t pid;
	bool entering; /* the next syscall stop is an entry */
	bool spoil;    /* set the result at the exit of this call */
	int execs;
};

static struct tracee tracees[64];
static size_t n_tracees;
static enum action action = COUNT;
static unsigned long target, calls;
static int error_number;
static bool follow;

static struct tracee *find(pid_t pid)
{
	for (size_t i = 0; i < n_tracees; i++)
		if (tracees[i].pid == pid)
			return &tracees[i];
	if (n_tracees == sizeof(tracees) / sizeof(tracees[0]))
		exit(125);
	tracees[n_tracees] = (struct tracee){ .pid = pid, .entering = true };
	return &tracees[n_tracees++];
}

static void forget(pid_t pid)
{
	for (size_t i = 0; i < n_tracees; i++)
		if (tracees[i].pid == pid)
			tracees[i] = tracees[--n_tracees];
}

static long syscall_number(pid_t pid)
{
	struct user_regs_struct regs;

	return ptrace(PTRACE_GETREGS, pid, 0, &regs) < 0 ? -1 : (long)regs.orig_rax;
}

/* An invalid number makes the kernel skip the call; the result is set at its exit. */
static void skip(pid_t pid)
{
	struct user_regs_struct regs;

	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	regs.orig_rax = (unsigned long)-1;
	ptrace(PTRACE_SETREGS, pid, 0, &regs);
}

static void set_result(pid_t pid, long result)
{
	struct user_regs_struct regs;

	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	regs.rax = (unsigned long)result;
	ptrace(PTRACE_SETREGS, pid, 0, &regs);
}

/* brk answers with the old break and close has closed whatever it says; the signal mask and waitid fail for wrong arguments
 * alone; without the others there is no process. */
static bool never_fails(long number)
{
	static const long numbers[] = { SYS_brk, SYS_close, SYS_arch_prctl, SYS_mprotect, SYS_execve, SYS_rt_sigprocmask,
					SYS_waitid };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i] == number)
			return true;
	return false;
}

static void on_syscall(struct tracee *t)
{
	if (!t->entering) {
		if (t->spoil)
			set_result(t->pid, -error_number);
		t->spoil = false;
		t->entering = true;
		return;
	}
	t->entering = false;
	if (++calls != target || action == COUNT)
		return;
	if (action == FAIL && never_fails(syscall_number(t->pid))) {
		fprintf(stderr, "fault: %lu cannot fail\n", calls);
		return;
	}
	fprintf(stderr, "fault: %lu was %ld in %d\n", calls, syscall_number(t->pid), (int)t->pid);
	if (action == KILL) {
		kill(t->pid, SIGKILL);
	} else {
		skip(t->pid);
		t->spoil = true;
	}
}

/* The exec of a container's program: no longer hull. */
static bool on_exec(struct tracee *t, pid_t first)
{
	t->execs++;
	return t->pid != first && t->execs == 2;
}

/* An init that waits for start outlives the command: it must go on untraced. */
static void release_rest(void)
{
	while (n_tracees > 0) {
		pid_t pid = tracees[0].pid;
		int status;

		kill(pid, SIGSTOP);
		while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status) && WSTOPSIG(status) != SIGSTOP)
			ptrace(PTRACE_SYSCALL, pid, 0, 0);
		ptrace(PTRACE_DETACH, pid, 0, 0);
		kill(pid, SIGCONT);
		forget(pid);
	}
}

static int trace(pid_t first)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC;
	int status, result = 0;

	if (follow)
		options |= PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
	waitpid(first, &status, 0);
	ptrace(PTRACE_SETOPTIONS, first, 0, options);
	find(first);
	ptrace(PTRACE_SYSCALL, first, 0, 0);
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);
		struct tracee *t;
		int signal = 0;

		if (pid < 0)
			return result;
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (pid == first)
				result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			forget(pid);
			if (pid == first)
				release_rest();
			if (n_tracees == 0)
				return result;
			continue;
		}
		t = find(pid);
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			on_syscall(t);
		} else if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXEC << 8))) {
			if (on_exec(t, first)) {
				forget(pid);
				ptrace(PTRACE_DETACH, pid, 0, 0);
				continue;
			}
		} else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP && WSTOPSIG(status) != SIGTRAP) {
			signal = WSTOPSIG(status);
		}
		ptrace(PTRACE_SYSCALL, pid, 0, signal);
	}
}

int main(int argc, char **argv)
{
	int i = 1, result;
	pid_t pid;

	if (i < argc && strcmp(argv[i], "--follow") == 0) {
		follow = true;
		i++;
	}
	if (i < argc && strcmp(argv[i], "kill") == 0)
		action = KILL;
	else if (i < argc && strcmp(argv[i], "fail") == 0)
		action = FAIL;
	else if (i >= argc || strcmp(argv[i], "count") != 0)
		return 125;
	i++;
	if (action != COUNT && i < argc)
		target = strtoul(argv[i++], NULL, 10);
	if (action == FAIL && i < argc)
		error_number = atoi(argv[i++]);
	if (i >= argc)
		return 125;
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execv(argv[i], argv + i);
		_exit(126);
	}
	result = trace(pid);
	if (action == COUNT)
		fprintf(stderr, "fault: %lu\n", calls);
	return result;
}
