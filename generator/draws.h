#ifndef GENERATOR_DRAWS_H
#define GENERATOR_DRAWS_H

#include "generator/machine.h"

/*
 * Draws that are functions: param->v and param->w are what is said of each.
 * Integers come in v and, extended to 256 bits, in w. Their arithmetic is the
 * same on every machine (fixed_math.h).
 */
enum gen_draw_call {
	GEN_CALL_FLOAT,         /* from w[0] to below w[1], doubles */
	GEN_CALL_NORMAL,        /* mean w[0], deviation w[1], doubles */
	GEN_CALL_ROUND_NORMAL,  /* rounded, within w[2]..w[3], signed if v */
	GEN_CALL_ZIPF,          /* 1..v, w by gen_zipf_prepare() */
	GEN_CALL_ZIPF_DOUBLE,   /* the same as a float of 64 bits */
	GEN_CALL_ZIPF_FLOAT,    /* of 32 */
	GEN_CALL_CARDINALITY,   /* of v integers, w[0] bits, signed if w[1] */
	GEN_CALL_FRACTION,      /* i / v for i below v */
	GEN_CALL_TEXTS,         /* of v texts of w[0] bytes, which are enough */
	GEN_CALL_SEQ_FLOAT,     /* w[0] + w[1] x number, doubles */
	GEN_CALL_SEQ_WIDE,      /* w[0] + w[1] x number, w[0] signed if v */
	GEN_CALL_BETWEEN,       /* w[0]..w[1], signed if v */
	GEN_CALL_DECIMAL,       /* v decimal digits and a sign */
	GEN_CALL_SECONDS,       /* now, in units of 1 / v s (0: of a day) */
	GEN_CALL_SECONDS_FLOAT, /* now, in seconds */
	GEN_CALL_COUNT
};

/* Draws of floats make one of 32 bits where w[3] is not 0. */

/* What a draw from 1..n with this exponent need not compute each time. */
void gen_zipf_prepare(uint64_t n, double exponent, uint64_t w[4]);

extern gen_draw_fn *const gen_draws[GEN_CALL_COUNT];

#endif
