#ifndef RING_SLOT_CODEC_H
#define RING_SLOT_CODEC_H

#include "ring/slot.h"

/* What the two slot codecs share: the header. FORMAT.md 3. */

enum { SLOT_HEADER_BYTES = 176 };

/* Zero the slot and write its header, all but the checksum. */
void slot_header_encode(const struct slot_header *h, uint8_t *buf);

/* Write the checksum, last. */
void slot_seal(uint8_t *buf, uint32_t role, uint64_t seed);

/* Length-prefixed bytes in a field of max_bytes. */
void cookie_encode(const struct cookie *c, uint8_t *len_field,
		   uint8_t *bytes_field);
bool cookie_decode(const uint8_t *len_field, const uint8_t *bytes_field,
		   uint32_t max_bytes, struct cookie *ret);

#endif
