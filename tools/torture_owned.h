#ifndef TOOLS_TORTURE_OWNED_H
#define TOOLS_TORTURE_OWNED_H

#include "ring/ring_error.h"
#include "tools/deadline.h"

#include <stdbool.h>
#include <time.h>

/*
 * A killed process owns its role until its last I/O is done. So who comes
 * after it has to try for a while: true, after a moment, as long as `rc` says
 * that and there is time left. *until is zero at first.
 */
static inline bool torture_still_owned(struct deadline *until, int rc)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	if (rc != -RING_ERR_OWNED)
		return false;
	if (until->at_ns == 0)
		*until = deadline_after(UINT64_C(30000000000));
	nanosleep(&moment, NULL);
	return !deadline_passed(until);
}

#endif
