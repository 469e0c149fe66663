#ifndef TOOLS_TORTURE_ROLE_H
#define TOOLS_TORTURE_ROLE_H

#include "tools/torture_judge.h"

/*
 * The two kinds of process that the torture test kills. Each attaches, has
 * what it finds judged, and makes random calls until the ledger says that it
 * is enough. `seed` decides which calls. `attached` becomes true when it is.
 * Returns 0 or what the ring said; the ledger then has the text.
 */
int torture_produce(const struct torture_job *job, uint64_t seed,
		    _Atomic bool *attached);
int torture_consume(const struct torture_job *job, unsigned who, uint64_t seed,
		    _Atomic bool *attached);

#endif
