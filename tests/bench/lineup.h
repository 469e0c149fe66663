#ifndef BENCH_LINEUP_H
#define BENCH_LINEUP_H

#include "tests/bench/contest.h"
#include "tests/bench/store.h"

/* Stores as contestants: who takes part, and with what work. */

struct job {
	const struct store_ops *store;
	struct workload w;
	double work; /* of one batch, in what the rate counts */
};

struct lineup {
	const struct contestant_ops *ops; /* what they do with the store */
	struct job base;                  /* what all have in common */
	struct job jobs[CONTESTANTS_MAX];
	struct contestant list[CONTESTANTS_MAX];
	size_t count;
};

/* One more; `how` of the contestant is the job that is returned, so that it
 * can be varied. The lineup may not move from then on. */
struct job *lineup_add(struct lineup *l, const char *name, enum part part,
		       const struct store_ops *store);

void lineup_add_peers(struct lineup *l);

/* As contest_run(), with these contestants. */
int lineup_run(struct bench *b, struct contest contest, const struct lineup *l);

#endif
