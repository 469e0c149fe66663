#include "tests/bench/hand_row.h"

#include "generator/machine.h"

#include <stddef.h>

enum { FIRST_TS_S = 1700000000 };

const char *const hand_row_words[] = { "ts=seq:1700000000000", "user=hex:16",
				       NULL };

/* Null has no branch, since that would be guessed wrong half of the times. */
static inline uint8_t *put_row(struct gen_rng *rng, uint8_t *p, uint64_t ts)
{
	uint64_t x, is_null;

	m_store(p, rng_next(rng));
	m_store(p + 8, ts);
	p[16] = 16;
	x = rng_next(rng);
	m_store(p + 17, m_hex(x >> 32));
	m_store(p + 25, m_hex(x));
	m_store(p + 33, m_double_bits((double)(rng_next(rng) >> 11) * 0x1p-53));
	p += 41;
	x = rng_next(rng);
	is_null = (uint32_t)x < 0x80000000;
	m_store(p, (x >> 48) << 8 | is_null);
	p += is_null ? 1 : 3;
	m_store(p, rng_next(rng));
	return p + 5;
}

size_t hand_rows(uint64_t seed, uint64_t block, unsigned blocks, uint8_t *p)
{
	const uint8_t *const begin = p;

	for (unsigned i = 0; i < blocks; i++) {
		struct gen_rng rng = rng_of_block(seed, block + i);
		uint64_t ts = (uint64_t)FIRST_TS_S * 1000 +
			      (block + i) * GEN_BLOCK_VALUES;

		for (unsigned k = 0; k < GEN_BLOCK_VALUES; k++)
			p = put_row(&rng, p, ts++);
	}
	return (size_t)(p - begin);
}
