#ifndef TESTS_IMAGE_H
#define TESTS_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Images of what FORMAT.md describes, made without the code under test: a
 * test lists fields by offset and width, and takes checksums from libxxhash.
 */

/* An unsigned little-endian integer. */
struct image_field {
	size_t offset;
	unsigned width; /* bytes, 1 to 8; 0: the field is left alone */
	uint64_t value;
};

void image_put(uint8_t *image, struct image_field field);
void image_put_all(uint8_t *image, const struct image_field *fields,
		   size_t count);
uint64_t image_get(const uint8_t *image, size_t offset, unsigned width);

uint64_t image_xxh3(const void *bytes, size_t len_bytes, uint64_t seed);

/* XXH3(uuid, place as 8 bytes). FORMAT.md 3 and 4.2. */
uint64_t image_seed(const uint8_t uuid[16], uint64_t place);

/* Set both checksums of the record whose other bytes are there. */
void image_seal_record(uint8_t *record, uint64_t seed);

#endif
