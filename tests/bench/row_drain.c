/*
 * How fast a backlog is consumed: every item read, and again and again a
 * durable step that gives back the space of what was read. For the peers that
 * means to delete. In the variants called `kept` they only remember a position,
 * which is less than a queue has to do; the ring does the same as ever.
 */
#include "tests/bench/bench.h"
#include "tests/bench/lineup.h"
#include "tools/measure.h"

#include <errno.h>
#include <stdlib.h>

/* A contestant at it. */
struct drainer {
	const struct job *job;
	bool looks; /* at what it reads */
	void *store;
};

static void drainer_close(void *state)
{
	struct drainer *d = state;

	if (d->store != NULL)
		d->job->store->close(d->store);
	free(d);
}

static int drainer_open(const struct contestant *c, const char *dir,
			void **ret_state)
{
	struct drainer *d = calloc(1, sizeof(*d));
	int rc;

	if (d == NULL)
		return -ENOMEM;
	d->job = c->how;
	d->looks = c->part == PART_RING || c->part == PART_PEER;
	rc = d->job->store->open(&d->job->w, dir, &d->store);
	if (rc == 0)
		rc = store_fill(d->job->store, d->store, &d->job->w);
	if (rc != 0) {
		drainer_close(d);
		return rc;
	}
	*ret_state = d;
	return 0;
}

/* Every item has to come; that this is so is found out unmeasured. */
static int drain_once(const struct drainer *d, double *ret_us)
{
	const struct job *job = d->job;
	struct tally t = { 0 };
	const double start_us = measure_now_us();
	int rc = job->store->drain(d->store, &t);

	*ret_us = measure_now_us() - start_us;
	if (rc == 0 && d->looks)
		rc = store_check(&job->w, &t);
	return rc < 0 ? rc : job->store->rewind(d->store);
}

/* Whole drains until the time is over. */
static int drainer_slice(void *state, double budget_us, double *ret_values)
{
	const struct drainer *d = state;
	double took_us = 0;
	unsigned drains = 0;

	while (took_us < budget_us) {
		double us;
		int rc = drain_once(d, &us);

		if (rc < 0)
			return rc;
		took_us += us;
		drains++;
	}
	ret_values[0] = d->job->work * (double)d->job->w.backlog_batches *
			drains / took_us * 1e6;
	return 0;
}

static const struct contestant_ops drainer_ops = {
	.open = drainer_open,
	.slice = drainer_slice,
	.close = drainer_close,
};

/* What a row varies. */
struct variant {
	const char *row;
	enum ring_io_mode mode;
	bool keeps;
};

/* What the variants of a row have in common. */
struct drains {
	struct metric rate;
	struct job base;
};

/* Peers read through the page cache only. The limit reads the ring's file. */
static int drain(struct bench *b, const struct variant *v,
		 const struct drains *drains)
{
	struct lineup l = { .ops = &drainer_ops, .base = drains->base };
	const struct contest contest = {
		.row = v->row,
		.metrics = &drains->rate,
		.metric_count = 1,
		.slice_us = 40e3,
	};

	l.base.w.mode = v->mode;
	l.base.w.keeps = v->keeps;
	lineup_add(&l, "ring", PART_RING, &store_ring);
	lineup_add(&l, "raw-read", PART_LIMIT, &store_reread);
	if (v->mode == RING_IO_BUFFERED)
		lineup_add_peers(&l);
	else
		lineup_add(&l, "raw-steps", PART_BESIDE, &store_steps);
	return lineup_run(b, contest, &l);
}

/* ---- drain-100 ---------------------------------------------------------- */

static const struct variant items_100[] = {
	{ "drain-100/buffered", RING_IO_BUFFERED, false },
	{ "drain-100/buffered-kept", RING_IO_BUFFERED, true },
	{ "drain-100/direct", RING_IO_DIRECT, false },
};

static const struct drains drains_100 = {
	.rate = { "rate", "items/s", true },
	.base = {
		.w = {
			.item_bytes = 100,
			.batch_items = 1000,
			.backlog_batches = 200,
			.step_items = 10000,
			.file_bytes = 40 * STORE_MIB,
		},
		.work = 1000,
	},
};

int row_drain_100(struct bench *b)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < BENCH_COUNT(items_100); i++)
		rc = drain(b, &items_100[i], &drains_100);
	return rc;
}

/* ---- drain-64k ---------------------------------------------------------- */

static const struct variant items_64k[] = {
	{ "drain-64k/buffered", RING_IO_BUFFERED, false },
	{ "drain-64k/buffered-kept", RING_IO_BUFFERED, true },
	{ "drain-64k/direct", RING_IO_DIRECT, false },
};

static const struct drains drains_64k = {
	.rate = { "rate", "MB/s", true },
	.base = {
		.w = {
			.item_bytes = 65536,
			.batch_items = 16,
			.backlog_batches = 32,
			.step_items = 128,
			.file_bytes = 48 * STORE_MIB,
		},
		.work = 65536 * 16 / 1e6,
	},
};

int row_drain_64k(struct bench *b)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < BENCH_COUNT(items_64k); i++)
		rc = drain(b, &items_64k[i], &drains_64k);
	return rc;
}
