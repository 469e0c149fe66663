/*
 * Goal: a ring behaves the same wherever it lives.
 * Method: one scenario of everything, by each engine on each kind of device;
 * what it shows must be the same words.
 */
#include "tests/lib/draw.h"
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place_case {
	const char *name;
	enum device_kind kind;
	enum ring_io_engine engine;
	enum ring_io_mode mode;
};

static const struct place_case places[] = {
	{ "file, auto", DEVICE_FILE, RING_IO_AUTO, RING_IO_MODE_AUTO },
	{ "file, direct", DEVICE_FILE, RING_IO_AUTO, RING_IO_DIRECT },
	{ "tmpfs, auto", DEVICE_TMPFS, RING_IO_AUTO, RING_IO_MODE_AUTO },
	{ "tmpfs, io_uring", DEVICE_TMPFS, RING_IO_URING, RING_IO_MODE_AUTO },
	{ "tmpfs, aio", DEVICE_TMPFS, RING_IO_AIO, RING_IO_MODE_AUTO },
	{ "loop 512, auto", DEVICE_LOOP_512, RING_IO_AUTO, RING_IO_MODE_AUTO },
	{ "loop 512, posix", DEVICE_LOOP_512, RING_IO_POSIX, RING_IO_DIRECT },
	{ "loop 512, aio", DEVICE_LOOP_512, RING_IO_AIO, RING_IO_DIRECT },
	{ "loop 512, buffered", DEVICE_LOOP_512, RING_IO_AUTO,
	  RING_IO_BUFFERED },
	{ "loop 4096, auto", DEVICE_LOOP_4096, RING_IO_AUTO,
	  RING_IO_MODE_AUTO },
	{ "loop 4096, posix", DEVICE_LOOP_4096, RING_IO_POSIX, RING_IO_DIRECT },
	{ "loop 4096, aio", DEVICE_LOOP_4096, RING_IO_AIO, RING_IO_DIRECT },
};

static struct ring_options place_options(struct fixture *f)
{
	const struct place_case *row = f->row;
	struct ring_options options = fixture_options(f);

	options.engine = row->engine;
	options.mode = row->mode;
	return options;
}

/* What the place can't do is skipped. */
static void make(struct fixture *f, uint32_t block_bytes)
{
	const struct place_case *row = f->row;
	const struct ring_create_options create = {
		.block_bytes = block_bytes,
		.max_item_bytes = 10000,
		.max_batch_bytes = 65536,
	};
	const struct ring_options options = place_options(f);
	int rc;

	if (f->path == NULL)
		fixture_device(f, row->kind, FIXTURE_RING_BYTES);
	rc = ring_create(f->path, &create, &options);
	if (rc == -ENOSYS || rc == -EPERM ||
	    (rc == -EINVAL && row->mode == RING_IO_DIRECT &&
	     !device_kind_is_block(row->kind)))
		fixture_skip(f->fault.text);
	if (rc != 0)
		fail_msg("%s: %s", ring_error_name(rc), f->fault.text);
}

static void look(struct ring_producer *p)
{
	struct ring_producer_state s;

	assert_int_equal(ring_producer_state(p, &s), 0);
}

static void test_scenario(void **state)
{
	struct fixture *f = *state;
	struct ring_producer_state ps;
	struct ring_consumer_state cs;
	struct ring_options options;
	struct ring_producer *p;
	struct ring_consumer *c;
	uint64_t first, end;

	make(f, 0);
	options = place_options(f);
	p = fixture_producer(f, &options);
	c = fixture_consumer(f, NULL, &options);
	fixture_publish(p, "a b");
	first = fixture_push(p, "c");
	fixture_push(p, "d");
	end = fixture_await(c, "a b");
	assert_int_equal(ring_producer_advance(p, first, NULL), 0);
	fixture_await(c, "a b c");
	assert_int_equal(ring_producer_discard(p, NULL), 0);
	fixture_publish(p, "e");
	fixture_await(c, "a b c e");
	assert_int_equal(ring_consumer_advance(c, end, NULL), 0);

	assert_int_equal(ring_consumer_suspend(c), 0);
	look(p);
	assert_int_equal(fixture_try_publish(p, "x"), -RING_ERR_SUSPENDED);
	do {
		assert_int_equal(ring_consumer_state(c, &cs), 0);
		look(p);
	} while (!cs.suspend_acked);
	assert_true(cs.suspended);
	assert_int_equal(ring_consumer_resume(c), 0);
	while (fixture_try_publish(p, "f") != 0)
		;
	fixture_drop_producer(f, p);
	fixture_drop_consumer(f, c);

	assert_int_equal(
		ring_member_add(f->path, "new", RING_JOIN_OLDEST, -1, &options),
		0);
	p = fixture_producer(f, &options);
	c = fixture_consumer(f, NULL, &options);
	fixture_await(fixture_consumer(f, "new", &options), "c e f");
	fixture_await(c, "c e f");
	assert_int_equal(ring_producer_state(p, &ps), 0);
	assert_int_equal(ps.exposed_items, 5);
	assert_int_equal(ps.pushed_items, 5);
}

/* Many laps of items that straddle everything. */
static void test_laps(void **state)
{
	struct fixture *f = *state;
	uint8_t *bytes = fixture_alloc(f, 10000);
	struct draw draw = draw_begin("laps");
	struct ring_options options;
	struct ring_producer *p;
	struct ring_consumer *c;

	make(f, 4096);
	options = place_options(f);
	p = fixture_producer(f, &options);
	c = fixture_consumer(f, NULL, &options);
	for (unsigned i = 0; i < 700; i++) {
		const struct ring_entry e = {
			.data = bytes,
			.data_bytes = draw_below(&draw, 10001),
		};
		struct ring_item item;
		int rc;

		memset(bytes, (int)i, e.data_bytes);
		assert_int_equal(ring_producer_publish(p, &e, 1, NULL, NULL),
				 0);
		while ((rc = ring_consumer_pop(c, 0, &item)) == -RING_ERR_EMPTY)
			assert_int_equal(ring_consumer_wait(c, -1), 0);
		assert_int_equal(rc, 0);
		assert_int_equal(item.sequence, i);
		assert_int_equal(item.data_bytes, e.data_bytes);
		assert_memory_equal(item.data, bytes, e.data_bytes);
		assert_int_equal(ring_consumer_advance(c, item.next, NULL), 0);
	}
}

/* The block size of the ring and the sector size of the place. */
static void test_block_size(void **state)
{
	struct fixture *f = *state;
	const struct place_case *row = f->row;
	const struct ring_create_options create = { .block_bytes = 512,
						    .max_item_bytes = 1000 };
	const struct ring_options options = place_options(f);
	const bool too_small = row->kind == DEVICE_LOOP_4096;

	fixture_device(f, row->kind, FIXTURE_RING_BYTES);
	assert_int_equal(ring_create(f->path, &create, &options),
			 too_small ? -RING_ERR_BLOCK_SIZE : 0);
	assert_int_equal(f->fault.code, too_small ? -RING_ERR_BLOCK_SIZE : 0);
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		fixture_add(&list, places[i].name, test_scenario, &places[i]);
		fixture_add(&list, places[i].name, test_laps, &places[i]);
		if (device_kind_is_block(places[i].kind))
			fixture_add(&list, places[i].name, test_block_size,
				    &places[i]);
	}
	return fixture_run("places", &list);
}
