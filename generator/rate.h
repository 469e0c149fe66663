#ifndef GENERATOR_RATE_H
#define GENERATOR_RATE_H

#include <stdint.h>

/*
 * When values are due: the n-th, counted from 0, n / per_second after the
 * start. So a window of any size has the rate that was asked for. Pure: times
 * come from the caller, of a clock that never goes back.
 *
 * Who is late catches up at once, with up to RATE_CATCH_UP_NS worth of values;
 * what is later than that is not made up for.
 */
enum { RATE_CATCH_UP_NS = 1000000000 };

struct rate {
	double per_second; /* 0: no limit, all are always due */
	uint64_t start_ns;
	uint64_t emitted; /* since then */
	uint64_t quantum; /* values that are worth being woken for */
};

/* 0, or -EINVAL: per_second is negative, or no number. */
int rate_init(struct rate *r, double per_second);

/* The clock starts to count. */
void rate_start(struct rate *r, uint64_t now_ns);

/* How many values are due. Forgets what can't be caught up. */
uint64_t rate_due(struct rate *r, uint64_t now_ns);

/* So many were emitted. */
void rate_emit(struct rate *r, uint64_t values);

/* When the next values are worth it, if `left` are still to come. */
uint64_t rate_next_ns(const struct rate *r, uint64_t left);

#endif
