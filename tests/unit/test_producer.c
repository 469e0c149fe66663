/*
 * Goal: what a producer pushed, exposed or dropped is just that, for its own
 * consumers and for the producer that attaches next.
 * Method: words pushed and read back, in the same ring by a new handle, and
 * after a cut that no detach precedes.
 */
#include "tests/lib/fail_io.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <string.h>

enum { MAX_ITEM = 1000 };

static const struct ring_create_options small = {
	.size_bytes = FIXTURE_RING_BYTES,
	.max_item_bytes = MAX_ITEM,
	.max_batch_bytes = 16384,
};

/* ---- exposing ----------------------------------------------------------- */

struct expose_case {
	const char *name;
	bool reattach; /* between pushing and advancing */
	unsigned upto; /* advance to the end of this push */
	const char *visible;
	const char *after_all;
};

static const struct expose_case expose_cases[] = {
	{ "all pushes survive", false, 4, "a b c d e", "a b c d e" },
	{ "advance below the newest", false, 2, "a b c", "a b c d e" },
	{ "advance to the first", false, 1, "a", "a b c d e" },
	{ "nothing without advance", false, 0, "", "a b c d e" },
	{ "all pushes survive an attach", true, 4, "a b c d e", "a b c d e" },
	{ "advance below the newest after an attach", true, 3, "a b c d",
	  "a b c d e" },
};

static void test_expose(void **state)
{
	struct fixture *f = *state;
	const struct expose_case *row = f->row;
	struct ring_producer_state s;
	struct ring_producer *p;
	struct ring_consumer *c;
	uint64_t ends[5] = { 0 };

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	ends[1] = fixture_push(p, "a");
	ends[2] = fixture_push(p, "b c");
	ends[3] = fixture_push(p, "d");
	ends[4] = fixture_push(p, "e");
	fixture_see(c, RING_POSITION_NONE, "");
	if (row->reattach) {
		fixture_drop_producer(f, p);
		p = fixture_producer(f, NULL);
	}
	assert_int_equal(ring_producer_state(p, &s), 0);
	assert_int_equal(s.pushed_items, 5);
	assert_int_equal(s.exposed_items, 0);
	assert_int_equal(ring_position_compare(s.exposed, ends[1]), -1);
	if (row->upto > 0)
		assert_int_equal(
			ring_producer_advance(p, ends[row->upto], NULL), 0);
	fixture_see(c, RING_POSITION_NONE, row->visible);
	assert_int_equal(ring_producer_advance(p, RING_POSITION_NONE, NULL), 0);
	fixture_see(c, RING_POSITION_NONE, row->after_all);
	assert_int_equal(ring_producer_state(p, &s), 0);
	assert_int_equal(s.exposed, s.pushed);
	assert_int_equal(s.exposed_items, 5);
}

static void test_advance_errors(void **state)
{
	struct fixture *f = *state;
	struct ring_producer *p;
	uint64_t first, last;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	assert_int_equal(ring_producer_advance(p, RING_POSITION_NONE, NULL), 0);
	first = fixture_push(p, "aaaaaaaa bbbbbbbb");
	last = fixture_push(p, "c");
	assert_int_equal(ring_producer_advance(p, last + 8, NULL),
			 -RING_ERR_FUTURE);
	assert_int_equal(ring_producer_advance(p, UINT64_MAX, NULL),
			 -RING_ERR_FUTURE);
	assert_int_equal(ring_producer_advance(p, first - 8, NULL),
			 -RING_ERR_BOUNDARY);
	assert_int_equal(ring_producer_advance(p, first + 1, NULL),
			 -RING_ERR_BOUNDARY);
	assert_int_equal(ring_producer_advance(p, first, NULL), 0);
	assert_int_equal(ring_producer_advance(p, first, NULL), 0);
	assert_int_equal(ring_producer_advance(p, 1, NULL), 0); /* backwards */
	fixture_see(fixture_consumer(f, NULL, NULL), RING_POSITION_NONE,
		    "aaaaaaaa bbbbbbbb");
}

/* More pushes than the handle remembers ends of. */
static void test_many_pushes(void **state)
{
	struct fixture *f = *state;
	struct ring_producer *p;
	struct ring_consumer *c;
	uint64_t third = 0;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	for (unsigned i = 0; i < 300; i++) {
		const uint64_t end = fixture_push(p, "w");

		if (i == 2)
			third = end;
	}
	assert_int_equal(ring_producer_advance(p, third, NULL), 0);
	fixture_see(c, RING_POSITION_NONE, "w w w");
	assert_int_equal(ring_producer_advance(p, RING_POSITION_NONE, NULL), 0);
	fixture_take_all(c);
	assert_int_equal(fixture_info(f).cursors[0].backlog_items, 0);
	assert_int_equal(fixture_info(f).exposed_items, 300);
}

/* ---- publishing after pushes -------------------------------------------- */

static void test_publish_exposes_what_was_pushed(void **state)
{
	struct fixture *f = *state;
	struct ring_producer *p;
	struct ring_consumer *c;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	fixture_push(p, "a b");
	fixture_push(p, "c");
	fixture_publish(p, "d e");
	fixture_take(c, "a b c d e");
	fixture_publish(p, "f");
	fixture_take(c, "f");
}

/* ---- limits ------------------------------------------------------------- */

struct limit_case {
	const char *name;
	size_t data_bytes;
	size_t meta_bytes;
	size_t count;
	int expected;
};

static const struct limit_case limit_cases[] = {
	{ "empty item", 0, 0, 1, 0 },
	{ "many empty items", 0, 0, 200, 0 },
	{ "only metadata", 0, 10, 1, 0 },
	{ "largest item", MAX_ITEM, 0, 1, 0 },
	{ "largest with metadata", MAX_ITEM - 7, 7, 1, 0 },
	{ "all metadata", 0, MAX_ITEM, 1, 0 },
	{ "too large by one", MAX_ITEM + 1, 0, 1, -RING_ERR_TOO_BIG },
	{ "too large by metadata", MAX_ITEM, 1, 1, -RING_ERR_TOO_BIG },
	{ "lengths that overflow", SIZE_MAX, 2, 1, -RING_ERR_TOO_BIG },
	{ "metadata that overflows", 2, SIZE_MAX, 1, -RING_ERR_TOO_BIG },
	/* 15 x 1048 + 88 is below 16384, 16 x 1048 is not */
	{ "largest batch", MAX_ITEM, 0, 15, 0 },
	{ "batch too large", MAX_ITEM, 0, 16, -RING_ERR_TOO_BIG },
	/* 339 x 48 + 112 = 16384 with a commit of 88; 24 more do not fit */
	{ "batch that fits to the byte", 0, 0, 339, 0 },
	{ "batch one item too many", 0, 0, 340, -RING_ERR_TOO_BIG },
};

static void test_limit(void **state)
{
	struct fixture *f = *state;
	const struct limit_case *row = f->row;
	static const uint8_t bytes[MAX_ITEM + 1] = { 1, 2, 3 };
	struct ring_entry entries[400] = { 0 };
	struct ring_producer_state before, after;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct ring_item item;

	fixture_create(f, &small);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	for (size_t i = 0; i < row->count; i++)
		entries[i] = (struct ring_entry){
			.data = bytes,
			.data_bytes = row->data_bytes,
			.meta = bytes + 1,
			.meta_bytes = row->meta_bytes,
			.type = 0xffff,
		};
	assert_int_equal(ring_producer_state(p, &before), 0);
	assert_int_equal(
		ring_producer_publish(p, entries, row->count, NULL, NULL),
		row->expected);
	assert_int_equal(ring_producer_state(p, &after), 0);
	if (row->expected != 0) {
		assert_int_equal(f->fault.code, row->expected);
		assert_int_equal(after.pushed, before.pushed);
		fixture_publish(p, "next"); /* nothing of it was left over */
		fixture_see(c, RING_POSITION_NONE, "next");
		return;
	}
	assert_int_equal(after.exposed_items, row->count);
	item = fixture_pop(c, RING_POSITION_NONE);
	assert_int_equal(item.data_bytes, row->data_bytes);
	assert_int_equal(item.meta_bytes, row->meta_bytes);
	assert_int_equal(item.type, 0xffff);
	assert_memory_equal(item.data, bytes, item.data_bytes);
	assert_memory_equal(item.meta, bytes + 1, item.meta_bytes);
	assert_true(item.time_ns > 0);
	fixture_take_all(c);
	assert_int_equal(fixture_info(f).cursors[0].items, row->count);
}

/* ---- cookies ------------------------------------------------------------ */

struct cookie_case {
	const char *name;
	size_t len;
	int expected;
};

static const struct cookie_case cookie_cases[] = {
	{ "cookie of one byte", 1, 0 },
	{ "longest cookie", RING_COMMIT_COOKIE_MAX, 0 },
	{ "cookie too long", RING_COMMIT_COOKIE_MAX + 1, -RING_ERR_TOO_BIG },
};

enum cookie_call {
	WITH_PUSH,
	WITH_PUBLISH,
	WITH_ADVANCE,
	WITH_PART, /* of what was pushed */
	WITH_DISCARD,
};

static int call_with(struct ring_producer *p, enum cookie_call call,
		     const struct ring_cookie *cookie)
{
	const struct ring_entry e = { .data = "x", .data_bytes = 1 };
	uint64_t first;

	switch (call) {
	case WITH_PUSH:
		return ring_producer_push(p, &e, 1, cookie, NULL);
	case WITH_PUBLISH:
		return ring_producer_publish(p, &e, 1, cookie, NULL);
	case WITH_ADVANCE:
		fixture_push(p, "a");
		return ring_producer_advance(p, RING_POSITION_NONE, cookie);
	case WITH_PART:
		first = fixture_push(p, "a");
		fixture_push(p, "b");
		return ring_producer_advance(p, first, cookie);
	case WITH_DISCARD:
		fixture_push(p, "a");
		return ring_producer_discard(p, cookie);
	}
	return -EINVAL;
}

/* Cut off without a farewell, like a process that is killed. */
static void cut_producer(struct fixture *f, struct fail_io *io,
			 struct ring_producer *p)
{
	fail_io_cut(io);
	assert_int_equal(f->producers[0] == p, 1);
	f->producers[0] = NULL;
	ring_producer_free(p);
}

static void test_cookie(void **state)
{
	struct fixture *f = *state;
	const struct cookie_case *row = f->row;

	fixture_create(f, NULL);
	for (enum cookie_call call = WITH_PUSH; call <= WITH_DISCARD; call++) {
		uint8_t bytes[RING_COMMIT_COOKIE_MAX + 1] = { (uint8_t)call,
							      0xff };
		const struct ring_cookie cookie = { bytes, row->len };
		struct ring_options options = fixture_options(f);
		struct ring_producer_state s;
		struct ring_producer *p;
		struct fail_io io;

		fail_io_init(&io, fixture_io(f));
		options.io = &io.io;
		p = fixture_producer(f, &options);
		assert_int_equal(call_with(p, call, &cookie), row->expected);
		fixture_publish(p, "no cookie keeps the last one");
		cut_producer(f, &io, p);
		p = NULL;
		options.io = NULL;
		assert_int_equal(
			ring_producer_attach(f->path, &options, &p, &s), 0);
		fixture_keep_producer(f, p);
		assert_int_equal(s.cookie_bytes,
				 row->expected == 0 ? row->len : 0);
		assert_memory_equal(s.cookie, bytes, s.cookie_bytes);
		fixture_drop_producer(f, p);
		assert_int_equal(fixture_info(f).cookie_bytes, s.cookie_bytes);
	}
}

/* ---- handles ------------------------------------------------------------ */

static void test_debug_info(void **state)
{
	struct fixture *f = *state;
	struct ring_producer *p;
	char text[512], part[8];
	int len;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	len = ring_producer_debug_info(p, text, sizeof(text));
	assert_in_range(len, 10, sizeof(text) - 1);
	assert_int_equal(strlen(text), len);
	assert_non_null(strstr(text, "attached"));
	assert_int_equal(ring_producer_debug_info(p, part, sizeof(part)), len);
	assert_int_equal(strlen(part), sizeof(part) - 1);
	assert_int_equal(ring_producer_debug_info(p, NULL, 0), len);
	assert_int_equal(ring_producer_detach(p), 0);
	assert_true(ring_producer_debug_info(p, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "detached"));
}

static void test_detached(void **state)
{
	struct fixture *f = *state;
	struct ring_producer_state s;
	struct ring_producer *p;
	struct ring_claim claim;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	assert_int_equal(ring_producer_detach(p), 0);
	assert_int_equal(fixture_try_push(p, "a"), -RING_ERR_DETACHED);
	assert_int_equal(fixture_try_publish(p, "a"), -RING_ERR_DETACHED);
	assert_int_equal(ring_producer_advance(p, 0, NULL), -RING_ERR_DETACHED);
	assert_int_equal(ring_producer_discard(p, NULL), -RING_ERR_DETACHED);
	assert_int_equal(ring_producer_claim(p, 1, 0, 0, &claim),
			 -RING_ERR_DETACHED);
	assert_int_equal(ring_producer_trim(p, 0), -RING_ERR_DETACHED);
	assert_int_equal(ring_producer_commit(p, RING_COMMIT_PUSH, NULL, NULL),
			 -RING_ERR_DETACHED);
	assert_int_equal(ring_producer_abort(p), -RING_ERR_DETACHED);
	assert_int_equal(ring_producer_state(p, &s), -RING_ERR_DETACHED);
	assert_int_equal(ring_producer_wait(p, 0), -RING_ERR_DETACHED);
	assert_int_equal(ring_producer_fd(p), -RING_ERR_DETACHED);
	assert_int_equal(ring_producer_detach(p), -RING_ERR_DETACHED);
	ring_producer_free(NULL);
}

/* ---- time --------------------------------------------------------------- */

/* Items have the time of their commit, which never goes back. */
static void test_time(void **state)
{
	struct fixture *f = *state;
	struct fake_system *clock = fixture_alloc(f, sizeof(*clock));
	struct ring_options options = fixture_options(f);
	struct ring_item first, second, third;
	struct ring_producer *p;
	struct ring_consumer *c;
	uint64_t later;

	fixture_create(f, NULL);
	fake_system_init(clock, 1, 1);
	options.system = &clock->system;
	p = fixture_producer(f, &options);
	c = fixture_consumer(f, NULL, &options);
	later = 2 * clock->wall_ns;
	fixture_publish(p, "a");
	clock->wall_ns = later;
	fixture_publish(p, "b");
	clock->wall_ns = later / 2;
	fixture_publish(p, "c");
	first = fixture_pop(c, 0);
	second = fixture_pop(c, first.next);
	third = fixture_pop(c, second.next);
	assert_in_range(first.time_ns, later / 2, later - 1);
	assert_true(second.time_ns >= later);
	assert_int_equal(third.time_ns, second.time_ns);
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(expose_cases); i++)
		fixture_add(&list, expose_cases[i].name, test_expose,
			    &expose_cases[i]);
	for (size_t i = 0; i < ARRAY_SIZE(limit_cases); i++)
		fixture_add(&list, limit_cases[i].name, test_limit,
			    &limit_cases[i]);
	for (size_t i = 0; i < ARRAY_SIZE(cookie_cases); i++)
		fixture_add(&list, cookie_cases[i].name, test_cookie,
			    &cookie_cases[i]);
	fixture_add(&list, "advance to wrong places", test_advance_errors,
		    NULL);
	fixture_add(&list, "many pushes", test_many_pushes, NULL);
	fixture_add(&list, "publish exposes what was pushed",
		    test_publish_exposes_what_was_pushed, NULL);
	fixture_add(&list, "time", test_time, NULL);
	fixture_add(&list, "debug info", test_debug_info, NULL);
	fixture_add(&list, "use after detach", test_detached, NULL);
	return fixture_run("producer", &list);
}
