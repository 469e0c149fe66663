#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include "tests/bench/contest.h"

#include <jansson.h>
#include <stdio.h>

/* Over the rounds. */
struct spread {
	double median;
	double min;
	double max;
};

enum { RESULT_ROUNDS_MAX = 64 };

/* The spread of `count` values, one of each round; or of their ratios to
 * others, round by round. */
struct spread spread_of(const double *values, size_t count);
struct spread spread_of_ratios(const double *values, const double *to,
			       size_t count);

struct result_entry {
	const char *name;
	enum part part;
	struct spread value;
	struct spread ratio; /* the ring's to this one, round by round */
};

/* What one metric of one row came to. */
struct result {
	char row[64];
	struct metric metric;
	unsigned rounds;
	struct result_entry entries[CONTESTANTS_MAX];
	size_t count;
};

/* The entries that matter. NULL: there is none. */
const struct result_entry *result_ring(const struct result *r);
const struct result_entry *result_limit(const struct result *r);
const struct result_entry *result_best_peer(const struct result *r);
const struct result_entry *result_named(const struct result *r,
					const char *name);

/* The ratio of the medians, ring to `other`; NAN if there is no such. */
double result_ratio(const struct result *r, const struct result_entry *other);

/* For people, several lines. */
void result_print(const struct result *r, FILE *out);

/* As bench.json has it. */
json_t *result_doc(const struct result *r);

#endif
