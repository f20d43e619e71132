// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_signals.c - names and numbers of signals, and the clean state for a new program. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/signals.h"
#include "unit.h"

static void words(void **state)
{
	static const struct {
		const char *word;
		int number;
	} rows[] = {
		{ "SIGTERM", 15 }, { "TERM", 15 },   { "term", 15 },	  { "sigterm", 15 }, { "SigTerm", 15 },
		{ "15", 15 },	   { "0", 0 },	     { "64", 64 },	  { "65", -1 },	     { "-1", -1 },
		{ "", -1 },	   { "SIG", -1 },    { "SIGSIGTERM", -1 }, { "TERMX", -1 },   { " 9", -1 },
		{ "9 ", -1 },	   { "0x9", -1 },    { "KILL", 9 },	  { "SIGKILL", 9 },  { "CLD", 17 },
		{ "IOT", 6 },	   { "POLL", 29 },   { "SYS", 31 },	  { "WINCH", 28 },
		{ "RTMIN", 34 },   { "SIGRTMIN+3", 37 }, { "rtmin+0", 34 }, { "RTMIN+30", 64 }, { "RTMIN+31", -1 },
		{ "RTMAX", 64 },   { "RTMAX-30", 34 }, { "RTMAX-31", -1 }, { "RTMIN-1", -1 },  { "RTMAX+1", -1 },
		{ "RTMIN+", -1 },  { "RTMIN++1", -1 }, { "RTMIN+ 1", -1 }, { "RTMINX", -1 },
		{ "a very long word that is no signal's", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (signal_number(rows[i].word) != rows[i].number)
			fail_msg("'%s': %d, not %d", rows[i].word, signal_number(rows[i].word), rows[i].number);
	/* The C library's own names: none is missing, none is wrong. */
	for (int n = 1; n < 32; n++) {
		assert_non_null(sigabbrev_np(n));
		assert_int_equal(signal_number(sigabbrev_np(n)), n);
	}
}

/* In a child: another program's state is what is looked at. */
static void reset(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		sigset_t all;

		(void)sigfillset(&all);
		(void)sigprocmask(SIG_SETMASK, &all, NULL);
		for (int n = 1; n <= 64; n++)
			(void)signal(n, SIG_IGN);
		if (signals_reset() < 0)
			_exit(1);
		/* Blocked and ignored: no digit but 0. */
		execlp("grep", "grep", "-qE", "^Sig(Blk|Ign):.*[1-9a-f]", "/proc/self/status", (char *)NULL);
		_exit(2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 1); /* grep: no such line */
}

static void prepared(void **state)
{
	struct sigaction action;

	(void)state;
	assert_ptr_not_equal(signal(SIGCHLD, SIG_IGN), SIG_ERR);
	signals_prepare();
	assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
	assert_ptr_equal(action.sa_handler, SIG_IGN);
	assert_int_equal(sigaction(SIGCHLD, NULL, &action), 0);
	assert_ptr_equal(action.sa_handler, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(reset),
		cmocka_unit_test(prepared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
