#ifndef RING_CHECKSUM_H
#define RING_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* XXH3-64 of len_bytes bytes. FORMAT.md, conventions. */
uint64_t checksum(const void *bytes, size_t len_bytes, uint64_t seed);

/* Likewise, on a processor with AVX2. For checksum() only. */
uint64_t checksum_avx2(const void *bytes, size_t len_bytes, uint64_t seed);

/*
 * The seed that binds a checksum to one ring and one place in it: a position
 * in the stream or an offset on the device. FORMAT.md 3 and 4.2.
 */
uint64_t checksum_seed(const uint8_t uuid[16], uint64_t place);

#endif
