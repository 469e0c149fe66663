#ifndef TOOLS_DEADLINE_H
#define TOOLS_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/* A point on the monotonic clock, or never. */
struct deadline {
	bool never;
	uint64_t at_ns;
};

/* Nanoseconds of the monotonic clock. */
uint64_t deadline_now_ns(void);

struct deadline deadline_never(void);
struct deadline deadline_after(uint64_t ns);

bool deadline_passed(const struct deadline *deadline);

/*
 * The time left in milliseconds, rounded up, and at most `limit_ms`; for
 * poll(): never and a negative limit give -1.
 */
int deadline_left_ms(const struct deadline *deadline, int limit_ms);

/*
 * A wait of `ns`, cut into equal slices of at most `most_ms` each: how long one
 * is in milliseconds, rounded up; 0 if there is nothing to wait.
 */
uint32_t deadline_slice_ms(uint64_t ns, uint32_t most_ms);

#endif
