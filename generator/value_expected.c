#include "generator/value_text.h"

#include <inttypes.h>
#include <stdio.h>

static void expected_int(const struct gen_type *type, char *buf, size_t size)
{
	if (type->width_bits > 64)
		snprintf(buf, size, "%s integer of %u bits",
			 type->is_signed ? "a signed" : "an unsigned",
			 type->width_bits);
	else
		snprintf(buf, size, "an integer from %" PRId64 " to %" PRIu64,
			 gen_int_least(type), gen_int_most(type));
}

static void expected_form(const struct gen_type *type, char *buf, size_t size)
{
	switch (type->form) {
	case GEN_UUID:
		snprintf(buf, size, "a UUID");
		break;
	case GEN_IPV4:
	case GEN_IPV6:
		snprintf(buf, size, "an IPv%d address",
			 type->form == GEN_IPV4 ? 4 : 6);
		break;
	case GEN_DATE:
		snprintf(buf, size, "a date, or days since 1970, of %u bits",
			 type->width_bits);
		break;
	case GEN_TIME:
		snprintf(buf, size,
			 "a time, or seconds since 1970, of %u bits and %u "
			 "digits behind the point",
			 type->width_bits, type->scale);
		break;
	case GEN_DECIMAL:
		snprintf(buf, size,
			 "a number of %u digits, %u of them behind the point",
			 type->precision, type->scale);
		break;
	case GEN_ENUM:
		snprintf(buf, size, "a label");
		break;
	case GEN_FIXED_STRING:
		snprintf(buf, size, "at most %" PRIu64 " bytes", type->length);
		break;
	case GEN_PLAIN:
		expected_int(type, buf, size);
		break;
	}
}

void gen_value_expected(const struct gen_type *type, char *buf, size_t size)
{
	switch (type->kind) {
	case GEN_BOOL:
		snprintf(buf, size, "true or false");
		break;
	case GEN_CHAR:
		snprintf(buf, size, "one character");
		break;
	case GEN_FLOAT:
		snprintf(buf, size, "a float of %u bits", type->width_bits);
		break;
	case GEN_STRING:
		snprintf(buf, size, "a text");
		break;
	case GEN_INT:
		expected_form(type, buf, size);
		break;
	default: /* what has parts has no other value in a text */
		if (type->form == GEN_FIXED_STRING)
			expected_form(type, buf, size);
		else
			snprintf(buf, size, "null");
		break;
	}
}
