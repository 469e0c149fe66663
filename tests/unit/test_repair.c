/*
 * Goal: what damage costs is what DESIGN.md, "Damage" and "Repair", says, for a
 * consumer that goes on by itself and for one behind a repair alike; and a
 * repair leaves a ring in which nothing is left to repair.
 * Method: three batches "a b", "c" and "d e", vouched for by a checkpoint; one
 * damage a row; what is then given, and what is told to be lost.
 */
#include "tests/lib/ring_fixture.h"

#include <stdlib.h>
#include <string.h>

enum { ITEM = 56, COMMIT = 88, LOSSES_MAX = 8 };

/* Where the records are, from the first position on. */
enum {
	AT_A = 0,
	AT_COMMIT_1 = 2 * ITEM,
	AT_C = AT_COMMIT_1 + COMMIT,
	AT_COMMIT_2 = AT_C + ITEM,
	AT_D = AT_COMMIT_2 + COMMIT,
	AT_E = AT_D + ITEM,
	AT_COMMIT_3 = AT_E + ITEM,
	BODY = 48,
	HEADER = 24, /* the epoch: header and checksum are wrong then */
};

struct damage_case {
	const char *name;
	unsigned at, bytes; /* each byte is flipped */
	enum ring_on_damage how;
	const char *given;
	uint64_t first_lost, lost;
};

static const struct damage_case cases[] = {
	{ "item, body", AT_C + BODY, 1, RING_DAMAGE_SKIP, "a b d e", 2, 1 },
	{ "item, header", AT_C + HEADER, 1, RING_DAMAGE_SKIP, "a b d e", 2, 1 },
	{ "first item, body", AT_A + BODY, 1, RING_DAMAGE_SKIP, "b c d e", 0,
	  1 },
	{ "commit, body", AT_COMMIT_2 + BODY, 1, RING_DAMAGE_SKIP, "a b c d e",
	  3, 0 },
	{ "commit, header: its item may have been discarded",
	  AT_COMMIT_2 + HEADER, 1, RING_DAMAGE_SKIP, "a b d e", 2, 1 },
	{ "last commit, body", AT_COMMIT_3 + BODY, 1, RING_DAMAGE_SKIP,
	  "a b c d e", 5, 0 },
	{ "two items, a commit between", AT_C, AT_E - AT_C, RING_DAMAGE_SKIP,
	  "a b e", 2, 2 },
	{ "from an item to the end", AT_D, ITEM * 2 + COMMIT, RING_DAMAGE_SKIP,
	  "a b c", 3, 2 },
	{ "all of it", AT_A, AT_COMMIT_3 + COMMIT, RING_DAMAGE_SKIP, "", 0, 5 },
	{ "truncate at an item", AT_C + BODY, 1, RING_DAMAGE_TRUNCATE, "a b", 2,
	  3 },
	{ "truncate at the first", AT_A + BODY, 1, RING_DAMAGE_TRUNCATE, "", 0,
	  5 },
	{ "truncate at a commit", AT_COMMIT_3 + BODY, 1, RING_DAMAGE_TRUNCATE,
	  "a b c", 3, 2 },
};

struct losses {
	unsigned count;
	struct ring_loss list[LOSSES_MAX];
};

static void on_loss(void *ctx, const struct ring_loss *loss)
{
	struct losses *l = ctx;

	for (unsigned i = 0; i < l->count; i++)
		if (l->list[i].position == loss->position)
			return; /* told again */
	assert_true(l->count < LOSSES_MAX);
	l->list[l->count++] = *loss;
}

static int append_word(void *ctx, const struct ring_item *item)
{
	char *text = ctx;

	if (text[0] != '\0')
		strcat(text, " ");
	strncat(text, item->data, item->data_bytes);
	return 0;
}

/* As fixture_take(), with holes in the sequence numbers. */
static void take(struct ring_consumer *c, const char *words)
{
	uint64_t end = RING_POSITION_NONE;
	char text[64] = "";
	int rc;

	do
		rc = ring_consumer_fold(c, end, NULL, append_word, text, &end);
	while (rc == 0);
	assert_int_equal(rc, -RING_ERR_EMPTY);
	assert_string_equal(text, words);
	if (end != RING_POSITION_NONE)
		assert_int_equal(ring_consumer_advance(c, end, NULL), 0);
}

static int count_step(void *ctx, const struct ring_repair_step *step)
{
	unsigned *impossible = ctx;

	*impossible += !step->is_possible;
	return 0;
}

static void ignore_finding(void *ctx, const struct ring_finding *finding)
{
	(void)ctx;
	(void)finding;
}

static void make_scene(struct fixture *f, bool padded)
{
	const struct ring_create_options create = {
		.size_bytes = FIXTURE_RING_BYTES,
		.block_bytes = 512,
		.padded = padded,
	};
	struct ring_producer *p;

	fixture_create(f, &create);
	p = fixture_producer(f, NULL);
	fixture_publish(p, "a b");
	fixture_publish(p, "c");
	fixture_publish(p, "d e");
	fixture_drop_producer(f, p);
}

static void damage(struct fixture *f, const struct damage_case *row)
{
	const uint64_t start = fixture_info(f).data_offset_bytes;

	for (unsigned i = 0; i < row->bytes; i++)
		fixture_flip(f, start + row->at + i);
}

static void expect_loss(const struct damage_case *row, const struct losses *l,
			bool is_repaired)
{
	uint64_t lost = 0;

	if (row->lost == 0 && l->count == 0)
		return;
	assert_true(l->count > 0);
	assert_int_equal(l->list[0].sequence, row->first_lost);
	for (unsigned i = 0; i < l->count; i++) {
		assert_int_equal(l->list[i].is_repaired, is_repaired);
		lost += l->list[i].items;
	}
	assert_int_equal(lost, row->lost);
}

/* The rest of the ring's life: a producer comes, all goes on. */
static void go_on(struct fixture *f, struct ring_consumer *c)
{
	struct ring_producer *p = fixture_producer(f, NULL);

	fixture_publish(p, "x y");
	take(c, "x y");
	fixture_drop_producer(f, p);
	fixture_drop_consumer(f, c);
}

static void test_consumer_goes_on(void **state)
{
	struct fixture *f = *state;
	const struct damage_case *row = f->row;
	struct losses *losses = fixture_alloc(f, sizeof(*losses));
	struct ring_options options = fixture_options(f);
	struct ring_consumer *c;

	make_scene(f, false);
	damage(f, row);
	options.on_damage = row->how;
	options.lost = on_loss;
	options.lost_ctx = losses;
	c = fixture_consumer(f, NULL, &options);
	take(c, row->given);
	take(c, "");
	expect_loss(row, losses, false);
	go_on(f, c);
}

static int repair(struct fixture *f, enum ring_on_damage how, bool apply)
{
	const struct ring_repair_options repair = { .apply = apply };
	struct ring_options options = fixture_options(f);
	unsigned impossible = 0;
	int rc;

	options.on_damage = how;
	rc = ring_repair(f->path, &options, &repair, count_step, &impossible);
	assert_int_equal(impossible, 0);
	return rc;
}

static void expect_whole(struct fixture *f, enum ring_on_damage how)
{
	const struct ring_options options = fixture_options(f);

	assert_int_equal(repair(f, how, true), 0);
	assert_int_equal(ring_check(f->path, &options, ignore_finding, NULL),
			 0);
}

static void test_repair(void **state)
{
	struct fixture *f = *state;
	const struct damage_case *row = f->row;
	struct losses *losses = fixture_alloc(f, sizeof(*losses));
	struct ring_options options = fixture_options(f);
	struct ring_consumer *c;
	int steps;

	make_scene(f, false);
	damage(f, row);
	steps = repair(f, row->how, false);
	assert_true(steps > 0);
	assert_int_equal(repair(f, row->how, true), steps);
	expect_whole(f, row->how);
	options.lost = on_loss;
	options.lost_ctx = losses;
	c = fixture_consumer(f, NULL, &options);
	take(c, row->given);
	take(c, "");
	expect_loss(row, losses, true);
	go_on(f, c);
	expect_whole(f, row->how);
}

/* Told to stop, both say where, and change nothing. */
static void test_stop(void **state)
{
	struct fixture *f = *state;
	const struct damage_case *row = f->row;
	const struct ring_repair_options apply = { .apply = true };
	const struct ring_options options = fixture_options(f);
	struct ring_consumer *c;
	struct ring_item item;
	unsigned impossible = 0;
	uint64_t start;

	make_scene(f, false);
	damage(f, row);
	start = fixture_info(f).data_offset_bytes;
	assert_int_equal(
		ring_repair(f->path, &options, &apply, count_step, &impossible),
		0);
	assert_int_equal(impossible, 1);
	c = fixture_consumer(f, NULL, NULL);
	for (uint64_t at = RING_POSITION_NONE;; at = item.next) {
		int rc = ring_consumer_pop(c, at, &item);

		if (rc == 0)
			continue;
		assert_int_equal(rc, -RING_ERR_DAMAGED);
		assert_int_equal(f->fault.code, rc);
		assert_in_range(f->fault.offset_bytes, start, start + row->at);
		break;
	}
}

/* ---- slots -------------------------------------------------------------- */

/* Slots of 4096 bytes, 9 a role, from 131072 on. */
#define SLOT(role, copy) (131072 + ((role)*9 + (copy)) * 4096)

struct slot_case {
	const char *name;
	unsigned role;
	unsigned pairs; /* bit q: both copies of pair q are damaged */
};

static const struct slot_case slot_cases[] = {
	{ "producer, never used", 0, 1 << 0 },
	{ "producer, the newest", 0, 1 << 3 },
	{ "producer, the one before", 0, 1 << 2 },
	{ "producer, the newest three", 0, 7 << 1 },
	{ "producer, all", 0, 15 },
	{ "operator, newest", 1, 1 << 1 },
	{ "operator, all", 1, 15 },
	{ "cursor, the newest", 2, 1 << 2 },
	{ "cursor, the one before", 2, 1 << 1 },
	{ "cursor, all", 2, 15 },
	{ "a free cursor, all", 4, 15 },
};

static void test_slots(void **state)
{
	struct fixture *f = *state;
	const struct slot_case *row = f->row;
	struct ring_consumer *c;

	make_scene(f, false);
	c = fixture_consumer(f, NULL, NULL);
	fixture_take(c, "a b c d e");
	fixture_drop_consumer(f, c);
	fixture_publish(fixture_producer(f, NULL), "f");
	fixture_drop_producer(f, f->producers[0]);
	for (unsigned copy = 0; copy < 8; copy++)
		if (row->pairs & 1U << copy / 2)
			fixture_flip(f, SLOT(row->role, copy) + 100);
	assert_int_equal(repair(f, RING_DAMAGE_STOP, false), 1);
	assert_int_equal(repair(f, RING_DAMAGE_STOP, true), 1);
	expect_whole(f, RING_DAMAGE_STOP);
	c = fixture_consumer(
		f, row->role == 2 && row->pairs == 15 ? "repaired-0" : NULL,
		NULL);
	take(c, "f");
	go_on(f, c);
}

/* ---- more than one thing at once ---------------------------------------- */

static void flip_in_stream(struct fixture *f, uint64_t position)
{
	const struct ring_info info = fixture_info(f);

	fixture_flip(f, info.data_offset_bytes + position % info.data_bytes);
}

/*
 * The slot that knew the end is lost, and the backlog is long: what is damaged
 * in the middle of it is not taken for the end.
 */
static void test_damage_far_behind_the_tail(void **state)
{
	enum { ITEMS = 48, ITEM_BYTES = 40000 };
	static char data[ITEM_BYTES];
	const struct ring_entry entry = { .data = data,
					  .data_bytes = ITEM_BYTES };
	const struct ring_create_options create = {
		.size_bytes = 4 << 20,
		.max_item_bytes = ITEM_BYTES,
		.max_batch_bytes = 65536,
	};
	struct fixture *f = *state;
	struct ring_options options = fixture_options(f);
	const struct ring_repair_options apply = { .apply = true };
	struct ring_producer *p;
	unsigned impossible = 0;
	uint64_t middle = 0;

	fixture_create(f, &create);
	p = fixture_producer(f, NULL);
	for (unsigned i = 0; i < ITEMS; i++) {
		uint64_t at;

		assert_int_equal(ring_producer_publish(p, &entry, 1, NULL, &at),
				 0);
		if (i == ITEMS / 2)
			middle = at;
	}
	fixture_drop_producer(f, p);
	flip_in_stream(f, middle);
	for (unsigned copy = 4; copy < 6; copy++)
		fixture_flip(f, SLOT(0, copy) + 100);
	assert_int_equal(
		ring_repair(f->path, &options, &apply, count_step, &impossible),
		-RING_ERR_DAMAGED);
	assert_int_equal(impossible, 1);
	assert_int_equal(repair(f, RING_DAMAGE_SKIP, true), 2);
	expect_whole(f, RING_DAMAGE_SKIP);
	assert_int_equal(fixture_info(f).pushed_items, ITEMS);
}

/*
 * A cursor within the newest batch, of which an item and the commit are
 * damaged: what is good before them stays, and the ring goes on.
 */
static void test_newest_batch_in_pieces(void **state)
{
	struct fixture *f = *state;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct ring_item item;
	uint64_t end;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	end = fixture_publish(p, "a b c");
	c = fixture_consumer(f, NULL, NULL);
	item = fixture_pop(c, RING_POSITION_NONE);
	assert_int_equal(ring_consumer_advance(c, item.next, NULL), 0);
	fixture_drop_consumer(f, c);
	fixture_drop_producer(f, p);
	flip_in_stream(f, item.next + BODY); /* "b" */
	flip_in_stream(f, end - COMMIT + HEADER);
	(void)repair(f, RING_DAMAGE_SKIP, true);
	expect_whole(f, RING_DAMAGE_SKIP);
	c = fixture_consumer(f, NULL, NULL);
	go_on(f, c);
	expect_whole(f, RING_DAMAGE_SKIP);
}

/* Nobody wants to hear of the steps: they are planned and done all the same. */
static void test_without_callback(void **state)
{
	struct fixture *f = *state;
	const struct ring_repair_options apply = { .apply = true };
	struct ring_options options = fixture_options(f);
	int steps;

	make_scene(f, false);
	damage(f, f->row);
	options.on_damage = RING_DAMAGE_SKIP;
	steps = repair(f, RING_DAMAGE_SKIP, false);
	assert_true(steps > 0);
	assert_int_equal(ring_repair(f->path, &options, NULL, NULL, NULL),
			 steps);
	assert_int_equal(ring_repair(f->path, &options, &apply, NULL, NULL),
			 steps);
	expect_whole(f, RING_DAMAGE_SKIP);
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture_add(&list, cases[i].name, test_consumer_goes_on,
			    &cases[i]);
		fixture_add(&list, cases[i].name, test_repair, &cases[i]);
		fixture_add(&list, cases[i].name, test_stop, &cases[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(slot_cases); i++)
		fixture_add(&list, slot_cases[i].name, test_slots,
			    &slot_cases[i]);
	fixture_add(&list, "damage far behind the tail",
		    test_damage_far_behind_the_tail, NULL);
	fixture_add(&list, "newest batch in pieces",
		    test_newest_batch_in_pieces, NULL);
	fixture_add(&list, "without a callback", test_without_callback,
		    &cases[0]);
	return fixture_run("repair", &list);
}
