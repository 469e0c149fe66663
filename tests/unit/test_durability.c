/*
 * Goal: what is left without durability (DESIGN.md, "Less than durable"), for
 * each mixture of sides that have it and sides that don't. A kill at any
 * instant loses nothing. A power loss makes the ring end earlier; damage is
 * told only where space was written over again, and nothing wrong is given.
 * Method: random calls on a simulated disk, with a model beside them; before
 * and after each write the processes are killed, or the power is cut, on a copy
 * of the disk. TEST_SEED repeats a run.
 */
#include "ring/ring.h"
#include "tests/lib/crash_judge.h"
#include "tests/lib/draw.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/ring_model.h"
#include "tests/lib/sim_disk.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { CURSORS = 2, BODY_MAX = 700, OPS = 250, RUNS = 4 };

/* Which sides have durability. */
struct mixture {
	const char *name;
	bool producer, consumers[CURSORS];
	uint32_t block, data_blocks;
	bool padded;
};

static const char *const names[CURSORS] = { "a", "b" };

/* What a power loss must leave, at least. */
struct floor {
	uint64_t exposed;
	uint64_t consumed[CURSORS];
	uint64_t tail; /* the oldest position that it holds */
};

struct run {
	const struct mixture *mixture;
	struct sim_disk disk;
	struct fake_system system;
	struct ring_fault faults[1 + CURSORS];
	struct ring_producer *producer;
	struct ring_io *producer_io;
	struct ring_consumer *consumers[CURSORS];
	struct ring_io *consumer_ios[CURSORS];
	struct judge_expected expected; /* of the call under way */
	struct floor floor;
	uint64_t end; /* of the ring */
	struct draw draw;
	uint32_t next_tag;
	unsigned long kills, cuts, damaged, repaired, shorter;
	struct ring_fault found; /* by the last reader */
	const char *op;
};

static void check(const struct run *r, bool ok, const char *what)
{
	if (!ok)
		fail_msg("%s, in %s, after %lu kills and %lu cuts: %s",
			 r->mixture->name, r->op, r->kills, r->cuts, what);
}

/* A process on the ring's host, in some boot of it. */
struct visitor {
	struct fake_system system;
	struct ring_fault fault;
	struct ring_options options;
};

static void visit(struct visitor *v, struct sim_disk *d, uint8_t boot)
{
	fake_system_init(&v->system, 1, boot);
	v->system.random_seed = 99;
	v->fault = (struct ring_fault){ 0 };
	v->options = (struct ring_options){ .io = sim_disk_open(d),
					    .system = &v->system.system,
					    .fault = &v->fault };
}

/* ---- power is cut ------------------------------------------------------- */

/* Nothing that the ring would need was written over since the last flush. */
static bool is_within_a_lap(const struct run *r)
{
	const struct mixture *m = r->mixture;

	return r->end + 4 * m->block <=
	       r->floor.tail + (uint64_t)m->block * m->data_blocks;
}

static bool is_never_damaged(const struct run *r)
{
	return r->mixture->producer || is_within_a_lap(r);
}

/* Damage there may be, where space was written over again. */
static bool is_damage(struct run *r, int rc, const struct ring_fault *fault)
{
	if (rc != -RING_ERR_DAMAGED)
		return false;
	check(r, !is_never_damaged(r), fault->text);
	r->damaged++;
	return true;
}

/* Before a producer with durability has taken over, the cause is told. */
static bool tells_the_cause(const struct ring_fault *fault)
{
	return strstr(fault->text, "without durability") != NULL;
}

struct reading {
	struct run *run;
	uint64_t next;
};

static int compare(void *ctx, const struct ring_item *item)
{
	struct reading *reading = ctx;
	struct run *r = reading->run;
	const struct model *m = &r->expected.after;
	uint8_t want[BODY_MAX];

	check(r, item->sequence == reading->next, "an item is missing");
	check(r, item->sequence < m->exposed, "an item that never was");
	check(r, item->data_bytes == model_item(m, item->sequence)->len,
	      "another item");
	model_fill(model_item(m, item->sequence), want);
	check(r, memcmp(item->data, want, item->data_bytes) == 0,
	      "another item");
	reading->next++;
	return 0;
}

/* Read all there is from the cursor on; where that ended, as a number. */
static int read_on(struct ring_consumer *c, struct reading *reading)
{
	uint64_t from = RING_POSITION_NONE;
	int rc;

	do {
		rc = ring_consumer_fold(c, from, NULL, compare, reading, &from);
	} while (rc == 0);
	return rc;
}

/* Returns whether all was in order, up to the item it got to. */
static bool judge_cursor(struct run *r, struct sim_disk *d, unsigned i,
			 uint64_t *ret_next)
{
	struct reading reading = { .run = r };
	struct ring_consumer_state s;
	struct ring_consumer *c;
	struct visitor v;
	int rc;

	visit(&v, d, 2);
	rc = ring_consumer_attach("sim", names[i], &v.options, &c, &s);
	check(r, rc == 0, v.fault.text);
	check(r, s.items <= r->expected.after.consumed[i],
	      "a cursor is where it never was");
	if (is_never_damaged(r))
		check(r, s.items >= r->floor.consumed[i],
		      "a cursor fell back too far");
	reading.next = s.items;
	rc = read_on(c, &reading);
	if (rc != -RING_ERR_EMPTY)
		check(r, is_damage(r, rc, &v.fault), v.fault.text);
	r->found = v.fault;
	*ret_next = reading.next;
	ring_consumer_free(c);
	return rc == -RING_ERR_EMPTY;
}

/* What the producer finds is an earlier end, not before the floor. */
static void judge_end(struct run *r, const struct ring_producer_state *s)
{
	const struct judge_expected *e = &r->expected;

	check(r, s->exposed_items <= e->after.exposed, "items from nowhere");
	if (is_never_damaged(r))
		check(r, s->exposed_items >= r->floor.exposed,
		      "items that were durable are gone");
	if (s->exposed_items < e->before.exposed)
		r->shorter++;
	if (r->mixture->producer)
		check(r,
		      s->exposed_items == e->before.exposed ||
			      s->exposed_items == e->after.exposed,
		      "a state that never was");
}

static void judge_all(struct run *r, struct sim_disk *d,
		      const struct ring_producer_state *s)
{
	for (unsigned i = 0; i < CURSORS; i++) {
		uint64_t next;

		if (judge_cursor(r, d, i, &next))
			check(r, next == s->exposed_items,
			      "not all that is exposed is given");
	}
}

static int note_hopeless(void *ctx, const struct ring_repair_step *step)
{
	*(bool *)ctx |= !step->is_possible;
	return 0;
}

/* One repair: the number of steps, or 0 if it says that it can't help. */
static int repair_once(struct run *r, struct sim_disk *d)
{
	const struct ring_repair_options how = { .apply = true };
	bool is_hopeless = false;
	struct visitor v;
	int rc;

	visit(&v, d, 2);
	v.options.on_damage = RING_DAMAGE_TRUNCATE;
	rc = ring_repair("sim", &v.options, &how, note_hopeless, &is_hopeless);
	ring_io_close(v.options.io);
	check(r, rc > 0 || is_hopeless, v.fault.text);
	return is_hopeless ? 0 : rc;
}

/*
 * The fault advises to repair it, or to create it anew. Slots that are more
 * than a lap apart may be beyond repair; what matters is that it comes to an
 * end, and that a ring which can be attached to works.
 */
static void repair(struct run *r, struct sim_disk *d)
{
	struct ring_producer *p;
	struct visitor v;
	int rc;

	if (repair_once(r, d) == 0)
		return;
	visit(&v, d, 2);
	rc = ring_producer_attach("sim", &v.options, &p, NULL);
	if (rc < 0) {
		check(r, rc == -RING_ERR_DAMAGED, v.fault.text);
		ring_io_close(v.options.io);
		return;
	}
	r->repaired++;
	rc = ring_producer_publish(p, NULL, 0, NULL, NULL);
	check(r, rc == 0 || rc == -RING_ERR_FULL, ring_error_name(rc));
	ring_producer_free(p);
}

static void judge_cut(struct run *r, struct sim_disk *d, bool reader_first)
{
	struct ring_producer_state s;
	struct ring_producer *p;
	struct visitor v;
	uint64_t next;
	int rc;

	r->cuts++;
	if (reader_first && !judge_cursor(r, d, 0, &next))
		check(r, tells_the_cause(&r->found), r->found.text);
	visit(&v, d, 2);
	rc = ring_producer_attach("sim", &v.options, &p, &s);
	if (rc < 0) {
		check(r, is_damage(r, rc, &v.fault), v.fault.text);
		check(r, tells_the_cause(&v.fault), v.fault.text);
		ring_io_close(v.options.io);
		repair(r, d);
		return;
	}
	judge_end(r, &s);
	judge_all(r, d, &s);
	rc = ring_producer_publish(p, NULL, 0, NULL, NULL);
	check(r, rc == 0 || rc == -RING_ERR_FULL, ring_error_name(rc));
	ring_producer_free(p);
}

static void cut(struct run *r, struct sim_disk *d)
{
	struct sim_disk copy;

	sim_disk_after_cut(d,
			   draw_below(&r->draw, 5) == 0
				   ? draw_below(&r->draw, 2)
				   : draw_u64(&r->draw),
			   &copy);
	judge_cut(r, &copy, draw_below(&r->draw, 2) == 0);
	sim_disk_release(&copy);
}

/* ---- everybody is killed ------------------------------------------------ */

static void judge_kill(struct run *r, struct sim_disk *d)
{
	struct crash_judge j = {
		.names = names,
		.cursors = CURSORS,
		.expected = &r->expected,
		.boot = 1,
		.uses_it = draw_below(&r->draw, 8) == 0,
	};
	struct sim_disk copy;

	r->kills++;
	sim_disk_after_kill(d, &copy);
	check(r, crash_judge(&j, &copy), j.text);
	sim_disk_release(&copy);
}

static void crash_here(void *ctx, struct sim_disk *d)
{
	struct run *r = ctx;

	if (draw_below(&r->draw, 6) == 0)
		cut(r, d);
	if (draw_below(&r->draw, 6) == 0)
		judge_kill(r, d);
}

/* ---- the processes ------------------------------------------------------ */

static struct ring_options options_of(struct run *r, unsigned who,
				      bool is_durable)
{
	return (struct ring_options){ .io = sim_disk_open(&r->disk),
				      .system = &r->system.system,
				      .durability =
					      is_durable
						      ? RING_DURABILITY_FULL
						      : RING_DURABILITY_PROCESS,
				      .fault = &r->faults[who] };
}

static void attach_consumer(struct run *r, unsigned i)
{
	const struct ring_options o =
		options_of(r, 1 + i, r->mixture->consumers[i]);
	struct ring_consumer_state s;
	int rc;

	r->consumer_ios[i] = o.io;
	rc = ring_consumer_attach("sim", names[i], &o, &r->consumers[i], &s);
	check(r, rc == 0, r->faults[1 + i].text);
	r->floor.consumed[i] = r->expected.after.consumed[i];
}

/* An attach flushes all that there is, and what it says is durable. */
static void attach_producer(struct run *r)
{
	const struct ring_options o = options_of(r, 0, r->mixture->producer);
	struct ring_producer_state s;
	int rc;

	r->producer_io = o.io;
	rc = ring_producer_attach("sim", &o, &r->producer, &s);
	check(r, rc == 0, r->faults[0].text);
	r->end = s.pushed;
	r->floor.exposed = s.exposed_items;
	r->floor.tail = s.pushed - s.used_bytes;
	memcpy(r->floor.consumed, r->expected.after.consumed,
	       sizeof(r->floor.consumed));
}

/* ---- the calls ---------------------------------------------------------- */

struct items {
	struct ring_entry entries[3];
	uint8_t bodies[3][BODY_MAX];
	unsigned count;
};

static void make_items(struct run *r, struct items *items)
{
	items->count = 1 + (unsigned)draw_below(&r->draw, 3);
	for (unsigned i = 0; i < items->count; i++) {
		const struct model_item item = {
			++r->next_tag, (uint32_t)draw_below(&r->draw, BODY_MAX)
		};

		model_fill(&item, items->bodies[i]);
		items->entries[i] =
			(struct ring_entry){ .data = items->bodies[i],
					     .data_bytes = item.len };
		model_push(&r->expected.after, item);
	}
}

static int do_push(struct run *r)
{
	struct items items;

	make_items(r, &items);
	return ring_producer_push(r->producer, items.entries, items.count, NULL,
				  &r->end);
}

static int do_publish(struct run *r)
{
	struct items items;

	make_items(r, &items);
	r->expected.after.exposed = r->expected.after.pushed;
	return ring_producer_publish(r->producer, items.entries, items.count,
				     NULL, &r->end);
}

static int do_expose(struct run *r)
{
	r->expected.after.exposed = r->expected.after.pushed;
	return ring_producer_advance(r->producer, RING_POSITION_NONE, NULL);
}

static int do_discard(struct run *r)
{
	r->expected.after.pushed = r->expected.after.exposed;
	return ring_producer_discard(r->producer, NULL);
}

static int do_state(struct run *r)
{
	struct ring_producer_state s;
	const int rc = ring_producer_state(r->producer, &s);

	r->end = s.pushed;
	return rc;
}

/* G3: what a consumer with durability was given stays; so it is a floor. */
static void was_given(struct run *r, unsigned i, uint64_t items)
{
	struct floor *f = &r->floor;

	if (!r->mixture->consumers[i])
		return;
	if (f->exposed < items)
		f->exposed = items;
}

static int do_consume(struct run *r)
{
	const unsigned i = (unsigned)draw_below(&r->draw, CURSORS);
	const uint64_t n = 1 + draw_below(&r->draw, 5);
	uint64_t *consumed = &r->expected.after.consumed[i];
	uint64_t at = RING_POSITION_NONE;
	struct ring_item item;
	int rc;

	for (uint64_t k = 0; k < n; k++) {
		if (ring_consumer_pop(r->consumers[i], at, &item) < 0)
			break;
		at = item.next;
		++*consumed;
		check(r, item.sequence + 1 == *consumed, "another item");
	}
	if (at == RING_POSITION_NONE)
		return 0;
	was_given(r, i, *consumed);
	rc = ring_consumer_advance(r->consumers[i], at, NULL);
	if (rc == 0 && r->mixture->consumers[i])
		r->floor.consumed[i] = *consumed;
	return rc;
}

/* A process is killed between two calls, and another takes its place. */
static int do_kill_producer(struct run *r)
{
	sim_io_cut(r->producer_io);
	ring_producer_free(r->producer);
	attach_producer(r);
	return 0;
}

static int do_kill_consumer(struct run *r)
{
	const unsigned i = (unsigned)draw_below(&r->draw, CURSORS);

	sim_io_cut(r->consumer_ios[i]);
	ring_consumer_free(r->consumers[i]);
	attach_consumer(r, i);
	return 0;
}

/* Who leaves makes everything durable. */
static int do_detach(struct run *r)
{
	ring_producer_free(r->producer);
	r->floor.exposed = r->expected.before.exposed;
	cut(r, &r->disk);
	attach_producer(r);
	return 0;
}

static int do_leave(struct run *r)
{
	const unsigned i = (unsigned)draw_below(&r->draw, CURSORS);

	ring_consumer_free(r->consumers[i]);
	attach_consumer(r, i);
	return 0;
}

struct operation {
	const char *name;
	int (*run)(struct run *r);
	unsigned weight;
};

static const struct operation operations[] = {
	{ "push", do_push, 8 },
	{ "publish", do_publish, 24 },
	{ "expose", do_expose, 6 },
	{ "discard", do_discard, 3 },
	{ "consume", do_consume, 36 },
	{ "state", do_state, 2 },
	{ "kill of the producer", do_kill_producer, 1 },
	{ "kill of a consumer", do_kill_consumer, 2 },
	{ "detach", do_detach, 1 },
	{ "leave", do_leave, 3 },
};

static const struct operation *draw_operation(struct run *r)
{
	const struct operation *op = operations;
	uint64_t total = 0, at;

	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		total += operations[i].weight;
	for (at = draw_below(&r->draw, total); at >= op->weight; op++)
		at -= op->weight;
	return op;
}

/* What the caller of a durable producer was told, a power loss leaves. */
static void acknowledged(struct run *r)
{
	if (r->mixture->producer)
		r->floor.exposed = r->expected.after.exposed;
}

static void step(struct run *r)
{
	const struct operation *op = draw_operation(r);
	int rc;

	r->op = op->name;
	rc = op->run(r);
	if (rc == -RING_ERR_FULL)
		r->expected.after = r->expected.before;
	else
		check(r, rc == 0, ring_error_name(rc));
	r->expected.before = r->expected.after;
	acknowledged(r);
}

/* ---- the runs ----------------------------------------------------------- */

static void create(struct run *r)
{
	const struct mixture *m = r->mixture;
	const struct ring_create_options options = {
		.block_bytes = m->block,
		.cursor_slots = CURSORS,
		.consumers = names,
		.consumer_count = CURSORS,
		.padded = m->padded,
	};
	const uint64_t data_offset = 131072 + 65536 * 3;
	struct visitor v;

	sim_disk_init(&r->disk, data_offset + m->block * m->data_blocks);
	r->disk.buffered = true;
	visit(&v, &r->disk, 1);
	assert_int_equal(ring_create("sim", &options, &v.options), 0);
	ring_io_close(v.options.io);
}

static void run_one(struct run *r)
{
	r->op = "attach";
	fake_system_init(&r->system, 1, 1);
	r->system.random_seed = 5;
	create(r);
	for (unsigned i = 0; i < CURSORS; i++)
		attach_consumer(r, i);
	attach_producer(r);
	r->disk.point = crash_here;
	r->disk.point_ctx = r;
	for (unsigned i = 0; i < OPS; i++)
		step(r);
	r->disk.point = NULL;
	ring_producer_free(r->producer);
	for (unsigned i = 0; i < CURSORS; i++)
		ring_consumer_free(r->consumers[i]);
	sim_disk_release(&r->disk);
}

static const struct mixture mixtures[] = {
	{ "none durable", false, { false, false }, 512, 16, false },
	{ "none durable, padded", false, { false, false }, 512, 32, true },
	{ "none durable, long", false, { false, false }, 512, 400, false },
	{ "none durable, 4096", false, { false, false }, 4096, 6, false },
	{ "durable consumers", false, { true, true }, 512, 16, false },
	{ "durable consumers, long", false, { true, true }, 512, 400, false },
	{ "durable producer", true, { false, false }, 512, 16, false },
	{ "durable producer, padded", true, { false, false }, 512, 32, true },
	{ "one durable consumer", false, { false, true }, 512, 16, false },
	{ "one without", true, { false, true }, 512, 16, false },
};

static void add(struct run *sum, const struct run *r)
{
	sum->kills += r->kills;
	sum->cuts += r->cuts;
	sum->shorter += r->shorter;
	sum->damaged += r->damaged;
	sum->repaired += r->repaired;
}

static void test_mixture(void **state)
{
	const struct mixture *m = *state;
	struct draw draw = draw_begin(m->name);
	struct run sum = { 0 };

	for (unsigned i = 0; i < RUNS; i++) {
		struct run *r = calloc(1, sizeof(*r));

		assert_non_null(r);
		r->mixture = m;
		r->draw.state = draw_u64(&draw);
		run_one(r);
		add(&sum, r);
		free(r);
	}
	printf("%s: %lu kills, %lu cuts: %lu found less, %lu damage, %lu were "
	       "repaired\n",
	       m->name, sum.kills, sum.cuts, sum.shorter, sum.damaged,
	       sum.repaired);
	assert_true(sum.kills > 0 && sum.cuts > 0);
	/* The test would show nothing if losses were rare. */
	assert_true(m->producer || sum.shorter > 0);
}

int main(void)
{
	struct CMUnitTest tests[sizeof(mixtures) / sizeof(*mixtures)];

	for (size_t i = 0; i < sizeof(mixtures) / sizeof(*mixtures); i++)
		tests[i] = (struct CMUnitTest){
			.name = mixtures[i].name,
			.test_func = test_mixture,
			.initial_state = (void *)(uintptr_t)&mixtures[i],
		};
	return cmocka_run_group_tests_name("durability", tests, NULL, NULL);
}
