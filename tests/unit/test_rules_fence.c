/*
 * Goal: rule R11 (DESIGN.md 2) is needed, and kept: of all who think that they
 * own a role, one acts. More in test_rules.c.
 * Method: hosts that come at each step of the others' calls, slots that are
 * written late, on a simulated disk.
 */
#include "tests/lib/crash_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { HOST_A = 1, HOST_B = 2, HOST_C = 3 };

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
		struct rig_write writes[RIG_WRITES_MAX];
		const struct rig_write *w;

		rig_mark(a); /* writes one copy, then the other */
		assert_int_equal(rig_publish(&r, a, 1), 0);
		rig_mark(a);
		w = &writes[rig_writes(&r.disk, writes) - 1];
		assert_int_equal(w->len, RIG_STRIDE);
		offset[i] = w->offset;
		rig_write_bytes(&r.disk, w, late[i]);
	}
	assert_int_not_equal(offset[0], offset[1]);
	b = rig_producer(&hb, &r.disk, HOST_B);
	assert_int_equal(rig_publish(&r, b, 1), 0);
	for (unsigned i = 0; i < 2; i++)
		rig_poke(&r.disk, offset[i], late[i], RIG_STRIDE);
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
	rig_mark(v->producer); /* nothing of it is under way */
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

enum { LONG_NS = 2000000000 }; /* a beat is due after it */

static void former_calls(void *ctx)
{
	struct former *f = ctx;
	struct ring_item item;

	f->host.system.monotonic_ns += LONG_NS;
	assert_int_equal(ring_consumer_pop(f->consumer, 0, &item),
			 -RING_ERR_FENCED);
}

/* That is no sign of life of the successor. */
static void test_r11_fenced_owner_is_silent(void **state)
{
	struct rig r;
	struct rig_host hb, hc;
	struct former former;
	struct ring_consumer *b, *c = NULL;
	struct ring_item item;

	(void)state;
	rig_init(&r, &rig_small_direct);
	former.consumer = rig_consumer(&former.host, &r.disk, HOST_A, "a");
	b = rig_consumer(&hb, &r.disk, HOST_B, "a");
	hb.system.monotonic_ns += LONG_NS;
	assert_int_equal(ring_consumer_pop(b, 0, &item), -RING_ERR_EMPTY);
	rig_kill_consumer(&hb, b);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_r11_late_slot),
		cmocka_unit_test(test_r11_rivals),
		cmocka_unit_test(test_r11_judgement),
		cmocka_unit_test(test_r11_taken_over),
		cmocka_unit_test(test_r11_fenced_owner_is_silent),
		cmocka_unit_test(test_r11_cursor_taken_over),
	};

	return cmocka_run_group_tests_name("rules of the fence", tests, NULL,
					   NULL);
}
