#ifndef TOOLS_TORTURE_KILLER_H
#define TOOLS_TORTURE_KILLER_H

#include "tools/deadline.h"
#include "tools/torture_judge.h"

/*
 * The parent of the torture test: starts a producer and the consumers, kills
 * some of them at random moments, starts them again; in the end lets them
 * finish.
 */
struct torture_plan {
	struct torture_job job;
	uint64_t kills;        /* so many */
	struct deadline until; /* or until then */
	int stop_fd;           /* see stop.h: or until this */
};

struct torture_kills {
	uint64_t producer;
	uint64_t consumers;
};

/*
 * Run it. 0; or -errno; or what the ring said to a process that could not go
 * on, and then the ledger has the text. No process is left in any case. The
 * verdict is in the ledger.
 */
int torture_run(const struct torture_plan *plan,
		struct torture_kills *ret_kills);

#endif
