/*
 * Goal: any number of threads may push, wait and shut down; pushes share
 * writes; nobody hangs.
 * Method: real threads, held up where that makes it sure who meets whom; run
 * under a thread sanitizer for what an assertion can't see. Threads report, the
 * main one asserts.
 */
#include "journal/state.h"
#include "tests/lib/fail_io.h"
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	THREADS = 8,
	PUSHES = 150,
	STARTS = 1000,
	HOUR_MS = 3600000,
	LARGE = 3000
};

struct seen {
	uint32_t thread, number;
};

struct scene {
	struct fixture *f;
	struct journal_options options;
	struct journal *j;

	/* Perform: what came, in order. */
	struct seen seen[THREADS * PUSHES];
	unsigned count;
	int answer; /* 0: all */
	sem_t entered, leave;
	bool holds;          /* perform waits for `leave` */
	unsigned takes_ms;   /* perform takes that long */
	unsigned pushes_own; /* perform pushes so many operations itself */

	/* The producer's storage. */
	struct fail_io ios[4];
	unsigned opened;
	unsigned gate; /* the next write waits until so many are queued */
};

static int perform(void *ctx, const struct journal_op *ops, size_t count)
{
	struct scene *s = ctx;
	const struct seen own = { THREADS, 0 };

	if (s->holds) {
		sem_post(&s->entered);
		sem_wait(&s->leave);
	}
	usleep(s->takes_ms * 1000);
	if (s->answer != 0)
		return s->answer;
	for (size_t i = 0; i < count; i++)
		if (s->count < THREADS * PUSHES)
			memcpy(&s->seen[s->count++], ops[i].bytes, sizeof(own));
	for (; s->pushes_own > 0; s->pushes_own--)
		if (journal_push(s->j, &own, sizeof(own), NULL) != 0)
			return -EIO;
	return (int)count;
}

/* ---- storage that waits for a crowd ------------------------------------- */

static void wait_for_crowd(void *ctx)
{
	struct scene *s = ctx;
	unsigned queued = 0;

	if (s->gate > 0)
		sem_post(&s->entered);
	while (s->gate > 0 && queued < s->gate) {
		pthread_mutex_lock(&s->j->lock);
		queued = (unsigned)s->j->queued;
		pthread_mutex_unlock(&s->j->lock);
		usleep(1000);
	}
	s->gate = 0;
}

static int open_storage(void *ctx, struct ring_io **ret_io)
{
	struct scene *s = ctx;
	struct fail_io *io = &s->ios[s->opened++];

	fail_io_init(io, fixture_io(s->f));
	*ret_io = &io->io;
	return 0;
}

/* ---- scenes ------------------------------------------------------------- */

static struct scene *new_scene(void **state)
{
	struct scene *s = fixture_alloc(*state, sizeof(*s));
	static const struct ring_create_options create = {
		.size_bytes = 400000,
		.cursor_slots = 2,
		.max_item_bytes = 4000,
		.max_batch_bytes = 8192,
	};

	s->f = *state;
	fixture_create(s->f, &create);
	s->options.ring.fault = &s->f->fault;
	sem_init(&s->entered, 0, 0);
	sem_init(&s->leave, 0, 0);
	return s;
}

static void start(struct scene *s)
{
	const int rc =
		journal_start(s->f->path, &s->options, perform, s, &s->j);

	if (rc != 0)
		fail_msg("%s: %s", ring_error_name(rc), s->f->fault.text);
}

static void stop(struct scene *s)
{
	assert_int_equal(journal_shutdown(s->j), 0);
	journal_free(s->j);
}

struct worker {
	struct scene *s;
	uint32_t thread;
	pthread_t id;
	int rc;
	void *(*work)(void *worker);
};

static void begin(struct scene *s, struct worker *w, uint32_t thread,
		  void *(*work)(void *))
{
	*w = (struct worker){ .s = s, .thread = thread, .rc = 99 };
	assert_int_equal(pthread_create(&w->id, NULL, work, w), 0);
}

static int end(struct worker *w)
{
	pthread_join(w->id, NULL);
	return w->rc;
}

/* ---- many push ---------------------------------------------------------- */

static void *push_all(void *arg)
{
	struct worker *w = arg;

	w->rc = 0;
	for (uint32_t i = 0; i < PUSHES && w->rc == 0; i++) {
		const struct seen op = { w->thread, i };
		struct journal_waiter waiter;

		w->rc = journal_push(w->s->j, &op, sizeof(op), &waiter);
		if (w->rc == 0 && i % 50 == 49)
			w->rc = journal_flush(w->s->j, &waiter);
		if (w->rc == 0 && i % 50 == 49)
			w->rc = journal_sync(w->s->j, &waiter, -1);
	}
	return NULL;
}

static void check_all_seen(const struct scene *s)
{
	uint32_t next[THREADS] = { 0 };

	assert_int_equal(s->count, THREADS * PUSHES);
	for (unsigned i = 0; i < s->count; i++) {
		assert_in_range(s->seen[i].thread, 0, THREADS - 1);
		assert_int_equal(s->seen[i].number, next[s->seen[i].thread]++);
	}
}

static void test_many_push(void **state)
{
	struct scene *s = new_scene(state);
	struct fixture *f = *state;
	struct worker workers[THREADS];
	struct journal_stats stats;

	s->options.flush_interval_ms = f->row != NULL ? 20 : 0;
	start(s);
	for (uint32_t i = 0; i < THREADS; i++)
		begin(s, &workers[i], i, push_all);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(end(&workers[i]), 0);
	assert_int_equal(journal_sync(s->j, NULL, -1), 0);
	journal_stats(s->j, &stats);
	assert_int_equal(stats.pushed, THREADS * PUSHES);
	assert_int_equal(stats.performed, THREADS * PUSHES);
	printf("%llu pushes in %llu writes, %llu calls of perform\n",
	       (unsigned long long)stats.pushed,
	       (unsigned long long)stats.publishes,
	       (unsigned long long)stats.batches);
	stop(s);
	check_all_seen(s);
}

static void *push_one(void *arg)
{
	struct worker *w = arg;
	const struct seen op = { w->thread, 0 };

	w->rc = journal_push(w->s->j, &op, sizeof(op), NULL);
	return NULL;
}

static void *push_too_much(void *arg)
{
	static char large[LARGE];
	const struct journal_op ops[] = { { large, LARGE, 0 },
					  { large, LARGE, 0 },
					  { large, LARGE, 0 } };
	struct worker *w = arg;

	w->rc = journal_push_many(w->s->j, ops, 3, NULL);
	return NULL;
}

/* The first write waits until all others are queued: they share the second.
 * One that the ring refuses does not spoil it for them. */
static void test_shared_write(void **state)
{
	struct scene *s = new_scene(state);
	struct worker workers[THREADS], bad;
	struct journal_stats stats;

	s->options.flush_interval_ms = HOUR_MS;
	s->options.open = open_storage;
	s->options.open_ctx = s;
	start(s);
	s->ios[1].on_start_ctx = s;
	s->gate = THREADS + 1;
	pthread_mutex_lock(&s->j->lock);
	s->ios[1].on_start = wait_for_crowd;
	pthread_mutex_unlock(&s->j->lock);
	begin(s, &workers[0], 0, push_one);
	sem_wait(&s->entered); /* from now on all others are led */
	begin(s, &bad, 0, push_too_much);
	for (uint32_t i = 1; i < THREADS; i++)
		begin(s, &workers[i], i, push_one);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(end(&workers[i]), 0);
	assert_int_equal(end(&bad), -RING_ERR_TOO_BIG);
	journal_stats(s->j, &stats);
	assert_int_equal(stats.pushed, THREADS);
	/* The first, and those before and behind the one that is refused. */
	assert_in_range(stats.publishes, 1, 3);
	stop(s);
}

/* ---- shutting down ------------------------------------------------------ */

static void *push_large(void *arg)
{
	static char large[LARGE];
	struct worker *w = arg;

	do {
		w->rc = journal_push(w->s->j, large, LARGE, NULL);
	} while (w->rc == 0);
	return NULL;
}

static void *sync_all(void *arg)
{
	struct worker *w = arg;

	w->rc = journal_sync(w->s->j, NULL, -1);
	return NULL;
}

static void *shut_down(void *arg)
{
	struct worker *w = arg;

	w->rc = journal_shutdown(w->s->j);
	return NULL;
}

static void until_starved(struct journal *j)
{
	int starved = 0;

	while (starved == 0) {
		usleep(1000);
		pthread_mutex_lock(&j->lock);
		starved = j->starved;
		pthread_mutex_unlock(&j->lock);
	}
}

/* Pushes that wait for room, one that waits for perform, and perform at work:
 * two ask to end it. */
static void test_shutdown_wakes_all(void **state)
{
	struct scene *s = new_scene(state);
	struct worker pushers[3], syncer, enders[2];
	struct ring_info info;

	s->holds = true;
	start(s);
	for (uint32_t i = 0; i < 3; i++)
		begin(s, &pushers[i], i, push_large);
	sem_wait(&s->entered);
	until_starved(s->j);
	begin(s, &syncer, 0, sync_all);
	begin(s, &enders[0], 0, shut_down);
	begin(s, &enders[1], 0, shut_down);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(end(&pushers[i]), -ESHUTDOWN);
	assert_int_equal(end(&syncer), -ESHUTDOWN);
	sem_post(&s->leave); /* the batch in hand is finished ... */
	assert_int_equal(end(&enders[0]), 0);
	assert_int_equal(end(&enders[1]), 0);
	assert_true(s->count > 0);
	info = fixture_info(s->f);
	assert_int_equal(info.cursors[0].items,
			 s->count); /* ... and recorded */
	assert_false(info.producer.attached);
	journal_free(s->j);
}

/* ---- perform ------------------------------------------------------------ */

/* It takes longer than the interval, and longer than pushes. */
static void test_slow_perform(void **state)
{
	struct scene *s = new_scene(state);
	struct worker workers[THREADS];

	s->options.flush_interval_ms = 1;
	s->takes_ms = 5;
	start(s);
	for (uint32_t i = 0; i < THREADS; i++)
		begin(s, &workers[i], i, push_one);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(end(&workers[i]), 0);
	assert_int_equal(journal_sync(s->j, NULL, -1), 0);
	stop(s);
	assert_int_equal(s->count, THREADS);
}

static void test_perform_pushes(void **state)
{
	struct scene *s = new_scene(state);
	struct worker w;

	s->pushes_own = 50;
	start(s);
	begin(s, &w, 0, push_all);
	assert_int_equal(end(&w), 0);
	assert_int_equal(journal_sync(s->j, NULL, -1), 0);
	stop(s);
	assert_int_equal(s->count, PUSHES + 50);
}

static int fail_with_handle(void *ctx, const struct journal_op *ops,
			    size_t count)
{
	struct scene *s = ctx;

	(void)ops;
	(void)count;
	s->answer += s->j != NULL;
	sem_post(&s->entered);
	return -EIO;
}

/* What is left is performed at once: also then perform has what it pushes into.
 * Often, for it is a race that an early call would not lose each time. */
static void test_handle_within_perform(void **state)
{
	struct scene *s = new_scene(state);

	s->options.flush_interval_ms = HOUR_MS; /* it is left */
	start(s);
	assert_int_equal(journal_push(s->j, "a", 1, NULL), 0);
	for (unsigned i = 0; i < STARTS; i++) {
		stop(s);
		s->j = NULL;
		assert_int_equal(journal_start(s->f->path, &s->options,
					       fail_with_handle, s, &s->j),
				 0);
		sem_wait(&s->entered);
	}
	stop(s);
	assert_int_equal(s->answer, STARTS);
}

static void *push_into_full(void *arg)
{
	static char large[LARGE];
	struct worker *w = arg;

	w->rc = journal_push(w->s->j, large, LARGE, NULL);
	return NULL;
}

/*
 * Others wait for room, and perform pushes behind them: it is told that the
 * ring is full, for it alone can make room. Then it does.
 */
static int push_behind_others(void *ctx, const struct journal_op *ops,
			      size_t count)
{
	static char large[LARGE];
	struct scene *s = ctx;

	(void)ops;
	if (s->holds) {
		s->holds = false;
		sem_post(&s->entered);
		sem_wait(&s->leave);
		s->answer = journal_push(s->j, large, LARGE, NULL);
	}
	return (int)count;
}

static void test_perform_pushes_into_full(void **state)
{
	struct scene *s = new_scene(state);
	struct worker w[2];
	static char large[LARGE];
	int rc;

	s->holds = true;
	s->options.push_timeout_ms = 1;
	assert_int_equal(journal_start(s->f->path, &s->options,
				       push_behind_others, s, &s->j),
			 0);
	do {
		rc = journal_push(s->j, large, LARGE, NULL);
	} while (rc == 0);
	assert_int_equal(rc, -RING_ERR_FULL);
	sem_wait(&s->entered);
	pthread_mutex_lock(&s->j->lock);
	s->j->options.push_timeout_ms = 0; /* the others wait for ever */
	pthread_mutex_unlock(&s->j->lock);
	begin(s, &w[0], 0, push_into_full);
	begin(s, &w[1], 0, push_into_full);
	until_starved(s->j);
	sem_post(&s->leave);
	assert_int_equal(end(&w[0]), 0);
	assert_int_equal(end(&w[1]), 0);
	assert_int_equal(journal_sync(s->j, NULL, -1), 0);
	stop(s);
	assert_int_equal(s->answer, -RING_ERR_FULL);
}

/* It is led by one that waits for ever, and does not: what it flies with time
 * and again is not its own affair. */
static void test_follower_gives_up(void **state)
{
	struct scene *s = new_scene(state);
	struct worker patient, ender;

	s->holds = true;
	start(s);
	begin(s, &patient, 0, push_large);
	sem_wait(&s->entered);
	until_starved(s->j);
	pthread_mutex_lock(&s->j->lock);
	s->j->options.push_timeout_ms = 1;
	pthread_mutex_unlock(&s->j->lock);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(journal_push(s->j, "a", 1, NULL),
				 -RING_ERR_FULL);
	begin(s, &ender, 0, shut_down);
	assert_int_equal(end(&patient), -ESHUTDOWN);
	sem_post(&s->leave);
	assert_int_equal(end(&ender), 0);
	journal_free(s->j);
}

/* ---- two processes ------------------------------------------------------ */

/* Handles are processes here: the ring is all that they share. */
static void test_two_sides(void **state)
{
	struct scene *s = new_scene(state);
	struct journal_options pushes = { .sides = JOURNAL_PUSHES };
	struct journal_waiter last = { 0 };
	struct journal *pusher;

	s->options.sides = JOURNAL_PERFORMS;
	start(s);
	assert_int_equal(
		journal_start(s->f->path, &pushes, NULL, NULL, &pusher), 0);
	for (uint32_t i = 0; i < PUSHES; i++) {
		const struct seen op = { 0, i };

		assert_int_equal(journal_push(pusher, &op, sizeof(op), &last),
				 0);
	}
	assert_int_equal(journal_sync(pusher, &last, -1), 0);
	assert_int_equal(journal_sync(s->j, NULL, -1), 0);
	assert_int_equal(journal_shutdown(pusher), 0);
	journal_free(pusher);
	stop(s);
	assert_int_equal(s->count, PUSHES);
}

/* An idle journal answers those who ask its producer. */
static void test_idle_answers(void **state)
{
	struct scene *s = new_scene(state);
	const struct ring_options o = { .fault = &s->f->fault };

	start(s);
	assert_int_equal(ring_operator_suspend(s->f->path, -1, &o), 0);
	s->j->options.push_never_waits = true;
	assert_int_equal(journal_push(s->j, "a", 1, NULL), -RING_ERR_SUSPENDED);
	assert_int_equal(ring_operator_resume(s->f->path, -1, &o), 0);
	stop(s);
}

int main(void)
{
	struct fixture_list list = { 0 };

	fixture_add(&list, "many push", test_many_push, NULL);
	fixture_add(&list, "many push, interval", test_many_push, "20 ms");
	fixture_add(&list, "a shared write", test_shared_write, NULL);
	fixture_add(&list, "shutdown wakes all", test_shutdown_wakes_all, NULL);
	fixture_add(&list, "slow perform", test_slow_perform, NULL);
	fixture_add(&list, "perform pushes", test_perform_pushes, NULL);
	fixture_add(&list, "the handle within perform",
		    test_handle_within_perform, NULL);
	fixture_add(&list, "perform pushes into a full ring",
		    test_perform_pushes_into_full, NULL);
	fixture_add(&list, "a follower gives up", test_follower_gives_up, NULL);
	fixture_add(&list, "two sides", test_two_sides, NULL);
	fixture_add(&list, "idle answers", test_idle_answers, NULL);
	return fixture_run("journal threads", &list);
}
