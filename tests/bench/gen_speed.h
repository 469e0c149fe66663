#ifndef BENCH_GEN_SPEED_H
#define BENCH_GEN_SPEED_H

#include "generator/generator.h"
#include "tests/bench/contest.h"

/*
 * Contestants that make values as fast as they can, and keep none. What counts
 * is the processor's time: others that compute on this machine don't.
 */

/* The `how` of gen_speed. */
struct gen_speed {
	const char *schema;
	const char *const *words; /* for its fields, NULL at the end; or NULL */
	struct gen_options options;
	bool counts_bytes; /* the rate is of bytes, not of values */
	bool is_by_clock;  /* and of the clock's time */
};

/* A generator. One that can't have its engine is skipped. One metric: the
 * rate. */
extern const struct contestant_ops gen_speed;

/* hand_row.h, without a `how`. It fails unless the bytes are those that a
 * generator makes. */
extern const struct contestant_ops hand_speed;

#endif
