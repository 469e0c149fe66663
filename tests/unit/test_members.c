/*
 * Goal: consumers join and leave, at rest and under a live producer, and hold
 * space from their start until they have left; not a moment more.
 * Method: the producer in this process at rest, or in a thread that answers.
 */
#include "tests/lib/ring_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* ---- a producer that answers -------------------------------------------- */

struct answerer {
	struct ring_producer *p;
	pthread_t id;
	atomic_bool stop;
	bool is_running;
};

static void *answer(void *arg)
{
	struct answerer *a = arg;

	while (!atomic_load(&a->stop))
		(void)ring_producer_wait(a->p, 5);
	return NULL;
}

static void answerer_start(struct answerer *a, struct ring_producer *p)
{
	*a = (struct answerer){ .p = p, .is_running = p != NULL };
	if (p != NULL)
		assert_int_equal(pthread_create(&a->id, NULL, answer, a), 0);
}

static void answerer_stop(struct answerer *a)
{
	if (!a->is_running)
		return;
	atomic_store(&a->stop, true);
	pthread_join(a->id, NULL);
}

static int change(struct fixture *f, struct ring_producer *p, const char *name,
		  int join)
{
	struct ring_fault fault = { 0 };
	const struct ring_options options = { .fault = &fault };
	struct answerer a;
	int rc;

	answerer_start(&a, p);
	rc = join < 0 ? ring_member_remove(f->path, name, -1, &options)
		      : ring_member_add(f->path, name, (enum ring_join)join, -1,
					&options);
	answerer_stop(&a);
	return rc;
}

enum { LEAVE = -1 };

/* ---- joining ------------------------------------------------------------ */

struct join_case {
	const char *name;
	bool live;
	enum ring_join at;
	const char *sees;
};

static const struct join_case join_cases[] = {
	{ "at the end, at rest", false, RING_JOIN_END, "d" },
	{ "at the oldest, at rest", false, RING_JOIN_OLDEST, "b c d" },
	{ "at the end, live", true, RING_JOIN_END, "d" },
	{ "at the oldest, live", true, RING_JOIN_OLDEST, "b c d" },
};

static void test_join(void **state)
{
	struct fixture *f = *state;
	const struct join_case *row = f->row;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct ring_item item;
	struct ring_info info;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	fixture_publish(p, "a b c");
	fixture_push(p, "d");
	c = fixture_consumer(f, NULL, NULL);
	item = fixture_pop(c, 0);
	assert_int_equal(ring_consumer_advance(c, item.next, NULL), 0);
	if (!row->live) {
		fixture_drop_producer(f, p);
		p = NULL;
	}
	assert_int_equal(change(f, p, "new", (int)row->at), 0);
	assert_int_equal(change(f, p, "new", (int)row->at), -RING_ERR_EXISTS);
	assert_int_equal(change(f, p, "default", 0), -RING_ERR_EXISTS);
	info = fixture_info(f);
	assert_int_equal(info.cursor_count, 2);
	assert_string_equal(info.cursors[1].name, "new");
	assert_true(info.cursors[1].joined);
	if (p == NULL)
		p = fixture_producer(f, NULL);
	assert_int_equal(ring_producer_advance(p, RING_POSITION_NONE, NULL), 0);
	fixture_take(fixture_consumer(f, "new", NULL), row->sees);
	fixture_take(c, "b c d");
}

/* ---- leaving ------------------------------------------------------------ */

static const bool lives[] = { false, true };

static unsigned fill(struct ring_producer *p)
{
	char word[1024];
	unsigned count = 0;
	int rc;

	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	while ((rc = fixture_try_publish(p, word)) == 0)
		count++;
	assert_int_equal(rc, -RING_ERR_FULL);
	while ((rc = fixture_try_publish(p, "x")) == 0)
		count++;
	assert_int_equal(rc, -RING_ERR_FULL);
	return count;
}

static void test_leaving_frees_space(void **state)
{
	struct fixture *f = *state;
	const bool live = *(const bool *)f->row;
	const struct ring_options options = fixture_options(f);
	struct ring_consumer *fast, *slow;
	struct ring_producer *p;
	unsigned first, second;

	fixture_create(f, NULL);
	assert_int_equal(change(f, NULL, "slow", RING_JOIN_END), 0);
	p = fixture_producer(f, NULL);
	fast = fixture_consumer(f, NULL, NULL);
	slow = fixture_consumer(f, "slow", NULL);
	first = fill(p);
	fixture_take_all(fast);
	assert_int_equal(fixture_try_publish(p, "x"), -RING_ERR_FULL);
	assert_int_equal(ring_member_remove(f->path, "slow", 0, &options),
			 -RING_ERR_OWNED);
	fixture_drop_consumer(f, slow);
	assert_int_equal(fixture_try_publish(p, "x"), -RING_ERR_FULL);
	if (!live)
		fixture_drop_producer(f, p);
	assert_int_equal(change(f, live ? p : NULL, "slow", LEAVE), 0);
	if (!live)
		p = fixture_producer(f, NULL);
	second = fill(p);
	assert_in_range(second, first - 8, first + 8);
	assert_int_equal(fixture_info(f).cursor_count, 1);
	assert_int_equal(ring_member_remove(f->path, "slow", 0, &options),
			 -RING_ERR_NO_CONSUMER);
}

/* ---- limits ------------------------------------------------------------- */

static void test_last_one_stays(void **state)
{
	struct fixture *f = *state;
	const struct ring_options options = fixture_options(f);
	struct ring_producer *p;

	fixture_create(f, NULL);
	assert_int_equal(ring_member_remove(f->path, "default", 0, &options),
			 -RING_ERR_LAST_CONSUMER);
	p = fixture_producer(f, NULL);
	assert_int_equal(change(f, p, "default", LEAVE),
			 -RING_ERR_LAST_CONSUMER);
	assert_int_equal(change(f, p, "other", RING_JOIN_END), 0);
	assert_int_equal(change(f, p, "default", LEAVE), 0);
	assert_int_equal(change(f, p, "other", LEAVE), -RING_ERR_LAST_CONSUMER);
	fixture_publish(p, "a");
	fixture_take(fixture_consumer(f, "other", NULL), "a");
}

static void test_no_slot(void **state)
{
	struct fixture *f = *state;
	const struct ring_create_options create = {
		.size_bytes = FIXTURE_RING_BYTES,
		.cursor_slots = 3,
	};

	fixture_create(f, &create);
	for (unsigned round = 0; round < 5; round++) {
		assert_int_equal(change(f, NULL, "b", RING_JOIN_END), 0);
		assert_int_equal(change(f, NULL, "c", RING_JOIN_OLDEST), 0);
		assert_int_equal(change(f, NULL, "d", RING_JOIN_END),
				 -RING_ERR_NO_SLOT);
		assert_int_equal(change(f, NULL, "b", LEAVE), 0);
		assert_int_equal(change(f, NULL, "d", RING_JOIN_END), 0);
		assert_int_equal(change(f, NULL, "d", LEAVE), 0);
		assert_int_equal(change(f, NULL, "c", LEAVE), 0);
	}
	assert_int_equal(fixture_info(f).cursor_count, 1);
	assert_int_equal(change(f, NULL, "", 0), -RING_ERR_NAME);
	assert_int_equal(change(f, NULL, "a\x01", 0), -RING_ERR_NAME);
	assert_int_equal(change(f, NULL, "nobody", LEAVE),
			 -RING_ERR_NO_CONSUMER);
}

/* ---- a producer that does not answer ------------------------------------ */

static void test_asking_twice(void **state)
{
	struct fixture *f = *state;
	const struct ring_options options = fixture_options(f);
	struct ring_producer_state s;
	struct ring_consumer *c = NULL;
	struct ring_producer *p;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	assert_int_equal(
		ring_member_add(f->path, "new", RING_JOIN_END, 0, &options),
		-RING_ERR_TIMEOUT);
	assert_int_equal(
		ring_consumer_attach(f->path, "new", &options, &c, NULL),
		-RING_ERR_NO_CONSUMER);
	assert_false(fixture_info(f).cursors[1].joined);
	assert_int_equal(ring_producer_state(p, &s), 0); /* it answers */
	fixture_publish(p, "a");
	assert_int_equal(
		ring_member_add(f->path, "new", RING_JOIN_END, 0, &options), 0);
	c = fixture_consumer(f, "new", NULL);
	fixture_see(c, 0, "a"); /* it joined when it was answered */
	fixture_drop_consumer(f, c);

	assert_int_equal(ring_member_remove(f->path, "new", 0, &options),
			 -RING_ERR_TIMEOUT);
	assert_int_equal(ring_producer_state(p, &s), 0);
	assert_int_equal(ring_member_remove(f->path, "new", 0, &options), 0);
	assert_int_equal(fixture_info(f).cursor_count, 1);
}

/* ---- many consumers ----------------------------------------------------- */

struct many_case {
	const char *name;
	unsigned count;
};

static const struct many_case many_cases[] = {
	{ "1 consumer", 1 },
	{ "3 consumers", 3 },
	{ "64 consumers", 64 },
};

/* The slowest holds the space; each sees everything. */
static void test_many(void **state)
{
	struct fixture *f = *state;
	const struct many_case *row = f->row;
	char(*names)[16] = fixture_alloc(f, 64 * sizeof(*names));
	const char *list[64];
	const struct ring_create_options create = {
		.size_bytes = 6 << 20,
		.block_bytes = 512,
		.consumers = list,
		.consumer_count = row->count,
		.max_item_bytes = 2048,
	};
	struct ring_producer *p;
	unsigned published;

	for (unsigned i = 0; i < row->count; i++) {
		snprintf(names[i], sizeof(names[i]), "c%u", i);
		list[i] = names[i];
	}
	fixture_create(f, &create);
	p = fixture_producer(f, NULL);
	for (unsigned i = 0; i < row->count; i++)
		fixture_consumer(f, names[i], NULL);
	published = fill(p);
	for (unsigned i = 0; i < row->count; i++) {
		assert_int_equal(fixture_try_publish(p, "x"), -RING_ERR_FULL);
		fixture_take_all(f->consumers[i]);
	}
	fixture_publish(p, "x");
	for (unsigned i = 0; i < row->count; i++) {
		assert_int_equal(fixture_pop(f->consumers[i], 0).sequence,
				 published);
		fixture_take(f->consumers[i], "x");
	}
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(join_cases); i++)
		fixture_add(&list, join_cases[i].name, test_join,
			    &join_cases[i]);
	fixture_add(&list, "leaving frees space, at rest",
		    test_leaving_frees_space, &lives[0]);
	fixture_add(&list, "leaving frees space, live",
		    test_leaving_frees_space, &lives[1]);
	fixture_add(&list, "the last one stays", test_last_one_stays, NULL);
	fixture_add(&list, "no slot", test_no_slot, NULL);
	fixture_add(&list, "asking twice", test_asking_twice, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(many_cases); i++)
		fixture_add(&list, many_cases[i].name, test_many,
			    &many_cases[i]);
	return fixture_run("members", &list);
}
