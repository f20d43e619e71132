// SPDX-License-Identifier: LGPL-2.1-or-later
/* signals.c - signal names, and the signal state that a new program inherits.
 *
 * Numbers go up to 64, the kernel's last; the C library hides the first two real-time signals, so RTMIN is
 * the library's, as with kill(1), and the two can be named by number only. */
#include "kernel/signals.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "base/child.h"
#include "base/text.h"
#include "base/words.h"

#define LAST_SIGNAL 64

static const struct word names[] = {
	{ "HUP", SIGHUP },	 { "INT", SIGINT },	{ "QUIT", SIGQUIT },   { "ILL", SIGILL },
	{ "TRAP", SIGTRAP },	 { "ABRT", SIGABRT },	{ "IOT", SIGABRT },    { "BUS", SIGBUS },
	{ "FPE", SIGFPE },	 { "KILL", SIGKILL },	{ "USR1", SIGUSR1 },   { "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 },	 { "PIPE", SIGPIPE },	{ "ALRM", SIGALRM },   { "TERM", SIGTERM },
#ifdef SIGSTKFLT
	{ "STKFLT", SIGSTKFLT },
#endif
	{ "CHLD", SIGCHLD },	 { "CLD", SIGCHLD },	{ "CONT", SIGCONT },   { "STOP", SIGSTOP },
	{ "TSTP", SIGTSTP },	 { "TTIN", SIGTTIN },	{ "TTOU", SIGTTOU },   { "URG", SIGURG },
	{ "XCPU", SIGXCPU },	 { "XFSZ", SIGXFSZ },	{ "VTALRM", SIGVTALRM }, { "PROF", SIGPROF },
	{ "WINCH", SIGWINCH },	 { "IO", SIGIO },	{ "POLL", SIGIO },     { "PWR", SIGPWR },
	{ "SYS", SIGSYS },
};

/* "RTMIN", "RTMIN+3", "RTMAX-1" without a prefix. */
static int real_time_number(const char *word)
{
	int base, sign;
	uint64_t offset = 0;

	if (text_starts(word, "RTMIN")) {
		base = SIGRTMIN;
		sign = '+';
	} else if (text_starts(word, "RTMAX")) {
		base = SIGRTMAX;
		sign = '-';
	} else {
		return -1;
	}
	word += strlen("RTMIN");
	if (*word && (*word != sign || text_to_u64(word + 1, 0, (uint64_t)(SIGRTMAX - SIGRTMIN), &offset) < 0))
		return -1;
	return sign == '+' ? base + (int)offset : base - (int)offset;
}

int signal_number(const char *word)
{
	const struct word *row;
	char upper[16];
	uint64_t number;
	size_t n = strlen(word);

	if (text_to_u64(word, 0, LAST_SIGNAL, &number) == 0)
		return (int)number;
	if (n >= sizeof(upper))
		return -1;
	for (size_t i = 0; i <= n; i++)
		upper[i] = word[i] >= 'a' && word[i] <= 'z' ? (char)(word[i] - 'a' + 'A') : word[i];
	word = text_starts(upper, "SIG") ? upper + 3 : upper;
	row = word_find(names, sizeof(names) / sizeof(names[0]), word);
	return row ? (int)row->value : real_time_number(word);
}

int signals_reset(void)
{
	return child_reset_signals();
}

void signals_prepare(void)
{
	/* Neither fails for a valid number. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
}
