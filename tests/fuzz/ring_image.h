#ifndef TESTS_FUZZ_RING_IMAGE_H
#define TESTS_FUZZ_RING_IMAGE_H

#include "tests/fuzz/script.h"

/*
 * The image of a ring, and its edits by a script: of one structure at a time,
 * and with its checksum right again if the script wants that. So hostile
 * images are reached that a mere bit flip never makes.
 */
enum {
	RING_IMAGE_RECORDS = 96,
	RING_IMAGE_MARGIN = 8192, /* of the disk, behind the ring */
	RING_IMAGE_FILL = 0xa5,   /* what stands there */
};

struct ring_image {
	uint8_t *bytes; /* with the margin */
	uint64_t len;
	uint8_t uuid[16];
	uint64_t data_offset, data_bytes;
	uint64_t slot_stride;
	unsigned roles;
	const char *cursors[3]; /* ends with NULL */
	/* Where the records start, and where the next one would. */
	uint64_t positions[RING_IMAGE_RECORDS + 1];
	uint64_t sequences[RING_IMAGE_RECORDS + 1]; /* of the next item there */
	unsigned records;
};

/*
 * Carry out the rest of the script. Each edit begins with a byte: bits 0-2
 * what to edit, bit 7 whether to seal it.
 */
void ring_image_edit(struct ring_image *image, struct script *script);

#endif
