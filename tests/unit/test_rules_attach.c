/*
 * Goal: the rules of taking a role, R7, R9 to R11 and R13 (DESIGN.md 2), are
 * needed, and kept. More in test_rules.c.
 * Method: for each the course of events that demanded it, on a simulated disk:
 * hosts that come at each point of the others' calls, writes that land late,
 * power cuts.
 */
#include "tests/lib/crash_rig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { HOST_A = 1, HOST_B = 2, HOST_C = 3 };

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

/*
 * What publishing one item now would write to the data area. Nothing of it
 * happens on the disk.
 */
static struct late_write write_under_way(struct rig *r)
{
	struct late_write late = { 0 };
	const struct rig_range before = r->pushed;
	struct sim_disk copy;
	struct rig_host h;
	struct ring_producer *p;

	rig_cut(&r->disk, RIG_ALL, &copy);
	p = rig_producer(&h, &copy, HOST_A);
	copy.lies = true; /* keeps the writes */
	assert_int_equal(rig_publish(r, p, 1), 0);
	for (size_t i = 0; i < copy.write_count; i++) {
		const struct sim_write *w = &copy.writes[i];

		if (w->offset < RIG_DATA_OFFSET)
			continue;
		assert_null(late.data);
		late = (struct late_write){ w->offset, w->len, malloc(w->len) };
		assert_non_null(late.data);
		memcpy(late.data, w->data, w->len);
	}
	assert_non_null(late.data);
	rig_kill_producer(&h, p);
	sim_disk_release(&copy);
	r->pushed = r->exposed = before;
	return late;
}

static void land(struct sim_disk *d, struct late_write *late)
{
	memcpy(d->visible + late->offset, late->data, late->len);
	memcpy(d->durable + late->offset, late->data, late->len);
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

/* ---- R11: slots by epoch, the fence ------------------------------------- */

/*
 * A seal of the former owner lands after the new one has attached and
 * published. It must not take the fence away, nor the new one's start.
 */
static void test_r11_late_slot(void **state)
{
	struct rig r;
	struct rig_host ha, hb;
	struct ring_producer *a, *b;
	uint8_t late[2][RIG_STRIDE];
	uint64_t offset[2];

	(void)state;
	rig_init(&r, &rig_small_direct);
	a = rig_producer(&ha, &r.disk, HOST_A);
	for (unsigned i = 0; i < 2; i++) {
		const struct sim_write *w;

		rig_mark(a); /* writes one copy, then the other */
		assert_int_equal(rig_publish(&r, a, 1), 0);
		rig_mark(a);
		w = &r.disk.writes[r.disk.write_count - 1];
		assert_int_equal(w->len, RIG_STRIDE);
		offset[i] = w->offset;
		memcpy(late[i], w->data, RIG_STRIDE);
	}
	assert_int_not_equal(offset[0], offset[1]);
	b = rig_producer(&hb, &r.disk, HOST_B);
	assert_int_equal(rig_publish(&r, b, 1), 0);
	for (unsigned i = 0; i < 2; i++) {
		memcpy(r.disk.visible + offset[i], late[i], RIG_STRIDE);
		memcpy(r.disk.durable + offset[i], late[i], RIG_STRIDE);
	}
	rig_assert_cut(&r, RIG_ALL);
	/* Nor does it know that it is no longer the owner, but by the fence. */
	assert_int_equal(ring_producer_publish(a, NULL, 0, NULL, NULL),
			 -RING_ERR_FENCED);
	rig_kill_producer(&ha, a);
	ring_producer_free(b);
	rig_release(&r);
}

/* Another host attaches and publishes at one moment of the first one's calls. */
struct rival {
	struct rig *rig;
	struct rig_host host;
	struct ring_producer *producer;
	unsigned at, moments;
};

static void rival_comes(void *ctx)
{
	struct rival *v = ctx;
	struct rig *r = v->rig;
	int rc;

	if (v->moments++ != v->at)
		return;
	rig_host(&v->host, &r->disk, HOST_C);
	rc = ring_producer_attach("sim", &v->host.options, &v->producer, NULL);
	if (rc != 0) {
		ring_io_close(&v->host.io.io);
		return;
	}
	assert_int_equal(rig_adopt(r, v->producer), 0);
	assert_int_equal(rig_publish(r, v->producer, 1), 0);
}

static void rival_after_flush(void *ctx, struct sim_disk *d)
{
	if (d->flushes == 0)
		return;
	d->point = NULL;
	rival_comes(ctx);
}

/*
 * Whatever both were told must be on the ring; and at the end at most one of
 * them can go on. The one that came in between writes first: there is no gap
 * between them (DESIGN.md 10).
 */
static void assert_one_owner(struct rig *r, struct ring_producer *b,
			     struct ring_producer *c)
{
	unsigned alive = 0;
	struct ring_producer *const both[2] = { c, b };

	for (unsigned i = 0; i < 2; i++) {
		if (both[i] == NULL || rig_publish(r, both[i], 1) != 0)
			continue;
		alive++;
	}
	assert_in_range(alive, 0, 1);
	rig_assert_cut(r, RIG_ALL);
}

/* A ring that nobody ever owned, or one of a dead host A. */
static bool run_rivals(unsigned at, bool had_owner)
{
	struct rig r;
	struct rig_host ha, hb;
	struct rival v = { .rig = &r, .at = at };
	struct ring_producer *p = NULL;
	int rc;

	rig_init(&r, &rig_small_direct);
	if (had_owner)
		rig_kill_producer(&ha, rig_producer(&ha, &r.disk, HOST_A));
	rig_host(&hb, &r.disk, HOST_B);
	hb.io.on_start = hb.system.on_sleep = rival_comes;
	hb.io.on_start_ctx = hb.system.on_sleep_ctx = &v;
	rc = ring_producer_attach("sim", &hb.options, &p, NULL);
	if (rc != 0)
		ring_io_close(&hb.io.io);
	hb.io.on_start = NULL;
	assert_one_owner(&r, p, v.producer);
	if (rc == 0)
		rig_kill_producer(&hb, p);
	ring_producer_free(v.producer);
	rig_release(&r);
	return v.moments > at;
}

static void test_r11_rivals(void **state)
{
	(void)state;
	for (unsigned had_owner = 0; had_owner < 2; had_owner++) {
		unsigned at = 0;

		while (run_rivals(at, had_owner))
			at++;
		assert_in_range(at, 6, 60);
	}
}

/* Somebody attaches between the judgement that nobody owns it and the claim. */
static void test_r11_judgement(void **state)
{
	struct rig r;
	struct rival v = { .rig = &r };

	(void)state;
	rig_init(&r, &rig_small_direct);
	r.disk.flushes = 0; /* B does, between the two */
	r.disk.point = rival_after_flush;
	r.disk.point_ctx = &v;
	assert_int_equal(rig_try_producer(&r.disk, HOST_B), -RING_ERR_ALIVE);
	assert_int_equal(rig_publish(&r, v.producer, 1), 0);
	rig_kill_producer(&v.host, v.producer);
	rig_release(&r);
}

/*
 * The new owner attaches and publishes at each step of the former one's
 * publish. Not both can be told success and stand in one place.
 */
static bool run_taken_over(unsigned at)
{
	struct rig r;
	struct rig_host h;
	struct rival v = { .rig = &r, .at = at };
	struct ring_producer_state s;
	struct ring_producer *p;
	int rc;

	rig_init(&r, &rig_small_direct);
	p = rig_producer(&h, &r.disk, HOST_A);
	assert_int_equal(rig_publish(&r, p, 1), 0);
	h.io.on_start = rival_comes;
	h.io.on_start_ctx = &v;
	rc = rig_publish(&r, p, 1);
	h.io.on_start = NULL;
	if (v.producer != NULL) {
		assert_int_equal(ring_producer_state(v.producer, &s), 0);
		assert_true(s.pushed_items >= 2u + (rc == 0));
	}
	rig_kill_producer(&h, p);
	ring_producer_free(v.producer);
	rig_release(&r);
	return v.moments > at;
}

static void test_r11_taken_over(void **state)
{
	unsigned at = 0;

	(void)state;
	while (run_taken_over(at))
		at++;
	assert_in_range(at, 2, 20);
}

/* A consumer that was fenced calls, while its dead successor is watched. */
struct former {
	struct rig_host host;
	struct ring_consumer *consumer;
};

static void former_calls(void *ctx)
{
	struct former *f = ctx;
	struct ring_item item;

	f->host.system.monotonic_ns += 10000000000; /* a beat is due */
	assert_int_equal(ring_consumer_pop(f->consumer, 0, &item),
			 -RING_ERR_FENCED);
}

/* That is no sign of life of the successor. */
static void test_r11_fenced_owner_is_silent(void **state)
{
	struct rig r;
	struct rig_host hb, hc;
	struct former former;
	struct ring_consumer *c = NULL;

	(void)state;
	rig_init(&r, &rig_small_direct);
	former.consumer = rig_consumer(&former.host, &r.disk, HOST_A, "a");
	rig_kill_consumer(&hb, rig_consumer(&hb, &r.disk, HOST_B, "a"));
	rig_host(&hc, &r.disk, HOST_C);
	hc.system.on_sleep = former_calls;
	hc.system.on_sleep_ctx = &former;
	if (ring_consumer_attach("sim", "a", &hc.options, &c, NULL) != 0)
		fail_msg("%s", hc.fault.text);
	hc.system.on_sleep = NULL;
	ring_consumer_free(c);
	ring_consumer_free(former.consumer);
	rig_release(&r);
}

/* A fenced consumer is not told that it advanced. */
static void test_r11_cursor_taken_over(void **state)
{
	struct rig r;
	struct rig_host hp, ha, hb;
	struct ring_producer *p;
	struct ring_consumer *a, *b;
	struct ring_item item;

	(void)state;
	rig_init(&r, &rig_small_direct);
	p = rig_producer(&hp, &r.disk, HOST_A);
	assert_int_equal(rig_publish(&r, p, 2), 0);
	rig_mark(p);
	a = rig_consumer(&ha, &r.disk, HOST_A, "a");
	assert_int_equal(ring_consumer_pop(a, 0, &item), 0);
	b = rig_consumer(&hb, &r.disk, HOST_B, "a");
	assert_int_equal(ring_consumer_advance(a, item.next, NULL),
			 -RING_ERR_FENCED);
	assert_int_equal(rig_take(&r, b, 2), 0);
	rig_assert_cuts(&r);
	ring_consumer_free(a);
	ring_consumer_free(b);
	ring_producer_free(p);
	rig_release(&r);
}

/* ---- R13: storage, not cache -------------------------------------------- */

/* Storage behind a page cache that shows what storage never got. */
struct stale_io {
	struct ring_io io; /* first */
	struct ring_io *below;
	struct ring_io_batch *batch;
	struct late_write page;
	bool is_dropped;
};

static struct stale_io *stale_of(struct ring_io *io)
{
	return (struct stale_io *)(void *)io;
}

static int stale_start(struct ring_io *io, struct ring_io_batch *batch)
{
	stale_of(io)->batch = batch;
	return ring_io_run(stale_of(io)->below, batch);
}

/* Show the page in what was read. */
static void show_page(const struct stale_io *s, const struct ring_io_op *op)
{
	for (uint64_t i = 0; i < s->page.len; i++) {
		const uint64_t at = s->page.offset + i;

		if (at >= op->offset_bytes &&
		    at < op->offset_bytes + op->len_bytes)
			((uint8_t *)op->buf)[at - op->offset_bytes] =
				s->page.data[i];
	}
}

static int stale_wait(struct ring_io *io)
{
	struct stale_io *s = stale_of(io);

	for (unsigned i = 0; s->batch != NULL && i < s->batch->count; i++)
		if (s->batch->ops[i].kind == RING_IO_READ && !s->is_dropped)
			show_page(s, &s->batch->ops[i]);
	s->batch = NULL;
	return 0;
}

static int stale_drop_cache(struct ring_io *io, uint64_t offset_bytes,
			    uint64_t len_bytes)
{
	struct stale_io *s = stale_of(io);

	s->is_dropped |=
		offset_bytes <= s->page.offset &&
		s->page.offset + s->page.len <= offset_bytes + len_bytes;
	return 0;
}

static int stale_lock(struct ring_io *io, uint32_t lock)
{
	(void)io;
	(void)lock;
	return 0;
}

static int stale_watch(struct ring_io *io)
{
	(void)io;
	return -ENOTSUP;
}

static void stale_close(struct ring_io *io)
{
	ring_io_close(stale_of(io)->below);
}

static const struct ring_io_ops stale_ops = {
	.start = stale_start,
	.wait = stale_wait,
	.drop_cache = stale_drop_cache,
	.lock = stale_lock,
	.is_locked = stale_lock,
	.unlock = stale_lock,
	.watch = stale_watch,
	.close = stale_close,
};

/*
 * A flush failed: the producer died of it, and its pages are clean and show a
 * batch that storage never got. The next one must not count it.
 */
static void test_r13_failed_write_back(void **state)
{
	struct stale_io stale = { 0 };
	struct ring_producer_state s;
	struct ring_producer *p = NULL;
	struct rig_host h;
	struct rig r;

	(void)state;
	rig_init(&r, &rig_small);
	p = rig_producer(&h, &r.disk, HOST_A);
	assert_int_equal(rig_publish(&r, p, 1), 0);
	ring_producer_free(p);
	stale.page = write_under_way(&r);
	rig_host(&h, &r.disk, HOST_A);
	stale.below = &h.io.io;
	stale.io = h.io.io;
	stale.io.ops = &stale_ops;
	h.options.io = &stale.io;
	assert_int_equal(ring_producer_attach("sim", &h.options, &p, &s), 0);
	assert_int_equal(s.pushed_items, 1);
	assert_true(stale.is_dropped);
	rig_assert_cuts(&r);
	ring_producer_free(p);
	free(stale.page.data);
	rig_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_r7_attach_that_fails),
		cmocka_unit_test(test_r7_owner_publishes_meanwhile),
		cmocka_unit_test(test_r9_former_epoch_at_the_end),
		cmocka_unit_test(test_r10_late_batch),
		cmocka_unit_test(test_r10_no_room_for_the_gap),
		cmocka_unit_test(test_r11_late_slot),
		cmocka_unit_test(test_r11_rivals),
		cmocka_unit_test(test_r11_judgement),
		cmocka_unit_test(test_r11_taken_over),
		cmocka_unit_test(test_r11_fenced_owner_is_silent),
		cmocka_unit_test(test_r11_cursor_taken_over),
		cmocka_unit_test(test_r13_failed_write_back),
	};

	return cmocka_run_group_tests_name("rules of attach", tests, NULL,
					   NULL);
}
