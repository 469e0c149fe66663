#include "tools/torture_draw.h"

/* splitmix64: any seed will do, 0 included. */
uint64_t torture_draw(struct torture_draw *d)
{
	uint64_t x = d->state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t torture_draw_below(struct torture_draw *d, uint64_t limit)
{
	return torture_draw(d) % limit;
}

bool torture_draw_once_in(struct torture_draw *d, uint64_t of)
{
	return torture_draw_below(d, of) == 0;
}

uint64_t torture_draw_size(struct torture_draw *d, uint64_t limit)
{
	unsigned bits = 0;
	uint64_t value;

	while (bits < 63 && limit >> bits != 0)
		bits++;
	bits = (unsigned)torture_draw_below(d, bits + 1);
	value = torture_draw(d) & ((UINT64_C(1) << bits) - 1);
	return value % limit;
}

uint64_t torture_draw_seed(uint64_t seed, uint64_t other)
{
	struct torture_draw d = { .state = seed };

	d.state = torture_draw(&d) ^ other;
	return torture_draw(&d);
}
