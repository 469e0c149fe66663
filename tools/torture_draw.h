#ifndef TOOLS_TORTURE_DRAW_H
#define TOOLS_TORTURE_DRAW_H

#include <stdbool.h>
#include <stdint.h>

/* Random numbers: the same everywhere for the same seed. */
struct torture_draw {
	uint64_t state;
};

/* The next of all 2^64 numbers. */
uint64_t torture_draw(struct torture_draw *d);

/* 0 to limit - 1; limit is not 0. */
uint64_t torture_draw_below(struct torture_draw *d, uint64_t limit);

/* True once in `of` times. */
bool torture_draw_once_in(struct torture_draw *d, uint64_t of);

/*
 * 0 to limit - 1, with as many small numbers as large ones: each number of
 * bits is as likely as the others. limit is not 0.
 */
uint64_t torture_draw_size(struct torture_draw *d, uint64_t limit);

/* A seed for something else that depends on both numbers. */
uint64_t torture_draw_seed(uint64_t seed, uint64_t other);

#endif
