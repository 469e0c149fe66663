/*
 * Goal: whenever a call on a handle fails with anything but a retry, the
 * fault says so; a retry leaves it alone (ring_error.h).
 * Method: a table of calls that must fail, each after clearing the fault.
 */
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <string.h>

/* A ring with "a" consumed, "b" exposed and "cccccccc" pushed. */
struct scene {
	struct ring_producer *p;
	struct ring_consumer *c;
	uint64_t start;
	uint64_t exposed;
	uint64_t end;
};

static int advance_future(struct scene *s)
{
	return ring_producer_advance(s->p, s->end + 8, NULL);
}

static int advance_boundary(struct scene *s)
{
	return ring_producer_advance(s->p, s->end - 8, NULL);
}

static int claim(struct scene *s, size_t bytes)
{
	struct ring_claim ignored;

	return ring_producer_claim(s->p, bytes, 0, 0, &ignored);
}

static int claim_too_big(struct scene *s)
{
	return claim(s, SIZE_MAX);
}

static int push_claimed(struct scene *s)
{
	const int rc = claim(s, 1);

	return rc < 0 ? rc : fixture_try_push(s->p, "x");
}

static int commit_nothing(struct scene *s)
{
	return ring_producer_commit(s->p, RING_COMMIT_PUSH, NULL, NULL);
}

static int trim_nothing(struct scene *s)
{
	return ring_producer_trim(s->p, 0);
}

static int trim_longer(struct scene *s)
{
	const int rc = claim(s, 1);

	return rc < 0 ? rc : ring_producer_trim(s->p, 2);
}

static int producer_detached(struct scene *s)
{
	const int rc = ring_producer_detach(s->p);

	return rc < 0 ? rc : fixture_try_push(s->p, "x");
}

static int long_cookie(struct scene *s)
{
	static const uint8_t bytes[65];
	const struct ring_cookie cookie = { bytes, sizeof(bytes) };

	return ring_consumer_advance(s->c, s->exposed, &cookie);
}

static int pop_at(struct scene *s, uint64_t position)
{
	struct ring_item item;

	return ring_consumer_pop(s->c, position, &item);
}

static int pop_released(struct scene *s)
{
	return pop_at(s, s->start);
}

static int pop_boundary(struct scene *s)
{
	return pop_at(s, s->exposed - 8);
}

static int pop_future(struct scene *s)
{
	return pop_at(s, s->end + 8);
}

static int consumer_released(struct scene *s)
{
	return ring_consumer_advance(s->c, s->start, NULL);
}

static int consumer_nowhere(struct scene *s)
{
	return ring_consumer_advance(s->c, RING_POSITION_NONE, NULL);
}

static int consumer_future(struct scene *s)
{
	return ring_consumer_advance(s->c, s->end, NULL);
}

static int consumer_detached(struct scene *s)
{
	const int rc = ring_consumer_detach(s->c);

	return rc < 0 ? rc : ring_consumer_wait(s->c, 0);
}

static int pop_empty(struct scene *s)
{
	return pop_at(s, s->exposed);
}

static int wait_for_nothing(struct scene *s)
{
	const int rc = ring_consumer_advance(s->c, s->exposed, NULL);

	return rc < 0 ? rc : ring_consumer_wait(s->c, 0);
}

static int publish_full(struct scene *s)
{
	int rc;

	do {
		rc = fixture_try_publish(s->p, "x y z x y z x y z x y z");
	} while (rc == 0);
	return rc;
}

static int push_suspended(struct scene *s)
{
	struct ring_producer_state ps;

	assert_int_equal(ring_consumer_suspend(s->c), 0);
	assert_int_equal(ring_producer_state(s->p, &ps), 0);
	return fixture_try_push(s->p, "x");
}

static int resume_unacked(struct scene *s)
{
	const int rc = ring_consumer_suspend(s->c);

	return rc < 0 ? rc : ring_consumer_resume(s->c);
}

struct fault_case {
	const char *name;
	int (*call)(struct scene *s);
	int expected;
};

static const struct fault_case fault_cases[] = {
	{ "advance: FUTURE", advance_future, -RING_ERR_FUTURE },
	{ "advance: BOUNDARY", advance_boundary, -RING_ERR_BOUNDARY },
	{ "claim: TOO_BIG", claim_too_big, -RING_ERR_TOO_BIG },
	{ "push: CLAIMED", push_claimed, -RING_ERR_CLAIMED },
	{ "commit: NO_CLAIM", commit_nothing, -RING_ERR_NO_CLAIM },
	{ "trim: NO_CLAIM", trim_nothing, -RING_ERR_NO_CLAIM },
	{ "trim: EINVAL", trim_longer, -EINVAL },
	{ "push: DETACHED", producer_detached, -RING_ERR_DETACHED },
	{ "cookie: TOO_BIG", long_cookie, -RING_ERR_TOO_BIG },
	{ "pop: RELEASED", pop_released, -RING_ERR_RELEASED },
	{ "pop: BOUNDARY", pop_boundary, -RING_ERR_BOUNDARY },
	{ "pop: FUTURE", pop_future, -RING_ERR_FUTURE },
	{ "consumer: RELEASED", consumer_released, -RING_ERR_RELEASED },
	{ "consumer: BOUNDARY", consumer_nowhere, -RING_ERR_BOUNDARY },
	{ "consumer: FUTURE", consumer_future, -RING_ERR_FUTURE },
	{ "consumer: DETACHED", consumer_detached, -RING_ERR_DETACHED },
	{ "retry: EMPTY", pop_empty, -RING_ERR_EMPTY },
	{ "retry: TIMEOUT", wait_for_nothing, -RING_ERR_TIMEOUT },
	{ "retry: FULL", publish_full, -RING_ERR_FULL },
	{ "retry: SUSPENDED", push_suspended, -RING_ERR_SUSPENDED },
	{ "retry: UNACKED", resume_unacked, -RING_ERR_UNACKED },
};

static void test_fault(void **state)
{
	struct fixture *f = *state;
	const struct fault_case *row = f->row;
	struct scene s;

	fixture_create(f, NULL);
	s.start = fixture_info(f).end;
	s.p = fixture_producer(f, NULL);
	s.c = fixture_consumer(f, NULL, NULL);
	fixture_publish(s.p, "a");
	fixture_take(s.c, "a");
	s.exposed = fixture_publish(s.p, "b");
	s.end = fixture_push(s.p, "cccccccc");
	memset(&f->fault, 0, sizeof(f->fault));
	assert_int_equal(row->call(&s), row->expected);
	if (ring_error_is_retry(row->expected)) {
		assert_int_equal(f->fault.code, 0);
		return;
	}
	assert_int_equal(f->fault.code, row->expected);
	assert_non_null(strstr(f->fault.text, f->path));
	assert_non_null(strstr(f->fault.text, ring_strerror(row->expected)));
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(fault_cases); i++)
		fixture_add(&list, fault_cases[i].name, test_fault,
			    &fault_cases[i]);
	return fixture_run("fault", &list);
}
