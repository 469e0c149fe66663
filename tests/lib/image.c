#include "tests/lib/image.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void image_put(uint8_t *image, struct image_field field)
{
	for (unsigned i = 0; i < field.width; i++)
		image[field.offset + i] = (uint8_t)(field.value >> (8 * i));
}

void image_put_all(uint8_t *image, const struct image_field *fields,
		   size_t count)
{
	for (size_t i = 0; i < count; i++)
		image_put(image, fields[i]);
}

uint64_t image_get(const uint8_t *image, size_t offset, unsigned width)
{
	uint64_t value = 0;

	for (unsigned i = width; i-- > 0;)
		value = value << 8 | image[offset + i];
	return value;
}

uint64_t image_xxh3(const void *bytes, size_t len_bytes, uint64_t seed)
{
	return XXH3_64bits_withSeed(bytes, len_bytes, seed);
}

uint64_t image_seed(const uint8_t uuid[16], uint64_t place)
{
	uint8_t bytes[24];

	memcpy(bytes, uuid, 16);
	image_put(bytes, (struct image_field){ 16, 8, place });
	return image_xxh3(bytes, sizeof(bytes), 0);
}

void image_seal_record(uint8_t *record, uint64_t seed)
{
	const uint64_t body = image_get(record, 16, 4);

	image_put(record, (struct image_field){
				  8, 4, image_xxh3(record + 12, 36, seed) });
	image_put(record,
		  (struct image_field){
			  0, 8, image_xxh3(record + 8, 40 + body, seed) });
}
