#ifndef JOURNAL_PLAN_H
#define JOURNAL_PLAN_H

#include <stdbool.h>
#include <stdint.h>

/* What the performing side knows when it decides what to do next. */
struct situation {
	bool is_over;    /* shut down, or failed */
	bool is_pending; /* there is something to perform */
	bool is_urged;   /* somebody wants it performed now; good for one try */
	/*
	 * More than half of the ring waits, or so much that the largest push
	 * may find no room: another process pushes it in vain, for it can urge
	 * nobody.
	 */
	bool is_filling;
	uint64_t due_ns;        /* when the flush interval ends */
	uint64_t not_before_ns; /* a retry; 0: the last try was none */
};

enum action {
	ACTION_PERFORM,
	ACTION_WAIT, /* until a time, or until something changes */
	ACTION_END,
};

#define PLAN_NEVER UINT64_MAX

struct plan {
	enum action action;
	uint64_t until_ns; /* of a wait; PLAN_NEVER: no limit */
	bool heeds_ring;   /* a new operation on the ring may change it */
};

/* What to do at this time. */
struct plan plan_next(const struct situation *s, uint64_t now_ns);

#endif
