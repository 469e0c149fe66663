#ifndef GENERATOR_VALUE_TEXT_H
#define GENERATOR_VALUE_TEXT_H

#include "generator/type.h"

/*
 * The value that a text means for a scalar type: an integer or the index of a
 * bool, little-endian and sign-extended to all 32 bytes, the bits of a float,
 * the byte of a char, the value of a label. A string, or a vector of chars, is
 * its text: then nothing is written. -EINVAL: it is none; -ERANGE: it doesn't
 * fit.
 */
int gen_value_parse(const struct gen_type *type, const char *text,
		    uint8_t ret[32]);

#endif
