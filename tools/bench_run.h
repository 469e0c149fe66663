#ifndef TOOLS_BENCH_RUN_H
#define TOOLS_BENCH_RUN_H

#include "tools/bench_rows.h"
#include "tools/measure.h"

/*
 * The rows in rounds. In each round of a row the ring and the raw storage take
 * turns, now one first, now the other, so that both meet the same noise.
 */
enum { BENCH_ROUNDS = 5, BENCH_FIGURES_MAX = 2 * BENCH_ROWS };

/* What came out for one metric of a row: a number for each round, sorted. */
struct bench_figure {
	const struct bench_row *row;
	const char *metric; /* "p50", "p99" or "rate" */
	const char *unit;
	struct samples ring, raw, ratio;
};

struct bench_result {
	struct bench_figure figures[BENCH_FIGURES_MAX];
	size_t count;
};

/* How long each row takes in each round, and who may end it early. */
struct bench_limits {
	double row_us;
	int stop_fd; /* see stop.h */
};

/*
 * Do it. -ECANCELED when it was stopped; or an error of the ring or -errno.
 * Release the result in any case.
 */
int bench_run(struct bench *b, const struct bench_limits *limits,
	      struct bench_result *ret_result);
void bench_result_release(struct bench_result *result);

#endif
