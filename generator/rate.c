#include "generator/rate.h"

#include <errno.h>
#include <math.h>

enum { QUANTUM_MAX = 5, QUANTUM_PER_SECOND = 1000 };

static const double ns_per_second = 1e9;

/* Nothing makes values as fast as that; and what is counted stays exact. */
static const double per_second_max = 1e9;

/* Later than any clock shows. */
static const double far_ns = 9e18;

/*
 * To be woken for each of many values costs more than they do. Five are a half
 * percent of a window of 1000, and at 5000 a second come within 1 ms.
 */
static uint64_t quantum_of(double per_second)
{
	const double values = per_second / QUANTUM_PER_SECOND;

	if (values < 1)
		return 1;
	return values < QUANTUM_MAX ? (uint64_t)values : QUANTUM_MAX;
}

int rate_init(struct rate *r, double per_second)
{
	if (!isfinite(per_second) || per_second < 0)
		return -EINVAL;
	*r = (struct rate){ .per_second = per_second,
			    .quantum = quantum_of(per_second) };
	if (per_second > per_second_max)
		r->per_second = 0;
	return 0;
}

void rate_start(struct rate *r, uint64_t now_ns)
{
	r->start_ns = now_ns;
	r->emitted = 0;
}

/* When value n is due. */
static uint64_t due_ns(const struct rate *r, uint64_t n)
{
	const double ns = (double)n / r->per_second * ns_per_second;
	uint64_t whole;

	if (ns >= far_ns)
		return UINT64_MAX;
	whole = (uint64_t)ns;
	return r->start_ns + whole + ((double)whole < ns);
}

/* How many values are due since the start. */
static uint64_t due_since_start(const struct rate *r, uint64_t now_ns)
{
	const double seconds = (double)(now_ns - r->start_ns) / ns_per_second;
	const double values = seconds * r->per_second;
	const uint64_t n = (uint64_t)values;

	/* The product was rounded, maybe to the wrong side of a value that is
	 * due just now; due_ns() is what counts. */
	return due_ns(r, n + 1) <= now_ns ? n + 2
	       : due_ns(r, n) <= now_ns   ? n + 1
					  : n;
}

/* So late that it is not caught up: as if it had started later. */
static void forget_lateness(struct rate *r, uint64_t now_ns)
{
	const uint64_t next_ns = due_ns(r, r->emitted);

	if (next_ns >= now_ns || now_ns - next_ns <= RATE_CATCH_UP_NS)
		return;
	r->start_ns = now_ns - RATE_CATCH_UP_NS;
	r->emitted = 0;
}

uint64_t rate_due(struct rate *r, uint64_t now_ns)
{
	uint64_t due;

	if (r->per_second == 0)
		return UINT64_MAX;
	forget_lateness(r, now_ns);
	due = due_since_start(r, now_ns);
	return due > r->emitted ? due - r->emitted : 0;
}

void rate_emit(struct rate *r, uint64_t values)
{
	r->emitted += values;
}

uint64_t rate_next_ns(const struct rate *r, uint64_t left)
{
	const uint64_t batch = r->quantum < left ? r->quantum : left;

	if (r->per_second == 0 || left == 0)
		return 0;
	return due_ns(r, r->emitted + batch - 1);
}
