#include "ring/text.h"

#include "ring/ring.h"

#include <string.h>

bool text_is_terminated(const uint8_t *field, size_t field_bytes)
{
	return memchr(field, 0, field_bytes) != NULL;
}

bool text_is_valid(const char *text, size_t field_bytes)
{
	if (text == NULL)
		return true;
	if (strnlen(text, field_bytes) >= field_bytes)
		return false;
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

bool name_is_valid(const char *name)
{
	return name != NULL && name[0] != '\0' &&
	       text_is_valid(name, RING_NAME_BYTES);
}

void text_put(void *field, size_t field_bytes, const char *text)
{
	memset(field, 0, field_bytes);
	if (text != NULL)
		memcpy(field, text, strnlen(text, field_bytes - 1));
}
