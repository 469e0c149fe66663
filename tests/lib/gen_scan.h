#ifndef TESTS_GEN_SCAN_H
#define TESTS_GEN_SCAN_H

#include "tests/lib/gen_decode.h"

/* What the decoders of text have in common: GENERATOR.md 3.7. */

/* What is read, and room for a text without its quotes and escapes. */
struct scan {
	struct input in;
	const struct gen_options *options;
	uint8_t *text;
	size_t text_bytes;
};

/* Decode the whole with one of the functions that read a value. */
int64_t scan_run(const struct gen_options *options, const uint8_t *bytes,
		 size_t len_bytes, struct events *events,
		 const struct gen_type *type,
		 void (*read)(struct scan *s, const struct gen_type *type));

/* Whether this comes next; then it is taken. */
bool scan_take(struct scan *s, const char *word);

/* It must come next. */
void scan_expect(struct scan *s, const char *word);

/* The next byte, which stays; -1: there is none, or all is bad. */
int scan_peek(const struct scan *s);

/* Append to the text. */
void scan_add(struct scan *s, uint8_t byte);

/* Two hexadecimal digits in lower case. */
uint8_t scan_hex_byte(struct scan *s);

/* The letters, digits and signs that come next become the text. */
void scan_word(struct scan *s);

/* A decimal integer that comes next, of digits only. */
uint64_t scan_count(struct scan *s);

/* How floats are written. */
enum scan_float { SCAN_DECIMAL, SCAN_HEX, SCAN_JSON };

/* The text is a value of this scalar type, but no bool: add it. */
void scan_scalar(struct scan *s, const struct gen_type *type,
		 enum scan_float style);

/* Whether a scalar is written as a string where numbers are not. */
bool scan_is_string(const struct gen_type *type);

/* Whether it is read by scan_scalar(). */
bool scan_is_scalar(const struct gen_type *type);

/* Add a bool. */
void scan_bool(struct scan *s, bool value);

#endif
