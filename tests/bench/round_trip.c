#include "tests/bench/round_trip.h"

#include "ring/ring.h"
#include "tests/bench/bare_queue.h"
#include "tests/bench/bench.h"
#include "tests/bench/drainer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ITEM_BYTES = 64, FILE_BYTES = 16 << 20, PATH_BYTES = 4300 };

struct trip {
	char path[PATH_BYTES];
	struct drainer drainer;

	/* one of: */
	struct ring_producer *ring;
	struct bare_queue bare;

	/* of the ring */
	struct ring_options options;
	struct ring_fault fault;
	struct drainer_ring drains;
};

static int failed(const struct trip *t, int rc)
{
	return bench_failed("round trip", rc, &t->fault);
}

static struct trip *trip_new(const char *dir)
{
	struct trip *t = calloc(1, sizeof(*t));

	if (t != NULL)
		snprintf(t->path, sizeof(t->path), "%s/trip", dir);
	return t;
}

static void trip_close(void *it)
{
	struct trip *t = it;

	drainer_stop(&t->drainer);
	ring_producer_free(t->ring);
	bare_queue_close(&t->bare);
	unlink(t->path);
	free(t);
}

static int finish_open(struct trip *t, int rc, void **ret_it)
{
	if (rc < 0) {
		failed(t, rc);
		trip_close(t);
		return rc;
	}
	*ret_it = t;
	return 0;
}

/* ---- the ring ----------------------------------------------------------- */

/* The drainer first: it must not inherit what the producer opens. */
static int start_ring(struct trip *t)
{
	const struct ring_create_options create = { .size_bytes = FILE_BYTES };
	int rc;

	t->options = (struct ring_options){
		.durability = RING_DURABILITY_PROCESS,
		.mode = RING_IO_BUFFERED,
		.fault = &t->fault,
	};
	t->drains = (struct drainer_ring){ t->path, &t->options };
	rc = ring_create(t->path, &create, &t->options);
	if (rc == 0)
		rc = drainer_start(&t->drainer, drainer_ring, &t->drains);
	return rc < 0 ? rc
		      : ring_producer_attach(t->path, &t->options, &t->ring,
					     NULL);
}

static int ring_open(const void *how, const char *dir, void **ret_it)
{
	struct trip *t = trip_new(dir);

	(void)how;
	return t == NULL ? -ENOMEM : finish_open(t, start_ring(t), ret_it);
}

static int sleep_until_written(struct ring_producer *p)
{
	struct pollfd look = { .fd = ring_producer_fd(p), .events = POLLIN };

	if (look.fd < 0)
		return look.fd;
	return poll(&look, 1, -1) < 0 ? -errno : 0;
}

/*
 * Until nothing is used any more: the consumer was seen behind the item. Not
 * by ring_producer_wait(), which returns only when that gives more space.
 */
static int await_advance(struct trip *t)
{
	struct ring_producer_state state;
	int rc = ring_producer_state(t->ring, &state);

	while (rc == 0 && state.used_bytes > 0) {
		rc = atomic_load(&t->drainer.said->code);
		if (rc == 0)
			rc = sleep_until_written(t->ring);
		if (rc == 0)
			rc = ring_producer_state(t->ring, &state);
	}
	return rc;
}

static int ring_once(void *it, double *ret_us)
{
	static const char item[ITEM_BYTES] = { 1 };
	const struct ring_entry e = { .data = item, .data_bytes = ITEM_BYTES };
	struct trip *t = it;
	const double start_us = measure_now_us();
	int rc = ring_producer_publish(t->ring, &e, 1, NULL, NULL);

	if (rc == 0)
		rc = await_advance(t);
	*ret_us = measure_now_us() - start_us;
	return rc < 0 ? failed(t, rc) : 0;
}

const struct timed_ops round_trip_ring = {
	.open = ring_open,
	.close = trip_close,
	.once = ring_once,
};

/* ---- the floor ---------------------------------------------------------- */

static int bare_open(const void *how, const char *dir, void **ret_it)
{
	struct trip *t = trip_new(dir);
	int rc;

	(void)how;
	if (t == NULL)
		return -ENOMEM;
	rc = bare_queue_open(&t->bare, t->path);
	if (rc == 0)
		rc = drainer_start(&t->drainer, bare_queue_drain, t->path);
	if (rc == 0)
		rc = bare_queue_watch(&t->bare, t->path);
	return finish_open(t, rc, ret_it);
}

static int bare_once(void *it, double *ret_us)
{
	struct trip *t = it;
	const double start_us = measure_now_us();
	int rc = bare_queue_put(&t->bare, 1);

	if (rc == 0)
		rc = bare_queue_await(&t->bare);
	*ret_us = measure_now_us() - start_us;
	return rc < 0 ? failed(t, rc) : 0;
}

const struct timed_ops round_trip_bare = {
	.open = bare_open,
	.close = trip_close,
	.once = bare_once,
};
