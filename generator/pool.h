#ifndef GENERATOR_POOL_H
#define GENERATOR_POOL_H

#include "generator/generator.h"
#include "generator/maker.h"

/*
 * Several threads that make values; one caller takes them, in order. Which
 * values come does not depend on the number of threads: each block of them has
 * a random stream of its own (rng.h), and a thread makes whole blocks.
 *
 * Memory: for each thread WORKER_PARTS buffers, of POOL_PART_MAX bytes at most,
 * or of less than twice the largest value. Where values have more than 16 KiB
 * on average, a block is more than what a thread may be ahead, and threads wait
 * for each other.
 */
struct pool;

enum {
	POOL_THREADS_MAX = 256,
	POOL_PART_MAX = 4 << 20,
};

/* Threads that make what this maker makes. Lends its program, and uses the
 * maker itself only during the call. -ENOMEM, -EAGAIN. */
int pool_create(struct maker *like, unsigned threads, struct pool **ret_pool);

/* NULL is fine, and so are threads that are at work. */
void pool_free(struct pool *pool);

/* As gen_next(). */
int pool_next(struct pool *pool, const struct gen_demand *demand,
	      struct gen_batch *ret_batch);

/* As gen_seek(); what fails on the way is told by pool_next(). */
void pool_seek(struct pool *pool, uint64_t number);

#endif
