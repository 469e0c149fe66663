#ifndef TOOLS_TORTURE_JUDGE_H
#define TOOLS_TORTURE_JUDGE_H

#include "tools/torture_ledger.h"

/* The numbers of a run that all its processes know. */
struct torture_job {
	const char *path;
	const struct ring_options *ring;
	struct torture_ledger *ledger;
	uint64_t seed;
	uint64_t item_max_bytes;
	uint64_t batch_max_bytes;
};

/* The consumers' names. */
extern const char *const torture_consumers[TORTURE_CONSUMERS];

/*
 * Judge what the ring says against what the ledger knows; what is wrong is
 * counted there. The ledger then holds what was found, so that one fault is
 * counted once.
 */

/* A producer has attached. */
struct torture_point
torture_judge_producer(struct torture_ledger *ledger,
		       const struct ring_producer_state *state);

/* Consumer number `who` has attached. */
struct torture_point
torture_judge_consumer(struct torture_ledger *ledger, unsigned who,
		       const struct ring_consumer_state *state);

/* Consumer `who` was given an item; `expected` is its sequence number if all
 * is well. `buf`: see torture_item_make(). */
void torture_judge_item(const struct torture_job *job, unsigned who,
			uint64_t expected, const struct ring_item *item,
			uint8_t *buf);

/* Everything was produced, and then consumed. */
void torture_judge_end(struct torture_ledger *ledger);

#endif
