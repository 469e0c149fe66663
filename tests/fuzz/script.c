#include "tests/fuzz/script.h"

#include "tests/lib/image.h"

#include <string.h>

enum { ADD = 4, SHORT = 8 };

uint64_t script_number(struct script *s, unsigned width)
{
	uint8_t bytes[8] = { 0 };

	script_bytes(s, bytes, width);
	return image_get(bytes, 0, width);
}

void script_bytes(struct script *s, uint8_t *buf, size_t len)
{
	const size_t count = len < s->left ? len : s->left;

	if (count == 0)
		return;
	memcpy(buf, s->at, count);
	s->at += count;
	s->left -= count;
}

static uint64_t take_value(struct script *s, unsigned how, unsigned width)
{
	if ((how & SHORT) == 0)
		return script_number(s, width);
	return (uint64_t)(int8_t)script_number(s, 1);
}

void script_edit(struct script *s, uint8_t *image, size_t len)
{
	const unsigned how = (unsigned)script_number(s, 1);
	const unsigned width = 1u << (how & 3);
	const size_t offset = script_number(s, 2) % (len / width) * width;
	uint64_t value = take_value(s, how, width);

	if ((how & ADD) != 0)
		value += image_get(image, offset, width);
	image_put(image, (struct image_field){ offset, width, value });
}

unsigned script_run(struct script *s, uint8_t *image, size_t len)
{
	const unsigned flags = (unsigned)script_number(s, 1);

	if ((flags & SCRIPT_RAW) != 0)
		script_bytes(s, image, len);
	else
		while (s->left > 0)
			script_edit(s, image, len);
	return flags;
}
