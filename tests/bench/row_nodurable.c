/*
 * A ring that survives the death of processes only: one process publishes as
 * fast as it can, another takes the items and lets them go, as fast as they
 * come. The rate is that of items let go. The floor beside it is a bare file:
 * a write, a watch, and a look at the other's position.
 */
#include "ring/ring.h"
#include "tests/bench/bench.h"
#include "tests/bench/channel.h"
#include "tests/bench/round_trip.h"
#include "tests/bench/scratch.h"
#include "tools/measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	ITEM_BYTES = 64,
	BATCH = 1000,
	DIR_BYTES = 4200,
	WAIT_MS = 1,
};

/* How a contestant is to send. */
struct sending {
	bool on_tmpfs; /* else where the other benchmarks are */
	unsigned batch;
};

struct sender {
	const struct sending *how;
	char dir[DIR_BYTES]; /* for its file */
	struct channel channel;
	uint64_t sent; /* items */
};

static int failed(const struct sender *s, int rc)
{
	return bench_failed("nodurable", rc, &s->channel.fault);
}

/* ---- what both have in common ------------------------------------------- */

static void sender_close(void *state)
{
	struct sender *s = state;

	channel_close(&s->channel);
	if (s->how->on_tmpfs)
		scratch_remove(s->dir);
	free(s);
}

/* One of our own on a tmpfs, or the contestant's. */
static int choose_dir(struct sender *s, const char *dir)
{
	if (s->how->on_tmpfs)
		return scratch_make("/dev/shm/blkring-bench.", s->dir,
				    sizeof(s->dir));
	snprintf(s->dir, sizeof(s->dir), "%s", dir);
	return 0;
}

typedef int open_fn(struct channel *ch, const char *dir);

static int sender_open(const struct contestant *c, const char *dir,
		       open_fn *open_channel, void **ret_state)
{
	struct sender *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return -ENOMEM;
	s->how = c->how;
	rc = choose_dir(s, dir);
	if (rc < 0) {
		free(s);
		return rc;
	}
	rc = open_channel(&s->channel, s->dir);
	if (rc < 0) {
		failed(s, rc);
		sender_close(s);
		return rc;
	}
	*ret_state = s;
	return 0;
}

/* Send one batch; 0, or an error. */
typedef int send_fn(struct sender *s);
typedef int settle_fn(struct sender *s);

/* The drainer has let go of all that was sent. */
static int await_all(struct sender *s, settle_fn *settle)
{
	const struct drainer_said *said = s->channel.drainer.said;
	int rc = 0;

	while (rc == 0 && atomic_load(&said->items) < s->sent) {
		rc = atomic_load(&said->code);
		if (rc == 0)
			rc = settle(s);
	}
	return rc;
}

static int send_for(struct sender *s, double budget_us, send_fn *send,
		    settle_fn *settle, double *ret_rate)
{
	const uint64_t before = s->sent;
	const double start_us = measure_now_us();
	double end_us;
	int rc = 0;

	while (rc == 0 && measure_now_us() < start_us + budget_us) {
		rc = send(s);
		s->sent += s->how->batch;
	}
	if (rc == 0)
		rc = await_all(s, settle);
	if (rc < 0)
		return failed(s, rc);
	end_us = (double)atomic_load(&s->channel.drainer.said->at_ns) / 1e3;
	*ret_rate = (double)(s->sent - before) / (end_us - start_us) * 1e6;
	return 0;
}

/* ---- the ring ----------------------------------------------------------- */

static int settle_ring(struct sender *s)
{
	const int rc = ring_producer_wait(s->channel.ring, WAIT_MS);

	return rc == -RING_ERR_TIMEOUT ? 0 : rc;
}

static int send_ring(struct sender *s)
{
	static const char item[ITEM_BYTES] = { 1 };
	struct ring_entry entries[BATCH];
	int rc;

	for (unsigned i = 0; i < s->how->batch; i++)
		entries[i] = (struct ring_entry){ .data = item,
						  .data_bytes = ITEM_BYTES };
	while ((rc = ring_producer_publish(s->channel.ring, entries,
					   s->how->batch, NULL, NULL)) ==
	       -RING_ERR_FULL) {
		rc = settle_ring(s);
		if (rc < 0)
			return rc;
	}
	return rc;
}

static int ring_open(const struct contestant *c, const char *dir,
		     void **ret_state)
{
	return sender_open(c, dir, channel_open_ring, ret_state);
}

static int ring_slice(void *state, double budget_us, double *ret_values)
{
	return send_for(state, budget_us, send_ring, settle_ring, ret_values);
}

static const struct contestant_ops ring_sender = {
	.open = ring_open,
	.slice = ring_slice,
	.close = sender_close,
};

/* ---- the floor ---------------------------------------------------------- */

static int settle_bare(struct sender *s)
{
	(void)s;
	bare_queue_rest();
	return 0;
}

static int send_bare(struct sender *s)
{
	return bare_queue_put(&s->channel.bare, s->how->batch);
}

static int bare_open(const struct contestant *c, const char *dir,
		     void **ret_state)
{
	return sender_open(c, dir, channel_open_bare, ret_state);
}

static int bare_slice(void *state, double budget_us, double *ret_values)
{
	return send_for(state, budget_us, send_bare, settle_bare, ret_values);
}

static const struct contestant_ops bare_sender = {
	.open = bare_open,
	.slice = bare_slice,
	.close = sender_close,
};

/* ---- the row ------------------------------------------------------------ */

static int compare(struct bench *b, const char *row,
		   const struct sending *sending)
{
	static const struct metric rate = { "rate", "items/s", true };
	const struct contestant list[] = {
		{ "bare", PART_LIMIT, &bare_sender, sending },
		{ "ring", PART_RING, &ring_sender, sending },
	};
	const struct contest contest = {
		.row = row,
		.metrics = &rate,
		.metric_count = 1,
		.contestants = list,
		.contestant_count = 2,
		.slice_us = 100e3,
	};

	return contest_run(b, &contest);
}

static const struct {
	const char *row;
	struct sending sending;
} variants[] = {
	{ "nodurable/tmpfs-1", { .on_tmpfs = true, .batch = 1 } },
	{ "nodurable/tmpfs-1000", { .on_tmpfs = true, .batch = BATCH } },
	{ "nodurable/file-1", { .on_tmpfs = false, .batch = 1 } },
	{ "nodurable/file-1000", { .on_tmpfs = false, .batch = BATCH } },
};

enum { VARIANTS = sizeof(variants) / sizeof(variants[0]) };

static int compare_trips(struct bench *b)
{
	const struct timed bare = { .ops = &round_trip_bare };
	const struct timed ring = { .ops = &round_trip_ring };
	const struct contestant list[] = {
		{ "bare", PART_LIMIT, &timed_contestant, &bare },
		{ "ring", PART_RING, &timed_contestant, &ring },
	};
	const struct contest contest = {
		.row = "nodurable/file-round-trip",
		.metrics = timed_metrics,
		.metric_count = TIMED_METRICS,
		.contestants = list,
		.contestant_count = 2,
		.slice_us = 100e3,
	};

	return contest_run(b, &contest);
}

int row_nodurable(struct bench *b)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < VARIANTS; i++) {
		if (variants[i].sending.on_tmpfs && access("/dev/shm", W_OK)) {
			bench_error("%s: skipped: no /dev/shm",
				    variants[i].row);
			continue;
		}
		rc = compare(b, variants[i].row, &variants[i].sending);
	}
	return rc < 0 ? rc : compare_trips(b);
}
