/*
 * Goal: ring_info() says what is, of a ring at rest and of a live one, and
 * changes nothing; rings of one process know nothing of each other.
 * Method: known steps, with the numbers worked out by FORMAT.md 4.2 and 7.
 */
#include "tests/lib/ring_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ITEM_OF_1 = 56, COMMIT = 88 }; /* bytes in the stream */

static const char *const two_names[] = { "fast", "slow" };

static const struct ring_create_options options_of_all = {
	.size_bytes = FIXTURE_RING_BYTES,
	.block_bytes = 512,
	.cursor_slots = 5,
	.consumers = two_names,
	.consumer_count = 2,
	.max_item_bytes = 4000,
	.max_batch_bytes = 10000, /* becomes 10240 */
	.heartbeat_ms = 1234,
	.label = "lines of text",
	.queue = "orders",
};

static void test_identity(void **state)
{
	struct fixture *f = *state;
	static const uint8_t no_uuid[16];
	struct ring_info i;

	fixture_create(f, &options_of_all);
	i = fixture_info(f);
	assert_memory_not_equal(i.uuid, no_uuid, 16);
	assert_string_equal(i.queue, "orders");
	assert_string_equal(i.label, "lines of text");
	assert_true(i.created_ns > 0);
	assert_int_equal(i.device_bytes, FIXTURE_RING_BYTES);
	/* 131072 + 7 roles x 9 x 4096, up to 65536: FORMAT.md 1 */
	assert_int_equal(i.data_offset_bytes, 393216);
	assert_int_equal(i.data_bytes, FIXTURE_RING_BYTES - 393216);
	assert_int_equal(i.ring_bytes, FIXTURE_RING_BYTES);
	assert_int_equal(i.max_item_bytes, 4000);
	assert_int_equal(i.max_batch_bytes, 10240);
	assert_int_equal(i.block_bytes, 512);
	assert_int_equal(i.cursor_slots, 5);
	assert_int_equal(i.heartbeat_ms, 1234);
	assert_false(i.padded);
	assert_true(i.buffered);
	assert_non_null(i.engine);
	assert_int_equal(i.cursor_count, 2);
	assert_string_equal(i.cursors[0].name, "fast");
	assert_string_equal(i.cursors[1].name, "slow");
	assert_int_equal(i.cursors[1].slot, 1);
	assert_int_equal(i.last_commit_ns, 0);
}

static void test_numbers(void **state)
{
	struct fixture *f = *state;
	struct ring_producer_state s;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct ring_info i;
	uint64_t first;

	fixture_create(f, &options_of_all);
	first = fixture_info(f).end;
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, "fast", NULL);
	fixture_publish(p, "a b");
	fixture_push(p, "c");
	i = fixture_info(f);
	assert_int_equal(i.exposed, first + 2 * ITEM_OF_1 + COMMIT);
	assert_int_equal(i.end, i.exposed + ITEM_OF_1 + COMMIT);
	assert_int_equal(i.exposed_items, 2);
	assert_int_equal(i.pushed_items, 3);
	assert_int_equal(i.tail, first);
	assert_int_equal(i.used_bytes, i.end - first);
	assert_int_equal(i.free_bytes, first + i.data_bytes - i.end);
	assert_true(i.last_commit_ns > 0);
	assert_true(i.cursors[0].oldest_ns > 0);
	assert_true(i.cursors[0].oldest_ns <= i.last_commit_ns);
	fixture_take(c, "a b");
	i = fixture_info(f);
	assert_int_equal(i.cursors[0].position, i.exposed);
	assert_int_equal(i.cursors[0].backlog_items, 0);
	assert_int_equal(i.cursors[0].backlog_bytes, 0);
	assert_int_equal(i.cursors[0].oldest_ns, 0);
	assert_int_equal(i.cursors[1].backlog_items, 2);
	assert_int_equal(i.cursors[1].backlog_bytes, i.exposed - first);
	assert_int_equal(i.tail, first); /* the slow one holds it */
	assert_int_equal(ring_producer_state(p, &s), 0);
	assert_int_equal(s.used_bytes, i.used_bytes);
	assert_int_equal(s.free_bytes, i.free_bytes);
}

static void test_owners(void **state)
{
	struct fixture *f = *state;
	struct ring_options options = fixture_options(f);
	struct ring_info i;

	fixture_create(f, NULL);
	options.client = "a writer";
	fixture_producer(f, &options);
	options.client = "a reader";
	fixture_consumer(f, NULL, &options);
	i = fixture_info(f);
	assert_true(i.producer.attached);
	assert_true(i.producer.on_this_host);
	assert_true(i.producer.locked);
	assert_int_equal(i.producer.pid, getpid());
	assert_string_equal(i.producer.client, "a writer");
	assert_true(i.producer.heartbeat > 0);
	assert_true(i.cursors[0].owner.attached);
	assert_string_equal(i.cursors[0].owner.client, "a reader");
	fixture_drop_producer(f, f->producers[0]);
	fixture_drop_consumer(f, f->consumers[0]);
	i = fixture_info(f);
	assert_false(i.producer.attached);
	assert_false(i.producer.locked);
	assert_false(i.cursors[0].owner.attached);
}

static void no_finding(void *ctx, const struct ring_finding *finding)
{
	(void)ctx;
	fail_msg("%s", finding->text);
}

/* Looking changes not a byte. */
static void test_reads_only(void **state)
{
	struct fixture *f = *state;
	uint8_t *before = fixture_alloc(f, FIXTURE_RING_BYTES);
	uint8_t *after = fixture_alloc(f, FIXTURE_RING_BYTES);
	const struct ring_options options = fixture_options(f);

	fixture_create(f, NULL);
	fixture_publish(fixture_producer(f, NULL), "a b");
	fixture_push(f->producers[0], "c");
	fixture_read(f, 0, before, FIXTURE_RING_BYTES);
	(void)fixture_info(f);
	assert_int_equal(ring_check(f->path, &options, no_finding, NULL), 0);
	fixture_read(f, 0, after, FIXTURE_RING_BYTES);
	assert_memory_equal(before, after, FIXTURE_RING_BYTES);
}

/* ---- walking ------------------------------------------------------------ */

struct walked {
	char kinds[64];
	unsigned count;
	uint64_t positions[64];
	uint64_t next;
	bool is_right;
};

static int note_record(void *ctx, const struct ring_record_view *r)
{
	struct walked *w = ctx;

	if (w->count > 0 && r->position != w->next)
		w->is_right = false;
	if (!r->valid || r->code != 0 || r->time_ns == 0)
		w->is_right = false;
	w->next = r->next;
	w->positions[w->count] = r->position;
	w->kinds[w->count++] = r->kind == RING_RECORD_ITEM ? 'i' : 'c';
	return w->count == 60 ? -1 : 0;
}

static void test_walk(void **state)
{
	struct fixture *f = *state;
	const struct ring_options options = fixture_options(f);
	struct walked all = { .is_right = true }, part = { .is_right = true };
	struct ring_producer *p;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	fixture_publish(p, "a b");
	fixture_push(p, "c");
	assert_int_equal(ring_producer_discard(p, NULL), 0);
	fixture_publish(p, "d");
	assert_int_equal(ring_walk(f->path, &options, 0, note_record, &all), 0);
	assert_string_equal(all.kinds, "iiciccic");
	assert_true(all.is_right);
	assert_int_equal(ring_walk(f->path, &options, all.positions[3],
				   note_record, &part),
			 0);
	assert_string_equal(part.kinds, "icc"
					"ic");
	assert_int_equal(ring_walk(f->path, &options, all.positions[3] + 8,
				   note_record, &part),
			 -RING_ERR_BOUNDARY);
	assert_int_equal(ring_walk(f->path, &options, 1, note_record, &part),
			 -RING_ERR_BOUNDARY);
}

/* ---- two rings ---------------------------------------------------------- */

static void test_two_rings(void **state)
{
	struct fixture *f = *state;
	struct fixture *g = fixture_alloc(f, sizeof(*g));
	struct ring_consumer *of_f, *of_g;

	fixture_create(f, NULL);
	fixture_create(g, &options_of_all);
	fixture_producer(f, NULL);
	fixture_producer(g, NULL);
	of_f = fixture_consumer(f, NULL, NULL);
	of_g = fixture_consumer(g, "slow", NULL);
	for (unsigned i = 0; i < 100; i++) {
		fixture_publish(f->producers[0], "f f");
		fixture_publish(g->producers[0], "g");
		fixture_take(of_f, "f f");
		fixture_take(of_g, "g");
	}
	assert_int_equal(ring_consumer_suspend(of_g), 0);
	while (fixture_try_publish(g->producers[0], "g") == 0)
		;
	fixture_publish(f->producers[0], "f");
	assert_int_equal(fixture_info(f).exposed_items, 201);
	fixture_drop_consumer(g, of_g);
	fixture_drop_producer(g, g->producers[0]);
	device_remove(&g->device);
}

int main(void)
{
	struct fixture_list list = { 0 };

	fixture_add(&list, "identity", test_identity, NULL);
	fixture_add(&list, "numbers", test_numbers, NULL);
	fixture_add(&list, "owners", test_owners, NULL);
	fixture_add(&list, "reads only", test_reads_only, NULL);
	fixture_add(&list, "walk", test_walk, NULL);
	fixture_add(&list, "two rings", test_two_rings, NULL);
	return fixture_run("info", &list);
}
