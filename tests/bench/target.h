#ifndef BENCH_TARGET_H
#define BENCH_TARGET_H

#include "tests/bench/result.h"

enum target_against {
	TARGET_LIMIT,     /* value: the ratio to the limit */
	TARGET_BEST_PEER, /* value: the ratio to the best peer */
	TARGET_PEER,      /* value: the ratio to the peer `peer` */
	TARGET_ABSOLUTE,  /* value: in the metric's unit */
};

/* At most, or at least where more is better. */
struct target {
	const char *rows; /* a pattern of fnmatch(3) for NAME/VARIANT */
	const char *metric;
	enum target_against against;
	double value;
	const char *peer;
};

enum { TARGETS_OF_RESULT_MAX = 4 };

struct verdict {
	const struct target *target;
	double reached; /* in what the target's value is in */
	bool met;
};

/* The targets that this result has, at most TARGETS_OF_RESULT_MAX, and what
 * became of them. Returns how many. */
size_t target_verdicts(const struct result *r, struct verdict *ret_verdicts);

/* "at least 3.00x the best peer" */
void target_text(const struct result *r, const struct target *target, char *buf,
		 size_t len_bytes);

#endif
