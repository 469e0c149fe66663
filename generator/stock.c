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

void stock_take(struct stock *s, uint64_t count, uint64_t *ends,
		struct gen_batch *ret)
{
	const uint64_t begin = stock_begin(s, s->first);

	for (uint64_t i = 0; ends != NULL && i < count; i++)
		ends[i] = s->ends[s->first + i] - begin;
	*ret = (struct gen_batch){
		.bytes = s->bytes + begin,
		.len_bytes = stock_begin(s, s->first + count) - begin,
		.values = count,
		.ends = ends,
	};
	s->first += count;
}
