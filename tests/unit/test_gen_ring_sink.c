/*
 * Goal: what a pump brings into a ring are items of whole values that are,
 * one behind the other, the stream of the seed; where the ring is full or
 * suspended nothing is lost, and requests are answered.
 * Method: a ring of 2 MiB, a consumer that takes items when the pump says that
 * it has to wait, and the same generator without a pump to compare with.
 */
#include "tests/lib/gen_scene.h"
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { NEVER_STEPS = 100000, ITEMS_MAX = 64 };

static const struct ring_create_options small = {
	.size_bytes = FIXTURE_RING_BYTES,
	.max_item_bytes = 64 << 10,
};

/* What a consumer took. */
struct taken {
	uint8_t *bytes; /* the fixture's */
	size_t len_bytes;
	size_t size_bytes;
	size_t items;
	size_t item_bytes[ITEMS_MAX]; /* of the first ones */
};

struct scene {
	struct fixture *f;
	struct gen_scene gen;
	struct ring_consumer *c;
	struct taken taken;
	uint8_t *expected;
	size_t expected_bytes;
};

static void scene_init(struct scene *s, struct fixture *f, const char *schema,
		       uint64_t count)
{
	*s = (struct scene){ .f = f };
	fixture_create(f, &small);
	gen_scene_init(&s->gen, schema);
	s->expected = gen_scene_values(schema, count, &s->expected_bytes);
	s->taken.size_bytes = s->expected_bytes;
	s->taken.bytes = fixture_alloc(f, s->expected_bytes + 1);
}

static void scene_pump(struct scene *s, size_t item_bytes,
		       const struct gen_pump_options *pump)
{
	const struct ring_options options = fixture_options(s->f);

	assert_int_equal(gen_sink_ring(s->f->path, &options, item_bytes, NULL,
				       &s->gen.sink),
			 0);
	gen_scene_pump(&s->gen, pump);
	s->c = fixture_consumer(s->f, NULL, NULL);
}

static void scene_release(struct scene *s)
{
	gen_scene_release(&s->gen);
	free(s->expected);
}

/* Take up to `count` items. How many there were. */
static unsigned take(struct scene *s, unsigned count)
{
	struct taken *t = &s->taken;
	struct ring_item item;
	unsigned n;

	for (n = 0; n < count; n++) {
		if (ring_consumer_pop(s->c, RING_POSITION_NONE, &item) < 0)
			break;
		assert_in_range(t->len_bytes + item.data_bytes, 0,
				t->size_bytes);
		assert_int_equal(item.meta_bytes, 0);
		memcpy(t->bytes + t->len_bytes, item.data, item.data_bytes);
		t->len_bytes += item.data_bytes;
		if (t->items < ITEMS_MAX)
			t->item_bytes[t->items] = item.data_bytes;
		t->items++;
		assert_int_equal(ring_consumer_advance(s->c, item.next, NULL),
				 0);
	}
	return n;
}

/* Run; each time that the pump has to wait, take some. How often that was. */
static unsigned run_and_take(struct scene *s, unsigned count)
{
	struct gen_step step;
	unsigned waits = 0;

	for (;; waits++) {
		const int rc = gen_scene_run(&s->gen, &step);

		if (rc < 0)
			fail_msg("%s", s->gen.error.text);
		if (step.is_done)
			return waits;
		assert_true(step.fd >= 0);
		assert_int_equal(step.events, POLLIN);
		assert_in_range(waits, 0, NEVER_STEPS);
		take(s, count);
	}
}

static void assert_all_taken(struct scene *s)
{
	take(s, UINT32_MAX);
	assert_int_equal(s->taken.len_bytes, s->expected_bytes);
	assert_memory_equal(s->taken.bytes, s->expected, s->expected_bytes);
}

/* ---- streams ------------------------------------------------------------ */

struct stream_case {
	const char *name;
	const char *schema;
	size_t item_bytes;
	struct gen_pump_options pump;
	bool waits;          /* more than the ring holds */
	size_t items;        /* 0: not said */
	size_t first_bytes;  /* of the first item */
	size_t second_bytes; /* likewise */
};

static const struct stream_case stream_cases[] = {
	{ "as large as it gets",
	  "u64",
	  0,
	  { .has_count = true, .count = 9000 },
	  false,
	  2,
	  65536,
	  6464 },
	{ "items of 1000",
	  "u64",
	  1000,
	  { .has_count = true, .count = 300 },
	  false,
	  3,
	  1000,
	  1000 },
	{ "values larger than that",
	  "u8[1500]",
	  1000,
	  { .has_count = true, .count = 4 },
	  false,
	  4,
	  1500,
	  1500 },
	{ "whole values only",
	  "u8[300]",
	  1000,
	  { .has_count = true, .count = 4 },
	  false,
	  2,
	  900,
	  300 },
	{ "an item for each cut, by count",
	  "u64",
	  SIZE_MAX,
	  { .has_count = true, .count = 250, .max_count = 100 },
	  false,
	  3,
	  800,
	  800 },
	{ "an item for each cut, by size",
	  "u64",
	  SIZE_MAX,
	  { .has_count = true, .count = 250, .max_size_bytes = 801 },
	  false,
	  3,
	  808,
	  808 },
	{ "cuts that an item can't hold",
	  "u64",
	  SIZE_MAX,
	  { .has_count = true, .count = 10000, .max_count = 9000 },
	  false,
	  3,
	  65536,
	  6464 },
	{ "each when it is due",
	  "u64",
	  0,
	  { .has_count = true, .count = 20, .rate_limit = 10 },
	  false,
	  20,
	  8,
	  8 },
	{ "cuts stay together when they are due one by one",
	  "u64",
	  SIZE_MAX,
	  { .has_count = true, .count = 20, .rate_limit = 10, .max_count = 15 },
	  false,
	  2,
	  120,
	  40 },
	{ "more than the ring holds",
	  "u64",
	  0,
	  { .has_count = true, .count = 2000000 },
	  true,
	  0,
	  0,
	  0 },
	{ "more strings than it holds",
	  "{a: string; b: u8?}",
	  3000,
	  { .has_count = true, .count = 500000 },
	  true,
	  0,
	  0,
	  0 },
	{ "more cuts than it holds",
	  "u8[1000]",
	  SIZE_MAX,
	  { .has_count = true, .count = 9000, .max_count = 7 },
	  true,
	  0,
	  7000,
	  7000 },
	{ "no value", "u64", 0, { .has_count = true }, false, 0, 0, 0 },
};

static void test_stream(void **state)
{
	struct fixture *f = *state;
	const struct stream_case *row = f->row;
	struct scene s;
	unsigned waits;

	scene_init(&s, f, row->schema, row->pump.count);
	scene_pump(&s, row->item_bytes, &row->pump);
	waits = run_and_take(&s, 3);
	assert_all_taken(&s);
	assert_true(row->waits ? waits > 0 : waits == 0);
	if (row->items > 0)
		assert_int_equal(s.taken.items, row->items);
	if (row->first_bytes > 0) {
		assert_int_equal(s.taken.item_bytes[0], row->first_bytes);
		assert_int_equal(s.taken.item_bytes[1], row->second_bytes);
	}
	scene_release(&s);
}

/* Copies of a value are made elsewhere and copied in. */
static void test_copies(void **state)
{
	const struct gen_pump_options pump = { .has_count = true,
					       .count = 600,
					       .stutter = 2 };
	struct fixture *f = *state;
	struct scene s;

	scene_init(&s, f, NULL, 200);
	s.taken.size_bytes = 3 * s.expected_bytes;
	s.taken.bytes = fixture_alloc(f, s.taken.size_bytes);
	scene_pump(&s, 1000, &pump);
	assert_int_equal(run_and_take(&s, 3), 0);
	take(&s, UINT32_MAX);
	assert_int_equal(s.taken.len_bytes, s.taken.size_bytes);
	for (size_t i = 0; i < 600; i++)
		assert_memory_equal(s.taken.bytes + i * SCENE_VALUE_BYTES,
				    s.expected + i / 3 * SCENE_VALUE_BYTES,
				    SCENE_VALUE_BYTES);
	scene_release(&s);
}

/* ---- ends --------------------------------------------------------------- */

static const struct gen_pump_options endless = { .rate_limit = 0 };

/* Stopped while the ring is full: all that was taken comes, once it can. */
static void test_stopped_when_full(void **state)
{
	struct fixture *f = *state;
	struct gen_pump_stats stats;
	struct gen_step step;
	struct scene s;

	scene_init(&s, f, NULL, 500000);
	scene_pump(&s, 0, &endless);
	assert_int_equal(gen_scene_run(&s.gen, &step), 0);
	assert_false(step.is_done);
	gen_pump_stop(s.gen.pump);
	assert_int_equal(gen_scene_run(&s.gen, &step), 0);
	assert_false(step.is_done);
	run_and_take(&s, 1);
	take(&s, UINT32_MAX);
	gen_pump_stats(s.gen.pump, &stats);
	assert_int_equal(s.taken.len_bytes, stats.bytes);
	assert_memory_equal(s.taken.bytes, s.expected, s.taken.len_bytes);
	scene_release(&s);
}

/* Given up: what is there is a prefix of the stream. */
static void test_given_up(void **state)
{
	struct fixture *f = *state;
	struct gen_step step;
	struct scene s;

	scene_init(&s, f, NULL, 500000);
	scene_pump(&s, 0, &endless);
	assert_int_equal(gen_scene_run(&s.gen, &step), 0);
	gen_scene_release(&s.gen);
	take(&s, UINT32_MAX);
	assert_true(s.taken.len_bytes > 0);
	assert_memory_equal(s.taken.bytes, s.expected, s.taken.len_bytes);
	scene_release(&s);
}

/* ---- requests ----------------------------------------------------------- */

/* A pump that is suspended says so to who asked, and waits. */
static void test_suspended(void **state)
{
	const struct gen_pump_options pump = { .has_count = true,
					       .count = 20,
					       .rate_limit = 10 };
	struct fixture *f = *state;
	struct ring_consumer_state c;
	struct gen_step step;
	struct scene s;

	scene_init(&s, f, NULL, 20);
	scene_pump(&s, 0, &pump);
	assert_int_equal(gen_pump_step(s.gen.pump, 1, &step, NULL), 0);
	assert_true(step.fd >= 0);
	assert_int_equal(take(&s, 2), 1);
	assert_int_equal(ring_consumer_suspend(s.c), 0);
	/* Nothing is due; but it was woken, and answers. */
	assert_int_equal(poll(&(struct pollfd){ step.fd, POLLIN, 0 }, 1, -1),
			 1);
	assert_int_equal(gen_pump_step(s.gen.pump, 2, &step, NULL), 0);
	assert_int_equal(ring_consumer_state(s.c, &c), 0);
	assert_true(c.suspend_acked);
	assert_int_equal(gen_pump_step(s.gen.pump, 300000000, &step, NULL), 0);
	assert_true(step.until_ns == UINT64_MAX);
	assert_int_equal(take(&s, 1), 0);
	assert_int_equal(ring_consumer_resume(s.c), 0);
	assert_int_equal(poll(&(struct pollfd){ step.fd, POLLIN, 0 }, 1, -1),
			 1);
	run_and_take(&s, 1);
	assert_all_taken(&s);
	scene_release(&s);
}

/* ---- errors ------------------------------------------------------------- */

static void test_too_big(void **state)
{
	struct fixture *f = *state;
	struct gen_step step;
	struct scene s;

	scene_init(&s, f, "u8[70000]", 1);
	scene_pump(&s, 0, &endless);
	assert_int_equal(gen_scene_run(&s.gen, &step), -EMSGSIZE);
	assert_non_null(strstr(s.gen.error.text, "70000"));
	assert_non_null(strstr(s.gen.error.text, "65536"));
	assert_non_null(strstr(s.gen.error.text, f->path));
	scene_release(&s);
}

static void test_no_ring(void **state)
{
	struct fixture *f = *state;
	struct gen_error error = { 0 };
	struct gen_sink *sink = NULL;

	fixture_file(f);
	assert_int_equal(gen_sink_ring(f->path, NULL, 0, &error, &sink),
			 -RING_ERR_NOT_A_RING);
	assert_non_null(strstr(error.text, f->path));
	assert_null(sink);
}

static void test_second_producer(void **state)
{
	struct fixture *f = *state;
	struct gen_error error = { 0 };
	struct gen_sink *sink = NULL;

	fixture_create(f, &small);
	fixture_producer(f, NULL);
	assert_int_equal(gen_sink_ring(f->path, NULL, 0, &error, &sink),
			 -RING_ERR_OWNED);
	assert_non_null(strstr(error.text, f->path));
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(stream_cases); i++)
		fixture_add(&list, stream_cases[i].name, test_stream,
			    &stream_cases[i]);
	fixture_add(&list, "copies", test_copies, NULL);
	fixture_add(&list, "stopped when full", test_stopped_when_full, NULL);
	fixture_add(&list, "given up", test_given_up, NULL);
	fixture_add(&list, "suspended", test_suspended, NULL);
	fixture_add(&list, "too big", test_too_big, NULL);
	fixture_add(&list, "no ring", test_no_ring, NULL);
	fixture_add(&list, "second producer", test_second_producer, NULL);
	return fixture_run("gen_ring_sink", &list);
}
