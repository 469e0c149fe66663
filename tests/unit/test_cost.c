/*
 * Goal: what an operation costs in I/O stays what DESIGN.md says.
 * Method: count reads, writes and flushes on a disk in memory. Counts, never
 * times, so the result is the same on every machine.
 */
#include "ring/ring.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/mem_disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RING_BYTES = 64 << 20, PUBLISHES = 1000, ITEM_BYTES = 100 };

struct counted {
	struct mem_disk *disk;
	struct ring_producer *producer;
	struct fake_system clock;
	struct ring_consumer *consumer; /* of the tests that need one */
};

static struct ring_options options_for(struct mem_disk *d)
{
	return (struct ring_options){ .io = mem_disk_open(d) };
}

static void attach(struct counted *c)
{
	const struct ring_options o = options_for(c->disk);

	assert_int_equal(ring_producer_attach("mem", &o, &c->producer, NULL),
			 0);
}

static void attach_consumer(struct counted *c)
{
	const struct ring_options o = options_for(c->disk);

	assert_int_equal(
		ring_consumer_attach("mem", NULL, &o, &c->consumer, NULL), 0);
}

static int set_up(void **state)
{
	const struct ring_create_options create = { .max_item_bytes = 1 << 20 };
	struct counted *c = calloc(1, sizeof(*c));
	struct ring_options o;

	assert_non_null(c);
	c->disk = mem_disk_new(RING_BYTES, 512);
	o = options_for(c->disk);
	assert_int_equal(ring_create("mem", &create, &o), 0);
	ring_io_close(o.io);
	attach(c);
	*state = c;
	return 0;
}

static int tear_down(void **state)
{
	struct counted *c = *state;

	ring_consumer_free(c->consumer);
	ring_producer_free(c->producer);
	mem_disk_free(c->disk);
	free(c);
	return 0;
}

static void publish(struct counted *c, unsigned count)
{
	const char item[ITEM_BYTES] = { 0 };
	const struct ring_entry e = { .data = item, .data_bytes = ITEM_BYTES };

	for (unsigned i = 0; i < count; i++)
		assert_int_equal(
			ring_producer_publish(c->producer, &e, 1, NULL, NULL),
			0);
}

/* This disk writes when it is waited for: so have the seal written. */
static void publish_sealed(struct counted *c)
{
	struct ring_producer_state s;

	publish(c, 1);
	assert_int_equal(ring_producer_state(c->producer, &s), 0);
}

/*
 * A disk in memory is not a page cache, so each publish also writes a seal;
 * the heartbeat may add a few writes; checkpoints ride with seals.
 */
static void test_publish_is_one_write_and_one_flush(void **state)
{
	struct counted *c = *state;
	struct mem_disk_counts n;

	mem_disk_reset_counts(c->disk);
	publish(c, PUBLISHES);
	n = mem_disk_counts(c->disk);
	assert_int_equal(n.flushes, PUBLISHES);
	assert_in_range(n.writes, PUBLISHES, 2 * PUBLISHES + 20);
	/* One block of data, at times two, and one slot. */
	assert_in_range(n.written_bytes, PUBLISHES * 4096,
			PUBLISHES * 3 * 4096);
	/* The fence and two cursors: at most five reads of slots. */
	assert_in_range(n.reads, PUBLISHES, PUBLISHES * 5);
}

/* The reads of slots beside one commit. */
static uint64_t reads_of_publish(struct counted *c)
{
	mem_disk_reset_counts(c->disk);
	publish(c, 1);
	return mem_disk_counts(c->disk).reads;
}

/*
 * With direct I/O the cursors are looked at as often as a poller would; in
 * between a commit only reads where the next epoch would stand.
 */
static void test_looks_are_rare(void **state)
{
	enum { LOOK_MS = 20 };
	struct counted *c = *state;
	struct ring_options o = options_for(c->disk);

	fake_system_init(&c->clock, 1, 1);
	o.system = &c->clock.system;
	o.poll_min_ms = LOOK_MS;
	o.takeover = true;
	ring_producer_free(c->producer);
	assert_int_equal(ring_producer_attach("mem", &o, &c->producer, NULL),
			 0);
	publish(c, 1);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(reads_of_publish(c), 1);
		assert_int_equal(reads_of_publish(c), 1);
		c->clock.monotonic_ns += LOOK_MS * UINT64_C(1000000);
		assert_in_range(reads_of_publish(c), 2, 5);
	}
}

static void test_many_items_are_one_write(void **state)
{
	const char item[ITEM_BYTES] = { 0 };
	struct ring_entry entries[1000];
	struct counted *c = *state;
	struct mem_disk_counts n;

	for (unsigned i = 0; i < 1000; i++)
		entries[i] = (struct ring_entry){ .data = item,
						  .data_bytes = ITEM_BYTES };
	mem_disk_reset_counts(c->disk);
	assert_int_equal(
		ring_producer_publish(c->producer, entries, 1000, NULL, NULL),
		0);
	n = mem_disk_counts(c->disk);
	assert_int_equal(n.flushes, 1);
	assert_in_range(n.writes, 1, 3);
}

static void fill_most_of_it(struct counted *c)
{
	struct ring_claim claim;

	for (unsigned i = 0; i < 50; i++) {
		assert_int_equal(
			ring_producer_claim(c->producer, 1 << 20, 0, 0, &claim),
			0);
		assert_int_equal(ring_producer_commit(c->producer,
						      RING_COMMIT_PUBLISH, NULL,
						      NULL),
				 0);
	}
}

/* G9: the scan begins at a checkpoint, however full the ring is. */
static void test_attach_reads_a_bounded_amount(void **state)
{
	struct counted *c = *state;
	struct mem_disk_counts n;

	fill_most_of_it(c);
	ring_producer_free(c->producer);
	mem_disk_reset_counts(c->disk);
	attach(c);
	n = mem_disk_counts(c->disk);
	assert_in_range(n.read_bytes, 1, 8 << 20);
}

static void test_advance_is_one_write_and_one_flush(void **state)
{
	struct counted *c = *state;
	struct ring_item item;
	struct mem_disk_counts n;

	publish_sealed(c);
	attach_consumer(c);
	assert_int_equal(
		ring_consumer_pop(c->consumer, RING_POSITION_NONE, &item), 0);
	mem_disk_reset_counts(c->disk);
	assert_int_equal(ring_consumer_advance(c->consumer, item.next, NULL),
			 0);
	n = mem_disk_counts(c->disk);
	assert_int_equal(n.flushes, 1);
	assert_in_range(n.writes, 1, 3);
}

/* What a pop of nothing costs, behind the item that was popped last. */
static struct mem_disk_counts count_empty_pop(struct counted *c,
					      struct ring_item *item)
{
	mem_disk_reset_counts(c->disk);
	assert_int_equal(ring_consumer_pop(c->consumer, item->next, item),
			 -RING_ERR_EMPTY);
	return mem_disk_counts(c->disk);
}

/*
 * A handle seeks evidence far behind the end once. From then on, to find that
 * there is nothing new takes four reads, also where the end has moved on: a
 * little of the stream; the producer's slot and the fence; then, for what these
 * vouch for, that of the stream once more.
 */
static void test_end_is_looked_behind_once(void **state)
{
	struct counted *c = *state;
	struct ring_item item = { 0 };

	attach_consumer(c);
	assert_in_range(count_empty_pop(c, &item).read_bytes, 4 << 20,
			32 << 20);
	for (unsigned i = 0; i < 20; i++) {
		struct mem_disk_counts n = count_empty_pop(c, &item);

		assert_in_range(n.reads, 3, 4);
		assert_in_range(n.read_bytes, 1, 64 << 10);
		assert_int_equal(n.flushes, 0);
		if (i % 4 != 0)
			continue;
		publish_sealed(c);
		assert_int_equal(
			ring_consumer_pop(c->consumer, item.next, &item), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_publish_is_one_write_and_one_flush, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(test_looks_are_rare, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_many_items_are_one_write,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_attach_reads_a_bounded_amount, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_advance_is_one_write_and_one_flush, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(test_end_is_looked_behind_once,
						set_up, tear_down),
	};

	return cmocka_run_group_tests_name("cost", tests, NULL, NULL);
}
