/*
 * Goal: the options durability and deliver (DESIGN.md, "Less than durable") do
 * what they say, call by call: what is flushed and what is not, what is given
 * before it is durable, and that no position passes what is proven.
 * Method: courses of events on a simulated disk (tests/lib/crash_rig.h), with
 * consumers that look while a write is under way. test_durability.c draws
 * random ones.
 */
#include "tests/lib/crash_rig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { HOST = 1, LAPS_ITEMS = 100 };

/* A ring, and a process of each side. */
struct scene {
	struct rig rig;
	struct rig_host hosts[2];
	struct ring_producer *producer;
	struct ring_consumer *consumer;
};

/* How the sides attach; all zero: as usual. */
struct sides {
	enum ring_durability producer, consumer;
	enum ring_deliver deliver;
};

static void attach_producer(struct scene *s, const struct sides *sides)
{
	struct rig_host *h = &s->hosts[0];

	rig_host(h, &s->rig.disk, HOST);
	h->options.durability = sides->producer;
	if (ring_producer_attach("sim", &h->options, &s->producer, NULL) != 0)
		fail_msg("%s", h->fault.text);
}

static void attach_consumer(struct scene *s, const struct sides *sides)
{
	struct rig_host *h = &s->hosts[1];

	rig_host(h, &s->rig.disk, HOST);
	h->options.durability = sides->consumer;
	h->options.deliver = sides->deliver;
	if (ring_consumer_attach("sim", "a", &h->options, &s->consumer, NULL) !=
	    0)
		fail_msg("%s", h->fault.text);
}

static void begin(struct scene *s, const struct rig_shape *shape,
		  const struct sides *sides)
{
	*s = (struct scene){ 0 };
	rig_init(&s->rig, shape);
	attach_producer(s, sides);
	attach_consumer(s, sides);
}

static void end(struct scene *s)
{
	s->rig.disk.point = NULL;
	ring_consumer_free(s->consumer);
	ring_producer_free(s->producer);
	rig_release(&s->rig);
}

static struct ring_item pop(struct scene *s)
{
	struct ring_item item;

	assert_int_equal(
		ring_consumer_pop(s->consumer, RING_POSITION_NONE, &item), 0);
	return item;
}

/* ---- without durability ------------------------------------------------- */

static const struct sides no_durability = {
	.producer = RING_DURABILITY_PROCESS,
	.consumer = RING_DURABILITY_PROCESS,
};

/* Direct I/O goes around the page cache, which is all that would be left. */
static void test_refused_with_direct_io(void **state)
{
	struct rig r;
	struct rig_host h;
	struct ring_producer *p;
	struct ring_consumer *c;

	(void)state;
	rig_init(&r, &rig_small_direct);
	rig_host(&h, &r.disk, HOST);
	h.options.durability = RING_DURABILITY_PROCESS;
	assert_int_equal(ring_producer_attach("sim", &h.options, &p, NULL),
			 -EINVAL);
	assert_non_null(strstr(h.fault.text, "buffered"));
	assert_int_equal(ring_consumer_attach("sim", "a", &h.options, &c, NULL),
			 -EINVAL);
	assert_non_null(strstr(h.fault.text, "buffered"));
	ring_io_close(&h.io.io);
	rig_release(&r);
}

static void use_every_call(struct scene *s)
{
	struct rig *r = &s->rig;
	struct ring_consumer_state state;

	assert_int_equal(rig_publish(r, s->producer, 1), 0);
	assert_int_equal(rig_push(r, s->producer, 1), 0);
	assert_int_equal(rig_expose(r, s->producer), 0);
	assert_int_equal(rig_push(r, s->producer, 1), 0);
	assert_int_equal(ring_producer_discard(s->producer, NULL), 0);
	r->pushed = r->exposed;
	rig_mark(s->producer);
	(void)ring_producer_wait(s->producer, 0);
	assert_int_equal(ring_consumer_wait(s->consumer, 0), 0);
	assert_int_equal(ring_consumer_state(s->consumer, &state), 0);
	assert_int_equal(rig_take(r, s->consumer, 2), 0);
}

/* Many laps, so many checkpoints, and not one flush; the first and the last
 * call flush. */
static void test_nothing_flushes(void **state)
{
	struct scene s;
	unsigned long flushes;

	(void)state;
	begin(&s, &rig_small, &no_durability);
	flushes = s.rig.disk.flushes;
	assert_true(flushes > 0);
	for (unsigned i = 0; i < LAPS_ITEMS; i++)
		use_every_call(&s);
	assert_int_equal(s.rig.disk.flushes, flushes);
	ring_consumer_free(s.consumer);
	assert_true(s.rig.disk.flushes > flushes);
	flushes = s.rig.disk.flushes;
	ring_producer_free(s.producer);
	assert_true(s.rig.disk.flushes > flushes);
	/* Whoever has left has left nothing behind. */
	rig_assert_cuts(&s.rig);
	rig_release(&s.rig);
}

/* A side with durability flushes for itself, whatever the other one does. */
static void test_each_side_for_itself(void **state)
{
	const struct sides durable_consumer = {
		.producer = RING_DURABILITY_PROCESS,
	};
	struct scene s;
	unsigned long flushes;

	(void)state;
	begin(&s, &rig_small, &durable_consumer);
	flushes = s.rig.disk.flushes;
	assert_int_equal(rig_publish(&s.rig, s.producer, 1), 0);
	assert_int_equal(s.rig.disk.flushes, flushes);
	assert_int_equal(rig_take(&s.rig, s.consumer, 1), 0);
	assert_int_equal(s.rig.disk.flushes, flushes + 2); /* D3, and its own */
	/* It has made the producer's batch durable. */
	rig_assert_cut(&s.rig, RIG_NOTHING);
	end(&s);
}

/* Marks say what was flushed: so a reader that goes around the page cache is
 * given nothing, until the producer leaves. */
static void test_marks_are_honest(void **state)
{
	struct scene s;
	struct rig_host h;
	struct ring_consumer *c;
	struct ring_item item;

	(void)state;
	begin(&s, &rig_small, &no_durability);
	ring_consumer_free(s.consumer);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(rig_publish(&s.rig, s.producer, 1), 0);
	rig_mark(s.producer);
	s.rig.disk.buffered = false;
	c = s.consumer = rig_consumer(&h, &s.rig.disk, HOST, "a");
	assert_int_equal(ring_consumer_pop(c, 0, &item), -RING_ERR_EMPTY);
	ring_producer_free(s.producer);
	s.producer = NULL;
	assert_int_equal(ring_consumer_pop(c, 0, &item), 0);
	end(&s);
}

static struct ring_info info_on(struct sim_disk *d, uint8_t host)
{
	struct rig_host h;
	struct ring_info info;

	rig_host(&h, d, host);
	assert_int_equal(ring_info("sim", &h.options, &info), 0);
	ring_io_close(&h.io.io);
	return info;
}

/* An acknowledged request stands after a power loss, in any case. */
static void test_answers_are_durable(void **state)
{
	struct scene s;
	struct sim_disk cut;

	(void)state;
	begin(&s, &rig_small, &no_durability);
	assert_int_equal(rig_publish(&s.rig, s.producer, 1), 0);
	assert_int_equal(ring_consumer_suspend(s.consumer), 0);
	rig_mark(s.producer);
	assert_int_equal(rig_publish(&s.rig, s.producer, 1),
			 -RING_ERR_SUSPENDED);
	rig_cut(&s.rig.disk, RIG_NOTHING, &cut);
	assert_true(info_on(&cut, HOST + 1).suspended);
	sim_disk_release(&cut);
	end(&s);
}

/* Of all that was written since the last flush only the slots are left. */
static void keep_slots(void *ctx, struct sim_disk *d)
{
	unsigned *ret_cuts = ctx;
	struct ring_producer *p;
	struct rig_host h;
	struct sim_disk cut;

	rig_cut(d, RIG_SLOTS, &cut);
	rig_host(&h, &cut, HOST + 1);
	h.options.former_is_off = true;
	if (ring_producer_attach("sim", &h.options, &p, NULL) != 0)
		fail_msg("cut %u: %s", *ret_cuts, h.fault.text);
	ring_producer_free(p);
	sim_disk_release(&cut);
	++*ret_cuts;
}

/* Who leaves vouches for what is durable, and for nothing before that. */
static void test_leaving(void **state)
{
	struct scene s;
	unsigned cuts = 0;

	(void)state;
	begin(&s, &rig_small, &no_durability);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(rig_publish(&s.rig, s.producer, 1), 0);
	assert_int_equal(rig_take(&s.rig, s.consumer, 2), 0);
	s.rig.disk.point = keep_slots;
	s.rig.disk.point_ctx = &cuts;
	ring_consumer_free(s.consumer);
	s.consumer = NULL;
	assert_int_equal(rig_publish(&s.rig, s.producer, 1), 0);
	ring_producer_free(s.producer);
	s.producer = NULL;
	assert_true(cuts > 5);
	end(&s);
}

static enum ring_durability durability_in_info(struct scene *s)
{
	const struct ring_info info = info_on(&s->rig.disk, HOST);

	assert_int_equal(info.cursors[0].owner.durability,
			 info.producer.durability);
	return info.producer.durability;
}

/* The ring says how it is written, until who wrote it so has left. */
static void test_info_tells(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, &rig_small, &no_durability);
	assert_int_equal(durability_in_info(&s), RING_DURABILITY_PROCESS);
	ring_producer_free(s.producer);
	ring_consumer_free(s.consumer);
	s.producer = NULL;
	s.consumer = NULL;
	assert_int_equal(durability_in_info(&s), RING_DURABILITY_FULL);
	end(&s);
}

/* Nor is it said of a cursor whose owner died, once others wrote its slot. */
static void test_info_after_a_kill(void **state)
{
	struct rig_shape shape = rig_small;
	struct scene s;
	struct rig_host h;
	struct ring_owner_info owner;

	(void)state;
	shape.cursors = 2;
	begin(&s, &shape, &no_durability);
	rig_kill_consumer(&s.hosts[1], s.consumer);
	s.consumer = NULL;
	assert_int_equal(durability_in_info(&s), RING_DURABILITY_PROCESS);
	rig_host(&h, &s.rig.disk, HOST);
	assert_int_equal(ring_member_remove("sim", "a", 0, &h.options),
			 -RING_ERR_TIMEOUT);
	owner = info_on(&s.rig.disk, HOST).cursors[0].owner;
	assert_false(owner.attached);
	assert_int_equal(owner.durability, RING_DURABILITY_FULL);
	rig_mark(s.producer);
	assert_int_equal(ring_member_remove("sim", "a", 0, &h.options), 0);
	assert_int_equal(
		ring_member_add("sim", "c", RING_JOIN_END, 0, &h.options),
		-RING_ERR_TIMEOUT);
	rig_mark(s.producer);
	assert_int_equal(
		ring_member_add("sim", "c", RING_JOIN_END, 0, &h.options), 0);
	owner = info_on(&s.rig.disk, HOST).cursors[0].owner;
	assert_int_equal(owner.durability, RING_DURABILITY_FULL);
	ring_io_close(&h.io.io);
	end(&s);
}

/* Another host's page cache may reach the device at any time. */
static void test_takeover_needs_a_dead_host(void **state)
{
	struct scene s;
	struct rig_host h;
	struct ring_producer *p;

	(void)state;
	begin(&s, &rig_small, &no_durability);
	assert_int_equal(rig_publish(&s.rig, s.producer, 1), 0);
	rig_kill_producer(&s.hosts[0], s.producer);
	rig_host(&h, &s.rig.disk, HOST + 1);
	assert_int_equal(ring_producer_attach("sim", &h.options, &p, NULL),
			 -RING_ERR_OTHER_HOST);
	assert_non_null(strstr(h.fault.text, "former_is_off"));
	h.options.former_is_off = true;
	assert_int_equal(ring_producer_attach("sim", &h.options, &p, NULL), 0);
	s.producer = p;
	end(&s);
}

/* ---- delivered on sight ------------------------------------------------- */

static const struct sides on_sight = { .deliver = RING_DELIVER_VISIBLE };

/* What a consumer does while a publish is written, and not yet flushed. */
struct look {
	struct scene *scene;
	uint32_t writes;       /* before it */
	unsigned long flushes; /* likewise */
	const struct ring_cookie *cookie;
	int waited, popped, advanced;
	struct ring_item item;
	struct sim_disk lost; /* the disk as a power loss leaves it then */
	bool advances, is_done;
};

static bool is_written(const struct look *l, const struct sim_disk *d)
{
	return d->writes > l->writes &&
	       d->versions[d->version_count - 1].is_complete;
}

static void look_once(void *ctx, struct sim_disk *d)
{
	struct look *l = ctx;
	struct scene *s = l->scene;

	if (l->is_done || !is_written(l, d))
		return;
	l->is_done = true;
	rig_cut(d, RIG_NOTHING, &l->lost);
	l->waited = ring_consumer_wait(s->consumer, 0);
	l->popped =
		ring_consumer_pop(s->consumer, RING_POSITION_NONE, &l->item);
	assert_int_equal(d->flushes, l->flushes);
	if (!l->advances || l->popped != 0)
		return;
	l->advanced =
		ring_consumer_advance(s->consumer, l->item.next, l->cookie);
	if (l->advanced == 0)
		s->rig.consumed.least = s->rig.consumed.most =
			l->item.sequence + 1;
	rig_assert_cuts(&s->rig);
}

/* Begin to look from now on. */
static void watch(struct look *l, struct scene *s)
{
	*l = (struct look){ .scene = s,
			    .writes = s->rig.disk.writes,
			    .flushes = s->rig.disk.flushes };
	s->rig.disk.point = look_once;
	s->rig.disk.point_ctx = l;
}

static void unwatch(struct look *l)
{
	l->scene->rig.disk.point = NULL;
	assert_true(l->is_done);
	sim_disk_release(&l->lost);
}

/* It is given before anybody has flushed it; the advance flushes. */
static void test_given_on_sight(void **state)
{
	struct scene s;
	struct look l;
	unsigned long flushes;

	(void)state;
	begin(&s, &rig_small, &on_sight);
	watch(&l, &s);
	assert_int_equal(rig_publish(&s.rig, s.producer, 1), 0);
	unwatch(&l);
	assert_int_equal(l.waited, 0);
	assert_int_equal(l.popped, 0);
	flushes = s.rig.disk.flushes;
	assert_int_equal(pop(&s).sequence, 0);
	assert_int_equal(s.rig.disk.flushes, flushes);
	assert_int_equal(ring_consumer_advance(s.consumer, l.item.next, NULL),
			 0);
	assert_int_equal(s.rig.disk.flushes, flushes + 2);
	end(&s);
}

/* Without the option it is flushed first, or not given. */
static void test_not_given_on_sight(void **state)
{
	const struct sides usual = { 0 };
	struct scene s;
	struct look l;

	(void)state;
	begin(&s, &rig_small_direct, &usual);
	watch(&l, &s);
	assert_int_equal(rig_publish(&s.rig, s.producer, 1), 0);
	unwatch(&l);
	assert_int_equal(l.waited, -RING_ERR_TIMEOUT);
	assert_int_equal(l.popped, -RING_ERR_EMPTY);
	end(&s);
}

/* At the moment of the advance the producer has not flushed: the position must
 * not come to stand behind what a power loss leaves. */
static void test_advance_proves_first(void **state)
{
	struct scene s;
	struct look l;

	(void)state;
	begin(&s, &rig_small, &on_sight);
	for (unsigned i = 0; i < 10; i++) {
		watch(&l, &s);
		l.advances = true;
		assert_int_equal(rig_publish(&s.rig, s.producer, 1), 0);
		unwatch(&l);
		assert_int_equal(l.popped, 0);
		assert_int_equal(l.advanced, 0);
	}
	end(&s);
}

/* With direct I/O a flush proves nothing: the advance has to wait for a mark,
 * and leaves the position and its cookie as they are. */
static void test_advance_waits_for_a_mark(void **state)
{
	const struct ring_cookie cookie = { "new", 3 };
	struct ring_consumer_state before, after;
	struct scene s;
	struct look l;

	(void)state;
	begin(&s, &rig_small_direct, &on_sight);
	assert_int_equal(ring_consumer_state(s.consumer, &before), 0);
	watch(&l, &s);
	l.advances = true;
	l.cookie = &cookie;
	assert_int_equal(rig_publish(&s.rig, s.producer, 1), 0);
	unwatch(&l);
	assert_int_equal(l.popped, 0);
	assert_int_equal(l.advanced, -RING_ERR_EMPTY);
	assert_int_equal(ring_consumer_state(s.consumer, &after), 0);
	assert_int_equal(after.position, before.position);
	assert_int_equal(after.cookie_bytes, 0);
	rig_mark(s.producer);
	assert_int_equal(
		ring_consumer_advance(s.consumer, l.item.next, &cookie), 0);
	s.rig.consumed = s.rig.exposed;
	rig_assert_cuts(&s.rig);
	end(&s);
}

/* The device lost power, and nobody else did. */
static void replace_disk(struct scene *s, const struct sim_disk *lost)
{
	struct sim_disk flat;

	sim_disk_flatten(lost, &flat);
	sim_disk_release(&s->rig.disk);
	s->rig.disk = flat;
}

/*
 * What was shown is lost with the device's power, and a new producer wrote
 * something else there: who asks for what follows is told, who advances is
 * refused, and the cursor gives what there is now.
 */
static void test_shown_and_gone(void **state)
{
	struct scene s;
	struct look l;
	struct ring_item item;

	(void)state;
	begin(&s, &rig_small, &on_sight);
	watch(&l, &s);
	assert_int_equal(rig_publish(&s.rig, s.producer, 1), 0);
	assert_int_equal(l.popped, 0);
	rig_kill_producer(&s.hosts[0], s.producer);
	s.rig.disk.point = NULL;
	replace_disk(&s, &l.lost);
	s.rig.pushed = s.rig.exposed = (struct rig_range){ 0, 0 };
	s.producer = rig_producer(&s.hosts[0], &s.rig.disk, HOST);
	assert_int_equal(rig_publish(&s.rig, s.producer, 2), 0);
	assert_int_equal(ring_consumer_pop(s.consumer, l.item.next, &item),
			 -RING_ERR_BOUNDARY);
	assert_int_equal(ring_consumer_advance(s.consumer, l.item.next, NULL),
			 -RING_ERR_BOUNDARY);
	assert_int_equal(pop(&s).sequence, 0);
	assert_int_equal(rig_take(&s.rig, s.consumer, 2), 0);
	rig_assert_cuts(&s.rig);
	unwatch(&l);
	end(&s);
}

/* Space without items is given back only where it is proven to hold none. */
static void test_discard_on_sight(void **state)
{
	struct ring_consumer_state before, after;
	struct scene s;
	struct look l;

	(void)state;
	begin(&s, &rig_small_direct, &on_sight);
	assert_int_equal(rig_push(&s.rig, s.producer, 4), 0);
	rig_mark(s.producer);
	assert_int_equal(ring_consumer_state(s.consumer, &before), 0);
	watch(&l, &s);
	s.rig.pushed.most = 0;
	assert_int_equal(ring_producer_discard(s.producer, NULL), 0);
	unwatch(&l);
	assert_int_equal(l.popped, -RING_ERR_EMPTY);
	s.rig.pushed.least = 0;
	assert_int_equal(ring_consumer_state(s.consumer, &after), 0);
	assert_int_equal(after.position, before.position);
	rig_mark(s.producer);
	assert_int_equal(ring_consumer_pop(s.consumer, 0, &l.item),
			 -RING_ERR_EMPTY);
	assert_int_equal(ring_consumer_state(s.consumer, &after), 0);
	assert_true(after.position > before.position);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_with_direct_io),
		cmocka_unit_test(test_nothing_flushes),
		cmocka_unit_test(test_each_side_for_itself),
		cmocka_unit_test(test_marks_are_honest),
		cmocka_unit_test(test_answers_are_durable),
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_info_tells),
		cmocka_unit_test(test_info_after_a_kill),
		cmocka_unit_test(test_takeover_needs_a_dead_host),
		cmocka_unit_test(test_given_on_sight),
		cmocka_unit_test(test_not_given_on_sight),
		cmocka_unit_test(test_advance_proves_first),
		cmocka_unit_test(test_advance_waits_for_a_mark),
		cmocka_unit_test(test_shown_and_gone),
		cmocka_unit_test(test_discard_on_sight),
	};

	return cmocka_run_group_tests_name("less durable", tests, NULL, NULL);
}
