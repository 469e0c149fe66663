/*
 * Goal: what a journal promises: pushes are performed in order, at least once,
 * in bounded batches, when the options say so.
 * Method: a journal without threads on a file; the test takes its turns and
 * moves its clock. Perform is scripted (tests/lib/journal_rig.h).
 */
#include "tests/lib/journal_rig.h"

#include <errno.h>
#include <string.h>

/* ---- in order, once ----------------------------------------------------- */

static void test_in_order(void **state)
{
	struct journal_rig *r = journal_rig_started(state);
	struct journal_stats s;

	journal_rig_push(r, "a b");
	assert_string_equal(r->performed, "");
	assert_int_equal(journal_rig_turn(r).until_ns, PLAN_NEVER);
	journal_rig_push(r, "c");
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b|c|");
	assert_string_equal(r->performed, "a b c ");
	s = journal_rig_stats(r);
	assert_int_equal(s.pushed, 3);
	assert_int_equal(s.pushed_bytes, 3);
	assert_int_equal(s.publishes, 3);
	assert_int_equal(s.performed, 3);
	assert_int_equal(s.batches, 2);
	assert_int_equal(s.largest, 2);
	assert_int_equal(s.next_number, 3);
	assert_int_equal(s.pending, 0);
	assert_int_equal(s.failed, 0);
	journal_rig_stop(r);
}

static void test_several_at_once(void **state)
{
	struct journal_rig *r = journal_rig_started(state);
	const struct journal_op ops[] = { { "a", 1, 0 },
					  { NULL, 0, 0 },
					  { "ccc", 3, 0 } };
	struct journal_waiter w;

	assert_int_equal(journal_push_many(r->j, ops, 3, &w), 0);
	assert_int_equal(w.number, 3);
	assert_int_equal(journal_rig_stats(r).publishes, 1);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a  ccc|");
	journal_rig_stop(r);
}

/* A ring that holds the operations is all that a restart needs. */
static void test_goes_on_after_restart(void **state)
{
	struct journal_rig *r = journal_rig_new(state);

	r->options.flush_interval_ms = 60000;
	journal_rig_start(r);
	journal_rig_push(r, "a b c");
	r->answers[0] = 1;
	assert_int_equal(journal_flush(r->j, NULL), 0);
	journal_rig_turn(r);
	assert_string_equal(r->performed, "a ");
	journal_rig_stop(r);
	journal_rig_start(r);
	journal_rig_push(r, "d");
	journal_rig_turn(r); /* at once: what was left is due */
	assert_string_equal(r->performed, "a b c d ");
	journal_rig_push(r, "e");
	journal_rig_turn(r); /* after that the interval counts again */
	assert_string_equal(r->performed, "a b c d ");
	journal_rig_stop(r);
}

static void test_bounded_batches(void **state)
{
	struct journal_rig *r = journal_rig_new(state);

	r->options.batch_ops = 3;
	r->options.batch_bytes = 10;
	journal_rig_start(r);
	journal_rig_push(r, "a b c d eeeeee ffffff gggggggggggggggg h");
	journal_rig_turn(r);
	assert_string_equal(r->offered,
			    "a b c|d eeeeee|ffffff|gggggggggggggggg|h|");
	assert_int_equal(r->most_ops, 3);
	journal_rig_stop(r);
}

/* However much waits, no call gets more than the limit. */
static void test_large_backlog(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	unsigned count;

	r->options.flush_interval_ms = 60000;
	r->options.batch_ops = 7;
	r->options.batch_bytes = 50;
	journal_rig_start(r);
	count = journal_rig_fill(r, 10);
	assert_true(count > 100);
	journal_rig_stop(r);
	journal_rig_start(r);
	journal_rig_turn(r);
	assert_int_equal(r->next_number, count);
	assert_int_equal(r->most_ops, 5);
	assert_int_equal(r->most_bytes, 50);
	journal_rig_stop(r);
}

/* ---- the flush interval ------------------------------------------------- */

static void test_interval(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	struct plan plan;

	r->options.flush_interval_ms = 1000;
	journal_rig_start(r);
	journal_rig_push(r, "a");
	plan = journal_rig_turn(r);
	assert_int_equal(plan.action, ACTION_WAIT);
	assert_in_range(plan.until_ns, r->system.monotonic_ns + 999000000,
			r->system.monotonic_ns + RIG_SECOND_NS);
	journal_rig_pass_ms(r, 900);
	journal_rig_push(r, "b"); /* the interval is that of the first */
	journal_rig_turn(r);
	assert_string_equal(r->offered, "");
	journal_rig_pass_ms(r, 100);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b|");
	journal_rig_push(r, "c");
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b|");
	journal_rig_pass_ms(r, 1000);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b|c|");
	journal_rig_stop(r);
}

static void push_within(struct journal_rig *r)
{
	if (r->calls == 1)
		journal_rig_push(r, "late");
}

/* What comes while perform works waits an interval of its own. */
static void test_interval_beside_perform(void **state)
{
	struct journal_rig *r = journal_rig_new(state);

	r->options.flush_interval_ms = 1000;
	r->within = push_within;
	journal_rig_start(r);
	journal_rig_push(r, "a");
	journal_rig_pass_ms(r, 1000);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a|");
	journal_rig_pass_ms(r, 1000);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a|late|");
	journal_rig_stop(r);
}

static void test_flush(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	struct journal_waiter first, second;

	r->options.flush_interval_ms = 60000;
	journal_rig_start(r);
	first = journal_rig_push(r, "a");
	assert_int_equal(journal_flush(r->j, &first), 0);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a|");
	second = journal_rig_push(r, "b");
	assert_int_equal(journal_flush(r->j, &first), 0); /* it is done */
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a|");
	assert_int_equal(journal_flush(r->j, &second), 0);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a|b|");
	assert_int_equal(journal_flush(r->j, NULL), 0); /* nothing to do */
	journal_rig_turn(r);
	journal_rig_push(r, "c"); /* the urge was not for this one */
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a|b|");
	journal_rig_stop(r);
}

/* However many calls of perform that takes. */
static void test_flush_of_many(void **state)
{
	struct journal_rig *r = journal_rig_new(state);

	r->options.flush_interval_ms = 60000;
	r->options.batch_ops = 2;
	journal_rig_start(r);
	journal_rig_push(r, "a b c d e");
	assert_int_equal(journal_flush(r->j, NULL), 0);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b|c d|e|");
	journal_rig_push(r, "f");
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b|c d|e|");
	journal_rig_stop(r);
}

static void test_becoming_full(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	static char text[3500];
	uint64_t used = 0;

	memset(text, 'x', sizeof(text));
	r->options.flush_interval_ms = 60000;
	r->options.batch_ops = 2;
	journal_rig_start(r);
	while (used <= fixture_info(r->f).data_bytes / 2) {
		assert_int_equal(r->calls, 0);
		assert_int_equal(journal_push(r->j, text, sizeof(text), NULL),
				 0);
		journal_rig_turn(r);
		used = r->calls == 0 ? r->j->end - r->j->done : UINT64_MAX;
	}
	assert_true(r->calls > 1); /* all of it, not down to a half */
	assert_int_equal(journal_rig_stats(r).pending, 0);
	used = r->calls;
	journal_rig_push(r, "a");
	journal_rig_turn(r);
	assert_int_equal(r->calls, used); /* there is room again */
	journal_rig_stop(r);
}

/* ---- operations of any kind --------------------------------------------- */

static void test_odd_operations(void **state)
{
	struct journal_rig *r = journal_rig_started(state);
	static uint8_t bytes[8192];
	const struct journal_op many[] = { { bytes, 3000, 0 },
					   { bytes, 3000, 0 },
					   { bytes, 3000, 0 } };

	assert_int_equal(journal_push(r->j, bytes, 4001, NULL),
			 -RING_ERR_TOO_BIG);
	assert_int_equal(journal_push_many(r->j, many, 3, NULL),
			 -RING_ERR_TOO_BIG);
	assert_int_equal(journal_push_many(r->j, many, 0, NULL), -EINVAL);
	assert_int_equal(journal_push(r->j, NULL, 0, NULL), 0);
	assert_int_equal(journal_push(r->j, bytes, 4000, NULL), 0);
	memset(bytes, 'z', sizeof(bytes));
	journal_rig_push(r, "a");
	journal_rig_turn(r);
	assert_int_equal(r->next_number, 3);
	assert_int_equal(r->offered[0], ' '); /* of no bytes */
	journal_rig_stop(r);
}

/* ---- perform uses the journal ------------------------------------------- */

static void call_all_within(struct journal_rig *r)
{
	const struct journal_waiter done = { .number = 0 };

	assert_int_equal(journal_shutdown(r->j), -EDEADLK);
	assert_int_equal(journal_sync(r->j, NULL, -1), -EDEADLK);
	assert_int_equal(journal_sync(r->j, &done, -1), 0);
	assert_int_equal(journal_flush(r->j, NULL), 0);
	if (r->calls == 1)
		journal_rig_push(r, "c");
	r->within = NULL;
}

static void test_calls_from_perform(void **state)
{
	struct journal_rig *r = journal_rig_started(state);

	r->within = call_all_within;
	journal_rig_push(r, "a b");
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b|c|");
	journal_rig_stop(r);
}

static void push_into_full(struct journal_rig *r)
{
	if (r->calls == 1)
		assert_int_equal(journal_rig_push_large(r), -RING_ERR_FULL);
}

/* Though pushes may wait for ever, this one would wait for itself. */
static void test_push_from_perform_into_full(void **state)
{
	struct journal_rig *r = journal_rig_started(state);
	unsigned count = journal_rig_fill(r, RIG_LARGE);

	r->within = push_into_full;
	journal_rig_turn(r);
	assert_int_equal(r->next_number, count);
	journal_rig_stop(r);
}

/* ---- waiting ------------------------------------------------------------ */

/* The position is durable when the waiter is woken: what a power loss leaves
 * is the crash test's; here, that it does not come before the advance. */
static void test_sync(void **state)
{
	struct journal_rig *r = journal_rig_started(state);
	struct journal_waiter w = journal_rig_push(r, "a");

	assert_int_equal(journal_sync(r->j, &w, 0), -RING_ERR_TIMEOUT);
	assert_int_equal(journal_sync(r->j, &w, 20), -RING_ERR_TIMEOUT);
	journal_rig_turn_in_sleep(r);
	assert_int_equal(journal_sync(r->j, &w, -1), 0);
	assert_int_equal(fixture_info(r->f).cursors[0].items, 1);
	assert_int_equal(journal_sync(r->j, NULL, -1), 0);
	r->system.on_sleep = NULL;
	journal_rig_stop(r);
}

static void test_shutdown(void **state)
{
	struct journal_rig *r = journal_rig_started(state);
	struct journal_waiter w = journal_rig_push(r, "a");
	struct journal_stats s;

	assert_int_equal(journal_shutdown(r->j), 0);
	assert_int_equal(journal_shutdown(r->j), 0);
	assert_int_equal(journal_push(r->j, "b", 1, NULL), -ESHUTDOWN);
	assert_int_equal(journal_sync(r->j, &w, -1), -ESHUTDOWN);
	assert_int_equal(journal_flush(r->j, &w), -ESHUTDOWN);
	s = journal_rig_stats(r);
	assert_int_equal(s.failed, -ESHUTDOWN);
	assert_non_null(strstr(s.fault.text, "shut down"));
	assert_false(fixture_info(r->f).producer.attached);
	journal_free(r->j);
	journal_free(NULL);
	journal_rig_start(r);
	journal_rig_turn(r);
	assert_string_equal(r->performed, "a ");
	journal_rig_stop(r);
}

/* ------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*test)(void **state);
} tests[] = {
	{ "in order", test_in_order },
	{ "several at once", test_several_at_once },
	{ "goes on after a restart", test_goes_on_after_restart },
	{ "bounded batches", test_bounded_batches },
	{ "a large backlog", test_large_backlog },
	{ "flush interval", test_interval },
	{ "flush interval beside perform", test_interval_beside_perform },
	{ "flush", test_flush },
	{ "flush of many", test_flush_of_many },
	{ "becoming full", test_becoming_full },
	{ "odd operations", test_odd_operations },
	{ "calls from perform", test_calls_from_perform },
	{ "push from perform into a full ring",
	  test_push_from_perform_into_full },
	{ "sync", test_sync },
	{ "shutdown", test_shutdown },
};

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		fixture_add(&list, tests[i].name, tests[i].test, NULL);
	return fixture_run("journal", &list);
}
