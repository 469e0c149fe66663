#ifndef GENERATOR_STUTTER_H
#define GENERATOR_STUTTER_H

#include "generator/generator.h"

/*
 * Values that come more than once: each is made once and then copied, `more`
 * times on average. What is left of a fraction is carried over to the next
 * value: 2.5 gives runs of 3, 3, 4, 3, 4 ... in all.
 */
struct stutter {
	double more; /* 0: each comes once */
	double credit;

	struct gen_batch made;
	uint64_t next;      /* of made: the first that was not begun */
	const uint8_t *at;  /* the value that is repeated */
	size_t len_bytes;   /* its length */
	uint64_t runs_left; /* how often it is still to come */
};

/* 0, or -EINVAL: `more` is negative, or no number. */
int stutter_init(struct stutter *s, double more);

/* How often the next value comes in all; at least once. */
uint64_t stutter_run(struct stutter *s);

/* As gen_next(), but without room it is one value at a time. */
int stutter_next(struct stutter *s, struct generator *g,
		 const struct gen_demand *demand, struct gen_batch *ret_batch);

#endif
