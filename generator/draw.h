#ifndef GENERATOR_DRAW_H
#define GENERATOR_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How the values of one type are drawn, as --field says it; GENERATOR.md 1.4.
 * Without a word it is GEN_DRAW_BY_TYPE.
 */

enum gen_draw_kind {
	GEN_DRAW_BY_TYPE,
	GEN_DRAW_CONST,       /* texts[0], never null */
	GEN_DRAW_SEQ,         /* first + step x number of the value */
	GEN_DRAW_UNIFORM,     /* low..high; floats below high */
	GEN_DRAW_NORMAL,      /* mean, deviation */
	GEN_DRAW_ZIPF,        /* 1..n, exponent s */
	GEN_DRAW_ENUM,        /* one of texts */
	GEN_DRAW_CARDINALITY, /* one of n values */
	GEN_DRAW_HEX,         /* strings of n hexadecimal digits */
	GEN_DRAW_NOW,         /* the time: not deterministic */
};

struct gen_draw {
	enum gen_draw_kind kind;

	/* The numbers behind the colon. Integers are in `ints` as well, those
	 * of unsigned types as uint64_t. */
	double numbers[2];
	int64_t ints[2];

	char **texts; /* owned */
	size_t text_count;

	/* What holds for this field alone. */
	bool has_null_rate;
	double null_rate;
	bool has_length; /* of a string or an array */
	uint32_t length_min, length_max;
};

/* Release the texts. */
void gen_draw_clear(struct gen_draw *draw);

#endif
