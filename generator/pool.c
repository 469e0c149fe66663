#include "generator/pool.h"

#include "generator/stock.h"
#include "generator/worker.h"

#include <errno.h>
#include <stdlib.h>

/*
 * The workers have chunk after chunk in turn, so the caller needs to wait for
 * one worker only, and each has the others' time to make its next chunk.
 *
 * Where each value ends is not written down until somebody has to know: most
 * want whole chunks, and nothing else. Then the workers begin again at the
 * value that is next.
 */

enum {
	SAMPLE_BYTES = 256 << 10,
	PART_BYTES = 1 << 20, /* of a chunk, about */
	BLOCKS_MAX = 64,      /* of a chunk */
};

struct pool {
	struct worker *workers;
	unsigned count;
	struct worker_share share;

	uint64_t row; /* the next one to be handed out */
	bool is_told; /* the workers know where to begin */
	bool has_ends;

	unsigned turn;           /* whose part is next */
	const struct part *part; /* that has values left, or is lent */
	struct stock stock;      /* of it */
	uint64_t *ends;          /* of what was handed out last */
};

/* ---- chunks -------------------------------------------------------------- */

static size_t between(size_t x, size_t least, size_t most)
{
	return x < least ? least : x > most ? most : x;
}

/* How many bytes a block has, about: from the first of the values, as many as
 * fit. 0: they have none. */
static int measure_block(struct maker *maker, size_t *ret_bytes)
{
	struct gen_run run = { .begin = malloc(SAMPLE_BYTES + GEN_SLACK) };

	if (run.begin == NULL)
		return -ENOMEM;
	run.p = run.begin;
	run.end = run.begin + SAMPLE_BYTES;
	maker_make(maker, &run, GEN_BLOCK_VALUES);
	if (run.row > 0)
		*ret_bytes = (size_t)(run.p - run.begin) * GEN_BLOCK_VALUES /
			     run.row;
	else
		*ret_bytes = POOL_PART_MAX;
	free(run.begin);
	return 0;
}

static struct worker_share share_of(size_t block_bytes, unsigned threads)
{
	const size_t blocks =
		block_bytes == 0
			? BLOCKS_MAX
			: between(PART_BYTES / block_bytes, 1, BLOCKS_MAX);
	const size_t bytes = blocks * block_bytes;

	return (struct worker_share){
		.chunk_values = blocks * GEN_BLOCK_VALUES,
		.step_values = threads * blocks * GEN_BLOCK_VALUES,
		.part_bytes =
			between(bytes + bytes / 4, PART_BYTES, POOL_PART_MAX),
	};
}

/* ---- make and release ---------------------------------------------------- */

static int start_workers(struct pool *pool, const struct maker *like,
			 unsigned threads)
{
	pool->workers = calloc(threads, sizeof(*pool->workers));
	if (pool->workers == NULL)
		return -ENOMEM;
	for (; pool->count < threads; pool->count++) {
		const int rc = worker_start(&pool->workers[pool->count],
					    &pool->share, like);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int pool_create(struct maker *like, unsigned threads, struct pool **ret_pool)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	size_t block_bytes;
	int rc;

	if (pool == NULL)
		return -ENOMEM;
	rc = measure_block(like, &block_bytes);
	if (rc == 0) {
		pool->share = share_of(block_bytes, threads);
		rc = start_workers(pool, like, threads);
	}
	if (rc < 0)
		pool_free(pool);
	else
		*ret_pool = pool;
	return rc;
}

void pool_free(struct pool *pool)
{
	if (pool == NULL)
		return;
	for (unsigned i = 0; i < pool->count; i++)
		worker_end(&pool->workers[i]);
	free(pool->workers);
	free(pool->ends);
	free(pool);
}

/* ---- values -------------------------------------------------------------- */

/* The first worker gets the chunk with the next value, the others those behind
 * it. */
static void tell_workers(struct pool *pool, bool wants_ends)
{
	const uint64_t chunk = pool->share.chunk_values;
	const uint64_t first = pool->row - pool->row % chunk;

	for (unsigned i = 0; i < pool->count; i++) {
		const struct worker_order order = {
			.begin = first + i * chunk,
			.from = pool->row,
			.wants_ends = wants_ends,
		};

		worker_tell(&pool->workers[i], &order);
	}
	pool->is_told = true;
	pool->has_ends = wants_ends;
	pool->turn = 0;
	pool->part = NULL;
}

/* The part was used up: on to the next one. */
static void pass_on(struct pool *pool)
{
	const bool is_last = pool->part->is_last;

	worker_give_back(&pool->workers[pool->turn]);
	if (is_last)
		pool->turn = (pool->turn + 1) % pool->count;
	pool->part = NULL;
}

/* Wait until there are values in stock. */
static int await_stock(struct pool *pool)
{
	const struct part *part;

	if (pool->part != NULL && pool->stock.first == pool->stock.count)
		pass_on(pool);
	if (pool->part != NULL)
		return 0;
	part = worker_wait(&pool->workers[pool->turn]);
	if (part->rc < 0)
		return part->rc;
	pool->part = part;
	pool->stock = (struct stock){
		.bytes = part->bytes,
		.ends = part->has_ends ? part->ends : NULL,
		.count = part->values,
	};
	return 0;
}

static bool fits_whole(const struct pool *pool, const struct gen_demand *demand)
{
	return pool->stock.first == 0 && !demand->wants_ends &&
	       demand->values >= pool->part->values &&
	       (demand->room == NULL ||
		demand->room_bytes >= pool->part->len_bytes);
}

static void take_whole(struct pool *pool, struct gen_batch *ret)
{
	*ret = (struct gen_batch){
		.bytes = pool->part->bytes,
		.len_bytes = pool->part->len_bytes,
		.values = pool->part->values,
	};
	pool->stock.first = pool->stock.count;
}

/* Some of the part, which has its ends. */
static int take_some(struct pool *pool, const struct gen_demand *demand,
		     struct gen_batch *ret)
{
	const uint64_t room =
		demand->room != NULL ? demand->room_bytes : UINT64_MAX;
	const uint64_t n = stock_fit(&pool->stock, demand->values, room);

	if (demand->wants_ends && pool->ends == NULL) {
		pool->ends =
			calloc(pool->share.chunk_values, sizeof(*pool->ends));
		if (pool->ends == NULL)
			return -ENOMEM;
	}
	stock_take(&pool->stock, n, demand->wants_ends ? pool->ends : NULL,
		   ret);
	return 0;
}

static bool begins_with_ends(const struct pool *pool,
			     const struct gen_demand *demand)
{
	return demand->wants_ends || demand->values < pool->share.chunk_values;
}

int pool_next(struct pool *pool, const struct gen_demand *demand,
	      struct gen_batch *ret_batch)
{
	int rc;

	if (!pool->is_told)
		tell_workers(pool, begins_with_ends(pool, demand));
	rc = await_stock(pool);
	if (rc == 0 && !pool->has_ends && !fits_whole(pool, demand)) {
		tell_workers(pool, true);
		rc = await_stock(pool);
	}
	if (rc < 0)
		return rc;
	if (fits_whole(pool, demand))
		take_whole(pool, ret_batch);
	else
		rc = take_some(pool, demand, ret_batch);
	if (rc == 0)
		pool->row += ret_batch->values;
	return rc;
}

void pool_seek(struct pool *pool, uint64_t number)
{
	pool->row = number;
	if (pool->is_told)
		tell_workers(pool, pool->has_ends);
}
