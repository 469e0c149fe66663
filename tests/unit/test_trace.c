/*
 * Goal: a trace sees every set and get of the values that the sides share,
 * with the names of the client and the queue.
 * Method: a scenario of known steps; what each side's trace must contain.
 */
#include "tests/lib/ring_fixture.h"

#include <stdio.h>
#include <string.h>

enum { EVENTS_MAX = 4096 };

struct event {
	enum ring_trace_variable variable;
	bool is_set;
	uint64_t value;
	char cursor[RING_NAME_BYTES];
};

struct log {
	const char *client;
	bool names_are_right;
	unsigned count;
	struct event list[EVENTS_MAX];
};

static void note(void *ctx, const struct ring_trace_event *event)
{
	struct log *log = ctx;
	struct event *e = &log->list[log->count];

	if (strcmp(event->client, log->client) != 0 ||
	    strcmp(event->queue, "orders") != 0)
		log->names_are_right = false;
	if (log->count == EVENTS_MAX)
		return;
	*e = (struct event){ .variable = event->variable,
			     .is_set = event->is_set,
			     .value = event->value };
	snprintf(e->cursor, sizeof(e->cursor), "%s", event->cursor);
	log->count++;
}

static void log_init(struct log *log, const char *client,
		     struct ring_options *options)
{
	log->client = client;
	log->names_are_right = true;
	options->client = client;
	options->trace = note;
	options->trace_ctx = log;
}

/* Whether the event came after the first `*from`; moves that behind it. */
static bool has(const struct log *log, unsigned *from, struct event e)
{
	for (unsigned i = *from; i < log->count; i++)
		if (log->list[i].variable == e.variable &&
		    log->list[i].is_set == e.is_set &&
		    log->list[i].value == e.value &&
		    strcmp(log->list[i].cursor, e.cursor) == 0) {
			*from = i + 1;
			return true;
		}
	return false;
}

static const struct ring_create_options named = {
	.size_bytes = FIXTURE_RING_BYTES,
	.queue = "orders",
};

static void test_both_sides(void **state)
{
	struct fixture *f = *state;
	struct log *of_p = fixture_alloc(f, sizeof(*of_p));
	struct log *of_c = fixture_alloc(f, sizeof(*of_c));
	struct ring_options p_options = fixture_options(f);
	struct ring_options c_options = fixture_options(f);
	struct ring_producer_state ps;
	struct ring_consumer_state cs;
	struct ring_producer *p;
	struct ring_consumer *c;
	uint64_t exposed, next;
	unsigned at_p = 0, at_c = 0;

	fixture_create(f, &named);
	log_init(of_p, "writer", &p_options);
	log_init(of_c, "reader", &c_options);
	p = fixture_producer(f, &p_options);
	c = fixture_consumer(f, NULL, &c_options);

	fixture_push(p, "not yet");
	assert_false(has(of_p, &(unsigned){ 0 },
			 (struct event){ RING_TRACE_PRODUCER, true, 1, "" }));
	exposed = fixture_publish(p, "a b");
	assert_true(
		has(of_p, &at_p,
		    (struct event){ RING_TRACE_PRODUCER, true, exposed, "" }));
	next = fixture_pop(c, 0).next;
	assert_int_equal(ring_consumer_state(c, &cs), 0);
	assert_int_equal(ring_consumer_advance(c, next, NULL), 0);
	assert_true(has(
		of_c, &at_c,
		(struct event){ RING_TRACE_CONSUMER, true, next, "default" }));
	assert_int_equal(ring_producer_state(p, &ps), 0);
	assert_true(has(
		of_p, &at_p,
		(struct event){ RING_TRACE_CONSUMER, false, next, "default" }));
	/* The producer's slot now holds the position. */
	assert_int_equal(ring_consumer_state(c, &cs), 0);
	assert_true(
		has(of_c, &at_c,
		    (struct event){ RING_TRACE_PRODUCER, false, exposed, "" }));

	assert_int_equal(ring_consumer_suspend(c), 0);
	assert_true(
		has(of_c, &at_c,
		    (struct event){ RING_TRACE_SUSPEND, true, 1, "default" }));
	assert_int_equal(ring_producer_state(p, &ps), 0);
	assert_true(
		has(of_p, &at_p,
		    (struct event){ RING_TRACE_SUSPEND, false, 1, "default" }));
	assert_true(has(of_p, &at_p,
			(struct event){ RING_TRACE_SUSPEND_ACK, true, 1, "" }));
	assert_int_equal(ring_consumer_state(c, &cs), 0);
	assert_true(has(
		of_c, &at_c,
		(struct event){ RING_TRACE_SUSPEND_ACK, false, 1, "default" }));
	assert_int_equal(ring_consumer_resume(c), 0);
	assert_true(
		has(of_c, &at_c,
		    (struct event){ RING_TRACE_SUSPEND, true, 0, "default" }));
	assert_int_equal(ring_producer_state(p, &ps), 0);
	assert_true(has(of_p, &at_p,
			(struct event){ RING_TRACE_SUSPEND_ACK, true, 0, "" }));
	assert_true(of_p->names_are_right);
	assert_true(of_c->names_are_right);
	fixture_drop_producer(f, p);
	fixture_drop_consumer(f, c);
}

static void test_operator(void **state)
{
	struct fixture *f = *state;
	struct log *log = fixture_alloc(f, sizeof(*log));
	struct log *of_p = fixture_alloc(f, sizeof(*log));
	struct ring_options options = fixture_options(f);
	struct ring_options p_options = fixture_options(f);
	struct ring_producer_state s;
	struct ring_producer *p;

	fixture_create(f, &named);
	log_init(log, "operator", &options);
	log_init(of_p, "writer", &p_options);
	p = fixture_producer(f, &p_options);
	assert_int_equal(ring_operator_suspend(f->path, 0, &options), 0);
	assert_true(has(log, &(unsigned){ 0 },
			(struct event){ RING_TRACE_SUSPEND, true, 1, "" }));
	assert_int_equal(ring_producer_state(p, &s), 0);
	assert_true(has(of_p, &(unsigned){ 0 },
			(struct event){ RING_TRACE_SUSPEND, false, 1, "" }));
	assert_true(log->names_are_right);
	fixture_drop_producer(f, p);
}

/* How many events there were of a variable that was read of `cursor`. */
static unsigned count_gets(const struct log *log,
			   enum ring_trace_variable variable,
			   const char *cursor)
{
	unsigned n = 0;

	for (unsigned i = 0; i < log->count; i++)
		n += log->list[i].variable == variable &&
		     !log->list[i].is_set &&
		     strcmp(log->list[i].cursor, cursor) == 0;
	return n;
}

/* Of eight slots, one has an owner, a second one was given back. */
static void test_free_slots(void **state)
{
	struct fixture *f = *state;
	struct log *log = fixture_alloc(f, sizeof(*log));
	struct ring_options options = fixture_options(f);
	struct ring_producer_state s;
	struct ring_producer *p;

	fixture_create(f, &named);
	assert_int_equal(
		ring_member_add(f->path, "gone", RING_JOIN_END, 0, NULL), 0);
	assert_int_equal(ring_member_remove(f->path, "gone", 0, NULL), 0);
	log_init(log, "writer", &options);
	p = fixture_producer(f, &options);
	log->count = 0;
	assert_int_equal(ring_producer_state(p, &s), 0); /* looks at all */
	assert_int_equal(count_gets(log, RING_TRACE_CONSUMER, "default"), 1);
	assert_int_equal(count_gets(log, RING_TRACE_CONSUMER, "gone"), 0);
	assert_int_equal(count_gets(log, RING_TRACE_CONSUMER, ""), 0);
	assert_int_equal(count_gets(log, RING_TRACE_SUSPEND, "default"), 1);
	assert_int_equal(count_gets(log, RING_TRACE_SUSPEND, "gone"), 0);
	/* The operator's, which has no name. */
	assert_int_equal(count_gets(log, RING_TRACE_SUSPEND, ""), 1);
	fixture_drop_producer(f, p);
}

int main(void)
{
	struct fixture_list list = { 0 };

	fixture_add(&list, "both sides", test_both_sides, NULL);
	fixture_add(&list, "operator", test_operator, NULL);
	fixture_add(&list, "free slots", test_free_slots, NULL);
	return fixture_run("trace", &list);
}
