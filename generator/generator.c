#include "generator/generator.h"

#include "generator/encode.h"
#include "generator/error.h"
#include "generator/fuse.h"
#include "generator/jit.h"
#include "generator/maker.h"
#include "generator/parts.h"
#include "generator/pool.h"
#include "generator/schema.h"
#include "generator/stock.h"
#include "ring/export.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A generator: a program and who runs it. Values are made where the caller has
 * room for them, as long as there certainly is enough. Near the end of the room
 * some are made aside first, and those that do not fit wait for the next call.
 */

enum {
	BUFFER_BYTES = 256 << 10, /* of the generator's own, at first */
	ENDS = 1 << 16,           /* values of a batch whose ends are told */
	STOCK = 64,               /* values that wait for the next room */
	BATCH = 1 << 20,          /* values of a batch: some have no bytes */
};

struct generator {
	struct gen_program program;
	struct jit jit; /* zeros: the program is interpreted */
	struct maker maker;
	struct pool *pool;  /* who makes them instead; NULL: one thread */
	struct gen_rng rng; /* behind value `row` - 1 */
	uint64_t row;

	uint8_t *buffer;
	size_t buffer_bytes; /* and GEN_SLACK */
	struct stock stock;  /* in the buffer */
	uint64_t stock_ends[STOCK];
	uint64_t *ends; /* of what was handed out last; NULL: never asked for */
};

/* ---- make and release ---------------------------------------------------- */

static bool is_range(const struct gen_range *range)
{
	return !range->given || range->min <= range->max;
}

static int check_options(const struct gen_options *options,
			 struct gen_error *ret_error)
{
	if (options->has_null_rate &&
	    !(options->null_rate >= 0 && options->null_rate <= 1))
		return gen_error_set(ret_error,
				     "the null rate is not between 0 and 1");
	if (!is_range(&options->string_length))
		return gen_error_set(
			ret_error,
			"the least length of a string is above the most");
	if (!is_range(&options->array_length))
		return gen_error_set(
			ret_error,
			"the least length of an array is above the most");
	if (options->ringbuf_layout != 0 && options->ringbuf_layout != 29 &&
	    options->ringbuf_layout != 30)
		return gen_error_set(
			ret_error,
			"the layout of ringbuf is neither 29 nor 30");
	if (options->threads > POOL_THREADS_MAX)
		return gen_error_set(ret_error, "there are too many threads");
	return 0;
}

static int lower_schema(struct generator *g, const struct gen_schema *schema,
			const struct gen_options *options,
			struct gen_error *error)
{
	const char *name = options->encoding;
	const struct gen_encoding *encoding =
		gen_encoding_find(name != NULL ? name : "s-expression");
	const struct gen_type *barren;
	const char *why;
	int rc;

	if (encoding == NULL)
		return gen_error_set(error, "there is no encoding '%s'", name);
	barren = gen_type_find_barren(&schema->type, &why);
	if (barren != NULL)
		return gen_error_set(error, "%s", why);
	if (gen_parts_min(&schema->type, options) > GEN_VALUE_MAX)
		return gen_error_set(error,
				     "a value has too many items to be made");
	rc = gen_lower(&schema->type, encoding, options, false, error,
		       &g->program);
	return rc < 0 ? rc : gen_fuse(&g->program);
}

static int start_threads(struct generator *g, unsigned threads,
			 struct gen_error *error)
{
	const int rc = pool_create(&g->maker, threads, &g->pool);

	if (rc < 0)
		gen_error_set(error, "cannot start %u threads: %s", threads,
			      strerror(-rc));
	return rc;
}

static int start(struct generator *g, const struct gen_schema *schema,
		 const struct gen_options *options, struct gen_error *error)
{
	int rc = lower_schema(g, schema, options, error);

	if (rc == 0 && options->engine == GEN_ENGINE_JIT)
		jit_start(&g->jit, &g->program, options);
	if (rc == 0)
		rc = maker_init(&g->maker, &g->program, g->jit.run,
				options->seed);
	if (rc == 0 && options->threads > 1)
		rc = start_threads(g, options->threads, error);
	return rc;
}

RING_EXPORT int gen_create(const struct gen_schema *schema,
			   const struct gen_options *options,
			   struct gen_error *ret_error,
			   struct generator **ret_generator)
{
	struct gen_error own = { 0 };
	struct gen_error *error = ret_error != NULL ? ret_error : &own;
	struct generator *g;
	int rc;

	memset(error, 0, sizeof(*error));
	rc = check_options(options, error);
	if (rc < 0)
		return rc;
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return gen_error_no_memory(error);
	rc = start(g, schema, options, error);
	if (rc < 0) {
		gen_free(g);
		return rc == -ENOMEM ? gen_error_no_memory(error) : rc;
	}
	*ret_generator = g;
	return 0;
}

RING_EXPORT void gen_free(struct generator *g)
{
	if (g == NULL)
		return;
	pool_free(g->pool);
	maker_release(&g->maker);
	jit_stop(&g->jit);
	gen_program_clear(&g->program);
	free(g->buffer);
	free(g->ends);
	free(g);
}

RING_EXPORT const char *gen_engine_note(const struct generator *g)
{
	return g->jit.note.text[0] != '\0' ? g->jit.note.text : NULL;
}

/* ---- values -------------------------------------------------------------- */

/* Make the buffer twice as large, or make it at all. */
static int grow_buffer(struct generator *g)
{
	const size_t more =
		g->buffer_bytes == 0 ? BUFFER_BYTES : 2 * g->buffer_bytes;
	uint8_t *grown;

	if (more > GEN_VALUE_MAX)
		return -EMSGSIZE;
	grown = realloc(g->buffer, more + GEN_SLACK);
	if (grown == NULL)
		return -ENOMEM;
	g->buffer = grown;
	g->buffer_bytes = more;
	return 0;
}

/* Make up to `values` where the run says; how many those are. */
static uint64_t make(struct generator *g, struct gen_run *run, uint64_t values)
{
	const uint64_t before = g->row;

	run->row = before;
	run->rng = g->rng;
	maker_make(&g->maker, run,
		   values < UINT64_MAX - before ? before + values : UINT64_MAX);
	g->row = run->row;
	g->rng = run->rng;
	return g->row - before;
}

/* Make up to `values` in the buffer, but at least one. */
static int make_in_buffer(struct generator *g, uint64_t values, uint64_t *ends,
			  struct gen_batch *ret)
{
	struct gen_run run = { 0 };
	uint64_t made = 0;
	int rc = g->buffer == NULL ? grow_buffer(g) : 0;

	while (rc == 0 && made == 0) {
		run.begin = run.p = g->buffer;
		run.end = g->buffer + g->buffer_bytes;
		run.ends = ends;
		made = make(g, &run, values);
		if (made == 0)
			rc = grow_buffer(g);
	}
	if (rc < 0)
		return rc;
	*ret = (struct gen_batch){
		.bytes = run.begin,
		.len_bytes = (size_t)(run.p - run.begin),
		.values = made,
		.ends = ends,
	};
	return 0;
}

/* Make some, to be handed out one by one. */
static int refill(struct generator *g, uint64_t values)
{
	struct gen_batch made;
	const int rc = make_in_buffer(g, values < STOCK ? values : STOCK,
				      g->stock_ends, &made);

	if (rc < 0)
		return rc;
	g->stock = (struct stock){
		.bytes = made.bytes,
		.ends = g->stock_ends,
		.count = made.values,
	};
	return 0;
}

static bool has_stock(const struct generator *g)
{
	return g->stock.first < g->stock.count;
}

static int next_in_buffer(struct generator *g, const struct gen_demand *demand,
			  uint64_t values, struct gen_batch *ret)
{
	uint64_t *ends = demand->wants_ends ? g->ends : NULL;

	if (has_stock(g)) {
		stock_take(&g->stock, stock_fit(&g->stock, values, UINT64_MAX),
			   ends, ret);
		return 0;
	}
	return make_in_buffer(g, values, ends, ret);
}

/* As many of the stock as fit behind run->p. */
static uint64_t move(struct generator *g, struct gen_run *run, uint64_t values)
{
	struct stock *s = &g->stock;
	const uint64_t n = stock_fit(s, values, (uint64_t)(run->end - run->p));
	const uint64_t begin = stock_begin(s, s->first);

	for (uint64_t i = 0; run->ends != NULL && i < n; i++)
		*run->ends++ = s->ends[s->first + i] - begin +
			       (uint64_t)(run->p - run->begin);
	s->first += n;
	memcpy(run->p, s->bytes + begin, stock_begin(s, s->first) - begin);
	run->p += stock_begin(s, s->first) - begin;
	return n;
}

/* What the stock has, what certainly fits at its place, and then what does by
 * way of the stock. */
static int next_in_room(struct generator *g, const struct gen_demand *demand,
			uint64_t values, struct gen_batch *ret)
{
	struct gen_run run = {
		.begin = demand->room,
		.p = demand->room,
		.end = demand->room + demand->room_bytes,
		.ends = demand->wants_ends ? g->ends : NULL,
	};
	uint64_t made = 0;
	int rc = 0;

	if (has_stock(g))
		made = move(g, &run, values);
	if (!has_stock(g) && run.end - run.p > GEN_SLACK) {
		run.end -= GEN_SLACK;
		made += make(g, &run, values - made);
		run.end += GEN_SLACK;
	}
	while (made < values && !has_stock(g) && rc == 0) {
		rc = refill(g, values - made);
		if (rc == 0)
			made += move(g, &run, values - made);
	}
	if (rc < 0 && made == 0)
		return rc;
	*ret = (struct gen_batch){
		.bytes = run.begin,
		.len_bytes = (size_t)(run.p - run.begin),
		.values = made,
		.ends = demand->wants_ends ? g->ends : NULL,
	};
	return 0;
}

RING_EXPORT int gen_next(struct generator *g, const struct gen_demand *demand,
			 struct gen_batch *ret_batch)
{
	const uint64_t most = demand->wants_ends ? ENDS : BATCH;
	const uint64_t values = demand->values < most ? demand->values : most;

	assert(values > 0);
	if (g->pool != NULL)
		return pool_next(g->pool, demand, ret_batch);
	if (demand->wants_ends && g->ends == NULL) {
		g->ends = calloc(ENDS, sizeof(*g->ends));
		if (g->ends == NULL)
			return -ENOMEM;
	}
	if (demand->room != NULL)
		return next_in_room(g, demand, values, ret_batch);
	return next_in_buffer(g, demand, values, ret_batch);
}

RING_EXPORT int gen_seek(struct generator *g, uint64_t number)
{
	struct gen_batch passed;

	if (g->pool != NULL) {
		pool_seek(g->pool, number);
		return 0;
	}
	g->stock.count = g->stock.first = 0;
	g->row = number - number % GEN_BLOCK_VALUES;
	while (g->row < number) {
		const int rc =
			make_in_buffer(g, number - g->row, NULL, &passed);

		if (rc < 0)
			return rc;
	}
	return 0;
}
