#ifndef TESTS_JOURNAL_CRASH_H
#define TESTS_JOURNAL_CRASH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Invariant I10: whatever crashes and whenever, each operation whose push was
 * acknowledged is performed, no later one before it, nothing that was never
 * pushed, and what a waiter was told of stays performed and is not performed
 * again.
 *
 * A journal without threads on one simulated disk; its perform records, with a
 * write and a flush, what it did on another. Both lose power at the same
 * moment. The states after crashes are recovered, some of them crashed again
 * there, and what is recorded in the end is judged.
 */
enum { JOURNAL_CRASH_WORD = 12 };

struct journal_crash {
	bool lies;        /* the disks do, about flushes */
	unsigned cuts;    /* power cuts at each point */
	const char *word; /* the calls to make; NULL: drawn from the seed */
	uint64_t seed;    /* of the last run */
	char made[JOURNAL_CRASH_WORD + 1]; /* the calls of the last run */

	/* Counted over all runs. */
	uint64_t runs, points, states, nested, performed, repeated, skipped,
		violations;
	char text[256]; /* the first violation: what is wrong, and where */
};

/* One run: some calls, and a crash at each of their points. */
void journal_crash_run(struct journal_crash *c, uint64_t seed);

#endif
