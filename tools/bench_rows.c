#include "tools/bench_rows.h"

#include <assert.h>

enum {
	ITEM = 100,
	MANY = 1000,
	LARGE = 65536,
	LARGE_ITEMS = BENCH_RAW_CHUNK / LARGE,
	DRAIN_BATCHES = 64, /* the most, on a ring that holds them */
	RECORD_BYTES = 256, /* an item of a drain as stored, generously */
};

/* ---- publish ------------------------------------------------------------ */

static int publish_ring(struct bench *b, const struct bench_row *row,
			double *ret_us)
{
	struct ring_entry entries[MANY];

	assert(row->items <= MANY);
	for (size_t i = 0; i < row->items; i++)
		entries[i] = (struct ring_entry){
			.data = b->payload + i * row->item_bytes,
			.data_bytes = row->item_bytes,
		};
	return bench_ring_publish(&b->ring, entries, row->items, ret_us);
}

/* The bytes of that many batches, in whole blocks. */
static size_t raw_bytes(const struct bench_row *row, size_t batches)
{
	const size_t bytes = batches * row->items * row->item_bytes;

	return (bytes + BENCH_RAW_BLOCK - 1) / BENCH_RAW_BLOCK *
	       BENCH_RAW_BLOCK;
}

static int publish_raw(struct bench *b, const struct bench_row *row,
		       double *ret_us)
{
	return bench_raw_write(&b->raw, raw_bytes(row, 1), ret_us);
}

static size_t one_batch(const struct bench *b, const struct bench_row *row)
{
	(void)b;
	(void)row;
	return 1;
}

/* ---- drain -------------------------------------------------------------- */

/* A quarter of the ring, so that filling it never has to wait. */
static size_t backlog_batches(const struct bench *b,
			      const struct bench_row *row)
{
	const uint64_t fit = b->data_bytes / 4 / (row->items * RECORD_BYTES);

	return fit < DRAIN_BATCHES ? (size_t)fit + 1 : DRAIN_BATCHES;
}

static int drain_ring(struct bench *b, const struct bench_row *row,
		      double *ret_us)
{
	const size_t batches = backlog_batches(b, row);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < batches; i++)
		rc = publish_ring(b, row, ret_us);
	return rc < 0 ? rc : bench_ring_drain(&b->ring, ret_us);
}

static int drain_raw(struct bench *b, const struct bench_row *row,
		     double *ret_us)
{
	return bench_raw_drain(&b->raw, raw_bytes(row, backlog_batches(b, row)),
			       ret_us);
}

/* ---- latency ------------------------------------------------------------ */

static int latency_ring(struct bench *b, const struct bench_row *row,
			double *ret_us)
{
	return bench_reader_send(&b->reader, b->ring.p, row->item_bytes,
				 ret_us);
}

/* ---- all ---------------------------------------------------------------- */

const struct bench_row bench_rows[BENCH_ROWS] = {
	{ .name = "publish-1",
	  .items = 1,
	  .item_bytes = ITEM,
	  .ring = publish_ring,
	  .raw = publish_raw,
	  .batches = one_batch },
	{ .name = "publish-1000",
	  .items = MANY,
	  .item_bytes = ITEM,
	  .rate_unit = "items/s",
	  .units_of_item = 1,
	  .ring = publish_ring,
	  .raw = publish_raw,
	  .batches = one_batch },
	{ .name = "publish-64k",
	  .items = LARGE_ITEMS,
	  .item_bytes = LARGE,
	  .rate_unit = "MB/s",
	  .units_of_item = LARGE / 1e6,
	  .ring = publish_ring,
	  .raw = publish_raw,
	  .batches = one_batch },
	{ .name = "drain",
	  .items = MANY,
	  .item_bytes = ITEM,
	  .rate_unit = "items/s",
	  .units_of_item = 1,
	  .ring = drain_ring,
	  .raw = drain_raw,
	  .batches = backlog_batches },
	{ .name = "latency",
	  .items = 1,
	  .item_bytes = ITEM,
	  .has_reader = true,
	  .ring = latency_ring,
	  .raw = publish_raw,
	  .batches = one_batch },
};

/* The reader first: it must not inherit what the ring opens. */
static int open_with_reader(struct bench *b)
{
	const int rc =
		bench_reader_start(&b->reader, b->path, NULL, b->options);

	return rc < 0 ? rc
		      : bench_ring_open(&b->ring, b->path, false, b->options);
}

static int open_warm(struct bench *b)
{
	const int rc = bench_ring_open(&b->ring, b->path, true, b->options);

	return rc < 0 ? rc
		      : bench_ring_warm(&b->ring, b->payload,
					BENCH_RAW_CHUNK / 2);
}

int bench_row_open(struct bench *b, const struct bench_row *row)
{
	const int rc = row->has_reader ? open_with_reader(b) : open_warm(b);

	if (rc < 0) {
		bench_reader_kill(&b->reader);
		bench_ring_close(&b->ring);
	}
	return rc;
}

int bench_row_close(struct bench *b, const struct bench_row *row)
{
	double ignored;
	int rc;

	if (row->has_reader)
		rc = bench_reader_finish(&b->reader, b->ring.p);
	else
		rc = bench_ring_drain(&b->ring, &ignored);
	bench_reader_kill(&b->reader);
	bench_ring_close(&b->ring);
	return rc;
}
