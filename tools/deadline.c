#include "tools/deadline.h"

#include <limits.h>
#include <time.h>

enum { NS_PER_SECOND = 1000000000, NS_PER_MS = 1000000 };

uint64_t deadline_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

struct deadline deadline_never(void)
{
	return (struct deadline){ .never = true };
}

struct deadline deadline_after(uint64_t ns)
{
	return (struct deadline){ .at_ns = deadline_now_ns() + ns };
}

bool deadline_passed(const struct deadline *deadline)
{
	return !deadline->never && deadline_now_ns() >= deadline->at_ns;
}

int deadline_left_ms(const struct deadline *deadline, int limit_ms)
{
	uint64_t now_ns, left_ms, most = INT_MAX;

	if (deadline->never)
		return limit_ms < 0 ? -1 : limit_ms;
	if (limit_ms >= 0)
		most = (uint64_t)limit_ms;
	now_ns = deadline_now_ns();
	if (now_ns >= deadline->at_ns)
		return 0;
	left_ms = (deadline->at_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
	return (int)(left_ms < most ? left_ms : most);
}

static uint64_t divide_up(uint64_t n, uint64_t by)
{
	return n / by + (n % by != 0);
}

uint32_t deadline_slice_ms(uint64_t ns, uint32_t most_ms)
{
	const uint64_t slices = divide_up(ns, (uint64_t)most_ms * NS_PER_MS);

	return slices == 0
		       ? 0
		       : (uint32_t)divide_up(divide_up(ns, slices), NS_PER_MS);
}
