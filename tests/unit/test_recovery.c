/*
 * Goal: what was acknowledged survives the end of a process and every error
 * of the storage; a handle that met an error is dead and says so (G1, G10).
 * Method: children that die in the middle; a wrapper that fails the n-th
 * batch, n = 1, 2, 3... until a run meets no failure.
 */
#include "tests/lib/fail_io.h"
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- a process that ends ------------------------------------------------ */

enum death { BY_EXIT, BY_KILL };

struct death_case {
	const char *name;
	enum death how;
};

static const struct death_case death_cases[] = {
	{ "a producer that exits", BY_EXIT },
	{ "a producer that is killed", BY_KILL },
};

static int die(enum death how)
{
	if (how == BY_KILL)
		raise(SIGKILL);
	return 0;
}

static int producing_child(struct fixture *f)
{
	const struct death_case *row = f->row;
	const struct ring_entry e = { .data = "p", .data_bytes = 1 };
	struct ring_claim claim;
	struct ring_producer *p;

	if (ring_producer_attach(f->path, NULL, &p, NULL) != 0)
		return 1;
	for (unsigned i = 0; i < 5; i++)
		if (ring_producer_publish(p, &e, 1, NULL, NULL) != 0)
			return 2;
	for (unsigned i = 0; i < 100; i++)
		if (ring_producer_push(p, &e, 1, NULL, NULL) != 0)
			return 3;
	if (ring_producer_claim(p, 10, 0, 0, &claim) != 0)
		return 4;
	return die(row->how);
}

static void test_producer_dies(void **state)
{
	struct fixture *f = *state;
	const struct death_case *row = f->row;
	const struct ring_options options = fixture_options(f);
	struct ring_producer_state s;
	struct ring_producer *p;

	fixture_create(f, NULL);
	for (unsigned round = 1; round <= 6; round++) {
		fixture_reap(fixture_spawn(producing_child, f),
			     row->how == BY_KILL ? -SIGKILL : 0);
		assert_int_equal(
			ring_producer_attach(f->path, &options, &p, &s), 0);
		assert_int_equal(s.pushed_items, round * 105);
		assert_int_equal(s.exposed_items, round * 105 - 100);
		assert_int_equal(ring_producer_advance(p, 0, NULL), 0);
		ring_producer_free(p);
	}
	fixture_take_all(fixture_consumer(f, NULL, NULL));
	assert_int_equal(fixture_info(f).cursors[0].items, 630);
}

static int consuming_child(struct fixture *f)
{
	const struct ring_cookie cookie = { "two", 3 };
	struct ring_consumer *c;
	struct ring_item item;

	(void)f;
	if (ring_consumer_attach(f->path, NULL, NULL, &c, NULL) != 0)
		return 1;
	for (unsigned i = 0; i < 2; i++)
		if (ring_consumer_pop(c, 0, &item) != 0 ||
		    ring_consumer_advance(c, item.next, &cookie) != 0)
			return 2;
	if (ring_consumer_pop(c, 0, &item) != 0)
		return 3;
	raise(SIGKILL); /* this one was not acknowledged */
	return 4;
}

static void test_consumer_dies(void **state)
{
	struct fixture *f = *state;
	const struct ring_options options = fixture_options(f);
	struct ring_consumer_state s;
	struct ring_consumer *c;

	fixture_create(f, NULL);
	fixture_publish(fixture_producer(f, NULL), "a b c d");
	fixture_reap(fixture_spawn(consuming_child, f), -SIGKILL);
	assert_int_equal(ring_consumer_attach(f->path, NULL, &options, &c, &s),
			 0);
	fixture_keep_consumer(f, c);
	assert_int_equal(s.items, 2);
	assert_int_equal(s.cookie_bytes, 3);
	assert_memory_equal(s.cookie, "two", 3);
	fixture_see(c, 0, "c d");
}

/* ---- errors of the storage ---------------------------------------------- */

struct error_case {
	const char *name;
	int error;
	bool persists;
	enum fail_moment moment;
};

static const struct error_case error_cases[] = {
	{ "EIO once, at the start", -EIO, false, FAIL_START },
	{ "EIO once, before", -EIO, false, FAIL_BEFORE },
	{ "EIO for ever, before", -EIO, true, FAIL_BEFORE },
	{ "EIO once, after", -EIO, false, FAIL_AFTER },
	{ "ENOSPC once, before", -ENOSPC, false, FAIL_BEFORE },
	{ "shrunk, for ever", -RING_ERR_TRUNCATED, true, FAIL_BEFORE },
};

static const struct ring_create_options small = {
	.size_bytes = 640 << 10,
	.max_item_bytes = 1000,
	.max_batch_bytes = 8192,
	.block_bytes = 512,
	.consumer_count = 0,
	.cursor_slots = 2,
};

static struct ring_options failing_options(struct fixture *f,
					   struct fail_io *io, unsigned n)
{
	const struct error_case *row = f->row;
	struct ring_options options = fixture_options(f);

	fail_io_init(io, fixture_io(f));
	io->fails_at = n;
	io->persists = row->persists;
	io->moment = row->moment;
	io->error = row->error;
	options.io = &io->io;
	return options;
}

/* One of the first two reads, of the superblock's copies, may fail. */
static bool is_fatal(const struct error_case *row, const struct fail_io *io,
		     unsigned n)
{
	return io->starts >= n && (n > 2 || row->persists);
}

/* Publish i+1 items and push as many, a few rounds; how many are acked. */
struct promise {
	uint64_t pushed;
	uint64_t exposed;
};

static int produce(struct ring_producer *p, struct promise *promise)
{
	for (unsigned i = 0; i < 6; i++) {
		struct ring_producer_state s;
		int rc = fixture_try_push(p, "a b c");

		if (rc < 0)
			return rc;
		promise->pushed += 3;
		rc = fixture_try_publish(p, "d");
		if (rc < 0)
			return rc;
		promise->pushed++;
		promise->exposed = promise->pushed;
		rc = ring_producer_state(p, &s);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* A dead handle repeats its first error, whatever it is asked. */
static void assert_dead_producer(struct ring_producer *p, int rc)
{
	struct ring_producer_state s;
	struct ring_claim claim;

	assert_int_equal(fixture_try_push(p, "x"), rc);
	assert_int_equal(fixture_try_publish(p, "x"), rc);
	assert_int_equal(ring_producer_state(p, &s), rc);
	assert_int_equal(ring_producer_advance(p, 0, NULL), rc);
	assert_int_equal(ring_producer_discard(p, NULL), rc);
	assert_int_equal(ring_producer_wait(p, 0), rc);
	assert_int_equal(ring_producer_claim(p, 1, 0, 0, &claim), rc);
	assert_int_equal(ring_producer_fd(p), rc);
}

static void check_promise(struct fixture *f, const struct promise *promise)
{
	const struct ring_options options = fixture_options(f);
	struct ring_producer_state s;
	struct ring_producer *p = NULL;

	assert_int_equal(ring_producer_attach(f->path, &options, &p, &s), 0);
	fixture_keep_producer(f, p);
	/* What was not acknowledged may be there, or not. */
	assert_in_range(s.pushed_items, promise->pushed, promise->pushed + 3);
	assert_in_range(s.exposed_items, promise->exposed,
			promise->exposed + 4);
	fixture_drop_producer(f, p);
}

/* Whether the failure was met. */
static bool fail_producer_at(struct fixture *f, unsigned n)
{
	const struct error_case *row = f->row;
	const struct ring_create_options create = {
		.size_bytes = small.size_bytes,
		.max_item_bytes = small.max_item_bytes,
		.max_batch_bytes = small.max_batch_bytes,
		.block_bytes = small.block_bytes,
		.cursor_slots = small.cursor_slots,
		.force = true,
	};
	struct fail_io *io = fixture_alloc(f, sizeof(*io));
	struct ring_options options;
	struct promise promise = { 0 };
	struct ring_producer *p = NULL;
	int rc;

	fixture_create(f, &create);
	options = failing_options(f, io, n);
	rc = ring_producer_attach(f->path, &options, &p, NULL);
	if (rc < 0) {
		assert_int_equal(rc, row->error);
		assert_int_equal(f->fault.code, rc);
		ring_io_close(&io->io);
	} else {
		rc = produce(p, &promise);
		assert_int_equal(rc, is_fatal(row, io, n) ? row->error : 0);
		if (rc < 0)
			assert_dead_producer(p, rc);
		ring_producer_free(p);
	}
	check_promise(f, &promise);
	for (unsigned i = 0; i < FIXTURE_HANDLES; i++)
		if (f->memory[i] == io)
			f->memory[i] = NULL;
	rc = io->starts >= n;
	free(io);
	return rc;
}

static void test_producer_errors(void **state)
{
	struct fixture *f = *state;
	unsigned n = 1;

	fixture_file(f);
	while (fail_producer_at(f, n))
		n++;
	assert_in_range(n, 20, 500);
}

static int consume(struct ring_consumer *c, uint64_t *acked)
{
	for (unsigned i = 0; i < 4; i++) {
		struct ring_consumer_state s;
		struct ring_item item;
		int rc = ring_consumer_pop(c, 0, &item);

		if (rc < 0)
			return rc;
		rc = ring_consumer_advance(c, item.next, NULL);
		if (rc < 0)
			return rc;
		*acked = item.sequence + 1;
		rc = ring_consumer_state(c, &s);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static bool fail_consumer_at(struct fixture *f, unsigned n, uint64_t *floor)
{
	const struct error_case *row = f->row;
	const struct ring_options usual = fixture_options(f);
	struct fail_io io;
	struct ring_options options = failing_options(f, &io, n);
	struct ring_consumer_state s;
	struct ring_consumer *c = NULL;
	int rc = ring_consumer_attach(f->path, NULL, &options, &c, NULL);

	if (rc < 0) {
		assert_int_equal(rc, row->error);
		ring_io_close(&io.io);
	} else {
		rc = consume(c, floor);
		assert_int_equal(rc, is_fatal(row, &io, n) ? row->error : 0);
		if (rc < 0) {
			struct ring_item item;

			assert_int_equal(ring_consumer_pop(c, 0, &item), rc);
			assert_int_equal(ring_consumer_state(c, &s), rc);
			assert_int_equal(ring_consumer_suspend(c), rc);
			assert_int_equal(ring_consumer_advance(c, 8, NULL), rc);
		}
		ring_consumer_free(c);
	}
	assert_int_equal(ring_consumer_attach(f->path, NULL, &usual, &c, &s),
			 0);
	assert_in_range(s.items, *floor, *floor + 1);
	*floor = s.items;
	assert_int_equal(fixture_pop(c, 0).sequence, *floor);
	ring_consumer_free(c);
	return io.starts >= n;
}

static void test_consumer_errors(void **state)
{
	struct fixture *f = *state;
	uint64_t floor = 0;
	unsigned n = 1;

	fixture_create(f, NULL);
	fixture_producer(f, NULL);
	for (unsigned i = 0; i < 100; i++)
		fixture_publish(f->producers[0], "a b c d e f g h i j");
	while (fail_consumer_at(f, n, &floor))
		n++;
	assert_in_range(n, 10, 500);
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(death_cases); i++)
		fixture_add(&list, death_cases[i].name, test_producer_dies,
			    &death_cases[i]);
	fixture_add(&list, "a consumer that is killed", test_consumer_dies,
		    NULL);
	for (size_t i = 0; i < ARRAY_SIZE(error_cases); i++) {
		fixture_add(&list, error_cases[i].name, test_producer_errors,
			    &error_cases[i]);
		fixture_add(&list, error_cases[i].name, test_consumer_errors,
			    &error_cases[i]);
	}
	return fixture_run("recovery", &list);
}
