#ifndef GENERATOR_WIDE_H
#define GENERATOR_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Integers of up to 256 bits, as far as reading them needs. */
enum { WIDE_LIMBS = 8 };

struct wide {
	bool is_negative;
	uint32_t limbs[WIDE_LIMBS]; /* of its size, the least one first */
};

/*
 * -12.5, with as many as `scale` digits behind the point, in units of
 * 10^-scale. -EINVAL: it is something else, or larger than 256 bits.
 */
int wide_parse(const char *text, unsigned scale, struct wide *ret_wide);

/* Whether it has at most so many digits. */
bool wide_has_digits(const struct wide *wide, unsigned digits);

struct wide wide_from_int64(int64_t number);

struct wide_format {
	unsigned width_bits;
	bool is_signed;
	size_t bytes; /* to be written; what is beyond the width is its sign */
};

/* Little-endian, in two's complement. -EINVAL: it does not fit the width. */
int wide_store(const struct wide *wide, const struct wide_format *format,
	       uint8_t *ret_bytes);

#endif
