// SPDX-License-Identifier: LGPL-2.1-or-later
/* clock.c - time for deadlines, and the date for people.
 *
 * gmtime_r(3) and strftime(3) read /etc/localtime even for UTC: a file too many on the way of every create. */
#include "base/clock.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

int64_t clock_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int clock_left(int64_t deadline)
{
	int64_t left = deadline - clock_ms();

	if (left <= 0)
		return 0;
	return left < INT_MAX ? (int)left : INT_MAX;
}

#define LAST_SECOND 253402300799 /* of the year 9999 */

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Takes whole years, then whole months, off the days since 1970: 60 steps today, and nothing to get wrong. */
static void find_date(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = 1970, month = 0;

	while (days >= 365 + is_leap(year))
		days -= 365 + is_leap(year++);
	while (days >= lengths[month] + (month == 1 && is_leap(year))) {
		days -= lengths[month] + (month == 1 && is_leap(year));
		month++;
	}
	*ret_year = year;
	*ret_month = month + 1;
	*ret_day = (int)days + 1;
}

void clock_format(const struct timespec *time, char text[CLOCK_TEXT_MAX])
{
	int64_t seconds = time->tv_sec < 0 ? 0 : time->tv_sec > LAST_SECOND ? LAST_SECOND : time->tv_sec;
	int year, month, day, second = (int)(seconds % 86400);

	find_date(seconds / 86400, &year, &month, &day);
	snprintf(text, CLOCK_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ", year, month, day, second / 3600,
		 second / 60 % 60, second % 60, (int)time->tv_nsec);
}

void clock_now(char text[CLOCK_TEXT_MAX])
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	clock_format(&now, text);
}
