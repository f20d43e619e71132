// SPDX-License-Identifier: LGPL-2.1-or-later
/* clock.h - time for deadlines, and the date for people. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC: for differences only. */
int64_t clock_ms(void);

/* Milliseconds from now to the deadline (a clock_ms), for poll(2): 0 when it has passed. */
int clock_left(int64_t deadline);

/* Room for a date, by the widest that its numbers could be. */
#define CLOCK_TEXT_MAX 96

/* The time as RFC 3339 in UTC with nanoseconds, "2026-01-02T03:04:05.000000006Z"; years 1970 to 9999. */
void clock_format(const struct timespec *time, char text[CLOCK_TEXT_MAX]);
/* The same of now. */
void clock_now(char text[CLOCK_TEXT_MAX]);
