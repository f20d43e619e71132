// SPDX-License-Identifier: LGPL-2.1-or-later
/* interrupt.h - the signals by which somebody ends a command (INT, TERM, HUP, QUIT) end a wait of it instead, so that it
 * can undo what it has begun.
 *
 * Between begin and end they are blocked and readable from a descriptor.  One that the caller ignores (nohup(1)) stays
 * ignored, and what was blocked before stays so afterwards: a signal that nobody took is then the caller's again. */
#pragma once

#include <signal.h>

struct interrupt {
	int fd; /* readable when one of them has come; -1: none of them counts */
	sigset_t before;
};

/* 0 or -errno; end is due in any case. */
int interrupt_begin(struct interrupt *ret);
/* Takes one: its number, or 0 when none has come. */
int interrupt_take(const struct interrupt *interrupt);
void interrupt_end(struct interrupt *interrupt);

/* As socket_wait (1, 0 at the deadline, -errno); -EINTR says that *ret_signal came before. */
int interrupt_wait(int fd, int timeout_ms, int *ret_signal);
