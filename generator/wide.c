#include "generator/wide.h"

#include <errno.h>
#include <string.h>

/* 10 w + digit. Whether it fits. */
static bool push_digit(struct wide *w, unsigned digit)
{
	uint64_t carry = digit;

	for (int i = 0; i < WIDE_LIMBS; i++) {
		carry += (uint64_t)w->limbs[i] * 10;
		w->limbs[i] = (uint32_t)carry;
		carry >>= 32;
	}
	return carry == 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int wide_parse(const char *text, unsigned scale, struct wide *ret_wide)
{
	struct wide w = { .is_negative = *text == '-' };
	bool fits = true, has_point = false;

	text += w.is_negative;
	if (!is_digit(*text))
		return -EINVAL;
	for (; *text != '\0'; text++) {
		if (*text == '.' && !has_point && is_digit(text[1])) {
			has_point = true;
			continue;
		}
		if (!is_digit(*text) || (has_point && scale-- == 0))
			return -EINVAL;
		fits = fits && push_digit(&w, (unsigned)(*text - '0'));
	}
	while (scale-- > 0)
		fits = fits && push_digit(&w, 0);
	*ret_wide = w;
	return fits ? 0 : -EINVAL;
}

bool wide_has_digits(const struct wide *wide, unsigned digits)
{
	struct wide bound; /* 10^digits */

	if (wide_parse("1", digits, &bound) < 0)
		return true; /* no number has more */
	for (unsigned i = WIDE_LIMBS; i > 0; i--)
		if (wide->limbs[i - 1] != bound.limbs[i - 1])
			return wide->limbs[i - 1] < bound.limbs[i - 1];
	return false;
}

struct wide wide_from_int64(int64_t number)
{
	const uint64_t size =
		number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	return (struct wide){
		.is_negative = number < 0,
		.limbs = { (uint32_t)size, (uint32_t)(size >> 32) },
	};
}

static unsigned bit_length(const struct wide *w)
{
	for (unsigned i = WIDE_LIMBS; i > 0; i--)
		if (w->limbs[i - 1] != 0)
			return 32 * i -
			       (unsigned)__builtin_clz(w->limbs[i - 1]);
	return 0;
}

static bool is_power_of_two(const struct wide *w)
{
	int ones = 0;

	for (unsigned i = 0; i < WIDE_LIMBS; i++)
		ones += __builtin_popcount(w->limbs[i]);
	return ones == 1;
}

static bool fits(const struct wide *w, const struct wide_format *format)
{
	const unsigned bits = bit_length(w);

	if (!format->is_signed)
		return bits <= format->width_bits &&
		       (!w->is_negative || bits == 0);
	if (bits < format->width_bits)
		return true;
	/* The least number of all has no counterpart. */
	return bits == format->width_bits && w->is_negative &&
	       is_power_of_two(w);
}

int wide_store(const struct wide *wide, const struct wide_format *format,
	       uint8_t *ret_bytes)
{
	unsigned carry = 1; /* -n is ~n + 1 */

	if (!fits(wide, format))
		return -EINVAL;
	for (size_t i = 0; i < format->bytes; i++) {
		uint8_t byte = (uint8_t)(wide->limbs[i / 4] >> i % 4 * 8);

		if (wide->is_negative) {
			carry += (uint8_t)~byte;
			byte = (uint8_t)carry;
			carry >>= 8;
		}
		ret_bytes[i] = byte;
	}
	return 0;
}
