#ifndef BENCH_CONTEST_H
#define BENCH_CONTEST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A contest measures several ways to do one thing beside each other, in one
 * run: each contestant is opened, then in every round each of them works for a
 * short slice, in an order that rotates. What slows the machine down for a
 * while slows all of them down, so the ratios mean something where the figures
 * alone don't.
 */
struct bench;

enum {
	CONTEST_METRICS_MAX = 4,
	CONTESTANTS_MAX = 12,
	CONTEST_ROUNDS = 7,
	CONTEST_SKIPPED = 1, /* can't run here, and said why */
};

/* What a contestant is compared as. */
enum part {
	PART_LIMIT,  /* what the device allows; of several the best counts */
	PART_RING,   /* one in each contest */
	PART_PEER,   /* another library that does the same */
	PART_BESIDE, /* shown beside the others, compared with nothing */
};

struct metric {
	const char *name; /* "p50" */
	const char *unit; /* "us" */
	bool more_is_better;
};

struct contestant;

/* Each returns 0, or negative after it said why: see bench_error(). */
struct contestant_ops {
	/*
	 * Get ready, in files below the directory `dir`, which is this
	 * contestant's own and has its name; those of the contestants before
	 * it stand beside. May return CONTEST_SKIPPED.
	 */
	int (*open)(const struct contestant *c, const char *dir,
		    void **ret_state);

	/*
	 * Work for about `budget_us`, and measure: one value for each metric
	 * of the contest. What has to be tidied up for the next slice is done
	 * here too, outside of what is measured.
	 */
	int (*slice)(void *state, double budget_us, double *ret_values);

	void (*close)(void *state);
};

struct contestant {
	const char *name;
	enum part part;
	const struct contestant_ops *ops;
	const void *how; /* for ops->open(): the row's affair */
};

struct contest {
	const char *row; /* NAME/VARIANT */
	const struct metric *metrics;
	size_t metric_count;
	const struct contestant *contestants;
	size_t contestant_count;
	double slice_us; /* the budget of one slice */
	unsigned rounds; /* counted ones, behind one that warms up; 0:
			  * CONTEST_ROUNDS */
};

/*
 * Run it and hand one result for each metric to bench_add(). It does nothing
 * if this row isn't wanted. A contestant that is skipped is left out; without
 * the ring there is no result. 0, or negative after it was said why.
 */
int contest_run(struct bench *b, const struct contest *contest);

#endif
