#include "generator/encode.h"
#include "ring/export.h"

#include <string.h>

/* The registry: an encoding is its file, and a line here. */
static const struct gen_encoding *const encodings[] = {
	&gen_encode_null,         &gen_encode_ringbuf, &gen_encode_row_binary,
	&gen_encode_s_expression, &gen_encode_csv,     &gen_encode_json,
};

enum { ENCODINGS = sizeof(encodings) / sizeof(encodings[0]) };

const struct gen_encoding *gen_encoding_find(const char *name)
{
	for (size_t i = 0; i < ENCODINGS; i++)
		if (strcmp(encodings[i]->name, name) == 0)
			return encodings[i];
	return NULL;
}

RING_EXPORT const char *gen_encoding_name(unsigned index)
{
	return index < ENCODINGS ? encodings[index]->name : NULL;
}
