#include "generator/value_text.h"
#include "generator/hex.h"
#include "generator/value_time.h"
#include "generator/wide.h"

#include <arpa/inet.h>
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- floats -------------------------------------------------------------- */

/* Whatever the locale: a comma is never a point. */
static int parse_double(const char *text, double *ret_number)
{
	const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	double number;
	char *end;

	if (c == (locale_t)0 || *text == '\0' || *text == ' ')
		return -EINVAL;
	number = strtod_l(text, &end, c);
	freelocale(c);
	if (*end != '\0')
		return -EINVAL;
	*ret_number = number;
	return 0;
}

int gen_value_double(const char *text, double *ret_number)
{
	double number;

	if (parse_double(text, &number) < 0 || !isfinite(number))
		return -EINVAL;
	*ret_number = number;
	return 0;
}

/* Little-endian, whatever the machine is. */
static void put_le(uint64_t number, size_t bytes, uint8_t *ret)
{
	for (size_t i = 0; i < bytes; i++)
		ret[i] = (uint8_t)(number >> 8 * i);
}

static int parse_float(const struct gen_type *type, const char *text,
		       uint8_t *ret_bytes)
{
	const size_t bytes = type->width_bits / 8;
	uint64_t image = 0;
	uint32_t image32;
	double number;
	float number32;

	if (parse_double(text, &number) < 0)
		return -EINVAL;
	memcpy(&image, &number, sizeof(image));
	if (bytes == sizeof(number32)) {
		if (isfinite(number) && fabs(number) > (double)FLT_MAX)
			return -EINVAL;
		number32 = (float)number;
		memcpy(&image32, &number32, sizeof(image32));
		image = image32;
	}
	put_le(image, bytes, ret_bytes);
	return (int)bytes;
}

/* ---- integers that look like something else ------------------------------ */

/* Bytes in the order in which they are read are those of a number, reversed. */
static int store_reversed(const uint8_t *bytes, size_t count,
			  uint8_t *ret_bytes)
{
	for (size_t i = 0; i < count; i++)
		ret_bytes[i] = bytes[count - 1 - i];
	return (int)count;
}

static int parse_address(int family, size_t count, const char *text,
			 uint8_t *ret_bytes)
{
	uint8_t bytes[16];

	if (inet_pton(family, text, bytes) != 1)
		return -EINVAL;
	return store_reversed(bytes, count, ret_bytes);
}

static int parse_uuid(const char *text, uint8_t *ret_bytes)
{
	uint8_t bytes[16];

	for (size_t i = 0; i < sizeof(bytes); i++) {
		int high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return -EINVAL;
		high = hex_digit(*text);
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return -EINVAL;
		bytes[i] = (uint8_t)(high * 16 + low);
		text += 2;
	}
	return *text != '\0' ? -EINVAL
			     : store_reversed(bytes, sizeof(bytes), ret_bytes);
}

/* ---- integers ------------------------------------------------------------ */

static int parse_label(const struct gen_type *type, const char *text,
		       struct wide *ret_wide)
{
	for (size_t i = 0; i < type->label_count; i++) {
		if (strcmp(type->labels[i].text, text) != 0)
			continue;
		*ret_wide = wide_from_int64(type->labels[i].value);
		return 0;
	}
	return -EINVAL;
}

static int parse_date(const char *text, struct wide *ret_wide)
{
	int64_t days;

	if (value_days(text, &days) < 0)
		return wide_parse(text, 0, ret_wide);
	*ret_wide = wide_from_int64(days);
	return 0;
}

static int parse_time(const struct gen_type *type, const char *text,
		      struct wide *ret_wide)
{
	int64_t ticks;

	if (value_ticks(text, type->scale, &ticks) < 0)
		return wide_parse(text, type->scale, ret_wide);
	*ret_wide = wide_from_int64(ticks);
	return 0;
}

static int parse_decimal(const struct gen_type *type, const char *text,
			 struct wide *ret_wide)
{
	const int rc = wide_parse(text, type->scale, ret_wide);

	if (rc < 0)
		return rc;
	return wide_has_digits(ret_wide, type->precision) ? 0 : -EINVAL;
}

static int parse_number(const struct gen_type *type, const char *text,
			struct wide *ret_wide)
{
	switch (type->form) {
	case GEN_DATE:
		return parse_date(text, ret_wide);
	case GEN_TIME:
		return parse_time(type, text, ret_wide);
	case GEN_DECIMAL:
		return parse_decimal(type, text, ret_wide);
	case GEN_ENUM:
		return parse_label(type, text, ret_wide);
	default:
		return wide_parse(text, type->scale, ret_wide);
	}
}

static int parse_int(const struct gen_type *type, const char *text,
		     uint8_t *ret_bytes)
{
	const struct wide_format format = { type->width_bits, type->is_signed,
					    gen_int_bytes(type) };
	struct wide wide;

	if (type->form == GEN_IPV4)
		return parse_address(AF_INET, 4, text, ret_bytes);
	if (type->form == GEN_IPV6)
		return parse_address(AF_INET6, 16, text, ret_bytes);
	if (type->form == GEN_UUID)
		return parse_uuid(text, ret_bytes);
	if (parse_number(type, text, &wide) < 0 ||
	    wide_store(&wide, &format, ret_bytes) < 0)
		return -EINVAL;
	return (int)format.bytes;
}

/* Of bytes that are signed or not, if 64 bits are enough for it. */
static int load_int64(const uint8_t *bytes, size_t count, bool is_signed,
		      int64_t *ret_number)
{
	const uint8_t sign =
		is_signed && (bytes[count - 1] & 0x80) != 0 ? 0xff : 0;
	uint64_t number = 0;

	for (size_t i = 8; i > 0; i--)
		number = number << 8 | (i <= count ? bytes[i - 1] : sign);
	for (size_t i = 8; i < count; i++)
		if (bytes[i] != sign)
			return -EINVAL;
	if (count > 8 && is_signed && (bytes[7] ^ sign) >> 7 != 0)
		return -EINVAL;
	*ret_number = (int64_t)number;
	return 0;
}

int gen_value_int64(const struct gen_type *type, const char *text,
		    int64_t *ret_number)
{
	uint8_t bytes[GEN_VALUE_BYTES];
	const int count =
		type->kind == GEN_INT ? parse_int(type, text, bytes) : -EINVAL;

	return count < 0 ? count
			 : load_int64(bytes, (size_t)count, type->is_signed,
				      ret_number);
}

int gen_value_step(const struct gen_type *type, const char *text,
		   int64_t *ret_step)
{
	static const struct wide_format format = { 64, true, 8 };
	uint8_t bytes[8];
	struct wide wide;

	if (wide_parse(text, type->scale, &wide) < 0 ||
	    wide_store(&wide, &format, bytes) < 0)
		return -EINVAL;
	return load_int64(bytes, sizeof(bytes), true, ret_step);
}

/* ---- values -------------------------------------------------------------- */

static int parse_bool(const char *text, uint8_t *ret_bytes)
{
	ret_bytes[0] = strcmp(text, "true") == 0;
	return ret_bytes[0] == 1 || strcmp(text, "false") == 0 ? 1 : -EINVAL;
}

static int parse_char(const char *text, uint8_t *ret_bytes)
{
	if (text[0] == '\0' || text[1] != '\0')
		return -EINVAL;
	ret_bytes[0] = (uint8_t)text[0];
	return 1;
}

int gen_draw_parse_value(const struct gen_type *type, const char *text,
			 uint8_t ret_bytes[GEN_VALUE_BYTES])
{
	switch (type->kind) {
	case GEN_BOOL:
		return parse_bool(text, ret_bytes);
	case GEN_CHAR:
		return parse_char(text, ret_bytes);
	case GEN_INT:
		return parse_int(type, text, ret_bytes);
	case GEN_FLOAT:
		return parse_float(type, text, ret_bytes);
	case GEN_STRING:
		return 0;
	case GEN_VECTOR:
		return type->form == GEN_FIXED_STRING &&
				       strlen(text) <= type->length
			       ? 0
			       : -EINVAL;
	default:
		return -EINVAL;
	}
}
