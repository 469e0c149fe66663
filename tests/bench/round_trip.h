#ifndef BENCH_ROUND_TRIP_H
#define BENCH_ROUND_TRIP_H

#include "tests/bench/timed.h"

/*
 * One item, from just before it is published to when the producer sees that
 * the consumer, another process, has let go of it; nothing is flushed. The
 * `how` of both is not used.
 */
extern const struct timed_ops round_trip_ring;
extern const struct timed_ops round_trip_bare; /* see bare_queue.h */

#endif
