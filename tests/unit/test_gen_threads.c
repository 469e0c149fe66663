/*
 * Goal: any number of threads makes the very bytes that one makes, whatever is
 * asked for and in which portions; seeks and ends in mid-work are clean; an
 * error comes where it belongs.
 * Method: one thread's output is the reference (test_gen_draws.c has its fixed
 * bytes); scenes x courses of demands x threads compare with it. Run under a
 * thread sanitizer for what an assertion can't see.
 */
#include "generator/generator.h"
#include "generator/pool.h"
#include "generator/worker.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROOM_MAX = 3 << 20, COURSE_MAX = 8 };

static const unsigned thread_counts[] = { 2, 3, 8 };

enum { THREAD_COUNTS = sizeof(thread_counts) / sizeof(thread_counts[0]) };

/* ---- scenes -------------------------------------------------------------- */

struct scene {
	const char *name;
	const char *schema;
	const char *encoding;
	struct gen_range string_length;
	uint64_t values; /* that are compared */
	size_t counts;   /* of threads that are tried; 0: all */
};

static const struct scene fixed = {
	"fixed",
	"{a:u64; b:u8}",
	"row-binary",
	.values = 600000,
};

/* A value is larger than the parts of the pool. */
static const struct scene large = {
	"large",      "string",
	"row-binary", { true, POOL_PART_MAX + 1000, POOL_PART_MAX + 1000 },
	.values = 2,
};

static const struct scene scenes[] = {
	{ "some bytes", "{id:u64; user:string; tag:u16?; flags:u8[5]}",
	  "row-binary", .values = 120000 },
	{ "one byte", "u8", "row-binary", .values = 300000 },
	{ "no bytes", "{id:u64; user:string}", "null", .values = 300000 },
	{ "a chunk of several parts",
	  "{a:string; b:u8[]}",
	  "row-binary",
	  { true, 0, 12000 },
	  .values = 2000,
	  .counts = 1 },
	{ "copies of itself", "{a:u8; b:this?; c:(u8; this[])?}", "row-binary",
	  .values = 5000 },
};

static struct generator *make(const struct scene *s, unsigned threads)
{
	const struct gen_options options = {
		.encoding = s->encoding,
		.seed = 7,
		.string_length = s->string_length,
		.threads = threads,
	};
	struct gen_schema *schema;
	struct generator *ret;

	schema = gen_parsed(s->schema);
	assert_int_equal(gen_create(schema, &options, NULL, &ret), 0);
	gen_schema_free(schema);
	return ret;
}

/* ---- what one thread makes ----------------------------------------------- */

struct reference {
	uint8_t *bytes;
	uint64_t *ends;
};

static uint64_t begin_of(const struct reference *r, uint64_t value)
{
	return value > 0 ? r->ends[value - 1] : 0;
}

static void append(struct reference *r, uint64_t first,
		   const struct gen_batch *batch)
{
	const uint64_t begin = begin_of(r, first);

	r->bytes = realloc(r->bytes, begin + batch->len_bytes + 1);
	assert_non_null(r->bytes);
	if (batch->len_bytes > 0)
		memcpy(r->bytes + begin, batch->bytes, batch->len_bytes);
	for (uint64_t i = 0; i < batch->values; i++)
		r->ends[first + i] = begin + batch->ends[i];
}

static struct reference refer(const struct scene *s)
{
	struct generator *g = make(s, 1);
	struct reference ret = {
		.ends = calloc(s->values, sizeof(*ret.ends)),
	};

	assert_non_null(ret.ends);
	for (uint64_t n = 0; n < s->values;) {
		const struct gen_demand demand = {
			.values = s->values - n,
			.wants_ends = true,
		};
		struct gen_batch batch;

		assert_int_equal(gen_next(g, &demand, &batch), 0);
		append(&ret, n, &batch);
		n += batch.values;
	}
	gen_free(g);
	return ret;
}

static void release(struct reference *r)
{
	free(r->bytes);
	free(r->ends);
}

static void assert_batch(const struct reference *r, uint64_t first,
			 const struct gen_batch *batch)
{
	const uint64_t begin = begin_of(r, first);

	assert_int_equal(batch->len_bytes,
			 begin_of(r, first + batch->values) - begin);
	if (batch->len_bytes > 0)
		assert_memory_equal(batch->bytes, r->bytes + begin,
				    batch->len_bytes);
	for (uint64_t i = 0; batch->ends != NULL && i < batch->values; i++)
		assert_int_equal(batch->ends[i], r->ends[first + i] - begin);
}

/* ---- courses of demands -------------------------------------------------- */

struct ask {
	uint64_t values; /* 0: the course is over, and begins again */
	size_t room;     /* 0: none */
	bool wants_ends;
};

static const struct {
	const char *name;
	struct ask asks[COURSE_MAX];
} courses[] = {
	{ "all", { { UINT64_MAX, 0, false } } },
	{ "ends",
	  { { UINT64_MAX, 0, true }, { 1000, 0, false }, { 1025, 0, true } } },
	{ "room",
	  { { UINT64_MAX, 300, true },
	    { UINT64_MAX, ROOM_MAX, false },
	    { 5, 5000, false } } },
	{ "all sorts",
	  { { UINT64_MAX, 0, false },
	    { 3, 0, false },
	    { UINT64_MAX, 0, false },
	    { UINT64_MAX, 70000, false },
	    { UINT64_MAX, 0, true },
	    { 70000, 0, false } } },
};

static struct gen_demand demand_of(const struct ask *ask, uint64_t left,
				   uint8_t *room)
{
	return (struct gen_demand){
		.values = ask->values < left ? ask->values : left,
		.room = ask->room > 0 ? room : NULL,
		.room_bytes = ask->room,
		.wants_ends = ask->wants_ends,
	};
}

/* One batch, which may have no values only where they have no room. */
static uint64_t step(struct generator *g, struct gen_demand demand,
		     const struct reference *r, uint64_t first)
{
	struct gen_batch batch = { 0 };

	assert_int_equal(gen_next(g, &demand, &batch), 0);
	if (batch.values == 0) {
		assert_non_null(demand.room);
		assert_true(begin_of(r, first + 1) - begin_of(r, first) >
			    demand.room_bytes);
		demand.room = NULL;
		demand.values = 1;
		assert_int_equal(gen_next(g, &demand, &batch), 0);
	}
	assert_in_range(batch.values, 1, demand.values);
	if (demand.room != NULL)
		assert_in_range(batch.len_bytes, 0, demand.room_bytes);
	if (demand.wants_ends)
		assert_non_null(batch.ends);
	assert_batch(r, first, &batch);
	return batch.values;
}

static void run_course(const struct scene *s, const struct reference *r,
		       const struct ask *asks, unsigned threads)
{
	struct generator *g = make(s, threads);
	uint8_t *room = malloc(ROOM_MAX);
	unsigned at = 0;

	assert_non_null(room);
	for (uint64_t n = 0; n < s->values;) {
		if (at == COURSE_MAX || asks[at].values == 0)
			at = 0;
		n += step(g, demand_of(&asks[at++], s->values - n, room), r, n);
	}
	free(room);
	gen_free(g);
}

static void test_same_bytes(void **state)
{
	const struct scene *s = *state;
	const size_t counts = s->counts != 0 ? s->counts : THREAD_COUNTS;
	struct reference r = refer(s);

	for (size_t c = 0; c < sizeof(courses) / sizeof(courses[0]); c++) {
		run_course(s, &r, courses[c].asks, 1);
		for (size_t t = 0; t < counts; t++)
			run_course(s, &r, courses[c].asks, thread_counts[t]);
	}
	release(&r);
}

static void test_value_larger_than_a_part(void **state)
{
	const struct ask all[COURSE_MAX] = { { UINT64_MAX, 0, false } };
	const struct ask room[COURSE_MAX] = { { 1, ROOM_MAX, true } };
	struct reference r = refer(&large);

	(void)state;
	run_course(&large, &r, all, 2);
	run_course(&large, &r, room, 2);
	release(&r);
}

/* ---- seeks and ends ------------------------------------------------------ */

static void test_seek(void **state)
{
	static const uint64_t places[] = {
		1, 5, 70000, 0, 1023, 1024, 599000, 1025, 240000, 240001
	};
	struct reference r = refer(&fixed);

	(void)state;
	for (size_t t = 0; t < THREAD_COUNTS; t++) {
		struct generator *g = make(&fixed, thread_counts[t]);

		for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
			const struct ask ask = { 900, 0, i % 3 == 0 };
			uint64_t n = places[i];

			assert_int_equal(gen_seek(g, n), 0);
			n += step(g, demand_of(&ask, 900, NULL), &r, n);
			step(g, demand_of(&ask, 50, NULL), &r, n);
		}
		gen_free(g);
	}
	release(&r);
}

/* Whole parts are made without a note of their ends; the first demand that
 * needs one comes in the middle. */
static void test_ends_wanted_late(void **state)
{
	const struct ask whole = { UINT64_MAX, 0, false };
	const struct ask ends = { UINT64_MAX, 0, true };
	struct reference r = refer(&fixed);

	(void)state;
	for (unsigned before = 0; before < 3; before++) {
		struct generator *g = make(&fixed, 2);
		uint64_t n = 0;

		for (unsigned i = 0; i < before; i++)
			n += step(g, demand_of(&whole, fixed.values - n, NULL),
				  &r, n);
		for (unsigned i = 0; i < 2; i++)
			n += step(g, demand_of(&ends, fixed.values - n, NULL),
				  &r, n);
		gen_free(g);
	}
	release(&r);
}

/* It ends before it began, while all are at work, and while all wait. */
static void test_free_in_mid_work(void **state)
{
	const struct gen_demand demand = { .values = UINT64_MAX };
	struct gen_batch batch;

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		struct generator *g = make(&fixed, 1 + i % 8);

		for (unsigned k = 0; k < i % 6; k++)
			assert_int_equal(gen_next(g, &demand, &batch), 0);
		if (i % 5 == 0)
			assert_int_equal(gen_seek(g, i * 1000), 0);
		gen_free(g);
	}
	gen_free(NULL);
}

/* A signal that the program's own threads block waits, though there are others
 * now; and none of its own has another mask. */
static void test_signals_are_left_alone(void **state)
{
	struct generator *g = make(&fixed, 3);
	sigset_t usr1, before, waiting;
	int got;

	(void)state;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_SETMASK, &usr1, &before);
	assert_false(sigismember(&before, SIGUSR1));
	kill(getpid(), SIGUSR1);
	sigpending(&waiting);
	assert_true(sigismember(&waiting, SIGUSR1));
	sigwait(&usr1, &got);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	gen_free(g);
}

/* ---- errors -------------------------------------------------------------- */

/* A program whose values have 100 bytes, but that number TOO_LARGE never
 * fits. */
enum { TOO_LARGE = 30000, VALUE_BYTES = 100 };

static void run_until_too_large(struct gen_run *run)
{
	while (run->row < run->row_end && run->row != TOO_LARGE &&
	       run->end - run->p >= VALUE_BYTES) {
		memset(run->p, (int)run->row, VALUE_BYTES);
		run->p += VALUE_BYTES;
		run->row++;
		if (run->ends != NULL)
			*run->ends++ = (uint64_t)(run->p - run->begin);
	}
}

static uint64_t read_until_error(struct pool *pool, bool wants_ends,
				 int *ret_rc)
{
	const struct gen_demand demand = {
		.values = UINT64_MAX,
		.wants_ends = wants_ends,
	};
	uint64_t n = 0;
	struct gen_batch batch;

	for (;;) {
		*ret_rc = pool_next(pool, &demand, &batch);
		if (*ret_rc < 0)
			return n;
		n += batch.values;
	}
}

/* After all values before it, for as long as it is asked, and not behind it. */
static void test_value_too_large(void **state)
{
	struct gen_program program = { 0 };
	struct maker like;
	struct pool *pool;
	int rc;

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	print_message("[  SKIP  ] because: a sanitizer fills the GiB\n");
	skip();
#endif
	assert_int_equal(maker_init(&like, &program, run_until_too_large, 1),
			 0);
	assert_int_equal(pool_create(&like, 2, &pool), 0);
	assert_int_equal(read_until_error(pool, false, &rc), TOO_LARGE);
	assert_int_equal(rc, -EMSGSIZE);
	assert_int_equal(read_until_error(pool, false, &rc), 0);
	assert_int_equal(rc, -EMSGSIZE);
	pool_seek(pool, 10000);
	assert_int_equal(read_until_error(pool, true, &rc), TOO_LARGE - 10000);
	pool_free(pool);
	maker_release(&like);
}

/* The system refuses this one of the threads; 0: none. */
static unsigned refused, started;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*fn)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*fn)(void *), void *arg);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*fn)(void *), void *arg)
{
	started++;
	if (started == refused)
		return EAGAIN;
	return __real_pthread_create(thread, attr, fn, arg);
}

/* Those that run already end. */
static void test_thread_refused(void **state)
{
	const struct gen_options options = { .encoding = "null", .threads = 3 };
	struct gen_schema *schema;
	struct gen_error error;
	struct generator *g;

	(void)state;
	assert_int_equal(gen_schema_parse("u8", 2, NULL, &schema), 0);
	for (refused = 1; refused <= 3; refused++) {
		started = 0;
		assert_int_equal(gen_create(schema, &options, &error, &g),
				 -EAGAIN);
		assert_int_equal(started, refused);
		assert_string_equal(error.text,
				    "cannot start 3 threads: Resource "
				    "temporarily unavailable");
	}
	refused = 0;
	gen_schema_free(schema);
}

static void test_too_many_threads(void **state)
{
	const struct gen_options options = {
		.encoding = "null",
		.threads = POOL_THREADS_MAX + 1,
	};
	struct gen_error error;
	struct gen_schema *schema;
	struct generator *g;

	(void)state;
	assert_int_equal(gen_schema_parse("u8", 2, NULL, &schema), 0);
	assert_int_equal(gen_create(schema, &options, &error, &g), -EINVAL);
	assert_string_equal(error.text, "there are too many threads");
	gen_schema_free(schema);
}

int main(void)
{
	const struct rows tables[] = {
		{ "threads: same bytes", test_same_bytes, scenes,
		  sizeof(scenes), sizeof(scenes[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_value_larger_than_a_part),
		cmocka_unit_test(test_seek),
		cmocka_unit_test(test_ends_wanted_late),
		cmocka_unit_test(test_free_in_mid_work),
		cmocka_unit_test(test_signals_are_left_alone),
		cmocka_unit_test(test_value_too_large),
		cmocka_unit_test(test_thread_refused),
		cmocka_unit_test(test_too_many_threads),
	};

	return rows_run(tables, 1) +
	       cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
