// SPDX-License-Identifier: LGPL-2.1-or-later
/* tsc - prints how many thousand times a second this processor's time stamp counter counts. */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct moment {
	double ns;
	unsigned long long ticks;
};

/* Both clocks at once: of some tries the one that took the least time. */
static struct moment now(void)
{
	struct moment best = { 0, 0 };
	unsigned long long least = ~0ULL;

	for (int i = 0; i < 100; i++) {
		unsigned long long begin = __rdtsc(), end;
		struct timespec t;

		clock_gettime(CLOCK_MONOTONIC_RAW, &t);
		end = __rdtsc();
		if (end - begin >= least)
			continue;
		least = end - begin;
		best = (struct moment){ (double)t.tv_sec * 1e9 + (double)t.tv_nsec, begin + least / 2 };
	}
	return best;
}

int main(void)
{
	const struct timespec pause = { 0, 100 * 1000 * 1000 };
	struct moment begin = now(), end;

	nanosleep(&pause, NULL);
	end = now();
	printf("%.0f\n", (double)(end.ticks - begin.ticks) / (end.ns - begin.ns) * 1e6);
	return 0;
}
