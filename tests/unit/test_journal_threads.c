/*
 * Goal: any number of threads may push, wait and shut down; pushes share
 * writes; nobody hangs.
 * Method: real threads, held up where that makes it sure who meets whom; run
 * under a thread sanitizer for what an assertion can't see. Threads report, the
 * main one asserts.
 */
#include "tests/lib/journal_rig.h"
#include "tests/lib/journal_scene.h"

#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>

enum { STARTS = 1000, HOUR_MS = 3600000 };

static const char large[RIG_LARGE];

/* ---- who goes to sleep -------------------------------------------------- */

/*
 * Posted before a thread goes to sleep, in place of the C library's functions
 * (see the Makefile): what a test waits for has happened by then.
 */
static sem_t asleep;

int __real_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock);
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock);

int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock)
{
	sem_post(&asleep);
	return __real_pthread_cond_wait(cond, lock);
}

int __real_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	sem_post(&asleep);
	return __real_poll(fds, count, timeout_ms);
}

static void sleep_until(struct journal_scene *s,
			bool (*is_so)(const struct journal_scene *s))
{
	pthread_mutex_lock(&s->j->lock);
	while (!is_so(s)) {
		pthread_mutex_unlock(&s->j->lock);
		sem_wait(&asleep);
		pthread_mutex_lock(&s->j->lock);
	}
	pthread_mutex_unlock(&s->j->lock);
}

static bool is_crowded(const struct journal_scene *s)
{
	return s->j->queued >= s->gate;
}

static bool is_starved(const struct journal_scene *s)
{
	return s->j->starved != 0;
}

/* Storage that waits for a crowd, once. */
static void wait_for_crowd(void *ctx)
{
	struct journal_scene *s = ctx;

	if (s->gate == 0)
		return;
	sem_post(&s->entered);
	sleep_until(s, is_crowded);
	s->gate = 0;
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

static void check_all_seen(const struct journal_scene *s)
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
	struct journal_scene *s = journal_scene_new(state);
	struct fixture *f = *state;
	struct worker workers[THREADS];
	struct journal_stats stats;

	s->options.flush_interval_ms = f->row != NULL ? 20 : 0;
	journal_scene_start(s);
	workers_begin(s, workers, 0, push_all);
	workers_end(workers);
	assert_int_equal(journal_sync(s->j, NULL, -1), 0);
	journal_stats(s->j, &stats);
	assert_int_equal(stats.pushed, THREADS * PUSHES);
	assert_int_equal(stats.performed, THREADS * PUSHES);
	printf("%llu pushes in %llu writes, %llu calls of perform\n",
	       (unsigned long long)stats.pushed,
	       (unsigned long long)stats.publishes,
	       (unsigned long long)stats.batches);
	journal_scene_stop(s);
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
	const struct journal_op ops[] = { { large, RIG_LARGE, 0 },
					  { large, RIG_LARGE, 0 },
					  { large, RIG_LARGE, 0 } };
	struct worker *w = arg;

	w->rc = journal_push_many(w->s->j, ops, 3, NULL);
	return NULL;
}

/* The first write waits until all others are queued: they share the second.
 * One that the ring refuses does not spoil it for them. */
static void test_shared_write(void **state)
{
	struct journal_scene *s = journal_scene_new(state);
	struct rig_storage *storage = rig_storage(s->f, &s->options);
	struct fail_io *io = &storage->ios[RIG_PRODUCER];
	struct worker workers[THREADS], bad;
	struct journal_stats stats;

	s->options.flush_interval_ms = HOUR_MS;
	journal_scene_start(s);
	io->on_start_ctx = s;
	s->gate = THREADS + 1;
	pthread_mutex_lock(&s->j->lock);
	io->on_start = wait_for_crowd;
	pthread_mutex_unlock(&s->j->lock);
	scene_worker_begin(s, &workers[0], 0, push_one);
	sem_wait(&s->entered); /* from now on all others are led */
	scene_worker_begin(s, &bad, 0, push_too_much);
	workers_begin(s, workers, 1, push_one);
	workers_end(workers);
	assert_int_equal(scene_worker_end(&bad), -RING_ERR_TOO_BIG);
	journal_stats(s->j, &stats);
	assert_int_equal(stats.pushed, THREADS);
	/* The first, and those before and behind the one that is refused. */
	assert_in_range(stats.publishes, 1, 3);
	journal_scene_stop(s);
}

/* ---- shutting down ------------------------------------------------------ */

static void *push_large(void *arg)
{
	struct worker *w = arg;

	do {
		w->rc = journal_push(w->s->j, large, RIG_LARGE, NULL);
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

/* Pushes that wait for room, one that waits for perform, and perform at work:
 * two ask to end it. */
static void test_shutdown_wakes_all(void **state)
{
	struct journal_scene *s = journal_scene_new(state);
	struct worker pushers[3], syncer, enders[2];
	struct ring_info info;

	s->holds = true;
	journal_scene_start(s);
	for (uint32_t i = 0; i < 3; i++)
		scene_worker_begin(s, &pushers[i], i, push_large);
	sem_wait(&s->entered);
	sleep_until(s, is_starved);
	scene_worker_begin(s, &syncer, 0, sync_all);
	scene_worker_begin(s, &enders[0], 0, shut_down);
	scene_worker_begin(s, &enders[1], 0, shut_down);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(scene_worker_end(&pushers[i]), -ESHUTDOWN);
	assert_int_equal(scene_worker_end(&syncer), -ESHUTDOWN);
	sem_post(&s->leave); /* the batch in hand is finished ... */
	assert_int_equal(scene_worker_end(&enders[0]), 0);
	assert_int_equal(scene_worker_end(&enders[1]), 0);
	assert_true(s->count > 0);
	info = fixture_info(s->f);
	assert_int_equal(info.cursors[0].items,
			 s->count); /* ... and recorded */
	assert_false(info.producer.attached);
	journal_free(s->j);
}

/* ---- perform ------------------------------------------------------------ */

/* It takes longer than the interval, and longer than pushes: the first of
 * them, and all others together. */
static void test_slow_perform(void **state)
{
	struct journal_scene *s = journal_scene_new(state);
	struct worker workers[THREADS];

	s->options.flush_interval_ms = 1;
	s->holds = true;
	journal_scene_start(s);
	scene_worker_begin(s, &workers[0], 0, push_one);
	sem_wait(&s->entered);
	workers_begin(s, workers, 1, push_one);
	workers_end(workers);
	for (unsigned calls = 1; calls <= 2; calls++) {
		assert_int_equal(journal_sync(s->j, NULL, 5),
				 -RING_ERR_TIMEOUT);
		sem_post(&s->leave);
		if (calls == 1)
			sem_wait(&s->entered);
	}
	assert_int_equal(journal_sync(s->j, NULL, -1), 0);
	journal_scene_stop(s);
	assert_int_equal(s->count, THREADS);
}

static void test_perform_pushes(void **state)
{
	struct journal_scene *s = journal_scene_new(state);
	struct worker w;

	s->pushes_own = 50;
	journal_scene_start(s);
	scene_worker_begin(s, &w, 0, push_all);
	assert_int_equal(scene_worker_end(&w), 0);
	assert_int_equal(journal_sync(s->j, NULL, -1), 0);
	journal_scene_stop(s);
	assert_int_equal(s->count, PUSHES + 50);
}

static int fail_with_handle(void *ctx, const struct journal_op *ops,
			    size_t count)
{
	struct journal_scene *s = ctx;

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
	struct journal_scene *s = journal_scene_new(state);

	s->options.flush_interval_ms = HOUR_MS; /* it is left */
	journal_scene_start(s);
	assert_int_equal(journal_push(s->j, "a", 1, NULL), 0);
	for (unsigned i = 0; i < STARTS; i++) {
		journal_scene_stop(s);
		s->j = NULL;
		assert_int_equal(journal_start(s->f->path, &s->options,
					       fail_with_handle, s, &s->j),
				 0);
		sem_wait(&s->entered);
	}
	journal_scene_stop(s);
	assert_int_equal(s->answer, STARTS);
}

static void *push_into_full(void *arg)
{
	struct worker *w = arg;

	w->rc = journal_push(w->s->j, large, RIG_LARGE, NULL);
	return NULL;
}

/*
 * Others wait for room, and perform pushes behind them: it is told that the
 * ring is full, for it alone can make room. Then it does.
 */
static int push_behind_others(void *ctx, const struct journal_op *ops,
			      size_t count)
{
	struct journal_scene *s = ctx;

	(void)ops;
	if (s->holds) {
		s->holds = false;
		sem_post(&s->entered);
		sem_wait(&s->leave);
		s->answer = journal_push(s->j, large, RIG_LARGE, NULL);
	}
	return (int)count;
}

static void test_perform_pushes_into_full(void **state)
{
	struct journal_scene *s = journal_scene_new(state);
	struct worker w[2];
	int rc;

	s->holds = true;
	s->options.push_timeout_ms = 1;
	assert_int_equal(journal_start(s->f->path, &s->options,
				       push_behind_others, s, &s->j),
			 0);
	do {
		rc = journal_push(s->j, large, RIG_LARGE, NULL);
	} while (rc == 0);
	assert_int_equal(rc, -RING_ERR_FULL);
	sem_wait(&s->entered);
	pthread_mutex_lock(&s->j->lock);
	s->j->options.push_timeout_ms = 0; /* the others wait for ever */
	pthread_mutex_unlock(&s->j->lock);
	scene_worker_begin(s, &w[0], 0, push_into_full);
	scene_worker_begin(s, &w[1], 0, push_into_full);
	sleep_until(s, is_starved);
	sem_post(&s->leave);
	assert_int_equal(scene_worker_end(&w[0]), 0);
	assert_int_equal(scene_worker_end(&w[1]), 0);
	assert_int_equal(journal_sync(s->j, NULL, -1), 0);
	journal_scene_stop(s);
	assert_int_equal(s->answer, -RING_ERR_FULL);
}

/* It is led by one that waits for ever, and does not: what it flies with time
 * and again is not its own affair. */
static void test_follower_gives_up(void **state)
{
	struct journal_scene *s = journal_scene_new(state);
	struct worker patient, ender;

	s->holds = true;
	journal_scene_start(s);
	scene_worker_begin(s, &patient, 0, push_large);
	sem_wait(&s->entered);
	sleep_until(s, is_starved);
	pthread_mutex_lock(&s->j->lock);
	s->j->options.push_timeout_ms = 1;
	pthread_mutex_unlock(&s->j->lock);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(journal_push(s->j, "a", 1, NULL),
				 -RING_ERR_FULL);
	scene_worker_begin(s, &ender, 0, shut_down);
	assert_int_equal(scene_worker_end(&patient), -ESHUTDOWN);
	sem_post(&s->leave);
	assert_int_equal(scene_worker_end(&ender), 0);
	journal_free(s->j);
}

/* ---- two processes ------------------------------------------------------ */

/* Handles are processes here: the ring is all that they share. */
static void test_two_sides(void **state)
{
	struct journal_scene *s = journal_scene_new(state);
	struct journal_options pushes = { .sides = JOURNAL_PUSHES };
	struct journal_waiter last = { 0 };
	struct journal *pusher;

	s->options.sides = JOURNAL_PERFORMS;
	journal_scene_start(s);
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
	journal_scene_stop(s);
	assert_int_equal(s->count, PUSHES);
}

/* A pusher that waits for room gets it long before the interval ends, though
 * what is in its way is less than half of the ring. */
static void test_two_sides_become_full(void **state)
{
	enum { ROUNDS = 20, SMALL = 12000, HUGE = 47000 };
	const struct ring_create_options create = {
		.size_bytes = 400000,
		.cursor_slots = 2,
		.max_item_bytes = HUGE,
		.max_batch_bytes = 49152,
		.force = true,
	};
	static const char bytes[HUGE];
	struct journal_scene *s = journal_scene_new(state);
	struct journal_options pushes = { .sides = JOURNAL_PUSHES };
	struct journal *pusher;

	assert_int_equal(ring_create(s->f->path, &create, NULL), 0);
	s->options.sides = JOURNAL_PERFORMS;
	s->options.flush_interval_ms = HOUR_MS;
	journal_scene_start(s);
	assert_int_equal(
		journal_start(s->f->path, &pushes, NULL, NULL, &pusher), 0);
	for (unsigned i = 0; i < 3 * ROUNDS; i++)
		assert_int_equal(journal_push(pusher, bytes,
					      i % 3 == 2 ? HUGE : SMALL, NULL),
				 0);
	assert_int_equal(journal_flush(s->j, NULL), 0);
	assert_int_equal(journal_sync(s->j, NULL, -1), 0);
	journal_free(pusher);
	journal_scene_stop(s);
	assert_int_equal(s->count, 3 * ROUNDS);
}

/* An idle journal answers those who ask its producer. */
static void test_idle_answers(void **state)
{
	struct journal_scene *s = journal_scene_new(state);
	const struct ring_options o = { .fault = &s->f->fault };

	journal_scene_start(s);
	assert_int_equal(ring_operator_suspend(s->f->path, -1, &o), 0);
	s->j->options.push_never_waits = true;
	assert_int_equal(journal_push(s->j, "a", 1, NULL), -RING_ERR_SUSPENDED);
	assert_int_equal(ring_operator_resume(s->f->path, -1, &o), 0);
	journal_scene_stop(s);
}

int main(void)
{
	struct fixture_list list = { 0 };

	sem_init(&asleep, 0, 0);
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
	fixture_add(&list, "two sides become full", test_two_sides_become_full,
		    NULL);
	fixture_add(&list, "idle answers", test_idle_answers, NULL);
	return fixture_run("journal threads", &list);
}
