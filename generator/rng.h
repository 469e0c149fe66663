#ifndef GENERATOR_RNG_H
#define GENERATOR_RNG_H

#include <stdint.h>

/*
 * Where all randomness comes from: xoshiro256++, a stream of its own for each
 * block of values, so that any block can be made without those before it, and
 * by any thread. GENERATOR.md 2.1. This file is part of compiled programs: see
 * machine.h.
 */

/* Values that share a stream. */
enum { GEN_BLOCK_VALUES = 1024 };

struct gen_rng {
	uint64_t s0, s1, s2, s3;
};

static inline uint64_t rng_rotate(uint64_t x, unsigned k)
{
	return x << k | x >> (64 - k);
}

static inline uint64_t rng_next(struct gen_rng *r)
{
	const uint64_t ret = rng_rotate(r->s0 + r->s3, 23) + r->s0;
	const uint64_t t = r->s1 << 17;

	r->s2 ^= r->s0;
	r->s3 ^= r->s1;
	r->s1 ^= r->s2;
	r->s0 ^= r->s3;
	r->s2 ^= t;
	r->s3 = rng_rotate(r->s3, 45);
	return ret;
}

/* One step of splitmix64: no two inputs give the same output. */
static inline uint64_t rng_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* The stream of a block. The state is never all zeros: mixing is a bijection,
 * so at most one of the four words is. */
static inline struct gen_rng rng_of_block(uint64_t seed, uint64_t block)
{
	const uint64_t start = rng_mix(seed) ^ rng_mix(~block);
	struct gen_rng ret;

	ret.s0 = rng_mix(start);
	ret.s1 = rng_mix(start + 1);
	ret.s2 = rng_mix(start + 2);
	ret.s3 = rng_mix(start + 3);
	return ret;
}

/* The upper half of a product: x / 2^64 x n. */
static inline uint64_t rng_scale(uint64_t x, uint64_t n)
{
	return (uint64_t)((unsigned __int128)x * n >> 64);
}

#endif
