#ifndef TESTS_CRASH_WORKERS_H
#define TESTS_CRASH_WORKERS_H

#include "tests/crash/census.h"

/*
 * Units of work on several processes. Which one does which does not matter:
 * a unit's result depends on its number only, so that of all of them on nothing
 * but what they are.
 */
typedef void workers_fn(void *ctx, unsigned unit, struct census *census,
			struct state_set *seen);

/* Run fn for units 0 to units - 1 and add up. False: a process died. */
bool workers_run(unsigned jobs, unsigned units, workers_fn *fn, void *ctx,
		 struct census *ret_census, struct state_set *ret_seen);

/* Zeroed memory that all processes share. */
void *workers_share(size_t len);

#endif
