/*
 * Goal: a side that waits is woken by the other, by every engine, and no
 * wake-up is lost.
 * Method: two processes that neither poll nor beat, so that only events end a
 * wait; a watchdog ends a test that hangs.
 */
#include "tests/lib/fail_io.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 2000, NEVER_MS = 1000000, PATIENCE_MS = 10000, HANG_S = 20 };

/* Nor may a heartbeat that is due end a wait. */
static const struct ring_create_options idle = {
	.size_bytes = FIXTURE_RING_BYTES,
	.heartbeat_ms = NEVER_MS,
};

struct engine_case {
	const char *name;
	enum ring_io_engine engine;
};

static const struct engine_case engine_cases[] = {
	{ "posix", RING_IO_POSIX },
	{ "aio", RING_IO_AIO },
	{ "io_uring", RING_IO_URING },
};

/* Only events wake: polling is slower than any test may take. */
static struct ring_options event_options(const struct engine_case *row)
{
	return (struct ring_options){ .engine = row->engine,
				      .poll_min_ms = NEVER_MS,
				      .poll_max_ms = NEVER_MS };
}

static void need_engine(struct fixture *f)
{
	const struct engine_case *row = f->row;
	const struct ring_io_options options = { .engine = row->engine,
						 .fault = &f->fault };
	struct ring_io *io = NULL;
	int rc = ring_io_open(f->path, &options, &io);

	if (rc == -ENOSYS || rc == -EPERM)
		fixture_skip(f->fault.text);
	assert_int_equal(rc, 0);
	ring_io_close(io);
}

/* ---- ping-pong ---------------------------------------------------------- */

/* Answer each item by advancing over it. */
static int pong(struct fixture *f)
{
	const struct ring_options options = event_options(f->row);
	struct ring_consumer *c;

	alarm(HANG_S);
	if (ring_consumer_attach(f->path, NULL, &options, &c, NULL) != 0)
		return 1;
	for (unsigned i = 0; i < ROUNDS;) {
		struct ring_item item;
		int rc = ring_consumer_pop(c, 0, &item);

		if (rc == -RING_ERR_EMPTY) {
			if (ring_consumer_wait(c, -1) != 0)
				return 2;
			continue;
		}
		if (rc != 0 || item.sequence != i)
			return 3;
		if (ring_consumer_advance(c, item.next, NULL) != 0)
			return 4;
		i++;
	}
	ring_consumer_free(c);
	return 0;
}

/*
 * The ring is so small that a second item does not fit: the producer has to
 * wait for the consumer each time, as the consumer for it.
 */
static void test_ping_pong(void **state)
{
	struct fixture *f = *state;
	const struct ring_create_options create = {
		.size_bytes = 393216 - 65536 + 3 * 4096,
		.max_item_bytes = 2500,
		.max_batch_bytes = 4096,
		.cursor_slots = 1,
		.heartbeat_ms = NEVER_MS,
	};
	static const uint8_t bytes[2500];
	const struct ring_entry e = { .data = bytes,
				      .data_bytes = sizeof(bytes) };
	struct ring_options options = event_options(f->row);
	unsigned waits = 0;
	struct ring_producer *p;
	pid_t pid;

	fixture_create(f, &create);
	need_engine(f);
	p = fixture_producer(f, &options);
	pid = fixture_spawn(pong, f);
	for (unsigned i = 0; i < ROUNDS;) {
		const int rc = ring_producer_publish(p, &e, 1, NULL, NULL);

		if (rc == -RING_ERR_FULL) {
			assert_int_equal(ring_producer_wait(p, -1), 0);
			waits++;
			continue;
		}
		assert_int_equal(rc, 0);
		i++;
	}
	fixture_reap(pid, 0);
	/* How often depends on who runs when: told, not asserted. */
	printf("the producer waited %u times\n", waits);
	assert_int_equal(fixture_info(f).cursors[0].items, ROUNDS);
}

/* ---- a producer that goes on to other things ---------------------------- */

enum { SINGLES = 20 };

static int take_singles(struct fixture *f)
{
	const struct engine_case *row = f->row;
	const struct ring_options options = { .engine = row->engine,
					      .poll_min_ms = NEVER_MS,
					      .poll_max_ms = NEVER_MS };
	struct ring_consumer *c;
	struct ring_item item;

	alarm(HANG_S);
	if (ring_consumer_attach(f->path, NULL, &options, &c, NULL) != 0)
		return 1;
	while (ring_consumer_pop(c, 0, &item) == -RING_ERR_EMPTY)
		if (ring_consumer_wait(c, -1) != 0)
			return 2;
	if (ring_consumer_advance(c, item.next, NULL) != 0)
		return 3;
	ring_consumer_free(c);
	return 0;
}

/*
 * With direct I/O an item counts only when the mark that is written behind it
 * says so, which nobody waits for. It must wake, too.
 */
static void test_mark_wakes(void **state)
{
	struct fixture *f = *state;
	const struct engine_case *row = f->row;
	const struct ring_options options = { .engine = row->engine };
	struct ring_producer *p;

	fixture_device(f, DEVICE_LOOP_512, FIXTURE_RING_BYTES);
	fixture_create(f, &idle);
	need_engine(f);
	p = fixture_producer(f, &options);
	for (unsigned i = 0; i < SINGLES; i++) {
		struct ring_producer_state s;
		const pid_t pid = fixture_spawn(take_singles, f);

		assert_int_equal(ring_producer_state(p, &s), 0);
		while (!fixture_info(f).cursors[0].owner.attached)
			usleep(1000);
		usleep(1000 * (i % 8)); /* so that it sleeps, or does not */
		fixture_publish(p, "a");
		fixture_reap(pid, 0); /* meanwhile nobody calls the library */
	}
}

/* ---- descriptors -------------------------------------------------------- */

static int poll_fd(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms);
}

/* Drain until quiet: the handle's own writes may be seen too. */
static void make_quiet(struct ring_consumer *c, int fd)
{
	struct ring_item item;

	for (unsigned i = 0; i < 100 && poll_fd(fd, 0) > 0; i++)
		assert_int_equal(ring_consumer_pop(c, 0, &item),
				 -RING_ERR_EMPTY);
	assert_int_equal(poll_fd(fd, 0), 0);
}

static void test_descriptors(void **state)
{
	struct fixture *f = *state;
	struct ring_options options = event_options(f->row);
	struct ring_producer_state s;
	struct ring_consumer *c;
	struct ring_producer *p;
	int p_fd, c_fd;

	fixture_create(f, &idle);
	need_engine(f);
	p = fixture_producer(f, &options);
	c = fixture_consumer(f, NULL, &options);
	p_fd = ring_producer_fd(p);
	c_fd = ring_consumer_fd(c);
	assert_true(p_fd >= 0);
	assert_true(c_fd >= 0);
	assert_int_equal(ring_producer_fd(p), p_fd);
	assert_int_equal(ring_consumer_fd(c), c_fd);
	make_quiet(c, c_fd);

	fixture_publish(p, "a");
	assert_int_equal(poll_fd(c_fd, PATIENCE_MS), 1);
	fixture_take(c, "a");
	make_quiet(c, c_fd);

	for (unsigned i = 0; i < 100 && poll_fd(p_fd, 0) > 0; i++)
		assert_int_equal(ring_producer_state(p, &s), 0);
	assert_int_equal(poll_fd(p_fd, 0), 0);
	assert_int_equal(ring_consumer_suspend(c), 0);
	assert_int_equal(poll_fd(p_fd, PATIENCE_MS), 1);
	assert_int_equal(ring_producer_state(p, &s), 0);
	assert_true(s.suspended);
	/* The acknowledgement wakes the consumer. */
	assert_int_equal(poll_fd(c_fd, PATIENCE_MS), 1);
}

/* ---- suspend, across processes ------------------------------------------ */

static int suspend_and_resume(struct fixture *f)
{
	const struct ring_options options = event_options(f->row);
	struct ring_consumer_state s;
	struct ring_consumer *c;

	alarm(HANG_S);
	if (ring_consumer_attach(f->path, NULL, &options, &c, NULL) != 0)
		return 1;
	for (unsigned i = 0; i < 50; i++) {
		const bool wants = i % 2 == 0;

		if ((wants ? ring_consumer_suspend(c)
			   : ring_consumer_resume(c)) != 0)
			return 2;
		do {
			if (ring_consumer_state(c, &s) != 0)
				return 3;
			if (!s.suspend_acked && ring_consumer_wait(c, -1) != 0)
				return 4;
		} while (!s.suspend_acked);
		if (s.suspended != wants)
			return 5;
	}
	ring_consumer_free(c);
	return 0;
}

static void count_answer(void *ctx, const struct ring_trace_event *event)
{
	unsigned *answers = ctx;

	*answers += event->variable == RING_TRACE_SUSPEND_ACK && event->is_set;
}

static void test_requests_wake(void **state)
{
	struct fixture *f = *state;
	struct ring_options options = event_options(f->row);
	unsigned *answers = fixture_alloc(f, sizeof(*answers));
	struct ring_producer *p;
	pid_t pid;

	fixture_create(f, &idle);
	need_engine(f);
	options.trace = count_answer;
	options.trace_ctx = answers;
	p = fixture_producer(f, &options);
	pid = fixture_spawn(suspend_and_resume, f);
	while (*answers < 50)
		assert_int_equal(ring_producer_wait(p, -1), 0);
	fixture_reap(pid, 0);
}

/* ---- a producer that met FULL ------------------------------------------- */

enum { LARGE = 900 << 10, LIMIT_MS = 1000 };

/* A producer whose clock a test moves, and what happens as it sleeps. */
struct full {
	struct fixture *f;
	struct fake_system system;
	struct fail_io io;
	struct ring_consumer *slow;
	uint64_t next; /* for that */
};

struct full_case {
	const char *name;
	void (*happens)(struct full *t);
	bool is_suspended; /* before it sleeps */
	int woken;         /* what wait() returns ... */
	int after;         /* and the next publish */
};

static void slow_advances(struct full *t)
{
	assert_int_equal(ring_consumer_advance(t->slow, t->next, NULL), 0);
}

static void slow_leaves(struct full *t)
{
	struct ring_options options = fixture_options(t->f);

	fixture_drop_consumer(t->f, t->slow);
	assert_int_equal(ring_member_remove(t->f->path, "slow", 0, &options),
			 -RING_ERR_TIMEOUT); /* it is asked for */
}

static void slow_suspends(struct full *t)
{
	assert_int_equal(ring_consumer_suspend(t->slow), 0);
}

static void slow_resumes(struct full *t)
{
	assert_int_equal(ring_consumer_resume(t->slow), 0);
}

static void slow_looks(struct full *t)
{
	fixture_pop(t->slow, 0);
}

static const struct full_case full_cases[] = {
	{ "full: nothing moves", slow_looks, false, -RING_ERR_TIMEOUT,
	  -RING_ERR_FULL },
	{ "full: the slowest moves", slow_advances, false, 0, 0 },
	{ "full: the slowest leaves", slow_leaves, false, 0, 0 },
	{ "full: suspended", slow_suspends, false, 0, -RING_ERR_SUSPENDED },
	{ "suspended: the slowest moves", slow_advances, true,
	  -RING_ERR_TIMEOUT, -RING_ERR_SUSPENDED },
	{ "suspended: resumed", slow_resumes, true, 0, -RING_ERR_FULL },
};

static void once(void *ctx)
{
	struct full *t = ctx;
	const struct full_case *row = t->f->row;

	t->system.on_sleep = NULL;
	row->happens(t);
}

static int publish_large(struct ring_producer *p)
{
	static const uint8_t bytes[LARGE];
	const struct ring_entry e = { .data = bytes, .data_bytes = LARGE };

	return ring_producer_publish(p, &e, 1, NULL, NULL);
}

/* A file with a ring for one large item, and handles: here nothing wakes. */
static struct ring_producer *full_make(struct full *t)
{
	static const char *const names[] = { "slow", "fast" };
	const struct ring_create_options create = {
		.size_bytes = FIXTURE_RING_BYTES,
		.max_item_bytes = LARGE,
		.consumers = names,
		.consumer_count = 2,
	};
	struct ring_options options = { .system = &t->system.system,
					.io = &t->io.io };
	struct ring_producer *p;

	fixture_create(t->f, &create);
	fail_io_init(&t->io, fixture_io(t->f));
	fake_system_init(&t->system, 1, 1);
	assert_int_equal(ring_system_default()->identity(NULL, &t->system.self),
			 0);
	p = fixture_producer(t->f, &options);
	t->io.is_alone = true;
	t->slow = fixture_consumer(t->f, "slow", NULL);
	return p;
}

/*
 * The one large item leaves the checkpoint where it was, at the start of the
 * ring: it holds as much space as the cursor does, and goes on holding it.
 */
static void test_full(void **state)
{
	struct fixture *f = *state;
	const struct full_case *row = f->row;
	struct full *t = fixture_alloc(f, sizeof(*t));
	struct ring_producer *p;
	struct ring_consumer *fast;

	t->f = f;
	p = full_make(t);
	fast = fixture_consumer(f, "fast", NULL);
	assert_int_equal(publish_large(p), 0);
	assert_int_equal(publish_large(p), -RING_ERR_FULL);
	t->next = fixture_pop(fast, 0).next;
	assert_int_equal(fixture_pop(t->slow, 0).next, t->next);
	assert_int_equal(ring_consumer_advance(fast, t->next, NULL), 0);
	if (row->is_suspended) {
		slow_suspends(t);
		assert_int_equal(publish_large(p), -RING_ERR_SUSPENDED);
	}
	t->system.on_sleep = once;
	t->system.on_sleep_ctx = t;
	assert_int_equal(ring_producer_wait(p, LIMIT_MS), row->woken);
	assert_null(t->system.on_sleep); /* it slept, until then */
	assert_int_equal(publish_large(p), row->after);
}

/* ---- time-outs ---------------------------------------------------------- */

static void test_timeouts(void **state)
{
	struct fixture *f = *state;
	static const int timeouts[] = { 0, 1, 30 };
	struct ring_consumer *c;
	struct ring_producer *p;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		int rc;

		assert_int_equal(ring_consumer_wait(c, timeouts[i]),
				 -RING_ERR_TIMEOUT);
		/* 0 would be a spurious wake-up: not for ever. */
		for (unsigned k = 0;
		     k < 100 && (rc = ring_producer_wait(p, timeouts[i])) == 0;
		     k++)
			;
		assert_int_equal(rc, -RING_ERR_TIMEOUT);
	}
	fixture_publish(p, "a");
	assert_int_equal(ring_consumer_wait(c, 0), 0);
	assert_int_equal(ring_consumer_wait(c, -1), 0); /* it is still there */
	fixture_take(c, "a");
	assert_int_equal(ring_consumer_wait(c, 0), -RING_ERR_TIMEOUT);
}

/* wait() disturbs neither what was popped nor where. */
static void test_wait_between(void **state)
{
	struct fixture *f = *state;
	struct ring_consumer *c;
	struct ring_producer *p;
	struct ring_item item;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	fixture_publish(p, "a b");
	item = fixture_pop(c, 0);
	assert_int_equal(ring_consumer_wait(c, 0), 0);
	item = fixture_pop(c, item.next);
	assert_int_equal(item.sequence, 1);
	assert_int_equal(ring_consumer_wait(c, 0), -RING_ERR_TIMEOUT);
	assert_int_equal(fixture_pop(c, 0).sequence, 0);
	fixture_publish(p, "c");
	assert_int_equal(ring_consumer_advance(c, item.next, NULL), 0);
	assert_int_equal(ring_consumer_wait(c, 0), 0);
	fixture_see(c, 0, "c");
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(engine_cases); i++) {
		fixture_add(&list, engine_cases[i].name, test_ping_pong,
			    &engine_cases[i]);
		fixture_add(&list, engine_cases[i].name, test_mark_wakes,
			    &engine_cases[i]);
		fixture_add(&list, engine_cases[i].name, test_descriptors,
			    &engine_cases[i]);
		fixture_add(&list, engine_cases[i].name, test_requests_wake,
			    &engine_cases[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(full_cases); i++)
		fixture_add(&list, full_cases[i].name, test_full,
			    &full_cases[i]);
	fixture_add(&list, "time-outs", test_timeouts, NULL);
	fixture_add(&list, "wait between pops", test_wait_between, NULL);
	return fixture_run("waiting", &list);
}
