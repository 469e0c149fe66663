/*
 * Goal: the rules of an attach, R7, R9, R10 and R13 (DESIGN.md 2), are needed,
 * and kept. More in test_rules.c.
 * Method: for each the course of events that demanded it, on a simulated disk:
 * an owner that writes at each point of the attach, writes that land late,
 * power cuts.
 */
#include "tests/lib/crash_rig.h"
#include "tests/lib/stale_io.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { HOST_A = 1, HOST_B = 2 };

/* ---- R7: the order of an attach ----------------------------------------- */

/*
 * An attach that finds damage puts the slot back: two writes in a row, of
 * which a power cut must not tear both.
 */
static void assert_still_damaged(void *ctx, struct sim_disk *d)
{
	unsigned *count = ctx;

	for (unsigned which = 0; which < RIG_SURVIVORS; which++) {
		struct sim_disk cut;

		rig_cut(d, which, &cut);
		assert_int_equal(rig_try_producer(&cut, HOST_A),
				 -RING_ERR_DAMAGED);
		sim_disk_release(&cut);
		++*count;
	}
}

static const struct rig_shape big_direct = { .name = "big items, direct",
					     .data_bytes = 16 << 10,
					     .item_bytes = 12000,
					     .max_item = 12000,
					     .direct = true };

static void test_r7_attach_that_fails(void **state)
{
	struct rig r;
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct sim_disk cut;
	unsigned count = 0;

	(void)state;
	rig_init(&r, &big_direct);
	p = rig_producer(&hp, &r.disk, HOST_A);
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	assert_int_equal(rig_publish(&r, p, 1), 0);
	assert_int_equal(rig_take(&r, c, 1), 0);
	/* The seal is lost: only the cursor vouches for the item. */
	rig_cut(&r.disk, RIG_NOTHING, &cut);
	rig_flip(&cut, RIG_DATA_OFFSET + 100);
	cut.point = assert_still_damaged;
	cut.point_ctx = &count;
	assert_int_equal(rig_try_producer(&cut, HOST_A), -RING_ERR_DAMAGED);
	assert_true(count > 0);
	sim_disk_release(&cut);
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
}

/* The owner publishes at one point of the newcomer's attach. */
struct intrusion {
	struct rig *rig;
	struct rig_host host;
	struct ring_producer *owner;
	bool is_cut_off; /* before its flush; what it wrote has arrived */
	unsigned at, points;
	bool happened;
};

static void owner_publishes(struct intrusion *i)
{
	struct rig *r = i->rig;
	int rc;

	r->disk.point = NULL;
	if (i->is_cut_off) {
		r->disk.lies = true;
		i->host.io.fails_at = i->host.io.starts + 1;
		i->host.io.moment = FAIL_AFTER;
	}
	rc = rig_publish(r, i->owner, 1);
	assert_true(rc == (i->is_cut_off ? -EIO : 0) || rc == -RING_ERR_FENCED);
	r->disk.lies = false;
	i->happened = true;
}

static void intrude_here(void *ctx, struct sim_disk *d)
{
	struct intrusion *i = ctx;

	if (!i->happened && i->points++ == i->at)
		owner_publishes(i);
	else if (i->happened)
		rig_assert_cuts(i->rig);
	d->point = intrude_here;
}

/* Who finds the owner alive asks again. */
static struct ring_producer *take_over(struct rig_host *h, struct sim_disk *d,
				       uint8_t number)
{
	struct ring_producer *p = NULL;
	int rc;

	do {
		rig_host(h, d, number);
		rc = ring_producer_attach("sim", &h->options, &p, NULL);
		if (rc != 0)
			ring_io_close(&h->io.io);
	} while (rc == -RING_ERR_ALIVE);
	if (rc != 0)
		fail_msg("%s", h->fault.text);
	return p;
}

static bool run_intrusion(unsigned at, bool is_cut_off)
{
	struct rig r;
	struct rig_host hb;
	struct intrusion i = { .rig = &r, .at = at, .is_cut_off = is_cut_off };
	struct ring_producer *p;

	rig_init(&r, &rig_small_direct);
	i.owner = rig_producer(&i.host, &r.disk, HOST_A);
	assert_int_equal(rig_publish(&r, i.owner, 2), 0);
	r.disk.point = intrude_here;
	r.disk.point_ctx = &i;
	p = take_over(&hb, &r.disk, HOST_B);
	rig_unwatch(&r);
	assert_int_equal(rig_adopt(&r, p), 0);
	assert_int_equal(rig_publish(&r, p, 1), 0);
	rig_assert_cuts(&r);
	rig_kill_producer(&i.host, i.owner);
	ring_producer_free(p);
	rig_release(&r);
	return i.happened;
}

/*
 * What the former owner was told is published is found; and what it has on
 * its way is found durably or not at all.
 */
static void test_r7_owner_publishes_meanwhile(void **state)
{
	(void)state;
	for (unsigned cut_off = 0; cut_off < 2; cut_off++) {
		unsigned at = 0;

		while (run_intrusion(at, cut_off))
			at++;
		assert_in_range(at, 6, 60);
	}
}

/* ---- R9: epochs; R10: the gap ------------------------------------------- */

/* Data that a host has on its way; it lands when it likes. */
struct late_write {
	uint64_t offset;
	size_t len;
	uint8_t *data;
};

/* The data that a disk has not flushed: of one write, the only one. */
static struct late_write data_under_way(const struct sim_disk *d)
{
	struct rig_write writes[RIG_WRITES_MAX];
	const size_t count = rig_writes(d, writes);
	struct late_write late = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct rig_write *w = &writes[i];

		if (w->offset < RIG_DATA_OFFSET)
			continue;
		assert_null(late.data);
		late = (struct late_write){ w->offset, w->len, malloc(w->len) };
		assert_non_null(late.data);
		rig_write_bytes(d, w, late.data);
	}
	assert_non_null(late.data);
	return late;
}

/*
 * What publishing one item now, after another attach, would write to the data
 * area. Nothing of it happens on the disk.
 */
static struct late_write write_under_way(struct rig *r)
{
	const struct rig_range before = r->pushed;
	struct late_write late;
	struct sim_disk copy;
	struct rig_host h;
	struct ring_producer *p;

	rig_cut(&r->disk, RIG_ALL, &copy);
	p = rig_producer(&h, &copy, HOST_A);
	copy.lies = true; /* keeps the writes */
	assert_int_equal(rig_publish(r, p, 1), 0);
	late = data_under_way(&copy);
	rig_kill_producer(&h, p);
	sim_disk_release(&copy);
	r->pushed = r->exposed = before;
	return late;
}

static void land(struct sim_disk *d, struct late_write *late)
{
	rig_poke(d, late->offset, late->data, late->len);
	free(late->data);
}

/*
 * A producer was killed, another one attached at its end, on the same host and
 * so without a gap. A batch of the first lands there: it is of a former epoch.
 */
static void test_r9_former_epoch_at_the_end(void **state)
{
	struct rig r;
	struct rig_host h;
	struct late_write late;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct rig_host hc;
	const char *wrong;

	(void)state;
	rig_init(&r, &rig_small);
	p = rig_producer(&h, &r.disk, HOST_A);
	assert_int_equal(rig_publish(&r, p, 1), 0);
	rig_kill_producer(&h, p);
	late = write_under_way(&r); /* by epoch 3 */
	rig_kill_producer(&h, rig_producer(&h, &r.disk, HOST_A)); /* 3 */
	p = rig_producer(&h, &r.disk, HOST_A);                    /* 4 */
	land(&r.disk, &late);
	c = rig_consumer(&hc, &r.disk, HOST_A, "a");
	assert_int_equal(rig_read(&r, c, 0, &wrong), 1);
	assert_null(wrong);
	rig_assert_cut(&r, RIG_ALL);
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&r);
}

/*
 * The former owner's batch is seen, perhaps, while it is on its way: no flush
 * covers it. Who takes over and counts it must have it durably (R4).
 */
static uint64_t run_batch_in_flight(uint64_t seed)
{
	struct rig r;
	struct rig_host h;
	struct late_write late;
	struct ring_producer *p;
	struct ring_io *former;
	struct ring_io_batch batch = { .count = 1 };
	uint64_t counted;

	rig_init(&r, &rig_small_direct);
	r.disk.rng = seed; /* what is seen of it */
	late = write_under_way(&r);
	rig_kill_producer(&h, rig_producer(&h, &r.disk, HOST_A));
	former = sim_disk_open(&r.disk);
	batch.ops[0] = (struct ring_io_op){ .kind = RING_IO_WRITE,
					    .offset_bytes = late.offset,
					    .buf = late.data,
					    .len_bytes = late.len };
	assert_int_equal(former->ops->start(former, &batch), 0);
	r.pushed.most = r.exposed.most = 1;
	p = rig_producer(&h, &r.disk, HOST_B);
	assert_int_equal(rig_adopt(&r, p), 0);
	counted = r.pushed.least;
	rig_assert_cuts(&r);
	ring_io_close(former);
	rig_assert_cuts(&r);
	free(late.data);
	ring_producer_free(p);
	rig_release(&r);
	return counted;
}

static void test_r4_batch_in_flight(void **state)
{
	uint64_t counted = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 32; seed++)
		counted += run_batch_in_flight(seed);
	assert_in_range(counted, 1, 31);
}

/* An item and its commit reach into the last block of the largest batch. */
static const struct rig_shape full_batch = { .name = "full batch",
					     .data_bytes = 48 << 10,
					     .item_bytes = 11856,
					     .max_item = 11856 };

/* An attach whose I/O fails from the n-th batch on; whether it failed. */
static bool attach_fails(struct sim_disk *d, unsigned n)
{
	struct ring_producer *p = NULL;
	struct rig_host h;
	int rc;

	rig_host(&h, d, HOST_B);
	h.io.fails_at = n;
	h.io.persists = true;
	rc = ring_producer_attach("sim", &h.options, &p, NULL);
	if (rc == 0)
		rig_kill_producer(&h, p);
	else
		ring_io_close(&h.io.io);
	return rc < 0;
}

/*
 * The largest batch of the former owner lands after the new one has published:
 * in the gap, so it hits nothing. The new one may have needed two attempts.
 */
static bool run_late_batch(unsigned first_fails_at)
{
	struct rig r;
	struct rig_host h;
	struct late_write late;
	struct ring_producer *p;
	bool failed;

	rig_init(&r, &full_batch);
	late = write_under_way(&r);
	rig_kill_producer(&h, rig_producer(&h, &r.disk, HOST_A));
	failed = attach_fails(&r.disk, first_fails_at);
	p = rig_producer(&h, &r.disk, HOST_B);
	assert_int_equal(rig_publish(&r, p, 1), 0);
	land(&r.disk, &late);
	rig_assert_cut(&r, RIG_ALL);
	ring_producer_free(p);
	rig_release(&r);
	return failed;
}

static void test_r10_late_batch(void **state)
{
	unsigned at = 1;

	(void)state;
	while (run_late_batch(at))
		at++;
	assert_in_range(at, 10, 60);
}

/*
 * The ring is full of what is pushed: behind a gap no commit would fit, and
 * nothing could be exposed or dropped any more. So there is no take-over.
 */
static void test_r10_no_room_for_the_gap(void **state)
{
	struct ring_producer *p = NULL;
	struct rig_host h;
	struct rig r;

	(void)state;
	rig_init(&r, &rig_small);
	p = rig_producer(&h, &r.disk, HOST_A);
	while (rig_push(&r, p, 1) == 0)
		;
	rig_kill_producer(&h, p);
	assert_int_equal(rig_try_producer(&r.disk, HOST_B),
			 -RING_ERR_TAKEOVERS);
	rig_host(&h, &r.disk, HOST_B);
	h.options.former_is_off = true;
	assert_int_equal(ring_producer_attach("sim", &h.options, &p, NULL), 0);
	assert_int_equal(rig_expose(&r, p), 0);
	rig_assert_cuts(&r);
	ring_producer_free(p);
	rig_release(&r);
}

/* ---- R13: storage, not cache -------------------------------------------- */

/*
 * A flush failed: the producer died of it, and its pages are clean and show a
 * batch that storage never got. The next one must not count it.
 */
static void test_r13_failed_write_back(void **state)
{
	struct late_write page;
	struct stale_io stale;
	struct ring_producer_state s;
	struct ring_producer *p;
	struct sim_disk storage;
	struct rig_host h;
	struct rig r;

	(void)state;
	rig_init(&r, &rig_small);
	p = rig_producer(&h, &r.disk, HOST_A);
	assert_int_equal(rig_publish(&r, p, 1), 0);
	r.disk.lies = true;
	assert_int_equal(rig_publish(&r, p, 1), 0);
	page = data_under_way(&r.disk);
	rig_cut(&r.disk, RIG_NOTHING, &storage);
	rig_kill_producer(&h, p);
	storage.lies = false;
	rig_host(&h, &storage, HOST_A);
	stale_io_init(&stale, &h.io.io,
		      (struct stale_page){ page.offset, page.len, page.data });
	h.options.io = &stale.io;
	assert_int_equal(ring_producer_attach("sim", &h.options, &p, &s), 0);
	assert_int_equal(s.pushed_items, 1);
	ring_producer_free(p);
	free(page.data);
	sim_disk_release(&storage);
	rig_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_r7_attach_that_fails),
		cmocka_unit_test(test_r7_owner_publishes_meanwhile),
		cmocka_unit_test(test_r9_former_epoch_at_the_end),
		cmocka_unit_test(test_r4_batch_in_flight),
		cmocka_unit_test(test_r10_late_batch),
		cmocka_unit_test(test_r10_no_room_for_the_gap),
		cmocka_unit_test(test_r13_failed_write_back),
	};

	return cmocka_run_group_tests_name("rules of attach", tests, NULL,
					   NULL);
}
