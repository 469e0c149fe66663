/*
 * Goal: the rules between the sides, R8, R12 and R14 (DESIGN.md 2), are
 * needed, and kept; likewise the steps of create. More in test_rules.c.
 * Method: for each the course of events that demanded it, on a simulated disk:
 * one side's call at each step of the other's, lost writes, power cuts.
 */
#include "tests/lib/crash_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { HOST_A = 1, HOST_B = 2 };

static bool is_suspended(struct ring_producer *p)
{
	struct ring_producer_state s;

	assert_int_equal(ring_producer_state(p, &s), 0);
	return s.suspended;
}

static bool has_ack(struct ring_consumer *c)
{
	struct ring_consumer_state s;

	assert_int_equal(ring_consumer_state(c, &s), 0);
	return s.suspend_acked;
}

/* What a look from outside says, after a cut that took all it could. */
static bool is_suspended_after_cut(const struct sim_disk *d)
{
	struct ring_info info;
	struct sim_disk cut;
	struct rig_host h;

	rig_cut(d, RIG_NOTHING, &cut);
	rig_host(&h, &cut, HOST_A);
	assert_int_equal(ring_info("sim", &h.options, &info), 0);
	ring_io_close(&h.io.io);
	sim_disk_release(&cut);
	return info.suspended;
}

/* ---- R8: the order of a consumer's reads -------------------------------- */

/* The producer publishes, and marks it, at one step of the consumer's pop. */
struct publisher {
	struct rig *rig;
	struct ring_producer *producer;
	unsigned at, steps;
};

static void publish_here(void *ctx)
{
	struct publisher *b = ctx;

	if (b->steps++ != b->at)
		return;
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(rig_publish(b->rig, b->producer, 1), 0);
	rig_mark(b->producer);
}

static bool run_publisher(unsigned at)
{
	struct rig r;
	struct rig_host hp, hc;
	struct publisher b = { .rig = &r, .at = at };
	struct ring_consumer *c;
	struct ring_item item;
	int rc;

	rig_init(&r, &rig_small);
	b.producer = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	hc.io.on_start = publish_here;
	hc.io.on_start_ctx = &b;
	rc = ring_consumer_pop(c, 0, &item);
	hc.io.on_start = NULL;
	assert_true(rc == 0 || rc == -RING_ERR_EMPTY);
	if (b.steps > at) {
		assert_int_equal(ring_consumer_pop(c, 0, &item), 0);
		assert_int_equal(item.sequence, 0);
	}
	ring_consumer_free(c);
	ring_producer_free(b.producer);
	rig_release(&r);
	return b.steps > at;
}

/* What was not there yet when it was read is not damage. */
static void test_r8_published_meanwhile(void **state)
{
	unsigned at = 0;

	(void)state;
	while (run_publisher(at))
		at++;
	assert_in_range(at, 2, 20);
}

/*
 * The former owner's last batch arrives at one point of the attach of a new
 * one; a consumer on the new one's host looks at once, or is just looking.
 */
struct late_batch {
	struct rig *rig;
	struct ring_producer *former;
	struct ring_consumer *consumer;
	unsigned at, points;
	uint64_t seen;
};

static void late_batch_arrives(void *ctx, struct sim_disk *d)
{
	struct late_batch *b = ctx;
	const char *wrong;
	int rc;

	if (b->points++ != b->at)
		return;
	d->point = NULL;
	rc = rig_publish(b->rig, b->former, 1);
	assert_true(rc == 0 || rc == -RING_ERR_FENCED);
	b->seen = rig_read(b->rig, b->consumer, 0, &wrong);
	assert_null(wrong);
	d->point = late_batch_arrives;
}

static bool run_late_batch(unsigned at)
{
	struct rig r;
	struct rig_host ha, hb, hc;
	struct late_batch b = { .rig = &r, .at = at };
	struct ring_producer_state s;
	struct ring_producer *p = NULL;
	int rc;

	rig_init(&r, &rig_small);
	b.former = rig_producer(&ha, &r.disk, HOST_A);
	b.consumer = rig_consumer(&hc, &r.disk, HOST_B, "a");
	r.disk.point = late_batch_arrives;
	r.disk.point_ctx = &b;
	rig_host(&hb, &r.disk, HOST_B);
	rc = ring_producer_attach("sim", &hb.options, &p, &s);
	rig_unwatch(&r);
	if (rc == 0)
		assert_true(s.exposed_items >= b.seen);
	else
		ring_io_close(&hb.io.io);
	rig_kill_producer(&ha, b.former);
	ring_producer_free(p);
	ring_consumer_free(b.consumer);
	rig_release(&r);
	return b.points > at;
}

/* What a consumer is given while a producer recovers stays. */
static void test_r8_recovery(void **state)
{
	unsigned at = 0;

	(void)state;
	while (run_late_batch(at))
		at++;
	assert_in_range(at, 6, 60);
}

/* The consumer only sees the slot, up to the moment when the batch arrives. */
static void look_until_late_batch(void *ctx, struct sim_disk *d)
{
	struct late_batch *b = ctx;
	struct ring_consumer_state s;

	d->point = NULL;
	assert_int_equal(ring_consumer_state(b->consumer, &s), 0);
	if (b->points++ == b->at) {
		(void)rig_publish(b->rig, b->former, 1);
		return;
	}
	d->point = look_until_late_batch;
}

/*
 * The same, but the consumer reads on only when that producer has gone, and
 * another epoch has begun: what is there of a former one counts for nothing.
 */
static bool run_two_epochs(unsigned at)
{
	struct rig r;
	struct rig_host ha, hb, hc;
	struct late_batch b = { .rig = &r, .at = at };
	struct ring_producer_state s;
	struct ring_consumer_state cs;
	struct ring_producer *p;
	const char *wrong;

	rig_init(&r, &rig_small);
	b.former = rig_producer(&ha, &r.disk, HOST_A);
	b.consumer = rig_consumer(&hc, &r.disk, HOST_B, "a");
	r.disk.point = look_until_late_batch;
	r.disk.point_ctx = &b;
	if (rig_try_producer(&r.disk, HOST_B) == 0) {
		rig_unwatch(&r);
		p = rig_producer(&hb, &r.disk, HOST_B);
		assert_int_equal(ring_producer_state(p, &s), 0);
		assert_int_equal(rig_read(&r, b.consumer, 0, &wrong),
				 s.exposed_items);
		assert_null(wrong);
		assert_int_equal(ring_consumer_state(b.consumer, &cs), 0);
		assert_int_equal(cs.backlog_items, s.exposed_items);
		ring_producer_free(p);
	}
	rig_unwatch(&r);
	rig_kill_producer(&ha, b.former);
	ring_consumer_free(b.consumer);
	rig_release(&r);
	return b.points > at;
}

static void test_r8_two_epochs(void **state)
{
	unsigned at = 0;

	(void)state;
	while (run_two_epochs(at))
		at++;
	assert_in_range(at, 6, 60);
}

/*
 * A reader on sight, with direct I/O, that has read nothing yet: what a fenced
 * owner wrote late is not in the ring, though it is valid by what that reader
 * knows of the producer.
 */
static void test_r8_late_batch_on_sight(void **state)
{
	struct rig r;
	struct rig_host ha, hb, hc;
	struct ring_producer *former, *p;
	struct ring_consumer *c;
	struct ring_item item;

	(void)state;
	rig_init(&r, &rig_small_direct);
	former = rig_producer(&ha, &r.disk, HOST_A);
	rig_host(&hc, &r.disk, HOST_B);
	hc.options.deliver = RING_DELIVER_VISIBLE;
	assert_int_equal(
		ring_consumer_attach("sim", "a", &hc.options, &c, NULL), 0);
	p = rig_producer(&hb, &r.disk, HOST_B);
	assert_int_equal(rig_publish(&r, former, 1), -RING_ERR_FENCED);
	assert_int_equal(ring_consumer_pop(c, 0, &item), -RING_ERR_EMPTY);
	rig_kill_producer(&ha, former);
	ring_producer_free(p);
	ring_consumer_free(c);
	rig_release(&r);
}

/* ---- R12: suspend ------------------------------------------------------- */

/* A producer looks while a request is written. */
struct looker {
	struct ring_producer *producer;
	bool saw;
};

static void producer_looks(void *ctx, struct sim_disk *d)
{
	struct looker *l = ctx;

	d->point = NULL;
	if (is_suspended(l->producer)) {
		struct rig_host h;
		struct ring_info info;
		struct sim_disk cut;

		/* Then it stays so, whatever is lost. */
		rig_cut(d, RIG_NOTHING, &cut);
		rig_host(&h, &cut, HOST_A);
		assert_int_equal(ring_info("sim", &h.options, &info), 0);
		assert_true(info.cursors[0].suspend_requested);
		ring_io_close(&h.io.io);
		sim_disk_release(&cut);
		l->saw = true;
	}
	d->point = producer_looks;
}

static void run_request(const struct rig_shape *shape, uint8_t host)
{
	struct rig r;
	struct rig_host hp, hc;
	struct looker l = { 0 };
	struct ring_consumer *c;

	rig_init(&r, shape);
	l.producer = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, host, "a");
	r.disk.point = producer_looks;
	r.disk.point_ctx = &l;
	assert_int_equal(ring_consumer_suspend(c), 0);
	/* Through one cache it may flush, and answer at once. */
	assert_true(l.saw || shape->direct);
	rig_unwatch(&r);
	assert_true(is_suspended(l.producer));
	ring_consumer_free(c);
	ring_producer_free(l.producer);
	rig_release(&r);
}

/* A request is durable before it is answered. */
static void test_r12_request(void **state)
{
	(void)state;
	run_request(&rig_small, HOST_A);
	run_request(&rig_small_direct, HOST_A);
	run_request(&rig_small_direct, HOST_B);
}

/* A producer that only ever publishes looks now and then, and stops. */
static void test_r12_busy_producer(void **state)
{
	enum { TIMES = 3, LONG_NS = 2000000000 };
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer *c;
	int rc = 0;

	(void)state;
	rig_init(&r, &rig_small_direct);
	p = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	assert_int_equal(rig_publish(&r, p, 1), 0);
	assert_int_equal(ring_consumer_suspend(c), 0);
	for (unsigned i = 0; rc == 0 && i < TIMES; i++) {
		hp.system.monotonic_ns += LONG_NS;
		rc = rig_publish(&r, p, 1);
	}
	assert_int_equal(rc, -RING_ERR_SUSPENDED);
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
}

/* A consumer looks while the acknowledgement is written. */
struct asker {
	struct ring_consumer *consumer;
	bool saw;
};

static void asker_looks(void *ctx, struct sim_disk *d)
{
	struct asker *a = ctx;

	d->point = NULL;
	if (has_ack(a->consumer)) {
		assert_true(is_suspended_after_cut(d));
		a->saw = true;
	}
	d->point = asker_looks;
}

/* What was seen acknowledged stays so (also R4). */
static void test_r12_ack_to_consumer(void **state)
{
	struct rig r;
	struct rig_host hp, hc;
	struct asker a = { 0 };
	struct ring_producer *p;

	(void)state;
	rig_init(&r, &rig_small);
	p = rig_producer(&hp, &r.disk, HOST_A);
	a.consumer = rig_consumer(&hc, &r.disk, HOST_A, "a");
	assert_int_equal(ring_consumer_suspend(a.consumer), 0);
	r.disk.point = asker_looks;
	r.disk.point_ctx = &a;
	assert_true(is_suspended(p));
	rig_unwatch(&r);
	assert_true(a.saw);
	ring_consumer_free(a.consumer);
	ring_producer_free(p);
	rig_release(&r);
}

/* The producer writes its answer while the operator waits; no flush ends. */
struct answerer {
	struct rig *rig;
	struct ring_producer *producer;
};

static void answer_unflushed(void *ctx)
{
	struct answerer *a = ctx;

	a->rig->disk.lies = true;
	assert_true(is_suspended(a->producer));
	a->rig->disk.lies = false;
}

static void test_r12_ack_to_operator(void **state)
{
	struct rig r;
	struct rig_host hp, ho;
	struct answerer a = { .rig = &r };

	(void)state;
	rig_init(&r, &rig_small);
	a.producer = rig_producer(&hp, &r.disk, HOST_A);
	rig_host(&ho, &r.disk, HOST_A);
	ho.system.on_sleep = answer_unflushed;
	ho.system.on_sleep_ctx = &a;
	assert_int_equal(ring_operator_suspend("sim", 1000, &ho.options), 0);
	assert_true(is_suspended_after_cut(&r.disk));
	ring_io_close(&ho.io.io);
	ring_producer_free(a.producer);
	rig_release(&r);
}

/*
 * A cursor leaves, and the space that only it held is used at once: its leave
 * must be durable before, or a recovery finds it there without its items.
 */
static void test_r12_leave(void **state)
{
	static const struct rig_shape two = { .name = "two cursors",
					      .data_bytes = 16 << 10,
					      .item_bytes = 700,
					      .cursors = 2 };
	struct rig r;
	struct rig_host hp, ha, hm;
	struct ring_producer *p;
	struct ring_consumer *a;

	(void)state;
	rig_init(&r, &two);
	p = rig_producer(&hp, &r.disk, HOST_A);
	a = rig_consumer(&ha, &r.disk, HOST_A, "a");
	while (rig_publish(&r, p, 1) == 0)
		assert_int_equal(rig_take(&r, a, 1), 0);
	rig_host(&hm, &r.disk, HOST_A);
	assert_int_equal(ring_member_remove("sim", "b", 0, &hm.options),
			 -RING_ERR_TIMEOUT);
	ring_io_close(&hm.io.io);
	r.shape.cursors = 1; /* that the judge expects */
	rig_watch(&r);
	rig_mark(p);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(rig_publish(&r, p, 1), 0);
	rig_unwatch(&r);
	ring_consumer_free(a);
	ring_producer_free(p);
	rig_release(&r);
}

/* ---- a cursor's lost write ---------------------------------------------- */

/* The slot forgot an advance that the producer had seen: it still stands. */
static void test_lost_advance(void **state)
{
	static uint8_t slot[8 * RIG_STRIDE];
	const uint64_t offset = RIG_SLOTS_OFFSET + 2 * RIG_ROLE_BYTES;
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct ring_item item;

	(void)state;
	rig_init(&r, &rig_small);
	p = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	assert_int_equal(rig_publish(&r, p, 3), 0);
	sim_disk_peek(&r.disk, offset, slot, sizeof(slot));
	assert_int_equal(rig_take(&r, c, 2), 0);
	rig_mark(p); /* sees it */
	rig_mark(p); /* repeats it */
	rig_kill_consumer(&hc, c);
	rig_poke(&r.disk, offset, slot, sizeof(slot));
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	assert_int_equal(ring_consumer_pop(c, 0, &item), 0);
	assert_int_equal(item.sequence, 2);
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
}

/* ---- R14: identity ------------------------------------------------------ */

static void create_again(struct sim_disk *d)
{
	static const char *const names[] = { "a" };
	const struct ring_create_options create = { .block_bytes = 512,
						    .cursor_slots = RIG_CURSORS,
						    .consumers = names,
						    .consumer_count = 1,
						    .force = true };
	struct rig_host h;
	int rc;

	rig_host(&h, d, HOST_A);
	rc = ring_create("sim", &create, &h.options);
	ring_io_close(&h.io.io);
	if (rc != 0)
		fail_msg("create: %s", h.fault.text);
}

/*
 * An earlier ring on the device had the same shape, epochs and item sizes, and
 * one batch more than the new one: its next batch fits in every number.
 */
static void test_r14_earlier_ring(void **state)
{
	struct rig r;
	struct rig_host h;
	struct ring_producer *p;

	(void)state;
	rig_init(&r, &rig_small);
	p = rig_producer(&h, &r.disk, HOST_A);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(rig_publish(&r, p, 1), 0);
	ring_producer_free(p);
	create_again(&r.disk);
	r.pushed = r.exposed = (struct rig_range){ 0, 0 };
	p = rig_producer(&h, &r.disk, HOST_A);
	assert_int_equal(rig_publish(&r, p, 1), 0);
	rig_assert_cut(&r, RIG_ALL);
	ring_producer_free(p);
	rig_release(&r);
}

/* ---- create ------------------------------------------------------------- */

/*
 * Power fails while a ring is made over another one: it is the old one, none
 * at all, or the new one, whole.
 */
static void assert_whole_or_none(void *ctx, struct sim_disk *d)
{
	unsigned *count = ctx;

	for (unsigned which = 0; which < RIG_SURVIVORS; which++) {
		struct ring_info info;
		struct sim_disk cut;
		struct rig_host h;
		int rc;

		rig_cut(d, which, &cut);
		rig_host(&h, &cut, HOST_A);
		rc = ring_info("sim", &h.options, &info);
		ring_io_close(&h.io.io);
		assert_true(rc == 0 || rc == -RING_ERR_NOT_A_RING ||
			    rc == -RING_ERR_SUPERBLOCK);
		if (rc == 0)
			assert_int_equal(rig_try_producer(&cut, HOST_A), 0);
		sim_disk_release(&cut);
		++*count;
	}
}

static void test_create(void **state)
{
	struct rig r;
	struct rig_host h;
	struct ring_producer *p;
	unsigned count = 0;

	(void)state;
	rig_init(&r, &rig_small);
	p = rig_producer(&h, &r.disk, HOST_A);
	assert_int_equal(rig_publish(&r, p, 2), 0);
	ring_producer_free(p);
	r.disk.point = assert_whole_or_none;
	r.disk.point_ctx = &count;
	create_again(&r.disk);
	rig_unwatch(&r);
	assert_true(count > 100);
	r.pushed = r.exposed = (struct rig_range){ 0, 0 };
	rig_assert_cuts(&r); /* durable when it returns */
	rig_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_r8_published_meanwhile),
		cmocka_unit_test(test_r8_recovery),
		cmocka_unit_test(test_r8_two_epochs),
		cmocka_unit_test(test_r8_late_batch_on_sight),
		cmocka_unit_test(test_r12_request),
		cmocka_unit_test(test_r12_busy_producer),
		cmocka_unit_test(test_r12_ack_to_consumer),
		cmocka_unit_test(test_r12_ack_to_operator),
		cmocka_unit_test(test_r12_leave),
		cmocka_unit_test(test_lost_advance),
		cmocka_unit_test(test_r14_earlier_ring),
		cmocka_unit_test(test_create),
	};

	return cmocka_run_group_tests_name("rules of the sides", tests, NULL,
					   NULL);
}
