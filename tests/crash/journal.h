#ifndef TESTS_CRASH_JOURNAL_H
#define TESTS_CRASH_JOURNAL_H

#include "tests/crash/census.h"

/*
 * Journals through crashes: I10, see tests/lib/journal_crash.h. So many runs,
 * from that seed on; a violation is printed with its seed. Stops at the first.
 */
void journal_explore(struct census *census, uint64_t seed, unsigned runs);

#endif
