/*
 * Goal: suspend means silence, from the acknowledgement until the resume (G8).
 * Method: both sides in one thread, so that each step of the handshake can be
 * looked at; and the bytes of the data area compared.
 */
#include "tests/lib/fail_io.h"
#include "tests/lib/ring_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Who asks: a consumer, or the operator. */
enum asker { BY_CONSUMER, BY_OPERATOR };

static int suspend(struct fixture *f, enum asker asker)
{
	const struct ring_options options = fixture_options(f);

	return asker == BY_OPERATOR
		       ? ring_operator_suspend(f->path, 0, &options)
		       : ring_consumer_suspend(f->consumers[0]);
}

static int resume(struct fixture *f, enum asker asker)
{
	const struct ring_options options = fixture_options(f);

	return asker == BY_OPERATOR ? ring_operator_resume(f->path, 0, &options)
				    : ring_consumer_resume(f->consumers[0]);
}

static bool is_suspended(struct ring_producer *p)
{
	struct ring_producer_state s;

	assert_int_equal(ring_producer_state(p, &s), 0);
	return s.suspended;
}

static uint8_t *read_data(struct fixture *f, const struct ring_info *info)
{
	uint8_t *data = fixture_alloc(f, info->data_bytes);

	fixture_read(f, info->data_offset_bytes, data, info->data_bytes);
	return data;
}

/* Every call that would write data is refused. */
static void assert_silent(struct ring_producer *p, uint64_t pushed)
{
	struct ring_claim claim;

	assert_int_equal(fixture_try_push(p, "x"), -RING_ERR_SUSPENDED);
	assert_int_equal(fixture_try_publish(p, "x"), -RING_ERR_SUSPENDED);
	assert_int_equal(ring_producer_advance(p, pushed, NULL),
			 -RING_ERR_SUSPENDED);
	assert_int_equal(ring_producer_discard(p, NULL), -RING_ERR_SUSPENDED);
	assert_int_equal(ring_producer_claim(p, 1, 0, 0, &claim),
			 -RING_ERR_SUSPENDED);
}

static struct ring_consumer *make(struct fixture *f)
{
	fixture_create(f, NULL);
	fixture_publish(fixture_producer(f, NULL), "a b");
	return fixture_consumer(f, NULL, NULL);
}

/* ---- the handshake ------------------------------------------------------ */

static const enum asker askers[] = { BY_CONSUMER, BY_OPERATOR };

static void test_handshake(void **state)
{
	struct fixture *f = *state;
	const enum asker asker = *(const enum asker *)f->row;
	struct ring_consumer *c = make(f);
	struct ring_producer *p = f->producers[0];
	const uint64_t pushed = fixture_push(p, "c");
	struct ring_consumer_state s;
	struct ring_info info;
	uint8_t *before;

	assert_int_equal(resume(f, asker), 0); /* of a running ring */
	assert_int_equal(suspend(f, asker), 0);
	assert_int_equal(suspend(f, asker), 0);
	assert_int_equal(resume(f, asker), -RING_ERR_UNACKED);
	/* Running until it is acknowledged, in a call of the producer. */
	assert_false(fixture_info(f).suspended);
	assert_true(is_suspended(p));
	info = fixture_info(f);
	assert_true(info.suspended);
	assert_int_equal(info.operator_requested, asker == BY_OPERATOR);
	assert_int_equal(info.cursors[0].suspend_requested,
			 asker == BY_CONSUMER);
	before = read_data(f, &info);
	assert_silent(p, pushed);
	/* The consumer goes on. */
	fixture_take(c, "a b");
	assert_int_equal(ring_consumer_state(c, &s), 0);
	assert_true(s.suspended);
	assert_int_equal(s.suspend_requested, asker == BY_CONSUMER);
	assert_int_equal(ring_producer_wait(p, 1), -RING_ERR_TIMEOUT);
	assert_memory_equal(before, read_data(f, &info), info.data_bytes);

	assert_int_equal(resume(f, asker), 0);
	assert_int_equal(suspend(f, asker), -RING_ERR_UNACKED);
	assert_true(fixture_info(f).suspended);
	assert_int_equal(ring_producer_advance(p, pushed, NULL), 0);
	assert_int_equal(ring_consumer_state(c, &s), 0);
	assert_false(s.suspended);
	fixture_take(c, "c");
}

/* A publish in flight when the request comes is the last one. */
static void test_noticed_in_passing(void **state)
{
	struct fixture *f = *state;
	unsigned published = 0;
	struct ring_consumer *c = make(f);

	assert_int_equal(ring_consumer_suspend(c), 0);
	while (fixture_try_publish(f->producers[0], "x") == 0)
		assert_in_range(++published, 1, 30);
	assert_int_equal(fixture_try_publish(f->producers[0], "x"),
			 -RING_ERR_SUSPENDED);
	/* One look in rotation reaches 8 cursors and the operator. */
	assert_in_range(published, 1, 10);
}

/* ---- more than one ------------------------------------------------------ */

static void test_any_request_suspends(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "a", "b" };
	const struct ring_create_options create = {
		.size_bytes = FIXTURE_RING_BYTES,
		.consumers = names,
		.consumer_count = 2,
	};
	struct ring_consumer *a, *b;
	struct ring_producer *p;

	fixture_create(f, &create);
	p = fixture_producer(f, NULL);
	a = fixture_consumer(f, "a", NULL);
	b = fixture_consumer(f, "b", NULL);
	assert_int_equal(ring_consumer_suspend(a), 0);
	assert_int_equal(ring_consumer_suspend(b), 0);
	assert_true(is_suspended(p));
	assert_int_equal(suspend(f, BY_OPERATOR), 0);
	assert_true(is_suspended(p));
	assert_int_equal(ring_consumer_resume(a), 0);
	assert_true(is_suspended(p));
	assert_int_equal(resume(f, BY_OPERATOR), 0);
	assert_int_equal(fixture_try_push(p, "x"), -RING_ERR_SUSPENDED);
	assert_int_equal(ring_consumer_resume(b), 0);
	assert_int_equal(fixture_try_push(p, "x"), 0);
}

/* ---- attach and detach in between --------------------------------------- */

struct attach_case {
	const char *name;
	bool acked;   /* before the producer goes */
	bool crashes; /* it goes without good-bye */
	bool resumes; /* while it is gone */
	enum asker asker;
};

static const struct attach_case attach_cases[] = {
	{ "request, attach", false, false, false, BY_OPERATOR },
	{ "request, crash, attach", false, true, false, BY_OPERATOR },
	{ "suspended, attach", true, false, false, BY_OPERATOR },
	{ "suspended, crash, attach", true, true, false, BY_OPERATOR },
	{ "resumed while away", true, false, true, BY_OPERATOR },
	{ "resumed after a crash", true, true, true, BY_OPERATOR },
	{ "consumer: request, attach", false, false, false, BY_CONSUMER },
	{ "consumer: suspended, crash, attach", true, true, false,
	  BY_CONSUMER },
	{ "consumer: resumed after a crash", true, true, true, BY_CONSUMER },
};

static void test_attach(void **state)
{
	struct fixture *f = *state;
	const struct attach_case *row = f->row;
	struct fail_io *io = fixture_alloc(f, sizeof(*io));
	struct ring_options options = fixture_options(f);
	struct ring_producer_state s;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct ring_info info;
	uint64_t pushed;
	uint8_t *before;

	fixture_create(f, NULL);
	fail_io_init(io, fixture_io(f));
	options.io = &io->io;
	p = fixture_producer(f, &options);
	c = fixture_consumer(f, NULL, NULL);
	pushed = fixture_push(p, "a b");
	assert_int_equal(suspend(f, row->asker), 0);
	if (row->acked)
		assert_true(is_suspended(p));
	if (row->crashes) {
		fail_io_cut(io);
		f->producers[0] = NULL;
		ring_producer_free(p);
	} else {
		fixture_drop_producer(f, p);
	}
	if (row->resumes)
		assert_int_equal(resume(f, row->asker), 0);
	info = fixture_info(f);
	before = read_data(f, &info);
	options.io = NULL;
	assert_int_equal(ring_producer_attach(f->path, &options, &p, &s), 0);
	fixture_keep_producer(f, p);
	assert_int_equal(s.suspended, !row->resumes);
	if (!row->resumes)
		assert_silent(p, pushed);
	/* Nothing of the data was repaired, nor written. */
	assert_memory_equal(before, read_data(f, &info), info.data_bytes);
	if (!row->resumes)
		assert_int_equal(resume(f, row->asker), 0);
	assert_int_equal(ring_producer_advance(p, pushed, NULL), 0);
	fixture_take(c, "a b");
}

/* A consumer's request outlives the consumer's handle. */
static void test_consumer_goes(void **state)
{
	struct fixture *f = *state;
	struct ring_consumer *c = make(f);
	struct ring_consumer_state s;

	assert_int_equal(ring_consumer_suspend(c), 0);
	fixture_drop_consumer(f, c);
	assert_true(is_suspended(f->producers[0]));
	c = fixture_consumer(f, NULL, NULL);
	assert_int_equal(ring_consumer_state(c, &s), 0);
	assert_true(s.suspend_requested);
	assert_true(s.suspend_acked);
	assert_int_equal(ring_consumer_resume(c), 0);
	assert_false(is_suspended(f->producers[0]));
}

/* The operator waits for the answer of a producer in another process. */
static int answering_producer(struct fixture *f)
{
	struct ring_producer *p;

	if (ring_producer_attach(f->path, NULL, &p, NULL) != 0)
		return 1;
	for (;;)
		if (ring_producer_wait(p, 10000) != 0)
			return 2;
}

static void test_operator_waits(void **state)
{
	struct fixture *f = *state;
	const struct ring_options options = fixture_options(f);
	pid_t pid;

	fixture_create(f, NULL);
	assert_int_equal(ring_operator_suspend(f->path, 1, &options),
			 -RING_ERR_TIMEOUT);
	pid = fixture_spawn(answering_producer, f);
	assert_int_equal(ring_operator_suspend(f->path, -1, &options), 0);
	assert_true(fixture_info(f).suspended);
	assert_int_equal(ring_operator_resume(f->path, -1, &options), 0);
	assert_false(fixture_info(f).suspended);
	assert_int_equal(kill(pid, SIGKILL), 0);
	fixture_reap(pid, -SIGKILL);
}

int main(void)
{
	struct fixture_list list = { 0 };

	fixture_add(&list, "by a consumer", test_handshake, &askers[0]);
	fixture_add(&list, "by the operator", test_handshake, &askers[1]);
	fixture_add(&list, "noticed in passing", test_noticed_in_passing, NULL);
	fixture_add(&list, "any request suspends", test_any_request_suspends,
		    NULL);
	for (size_t i = 0; i < ARRAY_SIZE(attach_cases); i++)
		fixture_add(&list, attach_cases[i].name, test_attach,
			    &attach_cases[i]);
	fixture_add(&list, "the consumer goes", test_consumer_goes, NULL);
	fixture_add(&list, "the operator waits", test_operator_waits, NULL);
	return fixture_run("suspend", &list);
}
