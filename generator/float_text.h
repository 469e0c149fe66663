#ifndef GENERATOR_FLOAT_TEXT_H
#define GENERATOR_FLOAT_TEXT_H

#include <stdint.h>

/*
 * The shortest decimal number that reads back as the same float, and of those
 * the one nearest to it: digits x 10^exponent, without zeros at the end of the
 * digits. The bits are those of a number that is finite and not 0; its sign
 * does not count.
 */
struct gen_decimal {
	uint64_t digits; /* up to 17 of them */
	int exponent;
};

struct gen_decimal gen_shortest_double(uint64_t bits);
struct gen_decimal gen_shortest_float(uint32_t bits);

enum {
	GEN_POWER_MIN = -292, /* powers of ten that gen_float_powers has */
	GEN_POWER_MAX = 324,
};

extern const uint64_t gen_float_powers[];

#endif
