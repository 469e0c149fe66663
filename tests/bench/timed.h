#ifndef BENCH_TIMED_H
#define BENCH_TIMED_H

#include "tests/bench/contest.h"
#include "tools/measure.h"

/*
 * A contestant that does one thing again and again, and says how long it took
 * each time. Its metrics are timed_metrics: median and 99th percentile.
 */
struct timed_ops {
	/* As those of struct contestant_ops. */
	int (*open)(const void *how, const char *dir, void **ret_it);
	void (*close)(void *it);

	/* Do it once. 0, or negative after it was said why. */
	int (*once)(void *it, double *ret_us);
};

/* The `how` of a contestant whose ops are timed_contestant. */
struct timed {
	const struct timed_ops *ops;
	const void *how;
	struct samples *keep; /* gets all that counts; NULL: not wanted */
};

enum { TIMED_METRICS = 2 };
extern const struct metric timed_metrics[TIMED_METRICS];
extern const struct contestant_ops timed_contestant;

/* The bare file; its `how` is a struct workload, see store.h. */
extern const struct timed_ops timed_raw;

#endif
