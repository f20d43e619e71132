// SPDX-License-Identifier: LGPL-2.1-or-later
/* interleave.c - run commands in turn, many times, and compare them pair by pair.
 *
 * What disturbs a machine disturbs all columns of a round alike; so each round runs every column
 * once, in an order that turns, and the ratio to the first column is taken within the round.
 * The program is small and static on purpose: a child's greatest memory includes what its parent
 * had at the time of exec.
 *
 *	interleave ROUNDS WARMUP -- NAME STEP [';' STEP]... [-- NAME ...]...
 *
 * A STEP is a command; or @reap, which waits for the orphans that earlier steps left; or @cold FILE...,
 * which takes the files out of the page cache, in no time that counts; or @untimed STEP.  Prints for
 * each column: name, median in ns, median ratio to the first column, greatest memory in KiB,
 * number of failed steps (status other than 0).
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_COLUMNS = 16, MAX_STEPS = 128 };

struct column {
	const char *name;
	char **steps[MAX_STEPS];
	unsigned n_steps, failed;
	long memory;
	double *times, ratio;
};

extern char **environ;
static struct column columns[MAX_COLUMNS];
static unsigned n_columns;
static posix_spawn_file_actions_t quiet;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void account(struct column *c, int status, const struct rusage *usage, int counts)
{
	if (usage->ru_maxrss > c->memory)
		c->memory = usage->ru_maxrss;
	if (counts && status)
		c->failed++;
}

static void take(struct column *c, char **step)
{
	struct rusage usage;
	int status;
	pid_t pid;

	if (!strcmp(step[0], "@reap")) {
		while (wait4(-1, &status, 0, &usage) > 0)
			account(c, status, &usage, 0);
		return;
	}
	errno = posix_spawnp(&pid, step[0], &quiet, NULL, step, environ);
	if (errno) {
		perror(step[0]);
		exit(1);
	}
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			exit(1);
	account(c, status, &usage, 1);
}

static void make_cold(char **files)
{
	for (; *files; files++) {
		int fd = open(*files, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			continue;
		(void)fdatasync(fd);
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
	}
}

static double run(struct column *c)
{
	double spent = 0;

	for (unsigned i = 0; i < c->n_steps; i++) {
		double start = now();

		if (!strcmp(c->steps[i][0], "@cold")) {
			make_cold(c->steps[i] + 1);
		} else if (!strcmp(c->steps[i][0], "@untimed")) {
			take(c, c->steps[i] + 1);
		} else {
			take(c, c->steps[i]);
			spent += now() - start;
		}
	}
	return spent;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), ascending);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static double median_ratio(const struct column *c, const struct column *first, unsigned n)
{
	double *ratios = calloc(n, sizeof(*ratios)), result;

	for (unsigned i = 0; i < n; i++)
		ratios[i] = c->times[i] / first->times[i];
	result = median(ratios, n);
	free(ratios);
	return result;
}

/* Cuts argv into columns and steps, in place: each step ends in NULL. */
static void read_columns(char **argv)
{
	struct column *c = NULL;

	while (*argv) {
		if (!strcmp(*argv, "--")) {
			*argv++ = NULL;
			if (n_columns == MAX_COLUMNS || !*argv)
				exit(2);
			c = &columns[n_columns++];
			c->name = *argv++;
			c->steps[c->n_steps++] = argv;
		} else if (c && !strcmp(*argv, ";")) {
			*argv++ = NULL;
			if (c->n_steps == MAX_STEPS)
				exit(2);
			c->steps[c->n_steps++] = argv;
		} else {
			argv++;
		}
	}
}

int main(int argc, char **argv)
{
	unsigned rounds, warmup;

	if (argc < 5) {
		fprintf(stderr, "interleave ROUNDS WARMUP -- NAME STEP [';' STEP]... [-- NAME ...]...\n");
		return 2;
	}
	rounds = (unsigned)atoi(argv[1]);
	warmup = (unsigned)atoi(argv[2]);
	read_columns(argv + 3);
	if (!rounds || !n_columns)
		return 2;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);

	for (unsigned i = 0; i < n_columns; i++)
		columns[i].times = calloc(rounds, sizeof(double));
	for (unsigned r = 0; r < rounds + warmup; r++)
		for (unsigned i = 0; i < n_columns; i++) {
			struct column *c = &columns[(r + i) % n_columns];
			double t = run(c);

			if (r >= warmup)
				c->times[r - warmup] = t;
		}
	for (unsigned i = 0; i < n_columns; i++)
		columns[i].ratio = median_ratio(&columns[i], &columns[0], rounds);
	for (unsigned i = 0; i < n_columns; i++) {
		struct column *c = &columns[i];

		printf("%s\t%.0f\t%.4f\t%ld\t%u\n", c->name, median(c->times, rounds), c->ratio, c->memory, c->failed);
	}
	return 0;
}
