/*
 * Goal: what is discarded is gone, leaves no hole in the sequence numbers,
 * holds no space, and nobody trips over where it was.
 * Method: words pushed, some of them dropped; the rest read back.
 */
#include "tests/lib/ring_fixture.h"

static struct ring_consumer *ring_with(struct fixture *f, const char *words)
{
	fixture_create(f, NULL);
	fixture_publish(fixture_producer(f, NULL), words);
	return fixture_consumer(f, NULL, NULL);
}

/* ---- what is left ------------------------------------------------------- */

struct discard_case {
	const char *name;
	bool expose_one;
	bool reattach;
};

static const struct discard_case discard_cases[] = {
	{ "discard", false, false },
	{ "discard the rest", true, false },
	{ "discard, attach", false, true },
	{ "discard the rest, attach", true, true },
};

static void test_discard(void **state)
{
	struct fixture *f = *state;
	const struct discard_case *row = f->row;
	struct ring_producer_state s;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct ring_item item;
	uint64_t first;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	fixture_publish(p, "0");
	first = fixture_push(p, "1");
	fixture_push(p, "x y");
	if (row->expose_one)
		assert_int_equal(ring_producer_advance(p, first, NULL), 0);
	assert_int_equal(ring_producer_discard(p, NULL), 0);
	assert_int_equal(ring_producer_discard(p, NULL), 0);
	if (row->reattach) {
		fixture_drop_producer(f, p);
		p = fixture_producer(f, NULL);
	}
	assert_int_equal(ring_producer_state(p, &s), 0);
	assert_int_equal(s.pushed_items, row->expose_one ? 2 : 1);
	assert_int_equal(s.exposed_items, s.pushed_items);
	fixture_see(c, RING_POSITION_NONE, row->expose_one ? "0 1" : "0");
	fixture_push(p, "z");
	assert_int_equal(ring_producer_discard(p, NULL), 0);
	fixture_publish(p, "2 3");
	fixture_take(c, row->expose_one ? "0 1 2 3" : "0 2 3");
	fixture_publish(p, "4");
	item = fixture_pop(c, RING_POSITION_NONE);
	assert_int_equal(item.sequence, row->expose_one ? 4 : 3);
}

/* ---- where it was ------------------------------------------------------- */

/* A loop that keeps its own position must not trip over a discard. */
static void test_position_survives_a_discard(void **state)
{
	struct fixture *f = *state;
	struct ring_consumer *c = ring_with(f, "a");
	struct ring_producer *p = f->producers[0];
	struct ring_item item = fixture_pop(c, RING_POSITION_NONE);
	const uint64_t next = item.next;

	assert_int_equal(ring_consumer_advance(c, next, NULL), 0);
	for (unsigned i = 0; i < 200; i++)
		fixture_push(p, "dropped dropped dropped");
	assert_int_equal(ring_producer_discard(p, NULL), 0);
	assert_int_equal(ring_consumer_pop(c, next, &item), -RING_ERR_EMPTY);
	assert_int_equal(ring_consumer_pop(c, next, &item), -RING_ERR_EMPTY);
	assert_int_equal(ring_consumer_advance(c, next, NULL), 0);
	fixture_publish(p, "b");
	item = fixture_pop(c, next);
	assert_int_equal(item.sequence, 1);
	fixture_see(c, next, "b");
}

/* Nor does a discard hold space for ever. */
static void test_discards_are_released(void **state)
{
	struct fixture *f = *state;
	struct ring_consumer *c = ring_with(f, "a");
	struct ring_producer *p = f->producers[0];
	struct ring_item item;

	fixture_take(c, "a");
	for (unsigned i = 0; i < 20000; i++) {
		assert_int_equal(fixture_try_push(p, "0123456789"), 0);
		assert_int_equal(ring_producer_discard(p, NULL), 0);
		if (i % 1000 == 0)
			assert_int_equal(ring_consumer_pop(c, 0, &item),
					 -RING_ERR_EMPTY);
	}
	fixture_publish(p, "b");
	fixture_take(c, "b");
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(discard_cases); i++)
		fixture_add(&list, discard_cases[i].name, test_discard,
			    &discard_cases[i]);
	fixture_add(&list, "a position survives a discard",
		    test_position_survives_a_discard, NULL);
	fixture_add(&list, "discards are released", test_discards_are_released,
		    NULL);
	return fixture_run("discard", &list);
}
