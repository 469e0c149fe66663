/*
 * What a publish of one item costs, by its size: so much fixed, so much for
 * each byte, as a line through the sizes says.
 */
#include "tests/bench/bench.h"
#include "tests/bench/fit.h"
#include "tests/bench/store.h"
#include "tests/bench/timed_ring.h"

#include <stdio.h>

enum { BLOCK = 4096, KIB = 1 << 10, MIB = 1 << 20 };

static const size_t sizes[] = {
	0,        100,       1 * KIB, 4 * KIB, 16 * KIB,
	64 * KIB, 256 * KIB, 1 * MIB, 4 * MIB, 16 * MIB
};

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static int measure_size(struct bench *b, const char *row, size_t bytes)
{
	const struct workload block = { .item_bytes = larger(bytes, BLOCK),
					.batch_items = 1,
					.file_bytes = 2 * larger(bytes, MIB),
					.way = RAW_FLUSH };
	const struct ring_state state = {
		.file_bytes = larger(32 * MIB, 8 * bytes),
		.item_bytes = bytes,
		.consumers = 1,
	};
	const struct timed raw = { .ops = &timed_raw, .how = &block };
	const struct timed ring = { .ops = &timed_ring, .how = &state };
	const struct contestant list[] = {
		{ "raw-flush", PART_LIMIT, &timed_contestant, &raw },
		{ "ring", PART_RING, &timed_contestant, &ring },
	};
	const struct contest contest = {
		.row = row,
		.metrics = timed_metrics,
		.metric_count = 1,
		.contestants = list,
		.contestant_count = 2,
		.slice_us = 40e3,
	};

	return contest_run(b, &contest);
}

/* The results that were added since `first`, a point of each. */
static struct fit fit_results(const struct bench *b, size_t first,
			      const char *name)
{
	double x[SIZES], y[SIZES];

	for (size_t i = 0; i < SIZES; i++) {
		const struct result_entry *e =
			result_named(&b->results[first + i], name);

		x[i] = (double)sizes[i];
		y[i] = e->value.median;
	}
	return fit_line(x, y, SIZES);
}

static struct result_entry entry_of(const char *name, enum part part,
				    double value)
{
	return (struct result_entry){ .name = name,
				      .part = part,
				      .value = { value, value, value } };
}

static int add_fitted(struct bench *b, const struct metric *metric, double raw,
		      double ring)
{
	const struct result *before = &b->results[b->result_count - 1];
	struct result r = { .row = "size/fit",
			    .metric = *metric,
			    .rounds = before->rounds,
			    .count = 2 };

	r.entries[0] = entry_of("raw-flush", PART_LIMIT, raw);
	r.entries[0].ratio = entry_of("", PART_LIMIT, ring / raw).value;
	r.entries[1] = entry_of("ring", PART_RING, ring);
	return bench_add(b, &r);
}

static int add_fits(struct bench *b, size_t first)
{
	static const struct metric fixed = { "fixed", "us", false };
	static const struct metric slope = { "per-MiB", "us", false };
	static const struct metric fits = { "r-squared", "1", true };
	const struct fit raw = fit_results(b, first, "raw-flush");
	const struct fit ring = fit_results(b, first, "ring");
	int rc = add_fitted(b, &fixed, raw.fixed, ring.fixed);

	if (rc == 0)
		rc = add_fitted(b, &slope, raw.slope * MIB, ring.slope * MIB);
	return rc < 0 ? rc
		      : add_fitted(b, &fits, raw.r_squared, ring.r_squared);
}

int row_size(struct bench *b)
{
	const size_t first = b->result_count;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < SIZES; i++) {
		char row[64];

		snprintf(row, sizeof(row), "size/%zu", sizes[i]);
		rc = measure_size(b, row, sizes[i]);
	}
	/* Without all of them there is no line. */
	return rc < 0 || b->result_count - first < SIZES ? rc
							 : add_fits(b, first);
}
