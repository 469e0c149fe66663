#ifndef TESTS_CRASH_JUDGE_H
#define TESTS_CRASH_JUDGE_H

#include "ring/ring.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/ring_model.h"
#include "tests/lib/sim_disk.h"

/*
 * Recover a ring after a crash, and judge what is there by the model: the
 * invariants I1 to I9 of docs/TESTING.md.
 */

/* What may be there: the state before or after the call that was under way
 * (equal: there was none). */
struct judge_expected {
	struct model before, after;
	uint64_t seen; /* exposed items that somebody was given */
};

/* What the judge tells on its way; each may be NULL. */
struct judge_watcher {
	void *ctx;
	/* A call on the ring returned that. */
	void (*on_code)(void *ctx, int rc);
	/* Recovery is complete: *expected says what it found. */
	void (*on_recovered)(void *ctx, struct sim_disk *d,
			     const struct judge_expected *expected);
};

enum judge_fault {
	JUDGE_FINE,
	JUDGE_WRONG,
	JUDGE_NOT_SUSPENDED, /* an acknowledged suspend is forgotten */
};

struct crash_judge {
	const char *const *names; /* of the cursors */
	unsigned cursors;
	const struct judge_expected *expected;
	const struct judge_watcher *watcher;
	unsigned host; /* that recovers, in the disk's mode ... */
	unsigned boot; /* ... in that boot of it; the crash came in boot 1 */
	bool takeover; /* the owner was on another host */
	bool uses_it;  /* some laps afterwards, to see that the ring works */

	/* The result. */
	enum judge_fault fault;
	bool refused;   /* a take-over that the ring may refuse */
	char text[400]; /* what is wrong */
};

/* Changes *d. Whether all is well. */
bool crash_judge(struct crash_judge *j, struct sim_disk *d);

#endif
