/*
 * Goal: a journal whose sides are two processes: what one pushes the other
 * performs, and each learns of the other from the ring alone.
 * Method: a handle for each side, no threads; the test takes the turns and
 * moves the clocks. A table of courses of events.
 */
#include "tests/lib/journal_rig.h"

#include <errno.h>

struct pair {
	struct journal_rig *pusher, *performer;
};

static struct pair new_pair(void **state)
{
	const struct pair p = { journal_rig_new(state),
				journal_rig_new(state) };

	p.pusher->options.sides = JOURNAL_PUSHES;
	p.performer->options.sides = JOURNAL_PERFORMS;
	return p;
}

static struct pair started_pair(void **state)
{
	const struct fixture *f = *state;
	const struct pair p = new_pair(state);

	p.pusher->options.create.padded = f->row != NULL;
	journal_rig_start(p.pusher);
	journal_rig_start(p.performer);
	return p;
}

static void stop_pair(const struct pair *p)
{
	journal_rig_stop(p->pusher);
	journal_rig_stop(p->performer);
}

static void test_both(void **state)
{
	struct pair p = started_pair(state);
	struct journal_waiter first = journal_rig_push(p.pusher, "a b");

	assert_int_equal(journal_flush(p.pusher->j, &first), -ENOTSUP);
	assert_int_equal(journal_push(p.performer->j, "x", 1, NULL), -ENOTSUP);
	journal_keep(p.pusher->j);
	assert_int_equal(journal_sync(p.pusher->j, &first, 0),
			 -RING_ERR_TIMEOUT);
	assert_int_equal(journal_sync(p.performer->j, NULL, 0),
			 -RING_ERR_TIMEOUT);
	journal_rig_turn(p.performer);
	assert_string_equal(p.performer->offered, "a b|");
	assert_int_equal(journal_sync(p.performer->j, NULL, 0), 0);
	journal_keep(p.pusher->j);
	assert_int_equal(journal_sync(p.pusher->j, &first, 0), 0);
	journal_rig_push(p.pusher, "c");
	assert_int_equal(journal_sync(p.pusher->j, NULL, 0), -RING_ERR_TIMEOUT);
	journal_rig_turn(p.performer);
	assert_string_equal(p.performer->performed, "a b c ");
	stop_pair(&p);
}

static void test_interval(void **state)
{
	struct pair p = new_pair(state);
	struct journal_rig *r = p.performer;

	r->options.flush_interval_ms = 1000;
	journal_rig_start(p.pusher);
	journal_rig_start(r);
	journal_rig_push(p.pusher, "a");
	assert_true(journal_rig_turn(r).heeds_ring);
	journal_rig_push(p.pusher, "b");
	journal_rig_pass_ms(r, 900);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "");
	journal_rig_pass_ms(r, 100);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b|");
	journal_rig_push(p.pusher, "c");
	assert_int_equal(journal_flush(r->j, NULL), 0);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a b|c|");
	journal_rig_fill(p.pusher, RIG_LARGE);
	journal_turn(r->j); /* becoming full */
	assert_true(r->calls > 2);
	stop_pair(&p);
}

/*
 * Less than half waits, but with it the largest push finds no room: who pushes
 * can't urge, and would wait for the end of the interval. Not before that.
 */
static void test_large_push(void **state)
{
	struct pair p = new_pair(state);
	struct ring_create_options *create = &p.pusher->options.create;
	struct journal_rig *r = p.performer;
	struct journal_status status;
	static const char bytes[60000];

	create->size_bytes = 430080; /* of them 102400 of data */
	create->max_item_bytes = sizeof(bytes);
	create->max_batch_bytes = 65536;
	p.pusher->options.push_never_waits = true;
	r->options.flush_interval_ms = 3600000;
	journal_rig_start(p.pusher);
	journal_rig_start(r);
	assert_int_equal(fixture_info(r->f).data_bytes, 102400);
	assert_int_equal(journal_push(p.pusher->j, bytes, 25000, NULL), 0);
	journal_keep(p.pusher->j); /* the ring tells of what it has by then */
	journal_rig_turn(r);
	assert_int_equal(r->calls, 0);
	assert_int_equal(journal_push(p.pusher->j, bytes, 22000, NULL), 0);
	assert_int_equal(journal_inspect(r->f->path, NULL, &status), 0);
	assert_true(status.is_full);
	journal_keep(p.pusher->j);
	journal_rig_turn(r);
	assert_int_equal(r->next_number, 2);
	assert_int_equal(journal_push(p.pusher->j, bytes, 60000, NULL), 0);
	stop_pair(&p);
}

/* All that was there when it started, however it is looked at piece by piece;
 * not what comes later. */
static void test_replay(void **state)
{
	struct pair p = new_pair(state);
	struct journal_rig *r = p.performer;
	unsigned count;

	r->options.flush_interval_ms = 60000;
	r->options.batch_ops = 7;
	journal_rig_start(p.pusher);
	count = journal_rig_fill(p.pusher, 40);
	journal_rig_start(r);
	journal_rig_turn(r);
	assert_int_equal(r->next_number, count);
	journal_rig_push(p.pusher, "later");
	journal_rig_turn(r);
	assert_int_equal(r->next_number, count);
	stop_pair(&p);
}

/* Who performs asks the ring what is there: not what became of the journal. */
static void test_sync_after_shutdown(void **state)
{
	struct pair p = new_pair(state);
	struct journal_rig *r = p.performer;
	struct rig_storage *s = rig_storage(r->f, &r->options);

	journal_rig_start(p.pusher);
	journal_rig_start(r);
	s->fails_at = s->opened + 1;
	assert_int_equal(journal_sync(r->j, NULL, 0), -EIO);
	assert_int_equal(journal_shutdown(r->j), 0);
	s->fails_at = s->opened + 1;
	assert_int_equal(journal_sync(r->j, NULL, 0), -ESHUTDOWN);
	stop_pair(&p);
}

static void test_retry(void **state)
{
	struct pair p = started_pair(state);
	struct journal_rig *r = p.performer;

	r->answers[0] = -EIO;
	journal_rig_push(p.pusher, "a");
	journal_rig_turn(r);
	journal_rig_push(p.pusher, "b");
	assert_false(journal_rig_turn(r).heeds_ring);
	assert_int_equal(r->calls, 1);
	journal_rig_pass_ms(r, 5000);
	journal_rig_turn(r);
	assert_string_equal(r->offered, "a|a b|");
	stop_pair(&p);
}

/* ------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*test)(void **state);
} tests[] = {
	{ "both", test_both },
	{ "interval", test_interval },
	{ "large push", test_large_push },
	{ "replay", test_replay },
	{ "retry", test_retry },
	{ "sync after shutdown", test_sync_after_shutdown },
};

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		fixture_add(&list, tests[i].name, tests[i].test, NULL);
	fixture_add(&list, "both, padded", test_both, tests);
	return fixture_run("journal sides", &list);
}
