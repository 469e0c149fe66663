#include "tests/lib/draw.h"

#include <stdio.h>
#include <stdlib.h>

struct draw draw_begin(const char *test)
{
	const char *text = getenv("TEST_SEED");
	const uint64_t seed = text != NULL ? strtoull(text, NULL, 0) : 1;

	printf("%s: TEST_SEED=%llu\n", test, (unsigned long long)seed);
	return (struct draw){ .state = seed };
}

/* splitmix64: any seed will do, 0 included. */
uint64_t draw_u64(struct draw *d)
{
	uint64_t x = d->state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t draw_below(struct draw *d, uint64_t limit)
{
	return draw_u64(d) % limit;
}
