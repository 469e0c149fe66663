/*
 * Goal: what a failing perform leads to: retries, each after its interval, and
 * nothing later meanwhile; the poison policy; a ring that fills up.
 * Method: as in test_journal.c.
 */
#include "tests/lib/journal_rig.h"

#include <errno.h>
#include <string.h>

/* ---- failures ----------------------------------------------------------- */

/* Each failure arms the timer anew. */
static void test_retry(void **state)
{
	struct journal_rig *r = journal_rig_started(state);

	r->usual = -EIO;
	journal_rig_push(r, "a");
	for (unsigned i = 1; i <= 4; i++) {
		const uint64_t before = r->system.monotonic_ns;
		struct plan plan = journal_rig_turn(r);

		assert_int_equal(r->calls, i);
		assert_true(plan.until_ns >= before + 5 * RIG_SECOND_NS);
		journal_rig_push(r, "b"); /* changes nothing */
		journal_rig_pass_ms(r, 4900);
		journal_rig_turn(r);
		assert_int_equal(r->calls, i);
		journal_rig_pass_ms(r, 100);
	}
	assert_string_equal(r->performed, "");
	assert_true(journal_rig_stats(r).is_failing);
	assert_int_equal(journal_rig_stats(r).failures, 4);
	r->usual = RIG_ALL;
	journal_rig_turn(r);
	assert_string_equal(r->performed, "a b b b b ");
	assert_false(journal_rig_stats(r).is_failing);
	journal_rig_stop(r);
}

/* Some of a batch: those are done for good, the rest comes again. */
static void test_part_of_a_batch(void **state)
{
	struct journal_rig *r = journal_rig_started(state);
	struct journal_waiter first = journal_rig_push(r, "a");

	journal_rig_push(r, "b c d");
	r->answers[0] = 2;
	r->answers[1] = -EIO;
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b c d|");
	assert_int_equal(journal_sync(r->j, &first, 0), 0);
	assert_int_equal(journal_sync(r->j, NULL, 0), -RING_ERR_TIMEOUT);
	assert_int_equal(fixture_info(r->f).cursors[0].items, 2);
	journal_rig_pass_ms(r, 5000);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b c d|c d|");
	journal_rig_stop(r);
	journal_rig_start(r);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b c d|c d|c d|");
	assert_string_equal(r->performed, "a b c d ");
	journal_rig_stop(r);
}

/* Urged to flush, a failure is retried after the retry interval, however long
 * the flush interval would have been. */
static void test_retry_of_a_flush(void **state)
{
	struct journal_rig *r = journal_rig_new(state);

	r->options.flush_interval_ms = 3600000;
	r->answers[0] = -EIO;
	journal_rig_start(r);
	journal_rig_push(r, "a");
	assert_int_equal(journal_flush(r->j, NULL), 0);
	journal_rig_turn(r);
	journal_rig_pass_ms(r, 5000);
	journal_rig_turn(r);
	assert_string_equal(r->performed, "a ");
	journal_rig_stop(r);
}

/* A flush does not wait for the retry either. */
static void test_flush_ends_a_retry(void **state)
{
	struct journal_rig *r = journal_rig_started(state);

	r->answers[0] = -EIO;
	journal_rig_push(r, "a");
	journal_rig_turn(r);
	assert_int_equal(journal_flush(r->j, NULL), 0);
	journal_rig_turn(r);
	assert_string_equal(r->performed, "a ");
	journal_rig_stop(r);
}

/* ---- poison ------------------------------------------------------------- */

static void fail_times(struct journal_rig *r, unsigned count)
{
	while (count-- > 0) {
		journal_rig_turn(r);
		journal_rig_pass_ms(r, 5000);
	}
}

static struct journal_rig *started_with_poison(void **state,
					       enum journal_verdict verdict)
{
	struct journal_rig *r = journal_rig_new(state);

	r->options.poison_after = 3;
	r->verdict = verdict;
	r->usual = -EIO;
	journal_rig_start(r);
	journal_rig_push(r, "a b");
	fail_times(r, 2);
	assert_string_equal(r->poison, "");
	return r;
}

static void test_poison_retry(void **state)
{
	struct journal_rig *r = started_with_poison(state, JOURNAL_RETRY);

	fail_times(r, 4);
	assert_string_equal(r->poison, "a:3:-5 a:3:-5 ");
	assert_int_equal(journal_rig_stats(r).skipped, 0);
	r->answers[r->answered] = 1; /* a works; b has failures of its own */
	fail_times(r, 3);
	assert_string_equal(r->poison, "a:3:-5 a:3:-5 b:3:-5 ");
	journal_rig_stop(r);
}

/* The first operation that is not performed is what fails. */
static void test_poison_in_a_batch(void **state)
{
	struct journal_rig *r = journal_rig_new(state);

	r->options.poison_after = 2;
	r->verdict = JOURNAL_SKIP;
	r->answers[0] = 1;
	r->answers[1] = -EIO;
	journal_rig_start(r);
	journal_rig_push(r, "a b c");
	fail_times(r, 3);
	assert_string_equal(r->offered, "a b c|b c|c|");
	assert_string_equal(r->poison, "b:2:-5 ");
	assert_string_equal(r->performed, "a c ");
	journal_rig_stop(r);
}

/* What a skipped operation has held back waits neither for the retry, nor for
 * one more interval. */
static void test_poison_holds_back_no_longer(void **state)
{
	struct journal_rig *r = journal_rig_new(state);

	r->options.flush_interval_ms = 60000;
	r->options.poison_after = 1;
	r->options.batch_ops = 2;
	r->verdict = JOURNAL_SKIP;
	r->answers[0] = -EIO;
	journal_rig_start(r);
	journal_rig_push(r, "a b c");
	journal_rig_pass_ms(r, 60000);
	journal_rig_turn(r);
	assert_string_equal(r->poison, "a:1:-5 ");
	assert_string_equal(r->performed, "b c ");
	journal_rig_push(r, "d");
	journal_rig_turn(r);
	assert_string_equal(r->performed, "b c ");
	journal_rig_stop(r);
}

/* Recorded where it outlives the process, with the very advance. */
static void test_poison_skip(void **state)
{
	struct journal_rig *r = started_with_poison(state, JOURNAL_SKIP);
	struct journal_waiter w = { .number = 1 };
	struct journal_status status;
	struct journal_stats s;

	r->answers[r->answered] = -EIO;
	r->usual = RIG_ALL;
	fail_times(r, 1);
	assert_string_equal(r->poison, "a:3:-5 ");
	assert_int_equal(journal_sync(r->j, &w, 0), 0);
	fail_times(r, 1);
	assert_string_equal(r->performed, "b ");
	journal_rig_push(r, "c");
	fail_times(r, 1); /* an ordinary advance keeps the record */
	journal_rig_stop(r);
	assert_int_equal(journal_inspect(r->f->path, &r->options, &status), 0);
	assert_int_equal(status.skipped, 1);
	assert_int_equal(status.last_number, 0);
	journal_rig_start(r);
	s = journal_rig_stats(r);
	assert_int_equal(s.skipped, 1);
	assert_int_equal(s.last_number, 0);
	assert_int_equal(s.next_number, 3);
	journal_rig_stop(r);
}

static void test_poison_stop(void **state)
{
	struct journal_rig *r = started_with_poison(state, JOURNAL_STOP);
	struct journal_stats s;

	fail_times(r, 1);
	assert_int_equal(journal_turn(r->j).action, ACTION_END);
	assert_int_equal(journal_push(r->j, "c", 1, NULL), -ECANCELED);
	assert_int_equal(journal_sync(r->j, NULL, -1), -ECANCELED);
	assert_int_equal(journal_flush(r->j, NULL), -ECANCELED);
	s = journal_rig_stats(r);
	assert_int_equal(s.failed, -ECANCELED);
	assert_non_null(strstr(s.fault.text, "told to stop"));
	journal_rig_stop(r);
	r->usual = RIG_ALL;
	journal_rig_start(r);
	journal_rig_turn(r);
	assert_string_equal(r->performed, "a b ");
	journal_rig_stop(r);
}

/* ---- a full ring -------------------------------------------------------- */

static void test_full(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	unsigned count;

	r->usual = -EIO;
	journal_rig_start(r);
	journal_rig_push(r, "a");
	journal_rig_turn(r);
	assert_int_equal(r->calls, 1);
	count = journal_rig_fill(r, RIG_LARGE);
	/* Waiting for the retry, and the push that found it full ends that. */
	journal_rig_turn(r);
	assert_int_equal(r->calls, 2);
	journal_rig_turn(r);
	assert_int_equal(r->calls, 2);
	r->usual = RIG_ALL;
	journal_rig_pass_ms(r, 5000);
	journal_rig_turn(r);
	assert_int_equal(r->next_number, 1 + count);
	journal_rig_push(r, "b");
	journal_rig_turn(r);
	assert_int_equal(r->next_number, 2 + count);
	journal_rig_stop(r);
}

/* While it waits for room, perform makes some: on the second try. */
static void test_full_and_waits(void **state)
{
	struct journal_rig *r = journal_rig_started(state);
	unsigned count = journal_rig_fill(r, RIG_LARGE);

	r->answers[0] = -EIO;
	journal_rig_turn_in_sleep(r);
	assert_int_equal(journal_rig_push_large(r), 0);
	r->system.on_sleep = NULL;
	assert_int_equal(r->next_number, count);
	assert_int_equal(r->calls, 2);
	journal_rig_stop(r);
}

/* One push that waits does not make a failing perform run in circles. */
static void test_full_and_gives_up(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	uint64_t before;

	r->options.push_timeout_ms = 3000;
	r->usual = -EIO;
	journal_rig_start(r);
	journal_rig_fill(r, RIG_LARGE);
	journal_rig_turn(r);
	r->calls = 0;
	journal_rig_turn_in_sleep(r);
	before = r->system.monotonic_ns;
	assert_int_equal(journal_rig_push_large(r), -RING_ERR_FULL);
	r->system.on_sleep = NULL;
	assert_true(r->system.monotonic_ns >= before + 3 * RIG_SECOND_NS);
	assert_int_equal(r->calls, 1);
	assert_int_equal(journal_rig_stats(r).failed, 0);
	journal_rig_stop(r);
}

static void test_suspended(void **state)
{
	struct journal_rig *r = journal_rig_started(state);
	struct ring_options o = r->options.ring;

	o.system = NULL;
	r->j->options.push_never_waits = true;
	assert_int_equal(ring_operator_suspend(r->f->path, 0, &o), 0);
	journal_keep(r->j); /* who looks after the producer answers */
	assert_int_equal(journal_push(r->j, "a", 1, NULL), -RING_ERR_SUSPENDED);
	assert_int_equal(ring_operator_resume(r->f->path, 0, &o), 0);
	journal_keep(r->j);
	journal_rig_push(r, "b");
	journal_rig_turn(r);
	assert_string_equal(r->performed, "b ");
	journal_rig_stop(r);
}

/* ---- losses ------------------------------------------------------------- */

static void count_losses(void *ctx, const struct ring_loss *loss)
{
	uint64_t *lost = ctx;

	*lost += loss->items;
}

/* One byte of the record that begins at that position. */
static void damage(struct journal_rig *r, uint64_t position)
{
	const struct ring_info info = fixture_info(r->f);

	fixture_flip(r->f,
		     info.data_offset_bytes + position % info.data_bytes + 4);
}

/* The last of three that a journal left is damaged. */
static void leave_damage(struct journal_rig *r)
{
	uint64_t end;

	journal_rig_start(r);
	end = journal_rig_push(r, "a b").position;
	journal_rig_push(r, "c");
	journal_rig_stop(r);
	damage(r, end);
}

struct loss_case {
	const char *name;
	enum journal_sides sides;
	bool repaired; /* or else left out by the journal itself */
};

static const struct loss_case loss_cases[] = {
	{ "the last is lost", JOURNAL_BOTH, false },
	{ "the last is lost, two processes", JOURNAL_PERFORMS, false },
	{ "the last is repaired away", JOURNAL_BOTH, true },
	{ "the last is repaired away, two processes", JOURNAL_PERFORMS, true },
};

static int go_on(void *ctx, const struct ring_repair_step *step)
{
	(void)ctx;
	(void)step;
	return 0;
}

static void leave_out(struct journal_rig *r, bool by_repair)
{
	const struct ring_options skip = { .on_damage = RING_DAMAGE_SKIP,
					   .fault = &r->f->fault };
	const struct ring_repair_options apply = { .apply = true };

	if (by_repair)
		assert_true(ring_repair(r->f->path, &skip, &apply, go_on,
					NULL) > 0);
	else
		r->options.ring.on_damage = RING_DAMAGE_SKIP;
}

/* That is told, the position goes past it, and nobody waits for it. */
static void test_last_is_lost(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	const struct loss_case *row = r->f->row;
	uint64_t lost = 0;

	leave_damage(r);
	leave_out(r, row->repaired);
	r->options.sides = row->sides;
	r->options.ring.lost = count_losses;
	r->options.ring.lost_ctx = &lost;
	journal_rig_start(r);
	journal_rig_turn(r);
	assert_string_equal(r->performed, "a b ");
	journal_rig_pass_ms(r, 1);
	journal_rig_turn(r);
	assert_true(lost > 0);
	assert_int_equal(journal_sync(r->j, NULL, 0), 0);
	assert_int_equal(journal_rig_stats(r).pending, 0);
	assert_int_equal(fixture_info(r->f).cursors[0].items, 3);
	journal_rig_stop(r);
}

/* Nothing says that `a` counts but the commit, which lies behind the damage. */
static void test_damage_in_a_commit(void **state)
{
	enum { STORED_BYTES = 56 }; /* of one letter: FORMAT.md 4.2 */
	const struct journal_op ops[] = { { "a", 1, 0 },
					  { "b", 1, 0 },
					  { "c", 1, 0 } };
	struct journal_rig *r = journal_rig_new(state);
	uint64_t end;

	journal_rig_start(r);
	end = journal_rig_push(r, "x").position;
	assert_int_equal(journal_push_many(r->j, ops, 3, NULL), 0);
	journal_rig_push(r, "d"); /* shows that it is damage, and no end */
	damage(r, end + STORED_BYTES);
	assert_int_equal(journal_rig_turn(r).action, ACTION_END);
	assert_string_equal(r->performed, "x ");
	assert_int_equal(journal_sync(r->j, NULL, 0), -RING_ERR_DAMAGED);
	journal_rig_stop(r);
	assert_int_equal(fixture_info(r->f).cursors[0].items, 1);
}

/* ------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*test)(void **state);
} tests[] = {
	{ "retry", test_retry },
	{ "part of a batch", test_part_of_a_batch },
	{ "retry of a flush", test_retry_of_a_flush },
	{ "flush ends a retry", test_flush_ends_a_retry },
	{ "poison: retry", test_poison_retry },
	{ "poison in a batch", test_poison_in_a_batch },
	{ "poison: skip", test_poison_skip },
	{ "poison: holds back no longer", test_poison_holds_back_no_longer },
	{ "poison: stop", test_poison_stop },
	{ "full", test_full },
	{ "full, and waits", test_full_and_waits },
	{ "full, and gives up", test_full_and_gives_up },
	{ "suspended", test_suspended },
	{ "damage in a commit", test_damage_in_a_commit },
};

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		fixture_add(&list, tests[i].name, tests[i].test, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(loss_cases); i++)
		fixture_add(&list, loss_cases[i].name, test_last_is_lost,
			    &loss_cases[i]);
	return fixture_run("journal failures", &list);
}
