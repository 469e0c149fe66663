#ifndef GENERATOR_STOCK_H
#define GENERATOR_STOCK_H

#include "generator/generator.h"

#include <stddef.h>
#include <stdint.h>

/* Values that are made and not yet handed out. It owns nothing. */
struct stock {
	const uint8_t *bytes;
	const uint64_t *ends; /* of each, from `bytes` on */
	uint64_t first;       /* the next to go */
	uint64_t count;       /* values in all */
};

static inline uint64_t stock_begin(const struct stock *s, uint64_t i)
{
	return i > 0 ? s->ends[i - 1] : 0;
}

/* How many of the next ones, `values` at most, have `room` bytes or less
 * together. */
uint64_t stock_fit(const struct stock *s, uint64_t values, uint64_t room);

/* Describe the next `count` and take them out. Their ends go to `ends`; NULL:
 * nobody wants them. */
void stock_take(struct stock *s, uint64_t count, uint64_t *ends,
		struct gen_batch *ret);

#endif
