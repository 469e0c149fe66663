#ifndef TESTS_GEN_TAPE_H
#define TESTS_GEN_TAPE_H

#include "generator/generator.h"
#include "generator/op.h"

/*
 * Values to be encoded, as text, in the order in which a generator would draw
 * them; for tests of encodings, which so don't depend on what is drawn. Words
 * with blanks between them:
 *
 *   12 -1 0xff..   integers of up to 256 bits (hexadecimal: above 64)
 *   1.5 1.5f inf   floats of 64 bits, and of 32
 *   T F            bools
 *   'z' "x\x00y"   chars and strings; \ before two hexadecimal digits (\x0a),
 *                  or before what is meant itself
 *   "low"=-1       a label of an enum, and its value
 *   null           a nullable that is null
 *   +              a nullable that is not; its value comes next
 *   #3             an array or a map of 3 items, which come next
 *   @1             alternative 1 of a sum, counted from 0; its value comes next
 *
 * A vector of chars is a string where the encoding takes it as a text, and
 * otherwise so many chars; a FixedString always is a string.
 */
struct tape {
	struct gen_value *values; /* owned, and the texts */
	size_t count;
};

/* Ends the program if the text can't be read. */
struct tape tape_read(const char *text);
void tape_free(struct tape *tape);

/* What to encode, and how. */
struct tape_case {
	const char *schema;
	const char *tape;
	struct gen_options options; /* its encoding, and what that takes */
	bool is_fused;
};

/*
 * Encode one value. *ret_bytes is malloc'd. Returns its length, or the negative
 * code of gen_lower() with *ret_error. Ends the program with an assertion if
 * the schema or the tape can't be read, or the value doesn't take exactly the
 * tape.
 */
int64_t tape_encode(const struct tape_case *c, struct gen_error *ret_error,
		    uint8_t **ret_bytes);

#endif
