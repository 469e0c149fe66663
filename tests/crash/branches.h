#ifndef TESTS_CRASH_BRANCHES_H
#define TESTS_CRASH_BRANCHES_H

#include "tests/crash/census.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/sim_disk.h"

/*
 * Which branches a recovery of this disk will take, seen from outside: counts
 * them in *c. Changes no durable state. The heir's identity is *system's.
 */
void branches_count(struct sim_disk *d, unsigned host,
		    const struct fake_system *system, struct census *c);

#endif
