// SPDX-License-Identifier: LGPL-2.1-or-later
/* calls.c - makes system calls and says what became of each; for containers with a seccomp profile.
 *
 *	calls [thread:][i386:|x32:]NAME|NUMBER[,ARGUMENT...]...
 *
 * One line each: the call, and "ok", the errno's name, or "SIGSYS NUMBER" where a signal came instead.  A call with
 * thread: is made by a thread of its own; "dead" is said where that did not come back.  Besides its calls it
 * uses write and what the C library does at start and exit; threads need mmap and clone. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define X32_BIT 0x40000000L
#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1 /* si_code; not in all headers */
#endif

static const struct {
	const char *name;
	long number;
} names[] = {
#define CALL(name) { #name, SYS_##name }
	CALL(acct),	   CALL(getppid), CALL(getpriority), CALL(kill),	  CALL(mkdirat), CALL(personality), CALL(socket),
	CALL(sched_yield), CALL(swapoff), CALL(sync),	      CALL(setdomainname), CALL(unshare), CALL(write),   CALL(getsid),
};

struct call {
	const char *text;
	bool thread, i386;
	long number;
	unsigned long args[6];
	bool came_back;
};

static volatile sig_atomic_t trapped;

static void on_sigsys(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	if (info->si_code == SYS_SECCOMP) /* not one that a person sent */
		trapped = info->si_syscall;
}

static void put(const char *text, const char *what)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "%s %s\n", text, what);

	if (write(1, line, (size_t)n) != n)
		_exit(99);
}

static long by_int80(const struct call *call)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(call->number), "b"(call->args[0]), "c"(call->args[1]), "d"(call->args[2])
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
#else
	(void)call;
	return -ENOSYS;
#endif
}

static void *make(void *argument)
{
	struct call *call = argument;
	const unsigned long *a = call->args;
	char text[32];
	long result;

	trapped = -1;
	if (call->i386) {
		result = by_int80(call);
	} else {
		result = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
		result = result == -1 ? -errno : result;
	}
	if (trapped >= 0) {
		snprintf(text, sizeof(text), "SIGSYS %d", (int)trapped);
		put(call->text, text);
	} else if (result < 0 && result > -4096) {
		const char *name = strerrorname_np((int)-result);

		snprintf(text, sizeof(text), "%ld", -result);
		put(call->text, name ? name : text);
	} else {
		put(call->text, "ok");
	}
	call->came_back = true;
	return NULL;
}

static bool take(char **word, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(*word, prefix, length) != 0)
		return false;
	*word += length;
	return true;
}

static void read_call(char *word, struct call *call)
{
	char *rest = word, *name;
	bool x32;

	*call = (struct call){ .text = strdup(word) };
	call->thread = take(&rest, "thread:");
	call->i386 = take(&rest, "i386:");
	x32 = take(&rest, "x32:");
	name = strsep(&rest, ",");
	call->number = strtol(name, NULL, 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, name) == 0)
			call->number = names[i].number;
	call->number |= x32 ? X32_BIT : 0;
	for (int i = 0; i < 6 && rest; i++)
		call->args[i] = strtoul(strsep(&rest, ","), NULL, 0);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };

	sigaction(SIGSYS, &action, NULL);
	for (int i = 1; i < argc; i++) {
		struct call call;
		pthread_t thread;

		read_call(argv[i], &call);
		if (!call.thread) {
			make(&call);
			continue;
		}
		if (pthread_create(&thread, NULL, make, &call) == 0)
			pthread_join(thread, NULL);
		if (!call.came_back)
			put(call.text, "dead");
	}
	return 0;
}
