#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include "tools/measure.h"

#include <stdio.h>

/* How often which duration came, for several that are compared. The buckets
 * grow by a quarter of an octave. */
enum { HISTOGRAM_COLUMNS_MAX = 4 };

struct histogram {
	const char *title;
	const char *names[HISTOGRAM_COLUMNS_MAX];
	const struct samples *columns[HISTOGRAM_COLUMNS_MAX]; /* none empty */
	unsigned count;
};

/* For people: a line for each bucket, percents and bars. */
void histogram_print(const struct histogram *h, FILE *out);

/* A table for plot.gp: OUT/bench/NAME.dat. 0, or negative after it was said
 * why. */
int histogram_write(const struct histogram *h, const char *out,
		    const char *name);

#endif
