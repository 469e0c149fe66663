#ifndef BENCH_HAND_OVER_H
#define BENCH_HAND_OVER_H

#include "tests/bench/timed.h"

/*
 * The least that it takes to hand a block over to another process that acts
 * only on what is durable (DESIGN.md, R4): from just before it is written to
 * when the other, woken by a watch, has it in hand and proven. Through the page
 * cache the proof is a flush of the reader's own; with direct I/O a mark that
 * the writer writes after its flush. Nothing is checked. The `how` is an enum
 * ring_io_mode.
 */
extern const struct timed_ops hand_over_bare;

#endif
