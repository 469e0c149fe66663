#include "journal/skip.h"

#include <string.h>

/* Byte offsets; then size in bytes. */
enum {
	OFF_MAGIC = 0,  /* 8 */
	OFF_COUNT = 8,  /* 8, little-endian, as the next */
	OFF_NUMBER = 16 /* 8 */
};

static const uint8_t magic[8] = { 'j', 'n', 'l', 's', 'k', 'i', 'p', '1' };

static void put_le64(uint8_t *to, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_le64(const uint8_t *from)
{
	uint64_t value = 0;

	for (unsigned i = 8; i-- > 0;)
		value = value << 8 | from[i];
	return value;
}

void skips_encode(const struct skips *s, uint8_t ret[SKIPS_BYTES])
{
	memcpy(ret + OFF_MAGIC, magic, sizeof(magic));
	put_le64(ret + OFF_COUNT, s->count);
	put_le64(ret + OFF_NUMBER, s->last_number);
}

void skips_decode(const uint8_t *cookie, size_t len_bytes, struct skips *ret)
{
	*ret = (struct skips){ 0 };
	if (len_bytes != SKIPS_BYTES ||
	    memcmp(cookie + OFF_MAGIC, magic, sizeof(magic)) != 0)
		return;
	ret->count = get_le64(cookie + OFF_COUNT);
	ret->last_number = get_le64(cookie + OFF_NUMBER);
}
