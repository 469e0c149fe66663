#ifndef TESTS_SLOT_IMAGE_H
#define TESTS_SLOT_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/*
 * A slot of each kind and a heartbeat, by hand from FORMAT.md 3. All are for
 * one ring and one offset. Never make them from what the code writes.
 */
enum { SLOT_IMAGE_OFFSET = 131072, SLOT_IMAGE_CURSOR = 4 /* its role */ };

extern const uint8_t slot_image_uuid[16];

void slot_image_producer(uint8_t *image); /* 4096 bytes */
void slot_image_cursor(uint8_t *image);   /* 512 bytes */
void slot_image_beat(uint8_t *image);     /* 48 bytes */

/* The seed of their checksums. */
uint64_t slot_image_seed(void);

/* Set the checksum of a changed slot or heartbeat. */
void slot_image_seal(uint8_t *image, size_t len_bytes);

#endif
