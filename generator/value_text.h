#ifndef GENERATOR_VALUE_TEXT_H
#define GENERATOR_VALUE_TEXT_H

#include "generator/type.h"

/*
 * Values as --field writes them (GENERATOR.md 1.4): integers in decimal,
 * floats as in C, decimals with their fraction, dates as 2024-02-29, times as
 * `2024-02-29 12:00:00.5` or in seconds, addresses and UUIDs as usual, labels,
 * true and false, one character.
 */

enum { GEN_VALUE_BYTES = 32 };

/*
 * The value of a leaf as bytes: of integers and floats those of its width,
 * little-endian, that of 128 bits for a UUID or an IPv6 address being the
 * number that its digits make when read from left to right; a bool is 0 or 1;
 * of texts nothing is written, for they are their own bytes. Returns how many
 * bytes there are. -EINVAL: the text is no value of the type, or the type has
 * no values in text.
 */
int gen_draw_parse_value(const struct gen_type *type, const char *text,
			 uint8_t ret_bytes[GEN_VALUE_BYTES]);

/*
 * The same for integers, as a number of 64 bits, those of unsigned types as
 * uint64_t. -EINVAL as well where it does not fit.
 */
int gen_value_int64(const struct gen_type *type, const char *text,
		    int64_t *ret_number);

/* A difference between values of an integer: in units of 10^-scale, signed. */
int gen_value_step(const struct gen_type *type, const char *text,
		   int64_t *ret_step);

/* A finite float, whatever the locale. */
int gen_value_double(const char *text, double *ret_number);

/* What a value of the type looks like, for messages. */
void gen_value_expected(const struct gen_type *type, char *buf, size_t size);

#endif
