// SPDX-License-Identifier: LGPL-2.1-or-later
/* clock.h - time for deadlines. */
#pragma once

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC: for differences only. */
int64_t clock_ms(void);

/* Milliseconds from now to the deadline (a clock_ms), for poll(2): 0 when it has passed. */
int clock_left(int64_t deadline);
