#ifndef TESTS_GEN_DECODE_H
#define TESTS_GEN_DECODE_H

#include "generator/generator.h"
#include "tests/lib/gen_value.h"

/*
 * Decoders, written after GENERATOR.md 3, and sharing no code with the
 * encodings. They take any bytes, and are strict: what an encoding would not
 * put is an error, be it padding that is not zero or a `this` too deep.
 */

/*
 * Decode the value at the beginning of the bytes, and add it to the events.
 * Returns how many bytes it has; -EBADMSG: there is none. The options are those
 * that the value was encoded with.
 */
typedef int64_t gen_decode_fn(const struct gen_type *type,
			      const struct gen_options *options,
			      const uint8_t *bytes, size_t len_bytes,
			      struct events *ret);

gen_decode_fn gen_decode_row_binary;
gen_decode_fn gen_decode_ringbuf;
gen_decode_fn gen_decode_s_expression;
gen_decode_fn gen_decode_csv;
gen_decode_fn gen_decode_json;

/* An encoding, how it is used, and who reads it. A text encoding needs no more
 * than a line in gen_decode.c. */
struct gen_decoder {
	const char *name;           /* for messages */
	struct gen_options options; /* the encoding, and what is its own */
	gen_decode_fn *decode;
};

/* The first one is row-binary, which takes every type. */
extern const struct gen_decoder gen_decoders[];
extern const size_t gen_decoder_count;

/* ---- for decoders of bytes ----------------------------------------------- */

/* What is left to read. */
struct input {
	const uint8_t *p, *end;
	struct events *events;
	unsigned layout; /* of ringbuf */
	unsigned depth;  /* copies of `this` around */
	bool is_bad;     /* nothing is read or added any more */
};

static inline void input_refuse(struct input *in)
{
	in->is_bad = true;
}

/* The next bytes; NULL, and it is bad: there aren't so many. */
static inline const uint8_t *input_take(struct input *in, uint64_t bytes)
{
	const uint8_t *ret = in->p;

	if (in->is_bad || bytes > (uint64_t)(in->end - in->p)) {
		in->is_bad = true;
		return NULL;
	}
	in->p += bytes;
	return ret;
}

/* Go into a copy of `this`; false, and it is bad: it would be too deep. */
bool input_enter(struct input *in);

/* Add an integer, a bool or a char of little-endian bytes; it must be one of
 * the type's. NULL is fine after a failure. */
void input_add_int(struct input *in, const struct gen_type *type,
		   const uint8_t *bytes, size_t len_bytes);

/* Add a text, without the zeros at its end. */
void input_add_padded(struct input *in, const void *text, size_t len_bytes);

uint64_t input_le(const uint8_t *bytes, size_t len_bytes);

#endif
