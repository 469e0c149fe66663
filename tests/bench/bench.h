#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "ring/ring_error.h"
#include "tests/bench/contest.h"
#include "tests/bench/result.h"

#include <stdbool.h>
#include <stddef.h>

#define BENCH_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * The frame of `make bench`: rows, and what they came to.
 *
 * A row is a function in a file row_NAME.c, listed in bench.c. It runs
 * contests, or measures in a way of its own and hands results to bench_add().
 */
struct bench {
	const char *wanted; /* a row, or NAME/VARIANT; NULL: all */
	const char *out;    /* for results: OUT/bench.json, OUT/bench/ */
	char dir[4096];     /* for files; it is removed at the end */
	int stop_fd;        /* see tools/stop.h: signals are held back */
	unsigned rounds;    /* 0: what each contest says */
	struct result *results;
	size_t result_count;
	unsigned failures;
};

struct row {
	const char *name;
	int (*run)(struct bench *b); /* 0, or negative after bench_error() */
};

int row_publish_1(struct bench *b);
int row_publish_1000(struct bench *b);
int row_publish_64k(struct bench *b);
int row_drain_100(struct bench *b);
int row_drain_64k(struct bench *b);
int row_latency(struct bench *b);
int row_nodurable(struct bench *b);
int row_attach(struct bench *b);
int row_scale(struct bench *b);
int row_size(struct bench *b);
int row_cpu(struct bench *b);
int row_journal(struct bench *b);
int row_generator(struct bench *b);
int row_generator_ring(struct bench *b);

/* Whether NAME/VARIANT is to be measured. */
bool bench_wants(const struct bench *b, const char *row);

/* Print a result and keep a copy for bench.json and the plots. */
int bench_add(struct bench *b, const struct result *r);

/* Say what went wrong, or why something is skipped: one line on stderr. */
void bench_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, of a call of a ring that failed; fault: what it left, or NULL.
 * Returns rc. */
int bench_failed(const char *who, int rc, const struct ring_fault *fault);

/* On a terminal: say what goes on. NULL: take the line away. */
void bench_progress(const char *what, unsigned done, unsigned of);

#endif
