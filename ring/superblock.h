#ifndef RING_SUPERBLOCK_H
#define RING_SUPERBLOCK_H

#include "ring/geometry.h"
#include "ring/ring.h"

/* The identity and geometry of a ring. FORMAT.md 2. */

enum { SUPERBLOCK_BYTES = 512 };

struct superblock {
	uint8_t uuid[16];
	struct geometry geometry;
	uint32_t heartbeat_ms;
	uint64_t created_ns;
	char queue[RING_NAME_BYTES];
	char label[RING_LABEL_BYTES];
};

/* Write the image of a valid *s for the copy at copy_offset. */
void superblock_encode(const struct superblock *s, uint64_t copy_offset,
		       uint8_t buf[SUPERBLOCK_BYTES]);

/*
 * *ret is written only on success. 0, or in this order -RING_ERR_NOT_A_RING
 * (no magic), VERSION, SUPERBLOCK (checksum), FEATURE, SUPERBLOCK (a field).
 */
int superblock_decode(const uint8_t buf[SUPERBLOCK_BYTES], uint64_t copy_offset,
		      struct superblock *ret);

/* Bytes of the device that the ring spans. */
uint64_t superblock_ring_bytes(const struct superblock *s);

#endif
