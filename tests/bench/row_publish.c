/* What a durable publish costs: one item, a thousand, and large ones. */
#include "tests/bench/bench.h"
#include "tests/bench/lineup.h"
#include "tools/measure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MAX = 1 << 14 };

/* A contestant at it. */
struct publisher {
	const struct job *job;
	void *store;
	struct samples times_us;
};

static void publisher_close(void *state)
{
	struct publisher *p = state;

	if (p->store != NULL)
		p->job->store->close(p->store);
	samples_release(&p->times_us);
	free(p);
}

static int publisher_open(const struct contestant *c, const char *dir,
			  void **ret_state)
{
	struct publisher *p = calloc(1, sizeof(*p));
	int rc = -ENOMEM;

	if (p == NULL)
		return rc;
	p->job = c->how;
	if (samples_init(&p->times_us, SAMPLES_MAX) == 0)
		rc = p->job->store->open(&p->job->w, dir, &p->store);
	if (rc != 0) {
		publisher_close(p);
		return rc;
	}
	*ret_state = p;
	return 0;
}

static int put_one(struct publisher *p, double *ret_us)
{
	const double start = measure_now_us();
	const int rc = p->job->store->put(p->store);

	*ret_us = measure_now_us() - start;
	return rc;
}

/* Until it has to be cleared, or *left_us is used up. */
static int put_some(struct publisher *p, double *left_us)
{
	size_t left = p->job->w.backlog_batches;

	while (left-- > 0 && *left_us > 0) {
		double took;
		int rc = put_one(p, &took);

		if (rc < 0)
			return rc;
		samples_add(&p->times_us, took);
		*left_us -= took;
		if (p->times_us.count == p->times_us.cap)
			*left_us = 0;
	}
	return 0;
}

static double sum(const struct samples *s)
{
	double total = 0;

	for (size_t i = 0; i < s->count; i++)
		total += s->list[i];
	return total;
}

static int publisher_slice(void *state, double budget_us, double *ret_values)
{
	struct publisher *p = state;
	struct samples *times = &p->times_us;

	times->count = 0;
	while (budget_us > 0) {
		int rc = put_some(p, &budget_us);

		if (rc == 0)
			rc = p->job->store->clear(p->store);
		if (rc < 0)
			return rc;
	}
	samples_sort(times);
	ret_values[0] = samples_percentile(times, 0.5);
	ret_values[1] = samples_percentile(times, 0.99);
	ret_values[2] = p->job->work * (double)times->count / sum(times) * 1e6;
	return 0;
}

static const struct contestant_ops publisher_ops = {
	.open = publisher_open,
	.slice = publisher_slice,
	.close = publisher_close,
};

/* ---- who takes part ----------------------------------------------------- */

static const struct metric item_metrics[] = {
	{ "p50", "us", false },
	{ "p99", "us", false },
	{ "rate", "items/s", true },
};

static const struct metric byte_metrics[] = {
	{ "p50", "us", false },
	{ "p99", "us", false },
	{ "rate", "MB/s", true },
};

static void add_raw(struct lineup *l, const char *name, enum raw_way way)
{
	lineup_add(l, name, PART_LIMIT, &store_raw)->w.way = way;
}

/* What the rules demand besides: shows what of the rest is ours. */
static void add_floor(struct lineup *l, const char *name, enum raw_way way)
{
	lineup_add(l, name, PART_BESIDE, &store_raw)->w.way = way;
}

static void add_floors(struct lineup *l)
{
	const bool uring = l->base.w.engine == RING_IO_URING;

	if (l->base.w.mode != RING_IO_DIRECT)
		return;
	add_floor(l, "raw-fence", uring ? RAW_URING_FENCE : RAW_FENCE);
	add_floor(l, "raw-fence-seal",
		  uring ? RAW_URING_FENCE_SEAL : RAW_FENCE_SEAL);
}

/*
 * What is written has to be put together and sealed before: with direct I/O the
 * fence and the seal besides.
 */
static void add_filled_floors(struct lineup *l)
{
	lineup_add(l, "raw-fill", PART_BESIDE, &store_raw)->w.fills = true;
	if (l->base.w.mode == RING_IO_DIRECT) {
		struct job *job = lineup_add(l, "raw-fill-fence-seal",
					     PART_BESIDE, &store_raw);

		job->w.fills = true;
		job->w.way = RAW_URING_FENCE_SEAL;
	}
}

/* Plain calls are open to everyone: who has io_uring need not use it. */
static void add_limits(struct lineup *l)
{
	add_raw(l, "raw-flush", RAW_FLUSH);
	if (l->base.w.engine != RING_IO_URING) {
		add_raw(l, "raw-dsync", RAW_DSYNC);
		return;
	}
	add_raw(l, "raw-uring-call", RAW_URING_CALL);
	add_raw(l, "raw-uring-link", RAW_URING_LINK);
	add_raw(l, "raw-uring-dsync", RAW_URING_DSYNC);
}

/* ---- publish-1 ---------------------------------------------------------- */

/* What a row varies. */
struct variant {
	const char *row;
	enum ring_io_mode mode;
	enum ring_io_engine engine;
};

static const struct variant items_1[] = {
	{ "publish-1/buffered-posix", RING_IO_BUFFERED, RING_IO_POSIX },
	{ "publish-1/buffered-io_uring", RING_IO_BUFFERED, RING_IO_URING },
	{ "publish-1/direct-posix", RING_IO_DIRECT, RING_IO_POSIX },
	{ "publish-1/direct-io_uring", RING_IO_DIRECT, RING_IO_URING },
};

static int publish_1(struct bench *b, const struct variant *v)
{
	struct lineup l = {
		.ops = &publisher_ops,
		.base = {
			.w = {
				.item_bytes = 100,
				.batch_items = 1,
				.backlog_batches = SAMPLES_MAX,
				.file_bytes = 16 * STORE_MIB,
				.mode = v->mode,
				.engine = v->engine,
			},
			.work = 1,
		},
	};
	const struct contest contest = {
		.row = v->row,
		.metrics = item_metrics,
		.metric_count = 2, /* at one item each a rate is no news */
		.slice_us = 40e3,
		.rounds = 25,
	};

	add_limits(&l);
	add_floors(&l);
	lineup_add(&l, "ring", PART_RING, &store_ring);
	lineup_add_peers(&l);
	return lineup_run(b, contest, &l);
}

int row_publish_1(struct bench *b)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < BENCH_COUNT(items_1); i++)
		rc = publish_1(b, &items_1[i]);
	return rc;
}

/* ---- publish-1000 ------------------------------------------------------- */

static const struct variant items_1000[] = {
	{ "publish-1000/buffered", RING_IO_BUFFERED, RING_IO_AUTO },
	{ "publish-1000/direct", RING_IO_DIRECT, RING_IO_AUTO },
};

static int publish_1000(struct bench *b, const struct variant *v)
{
	struct lineup l = {
		.ops = &publisher_ops,
		.base = {
			.w = {
				.item_bytes = 100,
				.batch_items = 1000,
				.backlog_batches = 100,
				.file_bytes = 32 * STORE_MIB,
				.mode = v->mode,
				.engine = v->engine,
			},
			.work = 1000,
		},
	};
	const struct contest contest = {
		.row = v->row,
		.metrics = item_metrics,
		.metric_count = BENCH_COUNT(item_metrics),
		.slice_us = 40e3,
		.rounds = 15,
	};

	add_limits(&l);
	lineup_add(&l, "ring", PART_RING, &store_ring);
	lineup_add_peers(&l);
	return lineup_run(b, contest, &l);
}

int row_publish_1000(struct bench *b)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < BENCH_COUNT(items_1000); i++)
		rc = publish_1000(b, &items_1000[i]);
	return rc;
}

/* ---- publish-64k -------------------------------------------------------- */

static const struct variant large_items[] = {
	{ "publish-64k/buffered", RING_IO_BUFFERED, RING_IO_AUTO },
	{ "publish-64k/direct", RING_IO_DIRECT, RING_IO_AUTO },
};

static int publish_64k(struct bench *b, const struct variant *v)
{
	struct lineup l = {
		.ops = &publisher_ops,
		.base = {
			.w = {
				.item_bytes = 65536,
				.batch_items = 16,
				.backlog_batches = 32,
				.file_bytes = 64 * STORE_MIB,
				.mode = v->mode,
				.engine = v->engine,
			},
			.work = 65536 * 16 / 1e6,
		},
	};
	const struct contest contest = {
		.row = v->row,
		.metrics = byte_metrics,
		.metric_count = BENCH_COUNT(byte_metrics),
		.slice_us = 50e3,
		.rounds = 15,
	};

	add_limits(&l);
	add_filled_floors(&l);
	lineup_add(&l, "ring", PART_RING, &store_ring)->w.claims = true;
	lineup_add(&l, "ring-publish", PART_BESIDE, &store_ring);
	lineup_add_peers(&l);
	return lineup_run(b, contest, &l);
}

int row_publish_64k(struct bench *b)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < BENCH_COUNT(large_items); i++)
		rc = publish_64k(b, &large_items[i]);
	return rc;
}
