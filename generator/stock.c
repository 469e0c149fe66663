#include "generator/stock.h"

uint64_t stock_fit(const struct stock *s, uint64_t values, uint64_t room)
{
	const uint64_t begin = stock_begin(s, s->first);
	const uint64_t left = s->count - s->first;
	uint64_t low = 0, high = left < values ? left : values;

	/* `low` fit; more than `high` don't. */
	while (low < high) {
		const uint64_t middle = high - (high - low) / 2;

		if (s->ends[s->first + middle - 1] - begin <= room)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}
