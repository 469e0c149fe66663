#ifndef TOOLS_BENCH_ROWS_H
#define TOOLS_BENCH_ROWS_H

#include "tools/bench_raw.h"
#include "tools/bench_reader.h"
#include "tools/bench_ring.h"

/* What a row works on. */
struct bench {
	const char *path;
	const struct ring_options *options;
	const char *payload; /* BENCH_RAW_CHUNK bytes */
	uint64_t data_bytes; /* of the ring */
	struct bench_raw raw;

	/* Of the row that is under way. */
	struct bench_ring ring;
	struct bench_reader reader;
};

/* One thing to measure: what the ring takes for it, and the storage alone. */
struct bench_row {
	const char *name;
	size_t items; /* of one batch */
	size_t item_bytes;
	const char *rate_unit; /* NULL: durations are what counts */
	double units_of_item;  /* that one item counts for in the rate */
	bool has_reader;       /* the consumer is another process */

	/* Do it once. 0, or an error. */
	int (*ring)(struct bench *b, const struct bench_row *row,
		    double *ret_us);
	int (*raw)(struct bench *b, const struct bench_row *row,
		   double *ret_us);
	/* How many batches once is about. */
	size_t (*batches)(const struct bench *b, const struct bench_row *row);
};

enum { BENCH_ROWS = 5 };
extern const struct bench_row bench_rows[BENCH_ROWS];

/* Attach, and leave with the ring empty. 0, or an error; after one there is
 * nothing to close. */
int bench_row_open(struct bench *b, const struct bench_row *row);
int bench_row_close(struct bench *b, const struct bench_row *row);

#endif
