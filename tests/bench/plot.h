#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include "tests/bench/result.h"

/*
 * Write OUT/bench/NAME-METRIC.dat for each row and metric: a line for each
 * variant, a column for each contestant, "?" where it took no part. plot.gp
 * makes pictures of them. 0, or negative after it was said why.
 */
int plot_write(const struct result *results, size_t count, const char *out);

#endif
