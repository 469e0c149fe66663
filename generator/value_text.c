#include "generator/value_text.h"

#include <errno.h>

int gen_value_parse(const struct gen_type *type, const char *text,
		    uint8_t ret[32])
{
	(void)type;
	(void)text;
	(void)ret;
	return -EINVAL;
}
