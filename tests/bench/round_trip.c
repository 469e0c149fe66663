#include "tests/bench/round_trip.h"

#include "tests/bench/bench.h"
#include "tests/bench/channel.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

enum { ITEM_BYTES = 64 };

static int failed(const struct channel *ch, int rc)
{
	return bench_failed("round trip", rc, &ch->fault);
}

static void trip_close(void *it)
{
	struct channel *ch = it;

	channel_close(ch);
	free(ch);
}

typedef int open_fn(struct channel *ch, const char *dir);

static int trip_open(const char *dir, open_fn *open_channel, void **ret_it)
{
	struct channel *ch = calloc(1, sizeof(*ch));
	int rc;

	if (ch == NULL)
		return -ENOMEM;
	rc = open_channel(ch, dir);
	if (rc < 0) {
		failed(ch, rc);
		trip_close(ch);
		return rc;
	}
	*ret_it = ch;
	return 0;
}

/* ---- the ring ----------------------------------------------------------- */

static int ring_open(const void *how, const char *dir, void **ret_it)
{
	(void)how;
	return trip_open(dir, channel_open_ring, ret_it);
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
static int await_advance(struct channel *ch)
{
	struct ring_producer_state state;
	int rc = ring_producer_state(ch->ring, &state);

	while (rc == 0 && state.used_bytes > 0) {
		rc = atomic_load(&ch->drainer.said->code);
		if (rc == 0)
			rc = sleep_until_written(ch->ring);
		if (rc == 0)
			rc = ring_producer_state(ch->ring, &state);
	}
	return rc;
}

static int ring_once(void *it, double *ret_us)
{
	static const char item[ITEM_BYTES] = { 1 };
	const struct ring_entry e = { .data = item, .data_bytes = ITEM_BYTES };
	struct channel *ch = it;
	const double start_us = measure_now_us();
	int rc = ring_producer_publish(ch->ring, &e, 1, NULL, NULL);

	if (rc == 0)
		rc = await_advance(ch);
	*ret_us = measure_now_us() - start_us;
	return rc < 0 ? failed(ch, rc) : 0;
}

const struct timed_ops round_trip_ring = {
	.open = ring_open,
	.close = trip_close,
	.once = ring_once,
};

/* ---- the floor ---------------------------------------------------------- */

static int open_watched(struct channel *ch, const char *dir)
{
	const int rc = channel_open_bare(ch, dir);

	return rc < 0 ? rc : bare_queue_watch(&ch->bare, ch->path);
}

static int bare_open(const void *how, const char *dir, void **ret_it)
{
	(void)how;
	return trip_open(dir, open_watched, ret_it);
}

static int bare_once(void *it, double *ret_us)
{
	struct channel *ch = it;
	const double start_us = measure_now_us();
	int rc = bare_queue_put(&ch->bare, 1);

	if (rc == 0)
		rc = bare_queue_await(&ch->bare);
	*ret_us = measure_now_us() - start_us;
	return rc < 0 ? failed(ch, rc) : 0;
}

const struct timed_ops round_trip_bare = {
	.open = bare_open,
	.close = trip_close,
	.once = bare_once,
};
