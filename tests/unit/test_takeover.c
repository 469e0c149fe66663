/*
 * Goal: at most one owner of a role acts, whatever hosts there are (G7).
 * Method: hosts that are made up: each handle has an identity and a clock of
 * its own, and sees no locks of the others.
 */
#include "tests/lib/fail_io.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_A = 1, HOST_B = 2, FIRST_BOOT = 1, SECOND_BOOT = 2 };

/* One process on one host, and how it opens the ring. */
struct host {
	struct fake_system system;
	struct fail_io io;
	struct ring_options options;
};

static struct host *host_make(struct fixture *f, uint8_t host, uint8_t boot)
{
	struct host *h = fixture_alloc(f, sizeof(*h));

	fake_system_init(&h->system, host, boot);
	fail_io_init(&h->io, fixture_io(f));
	h->io.is_alone = true;
	h->options = fixture_options(f);
	h->options.io = &h->io.io;
	h->options.system = &h->system.system;
	return h;
}

/* An io whose attach failed stays the caller's. */
static void host_close(struct host *h)
{
	if (h->io.below != NULL)
		ring_io_close(&h->io.io);
}

static void drop_silently(struct fixture *f, struct ring_producer *p,
			  struct host *h)
{
	fail_io_cut(&h->io);
	for (unsigned i = 0; i < FIXTURE_HANDLES; i++)
		if (f->producers[i] == p)
			f->producers[i] = NULL;
	ring_producer_free(p);
}

/* Marks what is durable, for consumers elsewhere. */
static void look(struct ring_producer *p)
{
	struct ring_producer_state s;

	assert_int_equal(ring_producer_state(p, &s), 0);
}

/* ---- on one host -------------------------------------------------------- */

static void test_owned(void **state)
{
	struct fixture *f = *state;
	struct ring_options options = fixture_options(f);
	struct ring_producer *p = NULL;
	struct ring_consumer *c = NULL;

	fixture_create(f, NULL);
	fixture_producer(f, NULL);
	fixture_consumer(f, NULL, NULL);
	for (unsigned i = 0; i < 2; i++) {
		options.takeover = i == 1; /* never on one host */
		assert_int_equal(
			ring_producer_attach(f->path, &options, &p, NULL),
			-RING_ERR_OWNED);
		assert_int_equal(
			ring_consumer_attach(f->path, NULL, &options, &c, NULL),
			-RING_ERR_OWNED);
		assert_int_equal(f->fault.code, -RING_ERR_OWNED);
	}
	fixture_publish(f->producers[0], "a");
	fixture_take(f->consumers[0], "a");
	fixture_drop_producer(f, f->producers[0]);
	fixture_producer(f, NULL);
}

/* A process that has died while its last I/O, and so its lock, lives on. */
struct dying {
	struct fixture *fixture;
	struct ring_producer *producer;
	struct host *host;
	unsigned sleeps_left;
};

static void end_last_io(void *ctx)
{
	struct dying *d = ctx;

	if (d->sleeps_left > 0 && --d->sleeps_left == 0)
		drop_silently(d->fixture, d->producer, d->host);
}

static struct host *host_with_locks(struct fixture *f)
{
	struct host *h = host_make(f, HOST_A, FIRST_BOOT);

	h->io.is_alone = false;
	return h;
}

static void test_waits_for_the_last_io(void **state)
{
	struct fixture *f = *state;
	struct host *old, *heir;
	struct dying *dying = fixture_alloc(f, sizeof(*dying));
	struct ring_producer *p = NULL;

	fixture_create(f, NULL);
	old = host_with_locks(f);
	*dying =
		(struct dying){ f, fixture_producer(f, &old->options), old, 3 };
	heir = host_with_locks(f);
	heir->system.self.pid++;
	heir->system.others_died = true;
	heir->system.on_sleep = end_last_io;
	heir->system.on_sleep_ctx = dying;
	assert_int_equal(
		ring_producer_attach(f->path, &heir->options, &p, NULL), 0);
	fixture_keep_producer(f, p);
	assert_int_equal(dying->sleeps_left, 0);
}

/* A lock that outlives its process for good: a forked child, say. */
static void test_waits_no_longer_than_that(void **state)
{
	struct fixture *f = *state;
	struct host *old, *heir;
	struct ring_producer *p = NULL;

	fixture_create(f, NULL);
	old = host_with_locks(f);
	fixture_producer(f, &old->options);
	heir = host_with_locks(f);
	heir->system.self.pid++;
	assert_int_equal(
		ring_producer_attach(f->path, &heir->options, &p, NULL),
		-RING_ERR_OWNED);
	assert_int_equal(heir->system.slept_ns, 0);
	heir->system.others_died = true;
	assert_int_equal(
		ring_producer_attach(f->path, &heir->options, &p, NULL),
		-RING_ERR_OWNED);
	assert_true(heir->system.slept_ns > 0);
	host_close(heir);
}

/* ---- from another host -------------------------------------------------- */

struct takeover_case {
	const char *name;
	uint8_t host; /* of the newcomer; the owner is HOST_A, FIRST_BOOT */
	uint8_t boot;
	bool detached; /* the owner has said good-bye */
	bool beats;    /* it lives on while it is watched */
	bool takeover; /* option of the newcomer */
	int expected;
	bool watches;
};

static const struct takeover_case takeover_cases[] = {
	{ "other host", HOST_B, FIRST_BOOT, false, false, false,
	  -RING_ERR_OTHER_HOST, false },
	{ "other host, free", HOST_B, FIRST_BOOT, true, false, false, 0,
	  false },
	{ "take-over of a free role", HOST_B, FIRST_BOOT, true, false, true, 0,
	  false },
	{ "take-over of the living", HOST_B, FIRST_BOOT, false, true, true,
	  -RING_ERR_ALIVE, true },
	{ "take-over of the dead", HOST_B, FIRST_BOOT, false, false, true, 0,
	  true },
	{ "same host, rebooted", HOST_A, SECOND_BOOT, false, false, false, 0,
	  true },
	{ "same host, rebooted, yet alive", HOST_A, SECOND_BOOT, false, true,
	  false, -RING_ERR_ALIVE, true },
	{ "same host and boot", HOST_A, FIRST_BOOT, false, false, false, 0,
	  false },
};

struct owner {
	struct host *host;
	struct ring_producer *p;
	struct ring_consumer *c;
};

/* What the owner does while the newcomer sleeps. */
static void beat(void *ctx)
{
	struct owner *owner = ctx;
	struct ring_producer_state s;
	struct ring_item item;

	owner->host->system.monotonic_ns += 1000000000;
	if (owner->p != NULL)
		(void)ring_producer_state(owner->p, &s);
	else
		(void)ring_consumer_pop(owner->c, 0, &item);
}

/* For two intervals of 500 ms, or at least not that long. */
static void assert_watched(const struct host *h, bool watched)
{
	assert_int_equal(h->system.slept_ns >= 1000000000, watched);
}

static void test_producer(void **state)
{
	struct fixture *f = *state;
	const struct takeover_case *row = f->row;
	struct ring_producer *p = NULL;
	struct ring_consumer *c;
	struct host *newcomer;
	struct owner owner = { 0 };
	int rc;

	fixture_create(f, NULL);
	owner.host = host_make(f, HOST_A, FIRST_BOOT);
	owner.p = fixture_producer(f, &owner.host->options);
	fixture_publish(owner.p, "a");
	if (row->detached)
		fixture_drop_producer(f, owner.p);
	newcomer = host_make(f, row->host, row->boot);
	newcomer->options.takeover = row->takeover;
	if (row->beats) {
		newcomer->system.on_sleep = beat;
		newcomer->system.on_sleep_ctx = &owner;
	}
	rc = ring_producer_attach(f->path, &newcomer->options, &p, NULL);
	assert_int_equal(rc, row->expected);
	assert_watched(newcomer, row->watches);
	if (rc != 0) {
		fixture_publish(owner.p, "b"); /* undisturbed */
		drop_silently(f, owner.p, owner.host);
		host_close(newcomer);
		return;
	}
	fixture_keep_producer(f, p);
	fixture_publish(p, "c");
	c = fixture_consumer(f, NULL, NULL);
	look(p);
	fixture_see(c, 0, "a c");
	if (!row->detached)
		drop_silently(f, owner.p, owner.host);
	fixture_drop_producer(f, p);
}

static void test_consumer(void **state)
{
	struct fixture *f = *state;
	const struct takeover_case *row = f->row;
	struct ring_consumer *c = NULL;
	struct ring_item item;
	struct host *newcomer;
	struct owner owner = { 0 };
	int rc;

	fixture_create(f, NULL);
	fixture_publish(fixture_producer(f, NULL), "a b");
	owner.host = host_make(f, HOST_A, FIRST_BOOT);
	owner.c = fixture_consumer(f, NULL, &owner.host->options);
	/* Not this host's: only the producer's mark proves anything. */
	look(f->producers[0]);
	item = fixture_pop(owner.c, 0);
	if (row->detached)
		fixture_drop_consumer(f, owner.c);
	newcomer = host_make(f, row->host, row->boot);
	newcomer->options.takeover = row->takeover;
	if (row->beats) {
		newcomer->system.on_sleep = beat;
		newcomer->system.on_sleep_ctx = &owner;
	}
	rc = ring_consumer_attach(f->path, NULL, &newcomer->options, &c, NULL);
	assert_int_equal(rc, row->expected);
	assert_watched(newcomer, row->watches);
	if (rc != 0) {
		assert_int_equal(
			ring_consumer_advance(owner.c, item.next, NULL), 0);
		fixture_drop_consumer(f, owner.c);
		host_close(newcomer);
		return;
	}
	fixture_keep_consumer(f, c);
	fixture_see(c, 0, "a b");
	if (!row->detached) {
		assert_int_equal(ring_consumer_pop(owner.c, 0, &item) == 0 ||
					 ring_consumer_advance(
						 owner.c, item.next, NULL) == 0,
				 true);
		assert_int_equal(
			ring_consumer_state(owner.c,
					    &(struct ring_consumer_state){ 0 }),
			-RING_ERR_FENCED);
		assert_int_equal(ring_consumer_pop(owner.c, 0, &item),
				 -RING_ERR_FENCED);
		fixture_drop_consumer(f, owner.c);
	}
	fixture_take(c, "a b");
	fixture_drop_consumer(f, c);
}

/* ---- fencing ------------------------------------------------------------ */

static struct ring_producer *take_over(struct fixture *f)
{
	struct host *h = host_make(f, HOST_B, FIRST_BOOT);

	h->options.takeover = true;
	return fixture_producer(f, &h->options);
}

/* Whether the former owner writes now or later, it is never seen. */
static void test_former_writes_are_not_seen(void **state)
{
	struct fixture *f = *state;
	struct ring_producer_state s;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct host *former;

	fixture_create(f, NULL);
	former = host_make(f, HOST_A, FIRST_BOOT);
	p = fixture_producer(f, &former->options);
	fixture_publish(p, "a");
	fixture_push(p, "b");
	c = fixture_consumer(f, NULL, NULL);
	take_over(f);
	assert_int_equal(ring_producer_state(f->producers[1], &s), 0);
	assert_int_equal(s.pushed_items, 2); /* what was pushed is kept */
	assert_int_equal(s.exposed_items, 1);
	assert_int_equal(fixture_try_publish(p, "ghost"), -RING_ERR_FENCED);
	assert_int_equal(fixture_try_publish(p, "ghost"), -RING_ERR_FENCED);
	assert_int_equal(ring_producer_state(p, &s), -RING_ERR_FENCED);
	assert_int_equal(ring_producer_wait(p, 0), -RING_ERR_FENCED);
	fixture_see(c, 0, "a");
	fixture_publish(f->producers[1], "c");
	fixture_see(c, 0, "a b c");
	fixture_drop_producer(f, p);
	fixture_publish(f->producers[0] ? f->producers[0] : f->producers[1],
			"d");
	fixture_take(c, "a b c d");
	fixture_drop_producer(f, f->producers[1]);
	assert_int_equal(fixture_info(f).exposed_items, 4);
}

/* The consumer has nothing left to read when the ring jumps ahead. */
static void test_gap_behind_the_last_item(void **state)
{
	struct fixture *f = *state;
	struct ring_consumer_state s;
	struct ring_consumer *c;
	struct ring_item item;
	struct host *former;
	uint64_t end;

	fixture_create(f, NULL);
	former = host_make(f, HOST_A, FIRST_BOOT);
	fixture_publish(fixture_producer(f, &former->options), "a");
	look(f->producers[0]);
	c = fixture_consumer(f, NULL, NULL);
	fixture_take(c, "a");
	assert_int_equal(ring_consumer_state(c, &s), 0);
	end = s.position;
	take_over(f);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(ring_consumer_pop(c, end, &item),
				 -RING_ERR_EMPTY);
		assert_int_equal(ring_consumer_state(c, &s), 0);
		assert_int_equal(s.backlog_items, 0);
		assert_int_equal(s.backlog_bytes, 0);
		assert_true(s.exposed >= s.position);
	}
	assert_int_equal(fixture_info(f).cursors[0].backlog_bytes, 0);
	drop_silently(f, f->producers[0], former);
	fixture_publish(f->producers[1], "b");
	look(f->producers[1]);
	fixture_see(c, end, "b");
	fixture_take(c, "b");
	fixture_drop_producer(f, f->producers[1]);
}

/* A full table of gaps refuses, until the consumer has caught up. */
static void test_takeovers_run_out(void **state)
{
	struct fixture *f = *state;
	const struct ring_create_options roomy = {
		.size_bytes = 8 << 20,
		.max_item_bytes = 1024,
		.max_batch_bytes = 8192,
	};
	struct ring_consumer *c;
	struct host *last = NULL;
	unsigned count = 0;
	int rc = 0;

	fixture_create(f, &roomy);
	while (rc == 0 && count < 40) {
		struct ring_producer *p = NULL;
		struct host *h =
			host_make(f, (uint8_t)(10 + count), FIRST_BOOT);

		count++;
		last = h;
		h->options.takeover = true;
		rc = ring_producer_attach(f->path, &h->options, &p, NULL);
		if (rc != 0)
			break;
		fixture_keep_producer(f, p);
		fixture_publish(p, "x");
		drop_silently(f, p, h);
	}
	assert_int_equal(rc, -RING_ERR_TAKEOVERS);
	assert_in_range(count, 20, 30); /* 24 segments: FORMAT.md 3.1 */
	c = fixture_consumer(f, NULL, NULL);
	fixture_take_all(c);
	/* The last one is seen when somebody has marked it as durable. */
	assert_in_range(fixture_info(f).cursors[0].items, count - 2, count - 1);
	fixture_publish(fixture_producer(f, &last->options), "y");
	fixture_take_all(c);
	assert_int_equal(fixture_info(f).cursors[0].items, count);
}

int main(void)
{
	struct fixture_list list = { 0 };

	fixture_add(&list, "owned on this host", test_owned, NULL);
	fixture_add(&list, "waits for the last I/O of the dead",
		    test_waits_for_the_last_io, NULL);
	fixture_add(&list, "waits no longer than that",
		    test_waits_no_longer_than_that, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(takeover_cases); i++)
		fixture_add(&list, takeover_cases[i].name, test_producer,
			    &takeover_cases[i]);
	for (size_t i = 0; i < ARRAY_SIZE(takeover_cases); i++)
		fixture_add(&list, takeover_cases[i].name, test_consumer,
			    &takeover_cases[i]);
	fixture_add(&list, "former writes are not seen",
		    test_former_writes_are_not_seen, NULL);
	fixture_add(&list, "gap behind the last item",
		    test_gap_behind_the_last_item, NULL);
	fixture_add(&list, "take-overs run out", test_takeovers_run_out, NULL);
	return fixture_run("takeover", &list);
}
