/*
 * From just before the publish in one process to the item in hand in another,
 * one item at a time. The consumer is given only what is proven durable; and
 * beside it one that is given what is merely visible, and the least that two
 * processes can do to hand over a block that is proven durable.
 */
#include "tests/bench/bench.h"
#include "tests/bench/hand_over.h"
#include "tests/bench/histogram.h"
#include "tests/bench/store.h"
#include "tests/bench/timed.h"
#include "tools/bench_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	ITEM_BYTES = 100,
	BLOCK = 4096,
	FILE_BYTES = 16 << 20,
	KEEP_MAX = 1 << 16,
	ENTRANTS_MAX = 4,
};

/* ---- the ring ----------------------------------------------------------- */

struct pair {
	struct bench_reader reader;
	struct ring_producer *producer;
	struct ring_fault fault;
};

static int failed(const struct pair *p, int rc)
{
	return bench_failed("ring", rc, &p->fault);
}

static void pair_close(void *it)
{
	struct pair *p = it;

	bench_reader_kill(&p->reader);
	ring_producer_free(p->producer);
	free(p);
}

/* The reader first: it must not inherit what the producer opens. */
static int pair_start(struct pair *p, const char *path,
		      const struct ring_options *reader)
{
	const struct ring_create_options create = { .size_bytes = FILE_BYTES };
	const struct ring_options options = { .mode = reader->mode,
					      .fault = &p->fault };
	int rc = ring_create(path, &create, &options);

	if (rc == 0)
		rc = bench_reader_start(&p->reader, path, NULL, reader);
	if (rc == 0)
		rc = ring_producer_attach(path, &options, &p->producer, NULL);
	return rc;
}

/* `how` is what the reader attaches with. */
static int pair_open(const void *how, const char *dir, void **ret_it)
{
	struct pair *p = calloc(1, sizeof(*p));
	char path[4300];
	int rc;

	if (p == NULL)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/ring", dir);
	rc = pair_start(p, path, how);
	if (rc < 0) {
		failed(p, rc);
		pair_close(p);
		return rc;
	}
	*ret_it = p;
	return 0;
}

static int pair_once(void *it, double *ret_us)
{
	struct pair *p = it;
	const int rc =
		bench_reader_send(&p->reader, p->producer, ITEM_BYTES, ret_us);

	return rc < 0 ? failed(p, rc) : 0;
}

static const struct timed_ops pair_ops = {
	.open = pair_open,
	.close = pair_close,
	.once = pair_once,
};

/* ---- the row ------------------------------------------------------------ */

struct entrants {
	struct timed how[ENTRANTS_MAX];
	struct samples times_us[ENTRANTS_MAX];
	struct contestant list[ENTRANTS_MAX];
	unsigned count;
};

static int add(struct entrants *e, const char *name, enum part part,
	       const struct timed *timed)
{
	const unsigned i = e->count++;

	e->how[i] = *timed;
	e->how[i].keep = &e->times_us[i];
	e->list[i] = (struct contestant){ .name = name,
					  .part = part,
					  .ops = &timed_contestant,
					  .how = &e->how[i] };
	return samples_init(&e->times_us[i], KEEP_MAX);
}

/* One bar for each contestant that took part. */
static int draw(struct bench *b, const struct entrants *e, const char *row)
{
	struct histogram h = { .title = row };
	char name[64];

	for (unsigned i = 0; i < e->count; i++) {
		if (e->times_us[i].count == 0)
			continue;
		h.names[h.count] = e->list[i].name;
		h.columns[h.count++] = &e->times_us[i];
	}
	if (h.count == 0)
		return 0;
	histogram_print(&h, stdout);
	snprintf(name, sizeof(name), "%s-histogram", row);
	for (char *c = name; *c != '\0'; c++)
		if (*c == '/')
			*c = '-';
	return histogram_write(&h, b->out, name);
}

static int run(struct bench *b, struct entrants *e, const char *row)
{
	const struct contest contest = {
		.row = row,
		.metrics = timed_metrics,
		.metric_count = TIMED_METRICS,
		.contestants = e->list,
		.contestant_count = e->count,
		.slice_us = 150e3,
		.rounds = 11,
	};
	int rc = contest_run(b, &contest);

	if (rc == 0)
		rc = draw(b, e, row);
	for (unsigned i = 0; i < e->count; i++)
		samples_release(&e->times_us[i]);
	return rc;
}

static int latency(struct bench *b, const char *row, enum ring_io_mode mode)
{
	const struct workload block = { .item_bytes = BLOCK,
					.batch_items = 1,
					.file_bytes = FILE_BYTES,
					.mode = mode,
					.way = RAW_FLUSH };
	const struct ring_options durable = { .mode = mode };
	const struct ring_options sight = { .mode = mode,
					    .deliver = RING_DELIVER_VISIBLE };
	const struct timed raw = { .ops = &timed_raw, .how = &block };
	const struct timed ring = { .ops = &pair_ops, .how = &durable };
	const struct timed bare = { .ops = &hand_over_bare, .how = &mode };
	const struct timed visible = { .ops = &pair_ops, .how = &sight };
	struct entrants e = { .count = 0 };
	int rc = add(&e, "raw-flush", PART_LIMIT, &raw);

	if (rc == 0)
		rc = add(&e, "bare", PART_BESIDE, &bare);
	if (rc == 0)
		rc = add(&e, "ring", PART_RING, &ring);
	if (rc == 0)
		rc = add(&e, "visible", PART_BESIDE, &visible);
	return rc < 0 ? rc : run(b, &e, row);
}

int row_latency(struct bench *b)
{
	const int rc = latency(b, "latency/buffered", RING_IO_BUFFERED);

	return rc < 0 ? rc : latency(b, "latency/direct", RING_IO_DIRECT);
}
