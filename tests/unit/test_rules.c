/*
 * Goal: each rule R1 to R14 (DESIGN.md 2) is needed, and kept.
 * Method: for each rule the course of events that demanded it, step by step,
 * on a simulated disk (tests/lib/crash_rig.h): whose write is under way when,
 * and which of the writes a power cut leaves. tests/mutants has patches that
 * break the rules; most are killed here.
 */
#include "tests/lib/crash_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { HOST_A = 1, HOST_B = 2, HOST_C = 3 };

static uint64_t item_offset(uint64_t position_in_lap)
{
	return RIG_DATA_OFFSET + position_in_lap;
}

/* ---- a disk that lies --------------------------------------------------- */

/* Flushes that do nothing lose what was acknowledged: the judge must see it. */
static const char *run_on(bool lies)
{
	struct rig r;
	struct rig_host h;
	struct ring_producer *p;
	struct sim_disk cut;
	const char *wrong;

	rig_init(&r, &rig_small);
	r.disk.lies = lies;
	p = rig_producer(&h, &r.disk, HOST_A);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(rig_publish(&r, p, 1), 0);
	rig_cut(&r.disk, RIG_NOTHING, &cut);
	cut.lies = false;
	wrong = rig_judge(&r, &cut);
	sim_disk_release(&cut);
	ring_producer_free(p);
	rig_release(&r);
	return wrong;
}

static void test_lying_disk(void **state)
{
	const char *wrong;

	(void)state;
	assert_null(run_on(false));
	wrong = run_on(true);
	assert_non_null(wrong);
	assert_string_equal(wrong, "pushed items are 0, promised are 3 or 3");
}

/* ---- R1: the durable mark ----------------------------------------------- */

/*
 * Only a consumer's position lies behind what is damaged: no checkpoint since.
 * A recovery that took it for the end would give out other items there.
 */
static void test_r1_cursor_vouches(void **state)
{
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct sim_disk cut;

	(void)state;
	rig_init(&r, &rig_big);
	p = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	assert_int_equal(rig_publish(&r, p, 1), 0);
	assert_int_equal(rig_take(&r, c, 1), 0);
	rig_cut(&r.disk, RIG_ALL, &cut);
	rig_flip(&cut, item_offset(100));
	assert_int_equal(rig_try_producer(&cut, HOST_A), -RING_ERR_DAMAGED);
	sim_disk_release(&cut);
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
}

/* A checkpoint vouches for what a consumer reads. */
static void test_r1_checkpoint_vouches(void **state)
{
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct ring_item item;

	(void)state;
	rig_init(&r, &rig_small);
	p = rig_producer(&hp, &r.disk, HOST_A);
	assert_int_equal(rig_publish(&r, p, 2), 0);
	rig_flip(&r.disk, item_offset(100));
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	/* Nobody vouches: it may be a batch that is being written. */
	assert_int_equal(ring_consumer_pop(c, 0, &item), -RING_ERR_EMPTY);
	rig_mark(p);
	assert_int_equal(ring_consumer_pop(c, 0, &item), -RING_ERR_DAMAGED);
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
}

/* Publish and take, lap after lap, while power is cut in every way. */
static void run_laps(const struct rig_shape *shape, unsigned rounds)
{
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer *c;

	rig_init(&r, shape);
	p = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	rig_watch(&r);
	for (unsigned i = 0; i < rounds; i++) {
		assert_int_equal(rig_publish(&r, p, 1), 0);
		if (shape->direct)
			rig_mark(p); /* nothing else proves it */
		assert_int_equal(rig_take(&r, c, 1), 0);
	}
	rig_unwatch(&r);
	assert_true(r.cuts > 0);
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
}

/* A checkpoint never covers what is written beside it. */
static void test_r1_mark_is_behind(void **state)
{
	(void)state;
	run_laps(&rig_small, 20);
	run_laps(&rig_small_direct, 20);
}

/* ---- R2: the end is a commit -------------------------------------------- */

/* Items of three atoms: one can be lost of which nothing else is seen. */
static const struct rig_shape torn = { .name = "torn",
				       .data_bytes = 32 << 10,
				       .item_bytes = 1500 };

/* Power fails while a batch of three items is written: all or none. */
static void test_r2_torn_batch(void **state)
{
	struct rig r;
	struct rig_host h;
	struct ring_producer *p;

	(void)state;
	rig_init(&r, &torn);
	p = rig_producer(&h, &r.disk, HOST_A);
	rig_watch(&r);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(rig_push(&r, p, 3), 0);
	assert_int_equal(rig_expose(&r, p), 0);
	rig_unwatch(&r);
	ring_producer_free(p);
	rig_release(&r);
}

/* ---- R3: padded mode, and one write at a time --------------------------- */

/* Atoms of the data area that were being written hold garbage. */
static void spoil_data(const struct sim_disk *d, struct sim_disk *cut)
{
	static uint8_t garbage[RIG_DATA_OFFSET];
	struct rig_write writes[RIG_WRITES_MAX];
	const size_t count = rig_writes(d, writes);

	memset(garbage, 0xa5, sizeof(garbage));
	for (size_t i = 0; i < count; i++)
		if (writes[i].offset >= RIG_DATA_OFFSET)
			rig_poke(cut, writes[i].offset, garbage, writes[i].len);
}

static void cut_with_garbage(void *ctx, struct sim_disk *d)
{
	struct rig *r = ctx;
	struct sim_disk cut;
	const char *wrong;

	rig_cut(d, RIG_NOTHING, &cut);
	spoil_data(d, &cut);
	r->cuts++;
	wrong = rig_judge(r, &cut);
	sim_disk_release(&cut);
	if (wrong != NULL)
		fail_msg("garbage: %s", wrong);
}

/* An interrupted write leaves garbage: it must hold nothing committed. */
static void test_r3_padded(void **state)
{
	struct rig r;
	struct rig_host h;
	struct ring_producer *p;

	(void)state;
	rig_init(&r, &rig_small_padded);
	p = rig_producer(&h, &r.disk, HOST_A);
	r.disk.point = cut_with_garbage;
	r.disk.point_ctx = &r;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(
			i % 2 ? rig_push(&r, p, 1) : rig_push(&r, p, 2), 0);
	rig_unwatch(&r);
	assert_true(r.cuts > 10);
	ring_producer_free(p);
	rig_release(&r);
}

static bool overlap(const struct rig_write *a, const struct rig_write *b)
{
	return a->offset < b->offset + b->len && b->offset < a->offset + a->len;
}

static void assert_no_overlap(void *ctx, struct sim_disk *d)
{
	unsigned *most = ctx;
	struct rig_write writes[RIG_WRITES_MAX];
	const size_t count = rig_writes(d, writes);
	unsigned under_way = 0;

	for (size_t i = 0; i < count; i++) {
		under_way += !writes[i].is_complete;
		for (size_t k = 0; k < i; k++)
			assert_false(!writes[i].is_complete &&
				     !writes[k].is_complete &&
				     overlap(&writes[i], &writes[k]));
	}
	if (under_way > *most)
		*most = under_way;
}

/* Seals are not waited for; still no two writes in flight meet. */
static void test_r3_no_overlap(void **state)
{
	struct rig r;
	struct rig_host h;
	struct ring_producer *p;
	unsigned most = 0;

	(void)state;
	rig_init(&r, &rig_small_direct);
	p = rig_producer(&h, &r.disk, HOST_A);
	r.disk.point = assert_no_overlap;
	r.disk.point_ctx = &most;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(rig_publish(&r, p, 1), 0);
	rig_unwatch(&r);
	assert_int_equal(most, 2); /* a batch and a checkpoint */
	ring_producer_free(p);
	rig_release(&r);
}

/* ---- R4: visible is not durable ----------------------------------------- */

struct onlooker {
	struct rig *rig;
	struct ring_consumer *consumer;
	uint64_t seen;
};

/*
 * The consumer looks in the middle of the producer's call; then power fails
 * and takes all that it can. What was given must still be there.
 */
static void look_then_cut(void *ctx, struct sim_disk *d)
{
	struct onlooker *o = ctx;
	struct rig *r = o->rig;
	const struct rig_range exposed = r->exposed;
	const char *wrong;
	uint64_t count;

	d->point = NULL; /* the consumer flushes */
	count = rig_read(r, o->consumer, 0, &wrong);
	assert_null(wrong);
	if (count > o->seen)
		o->seen = count;
	if (o->seen > r->exposed.least) {
		r->exposed.least = r->pushed.least = o->seen;
		rig_assert_cut(r, RIG_NOTHING);
		r->exposed = r->pushed = exposed;
	}
	d->point = look_then_cut;
}

static void run_beside_onlooker(const struct rig_shape *shape, uint8_t host)
{
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct onlooker o = { .rig = &r };

	rig_init(&r, shape);
	p = rig_producer(&hp, &r.disk, HOST_A);
	o.consumer = rig_consumer(&hc, &r.disk, host, "a");
	r.disk.point = look_then_cut;
	r.disk.point_ctx = &o;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(rig_publish(&r, p, 1), 0);
	rig_mark(p);
	rig_unwatch(&r);
	/* It did see something: all that was marked or flushed. */
	assert_int_equal(o.seen, 10);
	ring_consumer_free(o.consumer);
	ring_producer_free(p);
	rig_release(&r);
}

static void test_r4_consumer(void **state)
{
	(void)state;
	run_beside_onlooker(&rig_small, HOST_A);
	run_beside_onlooker(&rig_small_direct, HOST_A);
	run_beside_onlooker(&rig_small_direct, HOST_B);
}

/* With direct I/O the producer marks each item, without being asked. */
static void test_r4_sealed_unasked(void **state)
{
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer *c;
	const char *wrong;

	(void)state;
	rig_init(&r, &rig_small_direct);
	p = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, HOST_B, "a");
	for (unsigned i = 1; i < 5; i++) {
		assert_int_equal(rig_publish(&r, p, 1), 0);
		assert_int_equal(rig_read(&r, c, 0, &wrong), i);
	}
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
}

struct freer {
	struct rig *rig;
	struct ring_producer *producer;
	bool tried;
};

/* Whether a write of the first cursor's slot is not flushed yet. */
static bool cursor_is_under_way(const struct sim_disk *d)
{
	const uint64_t slot = RIG_SLOTS_OFFSET + 2 * RIG_ROLE_BYTES;

	struct rig_write writes[RIG_WRITES_MAX];
	const size_t count = rig_writes(d, writes);

	for (size_t i = 0; i < count; i++)
		if (writes[i].offset >= slot &&
		    writes[i].offset < slot + 8 * RIG_STRIDE)
			return true;
	return false;
}

/*
 * In the middle of the consumer's advance the producer uses the space that it
 * would free; in the middle of that, power fails.
 */
static void refill_under_cuts(void *ctx, struct sim_disk *d)
{
	struct freer *f = ctx;
	int rc = 0;

	if (f->tried || !cursor_is_under_way(d))
		return;
	f->tried = true;
	rig_watch(f->rig);
	while (rc == 0)
		rc = rig_publish(f->rig, f->producer, 1);
	assert_int_equal(rc, -RING_ERR_FULL);
	rig_unwatch(f->rig);
}

static void run_refill(const struct rig_shape *shape, uint8_t host)
{
	struct rig r;
	struct rig_host hp, hc;
	struct freer f = { .rig = &r };
	struct ring_consumer *c;

	rig_init(&r, shape);
	f.producer = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, host, "a");
	while (rig_publish(&r, f.producer, 1) == 0)
		assert_in_range(r.exposed.least, 1, 60);
	rig_mark(f.producer);
	r.disk.point = refill_under_cuts;
	r.disk.point_ctx = &f;
	assert_int_equal(rig_take(&r, c, 4), 0);
	assert_true(f.tried);
	rig_unwatch(&r);
	/* When it is durable the space is free. */
	rig_mark(f.producer);
	assert_int_equal(rig_publish(&r, f.producer, 1),
			 shape->direct ? 0 : -RING_ERR_FULL);
	ring_consumer_free(c);
	ring_producer_free(f.producer);
	rig_release(&r);
}

static void test_r4_producer(void **state)
{
	(void)state;
	run_refill(&rig_small, HOST_A);
	run_refill(&rig_small_direct, HOST_A);
	run_refill(&rig_small_direct, HOST_B);
}

/* ---- R5: reuse ---------------------------------------------------------- */

/*
 * A batch that takes most of the ring overwrites what the last checkpoint
 * points at, unless a newer one is durable before. That the cursors are not in
 * the way is known without it.
 */
static const struct rig_shape many_items = { .name = "many items",
					     .data_bytes = 16 << 10,
					     .item_bytes = 200,
					     .max_item = 12000 };

static void test_r5_checkpoint(void **state)
{
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer *c;

	(void)state;
	rig_init(&r, &many_items);
	p = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	rig_watch(&r);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(rig_publish(&r, p, 40), 0);
		assert_int_equal(rig_take(&r, c, 40), 0);
		rig_mark(p); /* it reads the cursors, and does not flush */
	}
	rig_unwatch(&r);
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
	run_laps(&rig_big, 5);
	run_laps(&rig_big_padded, 5);
}

/* One copy of the producer's slot is damaged: the other still serves. */
static void assert_either_copy_serves(struct rig *r)
{
	for (unsigned copy = 0; copy < 8; copy++) {
		struct sim_disk cut;
		const char *wrong;

		rig_cut(&r->disk, RIG_ALL, &cut);
		rig_flip(&cut, RIG_SLOTS_OFFSET + copy * RIG_STRIDE + 200);
		wrong = rig_judge(r, &cut);
		sim_disk_release(&cut);
		if (wrong != NULL)
			fail_msg("copy %u is damaged: %s", copy, wrong);
	}
}

static void test_r5_either_copy(void **state)
{
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer *c;

	(void)state;
	rig_init(&r, &rig_big);
	p = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(rig_publish(&r, p, 1), 0);
		assert_either_copy_serves(&r);
		assert_int_equal(rig_take(&r, c, 1), 0);
	}
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
}

/* Space is held by the slowest cursor, block by block. */
static void test_r5_slowest_cursor(void **state)
{
	static const struct rig_shape two = { .name = "two cursors",
					      .data_bytes = 16 << 10,
					      .item_bytes = 700,
					      .cursors = 2 };
	struct rig r;
	struct rig_host hp, ha, hb;
	struct ring_producer *p;
	struct ring_consumer *a, *b;

	(void)state;
	rig_init(&r, &two);
	p = rig_producer(&hp, &r.disk, HOST_A);
	a = rig_consumer(&ha, &r.disk, HOST_A, "a");
	b = rig_consumer(&hb, &r.disk, HOST_A, "b");
	for (unsigned i = 0; i < 20; i++) {
		struct ring_item item;

		while (rig_publish(&r, p, 1) == 0) {
			rig_assert_cut(&r, RIG_ALL);
			assert_in_range(r.exposed.least, 1, 60);
		}
		while (rig_take(&r, a, 3) == 0)
			;
		assert_int_equal(ring_consumer_pop(b, 0, &item), 0);
		assert_int_equal(ring_consumer_advance(b, item.next, NULL), 0);
		rig_assert_cut(&r, RIG_ALL);
	}
	assert_true(r.exposed.least >= 20);
	ring_consumer_free(a);
	ring_consumer_free(b);
	ring_producer_free(p);
	rig_release(&r);
}

/* ---- R6: slot pairs ----------------------------------------------------- */

/* A power cut at one point, that leaves every slot write torn. */
struct tear {
	unsigned at, points;
	struct sim_disk cut;
	bool happened;
};

static void tear_here(void *ctx, struct sim_disk *d)
{
	struct tear *t = ctx;
	struct sim_disk cut;

	if (t->points++ != t->at)
		return;
	rig_cut(d, RIG_FIRST_ATOMS, &cut);
	sim_disk_flatten(&cut, &t->cut);
	sim_disk_release(&cut);
	t->happened = true;
}

/*
 * An attach is torn, and so is one of the next ones, of which the fourth comes
 * back to the same pair. At no time are both copies of a pair torn.
 */
static bool run_torn_attaches(unsigned at)
{
	struct tear tear = { .at = at };
	struct rig r;
	struct rig_host h;

	rig_init(&r, &rig_small);
	r.disk.point = tear_here;
	r.disk.point_ctx = &tear;
	rig_kill_producer(&h, rig_producer(&h, &r.disk, HOST_A));
	rig_unwatch(&r);
	if (tear.happened) {
		sim_disk_release(&r.disk);
		r.disk = tear.cut;
		for (unsigned i = 0; i < 5; i++) {
			if (i != 1 && i != 2)
				rig_watch(&r);
			rig_kill_producer(&h,
					  rig_producer(&h, &r.disk, HOST_A));
			rig_unwatch(&r);
		}
	}
	rig_release(&r);
	return tear.happened;
}

static void test_r6_torn_pairs(void **state)
{
	unsigned at = 0;

	(void)state;
	while (run_torn_attaches(at))
		at++;
	assert_in_range(at, 6, 60);
}

/*
 * The slot is written again and again, flushed or not: one copy stays. (Each
 * write changes several atoms, for the cursor's position is repeated in it.)
 */
static void test_r6_seals(void **state)
{
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer *c;

	(void)state;
	rig_init(&r, &rig_small_direct);
	p = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	rig_watch(&r);
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(rig_publish(&r, p, 1), 0);
		rig_mark(p); /* and the seal has landed */
		assert_int_equal(rig_take(&r, c, 1), 0);
		rig_mark(p);
	}
	rig_unwatch(&r);
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
}

/*
 * A seal is under way beside the next commit, whose flush need not cover it:
 * the next seal goes to the same copy again.
 */
static void test_r6_seals_under_way(void **state)
{
	/* No checkpoint is due meanwhile. */
	static const struct rig_shape shape = { .name = "roomy, direct",
						.data_bytes = 256 << 10,
						.item_bytes = 700,
						.direct = true };
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer *c;
	unsigned taken = 0;

	(void)state;
	rig_init(&r, &shape);
	p = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	rig_watch(&r);
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(rig_publish(&r, p, 1), 0);
		/* What is under way may be visible, or not yet. */
		taken += rig_take(&r, c, 1) == 0;
		hp.system.monotonic_ns += 10000000; /* a look is due */
	}
	rig_unwatch(&r);
	assert_true(taken > 1);
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lying_disk),
		cmocka_unit_test(test_r1_cursor_vouches),
		cmocka_unit_test(test_r1_checkpoint_vouches),
		cmocka_unit_test(test_r1_mark_is_behind),
		cmocka_unit_test(test_r2_torn_batch),
		cmocka_unit_test(test_r3_padded),
		cmocka_unit_test(test_r3_no_overlap),
		cmocka_unit_test(test_r4_consumer),
		cmocka_unit_test(test_r4_sealed_unasked),
		cmocka_unit_test(test_r4_producer),
		cmocka_unit_test(test_r5_checkpoint),
		cmocka_unit_test(test_r5_either_copy),
		cmocka_unit_test(test_r5_slowest_cursor),
		cmocka_unit_test(test_r6_torn_pairs),
		cmocka_unit_test(test_r6_seals),
		cmocka_unit_test(test_r6_seals_under_way),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
