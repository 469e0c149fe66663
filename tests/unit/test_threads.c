/*
 * Goal: the handles of one ring are independent: each may have a thread of
 * its own; and a heartbeat thread keeps an idle owner alive.
 * Method: a producer and consumers in threads; run under a thread sanitizer
 * for what an assertion can't see. Threads report, the main one asserts.
 */
#include "tests/lib/fail_io.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/ring_fixture.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { ITEMS = 3000, CONSUMERS = 3, HEARTBEAT_MS = 20 };

static const char *const names[CONSUMERS] = { "a", "b", "c" };

static const struct ring_create_options create = {
	.size_bytes = 1 << 20,
	.consumers = names,
	.consumer_count = CONSUMERS,
	.max_item_bytes = 1000,
	.max_batch_bytes = 8192,
};

struct worker {
	const char *path;
	const char *name; /* NULL: the producer */
	pthread_t id;
	struct ring_fault fault;
	int rc;
};

static int produce(struct worker *w, struct ring_producer *p)
{
	(void)w;
	for (uint32_t i = 0; i < ITEMS;) {
		uint8_t bytes[1000] = { 0 };
		const struct ring_entry e = { .data = bytes,
					      .data_bytes = 4 + i % 900 };
		int rc;

		memcpy(bytes, &i, sizeof(i));
		rc = ring_producer_publish(p, &e, 1, NULL, NULL);
		if (rc == -RING_ERR_FULL)
			rc = ring_producer_wait(p, -1);
		else if (rc == 0)
			i++;
		if (rc < 0)
			return rc;
	}
	return 0;
}

struct progress {
	uint32_t next;
};

static int check_item(void *ctx, const struct ring_item *item)
{
	struct progress *progress = ctx;
	uint32_t number;

	memcpy(&number, item->data, sizeof(number));
	if (number != progress->next || item->sequence != number ||
	    item->data_bytes != 4 + number % 900)
		return -1;
	progress->next++;
	return 0;
}

static int consume(struct ring_consumer *c)
{
	struct progress progress = { 0 };

	while (progress.next < ITEMS) {
		uint64_t position;
		int rc = ring_consumer_fold(c, 0, NULL, check_item, &progress,
					    &position);

		if (rc == 0)
			rc = ring_consumer_advance(c, position, NULL);
		else if (rc == -RING_ERR_EMPTY)
			rc = ring_consumer_wait(c, -1);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	const struct ring_options options = { .fault = &w->fault,
					      .client = w->name };
	struct ring_producer *p = NULL;
	struct ring_consumer *c = NULL;

	if (w->name == NULL) {
		w->rc = ring_producer_attach(w->path, &options, &p, NULL);
		if (w->rc == 0)
			w->rc = produce(w, p);
	} else {
		w->rc = ring_consumer_attach(w->path, w->name, &options, &c,
					     NULL);
		if (w->rc == 0)
			w->rc = consume(c);
	}
	ring_producer_free(p);
	ring_consumer_free(c);
	return NULL;
}

/* Two rings, each with a producer and three consumers. */
static void test_handles_in_threads(void **state)
{
	struct fixture *f = *state;
	struct fixture *g = fixture_alloc(f, sizeof(*g));
	struct worker workers[2 * (1 + CONSUMERS)] = { 0 };

	fixture_create(f, &create);
	fixture_create(g, &create);
	for (unsigned i = 0; i < ARRAY_SIZE(workers); i++) {
		struct worker *w = &workers[i];

		w->path = i % 2 == 0 ? f->path : g->path;
		w->name = i < 2 ? NULL : names[i / 2 - 1];
		assert_int_equal(pthread_create(&w->id, NULL, work, w), 0);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(workers); i++)
		pthread_join(workers[i].id, NULL);
	for (unsigned i = 0; i < ARRAY_SIZE(workers); i++)
		if (workers[i].rc != 0)
			fail_msg("%u: %s: %s", i,
				 ring_error_name(workers[i].rc),
				 workers[i].fault.text);
	assert_int_equal(fixture_info(f).cursors[0].items, ITEMS);
	assert_int_equal(fixture_info(g).cursors[2].items, ITEMS);
	device_remove(&g->device);
}

/* ---- a heartbeat thread ------------------------------------------------- */

/* A newcomer elsewhere that really sleeps while it watches. */
static void sleep_on(void *ctx)
{
	(void)ctx;
	usleep(4 * HEARTBEAT_MS * 1000);
}

struct beat_case {
	const char *name;
	bool has_thread;
	int expected;
};

static const struct beat_case beat_cases[] = {
	{ "idle with a heartbeat thread", true, -RING_ERR_ALIVE },
	{ "idle without one", false, 0 },
};

static void test_heartbeat(void **state)
{
	struct fixture *f = *state;
	const struct beat_case *row = f->row;
	const struct ring_create_options beats = {
		.size_bytes = FIXTURE_RING_BYTES,
		.heartbeat_ms = HEARTBEAT_MS,
	};
	struct ring_options options = fixture_options(f);
	struct fake_system *elsewhere = fixture_alloc(f, sizeof(*elsewhere));
	struct fail_io *io = fixture_alloc(f, sizeof(*io));
	struct ring_producer *p = NULL;
	struct ring_consumer *c = NULL;
	int rc;

	fixture_create(f, &beats);
	options.heartbeat_thread = row->has_thread;
	fixture_producer(f, &options);
	fixture_consumer(f, NULL, &options);

	fake_system_init(elsewhere, 7, 7);
	elsewhere->on_sleep = sleep_on;
	fail_io_init(io, fixture_io(f));
	io->is_alone = true;
	options = fixture_options(f);
	options.takeover = true;
	options.system = &elsewhere->system;
	options.io = &io->io;
	rc = ring_consumer_attach(f->path, NULL, &options, &c, NULL);
	assert_int_equal(rc, row->expected);
	ring_consumer_free(c);
	if (rc == 0) {
		fail_io_init(io, fixture_io(f));
		io->is_alone = true;
	}
	rc = ring_producer_attach(f->path, &options, &p, NULL);
	assert_int_equal(rc, row->expected);
	ring_producer_free(p);
	if (rc != 0)
		ring_io_close(&io->io);
	assert_int_equal(fixture_try_publish(f->producers[0], "a"),
			 row->has_thread ? 0 : -RING_ERR_FENCED);
}

int main(void)
{
	struct fixture_list list = { 0 };

	fixture_add(&list, "handles in threads", test_handles_in_threads, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(beat_cases); i++)
		fixture_add(&list, beat_cases[i].name, test_heartbeat,
			    &beat_cases[i]);
	return fixture_run("threads", &list);
}
