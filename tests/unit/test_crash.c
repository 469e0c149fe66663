/*
 * Goal: whatever is lost in a power cut, the ring recovers to the state before
 * or after the call that was under way.
 * Method: long random sequences of calls on a simulated disk, with a plain
 * model beside them. Before and after each write and flush the power is cut in
 * several ways, on a copy of the disk, which then is recovered and judged
 * (tests/lib/crash_judge.h). The same after kills, and after power cuts in the
 * recovery from them. TEST_SEED repeats a run. crashtest beside it visits short
 * sequences exhaustively.
 */
#include "ring/ring.h"
#include "tests/lib/crash_judge.h"
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

enum {
	CURSORS = 2,
	BODY_MAX = 1500,
	OPS = 120,
	CUTS_PER_POINT = 2,
};

struct shape {
	const char *name;
	uint32_t block;
	uint32_t data_blocks;
	bool padded;
	bool direct;
};

struct run {
	struct shape shape;
	struct sim_disk disk;
	struct fake_system system;
	struct ring_producer *producer;
	struct ring_fault fault; /* lives as long as the producer */
	struct ring_consumer *consumers[CURSORS];
	struct judge_expected expected; /* of the call under way */
	uint64_t rng;
	uint32_t next_tag;
	uint64_t seed;
	unsigned long states, points, recoveries_cut;
	bool quiet; /* no crashes for now */
	bool producer_at_work;
	char last_op[64];
};

static const char *const names[CURSORS] = { "a", "b" };

static _Noreturn void die(const struct run *r, const char *what, int rc,
			  const struct ring_fault *fault)
{
	fail_msg("%s: TEST_SEED=%" PRIu64 " in '%s', state %lu: %s: %s %s",
		 r->shape.name, r->seed, r->last_op, r->states, what,
		 ring_error_name(rc), fault != NULL ? fault->text : "");
	abort();
}

static struct ring_options options_for(struct run *r, struct sim_disk *d,
				       struct ring_fault *fault)
{
	return (struct ring_options){ .io = sim_disk_open(d),
				      .system = &r->system.system,
				      .fault = fault };
}

/* ---- after a crash ------------------------------------------------------ */

/* Recover on disk d: what is there must be one of the two models. */
static void recover(struct run *r, struct sim_disk *d)
{
	struct crash_judge j = {
		.names = names,
		.cursors = CURSORS,
		.expected = &r->expected,
		.boot = 1,
		.uses_it = r->states % 8 == 0,
	};

	r->states++;
	if (!crash_judge(&j, d))
		die(r, j.text, 0, NULL);
}

static void cut_in_recovery(void *ctx, struct sim_disk *d)
{
	struct run *r = ctx;
	struct sim_disk cut;

	if (sim_random(&r->rng) % 24 != 0)
		return;
	sim_disk_after_cut(d, sim_random(&r->rng), &cut);
	r->recoveries_cut++;
	recover(r, &cut);
	sim_disk_release(&cut);
}

static int count_item(void *ctx, const struct ring_item *item)
{
	uint64_t *seen = ctx;

	if (*seen < item->sequence + 1)
		*seen = item->sequence + 1;
	return 0;
}

/*
 * The producer was killed, power stays on, and a consumer looks: what it is
 * given must stay, whatever happens next.
 */
static void look_then_cut(struct run *r, struct sim_disk *killed)
{
	struct ring_options o = options_for(r, killed, NULL);
	const uint64_t seen = r->expected.seen;
	struct ring_consumer *c;
	struct sim_disk cut;
	int rc = ring_consumer_attach("sim", names[0], &o, &c, NULL);

	if (rc < 0)
		die(r, "attach beside a dead producer", rc, NULL);
	rc = ring_consumer_fold(c, RING_POSITION_NONE, NULL, count_item,
				&r->expected.seen, NULL);
	if (rc < 0 && rc != -RING_ERR_EMPTY)
		die(r, "fold beside a dead producer", rc, NULL);
	sim_disk_after_cut(killed, sim_random(&r->rng), &cut);
	recover(r, &cut);
	sim_disk_release(&cut);
	r->expected.seen = seen;
	ring_consumer_free(c);
}

/* A consumer looks while the producer's write is under way. */
static void look_beside(struct run *r)
{
	const struct ring_fold_limits few = { .items = 20 };
	int rc;

	r->quiet = true;
	rc = ring_consumer_fold(r->consumers[0], RING_POSITION_NONE, &few,
				count_item, &r->expected.seen, NULL);
	if (rc < 0 && rc != -RING_ERR_EMPTY)
		die(r, "fold beside a producer at work", rc, NULL);
	r->quiet = false;
}

static void crash_here(void *ctx, struct sim_disk *d)
{
	struct run *r = ctx;

	r->points++;
	if (r->quiet)
		return;
	if (r->producer_at_work && sim_random(&r->rng) % 2 == 0)
		look_beside(r);
	for (unsigned i = 0; i < CUTS_PER_POINT; i++) {
		const uint64_t seed = i < 2 ? i : sim_random(&r->rng);
		struct sim_disk cut;

		sim_disk_after_cut(d, seed, &cut);
		cut.point =
			sim_random(&r->rng) % 4 == 0 ? cut_in_recovery : NULL;
		cut.point_ctx = r;
		recover(r, &cut);
		sim_disk_release(&cut);
	}
	if (sim_random(&r->rng) % 4 == 0) {
		struct sim_disk killed;

		sim_disk_after_kill(d, &killed);
		if (sim_random(&r->rng) % 2 == 0)
			look_then_cut(r, &killed);
		killed.point = cut_in_recovery;
		killed.point_ctx = r;
		recover(r, &killed);
		sim_disk_release(&killed);
	}
}

/* ---- the calls ---------------------------------------------------------- */

static uint64_t pick(struct run *r, uint64_t n)
{
	return sim_random(&r->rng) % n;
}

struct pushes {
	struct ring_entry entries[3];
	uint8_t bodies[3][BODY_MAX];
	unsigned count;
};

static void make_items(struct run *r, struct pushes *p)
{
	static const uint32_t sizes[] = { 0, 1, 100, 463, 464, 465, 700, 1000 };

	p->count = 1 + (unsigned)pick(r, 3);
	for (unsigned i = 0; i < p->count; i++) {
		struct model_item item = { ++r->next_tag, sizes[pick(r, 8)] };

		model_fill(&item, p->bodies[i]);
		p->entries[i] = (struct ring_entry){ .data = p->bodies[i],
						     .data_bytes = item.len };
		model_push(&r->expected.after, item);
	}
}

static bool is_limit(int rc)
{
	return rc == -RING_ERR_FULL || rc == -RING_ERR_TOO_BIG;
}

static int do_push(struct run *r)
{
	struct pushes p;

	make_items(r, &p);
	return ring_producer_push(r->producer, p.entries, p.count, NULL, NULL);
}

static int do_publish(struct run *r)
{
	struct pushes p;

	make_items(r, &p);
	r->expected.after.exposed = r->expected.after.pushed;
	return ring_producer_publish(r->producer, p.entries, p.count, NULL,
				     NULL);
}

static int do_advance(struct run *r)
{
	r->expected.after.exposed = r->expected.after.pushed;
	return ring_producer_advance(r->producer, RING_POSITION_NONE, NULL);
}

static int do_discard(struct run *r)
{
	r->expected.after.pushed = r->expected.after.exposed;
	return ring_producer_discard(r->producer, NULL);
}

static int do_consume(struct run *r)
{
	const unsigned i = (unsigned)pick(r, CURSORS);
	const unsigned n = 1 + (unsigned)pick(r, 5);
	uint64_t at = RING_POSITION_NONE;
	struct ring_item item = { 0 };
	unsigned got = 0;

	while (got < n && ring_consumer_pop(r->consumers[i], at, &item) == 0) {
		at = item.next;
		got++;
	}
	if (got == 0)
		return 0;
	r->expected.after.consumed[i] += got;
	return ring_consumer_advance(r->consumers[i], at, NULL);
}

static int do_state(struct run *r)
{
	struct ring_producer_state s;

	return ring_producer_state(r->producer, &s);
}

static int attach_producer(struct run *r)
{
	struct ring_options o = options_for(r, &r->disk, &r->fault);
	int rc = ring_producer_attach("sim", &o, &r->producer, NULL);

	if (rc < 0)
		die(r, "attach in the run", rc, &r->fault);
	return rc;
}

static int do_reattach(struct run *r)
{
	ring_producer_free(r->producer);
	return attach_producer(r);
}

static void attach_consumers(struct run *r)
{
	for (unsigned i = 0; i < CURSORS; i++) {
		struct ring_options o = options_for(r, &r->disk, NULL);
		int rc = ring_consumer_attach("sim", names[i], &o,
					      &r->consumers[i], NULL);

		if (rc < 0)
			die(r, "consumer attach in the run", rc, NULL);
	}
}

static void free_handles(struct run *r)
{
	for (unsigned i = 0; i < CURSORS; i++)
		ring_consumer_free(r->consumers[i]);
	ring_producer_free(r->producer);
}

/* The run goes on with a disk that lost its power. */
static void replace_disk(struct run *r, struct sim_disk *next)
{
	struct sim_disk flat;

	sim_disk_flatten(next, &flat); /* it shares bytes with the old one */
	sim_disk_release(next);
	sim_disk_release(&r->disk);
	r->disk = flat;
	r->disk.point = crash_here;
	r->disk.point_ctx = r;
}

struct interruption {
	struct run *run;
	unsigned after; /* so many points */
	struct sim_disk cut;
	bool happened;
};

static void interrupt_attach(void *ctx, struct sim_disk *d)
{
	struct interruption *i = ctx;

	if (i->happened || i->after-- > 0)
		return;
	sim_disk_after_cut(d, sim_random(&i->run->rng), &i->cut);
	i->happened = true;
}

/* An attach that the power cut interrupts: several in a row leave traces. */
static void cut_an_attach(struct run *r)
{
	struct interruption i = { .run = r, .after = (unsigned)pick(r, 12) };
	struct ring_producer *p = NULL;
	struct ring_options o;
	int rc;

	r->disk.point = interrupt_attach;
	r->disk.point_ctx = &i;
	o = options_for(r, &r->disk, NULL);
	rc = ring_producer_attach("sim", &o, &p, NULL);
	if (rc < 0)
		die(r, "attach after cuts", rc, NULL);
	ring_producer_free(p);
	if (i.happened)
		replace_disk(r, &i.cut);
	r->states++;
}

static int do_cut(struct run *r)
{
	struct sim_disk cut;

	sim_disk_after_cut(&r->disk, sim_random(&r->rng), &cut);
	r->disk.point = NULL;
	free_handles(r);
	replace_disk(r, &cut);
	for (uint64_t n = pick(r, 12); n > 0; n--)
		cut_an_attach(r);
	r->disk.point = crash_here;
	r->disk.point_ctx = r;
	attach_consumers(r);
	return attach_producer(r);
}

struct operation {
	const char *name;
	int (*run)(struct run *r);
	unsigned weight;
	bool is_producer; /* a consumer may look meanwhile */
};

static const struct operation operations[] = {
	{ "push", do_push, 4, true },
	{ "publish", do_publish, 8, true },
	{ "advance", do_advance, 2, true },
	{ "discard", do_discard, 1, true },
	{ "consume", do_consume, 8, false },
	{ "state", do_state, 1, true },
	{ "reattach", do_reattach, 1, true },
	{ "cut", do_cut, 1, false },
};

static const struct operation *pick_operation(struct run *r)
{
	unsigned total = 0, at;

	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		total += operations[i].weight;
	at = (unsigned)pick(r, total);
	for (size_t i = 0;; i++) {
		if (at < operations[i].weight)
			return &operations[i];
		at -= operations[i].weight;
	}
}

static void step(struct run *r)
{
	const struct operation *op = pick_operation(r);
	int rc;

	snprintf(r->last_op, sizeof(r->last_op), "%s", op->name);
	/* Long runs matter as much as many crashes in each of them. */
	r->quiet = pick(r, 3) != 0;
	r->producer_at_work = op->is_producer;
	rc = op->run(r);
	r->producer_at_work = false;
	if (is_limit(rc))
		r->expected.after = r->expected.before;
	else if (rc < 0)
		die(r, "a call in the run", rc, NULL);
	r->expected.before = r->expected.after;
}

/* ---- the runs ----------------------------------------------------------- */

static void create(struct run *r)
{
	const struct shape *s = &r->shape;
	const uint64_t data_offset = 131072 + 65536 * 3;
	const struct ring_create_options create = {
		.block_bytes = s->block,
		.cursor_slots = CURSORS,
		.consumers = names,
		.consumer_count = CURSORS,
		.padded = s->padded,
	};
	struct ring_fault fault = { 0 };
	struct ring_options o;
	int rc;

	sim_disk_init(&r->disk, data_offset + s->block * s->data_blocks);
	r->disk.buffered = !s->direct;
	o = options_for(r, &r->disk, &fault);
	rc = ring_create("sim", &create, &o);
	ring_io_close(o.io);
	if (rc < 0)
		die(r, "create", rc, &fault);
}

static void run_one(struct run *r)
{
	fake_system_init(&r->system, 1, 1);
	r->system.random_seed = r->seed;
	create(r);
	attach_producer(r);
	attach_consumers(r);
	r->disk.point = crash_here;
	r->disk.point_ctx = r;
	for (unsigned i = 0; i < OPS; i++)
		step(r);
	r->disk.point = NULL;
	free_handles(r);
	sim_disk_release(&r->disk);
}

static const struct shape shapes[] = {
	{ "packed 512", 512, 12, false, false },
	{ "padded 512", 512, 20, true, false },
	{ "packed 4096", 4096, 5, false, false },
	{ "padded 4096", 4096, 8, true, false },
	{ "packed 512 direct", 512, 12, false, true },
	{ "padded 512 direct", 512, 20, true, true },
	{ "packed 512 long", 512, 48, false, false },
	{ "padded 512 long", 512, 64, true, true },
};

static void test_shape(void **state)
{
	const struct shape *shape = *state;
	const char *env = getenv("TEST_SEED");
	const char *runs = getenv("TEST_RUNS");
	const uint64_t first = env != NULL ? strtoull(env, NULL, 0) : 1;
	const unsigned count =
		env != NULL ? 1 : (runs != NULL ? (unsigned)atoi(runs) : 4);
	unsigned long states = 0, points = 0, nested = 0;

	for (unsigned i = 0; i < count; i++) {
		struct run *r = calloc(1, sizeof(*r));

		assert_non_null(r);
		r->shape = *shape;
		r->seed = first + i;
		r->rng = r->seed * 1000003;
		run_one(r);
		states += r->states;
		points += r->points;
		nested += r->recoveries_cut;
		free(r);
	}
	printf("%s: seeds %" PRIu64 "..%" PRIu64 ", %lu crash points, %lu "
	       "states, %lu of them crashes in recovery\n",
	       shape->name, first, first + count - 1, points, states, nested);
	assert_true(states > 0 && nested > 0);
}

int main(void)
{
	struct CMUnitTest tests[sizeof(shapes) / sizeof(*shapes)];

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		tests[i] = (struct CMUnitTest){
			.name = shapes[i].name,
			.test_func = test_shape,
			.initial_state = (void *)(uintptr_t)&shapes[i],
		};
	return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
