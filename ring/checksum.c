#include "ring/checksum.h"

#include "ring/bytes.h"

/* Inlined: most records are short, and a call costs as much as the hash. */
#define XXH_INLINE_ALL
#include <xxhash.h>

/* Up to here xxhash has no use for wide registers. */
enum { SHORT_BYTES = 240 };

uint64_t checksum(const void *bytes, size_t len_bytes, uint64_t seed)
{
#ifdef __x86_64__
	if (len_bytes > SHORT_BYTES && __builtin_cpu_supports("avx2"))
		return checksum_avx2(bytes, len_bytes, seed);
#endif
	return XXH3_64bits_withSeed(bytes, len_bytes, seed);
}

uint64_t checksum_seed(const uint8_t uuid[16], uint64_t place)
{
	uint8_t buf[24];

	memcpy(buf, uuid, 16);
	put_le64(buf + 16, place);
	return XXH3_64bits_withSeed(buf, sizeof(buf), 0);
}
