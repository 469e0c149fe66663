/*
 * When to perform: at once, after the flush interval, or after the retry
 * interval. Values in, a decision out; the thread only carries it out.
 */
#include "journal/plan.h"

static struct plan wait_until(uint64_t until_ns, bool heeds_ring)
{
	return (struct plan){ ACTION_WAIT, until_ns, heeds_ring };
}

struct plan plan_next(const struct situation *s, uint64_t now_ns)
{
	if (s->is_over)
		return (struct plan){ .action = ACTION_END };
	if (!s->is_pending)
		return wait_until(PLAN_NEVER, true);
	if (s->is_urged)
		return (struct plan){ .action = ACTION_PERFORM };
	/* A failure holds back even what is due: order is kept. */
	if (now_ns < s->not_before_ns)
		return wait_until(s->not_before_ns, false);
	if (s->is_filling || now_ns >= s->due_ns)
		return (struct plan){ .action = ACTION_PERFORM };
	return wait_until(s->due_ns, true);
}
