/*
 * Goal: what fits is what FORMAT.md 7 says, for ever; and items of any size
 * come back as they went in (G11).
 * Method: the arithmetic of the page, done a second time here; laps of tiny
 * rings with items of random sizes. TEST_SEED repeats a run.
 */
#include "tests/lib/draw.h"
#include "tests/lib/ring_fixture.h"

#include <stdlib.h>
#include <string.h>

struct shape {
	const char *name;
	uint32_t block_bytes;
	bool padded;
	uint64_t max_item;
	uint64_t max_batch;
	uint64_t data_blocks;
	uint64_t laps;
};

static const struct shape shapes[] = {
	{ "512, packed", 512, false, 700, 2048, 7, 10000 },
	{ "512, padded", 512, true, 700, 2048, 8, 3000 },
	{ "4096, packed", 4096, false, 3000, 4096, 3, 2000 },
	{ "4096, padded", 4096, true, 9000, 16384, 7, 500 },
	{ "65536, packed", 65536, false, 100000, 131072, 4, 60 },
	{ "65536, padded", 65536, true, 60000, 131072, 5, 40 },
};

static void create(struct fixture *f, const struct shape *s)
{
	const uint64_t stride = s->block_bytes < 4096 ? 4096 : s->block_bytes;
	/* Three roles, and up to 65536. */
	const uint64_t offset =
		(131072 + 3 * 9 * stride + 65535) / 65536 * 65536;
	const struct ring_create_options options = {
		.size_bytes = offset + s->data_blocks * s->block_bytes,
		.block_bytes = s->block_bytes,
		.padded = s->padded,
		.max_item_bytes = s->max_item,
		.max_batch_bytes = s->max_batch,
		.cursor_slots = 1,
	};

	fixture_create(f, &options);
	assert_int_equal(fixture_info(f).data_bytes,
			 s->data_blocks * s->block_bytes);
}

/* ---- FORMAT.md 7, once more --------------------------------------------- */

static uint64_t up(uint64_t n, uint64_t unit)
{
	return (n + unit - 1) / unit * unit;
}

static uint64_t batch_bytes(const struct shape *s, uint64_t item,
			    uint64_t cookie)
{
	const uint64_t n = up(48 + item, 8) + up(88 + cookie, 8);

	return s->padded ? up(n, s->block_bytes) : n;
}

static bool fits(const struct shape *s, uint64_t tail, uint64_t end,
		 uint64_t batch, unsigned commits_in_reserve)
{
	const uint64_t commit = s->padded ? s->block_bytes : 384;

	return up(end + batch + commits_in_reserve * commit, s->block_bytes) <=
	       tail / s->block_bytes * s->block_bytes +
		       s->data_blocks * s->block_bytes;
}

/* ---- one exact fit after the other -------------------------------------- */

struct random_item {
	uint8_t *bytes;
	size_t len;
};

static void fill_item(struct random_item *item, const struct shape *s,
		      struct draw *draw)
{
	item->len = draw_below(draw, s->max_item + 1);
	if (draw_below(draw, 8) == 0)
		item->len = s->max_item;
	for (size_t i = 0; i < item->len; i += 97)
		item->bytes[i] = (uint8_t)draw_u64(draw);
}

/* Whether it fitted, as it should. */
static bool try_item(struct ring_producer *p, const struct shape *s,
		     const struct random_item *item, uint64_t tail,
		     struct draw *draw)
{
	static const uint8_t note[256];
	const bool pushes = draw_below(draw, 3) == 0;
	const struct ring_cookie cookie = { note, draw_below(draw, 257) };
	const struct ring_entry e = { .data = item->bytes,
				      .data_bytes = item->len };
	const uint64_t n = batch_bytes(s, item->len, cookie.len_bytes);
	struct ring_producer_state before, after;
	int expected, rc;

	assert_int_equal(ring_producer_state(p, &before), 0);
	expected = fits(s, tail, before.pushed, n, pushes ? 2 : 0)
			   ? 0
			   : -RING_ERR_FULL;
	rc = pushes ? ring_producer_push(p, &e, 1, &cookie, NULL)
		    : ring_producer_publish(p, &e, 1, &cookie, NULL);
	assert_int_equal(rc, expected);
	assert_int_equal(ring_producer_state(p, &after), 0);
	assert_int_equal(after.pushed, before.pushed + (rc == 0 ? n : 0));
	assert_int_equal(after.used_bytes + after.free_bytes,
			 s->data_blocks * s->block_bytes +
				 (after.pushed - after.used_bytes) /
					 s->block_bytes * s->block_bytes -
				 (after.pushed - after.used_bytes));
	return rc == 0;
}

static void expect_item(struct ring_consumer *c, const struct random_item *sent,
			uint64_t sequence)
{
	const struct ring_item item = fixture_pop(c, 0);

	assert_int_equal(item.sequence, sequence);
	assert_int_equal(item.data_bytes, sent->len);
	assert_memory_equal(item.data, sent->bytes, sent->len);
	assert_int_equal(ring_consumer_advance(c, item.next, NULL), 0);
}

enum { HELD_MAX = 512 };

struct run {
	struct ring_producer *p;
	struct ring_consumer *c;
	struct random_item held[HELD_MAX]; /* a queue of what is in the ring */
	uint64_t head, tail;
	uint64_t position; /* of the consumer */
};

static void take_one(struct run *r)
{
	struct ring_consumer_state s;

	expect_item(r->c, &r->held[r->tail % HELD_MAX], r->tail);
	r->tail++;
	assert_int_equal(ring_consumer_state(r->c, &s), 0);
	r->position = s.position;
}

static void test_laps(void **state)
{
	struct fixture *f = *state;
	const struct shape *s = f->row;
	struct run *r = fixture_alloc(f, sizeof(*r));
	uint8_t *bytes = fixture_alloc(f, HELD_MAX * (s->max_item + 1));
	struct draw draw = draw_begin(s->name);
	struct ring_producer_state ps;
	uint64_t until;

	create(f, s);
	r->p = fixture_producer(f, NULL);
	r->c = fixture_consumer(f, NULL, NULL);
	r->position = fixture_info(f).tail;
	until = (s->laps + 1) * s->data_blocks * s->block_bytes;
	for (unsigned i = 0; i < HELD_MAX; i++)
		r->held[i].bytes = bytes + i * (s->max_item + 1);
	do {
		struct random_item *item = &r->held[r->head % HELD_MAX];

		fill_item(item, s, &draw);
		if (try_item(r->p, s, item, r->position, &draw)) {
			r->head++;
		} else {
			/* What is pending always fits to be exposed. */
			assert_int_equal(ring_producer_advance(r->p, 0, NULL),
					 0);
			while (r->tail < r->head && draw_below(&draw, 4) != 0)
				take_one(r);
			if (r->tail == r->head)
				continue;
			if (draw_below(&draw, 2) == 0)
				take_one(r);
		}
		assert_int_equal(ring_producer_state(r->p, &ps), 0);
	} while (ps.pushed < until);
	assert_int_equal(ring_producer_advance(r->p, 0, NULL), 0);
	while (r->tail < r->head)
		take_one(r);
	/* Empty again, to the byte. */
	fixture_drop_producer(f, r->p);
	r->p = fixture_producer(f, NULL);
	assert_int_equal(ring_producer_state(r->p, &ps), 0);
	assert_int_equal(ps.used_bytes, 0);
	assert_int_equal(fixture_info(f).used_bytes, 0);
}

/* ---- every size --------------------------------------------------------- */

/* Items that start and end at each place of a block, header and all. */
static void test_sizes(void **state)
{
	struct fixture *f = *state;
	const struct shape *s = f->row;
	uint8_t *bytes = fixture_alloc(f, s->max_item);
	struct random_item item = { .bytes = bytes };
	struct ring_producer *p;
	struct ring_consumer *c;
	const size_t step = s->max_item > 20000 ? 997 : 7;
	uint64_t sequence = 0;

	create(f, s);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	memset(bytes, 'x', s->max_item);
	for (item.len = 0; item.len <= s->max_item; item.len += step) {
		const struct ring_entry e = { .data = bytes,
					      .data_bytes = item.len };

		assert_int_equal(ring_producer_publish(p, &e, 1, NULL, NULL),
				 0);
		expect_item(c, &item, sequence++);
	}
}

/* ---- info agrees -------------------------------------------------------- */

static void test_info_agrees(void **state)
{
	struct fixture *f = *state;
	const struct shape *s = f->row;
	struct ring_producer_state ps;
	struct ring_producer *p;
	struct ring_consumer *c;

	create(f, s);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	while (fixture_try_publish(p, "some text") == 0) {
		struct ring_info info;

		assert_int_equal(ring_producer_state(p, &ps), 0);
		info = fixture_info(f);
		assert_int_equal(info.end, ps.pushed);
		assert_int_equal(info.used_bytes, ps.used_bytes);
		assert_int_equal(info.free_bytes, ps.free_bytes);
	}
	fixture_take_all(c);
	assert_int_equal(fixture_info(f).cursors[0].position, ps.pushed);
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		fixture_add(&list, shapes[i].name, test_laps, &shapes[i]);
		fixture_add(&list, shapes[i].name, test_sizes, &shapes[i]);
		fixture_add(&list, shapes[i].name, test_info_agrees,
			    &shapes[i]);
	}
	return fixture_run("space", &list);
}
