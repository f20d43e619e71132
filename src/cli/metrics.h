// SPDX-License-Identifier: LGPL-2.1-or-later
/* metrics.h - what containers use, in the text format of OpenMetrics 1.0, which Prometheus reads.
 *
 * A family of metrics stands together there, with the samples of all containers: so the statistics are collected first. */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

struct metrics;

/* NULL without memory. */
struct metrics *metrics_new(void);

/* Adds a line of container_stats.  0, or -1 with err */
int metrics_add(struct metrics *metrics, const char *id, const char *stats, struct error *err);

/* Appends everything, "# EOF" included. */
void metrics_write(const struct metrics *metrics, struct text *to);

void metrics_free(struct metrics *metrics);
