#ifndef BENCH_TIMED_RING_H
#define BENCH_TIMED_RING_H

#include "tests/bench/timed.h"

#include <stdint.h>

/*
 * A ring in some state, to which items are published one by one. What is
 * timed is ring_producer_publish() alone: the ring is drained outside of it.
 */
struct ring_state {
	uint64_t file_bytes;
	size_t item_bytes;
	unsigned consumers; /* that have joined */
	double backlog;     /* the part of the ring that is not consumed */
	uint64_t laps;      /* how often all of it was written before */
};

/* Its `how` is a struct ring_state. */
extern const struct timed_ops timed_ring;

#endif
