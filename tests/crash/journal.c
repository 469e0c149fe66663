#include "tests/crash/journal.h"

#include "tests/lib/journal_crash.h"

#include <inttypes.h>
#include <stdio.h>

enum { CUTS = 4 };

void journal_explore(struct census *census, uint64_t seed, unsigned runs)
{
	struct journal_crash c = { .cuts = CUTS };

	while (runs-- > 0 && c.violations == 0)
		journal_crash_run(&c, seed++);
	if (c.violations > 0) {
		printf("VIOLATION I10: %s\n  crashtest --journal %" PRIu64 "\n",
		       c.text, c.seed);
		fflush(stdout); /* who runs this may leave without it */
	}
	census->violations += c.violations;
	census->journal[JOURNAL_RUNS] += c.runs;
	census->journal[JOURNAL_POINTS] += c.points;
	census->journal[JOURNAL_STATES] += c.states;
	census->journal[JOURNAL_NESTED] += c.nested;
	census->journal[JOURNAL_PERFORMED] += c.performed;
	census->journal[JOURNAL_REPEATED] += c.repeated;
	census->journal[JOURNAL_SKIPPED] += c.skipped;
}
